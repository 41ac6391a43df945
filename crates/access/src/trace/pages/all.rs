//! `GET /tasks/trace`: the whole trace, and what is unusual in it. Looking at it is noted too.

use std::collections::BTreeMap;

use axum::extract::State;
use base::rights::Act;
use base::{Day, Error, FieldError, Moment, Result};
use lang::{Lang, Text};
use maud::{Markup, html};
use serde::Deserialize;
use store::Tx;
use web::pieces::{self, Choice, Crumb, Field};
use web::{Asked, Frame, PageResult, Query, Section, Visitor, layout};

use super::table;
use crate::Access;
use crate::organisation::store as organisation;
use crate::trace::{Filter, Look, Read, Unusual, Why, list, note, unusual};

/// So many looks stand on a page.
const A_PAGE: usize = 50;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wish {
    account: String,
    act: String,
    from: String,
    to: String,
    cursor: String,
}

impl Wish {
    fn filter(&self, errors: &mut Vec<FieldError>) -> Filter {
        let mut day = |place: &str, text: &str| match (text.trim(), text.parse::<Day>()) {
            ("", _) => None,
            (_, Ok(day)) => Some(day),
            (_, Err(_)) => {
                let text = Text::new(lang::error::bad_day);
                errors.push(FieldError { place: place.to_owned(), text });
                None
            }
        };
        let from = day("from", &self.from).map(|day| Moment::at(day, 0));
        let before = day("to", &self.to).map(|last| Moment::at(last.plus(1), 0));
        let actor = base::text::clean(&self.account).to_lowercase();
        Filter { actor, act: self.act.clone(), subjects: None, from, before }
    }
}

pub(super) async fn show(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    Query(wish): Query<Wish>,
) -> PageResult {
    let lang = asked.lang;
    let title = lang::trace::title(lang);
    let mut errors = Vec::new();
    let filter = wish.filter(&mut errors);
    let mut tx = access.database().write().await?;
    let cursor = Some(wish.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let page = list(&mut tx, &filter, cursor, A_PAGE).await?;
    let strange = unusual(&mut tx, access.now()).await?;
    let look = Look {
        act: Act::ReadTrace,
        record_kind: "trace",
        record: "",
        subjects: &[],
        unit: None,
        purpose: "",
        words: &filter.actor,
        sealed: None,
        shown: page.items.len(),
    };
    note(&mut tx, access.clock(), visitor.actor(), look).await?;
    let rules = access.book().rules(&mut tx).await?;
    let names = names(&mut tx, &page.items, access.clock().today()).await?;
    tx.commit().await?;
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::nav::work(lang), href: "/tasks" }]))
        (pieces::question_summary(lang, &errors))
        (pieces::heading(title, Some(lang::trace::lead(lang))))
        h2 { (lang::trace::unusual(lang)) }
        (unusual_list(lang, &strange))
        h2 { (lang::trace::newest(lang)) }
        (form(lang, &wish, &errors))
        (table(lang, &rules, &page.items, Some(&names)))
        (pieces::pager(lang, &asked.path_and_query, page.next.as_deref()))
    };
    Ok(layout(&Frame::new(&asked, Section::Work, title), body))
}

/// The names of the agencies that were looked at.
async fn names(tx: &mut Tx, reads: &[Read], today: Day) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for read in reads.iter().filter(|read| read.record_kind == "agency") {
        if names.contains_key(&read.record) {
            continue;
        }
        let Ok(id) = read.record.parse() else { continue };
        let found: Result<_, Error> = organisation::find_agency(tx, id).await;
        if let Some(agency) = found? {
            names.insert(read.record.clone(), agency.name(today).to_owned());
        }
    }
    Ok(names)
}

fn unusual_list(lang: Lang, strange: &[Unusual]) -> Markup {
    let say = |it: &Unusual| {
        let count = base::grouped(lang, it.count);
        let who = it.who.as_str();
        match it.why {
            Why::ManyPeople => {
                lang::trace::many_people(lang, lang::trace::ManyPeople { who, count })
            }
            Why::MoreThanUsual => {
                lang::trace::more_than_usual(lang, lang::trace::MoreThanUsual { who, count })
            }
            Why::AtNight => lang::trace::at_night(lang, lang::trace::AtNight { who, count }),
            // Who it is stands in the table below, for whoever asks for it.
            Why::ManyLookers => lang::trace::many_lookers(lang, count),
        }
    };
    html! {
        @if strange.is_empty() {
            p { (lang::trace::nothing_unusual(lang)) }
        } @else {
            p { (lang::trace::unusual_lead(lang)) }
            ul { @for it in strange { li { (say(it)) } } }
        }
    }
}

fn form(lang: Lang, wish: &Wish, errors: &[FieldError]) -> Markup {
    let acts: Vec<Choice<'_>> = Act::ALL
        .iter()
        .filter(|act| act.class().wants_second_factor() || **act == Act::ReadProtected)
        .map(|act| Choice { value: act.as_str(), label: act.say(lang) })
        .collect();
    let field = |name, label| Field::new(lang, name, label).errors(errors);
    pieces::filter(
        "/tasks/trace",
        html! {
            (field("account", lang::trace::who(lang)).text(&wish.account))
            (field("act", lang::trace::what(lang)).select(&acts, &wish.act))
            (field("from", lang::trace::from(lang)).day(&wish.from))
            (field("to", lang::trace::to(lang)).day(&wish.to))
            (pieces::submit_quiet(lang::indicator::look(lang)))
        },
    )
}
