//! One function for each command.

mod account;
mod arriving;
mod backup;
mod connections;
mod pack;
mod retention;
mod seal;
mod serve;
pub(crate) mod shown;
mod telling;
mod territory;
mod tls;
pub(crate) mod vault;
mod verify;
mod witness;

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

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
        Task::Restore(what) => backup::restore(lang, config, &what).await?,
        Task::BackupKeygen(file) => backup::keygen(lang, &file)?,
        Task::Backup(what) => {
            let recipients = backup::recipients(config, &what)?;
            on_known(config, async |app| {
                backup::backup(lang, config, app, &what.file, &recipients).await
            })
            .await?;
        }
        Task::ImportTerritory(folder) => {
            let files = PackFiles::from_folder(&folder)?;
            on_database(config, async |app| territory::import(lang, app, &files).await).await?;
        }
        Task::PackPlan(folder) => {
            let files = PackFiles::from_folder(&folder)?;
            on_known(config, async |app| pack::plan(lang, app, &files).await).await?;
        }
        Task::PackApply(folder) => {
            let files = PackFiles::from_folder(&folder)?;
            on_database(config, async |app| pack::apply(lang, app, &files).await).await?;
        }
        Task::Verify(what) => return verify::verify(lang, config, &what).await,
        Task::Seal(file) => {
            on_known(config, async |app| seal::seal(lang, config, app, file.as_deref()).await)
                .await?;
        }
        Task::Account(what) => {
            on_known(config, async |app| account::account(lang, config, app, &what).await).await?;
        }
        Task::Retention(what) => {
            on_known(config, async |app| retention::retention(lang, config, app, &what).await)
                .await?;
        }
        Task::Vault(what) => {
            on_known(config, async |app| vault::manage(lang, config, app, &what).await).await?;
        }
        Task::Witness => witness::witness(lang, config).await?,
        Task::Serve => {
            on_database(config, async |app| serve::serve(lang, config, app).await).await?;
        }
        Task::Demo => {
            let mut config = config.clone();
            if config.place.is_empty() {
                demo::PLACE.clone_into(&mut config.place);
            }
            on_database(&config, async |app| {
                let vault = vault::vault(lang, &config, app).await?;
                demo::make(lang, &app.clone().keeping(vault)).await?;
                serve::serve(lang, &config, app).await
            })
            .await?;
        }
    }
    Ok(true)
}

/// Opens the database, or makes it, and works on it.
async fn on_database<T>(config: &Config, work: impl AsyncFnOnce(&App) -> Result<T>) -> Result<T> {
    if let Location::File(file) = &config.location {
        make_folder(arriving::folder(file))?;
    }
    finish(App::open(&config.location, Clock::system()).await?, work).await
}

/// Opens the database, which must be there, and works on it.
async fn on_known<T>(config: &Config, work: impl AsyncFnOnce(&App) -> Result<T>) -> Result<T> {
    finish(App::open_known(&config.location, Clock::system()).await?, work).await
}

/// Works on a database and closes it, so that nothing is left beside its file.
async fn finish<T>(app: App, work: impl AsyncFnOnce(&App) -> Result<T>) -> Result<T> {
    let done = work(&app).await;
    app.database().close().await;
    done
}

/// Prints a line. That nobody reads it is no reason to stop.
pub(crate) fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn make_folder(folder: &Path) -> Result<()> {
    store::private::make_folder(folder).map_err(|cause| arriving::unwritable(folder, &cause))
}

/// Structured log lines on standard error; what is logged is chosen by `RUST_LOG`.
pub(crate) fn start_log(config: &Config, task: &Task) -> Result<()> {
    // A command that reads everything is slow by its nature; a page is not.
    let default = match task {
        Task::Serve | Task::Demo | Task::Witness => "warn,sogoc=info",
        _ => "warn,sogoc=info,sqlx::query=error",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if config.log_json {
        builder.json().try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    started.map_err(Error::Internal)
}
