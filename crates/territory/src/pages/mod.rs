//! The pages of the territory, and the pieces that pages of other areas show units with.

mod converter;
mod import;
#[cfg(test)]
mod list_tests;
mod merger;
mod mergers;
mod pieces;
mod sources;
mod table;
#[cfg(test)]
pub(crate) mod tests;
mod tree;
mod units;
mod work;

pub(crate) use pieces::say_period;
pub use pieces::{
    MapArea, areas, coverage_note, day_form, find_unit, important_days, map_notes, unit_facts,
    unit_href, unit_lineage, unit_map, unit_timeline,
};
pub(crate) use sources::{effective_day, say_operation};

use axum::Router;
use axum::extract::FromRef;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use lang::Lang;
use web::layers::uploads;
use web::spreadsheet::LARGEST_FILE_BYTES;

use crate::Atlas;

/// The largest set of lists that is imported over a page. Units: bytes.
const LARGEST_IMPORT_BYTES: usize = 20 << 20;
/// The largest order of a merger. Units: bytes.
const LARGEST_ORDER_BYTES: usize = 5 << 20;

/// `/units`, `/converter`, `/sources`; for those signed in `/tasks`, `/tasks/territory`,
/// `/tasks/mergers`.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Atlas: FromRef<S>,
{
    // Room for the other fields of the form.
    let table = uploads(LARGEST_FILE_BYTES + (64 << 10));
    Router::new()
        .route("/units", get(units::show))
        .route("/converter", get(converter::show))
        .route("/converter/table", post(table::convert).layer(table))
        .route("/sources", get(sources::show))
        .route("/tasks", get(work::show))
        .route(
            "/tasks/territory",
            get(import::show).post(import::preview).layer(uploads(LARGEST_IMPORT_BYTES)),
        )
        .route("/tasks/territory/apply", post(import::apply))
        .route("/tasks/mergers", get(mergers::list))
        .route(
            "/tasks/mergers/new",
            get(merger::show).post(merger::rehearse).layer(uploads(LARGEST_ORDER_BYTES)),
        )
        .route("/tasks/mergers/{id}/undo", get(mergers::confirm).post(mergers::undo))
}

/// Where a mistake in a table stands: "Dòng 3, cột type:", "Đơn vị thứ 2:", or the place as it is.
fn say_place(lang: Lang, place: &str) -> String {
    let nth = place.strip_prefix("into[").or_else(|| place.strip_prefix("children["));
    if let Some(nth) = nth.and_then(|rest| rest.split(']').next()?.parse::<usize>().ok()) {
        return lang::mergers::nth(lang, nth + 1);
    }
    match place.split_once(' ').unwrap_or((place, "")) {
        (line, "") if line.bytes().all(|b| b.is_ascii_digit()) => lang::converter::line(lang, line),
        (line, column) if !column.is_empty() => {
            lang::mergers::cell(lang, lang::mergers::Cell { column, line })
        }
        _ => lang::converter::place(lang, place),
    }
}

fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location.to_owned())]).into_response()
}

/// A page that shows a form again with its mistakes.
fn unprocessable(page: maud::Markup) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}
