//! `GET /indexes/{code}`, `GET /indexes/{code}/{version}`: an index with the points that our
//! figures give, what is not measured, and what moves the score most.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Error, FieldError, grouped, short_day};
use lang::{Lang, Text};
use maud::{Markup, html};
use packs::{Index, IndexGroup, IndexVersion, Words};
use serde::Deserialize;
use territory::UnitId;
use web::chart::{Line, Point, Series, series};
use web::pieces::{self, Badge, Column, Crumb, Field};
use web::{Asked, Frame, Notice, PageResult, Path, Query, Section, layout};

use super::indexes::{href, measured, points, time};
use super::say::{self, Ground};
use super::targets::{Board, Wish as DayWish};
use super::view::Known as Instant;
use crate::Desk;
use crate::indexes::{Measured, Score, Scored, ScoredGroup, State as Known, Total, score};

#[derive(Deserialize)]
pub(crate) struct Wish {
    on: Option<String>,
    map: Option<String>,
    unit: Option<String>,
    known: Option<String>,
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    page(&desk, &asked, (&code, None), &wish).await
}

pub(crate) async fn show_version(
    State(desk): State<Desk>,
    asked: Asked,
    Path((code, version)): Path<(String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    page(&desk, &asked, (&code, Some(&version)), &wish).await
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    (code, version): (&str, Option<&str>),
    wish: &Wish,
) -> PageResult<Response> {
    let lang = asked.lang;
    let days = DayWish { on: wish.on.clone(), map: wish.map.clone(), known: wish.known.clone() };
    let mut board = Board::open(desk, asked, &days).await?;
    let catalogue = board.view.catalogue.clone();
    let index = catalogue.index(code);
    let index = index.ok_or_else(|| Error::not_found(lang::indexes::no_index))?;
    let version = match version {
        Some(name) => {
            let found = index.version(name);
            Some(found.ok_or_else(|| Error::not_found(lang::indexes::no_version))?)
        }
        None => index.version_on(board.on),
    };
    let unit = unit_of(&mut board, wish);
    let title = index.title.say(lang);
    let frame = Frame::new(asked, Section::Targets, title);
    let crumbs = [
        Crumb { label: lang::targets::title(lang), href: "/targets" },
        Crumb { label: lang::indexes::title(lang), href: "/indexes" },
    ];
    if !board.wrong.is_empty() {
        let body = html! {
            (pieces::breadcrumbs(lang, &crumbs))
            (pieces::question_summary(lang, &board.wrong))
            (pieces::heading(title, None))
            (form(&board, asked, wish))
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, layout(&frame, body)).into_response());
    }
    let score = match version {
        Some(version) => {
            let (on, view) = (board.on, &mut board.view);
            let (days, whose) = ((on, view.day), (unit, view.known.map(Instant::moment)));
            Some(score(&mut view.tx, &view.desk.atlas, &catalogue, version, days, whose).await?)
        }
        None => None,
    };
    let last = score.as_ref().and_then(|score| score.periods.last());
    let mut frame = frame.ground(board.view.standing(last));
    frame.notice = board.view.known_notice();
    let lead = version.map(|version| version.document.say(lang));
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::heading(title, lead))
        (board.made_up())
        (form(&board, asked, wish))
        @match version.zip(score.as_ref()) {
            Some((version, score)) => (scored(&board, version, score)),
            None => (pieces::empty(&lang::indexes::none_on(lang, short_day(board.on)), None)),
        }
        h2 { (lang::indexes::versions(lang)) }
        (versions(&board, index))
    };
    Ok(layout(&frame, body).into_response())
}

/// The unit that is named on the map of the page; what is not there is put to the mistakes.
fn unit_of(board: &mut Board, wish: &Wish) -> Option<UnitId> {
    let code = wish.unit.as_deref().map(str::trim).filter(|code| !code.is_empty())?;
    let day = board.view.day;
    let found = board.view.territory.by_code(code, day).map(|version| version.unit);
    if found.is_none() {
        let code = code.to_owned();
        let text = Text::new(move |lang| {
            let said = lang::territory::CodeUnknown { code: &code, on: short_day(day) };
            lang::territory::code_unknown(lang, said)
        });
        board.wrong.push(FieldError { place: "unit".to_owned(), text });
    }
    found
}

/// The day and the unit.
fn form(board: &Board, asked: &Asked, wish: &Wish) -> Markup {
    let lang = board.view.lang;
    let path = asked.path_and_query.split('?').next().unwrap_or_default();
    let is_wrong = |name: &str| board.wrong.iter().any(|error| error.place == name);
    let typed = |text: &Option<String>| text.clone().unwrap_or_default();
    let on = if is_wrong("on") { typed(&wish.on) } else { short_day(board.on) };
    let known = match is_wrong("known") {
        true => typed(&wish.known),
        false => board.view.known.map(Instant::typed).unwrap_or_default(),
    };
    pieces::filter(
        path,
        html! {
            @if is_wrong("map") {
                (Field::new(lang, "map", lang::figures::map(lang)).errors(&board.wrong).day(&typed(&wish.map)))
            } @else if let Some(map) = &wish.map {
                input type="hidden" name="map" value=(map);
            }
            (Field::new(lang, "on", lang::targets::on(lang)).errors(&board.wrong).day(&on))
            (Field::new(lang, "unit", lang::indexes::unit(lang)).optional()
                .hint(lang::indexes::unit_hint(lang)).errors(&board.wrong).text(&typed(&wish.unit)))
            (Field::new(lang, "known", lang::indicator::known(lang)).optional()
                .errors(&board.wrong).day(&known))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        },
    )
}

/// What is measured and what is not, what moves it, and every component.
fn scored(board: &Board, version: &IndexVersion, score: &Score) -> Markup {
    let lang = board.view.lang;
    let unit = score.unit.as_ref().map(|unit| unit.full_name.as_str());
    let period = score.periods.last().map(|period| period.title(lang));
    let of = unit
        .zip(period)
        .map(|(unit, period)| lang::indexes::of_unit(lang, lang::indexes::OfUnit { period, unit }));
    html! {
        @if let Some(words) = &version.verify { (verify(lang, words)) }
        @match &version.unmeasured {
            Some(words) => (pieces::notice(lang, &Notice::Note(words.say(lang).to_owned()))),
            None => {
                @if let Some(of) = of { h2 { (of) } }
                p.lead { strong { (measured(lang, score.total, version.most())) } }
                p { (lang::indexes::not_scaled(lang)) }
                h2 { (lang::indexes::moves(lang)) }
                (moves(board, score))
                h2 { (lang::indexes::groups(lang)) }
                (groups(lang, version, score))
                @for (group, scored) in version.groups.iter().zip(&score.groups) {
                    (components(board, group, scored, score))
                }
                p.quiet { (lang::indexes::formula(lang)) }
            }
        }
    }
}

/// What must be compared with the document.
fn verify(lang: Lang, words: &Words) -> Markup {
    html! {
        p.quiet {
            (pieces::badge(lang, Badge::Warning(lang::indexes::verify(lang)))) " " (words.say(lang))
        }
    }
}

/// The measured components, the most missing points first, and the points of the last quarters.
fn moves(board: &Board, score: &Score) -> Markup {
    let view = &board.view;
    let lang = view.lang;
    let moves = score.moves();
    if moves.is_empty() {
        return pieces::empty(lang::indexes::moves_none(lang), None);
    }
    let columns = [
        Column::head(lang::indexes::component(lang)),
        Column::number(lang::indexes::missing(lang)),
        Column::text(lang::indexes::next(lang)),
    ];
    let rows: Vec<Vec<Markup>> = moves
        .iter()
        .map(|(component, measured)| {
            vec![
                html! { (component.title.say(lang)) },
                html! { (points(lang, measured.missing())) },
                html! { (next(board, measured)) },
            ]
        })
        .collect();
    html! {
        p { (lang::indexes::moves_lead(lang)) }
        (pieces::table(lang::indexes::moves(lang), &columns, &rows))
        (course(lang, score))
    }
}

/// What brings the next point, in words.
fn next(board: &Board, measured: &Measured) -> String {
    let lang = board.view.lang;
    let Some(step) = measured.next else {
        return match measured.missing() {
            0 => lang::indexes::full(lang),
            _ => lang::indexes::not_by_numerator(lang),
        }
        .to_owned();
    };
    let unit = say::counted(lang, &board.view.catalogue, &measured.indicator.numerator);
    let count = grouped(lang, step.by.abs());
    let points = points(lang, step.gain);
    match step.by < 0 {
        true => {
            lang::indexes::fewer_needed(lang, lang::indexes::FewerNeeded { count, points, unit })
        }
        false => {
            lang::indexes::more_needed(lang, lang::indexes::MoreNeeded { count, points, unit })
        }
    }
}

/// The measured points quarter by quarter.
fn course(lang: Lang, score: &Score) -> Markup {
    let point = |total: &Total| {
        let value = (total.possible > 0).then_some(total.measured as f64 / 100.0);
        let shown = match value {
            Some(_) => points(lang, total.measured),
            None => lang::web::no_data(lang).to_owned(),
        };
        Point { value, shown, estimated: false }
    };
    let unit = score.unit.as_ref().map_or("", |unit| unit.full_name.as_str());
    let chart = Series {
        title: lang::indexes::course(lang, points(lang, score.total.possible)),
        unit: lang::indexes::course_unit(lang).to_owned(),
        periods: score.periods.iter().map(|period| period.short(lang)).collect(),
        lines: vec![Line {
            name: unit.to_owned(),
            points: score.course.iter().map(point).collect(),
        }],
        ..Series::default()
    };
    html! { (series(lang, &chart)) p.quiet { (lang::indexes::by_year(lang)) } }
}

/// All groups with their points, measured and not.
fn groups(lang: Lang, version: &IndexVersion, score: &Score) -> Markup {
    let columns = [
        Column::head(lang::indexes::group(lang)),
        Column::number(lang::indexes::most(lang)),
        Column::number(lang::indexes::points(lang)),
        Column::number(lang::indexes::rest(lang)),
        Column::text(lang::indexes::state(lang)),
    ];
    let row = |(group, scored): (&IndexGroup, &ScoredGroup)| {
        vec![
            html! { (group.title.say(lang)) },
            html! { (points(lang, group.most())) },
            html! { (of(lang, scored.total)) },
            html! { (points(lang, scored.total.unmeasured)) },
            html! {
                @if let Some(pillar) = &group.pillar { (pillar.say(lang)) ". " }
                @if let Some(count) = group.count { (lang::indexes::listed(lang, count)) }
            },
        ]
    };
    let mut rows: Vec<Vec<Markup>> = version.groups.iter().zip(&score.groups).map(row).collect();
    rows.push(vec![
        html! { strong { (lang::indexes::all_points(lang, points(lang, version.most()))) } },
        html! { strong { (points(lang, version.most())) } },
        html! { strong { (of(lang, score.total)) } },
        html! { strong { (points(lang, score.total.unmeasured)) } },
        html! {},
    ]);
    pieces::table(lang::indexes::groups(lang), &columns, &rows)
}

/// "10,5/12", or a dash where nothing is measured: that is not nothing.
fn of(lang: Lang, total: Total) -> String {
    match total.possible {
        0 => "–".to_owned(),
        possible => format!("{}/{}", points(lang, total.measured), points(lang, possible)),
    }
}

/// The components of a group, each with its points or the reason why it has none.
fn components(board: &Board, group: &IndexGroup, scored: &ScoredGroup, score: &Score) -> Markup {
    let lang = board.view.lang;
    let title = group.title.say(lang);
    let columns = [
        Column::head(lang::indexes::component(lang)),
        Column::number(lang::indexes::most(lang)),
        Column::number(lang::indexes::points(lang)),
        Column::number(lang::indexes::achieved(lang)),
        Column::number(lang::indexes::wanted(lang)),
        Column::text(lang::indexes::state(lang)),
    ];
    let rows: Vec<Vec<Markup>> =
        scored.components.iter().map(|scored| line(board, scored, score)).collect();
    html! {
        h3 { (title) ", " (lang::indexes::all_points(lang, points(lang, group.most()))) }
        @if let Some(words) = &group.verify { (verify(lang, words)) }
        @if let Some(words) = &group.unmeasured { p { (words.say(lang)) } }
        @if !rows.is_empty() {
            @if let Some(all) = group.count.filter(|all| *all > rows.len()) {
                p.quiet { (lang::indexes::listed_of(lang, lang::indexes::ListedOf { all, listed: rows.len() })) }
            }
            (pieces::table(title, &columns, &rows))
        }
    }
}

fn line(board: &Board, scored: &Scored, score: &Score) -> Vec<Markup> {
    let lang = board.view.lang;
    let component = &scored.component;
    let most = match component.most() {
        Some(most) => html! { (points(lang, most)) },
        None => html! { span.quiet { (lang::indexes::not_known(lang)) } },
    };
    let note = html! {
        @if let Some(words) = &component.verify { (verify(lang, words)) }
        @if let Some(words) = &component.unmeasured { p.quiet { (words.say(lang)) } }
    };
    let none = || html! { "–" };
    let name = html! { (component.title.say(lang)) };
    let badge = |badge: Badge<'_>| pieces::badge(lang, badge);
    let Known::Measured(measured) = &scored.state else {
        let year = score.periods.last().map(|period| period.days.last().civil().year());
        let why = match &scored.state {
            Known::NoData => html! { (badge(Badge::NoData)) },
            Known::NoneWanted => html! {
                (lang::indexes::no_wanted(lang, year.unwrap_or_default()))
            },
            _ => html! { (badge(Badge::Neutral(lang::targets::unmeasured(lang)))) },
        };
        return vec![name, most, none(), none(), none(), html! { (why) " " (note) }];
    };
    let indicator = &measured.indicator;
    let shown = |scaled: i64| say::value(lang, indicator, scaled);
    let ground = Ground { map: board.view.day, known: board.view.known };
    let link = score.unit.as_ref().zip(score.periods.last());
    let link = link.map(|(unit, period)| say::figure_href(indicator, unit, period, ground));
    vec![
        html! { a href=(say::indicator_href(indicator)) { (name) } },
        most,
        html! { (points(lang, measured.points)) },
        html! { a href=(link.unwrap_or_default()) { (shown(measured.value)) } },
        html! { (shown(measured.wanted)) },
        html! { (say::flags(lang, measured.figure)) (note) },
    ]
}

/// All versions, each with its document and its days.
fn versions(board: &Board, index: &Index) -> Markup {
    let lang = board.view.lang;
    let columns = [
        Column::head(lang::indexes::version(lang)),
        Column::text(lang::indexes::document(lang)),
        Column::text(lang::indexes::time(lang)),
        Column::number(lang::indexes::most(lang)),
    ];
    let row = |version: &IndexVersion| {
        vec![
            html! {
                a href=(href(index, (board.on, board.view.known), Some(version))) {
                    (version.version)
                }
            },
            html! { (version.document.say(lang)) },
            html! { (time(lang, version)) },
            html! {
                @if version.groups.is_empty() { (lang::indexes::not_known(lang)) }
                @else { (points(lang, version.most())) }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = index.versions.iter().map(row).collect();
    pieces::table(lang::indexes::versions(lang), &columns, &rows)
}
