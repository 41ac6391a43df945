//! `GET /campaigns/{code}/{round}/{group}/{unit}`: one unit, every point with the figures behind it,
//! what was added or taken away, what it explained and appealed against.

use std::collections::HashMap;

use axum::extract::State;
use base::{Error, Moment, grouped, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use territory::pages::{find_unit, unit_href};
use territory::{Level, Version};
use web::pieces::{self, Badge, Column};
use web::{Asked, Frame, Notice, PageResult, Path, Query, Section, layout};

use super::super::say as figures;
use super::super::view::Known;
use super::ranking::{Sheet, former, place};
use super::say;
use crate::campaigns::{Adjustment, AskedOf, Filing, FilingKind, Kept, Line, Scored, records_of};
use crate::{Desk, Figure, Period};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// What was just done.
    done: String,
    /// A former freeze.
    version: Option<i64>,
}

/// Who recorded an entry, and when.
type Recordings = HashMap<i64, (Moment, String)>;

pub(super) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path((code, round, group, reference)): Path<(String, String, String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult {
    let what = (code.as_str(), round.as_str(), group.as_str());
    let mut sheet = Sheet::open_at(&desk, &asked, what, wish.version).await?;
    let territory = sheet.board.view.territory.clone();
    let version = find_unit(&territory, &reference, sheet.board.view.day)?;
    let found = sheet.of(sheet.standing.shown()).and_then(|it| it.line(version.unit)).cloned();
    let line = found.ok_or_else(|| Error::not_found(lang::campaigns::no_unit))?;
    let (added, filed) = records_of(&mut sheet.board.view.tx, what, version.unit).await?;
    let entries = added.iter().map(|it| it.record.entry);
    let entries: Vec<i64> = entries.chain(filed.iter().map(|it| it.record.entry)).collect();
    let made = journal::recordings(&mut sheet.board.view.tx, &entries).await?;
    let view = &sheet.board.view;
    let lang = view.lang;
    let title = format!("{}: {}", line.name, sheet.period.title(lang));
    let ground = sheet.board.ground(Some(&sheet.period));
    let mut frame = Frame::new(&asked, Section::Campaigns, &*title).ground(ground);
    if !wish.done.is_empty() {
        frame = frame.notice(Notice::Done(lang::campaigns::done(lang).to_owned()));
    }
    let (here, above) = (sheet.board.href(), sheet.href());
    let campaign = sheet.board.campaign.title.say(lang);
    let mut crumbs = sheet.board.crumbs(&here, campaign);
    let group_title = sheet.title();
    crumbs.push(pieces::Crumb { label: &group_title, href: &above });
    let is_signed_in = asked.visitor.is_some();
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::heading(&title, None))
        (say::warnings(lang, &sheet.standing.shown().rules, view.made_up))
        (former(&sheet))
        (result(&sheet, version, &line))
        h2 { (lang::campaigns::points_by_criterion(lang)) }
        (criteria(&sheet, version, &line))
        h2 { (lang::campaigns::adjustments(lang)) }
        (adjustments(&sheet, &added, &made, is_signed_in))
        h2 { (lang::campaigns::filings(lang)) }
        (filings(&sheet, &filed, &made, is_signed_in))
        @if is_signed_in { (acts(&sheet, &line)) }
    };
    Ok(layout(&frame, body))
}

/// Place, points, class; and what they would be today.
fn result(sheet: &Sheet, version: &Version, line: &Line) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let rules = &sheet.standing.shown().rules;
    let above = view.territory.ancestors(version.unit, view.day);
    let above: Vec<&str> = above
        .iter()
        .filter(|version| version.kind.level() > Level::Province)
        .map(|version| &*version.full_name)
        .collect();
    let mut facts = vec![
        (
            lang::chart::unit(lang),
            html! {
                a href=(unit_href(version, view.day)) { (line.name) }
                @if !above.is_empty() { ", " (above.join(", ")) }
            },
        ),
        (
            lang::campaigns::state(lang),
            say::state(lang, sheet.standing.head(), &sheet.period, view.today),
        ),
        (
            lang::campaigns::place(lang),
            html! {
                @if line.place.is_some() { strong { (place(lang, line)) } }
                @else { (lang::campaigns::no_data_no_place(lang)) }
                @if line.shared_by > 1 {
                    " (" (lang::campaigns::shared(lang, grouped(lang, count(line.shared_by)))) ")"
                }
            },
        ),
        (lang::campaigns::total(lang), html! { strong { (say::points(lang, line.total)) } }),
        (lang::campaigns::class(lang), html! { (say::class(lang, rules, line.class.as_deref())) }),
        (
            lang::campaigns::moved(lang),
            html! { (say::movement(lang, sheet.place_before(version.unit), line.place)) },
        ),
    ];
    if let Some(now) = sheet.today(line) {
        let now = lang::campaigns::StandsToday {
            place: place(lang, now),
            total: say::points(lang, now.total),
        };
        facts.push((
            lang::campaigns::today(lang),
            html! { (lang::campaigns::stands_today(lang, now)) },
        ));
    }
    pieces::definition_list(&facts)
}

/// Every point with its figures.
fn criteria(sheet: &Sheet, version: &Version, line: &Line) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let Some(ranking) = sheet.of(sheet.standing.shown()) else { return html! {} };
    // The rules of today may have other criteria, or the same in another order.
    let asked_now = sheet.of(&sheet.standing.live).map_or(&[][..], |ranking| &ranking.asked[..]);
    let today = sheet.today(line).map(|now| by_criterion(asked_now, &now.scores));
    let mut columns = vec![
        Column::head(lang::campaigns::criterion(lang)),
        Column::number(lang::campaigns::achieved(lang)),
        Column::number(lang::campaigns::of_which(lang)),
        Column::number(lang::targets::wanted(lang)),
        Column::number(lang::campaigns::points(lang)),
        Column::text(lang::campaigns::how(lang)),
    ];
    if today.is_some() {
        columns.push(Column::number(lang::campaigns::today(lang)));
    }
    let rows: Vec<Vec<Markup>> = ranking
        .asked
        .iter()
        .zip(&line.scores)
        .map(|(asked, score)| {
            let mut row = criterion(sheet, version, asked, score);
            if let Some(today) = &today {
                let now = today.get(asked.criterion.as_str()).copied();
                row.push(changed(sheet, asked, score, now));
            }
            row
        })
        .collect();
    let sum: i64 = line.scores.iter().filter_map(|score| score.points).sum();
    let sum = lang::campaigns::SumOf {
        adjusted: say::signed(lang, line.adjusted),
        points: say::points(lang, sum),
        total: say::points(lang, line.total),
    };
    html! {
        (pieces::table(lang::campaigns::points_by_criterion(lang), &columns, &rows))
        p { (lang::campaigns::sum_of(lang, sum)) }
    }
}

/// The scores of a line by the codes of their criteria.
fn by_criterion<'a>(asked: &'a [AskedOf], scores: &'a [Scored]) -> HashMap<&'a str, &'a Scored> {
    asked.iter().map(|asked| asked.criterion.as_str()).zip(scores).collect()
}

fn criterion(sheet: &Sheet, version: &Version, asked: &AskedOf, score: &Scored) -> Vec<Markup> {
    let view = &sheet.board.view;
    let lang = view.lang;
    let rules = &sheet.standing.shown().rules;
    let own = rules.criteria.iter().find(|it| it.code == asked.criterion);
    let indicator = own.and_then(|own| view.catalogue.indicator(&own.indicator));
    let Some((own, indicator)) = own.zip(indicator) else { return Vec::new() };
    let period = Period::parse(&asked.period, &view.catalogue.calendars()).ok();
    // A figure as it was known when the round was frozen, which whole days can name only later.
    let frozen = sheet.standing.state().filter(|state| state.frozen.is_some());
    let known = frozen.map(|state| state.on).filter(|on| *on < view.today).map(Known::Day);
    let ground = figures::Ground { map: view.day, known };
    let href = period
        .as_ref()
        .map(|period| figures::figure_href(indicator, version, period, ground))
        .unwrap_or_default();
    let figure = Figure {
        numerator: score.numerator,
        denominator: score.denominator,
        estimated: score.estimated,
        reported: score.reported,
        expected: score.expected,
        hidden: false,
    };
    let part = |measure: &str, value| figures::part(lang, &view.catalogue, measure, value);
    vec![
        html! {
            (own.code) ". " (own.title.say(lang))
            @if let Some(period) = period.as_ref().filter(|it| it.code != sheet.period.code) {
                span.quiet { " (" (lang::campaigns::so_far_in(lang, period.short(lang))) ")" }
            }
        },
        html! { a href=(href) { (figures::value_of(lang, indicator, figure)) } },
        html! {
            @if let Some(below) = &indicator.denominator {
                @if score.numerator.is_some() {
                    (part(&indicator.numerator, score.numerator)) " / "
                    (part(below, score.denominator))
                }
            }
        },
        html! { (say::wanted(lang, Some(indicator), asked.wanted)) },
        html! {
            @match score.points {
                Some(points) => { strong { (say::points(lang, points)) } }
                None => { "–" }
            }
        },
        html! {
            (say::formula(lang, indicator, asked, score)) " "
            (figures::flags(lang, figure))
        },
    ]
}

/// What a criterion would give today, where that is something else.
fn changed(sheet: &Sheet, asked: &AskedOf, then: &Scored, now: Option<&Scored>) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let Some(now) = now.filter(|now| *now != then) else { return html! {} };
    let rules = &sheet.standing.shown().rules;
    let own = rules.criteria.iter().find(|it| it.code == asked.criterion);
    let indicator = own.and_then(|own| view.catalogue.indicator(&own.indicator));
    html! {
        @if let Some(points) = now.points { (say::points(lang, points)) " · " }
        (say::wanted(lang, indicator, now.achieved))
    }
}

fn adjustments(
    sheet: &Sheet,
    added: &[Kept<Adjustment>],
    made: &Recordings,
    is_signed_in: bool,
) -> Markup {
    let lang = sheet.board.view.lang;
    if added.is_empty() {
        return pieces::empty(lang::campaigns::nothing_adjusted(lang), None);
    }
    let known = sheet.standing.state().filter(|it| it.frozen.is_some()).map(|it| it.known);
    let columns = [
        Column::head(lang::campaigns::kind(lang)),
        Column::number(lang::campaigns::points(lang)),
        Column::text(lang::observations::reason(lang)),
        Column::text(lang::observations::evidence(lang)),
        Column::text(lang::drill::by(lang)),
        Column::text(lang::campaigns::state(lang)),
    ];
    let row = |kept: &Kept<Adjustment>| {
        let (record, it) = (&kept.record, &kept.body);
        let title = sheet.board.campaign.adjustment(&it.kind);
        let here = format!("/campaign-adjustments/{}", record.id);
        vec![
            html! { (title.map_or(&*it.kind, |kind| kind.title.say(lang))) },
            html! { (say::signed(lang, it.points)) },
            html! {
                (say::lines(&it.reason))
                @if it.filing.is_some() { " (" (lang::campaigns::from_filing(lang)) ")" }
            },
            evidence(it.file.as_deref(), &format!("{here}/evidence"), is_signed_in),
            by(lang, record.entry, made),
            html! {
                @match &it.withdrawn {
                    Some(reason) => { (lang::campaigns::withdrawn_because(lang, reason)) }
                    None if known.is_some_and(|known| record.entry > known) => {
                        (pieces::badge(lang, Badge::Warning(lang::campaigns::next_freeze(lang))))
                    }
                    None => { (lang::campaigns::counts(lang)) }
                }
                @if is_signed_in && it.withdrawn.is_none() {
                    " " a href={ (here) "/withdraw" } { (lang::campaigns::withdraw(lang)) }
                }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = added.iter().map(row).collect();
    pieces::table(lang::campaigns::adjustments(lang), &columns, &rows)
}

fn filings(sheet: &Sheet, filed: &[Kept<Filing>], made: &Recordings, is_signed_in: bool) -> Markup {
    let lang = sheet.board.view.lang;
    let state = sheet.standing.state().filter(|state| state.frozen.is_some());
    let columns = [
        Column::head(lang::campaigns::what(lang)),
        Column::text(lang::campaigns::content(lang)),
        Column::text(lang::observations::evidence(lang)),
        Column::text(lang::drill::by(lang)),
        Column::number(lang::campaigns::due(lang)),
        Column::text(lang::campaigns::decision(lang)),
    ];
    let row = |kept: &Kept<Filing>| {
        let (record, it) = (&kept.record, &kept.body);
        let here = format!("/campaign-filings/{}", record.id);
        vec![
            html! { (say::filing_kind(lang, it.kind)) },
            html! { (say::lines(&it.text)) span.quiet { " – " (it.by) } },
            evidence(it.file.as_deref(), &format!("{here}/evidence"), is_signed_in),
            by(lang, record.entry, made),
            html! { (short_day(it.due_on)) },
            html! {
                @match &it.decision {
                    Some(decision) => {
                        strong { (say::outcome(lang, decision.outcome)) } ": "
                        (say::lines(&decision.reason))
                    }
                    None => {
                        (pieces::badge(lang, Badge::Warning(lang::campaigns::not_decided(lang))))
                        @if is_signed_in {
                            " " a href={ (here) "/decide" } { (lang::campaigns::decide(lang)) }
                        }
                    }
                }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = filed.iter().map(row).collect();
    html! {
        @if let Some(state) = state {
            p {
                (lang::campaigns::open_until(lang, lang::campaigns::OpenUntil {
                    appeal: short_day(state.due_on(FilingKind::Appeal)),
                    explain: short_day(state.due_on(FilingKind::Explanation)),
                }))
            }
        } @else {
            p { (lang::campaigns::only_when_frozen(lang)) }
        }
        @if !rows.is_empty() { (pieces::table(lang::campaigns::filings(lang), &columns, &rows)) }
    }
}

/// What the signed-in may do.
fn acts(sheet: &Sheet, line: &Line) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let here = sheet.unit_href(line);
    let state = sheet.standing.state().filter(|state| state.frozen.is_some());
    let may = |kind| state.is_some_and(|state| view.today <= state.due_on(kind));
    html! {
        h2 { (lang::campaigns::acts(lang)) }
        ul {
            @if !sheet.board.campaign.adjustments.is_empty() {
                li { a href={ (here) "/adjust" } { (lang::campaigns::adjust(lang)) } }
            }
            @if may(FilingKind::Explanation) {
                li { a href={ (here) "/explain" } { (lang::campaigns::file_explanation(lang)) } }
            }
            @if may(FilingKind::Appeal) {
                li { a href={ (here) "/appeal" } { (lang::campaigns::file_appeal(lang)) } }
            }
        }
    }
}

/// The name of a file, as a link for the signed-in: papers may name people.
fn evidence(name: Option<&str>, href: &str, is_signed_in: bool) -> Markup {
    html! {
        @match name {
            Some(name) if is_signed_in => { a href=(href) { (name) } }
            Some(name) => { (name) }
            None => { "–" }
        }
    }
}

fn by(lang: lang::Lang, entry: i64, made: &Recordings) -> Markup {
    html! {
        @if let Some((at, actor)) = made.get(&entry) {
            (actor) ", " (at.local()) " (" a href={ "/entries/" (entry) } {
                (lang::overview::entry(lang, grouped(lang, entry)))
            } ")"
        }
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
