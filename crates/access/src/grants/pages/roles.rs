//! `GET /roles`, `/roles/{code}`: what each role may do, for everybody to read.

use axum::extract::State;
use base::rights::Act;
use base::{Error, Result};
use lang::Lang;
use maud::{Markup, html};
use web::pieces::{self, Badge, Column, Crumb};
use web::{Asked, Frame, PageResult, Path, Section, layout};

use super::say;
use crate::Access;
use crate::grants::{Grant, Role};

/// The matrix: every act, how guarded its data is, and which role may do it how far.
pub(super) async fn show(State(access): State<Access>, asked: Asked) -> PageResult {
    let lang = asked.lang;
    let mut tx = access.database().read().await?;
    let rules = access.book().rules(&mut tx).await?;
    let title = lang::rights::roles(lang);
    let columns = [
        Column::head(lang::rights::act(lang)),
        Column::text(lang::rights::data(lang)),
        Column::text(lang::rights::who(lang)),
    ];
    let rows: Vec<Vec<Markup>> = Act::ALL.iter().map(|act| row(lang, &rules.roles, *act)).collect();
    let list = |role: &Role| {
        html! {
            li {
                a href=(format!("/roles/{}", role.code)) { (role.name.say(lang)) }
                @if role.wants_second_factor() {
                    " " (pieces::badge(lang, Badge::Neutral(lang::rights::with_factor(lang))))
                }
                br; (role.about.say(lang))
            }
        }
    };
    let body = html! {
        (pieces::heading(title, Some(lang::rights::roles_lead(lang))))
        ul.tasks { @for role in &rules.roles { (list(role)) } }
        h2 { (lang::rights::matrix(lang)) }
        (pieces::table(lang::rights::matrix(lang), &columns, &rows))
    };
    Ok(layout(&Frame::new(&asked, Section::Elsewhere, title), body))
}

fn row(lang: Lang, roles: &[Role], act: Act) -> Vec<Markup> {
    let mut holders: Vec<(&Role, &Grant)> = Vec::new();
    for role in roles {
        holders.extend(
            role.grants.iter().filter(|it| it.acts().any(|it| it == act)).map(|it| (role, it)),
        );
    }
    let who = html! {
        @if holders.is_empty() {
            (pieces::badge(lang, Badge::Warning(lang::rights::nobody(lang))))
        }
        @for (at, (role, grant)) in holders.iter().enumerate() {
            @if at > 0 { br; }
            a href=(format!("/roles/{}", role.code)) { (role.name.say(lang)) }
            ": " (grant.reach.say(lang))
        }
    };
    vec![
        html! { (act.kind().say(lang)) ": " (act.say(lang)) },
        html! { (act.class().say(lang)) },
        who,
    ]
}

/// One role with its grants, their days and documents.
pub(super) async fn show_one(
    State(access): State<Access>,
    asked: Asked,
    Path(code): Path<String>,
) -> PageResult {
    let lang = asked.lang;
    let mut tx = access.database().read().await?;
    let rules = access.book().rules(&mut tx).await?;
    let role = rules.role(&code).ok_or_else(|| Error::not_found(lang::rights::no_role))?;
    let columns = [
        Column::head(lang::rights::act(lang)),
        Column::text(lang::rights::place(lang)),
        Column::text(lang::rights::data(lang)),
        Column::text(lang::rights::purpose(lang)),
        Column::text(lang::rights::documents(lang)),
    ];
    let purpose = |code: &String| {
        let found = rules.purposes.iter().find(|it| it.code == *code);
        found.map_or(code.as_str(), |it| it.name.say(lang)).to_owned()
    };
    let mut rows: Vec<Vec<Markup>> = Vec::new();
    for grant in &role.grants {
        let purposes = grant.purposes.iter().map(purpose).collect::<Vec<_>>().join("; ");
        for act in grant.acts() {
            rows.push(vec![
                html! { (act.say(lang)) },
                html! { (grant.reach.say(lang)) },
                html! { (act.class().say(lang)) },
                html! { (purposes) },
                html! { (grant.document.say(lang)) br; (say::days(lang, grant.valid())) },
            ]);
        }
    }
    let title = role.name.say(lang);
    let above = [Crumb { label: lang::rights::roles(lang), href: "/roles" }];
    let body = html! {
        (pieces::breadcrumbs(lang, &above))
        (pieces::heading(title, Some(role.about.say(lang))))
        @if role.wants_second_factor() { p { (lang::rights::factor_demanded(lang)) } }
        (pieces::table(&lang::rights::grants_of(lang, title), &columns, &rows))
    };
    let page: Result<Markup> = Ok(layout(&Frame::new(&asked, Section::Elsewhere, title), body));
    Ok(page?)
}
