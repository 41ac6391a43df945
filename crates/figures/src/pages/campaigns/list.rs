//! `GET /campaigns`: which campaigns there are and how far each has come.

use axum::extract::State;
use base::{Result, short_day};
use maud::{Markup, html};
use packs::{Campaign, Counted};
use web::pieces::{self, Badge, Column};
use web::{Asked, Frame, PageResult, Section, layout};

use super::super::view::View;
use super::say;
use crate::Desk;
use crate::campaigns::{heads, period_of};

pub(super) async fn show(State(desk): State<Desk>, asked: Asked) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let lang = view.lang;
    let title = lang::campaigns::title(lang);
    let frame = Frame::new(&asked, Section::Campaigns, title).ground(view.standing(None));
    let catalogue = view.catalogue.clone();
    let mut sections = Vec::new();
    for campaign in catalogue.campaigns() {
        let rounds = rounds(&mut view, campaign, asked.visitor.is_some()).await?;
        let (from, until) = campaign.days();
        let href = format!("/campaigns/{}", campaign.code);
        let time = lang::campaigns::FromUntil { from: short_day(from), until: short_day(until) };
        sections.push(html! {
            h2 {
                a href=(href) { (campaign.title.say(lang)) }
                @if campaign.made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
            }
            p { (campaign.document.say(lang)) ". " (lang::campaigns::from_until(lang, time)) }
            p.quiet {
                (lang::targets::answers(lang, campaign.agency.say(lang))) " "
                (lang::campaigns::on_map(lang, short_day(campaign.map_day())))
            }
            (rounds)
        });
    }
    let body = html! {
        (pieces::heading(title, Some(lang::campaigns::lead(lang))))
        @if sections.is_empty() { (pieces::empty(lang::campaigns::none(lang), None)) }
        @for section in &sections { (section) }
    };
    Ok(layout(&frame, body))
}

/// The rounds with their rankings, and what the signed-in may do with them.
pub(super) async fn rounds(
    view: &mut View,
    campaign: &Campaign,
    is_signed_in: bool,
) -> Result<Markup> {
    let lang = view.lang;
    let heads = heads(&mut view.tx, campaign).await?;
    let mut rows = Vec::new();
    for round in &campaign.rounds {
        let period = period_of(&view.catalogue, round, Counted::InRound)?;
        let head = heads.get(&round.period).copied();
        let has_begun = period.days.from <= view.today;
        let here = format!("/campaigns/{}/{}", campaign.code, round.period);
        let is_frozen = head.is_some_and(|head| head.is_frozen);
        rows.push(vec![
            html! { (period.title(lang)) },
            say::state(lang, head, &period, view.today),
            html! {
                @if has_begun {
                    @for (at, group) in campaign.groups.iter().enumerate() {
                        @if at > 0 { " · " }
                        a href={ (here) "/" (group.code) } { (group.title.say(lang)) }
                    }
                }
            },
            html! {
                @if is_frozen { a href={ (here) "/awards" } { (lang::campaigns::awards(lang)) } }
                @if is_frozen && is_signed_in {
                    " · " a href={ (here) "/reopen" } { (lang::campaigns::reopen(lang)) }
                }
                @if !is_frozen && is_signed_in && period.days.to <= view.today {
                    a href={ (here) "/freeze" } { (lang::campaigns::freeze(lang)) }
                }
            },
        ]);
    }
    let columns = [
        Column::head(lang::campaigns::round(lang)),
        Column::text(lang::campaigns::state(lang)),
        Column::text(lang::campaigns::rankings(lang)),
        Column::text(lang::campaigns::results(lang)),
    ];
    Ok(pieces::table(lang::campaigns::rounds(lang), &columns, &rows))
}
