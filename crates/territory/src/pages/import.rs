//! `/tasks/territory`: lists of units uploaded, shown as what they would change, then written.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::{Day, Error, FieldError, Result, grouped, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use tokio::task::spawn_blocking;
use web::export::digest;
use web::pieces::{self, Column, Crumb, Field};
use web::{Asked, Form, Frame, Notice, PageError, Query, Section, Visitor, layout};

use super::sources::say_change;
use super::upload::Upload;
use super::{see_other, unprocessable};
use crate::api::sheet;
use crate::stash::FilesByName;
use crate::{Atlas, Change, Plan, Territory, hold, import_lists, plan_import, plan_outlines};

/// So many lines of a plan are shown.
const LINES: usize = 50;

/// What an upload would do.
struct Preview {
    plan: Plan,
    on: Day,
    after: Territory,
    outlines: usize,
    unknown_outlines: usize,
    /// Names this very plan, so that nothing else is written than what was shown.
    seal: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
}

pub(super) async fn show(
    _visitor: Visitor,
    asked: Asked,
    Query(Done { done }): Query<Done>,
) -> Markup {
    let lang = asked.lang;
    let notice = match done.as_str() {
        "" => None,
        "nothing" => Some(Notice::Note(lang::upload::nothing_new(lang).to_owned())),
        _ => Some(Notice::Done(lang::upload::done(lang).to_owned())),
    };
    page(&asked, &[], notice, &html! {})
}

fn page(
    asked: &Asked,
    mistakes: &[FieldError],
    notice: Option<Notice>,
    preview: &Markup,
) -> Markup {
    let lang = asked.lang;
    let title = lang::work::import(lang);
    let mut frame = Frame::new(asked, Section::Work, title);
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
                .hint(lang::upload::files_hint(lang)).around(files))
            (pieces::submit(lang::upload::preview(lang)))
        }))
    };
    layout(&frame, body)
}

fn mistakes_in_files(lang: Lang, mistakes: &[FieldError]) -> Markup {
    html! {
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
    let files: FilesByName = upload.into_files().into_iter().collect();
    if files.is_empty() {
        let missing = Error::invalid("files", lang::upload::no_files);
        return refused(&asked, missing);
    }
    let files = Arc::new(files);
    let (territory, read) = (sheet(&atlas).await?.territory, files.clone());
    let made = spawn_blocking(move || make(&territory, &read)).await.map_err(Error::internal)?;
    let made = match made {
        Ok(made) => made,
        Err(error) => return refused(&asked, error),
    };
    let id = atlas.stash().keep(atlas.clock(), &visitor.name, files);
    Ok(page(&asked, &[], None, &would_change(asked.lang, &visitor, &made, &id)).into_response())
}

fn refused(asked: &Asked, error: Error) -> std::result::Result<Response, PageError> {
    match error {
        Error::Invalid(mistakes) => Ok(unprocessable(page(asked, &mistakes, None, &html! {}))),
        error => Err(error.into()),
    }
}

fn make(territory: &Territory, files: &FilesByName) -> Result<Preview> {
    let (plan, on) = plan_import(territory, files)?;
    let after = territory.apply(&plan)?;
    let (outlines, unknown_outlines) = plan_outlines(&after, files, on)?;
    let json = serde_json::to_vec(&plan).map_err(Error::internal)?;
    let seal = digest(&json);
    Ok(Preview { plan, on, after, outlines: outlines.len(), unknown_outlines, seal })
}

fn would_change(lang: Lang, visitor: &Visitor, preview: &Preview, id: &str) -> Markup {
    let plan = &preview.plan;
    if plan.is_empty() && preview.outlines == 0 {
        let nothing = lang::upload::nothing_new(lang).to_owned();
        return pieces::notice(lang, &Notice::Note(nothing));
    }
    html! {
        h2 { (lang::upload::would(lang, short_day(preview.on))) }
        (counts(lang, plan, (preview.outlines, preview.unknown_outlines)))
        (first_lines(lang, &preview.after, plan))
        (pieces::form("/tasks/territory/apply", Some(&visitor.csrf), html! {
            input type="hidden" name="files" value=(id);
            input type="hidden" name="seal" value=(preview.seal);
            p { (lang::upload::confirm(lang)) }
            (pieces::submit(lang::upload::apply(lang)))
        }))
        h2 { (lang::upload::other_files(lang)) }
    }
}

fn number(lang: Lang, count: usize) -> String {
    grouped(lang, i64::try_from(count).unwrap_or(i64::MAX))
}

/// How many rows of each sort a plan has; `outlines` are known and unknown ones.
pub(super) fn counts(lang: Lang, plan: &Plan, outlines: (usize, usize)) -> Markup {
    let counts = [
        (lang::upload::new_acts(lang), plan.new_acts.len()),
        (lang::upload::new_units(lang), plan.new_units.len()),
        (lang::upload::closed(lang), plan.closed_versions.len()),
        (lang::upload::versions(lang), plan.new_versions.len()),
        (lang::upload::changes(lang), plan.new_changes.len()),
        (lang::upload::outlines(lang), outlines.0),
        (lang::upload::unknown_outlines(lang), outlines.1),
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
            (pieces::table(&lang::upload::first_lines(lang, all, rows.len()), &columns, &rows))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Confirmed {
    #[serde(default)]
    csrf: String,
    files: String,
    seal: String,
}

pub(super) async fn apply(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    Form(confirmed): Form<Confirmed>,
) -> std::result::Result<Response, PageError> {
    visitor.check_form(&confirmed.csrf)?;
    let files = atlas.stash().find(atlas.clock(), &visitor.name, &confirmed.files);
    let files =
        files.ok_or_else(|| Error::refused("territory.preview_over", lang::upload::forgotten))?;
    let mut tx = atlas.database().write().await?;
    hold(&mut tx).await?;
    let (territory, read) = (atlas.territory(&mut tx).await?, files.clone());
    let made = spawn_blocking(move || make(&territory, &read)).await.map_err(Error::internal)??;
    if made.seal != confirmed.seal {
        return Err(Error::Conflict(lang::Text::new(lang::territory::plan_overtaken)).into());
    }
    let imported = import_lists(&mut tx, atlas.clock(), &visitor.name, &files).await?;
    tx.commit().await?;
    atlas.stash().forget(&confirmed.files);
    let done = if imported.is_empty() { "nothing" } else { "yes" };
    Ok(see_other(&format!("/tasks/territory?done={done}")))
}
