//! `GET /targets/{code}`: one target, what it wants, how far every unit has come.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Error, decimal, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Plan, TargetValue};
use territory::pages::unit_href;
use territory::{Level, Version};
use web::chart::{Stretch, Target};
use web::pieces::{self, Badge, Column, Crumb};
use web::{Asked, Frame, Notice, PageResult, Path, Query, Section, layout};

use super::targets::{Board, Wish, status_badge, units, value, wanted};
use super::{charts, say, watches};
use crate::targets::{Course, Followed, Status};
use crate::watches::Topic;
use crate::{Desk, Period};

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let mut board = Board::open(&desk, &asked, &wish).await?;
    let lang = asked.lang;
    let catalogue = board.view.catalogue.clone();
    let found = catalogue.targets().into_iter().find(|(_, target)| target.code == code);
    let (plan, target) = found.ok_or_else(|| Error::not_found(lang::targets::no_target))?;
    let title = target.title.say(lang);
    let path = format!("/targets/{}", target.code);
    let frame = Frame::new(&asked, Section::Targets, title);
    let crumbs = [Crumb { label: lang::targets::title(lang), href: "/targets" }];
    if !board.wrong.is_empty() {
        let body = html! {
            (pieces::breadcrumbs(lang, &crumbs))
            (pieces::question_summary(lang, &board.wrong))
            (pieces::heading(title, Some(target.said.say(lang))))
            (board.day_form(&path, &wish))
        };
        let page = layout(&frame, body);
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let followed = board.follow(plan, target).await?;
    if let Some(followed) = &followed {
        board.view.day = followed.map();
    }
    let top = followed.as_ref().and_then(|followed| board.view.top(&followed.answer)).cloned();
    let last = followed.as_ref().and_then(|followed| followed.periods.last());
    let mut frame = frame.ground(board.view.standing(last));
    frame.notice = board.view.known_notice();
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::heading(title, Some(target.said.say(lang))))
        (board.made_up())
        @if let Some(words) = &target.ambiguous {
            (pieces::notice(lang, &Notice::Warning(words.say(lang).to_owned())))
        }
        @if let Some(words) = &target.unmeasured {
            (pieces::notice(lang, &Notice::Note(words.say(lang).to_owned())))
        }
        (board.day_form(&path, &wish))
        @if let (Some(followed), Some(top)) = (&followed, &top) {
            (progress(&board, followed, top))
            h2 { (lang::targets::by_unit(lang)) }
            (by_unit(&board, followed, top))
        }
        h2 { (lang::targets::decided(lang)) }
        (decided(&board, plan, target))
        @if let (Some(followed), Some(top)) = (&followed, &top) {
            (watch(&board, followed, top))
        }
    };
    Ok(layout(&frame, body).into_response())
}

/// Offers to watch the target, of the units for which it sets something.
fn watch(board: &Board, followed: &Followed, top: &Version) -> Markup {
    let topic = Topic::Target(followed.target.code.clone());
    let units = units(&board.view, followed, Some(top)).into_iter();
    let has_course =
        |version: &&Version| followed.course(version.unit, version.kind.level()).is_some();
    watches::offer(&board.view, &topic, &units.filter(has_course).collect::<Vec<_>>())
}

/// How far the province has come, and how it will go on.
fn progress(board: &Board, followed: &Followed, top: &Version) -> Markup {
    let view = &board.view;
    let lang = view.lang;
    let Some(course) = followed.course(top.unit, top.kind.level()) else { return html! {} };
    let figures: Vec<_> =
        (0..followed.periods.len()).map(|at| followed.answer.get(top.unit, at)).collect();
    let name = top.full_name.as_str();
    let line = followed.periods.last().map(|last| {
        let shown = (None, followed.periods.as_slice(), last);
        let target = Target {
            value: say::number(&followed.indicator, course.wanted),
            shown: value(lang, followed, Some(course.wanted)),
        };
        // What happened in quarters adds up to it, and no quarter by itself can be held to it.
        let is_share = followed.indicator.denominator.is_some();
        let from = course.value.from(&followed.plan);
        let holds = |period: &Period| from <= period.days.last();
        let first = followed.periods.iter().position(holds).filter(|_| is_share);
        let end = followed.periods.len();
        let targets = first.map(|first| Stretch { at: first..end, target });
        let targets: Vec<Stretch> = targets.into_iter().collect();
        charts::line(view, &followed.indicator, (name, targets), shown, &figures)
    });
    html! {
        h2 { (name) }
        p { (status_badge(lang, &course.standing)) " " (sentence(lang, followed, &course)) }
        (pieces::definition_list(&terms(lang, followed, &course)))
        @if let Some(line) = line { (line) }
        p {
            a href=(say::indicator_href(&followed.indicator)) { (lang::targets::to_indicator(lang)) }
        }
    }
}

/// The status as a sentence.
fn sentence(lang: Lang, followed: &Followed, course: &Course<'_>) -> String {
    let standing = &course.standing;
    let wanted = value(lang, followed, Some(course.wanted));
    let by = short_day(course.value.by());
    match (standing.status, standing.behind_since) {
        (Status::Reached, _) => lang::targets::says_reached(lang, wanted),
        (Status::OnTrack, _) => match standing.expected.filter(|_| standing.forecast.is_none()) {
            Some(expected) => {
                let expected = value(lang, followed, Some(expected));
                lang::targets::says_ahead(lang, lang::targets::SaysAhead { by, expected, wanted })
            }
            None => lang::targets::says_on_track(lang, lang::targets::SaysOnTrack { by, wanted }),
        },
        (Status::TooFew, _) => {
            lang::targets::says_too_few(lang, lang::targets::SaysTooFew { by, wanted })
        }
        (Status::Behind, Some(since)) => {
            let since = short_day(since);
            match standing.expected.filter(|_| standing.forecast.is_none()) {
                Some(expected) => {
                    let expected = value(lang, followed, Some(expected));
                    let say = lang::targets::SaysBelow { by, expected, since, wanted };
                    lang::targets::says_below(lang, say)
                }
                None => lang::targets::says_behind(
                    lang,
                    lang::targets::SaysBehind { by, since, wanted },
                ),
            }
        }
        (Status::Behind | Status::Missed, _) => {
            lang::targets::says_missed(lang, lang::targets::SaysMissed { by, wanted })
        }
        (Status::NoData, _) if standing.is_over => lang::targets::says_over_no_data(lang, by),
        (Status::NoData, _) => lang::targets::says_no_data(lang).to_owned(),
    }
}

fn terms<'a>(lang: Lang, followed: &Followed, course: &Course<'_>) -> Vec<(&'a str, Markup)> {
    let standing = &course.standing;
    let shown = |scaled: Option<i64>| value(lang, followed, scaled);
    let points = |scaled: Option<i64>| html! { (difference(lang, followed, scaled)) };
    let latest = match standing.latest {
        Some((day, scaled)) => {
            html! { (shown(Some(scaled))) " (" (lang::targets::at_end(lang, short_day(day))) ")" }
        }
        None => pieces::badge(lang, Badge::NoData),
    };
    let forecast = html! {
        (shown(standing.forecast))
        @if standing.forecast.is_some() {
            " (" (lang::targets::method(lang, grouped(lang, count(standing.forecast_points)))) ")"
        }
    };
    vec![
        (lang::targets::latest(lang), latest),
        (lang::targets::expected(lang), html! { (shown(standing.expected)) }),
        (lang::targets::missing(lang), points(standing.missing)),
        (lang::targets::pace_needed(lang), points(standing.pace_needed)),
        (lang::targets::pace(lang), points(standing.pace)),
        (lang::targets::forecast(lang), forecast),
    ]
}

/// So many points, or so many more; a dash where nothing is missing.
fn difference(lang: Lang, followed: &Followed, scaled: Option<i64>) -> String {
    match (scaled.filter(|scaled| *scaled != 0), &followed.indicator.denominator) {
        (None, _) => "–".to_owned(),
        (Some(scaled), None) => grouped(lang, scaled),
        (Some(scaled), Some(_)) => {
            lang::figures::points(lang, decimal(lang, scaled, followed.indicator.decimals))
        }
    }
}

/// Every commune, those behind for longest first.
fn by_unit(board: &Board, followed: &Followed, top: &Version) -> Markup {
    let view = &board.view;
    let lang = view.lang;
    let mut rows: Vec<(&Version, Course<'_>)> = units(view, followed, Some(top))
        .into_iter()
        .filter(|version| version.kind.level() == Level::Commune)
        .filter_map(|version| Some((version, followed.course(version.unit, Level::Commune)?)))
        .collect();
    if rows.is_empty() {
        return pieces::empty(lang::targets::no_units(lang), None);
    }
    rows.sort_by_key(|(_, course)| {
        (course.standing.status, course.standing.behind_since, course.standing.latest)
    });
    let columns = [
        Column::head(lang::chart::unit(lang)),
        Column::text(lang::targets::status(lang)),
        Column::number(lang::targets::latest(lang)),
        Column::number(lang::targets::missing(lang)),
        Column::number(lang::targets::forecast(lang)),
        Column::number(lang::targets::since(lang)),
    ];
    let last = followed.periods.last();
    let ground = say::Ground { map: view.day, known: view.known };
    let row = |(version, course): &(&Version, Course<'_>)| {
        let standing = &course.standing;
        let latest = value(lang, followed, standing.latest.map(|(_, value)| value));
        let href = last
            .map(|last| say::figure_href(&followed.indicator, version, last, ground))
            .unwrap_or_default();
        vec![
            html! { a href=(unit_href(version, view.day)) { (say::label(view, version)) } },
            status_badge(lang, standing),
            html! { a href=(href) { (latest) } },
            html! { (difference(lang, followed, standing.missing)) },
            html! { (value(lang, followed, standing.forecast)) },
            html! { @if let Some(since) = standing.behind_since { (short_day(since)) } },
        ]
    };
    let rows: Vec<Vec<Markup>> = rows.iter().map(row).collect();
    pieces::table(lang::targets::by_unit(lang), &columns, &rows)
}

/// Where it is decided, who answers for it, and every value, also those that no longer hold.
fn decided(board: &Board, plan: &Plan, target: &packs::Target) -> Markup {
    let lang = board.view.lang;
    let columns = [
        Column::head(lang::targets::by(lang)),
        Column::number(lang::targets::wanted(lang)),
        Column::text(lang::targets::levels(lang)),
        Column::number(lang::targets::followed_from(lang)),
        Column::text(lang::targets::document(lang)),
        Column::text(lang::targets::state(lang)),
    ];
    let holds = |value: &TargetValue| {
        let levels = &value.levels;
        levels.iter().any(|level| target.values_of(level).contains(&value))
    };
    let row = |value: &TargetValue| {
        let levels = value.levels.iter().filter_map(|level| Level::find(level));
        let levels: Vec<&str> = levels.map(|level| level.say(lang)).collect();
        vec![
            html! { (short_day(value.by())) },
            html! { (wanted(board, target, &value.value)) },
            html! { (levels.join(", ")) },
            html! { (short_day(value.from(plan))) },
            html! { (value.document.as_ref().unwrap_or(&plan.document).say(lang)) },
            html! { @if !holds(value) { (lang::targets::superseded(lang)) } },
        ]
    };
    let rows: Vec<Vec<Markup>> = target.values.iter().map(row).collect();
    html! {
        (pieces::definition_list(&[
            (lang::targets::plan(lang), html! { (plan.title.say(lang)) }),
            (lang::targets::document(lang), html! { (plan.document.say(lang)) }),
            (lang::targets::agency(lang), html! {
                (target.agency.as_ref().unwrap_or(&plan.agency).say(lang))
            }),
        ]))
        @if let Some(note) = &plan.note { p.quiet { (note.say(lang)) } }
        (pieces::table(lang::targets::decided(lang), &columns, &rows))
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
