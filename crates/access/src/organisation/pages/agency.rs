//! `GET /agencies/{id}`: an agency, its posts, who holds them on a day, and its history.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use base::rights::{Act, Place};
use base::{Day, Error, Result};
use maud::{Markup, html};
use serde::Deserialize;
use territory::Atlas;
use territory::pages::{day_form, unit_href};
use web::pieces::{self, Badge, Column, Crumb};
use web::{
    Asked, Form, Frame, Notice, PageError, PageResult, Path, Query, Section, Visitor, layout,
};

use super::contacts::Contacts;
use super::{View, done, say_holder, say_period, unprocessable};
use crate::organisation::actions::unit_of;
use crate::organisation::api::visible_chart;
use crate::organisation::chart::Chart;
use crate::organisation::model::{
    Agency, AgencyId, AgencyKind, AgencyVersion, Event, Holding, Post,
};
use crate::organisation::signature::signature_block;
use crate::organisation::store as sql;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Asking {
    on: String,
    done: String,
}

/// What the form that asks how people are reached carries.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Reaching {
    csrf: String,
    purpose: String,
}

/// What the page is about.
struct Shown<'a> {
    view: &'a View,
    agencies: &'a BTreeMap<AgencyId, Agency>,
    agency: &'a Agency,
    chart: &'a Chart,
    /// Whether the one who looks works on it: others see who leads, and nothing of the rest.
    inside: bool,
    /// Whether the one who looks may change the agency, and who holds its posts.
    may_change: bool,
    may_appoint: bool,
    contacts: Contacts,
}

pub(super) async fn show(
    State(atlas): State<Atlas>,
    asked: Asked,
    Path(id): Path<String>,
    Query(asking): Query<Asking>,
) -> PageResult {
    Ok(page(&atlas, &asked, &id, (&asking, None)).await?.0)
}

/// The page with how people are reached today, for a purpose. What is answered to the form is kept
/// nowhere, as every page of the signed in.
pub(super) async fn show_contacts(
    State(atlas): State<Atlas>,
    asked: Asked,
    visitor: Visitor,
    Path(id): Path<String>,
    Form(sent): Form<Reaching>,
) -> Result<Response, PageError> {
    visitor.check_form(&sent.csrf)?;
    let purpose = Some(sent.purpose.trim());
    let (page, is_wrong) = page(&atlas, &asked, &id, (&Asking::default(), purpose)).await?;
    Ok(if is_wrong { unprocessable(page) } else { page.into_response() })
}

/// The page, and whether something is to be mended. With a purpose it shows how people are reached.
async fn page(
    atlas: &Atlas,
    asked: &Asked,
    id: &str,
    (asking, purpose): (&Asking, Option<&str>),
) -> Result<(Markup, bool)> {
    let mut view = View::open(atlas, asked.lang, &asking.on).await?;
    let lang = view.lang;
    let nothing = || Error::not_found(lang::organisation::no_agency);
    let id: AgencyId = id.parse().map_err(|_| nothing())?;
    let agencies = sql::agencies(&mut view.tx).await?;
    let agency = agencies.get(&id).ok_or_else(nothing)?;
    let unit = unit_of(&agencies, id, view.today);
    let may = |act| asked.actor().may(act, Place { unit, maker: None });
    let (chart, inside) = visible_chart(&mut view.tx, asked, (id, unit)).await?;
    let contacts = match purpose {
        None => Contacts::offer(atlas, asked, unit, view.on).await?,
        Some(purpose) => Contacts::open(atlas, asked, (id, unit, &chart), purpose).await?,
    };
    let shown = Shown {
        view: &view,
        agencies: &agencies,
        agency,
        chart: &chart,
        inside,
        may_change: may(Act::ChangeAgencies),
        may_appoint: may(Act::Appoint),
        contacts,
    };
    let title = agency.name(view.on).to_owned();
    let csrf = asked.visitor.as_ref().map(|visitor| visitor.csrf.as_str());
    let all = format!("/agencies?on={}", view.on);
    let body = html! {
        (pieces::breadcrumbs(lang, &[Crumb { label: lang::organisation::agencies(lang), href: &all }]))
        (pieces::error_summary(lang, shown.contacts.errors()))
        (pieces::heading(&title, None))
        @if agency.at(view.on).is_none() {
            @let words = lang::organisation::not_on_day(lang, say_period(lang, agency.valid()));
            (pieces::notice(lang, &Notice::Warning(words)))
        }
        (day_form(lang, &view.territory, &asked.path_and_query, view.on))
        @if let Some(version) = agency.at(view.on) { (shown.facts(version)) }
        (shown.contacts.form(lang, csrf, id))
        (shown.posts())
        @if inside { (shown.delegations()) (shown.tasks()) }
        (shown.former())
        (shown.history())
    };
    let made_up = agency.made_up();
    let mut frame = Frame::new(asked, Section::Elsewhere, title).ground(view.ground(made_up));
    frame.notice = done(lang, &asking.done);
    Ok((layout(&frame, body), !shown.contacts.errors().is_empty()))
}

impl Shown<'_> {
    fn link(&self, id: AgencyId, day: Day) -> Markup {
        let name = self.agencies.get(&id).map_or("", |it| it.name(day));
        html! { a href={ "/agencies/" (id) "?on=" (day) } { (name) } }
    }

    fn facts(&self, version: &AgencyVersion) -> Markup {
        let View { lang, on, .. } = *self.view;
        let facts = &version.facts;
        let unit = facts.unit.and_then(|unit| self.view.territory.at(unit, on));
        let mut list = vec![
            (lang::organisation::kind(lang), html! { (facts.kind.say(lang)) }),
            (lang::organisation::symbol(lang), html! { (facts.symbol) }),
        ];
        if let Some(parent) = facts.parent {
            list.push((lang::organisation::parent(lang), self.link(parent, on)));
        }
        if let Some(unit) = unit {
            let link = html! { a href=(unit_href(unit, on)) { (unit.full_name) } };
            list.push((lang::organisation::unit(lang), link));
        }
        let valid = say_period(lang, self.agency.valid());
        list.push((lang::unit::valid(lang), html! { (valid) }));
        pieces::definition_list(&list)
    }

    /// The lines above a signature of this post, as far as there are any.
    fn signs(&self, post: &Post) -> Markup {
        let on = self.view.on;
        let is_committee =
            self.agency.at(on).is_some_and(|it| it.facts.kind == AgencyKind::Committee);
        let signatures = signature_block(self.chart, post.id, on).unwrap_or_default();
        html! {
            @for signature in signatures {
                @let subject = signature.subject.clone();
                @let collective = signature.lines.len() < 3 && subject.is_empty() && is_committee;
                p lang="vi" {
                    @for line in &signature.lines { strong { (line) } br; }
                    @if collective {
                        @let lines = signature.for_collective("Ủy ban nhân dân").lines;
                        span.quiet { (lines.join(" / ")) }
                    } @else { span.quiet { (subject) } }
                }
            }
        }
    }

    fn posts(&self) -> Markup {
        let View { lang, on, .. } = *self.view;
        let posts = self.chart.posts_of(self.agency.id, on);
        if posts.is_empty() {
            return html! {
                h2 { (lang::organisation::posts(lang)) }
                (pieces::empty(lang::organisation::no_posts(lang), None))
            };
        }
        let mut columns = vec![
            Column::head(lang::organisation::post(lang)),
            Column::text(lang::organisation::holder(lang)),
            Column::text(lang::organisation::since(lang)),
        ];
        let shows_contacts = matches!(self.contacts, Contacts::Shown);
        if shows_contacts {
            columns.push(Column::text(lang::organisation::contact(lang)));
        }
        if self.inside {
            columns.push(Column::text(lang::organisation::signs(lang)));
        }
        if self.may_appoint {
            columns.push(Column::text(lang::organisation::to_do(lang)));
        }
        let mut rows: Vec<Vec<Markup>> = Vec::new();
        for post in posts {
            let held = self.chart.who_held(post.id, on);
            let badge = Badge::Warning(lang::organisation::vacant(lang));
            let vacant = html! { (pieces::badge(lang, badge)) };
            if held.is_empty() {
                rows.push(vec![html! { (post.title) }, vacant]);
            }
            for holding in &held {
                let mut row = vec![
                    html! { (post.title) },
                    say_holder(lang, self.chart, holding),
                    html! { (say_period(lang, holding.valid)) },
                ];
                if shows_contacts {
                    row.push(self.contact(holding));
                }
                if self.inside {
                    row.push(self.signs(post));
                }
                if self.may_appoint {
                    row.push(links(self.view, post, holding));
                }
                rows.push(row);
            }
        }
        for row in &mut rows {
            row.resize_with(columns.len(), || html! {});
        }
        html! {
            h2 { (lang::organisation::posts(lang)) }
            (pieces::table(&lang::organisation::posts_on(lang, base::short_day(on)), &columns, &rows))
        }
    }

    fn contact(&self, holding: &Holding) -> Markup {
        let person = self.chart.people.get(&holding.person);
        let lang = self.view.lang;
        html! {
            @if let Some(person) = person {
                (person.email)
                @if !person.email.is_empty() && !person.phone.is_empty() { br; }
                (person.phone)
                @if person.account.is_none() {
                    @if !person.email.is_empty() || !person.phone.is_empty() { br; }
                    (pieces::badge(lang, Badge::Neutral(lang::organisation::without_account(lang))))
                }
            }
        }
    }

    fn delegations(&self) -> Markup {
        let View { lang, on, .. } = *self.view;
        let columns = [
            Column::head(lang::organisation::form(lang)),
            Column::text(lang::organisation::delegate_to(lang)),
            Column::text(lang::organisation::subject(lang)),
            Column::text(lang::unit::valid(lang)),
            Column::text(lang::organisation::decision(lang)),
            Column::text(lang::organisation::to_do(lang)),
        ];
        let ours = self.chart.delegated(on).filter(|(_, from)| {
            let post = self.chart.posts.get(&from.post);
            post.is_some_and(|post| post.agency == self.agency.id)
        });
        let rows: Vec<Vec<Markup>> = ours
            .map(|(it, from)| {
                let end = format!("/tasks/organisation/do/end-delegation/{}", it.id);
                vec![
                    html! { (it.form.say(lang)) " (" (self.chart.name(from.person)) ")" },
                    html! { (self.chart.delegate(it.to)) },
                    html! { (it.subject) },
                    html! { (say_period(lang, it.valid)) },
                    html! { (it.decision) },
                    html! {
                        @if self.may_appoint {
                            a href=(end) { (lang::organisation::task_end_delegation(lang)) }
                        }
                    },
                ]
            })
            .collect();
        html! {
            @if !rows.is_empty() {
                h2 { (lang::organisation::delegations(lang)) }
                (pieces::table(lang::organisation::delegations(lang), &columns, &rows))
            }
        }
    }

    fn tasks(&self) -> Markup {
        let lang = self.view.lang;
        let of = |task: &str| format!("/tasks/organisation/do/{task}/{}", self.agency.id);
        let is_over = self.agency.last().is_some_and(|it| it.event == Event::Ended);
        html! {
            @if !is_over && (self.may_change || self.may_appoint) {
                h2 { (lang::organisation::to_do(lang)) }
                ul {
                    @if self.may_appoint {
                        li { a href=(of("appoint")) { (lang::organisation::task_appoint(lang)) } }
                    }
                    @if self.may_change {
                        li { a href=(of("add-post")) { (lang::organisation::task_add_post(lang)) } }
                        li { a href=(of("change")) { (lang::organisation::task_change(lang)) } }
                        li { a href=(of("end")) { (lang::organisation::task_end(lang)) } }
                    }
                }
            }
            @if self.may_change {
                p { a href="/tasks/organisation/operations" { (lang::organisation::operations(lang)) } }
            }
        }
    }

    /// Who led it at any time, the last first.
    fn former(&self) -> Markup {
        let lang = self.view.lang;
        let is_ours = |it: &&Holding| {
            let post = self.chart.posts.get(&it.post);
            let is_shown = post
                .is_some_and(|post| post.agency == self.agency.id && (post.leads || self.inside));
            is_shown && it.valid.from < it.valid.to
        };
        let mut held: Vec<&Holding> = self.chart.holdings.values().filter(is_ours).collect();
        held.sort_by_key(|it| (std::cmp::Reverse(it.valid.from), it.id));
        let columns = [
            Column::head(lang::organisation::post(lang)),
            Column::text(lang::organisation::holder(lang)),
            Column::text(lang::unit::valid(lang)),
            Column::text(lang::organisation::decision(lang)),
        ];
        let rows: Vec<Vec<Markup>> = held
            .into_iter()
            .take(base::PAGE_LIMIT)
            .map(|it| {
                vec![
                    html! { (self.chart.posts.get(&it.post).map_or("", |post| &post.title)) },
                    say_holder(lang, self.chart, it),
                    html! { (say_period(lang, it.valid)) },
                    html! {
                        (it.decision)
                        @if !it.end_decision.is_empty() { br; (it.end_decision) }
                    },
                ]
            })
            .collect();
        html! {
            @if !rows.is_empty() {
                h2 { (lang::organisation::holders(lang)) }
                (pieces::table(lang::organisation::holders(lang), &columns, &rows))
            }
        }
    }

    fn history(&self) -> Markup {
        let lang = self.view.lang;
        let columns = [
            Column::head(lang::organisation::from_day(lang)),
            Column::text(lang::organisation::event(lang)),
            Column::text(lang::organisation::name(lang)),
            Column::text(lang::organisation::decision(lang)),
        ];
        let rows: Vec<Vec<Markup>> = self
            .agency
            .versions
            .iter()
            .map(|it| {
                vec![
                    html! { (base::short_day(it.on)) },
                    html! {
                        (it.event.say(lang))
                        @if let Some(successor) = it.successor {
                            br; (lang::organisation::taken_over_by(lang)) " " (self.link(successor, it.on))
                        }
                    },
                    html! { (it.facts.name) },
                    html! { (it.decision) },
                ]
            })
            .collect();
        let into_this = |it: &&Agency| {
            it.last().is_some_and(|version| version.successor == Some(self.agency.id))
        };
        let former: Vec<&Agency> = self.agencies.values().filter(into_this).collect();
        html! {
            h2 { (lang::organisation::history(lang)) }
            (pieces::table(lang::organisation::history(lang), &columns, &rows))
            @if !former.is_empty() {
                p { (lang::organisation::took_over(lang)) }
                ul {
                    @for it in former {
                        li { (self.link(it.id, it.valid().last())) " (" (say_period(lang, it.valid())) ")" }
                    }
                }
            }
        }
    }
}

fn links(view: &View, post: &Post, holding: &Holding) -> Markup {
    let lang = view.lang;
    let of = |task: &str, id: &dyn std::fmt::Display| format!("/tasks/organisation/do/{task}/{id}");
    html! {
        a href=(of("end-holding", &holding.id)) { (lang::organisation::task_end_holding(lang)) }
        @if post.leads {
            br; a href=(of("delegate", &holding.id)) { (lang::organisation::task_delegate(lang)) }
        }
        br; a href=(of("account", &holding.person)) { (lang::organisation::task_account(lang)) }
    }
}
