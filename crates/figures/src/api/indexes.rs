//! Indices over HTTP.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Day, Error, Page};
use lang::Lang;
use packs::{Index, IndexGroup, IndexVersion};
use serde::{Deserialize, Serialize};
use territory::get_by_code;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Asked, Path, Query};

use super::{json, read_known};
use crate::Desk;
use crate::indexes::{Measured, Score, Scored, ScoredGroup, State as Known, Total, score};
use crate::pages::{number, read_day};

/// The routes with their description.
pub(super) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: axum::extract::FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(list_indexes)).routes(routes!(get_index))
}

/// A version of an index
#[derive(Serialize, ToSchema)]
struct VersionBody {
    /// Its name among the versions.
    version: String,
    /// The document.
    document: String,
    /// The first day on which it is in force.
    #[schema(format = Date)]
    from: String,
    /// The last day; none while no other document took its place.
    #[schema(format = Date)]
    until: Option<String>,
    /// The most that it gives; none where its groups are not known.
    most: Option<f64>,
    /// Why nothing of it is known here.
    unmeasured: Option<String>,
    /// What must be compared with its document.
    verify: Option<String>,
}

/// An index
#[derive(Serialize, ToSchema)]
struct IndexBody {
    /// The code.
    code: String,
    /// What it scores.
    title: String,
    /// Its versions.
    versions: Vec<VersionBody>,
}

/// All indices.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes a page for the API's description")]
struct IndexList {
    items: Vec<IndexBody>,
    next: Option<String>,
}

/// Points, as far as they are measured
#[derive(Serialize, ToSchema)]
struct TotalBody {
    /// What the measured components gave.
    measured: f64,
    /// What they could have given.
    possible: f64,
    /// What all others could give; it is neither nothing nor the same share.
    unmeasured: f64,
}

/// A component with its points, or the reason why it has none
#[derive(Serialize, ToSchema)]
struct ComponentBody {
    /// The code.
    code: String,
    /// The title.
    title: String,
    /// `measured`, `no_data`, `none_wanted`, `unmeasured`.
    state: &'static str,
    /// The most that it gives, where that is known.
    most: Option<f64>,
    /// Its points; none where it is not measured.
    points: Option<f64>,
    /// The indicator that measures it.
    indicator: Option<String>,
    /// What was achieved: a percentage with its decimals, or a count.
    achieved: Option<f64>,
    /// What gives all points.
    wanted: Option<f64>,
    /// So many more in the numerator bring the next point, with the same denominator; fewer where
    /// that is negative.
    next_by: Option<i64>,
    /// What that gives.
    next_gain: Option<f64>,
    /// Why nothing measures it.
    unmeasured: Option<String>,
    /// What must be compared with the document.
    verify: Option<String>,
}

/// A group with its components
#[derive(Serialize, ToSchema)]
struct GroupBody {
    /// The code.
    code: String,
    /// The title.
    title: String,
    /// The pillar under which the document puts it.
    pillar: Option<String>,
    /// The most that it gives.
    most: f64,
    /// How many components the document has in it, where not all are listed.
    count: Option<usize>,
    /// Its points.
    total: TotalBody,
    /// Why no component is listed.
    unmeasured: Option<String>,
    /// What must be compared with the document.
    verify: Option<String>,
    /// The components that are known.
    components: Vec<ComponentBody>,
}

/// An index scored for a unit on a day
#[derive(Serialize, ToSchema)]
struct ScoreBody {
    /// The code of the index.
    code: String,
    /// What it scores.
    title: String,
    /// The version that is in force on the day, or that was asked for.
    version: VersionBody,
    /// The code of the unit.
    unit: Option<String>,
    /// Its name.
    unit_name: Option<String>,
    /// The quarter whose figures are scored: the newest that was over by the day.
    period: Option<String>,
    /// Only what was recorded by then, if it was asked so.
    known: Option<String>,
    /// The points.
    total: TotalBody,
    /// The groups, in the order of the document.
    groups: Vec<GroupBody>,
    /// The codes of the measured components, those with the most missing points first.
    moves: Vec<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IndexQuery {
    /// The day on which it is scored; today by default.
    on: Option<String>,
    /// The code of the unit on that day; the province that most reports come from by default.
    unit: Option<String>,
    /// A version by its name; the one in force on the day by default.
    version: Option<String>,
    /// Only what was recorded by this instant (RFC 3339), which may not lie in the future.
    known: Option<String>,
}

/// The indices in force and before, with their versions
#[utoipa::path(get, path = "/api/v1/indexes", tag = "figures",
    responses((status = 200, body = IndexList)))]
async fn list_indexes(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let items = catalogue.indexes().into_iter();
    let items = items.map(|index| IndexBody::new(asked.lang, index)).collect();
    json(&headers, &Page { items, next: None })
}

/// An index: the points that the figures here give, what is not measured, what moves it most
#[utoipa::path(get, path = "/api/v1/indexes/{code}", tag = "figures",
    params(("code" = String, Path, description = "The code of the index."), IndexQuery),
    responses((status = 200, body = ScoreBody), (status = 404, body = web::problem::Problem),
        (status = 422, body = web::problem::Problem)))]
async fn get_index(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(code): Path<String>,
    Query(query): Query<IndexQuery>,
) -> ApiResult<Response> {
    let lang = asked.lang;
    let mut tx = desk.database().read().await?;
    let on = read_day("on", query.on.as_deref())?.unwrap_or_else(|| desk.clock().today());
    let catalogue = desk.catalogue(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let index = catalogue.index(&code);
    let index = index.ok_or_else(|| Error::not_found(lang::indexes::no_index))?;
    let version = match query.version.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => index.version(name),
        None => index.version_on(on),
    };
    let version = version.ok_or_else(|| Error::not_found(lang::indexes::no_version))?;
    let unit = query.unit.as_deref().filter(|code| !code.is_empty());
    let unit = unit.map(|code| get_by_code(&territory, code, on)).transpose()?;
    let unit = unit.map(|version| version.unit);
    let known = read_known(&desk, query.known.as_deref())?;
    let whose = (unit, known);
    let score = score(&mut tx, &desk.atlas, &catalogue, version, (on, on), whose).await?;
    let known = known.map(|known| known.to_string());
    json(&headers, &ScoreBody::new(lang, (index, version), &score, known))
}

impl IndexBody {
    fn new(lang: Lang, index: &Index) -> Self {
        Self {
            code: index.code.clone(),
            title: index.title.say(lang).to_owned(),
            versions: index.versions.iter().map(|it| VersionBody::new(lang, it)).collect(),
        }
    }
}

impl VersionBody {
    fn new(lang: Lang, version: &IndexVersion) -> Self {
        let (from, until): (Day, Day) = version.days();
        let is_known = !version.groups.is_empty();
        Self {
            version: version.version.clone(),
            document: version.document.say(lang).to_owned(),
            from: from.to_string(),
            until: version.until.as_ref().map(|_| until.to_string()),
            most: is_known.then(|| points(version.most())),
            unmeasured: version.unmeasured.as_ref().map(|words| words.say(lang).to_owned()),
            verify: version.verify.as_ref().map(|words| words.say(lang).to_owned()),
        }
    }
}

impl ScoreBody {
    fn new(
        lang: Lang,
        (index, version): (&Index, &IndexVersion),
        score: &Score,
        known: Option<String>,
    ) -> Self {
        let unit = score.unit.as_ref();
        let groups = version.groups.iter().zip(&score.groups);
        let moves = score.moves().into_iter();
        Self {
            code: index.code.clone(),
            title: index.title.say(lang).to_owned(),
            version: VersionBody::new(lang, version),
            unit: unit.and_then(|unit| unit.code.as_ref()).map(ToString::to_string),
            unit_name: unit.map(|unit| unit.full_name.clone()),
            period: score.periods.last().map(|period| period.code.clone()),
            known,
            total: TotalBody::new(score.total),
            groups: groups.map(|(group, scored)| GroupBody::new(lang, group, scored)).collect(),
            moves: moves.map(|(component, _)| component.code.clone()).collect(),
        }
    }
}

impl GroupBody {
    fn new(lang: Lang, group: &IndexGroup, scored: &ScoredGroup) -> Self {
        let say =
            |words: &Option<packs::Words>| words.as_ref().map(|words| words.say(lang).to_owned());
        let components = scored.components.iter();
        Self {
            code: group.code.clone(),
            title: group.title.say(lang).to_owned(),
            pillar: say(&group.pillar),
            most: points(group.most()),
            count: group.count,
            total: TotalBody::new(scored.total),
            unmeasured: say(&group.unmeasured),
            verify: say(&group.verify),
            components: components.map(|scored| ComponentBody::new(lang, scored)).collect(),
        }
    }
}

impl ComponentBody {
    fn new(lang: Lang, scored: &Scored) -> Self {
        let component = &scored.component;
        let say =
            |words: &Option<packs::Words>| words.as_ref().map(|words| words.say(lang).to_owned());
        let (state, measured): (_, Option<&Measured>) = match &scored.state {
            Known::Measured(measured) => ("measured", Some(measured)),
            Known::NoData => ("no_data", None),
            Known::NoneWanted => ("none_wanted", None),
            Known::Unmeasured => ("unmeasured", None),
        };
        let next = measured.and_then(|measured| measured.next);
        let value = |of: fn(&Measured) -> i64| {
            measured.map(|measured| number(&measured.indicator, of(measured)))
        };
        Self {
            code: component.code.clone(),
            title: component.title.say(lang).to_owned(),
            state,
            most: component.most().map(points),
            points: measured.map(|measured| points(measured.points)),
            indicator: component.indicator.clone(),
            achieved: value(|measured| measured.value),
            wanted: value(|measured| measured.wanted),
            next_by: next.map(|step| step.by),
            next_gain: next.map(|step| points(step.gain)),
            unmeasured: say(&component.unmeasured),
            verify: say(&component.verify),
        }
    }
}

impl TotalBody {
    fn new(total: Total) -> Self {
        Self {
            measured: points(total.measured),
            possible: points(total.possible),
            unmeasured: points(total.unmeasured),
        }
    }
}

/// Hundredths of a point as points.
fn points(hundredths: i64) -> f64 {
    hundredths as f64 / 100.0
}
