//! The SQL of what is recorded in campaigns.

use base::{Error, Result};
use store::{Tx, values};
use territory::UnitId;

use super::model::{Record, RecordKind};

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    id: String,
    version: i64,
    campaign: String,
    round: String,
    unit: Option<i64>,
    body: String,
    evidence: Option<Vec<u8>>,
    entry: i64,
}

impl TryFrom<Row> for Record {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let unknown = || Error::internal(format!("campaign record of kind {}", row.kind));
        Ok(Self {
            kind: RecordKind::find(&row.kind).ok_or_else(unknown)?,
            id: row.id,
            version: row.version,
            campaign: row.campaign,
            round: row.round,
            unit: row.unit.map(UnitId),
            body: row.body,
            evidence: row.evidence,
            entry: row.entry,
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<Record>> {
    rows.into_iter().map(Record::try_from).collect()
}

/// Writes a version.
///
/// Errors: `Conflict` when somebody else wrote it first.
pub(crate) async fn insert(tx: &mut Tx, it: &Record) -> Result<()> {
    tx.run(
        "insert into campaign_records (kind, id, version, campaign, round, unit, body, evidence, \
         entry) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        values![
            it.kind.as_str(),
            &it.id,
            it.version,
            &it.campaign,
            &it.round,
            it.unit.map(|unit| unit.0),
            &it.body,
            it.evidence.clone(),
            it.entry,
        ],
    )
    .await?;
    Ok(())
}

/// A record as it stands: its last version.
pub(crate) async fn find(tx: &mut Tx, kind: RecordKind, id: &str) -> Result<Option<Record>> {
    let sql = "select kind, id, version, campaign, round, unit, body, evidence, entry \
               from campaign_records where kind = $1 and id = $2 order by version desc limit 1";
    let found = tx.find::<Row>(sql, values![kind.as_str(), id]).await?;
    found.map(Record::try_from).transpose()
}

/// All versions of a record without what they say, oldest first: bodies of rounds are large.
pub(crate) async fn history(tx: &mut Tx, kind: RecordKind, id: &str) -> Result<Vec<(i64, i64)>> {
    let sql = "select version, entry from campaign_records where kind = $1 and id = $2 \
               order by version";
    tx.all(sql, values![kind.as_str(), id]).await
}

/// One version of a record.
pub(crate) async fn find_version(
    tx: &mut Tx,
    kind: RecordKind,
    id: &str,
    version: i64,
) -> Result<Option<Record>> {
    let sql = "select kind, id, version, campaign, round, unit, body, evidence, entry \
               from campaign_records where kind = $1 and id = $2 and version = $3";
    let found = tx.find::<Row>(sql, values![kind.as_str(), id, version]).await?;
    found.map(Record::try_from).transpose()
}

/// The records of a kind in a round as they stand, in the order in which they were made.
pub(crate) async fn list(
    tx: &mut Tx,
    kind: RecordKind,
    campaign: &str,
    round: &str,
) -> Result<Vec<Record>> {
    let sql = "select r.kind, r.id, r.version, r.campaign, r.round, r.unit, r.body, r.evidence, \
               r.entry from campaign_records r where r.kind = $1 and r.campaign = $2 \
               and r.round = $3 and not exists (select 1 from campaign_records w \
               where w.kind = r.kind and w.id = r.id and w.version > r.version) order by r.id";
    all(tx.all(sql, values![kind.as_str(), campaign, round]).await?)
}

/// Versions after (kind, id, version), each with the content hash of the entry that made it.
pub(crate) async fn versions_after(
    tx: &mut Tx,
    (kind, id, version): (&str, &str, i64),
    limit: i64,
) -> Result<Vec<(Record, Option<Vec<u8>>)>> {
    #[derive(sqlx::FromRow)]
    struct Sealed {
        #[sqlx(flatten)]
        row: Row,
        content_hash: Option<Vec<u8>>,
    }
    let sql = "select r.kind, r.id, r.version, r.campaign, r.round, r.unit, r.body, r.evidence, \
               r.entry, e.content_hash from campaign_records r left join sealed_records e \
               on e.seq = r.entry and e.record_kind = 'campaign_' || r.kind \
               and e.record_id = r.id and e.record_version = r.version \
               where (r.kind, r.id, r.version) > ($1, $2, $3) \
               order by r.kind, r.id, r.version limit $4";
    let rows: Vec<Sealed> = tx.all(sql, values![kind, id, version, limit]).await?;
    rows.into_iter().map(|it| Ok((Record::try_from(it.row)?, it.content_hash))).collect()
}

/// Versions that an entry made and that are not there; the first hundred.
pub(crate) async fn versions_missing(tx: &mut Tx) -> Result<Vec<(String, String, i64)>> {
    let sql = "select e.record_kind, e.record_id, e.record_version from sealed_records e \
               left join campaign_records r on e.record_kind = 'campaign_' || r.kind \
               and r.id = e.record_id and r.version = e.record_version \
               where e.record_kind in ('campaign_adjustment', 'campaign_awards', \
               'campaign_filing', 'campaign_round') and r.id is null order by e.seq limit 100";
    tx.all(sql, values![]).await
}
