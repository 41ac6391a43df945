//! `/tasks/rights`: who has which role; giving one to a post or an account, and taking it away.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use base::{Day, DayRange, Error, FieldError, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use store::Tx;
use territory::Territory;
use web::pieces::{self, Badge, Choice, Column, Field};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Path, Query, Section, Visitor, layout,
};

use super::{crumbs, say, see_other};
use crate::Access;
use crate::grants::Rules;
use crate::organisation::{
    Agency, AgencyId, Assignment, AssignmentId, Bearer, Context, NewAssignment, Post, PostId,
    assign, end_assignment, store as sql,
};

/// What the pages show of assignments: the names of posts, agencies and accounts.
struct Names {
    agencies: BTreeMap<AgencyId, Agency>,
    posts: BTreeMap<PostId, Post>,
    accounts: Vec<(String, String)>,
}

impl Names {
    async fn load(tx: &mut Tx, today: Day) -> Result<Self> {
        let agencies = sql::agencies(tx).await?;
        let ids: Vec<AgencyId> = agencies.keys().copied().collect();
        let posts = sql::posts_of(tx, &ids).await?.into_iter();
        let posts = posts.filter(|post| post.valid.to > today).map(|post| (post.id, post));
        let posts = posts.collect();
        let accounts = crate::store::accounts(tx).await?.into_iter();
        let accounts = accounts.map(|(id, name, _)| (id, name)).collect();
        Ok(Self { agencies, posts, accounts })
    }

    fn post(&self, id: PostId, today: Day) -> String {
        let Some(post) = self.posts.get(&id) else { return id.to_string() };
        let agency = self.agencies.get(&post.agency).map_or("", |agency| agency.name(today));
        format!("{}, {agency}", post.title)
    }

    fn bearer(&self, lang: Lang, bearer: &Bearer, today: Day) -> String {
        match bearer {
            Bearer::Post(id) => self.post(*id, today),
            Bearer::Account(id) => {
                let found = self.accounts.iter().find(|(known, _)| known == id);
                lang::rights::account_named(lang, found.map_or(id.as_str(), |(_, name)| name))
            }
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    done: String,
}

pub(super) async fn list(
    State(access): State<Access>,
    asked: Asked,
    Query(done): Query<Done>,
) -> PageResult {
    let lang = asked.lang;
    let today = access.clock().today();
    let mut tx = access.database().read().await?;
    let rules = access.book().rules(&mut tx).await?;
    let territory = access.atlas().territory(&mut tx).await?;
    let names = Names::load(&mut tx, today).await?;
    let given = sql::assignments(&mut tx).await?;
    let title = lang::rights::work(lang);
    let mut frame = Frame::new(&asked, Section::Work, title);
    if done.done == "yes" {
        frame = frame.notice(Notice::Done(lang::organisation::written(lang).to_owned()));
    }
    let body = html! {
        (crumbs(lang, false))
        (pieces::heading(title, Some(lang::rights::work_lead(lang))))
        ul {
            li { a href="/tasks/rights/give" { (lang::rights::give(lang)) } }
            li { a href="/tasks/rights/why" { (lang::rights::why(lang)) } }
            li { a href="/roles" { (lang::rights::roles(lang)) } }
        }
        (table(lang, (&rules, &territory, &names), (given, today)))
    };
    Ok(layout(&frame, body))
}

/// Those in force first, and within each by role and bearer.
fn table(
    lang: Lang,
    (rules, territory, names): (&Rules, &Territory, &Names),
    (mut given, today): (Vec<Assignment>, Day),
) -> Markup {
    let role_at = |code: &str| rules.roles.iter().position(|role| role.code == code);
    given.retain(|it| it.valid.to > today);
    given.sort_by_key(|it| (role_at(&it.role), names.bearer(lang, &it.bearer, today)));
    let columns = [
        Column::head(lang::rights::role(lang)),
        Column::text(lang::rights::bearer(lang)),
        Column::text(lang::rights::place(lang)),
        Column::text(lang::unit::valid(lang)),
        Column::text(lang::organisation::decision(lang)),
        Column::text(lang::organisation::to_do(lang)),
    ];
    let row = |it: &Assignment| {
        vec![
            html! {
                (rules.role(&it.role).map_or(it.role.as_str(), |role| role.name.say(lang)))
                @if it.made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
            },
            html! { (names.bearer(lang, &it.bearer, today)) },
            html! {
                @match (it.unit, &it.bearer) {
                    (Some(unit), _) => { (say::unit(territory, unit, today)) }
                    (None, Bearer::Post(_)) => { (lang::rights::of_the_agency(lang)) }
                    (None, Bearer::Account(_)) => { (lang::rights::reach_province(lang)) }
                }
            },
            html! { (say::days(lang, it.valid)) },
            html! { (it.decision) },
            html! {
                a href=(format!("/tasks/rights/{}/end", it.id)) { (lang::rights::take(lang)) }
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = given.iter().map(row).collect();
    match rows.is_empty() {
        true => pieces::empty(lang::rights::nothing_given(lang), None),
        false => pieces::table(lang::rights::given(lang), &columns, &rows),
    }
}

/// What the form carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::grants) struct Sent {
    pub(in crate::grants) csrf: String,
    pub(in crate::grants) role: String,
    pub(in crate::grants) post: String,
    pub(in crate::grants) account: String,
    pub(in crate::grants) unit: String,
    pub(in crate::grants) from: String,
    pub(in crate::grants) to: String,
    pub(in crate::grants) decision: String,
}

impl Sent {
    /// Errors: `Invalid` at each field that cannot be read.
    pub(in crate::grants) async fn read(
        &self,
        tx: &mut Tx,
        cx: Context<'_>,
    ) -> Result<NewAssignment> {
        let bearer = match (self.post.as_str(), self.account.as_str()) {
            (post, "") if !post.is_empty() => Bearer::Post(
                post.parse()
                    .map_err(|_| Error::invalid("post", lang::organisation::choose_again))?,
            ),
            ("", account) if !account.is_empty() => {
                let account = base::text::clean(account).to_lowercase();
                let found = sql::find_account(tx, &account).await?;
                Bearer::Account(found.ok_or_else(|| {
                    Error::invalid("account", move |lang| lang::access::no_account(lang, &account))
                })?)
            }
            _ => return Err(Error::invalid("post", lang::rights::post_or_account)),
        };
        let day = |place: &'static str, text: &str| {
            text.parse::<Day>().map_err(|_| Error::invalid(place, lang::error::bad_day))
        };
        let from = day("from", &self.from)?;
        let to = match self.to.trim() {
            "" => Day::MAX,
            text => day("to", text)?.plus(1),
        };
        let code = base::text::clean(&self.unit);
        let unit = match code.as_str() {
            "" => None,
            code => {
                let found = cx.territory.by_code(code, from).map(|version| version.unit);
                let wrong = move |lang| lang::organisation::no_unit(lang, short_day(from));
                Some(found.ok_or_else(|| Error::invalid("unit", wrong))?)
            }
        };
        Ok(NewAssignment {
            role: self.role.clone(),
            bearer,
            unit,
            valid: DayRange { from, to },
            decision: self.decision.clone(),
            made_up: false,
        })
    }
}

pub(super) async fn show(
    State(access): State<Access>,
    asked: Asked,
    Query(sent): Query<Sent>,
) -> PageResult {
    let from = short_day(access.clock().today());
    Ok(page(&access, &asked, (&Sent { from, ..sent }, &[], None)).await?)
}

pub(super) async fn give(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    match write(&access, &visitor, &sent).await {
        Ok(()) => Ok(see_other("/tasks/rights?done=yes")),
        Err(Error::Invalid(errors)) => {
            let page = page(&access, &asked, (&sent, &errors, None)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(Error::Refused { code: "access.own_right" | "access.four_eyes", text }) => {
            let page = page(&access, &asked, (&sent, &[], Some(text.say(asked.lang)))).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

async fn write(access: &Access, visitor: &Visitor, sent: &Sent) -> Result<()> {
    let mut tx = access.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = access.atlas().territory(&mut tx).await?;
    let cx = Context { clock: access.clock(), actor: visitor.actor(), territory: &territory };
    let new = sent.read(&mut tx, cx).await?;
    assign(&mut tx, (cx, access.book()), new).await?;
    tx.commit().await
}

async fn page(
    access: &Access,
    asked: &Asked,
    (sent, errors, warning): (&Sent, &[FieldError], Option<String>),
) -> Result<Markup> {
    let lang = asked.lang;
    let today = access.clock().today();
    let mut tx = access.database().read().await?;
    let rules = access.book().rules(&mut tx).await?;
    let names = Names::load(&mut tx, today).await?;
    let roles: Vec<Choice<'_>> = rules
        .roles
        .iter()
        .map(|role| Choice { value: &role.code, label: role.name.say(lang) })
        .collect();
    let mut posts: Vec<(String, String)> =
        names.posts.keys().map(|id| (id.to_string(), names.post(*id, today))).collect();
    posts.sort_by(|left, right| base::text::compare(&left.1, &right.1));
    let posts: Vec<Choice<'_>> =
        posts.iter().map(|(value, label)| Choice { value, label }).collect();
    let title = lang::rights::give(lang);
    let mut frame = Frame::new(asked, Section::Work, title);
    frame.notice = warning.map(Notice::Warning);
    let field = |name, label| Field::new(lang, name, label).errors(errors);
    let body = html! {
        (crumbs(lang, true))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::rights::give_lead(lang))))
        (pieces::form("/tasks/rights/give", frame.csrf.as_deref(), html! {
            (field("role", lang::rights::role(lang)).select(&roles, &sent.role))
            (field("post", lang::rights::to_post(lang)).hint(lang::rights::to_post_hint(lang))
                .select(&posts, &sent.post))
            (field("account", lang::rights::to_account(lang))
                .hint(lang::rights::to_account_hint(lang)).text(&sent.account))
            (field("unit", lang::rights::other_place(lang))
                .hint(lang::rights::other_place_hint(lang)).text(&sent.unit))
            (field("from", lang::rights::from(lang)).day(&sent.from))
            (field("to", lang::rights::to(lang)).hint(lang::rights::to_hint(lang)).day(&sent.to))
            (field("decision", lang::organisation::decision(lang))
                .hint(lang::organisation::decision_hint(lang)).text(&sent.decision))
            (pieces::submit(title))
        }))
    };
    Ok(layout(&frame, body))
}

/// What the form that takes a role away carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ending {
    csrf: String,
    on: String,
    decision: String,
}

pub(super) async fn show_end(
    State(access): State<Access>,
    asked: Asked,
    Path(id): Path<String>,
) -> PageResult {
    let on = short_day(access.clock().today());
    Ok(end_page(&access, &asked, (&id, &Ending { on, ..Ending::default() }), &[]).await?)
}

pub(super) async fn end(
    State(access): State<Access>,
    visitor: Visitor,
    asked: Asked,
    Path(id): Path<String>,
    Form(sent): Form<Ending>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    match take(&access, &visitor, (&id, &sent)).await {
        Ok(()) => Ok(see_other("/tasks/rights?done=yes")),
        Err(Error::Invalid(errors)) => {
            let page = end_page(&access, &asked, (&id, &sent), &errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(other) => Err(other.into()),
    }
}

fn id_of(text: &str) -> Result<AssignmentId> {
    text.parse().map_err(|_| Error::not_found(lang::rights::no_assignment))
}

async fn take(access: &Access, visitor: &Visitor, (id, sent): (&str, &Ending)) -> Result<()> {
    let id = id_of(id)?;
    let on = sent.on.parse::<Day>().map_err(|_| Error::invalid("on", lang::error::bad_day))?;
    let mut tx = access.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = access.atlas().territory(&mut tx).await?;
    let cx = Context { clock: access.clock(), actor: visitor.actor(), territory: &territory };
    end_assignment(&mut tx, cx, id, (on, &sent.decision)).await?;
    tx.commit().await
}

async fn end_page(
    access: &Access,
    asked: &Asked,
    (id, sent): (&str, &Ending),
    errors: &[FieldError],
) -> Result<Markup> {
    let lang = asked.lang;
    let today = access.clock().today();
    let mut tx = access.database().read().await?;
    let found = sql::assignments_by(&mut tx, "id", &[id_of(id)?]).await?.into_iter().next();
    let found = found.ok_or_else(|| Error::not_found(lang::rights::no_assignment))?;
    let rules = access.book().rules(&mut tx).await?;
    let names = Names::load(&mut tx, today).await?;
    let title = lang::rights::take(lang);
    let frame = Frame::new(asked, Section::Work, title);
    let what =
        format!("{}: {}", rules.say(lang, [&found.role]), names.bearer(lang, &found.bearer, today));
    let field = |name, label| Field::new(lang, name, label).errors(errors);
    let body = html! {
        (crumbs(lang, true))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(&what)))
        (pieces::form(&format!("/tasks/rights/{id}/end"), frame.csrf.as_deref(), html! {
            (field("on", lang::rights::ends_on(lang)).hint(lang::rights::ends_on_hint(lang)).day(&sent.on))
            (field("decision", lang::organisation::decision(lang))
                .hint(lang::organisation::decision_hint(lang)).text(&sent.decision))
            (pieces::submit_danger(title))
        }))
    };
    Ok(layout(&frame, body))
}
