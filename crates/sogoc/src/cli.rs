//! The command line, in the language of the environment.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};
use lang::Lang;

/// What was asked for on the command line.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The command.
    pub(crate) command: Task,
    /// `--config`.
    pub(crate) config: Option<PathBuf>,
    /// `--data-dir`, or `SOGOC_DATA_DIR`.
    pub(crate) data_dir: Option<PathBuf>,
    /// `--database`, or `SOGOC_DATABASE`.
    pub(crate) database: Option<String>,
    /// `--listen`, or `SOGOC_LISTEN`.
    pub(crate) listen: Option<String>,
    /// `SOGOC_ADMIN_PASSWORD`; not an option, because others can read those.
    pub(crate) admin_password: Option<String>,
}

/// A command.
#[derive(Debug)]
pub(crate) enum Task {
    /// Serve the pages and the API.
    Serve,
    /// Make the demonstration province if it is not there, and serve it.
    Demo,
    /// Import lists of units from a folder.
    ImportTerritory(PathBuf),
    /// Check a pack.
    PackCheck(PathBuf),
    /// Say what applying a pack would change.
    PackPlan(PathBuf),
    /// Apply a pack.
    PackApply(PathBuf),
    /// Copy the database into a file.
    Backup(PathBuf),
    /// Make the database from such a file.
    Restore(PathBuf),
    /// Recompute everything and compare.
    Verify,
    /// Print the configuration in force.
    PrintConfig,
}

/// The language of `LC_ALL`, `LC_MESSAGES` or `LANG`; Vietnamese where they name another.
pub(crate) fn lang_of_environment() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .and_then(|locale| Lang::from_tag(&locale))
        .unwrap_or_default()
}

/// Reads the command line. Errors are the exit code, after a sentence was printed.
pub(crate) fn parse(lang: Lang) -> Result<Parsed, ExitCode> {
    let matches = command(lang).try_get_matches().map_err(|error| refuse(lang, &error))?;
    let path = |matches: &ArgMatches, name: &str| {
        matches.get_one::<PathBuf>(name).cloned().unwrap_or_default()
    };
    let command = match matches.subcommand() {
        Some(("serve", _)) => Task::Serve,
        Some(("import", inner)) => match inner.subcommand() {
            Some((_, inner)) => Task::ImportTerritory(path(inner, "folder")),
            None => Task::PrintConfig,
        },
        Some(("pack", inner)) => match inner.subcommand() {
            Some(("check", inner)) => Task::PackCheck(path(inner, "folder")),
            Some(("plan", inner)) => Task::PackPlan(path(inner, "folder")),
            Some((_, inner)) => Task::PackApply(path(inner, "folder")),
            None => Task::PrintConfig,
        },
        Some(("backup", inner)) => Task::Backup(path(inner, "file")),
        Some(("restore", inner)) => Task::Restore(path(inner, "file")),
        Some(("verify", _)) => Task::Verify,
        Some(("config", _)) => Task::PrintConfig,
        _ => Task::Demo,
    };
    Ok(Parsed {
        command,
        config: matches.get_one("config").cloned(),
        data_dir: matches.get_one("data-dir").cloned(),
        database: matches.get_one("database").cloned(),
        listen: matches.get_one("listen").cloned(),
        admin_password: std::env::var("SOGOC_ADMIN_PASSWORD").ok().filter(|it| !it.is_empty()),
    })
}

fn command(lang: Lang) -> Command {
    let option = |name: &'static str, env: &'static str, help: &'static str| {
        Arg::new(name).long(name).env(env).hide_env_values(true).global(true).help(help)
    };
    let folder = || path("folder", lang::cli::folder(lang));
    let task = |name: &'static str, about: &'static str| Command::new(name).about(about);
    let root = Command::new("sogoc")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang::cli::about(lang))
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help(lang::cli::version(lang)),
        )
        .arg(
            option("config", "SOGOC_CONFIG", lang::cli::config(lang))
                .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(
            option("data-dir", "SOGOC_DATA_DIR", lang::cli::data_dir(lang))
                .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(option("database", "SOGOC_DATABASE", lang::cli::database(lang)))
        .arg(option("listen", "SOGOC_LISTEN", lang::cli::listen(lang)))
        .subcommand(task("serve", lang::cli::serve(lang)))
        .subcommand(task("demo", lang::cli::demo(lang)))
        .subcommand(
            task("import", lang::cli::import(lang))
                .subcommand_required(true)
                .subcommand(task("territory", lang::cli::import_territory(lang)).arg(folder())),
        )
        .subcommand(
            task("pack", lang::cli::pack(lang))
                .subcommand_required(true)
                .subcommand(task("check", lang::cli::pack_check(lang)).arg(folder()))
                .subcommand(task("plan", lang::cli::pack_plan(lang)).arg(folder()))
                .subcommand(task("apply", lang::cli::pack_apply(lang)).arg(folder())),
        )
        .subcommand(
            task("backup", lang::cli::backup(lang)).arg(path("file", lang::cli::backup_file(lang))),
        )
        .subcommand(
            task("restore", lang::cli::restore(lang))
                .arg(path("file", lang::cli::backup_file(lang))),
        )
        .subcommand(task("verify", lang::cli::verify(lang)))
        .subcommand(task("config", lang::cli::print_config(lang)));
    in_words(root, lang)
}

fn path(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).required(true).value_parser(clap::value_parser!(PathBuf)).help(help)
}

/// The words that clap adds by itself, in the reader's language.
fn in_words(command: Command, lang: Lang) -> Command {
    let headings = |command: Command| {
        let template = format!(
            "{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}",
            lang::cli::usage(lang)
        );
        command
            .help_template(template)
            .subcommand_help_heading(lang::cli::commands(lang))
            .next_help_heading(lang::cli::options(lang))
            .disable_help_flag(true)
            .arg(
                Arg::new("help")
                    .short('h')
                    .long("help")
                    .action(ArgAction::Help)
                    .help(lang::cli::help(lang))
                    .help_heading(lang::cli::options(lang)),
            )
            .mut_args(|arg| {
                let heading = if arg.is_positional() {
                    lang::cli::arguments(lang)
                } else {
                    lang::cli::options(lang)
                };
                arg.help_heading(heading)
            })
    };
    headings(command).mut_subcommands(|command| in_words(command, lang))
}

/// Prints help, the version, or one sentence on what is wrong.
fn refuse(lang: Lang, error: &clap::Error) -> ExitCode {
    let value = |kind| match error.get(kind) {
        Some(ContextValue::String(value)) => value.clone(),
        Some(ContextValue::Strings(values)) => values.join(", "),
        _ => String::new(),
    };
    let sentence = match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _ = error.print();
            return ExitCode::SUCCESS;
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let _ = error.print();
            return ExitCode::from(2);
        }
        ErrorKind::InvalidSubcommand => {
            lang::cli::unknown_command(lang, value(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => {
            lang::cli::unknown_option(lang, value(ContextKind::InvalidArg))
        }
        ErrorKind::MissingRequiredArgument => {
            lang::cli::missing(lang, value(ContextKind::InvalidArg))
        }
        ErrorKind::MissingSubcommand => lang::cli::missing_command(lang).to_owned(),
        ErrorKind::InvalidValue => lang::cli::missing(lang, value(ContextKind::InvalidArg)),
        _ => error.to_string().lines().next().unwrap_or_default().to_owned(),
    };
    eprintln!("sogoc: {sentence}");
    ExitCode::from(2)
}
