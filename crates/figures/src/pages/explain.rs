//! `GET /figures/{indicator}/{unit}/{period}/explain`: how a figure came to be.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base::{Day, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Indicator, Nature};
use serde::Deserialize;
use territory::Version;
use territory::pages::{find_unit, unit_href};
use web::ask::link_with;
use web::pieces::{self, Column, Crumb};
use web::{Asked, Frame, PageResult, Path, Query, Section, layout};

use super::again::again;
use super::records;
use super::say::{self, Ground};
use super::view::{View, taken};
use crate::explain::{Behind, Explained, citation, explain, formula, permanent};
use crate::{Desk, Part, Period, find_indicator};

#[derive(Deserialize)]
pub(crate) struct Wish {
    map: Option<String>,
    known: Option<String>,
}

/// The page that explains a figure.
pub(crate) fn href(
    indicator: &Indicator,
    version: &Version,
    period: &Period,
    ground: Ground,
) -> String {
    let href = say::figure_href(indicator, version, period, ground);
    href.replacen('?', "/explain?", 1)
}

/// The name of the server as it was asked, for addresses that are written down; empty where it is
/// no name.
pub(crate) fn host(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let host = host.filter(|host| host.len() < 256 && host.chars().all(is_plain));
    host.unwrap_or_default().to_owned()
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path((code, reference, period)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let (map, known) = (wish.map.as_deref(), wish.known.as_deref());
    let mut view = View::open_anyway(&desk, &asked, map, known).await?;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let indicator = find_indicator(&catalogue, &code)?;
    let lang = view.lang;
    let title = lang::explain::title(lang);
    let mut wrong = std::mem::take(&mut view.wrong);
    let found = taken(view.period(&period), &mut wrong)?;
    let Some(period) = found.filter(|_| wrong.is_empty()) else {
        return Ok(again(&view, &asked, (Section::Indicators, title), &wrong));
    };
    let version = find_unit(&territory, &reference, view.day)?;
    let explained = explain(&mut view, indicator, version, &period).await?;
    let mut frame =
        Frame::new(&asked, Section::Indicators, title).ground(view.standing(Some(&period)));
    frame.notice = view.known_notice().or_else(|| view.running_notice(&period));
    let ground = Ground { map: view.day, known: view.known };
    let figure_href = say::figure_href(indicator, version, &period, ground);
    let name = format!("{}: {}", indicator.name.say(lang), version.full_name);
    let place: &str = &asked.place;
    let cited =
        citation(&view, (indicator, version, &period), &explained, (place, &host(&headers)));
    let page = Page { view: &view, indicator, version, period: &period, explained: &explained };
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::nav::indicators(lang), href: "/indicators" },
            Crumb { label: &name, href: &figure_href },
        ]))
        (pieces::heading(title, Some(&format!("{name}. {}.", period.title(lang)))))
        (page.value())
        h2 { (lang::explain::meaning(lang)) }
        (page.meaning())
        h2 { (lang::explain::map(lang)) }
        (page.map())
        h2 { (lang::explain::reporters(lang)) }
        (page.reporters())
        h2 { (lang::explain::entries(lang)) }
        @for behind in &explained.parts { (page.entries(behind, &figure_href)) }
        h2 { (lang::explain::seal(lang)) }
        (page.seal())
        h2 { (lang::explain::cite(lang)) }
        p { (lang::explain::cite_lead(lang)) }
        (pieces::Field::new(lang, "citation", lang::explain::cite_text(lang)).around(html! {
            textarea id="field-citation" rows="10" readonly { (cited) }
        }))
        p { a href=(permanent(&view, indicator, version, &period, &explained)) {
            (lang::explain::permanent(lang))
        } }
    };
    Ok(layout(&frame, body).into_response())
}

struct Page<'a> {
    view: &'a View,
    indicator: &'a Indicator,
    version: &'a Version,
    period: &'a Period,
    explained: &'a Explained,
}

impl Page<'_> {
    fn lang(&self) -> Lang {
        self.view.lang
    }

    fn value(&self) -> Markup {
        let (lang, figure) = (self.lang(), self.explained.figure);
        let catalogue = &self.view.catalogue;
        html! {
            (pieces::definition_list(&[
                (lang::chart::value(lang), html! {
                    strong { (say::value_of(lang, self.indicator, figure)) }
                    " " (say::flags(lang, figure))
                }),
                (lang::explain::formula(lang), html! {
                    (formula(lang, catalogue, self.indicator, figure))
                }),
                (lang::explain::days(lang), html! { (self.days()) }),
            ]))
        }
    }

    fn days(&self) -> String {
        let lang = self.lang();
        let (from, last) = (self.explained.days.from, self.explained.days.last());
        match self.explained.nature {
            Nature::Stock => lang::explain::days_stock(lang, short_day(last)),
            Nature::Flow => {
                let (from, to) = (short_day(from), short_day(last));
                lang::explain::days_flow(lang, lang::explain::DaysFlow { from, to })
            }
        }
    }

    fn meaning(&self) -> Markup {
        let lang = self.lang();
        let measure = |code: &str| {
            let found = self.view.catalogue.measure(code).map(|it| &it.definition);
            html! {
                @if let Some(it) = found {
                    (it.name.say(lang)) " ("
                    (self.view.catalogue.counted(lang, &it.counted)) "): " (it.definition.say(lang))
                }
            }
        };
        let mut terms = vec![
            (lang::indicator::definition(lang), html! { (self.indicator.definition.say(lang)) }),
            (lang::indicator::document(lang), html! { (self.indicator.document.say(lang)) }),
            (lang::drill::numerator(lang), measure(&self.indicator.numerator)),
        ];
        if let Some(below) = &self.indicator.denominator {
            terms.push((lang::drill::denominator(lang), measure(below)));
        } else {
            terms[2].0 = lang::drill::measure(lang);
        }
        pieces::definition_list(&terms)
    }

    /// On which map, and what that did to the unit.
    fn map(&self) -> Markup {
        let (lang, explained) = (self.lang(), self.explained);
        let last: Day = self.period.days.last();
        let (map, end) = (short_day(self.view.day), short_day(last));
        let is_itself = explained.events.is_empty()
            && matches!(&explained.origins[..], [one] if one.name == self.version.full_name && !one.partly);
        html! {
            p { (lang::explain::on_map(lang, lang::explain::OnMap { end: &end, map: &map })) }
            @if is_itself {
                p { (lang::explain::unchanged(lang)) }
            } @else if !explained.origins.is_empty() {
                p { (lang::explain::origins(lang, lang::explain::Origins { end, map })) }
                ul {
                    @for origin in &explained.origins {
                        li {
                            (origin.name)
                            @if let Some(code) = &origin.code { " (" (code) ")" }
                            @if origin.partly { ", " (lang::explain::partly(lang)) }
                        }
                    }
                }
            }
            @if !explained.events.is_empty() {
                ul { @for (on, what) in &explained.events { li { (short_day(*on)) ": " (what) } } }
            }
            p { a href=(unit_href(self.version, self.view.day)) { (lang::explain::to_unit(lang)) } }
        }
    }

    fn reporters(&self) -> Markup {
        let (lang, figure) = (self.lang(), self.explained.figure);
        let missing = &self.explained.missing;
        html! {
            p { (say::incomplete(lang, figure)) "." }
            @if figure.estimated { p { (lang::indicator::estimated_note(lang)) } }
            @if !missing.is_empty() {
                p { (lang::explain::missing(lang)) }
                ul { @for name in missing { li { (name) } } }
            }
        }
    }

    /// How many entries make up a part, the newest of them, and the way to all.
    fn entries(&self, behind: &Behind, figure_href: &str) -> Markup {
        let lang = self.lang();
        let name = say::measure(lang, &self.view.catalogue, &behind.measure);
        let sum = say::part(lang, &self.view.catalogue, &behind.measure, behind.sum);
        let is_below = behind.part == Part::Denominator;
        let path = match is_below {
            true => link_with(figure_href, "part", "denominator"),
            false => figure_href.to_owned(),
        };
        let count = grouped(lang, behind.postings);
        let size = self.explained.seal.as_ref().map(|seal| seal.checkpoint.size);
        let columns = [
            Column::head(lang::drill::unit(lang)),
            Column::number(lang::drill::day(lang)),
            Column::number(lang::drill::delta(lang)),
            Column::number(lang::drill::recorded(lang)),
            Column::number(lang::drill::entry_number(lang)),
            Column::text(lang::drill::proof(lang)),
        ];
        let row = |row: &journal::PostingRow| {
            let posting = row.posting;
            let proof = size.map(|size| format!("/entries/{}/proof?size={size}", row.entry));
            vec![
                records::unit(self.view, posting.unit, posting.day),
                html! { (short_day(posting.day)) },
                html! { (records::delta(lang, posting.delta)) },
                html! { (row.recorded_at.local()) },
                html! { a href={ "/entries/" (row.entry) } { (grouped(lang, row.entry)) } },
                html! { @if let Some(proof) = proof { a href=(proof) { (lang::seals::get_note(lang)) } } },
            ]
        };
        let rows: Vec<Vec<Markup>> = behind.newest.iter().map(row).collect();
        html! {
            h3 { (name) ": " (sum) }
            p {
                (lang::explain::made_of(lang, count)) " "
                a href=(link_with(&path, "list", "entries")) { (lang::drill::to_entries(lang)) }
            }
            @if !rows.is_empty() {
                (pieces::table(lang::explain::newest(lang), &columns, &rows))
            }
        }
    }

    fn seal(&self) -> Markup {
        let lang = self.lang();
        let explained = self.explained;
        html! {
            p { (lang::explain::position(lang, lang::explain::Position {
                at: explained.known.local(),
                entries: grouped(lang, explained.entries),
            })) }
            @match &explained.seal {
                None => p { (lang::explain::no_seal(lang)) },
                Some(seal) => {
                    p { (lang::explain::covered(lang)) }
                    (pieces::definition_list(&[
                        (lang::seals::entries(lang), html! {
                            (grouped(lang, i64::try_from(seal.checkpoint.size).unwrap_or(i64::MAX)))
                        }),
                        (lang::seals::sealed_at(lang), html! { (seal.sealed_at.local()) }),
                        (lang::seals::root(lang), html! { code { (seal.checkpoint.root_text()) } }),
                        (lang::seals::note(lang), html! {
                            a href={ "/seals/" (seal.checkpoint.size) } { (lang::seals::get_note(lang)) }
                        }),
                    ]))
                }
            }
            p { (lang::explain::how_to_check(lang)) br;
                code { "sogoc verify --backup FILE --checkpoint FILE --key KEY" } }
            p { (lang::seals::step_entry(lang)) br; code { "sogoc verify --proof FILE --key KEY" } }
            p { a href="/seals" { (lang::drill::about_seals(lang)) } }
        }
    }
}
