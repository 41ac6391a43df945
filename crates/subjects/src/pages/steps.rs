//! `/tasks/personal-data/requests/{id}/do/{step}`: a form for each step of a request.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::rights::Scope;
use base::{Error, FieldError};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use territory::UnitId;
use web::pieces::{self, Choice, Crumb, Field};
use web::{Asked, Form, PageError, Path, Visitor, layout};

use super::request::Scene;
use super::{DESK, View, crumbs, forms, frame, mended, secret, see_other};
use crate::desks;
use crate::office::{Context, Office};
use crate::requests::{self, Act as Doing, How, Outcome, StepKind, Version, possible};
use crate::rights::{Act, may, may_somewhere};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Sent {
    csrf: String,
    seen: i64,
    how: String,
    outcome: String,
    law: String,
    words: String,
    desk: String,
}

fn step_of(text: &str) -> Result<StepKind, Error> {
    let step =
        StepKind::find(text).filter(|step| !matches!(step, StepKind::Receive | StepKind::Erase));
    step.ok_or_else(|| Error::not_found(lang::web::no_such_page))
}

/// Who takes requests goes on with them; deciding is another's.
pub(super) const fn act_of(step: StepKind) -> Act {
    match step {
        StepKind::Decide | StepKind::Extend => Act::Decide,
        _ => Act::Handle,
    }
}

pub(super) async fn show(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path((id, step)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let step = step_of(&step)?;
    may_somewhere(&visitor, act_of(step))?;
    let mut view = View::open(&office, asked.lang).await?;
    let scene = Scene::load(&office, &mut view, &visitor, &id).await?;
    let request = scene.last()?;
    may(&visitor, act_of(step), request.unit)?;
    if !possible(request.standing.state).contains(&step) {
        return Err(Error::refused("subjects.not_now", lang::subjects::not_now).into());
    }
    let frame = frame(&asked, step.say(asked.lang));
    let sent = Sent { seen: request.version, ..Sent::default() };
    let body = page(&view, (request, step), frame.csrf.as_deref(), (&sent, &[]));
    Ok(secret(StatusCode::OK, layout(&frame, body)))
}

pub(super) async fn send(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path((id, step)): Path<(String, String)>,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let step = step_of(&step)?;
    may_somewhere(&visitor, act_of(step))?;
    let error = match act(&office, &visitor, (&id, step), &sent).await {
        // Whoever handed it on to where they have no rights is led back to what they have.
        Ok(desk) if may(&visitor, Act::See, desk).is_err() => return Ok(see_other(DESK)),
        Ok(_) => return Ok(see_other(&format!("{DESK}/requests/{id}?done=yes"))),
        Err(error) => error,
    };
    let mut view = View::open(&office, asked.lang).await?;
    let scene = Scene::load(&office, &mut view, &visitor, &id).await?;
    may(&visitor, act_of(step), scene.last()?.unit)?;
    let mut frame = frame(&asked, step.say(asked.lang));
    let (status, errors) = mended(asked.lang, &mut frame, error)?;
    let body = page(&view, (scene.last()?, step), frame.csrf.as_deref(), (&sent, &errors));
    Ok(secret(status, layout(&frame, body)))
}

async fn act(
    office: &Office,
    visitor: &Visitor,
    (id, step): (&str, StepKind),
    sent: &Sent,
) -> Result<Option<UnitId>, Error> {
    let vault = office.vault()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let (clock, actor) = (office.clock(), visitor.name.as_str());
    let cx = Context { clock, actor, definitions: &definitions, vault };
    // Which desk has it now, and nobody changes it meanwhile: each step names the version it has seen.
    let now = requests::find(&mut tx, id).await?;
    let now = now.ok_or_else(|| Error::not_found(lang::subjects::no_request))?;
    may(visitor, act_of(step), now.unit)?;
    let desk = match step {
        StepKind::Forward => {
            let territory = office.atlas().territory(&mut tx).await?;
            desks::read(&territory, clock.today(), &sent.desk)?
        }
        _ => None,
    };
    let doing = Doing {
        step,
        seen: sent.seen,
        how: sent.how.clone(),
        outcome: sent.outcome.clone(),
        law: sent.law.clone(),
        words: sent.words.clone(),
        desk,
    };
    let after = requests::act(&mut tx, cx, id, &doing).await?;
    tx.commit().await?;
    Ok(after.unit)
}

fn page(
    view: &View,
    (request, step): (&Version, StepKind),
    csrf: Option<&str>,
    (sent, errors): (&Sent, &[FieldError]),
) -> Markup {
    let lang = view.lang;
    let above = format!("{DESK}/requests/{}", request.id);
    let reference = request.reference();
    let kind = view.kind_name(&request.kind);
    let named = lang::subjects::request_titled(
        lang,
        lang::subjects::RequestTitled { kind, reference: &reference },
    );
    let action = format!("{above}/do/{}", step.as_str());
    html! {
        (crumbs(lang, &[Crumb { label: &named, href: &above }]))
        (pieces::error_summary(lang, errors))
        (pieces::heading(step.say(lang), Some(lead(lang, step))))
        (pieces::form(&action, csrf, html! {
            input type="hidden" name="seen" value=(sent.seen);
            @if step == StepKind::Forward {
                (forms::desk(view, &Scope::everywhere(),
                    (&sent.desk, lang::subjects::forward_hint(lang)), errors))
            }
            (fields(lang, step, sent, errors))
            @if matches!(step, StepKind::Withdraw) {
                (pieces::submit_danger(step.say(lang)))
            } @else {
                (pieces::submit(step.say(lang)))
            }
        }))
    }
}

fn lead(lang: Lang, step: StepKind) -> &'static str {
    match step {
        StepKind::Identify => lang::subjects::lead_identify(lang),
        StepKind::Answer => lang::subjects::lead_answer(lang),
        StepKind::Forward => lang::subjects::lead_forward(lang),
        StepKind::Extend => lang::subjects::lead_extend(lang),
        StepKind::Decide => lang::subjects::lead_decide(lang),
        StepKind::Close => lang::subjects::lead_close(lang),
        StepKind::Withdraw => lang::subjects::lead_withdraw(lang),
        StepKind::Receive | StepKind::Erase => "",
    }
}

fn fields(lang: Lang, step: StepKind, sent: &Sent, errors: &[FieldError]) -> Markup {
    let mut hows: Vec<Choice<'_>> =
        How::ALL.iter().map(|how| Choice { value: how.as_str(), label: how.say(lang) }).collect();
    hows.push(Choice { value: "failed", label: lang::subjects::identity_failed(lang) });
    let outcomes: Vec<Choice<'_>> = [Outcome::Granted, Outcome::Partly, Outcome::Refused]
        .map(|outcome| Choice { value: outcome.as_str(), label: outcome.say(lang) })
        .to_vec();
    let label = match step {
        StepKind::Answer => lang::subjects::words_answer(lang),
        StepKind::Forward | StepKind::Extend | StepKind::Decide => {
            lang::subjects::words_reason(lang)
        }
        StepKind::Close => lang::subjects::words_close(lang),
        _ => lang::subjects::words_note(lang),
    };
    let words = Field::new(lang, "words", label).errors(errors);
    let is_optional = matches!(step, StepKind::Identify | StepKind::Withdraw);
    let words = if is_optional { words.optional() } else { words };
    html! {
        @if step == StepKind::Identify {
            (Field::new(lang, "how", lang::subjects::how(lang)).errors(errors).radios(&hows, &sent.how))
        }
        @if step == StepKind::Decide {
            (Field::new(lang, "outcome", lang::subjects::outcome(lang)).errors(errors)
                .radios(&outcomes, &sent.outcome))
            (Field::new(lang, "law", lang::subjects::law(lang)).hint(lang::subjects::law_hint(lang))
                .optional().errors(errors).text(&sent.law))
        }
        (words.textarea(&sent.words, 5))
    }
}
