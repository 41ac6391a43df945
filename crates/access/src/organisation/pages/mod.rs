//! The pages of the organisation: agencies and their heads for everybody, the work for those who are
//! signed in.

mod agency;
mod contacts;
mod forms;
mod import;
mod lacking;
mod list;
mod merger;
mod operations;
mod tasks;
mod work;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base::{Day, DayRange, Error, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use store::Tx;
use territory::{Atlas, Territory};
use web::layers::uploads;
use web::pieces::{self, Badge, Crumb};
use web::spreadsheet::LARGEST_FILE_BYTES;
use web::{Ground, Notice};

use super::chart::Chart;
use super::model::{Holding, Manner};

/// `/agencies`; for those signed in `/tasks/organisation`.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Atlas: FromRef<S>,
{
    // Room for the other fields of the form.
    let file = uploads(LARGEST_FILE_BYTES + (64 << 10));
    let work = "/tasks/organisation";
    Router::new()
        .route("/agencies", get(list::show))
        .route("/agencies/{id}", get(agency::show))
        .route("/agencies/{id}/contacts", post(agency::show_contacts))
        .route(work, get(work::show))
        .route(&format!("{work}/completeness"), get(lacking::show))
        .route(&format!("{work}/import"), get(import::show).post(import::preview).layer(file))
        .route(&format!("{work}/import/apply"), post(import::apply))
        .route(&format!("{work}/import/template.csv"), get(import::csv))
        .route(&format!("{work}/import/template.xlsx"), get(import::xlsx))
        .route(&format!("{work}/merger"), get(merger::show).post(merger::apply))
        .route(&format!("{work}/operations"), get(operations::list))
        .route(&format!("{work}/operations/{{id}}"), get(operations::show).post(operations::undo))
        .route(&format!("{work}/do/{{task}}"), get(forms::show_new).post(forms::send_new))
        .route(&format!("{work}/do/{{task}}/{{id}}"), get(forms::show_of).post(forms::send_of))
}

/// What a page reads with.
struct View {
    lang: Lang,
    tx: Tx,
    territory: Arc<Territory>,
    today: Day,
    /// The day that is asked for.
    on: Day,
}

impl View {
    /// Errors: `Invalid` at `on` for what is no day.
    async fn open(atlas: &Atlas, lang: Lang, on: &str) -> Result<Self> {
        let today = atlas.clock().today();
        let on = match on.trim() {
            "" => today,
            text => text.parse().map_err(|_| Error::invalid("on", lang::error::bad_day))?,
        };
        let mut tx = atlas.database().read().await?;
        let territory = atlas.territory(&mut tx).await?;
        Ok(Self { lang, tx, territory, today, on })
    }

    fn ground(&self, made_up: bool) -> Ground {
        let lines = vec![lang::organisation::ground(self.lang, short_day(self.on))];
        Ground { lines, made_up }
    }
}

/// The page above all pages of this work.
fn crumbs(lang: Lang) -> Markup {
    pieces::breadcrumbs(
        lang,
        &[
            Crumb { label: lang::nav::work(lang), href: "/tasks" },
            Crumb { label: lang::organisation::title(lang), href: "/tasks/organisation" },
        ],
    )
}

fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location.to_owned())]).into_response()
}

/// A page that shows a form again with its mistakes.
fn unprocessable(page: Markup) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

/// "từ 01/07/2025 đến nay".
fn say_period(lang: Lang, valid: DayRange) -> String {
    let from = short_day(valid.from);
    if valid.from == valid.to {
        lang::organisation::never(lang, from)
    } else if valid.to == Day::MAX {
        lang::unit::since(lang, from)
    } else {
        lang::unit::between(lang, lang::unit::Between { from, to: short_day(valid.last()) })
    }
}

/// "Nguyễn Văn Mẫu (quyền)".
fn say_holder(lang: Lang, chart: &Chart, holding: &Holding) -> Markup {
    let name = chart.name(holding.person);
    html! {
        (name)
        @if holding.manner != Manner::Appointed { " (" (holding.manner.say(lang)) ")" }
        @if holding.made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
    }
}

fn number(lang: Lang, count: usize) -> String {
    grouped(lang, i64::try_from(count).unwrap_or(i64::MAX))
}

fn done(lang: Lang, done: &str) -> Option<Notice> {
    (done == "yes").then(|| Notice::Done(lang::organisation::written(lang).to_owned()))
}
