//! The pages of the trace: all of it for the data officer, one's own part for whoever is signed in.

mod all;
mod mine;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::FromRef;
use axum::routing::get;
use base::rights::Act;
use lang::Lang;
use maud::{Markup, html};
use web::pieces::{self, Column};

use super::Read;
use crate::Access;
use crate::grants::Rules;

/// `/tasks/trace`, `/account/reads`.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Access: FromRef<S>,
{
    Router::new().route("/tasks/trace", get(all::show)).route("/account/reads", get(mine::show))
}

/// Looks as a table; with names of records for whoever sees the whole trace, and the entries.
fn table(
    lang: Lang,
    rules: &Rules,
    reads: &[Read],
    names: Option<&BTreeMap<String, String>>,
) -> Markup {
    let columns = [
        Column::head(lang::trace::when(lang)),
        Column::text(lang::trace::who(lang)),
        Column::text(lang::trace::what(lang)),
        Column::text(lang::trace::record(lang)),
        Column::text(lang::trace::purpose(lang)),
        Column::number(lang::trace::shown(lang)),
    ];
    let purpose = |code: &str| {
        let found = rules.purposes.iter().find(|it| it.code == code);
        match (code, found) {
            ("", _) => lang::trace::no_purpose(lang).to_owned(),
            (_, Some(purpose)) => purpose.name.say(lang).to_owned(),
            (code, None) => code.to_owned(),
        }
    };
    let row = |read: &Read| {
        let act = Act::find(&read.act);
        let name = names.and_then(|names| names.get(&read.record));
        let record = name.map_or(read.record.as_str(), String::as_str);
        // Where it is, for whoever sees the whole trace.
        let place = names.and_then(|_| place_of(read));
        let when = read.at.local();
        vec![
            html! {
                @match names {
                    Some(_) => { a href=(format!("/entries/{}", read.entry)) { (when) } }
                    None => { (when) }
                }
            },
            html! { (read.actor) },
            html! { (act.map_or(read.act.as_str(), |act| act.say(lang))) },
            html! {
                (kind(lang, &read.record_kind))
                @if read.erasure.is_some() { " (" (lang::trace::erased(lang)) ")" }
                @if !record.is_empty() {
                    br;
                    @match &place {
                        Some(place) => { a href=(place) { (record) } }
                        None => { (record) }
                    }
                }
            },
            html! {
                @for (at, code) in read.purpose.split(", ").enumerate() {
                    @if at > 0 { "; " }
                    (purpose(code))
                }
                @if !read.words.is_empty() { br; (read.words) }
            },
            html! { (base::grouped(lang, read.shown)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = reads.iter().map(row).collect();
    match rows.is_empty() {
        true => pieces::empty(lang::trace::nothing(lang), None),
        false => pieces::table(lang::trace::newest(lang), &columns, &rows),
    }
}

/// The kind of what was looked at, in words.
fn kind(lang: Lang, kind: &str) -> &str {
    match kind {
        "agency" => lang::trace::kind_agency(lang),
        "trace" | "entry" => lang::trace::kind_trace(lang),
        "subject_request" => lang::trace::kind_request(lang),
        "subject_consent" => lang::trace::kind_consent(lang),
        "subject_requests" => lang::trace::kind_requests(lang),
        "subject_consents" => lang::trace::kind_consents(lang),
        "subject_search" => lang::trace::kind_search(lang),
        "subject" => lang::trace::kind_subject(lang),
        "observation" | "campaign_adjustment" | "campaign_filing" => {
            lang::trace::kind_evidence(lang)
        }
        super::seen::PAGE => lang::trace::kind_page(lang),
        super::seen::EXPORT => lang::trace::kind_export(lang),
        other => other,
    }
}

/// The address of what was looked at.
fn place_of(read: &Read) -> Option<String> {
    let base = match read.record_kind.as_str() {
        "agency" => "/agencies/",
        "entry" => "/entries/",
        "subject_request" => "/tasks/personal-data/requests/",
        "subject_consent" => "/tasks/personal-data/consents/",
        "observation" => "/observations/",
        super::seen::PAGE => "",
        _ => return None,
    };
    (!read.record.is_empty()).then(|| format!("{base}{}", read.record))
}
