//! What a form shows before anybody has written into it.

use std::collections::BTreeMap;

use base::{Day, Error, FieldError, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use store::Tx;

use super::fields::Fields;
use super::{Task, agency_of};
use crate::organisation::chart::Chart;
use crate::organisation::model::{Agency, AgencyFacts, AgencyId, HoldingId, Manner};
use crate::organisation::pages::forms::Sent;
use crate::organisation::store as sql;

/// What a form shows of the records that it is about.
pub(in crate::organisation::pages) struct Scene {
    task: Task,
    pub(super) agencies: BTreeMap<AgencyId, Agency>,
    /// The agency that the task is about.
    pub(super) agency: Option<AgencyId>,
    pub(super) chart: Chart,
}

impl Scene {
    /// Errors: `NotFound` when what the task is about is not there.
    pub(in crate::organisation::pages) async fn load(tx: &mut Tx, task: Task) -> Result<Self> {
        let agencies = sql::agencies(tx).await?;
        let nothing = || Error::not_found(lang::web::no_such_page);
        let agency = match task {
            Task::New | Task::Committees | Task::Merge => None,
            Task::Change(id) | Task::End(id) | Task::AddPost(id) | Task::Appoint(id) => {
                Some(agencies.get(&id).ok_or_else(nothing)?.id)
            }
            Task::EndHolding(id) | Task::Delegate(id) => {
                Some(agency_of(tx, &[id]).await?.ok_or_else(nothing)?)
            }
            Task::EndDelegation(id) => {
                let from = sql::delegations_by(tx, "id", &[id]).await?;
                let from = from.first().ok_or_else(nothing)?.holding;
                Some(agency_of(tx, &[from]).await?.ok_or_else(nothing)?)
            }
            Task::Account(id) => {
                let held = sql::holdings_by(tx, "person", &[id]).await?;
                let held: Vec<HoldingId> = held.iter().map(|it| it.id).collect();
                Some(agency_of(tx, &held).await?.ok_or_else(nothing)?)
            }
        };
        let mut of: Vec<AgencyId> = agency.into_iter().collect();
        if matches!(task, Task::Delegate(_)) {
            // Signing by order goes down to the parts of the agency too.
            let below = agencies
                .values()
                .filter(|it| it.last().is_some_and(|version| version.facts.parent == agency));
            of.extend(below.map(|it| it.id));
        }
        let chart = sql::chart(tx, &of).await?;
        Ok(Self { task, agencies, agency, chart })
    }

    /// What the task is about, in a few words.
    pub(in crate::organisation::pages) fn what(&self, today: Day) -> String {
        let agency = self.agency.and_then(|id| self.agencies.get(&id));
        let agency = agency.map_or("", |it| it.name(today));
        let holding = |id: HoldingId| {
            let holding = self.chart.holdings.get(&id)?;
            let post = self.chart.posts.get(&holding.post)?;
            Some(format!("{} · {} · {agency}", self.chart.name(holding.person), post.title))
        };
        match self.task {
            Task::EndHolding(id) | Task::Delegate(id) => holding(id).unwrap_or_default(),
            Task::EndDelegation(id) => {
                let delegation = self.chart.delegations.iter().find(|it| it.id == id);
                delegation.map_or(String::new(), |it| {
                    let from = holding(it.holding).unwrap_or_default();
                    format!("{from} → {} · {}", self.chart.delegate(it.to), it.subject)
                })
            }
            Task::Account(id) => format!("{} · {agency}", self.chart.name(id)),
            _ => agency.to_owned(),
        }
    }

    /// The form before anybody has written into it.
    pub(in crate::organisation::pages) fn preset(&self, today: Day) -> Sent {
        let mut sent = Sent::default();
        sent.preset("on", short_day(today));
        sent.preset("from", short_day(today));
        sent.preset("manner", Manner::Appointed.as_str());
        if let Task::Change(id) = self.task
            && let Some(version) = self.agencies.get(&id).and_then(Agency::last)
        {
            let AgencyFacts { name, short_name, symbol, kind, parent, .. } = &version.facts;
            sent.preset("name", name);
            sent.preset("short_name", short_name);
            sent.preset("symbol", symbol);
            sent.preset("kind", kind.as_str());
            sent.preset("parent", parent.map(|id| id.to_string()).unwrap_or_default());
        }
        sent
    }

    /// The fields of the form.
    pub(in crate::organisation::pages) fn fields(
        &self,
        lang: Lang,
        sent: &Sent,
        errors: &[FieldError],
    ) -> Markup {
        let form = Fields { lang, sent, errors, scene: self };
        match self.task {
            Task::New | Task::Change(_) => html! { (form.facts()) (form.on()) (form.decision()) },
            Task::Committees => html! { (form.level()) (form.on()) (form.decision()) },
            Task::Merge => form.merge(),
            Task::End(_) | Task::EndHolding(_) | Task::EndDelegation(_) => {
                html! { (form.end()) (form.decision()) }
            }
            Task::AddPost(_) => form.post(),
            Task::Appoint(_) => form.appoint(),
            Task::Delegate(_) => form.delegate(),
            Task::Account(_) => form.text("account", lang::organisation::account(lang), true),
        }
    }
}
