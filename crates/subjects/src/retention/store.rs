//! The SQL of reports of what is over its time.

use base::{Error, Id, Moment, Result};
use packs::Kept;
use store::{Tx, values};

use super::model::{Item, Report};

#[derive(sqlx::FromRow)]
struct ReportRow {
    id: String,
    made_at: i64,
    actor: String,
    applied_at: Option<i64>,
    applied_by: String,
    entry: Option<i64>,
}

impl From<ReportRow> for Report {
    fn from(row: ReportRow) -> Self {
        Self {
            id: row.id,
            made_at: Moment(row.made_at),
            actor: row.actor,
            applied_at: row.applied_at.map(Moment),
            applied_by: row.applied_by,
            entry: row.entry,
        }
    }
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    rule: String,
    what: String,
    record: String,
    before: i64,
    amount: i64,
    held: i64,
    deleted: i64,
}

/// The newest reports, at most so many.
///
/// Errors: `Unavailable`.
pub async fn latest(tx: &mut Tx, most: i64) -> Result<Vec<Report>> {
    let sql = "select id, made_at, actor, applied_at, applied_by, entry from retention_reports \
               order by made_at desc, id desc limit $1";
    Ok(tx.all::<ReportRow>(sql, values![most]).await?.into_iter().map(Report::from).collect())
}

/// A report.
///
/// Errors: `NotFound`.
pub async fn find(tx: &mut Tx, id: &str) -> Result<Report> {
    let sql = "select id, made_at, actor, applied_at, applied_by, entry from retention_reports \
               where id = $1";
    let row: Option<ReportRow> = tx.find(sql, values![id]).await?;
    row.map(Report::from).ok_or_else(|| Error::not_found(lang::retention::no_report))
}

/// What a report lists, by rule.
///
/// Errors: `Unavailable`; `Internal` when a row cannot be read.
pub async fn items(tx: &mut Tx, report: &str) -> Result<Vec<Item>> {
    let sql = "select rule, what, record, before, amount, held, deleted from retention_items \
               where report = $1 order by rule, record";
    let rows: Vec<ItemRow> = tx.all(sql, values![report]).await?;
    let read = |row: ItemRow| {
        let what = Kept::find(&row.what);
        Ok(Item {
            rule: row.rule,
            what: what.ok_or_else(|| Error::internal("a report that cannot be read"))?,
            record: row.record,
            before: Moment(row.before),
            amount: row.amount,
            held: row.held != 0,
            deleted: row.deleted,
        })
    };
    rows.into_iter().map(read).collect()
}

pub(super) async fn insert(tx: &mut Tx, id: Id, now: Moment, actor: &str) -> Result<()> {
    let sql =
        "insert into retention_reports (id, made_at, actor, applied_by) values ($1, $2, $3, '')";
    tx.run(sql, values![id, now, actor]).await?;
    Ok(())
}

pub(super) async fn insert_item(tx: &mut Tx, report: Id, item: &Item) -> Result<()> {
    let sql = "insert into retention_items (report, rule, what, record, before, amount, held, \
               deleted) values ($1, $2, $3, $4, $5, $6, $7, 0)";
    let values = values![
        report,
        &item.rule,
        item.what.as_str(),
        &item.record,
        item.before,
        item.amount,
        i64::from(item.held)
    ];
    tx.run(sql, values).await?;
    Ok(())
}

pub(super) async fn set_deleted(tx: &mut Tx, report: &str, item: &Item) -> Result<()> {
    let sql = "update retention_items set deleted = $4 where report = $1 and rule = $2 \
               and record = $3";
    tx.run(sql, values![report, &item.rule, &item.record, item.deleted]).await?;
    Ok(())
}

pub(super) async fn set_applied(tx: &mut Tx, report: &Report) -> Result<()> {
    let sql = "update retention_reports set applied_at = $2, applied_by = $3, entry = $4 \
               where id = $1 and applied_at is null";
    let values = values![&report.id, report.applied_at, &report.applied_by, report.entry];
    tx.run(sql, values).await?;
    Ok(())
}

/// Reports that were applied, with the hash in their entry.
pub(crate) async fn applied(tx: &mut Tx) -> Result<Vec<(String, Option<Vec<u8>>)>> {
    let sql = "select r.id, s.content_hash from retention_reports r left join sealed_records s \
               on s.seq = r.entry and s.record_kind = 'retention_report' and s.record_id = r.id \
               where r.applied_at is not null order by r.id";
    tx.all(sql, values![]).await
}
