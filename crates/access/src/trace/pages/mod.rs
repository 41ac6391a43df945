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
            html! { (record) },
            html! {
                (purpose(&read.purpose))
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
