//! `GET /tasks`: what the signed-in can do.

use axum::extract::State;
use base::rights::Act;
use lang::Lang;
use maud::{Markup, html};
use web::pieces;
use web::{Asked, Frame, Section, Visitor, layout};

use super::pieces::ground_of_today;
use crate::Atlas;

pub(super) async fn show(State(atlas): State<Atlas>, visitor: Visitor, asked: Asked) -> Markup {
    let lang = asked.lang;
    let ground = ground_of_today(lang, &atlas);
    let title = lang::work::title(lang);
    let link = |href: &str, label: &str| {
        html! { a href=(href) { strong { (label) } } }
    };
    let tasks = tasks(lang);
    let may = |acts: &[Act]| {
        acts.is_empty()
            || acts.iter().any(|act| visitor.rights.allow(*act) || visitor.rights.waits(*act))
    };
    let body = html! {
        (pieces::heading(title, Some(lang::work::lead(lang))))
        ul.tasks {
            @for (_, href, label, what) in tasks.into_iter().filter(|(acts, ..)| may(acts)) {
                li { p { (link(href, label)) br; (what) } }
            }
        }
        p { a href="/account/rights" { (lang::rights::mine(lang)) } }
    };
    layout(&Frame::new(&asked, Section::Work, title).ground(ground), body)
}

/// A task: the acts of which one opens it (none where everybody may look), its address, what it is
/// called and what it is for.
type Task = (&'static [Act], &'static str, &'static str, &'static str);

fn tasks(lang: Lang) -> [Task; 11] {
    [
        (
            &[Act::ReportObservations, Act::ReadObservations],
            "/tasks/observations",
            lang::work::observations(lang),
            lang::work::observations_what(lang),
        ),
        (
            &[Act::ReadApprovals],
            "/tasks/approvals",
            lang::approvals::title(lang),
            lang::approvals::work_what(lang),
        ),
        (&[], "/completeness", lang::completeness::title(lang), lang::completeness::lead(lang)),
        (
            &[Act::ChangeAgencies, Act::Appoint],
            "/tasks/organisation",
            lang::organisation::title(lang),
            lang::organisation::lead(lang),
        ),
        (
            &[Act::AssignRights],
            "/tasks/rights",
            lang::rights::work(lang),
            lang::rights::work_lead(lang),
        ),
        (
            &[Act::ManageAccounts],
            "/tasks/accounts",
            lang::rights::accounts(lang),
            lang::rights::accounts_lead(lang),
        ),
        (
            &[Act::ReceiveRequests, Act::RecordConsents, Act::ApplyRetention],
            "/tasks/personal-data",
            lang::subjects::title(lang),
            lang::subjects::work_what(lang),
        ),
        (&[Act::ReadTrace], "/tasks/trace", lang::trace::title(lang), lang::trace::lead(lang)),
        (
            &[Act::ChangeTerritory],
            "/tasks/territory",
            lang::work::import(lang),
            lang::work::import_what(lang),
        ),
        (
            &[Act::ChangeTerritory],
            "/tasks/mergers",
            lang::work::mergers(lang),
            lang::work::mergers_what(lang),
        ),
        (
            &[Act::ManageOutbox],
            "/tasks/outbox",
            lang::watch::outbox_title(lang),
            lang::watch::outbox_lead(lang),
        ),
    ]
}
