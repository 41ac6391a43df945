//! `/tasks/territory`: lists of units uploaded, shown as what they would change, then written.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::{Day, Error, FieldError, Id, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use store::uploads::{self, FilesByName};
use tokio::task::spawn_blocking;
use web::export::digest;
use web::pieces::{self, Column, Crumb, Field};
use web::{Asked, Form, Frame, Ground, Notice, PageError, Query, Section, Upload, Visitor, layout};

use super::pieces::ground_of_today;
use super::sources::say_change;
use super::{see_other, unprocessable};
use crate::actions::import_on;
use crate::api::{day, sheet};
use crate::{Atlas, Change, Plan, Planned, PlannedStep, Territory, hold, plan_import};

/// So many lines of a plan are shown.
const LINES: usize = 50;
/// What the files of this page are kept for.
const PURPOSE: &str = "territory";

/// What an upload would do.
struct Preview {
    planned: Planned,
    /// Names this very plan, so that nothing else is written than what was shown.
    seal: String,
}

impl Preview {
    /// Whether some of the units or outlines were made up.
    fn brings_made_up(&self) -> bool {
        self.planned.steps.iter().any(|step| {
            step.plan.new_units.iter().any(|unit| unit.made_up)
                || step.outlines.iter().any(|outline| outline.schematic)
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(Done { done }): Query<Done>,
) -> Markup {
    let lang = asked.lang;
    let notice = match done.as_str() {
        "nothing" => Some(Notice::Note(lang::upload::nothing_new(lang).to_owned())),
        "yes" => Some(Notice::Done(lang::upload::done(lang).to_owned())),
        _ => None,
    };
    let ground = ground_of_today(lang, &atlas);
    page(&asked, ground, ("", &[]), notice, &html! {})
}

/// `outlines_on` is what was written in that field.
fn page(
    asked: &Asked,
    ground: Ground,
    (outlines_on, mistakes): (&str, &[FieldError]),
    notice: Option<Notice>,
    preview: &Markup,
) -> Markup {
    let lang = asked.lang;
    let title = lang::work::import(lang);
    let mut frame = Frame::new(asked, Section::Work, title).ground(ground);
    frame.notice = notice;
    let files = html! {
        input type="file" id="field-files" name="files" multiple accept=".csv,.toml,.geojson";
    };
    let csrf = frame.csrf.clone();
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::work::title(lang), href: "/tasks" }]))
        (pieces::heading(title, Some(lang::upload::lead(lang))))
        (mistakes_in_files(lang, mistakes))
        (preview)
        (pieces::upload("/tasks/territory", csrf.as_deref(), html! {
            (Field::new(lang, "files", lang::upload::files(lang))
                .hint(&lang::upload::files_hint(lang, super::LARGEST_IMPORT_BYTES >> 20)).around(files))
            (Field::new(lang, "outlines_on", lang::upload::outlines_on(lang)).optional()
                .hint(lang::upload::outlines_on_hint(lang)).errors(mistakes).day(outlines_on))
            (pieces::submit(lang::upload::preview(lang)))
        }))
    };
    layout(&frame, body)
}

fn mistakes_in_files(lang: Lang, mistakes: &[FieldError]) -> Markup {
    html! {
        @let mistakes: Vec<&FieldError> =
            mistakes.iter().filter(|mistake| mistake.place != "outlines_on").collect();
        @if !mistakes.is_empty() {
            (pieces::notice(lang, &Notice::Warning(lang::upload::mistakes(lang).to_owned())))
            @let columns = [
                Column::head(lang::upload::place(lang)), Column::text(lang::upload::mistake(lang)),
            ];
            @let rows: Vec<Vec<Markup>> = mistakes.iter().map(|mistake| {
                vec![html! { (mistake.place) }, html! { (mistake.text.say(lang)) }]
            }).collect();
            (pieces::table(lang::upload::mistakes_list(lang), &columns, &rows))
        }
    }
}

pub(super) async fn preview(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    upload: Upload,
) -> std::result::Result<Response, PageError> {
    visitor.check_form(upload.get("csrf"))?;
    let typed = upload.get("outlines_on").to_owned();
    let mut ground = ground_of_today(asked.lang, &atlas);
    let day = match day("outlines_on", Some(typed.trim()), atlas.clock().today()) {
        Ok(day) => day,
        Err(error) => return refused(&asked, ground, &typed, error),
    };
    let files = upload.into_files().into_iter().filter(|file| file.field == "files");
    let files: FilesByName = files.map(|file| (file.name, file.bytes)).collect();
    if files.is_empty() {
        let missing = Error::invalid("files", lang::upload::no_files);
        return refused(&asked, ground, &typed, missing);
    }
    let files = Arc::new(files);
    let (territory, read) = (sheet(&atlas).await?.territory, files.clone());
    let made =
        spawn_blocking(move || make(&territory, &read, day)).await.map_err(Error::internal)?;
    let made = match made {
        Ok(made) => made,
        Err(error) => return refused(&asked, ground, &typed, error),
    };
    ground.made_up = made.brings_made_up();
    let id = Id::new(atlas.clock());
    let told = would_change(asked.lang, &visitor, &made, (id, day));
    let kept = uploads::Upload {
        owner: visitor.name.clone(),
        purpose: PURPOSE.to_owned(),
        seal: made.seal,
        files: Arc::unwrap_or_clone(files),
    };
    let mut tx = atlas.database().write().await?;
    uploads::keep(&mut tx, atlas.clock(), id, &kept).await?;
    tx.commit().await?;
    Ok(page(&asked, ground, (&typed, &[]), None, &told).into_response())
}

fn refused(
    asked: &Asked,
    ground: Ground,
    outlines_on: &str,
    error: Error,
) -> std::result::Result<Response, PageError> {
    match error {
        Error::Invalid(mistakes) => {
            Ok(unprocessable(page(asked, ground, (outlines_on, &mistakes), None, &html! {})))
        }
        error => Err(error.into()),
    }
}

fn make(territory: &Territory, files: &FilesByName, day: Day) -> Result<Preview> {
    let planned = plan_import(territory, files, day)?;
    let plans: Vec<&Plan> = planned.steps.iter().map(|step| &step.plan).collect();
    let json = serde_json::to_vec(&plans).map_err(Error::internal)?;
    let seal = digest(&json);
    Ok(Preview { planned, seal })
}

/// What the files would change, with the button that writes it. They are kept as `id`.
fn would_change(lang: Lang, visitor: &Visitor, preview: &Preview, (id, day): (Id, Day)) -> Markup {
    let planned = &preview.planned;
    let draws = planned.steps.iter().any(|step| !step.outlines.is_empty());
    html! {
        @if !planned.unread.is_empty() {
            @let names = planned.unread.join(", ");
            (pieces::notice(lang, &Notice::Note(lang::upload::unread(lang, names))))
        }
        @if planned.is_empty() {
            (pieces::notice(lang, &Notice::Note(lang::upload::nothing_new(lang).to_owned())))
            (unknown_outlines(lang, planned.unknown_outlines))
        } @else {
            @for step in planned.steps.iter().filter(|step| !step.plan.is_empty()) {
                (would_change_on(lang, step, &planned.after))
            }
            (unknown_outlines(lang, planned.unknown_outlines))
            @if draws { p { (lang::upload::outlines_what(lang)) } }
            (pieces::form("/tasks/territory/apply", Some(&visitor.csrf), html! {
                input type="hidden" name="files" value=(id);
                input type="hidden" name="outlines_on" value=(day);
                p { (lang::upload::confirm(lang, uploads::KEPT_HOURS)) }
                (pieces::submit(lang::upload::apply(lang)))
            }))
        }
        h2 { (lang::upload::other_files(lang)) }
    }
}

fn unknown_outlines(lang: Lang, count: usize) -> Markup {
    let term = lang::upload::unknown_outlines(lang);
    let shown = (term, html! { (number(lang, count)) });
    html! { @if count > 0 { (pieces::definition_list(&[shown])) } }
}

fn would_change_on(lang: Lang, step: &PlannedStep, after: &Territory) -> Markup {
    html! {
        h2 { (lang::upload::would(lang, short_day(step.on))) }
        p.quiet { (step.files.join(", ")) }
        (counts(lang, &step.plan))
        (first_lines(lang, after, &step.plan))
    }
}

pub(super) fn number(lang: Lang, count: usize) -> String {
    grouped(lang, i64::try_from(count).unwrap_or(i64::MAX))
}

/// How many rows of each sort a plan has.
pub(super) fn counts(lang: Lang, plan: &Plan) -> Markup {
    let counts = [
        (lang::upload::new_acts(lang), plan.new_acts.len()),
        (lang::upload::completed_acts(lang), plan.completed_acts.len()),
        (lang::upload::new_units(lang), plan.new_units.len()),
        (lang::upload::closed(lang), plan.closed_versions.len()),
        (lang::upload::versions(lang), plan.new_versions.len()),
        (lang::upload::changes(lang), plan.new_changes.len()),
        (lang::upload::completed_changes(lang), plan.completed_changes.len()),
        (lang::upload::outlines(lang), plan.outlines.len()),
    ];
    let counts: Vec<(&str, Markup)> = counts
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(term, count)| (term, html! { (number(lang, count)) }))
        .collect();
    pieces::definition_list(&counts)
}

/// The first changes of a plan, or where it has none the first periods that begin. `after` is the
/// territory with the plan.
pub(super) fn first_lines(lang: Lang, after: &Territory, plan: &Plan) -> Markup {
    let columns = [
        Column::head(lang::upload::what(lang)),
        Column::text(lang::upload::from(lang)),
        Column::text(lang::upload::to(lang)),
    ];
    let name = |unit: Option<crate::UnitId>, day: Day| {
        unit.map_or_else(|| "–".to_owned(), |unit| after.full_name(unit, day))
    };
    let row = |change: &Change| {
        vec![
            html! { (say_change(lang, change.kind)) },
            html! { (name(change.from, change.on.plus(-1))) },
            html! { (name(change.to, change.on)) },
        ]
    };
    let mut rows: Vec<Vec<Markup>> = plan.new_changes.iter().take(LINES).map(row).collect();
    if rows.is_empty() {
        let begins = plan.new_versions.iter().take(LINES).map(|version| {
            vec![
                html! { (lang::upload::begins(lang)) },
                html! { "–" },
                html! { (version.full_name) },
            ]
        });
        rows.extend(begins);
    }
    let all = match plan.new_changes.len() {
        0 => plan.new_versions.len(),
        changes => changes,
    };
    let all = number(lang, all);
    html! {
        @if !rows.is_empty() {
            (pieces::table(&lang::upload::first_lines(lang, lang::upload::FirstLines { all, shown: rows.len() }), &columns, &rows))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    csrf: String,
    files: String,
    outlines_on: String,
}

pub(super) async fn apply(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    Form(confirmed): Form<Confirmed>,
) -> std::result::Result<Response, PageError> {
    visitor.check_form(&confirmed.csrf)?;
    let day = day("outlines_on", Some(&confirmed.outlines_on), atlas.clock().today())?;
    let mut tx = atlas.database().write().await?;
    hold(&mut tx).await?;
    let (clock, whose) = (atlas.clock(), (&*visitor.name, PURPOSE));
    let kept = uploads::find(&mut tx, clock, whose, &confirmed.files).await?;
    let kept =
        kept.ok_or_else(|| Error::refused("territory.preview_over", lang::upload::forgotten))?;
    let (territory, files) = (atlas.territory(&mut tx).await?, Arc::new(kept.files));
    let read = files.clone();
    let made = spawn_blocking(move || make(&territory, &read, day));
    let made = made.await.map_err(Error::internal)??;
    if made.seal != kept.seal {
        return Err(Error::Conflict(lang::Text::new(lang::territory::plan_overtaken)).into());
    }
    let imported = import_on(&mut tx, clock, visitor.actor(), &files, day).await?;
    uploads::remove(&mut tx, &confirmed.files).await?;
    tx.commit().await?;
    let done = if imported.is_empty() { "nothing" } else { "yes" };
    Ok(see_other(&format!("/tasks/territory?done={done}")))
}
