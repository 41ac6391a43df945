//! Campaigns over HTTP: rules, rankings, and what every point rests on.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Cursor, Day, PAGE_LIMIT, Page, Result};
use packs::{Campaign, Catalogue, Counted};
use serde::{Deserialize, Serialize};
use store::Tx;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use web::{ApiResult, Asked, Path, Query};

use super::json;
use crate::Desk;
use crate::campaigns::{
    AskedOf, Line, Scored, Standing, find_campaign, find_group, find_round, heads, period_of,
    standing,
};
use crate::pages::begun;

/// The routes with their description.
pub(super) fn routes<S>() -> OpenApiRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Desk: axum::extract::FromRef<S>,
{
    OpenApiRouter::new().routes(routes!(list_campaigns)).routes(routes!(get_ranking))
}

/// A campaign
#[derive(Serialize, ToSchema)]
struct CampaignBody {
    /// The campaign's code.
    code: String,
    /// Its title.
    title: String,
    /// The document that launched it.
    document: String,
    /// The first day.
    #[schema(format = Date)]
    from: String,
    /// The last day.
    #[schema(format = Date)]
    until: String,
    /// Who answers for it.
    agency: String,
    /// The day of the map on which its units are ranked.
    #[schema(value_type = String, format = Date)]
    map: Day,
    /// What in the rules must be compared with the document.
    unsure: Option<String>,
    /// Whether it exists nowhere and only shows the program.
    made_up: bool,
    /// The groups.
    groups: Vec<GroupBody>,
    /// The rounds.
    rounds: Vec<RoundBody>,
    /// The criteria.
    criteria: Vec<CriterionBody>,
}

/// A group of a campaign
#[derive(Serialize, ToSchema)]
struct GroupBody {
    /// The group's code.
    code: String,
    /// The level of its units.
    level: String,
    /// Its title.
    title: String,
}

/// A round of a campaign
#[derive(Serialize, ToSchema)]
struct RoundBody {
    /// The code of its period.
    period: String,
    /// `to_come`, `open`, `frozen`.
    state: &'static str,
    /// Since when it is frozen.
    #[schema(format = Date)]
    frozen_on: Option<String>,
}

/// A criterion of a campaign
#[derive(Serialize, ToSchema)]
struct CriterionBody {
    /// The criterion's code.
    code: String,
    /// Its title.
    title: String,
    /// The indicator that measures it.
    indicator: String,
    /// The most points; none where it gives none.
    points: Option<String>,
    /// `in_round`, `so_far`.
    counted: &'static str,
    /// What is not clear in it.
    ambiguous: Option<String>,
}

/// All campaigns
#[derive(Serialize, ToSchema)]
struct CampaignList {
    /// The campaigns, in the order of the packs.
    items: Vec<CampaignBody>,
    /// None: what packs declare comes whole.
    next: Option<String>,
}

/// The campaigns with their rules, and how far their rounds have come
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "figures",
    responses((status = 200, body = CampaignList)))]
async fn list_campaigns(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let today = desk.clock().today();
    let mut items = Vec::new();
    for campaign in catalogue.campaigns() {
        items.push(CampaignBody::new(&asked, &mut tx, (&catalogue, campaign), today).await?);
    }
    json(&headers, &CampaignList { items, next: None })
}

impl CampaignBody {
    async fn new(
        asked: &Asked,
        tx: &mut Tx,
        (catalogue, it): (&Catalogue, &Campaign),
        today: Day,
    ) -> Result<Self> {
        let lang = asked.lang;
        let heads = heads(tx, it).await?;
        let mut rounds = Vec::new();
        for round in &it.rounds {
            let period = period_of(catalogue, round, Counted::InRound)?;
            let frozen = heads.get(&round.period).filter(|head| head.is_frozen);
            rounds.push(RoundBody {
                period: period.code,
                state: match frozen {
                    Some(_) => "frozen",
                    None if period.days.from > today => "to_come",
                    None => "open",
                },
                frozen_on: frozen.map(|head| head.on.to_string()),
            });
        }
        let group = |group: &packs::Group| GroupBody {
            code: group.code.clone(),
            level: group.level.clone(),
            title: group.title.say(lang).to_owned(),
        };
        let criterion = |own: &packs::Criterion| CriterionBody {
            code: own.code.clone(),
            title: own.title.say(lang).to_owned(),
            indicator: own.indicator.clone(),
            points: own.points.clone(),
            counted: match own.counted {
                Counted::InRound => "in_round",
                Counted::SoFar => "so_far",
            },
            ambiguous: own.ambiguous.as_ref().map(|words| words.say(lang).to_owned()),
        };
        Ok(Self {
            code: it.code.clone(),
            title: it.title.say(lang).to_owned(),
            document: it.document.say(lang).to_owned(),
            from: it.from.clone(),
            until: it.until.clone(),
            agency: it.agency.say(lang).to_owned(),
            map: it.map_day(),
            unsure: it.unsure.as_ref().map(|words| words.say(lang).to_owned()),
            made_up: it.made_up,
            groups: it.groups.iter().map(group).collect(),
            rounds,
            criteria: it.criteria.iter().map(criterion).collect(),
        })
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RankingQuery {
    /// Where the page begins.
    cursor: Option<String>,
}

/// What a criterion asks in the round
#[derive(Serialize, ToSchema)]
struct AskedBody {
    /// The criterion's code.
    criterion: String,
    /// The indicator.
    indicator: String,
    /// The period over which it counts.
    period: String,
    /// What is to be reached: a percentage with its decimals, or a count.
    wanted: Option<f64>,
    /// The most points.
    most: Option<f64>,
}

/// What a unit has in a criterion
#[derive(Serialize, ToSchema)]
struct ScoreBody {
    /// The criterion's code.
    criterion: String,
    /// The part above the line, or the count.
    numerator: Option<i64>,
    /// The part below the line.
    denominator: Option<i64>,
    /// The value: a percentage with its decimals, or a count.
    achieved: Option<f64>,
    /// The points for it; none where the criterion gives none.
    points: Option<f64>,
    /// Whether a part of it comes by shares from a unit that was split.
    estimated: bool,
    /// How many of those who report it have reported.
    reported: u32,
    /// How many report it.
    expected: u32,
    /// The figure behind it, on the map of the campaign.
    figure: String,
}

/// A unit in a ranking
#[derive(Serialize, ToSchema)]
struct LineBody {
    /// The unit's code on the map of the campaign.
    code: Option<String>,
    /// Its name there.
    name: String,
    /// Its place, from 1; none without data.
    place: Option<usize>,
    /// How many share the place.
    shared_by: usize,
    /// Its place in the round before.
    place_before: Option<usize>,
    /// All points.
    total: f64,
    /// Points added or taken away by decision.
    adjusted: f64,
    /// Its class, by its code.
    class: Option<String>,
    /// What it has in each criterion.
    scores: Vec<ScoreBody>,
    /// Its place by what is known today, where the ranking is frozen.
    place_today: Option<usize>,
    /// Its points by what is known today, where the ranking is frozen.
    total_today: Option<f64>,
}

/// The ranking of a group in a round
#[derive(Serialize, ToSchema)]
struct RankingBody {
    /// The campaign's code.
    campaign: String,
    /// The round, by its period.
    round: String,
    /// The group's code.
    group: String,
    /// The day of the map.
    #[schema(value_type = String, format = Date)]
    map: Day,
    /// Since when it is frozen; none while it can change.
    #[schema(format = Date)]
    frozen_on: Option<String>,
    /// What each criterion asks.
    asked: Vec<AskedBody>,
    /// The units: by place, then those without data.
    items: Vec<LineBody>,
    /// The cursor of the next page.
    next: Option<String>,
}

/// A ranking, with every point and what it rests on
///
/// A round that is frozen is told as it was frozen, and beside it what would be today.
#[utoipa::path(get, path = "/api/v1/campaigns/{code}/rounds/{round}/groups/{group}",
    tag = "figures",
    params(("code" = String, Path, description = "The campaign's code."),
        ("round" = String, Path, description = "The round, by its period."),
        ("group" = String, Path, description = "The group's code."), RankingQuery),
    responses((status = 200, body = RankingBody), (status = 404, body = web::problem::Problem),
        (status = 422, body = web::problem::Problem)))]
async fn get_ranking(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Path((code, round, group)): Path<(String, String, String)>,
    Query(query): Query<RankingQuery>,
) -> ApiResult<Response> {
    let mut tx = desk.database().read().await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    let campaign = find_campaign(&catalogue, &code)?;
    let round = find_round(campaign, &round)?;
    let group = find_group(campaign, &group)?;
    begun(period_of(&catalogue, round, Counted::InRound)?, desk.clock().today())?;
    let after = match query.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        Some(cursor) => Cursor::decode::<usize>(cursor)?,
        None => 0,
    };
    let standing = standing(&mut tx, &desk.atlas, &catalogue, (campaign, round), None).await?;
    let shown = standing.shown();
    let Some(ranking) = shown.group(&group.code) else {
        return Err(base::Error::not_found(lang::campaigns::no_group).into());
    };
    let told = Told { catalogue: &catalogue, rules: &shown.rules, standing: &standing };
    let rows: Vec<(&Line, usize)> = ranking.lines.iter().zip(0..).skip(after).collect();
    let rows = rows.into_iter().take(PAGE_LIMIT + 1).collect();
    let page = Page::cut(rows, PAGE_LIMIT, |(_, at)| at + 1);
    let lines = page.items.iter().map(|(line, _)| told.line(&group.code, &ranking.asked, line));
    let frozen = standing.state().filter(|state| state.frozen.is_some());
    json(
        &headers,
        &RankingBody {
            campaign: campaign.code.clone(),
            round: round.period.clone(),
            group: group.code.clone(),
            map: shown.rules.map_day(),
            frozen_on: frozen.map(|state| state.on.to_string()),
            asked: ranking.asked.iter().map(|asked| told.asked(asked)).collect(),
            items: lines.collect(),
            next: page.next,
        },
    )
}

/// What a ranking is told by.
struct Told<'a> {
    catalogue: &'a Catalogue,
    rules: &'a Campaign,
    standing: &'a Standing,
}

impl Told<'_> {
    fn indicator(&self, criterion: &str) -> Option<&packs::Indicator> {
        let own = self.rules.criteria.iter().find(|it| it.code == criterion)?;
        self.catalogue.indicator(&own.indicator)
    }

    fn number(&self, criterion: &str, scaled: Option<i64>) -> Option<f64> {
        Some(crate::pages::number(self.indicator(criterion)?, scaled?))
    }

    fn asked(&self, asked: &AskedOf) -> AskedBody {
        let indicator = self.indicator(&asked.criterion);
        AskedBody {
            criterion: asked.criterion.clone(),
            indicator: indicator.map(|own| own.code.clone()).unwrap_or_default(),
            period: asked.period.clone(),
            wanted: self.number(&asked.criterion, asked.wanted),
            most: asked.most.map(hundredths),
        }
    }

    fn line(&self, group: &str, asked: &[AskedOf], line: &Line) -> LineBody {
        let before = self.standing.before.as_ref().and_then(|it| it.group(group));
        let today = self.standing.frozen().and(self.standing.live.group(group));
        let today = today.and_then(|ranking| ranking.line(line.unit));
        let scores = asked.iter().zip(&line.scores);
        LineBody {
            code: line.code.clone(),
            name: line.name.clone(),
            place: line.place,
            shared_by: line.shared_by,
            place_before: before.and_then(|ranking| ranking.line(line.unit)?.place),
            total: hundredths(line.total),
            adjusted: hundredths(line.adjusted),
            class: line.class.clone(),
            scores: scores.map(|(asked, score)| self.score(asked, score, line)).collect(),
            place_today: today.and_then(|today| today.place),
            total_today: today.map(|today| hundredths(today.total)),
        }
    }

    fn score(&self, asked: &AskedOf, score: &Scored, line: &Line) -> ScoreBody {
        let indicator = self.indicator(&asked.criterion).map_or("", |own| &*own.code);
        let unit = line.code.clone().unwrap_or_else(|| format!("~{}", line.unit));
        let map = self.rules.map_day();
        ScoreBody {
            criterion: asked.criterion.clone(),
            numerator: score.numerator,
            denominator: score.denominator,
            achieved: self.number(&asked.criterion, score.achieved),
            points: score.points.map(hundredths),
            estimated: score.estimated,
            reported: score.reported,
            expected: score.expected,
            figure: format!(
                "/api/v1/figures?indicator={indicator}&units={unit}&periods={}&map={map}",
                asked.period
            ),
        }
    }
}

fn hundredths(points: i64) -> f64 {
    points as f64 / 100.0
}
