//! Sổ Gốc: the program. Reads the command line and the configuration, and runs one command.

mod api;
mod app;
mod cli;
mod commands;
mod config;
mod demo;
mod doors;
mod keeping;
mod mailer;
mod metrics;
mod packs_inside;
mod routes;

use std::process::ExitCode;

use base::Error;
use lang::Lang;

/// Everything holds, or was done.
const DONE: u8 = 0;
/// It could not be done, or something does not hold.
const FAILED: u8 = 1;
/// A wrong option, file or configuration.
const WRONG_USE: u8 = 2;

fn main() -> ExitCode {
    let lang = cli::lang_of_environment();
    let parsed = match cli::parse(lang) {
        Ok(parsed) => parsed,
        Err(exit) => return exit,
    };
    let outcome = config::load(&parsed).and_then(|config| {
        commands::start_log(&config, &parsed.command)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(Error::internal)?;
        runtime.block_on(commands::run(lang, &config, parsed.command))
    });
    ExitCode::from(match outcome {
        Ok(true) => DONE,
        Ok(false) => FAILED,
        Err(error) => report(lang, &error),
    })
}

/// Says what is wrong, one line each, and gives the exit code.
fn report(lang: Lang, error: &Error) -> u8 {
    match error {
        Error::Internal(_) | Error::Unavailable(_) | Error::Unsettled(_) => {
            eprintln!("sogoc: {} ({})", error.say(lang), error.cause().replace('\n', " "));
            FAILED
        }
        Error::Invalid(_) => {
            for line in error.say(lang).lines() {
                eprintln!("sogoc: {line}");
            }
            WRONG_USE
        }
        _ => {
            eprintln!("sogoc: {}", error.say(lang));
            FAILED
        }
    }
}
