//! `/tasks/mergers/new`: an order is typed or uploaded, rehearsed, and only then carried out.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::text::clean;
use base::{Day, Error, FieldError, Result, grouped, short_day};
use lang::{Lang, Text};
use maud::{Markup, html};
use web::export::digest;
use web::pieces::{self, Column, Crumb, Field};
use web::{Asked, Frame, Notice, PageError, Section, Upload, Visitor, layout};

use super::pieces::version_link;
use super::{say_place, see_other, unprocessable};
use crate::merger::{
    CHILD_COLUMNS, MergerOrder, Rehearsal, UNIT_COLUMNS, Warning, read_order, rehearse as work_out,
};
use crate::operations::find_records;
use crate::{Act, Atlas, CompletedAct, Territory, UnitCode, UnitId, apply_merger, hold};

/// More units of one sort are only counted on the page of a rehearsal.
const LISTED: usize = 200;

/// The form as it was filled in.
#[derive(Clone, Debug, Default)]
struct Filled {
    number: String,
    issuer: String,
    title: String,
    adopted_on: String,
    effective_on: String,
    source: String,
    units: String,
    children: String,
}

impl Filled {
    fn read(upload: &Upload) -> Result<Self> {
        let get = |name: &str| clean(upload.get(name));
        Ok(Self {
            number: get("number"),
            issuer: get("issuer"),
            title: get("title"),
            adopted_on: get("adopted_on"),
            effective_on: get("effective_on"),
            source: get("source"),
            units: upload.text("units")?,
            children: upload.text("children")?,
        })
    }

    /// Errors: `Invalid` at the field, or at `units:LINE column` of a table.
    fn order(&self, territory: &Territory) -> Result<MergerOrder> {
        let mut mistakes = Vec::new();
        let mut add = |place: &str, text: Text| {
            mistakes.push(FieldError { place: place.to_owned(), text });
        };
        if self.number.is_empty() {
            add("number", Text::new(lang::import::no_act));
        }
        let effective: Option<Day> = self.effective_on.parse().ok();
        if effective.is_none() {
            add("effective_on", Text::new(lang::error::bad_day));
        }
        let adopted: Option<Day> = self.adopted_on.parse().ok();
        if adopted.is_none() && !self.adopted_on.is_empty() {
            add("adopted_on", Text::new(lang::error::bad_day));
        }
        if adopted.zip(effective).is_some_and(|(adopted, effective)| adopted > effective) {
            add("adopted_on", Text::new(lang::mergers::adopted_late));
        }
        let act = Act {
            id: 0,
            number: self.number.clone(),
            issuer: self.issuer.clone(),
            title: self.title.clone(),
            adopted_on: adopted,
            effective_on: effective,
            source: self.source.clone(),
        };
        let on = effective.unwrap_or(Day::MIN);
        match effective.map(|_| read_order(territory, act, on, &self.units, &self.children)) {
            Some(Ok(order)) if mistakes.is_empty() => return Ok(order),
            Some(Err(Error::Invalid(more))) => mistakes.extend(more),
            Some(Err(error)) => return Err(error),
            _ => {}
        }
        Err(Error::Invalid(mistakes))
    }
}

pub(super) async fn show(_visitor: Visitor, asked: Asked) -> Markup {
    page(&asked, &Filled::default(), &[], &html! {})
}

fn page(asked: &Asked, filled: &Filled, mistakes: &[FieldError], above: &Markup) -> Markup {
    let lang = asked.lang;
    let title = lang::mergers::new(lang);
    let frame = Frame::new(asked, Section::Work, title);
    let csrf = frame.csrf.clone();
    let body = html! {
        (pieces::breadcrumbs(lang, &[
            Crumb { label: lang::work::title(lang), href: "/tasks" },
            Crumb { label: lang::work::mergers(lang), href: "/tasks/mergers" },
        ]))
        (pieces::heading(title, Some(lang::mergers::new_lead(lang))))
        (summary(lang, mistakes))
        (above)
        (pieces::upload("/tasks/mergers/new", csrf.as_deref(), fields(lang, filled, mistakes)))
    };
    layout(&frame, body)
}

/// What to mend; a mistake in a table names its line and leads to the field of the table.
fn summary(lang: Lang, mistakes: &[FieldError]) -> Markup {
    html! {
        @if !mistakes.is_empty() {
            div.mistakes role="alert" tabindex="-1" {
                h2 { (lang::mergers::mistakes(lang)) }
                ul {
                    @for mistake in mistakes {
                        @let (field, place) = split(&mistake.place);
                        li {
                            a href={ "#field-" (field) } {
                                @if !place.is_empty() { (say_place(lang, place)) " " }
                                (mistake.text.say(lang))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Field of the form and place in its table. What the rehearsal finds (`into[2].code`) belongs to
/// the table of units.
fn split(place: &str) -> (&str, &str) {
    match place.split_once(':') {
        Some(parts) => parts,
        None if place.starts_with("into") => ("units", place),
        None if place.starts_with("children[") => ("children", place),
        None if place == "act" => ("number", ""),
        None => (place, ""),
    }
}

fn fields(lang: Lang, filled: &Filled, mistakes: &[FieldError]) -> Markup {
    let field = |name, label| Field::new(lang, name, label).errors(mistakes);
    let (units, children) = (UNIT_COLUMNS.join(","), CHILD_COLUMNS.join(","));
    let units_hint = lang::mergers::units_hint(lang, &units);
    let children_hint = lang::mergers::children_hint(lang, &children);
    let units = match filled.units.as_str() {
        "" => format!("{units}\n"),
        units => units.to_owned(),
    };
    html! {
        (field("number", lang::mergers::number(lang)).hint(lang::mergers::number_hint(lang))
            .text(&filled.number))
        (field("issuer", lang::sources::issuer(lang)).optional().text(&filled.issuer))
        (field("title", lang::mergers::title_of_act(lang)).optional().text(&filled.title))
        (field("adopted_on", lang::sources::adopted(lang)).optional().day(&filled.adopted_on))
        (field("effective_on", lang::mergers::effective(lang))
            .hint(lang::mergers::effective_hint(lang)).day(&filled.effective_on))
        (field("source", lang::sources::found(lang)).optional().text(&filled.source))
        (field("units", lang::mergers::units(lang)).hint(&units_hint).textarea(&units, 8))
        (field("units_file", lang::mergers::units_file(lang)).optional().file(".csv,.txt,.tsv"))
        (field("children", lang::mergers::children(lang)).hint(&children_hint).optional()
            .textarea(&filled.children, 5))
        (field("children_file", lang::mergers::children_file(lang)).optional()
            .file(".csv,.txt,.tsv"))
        (pieces::submit(lang::mergers::rehearse(lang)))
    }
}

pub(super) async fn rehearse(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    upload: Upload,
) -> std::result::Result<Response, PageError> {
    visitor.check_form(upload.get("csrf"))?;
    let mut filled = match Filled::read(&upload) {
        Ok(filled) => filled,
        Err(Error::Invalid(mistakes)) => {
            return Ok(unprocessable(page(&asked, &Filled::default(), &mistakes, &html! {})));
        }
        Err(error) => return Err(error.into()),
    };
    let sent = upload.get("seal");
    let mut tx = if sent.is_empty() {
        atlas.database().read().await?
    } else {
        let mut tx = atlas.database().write().await?;
        hold(&mut tx).await?;
        tx
    };
    let territory = atlas.territory(&mut tx).await?;
    let tried = filled.order(&territory).and_then(|order| {
        let rehearsal = work_out(&territory, &order)?;
        Ok((order, rehearsal))
    });
    let (order, rehearsal) = match tried {
        Ok(tried) => tried,
        Err(Error::Invalid(mistakes)) => {
            return Ok(unprocessable(page(&asked, &filled, &mistakes, &html! {})));
        }
        Err(error) => return Err(error.into()),
    };
    let seal = digest(&serde_json::to_vec(&rehearsal.plan).map_err(Error::internal)?);
    if sent == seal {
        apply_merger(&mut tx, atlas.clock(), visitor.actor(), &order).await?;
        tx.commit().await?;
        return Ok(see_other("/tasks/mergers?done=applied"));
    }
    let records = find_records(&mut tx, &rehearsal.ended).await?;
    drop(tx);
    let rehearsal = Rehearsal { records, ..rehearsal };
    let after = territory.apply(&rehearsal.plan)?;
    let stale = !sent.is_empty();
    let told =
        Told { lang: asked.lang, before: &territory, after: &after, order: &order, rehearsal };
    let apply = told.is_decided().then(|| apply_form(told.lang, &visitor, &filled, &seal));
    if apply.is_none() {
        filled.children = told.children_to_decide();
    }
    let above = html! {
        @if stale { (pieces::notice(told.lang, &Notice::Warning(lang::mergers::changed(told.lang).to_owned()))) }
        (told.page())
        @if let Some(apply) = apply { (apply) }
        h2 { (lang::mergers::change_order(told.lang)) }
    };
    Ok(page(&asked, &filled, &[], &above).into_response())
}

/// Carries the order and the seal of what was shown; sent to the same address.
fn apply_form(lang: Lang, visitor: &Visitor, filled: &Filled, seal: &str) -> Markup {
    let values = [
        ("number", &filled.number),
        ("issuer", &filled.issuer),
        ("title", &filled.title),
        ("adopted_on", &filled.adopted_on),
        ("effective_on", &filled.effective_on),
        ("source", &filled.source),
    ];
    html! {
        (pieces::upload("/tasks/mergers/new", Some(&visitor.csrf), html! {
            @for (name, value) in values { input type="hidden" name=(name) value=(value); }
            // An input would lose the line breaks.
            textarea name="units" hidden { (filled.units) }
            textarea name="children" hidden { (filled.children) }
            input type="hidden" name="seal" value=(seal);
            p { (lang::mergers::apply_what(lang)) }
            (pieces::submit(lang::mergers::apply(lang)))
        }))
    }
}

const fn is_undecided(warning: &Warning) -> bool {
    matches!(warning, Warning::Undecided { .. })
}

/// A rehearsal as a page tells it.
struct Told<'a> {
    lang: Lang,
    before: &'a Territory,
    after: &'a Territory,
    order: &'a MergerOrder,
    rehearsal: Rehearsal,
}

impl Told<'_> {
    fn is_decided(&self) -> bool {
        !self.rehearsal.warnings.iter().any(is_undecided)
    }

    fn page(&self) -> Markup {
        let (lang, rehearsal) = (self.lang, &self.rehearsal);
        let on = self.order.on;
        let undecided = rehearsal.warnings.iter().filter(|warning| is_undecided(warning)).count();
        let warnings: Vec<String> = rehearsal
            .warnings
            .iter()
            .filter(|warning| !is_undecided(warning))
            .map(|warning| warning.say(lang, self.before, self.order))
            .collect();
        html! {
            h2 { (lang::mergers::rehearsal(lang, short_day(on))) }
            @if undecided > 0 {
                @let why = lang::merger::still_undecided(lang, undecided);
                @let next = lang::mergers::filled_in(lang);
                (pieces::notice(lang, &Notice::Warning(format!("{why} {next}"))))
            }
            @if !warnings.is_empty() {
                h3 { (lang::mergers::warnings(lang)) }
                (lines(lang, warnings.iter().map(|warning| html! { (warning) })))
            }
            (self.act())
            (self.units(lang::mergers::ended(lang), &rehearsal.ended, -1))
            (self.records())
            (self.units(lang::mergers::established(lang), &rehearsal.established, 0))
            (self.kept())
            (self.reissued())
            (self.homonyms())
            (self.moved())
            (self.outlines())
        }
    }

    /// What is added about the act; nothing where all is known already.
    fn act(&self) -> Markup {
        let (lang, plan) = (self.lang, &self.rehearsal.plan);
        let number = &self.order.act.number;
        html! {
            @if !plan.new_acts.is_empty() { p { (lang::mergers::act_new(lang, number)) } }
            @for completed in &plan.completed_acts {
                @let fields = named_fields(lang, completed).join(", ");
                p { (lang::mergers::act_completed(lang, lang::mergers::ActCompleted { fields, number })) }
            }
        }
    }

    /// The records of other areas on the units that end.
    fn records(&self) -> Markup {
        let (lang, records) = (self.lang, &self.rehearsal.records);
        let number = |count: usize| grouped(lang, i64::try_from(count).unwrap_or(i64::MAX));
        let (measures, units) = (number(records.measures), number(records.units));
        let what =
            lang::mergers::RecordsWhat { count: grouped(lang, records.count), measures, units };
        let line = |(unit, count): &(UnitId, i64)| {
            html! { (self.name(*unit, -1)) ": " (lang::mergers::records(lang, grouped(lang, *count))) }
        };
        let more = records.units.saturating_sub(records.by_unit.len());
        html! {
            @if !self.rehearsal.ended.is_empty() {
                h3 { (lang::mergers::records_on_ended(lang)) }
                @if records.count == 0 {
                    p { (lang::mergers::no_records(lang)) }
                } @else {
                    p { (lang::mergers::records_what(lang, what)) }
                    ul {
                        @for one in &records.by_unit { li { (line(one)) } }
                        @if more > 0 { li { (lang::unit::and_more(lang, more)) } }
                    }
                }
            }
        }
    }

    /// What becomes of the outlines on maps: no plan touches them.
    fn outlines(&self) -> Markup {
        let (lang, rehearsal) = (self.lang, &self.rehearsal);
        let (eve, on) = (self.order.on.plus(-1), self.order.on);
        let drawn = |unit: &&UnitId| !self.before.outlines_of(**unit, eve).is_empty();
        let ended = rehearsal.ended.iter().filter(drawn).count();
        let kept = rehearsal.kept.iter().filter(drawn).count();
        let new = rehearsal.established.len();
        let count = |count: usize| grouped(lang, i64::try_from(count).unwrap_or(i64::MAX));
        html! {
            @if ended + kept + new > 0 {
                h3 { (lang::mergers::outlines(lang)) }
                ul {
                    @if ended > 0 {
                        @let (count, day) = (count(ended), short_day(eve));
                        li { (lang::mergers::outlines_ended(lang, lang::mergers::OutlinesEnded { count, day })) }
                    }
                    @if new > 0 {
                        @let (count, day) = (count(new), short_day(on));
                        li {
                            (lang::mergers::outlines_new(lang, lang::mergers::OutlinesNew { count, day })) " "
                            a href="/tasks/territory" { (lang::mergers::outlines_import(lang)) }
                        }
                    }
                    @if kept > 0 { li { (lang::mergers::outlines_kept(lang, count(kept))) } }
                }
            }
        }
    }

    fn name(&self, unit: UnitId, shift: i32) -> Markup {
        let day = self.order.on.plus(shift);
        let version = self.after.at(unit, day).or_else(|| self.before.at(unit, day));
        html! {
            @if let Some(version) = version {
                @if shift < 0 { (version_link(version, day)) } @else { (version.full_name) }
                @if let Some(code) = &version.code { " (" (code) ")" }
            }
        }
    }

    /// Units as they are on the day (`shift` 0) or the day before it (-1).
    fn units(&self, title: &str, units: &[UnitId], shift: i32) -> Markup {
        html! {
            @if !units.is_empty() {
                h3 { (title) " (" (units.len()) ")" }
                (lines(self.lang, units.iter().map(|unit| self.name(*unit, shift))))
            }
        }
    }

    fn kept(&self) -> Markup {
        let kept = &self.rehearsal.kept;
        html! {
            @if !kept.is_empty() {
                h3 { (lang::mergers::kept(self.lang)) " (" (kept.len()) ")" }
                (lines(self.lang, kept.iter().map(|unit| html! {
                    (self.name(*unit, -1)) " → " (self.name(*unit, 0))
                })))
            }
        }
    }

    fn reissued(&self) -> Markup {
        let reissued = &self.rehearsal.reissued;
        html! {
            @if !reissued.is_empty() {
                h3 { (lang::mergers::reissued(self.lang)) " (" (reissued.len()) ")" }
                (lines(self.lang, reissued.iter().map(|one| html! {
                    (one.code) ": " (self.name(one.from, -1)) " → " (self.name(one.to, 0))
                })))
            }
        }
    }

    fn homonyms(&self) -> Markup {
        let homonyms = &self.rehearsal.homonyms;
        html! {
            @if !homonyms.is_empty() {
                h3 { (lang::mergers::homonyms(self.lang)) " (" (homonyms.len()) ")" }
                (lines(self.lang, homonyms.iter().map(|homonym| html! {
                    (self.name(homonym.unit, 0)) ": "
                    @for (at, other) in homonym.others.iter().enumerate() {
                        @if at > 0 { ", " }
                        (self.before.path(*other, self.order.on.plus(-1)).unwrap_or_default())
                    }
                })))
            }
        }
    }

    fn moved(&self) -> Markup {
        let moved = &self.rehearsal.moved;
        let columns = [
            Column::head(lang::unit::name(self.lang)),
            Column::text(lang::upload::from(self.lang)),
            Column::text(lang::upload::to(self.lang)),
        ];
        let rows: Vec<Vec<Markup>> = moved
            .iter()
            .take(LISTED)
            .map(|one| vec![self.name(one.unit, 0), self.name(one.from, -1), self.name(one.to, 0)])
            .collect();
        let caption = lang::mergers::moved(self.lang, moved.len());
        html! {
            @if !rows.is_empty() { (pieces::details(&caption, pieces::table(&caption, &columns, &rows))) }
        }
    }

    /// The table of children with a line for each that is still to be decided.
    fn children_to_decide(&self) -> String {
        let reference = |unit: UnitId| {
            let code =
                self.before.at(unit, self.order.on).and_then(|version| version.code.as_ref());
            code.map_or_else(|| format!("~{unit}"), UnitCode::to_string)
        };
        let line = |unit: UnitId, code: &str| {
            let name = self.before.full_name(unit, self.order.on);
            format!("{},{code},{}", reference(unit), name.replace(',', " "))
        };
        let mut lines = vec![format!("{},note", CHILD_COLUMNS.join(","))];
        lines.extend(self.order.children.iter().filter_map(|(child, into)| {
            Some(line(*child, self.order.into.get(*into)?.code.as_str()))
        }));
        lines.extend(self.rehearsal.warnings.iter().filter_map(|warning| match warning {
            Warning::Undecided { child } => Some(line(*child, "")),
            _ => None,
        }));
        lines.join("\n")
    }
}

/// The fields that are filled of an act, in words.
fn named_fields(lang: Lang, completed: &CompletedAct) -> Vec<&'static str> {
    let fields = [
        (lang::sources::issuer(lang), completed.issuer.is_some()),
        (lang::mergers::title_of_act(lang), completed.title.is_some()),
        (lang::sources::adopted(lang), completed.adopted_on.is_some()),
        (lang::sources::found(lang), completed.source.is_some()),
    ];
    fields.into_iter().filter(|(_, filled)| *filled).map(|(name, _)| name).collect()
}

/// A list of at most [`LISTED`] lines.
fn lines(lang: Lang, all: impl ExactSizeIterator<Item = Markup>) -> Markup {
    let more = all.len().saturating_sub(LISTED);
    html! {
        ul {
            @for line in all.take(LISTED) { li { (line) } }
            @if more > 0 { li { (lang::unit::and_more(lang, more)) } }
        }
    }
}
