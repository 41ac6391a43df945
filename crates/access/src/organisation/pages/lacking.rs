//! `GET /tasks/organisation/completeness`: which units have not supplied their organisation.

use axum::extract::State;
use base::short_day;
use maud::{Markup, html};
use serde::Deserialize;
use territory::pages::{day_form, unit_href};
use territory::{Atlas, UnitId};
use web::pieces::{self, Column};
use web::{Asked, Frame, PageResult, Query, Section, Visitor, layout};

use super::{View, crumbs, number};
use crate::organisation::completeness::{Lack, Lacking, completeness};
use crate::organisation::model::Agency;
use crate::organisation::store as sql;

/// So many units of a group are named.
const NAMED: usize = 150;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    on: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let mut view = View::open(&atlas, asked.lang, &asking.on).await?;
    let lang = view.lang;
    let agencies = sql::agencies(&mut view.tx).await?;
    let (heads, accounts) = sql::supplied(&mut view.tx, view.on).await?;
    let levels = completeness(&view.territory, &agencies, (&heads, &accounts), view.on);
    let title = lang::organisation::lacking_title(lang);
    let body = html! {
        (crumbs(lang))
        (pieces::heading(title, Some(lang::organisation::lacking_lead(lang))))
        (day_form(lang, &view.territory, &asked.path_and_query, view.on))
        @if levels.is_empty() {
            (pieces::empty(&lang::units::none_on(lang, short_day(view.on)), None))
        } @else {
            (counts(&view, &levels))
            @for level in &levels { (groups(&view, level)) }
        }
    };
    let made_up = agencies.values().any(Agency::made_up);
    let frame = Frame::new(&asked, Section::Work, title).ground(view.ground(made_up));
    Ok(layout(&frame, body))
}

fn say(view: &View, lack: Lack) -> &'static str {
    match lack {
        Lack::Agency => lang::organisation::lack_agency(view.lang),
        Lack::Head => lang::organisation::lack_head(view.lang),
        Lack::Account => lang::organisation::lack_account(view.lang),
    }
}

fn counts(view: &View, levels: &[Lacking]) -> Markup {
    let lang = view.lang;
    let mut columns = vec![
        Column::head(lang::organisation::level(lang)),
        Column::number(lang::organisation::units(lang)),
        Column::number(lang::organisation::complete(lang)),
    ];
    columns.extend(Lack::ALL.map(|lack| Column::number(say(view, lack))));
    let rows: Vec<Vec<Markup>> = levels
        .iter()
        .map(|level| {
            let mut row = vec![
                html! { (level.level.say(lang)) },
                html! { (number(lang, level.units)) },
                html! { (number(lang, level.complete())) },
            ];
            row.extend(Lack::ALL.map(|lack| {
                let count = level.lacking.get(&lack).map_or(0, Vec::len);
                html! { (number(lang, count)) }
            }));
            row
        })
        .collect();
    pieces::table(&lang::organisation::lacking_on(lang, short_day(view.on)), &columns, &rows)
}

fn groups(view: &View, level: &Lacking) -> Markup {
    let lang = view.lang;
    let group = |lack: Lack, units: &[UnitId]| {
        let summary = format!("{} ({})", say(view, lack), number(lang, units.len()));
        let list = html! {
            ul {
                @for unit in units.iter().take(NAMED) {
                    @if let Some(version) = view.territory.at(*unit, view.on) {
                        li { a href=(unit_href(version, view.on)) { (view.territory.path(*unit, view.on).unwrap_or_default()) } }
                    }
                }
            }
            @if units.len() > NAMED {
                p { (lang::organisation::and_more(lang, number(lang, units.len() - NAMED))) }
            }
        };
        pieces::details(&summary, list)
    };
    html! {
        @if !level.lacking.is_empty() {
            h2 { (level.level.say(lang)) }
            @for (lack, units) in &level.lacking { (group(*lack, units)) }
        }
    }
}
