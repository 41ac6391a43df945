//! `sogoc serve`: pages and API until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use base::rights::Actor;
use base::{Error, Result};
use figures::watches::Site;
use journal::seals::SealKey;
use journal::seals::witness::Submission;
use lang::Lang;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::connections::{self, Door, Limits};
use super::seal::{self, seal_regularly};
use super::telling::{look_regularly, send_regularly};
use super::tls::{self, Certificates};
use super::witness::submit_regularly;
use super::{say, vault};
use crate::app::App;
use crate::config::Config;
use crate::mailer::Mailer;
use crate::routes;

/// A delivery that goes on for longer is cut off when the program ends.
const LONGEST_LETTER: Duration = Duration::from_secs(65);

/// Serves until SIGINT or SIGTERM, then lets running requests end.
pub(crate) async fn serve(lang: Lang, config: &Config, app: &App) -> Result<()> {
    let site = config.site.as_ref();
    let host = site.map_or("localhost", Site::host);
    let mailer = config.mail.as_ref().map(|mail| Mailer::new(mail, host)).transpose()?;
    let providers = config.providers()?;
    config.secrets.iter().for_each(|file| store::private::name_if_open(file));
    let doors = Doors::open(config).await?;
    app.access.carry_over().await?;
    let administrator = app.access.ensure_administrator(config.admin_password.as_deref()).await;
    let administrator = administrator.map_err(|error| match error {
        // Where it was set, as against the field of a form.
        Error::Invalid(mut errors) => {
            for error in &mut errors {
                "admin_password (SOGOC_ADMIN_PASSWORD)".clone_into(&mut error.place);
            }
            Error::Invalid(errors)
        }
        other => other,
    })?;
    if let Some(password) = administrator.new_password {
        say(lang::cli::new_password(
            lang,
            lang::cli::NewPassword { name: &administrator.name, password },
        ));
        // What gives power to others asks for a second factor, and the first one for this.
        let name = &administrator.name;
        let code = app.access.draw_enrolment(Actor::operator("sogoc"), name).await?;
        say(lang::proof::enrolment_drawn(lang, lang::proof::EnrolmentDrawn { name, code }));
    }
    let key = sealing_key(lang, config, app).await?;
    let vault = vault::vault(lang, config, app).await?;
    let stopped = stopped();
    doors.tell(lang);
    let app = app.clone().behind(&config.proxies).sealing(key, &config.seals);
    let app = app.limiting(config.requests_per_minute);
    let app = app.keeping(vault.clone()).telling(config.site.clone(), mailer.is_some());
    let app = app.found_at(config.site.as_ref(), providers)?;
    crate::metrics::start(&app);
    let routes = routes::all(&app, &config.place);
    let mut work = vec![
        tokio::spawn(seal_regularly(app.sealer.clone(), config.seals.seconds)),
        tokio::spawn(look_regularly(app.clone(), config.watch_seconds)),
        tokio::spawn(vault::sweep_regularly(app.access.clone())),
    ];
    if let Some(vault) = vault {
        work.push(tokio::spawn(vault::follow_keys(config.clone(), app.clone(), vault)));
    }
    for witness in &config.seals.witnesses {
        let Some(at) = &witness.at else { continue };
        let to = Submission::new(witness.key.clone(), at.clone());
        let seconds = config.seals.witness_seconds;
        work.push(tokio::spawn(submit_regularly(app.sealer.clone(), to, seconds)));
    }
    let (stop, told) = tokio::sync::watch::channel(false);
    let sending = mailer.map(|mailer| tokio::spawn(send_regularly(app.clone(), mailer, told)));
    doors.serve(routes, stopped).await;
    for work in work {
        work.abort();
    }
    let _ = stop.send(true);
    if let Some(sending) = sending {
        // A letter that is on its way is noted as sent, so that nobody gets it twice.
        let _ = tokio::time::timeout(LONGEST_LETTER, sending).await;
    }
    if let Err(error) = app.sealer.seal().await {
        tracing::error!(cause = error.cause(), "the journal is not sealed");
    }
    say(lang::cli::stopped(lang));
    Ok(())
}

/// Where visitors come in.
struct Doors {
    listener: TcpListener,
    address: SocketAddr,
    door: Door,
    certificates: Option<Certificates>,
    /// Where plain HTTP leads to HTTPS.
    leading: Option<(TcpListener, SocketAddr, Router)>,
}

impl Doors {
    /// Errors: `Invalid` at `listen`, at `tls.redirect` or at a file of the section `tls`.
    async fn open(config: &Config) -> Result<Self> {
        let site = config.site.as_ref();
        let certificates = config.tls.as_ref().map(|tls| Certificates::open(tls, site));
        let certificates = certificates.transpose()?;
        let listener = listen(config).await?;
        let address = listener.local_addr().map_err(Error::internal)?;
        let door = certificates.as_ref().map(|it| it.door(site, address.port())).transpose()?;
        let mut leading = None;
        if let Some(at) = config.tls.as_ref().and_then(|tls| tls.redirect) {
            let listener = bind("tls.redirect", at).await?;
            let at = listener.local_addr().map_err(Error::internal)?;
            leading = Some((listener, at, tls::leading_to_https(site, address.port())));
        }
        Ok(Self { listener, address, door: door.unwrap_or(Door::Plain), certificates, leading })
    }

    fn tell(&self, lang: Lang) {
        let scheme = if self.certificates.is_some() { "https" } else { "http" };
        if let Some((_, at, _)) = &self.leading {
            say(lang::tls::leading(lang, format!("http://{at}")));
        }
        say(lang::cli::serving(lang, format!("{scheme}://{}", self.address)));
    }

    /// Serves at all of them until `stop` ends.
    async fn serve(self, routes: Router, stop: impl Future<Output = ()>) {
        let (ending, ended) = tokio::sync::watch::channel(());
        let reloading = self.certificates.map(|it| tokio::spawn(tls::reload_regularly(it)));
        let leading = self.leading.map(|(listener, _, routes)| {
            let mut ended = ended;
            let stop = async move { drop(ended.changed().await) };
            tokio::spawn(connections::serve(listener, Door::Plain, routes, Limits::default(), stop))
        });
        connections::serve(self.listener, self.door, routes, Limits::default(), stop).await;
        drop(ending);
        if let Some(leading) = leading {
            let _ = leading.await;
        }
        if let Some(reloading) = reloading {
            reloading.abort();
        }
    }
}

/// The key to seal with. That it was lost must not keep anybody from working: then nothing is
/// sealed, and the log and the page of seals say so.
async fn sealing_key(lang: Lang, config: &Config, app: &App) -> Result<Option<SealKey>> {
    let is_lost = !config.seals.key.exists();
    match seal::key(lang, &config.seals, app).await {
        Ok(key) => Ok(Some(key)),
        Err(error @ Error::Invalid(_)) if is_lost => {
            tracing::error!(cause = error.say(lang), "the journal is not sealed");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Errors: `Invalid` at `listen`.
pub(super) async fn listen(config: &Config) -> Result<TcpListener> {
    bind("listen", config.listen).await
}

async fn bind(place: &'static str, address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|cause| {
        let cause = base::system_reason(&cause);
        Error::invalid(place, move |lang| {
            let cause = cause.say(lang);
            lang::cli::cannot_listen(lang, lang::cli::CannotListen { address, cause })
        })
    })
}

/// Ends when the program is told to. It listens from the call on: whoever was told the address may
/// stop the program at once.
pub(super) fn stopped() -> impl Future<Output = ()> {
    let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
    async move {
        let told = signals.map(async |told| match told {
            Ok(mut told) => {
                told.recv().await;
            }
            Err(_) => std::future::pending().await,
        });
        let [terminated, interrupted] = told;
        tokio::select! {
            () = terminated => {}
            () = interrupted => {}
        }
    }
}
