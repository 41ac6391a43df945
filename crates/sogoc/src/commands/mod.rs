//! One function for each command.

mod backup;
mod pack;
mod serve;
mod territory;
mod verify;

use std::io::{IsTerminal as _, Write as _};

use base::{Clock, Error, Result};
use lang::Lang;
use packs::PackFiles;
use store::Location;
use tracing_subscriber::EnvFilter;

use crate::app::App;
use crate::cli::Task;
use crate::config::Config;
use crate::demo;

/// The actor in the journal for what is done on the command line.
const OPERATOR: &str = "operator";

/// Runs a command; false when it found something that does not hold.
pub(crate) async fn run(lang: Lang, config: &Config, task: Task) -> Result<bool> {
    match task {
        Task::PrintConfig => say(config.print().trim_end()),
        Task::PackCheck(folder) => pack::check(lang, &folder)?,
        Task::Restore(file) => backup::restore(lang, config, &file).await?,
        Task::Backup(file) => backup::backup(lang, &open(config).await?, &file).await?,
        Task::ImportTerritory(folder) => {
            let files = PackFiles::from_folder(&folder)?;
            territory::import(lang, &open(config).await?, &files).await?;
        }
        Task::PackPlan(folder) => {
            let files = PackFiles::from_folder(&folder)?;
            pack::plan(lang, &open(config).await?, &files).await?;
        }
        Task::PackApply(folder) => {
            let files = PackFiles::from_folder(&folder)?;
            pack::apply(lang, &open(config).await?, &files).await?;
        }
        Task::Verify => return verify::verify(lang, &open(config).await?).await,
        Task::Serve => serve::serve(lang, config, &open(config).await?).await?,
        Task::Demo => {
            let app = open(config).await?;
            demo::make(lang, &app).await?;
            serve::serve(lang, config, &app).await?;
        }
    }
    Ok(true)
}

/// Prints a line. That nobody reads it is no reason to stop.
pub(crate) fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

async fn open(config: &Config) -> Result<App> {
    if let Location::File(file) = &config.location {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder).map_err(|cause| {
                let (place, cause) = (folder.display().to_string(), cause.to_string());
                Error::invalid(place, move |lang| lang::packs::unreadable(lang, &cause))
            })?;
        }
    }
    App::open(&config.location, Clock::system()).await
}

/// Structured log lines on standard error; what is logged is chosen by `RUST_LOG`.
pub(crate) fn start_log(config: &Config) -> Result<()> {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,sogoc=info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.log_json {
        builder.json().try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    started.map_err(Error::Internal)
}
