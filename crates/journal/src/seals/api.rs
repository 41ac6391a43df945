//! Seals over HTTP: for programs as JSON, and for tools of transparency logs as they expect them
//! (<https://c2sp.org/tlog-tiles>).

#![expect(unused_qualifications, reason = "utoipa's attribute names each extractor in full")]

use axum::Router;
use axum::extract::{FromRef, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base::{Error, PAGE_LIMIT, Page, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use tlog_tiles::Tile;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::export::json;
use web::{ApiResult, Path, Query};

use super::tree::HEIGHT;
use super::{Seal, Sealer, find_bundle, find_covering, find_tile, list, prove_entry, prove_growth};

/// What never changes may be kept for ever.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// What changes every few seconds is asked for again.
const AT_ONCE: &str = "no-cache";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// The routes with their description.
pub fn api_routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Sealer: FromRef<S>,
{
    OpenApiRouter::new()
        .routes(routes!(list_seals))
        .routes(routes!(get_seal))
        .routes(routes!(get_growth))
        .routes(routes!(get_proof))
}

/// The routes that tools of transparency logs ask for.
pub fn log_routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Sealer: FromRef<S>,
{
    Router::new().route("/tlog/checkpoint", get(checkpoint)).route("/tlog/tile/{*path}", get(tile))
}

/// A signed state of the journal
#[derive(Serialize, ToSchema)]
struct SealBody {
    /// How many entries it has.
    size: u64,
    /// The root of the Merkle tree over them (RFC 6962), in Base64.
    root: String,
    /// When it was made.
    #[schema(format = DateTime)]
    sealed_at: String,
    /// How many witnesses signed it.
    witnesses: i64,
    /// The signed note (c2sp.org/tlog-checkpoint).
    note: String,
}

impl SealBody {
    fn new(seal: Seal) -> Self {
        Self {
            size: seal.checkpoint.size,
            root: BASE64_STANDARD.encode(seal.checkpoint.root),
            sealed_at: seal.sealed_at.to_string(),
            witnesses: seal.witnesses,
            note: seal.note,
        }
    }
}

/// A page of them
#[derive(Serialize, ToSchema)]
struct SealList {
    /// The newest first.
    items: Vec<SealBody>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// A proof as text
#[derive(Serialize, ToSchema)]
struct ProofBody {
    /// How many entries the checkpoint has.
    size: u64,
    /// The proof, to be kept in a file; `sogoc verify --proof FILE --key KEY` checks it.
    proof: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// Where the page begins.
    cursor: Option<String>,
}

/// Signed states of the journal, the newest first
#[utoipa::path(get, path = "/api/v1/seals", tag = "seals", params(ListQuery),
    responses((status = 200, body = SealList), (status = 422, body = web::problem::Problem)))]
async fn list_seals(
    State(sealer): State<Sealer>,
    headers: HeaderMap,
    Query(query): Query<ListQuery>,
) -> ApiResult<Response> {
    let cursor = query.cursor.as_deref().filter(|cursor| !cursor.is_empty());
    let mut tx = sealer.database().read().await?;
    let Page { items, next } = list(&mut tx, cursor, PAGE_LIMIT).await?.map(SealBody::new);
    json(&headers, &SealList { items, next })
}

/// The signed state with so many entries, or the next that is kept
#[utoipa::path(get, path = "/api/v1/seals/{size}", tag = "seals",
    params(("size" = i64, Path, description = "How many entries it has.")),
    responses((status = 200, body = SealBody), (status = 404, body = web::problem::Problem)))]
async fn get_seal(
    State(sealer): State<Sealer>,
    headers: HeaderMap,
    Path(size): Path<i64>,
) -> ApiResult<Response> {
    let mut tx = sealer.database().read().await?;
    json(&headers, &SealBody::new(get_by_size(&mut tx, size).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct GrowthQuery {
    /// How many entries the earlier state has, which somebody kept.
    pub(super) from: u64,
}

/// The proof that a signed state goes on from an earlier one
#[utoipa::path(get, path = "/api/v1/seals/{size}/growth", tag = "seals",
    params(("size" = i64, Path, description = "How many entries the later one has."), GrowthQuery),
    responses((status = 200, body = ProofBody), (status = 404, body = web::problem::Problem)))]
async fn get_growth(
    State(sealer): State<Sealer>,
    headers: HeaderMap,
    Path(size): Path<i64>,
    Query(query): Query<GrowthQuery>,
) -> ApiResult<Response> {
    let proof = growth(&sealer, query.from, size).await?;
    json(&headers, &ProofBody { size: size.unsigned_abs(), proof })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProofQuery {
    /// How many entries the state has; the first that holds the entry by default.
    pub(super) size: Option<i64>,
}

/// The proof that an entry is in a signed state
#[utoipa::path(get, path = "/api/v1/entries/{seq}/proof", tag = "seals",
    params(("seq" = i64, Path, description = "The entry's number."), ProofQuery),
    responses((status = 200, body = ProofBody), (status = 404, body = web::problem::Problem)))]
async fn get_proof(
    State(sealer): State<Sealer>,
    headers: HeaderMap,
    Path(seq): Path<i64>,
    Query(query): Query<ProofQuery>,
) -> ApiResult<Response> {
    let (size, proof) = proof(&sealer, seq, query.size).await?;
    json(&headers, &ProofBody { size, proof })
}

/// The seal of that size. Of those of a day only some are kept; in the place of one that somebody
/// cited and that is gone stands the next one, which is proved to go on from it.
///
/// Errors: `NotFound`.
pub(super) async fn get_by_size(tx: &mut store::Tx, size: i64) -> Result<Seal> {
    let seal = find_covering(tx, size).await?.filter(|_| size > 0);
    seal.ok_or_else(|| Error::not_found(move |lang| lang::seals::none_of(lang, size)))
}

/// The text of [`prove_growth`].
///
/// Errors: `NotFound`.
pub(super) async fn growth(sealer: &Sealer, from: u64, size: i64) -> Result<String> {
    let mut tx = sealer.database().read().await?;
    let proof = prove_growth(&mut tx, from, size).await?;
    let proof = proof.ok_or_else(|| Error::not_found(lang::seals::no_growth))?;
    Ok(proof.to_text())
}

/// How many entries the checkpoint has, and the text of [`prove_entry`].
///
/// Errors: `NotFound`.
pub(super) async fn proof(sealer: &Sealer, seq: i64, size: Option<i64>) -> Result<(u64, String)> {
    let mut tx = sealer.database().read().await?;
    let proof = prove_entry(&mut tx, seq, size).await?;
    let proof = proof.ok_or_else(|| Error::not_found(lang::seals::not_sealed))?;
    Ok((super::Checkpoint::parse(&proof.note)?.size, proof.to_text()?))
}

/// `GET /tlog/checkpoint`: the newest signed state, see [`Sealer::find_published`].
async fn checkpoint(State(sealer): State<Sealer>) -> ApiResult<Response> {
    let mut tx = sealer.database().read().await?;
    let last = sealer.find_published(&mut tx).await?;
    let last = last.ok_or_else(|| Error::not_found(lang::seals::nothing_sealed))?;
    Ok(([(header::CONTENT_TYPE, TEXT), (header::CACHE_CONTROL, AT_ONCE)], last.note)
        .into_response())
}

/// `GET /tlog/tile/{level}/{number}[.p/{width}]` and `/tlog/tile/entries/{number}[.p/{width}]`.
async fn tile(State(sealer): State<Sealer>, Path(path): Path<String>) -> ApiResult<Response> {
    let nothing = || Error::not_found(lang::seals::no_tile);
    let (place, is_bundle) = match path.strip_prefix("entries/") {
        Some(number) => (format!("tile/{HEIGHT}/0/{number}"), true),
        None => (format!("tile/{HEIGHT}/{path}"), false),
    };
    let tile = Tile::from_path(&place).map_err(|_| nothing())?;
    if tile.is_data() {
        return Err(nothing().into());
    }
    let (level, number, width) = (tile.level(), tile.level_index(), u64::from(tile.width()));
    let mut tx = sealer.database().read().await?;
    let bytes = match is_bundle {
        true => find_bundle(&mut tx, number, width).await?,
        false => find_tile(&mut tx, (level, number), width).await?,
    };
    let bytes = bytes.ok_or_else(nothing)?;
    let headers =
        [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, FOR_EVER)];
    Ok((headers, bytes).into_response())
}
