//! `GET /targets`: what was decided, how far it has come, and what is behind.

use std::cmp::Reverse;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Day, FieldError, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Plan, Target};
use serde::Deserialize;
use territory::pages::unit_href;
use territory::{Level, UnitId, Version};
use web::ask::link_with;
use web::pieces::{self, Badge, Column, Field};
use web::{Asked, Frame, Notice, PageResult, Query, Section, layout};

use super::view::{Known, View, read_day, taken};
use super::{charts, say};
use crate::targets::{Course, Followed, Stage, Standing, Status, follow, stage};
use crate::{Desk, Period};

/// So many units that are behind are named at first.
const MOST_BEHIND: usize = 12;

#[derive(Deserialize)]
pub(crate) struct Wish {
    pub(crate) on: Option<String>,
    pub(crate) map: Option<String>,
    pub(crate) known: Option<String>,
}

/// A page of targets: the view on the map of the day, and the day.
pub(crate) struct Board {
    pub(crate) view: View,
    pub(crate) on: Day,
    /// The day of the map, if one is named.
    map: Option<Day>,
    pub(crate) wrong: Vec<FieldError>,
}

impl Board {
    /// Opens the map of the day that is asked about, unless another one is named.
    pub(crate) async fn open(desk: &Desk, asked: &Asked, wish: &Wish) -> Result<Self> {
        let mut wrong = Vec::new();
        let today = desk.clock().today();
        let on = taken(read_day("on", wish.on.as_deref()), &mut wrong)?.flatten().unwrap_or(today);
        let named = wish.map.as_deref().map(str::trim).filter(|map| !map.is_empty());
        let map = named.map_or_else(|| on.to_string(), ToOwned::to_owned);
        let mut view = View::open_anyway(desk, asked, Some(&map), wish.known.as_deref()).await?;
        wrong.append(&mut view.wrong);
        let map = named.map(|_| view.day);
        Ok(Self { view, on, map, wrong })
    }

    /// The figures of a target; none where nothing measures it.
    pub(crate) async fn follow(
        &mut self,
        plan: &Plan,
        target: &Target,
    ) -> Result<Option<Followed>> {
        let view = &mut self.view;
        let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
        let days = (self.on, self.map);
        let seen = (view.known.map(Known::moment), view.sight);
        follow(&mut view.tx, &atlas, &catalogue, (plan, target), days, seen).await
    }

    /// Says that nothing here blames anybody, where the data were made up.
    pub(crate) fn made_up(&self) -> Markup {
        let lang = self.view.lang;
        let warning = Notice::Warning(lang::targets::made_up(lang).to_owned());
        html! { @if self.view.made_up { (pieces::notice(lang, &warning)) } }
    }

    /// The form for the day.
    pub(crate) fn day_form(&self, path: &str, wish: &Wish) -> Markup {
        let lang = self.view.lang;
        let typed = wish.on.as_deref().unwrap_or_default();
        let (shown, known) = match self.wrong.is_empty() {
            true => (short_day(self.on), self.view.known.map(Known::typed).unwrap_or_default()),
            false => (typed.to_owned(), wish.known.clone().unwrap_or_default()),
        };
        pieces::filter(
            path,
            html! {
                (Field::new(lang, "on", lang::targets::on(lang)).errors(&self.wrong).day(&shown))
                (Field::new(lang, "known", lang::indicator::known(lang)).optional()
                    .errors(&self.wrong).day(&known))
                (pieces::submit_quiet(lang::indicator::look(lang)))
            },
        )
    }

    /// Links keep the day, and what was known.
    pub(crate) fn href(&self, target: &Target) -> String {
        let ground = say::Ground { map: self.view.day, known: self.view.known };
        let href = ground.keep(&format!("/targets/{}", target.code));
        if self.on == self.view.today { href } else { link_with(&href, "on", &self.on.to_string()) }
    }
}

/// A target on the board.
struct Row<'a> {
    plan: &'a Plan,
    target: &'a Target,
    followed: Option<Followed>,
    /// The province on the map of its figures.
    top: Option<Version>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let mut board = Board::open(&desk, &asked, &wish).await?;
    let lang = asked.lang;
    let title = lang::targets::title(lang);
    let frame = Frame::new(&asked, Section::Targets, title);
    if !board.wrong.is_empty() {
        let body = html! {
            (pieces::question_summary(lang, &board.wrong))
            (pieces::heading(title, Some(lang::targets::lead(lang))))
            (board.day_form("/targets", &wish))
        };
        let page = layout(&frame, body);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let catalogue = board.view.catalogue.clone();
    let mut rows = Vec::new();
    for (plan, target) in catalogue.targets() {
        let followed = board.follow(plan, target).await?;
        let top = followed.as_ref().and_then(|followed| board.view.top(&followed.answer)).cloned();
        rows.push(Row { plan, target, followed, top });
    }
    let mut frame =
        frame.ground(board.view.standing(Period::last_quarters(None, board.on, 1).first()));
    frame.notice = board.view.known_notice();
    let plans = |wanted: Stage| {
        let plans = catalogue.plans().into_iter();
        plans.filter(move |plan| stage(plan, board.on) == wanted).collect::<Vec<_>>()
    };
    let body = html! {
        (pieces::heading(title, Some(lang::targets::lead(lang))))
        (board.made_up())
        (board.day_form("/targets", &wish))
        @if !catalogue.indexes().is_empty() {
            p {
                (lang::indexes::from_targets(lang)) " "
                a href="/indexes" { (lang::indexes::title(lang)) }
            }
        }
        h2 { (lang::targets::behind(lang)) }
        (behind(&board, &rows))
        @for (wanted, heading) in [
            (Stage::Followed, lang::targets::followed(lang)),
            (Stage::Over, lang::targets::over(lang)),
            (Stage::ToCome, lang::targets::to_come(lang)),
        ] {
            @let plans = plans(wanted);
            @if !plans.is_empty() { h2 { (heading) } }
            @for plan in plans {
                (plan_of(&board, plan, &rows))
            }
        }
    };
    Ok(layout(&frame, body).into_response())
}

/// What is behind now, where, who answers for it, and since when; the province first.
fn behind(board: &Board, rows: &[Row<'_>]) -> Markup {
    let view = &board.view;
    let lang = view.lang;
    let mut found = Vec::new();
    for row in rows.iter().filter(|row| stage(row.plan, board.on) == Stage::Followed) {
        let Some(followed) = &row.followed else { continue };
        for version in units(view, followed, row.top.as_ref()) {
            let level = version.kind.level();
            let Some(course) = followed.course(version.unit, level) else { continue };
            if matches!(course.standing.status, Status::Behind | Status::Missed) {
                found.push((row, version, course, followed));
            }
        }
    }
    if found.is_empty() {
        return pieces::empty(lang::targets::nothing_behind(lang), None);
    }
    // The widest unit first, then who has been behind for longest, then who is furthest behind.
    found.sort_by_key(|(_, version, course, _)| {
        let since = course.standing.behind_since;
        (version.kind.level() != Level::Province, since, Reverse(permille_missing(course)))
    });
    let columns = [
        Column::head(lang::targets::target(lang)),
        Column::text(lang::chart::unit(lang)),
        Column::number(lang::targets::latest(lang)),
        Column::number(lang::targets::wanted(lang)),
        Column::number(lang::targets::since(lang)),
        Column::text(lang::targets::agency(lang)),
    ];
    let line = |(row, version, course, followed): &(&Row<'_>, &Version, Course<'_>, &Followed)| {
        let standing = &course.standing;
        vec![
            html! { a href=(board.href(row.target)) { (row.target.title.say(lang)) } },
            html! { a href=(unit_href(version, view.day)) { (say::label(view, version)) } },
            html! { (value(lang, followed, standing.latest.map(|(_, value)| value))) },
            html! { (value(lang, followed, Some(course.wanted))) },
            html! { @if let Some(since) = standing.behind_since { (short_day(since)) } },
            html! { (row.target.agency.as_ref().unwrap_or(&row.plan.agency).say(lang)) },
        ]
    };
    let lines: Vec<Vec<Markup>> = found.iter().map(line).collect();
    let (first, rest) = lines.split_at(lines.len().min(MOST_BEHIND));
    html! {
        (pieces::table(lang::targets::behind_list(lang), &columns, first))
        @if !rest.is_empty() {
            (pieces::details(
                &lang::targets::more_behind(lang, grouped(lang, count(rest.len()))),
                pieces::table(lang::targets::behind_list(lang), &columns, rest),
            ))
        }
    }
}

/// How much is missing of what is wanted; where less is better, how much is too much.
fn permille_missing(course: &Course<'_>) -> i64 {
    let missing = course.standing.missing.unwrap_or(0).saturating_abs();
    missing.saturating_mul(1000) / course.wanted.max(1)
}

/// The province and its communes that report, as far as the target speaks of them.
pub(crate) fn units<'a>(
    view: &'a View,
    followed: &Followed,
    top: Option<&'a Version>,
) -> Vec<&'a Version> {
    let last = followed.periods.len().saturating_sub(1);
    let under: Option<UnitId> = top.map(|top| top.unit);
    let communes = view.reported(&followed.answer, under, Level::Commune, last);
    top.into_iter().chain(communes.into_iter().map(|(version, _)| version)).collect()
}

/// A plan with its targets.
fn plan_of(board: &Board, plan: &Plan, rows: &[Row<'_>]) -> Markup {
    let lang = board.view.lang;
    let columns = [
        Column::head(lang::targets::target(lang)),
        Column::text(lang::targets::status(lang)),
        Column::number(lang::targets::latest(lang)),
        Column::number(lang::targets::wanted(lang)),
        Column::number(lang::targets::by(lang)),
        Column::number(lang::targets::forecast(lang)),
        Column::text(lang::targets::communes(lang)),
    ];
    let own: Vec<Vec<Markup>> =
        rows.iter().filter(|row| row.plan.code == plan.code).map(|row| line(board, row)).collect();
    let mut own_rows = rows.iter().filter(|row| row.plan.code == plan.code);
    let map = own_rows.find_map(|row| Some(row.followed.as_ref()?.map()));
    html! {
        section {
            h3 { (plan.title.say(lang)) }
            p { (plan.document.say(lang)) ". " (lang::targets::answers(lang, plan.agency.say(lang))) }
            @if let Some(note) = &plan.note { p.quiet { (note.say(lang)) } }
            @if let Some(map) = map.filter(|map| *map != board.view.day) {
                p.quiet { (lang::targets::on_map(lang, short_day(map))) }
            }
            (pieces::table(lang::targets::of_plan(lang), &columns, &own))
        }
    }
}

fn line(board: &Board, row: &Row<'_>) -> Vec<Markup> {
    let lang = board.view.lang;
    let name = html! {
        a href=(board.href(row.target)) { (row.target.title.say(lang)) }
        @if row.target.ambiguous.is_some() {
            " " (pieces::badge(lang, Badge::Warning(lang::targets::ambiguous(lang))))
        }
    };
    let course =
        row.followed.as_ref().zip(row.top.as_ref()).and_then(|(followed, top)| {
            Some((followed, followed.course(top.unit, top.kind.level())?))
        });
    let Some((followed, course)) = course else {
        let first = row.target.values.first();
        let none = || html! { "–" };
        let why = match row.target.indicator {
            Some(_) => lang::targets::not_for_province(lang),
            None => lang::targets::unmeasured(lang),
        };
        return vec![
            name,
            pieces::badge(lang, Badge::Neutral(why)),
            none(),
            html! { @if let Some(first) = first { (wanted(board, row.target, &first.value)) } },
            html! { @if let Some(first) = first { (short_day(first.by())) } },
            none(),
            none(),
        ];
    };
    let standing = &course.standing;
    let shown = |scaled: Option<i64>| value(lang, followed, scaled);
    let reached = units(&board.view, followed, row.top.as_ref())
        .into_iter()
        .filter(|version| version.kind.level() == Level::Commune)
        .filter_map(|version| followed.course(version.unit, Level::Commune))
        .fold((0, 0), |(reached, all), course| {
            (reached + usize::from(course.standing.status == Status::Reached), all + 1)
        });
    vec![
        name,
        status_badge(lang, standing),
        html! { (shown(standing.latest.map(|(_, value)| value))) },
        html! { (shown(Some(course.wanted))) },
        html! { (short_day(course.value.by())) },
        html! { (shown(standing.forecast)) },
        html! {
            @if reached.1 > 0 {
                (lang::targets::reached_of(lang, lang::targets::ReachedOf {
                    all: grouped(lang, count(reached.1)),
                    reached: grouped(lang, count(reached.0)),
                }))
            }
        },
    ]
}

/// What is wanted, in percent unless a count measures it.
pub(crate) fn wanted(board: &Board, target: &Target, value: &str) -> String {
    let catalogue = &board.view.catalogue;
    let indicator = target.indicator.as_deref().and_then(|code| catalogue.indicator(code));
    match indicator {
        Some(indicator) if indicator.denominator.is_none() => value.to_owned(),
        _ => charts::wanted_words(board.view.lang, value),
    }
}

/// The status in one word.
pub(crate) fn status_badge(lang: Lang, standing: &Standing) -> Markup {
    let badge = match standing.status {
        Status::Reached => Badge::Neutral(lang::targets::reached(lang)),
        Status::OnTrack => Badge::Neutral(lang::targets::on_track(lang)),
        Status::TooFew => Badge::Neutral(lang::targets::too_few(lang)),
        Status::Behind => Badge::Warning(lang::targets::is_behind(lang)),
        Status::Missed => Badge::Warning(lang::targets::missed(lang)),
        Status::NoData if standing.is_over => Badge::Neutral(lang::targets::over_no_data(lang)),
        Status::NoData => Badge::NoData,
    };
    pieces::badge(lang, badge)
}

/// A value of the target's indicator, or a dash.
pub(crate) fn value(lang: Lang, followed: &Followed, scaled: Option<i64>) -> String {
    scaled.map_or_else(|| "–".to_owned(), |scaled| say::value(lang, &followed.indicator, scaled))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
