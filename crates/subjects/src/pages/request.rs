//! `/tasks/personal-data/requests/{id}`: a request with its deadlines, its steps and who asks, masked
//! until somebody says for what they want to see it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use base::rights;
use base::{Error, FieldError, Result};
use lang::Lang;
use maud::{Markup, html};
use packs::{RequestTerms, Span};
use serde::Deserialize;
use territory::UnitId;
use web::pieces::{self, Badge, Column};
use web::{Asked, Form, Notice, PageError, Path, Query, Visitor, layout};

use super::forms::{self, Typed};
use super::steps::act_of;
use super::{DESK, View, crumbs, desk, due, frame, made_up, mended, secret};
use crate::copy::label;
use crate::locker::{self, Fields};
use crate::office::{Context, Office};
use crate::person::{ADDRESS, NAME, NUMBER, PHONE, TEXT, doubts, masked};
use crate::requests::{self, How, Late, StepKind, Version, WORDS, late, possible};
use crate::rights::{Act, may, may_somewhere};
use crate::store as sql;
use crate::trace::tell_masked;
use crate::trace::{Reading, trace};

/// So many further requests of one person are named.
const OTHERS: i64 = 20;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    done: String,
}

/// What stands on the page of one request.
pub(super) struct Scene {
    pub(super) steps: Vec<Version>,
    fields: Option<Fields>,
    others: Vec<Version>,
    /// The steps that can come next and that the one who looks may take.
    offered: Vec<StepKind>,
    /// Whether that one may have shown what is masked.
    may_reveal: bool,
}

impl Scene {
    /// Errors: `NotFound`.
    pub(super) async fn load(
        office: &Office,
        view: &mut View,
        visitor: &Visitor,
        id: &str,
    ) -> Result<Self> {
        let steps = requests::history(&mut view.tx, id).await?;
        if steps.is_empty() {
            return Err(Error::not_found(lang::subjects::no_request));
        }
        let mut fields = None;
        let mut others = Vec::new();
        if let Ok(vault) = office.vault() {
            let opened = locker::open(&mut view.tx, vault, id).await?;
            if let Some(number) = opened.get(NUMBER) {
                let person = locker::person(vault, number);
                let records = sql::records_of(&mut view.tx, person, OTHERS).await?;
                let ids: Vec<String> = records
                    .into_iter()
                    .filter(|(kind, other)| kind == "request" && other != id)
                    .map(|(_, id)| id)
                    .collect();
                others = requests::of_records(&mut view.tx, &ids).await?;
                others.retain(|other| may(visitor, Act::See, other.unit).is_ok());
            }
            fields = Some(opened);
        }
        let (state, desk) = steps.last().map(|it| (it.standing.state, it.unit)).unzip();
        let mut offered = state.map(possible).unwrap_or_default();
        let desk = desk.flatten();
        offered.retain(|step| may(visitor, act_of(*step), desk).is_ok());
        let may_reveal = may(visitor, Act::Reveal, desk).is_ok();
        Ok(Self { steps, fields, others, offered, may_reveal })
    }

    pub(super) fn last(&self) -> Result<&Version> {
        self.steps.last().ok_or_else(|| Error::not_found(lang::subjects::no_request))
    }
}

pub(super) async fn show(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Query(asking): Query<Asking>,
) -> Result<Response, PageError> {
    may_somewhere(&visitor, Act::See)?;
    let mut view = View::open(&office, asked.lang).await?;
    let scene = Scene::load(&office, &mut view, &visitor, &id).await?;
    let desk = scene.last()?.unit;
    may(&visitor, Act::See, desk)?;
    tell_masked(rights::Act::ReceiveRequests, "subject_request", &id, (desk, 1));
    let shown = Shown { typed: &Typed::default(), errors: &[], reveals: false };
    let title = title(&view, scene.last()?);
    let mut frame = frame(&asked, &title);
    if asking.done == "yes" {
        frame.notice = Some(Notice::Done(lang::subjects::written(asked.lang).to_owned()));
    }
    let body = page(&view, (&title, frame.csrf.as_deref()), &scene, &shown)?;
    Ok(secret(StatusCode::OK, layout(&frame, body)))
}

/// `POST`: shows what is masked, when it was recorded for what.
pub(super) async fn reveal(
    State(office): State<Office>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    visitor.check_form(&typed.csrf)?;
    let mut view = View::open(&office, asked.lang).await?;
    let now = requests::find(&mut view.tx, &id).await?;
    let now = now.ok_or_else(|| Error::not_found(lang::subjects::no_request))?;
    may(&visitor, Act::Reveal, now.unit)?;
    drop(view);
    let traced = recorded(&office, &visitor, (&id, now.unit), &typed).await;
    let mut view = View::open(&office, asked.lang).await?;
    let scene = Scene::load(&office, &mut view, &visitor, &id).await?;
    let title = title(&view, scene.last()?);
    let mut frame = frame(&asked, &title);
    let (status, errors) = match traced {
        Ok(()) => (StatusCode::OK, Vec::new()),
        Err(error) => mended(asked.lang, &mut frame, error)?,
    };
    let shown = Shown { typed: &typed, errors: &errors, reveals: status == StatusCode::OK };
    let body = page(&view, (&title, frame.csrf.as_deref()), &scene, &shown)?;
    Ok(secret(status, layout(&frame, body)))
}

/// Records a reading and opens what is read in the same transaction.
pub(super) async fn recorded(
    office: &Office,
    visitor: &Visitor,
    (record, desk): (&str, Option<UnitId>),
    typed: &Typed,
) -> Result<()> {
    let vault = office.vault()?;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let (clock, reader) = (office.clock(), visitor.actor());
    let cx = Context { clock, actor: reader.name, definitions: &definitions, vault };
    let records = [record.to_owned()];
    let (purpose, words) = (typed.purpose.as_str(), typed.words.as_str());
    let reading = Reading { records: &records, desk, number: None, purpose, words };
    trace(&mut tx, (cx, reader), &reading).await?;
    // What does not open was not read.
    locker::open(&mut tx, vault, record).await?;
    tx.commit().await
}

/// How the page is shown.
struct Shown<'a> {
    typed: &'a Typed,
    errors: &'a [FieldError],
    reveals: bool,
}

fn title(view: &View, it: &Version) -> String {
    let kind = view.kind_name(&it.kind);
    let reference = it.reference();
    lang::subjects::request_titled(view.lang, lang::subjects::RequestTitled { kind, reference })
}

fn page(
    view: &View,
    (title, csrf): (&str, Option<&str>),
    scene: &Scene,
    shown: &Shown<'_>,
) -> Result<Markup> {
    let lang = view.lang;
    let it = scene.last()?;
    Ok(html! {
        (crumbs(lang, &[]))
        (pieces::error_summary(lang, shown.errors))
        (pieces::heading(title, None))
        p { (state(view, it)) }
        (next_steps(lang, it, &scene.offered))
        (facts(view, it))
        h2 { (lang::subjects::who_asks(lang)) }
        (person(view, scene, shown))
        @if !shown.reveals && scene.may_reveal && scene.fields.as_ref().is_some_and(|fields| !fields.is_empty()) {
            (pieces::details(lang::subjects::reveal(lang), html! {
                p { (lang::subjects::reveal_lead(lang)) }
                (forms::form(
                    &format!("{DESK}/requests/{}", it.id),
                    csrf,
                    forms::purpose(lang, &view.definitions.reading_purposes, shown.typed, shown.errors),
                    lang::subjects::reveal(lang),
                ))
            }))
        }
        // What else somebody asked for tells of them too.
        @if shown.reveals && !scene.others.is_empty() {
            h2 { (lang::subjects::others(lang)) }
            ul {
                @for other in &scene.others {
                    li {
                        a href={ (DESK) "/requests/" (other.id) } { (self::title(view, other)) }
                        ": " (other.standing.state.say(lang))
                    }
                }
            }
        }
        (history(view, scene, shown.reveals))
    })
}

fn state(view: &View, it: &Version) -> Markup {
    let lang = view.lang;
    html! {
        (pieces::badge(lang, Badge::Neutral(it.standing.state.say(lang)))) " "
        @if late(&it.standing, view.today) != Late::No { (desk::next_due(view, it)) }
        (made_up(lang, it.made_up))
    }
}

fn next_steps(lang: Lang, it: &Version, steps: &[StepKind]) -> Markup {
    html! {
        @if !steps.is_empty() {
            ul.tasks {
                @for step in steps {
                    li { a href={ (DESK) "/requests/" (it.id) "/do/" (step.as_str()) } { (step.say(lang)) } }
                }
            }
        }
    }
}

fn facts(view: &View, it: &Version) -> Markup {
    let lang = view.lang;
    let standing = &it.standing;
    let kind = view.definitions.request_kind(&it.kind);
    let terms = kind.and_then(|kind| kind.terms_on(it.received_at.day()));
    let verify = kind.and_then(|kind| kind.verify.as_ref());
    let mut list = vec![
        (lang::subjects::desk(lang), html! { (view.desk_name(it.unit)) }),
        (lang::subjects::channel(lang), html! { (it.channel.say(lang)) }),
        (lang::subjects::received(lang), html! { (it.received_at.local()) }),
        (
            lang::subjects::answer_due(lang),
            html! {
                (due(lang, standing.answer_due))
                @if let Some(at) = standing.answered_at {
                    " (" (lang::subjects::answered_at(lang, at.local())) ")"
                }
            },
        ),
        (
            lang::subjects::complete_due(lang),
            html! {
                (due(lang, standing.complete_due))
                @if standing.extensions > 0 { " (" (lang::subjects::extended(lang)) ")" }
            },
        ),
        (
            lang::subjects::identity(lang),
            html! {
                (standing.identity.say(lang))
                @if let Some(how) = standing.how { ": " (How::say(how, lang)) }
            },
        ),
    ];
    if let Some(outcome) = standing.outcome {
        list.push((lang::subjects::outcome(lang), html! { (outcome.say(lang)) }));
    }
    if !it.law.is_empty() {
        list.push((lang::subjects::law(lang), html! { (it.law) }));
    }
    if let Some(terms) = terms {
        list.push((
            lang::subjects::terms(lang),
            html! {
                (say_terms(lang, terms)) " " (terms.document.say(lang))
                @if let Some(verify) = verify {
                    br; (pieces::badge(lang, Badge::Warning(lang::subjects::to_verify(lang)))) " "
                    (verify.say(lang))
                }
            },
        ));
    }
    pieces::definition_list(&list)
}

/// "Trả lời trong 2 ngày làm việc, thực hiện trong 15 ngày."
pub(super) fn say_terms(lang: Lang, terms: &RequestTerms) -> String {
    let (answer, complete) = (say_span(lang, terms.answer), say_span(lang, terms.complete));
    lang::subjects::say_terms(lang, lang::subjects::SayTerms { answer, complete })
}

/// "2 ngày làm việc".
pub(super) fn say_span(lang: Lang, span: Span) -> String {
    match span {
        Span::WorkingDays(count) => lang::subjects::working_days(lang, count),
        Span::Days(count) => lang::subjects::days(lang, count),
        Span::Months(count) => lang::subjects::months(lang, count),
        Span::Years(count) => lang::subjects::years(lang, count),
    }
}

fn person(view: &View, scene: &Scene, shown: &Shown<'_>) -> Markup {
    let lang = view.lang;
    let Some(fields) = &scene.fields else {
        return pieces::notice(lang, &Notice::Warning(lang::subjects::no_vault(lang).to_owned()));
    };
    if fields.is_empty() {
        return html! { p { (lang::subjects::erased_note(lang)) } };
    }
    person_list(view, fields, &[NAME, NUMBER, PHONE, ADDRESS, TEXT], shown.reveals)
}

/// A text with its lines.
fn lines(text: &str) -> Markup {
    html! {
        @for (at, line) in text.lines().enumerate() {
            @if at > 0 { br; }
            (line)
        }
    }
}

/// Fields of a person, masked unless they are revealed, with what is odd about the number.
pub(super) fn person_list(view: &View, fields: &Fields, names: &[&str], reveals: bool) -> Markup {
    let lang = view.lang;
    let value = |field: &str| {
        let value = fields.get(field).map_or("", |value| value.as_str());
        if reveals { value.to_owned() } else { masked(field, value) }
    };
    let list: Vec<(&str, Markup)> = names
        .iter()
        .filter(|field| fields.get(**field).is_some_and(|value| !value.is_empty()))
        .map(|field| (label(lang, field), lines(&value(field))))
        .collect();
    let odd = fields.get(NUMBER).map(|number| doubts(number, view.today)).unwrap_or_default();
    html! {
        (pieces::definition_list(&list))
        @for doubt in odd {
            p { (pieces::badge(lang, Badge::Warning(lang::subjects::doubt(lang)))) " " (doubt.say(lang)) }
        }
    }
}

fn history(view: &View, scene: &Scene, reveals: bool) -> Markup {
    let lang = view.lang;
    let columns = [
        Column::head(lang::subjects::when(lang)),
        Column::text(lang::subjects::what(lang)),
        Column::text(lang::subjects::who(lang)),
        Column::text(lang::subjects::field_words(lang)),
        Column::number(lang::subjects::entry(lang)),
    ];
    let words = |it: &Version| {
        let field = format!("{WORDS}:{}", it.version);
        let value = scene.fields.as_ref()?.get(&field)?;
        Some(if reveals { value.to_string() } else { masked(WORDS, value) })
    };
    let rows: Vec<Vec<Markup>> = scene
        .steps
        .iter()
        .rev()
        .map(|it| {
            let step = match (it.step, it.standing.outcome) {
                (StepKind::Decide, Some(outcome)) => {
                    format!("{}: {}", it.step.say(lang), outcome.say(lang))
                }
                (StepKind::Identify, _) => {
                    format!("{}: {}", it.step.say(lang), it.standing.identity.say(lang))
                }
                _ => it.step.say(lang).to_owned(),
            };
            let actor = if it.actor == crate::office::CITIZEN {
                lang::subjects::citizen(lang)
            } else {
                &it.actor
            };
            vec![
                html! { (it.at.local()) },
                html! { (step) },
                html! { (actor) },
                html! { (words(it).unwrap_or_default()) },
                html! { a href={ "/entries/" (it.entry) } { (it.entry) } },
            ]
        })
        .collect();
    html! {
        (pieces::table(lang::subjects::history(lang), &columns, &rows))
    }
}
