//! Agencies, their posts, people, who holds which post on a day, and who signs for whom.
//!
//! Each change is a further version of a record with its entry in the journal; nothing is edited.

mod actions;
pub(crate) mod api;
mod chart;
mod clean;
mod completeness;
mod import;
mod merger;
mod model;
pub mod pages;
mod record;
mod rules;
mod signature;
pub(crate) mod store;
#[cfg(test)]
pub(crate) mod tests;
mod undecided;
mod verify;

pub(crate) use actions::carry_over;
pub use actions::{
    Context, Ended, Into, NewAgency, NewAssignment, NewDelegation, NewHolding, NewPerson, NewPost,
    Whose, add_post, appoint, assign, change_agency, delegate, end_agency, end_assignment,
    end_delegation, end_holding, establish, form_committees, link_account, merge, operation,
    operations, undo,
};
pub use api::api_routes;
pub use chart::Chart;
pub use completeness::{Lack, Lacking, completeness};
pub use merger::{PlannedPost, Rehearsed, Vacated, apply as apply_merger, rehearse};
pub use model::{
    Agency, AgencyFacts, AgencyId, AgencyKind, AgencyVersion, Assignment, AssignmentId, Bearer,
    Delegate, Delegation, DelegationId, Event, Form, Holding, HoldingId, Listed, Manner,
    OperationId, OperationKind, OperationVersion, Person, PersonId, Places, Post, PostId,
};
pub use pages::routes;
pub use rules::{unit_on, who_held};
pub use signature::{NoSignature, Signature, signature_block};
pub use undecided::{Consequences, Undecided, consequences};
pub use verify::verify;

use ::store::Tx;
use base::{Day, Result};

/// Whether there is no agency at all.
///
/// Errors: `Unavailable`.
pub async fn is_empty(tx: &mut Tx) -> Result<bool> {
    store::is_empty(tx).await
}

/// Which posts in which agencies the people of an account held on a day: the name of the agency and
/// the title of the post, and nobody's name.
///
/// Errors: `Unavailable`.
pub async fn posts_held(tx: &mut Tx, account: &str, on: Day) -> Result<Vec<(String, String)>> {
    let Some(account) = store::find_account(tx, account).await? else { return Ok(Vec::new()) };
    let people: Vec<PersonId> =
        store::people_of(tx, &account).await?.into_iter().map(|person| person.id).collect();
    let holdings = store::holdings_by(tx, "person", &people).await?;
    let held: Vec<PostId> =
        holdings.iter().filter(|it| it.valid.contains(on)).map(|it| it.post).collect();
    let mut found = Vec::new();
    for post in store::posts(tx, &held).await? {
        if let Some(agency) = store::find_agency(tx, post.agency).await? {
            found.push((agency.name(on).to_owned(), post.title));
        }
    }
    Ok(found)
}

/// The agencies that are there on a day, with what is said of them then.
///
/// Errors: `Unavailable`.
pub async fn agencies_on(tx: &mut Tx, on: Day) -> Result<Vec<(AgencyId, AgencyFacts)>> {
    let agencies = store::agencies(tx).await?;
    let there = |it: &Agency| it.at(on).map(|version| (it.id, version.facts.clone()));
    Ok(agencies.values().filter_map(there).collect())
}

/// By which post somebody acts with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActsAs {
    /// The title and the agency.
    Post(String),
    /// The account is of nobody who holds a post on that day.
    Account,
    /// It is no account: a part of the program, or whoever runs the machine.
    Program,
}

/// As what the one who bears a name in the journal acted on a day.
///
/// Errors: `Unavailable`.
pub async fn acts_as(tx: &mut Tx, name: &str, on: Day) -> Result<ActsAs> {
    let Some(account) = store::find_account(tx, name).await? else { return Ok(ActsAs::Program) };
    let people: Vec<PersonId> =
        store::people_of(tx, &account).await?.into_iter().map(|person| person.id).collect();
    let held = store::holdings_by(tx, "person", &people).await?.into_iter();
    let held: Vec<PostId> =
        held.filter(|it| it.valid.contains(on)).map(|holding| holding.post).collect();
    let mut posts = store::posts(tx, &held).await?;
    posts.sort_by_key(|post| (post.rank, post.id));
    let Some(post) = posts.into_iter().next() else { return Ok(ActsAs::Account) };
    let agency = store::find_agency(tx, post.agency).await?;
    let agency = agency.as_ref().map_or("", |agency| agency.name(on));
    Ok(ActsAs::Post(format!("{}, {agency}", post.title)))
}
