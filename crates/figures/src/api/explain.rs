//! `GET /api/v1/figures/explain`: how a figure came to be.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::Day;
use packs::{Indicator, Nature};
use serde::{Deserialize, Serialize};
use territory::{Version, get_by_code};
use utoipa::{IntoParams, ToSchema};
use web::{ApiResult, Asked, Query};

use super::body::{EntryBody, FigureBody, IndicatorBody};
use crate::explain::{Explained, Origin, citation, explain as explain_figure, formula, permanent};
use crate::pages::{View, host};
use crate::{Desk, Period, find_indicator};

/// Which figure.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ExplainQuery {
    /// The indicator's code.
    indicator: String,
    /// The unit's code on the day of the map.
    unit: String,
    /// The period.
    period: String,
    /// The day of the map; today by default.
    map: Option<String>,
    /// Only what was recorded by this day or this instant (RFC 3339), which may not lie in the
    /// future.
    known: Option<String>,
}

/// How a figure came to be
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainBody {
    indicator: IndicatorBody,
    figure: FigureBody,
    /// How it is computed, with its numbers put in.
    formula: String,
    /// The day whose map it stands on.
    #[schema(value_type = String, format = Date)]
    map: Day,
    /// The first day that counts; none for a stock, which sums up from the beginning.
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Day>,
    /// The last day that counts.
    #[schema(value_type = String, format = Date)]
    to: Day,
    /// The instant that asks for this very state again, for ever.
    #[schema(format = DateTime)]
    known: String,
    /// How many entries of the journal had been recorded by then.
    entries: i64,
    /// The units of the last day that lie in this one on the map.
    origins: Vec<OriginBody>,
    /// What happened to the unit between the last day and that of the map.
    events: Vec<EventBody>,
    /// Those who have not reported all that the period needs, by name; the first thirty.
    missing: Vec<String>,
    /// What is behind its parts, the one above the line first.
    parts: Vec<PartBody>,
    /// The smallest signed state of the journal over every entry behind it.
    seal: Option<SealedBody>,
    /// A text to cite it by.
    citation: String,
    /// The address that shows this very figure for ever.
    permanent: String,
}

/// A unit that lies in another on the map.
#[derive(Serialize, ToSchema)]
struct OriginBody {
    name: String,
    code: Option<String>,
    /// Whether only a part of it lies there.
    partly: bool,
}

/// Something that happened to a unit.
#[derive(Serialize, ToSchema)]
struct EventBody {
    #[schema(value_type = String, format = Date)]
    on: Day,
    what: String,
}

/// What is behind a part.
#[derive(Serialize, ToSchema)]
struct PartBody {
    /// The code of the measure.
    measure: String,
    sum: Option<i64>,
    /// How many postings make it up.
    postings: i64,
    /// The last entry among them.
    last_entry: Option<i64>,
    /// The newest ones, the newest first; `/api/v1/figures/entries` lists all.
    newest: Vec<EntryBody>,
}

/// A signed state of the journal.
#[derive(Serialize, ToSchema)]
struct SealedBody {
    /// How many entries it has.
    size: u64,
    /// The root of the tree over them, in Base64.
    root: String,
    /// When it was made.
    #[schema(format = DateTime)]
    sealed_at: String,
    /// Where the proof of an entry behind the figure is found; `{entry}` stands for its number.
    proofs: String,
}

/// How a figure came to be: definition, parts, map, reporters, entries, seal, and a citation
#[utoipa::path(get, path = "/api/v1/figures/explain", tag = "figures", params(ExplainQuery),
    responses((status = 200, body = ExplainBody), (status = 404, body = web::problem::Problem),
    (status = 422, body = web::problem::Problem)))]
pub(super) async fn explain(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Query(query): Query<ExplainQuery>,
) -> ApiResult<Response> {
    let (map, known) = (query.map.as_deref(), query.known.as_deref());
    let mut view = View::open(&desk, &asked, map, known).await?;
    let (catalogue, territory) = (view.catalogue.clone(), view.territory.clone());
    let indicator = find_indicator(&catalogue, &query.indicator)?;
    let period = view.period(&query.period)?;
    let version = get_by_code(&territory, &query.unit, view.day)?;
    let explained = explain_figure(&mut view, indicator, version, &period).await?;
    let place: &str = &asked.place;
    let of = (indicator, version, &period);
    let cited = citation(&view, of, &explained, (place, &host(&headers)));
    super::json(&headers, &ExplainBody::new(&view, of, explained, cited))
}

impl ExplainBody {
    fn new(
        view: &View,
        (indicator, version, period): (&Indicator, &Version, &Period),
        it: Explained,
        citation: String,
    ) -> Self {
        let (lang, catalogue) = (view.lang, &view.catalogue);
        let question = view.question(indicator, std::slice::from_ref(period));
        let permanent = permanent(view, indicator, version, period, &it);
        let part = |behind: &crate::explain::Behind| PartBody {
            measure: behind.measure.clone(),
            sum: behind.sum,
            postings: behind.postings,
            last_entry: behind.last,
            newest: behind.newest.iter().map(|row| EntryBody::new(&view.territory, row)).collect(),
        };
        Self {
            indicator: IndicatorBody::new(lang, catalogue, indicator),
            figure: FigureBody::new(lang, indicator, &question, version, period, it.figure),
            formula: formula(lang, catalogue, indicator, it.figure),
            map: view.day,
            from: (it.nature == Nature::Flow).then_some(it.days.from),
            to: it.days.last(),
            known: it.known.to_string(),
            entries: it.entries,
            parts: it.parts.iter().map(part).collect(),
            origins: it.origins.into_iter().map(OriginBody::from).collect(),
            events: it.events.into_iter().map(|(on, what)| EventBody { on, what }).collect(),
            missing: it.missing,
            seal: it.seal.map(|seal| SealedBody {
                size: seal.checkpoint.size,
                root: seal.checkpoint.root_text(),
                sealed_at: seal.sealed_at.to_string(),
                proofs: format!("/api/v1/entries/{{entry}}/proof?size={}", seal.checkpoint.size),
            }),
            citation,
            permanent,
        }
    }
}

impl From<Origin> for OriginBody {
    fn from(it: Origin) -> Self {
        Self { name: it.name, code: it.code, partly: it.partly }
    }
}
