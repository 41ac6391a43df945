//! `sogoc serve`: pages and API until it is told to stop.

use base::{Error, Result};
use lang::Lang;
use tokio::net::TcpListener;

use super::connections::{self, Limits};
use super::say;
use crate::app::App;
use crate::config::Config;
use crate::routes;

/// Serves until SIGINT or SIGTERM, then lets running requests end.
pub(crate) async fn serve(lang: Lang, config: &Config, app: &App) -> Result<()> {
    let listener = TcpListener::bind(config.listen).await.map_err(|cause| {
        let (address, cause) = (config.listen, base::system_reason(&cause));
        Error::invalid("listen", move |lang| {
            let cause = cause.say(lang);
            lang::cli::cannot_listen(lang, lang::cli::CannotListen { address, cause })
        })
    })?;
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
    let address = listener.local_addr().map_err(Error::internal)?;
    if let Some(password) = administrator.new_password {
        say(lang::cli::new_password(
            lang,
            lang::cli::NewPassword { name: &administrator.name, password },
        ));
    }
    say(lang::cli::serving(lang, format!("http://{address}")));
    let app = app.clone().behind(&config.proxies);
    crate::metrics::start(&app);
    let routes = routes::all(&app, &config.place);
    connections::serve(listener, routes, Limits::default(), stopped()).await;
    say(lang::cli::stopped(lang));
    Ok(())
}

async fn stopped() {
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}
