//! The pages: the desk of whoever is in charge of personal data, and `/my-data` for everybody.

mod consents;
mod copy;
mod desk;
mod forms;
mod my_consents;
mod my_data;
mod my_looks;
mod receive;
mod request;
mod retention;
mod steps;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base::{Day, Error, FieldError, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use store::Tx;
use territory::{Territory, UnitId};
use web::pieces::{self, Badge, Crumb};
use web::{Asked, Frame, Notice, PageError};

use crate::desks;
use crate::office::{Definitions, Office};

const DESK: &str = "/tasks/personal-data";

/// `/my-data` for everybody; for those signed in `/tasks/personal-data`.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Office: FromRef<S>,
{
    let at = |path: &str| format!("{DESK}{path}");
    Router::new()
        .route("/my-data", get(my_data::show))
        .route("/my-data/new", get(receive::show_public).post(receive::send_public))
        .route("/my-data/look", post(my_data::look))
        .route("/my-data/consents", get(my_consents::list))
        .route("/my-data/consents/{purpose}", get(my_consents::show).post(my_consents::send))
        .route("/my-data/{code}", get(my_data::show_code).post(my_data::look_code))
        .route("/my-data/{code}/withdraw", post(my_data::withdraw))
        .route(DESK, get(desk::show))
        .route(&at("/requests/new"), get(receive::show_counter).post(receive::send_counter))
        .route(&at("/requests/{id}"), get(request::show).post(request::reveal))
        .route(&at("/requests/{id}/do/{step}"), get(steps::show).post(steps::send))
        .route(&at("/consents"), get(consents::list))
        .route(&at("/consents/new/{purpose}"), get(consents::show_new).post(consents::send_new))
        .route(&at("/consents/{id}"), get(consents::show).post(consents::reveal))
        .route(&at("/consents/{id}/withdraw"), post(consents::withdraw))
        .route(&at("/copy"), get(copy::show).post(copy::send))
        .route(&at("/retention"), get(retention::list).post(retention::make))
        .route(&at("/retention/{id}"), get(retention::show).post(retention::apply))
}

/// What a page reads with.
struct View {
    lang: Lang,
    tx: Tx,
    definitions: Arc<Definitions>,
    territory: Arc<Territory>,
    today: Day,
}

impl View {
    async fn open(office: &Office, lang: Lang) -> Result<Self> {
        let mut tx = office.database().read().await?;
        let definitions = office.definitions(&mut tx).await?;
        let territory = office.atlas().territory(&mut tx).await?;
        Ok(Self { lang, tx, definitions, territory, today: office.clock().today() })
    }

    fn desk_name(&self, desk: Option<UnitId>) -> String {
        desks::name(&self.territory, (self.lang, self.today), desk)
    }

    fn reading_purpose<'a>(&'a self, code: &'a str) -> &'a str {
        let purposes = &self.definitions.reading_purposes;
        let found = purposes.iter().find(|purpose| purpose.code == code);
        found.map_or(code, |purpose| purpose.name.say(self.lang))
    }

    fn kind_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.definitions.request_kind(code).map_or(code, |kind| kind.name.say(self.lang))
    }

    fn purpose_name<'a>(&'a self, code: &'a str) -> &'a str {
        self.definitions.consent_purpose(code).map_or(code, |it| it.name.say(self.lang))
    }
}

/// The pages above those of the desk.
fn crumbs(lang: Lang, above: &[Crumb<'_>]) -> Markup {
    let mut crumbs = vec![
        Crumb { label: lang::nav::work(lang), href: "/tasks" },
        Crumb { label: lang::subjects::title(lang), href: DESK },
    ];
    crumbs.extend(above);
    pieces::breadcrumbs(lang, &crumbs)
}

/// The page above those for everybody.
fn public_crumbs(lang: Lang) -> Markup {
    pieces::breadcrumbs(lang, &[Crumb { label: lang::my_data::title(lang), href: "/my-data" }])
}

fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location.to_owned())]).into_response()
}

/// A page that is for one reader: kept nowhere, and no other site is told its address.
fn secret(status: StatusCode, page: impl IntoResponse) -> Response {
    let mut response = (status, page).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// What a form is shown again with: the mistakes at its fields, or a refusal above it. Other errors
/// are no matter of the form.
fn mended(
    lang: Lang,
    frame: &mut Frame,
    error: Error,
) -> Result<(StatusCode, Vec<FieldError>), PageError> {
    match error {
        Error::Invalid(errors) => Ok((StatusCode::UNPROCESSABLE_ENTITY, errors)),
        Error::Refused { code, .. } if code.starts_with("access.") => Err(error.into()),
        error @ (Error::Refused { .. } | Error::Conflict(_)) => {
            frame.notice = Some(Notice::Warning(error.say(lang)));
            Ok((StatusCode::CONFLICT, Vec::new()))
        }
        error => Err(error.into()),
    }
}

/// A day, or that nobody knows it yet.
fn due(lang: Lang, day: Option<Day>) -> Markup {
    match day {
        Some(day) => html! { (short_day(day)) },
        None => pieces::badge(lang, Badge::Warning(lang::subjects::due_unknown(lang))),
    }
}

fn made_up(lang: Lang, is_so: bool) -> Markup {
    html! { @if is_so { " " (pieces::badge(lang, Badge::MadeUp)) } }
}

/// Errors: `Refused` `subjects.too_many` when too much came from one place.
fn slow_down(office: &Office, key: &str, forgiven: u32) -> Result<()> {
    let keys = [access::Key::of_place(key, forgiven)];
    let (throttle, now) = (office.throttle(), office.clock().now());
    let checked = throttle.check(&keys, now);
    checked.map_err(|_| Error::refused("subjects.too_many", lang::subjects::too_many))?;
    throttle.fail(&keys, now);
    Ok(())
}

fn frame(asked: &Asked, title: &str) -> Frame {
    Frame::new(asked, web::Section::Work, title)
}

fn public_frame(asked: &Asked, title: &str) -> Frame {
    Frame::new(asked, web::Section::Elsewhere, title)
}
