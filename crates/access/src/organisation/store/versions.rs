//! Versions as they were written one after the other, and the operations that wrote several at once.

use std::collections::BTreeMap;
use std::ops::Range;

use base::{Moment, Result};
use store::{Record as Row, Tx, Values, values};

use super::super::model::{Listed, OperationId};
use super::super::record::Record;
use super::rows::{
    AgencyRow, AssignmentRow, DelegationRow, HoldingRow, OperationRow, PersonRow, PostRow,
};
use super::{AGENCIES, ASSIGNMENTS, DELEGATIONS, HOLDINGS, OPERATIONS, PEOPLE, POSTS, standing};

/// The kinds of record that an operation writes.
const OPERATED: [&str; 5] = ["agency", "post", "holding", "delegation", "assignment"];

/// Versions of a kind of record.
async fn read(tx: &mut Tx, kind: &str, rest: &str, values: Values) -> Result<Vec<Record>> {
    async fn rows<T>(
        tx: &mut Tx,
        sql: String,
        values: Values,
        make: fn(T) -> Result<Record>,
    ) -> Result<Vec<Record>>
    where
        T: Row,
    {
        tx.all_built::<T>(sql, values).await?.into_iter().map(make).collect()
    }
    let of = |select: &str| format!("{select} {rest}");
    match kind {
        "agency" => {
            let make = |row: AgencyRow| Ok(Record::Agency(row.try_into()?));
            rows(tx, of(AGENCIES), values, make).await
        }
        "post" => {
            let make = |row: PostRow| Ok(Record::Post(row.try_into()?));
            rows(tx, of(POSTS), values, make).await
        }
        "person" => {
            let make = |row: PersonRow| Ok(Record::Person(row.try_into()?));
            rows(tx, of(PEOPLE), values, make).await
        }
        "holding" => {
            let make = |row: HoldingRow| Ok(Record::Holding(row.try_into()?));
            rows(tx, of(HOLDINGS), values, make).await
        }
        "assignment" => {
            let make = |row: AssignmentRow| Ok(Record::Assignment(row.try_into()?));
            rows(tx, of(ASSIGNMENTS), values, make).await
        }
        "agency_operation" => {
            let make = |row: OperationRow| Ok(Record::Operation(row.try_into()?));
            rows(tx, of(OPERATIONS), values, make).await
        }
        _ => {
            let make = |row: DelegationRow| Ok(Record::Delegation(row.try_into()?));
            rows(tx, of(DELEGATIONS), values, make).await
        }
    }
}

/// Every version behind a place, with the hash that its entry has of it: of each kind in turn.
pub(in super::super) async fn versions_after(
    tx: &mut Tx,
    kind: &'static str,
    (after, version): (&str, i64),
    limit: i64,
) -> Result<Vec<(Record, Option<Vec<u8>>)>> {
    let rest = format!("where (v.id, v.version) > ($1, $2) order by v.id, v.version limit {limit}");
    let records = read(tx, kind, &rest, values![after, version]).await?;
    let sql = format!(
        "select e.record_id, e.record_version, e.content_hash from sealed_records e \
         join (select id, version, entry from {kind}_versions \
         where (id, version) > ($1, $2) order by id, version limit {limit}) v on v.entry = e.seq \
         where e.record_kind = '{kind}' and e.record_id = v.id and e.record_version = v.version"
    );
    let sealed: Vec<(String, i64, Vec<u8>)> = tx.all_built(sql, values![after, version]).await?;
    let mut sealed: BTreeMap<(String, i64), Vec<u8>> =
        sealed.into_iter().map(|(id, version, hash)| ((id, version), hash)).collect();
    let with_hash = |record: Record| {
        let hash = sealed.remove(&(record.id().to_string(), record.version()));
        (record, hash)
    };
    Ok(records.into_iter().map(with_hash).collect())
}

/// Entries whose versions are gone.
pub(in super::super) async fn missing(
    tx: &mut Tx,
    kind: &'static str,
) -> Result<Vec<(String, i64)>> {
    let sql = format!(
        "select e.record_id, e.record_version from sealed_records e \
         left join {kind}_versions v on v.entry = e.seq \
         where e.record_kind = '{kind}' and v.entry is null order by 1, 2 limit 100"
    );
    tx.all_built(sql, values![]).await
}

/// What an operation wrote, by its entries, each with the version before it, if there was one.
pub(in super::super) async fn written(
    tx: &mut Tx,
    entries: &Range<i64>,
) -> Result<Vec<(Record, Option<Record>)>> {
    let mut all = Vec::new();
    for kind in OPERATED {
        let between = values![entries.start, entries.end];
        let its = "where v.entry >= $1 and v.entry < $2 order by v.entry";
        let records = read(tx, kind, its, between.clone()).await?;
        let before = format!(
            "where exists (select 1 from {kind}_versions w where w.id = v.id \
             and w.version = v.version + 1 and w.entry >= $1 and w.entry < $2)"
        );
        let before = read(tx, kind, &before, between).await?;
        let mut before: BTreeMap<_, _> = before.into_iter().map(|it| (it.id(), it)).collect();
        all.extend(records.into_iter().map(|it| {
            let before = before.remove(&it.id());
            (it, before)
        }));
    }
    Ok(all)
}

/// What an operation wrote and was changed since, as it stands.
pub(in super::super) async fn later(tx: &mut Tx, entries: &Range<i64>) -> Result<Vec<Record>> {
    let mut all = Vec::new();
    for kind in OPERATED {
        let rest = format!(
            "where v.entry >= $2 and {} and exists (select 1 from {kind}_versions w \
             where w.id = v.id and w.entry >= $1 and w.entry < $2) order by v.entry",
            standing(&format!("{kind}_versions"))
        );
        all.extend(read(tx, kind, &rest, values![entries.start, entries.end]).await?);
    }
    Ok(all)
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    operation: OperationRow,
    recorded_at: i64,
    actor: String,
    undone_at: Option<i64>,
    undone_by: Option<String>,
    undone_decision: Option<String>,
}

impl TryFrom<ListedRow> for Listed {
    type Error = base::Error;
    fn try_from(row: ListedRow) -> Result<Self> {
        let undone = row.undone_at.zip(row.undone_by).zip(row.undone_decision);
        Ok(Self {
            operation: row.operation.try_into()?,
            at: Moment(row.recorded_at),
            by: row.actor,
            undone: undone.map(|((at, by), decision)| (Moment(at), by, decision)),
        })
    }
}

const LISTED: &str = "select v.id, v.version, v.kind, v.agency, v.name, v.unit, v.on_day, \
                      v.decision, v.records, v.made_up, v.entry, e.recorded_at, e.actor, \
                      f.recorded_at as undone_at, f.actor as undone_by, \
                      u.decision as undone_decision from agency_operation_versions v \
                      join sealed_records e on e.seq = v.entry \
                      left join agency_operation_versions u on u.id = v.id and u.version = 2 \
                      left join sealed_records f on f.seq = u.entry where v.version = 1";

/// Operations whose entry comes before one, the last first.
pub(in super::super) async fn list_operations(
    tx: &mut Tx,
    before: i64,
    limit: i64,
) -> Result<Vec<Listed>> {
    let sql = format!("{LISTED} and v.entry < $1 order by v.entry desc limit $2");
    let rows: Vec<ListedRow> = tx.all_built(sql, values![before, limit]).await?;
    rows.into_iter().map(Listed::try_from).collect()
}

/// One operation.
pub(in super::super) async fn find_operation(
    tx: &mut Tx,
    id: OperationId,
) -> Result<Option<Listed>> {
    let sql = format!("{LISTED} and v.id = $1");
    let rows: Vec<ListedRow> = tx.all_built(sql, values![id.0]).await?;
    rows.into_iter().next().map(Listed::try_from).transpose()
}

/// The operation that wrote an entry, if one did.
pub(in super::super) async fn operation_of(tx: &mut Tx, entry: i64) -> Result<Option<Listed>> {
    let sql = format!("{LISTED} and v.entry > $1 and v.entry - v.records <= $1");
    let rows: Vec<ListedRow> = tx.all_built(sql, values![entry]).await?;
    rows.into_iter().next().map(Listed::try_from).transpose()
}
