//! Why somebody may do something, or why not: `GET /tasks/rights/why`, and the same of oneself on
//! `/account/rights`.

use axum::extract::State;
use base::rights::{Act, Actor, Place};
use base::{Error, FieldError, Result};
use lang::{Lang, Text};
use maud::{Markup, html};
use serde::Deserialize;
use store::Tx;
use territory::UnitId;
use web::pieces::{self, Badge, Choice, Field};
use web::{Asked, Frame, PageResult, Query, Section, layout};

use super::say;
use crate::Access;
use crate::grants::{Given, Reach, Rules, Standing, given_on, rights};

/// What is asked.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::grants) struct Question {
    /// Whose right.
    pub(in crate::grants) account: String,
    /// To do what.
    pub(in crate::grants) act: String,
    /// For the unit of this code.
    pub(in crate::grants) unit: String,
}

/// The answer: yes or no, and every line that bears on it.
pub(in crate::grants) struct Answer {
    pub(in crate::grants) act: Act,
    pub(in crate::grants) unit: Option<(UnitId, String)>,
    pub(in crate::grants) is_yes: bool,
    pub(in crate::grants) lines: Vec<Given>,
}

impl Question {
    /// Works the answer out for an account's id; none where nothing was asked.
    ///
    /// Errors: `Invalid` at `act` or `unit`.
    pub(in crate::grants) async fn answer(
        &self,
        tx: &mut Tx,
        access: &Access,
        (name, account, is_strong): (&str, &str, bool),
    ) -> Result<Option<Answer>> {
        if self.act.is_empty() {
            return Ok(None);
        }
        let wrong = || Error::invalid("act", lang::organisation::choose_again);
        let act = Act::find(&self.act).ok_or_else(wrong)?;
        let today = access.clock().today();
        let (territory, map) = access.atlas().map(tx, today).await?;
        let code = base::text::clean(&self.unit);
        let unit = match code.as_str() {
            "" => None,
            code => {
                let found = territory.by_code(code, today).or_else(|| {
                    // What is no more has records too.
                    territory.code_holders(code).into_iter().next_back()
                });
                let day = base::short_day(today);
                let found = found.ok_or_else(|| {
                    Error::invalid("unit", move |lang| lang::organisation::no_unit(lang, &day))
                })?;
                Some((found.unit, say::unit(&territory, found.unit, today)))
            }
        };
        let given = given_on(tx, access.book(), (account, is_strong), today).await?;
        let rights = rights(&given, &territory, &map);
        let place = Place { unit: unit.as_ref().map(|(unit, _)| unit.0), maker: None };
        let is_yes = Actor { name, rights: &rights }.may(act, place);
        let lines = given.into_iter().filter(|line| line.act == act).collect();
        Ok(Some(Answer { act, unit, is_yes, lines }))
    }
}

impl Answer {
    /// The answer in words, with its lines.
    pub(super) fn say(
        &self,
        lang: Lang,
        (territory, rules, today): (&territory::Territory, &Rules, base::Day),
    ) -> Markup {
        let act = self.act.say(lang);
        let place = match &self.unit {
            Some((_, name)) => name.as_str(),
            None => lang::rights::reach_province(lang),
        };
        let (badge, sentence) = match self.is_yes {
            true => {
                let words = lang::rights::YesMay { act, place };
                (Badge::Neutral(lang::rights::yes(lang)), lang::rights::yes_may(lang, words))
            }
            false => {
                let words = lang::rights::NoMayNot { act, place };
                (Badge::Warning(lang::rights::no(lang)), lang::rights::no_may_not(lang, words))
            }
        };
        let lines: Vec<&Given> = self.lines.iter().collect();
        let counts = self.lines.iter().any(|it| it.standing == Standing::InForce);
        let own = self.lines.iter().any(|it| it.reach == Reach::Own);
        html! {
            p { (pieces::badge(lang, badge)) " " strong { (sentence) } }
            @if !self.is_yes && counts && !own { p { (lang::rights::elsewhere(lang)) } }
            @if own { p { (lang::rights::own_records(lang)) } }
            @if lines.is_empty() {
                p { (lang::rights::no_line(lang)) }
                (roles_with(lang, rules, self.act))
            } @else {
                (say::table(lang, (territory, rules, today), (lang::rights::lines(lang), &lines)))
            }
        }
    }
}

/// The roles that have an act.
fn roles_with(lang: Lang, rules: &Rules, act: Act) -> Markup {
    let has = |role: &&crate::grants::Role| {
        role.grants.iter().any(|grant| grant.acts().any(|it| it == act))
    };
    let roles: Vec<_> = rules.roles.iter().filter(has).collect();
    html! {
        @if !roles.is_empty() {
            p { (lang::rights::roles_with(lang)) }
            ul {
                @for role in roles {
                    li { a href=(format!("/roles/{}", role.code)) { (role.name.say(lang)) } }
                }
            }
        }
    }
}

/// The fields of the question.
pub(super) fn fields(lang: Lang, asked: &Question, errors: &[FieldError]) -> Markup {
    let words: Vec<(&str, String)> = Act::ALL
        .iter()
        .map(|act| (act.as_str(), format!("{}: {}", act.kind().say(lang), act.say(lang))))
        .collect();
    let choices: Vec<Choice<'_>> =
        words.iter().map(|(value, label)| Choice { value, label }).collect();
    html! {
        (Field::new(lang, "act", lang::rights::act(lang)).errors(errors).select(&choices, &asked.act))
        (Field::new(lang, "unit", lang::rights::unit_code(lang)).errors(errors)
            .hint(lang::rights::unit_code_hint(lang)).text(&asked.unit))
        (pieces::submit_quiet(lang::rights::ask(lang)))
    }
}

pub(super) async fn show(
    State(access): State<Access>,
    asked: Asked,
    Query(question): Query<Question>,
) -> PageResult {
    let lang = asked.lang;
    let title = lang::rights::why(lang);
    let names: Vec<String> =
        access.accounts().await?.into_iter().map(|account| account.name).collect();
    let choices: Vec<Choice<'_>> =
        names.iter().map(|name| Choice { value: name, label: name }).collect();
    let mut tx = access.database().read().await?;
    let today = access.clock().today();
    let territory = access.atlas().territory(&mut tx).await?;
    let rules = access.book().rules(&mut tx).await?;
    let mut errors = Vec::new();
    let mut answer = None;
    if !question.account.is_empty() || !question.act.is_empty() {
        let account = crate::store::find_account(&mut tx, &question.account).await?;
        match account {
            None => errors.push(FieldError {
                place: "account".to_owned(),
                text: Text::new(lang::organisation::choose_again),
            }),
            Some(account) => {
                // Asked of somebody who signs in with all that the account has.
                let has_any = access.ways_of(&mut tx, &account.id).await?.has_any();
                let who = (question.account.as_str(), account.id.as_str(), has_any);
                match question.answer(&mut tx, &access, who).await {
                    Err(Error::Invalid(wrong)) => errors = wrong,
                    other => answer = other?,
                }
            }
        }
    }
    let body = html! {
        (super::crumbs(lang, true))
        (pieces::question_summary(lang, &errors))
        (pieces::heading(title, Some(lang::rights::why_lead(lang))))
        (pieces::filter("/tasks/rights/why", html! {
            (Field::new(lang, "account", lang::access::name(lang)).errors(&errors)
                .select(&choices, &question.account))
            (fields(lang, &question, &errors))
        }))
        @if let Some(answer) = &answer { (answer.say(lang, (&territory, &rules, today))) }
    };
    Ok(layout(&Frame::new(&asked, Section::Work, title), body))
}
