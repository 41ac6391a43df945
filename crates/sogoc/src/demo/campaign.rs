//! What is done in the made-up campaign of the demonstration: a round that was frozen, appealed
//! against, frozen anew and awarded, and one that waits for the decision about an appeal.

use base::rights::Actor;
use base::{Clock, Result};
use figures::campaigns::{
    FilingKind, NewAdjustment, NewDecision, NewFiling, Outcome, adjust, confirm_awards, decide,
    file, freeze, reopen, standing,
};
use figures::observations::Context;
use lang::Lang;
use store::Tx;
use territory::UnitId;

use super::ACTOR;
use crate::app::App;

const CAMPAIGN: &str = "illustrative-2025";
const GROUP: &str = "communes";
const FIRST: &str = "2025-Q1";
const SECOND: &str = "2025-Q2";

/// Does it unless it was done, as far as the rounds are over.
pub(super) async fn compete(lang: Lang, app: &App) -> Result<()> {
    let mut tx = app.database().write().await?;
    let catalogue = app.desk.catalogue(&mut tx).await?;
    let territory = app.desk.atlas.territory(&mut tx).await?;
    let clock: &Clock = app.clock();
    let cx = Context {
        clock,
        actor: Actor::operator(ACTOR),
        catalogue: &catalogue,
        territory: &territory,
    };
    let Some(campaign) = catalogue.campaign(CAMPAIGN) else { return Ok(()) };
    for round in campaign.rounds.iter().filter(|it| [FIRST, SECOND].contains(&&*it.period)) {
        let period = figures::campaigns::period_of(&catalogue, round, packs::Counted::InRound)?;
        if clock.today() < period.days.to {
            continue;
        }
        let what = (campaign, round);
        let stands = standing(&mut tx, &app.desk.atlas, &catalogue, what, None).await?;
        let ranked = stands.live.group(GROUP).map(|ranking| &ranking.lines);
        let units: Vec<UnitId> = ranked.into_iter().flatten().map(|line| line.unit).collect();
        // Whoever tries the program may have done something there.
        let (Some([first, .., last]), None) = (units.get(..4), stands.version()) else { continue };
        let told = Told { lang, app, cx, round: &round.period };
        match round.period.as_str() {
            FIRST => told.first_round(&mut tx, *first, *last).await?,
            _ => told.second_round(&mut tx, *last).await?,
        }
    }
    tx.commit().await
}

/// A round, and who does something in it.
struct Told<'a> {
    lang: Lang,
    app: &'a App,
    cx: Context<'a>,
    round: &'a str,
}

impl Told<'_> {
    /// Frozen, appealed against with success, frozen anew and awarded.
    async fn first_round(&self, tx: &mut Tx, best: UnitId, other: UnitId) -> Result<()> {
        let (lang, cx) = (self.lang, self.cx);
        let [campaign, round, group] = [CAMPAIGN, self.round, GROUP].map(ToOwned::to_owned);
        let bonus = NewAdjustment {
            campaign,
            round,
            group,
            unit: best,
            kind: "innovation".to_owned(),
            points: 150,
            reason: lang::campaigns::demo_bonus(lang).to_owned(),
            evidence: None,
        };
        adjust(tx, cx, bonus).await?;
        let what = (CAMPAIGN, self.round);
        let version = freeze(tx, cx, &self.app.desk.atlas, what).await?;
        let id = self.appeal(tx, other).await?;
        let decision = NewDecision {
            id,
            version: 1,
            outcome: Outcome::Upheld,
            reason: lang::campaigns::demo_decision(lang).to_owned(),
            adjustment: Some(("appeal".to_owned(), 100)),
        };
        decide(tx, cx, decision).await?;
        reopen(tx, cx, what, version, lang::campaigns::demo_reopen(lang)).await?;
        let version = freeze(tx, cx, &self.app.desk.atlas, what).await?;
        let decision = (lang::campaigns::demo_number(lang), Some(cx.clock.today()));
        confirm_awards(tx, cx, what, version, decision, |_, _| true).await
    }

    /// Frozen, with an appeal that nobody has decided.
    async fn second_round(&self, tx: &mut Tx, other: UnitId) -> Result<()> {
        freeze(tx, self.cx, &self.app.desk.atlas, (CAMPAIGN, self.round)).await?;
        self.appeal(tx, other).await?;
        Ok(())
    }

    async fn appeal(&self, tx: &mut Tx, unit: UnitId) -> Result<String> {
        let [campaign, round, group] = [CAMPAIGN, self.round, GROUP].map(ToOwned::to_owned);
        let text = lang::campaigns::demo_appeal(self.lang).to_owned();
        let by = lang::campaigns::demo_office(self.lang).to_owned();
        let kind = FilingKind::Appeal;
        let new = NewFiling { campaign, round, group, unit, kind, text, by, evidence: None };
        file(tx, self.cx, new).await
    }
}
