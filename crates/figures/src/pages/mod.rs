//! The pages of figures: overview, units, indicators, the entries behind, claims, data entry.

mod again;
mod approvals;
mod campaigns;
mod charts;
mod claims;
mod completeness;
mod dashboard;
mod download;
mod drill;
mod explain;
mod guard;
mod index;
mod indexes;
mod indicator;
mod indicators;
mod overview;
pub(crate) mod paper;
mod places;
mod publication;
mod publications;
mod publish;
mod records;
mod report;
mod reports;
pub(crate) mod say;
mod target;
mod targets;
mod unit;
mod view;
mod watches;
mod work;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use explain::host;
pub use guard::guard_entries;
pub(crate) use report::filling;
pub(crate) use say::number;
pub(crate) use view::{Known, View, begun, read_day};

use axum::Router;
use axum::extract::FromRef;
use axum::routing::{get, post};
use web::layers::uploads;
use web::spreadsheet::LARGEST_FILE_BYTES;

use crate::Desk;
use crate::observations::LARGEST_EVIDENCE_BYTES;

/// What a form may take besides its file, and a file that is too large but can still be told so
/// beside its field.
const REST_BYTES: usize = 4 << 20;

/// The routes of the pages.
pub fn page_routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: FromRef<S>,
{
    let report = get(work::show_report)
        .post(work::report)
        .layer(uploads(LARGEST_EVIDENCE_BYTES + REST_BYTES));
    let import = get(work::show_import)
        .post(work::preview_import)
        .layer(uploads(LARGEST_FILE_BYTES + REST_BYTES));
    Router::new()
        .route("/", get(overview::show))
        .route("/units/{unit}", get(unit::show))
        .route("/indicators", get(indicators::show))
        .route("/indicators/{code}", get(indicator::show))
        .route("/indicators/{code}/table.csv", get(download::csv))
        .route("/indicators/{code}/table.xlsx", get(download::xlsx))
        .route("/figures/{indicator}/{unit}/{period}", get(drill::show))
        .route("/figures/{indicator}/{unit}/{period}/explain", get(explain::show))
        .route("/reports", get(reports::show))
        .route("/reports/{code}", get(report::show))
        .route("/reports/{code}/publish", get(publish::form).post(publish::publish))
        .route("/publications", get(publications::show))
        .route("/publications/{reference}", get(publication::show))
        .route(
            "/publications/{reference}/withdraw",
            get(publish::withdrawal).post(publish::withdraw),
        )
        .route("/entries/{seq}", get(records::entry))
        .route("/observations/{id}", get(records::observation))
        .route("/observations/{id}/evidence", get(records::evidence))
        .route("/observations/{id}/{act}", get(work::show_change).post(work::change))
        .route("/claims", get(claims::show))
        .route("/dashboard", get(dashboard::show))
        .route("/dashboard/{code}", get(dashboard::show_one))
        .route("/indexes", get(indexes::show))
        .route("/indexes/{code}", get(index::show))
        .route("/indexes/{code}/{version}", get(index::show_version))
        .route("/targets", get(targets::show))
        .route("/targets/{code}", get(target::show))
        .merge(campaigns::routes())
        .route("/watch", get(watches::show_form).post(watches::ask))
        .route("/watch/asked", get(watches::asked))
        .route("/watch/all.atom", get(watches::all_feed))
        .route("/watch/targets/{file}", get(watches::target_feed))
        .route("/watch/indicators/{file}", get(watches::indicator_feed))
        .route("/watch/publications/{file}", get(watches::publication_feed))
        .route("/watch/confirm/{token}", get(watches::show_confirm).post(watches::confirm))
        .route("/watch/{token}", get(watches::show).post(watches::end_some))
        .route("/watch/{token}/end/{watch}", get(watches::show_end).post(watches::end_one))
        .route("/tasks/outbox", get(watches::show_outbox).post(watches::change_outbox))
        .merge(approvals::routes())
        .merge(completeness::routes())
        .route("/tasks/observations", get(work::list))
        .route("/tasks/observations/new", report)
        .route("/tasks/observations/import", import)
        .route("/tasks/observations/import/apply", post(work::apply_import))
        .route("/tasks/observations/import/template.csv", get(work::template_csv))
        .route("/tasks/observations/import/template.xlsx", get(work::template_xlsx))
}
