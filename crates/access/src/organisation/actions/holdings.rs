//! Appointing, ending, delegating.

use base::rights::Act;
use base::{Day, DayRange, Error, Id, Result, random_bytes};
use store::Tx;

use super::super::clean::Mistakes;
use super::super::model::{
    Delegate, Delegation, DelegationId, Form, Holding, HoldingId, Manner, Person, PersonId, Post,
    PostId,
};
use super::super::record::Record;
use super::super::rules::{Why, check_appointment, check_delegation, check_end, cut};
use super::super::store as sql;
use super::{Context, get_post, may, refusal, write};

/// A person who is not known yet.
#[derive(Clone, Default)]
pub struct NewPerson {
    /// The name.
    pub name: String,
    /// The office's address for letters, or empty.
    pub email: String,
    /// The office's telephone, or empty.
    pub phone: String,
    /// The name of the account, or empty.
    pub account: String,
}

/// Logs never carry who it is.
impl std::fmt::Debug for NewPerson {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NewPerson").finish_non_exhaustive()
    }
}

/// Who is appointed.
#[derive(Clone, Debug)]
pub enum Whose {
    /// Somebody known.
    Known(PersonId),
    /// Somebody else; with the name and address of somebody known, it is that one.
    New(NewPerson),
}

/// An appointment.
#[derive(Clone, Debug)]
pub struct NewHolding {
    /// Which post.
    pub post: PostId,
    /// Who.
    pub person: Whose,
    /// How.
    pub manner: Manner,
    /// From when to when; to [`Day::MAX`] where the end is not known.
    pub valid: DayRange,
    /// The document that decides it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
}

/// That somebody is to sign for the holder of a post.
#[derive(Clone, Debug)]
pub struct NewDelegation {
    /// Whose authority it is.
    pub holding: HoldingId,
    /// How it is signed.
    pub form: Form,
    /// To whom.
    pub to: Delegate,
    /// For what.
    pub subject: String,
    /// From when to when; to [`Day::MAX`] for as long as the holding lasts.
    pub valid: DayRange,
    /// The document that decides it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
}

/// Lets somebody hold a post.
///
/// Errors: `NotFound`; `Invalid` at `name`, `email`, `phone`, `account`, `decision`, at `to` for a
/// period that is none, at `from` when the post is not there all the time, when somebody holds the
/// single post then, or the same person does.
/// Law: none (house rule, decision 0020).
pub async fn appoint(tx: &mut Tx, cx: Context<'_>, new: NewHolding) -> Result<HoldingId> {
    journal::lock(tx).await?;
    // Before names of accounts and of other holders are told.
    may::ask_for_posts(tx, cx, Act::Appoint, &[new.post]).await?;
    let post = get_post(tx, new.post).await?;
    let mut records = Vec::new();
    let person = match &new.person {
        Whose::Known(id) => {
            let found = sql::people(tx, &[*id]).await?.into_iter().next();
            found.ok_or_else(|| Error::not_found(lang::organisation::no_person))?
        }
        Whose::New(person) => {
            let person = new_person(tx, cx, (person, new.made_up)).await?;
            let known = known_as(tx, &person).await?;
            known.unwrap_or_else(|| {
                records.push(Record::Person(person.clone()));
                person
            })
        }
    };
    let held = sql::holdings_by(tx, "post", &[post.id]).await?;
    let holding = new_holding(cx, &post, person.id, &new)?;
    if let Err(why) = check_appointment(&post, &held, &holding) {
        return Err(taken(tx, &held, why).await?);
    }
    let id = holding.id;
    records.push(Record::Holding(holding));
    write(tx, cx, "organisation.appoint", records).await?;
    Ok(id)
}

/// The refusal, with the name of the one who is in the way.
async fn taken(tx: &mut Tx, held: &[Holding], why: Why) -> Result<Error> {
    let in_the_way = match why {
        Why::Taken(id) | Why::Twice(id) => held.iter().find(|it| it.id == id),
        _ => None,
    };
    let ids: Vec<PersonId> = in_the_way.iter().map(|it| it.person).collect();
    let who = sql::people(tx, &ids).await?.into_iter().next();
    let name = who.map(|person| person.name).unwrap_or_default();
    Ok(refusal(why, ("from", "to"), &name))
}

pub(in super::super) fn new_holding(
    cx: Context<'_>,
    post: &Post,
    person: PersonId,
    new: &NewHolding,
) -> Result<Holding> {
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", &new.decision);
    mistakes.done()?;
    // An open end is that of the post.
    let to = if new.valid.to == Day::MAX { post.valid.to } else { new.valid.to };
    Ok(Holding {
        id: HoldingId(Id::new(cx.clock)),
        version: 1,
        person,
        post: post.id,
        manner: new.manner,
        valid: DayRange { from: new.valid.from, to },
        decision,
        end_decision: String::new(),
        made_up: new.made_up,
        entry: 0,
    })
}

/// The first version of a person.
pub(in super::super) async fn new_person(
    tx: &mut Tx,
    cx: Context<'_>,
    (new, made_up): (&NewPerson, bool),
) -> Result<Person> {
    let mut mistakes = Mistakes::default();
    let name = mistakes.person("name", &new.name);
    let email = mistakes.email("email", &new.email);
    let phone = mistakes.phone("phone", &new.phone);
    let account = match base::text::clean(&new.account).to_lowercase() {
        account if account.is_empty() => None,
        account => {
            let found = sql::find_account(tx, &account).await?;
            if found.is_none() {
                mistakes.add("account", move |lang| lang::access::no_account(lang, &account));
            }
            found
        }
    };
    mistakes.done()?;
    Ok(Person {
        id: PersonId(Id::new(cx.clock)),
        version: 1,
        name,
        email,
        phone,
        account,
        salt: random_bytes::<16>().to_vec(),
        made_up,
        entry: 0,
    })
}

/// Somebody known with the same name and the same address. A name alone is many people's.
async fn known_as(tx: &mut Tx, person: &Person) -> Result<Option<Person>> {
    if person.email.is_empty() {
        return Ok(None);
    }
    let known = sql::people_by_email(tx, std::slice::from_ref(&person.email)).await?;
    let key = base::text::tone_neutral(&person.name);
    Ok(known.into_iter().find(|it| base::text::tone_neutral(&it.name) == key))
}

/// Ends a holding before a day; on its first day it never took effect. What was delegated from it
/// ends with it.
///
/// Errors: `NotFound`; `Invalid` at `on` outside its period, or at `decision`.
/// Law: none (house rule, decision 0020).
pub async fn end_holding(
    tx: &mut Tx,
    cx: Context<'_>,
    id: HoldingId,
    (on, decision): (Day, &str),
) -> Result<usize> {
    journal::lock(tx).await?;
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", decision);
    mistakes.done()?;
    let mut holding = find_holding(tx, id).await?;
    check_end(holding.valid, on).map_err(|why| refusal(why, ("on", "on"), ""))?;
    let delegations = sql::delegations_by(tx, "holding", &[id]).await?;
    holding.version += 1;
    holding.valid = cut(holding.valid, on);
    holding.end_decision = decision;
    let mut records = vec![Record::Holding(holding)];
    for mut delegation in delegations {
        let valid = cut(delegation.valid, on);
        if valid != delegation.valid {
            delegation.version += 1;
            delegation.valid = valid;
            records.push(Record::Delegation(delegation));
        }
    }
    let fallen = records.len() - 1;
    write(tx, cx, "organisation.end_holding", records).await?;
    Ok(fallen)
}

async fn find_holding(tx: &mut Tx, id: HoldingId) -> Result<Holding> {
    let found = sql::holdings_by(tx, "id", &[id]).await?.into_iter().next();
    found.ok_or_else(|| Error::not_found(lang::organisation::no_holding))
}

/// Lets somebody sign for the holder of a post.
///
/// Errors: `NotFound`; `Invalid` at `subject`, `decision`, at `to_day` for a period that is none, at
/// `from` outside the holding, at `to` for oneself or, with KT., for another agency; `Refused`
/// `organisation.not_head`.
/// Law: 30/2020/NĐ-CP art. 13.
pub async fn delegate(tx: &mut Tx, cx: Context<'_>, new: NewDelegation) -> Result<DelegationId> {
    journal::lock(tx).await?;
    let mut mistakes = Mistakes::default();
    let subject = mistakes.subject("subject", &new.subject);
    let decision = mistakes.decision("decision", &new.decision);
    mistakes.done()?;
    let holding = find_holding(tx, new.holding).await?;
    let post = get_post(tx, holding.post).await?;
    let to = match new.to {
        Delegate::Post(id) => Some(get_post(tx, id).await?),
        Delegate::Person(id) => {
            let found = sql::people(tx, &[id]).await?;
            found.first().ok_or_else(|| Error::not_found(lang::organisation::no_person))?;
            None
        }
    };
    let end = if new.valid.to == Day::MAX { holding.valid.to } else { new.valid.to };
    let delegation = Delegation {
        id: DelegationId(Id::new(cx.clock)),
        version: 1,
        holding: holding.id,
        form: new.form,
        to: new.to,
        subject,
        valid: DayRange { from: new.valid.from, to: end },
        decision,
        made_up: new.made_up,
        entry: 0,
    };
    check_delegation((&holding, &post), &delegation, to.as_ref())
        .map_err(|why| refusal(why, ("from", "to_day"), ""))?;
    let id = delegation.id;
    write(tx, cx, "organisation.delegate", vec![Record::Delegation(delegation)]).await?;
    Ok(id)
}

/// Ends a delegation before a day; on its first day it never took effect.
///
/// Errors: `NotFound`; `Invalid` at `on` outside its period, or at `decision`.
/// Law: none (house rule, decision 0020).
pub async fn end_delegation(
    tx: &mut Tx,
    cx: Context<'_>,
    id: DelegationId,
    (on, decision): (Day, &str),
) -> Result<()> {
    journal::lock(tx).await?;
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", decision);
    mistakes.done()?;
    let found = sql::delegations_by(tx, "id", &[id]).await?.into_iter().next();
    let mut delegation =
        found.ok_or_else(|| Error::not_found(lang::organisation::no_delegation))?;
    check_end(delegation.valid, on).map_err(|why| refusal(why, ("on", "on"), ""))?;
    delegation.version += 1;
    delegation.valid = cut(delegation.valid, on);
    delegation.decision = decision;
    write(tx, cx, "organisation.end_delegation", vec![Record::Delegation(delegation)]).await
}

/// Says with which account a person signs in; an empty name takes it away.
///
/// Errors: `NotFound`; `Invalid` at `account`.
pub async fn link_account(tx: &mut Tx, cx: Context<'_>, id: PersonId, account: &str) -> Result<()> {
    journal::lock(tx).await?;
    let held = sql::holdings_by(tx, "person", &[id]).await?;
    let posts: Vec<PostId> = held.iter().map(|holding| holding.post).collect();
    may::ask_for_posts(tx, cx, Act::Appoint, &posts).await?;
    let found = sql::people(tx, &[id]).await?.into_iter().next();
    let mut person = found.ok_or_else(|| Error::not_found(lang::organisation::no_person))?;
    let name = base::text::clean(account).to_lowercase();
    person.account = match name.is_empty() {
        true => None,
        false => Some(sql::find_account(tx, &name).await?.ok_or_else(|| {
            Error::invalid("account", move |lang| lang::access::no_account(lang, &name))
        })?),
    };
    person.version += 1;
    write(tx, cx, "organisation.link_account", vec![Record::Person(person)]).await
}
