//! `sogoc witness`, and sending our own checkpoints to witnesses while the program serves.

use std::sync::Arc;
use std::time::Duration;

use base::{Clock, Error, Result};
use journal::seals::witness::{Submission, Submitted, Witness, routes};
use journal::seals::{SealKey, Sealer};
use lang::Lang;
use tokio::net::TcpListener;

use super::connections::{self, Door, Limits};
use super::{say, seal, serve};
use crate::config::Config;
use crate::metrics;

/// After failures it is tried again so seldom at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// Witnesses the journals of others until SIGINT or SIGTERM. It needs no database.
pub(crate) async fn witness(lang: Lang, config: &Config) -> Result<()> {
    let role = &config.witness;
    if role.logs.is_empty() {
        return Err(Error::invalid("witness.logs", lang::seals::no_logs));
    }
    let key = match seal::read_key(&role.key)? {
        Some(key) => key,
        None => {
            let name = role.name.clone();
            let name = name.ok_or_else(|| Error::invalid("witness.name", lang::seals::no_name))?;
            let key = SealKey::generate(&name)?;
            seal::write_key(&role.key, &key)?;
            say(lang::cli::new_seal_key(lang, role.key.display()));
            key
        }
    };
    say(lang::cli::public_key(lang, key.public_witness().to_text()));
    let witness = Witness::open(key, Clock::system(), role.logs.clone(), &role.folder)?;
    let listener = serve::listen(config).await?;
    serve_as(lang, listener, witness).await
}

async fn serve_as(lang: Lang, listener: TcpListener, witness: Witness) -> Result<()> {
    let address = listener.local_addr().map_err(Error::internal)?;
    let stopped = serve::stopped();
    say(lang::cli::serving(lang, format!("http://{address}")));
    let routes = routes(Arc::new(witness));
    connections::serve(listener, Door::Plain, routes, Limits::default(), stopped).await;
    say(lang::cli::stopped(lang));
    Ok(())
}

/// Sends new checkpoints to a witness every so many seconds until the task is aborted, and less
/// often while that fails. Nobody waits for it: sealing goes on without.
pub(crate) async fn submit_regularly(sealer: Sealer, mut to: Submission, seconds: u64) {
    let usual = Duration::from_secs(seconds);
    let (mut pause, mut failed) = (usual, String::new());
    loop {
        match to.send(&sealer).await {
            Ok(Submitted::Signed(size)) => {
                metrics::witnessed(to.name(), size);
                (pause, failed) = (usual, String::new());
            }
            Ok(Submitted::Nothing) => {}
            Err(error) => {
                pause = (pause * 2).min(LONGEST_PAUSE);
                // Each reason once, until it goes well again.
                let cause = error.cause();
                if cause != failed {
                    tracing::error!(witness = to.name(), cause, "a checkpoint is not witnessed");
                    failed = cause;
                }
            }
        }
        tokio::time::sleep(pause).await;
    }
}
