//! Filling a form with figures.

use std::collections::BTreeMap;

use base::{Day, Error, Moment, Result, grouped};
use lang::Lang;
use packs::{Catalogue, Indicator, Report, ReportColumn, ReportPart, Which};
use store::Tx;
use territory::{Atlas, Level, Territory, UnitCode, UnitId, Version};

use super::sheet::{Cell, Column, PartSaid, Row, Sheet, UnitSaid};
use super::words;
use crate::{Answer, Figure, Period, Question, Sight, ask, find_indicator};

/// What a form is to be filled with.
#[derive(Clone, Debug)]
pub struct Wish<'a> {
    /// The form.
    pub report: &'a Report,
    /// Its period.
    pub period: Period,
    /// The day whose map the figures stand on.
    pub map: Day,
    /// Only what was recorded by then; none for all that is there.
    pub known: Option<Moment>,
    /// The instant that the paper names: `known`, or now.
    pub cut_off: Moment,
    /// How many entries of the journal count.
    pub entries: i64,
    /// Whether data that was made up may be among it.
    pub made_up: bool,
    /// The language of the paper.
    pub lang: Lang,
}

/// A form by its code.
///
/// Errors: `NotFound`.
pub fn find_report<'a>(catalogue: &'a Catalogue, code: &str) -> Result<&'a Report> {
    catalogue.report(code).ok_or_else(|| {
        let code = code.to_owned();
        Error::not_found(move |lang| lang::reports::unknown(lang, &code))
    })
}

/// Fills a form. The row of all together is the figure of the unit above, from its own parts: it is
/// not the sum of the rows, and a share in it is no mean.
///
/// Errors: `Invalid` at `period` when it is not one of the form's, at `map` when the unit of the
/// form is not on it; those of [`ask`].
pub async fn fill(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    wish: &Wish<'_>,
) -> Result<Sheet> {
    let calendars = catalogue.calendars();
    let calendar = calendars.iter().find(|calendar| calendar.code == wish.report.calendar);
    let prefix = calendar.map_or("", |calendar| calendar.prefix.as_str());
    if wish.period.kind() != Some(wish.report.every) || wish.period.prefix() != prefix {
        return Err(Error::invalid("period", lang::reports::other_period));
    }
    let figures = Figures::load(tx, atlas, catalogue, wish).await?;
    let (territory, _) = atlas.map(tx, wish.map).await?;
    let whole = find_whole(&territory, wish, &figures)?;
    let form = Form { catalogue, wish, figures: &figures, territory: &territory };
    let rows = match (&whole, &wish.report.units) {
        (Some(whole), Some(units)) => form.rows_of_units(whole, units),
        (Some(whole), None) => form.rows_of_lines(whole),
        (None, _) => Ok(Vec::new()),
    }?;
    form.sheet(whole.as_ref(), rows)
}

/// The answers to all that a form asks, by indicator.
struct Figures {
    answers: BTreeMap<String, (Vec<Period>, Answer)>,
    /// By which period each kind of column goes.
    periods: Vec<(Which, Period)>,
}

impl Figures {
    async fn load(
        tx: &mut Tx,
        atlas: &Atlas,
        catalogue: &Catalogue,
        wish: &Wish<'_>,
    ) -> Result<Self> {
        let calendars = catalogue.calendars();
        let mut periods: Vec<(Which, Period)> = Vec::new();
        for column in &wish.report.columns {
            if !periods.iter().any(|(which, _)| *which == column.period) {
                let seen = wish.period.seen_from(column.period, &calendars)?;
                periods.push((column.period, seen));
            }
        }
        let mut answers = BTreeMap::new();
        for code in wish.report.indicators() {
            if answers.contains_key(code) {
                continue;
            }
            let asked: Vec<Period> = periods.iter().map(|(_, period)| period.clone()).collect();
            let question = Question {
                indicator: code.to_owned(),
                periods: asked,
                map: wish.map,
                known: wish.known,
                // What is published is what everybody may see.
                sight: Sight::Public,
            };
            let answer = ask(tx, atlas, catalogue, &question).await?;
            answers.insert(code.to_owned(), (question.periods, answer));
        }
        Ok(Self { answers, periods })
    }

    fn period(&self, which: Which) -> Result<&Period> {
        let found = self.periods.iter().find(|(known, _)| *known == which);
        found.map(|(_, period)| period).ok_or_else(|| Error::internal("a period was not asked"))
    }

    fn get(&self, indicator: &str, which: Which, unit: UnitId) -> Figure {
        let found = self.answers.get(indicator);
        let at = self.periods.iter().position(|(known, _)| *known == which);
        found.zip(at).map(|((_, answer), at)| answer.get(unit, at)).unwrap_or_default()
    }

    /// Whether somebody reports any of it for a unit, or should.
    fn is_reported(&self, unit: UnitId) -> bool {
        self.answers.values().any(|(_, answer)| {
            answer.all(unit).any(|figure| figure.expected > 0 || figure.numerator.is_some())
        })
    }
}

/// The unit that the form is about, on the map of the wish; none where nobody reports.
fn find_whole(
    territory: &Territory,
    wish: &Wish<'_>,
    figures: &Figures,
) -> Result<Option<Version>> {
    let Some(under) = &wish.report.under else {
        let mut tops = figures.answers.values().filter_map(|(_, answer)| answer.top(territory));
        return Ok(tops.find(|top| figures.is_reported(top.unit)).cloned());
    };
    let on = under.on.parse::<Day>().map_err(|_| Error::internal("a day of a form"))?;
    let unit = territory.by_code(&under.code, on).map(|version| version.unit);
    let lands = |unit: UnitId| match territory.landings(unit, wish.map)[..] {
        [one] => Some(one.unit),
        _ => None,
    };
    let there = unit.and_then(|unit| match territory.at(unit, wish.map) {
        Some(_) => Some(unit),
        None => lands(unit),
    });
    let found = there.and_then(|unit| territory.at(unit, wish.map)).cloned();
    match found {
        Some(found) => Ok(Some(found)),
        None => Err(Error::invalid("map", lang::reports::not_on_map)),
    }
}

struct Form<'a> {
    catalogue: &'a Catalogue,
    wish: &'a Wish<'a>,
    figures: &'a Figures,
    territory: &'a Territory,
}

impl Form<'_> {
    fn rows_of_units(&self, whole: &Version, units: &packs::UnitRows) -> Result<Vec<Row>> {
        let lang = self.wish.lang;
        let mut rows = Vec::new();
        let total = units.total.say(lang).to_owned();
        rows.push(self.row(vec![String::new(), total, code(whole)], whole, None, true)?);
        for (version, number) in self.listed(whole).into_iter().zip(1_i64..) {
            let stub = vec![grouped(lang, number), self.label(version), code(version)];
            rows.push(self.row(stub, version, None, false)?);
        }
        Ok(rows)
    }

    /// The units of the form's level that somebody reports for.
    fn listed(&self, whole: &Version) -> Vec<&Version> {
        let all = self.all_units(whole).into_iter();
        all.filter(|version| self.figures.is_reported(version.unit)).collect()
    }

    fn all_units(&self, whole: &Version) -> Vec<&Version> {
        let level = self.wish.report.units.as_ref().and_then(|units| Level::find(&units.level));
        let under = |level| self.territory.under(Some(whole.unit), self.wish.map, level);
        level.map(under).unwrap_or_default()
    }

    fn rows_of_lines(&self, whole: &Version) -> Result<Vec<Row>> {
        let lang = self.wish.lang;
        let mut rows = Vec::new();
        for (line, number) in self.wish.report.lines.iter().zip(1_i64..) {
            let indicator = find_indicator(self.catalogue, &line.indicator)?;
            let name = line.name.as_ref().unwrap_or(&indicator.name).say(lang).to_owned();
            let counted = words::counted(lang, self.catalogue, &indicator.numerator);
            let shows_parts =
                self.wish.report.columns.iter().any(|column| column.part != ReportPart::Value);
            let unit = match &indicator.denominator {
                Some(_) if shows_parts => format!("%, {counted}"),
                Some(_) => "%".to_owned(),
                None => counted,
            };
            let stub = vec![grouped(lang, number), name, unit];
            rows.push(self.row(stub, whole, Some(&line.indicator), false)?);
        }
        Ok(rows)
    }

    fn row(
        &self,
        stub: Vec<String>,
        version: &Version,
        indicator: Option<&str>,
        total: bool,
    ) -> Result<Row> {
        let cell = |column: &ReportColumn| {
            let code = indicator.or(column.indicator.as_deref()).unwrap_or_default();
            let figure = self.figures.get(code, column.period, version.unit);
            Ok(cell(find_indicator(self.catalogue, code)?, figure))
        };
        let cells = self.wish.report.columns.iter().map(cell).collect::<Result<Vec<_>>>()?;
        let unit = UnitSaid {
            id: version.unit.0,
            code: version.code.as_ref().map(|code| code.as_str().to_owned()),
            name: version.full_name.clone(),
        };
        let remark = words::remark(self.wish.lang, &cells);
        Ok(Row { stub, unit, indicator: indicator.map(str::to_owned), total, cells, remark })
    }

    /// The name of a unit among others; a hamlet from another commune says from which.
    fn label(&self, version: &Version) -> String {
        let origin = self.territory.unit(version.unit).and_then(|unit| unit.origin);
        let moved = origin.filter(|origin| Some(*origin) != version.parent);
        match moved.and_then(|origin| self.territory.unit(origin)?.last()) {
            Some(first) => format!("{} ({})", version.full_name, first.full_name),
            None => version.full_name.clone(),
        }
    }

    fn column(&self, column: &ReportColumn) -> Result<Column> {
        let lang = self.wish.lang;
        let mut header = column.header.say(lang).to_owned();
        if let Some(code) = &column.indicator {
            let unit = self.unit_of(find_indicator(self.catalogue, code)?, column.part);
            header = format!("{header} ({unit})");
        }
        Ok(Column {
            group: column.group.as_ref().map(|group| group.say(lang).to_owned()),
            header,
            indicator: column.indicator.clone(),
            part: match column.part {
                ReportPart::Value => PartSaid::Value,
                ReportPart::Numerator => PartSaid::Numerator,
                ReportPart::Denominator => PartSaid::Denominator,
            },
            period: words::period(lang, self.figures.period(column.period)?),
        })
    }

    fn unit_of(&self, indicator: &Indicator, part: ReportPart) -> String {
        let counted = |measure: &str| words::counted(self.wish.lang, self.catalogue, measure);
        match (part, &indicator.denominator) {
            (ReportPart::Value, Some(_)) => "%".to_owned(),
            (ReportPart::Denominator, Some(below)) => counted(below),
            _ => counted(&indicator.numerator),
        }
    }

    /// Every unit of count on the paper, in the order of their first use.
    fn counted_line(&self) -> Result<String> {
        let report = self.wish.report;
        let mut all: Vec<String> = Vec::new();
        for column in &report.columns {
            let own = column.indicator.as_deref().into_iter();
            for code in own.chain(report.lines.iter().map(|line| line.indicator.as_str())) {
                let unit = self.unit_of(find_indicator(self.catalogue, code)?, column.part);
                if !all.contains(&unit) {
                    all.push(unit);
                }
            }
        }
        Ok(lang::reports::counted_line(self.wish.lang, all.join(", ")))
    }

    fn notes(&self, whole: Option<&Version>) -> Vec<String> {
        let lang = self.wish.lang;
        let own = self.wish.report.notes.iter().map(|note| note.say(lang).to_owned());
        let mut notes: Vec<String> = own.collect();
        if let Some(whole) = whole.filter(|_| self.wish.report.units.is_some()) {
            let (all, listed) = (self.all_units(whole).len(), self.listed(whole).len());
            if listed < all {
                let say = lang::reports::OnlyListed { all, listed, name: &whole.full_name };
                notes.push(lang::reports::only_listed(lang, say));
            }
        }
        notes.push(lang::reports::total_note(lang).to_owned());
        notes
    }

    fn sheet(&self, whole: Option<&Version>, rows: Vec<Row>) -> Result<Sheet> {
        let Wish { report, period, lang, .. } = self.wish;
        let lang = *lang;
        let mut definitions = Vec::new();
        for code in self.figures.answers.keys() {
            let indicator = find_indicator(self.catalogue, code)?;
            definitions.push(words::definition(lang, self.catalogue, indicator));
        }
        let stub = match report.units {
            Some(_) => {
                [lang::reports::number(lang), lang::chart::unit(lang), lang::figures::code(lang)]
            }
            None => [
                lang::reports::number(lang),
                lang::indicator::name(lang),
                lang::reports::counted(lang),
            ],
        };
        Ok(Sheet {
            report: report.code.clone(),
            language: lang.tag().to_owned(),
            form: lang::reports::form(lang, &report.form),
            title: report.title.say(lang).to_owned(),
            prescribed: words::prescribed(lang, report),
            reporting: lang::reports::reporting(lang, report.reporting.say(lang)),
            receiving: lang::reports::receiving(lang, report.receiving.say(lang)),
            period: words::period(lang, period),
            period_line: words::period_line(lang, period),
            counted_line: self.counted_line()?,
            map: self.wish.map,
            cut_off: self.wish.cut_off,
            entries: self.wish.entries,
            ground_line: words::ground_line(self.wish),
            made_up: self.wish.made_up.then(|| lang::reports::made_up(lang).to_owned()),
            stub: stub.map(str::to_owned).to_vec(),
            columns: report.columns.iter().map(|it| self.column(it)).collect::<Result<_>>()?,
            remarks: lang::reports::remarks(lang).to_owned(),
            rows,
            notes: self.notes(whole),
            signatures: words::signatures(lang, report),
            definitions,
        })
    }
}

/// A figure as the sheet keeps it.
pub(crate) fn cell(indicator: &Indicator, figure: Figure) -> Cell {
    Cell {
        value: figure.value(indicator),
        decimals: indicator.denominator.as_ref().map_or(0, |_| indicator.decimals),
        numerator: figure.numerator,
        denominator: figure.denominator,
        flags: words::flags(indicator, figure),
        reported: figure.reported,
        expected: figure.expected,
    }
}

fn code(version: &Version) -> String {
    version.code.as_ref().map(UnitCode::as_str).unwrap_or_default().to_owned()
}
