//! Data entry, for those who are signed in: reporting, correcting, importing, and what came last.

mod correct;
mod import;
mod list;
mod report;
mod template;
mod units;

pub(crate) use correct::{change, show_change};
pub(crate) use import::{apply as apply_import, preview as preview_import, show_import};
pub(crate) use list::list;
pub(crate) use report::{report, show_report};
pub(crate) use template::{csv as template_csv, xlsx as template_xlsx};

use base::short_day;
use maud::Markup;
use packs::{Catalogue, Measure, Nature};
use web::Ground;
use web::pieces::{self, Crumb};

use super::view::View;

/// The page above all pages of data entry.
fn crumbs(lang: lang::Lang) -> Markup {
    pieces::breadcrumbs(
        lang,
        &[
            Crumb { label: lang::nav::work(lang), href: "/tasks" },
            Crumb { label: lang::observations::title(lang), href: "/tasks/observations" },
        ],
    )
}

/// "Số hộ (số có đến ngày, hộ)".
fn measure_label(lang: lang::Lang, catalogue: &Catalogue, measure: &Measure) -> String {
    let nature = match measure.nature {
        Nature::Stock => lang::indicator::stock(lang),
        Nature::Flow => lang::indicator::flow(lang),
    };
    let counted = catalogue.counted(lang, &measure.counted);
    format!("{} ({nature}, {counted})", measure.name.say(lang))
}

/// Where a form for counts stands: each count lies on the map of its own day.
fn ground(view: &View) -> Ground {
    let lang = view.lang;
    let lines = vec![
        lang::figures::ground_work(lang).to_owned(),
        lang::web::standing_day(lang, short_day(view.today)),
    ];
    Ground { lines, made_up: view.made_up }
}
