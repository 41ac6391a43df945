//! `/tasks/organisation/merger`: what a merger of communes means for their committees.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::{Error, FieldError, Result, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use territory::{Atlas, Level, UnitCode, UnitId, Version};
use web::pieces::{self, Badge, Choice, Column, Field};
use web::{Asked, Form, Frame, Notice, PageError, PageResult, Query, Section, Visitor, layout};

use super::{View, crumbs, say_holder, see_other, unprocessable};
use crate::grants::{Book, Rules};
use crate::organisation::actions::Context;
use crate::organisation::chart::Chart;
use crate::organisation::merger::{self, Rehearsed, former_committees, rehearse};
use crate::organisation::model::Agency;
use crate::organisation::store as sql;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    unit: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let view = View::open(&atlas, asked.lang, "").await?;
    Ok(page(view, &asked, (&asking.unit, ""), None).await?)
}

#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    csrf: String,
    unit: String,
    #[serde(default)]
    decision: String,
}

pub(super) async fn apply(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let unit = unit_of(&sent.unit)?;
    let mut tx = atlas.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = atlas.territory(&mut tx).await?;
    let cx = Context { clock: atlas.clock(), actor: visitor.actor(), territory: &territory };
    let error = match merger::apply(&mut tx, cx, unit, &sent.decision).await {
        Ok(id) => {
            tx.commit().await?;
            let on = territory.unit(unit).map_or(atlas.clock().today(), |it| it.valid().from);
            return Ok(see_other(&format!("/agencies/{id}?on={on}&done=yes")));
        }
        Err(error @ (Error::Invalid(_) | Error::Refused { .. })) => error,
        Err(error) => return Err(error.into()),
    };
    drop(tx);
    let view = View::open(&atlas, asked.lang, "").await?;
    let page = page(view, &asked, (&sent.unit, &sent.decision), Some(&error)).await?;
    Ok(match error {
        Error::Invalid(_) => unprocessable(page),
        _ => (axum::http::StatusCode::CONFLICT, page).into_response(),
    })
}

fn unit_of(text: &str) -> Result<UnitId> {
    let no = |_| Error::not_found(lang::organisation::no_merger);
    text.parse().map(UnitId).map_err(no)
}

/// The communes that came about by a merger, the last first, with a former committee to end.
fn merged<'a>(
    view: &'a View,
    agencies: &std::collections::BTreeMap<crate::organisation::AgencyId, Agency>,
) -> Vec<&'a Version> {
    let territory = &view.territory;
    let units = territory.units().iter().filter(|unit| unit.level == Level::Commune);
    let came = units.filter(|unit| !territory.predecessors(unit.id).is_empty());
    let mut found: Vec<&Version> = came
        .filter(|unit| !former_committees(territory, agencies, unit.id).is_empty())
        .filter_map(|unit| unit.first())
        .collect();
    found.sort_by_key(|version| (std::cmp::Reverse(version.valid.from), version.unit));
    found.truncate(500);
    found
}

async fn page(
    mut view: View,
    asked: &Asked,
    (unit, decision): (&str, &str),
    error: Option<&Error>,
) -> Result<Markup> {
    let lang = view.lang;
    let agencies = sql::agencies(&mut view.tx).await?;
    let title = lang::organisation::merger_title(lang);
    let mut frame = Frame::new(asked, Section::Work, title);
    let errors: &[FieldError] = match error {
        Some(Error::Invalid(errors)) => errors,
        Some(other) => {
            frame.notice = Some(Notice::Warning(other.say(lang)));
            &[]
        }
        None => &[],
    };
    let rehearsed = match unit {
        "" => None,
        unit => {
            let unit = unit_of(unit)?;
            let former = former_committees(&view.territory, &agencies, unit);
            let chart = sql::chart(&mut view.tx, &former).await?;
            let rehearsed = rehearse(&view.territory, &agencies, &chart, unit)?;
            Some((rehearsed, chart))
        }
    };
    let rules = Book::default().rules(&mut view.tx).await?;
    let choices: Vec<(String, String)> = merged(&view, &agencies)
        .into_iter()
        .map(|it| {
            let code = it.code.as_ref().map_or("", UnitCode::as_str);
            (it.unit.to_string(), format!("{} {code} ({})", it.full_name, short_day(it.valid.from)))
        })
        .collect();
    let choices: Vec<Choice<'_>> =
        choices.iter().map(|(value, label)| Choice { value, label }).collect();
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::organisation::merger_lead(lang))))
        @if choices.is_empty() && rehearsed.is_none() {
            (pieces::empty(lang::organisation::no_merger_left(lang), None))
        } @else {
            (pieces::filter("/tasks/organisation/merger", html! {
                (Field::new(lang, "unit", lang::organisation::merged_unit(lang)).select(&choices, unit))
                (pieces::submit_quiet(lang::organisation::rehearse(lang)))
            }))
        }
        @if let Some((rehearsed, chart)) = &rehearsed {
            (list(&view, &agencies, (rehearsed, chart, &rules)))
            @if !rehearsed.ending.is_empty() && rehearsed.name.is_some() {
                (pieces::form("/tasks/organisation/merger", frame.csrf.as_deref(), html! {
                    input type="hidden" name="unit" value=(unit);
                    (Field::new(lang, "decision", lang::organisation::decision(lang)).errors(errors)
                        .hint(lang::organisation::decision_hint(lang)).text(decision))
                    (pieces::submit_danger(lang::organisation::carry_out(lang)))
                }))
            }
        }
    };
    let frame = frame.ground(view.ground(false));
    Ok(layout(&frame, body))
}

fn list(
    view: &View,
    agencies: &std::collections::BTreeMap<crate::organisation::AgencyId, Agency>,
    (rehearsed, chart, rules): (&Rehearsed, &Chart, &Rules),
) -> Markup {
    let lang = view.lang;
    let eve = rehearsed.on.plus(-1);
    let columns = [
        Column::head(lang::organisation::name(lang)),
        Column::text(lang::organisation::post(lang)),
        Column::text(lang::organisation::holder(lang)),
    ];
    let mut rows: Vec<Vec<Markup>> = Vec::new();
    for (id, posts) in &rehearsed.ending {
        let name = agencies.get(id).map_or("", |it| it.name(eve));
        if posts.is_empty() {
            rows.push(vec![
                html! { (name) },
                html! { (lang::organisation::no_posts(lang)) },
                html! {},
            ]);
        }
        for (post, held) in posts {
            rows.push(vec![
                html! { (name) },
                html! { (post.title) },
                html! {
                    @if held.is_empty() { (lang::organisation::vacant(lang)) }
                    @for (at, holding) in held.iter().enumerate() {
                        @if at > 0 { br; }
                        (say_holder(lang, chart, holding))
                    }
                },
            ]);
        }
    }
    let vacant = pieces::badge(lang, Badge::Warning(lang::organisation::vacant(lang)));
    html! {
        h2 { (lang::organisation::ending_on(lang, short_day(rehearsed.on))) }
        (pieces::table(&lang::organisation::ending_on(lang, short_day(rehearsed.on)), &columns, &rows))
        @if let Some(name) = &rehearsed.name {
            h2 { (lang::organisation::beginning(lang, name)) }
            ul {
                @for post in &rehearsed.posts {
                    li {
                        (post.title) " " (vacant)
                        @if !post.roles.is_empty() {
                            br;
                            (lang::rights::keeps_roles(lang, rules.say(lang, post.roles.keys())))
                        }
                    }
                }
            }
        } @else {
            p { (lang::organisation::has_committee(lang)) }
        }
        @if !rehearsed.people.is_empty() {
            h2 { (lang::organisation::to_decide(lang)) }
            ul { @for person in &rehearsed.people { li { (chart.name(*person)) } } }
        }
    }
}
