//! Rows of the tables, and what they stand for.

use base::{Day, DayRange, Error, Result};
use territory::UnitId;

use super::super::model::{
    AgencyFacts, AgencyKind, AgencyVersion, Assignment, Bearer, Delegate, Delegation, Event, Form,
    Holding, Manner, OperationKind, OperationVersion, Person, Places, Post,
};

#[derive(sqlx::FromRow)]
pub(super) struct AgencyRow {
    id: String,
    version: i64,
    event: String,
    on_day: i64,
    name: String,
    short_name: String,
    symbol: String,
    kind: String,
    parent: Option<String>,
    unit: Option<i64>,
    successor: Option<String>,
    decision: String,
    made_up: i64,
    entry: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct OperationRow {
    id: String,
    version: i64,
    kind: String,
    agency: String,
    name: String,
    unit: Option<i64>,
    on_day: i64,
    decision: String,
    records: i64,
    made_up: i64,
    entry: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct PostRow {
    id: String,
    version: i64,
    agency: String,
    title: String,
    signs_as: String,
    leads: i64,
    rank: i64,
    single: i64,
    valid_from: i64,
    valid_to: i64,
    decision: String,
    made_up: i64,
    entry: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct PersonRow {
    id: String,
    version: i64,
    name: String,
    email: String,
    phone: String,
    account: Option<String>,
    salt: Vec<u8>,
    made_up: i64,
    entry: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct HoldingRow {
    id: String,
    version: i64,
    person: String,
    post: String,
    manner: String,
    valid_from: i64,
    valid_to: i64,
    decision: String,
    end_decision: String,
    made_up: i64,
    entry: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct DelegationRow {
    id: String,
    version: i64,
    holding: String,
    form: String,
    to_post: Option<String>,
    to_person: Option<String>,
    subject: String,
    valid_from: i64,
    valid_to: i64,
    decision: String,
    made_up: i64,
    entry: i64,
}

#[derive(sqlx::FromRow)]
pub(super) struct AssignmentRow {
    id: String,
    version: i64,
    role: String,
    post: Option<String>,
    account: Option<String>,
    unit: Option<i64>,
    valid_from: i64,
    valid_to: i64,
    decision: String,
    made_up: i64,
    entry: i64,
}

fn damaged() -> Error {
    Error::internal("the organisation is damaged: run `sogoc verify`")
}

pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| damaged())
}

fn maybe<T: std::str::FromStr>(text: Option<String>) -> Result<Option<T>> {
    text.map(|text| id(&text)).transpose()
}

fn day(number: i64) -> Result<Day> {
    i32::try_from(number).map(Day).map_err(|_| damaged())
}

fn days(from: i64, to: i64) -> Result<DayRange> {
    Ok(DayRange { from: day(from)?, to: day(to)? })
}

impl TryFrom<AgencyRow> for AgencyVersion {
    type Error = Error;
    fn try_from(row: AgencyRow) -> Result<Self> {
        Ok(Self {
            id: id(&row.id)?,
            version: row.version,
            event: Event::find(&row.event).ok_or_else(damaged)?,
            on: day(row.on_day)?,
            facts: AgencyFacts {
                name: row.name,
                short_name: row.short_name,
                symbol: row.symbol,
                kind: AgencyKind::find(&row.kind).ok_or_else(damaged)?,
                parent: maybe(row.parent)?,
                unit: row.unit.map(UnitId),
            },
            successor: maybe(row.successor)?,
            decision: row.decision,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

impl TryFrom<PostRow> for Post {
    type Error = Error;
    fn try_from(row: PostRow) -> Result<Self> {
        Ok(Self {
            id: id(&row.id)?,
            version: row.version,
            agency: id(&row.agency)?,
            title: row.title,
            signs_as: row.signs_as,
            leads: row.leads != 0,
            rank: row.rank,
            places: if row.single != 0 { Places::One } else { Places::Many },
            valid: days(row.valid_from, row.valid_to)?,
            decision: row.decision,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

impl TryFrom<PersonRow> for Person {
    type Error = Error;
    fn try_from(row: PersonRow) -> Result<Self> {
        Ok(Self {
            id: id(&row.id)?,
            version: row.version,
            name: row.name,
            email: row.email,
            phone: row.phone,
            account: row.account,
            salt: row.salt,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

impl TryFrom<HoldingRow> for Holding {
    type Error = Error;
    fn try_from(row: HoldingRow) -> Result<Self> {
        Ok(Self {
            id: id(&row.id)?,
            version: row.version,
            person: id(&row.person)?,
            post: id(&row.post)?,
            manner: Manner::find(&row.manner).ok_or_else(damaged)?,
            valid: days(row.valid_from, row.valid_to)?,
            decision: row.decision,
            end_decision: row.end_decision,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

impl TryFrom<DelegationRow> for Delegation {
    type Error = Error;
    fn try_from(row: DelegationRow) -> Result<Self> {
        let to = match (row.to_post, row.to_person) {
            (Some(post), None) => Delegate::Post(id(&post)?),
            (None, Some(person)) => Delegate::Person(id(&person)?),
            _ => return Err(damaged()),
        };
        Ok(Self {
            id: id(&row.id)?,
            version: row.version,
            holding: id(&row.holding)?,
            form: Form::find(&row.form).ok_or_else(damaged)?,
            to,
            subject: row.subject,
            valid: days(row.valid_from, row.valid_to)?,
            decision: row.decision,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

impl TryFrom<AssignmentRow> for Assignment {
    type Error = Error;
    fn try_from(row: AssignmentRow) -> Result<Self> {
        let bearer = match (row.post, row.account) {
            (Some(post), None) => Bearer::Post(id(&post)?),
            (None, Some(account)) => Bearer::Account(account),
            _ => return Err(damaged()),
        };
        Ok(Self {
            id: id(&row.id)?,
            version: row.version,
            role: row.role,
            bearer,
            unit: row.unit.map(UnitId),
            valid: days(row.valid_from, row.valid_to)?,
            decision: row.decision,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}

impl TryFrom<OperationRow> for OperationVersion {
    type Error = Error;
    fn try_from(row: OperationRow) -> Result<Self> {
        Ok(Self {
            id: id(&row.id)?,
            version: row.version,
            kind: OperationKind::find(&row.kind).ok_or_else(damaged)?,
            agency: id(&row.agency)?,
            name: row.name,
            unit: row.unit.map(UnitId),
            on: day(row.on_day)?,
            decision: row.decision,
            records: row.records,
            made_up: row.made_up != 0,
            entry: row.entry,
        })
    }
}
