//! The choice of the day whose map is shown.

use axum::extract::Query;
use axum::http::Uri;
use base::{Day, short_day};
use lang::Lang;
use maud::{Markup, html};
use web::ask::{link_with, link_without};
use web::pieces::{self, Field};

use crate::Territory;

/// The last day before the largest merger and the first one after it; none when nothing was merged.
#[must_use]
pub fn important_days(territory: &Territory) -> Option<(Day, Day)> {
    territory.largest_merger(Day::MAX).map(|on| (on.plus(-1), on))
}

/// The days around the largest merger and, where that is another, around the last one.
fn linked_days(territory: &Territory) -> Vec<(Day, Day)> {
    let lineage = territory.changes().iter().filter(|change| change.is_lineage());
    let last = lineage.map(|change| change.on).max().map(|on| (on.plus(-1), on));
    let mut days: Vec<(Day, Day)> = important_days(territory).into_iter().chain(last).collect();
    days.dedup();
    days
}

/// A form that asks for the map of another day, with links to the days around mergers.
///
/// `path_and_query` is the address of the present page; its other values are kept, but for the
/// place in a list, which would be another one on another day.
#[must_use]
pub fn day_form(lang: Lang, territory: &Territory, path_and_query: &str, on: Day) -> Markup {
    let kept = link_without(&link_without(path_and_query, "cursor"), "on");
    let action = kept.split('?').next().unwrap_or_default();
    let link = |day: Day, label: String| {
        html! {
            a href=(link_with(&kept, "on", &day.to_string()))
                aria-current=[(day == on).then_some("true")] { (label) }
        }
    };
    html! {
        (pieces::filter(action, html! {
            @for (name, value) in values(&kept) {
                input type="hidden" name=(name) value=(value);
            }
            (Field::new(lang, "on", lang::unit::map_day(lang)).day(&short_day(on)))
            (pieces::submit_quiet(lang::unit::show_day(lang)))
            @for (eve, day) in linked_days(territory) {
                p {
                    (link(eve, lang::unit::before_merger(lang, short_day(eve)))) " · "
                    (link(day, lang::unit::after_merger(lang, short_day(day))))
                }
            }
        }))
    }
}

/// The values of an address's query, decoded.
fn values(path_and_query: &str) -> Vec<(String, String)> {
    let uri: Option<Uri> = path_and_query.parse().ok();
    let values = uri.and_then(|uri| Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
    let values = values.map(|Query(values)| values).unwrap_or_default();
    values.into_iter().filter(|(name, _)| name != "lang").collect()
}
