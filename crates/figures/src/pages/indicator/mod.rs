//! `GET /indicators/{code}`: one indicator, its figure, its quarters, its map and its ranking.

mod choices;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Error, Result, grouped, short_day};
use maud::{Markup, html};
use packs::{Calendar, Direction, Indicator, Nature};
use serde::Deserialize;
use territory::pages::{areas, find_unit};
use territory::{Level, UnitId, Version};
use web::ask::{encoded, link_with, link_without};
use web::pieces::{self, Column, Crumb, Figure as Card};
use web::{Asked, Frame, PageResult, Path, Query, Section, layout};

use self::choices::choices;
use super::say::{self, Ground};
use super::view::{QUARTERS, View, taken};
use super::{charts, overview, watches};
use crate::answer::nature;
use crate::approvals::Approvals;
use crate::watches::Topic;
use crate::{Answer, Desk, Figure, Period, find_indicator};

/// What is asked of an indicator; the same for the page and its files.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wish {
    map: Option<String>,
    periods: Option<String>,
    under: Option<String>,
    level: Option<String>,
    period: Option<String>,
    known: Option<String>,
}

/// An indicator with all figures that its page and its files show.
pub(crate) struct Sheet {
    pub(crate) view: View,
    pub(crate) indicator: Indicator,
    pub(crate) calendar: Option<Calendar>,
    /// Quarters around the chosen period, oldest first, and that period at the end.
    periods: Vec<Period>,
    answer: Answer,
    /// How far the figures of the period that is looked at have come.
    pub(crate) approvals: Approvals,
    /// The unit that is looked at; none where there are no units.
    pub(crate) whole: Option<UnitId>,
    /// The level of the units that are compared.
    pub(crate) level: Level,
}

impl Sheet {
    /// Errors: `NotFound` for an unknown indicator or unit; `Invalid` at the value's name.
    pub(crate) async fn open(desk: &Desk, asked: &Asked, code: &str, wish: &Wish) -> Result<Self> {
        let sheet = Self::open_anyway(desk, asked, code, wish).await?;
        match sheet.view.wrong.is_empty() {
            true => Ok(sheet),
            false => Err(Error::Invalid(sheet.view.wrong)),
        }
    }

    /// Like [`Self::open`], with what cannot be read in the view and the usual in its place.
    async fn open_anyway(desk: &Desk, asked: &Asked, code: &str, wish: &Wish) -> Result<Self> {
        let (map, known) = (wish.map.as_deref(), wish.known.as_deref());
        let mut view = View::open_anyway(desk, asked, map, known).await?;
        let indicator = find_indicator(&view.catalogue, code)?.clone();
        let calendar = view.calendar(wish.periods.as_deref())?.cloned();
        let newest = view.quarters(calendar.as_ref());
        let wished = wish.period.as_deref().map(str::trim).filter(|code| !code.is_empty());
        let wished = wished.map(|code| view.period(code));
        let wished = taken(wished.transpose(), &mut view.wrong)?.flatten();
        let none_over = || Error::internal("no quarter is over");
        let chosen = wished.or_else(|| newest.last().cloned()).ok_or_else(none_over)?;
        let mut periods = Period::quarters_around(calendar.as_ref(), view.today, QUARTERS, &chosen);
        periods.push(chosen);
        let answer = view.ask(&indicator, &periods).await?;
        let last = &periods[periods.len() - 1..];
        let approvals = view.approvals(&indicator, last).await?;
        let whole = match wish.under.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
            // On the map of another day than was asked for the code would be another unit's.
            _ if view.wrong.iter().any(|error| error.place == "map") => {
                view.top(&answer).map(|top| top.unit)
            }
            Some(code) => Some(find_unit(&view.territory, code, view.day)?.unit),
            None => view.top(&answer).map(|top| top.unit),
        };
        let wished = wish.level.as_deref().filter(|level| !level.is_empty());
        let wished = wished.map(|level| {
            Level::find(level).ok_or_else(|| Error::invalid("level", lang::packs::bad_level))
        });
        let wished = wished.transpose()?;
        let levels = levels_below(&view, whole);
        // A level that the chosen unit does not hold is left over from the choice before.
        let level = wished.filter(|level| levels.contains(level));
        let level = level.or_else(|| levels.last().copied()).unwrap_or(Level::Commune);
        Ok(Self { view, indicator, calendar, periods, answer, approvals, whole, level })
    }

    /// The period that is looked at.
    pub(crate) fn period(&self) -> &Period {
        &self.periods[self.last()]
    }

    fn last(&self) -> usize {
        self.periods.len() - 1
    }

    pub(crate) fn whole(&self) -> Option<&Version> {
        self.view.territory.at(self.whole?, self.view.day)
    }

    /// The figure of the unit that is looked at.
    pub(crate) fn figure(&self) -> Figure {
        self.whole.map(|whole| self.answer.get(whole, self.last())).unwrap_or_default()
    }

    /// The compared units, in order.
    pub(crate) fn rows(&self) -> Vec<(String, &Version, Figure)> {
        let rows = self.view.reported(&self.answer, self.whole, self.level, self.last());
        charts::order(&self.indicator, rows)
    }

    /// The places of the compared units in the quarter before, where a quarter is looked at.
    fn before(&self) -> Option<charts::Before> {
        let quarters = self.quarters().0;
        let at = quarters.iter().position(|quarter| quarter == self.period())?.checked_sub(1)?;
        let rows = self.view.reported(&self.answer, self.whole, self.level, at);
        Some(charts::Before::of(self.view.lang, &self.indicator, &quarters[at], rows))
    }

    fn quarters(&self) -> (&[Period], Vec<Figure>) {
        let figures = |whole| (0..self.last()).map(|at| self.answer.get(whole, at)).collect();
        (&self.periods[..self.last()], self.whole.map(figures).unwrap_or_default())
    }

    fn ground(&self) -> Ground {
        Ground { map: self.view.day, known: self.view.known }
    }
}

/// The levels whose units can be compared within a unit. Hamlets only within one commune: a list
/// of the whole province would be too long to read.
fn levels_below(view: &View, whole: Option<UnitId>) -> Vec<Level> {
    let territory = &view.territory;
    let within = whole.and_then(|whole| territory.unit(whole)).map(|unit| unit.level);
    let wanted: &[Level] = match within {
        None | Some(Level::Province) => &[Level::District, Level::Commune],
        Some(Level::District) => &[Level::Commune],
        Some(Level::Commune | Level::Hamlet) => &[Level::Hamlet],
    };
    let holds = |level: &Level| !territory.under(whole, view.day, *level).is_empty();
    wanted.iter().copied().filter(holds).collect()
}

pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path(code): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let sheet = Sheet::open_anyway(&desk, &asked, &code, &wish).await?;
    let view = &sheet.view;
    let lang = view.lang;
    let name = sheet.indicator.name.say(lang);
    if !view.wrong.is_empty() {
        return Ok(ask_again(&sheet, &asked, name, &wish));
    }
    let mut ground = view.standing(Some(sheet.period()));
    let approval = sheet.whole.and_then(|whole| sheet.approvals.get(whole, 0));
    ground
        .lines
        .extend(approval.map(|approval| lang::approvals::figure_state(lang, approval.say(lang))));
    let mut frame = Frame::new(&asked, Section::Indicators, name).ground(ground);
    if let Some(notice) = view.known_notice().or_else(|| view.running_notice(sheet.period())) {
        frame = frame.notice(notice);
    }
    let rows = sheet.rows();
    let path = asked.path_and_query.as_str();
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::indicators(lang), href: "/indicators" }]))
        (pieces::heading(name, Some(sheet.indicator.definition.say(lang))))
        (overview::maps(view, path, wish.under.as_ref().and(sheet.whole)))
        (choices(&sheet, path, &wish))
        (say::protection(view, &sheet.indicator))
        (headline(&sheet))
        (charts_of(&sheet, &rows))
        h2 { (lang::indicator::ranking(lang, sheet.level.say(lang))) }
        (compared(&sheet, &rows, path))
        h2 { (lang::indicator::definition(lang)) }
        (definition(&sheet))
        (watch(&sheet))
    };
    Ok(layout(&frame, body).into_response())
}

/// Offers to watch the figure of the unit that is looked at, on today's map; hamlets cannot be
/// watched.
fn watch(sheet: &Sheet) -> Markup {
    let topic = Topic::Indicator(sheet.indicator.code.clone());
    let (territory, today) = (&sheet.view.territory, sheet.view.today);
    let whole = sheet.whole().and_then(|whole| territory.at(whole.unit, today));
    let whole = whole.filter(|whole| whole.kind.level() != Level::Hamlet);
    watches::offer(&sheet.view, &topic, &whole.into_iter().collect::<Vec<_>>())
}

/// The page with its form and what is wrong in it, without figures: none is the one asked for.
fn ask_again(sheet: &Sheet, asked: &Asked, name: &str, wish: &Wish) -> Response {
    let view = &sheet.view;
    let lang = view.lang;
    let frame = Frame::new(asked, Section::Indicators, name).ground(view.standing(None));
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::indicators(lang), href: "/indicators" }]))
        (pieces::question_summary(lang, &view.wrong))
        (pieces::heading(name, Some(sheet.indicator.definition.say(lang))))
        (choices(sheet, &asked.path_and_query, wish))
    };
    (StatusCode::UNPROCESSABLE_ENTITY, layout(&frame, body)).into_response()
}

/// The value with both its parts, each leading to its entries.
fn headline(sheet: &Sheet) -> Markup {
    let view = &sheet.view;
    let lang = view.lang;
    let indicator = &sheet.indicator;
    let Some(whole) = sheet.whole() else {
        return pieces::empty(lang::overview::nothing(lang), None);
    };
    let figure = sheet.figure();
    let href = say::figure_href(indicator, whole, sheet.period(), sheet.ground());
    html! {
        h2 { (whole.full_name) ", " (sheet.period().title(lang)) }
        @if let Some(approval) = sheet.approvals.get(whole.unit, 0) {
            p { (pieces::badge(lang, pieces::Badge::Neutral(&approval.say(lang)))) }
        }
        (cards(view, indicator, figure, &href))
        (say::coverage(view, &sheet.answer, whole))
        @if figure.estimated { p { (lang::indicator::estimated_note(lang)) } }
    }
}

/// A figure and its parts as cards; `href` is the page with the entries behind.
pub(crate) fn cards(view: &View, indicator: &Indicator, figure: Figure, href: &str) -> Markup {
    let lang = view.lang;
    let catalogue = &view.catalogue;
    let hidden = figure.hidden.then(|| lang::protection::hidden(lang).to_owned());
    let value = figure.value(indicator).map(|value| say::value(lang, indicator, value));
    let value = value.or_else(|| hidden.clone());
    let grouped =
        |count: Option<i64>| count.map(|count| grouped(lang, count)).or_else(|| hidden.clone());
    let (above, below) = (grouped(figure.numerator), grouped(figure.denominator));
    let reported = say::incomplete(lang, figure);
    let (of_above, of_below) =
        (link_with(href, "part", "numerator"), link_with(href, "part", "denominator"));
    let mut list = vec![Card {
        label: indicator.name.say(lang),
        value: value.as_deref(),
        parts: None,
        href,
        badge: match figure.above_whole() {
            true => Some(pieces::Badge::Warning(lang::figures::above_whole(lang))),
            false => figure.estimated.then_some(pieces::Badge::Estimated),
        },
    }];
    let count = |measure: &'_ str| say::counted(lang, catalogue, measure);
    if let Some(measure) = &indicator.denominator {
        let labels = [
            lang::drill::part_of(
                lang,
                lang::drill::PartOf {
                    measure: say::measure(lang, catalogue, &indicator.numerator),
                    part: lang::drill::numerator(lang),
                    unit: count(&indicator.numerator),
                },
            ),
            lang::drill::part_of(
                lang,
                lang::drill::PartOf {
                    measure: say::measure(lang, catalogue, measure),
                    part: lang::drill::denominator(lang),
                    unit: count(measure),
                },
            ),
        ];
        for ((label, value), href) in
            labels.iter().zip([&above, &below]).zip([&of_above, &of_below])
        {
            list.push(Card { label, value: value.as_deref(), parts: None, href, badge: None });
        }
        return html! { (pieces::figures(lang, &list)) (reporting(view, indicator, figure, &reported)) };
    }
    html! { (pieces::figures(lang, &list)) (reporting(view, indicator, figure, &reported)) }
}

/// Who has reported, and what stands for the others: of a level their newest one, of what happened
/// nothing.
fn reporting(view: &View, indicator: &Indicator, figure: Figure, reported: &str) -> Markup {
    let lang = view.lang;
    let incomplete = match nature(&view.catalogue, indicator) {
        Nature::Stock => lang::indicator::carried_note(lang),
        Nature::Flow => lang::indicator::incomplete_note(lang),
    };
    html! {
        @if figure.above_whole() {
            p { (say::above_whole(lang, figure)) (lang::indicator::above_whole_note(lang)) }
        }
        p {
            @if figure.incomplete() {
                (pieces::badge(lang, pieces::Badge::Warning(reported))) " "
                (incomplete)
            } @else if figure.expected > 0 {
                (lang::indicator::all_reported(lang, reported))
            }
        }
    }
}

fn charts_of(sheet: &Sheet, rows: &[(String, &Version, Figure)]) -> Markup {
    let view = &sheet.view;
    let lang = view.lang;
    let indicator = &sheet.indicator;
    let (periods, figures) = sheet.quarters();
    let name = sheet.whole().map_or("", |whole| whole.full_name.as_str());
    let shown = (sheet.calendar.as_ref(), periods, sheet.period());
    let level = sheet.whole().map_or(Level::Province, |whole| whole.kind.level());
    let targets = charts::targets(view, indicator, level, periods);
    let line = charts::line(view, indicator, (name, targets), shown, &figures);
    let mut areas = areas(&view.territory, view.day, sheet.level, sheet.whole);
    areas.retain(|area| rows.iter().any(|(_, version, _)| version.unit == area.unit));
    let merger = territory::pages::important_days(&view.territory).map(|(_, first)| first);
    let crossed = merger.filter(|first| {
        periods.first().is_some_and(|period| period.days.from < *first)
            && periods.last().is_some_and(|period| *first < period.days.to)
    });
    let line = html! {
        (line)
        @if let Some(first) = crossed {
            p.quiet { (lang::indicator::one_map(lang, lang::indicator::OneMap { day: short_day(view.day), merger: short_day(first) })) }
        }
    };
    if areas.is_empty() {
        return line;
    }
    let of = |unit: UnitId| {
        let found = rows.iter().find(|(_, version, _)| version.unit == unit);
        found.map_or_else(Default::default, |(_, version, figure)| {
            let href = say::figure_href(indicator, version, sheet.period(), sheet.ground());
            (*figure, href)
        })
    };
    let title = lang::indicator::by_unit(
        lang,
        lang::indicator::ByUnit {
            name: indicator.name.say(lang),
            period: sheet.period().title(lang),
        },
    );
    pieces::beside(&[line, charts::map(view, indicator, title, areas, of)])
}

/// The compared units in order, the table with their parts, and both as files.
fn compared(sheet: &Sheet, rows: &[(String, &Version, Figure)], path: &str) -> Markup {
    let view = &sheet.view;
    let lang = view.lang;
    let indicator = &sheet.indicator;
    if rows.is_empty() {
        return pieces::empty(lang::indicator::no_units(lang), None);
    }
    let title = lang::indicator::by_unit(
        lang,
        lang::indicator::ByUnit {
            name: indicator.name.say(lang),
            period: sheet.period().title(lang),
        },
    );
    let query = link_without(path, "lang");
    let query = query.split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
    let file =
        |ending: &str| format!("/indicators/{}/table.{ending}{query}", encoded(&indicator.code));
    html! {
        (charts::rank(view, indicator, title.clone(), sheet.period(), (rows, sheet.before().as_ref())))
        @if rows.iter().any(|(_, _, figure)| figure.incomplete()) {
            p.quiet { (lang::indicator::brackets(lang)) }
        }
        (pieces::details(lang::indicator::full_table(lang), full_table(sheet, &title, rows)))
        p {
            (lang::indicator::files(lang)) " "
            a href=(file("xlsx")) { "Excel (XLSX)" } " · " a href=(file("csv")) { "CSV" }
        }
    }
}

fn full_table(sheet: &Sheet, title: &str, rows: &[(String, &Version, Figure)]) -> Markup {
    let view = &sheet.view;
    let lang = view.lang;
    let indicator = &sheet.indicator;
    let mut columns =
        vec![Column::head(lang::chart::unit(lang)), Column::number(lang::chart::value(lang))];
    if indicator.denominator.is_some() {
        columns.push(Column::number(lang::drill::numerator(lang)));
        columns.push(Column::number(lang::drill::denominator(lang)));
    }
    columns.push(Column::number(lang::indicator::reported(lang)));
    columns.push(Column::text(lang::indicator::flags(lang)));
    let count =
        |count: Option<i64>| html! { @if let Some(count) = count { (grouped(lang, count)) } };
    let row = |(_, version, figure): &(String, &Version, Figure)| {
        let href = say::figure_href(indicator, version, sheet.period(), sheet.ground());
        let mut row = vec![
            html! { a href=(territory::pages::unit_href(version, view.day)) { (say::label(view, version)) } },
            html! { a href=(href) { (say::value_of(lang, indicator, *figure)) } },
        ];
        if indicator.denominator.is_some() {
            row.extend([count(figure.numerator), count(figure.denominator)]);
        }
        row.push(html! { (figure.reported) "/" (figure.expected) });
        row.push(html! { (say::flag_words(lang, indicator, *figure)) });
        row
    };
    let rows: Vec<Vec<Markup>> = rows.iter().map(row).collect();
    pieces::table(title, &columns, &rows)
}

/// The targets of plans that this indicator measures.
fn wanted(sheet: &Sheet) -> Option<Markup> {
    let lang = sheet.view.lang;
    let indicator = &sheet.indicator;
    let targets = sheet.view.catalogue.targets().into_iter();
    let own: Vec<_> =
        targets.filter(|(_, target)| target.indicator.as_ref() == Some(&indicator.code)).collect();
    if own.is_empty() {
        return None;
    }
    let words = |value: &str| match indicator.denominator {
        Some(_) => charts::wanted_words(lang, value),
        None => value.to_owned(),
    };
    Some(html! {
        ul {
            @for (plan, target) in own {
                @for value in &target.values {
                    li {
                        a href={ "/targets/" (target.code) } { (words(&value.value)) } ", "
                        (lang::indicator::wanted_within(lang, lang::indicator::WantedWithin {
                            from: short_day(value.from(plan)),
                            last: short_day(value.by()),
                        }))
                        ": " (plan.document.say(lang))
                    }
                }
            }
        }
    })
}

fn definition(sheet: &Sheet) -> Markup {
    let lang = sheet.view.lang;
    let indicator = &sheet.indicator;
    let catalogue = &sheet.view.catalogue;
    let measure = |code: &str| {
        let measure = catalogue.measure(code).map(|measure| &measure.definition);
        html! {
            @if let Some(measure) = measure {
                strong { (measure.name.say(lang)) } ": " (measure.definition.say(lang)) " ("
                @match measure.nature {
                    Nature::Stock => (lang::indicator::stock(lang)),
                    Nature::Flow => (lang::indicator::flow(lang)),
                }
                ", " (lang::indicator::counted_in(lang, catalogue.counted(lang, &measure.counted))) ")"
            }
        }
    };
    let mut terms = vec![(lang::drill::numerator(lang), measure(&indicator.numerator))];
    match &indicator.denominator {
        Some(below) => terms.push((lang::drill::denominator(lang), measure(below))),
        None => terms[0].0 = lang::indicator::what_counts(lang),
    }
    terms.push((lang::indicator::document(lang), html! { (indicator.document.say(lang)) }));
    terms.extend(wanted(sheet).map(|wanted| (lang::indicator::wanted(lang), wanted)));
    let direction = match indicator.direction {
        Direction::Up => lang::indicator::up(lang),
        Direction::Down => lang::indicator::down(lang),
        Direction::None => lang::indicator::no_direction(lang),
    };
    terms.push((lang::indicator::direction(lang), html! { (direction) }));
    if let Some(level) = Level::find(&indicator.reported_by) {
        terms.push((lang::indicator::reported_by(lang), html! { (level.say(lang)) }));
    }
    if let Some(calendar) = &sheet.calendar {
        let text = html! { (sheet.period().title(lang)) ". " (calendar.document.say(lang)) "." };
        terms.push((lang::indicator::calendar(lang), text));
    }
    pieces::definition_list(&terms)
}
