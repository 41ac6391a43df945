//! Giving roles and taking them away.

use base::rights::{Act, Place};
use base::{Clock, Day, DayRange, Error, Id, Result};
use store::Tx;
use territory::UnitId;

use super::super::clean::Mistakes;
use super::super::model::{Assignment, AssignmentId, Bearer};
use super::super::record::Record;
use super::super::rules::{Why, check_end, cut, overlap};
use super::super::store as sql;
use super::{Context, get_post, refusal, write, write_as};
use crate::grants::{ADMINISTRATOR, Book, Grant, Reach};

/// A role that is given.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    /// The code of the role.
    pub role: String,
    /// To whom.
    pub bearer: Bearer,
    /// Where it holds, if not in the unit of the post's agency.
    pub unit: Option<UnitId>,
    /// From when to when; to [`Day::MAX`] where the end is not known.
    pub valid: DayRange,
    /// The document that decides it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
}

/// Gives a role to a post or an account (*giao vai trò*).
///
/// Errors: `NotFound` for the post; `Invalid` at `role`, `unit`, `decision`, at `to` for a period that
/// is none, at `from` when the same is given already then; `Refused` `access.own_right` for a role of
/// one's own, and those of rights.
/// Law: none (house rule, decision 0021).
pub async fn assign(
    tx: &mut Tx,
    (cx, book): (Context<'_>, &Book),
    new: NewAssignment,
) -> Result<AssignmentId> {
    cx.actor.check(Act::AssignRights, Place::PROVINCE)?;
    journal::lock(tx).await?;
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", &new.decision);
    let rules = book.rules(tx).await?;
    match rules.roles.iter().find(|role| role.code == new.role) {
        None => mistakes.add("role", lang::rights::no_role),
        // A post has the unit of its agency; an account has none by itself.
        Some(role) if new.unit.is_none() && matches!(new.bearer, Bearer::Account(_)) => {
            let by_unit = |grant: &Grant| matches!(grant.reach, Reach::Unit | Reach::Subtree);
            if role.grants.iter().any(by_unit) {
                mistakes.add("unit", lang::rights::unit_wanted);
            }
        }
        Some(_) => {}
    }
    if new.unit.is_some_and(|unit| cx.territory.unit(unit).is_none()) {
        mistakes.add("unit", lang::organisation::choose_again);
    }
    mistakes.done()?;
    if new.valid.to <= new.valid.from {
        return Err(refusal(Why::Empty, ("from", "to"), ""));
    }
    let known = match &new.bearer {
        Bearer::Post(post) => {
            get_post(tx, *post).await?;
            sql::assignments_by(tx, "post", &[*post]).await?
        }
        Bearer::Account(account) => sql::assignments_by(tx, "account", &[account]).await?,
    };
    refuse_own(tx, cx, &new.bearer).await?;
    let same = |it: &Assignment| it.role == new.role && it.unit == new.unit;
    if known.iter().any(|it| same(it) && overlap(it.valid, new.valid)) {
        return Err(Error::invalid("from", lang::rights::given_already));
    }
    let assignment = Assignment {
        id: AssignmentId(Id::new(cx.clock)),
        version: 1,
        role: new.role,
        bearer: new.bearer,
        unit: new.unit,
        valid: new.valid,
        decision,
        made_up: new.made_up,
        entry: 0,
    };
    let id = assignment.id;
    write(tx, cx, "access.assign", vec![Record::Assignment(assignment)]).await?;
    Ok(id)
}

/// Takes a role away before a day (*thu hồi vai trò*); on its first day it never took effect.
///
/// Errors: `NotFound`; `Invalid` at `on` outside its period, or at `decision`; those of rights.
/// Law: none (house rule, decision 0021).
pub async fn end_assignment(
    tx: &mut Tx,
    cx: Context<'_>,
    id: AssignmentId,
    (on, decision): (Day, &str),
) -> Result<()> {
    cx.actor.check(Act::AssignRights, Place::PROVINCE)?;
    journal::lock(tx).await?;
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", decision);
    mistakes.done()?;
    let found = sql::assignments_by(tx, "id", &[id]).await?.into_iter().next();
    let mut assignment = found.ok_or_else(|| Error::not_found(lang::rights::no_assignment))?;
    check_end(assignment.valid, on).map_err(|why| refusal(why, ("on", "on"), ""))?;
    assignment.version += 1;
    assignment.valid = cut(assignment.valid, on);
    assignment.decision = decision;
    write(tx, cx, "access.end_assignment", vec![Record::Assignment(assignment)]).await
}

/// Nobody gives a role to oneself: somebody else has to answer for it.
async fn refuse_own(tx: &mut Tx, cx: Context<'_>, bearer: &Bearer) -> Result<()> {
    let Some(account) = sql::find_account(tx, cx.actor.name).await? else { return Ok(()) };
    let is_own = match bearer {
        Bearer::Account(other) => *other == account,
        Bearer::Post(post) => {
            let people = sql::people_of(tx, &account).await?;
            let people: Vec<_> = people.into_iter().map(|person| person.id).collect();
            let held = sql::holdings_by(tx, "person", &people).await?;
            let today = cx.clock.today();
            held.iter().any(|it| it.post == *post && it.valid.to > today)
        }
    };
    match is_own {
        true => Err(Error::refused("access.own_right", lang::rights::own_right)),
        false => Ok(()),
    }
}

/// Gives accounts by the command line what they have no role of yet: the administrator the role of
/// that name, and whoever was given a role before roles stood in the journal, that one.
///
/// Errors: `Unavailable`.
pub(crate) async fn carry_over(tx: &mut Tx, clock: &Clock, administrator: &str) -> Result<()> {
    let mut wanted = sql::former_roles(tx).await?;
    if let Some(account) = sql::find_account(tx, administrator).await?
        && sql::assignments_by(tx, "account", &[&account]).await?.is_empty()
    {
        wanted.push((account, ADMINISTRATOR.to_owned()));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let valid = DayRange { from: clock.today(), to: Day::MAX };
    let record = |(account, role): (String, String)| {
        Record::Assignment(Assignment {
            id: AssignmentId(Id::new(clock)),
            version: 1,
            role,
            bearer: Bearer::Account(account),
            unit: None,
            valid,
            decision: lang::rights::by_operator(lang::Lang::Vietnamese).to_owned(),
            made_up: false,
            entry: 0,
        })
    };
    let records = wanted.into_iter().map(record).collect();
    write_as(tx, (clock, "sogoc"), "access.carry_over", records).await?;
    sql::forget_former_roles(tx).await
}
