//! Computing a ranking from figures on the campaign's own map, and what of a round is shown.

use std::collections::HashMap;

use base::Result;
use packs::{Campaign, Catalogue, Counted, Criterion, Group, Indicator, Round};
use store::Tx;
use territory::{Atlas, Level, Territory, UnitCode, UnitId, Version};

use super::actions::{adjustments, find_state};
use super::model::{AskedOf, GroupRanking, Head, Kept, Line, Ranking, RoundState, Scored};
use super::rounds::get_frozen;
use super::rules::{Ask, Score, class, points, rank};
use crate::{Answer, Figure, Period, Question, Sight, ask, find_indicator};

/// A round as it is shown: frozen where it is frozen, and as it would be now.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Whether it is frozen, if it ever was.
    state: Option<Kept<RoundState>>,
    /// The ranking by the figures, rules and adjustments of now.
    pub live: Ranking,
    /// The round before, frozen where it is frozen; none before the first.
    pub before: Option<Ranking>,
}

impl Standing {
    /// The ranking as it was frozen; none while the round is open.
    #[must_use]
    pub fn frozen(&self) -> Option<&Ranking> {
        self.state.as_ref()?.body.frozen.as_ref()
    }

    /// The ranking that counts.
    #[must_use]
    pub fn shown(&self) -> &Ranking {
        self.frozen().unwrap_or(&self.live)
    }

    /// Whether it is frozen, and since when; or since when and why it is open again.
    #[must_use]
    pub fn state(&self) -> Option<&RoundState> {
        self.state.as_ref().map(|kept| &kept.body)
    }

    pub(crate) fn head(&self) -> Option<Head> {
        self.state.as_ref().map(Kept::head)
    }

    /// The version of that, from 1, and its entry.
    #[must_use]
    pub fn version(&self) -> Option<(i64, i64)> {
        self.state.as_ref().map(|kept| (kept.record.version, kept.record.entry))
    }
}

/// A round with all that its pages show; with a version as it was frozen then, although it was
/// opened since.
///
/// Errors: those of [`ask`]; `NotFound` when it was not frozen in that version.
pub async fn standing(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    (campaign, round): (&Campaign, &Round),
    version: Option<i64>,
) -> Result<Standing> {
    let state = match version {
        Some(version) => Some(get_frozen(tx, (campaign, round), version).await?),
        None => find_state(tx, &campaign.code, &round.period).await?,
    };
    let mut rounds = vec![round];
    let mut before = None;
    if let Some(earlier) = campaign.round_before(&round.period) {
        let kept = find_state(tx, &campaign.code, &earlier.period).await?;
        before = kept.and_then(|kept| kept.body.frozen);
        if before.is_none() {
            rounds.push(earlier);
        }
    }
    let mut live = compute(tx, atlas, catalogue, campaign, &rounds).await?.into_iter();
    let own = live.next();
    let own = own.ok_or_else(|| base::Error::internal("a round without a ranking"))?;
    Ok(Standing { state, live: own, before: before.or_else(|| live.next()) })
}

/// The period over which a round counts.
///
/// Errors: `Invalid` when no calendar knows it.
pub fn period_of(catalogue: &Catalogue, round: &Round, counted: Counted) -> Result<Period> {
    Period::parse(round.counted(counted), &catalogue.calendars())
}

/// The units of a group on the map of the campaign, in their order there.
#[must_use]
pub fn units_of<'a>(
    territory: &'a Territory,
    campaign: &Campaign,
    group: &Group,
) -> Vec<&'a Version> {
    let map = campaign.map_day();
    let Some(level) = Level::find(&group.level) else { return Vec::new() };
    let within = campaign.within.as_deref();
    match within.map(|code| territory.by_code(code, map)) {
        Some(None) => Vec::new(),
        Some(Some(whole)) => territory.under(Some(whole.unit), map, level),
        None => territory.under(None, map, level),
    }
}

/// The rankings of rounds by what is known now: every figure on the map of the campaign, so that a
/// merger in mid-campaign neither ends nor blames the units that compete.
///
/// Errors: those of [`ask`].
pub async fn compute(
    tx: &mut Tx,
    atlas: &Atlas,
    catalogue: &Catalogue,
    campaign: &Campaign,
    rounds: &[&Round],
) -> Result<Vec<Ranking>> {
    let territory = atlas.territory(tx).await?;
    let mut answers = Vec::with_capacity(campaign.criteria.len());
    for criterion in &campaign.criteria {
        let indicator = find_indicator(catalogue, &criterion.indicator)?;
        let periods = rounds.iter().map(|round| period_of(catalogue, round, criterion.counted));
        let question = Question {
            indicator: indicator.code.clone(),
            periods: periods.collect::<Result<_>>()?,
            map: campaign.map_day(),
            known: None,
            // A ranking is for everybody, and is frozen as everybody may see it.
            sight: Sight::Public,
        };
        let answer = ask(tx, atlas, catalogue, &question).await?;
        answers.push(Answered { criterion, indicator, answer });
    }
    let mut rankings = Vec::with_capacity(rounds.len());
    for (at, round) in rounds.iter().enumerate() {
        let mut adjusted = HashMap::<(String, UnitId), i64>::new();
        for kept in adjustments(tx, &campaign.code, &round.period).await? {
            let Some(unit) = kept.record.unit.filter(|_| kept.body.withdrawn.is_none()) else {
                continue;
            };
            *adjusted.entry((kept.body.group, unit)).or_default() += kept.body.points;
        }
        let paper = Paper { catalogue, campaign, round, at, answers: &answers };
        let groups = campaign.groups.iter();
        let groups = groups.map(|group| {
            let units = units_of(&territory, campaign, group);
            paper.rank(group, &units, |unit| {
                adjusted.get(&(group.code.clone(), unit)).copied().unwrap_or_default()
            })
        });
        let groups = groups.collect::<Result<_>>()?;
        rankings.push(Ranking { rules: campaign.clone(), round: round.period.clone(), groups });
    }
    Ok(rankings)
}

/// A criterion with the figures of all units.
struct Answered<'a> {
    criterion: &'a Criterion,
    indicator: &'a Indicator,
    answer: Answer,
}

impl Answered<'_> {
    fn score(&self, unit: UnitId, at: usize, asked: &AskedOf) -> Scored {
        let figure: Figure = self.answer.get(unit, at);
        let achieved = figure.value(self.indicator);
        let given = asked.most.zip(asked.wanted).map(|(most, wanted)| {
            points(Ask { most, wanted, direction: self.indicator.direction }, achieved)
        });
        Scored {
            numerator: figure.numerator,
            denominator: figure.denominator,
            achieved,
            points: given,
            estimated: figure.estimated,
            reported: figure.reported,
            expected: figure.expected,
        }
    }
}

/// What a round is ranked by.
struct Paper<'a> {
    catalogue: &'a Catalogue,
    campaign: &'a Campaign,
    round: &'a Round,
    /// Its place among the periods that were asked.
    at: usize,
    answers: &'a [Answered<'a>],
}

impl Paper<'_> {
    fn rank(
        &self,
        group: &Group,
        units: &[&Version],
        adjusted: impl Fn(UnitId) -> i64,
    ) -> Result<GroupRanking> {
        let own = self.answers.iter().filter(|it| {
            self.campaign.criteria_of(&group.code).any(|own| own.code == it.criterion.code)
        });
        let own: Vec<&Answered<'_>> = own.collect();
        let asked =
            own.iter().map(|it| asked_of(self.catalogue, (self.round, group), it.criterion));
        let asked = asked.collect::<Result<Vec<_>>>()?;
        let mut silent = Vec::new();
        let mut scores = Vec::new();
        let mut details = HashMap::new();
        for version in units {
            let all =
                own.iter().zip(&asked).map(|(it, asked)| it.score(version.unit, self.at, asked));
            let all: Vec<Scored> = all.collect();
            let counts = asked.iter().any(|asked| asked.most.is_some());
            let is_known = all.iter().zip(&asked).any(|(score, asked)| {
                score.achieved.is_some() && (asked.most.is_some() || !counts)
            });
            let score = Score {
                unit: *version,
                points: all.iter().map(|score| score.points.unwrap_or_default()).collect(),
                adjusted: adjusted(version.unit),
            };
            details.insert(version.unit, all);
            if is_known { scores.push(score) } else { silent.push(score) }
        }
        let position = |code: &String| own.iter().position(|it| it.criterion.code == *code);
        let ties: Vec<usize> = self.campaign.ties.iter().filter_map(position).collect();
        let placed = rank(scores, &ties).into_iter();
        let placed = placed.map(|it| (it.score, Some(it.place), it.shared_by));
        let silent = silent.into_iter().map(|score| (score, None, 0));
        let lines = placed.chain(silent).map(|(score, place, shared_by)| {
            let scores = details.remove(&score.unit.unit).unwrap_or_default();
            self.line(&score, (place, shared_by), scores)
        });
        Ok(GroupRanking { group: group.code.clone(), asked, lines: lines.collect() })
    }

    fn line(
        &self,
        score: &Score<&Version>,
        (place, shared_by): (Option<usize>, usize),
        scores: Vec<Scored>,
    ) -> Line {
        // Whoever has no data has no points either, whatever was added.
        let total = place.map_or(0, |_| score.total());
        let classes = &self.campaign.classes;
        let from: Vec<i64> =
            classes.iter().map(|class| class.begins().unwrap_or(i64::MAX)).collect();
        let reached = place.and_then(|_| class(total, &from));
        Line {
            unit: score.unit.unit,
            code: score.unit.code.as_ref().map(UnitCode::as_str).map(ToOwned::to_owned),
            name: score.unit.full_name.clone(),
            scores,
            adjusted: score.adjusted,
            total,
            place,
            shared_by,
            class: reached.and_then(|at| classes.get(at)).map(|class| class.code.clone()),
        }
    }
}

/// What a criterion asks of the units of a group in a round.
///
/// Errors: `NotFound` without its indicator; `Invalid` when no calendar knows the period.
pub fn asked_of(
    catalogue: &Catalogue,
    (round, group): (&Round, &Group),
    criterion: &Criterion,
) -> Result<AskedOf> {
    let indicator = find_indicator(catalogue, &criterion.indicator)?;
    let decimals = indicator.denominator.as_ref().map_or(0, |_| indicator.decimals);
    let period = period_of(catalogue, round, criterion.counted)?;
    let wanted = match &criterion.target {
        Some(code) => catalogue.target(code).and_then(|target| {
            let plan = catalogue.plan(&target.plan)?;
            target.value_on(plan, &group.level, period.days.last())?.scaled(decimals)
        }),
        None => criterion.wanted_in(&round.period).and_then(|value| value.scaled(decimals)),
    };
    Ok(AskedOf {
        criterion: criterion.code.clone(),
        period: period.code,
        wanted,
        most: criterion.most(),
    })
}
