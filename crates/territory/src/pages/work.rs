//! `GET /tasks`: what the signed-in can do.

use axum::extract::State;
use maud::{Markup, html};
use web::pieces;
use web::{Asked, Frame, Section, Visitor, layout};

use super::pieces::ground_of_today;
use crate::Atlas;

pub(super) async fn show(State(atlas): State<Atlas>, _visitor: Visitor, asked: Asked) -> Markup {
    let lang = asked.lang;
    let ground = ground_of_today(lang, &atlas);
    let title = lang::work::title(lang);
    let link = |href: &str, label: &str| {
        html! { a href=(href) { strong { (label) } } }
    };
    let tasks = [
        (
            "/tasks/observations",
            lang::work::observations(lang),
            lang::work::observations_what(lang),
        ),
        ("/tasks/approvals", lang::approvals::title(lang), lang::approvals::work_what(lang)),
        ("/completeness", lang::completeness::title(lang), lang::completeness::lead(lang)),
        ("/tasks/organisation", lang::organisation::title(lang), lang::organisation::lead(lang)),
        ("/tasks/personal-data", lang::subjects::title(lang), lang::subjects::work_what(lang)),
        ("/tasks/territory", lang::work::import(lang), lang::work::import_what(lang)),
        ("/tasks/mergers", lang::work::mergers(lang), lang::work::mergers_what(lang)),
        ("/tasks/outbox", lang::watch::outbox_title(lang), lang::watch::outbox_lead(lang)),
    ];
    let body = html! {
        (pieces::heading(title, Some(lang::work::lead(lang))))
        ul.tasks {
            @for (href, label, what) in tasks {
                li { p { (link(href, label)) br; (what) } }
            }
        }
    };
    layout(&Frame::new(&asked, Section::Work, title).ground(ground), body)
}
