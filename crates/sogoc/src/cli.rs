//! The command line, in the language of the environment.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ArgMatches, Command};
use lang::Lang;
use zeroize::Zeroizing;

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
    /// `SOGOC_VAULT_KEYS`, in which semicolons stand for the ends of lines; not an option, either.
    pub(crate) vault_keys: Option<Zeroizing<String>>,
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
    Backup(Backup),
    /// Make a key for encrypted backups, in this file.
    BackupKeygen(PathBuf),
    /// Make the database from such a file.
    Restore(Restore),
    /// Recompute everything and compare.
    Verify(Verify),
    /// Seal the journal; write the checkpoint into a file, if one is given.
    Seal(Option<PathBuf>),
    /// Add accounts, and say what they may do.
    Account(Account),
    /// Report what is over its time, or delete what was reported.
    Retention(Retention),
    /// List or change the keys of the vault.
    Vault(VaultTask),
    /// Witness the journals of others.
    Witness,
    /// Print the configuration in force.
    PrintConfig,
}

/// How a backup is made.
#[derive(Debug)]
pub(crate) struct Backup {
    /// The file to make.
    pub(crate) file: PathBuf,
    /// Who can open it, besides those of the configuration.
    pub(crate) recipients: Vec<String>,
    /// Not encrypted at all.
    pub(crate) plain: bool,
}

/// What is restored.
#[derive(Debug)]
pub(crate) struct Restore {
    /// The backup.
    pub(crate) file: PathBuf,
    /// The file of the secret key that opens it.
    pub(crate) identity: Option<PathBuf>,
}

/// What is done with accounts.
#[derive(Debug)]
pub(crate) enum Account {
    /// One more.
    Add(String),
    /// It may do more.
    Give { name: String, role: String },
    /// It may do less.
    Take { name: String, role: String },
    /// It needs no code any more.
    ResetFactor(String),
    /// Draw the code by which the first second factor is set up.
    Enrol(String),
    /// Its password is another.
    ResetPassword(String),
    /// Nobody signs in with it any more.
    Close(String),
    /// Its owner signs in again.
    Open(String),
    /// Its owner is somebody whom another provider knows.
    Link { name: String, provider: String, subject: String },
    /// That is so no more.
    Unlink { name: String, provider: String },
    /// Show all.
    List,
}

/// What is done with the keys of the vault.
#[derive(Debug)]
pub(crate) enum VaultTask {
    /// Show them.
    List,
    /// One more, which seals from now on.
    AddKey,
    /// Seal by the newest what others sealed.
    Reseal,
    /// Take the one of this number out of use.
    Retire(String),
    /// Have the token keep them shut.
    Wrap,
    /// Go on without those that are gone.
    GiveUp,
}

/// What is done with what is over its time.
#[derive(Debug)]
pub(crate) enum Retention {
    /// List it.
    Report,
    /// Delete what the report of this id listed.
    Apply(String),
}

/// What is verified.
#[derive(Debug)]
pub(crate) struct Verify {
    /// A backup instead of the database.
    pub(crate) backup: Option<PathBuf>,
    /// The file of the secret key that opens the backup.
    pub(crate) identity: Option<PathBuf>,
    /// A checkpoint that was kept elsewhere.
    pub(crate) checkpoint: Option<PathBuf>,
    /// The public key, or a file with it.
    pub(crate) key: Option<String>,
    /// Only this proof, without any database.
    pub(crate) proof: Option<PathBuf>,
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
    let words = in_order(std::env::args_os().collect());
    let hint = hint(&command(lang), &words);
    let matches = command(lang).try_get_matches_from(words);
    let matches = matches.map_err(|error| refuse(lang, &error, &hint))?;
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
        Some(("backup", inner)) => match inner.subcommand() {
            Some((_, inner)) => Task::BackupKeygen(path(inner, "file")),
            None => Task::Backup(Backup {
                file: path(inner, "file"),
                recipients: inner.get_many("recipient").into_iter().flatten().cloned().collect(),
                plain: inner.get_flag("plain"),
            }),
        },
        Some(("restore", inner)) => Task::Restore(Restore {
            file: path(inner, "file"),
            identity: inner.get_one::<PathBuf>("identity").cloned(),
        }),
        Some(("verify", inner)) => Task::Verify(Verify {
            backup: inner.get_one::<PathBuf>("backup").cloned(),
            identity: inner.get_one::<PathBuf>("identity").cloned(),
            checkpoint: inner.get_one::<PathBuf>("checkpoint").cloned(),
            key: inner.get_one::<String>("key").cloned(),
            proof: inner.get_one::<PathBuf>("proof").cloned(),
        }),
        Some(("seal", inner)) => Task::Seal(inner.get_one::<PathBuf>("file").cloned()),
        Some(("account", inner)) => Task::Account(account(inner)),
        Some(("retention", inner)) => Task::Retention(match inner.subcommand() {
            Some(("apply", inner)) => {
                Retention::Apply(inner.get_one::<String>("report").cloned().unwrap_or_default())
            }
            _ => Retention::Report,
        }),
        Some(("vault", inner)) => Task::Vault(vault(inner)),
        Some(("witness", _)) => Task::Witness,
        Some(("config", _)) => Task::PrintConfig,
        _ => Task::Demo,
    };
    let text = |name: &str| matches.get_one::<String>(name).filter(|it| !it.is_empty()).cloned();
    Ok(Parsed {
        command,
        config: text("config").map(PathBuf::from),
        data_dir: text("data-dir").map(PathBuf::from),
        database: text("database"),
        listen: text("listen"),
        admin_password: secret("SOGOC_ADMIN_PASSWORD"),
        vault_keys: secret("SOGOC_VAULT_KEYS").map(|keys| Zeroizing::new(keys.replace(';', "\n"))),
    })
}

/// What is not said on the command line, where others can read it.
fn secret(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|it| !it.is_empty())
}

fn vault(matches: &ArgMatches) -> VaultTask {
    match matches.subcommand() {
        Some(("add-key", _)) => VaultTask::AddKey,
        Some(("reseal", _)) => VaultTask::Reseal,
        Some(("retire", inner)) => {
            VaultTask::Retire(inner.get_one::<String>("number").cloned().unwrap_or_default())
        }
        Some(("wrap", _)) => VaultTask::Wrap,
        Some(("give-up", _)) => VaultTask::GiveUp,
        _ => VaultTask::List,
    }
}

fn account(matches: &ArgMatches) -> Account {
    let word = |matches: &ArgMatches, name: &str| {
        matches.get_one::<String>(name).cloned().unwrap_or_default()
    };
    match matches.subcommand() {
        Some(("add", inner)) => Account::Add(word(inner, "name")),
        Some(("give", inner)) => {
            Account::Give { name: word(inner, "name"), role: word(inner, "role") }
        }
        Some(("take", inner)) => {
            Account::Take { name: word(inner, "name"), role: word(inner, "role") }
        }
        Some(("enrol", inner)) => Account::Enrol(word(inner, "name")),
        Some(("reset-factor", inner)) => Account::ResetFactor(word(inner, "name")),
        Some(("close", inner)) => Account::Close(word(inner, "name")),
        Some(("open", inner)) => Account::Open(word(inner, "name")),
        Some(("reset-password", inner)) => Account::ResetPassword(word(inner, "name")),
        Some(("link", inner)) => Account::Link {
            name: word(inner, "name"),
            provider: word(inner, "provider"),
            subject: word(inner, "subject"),
        },
        Some(("unlink", inner)) => {
            Account::Unlink { name: word(inner, "name"), provider: word(inner, "provider") }
        }
        _ => Account::List,
    }
}

/// `sogoc help pack` asks for the same as `sogoc pack --help`.
fn in_order(mut words: Vec<OsString>) -> Vec<OsString> {
    if words.get(1).is_some_and(|word| word == "help") {
        words.remove(1);
        words.push("--help".into());
    }
    words
}

/// Where to read on: the help of the command that these words come to.
fn hint(command: &Command, words: &[OsString]) -> String {
    let mut hint = command.get_name().to_owned();
    let mut command = command;
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        let Some(inner) = command.find_subcommand(word) else { continue };
        command = inner;
        hint.push(' ');
        hint.push_str(word);
    }
    hint + " --help"
}

fn command(lang: Lang) -> Command {
    let task = |name: &'static str, about: &'static str| Command::new(name).about(about);
    let lists = || positional("folder", lang::cli::a_folder(lang), lang::cli::folder_lists(lang));
    let pack = || positional("folder", lang::cli::a_folder(lang), lang::cli::folder_pack(lang));
    let name = || word("name", lang::cli::a_name(lang), lang::cli::account_name(lang));
    let root = Command::new("sogoc")
        .version(env!("CARGO_PKG_VERSION"))
        .about(lang::cli::about(lang))
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_version_flag(true)
        .args(options(lang))
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .display_order(90)
                .help(lang::cli::version(lang)),
        )
        .subcommand(task("serve", lang::cli::serve(lang)))
        .subcommand(task("demo", lang::cli::demo(lang)))
        .subcommand(
            task("import", lang::cli::import(lang))
                .subcommand_required(true)
                .subcommand(task("territory", lang::cli::import_territory(lang)).arg(lists())),
        )
        .subcommand(
            task("pack", lang::cli::pack(lang))
                .subcommand_required(true)
                .subcommand(task("check", lang::cli::pack_check(lang)).arg(pack()))
                .subcommand(task("plan", lang::cli::pack_plan(lang)).arg(pack()))
                .subcommand(task("apply", lang::cli::pack_apply(lang)).arg(pack())),
        )
        .subcommands(backups(lang))
        .subcommand(task("verify", lang::cli::verify(lang)).args(verify_options(lang)))
        .subcommand(task("seal", lang::cli::seal(lang)).arg(
            positional("file", lang::cli::a_file(lang), lang::cli::seal_file(lang)).required(false),
        ))
        .subcommand(
            task("account", lang::cli::account(lang))
                .subcommand_required(true)
                .subcommand(task("add", lang::cli::account_add(lang)).arg(name()))
                .subcommand(
                    task("give", lang::cli::account_give(lang)).args([name(), role_of(lang)]),
                )
                .subcommand(
                    task("take", lang::cli::account_take(lang)).args([name(), role_of(lang)]),
                )
                .subcommand(task("enrol", lang::cli::account_enrol(lang)).arg(name()))
                .subcommand(task("reset-factor", lang::cli::account_reset_factor(lang)).arg(name()))
                .subcommand(
                    task("reset-password", lang::cli::account_reset_password(lang)).arg(name()),
                )
                .subcommand(task("close", lang::cli::account_close(lang)).arg(name()))
                .subcommand(task("open", lang::cli::account_open(lang)).arg(name()))
                .subcommands(links(lang, &name()))
                .subcommand(task("list", lang::cli::account_list(lang))),
        )
        .subcommand(retention_command(lang))
        .subcommand(vault_command(lang))
        .subcommand(task("witness", lang::cli::witness(lang)))
        .subcommand(task("config", lang::cli::print_config(lang)));
    in_words(root, lang, "")
}

fn retention_command(lang: Lang) -> Command {
    let report = word("report", lang::retention::cli_a_report(lang), lang::retention::cli_id(lang));
    Command::new("retention")
        .about(lang::retention::cli_about(lang))
        .subcommand_required(true)
        .subcommand(Command::new("report").about(lang::retention::cli_report(lang)))
        .subcommand(Command::new("apply").about(lang::retention::cli_apply(lang)).arg(report))
}

fn vault_command(lang: Lang) -> Command {
    use lang::vault as texts;
    let number = word("number", texts::cli_a_number(lang), texts::cli_number(lang));
    Command::new("vault").about(texts::cli_about(lang)).subcommand_required(true).subcommands([
        Command::new("list").about(texts::cli_list(lang)),
        Command::new("add-key").about(texts::cli_add_key(lang)),
        Command::new("reseal").about(texts::cli_reseal(lang)),
        Command::new("retire").about(texts::cli_retire(lang)).arg(number),
        Command::new("wrap").about(texts::cli_wrap(lang)),
        Command::new("give-up").about(texts::cli_give_up(lang)),
    ])
}

/// What every command understands.
fn options(lang: Lang) -> [Arg; 4] {
    [
        ("config", "SOGOC_CONFIG", lang::cli::a_file(lang), lang::cli::config(lang)),
        ("data-dir", "SOGOC_DATA_DIR", lang::cli::a_folder(lang), lang::cli::data_dir(lang)),
        ("database", "SOGOC_DATABASE", lang::cli::an_address(lang), lang::cli::database(lang)),
        ("listen", "SOGOC_LISTEN", lang::cli::an_address(lang), lang::cli::listen(lang)),
    ]
    .map(|(name, variable, value, help)| {
        let by_variable = lang::cli::by_variable(lang, variable);
        Arg::new(name)
            .long(name)
            .value_name(value)
            .env(variable)
            .hide_env(true)
            .global(true)
            .help(format!("{help} {by_variable}"))
    })
}

/// `sogoc backup`, also `sogoc backup keygen`, and `sogoc restore`.
fn backups(lang: Lang) -> [Command; 2] {
    let file = |help| positional("file", lang::cli::a_file(lang), help);
    let keygen = Command::new("keygen").about(lang::backups::keygen(lang));
    let backup = Command::new("backup")
        .about(lang::cli::backup(lang))
        .subcommand_negates_reqs(true)
        .args_conflicts_with_subcommands(true)
        .arg(file(lang::cli::backup_new_file(lang)))
        .args(backup_options(lang))
        .subcommand(keygen.arg(file(lang::cli::backup_new_file(lang))));
    let restore = Command::new("restore").about(lang::cli::restore(lang));
    [backup, restore.args([file(lang::cli::backup_file(lang)), identity(lang)])]
}

/// For whom a backup is encrypted.
fn backup_options(lang: Lang) -> [Arg; 2] {
    [
        Arg::new("recipient")
            .long("recipient")
            .value_name(lang::cli::a_key(lang))
            .action(ArgAction::Append)
            .help(lang::backups::option_recipient(lang)),
        Arg::new("plain")
            .long("plain")
            .action(ArgAction::SetTrue)
            .conflicts_with("recipient")
            .help(lang::backups::option_plain(lang)),
    ]
}

/// The file of the secret key that opens a backup.
fn identity(lang: Lang) -> Arg {
    let arg = Arg::new("identity").long("identity").value_name(lang::cli::a_file(lang));
    let arg = arg.value_parser(clap::value_parser!(PathBuf));
    arg.help(lang::backups::option_identity(lang))
}

/// What `sogoc verify` can be told besides.
fn verify_options(lang: Lang) -> [Arg; 5] {
    let file = |name: &'static str, help: &'static str| {
        let arg = Arg::new(name).long(name).value_name(lang::cli::a_file(lang)).help(help);
        arg.value_parser(clap::value_parser!(PathBuf))
    };
    [
        file("backup", lang::cli::verify_backup(lang)),
        identity(lang).requires("backup"),
        file("checkpoint", lang::cli::verify_checkpoint(lang)),
        Arg::new("key")
            .long("key")
            .value_name(lang::cli::a_key(lang))
            .help(lang::cli::verify_key(lang)),
        file("proof", lang::cli::verify_proof(lang)).conflicts_with_all(["backup", "checkpoint"]),
    ]
}

/// What is done with an account and another provider.
fn links(lang: Lang, name: &Arg) -> [Command; 2] {
    use lang::providers as texts;
    let provider = || word("provider", texts::a_provider(lang), texts::account_provider(lang));
    let subject = word("subject", texts::a_subject(lang), texts::account_subject(lang));
    [
        Command::new("link").about(texts::account_link(lang)).args([
            name.clone(),
            provider(),
            subject,
        ]),
        Command::new("unlink").about(texts::account_unlink(lang)).args([name.clone(), provider()]),
    ]
}

fn role_of(lang: Lang) -> Arg {
    word("role", lang::cli::a_role(lang), lang::cli::account_role(lang))
}

fn word(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).value_name(value).required(true).help(help)
}

fn positional(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    let arg = Arg::new(name).value_name(value).required(true).help(help);
    arg.value_parser(clap::value_parser!(PathBuf))
}

/// The words that clap adds by itself, in the reader's language. `above` is the command before.
fn in_words(command: Command, lang: Lang, above: &str) -> Command {
    let path = format!("{above}{}", command.get_name());
    let mut usage = format!("{path} [{}]", lang::cli::an_option(lang));
    if command.has_subcommands() {
        usage = format!("{usage} <{}>", lang::cli::a_command(lang));
    }
    for arg in command.get_positionals() {
        let names = arg.get_value_names().unwrap_or_default();
        usage.extend(names.iter().map(|name| format!(" <{name}>")));
    }
    let template =
        format!("{{about-with-newline}}\n{}: {{usage}}\n\n{{all-args}}", lang::cli::usage(lang));
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .display_order(91)
        .help(lang::cli::help(lang));
    command
        .help_template(template)
        .override_usage(usage)
        .subcommand_help_heading(lang::cli::commands(lang))
        .disable_help_flag(true)
        .arg(help)
        .mut_args(|arg| {
            let positional = arg.is_positional();
            let heading =
                if positional { lang::cli::arguments(lang) } else { lang::cli::options(lang) };
            arg.help_heading(heading)
        })
        .mut_subcommands(|inner| in_words(inner, lang, &format!("{path} ")))
}

/// Prints help, the version, or one sentence on what is wrong and where to read on.
fn refuse(lang: Lang, error: &clap::Error, hint: &str) -> ExitCode {
    let value = |kind| match error.get(kind) {
        Some(ContextValue::String(value)) => value.clone(),
        Some(ContextValue::Strings(values)) => values.join(", "),
        _ => String::new(),
    };
    let what = match error.kind() {
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
            let word = value(ContextKind::InvalidArg);
            if word.starts_with('-') {
                lang::cli::unknown_option(lang, word)
            } else {
                lang::cli::one_too_many(lang, word)
            }
        }
        ErrorKind::MissingRequiredArgument => {
            lang::cli::missing(lang, value(ContextKind::InvalidArg))
        }
        ErrorKind::MissingSubcommand => {
            lang::cli::missing_command(lang, value(ContextKind::ValidSubcommand))
        }
        ErrorKind::InvalidValue => lang::cli::missing_value(lang, value(ContextKind::InvalidArg)),
        ErrorKind::ArgumentConflict => lang::cli::twice(lang, value(ContextKind::InvalidArg)),
        _ => error.to_string().lines().next().unwrap_or_default().to_owned(),
    };
    eprintln!("sogoc: {what} {}", lang::cli::see(lang, hint));
    ExitCode::from(2)
}
