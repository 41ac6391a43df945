//! `GET /api/v1/entries/{seq}`: what stands in the journal, entry by entry.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Day, Error};
use journal::{Entry, Posting};
use packs::Catalogue;
use serde::Serialize;
use territory::{Territory, UnitId, UnitRef};
use utoipa::ToSchema;
use web::{ApiResult, Asked, Path};

use super::body::unit_ref;
use crate::{Desk, disclosure};

/// An entry of the journal: who did what to which record, and what it means for the figures.
#[derive(Serialize, ToSchema)]
pub(crate) struct JournalEntryBody {
    /// Its place in the journal; entries are numbered from 1 without gaps.
    entry: i64,
    /// When it was recorded (RFC 3339).
    recorded_at: String,
    /// Who recorded it: the account for whoever may see counts as they were reported, the post and its
    /// agency for everybody else.
    actor: String,
    /// The command: `observations.report`, `territory.apply`, `packs.apply`, …
    cause: String,
    /// The kind of record: `observation`, `operation`, `pack`, …
    record_kind: String,
    /// Its id …
    record_id: String,
    /// … and its version.
    record_version: i64,
    /// Where the record is found, if it can be asked for.
    record: Option<String>,
    /// SHA-256 of the record's version, in hexadecimal.
    content_hash: String,
    /// SHA-256 over this entry and the hash of the one before, in hexadecimal.
    hash: String,
    /// What it adds to the figures.
    postings: Vec<PostingBody>,
}

/// A posting of an entry.
#[derive(Serialize, ToSchema)]
pub(crate) struct PostingBody {
    /// Its place in the entry.
    line: usize,
    /// The measure's code; null for one that is no longer declared.
    measure: Option<String>,
    unit: UnitRef,
    /// The day on which it counts.
    #[schema(value_type = String, format = Date)]
    day: Day,
    /// What it adds.
    delta: i64,
    /// How many records more say so.
    records: i64,
}

impl JournalEntryBody {
    fn new(territory: &Territory, catalogue: &Catalogue, entry: Entry) -> Self {
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let posting = |(line, it): (usize, &Posting)| PostingBody {
            line,
            measure: catalogue.measure_numbered(it.measure).map(|measure| measure.code.clone()),
            unit: unit_ref(territory, UnitId(it.unit), it.day),
            day: it.day,
            delta: it.delta,
            records: it.records,
        };
        let is_observation = entry.record_kind == "observation";
        Self {
            entry: entry.seq,
            recorded_at: entry.recorded_at.to_string(),
            content_hash: hex(&entry.content_hash),
            hash: hex(&entry.hash),
            postings: entry.postings.iter().enumerate().map(posting).collect(),
            record: is_observation.then(|| format!("/api/v1/observations/{}", entry.record_id)),
            actor: entry.actor,
            cause: entry.cause,
            record_kind: entry.record_kind,
            record_id: entry.record_id,
            record_version: entry.record_version,
        }
    }
}

/// An entry of the journal with its postings
#[utoipa::path(get, path = "/api/v1/entries/{seq}", tag = "figures",
    params(("seq" = i64, Path, description = "Its number, as `entry` of other answers gives it")),
    responses((status = 200, body = JournalEntryBody),
    (status = 404, body = web::problem::Problem), (status = 422, body = web::problem::Problem)))]
pub(crate) async fn get_entry(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(seq): Path<i64>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let entry = journal::find_entry(&mut tx, seq).await?;
    let mut entry = entry.ok_or_else(|| Error::not_found(lang::drill::no_entry))?;
    disclosure::entry(&mut tx, (asked.lang, asked.actor()), &mut entry).await?;
    super::json(&headers, &JournalEntryBody::new(&territory, &catalogue, entry))
}
