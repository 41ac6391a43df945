//! The form by which one asks to be told; also on the pages of targets and indicators.

use access::Key;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base::{Error, FieldError, Result};
use lang::{Lang, Text};
use maud::{Markup, html};
use serde::Deserialize;
use territory::{UnitId, Version};
use web::ask::Asker;
use web::pieces::{self, Choice, Field};
use web::{Asked, Form, Frame, Notice, PageResult, Query, Section, layout};

use super::super::view::View;
use super::words_of;
use crate::Desk;
use crate::watches::{self, Subject, Topic, Wish};

/// So many wishes from one place are taken in a quarter of an hour.
const FORGIVEN: u32 = 10;

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Typed {
    kind: String,
    code: String,
    unit: String,
    address: String,
    language: String,
}

impl Typed {
    /// Errors: `NotFound` when it names nothing that can be watched.
    async fn subject(&self, view: &mut View) -> Result<Subject> {
        let read = || {
            let topic = Topic::of(&self.kind, &self.code)?;
            Some(Subject { topic, unit: UnitId(self.unit.parse().ok()?) })
        };
        let unknown = || Error::not_found(lang::watch::nothing_to_watch);
        let subject = read().ok_or_else(unknown)?;
        let (catalogue, ground) = (&view.catalogue, (&*view.territory, view.today));
        let is_known = watches::can_be_watched(&mut view.tx, catalogue, ground, &subject);
        if is_known.await? { Ok(subject) } else { Err(unknown()) }
    }
}

/// Offers to watch a topic of those of these units at which anybody looks, at the end of its page;
/// nothing without units.
pub(crate) fn offer(view: &View, topic: &Topic, units: &[&Version]) -> Markup {
    let lang = view.lang;
    let is_looked_at = |version: &&&Version| {
        let subject = Subject { topic: topic.clone(), unit: version.unit };
        watches::is_looked_at(&view.catalogue, (&view.territory, view.today), &subject)
    };
    let units: Vec<&Version> = units.iter().filter(is_looked_at).copied().collect();
    let Some(first) = units.first() else { return html! {} };
    let typed = Typed {
        kind: topic.kind().to_owned(),
        code: topic.code().to_owned(),
        unit: first.unit.to_string(),
        language: lang.tag().to_owned(),
        ..Typed::default()
    };
    let lead = match topic {
        Topic::Target(_) => lang::watch::lead_target(lang),
        Topic::Indicator(_) => lang::watch::lead_indicator(lang),
        Topic::Publication(_) => lang::watch::lead_publication(lang),
    };
    let code = web::ask::encoded(topic.code());
    let feed = format!("/watch/{}s/{code}.atom", topic.kind());
    pieces::details(
        lang::watch::title(lang),
        html! {
            p { (lead) }
            @if view.desk.post().sends {
                (form(lang, &typed, &units, &[]))
            } @else {
                p.quiet { (lang::watch::no_mail(lang)) }
            }
            ul {
                @if matches!(topic, Topic::Publication(_)) {
                    li {
                        a href=(feed) type="application/atom+xml" {
                            (lang::watch::by_feed_publication(lang))
                        }
                    }
                } @else {
                    li {
                        a href={ (feed) "?unit=~" (first.unit) } type="application/atom+xml" {
                            (lang::watch::by_feed(lang)) " (" (first.full_name) ")"
                        }
                    }
                    li {
                        a href=(feed) type="application/atom+xml" { (lang::watch::by_feed_all(lang)) }
                    }
                }
            }
        },
    )
}

fn form(lang: Lang, typed: &Typed, units: &[&Version], errors: &[FieldError]) -> Markup {
    let ids: Vec<String> = units.iter().map(|version| version.unit.to_string()).collect();
    let choices: Vec<Choice<'_>> = ids
        .iter()
        .zip(units)
        .map(|(value, version)| Choice { value, label: &version.full_name })
        .collect();
    let languages = Lang::ALL.map(|lang| Choice { value: lang.tag(), label: lang.own_name() });
    let is_wrong = errors.iter().any(|error| error.place == "address");
    let described = match is_wrong {
        true => "field-address-hint field-address-error",
        false => "field-address-hint",
    };
    let address = html! {
        input type="email" id="field-address" name="address" value=(typed.address)
            autocomplete="email" aria-describedby=(described)
            aria-invalid=[is_wrong.then_some("true")];
    };
    pieces::form(
        "/watch",
        None,
        html! {
            input type="hidden" name="kind" value=(typed.kind);
            input type="hidden" name="code" value=(typed.code);
            @if choices.len() > 1 {
                (Field::new(lang, "unit", lang::watch::unit(lang)).around(html! {
                    select id="field-unit" name="unit" {
                        @for choice in &choices {
                            option value=(choice.value) selected[choice.value == typed.unit] {
                                (choice.label)
                            }
                        }
                    }
                }))
            } @else {
                input type="hidden" name="unit" value=(typed.unit);
            }
            (Field::new(lang, "address", lang::watch::address(lang))
                .hint(lang::watch::address_hint(lang)).errors(errors).around(address))
            (Field::new(lang, "language", lang::watch::language(lang)).errors(errors)
                .radios(&languages, &typed.language))
            p.quiet { (lang::watch::privacy(lang)) }
            (pieces::submit(lang::watch::send(lang)))
        },
    )
}

/// `GET /watch?kind=…&code=…&unit=…`: the form by itself.
pub(crate) async fn show(
    State(desk): State<Desk>,
    asked: Asked,
    Query(typed): Query<Typed>,
) -> PageResult<Response> {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let subject = typed.subject(&mut view).await?;
    let language = asked.lang.tag().to_owned();
    let typed = Typed { language, ..typed };
    Ok(page(&asked, &mut view, &subject, &typed, &[]).await?.into_response())
}

async fn page(
    asked: &Asked,
    view: &mut View,
    subject: &Subject,
    typed: &Typed,
    errors: &[FieldError],
) -> Result<Markup> {
    let lang = asked.lang;
    let title = lang::watch::title(lang);
    let words = words_of(view, subject).await?;
    let version = view.territory.unit(subject.unit).and_then(|unit| unit.last());
    let units: Vec<&Version> = version.into_iter().collect();
    Ok(layout(
        &Frame::new(asked, Section::Elsewhere, title),
        html! {
            (pieces::error_summary(lang, errors))
            (pieces::heading(title, Some(lang::watch::lead(lang))))
            p { strong { (words.title) } br; (words.unit) }
            @if view.desk.post().sends {
                (form(lang, typed, &units, errors))
            } @else {
                (pieces::notice(lang, &Notice::Note(lang::watch::no_mail(lang).to_owned())))
            }
            p {
                a href=(words.feed(&format!("~{}", subject.unit))) type="application/atom+xml" {
                    (lang::watch::by_feed(lang))
                }
            }
        },
    ))
}

/// `POST /watch`: takes the wish; the answer is the same whether or not the address is known.
pub(crate) async fn ask(
    State(desk): State<Desk>,
    asked: Asked,
    asker: Asker,
    Form(typed): Form<Typed>,
) -> PageResult<Response> {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let subject = typed.subject(&mut view).await?;
    let post = desk.post();
    let Some(site) = post.site.as_ref().filter(|_| post.sends) else {
        let page = page(&asked, &mut view, &subject, &typed, &[]).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    };
    let mut wrong = Vec::new();
    let address = super::super::view::taken(watches::address(&typed.address), &mut wrong)?;
    let language = Lang::ALL.into_iter().find(|lang| lang.tag() == typed.language);
    if language.is_none() {
        let text = Text::new(lang::watch::bad_language);
        wrong.push(FieldError { place: "language".to_owned(), text });
    }
    let (Some(address), Some(lang)) = (address, language) else {
        let page = page(&asked, &mut view, &subject, &typed, &wrong).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    slow_down(&desk, &asker)?;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    drop(view);
    let cx = watches::Context {
        clock: desk.clock(),
        site,
        catalogue: &catalogue,
        territory: &territory,
    };
    let mut tx = desk.database().write().await?;
    watches::ask(&mut tx, cx, &Wish { address, lang, subject }).await?;
    tx.commit().await?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, "/watch/asked")]).into_response())
}

/// Errors: `Refused` `watches.too_many` when too many wishes came from one place.
fn slow_down(desk: &Desk, asker: &Asker) -> Result<()> {
    let keys = [Key::of_place(&asker.address, FORGIVEN)];
    let (throttle, now) = (&desk.post().throttle, desk.clock().now());
    let checked = throttle.check(&keys, now);
    checked.map_err(|_| Error::refused("watches.too_many", lang::watch::too_many))?;
    throttle.fail(&keys, now);
    Ok(())
}

/// `GET /watch/asked`: what happens next.
pub(crate) async fn asked(asked: Asked) -> Markup {
    let lang = asked.lang;
    let title = lang::watch::asked_title(lang);
    layout(
        &Frame::new(&asked, Section::Elsewhere, title),
        html! {
            (pieces::heading(title, None))
            p { (lang::watch::asked(lang, watches::CONFIRM_HOURS)) }
            p.quiet { (lang::watch::asked_none(lang)) }
        },
    )
}
