//! Whether somebody may write what an action made: asked in the one place that writes.

use std::collections::{BTreeMap, BTreeSet};

use base::rights::{Act, Place};
use base::{Day, Error, Result};
use store::Tx;

use super::super::model::{Agency, AgencyId, Bearer, HoldingId, PersonId, PostId};
use super::super::record::Record;
use super::super::rules::unit_on;
use super::super::store as sql;
use super::Context;
use crate::accounts::refuse_opener;

/// Lets records pass that lie where their writer may work. What follows from a change of an agency,
/// such as the end of who held its posts, goes with that change.
///
/// Errors: those of rights.
pub(super) async fn check(tx: &mut Tx, cx: Context<'_>, records: &[Record]) -> Result<()> {
    refuse_own(tx, cx, records).await?;
    refuse_opened(tx, cx, records).await?;
    let changes = records.iter().any(|it| matches!(it, Record::Agency(_) | Record::Post(_)));
    let appoints = records.iter().any(|it| !matches!(it, Record::Assignment(_)));
    let act = match (changes, appoints) {
        (true, _) => Act::ChangeAgencies,
        (false, true) => Act::Appoint,
        // Whoever gives roles was asked before.
        (false, false) => return Ok(()),
    };
    check_act(tx, cx, act, records).await
}

/// Nobody appoints oneself, or signs in as somebody else from now on: what a post may do, and what a
/// person may see, is given by another.
///
/// Errors: `Refused` `access.own_right`.
async fn refuse_own(tx: &mut Tx, cx: Context<'_>, records: &[Record]) -> Result<()> {
    if cx.actor.rights.is_operator() {
        return Ok(());
    }
    let Some(account) = sql::find_account(tx, cx.actor.name).await? else { return Ok(()) };
    let own = sql::people_of(tx, &account).await?;
    let is_own = |record: &Record| match record {
        // What ends a holding comes with a further version.
        Record::Holding(it) => it.version == 1 && own.iter().any(|who| who.id == it.person),
        Record::Person(it) => {
            let was = own.iter().any(|who| who.id == it.id);
            it.account.as_ref() == Some(&account) && !was
        }
        _ => false,
    };
    match records.iter().any(is_own) {
        true => Err(Error::refused("access.own_right", lang::rights::own_post)),
        false => Ok(()),
    }
}

/// Whoever drew what opens an account does not give it a role or a post: otherwise anybody could make a
/// second account for oneself that may do more.
///
/// Errors: `Refused` `access.four_eyes`.
async fn refuse_opened(tx: &mut Tx, cx: Context<'_>, records: &[Record]) -> Result<()> {
    if cx.actor.rights.is_operator() {
        return Ok(());
    }
    let (mut accounts, mut people, mut posts) = (BTreeSet::new(), Vec::new(), Vec::new());
    for record in records {
        match record {
            Record::Person(it) => accounts.extend(it.account.clone()),
            Record::Holding(it) if it.version == 1 => people.push(it.person),
            Record::Assignment(it) if it.version == 1 => match &it.bearer {
                Bearer::Account(account) => drop(accounts.insert(account.clone())),
                Bearer::Post(post) => posts.push(*post),
            },
            _ => {}
        }
    }
    let today = cx.clock.today();
    let holders = sql::holdings_by(tx, "post", &posts).await?;
    people.extend(holders.iter().filter(|it| it.valid.to > today).map(|it| it.person));
    let people = sql::people(tx, &people).await?;
    accounts.extend(people.into_iter().filter_map(|person| person.account));
    for account in accounts {
        refuse_opener(tx, cx.actor, &account).await?;
    }
    Ok(())
}

/// Asks, before anything else is looked up or told, whether an act may be done with the holders of a
/// post.
///
/// Errors: those of rights.
pub(super) async fn ask_for_posts(
    tx: &mut Tx,
    cx: Context<'_>,
    act: Act,
    posts: &[PostId],
) -> Result<()> {
    if cx.actor.may(act, Place::PROVINCE) {
        return Ok(());
    }
    let agencies = sql::agencies(tx).await?;
    let posts = sql::posts(tx, posts).await?;
    if posts.is_empty() {
        return cx.actor.check(act, Place::PROVINCE);
    }
    for post in posts {
        let unit = unit_of(&agencies, post.agency, cx.clock.today());
        cx.actor.check(act, Place { unit, maker: None })?;
    }
    Ok(())
}

/// Nobody has a post again by what one does oneself.
///
/// Errors: `Refused` `access.own_right`.
pub(super) async fn refuse_own_holdings(
    tx: &mut Tx,
    cx: Context<'_>,
    people: &BTreeSet<PersonId>,
) -> Result<()> {
    if cx.actor.rights.is_operator() {
        return Ok(());
    }
    let Some(account) = sql::find_account(tx, cx.actor.name).await? else { return Ok(()) };
    let own = sql::people_of(tx, &account).await?;
    match own.iter().any(|who| people.contains(&who.id)) {
        true => Err(Error::refused("access.own_right", lang::rights::own_post)),
        false => Ok(()),
    }
}

/// Whether everything that records touch lies where an act may be done.
///
/// Errors: those of rights.
pub(in super::super) async fn check_act(
    tx: &mut Tx,
    cx: Context<'_>,
    act: Act,
    records: &[Record],
) -> Result<()> {
    if cx.actor.may(act, Place::PROVINCE) {
        return Ok(());
    }
    let mut agencies = sql::agencies(tx).await?;
    let before = agencies.clone();
    for record in records {
        if let Record::Agency(version) = record {
            let id = version.id;
            agencies.entry(id).or_insert_with(|| Agency::new(id)).add(version.clone());
        }
    }
    agencies.retain(|_, agency| !agency.versions.is_empty());
    let touched = touched(tx, records).await?;
    if touched.is_empty() {
        return cx.actor.check(act, Place::PROVINCE);
    }
    let today = cx.clock.today();
    let later = |record: &Record| match record {
        Record::Agency(version) => version.on,
        _ => today,
    };
    let days: BTreeSet<Day> = records.iter().map(later).chain([today]).collect();
    for id in touched {
        // Neither is anything taken from elsewhere today, nor put there, be it from a later day on.
        let now = [(&before, today)].into_iter();
        for (agencies, day) in now.chain(days.iter().map(|day| (&agencies, *day))) {
            if agencies.contains_key(&id) {
                let unit = unit_of(agencies, id, day);
                cx.actor.check(act, Place { unit, maker: None })?;
            }
        }
    }
    Ok(())
}

/// The agencies that records are about.
async fn touched(tx: &mut Tx, records: &[Record]) -> Result<BTreeSet<AgencyId>> {
    let mut agencies = BTreeSet::new();
    let (mut posts, mut holdings, mut people) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::<PersonId>::new());
    let mut new_posts: BTreeMap<PostId, AgencyId> = BTreeMap::new();
    for record in records {
        match record {
            Record::Agency(it) => drop(agencies.insert(it.id)),
            Record::Operation(it) => drop(agencies.insert(it.agency)),
            Record::Post(it) => {
                agencies.insert(it.agency);
                new_posts.insert(it.id, it.agency);
            }
            Record::Holding(it) => {
                posts.insert(it.post);
            }
            Record::Delegation(it) => drop(holdings.insert(it.holding)),
            Record::Person(it) => drop(people.insert(it.id)),
            Record::Assignment(_) => {}
        }
    }
    let holdings: Vec<HoldingId> = holdings.into_iter().collect();
    posts.extend(sql::holdings_by(tx, "id", &holdings).await?.iter().map(|it| it.post));
    // Of whoever is known, every post: the account opens what all of them may do.
    let people: Vec<PersonId> = people.into_iter().collect();
    posts.extend(sql::holdings_by(tx, "person", &people).await?.iter().map(|it| it.post));
    agencies.extend(posts.iter().filter_map(|id| new_posts.get(id)));
    let posts: Vec<PostId> = posts.into_iter().filter(|id| !new_posts.contains_key(id)).collect();
    agencies.extend(sql::posts(tx, &posts).await?.iter().map(|it| it.agency));
    Ok(agencies)
}

/// The unit to which the records of one of these agencies belong on a day.
pub(in super::super) fn unit_of(
    agencies: &BTreeMap<AgencyId, Agency>,
    id: AgencyId,
    day: Day,
) -> Option<i64> {
    unit_on(|id| agencies.get(&id), id, day).map(|unit| unit.0)
}
