//! `GET /campaigns/{code}/{round}/{group}`: who stands where, by which points, and what would be
//! different today.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Cursor, PAGE_LIMIT, Page, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use packs::{Group, Round};
use serde::Deserialize;
use territory::pages::find_unit;
use territory::{Level, UnitId, Version};
use web::ask::{encoded, link_with, link_without};
use web::pieces::{self, Badge, Choice, Column, Field};
use web::{Asked, Frame, Notice, PageResult, Path, Query, Section, layout};

use super::super::say as figures;
use super::super::view::taken;
use super::rounds::past;
use super::{Board, say};
use crate::campaigns::{GroupRanking, Line, Ranking, Standing, find_group, history, standing};
use crate::{Desk, Period};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// Only the units in this one: a code on the map of the campaign.
    under: String,
    cursor: String,
    /// What was just done.
    done: String,
    /// A former freeze.
    version: Option<i64>,
}

/// A round of a group with all that its pages show.
pub(super) struct Sheet {
    pub(super) board: Board,
    pub(super) round: Round,
    pub(super) group: Group,
    pub(super) period: Period,
    pub(super) standing: Standing,
    /// The former freeze that is looked at; none where the round stands as it is shown.
    pub(super) version: Option<i64>,
}

impl Sheet {
    /// Errors: `NotFound`; `Invalid` at `period` when the round has not begun.
    pub(super) async fn open(desk: &Desk, asked: &Asked, what: (&str, &str, &str)) -> Result<Self> {
        Self::open_at(desk, asked, what, None).await
    }

    /// Like [`Self::open`]; with a version as it was frozen then.
    pub(super) async fn open_at(
        desk: &Desk,
        asked: &Asked,
        (code, round, group): (&str, &str, &str),
        version: Option<i64>,
    ) -> Result<Self> {
        let mut board = Board::open(desk, asked, code).await?;
        let (round, period) = board.round(round)?;
        let group = find_group(&board.campaign, group)?.clone();
        let (catalogue, atlas) = (board.view.catalogue.clone(), desk.atlas.clone());
        let what = (&board.campaign, &round);
        let version = match version {
            Some(_) => {
                let all = history(&mut board.view.tx, code, &round.period).await?;
                let head = all.last().map(|(head, ..)| *head);
                version.filter(|version| Some(*version) != head)
            }
            None => None,
        };
        let standing = standing(&mut board.view.tx, &atlas, &catalogue, what, version).await?;
        Ok(Self { board, round, group, period, standing, version })
    }

    /// The address of the ranking.
    pub(super) fn href(&self) -> String {
        format!("{}/{}/{}", self.board.href(), self.round.period, encoded(&self.group.code))
    }

    /// The address of a unit's page in it, of the same freeze.
    fn unit_link(&self, line: &Line) -> String {
        self.keep(self.unit_href(line))
    }

    /// An address that keeps the former freeze that is looked at.
    pub(super) fn keep(&self, href: String) -> String {
        let version = self.version.map(|version| link_with(&href, "version", &version.to_string()));
        version.unwrap_or(href)
    }

    /// The address of a unit's page.
    pub(super) fn unit_href(&self, line: &Line) -> String {
        let own = line.code.as_deref().map(encoded);
        let reference = own.unwrap_or_else(|| format!("~{}", line.unit));
        format!("{}/{reference}", self.href())
    }

    pub(super) fn of<'a>(&self, ranking: &'a Ranking) -> Option<&'a GroupRanking> {
        ranking.group(&self.group.code)
    }

    /// The place of a unit in the round before.
    pub(super) fn place_before(&self, unit: UnitId) -> Option<usize> {
        self.of(self.standing.before.as_ref()?)?.line(unit)?.place
    }

    /// How a line would stand today, if it was frozen and that is something else.
    pub(super) fn today(&self, line: &Line) -> Option<&Line> {
        self.standing.frozen()?;
        let now = self.of(&self.standing.live)?.line(line.unit)?;
        ((now.place, now.total) != (line.place, line.total)).then_some(now)
    }

    /// "Quý IV/2022: Ấp, khu vực".
    pub(super) fn title(&self) -> String {
        let lang = self.board.view.lang;
        format!("{}: {}", self.group.title.say(lang), self.period.title(lang))
    }
}

pub(super) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Path((code, round, group)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let what = (code.as_str(), round.as_str(), group.as_str());
    let mut sheet = Sheet::open_at(&desk, &asked, what, wish.version).await?;
    let here = sheet.href();
    let past = past(&mut sheet.board, &code, &round, Some(&here)).await?;
    let view = &sheet.board.view;
    let lang = view.lang;
    let mut wrong = Vec::new();
    let under = Some(wish.under.trim()).filter(|under| !under.is_empty());
    let under = under.map(|code| find_unit(&view.territory, code, view.day)).transpose()?;
    let after = match wish.cursor.as_str() {
        "" => Some(0),
        cursor => taken(Cursor::decode::<usize>(cursor), &mut wrong)?,
    };
    let title = sheet.title();
    let mut frame = Frame::new(&asked, Section::Campaigns, &*title)
        .ground(sheet.board.ground(Some(&sheet.period)));
    if wish.done == "frozen" || wish.done == "reopened" {
        frame = frame.notice(Notice::Done(lang::campaigns::done(lang).to_owned()));
    }
    let here = sheet.board.href();
    let campaign = sheet.board.campaign.title.say(lang);
    let shown = sheet.standing.shown();
    let body = html! {
        (pieces::breadcrumbs(lang, &sheet.board.crumbs(&here, campaign)))
        (pieces::question_summary(lang, &wrong))
        (pieces::heading(&title, None))
        (say::warnings(lang, &shown.rules, view.made_up))
        (groups(&sheet))
        (former(&sheet))
        (state(&sheet))
        (filter(&sheet, under))
        @if let (Some(ranking), Some(after)) = (sheet.of(shown), after) {
            (table(&sheet, ranking, under, after, &asked.path_and_query))
            (legend(&sheet, ranking))
        }
        (past)
    };
    let page = layout(&frame, body);
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, page).into_response())
}

/// The groups of the round as tabs.
fn groups(sheet: &Sheet) -> Markup {
    let lang = sheet.board.view.lang;
    let groups = &sheet.board.campaign.groups;
    let base = format!("{}/{}", sheet.board.href(), sheet.round.period);
    let hrefs: Vec<String> = groups.iter().map(|it| format!("{base}/{}", it.code)).collect();
    let tabs: Vec<pieces::Tab<'_>> = groups
        .iter()
        .zip(&hrefs)
        .map(|(group, href)| pieces::Tab { label: group.title.say(lang), href })
        .collect();
    let current = groups.iter().position(|it| it.code == sheet.group.code).unwrap_or_default();
    html! { @if groups.len() > 1 { (pieces::tabs(lang::campaigns::groups(lang), &tabs, current)) } }
}

/// Says that a former freeze is looked at.
pub(super) fn former(sheet: &Sheet) -> Markup {
    let lang = sheet.board.view.lang;
    html! {
        @if sheet.version.is_some() {
            (pieces::notice(lang, &Notice::Warning(lang::campaigns::former(lang).to_owned())))
            p { a href=(sheet.href()) { (lang::campaigns::to_present(lang)) } }
        }
    }
}

/// Whether the ranking is frozen, and what has changed since.
fn state(sheet: &Sheet) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let state = sheet.standing.state();
    let changed = sheet.of(sheet.standing.shown()).map_or(0, |ranking| {
        ranking.lines.iter().filter(|line| sheet.today(line).is_some()).count()
    });
    html! {
        p {
            (say::state(lang, sheet.standing.head(), &sheet.period, view.today)) " "
            @match state {
                Some(state) if state.frozen.is_some() => {
                    (lang::campaigns::frozen_says(lang))
                    @if let Some((_, entry)) = sheet.standing.version() {
                        " (" a href={ "/entries/" (entry) } {
                            (lang::overview::entry(lang, grouped(lang, entry)))
                        } ")."
                    }
                }
                Some(state) => { (lang::campaigns::reopened_because(
                    lang, state.reason.as_deref().unwrap_or_default())) }
                None => { (lang::campaigns::provisional_says(lang)) }
            }
        }
        @if changed > 0 {
            (pieces::notice(lang, &Notice::Warning(
                lang::campaigns::changed_since(lang, grouped(lang, count(changed))))))
        }
    }
}

/// Districts and communes to choose from, as far as the units of the group lie in them.
fn filter(sheet: &Sheet, under: Option<&Version>) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let Some(level) = Level::find(&sheet.group.level) else { return html! {} };
    let within = sheet.board.campaign.within.as_deref();
    let whole = within.and_then(|code| view.territory.by_code(code, view.day));
    let under_whole = |level| view.territory.under(whole.map(|it| it.unit), view.day, level);
    let mut choices = Vec::new();
    for district in under_whole(Level::District) {
        if level > Level::District {
            choices.push((figures::reference(district), district.full_name.clone()));
        }
        if level > Level::Commune {
            for commune in view.territory.under(Some(district.unit), view.day, Level::Commune) {
                let label = format!("\u{2007}\u{2007}{}", commune.full_name);
                choices.push((figures::reference(commune), label));
            }
        }
    }
    if choices.is_empty() && level > Level::Commune {
        let communes = under_whole(Level::Commune).into_iter();
        choices.extend(communes.map(|it| (figures::reference(it), it.full_name.clone())));
    }
    if choices.is_empty() {
        return html! {};
    }
    let options: Vec<Choice<'_>> =
        choices.iter().map(|(value, label)| Choice { value, label }).collect();
    let chosen = under.map(figures::reference).unwrap_or_default();
    pieces::filter(
        &sheet.href(),
        html! {
            @if let Some(version) = sheet.version {
                input type="hidden" name="version" value=(version);
            }
            (Field::new(lang, "under", lang::campaigns::within(lang)).optional()
                .select(&options, &chosen))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        },
    )
}

fn table(
    sheet: &Sheet,
    ranking: &GroupRanking,
    under: Option<&Version>,
    after: usize,
    path: &str,
) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let holds = |line: &&Line| {
        under.is_none_or(|under| view.territory.is_within(line.unit, under.unit, view.day))
    };
    let rows = ranking.lines.iter().filter(holds).zip(0_usize..).skip(after);
    let page = Page::cut(rows.take(PAGE_LIMIT + 1).collect(), PAGE_LIMIT, |(_, at)| at + 1);
    let has_changed = ranking.lines.iter().any(|line| sheet.today(line).is_some());
    let names: Vec<(String, String)> = ranking.asked.iter().map(|it| named(sheet, it)).collect();
    let mut columns = vec![
        Column::number(lang::campaigns::place(lang)),
        Column::head(lang::chart::unit(lang)),
        Column::number(lang::campaigns::total(lang)),
        Column::text(lang::campaigns::class(lang)),
    ];
    columns.extend(names.iter().map(|(code, title)| Column::number(code).titled(title)));
    columns.push(Column::number(lang::campaigns::adjusted(lang)));
    columns.push(
        Column::number(lang::campaigns::moved(lang)).titled(lang::campaigns::moved_since(lang)),
    );
    if has_changed {
        columns.push(Column::number(lang::campaigns::today(lang)));
    }
    let rows: Vec<Vec<Markup>> =
        page.items.iter().map(|(line, _)| row(sheet, line, has_changed)).collect();
    let path = link_without(path, "done");
    html! {
        @if rows.is_empty() { (pieces::empty(lang::campaigns::no_units(lang), None)) }
        @else {
            (pieces::table(lang::campaigns::ranking(lang), &columns, &rows))
            (pieces::pager(lang, &path, page.next.as_deref()))
            p {
                (lang::campaigns::as_file(lang)) " "
                a href=(sheet.keep(format!("{}/table.csv", sheet.href()))) { "CSV" } " · "
                a href=(sheet.keep(format!("{}/table.xlsx", sheet.href()))) { "XLSX" }
            }
        }
    }
}

/// The code of a criterion, and its title in full.
fn named(sheet: &Sheet, asked: &crate::campaigns::AskedOf) -> (String, String) {
    let rules = &sheet.standing.shown().rules;
    let own = rules.criteria.iter().find(|it| it.code == asked.criterion);
    let title = own.map_or("", |it| it.title.say(sheet.board.view.lang));
    (asked.criterion.clone(), title.to_owned())
}

fn row(sheet: &Sheet, line: &Line, has_changed: bool) -> Vec<Markup> {
    let view = &sheet.board.view;
    let lang = view.lang;
    let rules = &sheet.standing.shown().rules;
    let above = view.territory.ancestors(line.unit, view.day);
    let above: Vec<&str> = above
        .iter()
        .filter(|version| version.kind.level() > Level::Province)
        .map(|version| &*version.full_name)
        .collect();
    let mut row = vec![
        html! { (place(lang, line)) },
        html! {
            a href=(sheet.unit_link(line)) { (line.name) }
            @if !above.is_empty() { span.quiet { ", " (above.join(", ")) } }
        },
        html! {
            @if line.place.is_some() { strong { (say::points(lang, line.total)) } }
            @else { (pieces::badge(lang, Badge::NoData)) }
        },
        html! { (say::class(lang, rules, line.class.as_deref())) },
    ];
    row.extend(line.scores.iter().map(|score| {
        html! {
            @match score.points {
                Some(points) => { (say::points(lang, points)) (say::marks(lang, score)) }
                None => { "–" }
            }
        }
    }));
    row.push(html! {
        @if line.adjusted == 0 { "–" } @else { (say::signed(lang, line.adjusted)) }
    });
    row.push(html! { (say::movement(lang, sheet.place_before(line.unit), line.place)) });
    if has_changed {
        row.push(html! {
            @if let Some(now) = sheet.today(line) {
                (place(lang, now)) " · " (say::points(lang, now.total))
            }
        });
    }
    row
}

/// "3", and "3=" where it is shared.
pub(super) fn place(lang: Lang, line: &Line) -> String {
    let Some(place) = line.place else { return "–".to_owned() };
    let shared = if line.shared_by > 1 { "=" } else { "" };
    format!("{}{shared}", grouped(lang, count(place)))
}

/// What stands behind the short names of the columns.
fn legend(sheet: &Sheet, ranking: &GroupRanking) -> Markup {
    let view = &sheet.board.view;
    let lang = view.lang;
    let silent = ranking.lines.iter().filter(|line| line.place.is_none()).count();
    let mut scores = ranking.lines.iter().flat_map(|line| &line.scores);
    let is_marked = scores.any(|it| it.points.is_some() && !say::marks(lang, it).is_empty());
    let rules = &sheet.standing.shown().rules;
    html! {
        h2 { (lang::campaigns::criteria(lang)) }
        ul {
            @for asked in &ranking.asked {
                @let own = rules.criteria.iter().find(|it| it.code == asked.criterion);
                @if let Some(own) = own {
                    @let indicator = view.catalogue.indicator(&own.indicator);
                    li {
                        strong { (asked.criterion) } " " (own.title.say(lang)) ": "
                        @match asked.most {
                            Some(most) => {
                                (lang::campaigns::at_most(lang, lang::campaigns::AtMost {
                                    most: say::points(lang, most),
                                    wanted: say::wanted(lang, indicator, asked.wanted),
                                }))
                            }
                            None => { (lang::campaigns::unscored(lang)) }
                        }
                        "."
                    }
                }
            }
        }
        p { (lang::campaigns::formula(lang)) }
        @if is_marked { p { (lang::campaigns::rests_on(lang)) } }
        @if silent > 0 { p { (lang::campaigns::silent(lang, grouped(lang, count(silent)))) } }
        p.quiet { (lang::campaigns::on_map(lang, short_day(view.day))) }
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
