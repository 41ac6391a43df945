//! `/tasks/organisation/merger`: what a merger of communes means for their committees.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::{Day, Error, FieldError, Result, short_day};
use maud::{Markup, html};
use serde::Deserialize;
use territory::{Atlas, Level, UnitCode, UnitId, Version};
use web::pieces::{self, Badge, Choice, Column, Field};
use web::{Asked, Form, Frame, Notice, PageError, PageResult, Query, Section, Visitor, layout};

use super::{View, crumbs, say_holder, say_period, see_other, unprocessable};
use crate::grants::{Book, Rules};
use crate::organisation::actions::Context;
use crate::organisation::chart::Chart;
use crate::organisation::merger::{self, PlannedPost, Rehearsed, former_committees, rehearse};
use crate::organisation::model::{Agency, AgencyId, Bearer, Delegation, PersonId, PostId};
use crate::organisation::store as sql;
use crate::organisation::undecided::{Consequences, Undecided, consequences};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    unit: String,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    _visitor: Visitor,
    asked: Asked,
    Query(asking): Query<Asking>,
) -> PageResult {
    let view = View::open(&atlas, asked.lang, "").await?;
    Ok(page(view, &asked, (&asking.unit, ""), None).await?)
}

#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    csrf: String,
    unit: String,
    #[serde(default)]
    decision: String,
}

pub(super) async fn apply(
    State(atlas): State<Atlas>,
    visitor: Visitor,
    asked: Asked,
    Form(sent): Form<Sent>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let unit = unit_of(&sent.unit)?;
    let mut tx = atlas.database().write().await?;
    journal::lock(&mut tx).await?;
    let territory = atlas.territory(&mut tx).await?;
    let cx = Context { clock: atlas.clock(), actor: visitor.actor(), territory: &territory };
    let error = match merger::apply(&mut tx, cx, unit, &sent.decision).await {
        Ok(id) => {
            tx.commit().await?;
            let on = territory.unit(unit).map_or(atlas.clock().today(), |it| it.valid().from);
            return Ok(see_other(&format!("/agencies/{id}?on={on}&done=yes")));
        }
        Err(error @ (Error::Invalid(_) | Error::Refused { .. })) => error,
        Err(error) => return Err(error.into()),
    };
    drop(tx);
    let view = View::open(&atlas, asked.lang, "").await?;
    let page = page(view, &asked, (&sent.unit, &sent.decision), Some(&error)).await?;
    Ok(match error {
        Error::Invalid(_) => unprocessable(page),
        _ => (axum::http::StatusCode::CONFLICT, page).into_response(),
    })
}

fn unit_of(text: &str) -> Result<UnitId> {
    let no = |_| Error::not_found(lang::organisation::no_merger);
    text.parse().map(UnitId).map_err(no)
}

/// The communes that came about by a merger, the last first, with a former committee to end.
fn merged<'a>(view: &'a View, agencies: &BTreeMap<AgencyId, Agency>) -> Vec<&'a Version> {
    let territory = &view.territory;
    let units = territory.units().iter().filter(|unit| unit.level == Level::Commune);
    let came = units.filter(|unit| !territory.predecessors(unit.id).is_empty());
    let mut found: Vec<&Version> = came
        .filter(|unit| !former_committees(territory, agencies, unit.id).is_empty())
        .filter_map(|unit| unit.first())
        .collect();
    found.sort_by_key(|version| (std::cmp::Reverse(version.valid.from), version.unit));
    found.truncate(500);
    found
}

async fn page(
    mut view: View,
    asked: &Asked,
    (unit, decision): (&str, &str),
    error: Option<&Error>,
) -> Result<Markup> {
    let lang = view.lang;
    let agencies = sql::agencies(&mut view.tx).await?;
    let title = lang::organisation::merger_title(lang);
    let mut frame = Frame::new(asked, Section::Work, title);
    let errors: &[FieldError] = match error {
        Some(Error::Invalid(errors)) => errors,
        Some(other) => {
            frame.notice = Some(Notice::Warning(other.say(lang)));
            &[]
        }
        None => &[],
    };
    let rehearsed = match unit {
        "" => None,
        unit => {
            let unit = unit_of(unit)?;
            let former = former_committees(&view.territory, &agencies, unit);
            let chart = sql::chart(&mut view.tx, &former).await?;
            let rehearsed = rehearse(&view.territory, &agencies, &chart, unit)?;
            Some(Told::load(&mut view, &agencies, rehearsed, chart).await?)
        }
    };
    let choices: Vec<(String, String)> = merged(&view, &agencies)
        .into_iter()
        .map(|it| {
            let code = it.code.as_ref().map_or("", UnitCode::as_str);
            (it.unit.to_string(), format!("{} {code} ({})", it.full_name, short_day(it.valid.from)))
        })
        .collect();
    let choices: Vec<Choice<'_>> =
        choices.iter().map(|(value, label)| Choice { value, label }).collect();
    let body = html! {
        (crumbs(lang))
        (pieces::error_summary(lang, errors))
        (pieces::heading(title, Some(lang::organisation::merger_lead(lang))))
        @if choices.is_empty() && rehearsed.is_none() {
            (pieces::empty(lang::organisation::no_merger_left(lang), None))
        } @else {
            (pieces::filter("/tasks/organisation/merger", html! {
                (Field::new(lang, "unit", lang::organisation::merged_unit(lang)).select(&choices, unit))
                (pieces::submit_quiet(lang::organisation::rehearse(lang)))
            }))
        }
        @if let Some(told) = &rehearsed {
            @let rehearsed = &told.rehearsed;
            (told.ending(&view, &agencies))
            (told.beginning(&view))
            (told.falling(&view, &agencies))
            (told.undecided(&view))
            @if !rehearsed.ending.is_empty() && rehearsed.name.is_some() {
                (pieces::form("/tasks/organisation/merger", frame.csrf.as_deref(), html! {
                    input type="hidden" name="unit" value=(unit);
                    (Field::new(lang, "decision", lang::organisation::decision(lang)).errors(errors)
                        .hint(lang::organisation::decision_hint(lang)).text(decision))
                    p { (lang::organisation::can_undo(lang)) }
                    (pieces::submit_danger(lang::organisation::carry_out(lang)))
                }))
            }
        }
    };
    let frame = frame.ground(view.ground(false));
    Ok(layout(&frame, body))
}

/// A rehearsal as a page tells it.
struct Told {
    rehearsed: Rehearsed,
    chart: Chart,
    consequences: Consequences,
    /// The names of the accounts that consequences name.
    accounts: BTreeMap<String, String>,
    rules: std::sync::Arc<Rules>,
}

impl Told {
    async fn load(
        view: &mut View,
        agencies: &BTreeMap<AgencyId, Agency>,
        rehearsed: Rehearsed,
        chart: Chart,
    ) -> Result<Self> {
        let given = sql::assignments(&mut view.tx).await?;
        let of = (&*view.territory, agencies);
        let consequences = consequences(of, (&chart, &given), &rehearsed);
        let account = |it: &Undecided| match it {
            Undecided::AccountRole { account, .. } => Some(account.clone()),
            _ => None,
        };
        let ids: Vec<String> = consequences.undecided.iter().filter_map(account).collect();
        let accounts = sql::account_names(&mut view.tx, &ids).await?;
        let rules = Book::default().rules(&mut view.tx).await?;
        Ok(Self { rehearsed, chart, consequences, accounts, rules })
    }

    /// The committees that end, with their posts, who holds them and which roles they have.
    fn ending(&self, view: &View, agencies: &BTreeMap<AgencyId, Agency>) -> Markup {
        let (lang, rehearsed) = (view.lang, &self.rehearsed);
        let eve = rehearsed.on.plus(-1);
        let columns = [
            Column::head(lang::organisation::name(lang)),
            Column::text(lang::organisation::post(lang)),
            Column::text(lang::organisation::holder(lang)),
            Column::text(lang::organisation::roles_now(lang)),
        ];
        let mut rows: Vec<Vec<Markup>> = Vec::new();
        for (id, posts) in &rehearsed.ending {
            let name = agencies.get(id).map_or("", |it| it.name(eve));
            let link = html! { a href={ "/agencies/" (id) "?on=" (eve) } { (name) } };
            if posts.is_empty() {
                let none = html! { (lang::organisation::no_posts(lang)) };
                rows.push(vec![link.clone(), none, html! {}, html! {}]);
            }
            for (post, held) in posts {
                let holders = html! {
                    @if held.is_empty() { (lang::organisation::vacant(lang)) }
                    @for (at, holding) in held.iter().enumerate() {
                        @if at > 0 { br; }
                        (say_holder(lang, &self.chart, holding))
                    }
                };
                let roles = html! { (self.rules.say(lang, self.roles_of(post.id, eve))) };
                rows.push(vec![link.clone(), html! { (post.title) }, holders, roles]);
            }
        }
        let title = lang::organisation::ending_on(lang, short_day(rehearsed.on));
        html! {
            h2 { (title) }
            (pieces::table(&title, &columns, &rows))
        }
    }

    /// The codes of the roles that a post has on a day, wherever they hold.
    fn roles_of(&self, post: PostId, day: Day) -> impl Iterator<Item = &String> {
        let given = self.chart.assignments.iter();
        let its = given.filter(move |it| it.bearer == Bearer::Post(post) && it.valid.contains(day));
        its.map(|it| &it.role)
    }

    /// The committee that begins, with its posts.
    fn beginning(&self, view: &View) -> Markup {
        let lang = view.lang;
        let vacant = pieces::badge(lang, Badge::Warning(lang::organisation::vacant(lang)));
        let post = |post: &PlannedPost| {
            html! {
                (post.title) " " (vacant)
                @if !post.roles.is_empty() {
                    br;
                    (lang::rights::keeps_roles(lang, self.rules.say(lang, post.roles.keys())))
                }
            }
        };
        html! {
            @if let Some(name) = &self.rehearsed.name {
                h2 { (lang::organisation::beginning(lang, name)) }
                ul { @for it in &self.rehearsed.posts { li { (post(it)) } } }
            } @else {
                p { (lang::organisation::has_committee(lang)) }
            }
        }
    }

    /// What ends, never begins or goes over with the committees.
    fn falling(&self, view: &View, agencies: &BTreeMap<AgencyId, Agency>) -> Markup {
        let (lang, it) = (view.lang, &self.consequences);
        let title = |post: PostId| self.chart.posts.get(&post).map_or("", |it| it.title.as_str());
        let delegation = |it: &Delegation| {
            let from = self.chart.holdings.get(&it.holding);
            let words = lang::organisation::DelegationEnds {
                form: it.form.say(lang),
                from: from.map_or("", |from| self.chart.name(from.person)),
                subject: &it.subject,
                to: self.chart.delegate(it.to),
            };
            lang::organisation::delegation_ends(lang, words)
        };
        html! {
            @if !it.delegations.is_empty() {
                h2 { (lang::organisation::delegations_end(lang)) }
                ul { @for it in &it.delegations { li { (delegation(it)) " (" (say_period(lang, it.valid)) ")" } } }
            }
            @if !it.never.is_empty() {
                h2 { (lang::organisation::never_begin(lang)) }
                ul {
                    @for it in &it.never {
                        li {
                            (title(it.post)) ": " (say_holder(lang, &self.chart, it))
                            " (" (say_period(lang, it.valid)) ")"
                        }
                    }
                }
            }
            @if !it.moving.is_empty() {
                h2 { (lang::organisation::agencies_move(lang)) }
                ul {
                    @for id in &it.moving {
                        @let name = agencies.get(id).map_or("", |it| it.name(self.rehearsed.on));
                        li { a href={ "/agencies/" (id) "?on=" (self.rehearsed.on) } { (name) } }
                    }
                }
            }
        }
    }

    /// What somebody has to decide, and for whom.
    fn undecided(&self, view: &View) -> Markup {
        let lang = view.lang;
        let undecided = &self.consequences.undecided;
        html! {
            @if !undecided.is_empty() {
                h2 { (lang::organisation::undecided(lang)) }
                p { (lang::organisation::undecided_lead(lang)) }
                ul { @for it in undecided { li { (self.say(view, it)) } } }
            }
            @if !self.rehearsed.people.is_empty() {
                h2 { (lang::organisation::to_decide(lang)) }
                ul { @for person in &self.rehearsed.people { li { (self.chart.name(*person)) } } }
            }
        }
    }

    fn say(&self, view: &View, undecided: &Undecided) -> String {
        use lang::organisation as words;
        let (lang, eve) = (view.lang, self.rehearsed.on.plus(-1));
        let role = |code: &String| self.rules.say(lang, [code]);
        let unit = |unit: UnitId| view.territory.path(unit, eve).unwrap_or_default();
        let names = |people: &[PersonId]| {
            people.iter().map(|it| self.chart.name(*it)).collect::<Vec<_>>().join(", ")
        };
        match undecided {
            Undecided::Several { title, people } => {
                let (count, people) = (super::number(lang, people.len()), names(people));
                words::undecided_several(lang, words::UndecidedSeveral { count, people, title })
            }
            Undecided::Nobody { title } => words::undecided_nobody(lang, title),
            Undecided::Differs { title } => words::undecided_differs(lang, title),
            Undecided::RoleEnds { title, role: code, to } => {
                let until = match *to {
                    Day::MAX => words::until_ended(lang).to_owned(),
                    to => words::until_day(lang, short_day(to.plus(-1))),
                };
                let said = words::UndecidedRoleEnds { role: role(code), title, until };
                words::undecided_role_ends(lang, said)
            }
            Undecided::RoleElsewhere { post, role: code, unit: of } => {
                let post = self.chart.posts.get(post).map_or("", |it| it.title.as_str());
                let said =
                    words::UndecidedRoleElsewhere { post, role: role(code), unit: unit(*of) };
                words::undecided_role_elsewhere(lang, said)
            }
            Undecided::AccountRole { account, role: code, unit: of } => {
                let account = self.accounts.get(account).unwrap_or(account);
                let said =
                    words::UndecidedAccountRole { account, role: role(code), unit: unit(*of) };
                words::undecided_account_role(lang, said)
            }
            Undecided::NoAccount { person } => {
                words::undecided_no_account(lang, self.chart.name(*person))
            }
        }
    }
}
