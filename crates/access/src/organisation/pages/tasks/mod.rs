//! What is done with the organisation: for each task its fields, and the action that they call.

mod fields;
mod read;
mod scene;

use base::{Error, Result};
use lang::Lang;
use store::Tx;
use territory::Level;

use super::forms::Sent;
use crate::organisation::actions::{self, Context};
use crate::organisation::clean::Mistakes;
use crate::organisation::model::{AgencyId, DelegationId, HoldingId, PersonId};
use crate::organisation::store as sql;

use read::{day, merge, new_agency, new_delegation, new_holding, new_post};
pub(super) use scene::Scene;

/// So many agencies are merged by one form.
const MERGED: [&str; 4] = ["from_1", "from_2", "from_3", "from_4"];

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    New,
    Committees,
    Merge,
    Change(AgencyId),
    End(AgencyId),
    AddPost(AgencyId),
    Appoint(AgencyId),
    EndHolding(HoldingId),
    Delegate(HoldingId),
    EndDelegation(DelegationId),
    Account(PersonId),
}

impl Task {
    /// Errors: `NotFound` for another word, or what is no id.
    pub(super) fn find(word: &str, id: &str) -> Result<Self> {
        let no = |_| Error::not_found(lang::web::no_such_page);
        match (word, id) {
            ("new", "") => Ok(Self::New),
            ("committees", "") => Ok(Self::Committees),
            ("merge", "") => Ok(Self::Merge),
            ("change", id) => id.parse().map(Self::Change).map_err(no),
            ("end", id) => id.parse().map(Self::End).map_err(no),
            ("add-post", id) => id.parse().map(Self::AddPost).map_err(no),
            ("appoint", id) => id.parse().map(Self::Appoint).map_err(no),
            ("end-holding", id) => id.parse().map(Self::EndHolding).map_err(no),
            ("delegate", id) => id.parse().map(Self::Delegate).map_err(no),
            ("end-delegation", id) => id.parse().map(Self::EndDelegation).map_err(no),
            ("account", id) => id.parse().map(Self::Account).map_err(no),
            _ => Err(Error::not_found(lang::web::no_such_page)),
        }
    }

    pub(super) fn action(self) -> String {
        let of =
            |task: &str, id: &dyn std::fmt::Display| format!("/tasks/organisation/do/{task}/{id}");
        match self {
            Self::New => "/tasks/organisation/do/new".to_owned(),
            Self::Committees => "/tasks/organisation/do/committees".to_owned(),
            Self::Merge => "/tasks/organisation/do/merge".to_owned(),
            Self::Change(id) => of("change", &id),
            Self::End(id) => of("end", &id),
            Self::AddPost(id) => of("add-post", &id),
            Self::Appoint(id) => of("appoint", &id),
            Self::EndHolding(id) => of("end-holding", &id),
            Self::Delegate(id) => of("delegate", &id),
            Self::EndDelegation(id) => of("end-delegation", &id),
            Self::Account(id) => of("account", &id),
        }
    }

    pub(super) fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::New => lang::organisation::task_new(lang),
            Self::Committees => lang::organisation::task_committees(lang),
            Self::Merge => lang::organisation::task_merge(lang),
            Self::Change(_) => lang::organisation::task_change(lang),
            Self::End(_) => lang::organisation::task_end(lang),
            Self::AddPost(_) => lang::organisation::task_add_post(lang),
            Self::Appoint(_) => lang::organisation::task_appoint(lang),
            Self::EndHolding(_) => lang::organisation::task_end_holding(lang),
            Self::Delegate(_) => lang::organisation::task_delegate(lang),
            Self::EndDelegation(_) => lang::organisation::task_end_delegation(lang),
            Self::Account(_) => lang::organisation::task_account(lang),
        }
    }

    /// Whether it ends something.
    pub(super) const fn takes_away(self) -> bool {
        matches!(self, Self::End(_) | Self::Merge | Self::EndHolding(_) | Self::EndDelegation(_))
    }

    /// Does it. Gives the address of the page that shows what was done.
    ///
    /// Errors: those of the action, at the fields of the form.
    pub(super) async fn run(self, tx: &mut Tx, cx: Context<'_>, sent: &Sent) -> Result<String> {
        let page = |id: AgencyId| format!("/agencies/{id}?done=yes");
        let tasks = || "/tasks/organisation?done=yes".to_owned();
        match self {
            Self::New => {
                let new = new_agency(cx, sent)?;
                actions::establish(tx, cx, new).await.map(page)
            }
            Self::Change(id) => {
                let new = new_agency(cx, sent)?;
                actions::change_agency(tx, cx, id, new).await?;
                Ok(page(id))
            }
            Self::Committees => {
                let mut mistakes = Mistakes::default();
                let on = mistakes.day("on", sent.get("on"));
                let level = Level::find(sent.get("level")).filter(|it| *it != Level::Hamlet);
                if level.is_none() {
                    mistakes.add("level", lang::organisation::must_be_there);
                }
                mistakes.done()?;
                let decision = (on, sent.get("decision"), false);
                actions::form_committees(tx, cx, level.unwrap_or(Level::Commune), decision).await?;
                Ok(tasks())
            }
            Self::Merge => merge(tx, cx, sent).await.map(page),
            Self::End(id) => {
                let on = day(sent)?;
                actions::end_agency(tx, cx, id, (on, None, sent.get("decision"))).await?;
                Ok(page(id))
            }
            Self::AddPost(id) => {
                actions::add_post(tx, cx, new_post(id, sent)?).await?;
                Ok(page(id))
            }
            Self::Appoint(id) => {
                actions::appoint(tx, cx, new_holding(sent)?).await?;
                Ok(page(id))
            }
            Self::EndHolding(id) => {
                let on = day(sent)?;
                actions::end_holding(tx, cx, id, (on, sent.get("decision"))).await?;
                Ok(agency_of(tx, &[id]).await?.map_or_else(tasks, page))
            }
            Self::Delegate(id) => {
                actions::delegate(tx, cx, new_delegation(id, sent)?).await?;
                Ok(agency_of(tx, &[id]).await?.map_or_else(tasks, page))
            }
            Self::EndDelegation(id) => {
                let on = day(sent)?;
                actions::end_delegation(tx, cx, id, (on, sent.get("decision"))).await?;
                let from = sql::delegations_by(tx, "id", &[id]).await?;
                let from: Vec<HoldingId> = from.iter().map(|it| it.holding).collect();
                Ok(agency_of(tx, &from).await?.map_or_else(tasks, page))
            }
            Self::Account(id) => {
                actions::link_account(tx, cx, id, sent.get("account")).await?;
                Ok(tasks())
            }
        }
    }
}

async fn agency_of(tx: &mut Tx, holdings: &[HoldingId]) -> Result<Option<AgencyId>> {
    let found = sql::holdings_by(tx, "id", holdings).await?;
    let Some(holding) = found.first() else { return Ok(None) };
    Ok(sql::find_post(tx, holding.post).await?.map(|post| post.agency))
}
