//! Reading what bears on somebody's rights.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use base::rights::Rights;
use base::{Day, Error, Result};
use lang::Lang;
use serde::de::DeserializeOwned;
use store::Tx;
use territory::Atlas;

use super::role::{Purpose, Role};
use super::rules::{Facts, Given, rights, work_out};
use super::store as sql;
use crate::organisation::{Agency, AgencyId, Post, PostId, store as chart};

/// The roles and purposes that there are.
#[derive(Debug, Default)]
pub struct Rules {
    revision: i64,
    /// The role of the administrator, then those of packs by code.
    pub roles: Vec<Role>,
    /// The purposes, by code.
    pub purposes: Vec<Purpose>,
}

impl Rules {
    /// A role by its code.
    #[must_use]
    pub fn role(&self, code: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.code == code)
    }

    /// The names of roles, in their order; the code of one that no pack declares any more.
    #[must_use]
    pub fn say<'a>(&self, lang: Lang, codes: impl IntoIterator<Item = &'a String>) -> String {
        let name = |code: &'a String| {
            self.role(code).map_or(code.as_str(), |it| it.name.say(lang)).to_owned()
        };
        codes.into_iter().map(name).collect::<Vec<_>>().join("; ")
    }
}

/// Roles and purposes, kept in memory until they change.
#[derive(Clone, Debug, Default)]
pub struct Book(Arc<Mutex<Option<Arc<Rules>>>>);

impl Book {
    /// The roles and purposes as the transaction sees them.
    pub async fn rules(&self, tx: &mut Tx) -> Result<Arc<Rules>> {
        let revision = sql::revision(tx).await?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(rules) = kept.filter(|rules| rules.revision == revision) {
            return Ok(rules);
        }
        let mut roles = vec![Role::administrator()];
        roles.extend(parsed::<Role>(&sql::roles(tx).await?)?);
        let purposes = parsed(&sql::purposes(tx).await?)?;
        let rules = Arc::new(Rules { revision, roles, purposes });
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| kept.revision < revision) {
            *kept = Some(rules.clone());
        }
        Ok(rules)
    }
}

fn parsed<T: DeserializeOwned>(bodies: &[String]) -> Result<Vec<T>> {
    bodies.iter().map(|body| serde_json::from_str(body).map_err(Error::internal)).collect()
}

/// What an account may do on a day, in a session that was opened by more than a password or not.
///
/// Errors: `Unavailable`.
pub async fn rights_on(
    tx: &mut Tx,
    (atlas, book): (&Atlas, &Book),
    who: (&str, bool),
    day: Day,
) -> Result<Rights> {
    let given = given_on(tx, book, who, day).await?;
    if given.is_empty() {
        return Ok(Rights::NONE);
    }
    let (territory, map) = atlas.map(tx, day).await?;
    Ok(rights(&given, &territory, &map))
}

/// Every line that bears on an account, also those that do not count on the day.
///
/// Errors: `Unavailable`.
pub async fn given_on(
    tx: &mut Tx,
    book: &Book,
    (account, is_strong): (&str, bool),
    day: Day,
) -> Result<Vec<Given>> {
    let people = chart::people_of(tx, account).await?;
    let people: Vec<_> = people.into_iter().map(|person| person.id).collect();
    let holdings = chart::holdings_by(tx, "person", &people).await?;
    let held: BTreeSet<PostId> = holdings.iter().map(|holding| holding.post).collect();
    let held: Vec<PostId> = held.into_iter().collect();
    let mut assignments = chart::assignments_by(tx, "account", &[account]).await?;
    assignments.extend(chart::assignments_by(tx, "post", &held).await?);
    if assignments.is_empty() {
        return Ok(Vec::new());
    }
    let posts = chart::posts(tx, &held).await?;
    let agencies = agencies_above(tx, &posts).await?;
    let rules = book.rules(tx).await?;
    let (roles, purposes) = (rules.roles.clone(), rules.purposes.clone());
    let has_second_factor = is_strong;
    Ok(work_out(&Facts {
        day,
        roles,
        purposes,
        holdings,
        posts,
        agencies,
        assignments,
        has_second_factor,
    }))
}

/// The agencies of posts, and those above them.
async fn agencies_above(tx: &mut Tx, posts: &[Post]) -> Result<Vec<Agency>> {
    let mut wanted: Vec<AgencyId> = posts.iter().map(|post| post.agency).collect();
    let mut found: Vec<Agency> = Vec::new();
    while let Some(id) = wanted.pop() {
        if found.iter().any(|agency| agency.id == id) {
            continue;
        }
        let Some(agency) = chart::find_agency(tx, id).await? else { continue };
        wanted.extend(agency.versions.iter().filter_map(|version| version.facts.parent));
        found.push(agency);
    }
    Ok(found)
}
