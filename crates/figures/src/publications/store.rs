//! The SQL of publications.

use base::{Error, Result};
use store::{Tx, Values, values};

use super::model::{Body, Ended, FileKind, Publication, Rendering};

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    slug: String,
    body: String,
    entry: i64,
    reason: Option<String>,
    replaced_by: Option<String>,
    ended_entry: Option<i64>,
}

impl TryFrom<Row> for Publication {
    type Error = Error;

    /// Errors: `Internal` when the body cannot be read.
    fn try_from(row: Row) -> Result<Self> {
        let body: Body = serde_json::from_str(&row.body).map_err(Error::internal)?;
        let replaced_by = row.replaced_by;
        let ended = row.reason.zip(row.ended_entry);
        let ended = ended.map(|(reason, entry)| Ended { reason, replaced_by, entry });
        Ok(Self { id: row.id, slug: row.slug, body, entry: row.entry, files: Vec::new(), ended })
    }
}

const PUBLICATION: &str = "select p.id, p.slug, p.body, p.entry, e.reason, e.replaced_by, \
                           e.entry as ended_entry from publications p \
                           left join publication_ends e on e.publication = p.id";

async fn select(tx: &mut Tx, rest: &str, values: Values) -> Result<Vec<Publication>> {
    let rows: Vec<Row> = tx.all_built(format!("{PUBLICATION} {rest}"), values).await?;
    rows.into_iter().map(Publication::try_from).collect()
}

/// By its id or its name in addresses, without its files.
pub(super) async fn find(tx: &mut Tx, reference: &str) -> Result<Option<Publication>> {
    Ok(select(tx, "where p.id = $1 or p.slug = $1", values![reference]).await?.pop())
}

/// Those that stand, the newest first, without their files.
pub(super) async fn list_standing(tx: &mut Tx, limit: i64) -> Result<Vec<Publication>> {
    let rest = "where e.publication is null order by p.entry desc limit $1";
    select(tx, rest, values![limit]).await
}

/// Those that were withdrawn or replaced after an entry, without their files.
pub(super) async fn list_ended_since(
    tx: &mut Tx,
    entry: i64,
    limit: i64,
) -> Result<Vec<Publication>> {
    select(tx, "where e.entry > $1 order by e.entry desc limit $2", values![entry, limit]).await
}

/// Those before an entry, the newest first, without their files.
pub(super) async fn list_before(tx: &mut Tx, entry: i64, limit: i64) -> Result<Vec<Publication>> {
    let rest = "where p.entry < $1 order by p.entry desc limit $2";
    select(tx, rest, values![entry, limit]).await
}

/// The body of a publication as it was written.
pub(super) async fn find_body(tx: &mut Tx, id: &str) -> Result<Option<Vec<u8>>> {
    let sql = "select body from publications where id = $1";
    Ok(tx.find::<(String,)>(sql, values![id]).await?.map(|(body,)| body.into_bytes()))
}

/// The files of a publication beside its body, without their bytes.
pub(super) async fn files(tx: &mut Tx, id: &str) -> Result<Vec<Rendering>> {
    let sql = "select kind, hash, entry from publication_files where publication = $1 \
               order by kind desc";
    let rows: Vec<(String, Vec<u8>, i64)> = tx.all(sql, values![id]).await?;
    let known = |(kind, hash, entry): (String, Vec<u8>, i64)| {
        FileKind::find(&kind).map(|kind| Rendering { kind, hash, entry })
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// The bytes of a file.
pub(super) async fn find_file(tx: &mut Tx, id: &str, kind: FileKind) -> Result<Option<Vec<u8>>> {
    let sql = "select content from publication_files where publication = $1 and kind = $2";
    let found = tx.find::<(Vec<u8>,)>(sql, values![id, kind.ending()]).await?;
    Ok(found.map(|(content,)| content))
}

pub(super) async fn insert(tx: &mut Tx, it: &Publication, body: &[u8]) -> Result<()> {
    let text = std::str::from_utf8(body).map_err(Error::internal)?;
    tx.run(
        "insert into publications (id, slug, number, report, body, entry) \
         values ($1, $2, $3, $4, $5, $6)",
        values![&it.id, &it.slug, &it.body.issue.number, &it.body.sheet.report, text, it.entry],
    )
    .await?;
    Ok(())
}

pub(super) async fn insert_file(
    tx: &mut Tx,
    id: &str,
    file: &Rendering,
    (renderer, content): (&str, Vec<u8>),
) -> Result<()> {
    tx.run(
        "insert into publication_files (publication, kind, renderer, hash, content, entry) \
         values ($1, $2, $3, $4, $5, $6)",
        values![id, file.kind.ending(), renderer, &file.hash[..], content, file.entry],
    )
    .await?;
    Ok(())
}

pub(super) async fn insert_end(tx: &mut Tx, id: &str, ended: &Ended) -> Result<()> {
    tx.run(
        "insert into publication_ends (publication, reason, replaced_by, entry) \
         values ($1, $2, $3, $4)",
        values![id, &ended.reason, ended.replaced_by.clone(), ended.entry],
    )
    .await?;
    Ok(())
}

/// Whether there is any.
pub(super) async fn exists_any(tx: &mut Tx) -> Result<bool> {
    let sql = "select entry from publications limit 1";
    Ok(tx.find::<(i64,)>(sql, values![]).await?.is_some())
}

/// A publication beside what its entry sealed.
#[derive(sqlx::FromRow)]
pub(super) struct SealedRow {
    pub(super) id: String,
    pub(super) slug: String,
    pub(super) number: String,
    pub(super) report: String,
    pub(super) body: String,
    pub(super) sealed: Option<Vec<u8>>,
}

/// Publications after an id, by id.
pub(super) async fn sealed_after(tx: &mut Tx, id: &str, limit: i64) -> Result<Vec<SealedRow>> {
    let sql = "select p.id, p.slug, p.number, p.report, p.body, s.content_hash as sealed \
               from publications p left join sealed_records s on s.seq = p.entry \
               and s.record_kind = 'publication' and s.record_id = p.id \
               and s.record_version = 1 where p.id > $1 order by p.id limit $2";
    tx.all(sql, values![id, limit]).await
}

/// A file beside what its entry sealed.
#[derive(sqlx::FromRow)]
pub(super) struct SealedFileRow {
    pub(super) kind: String,
    pub(super) renderer: String,
    pub(super) hash: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) sealed: Option<Vec<u8>>,
}

/// The files of a publication.
pub(super) async fn sealed_files(tx: &mut Tx, id: &str) -> Result<Vec<SealedFileRow>> {
    let sql = "select f.kind, f.renderer, f.hash, f.content, s.content_hash as sealed \
               from publication_files f left join sealed_records s on s.seq = f.entry \
               and s.record_kind = 'publication_file' \
               and s.record_id = f.publication || '.' || f.kind and s.record_version = 1 \
               where f.publication = $1 order by f.kind";
    tx.all(sql, values![id]).await
}

/// (publication, reason, successor, entry, what the entry sealed) of every end; the first
/// hundred thousand.
pub(super) async fn sealed_ends(
    tx: &mut Tx,
) -> Result<Vec<(String, String, Option<String>, i64, Option<Vec<u8>>)>> {
    let sql = "select e.publication, e.reason, e.replaced_by, e.entry, s.content_hash \
               from publication_ends e left join sealed_records s on s.seq = e.entry \
               and s.record_kind = 'publication' and s.record_id = e.publication \
               and s.record_version = 2 order by e.publication limit 100000";
    tx.all(sql, values![]).await
}

/// (kind, id, version) of what entries made and that is not there; the first hundred.
pub(super) async fn missing(tx: &mut Tx) -> Result<Vec<(String, String, i64)>> {
    let sql = "select s.record_kind, s.record_id, s.record_version from sealed_records s \
               where s.record_kind in ('publication', 'publication_file') \
               and not exists (select 1 from publications p where s.record_kind = 'publication' \
               and s.record_version = 1 and p.id = s.record_id and p.entry = s.seq) \
               and not exists (select 1 from publication_ends e \
               where s.record_kind = 'publication' and s.record_version = 2 \
               and e.publication = s.record_id and e.entry = s.seq) \
               and not exists (select 1 from publication_files f \
               where s.record_kind = 'publication_file' and s.record_version = 1 \
               and f.publication || '.' || f.kind = s.record_id and f.entry = s.seq) \
               order by s.seq limit 100";
    tx.all(sql, values![]).await
}
