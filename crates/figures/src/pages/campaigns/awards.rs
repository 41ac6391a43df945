//! `/campaigns/{code}/{round}/awards`: who is awarded what, proposed from the frozen ranking and
//! confirmed by a decision; made to be printed.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::{Error, FieldError, Result, grouped, short_day};
use maud::{Markup, html};
use packs::Campaign;
use serde::Deserialize;
use territory::Level;
use web::pieces::{self, Badge, Column, Field};
use web::{Asked, Form, Frame, Notice, PageError, PageResult, Path, Section, Visitor, layout};

use super::rounds::to;
use super::{Board, say};
use crate::Desk;
use crate::Period;
use crate::campaigns::{
    self, Award, AwardsOf, FilingKind, Kept, RoundState, find_awards, find_state, not_counted,
    propose,
};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Withdrawing {
    csrf: String,
    version: i64,
    reason: String,
}

/// What stands in the fields of a confirmation.
#[derive(Debug, Default)]
struct Typed {
    decision: String,
    decided_on: String,
    /// "group unit" for each award that was left ticked; none before anything was sent.
    ticked: Option<Vec<String>>,
    /// Why a list is withdrawn.
    reason: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    Path((code, round)): Path<(String, String)>,
    asked: Asked,
) -> PageResult {
    Ok(page(&desk, &asked, (&code, &round), &Typed::default(), &[]).await?)
}

pub(super) async fn confirm(
    State(desk): State<Desk>,
    Path((code, round)): Path<(String, String)>,
    visitor: Visitor,
    asked: Asked,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let get = |name: &str| {
        let found = fields.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str()).to_owned()
    };
    visitor.check_form(&get("csrf"))?;
    let ticked = fields.iter().filter(|(key, _)| key == "award").map(|(_, value)| value.clone());
    let typed = Typed {
        decision: get("decision"),
        decided_on: get("decided_on"),
        ticked: Some(ticked.collect()),
        reason: String::new(),
    };
    let written = async {
        let mut work = desk.begin().await?;
        let (tx, cx) = work.by(&desk, visitor.actor());
        let ticked = typed.ticked.as_deref().unwrap_or_default();
        let decided_on = typed.decided_on.trim().parse().ok();
        campaigns::confirm_awards(
            tx,
            cx,
            (&code, &round),
            get("round_version").trim().parse().unwrap_or_default(),
            (&typed.decision, decided_on),
            |group, unit| ticked.contains(&format!("{group} {unit}")),
        )
        .await?;
        work.tx.commit().await
    };
    answer(&desk, &asked, (&code, &round), &typed, written.await).await
}

pub(super) async fn withdraw(
    State(desk): State<Desk>,
    Path((code, round)): Path<(String, String)>,
    visitor: Visitor,
    asked: Asked,
    Form(sent): Form<Withdrawing>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let written = async {
        let mut work = desk.begin().await?;
        let (tx, cx) = work.by(&desk, visitor.actor());
        let what = (code.as_str(), round.as_str());
        campaigns::withdraw_awards(tx, cx, what, sent.version, &sent.reason).await?;
        work.tx.commit().await
    };
    let typed = Typed { reason: sent.reason.clone(), ..Typed::default() };
    answer(&desk, &asked, (&code, &round), &typed, written.await).await
}

async fn answer(
    desk: &Desk,
    asked: &Asked,
    (code, round): (&str, &str),
    typed: &Typed,
    written: Result<()>,
) -> Result<Response, PageError> {
    match written {
        Ok(()) => Ok(to(&format!("/campaigns/{code}/{round}/awards"))),
        Err(Error::Invalid(errors)) => {
            let page = page(desk, asked, (code, round), typed, &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn page(
    desk: &Desk,
    asked: &Asked,
    (code, round): (&str, &str),
    typed: &Typed,
    errors: &[FieldError],
) -> Result<Markup> {
    let mut board = Board::open(desk, asked, code).await?;
    let (round, period) = board.round(round)?;
    let state = find_state(&mut board.view.tx, code, &round.period).await?;
    let state = state.filter(|state| state.body.frozen.is_some());
    let awards = find_awards(&mut board.view.tx, code, &round.period).await?;
    let open = campaigns::filings(&mut board.view.tx, code, &round.period).await?;
    let open = open.iter().filter(|filing| filing.body.decision.is_none()).count();
    let late = match &state {
        Some(state) => not_counted(&mut board.view.tx, (code, &round.period), &state.body).await?,
        None => 0,
    };
    let lang = board.view.lang;
    let title = lang::campaigns::awards_title(lang, period.title(lang));
    let frame = Frame::new(asked, Section::Campaigns, &*title).ground(board.ground(Some(&period)));
    let here = board.href();
    let crumbs = board.crumbs(&here, board.campaign.title.say(lang));
    let stands = awards.filter(|awards| awards.body.withdrawn.is_none());
    let rules = state.as_ref().and_then(|state| Some(&state.body.frozen.as_ref()?.rules));
    let rules = rules.unwrap_or(&board.campaign);
    let action = format!("{here}/{}/awards", round.period);
    let csrf = frame.csrf.as_deref();
    let body = html! {
        (pieces::breadcrumbs(lang, &crumbs))
        (pieces::error_summary(lang, errors))
        (pieces::heading(&title, Some(rules.title.say(lang))))
        (say::warnings(lang, rules, board.view.made_up))
        @match (&stands, &state) {
            (Some(awards), _) => {
                (confirmed(&board, rules, awards, &period))
                @if asked.visitor.is_some() {
                    (withdrawing(lang, &format!("{action}/withdraw"), csrf, awards, typed, errors))
                }
            }
            (None, Some(state)) => {
                @let form = Around { action: &action, csrf, typed, errors };
                @let waits = (open, late);
                (proposed(&board, state, waits, asked.visitor.is_some().then_some(&form)))
            }
            (None, None) => { (pieces::empty(lang::campaigns::awards_wait(lang), None)) }
        }
    };
    Ok(layout(&frame, body))
}

/// The form around a proposal, for the signed-in.
struct Around<'a> {
    action: &'a str,
    csrf: Option<&'a str>,
    typed: &'a Typed,
    errors: &'a [FieldError],
}

/// The list as it was decided.
fn confirmed(board: &Board, rules: &Campaign, awards: &AwardsOf, period: &Period) -> Markup {
    let lang = board.view.lang;
    let it = &awards.body;
    let entry = awards.record.entry;
    html! {
        (pieces::definition_list(&[
            (lang::campaigns::decision_number(lang), html! { (it.decision) }),
            (lang::campaigns::decided_on(lang), html! { (short_day(it.decided_on)) }),
            (lang::campaigns::round(lang), html! { (period.title(lang)) }),
            (lang::drill::entry_number(lang), html! {
                a href={ "/entries/" (entry) } { (grouped(lang, entry)) }
            }),
        ]))
        (list(board, rules, &it.list, lang::campaigns::award_given(lang), None))
    }
}

fn withdrawing(
    lang: lang::Lang,
    action: &str,
    csrf: Option<&str>,
    awards: &AwardsOf,
    typed: &Typed,
    errors: &[FieldError],
) -> Markup {
    let form = pieces::form(
        action,
        csrf,
        html! {
            input type="hidden" name="version" value=(awards.record.version);
            (Field::new(lang, "reason", lang::campaigns::why_withdraw_awards(lang)).errors(errors)
                .textarea(&typed.reason, 3))
            (pieces::submit_danger(lang::campaigns::withdraw_awards(lang)))
        },
    );
    pieces::details(lang::campaigns::withdraw_awards(lang), form)
}

/// What the rules propose, and what it waits for: filings that are not decided, and adjustments
/// that the freeze does not count.
fn proposed(
    board: &Board,
    kept: &Kept<RoundState>,
    (open, late): (usize, usize),
    form: Option<&Around<'_>>,
) -> Markup {
    let lang = board.view.lang;
    let state = &kept.body;
    let Some(ranking) = &state.frozen else { return html! {} };
    let awards = propose(ranking);
    let due = state.due_on(FilingKind::Appeal);
    let rules = &ranking.rules;
    html! {
        p {
            (pieces::badge(lang, Badge::Neutral(lang::campaigns::proposal(lang)))) " "
            (lang::campaigns::proposal_says(lang, short_day(state.on)))
        }
        @if open > 0 {
            (pieces::notice(lang, &Notice::Warning(lang::campaigns::undecided(lang, open))))
        }
        @if late > 0 {
            (pieces::notice(lang, &Notice::Warning(lang::campaigns::not_counted(lang, late))))
        }
        @if board.view.today <= due {
            (pieces::notice(lang, &Notice::Note(
                lang::campaigns::appeals_until(lang, short_day(due)))))
        }
        @match form {
            None => { (list(board, rules, &awards, lang::campaigns::award_form(lang), None)) }
            Some(Around { action, csrf, typed, errors }) => {
                (pieces::form(action, *csrf, html! {
                    input type="hidden" name="round_version" value=(kept.record.version);
                    (list(board, rules, &awards, lang::campaigns::award_form(lang), Some(typed)))
                    @if !awards.is_empty() {
                        (Field::new(lang, "decision", lang::campaigns::decision_number(lang))
                            .errors(errors).hint(lang::campaigns::decision_hint(lang))
                            .text(&typed.decision))
                        (Field::new(lang, "decided_on", lang::campaigns::decided_on(lang))
                            .errors(errors).day(&typed.decided_on))
                        (pieces::submit(lang::campaigns::confirm(lang)))
                    }
                }))
            }
        }
    }
}

/// The awards by group and form, which are proposed or given; with boxes to tick where they are to be
/// confirmed.
fn list(
    board: &Board,
    rules: &Campaign,
    awards: &[Award],
    form: &str,
    ticks: Option<&Typed>,
) -> Markup {
    let lang = board.view.lang;
    if awards.is_empty() {
        return pieces::empty(lang::campaigns::nobody(lang), None);
    }
    let mut columns = vec![
        Column::number(lang::campaigns::place(lang)),
        Column::head(lang::chart::unit(lang)),
        Column::number(lang::campaigns::total(lang)),
        Column::text(lang::campaigns::class(lang)),
        Column::text(form),
    ];
    if ticks.is_some() {
        columns.push(Column::text(lang::campaigns::to_award(lang)));
    }
    html! {
        @for group in &rules.groups {
            @let own: Vec<&Award> = awards.iter().filter(|it| it.group == group.code).collect();
            @if !own.is_empty() {
                @let rows: Vec<Vec<Markup>> =
                    own.iter().map(|award| row(board, rules, award, ticks)).collect();
                h2 { (group.title.say(lang)) }
                (pieces::table(group.title.say(lang), &columns, &rows))
            }
        }
    }
}

fn row(board: &Board, rules: &Campaign, award: &Award, ticks: Option<&Typed>) -> Vec<Markup> {
    let view = &board.view;
    let lang = view.lang;
    let above = view.territory.ancestors(award.unit, view.day);
    let above: Vec<&str> = above
        .iter()
        .filter(|version| version.kind.level() > Level::Province)
        .map(|version| &*version.full_name)
        .collect();
    let form = rules.award(&award.form);
    let mut row = vec![
        html! { (grouped(lang, i64::try_from(award.place).unwrap_or(i64::MAX))) },
        html! {
            (award.name)
            @if !above.is_empty() { span.quiet { ", " (above.join(", ")) } }
        },
        html! { (say::points(lang, award.total)) },
        html! { (say::class(lang, rules, award.class.as_deref())) },
        html! { (form.map_or(&*award.form, |form| form.title.say(lang))) },
    ];
    if let Some(typed) = ticks {
        let value = format!("{} {}", award.group, award.unit);
        let ticked = typed.ticked.as_ref().is_none_or(|ticked| ticked.contains(&value));
        row.push(html! {
            input type="checkbox" name="award" value=(value) checked[ticked] aria-label=(award.name);
        });
    }
    row
}
