//! `…/table.csv` and `…/table.xlsx`: a whole ranking as a file, with what every point rests on.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::short_day;
use serde::Deserialize;
use territory::Level;
use web::{Asked, PageResult, Path, Query};

use super::super::download::{Cell, Table, file, write_csv, write_xlsx};
use super::super::say as figures;
use super::ranking::Sheet;
use super::say;
use crate::Desk;
use crate::campaigns::{GroupRanking, Line};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    /// A former freeze.
    version: Option<i64>,
}

pub(super) async fn csv(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path((code, round, group)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let what = (code.as_str(), round.as_str(), group.as_str());
    let sheet = Sheet::open_at(&desk, &asked, what, wish.version).await?;
    let bytes = write_csv(&table(&sheet))?;
    let name = name(&sheet, what, "csv");
    Ok(file(&headers, &name, "text/csv; charset=utf-8", bytes)?)
}

pub(super) async fn xlsx(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path((code, round, group)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    const TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let what = (code.as_str(), round.as_str(), group.as_str());
    let sheet = Sheet::open_at(&desk, &asked, what, wish.version).await?;
    let bytes = write_xlsx(asked.lang, &table(&sheet)).map_err(base::Error::internal)?;
    let name = name(&sheet, what, "xlsx");
    Ok(file(&headers, &name, TYPE, bytes)?)
}

/// The name of the file; that of a former freeze says which.
fn name(sheet: &Sheet, (code, round, group): (&str, &str, &str), kind: &str) -> String {
    match sheet.version {
        Some(version) => format!("{code}-{round}-{group}-v{version}.{kind}"),
        None => format!("{code}-{round}-{group}.{kind}"),
    }
}

fn table(sheet: &Sheet) -> Table {
    let view = &sheet.board.view;
    let lang = view.lang;
    let shown = sheet.standing.shown();
    let rules = &shown.rules;
    let empty = GroupRanking { group: String::new(), asked: Vec::new(), lines: Vec::new() };
    let ranking = sheet.of(shown).unwrap_or(&empty);
    let state = match sheet.standing.state() {
        Some(state) if state.frozen.is_some() => {
            lang::campaigns::frozen_on(lang, short_day(state.on))
        }
        _ => lang::campaigns::provisional(lang).to_owned(),
    };
    let mut about = vec![
        (lang::campaigns::campaign(lang), rules.title.say(lang).to_owned()),
        (lang::targets::document(lang), rules.document.say(lang).to_owned()),
        (lang::chart::period(lang), sheet.period.title(lang)),
        (lang::figures::map(lang), short_day(view.day)),
        (lang::campaigns::state(lang), state),
    ];
    if sheet.version.is_some() {
        about.push((lang::figures::worth(lang), lang::campaigns::former(lang).to_owned()));
    }
    if let Some(unsure) = &rules.unsure {
        about.push((lang::targets::ambiguous(lang), unsure.say(lang).to_owned()));
    }
    if view.made_up {
        about.push((lang::figures::worth(lang), lang::figures::made_up(lang).to_owned()));
    }
    let mut heads = vec![
        lang::campaigns::place(lang).to_owned(),
        lang::figures::code(lang).to_owned(),
        lang::chart::unit(lang).to_owned(),
        lang::campaigns::belongs_to(lang).to_owned(),
        lang::campaigns::total(lang).to_owned(),
        lang::campaigns::class(lang).to_owned(),
        lang::campaigns::adjusted(lang).to_owned(),
        lang::campaigns::moved_since(lang).to_owned(),
    ];
    for asked in &ranking.asked {
        let own = rules.criteria.iter().find(|it| it.code == asked.criterion);
        let title = own.map_or("", |it| it.title.say(lang));
        let code = &asked.criterion;
        heads.push(format!("{code}. {title} ({})", lang::campaigns::points(lang)));
        heads.push(format!("{code} ({})", lang::campaigns::achieved(lang)));
        heads.push(format!("{code} ({})", lang::campaigns::figures_of(lang)));
    }
    let rows = ranking.lines.iter().map(|line| row(sheet, ranking, line)).collect();
    Table { title: sheet.title(), about, heads, rows }
}

fn row(sheet: &Sheet, ranking: &GroupRanking, line: &Line) -> Vec<Cell> {
    let view = &sheet.board.view;
    let lang = view.lang;
    let rules = &sheet.standing.shown().rules;
    let above = view.territory.ancestors(line.unit, view.day);
    let above: Vec<&str> = above
        .iter()
        .filter(|version| version.kind.level() > Level::Province)
        .map(|version| &*version.full_name)
        .collect();
    let hundredths = |points: i64| Cell::Number(points as f64 / 100.0, 2);
    let count = |number: usize| Cell::Number(number as f64, 0);
    let moved = sheet.place_before(line.unit).zip(line.place);
    let mut row = vec![
        line.place.map_or(Cell::Empty, count),
        Cell::Text(line.code.clone().unwrap_or_default()),
        Cell::Text(line.name.clone()),
        Cell::Text(above.join(", ")),
        line.place.map_or(Cell::Empty, |_| hundredths(line.total)),
        Cell::Text(match line.place {
            Some(_) => say::class(lang, rules, line.class.as_deref()).to_owned(),
            None => lang::web::no_data(lang).to_owned(),
        }),
        hundredths(line.adjusted),
        moved.map_or(Cell::Empty, |(before, now)| Cell::Number(before as f64 - now as f64, 0)),
    ];
    for (asked, score) in ranking.asked.iter().zip(&line.scores) {
        row.push(score.points.map_or(Cell::Empty, hundredths));
        let own = rules.criteria.iter().find(|it| it.code == asked.criterion);
        let indicator = own.and_then(|own| view.catalogue.indicator(&own.indicator));
        let value = indicator.zip(score.achieved).map(|(own, achieved)| {
            let decimals = own.denominator.as_ref().map_or(0, |_| own.decimals);
            Cell::Number(figures::number(own, achieved), decimals as usize)
        });
        row.push(value.unwrap_or(Cell::Empty));
        row.push(Cell::Text(say::mark_words(lang, score)));
    }
    row
}
