//! Telling of changes while the program serves: looking for them, and sending letters.

use std::time::Duration;

use access::{NOTICES, Notice};
use base::{Id, Moment, Result};
use figures::watches::{LETTERS, Letter, address_of, look_again, sweep};
use store::outbox::{self, Claimed, Next};
use tokio::sync::watch::Receiver;

use crate::app::App;
use crate::mailer::{Mailer, NotTaken};
use crate::metrics;

/// So often it is looked for letters that are due.
const PAUSE: Duration = Duration::from_secs(2);

/// Looks for changes every so many seconds until the task is aborted. What fails is logged once,
/// until it goes well again.
pub(crate) async fn look_regularly(app: App, seconds: u64) {
    let mut interval = tokio::time::interval(Duration::from_secs(seconds));
    interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        interval.tick().await;
        match look(&app).await {
            Ok(()) => failing = false,
            Err(error) if !failing => {
                failing = true;
                tracing::error!(cause = error.cause(), "changes are not looked for");
            }
            Err(_) => {}
        }
    }
}

async fn look(app: &App) -> Result<()> {
    let looked = look_again(&app.desk).await?;
    metrics::count_changes(looked.changes);
    let mut tx = app.database().write().await?;
    sweep(&mut tx, app.clock()).await?;
    outbox::sweep(&mut tx, app.clock()).await?;
    tx.commit().await
}

/// Sends letters until it is told to stop; then the one that is on its way is finished and noted.
pub(crate) async fn send_regularly(app: App, mailer: Mailer, mut stop: Receiver<bool>) {
    let mut failing = false;
    while !*stop.borrow() {
        let sent = send_some(&app, &mailer, &stop).await;
        match &sent {
            Ok(_) => failing = false,
            Err(error) if !failing => {
                failing = true;
                tracing::error!(cause = error.cause(), "letters are not sent");
            }
            Err(_) => {}
        }
        if !matches!(sent, Ok(count) if count > 0) {
            let _ = tokio::time::timeout(PAUSE, stop.changed()).await;
        }
    }
}

/// Sends some of the letters that are due; gives how many it tried.
async fn send_some(app: &App, mailer: &Mailer, stop: &Receiver<bool>) -> Result<usize> {
    let mut tried = 0;
    for kind in [LETTERS, NOTICES] {
        tried += send_of(app, mailer, kind, stop).await?;
    }
    Ok(tried)
}

async fn send_of(
    app: &App,
    mailer: &Mailer,
    kind: &'static str,
    stop: &Receiver<bool>,
) -> Result<usize> {
    let mut tx = app.database().read().await?;
    if !outbox::is_due(&mut tx, app.clock(), kind).await? {
        return Ok(0);
    }
    drop(tx);
    let lease = Id::new(app.clock()).to_string();
    let mut tx = app.database().write().await?;
    let claimed = outbox::claim(&mut tx, app.clock(), kind, &lease).await?;
    tx.commit().await?;
    let mut tried = 0;
    for message in &claimed {
        if *stop.borrow() {
            break;
        }
        send_one(app, mailer, (kind, message), &lease).await?;
        tried += 1;
    }
    if tried < claimed.len() {
        // Others need not wait for what was not begun.
        let mut tx = app.database().write().await?;
        outbox::release(&mut tx, &lease).await?;
        tx.commit().await?;
    }
    Ok(tried)
}

/// Where a message goes, and what it says; neither of what is for nobody any more.
async fn addressed(
    app: &App,
    (kind, message): (&str, &Claimed),
) -> Result<(Option<String>, Option<Letter>)> {
    let Claimed { recipient, payload, .. } = message;
    let mut tx = app.database().read().await?;
    if kind == NOTICES {
        let Some(notice) = access::notice_of(&mut tx, recipient, payload).await? else {
            return Ok((None, None));
        };
        let Notice { to, subject, text } = notice;
        return Ok((Some(to), Some(Letter { subject, text, unsubscribe: None })));
    }
    let address = address_of(&mut tx, recipient).await?;
    Ok((address, serde_json::from_str(payload).ok()))
}

async fn send_one(
    app: &App,
    mailer: &Mailer,
    (kind, message): (&str, &Claimed),
    lease: &str,
) -> Result<()> {
    let (address, letter) = addressed(app, (kind, message)).await?;
    let sent = match (&address, &letter) {
        (Some(address), Some(letter)) => {
            let made_at = Moment(message.made_at);
            mailer.send(&message.id, made_at, address, letter).await.map(|()| "sent")
        }
        // Whoever it was for has ended the watch, or is reached no more.
        (None, _) => Ok("dropped"),
        (_, None) => Err(NotTaken { reason: "letter".to_owned(), for_good: true }),
    };
    let mut tx = app.database().write().await?;
    let outcome = match sent {
        Ok(outcome) => {
            outbox::delivered(&mut tx, &message.id, lease).await?;
            outcome
        }
        Err(NotTaken { reason, for_good }) => {
            let held = (message, lease);
            match outbox::failed(&mut tx, app.clock(), held, (&reason, for_good)).await? {
                Next::Again(_) => {
                    tracing::warn!(id = message.id, reason, "a letter was not taken");
                    "failed"
                }
                Next::GivenUp => {
                    tracing::error!(id = message.id, reason, "a letter was given up");
                    "given_up"
                }
                Next::Gone => "failed",
            }
        }
    };
    tx.commit().await?;
    metrics::count_letter(outcome);
    Ok(())
}
