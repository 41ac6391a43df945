//! Made-up approvals: of the year before some quarters are locked, later ones are handed in, and the
//! newest is half way.

use base::rights::Actor;
use base::{Clock, Error, Result};
use figures::Sight;
use figures::approvals::{
    Act, Action, NewMark, Scope, Verdict, act, find_scope, is_begun, mark, periods_of, warnings,
};
use figures::observations::Context;
use lang::Lang;
use store::Tx;
use territory::{Level, Territory, UnitId};

use super::ACTOR;
use crate::app::App;

/// The collection whose quarters are approved.
const COLLECTION: &str = "campaign-124";
/// So many quarters are looked back at.
const QUARTERS: usize = 8;
/// So many communes have checked the newest quarter.
const CHECKED: usize = 4;

/// How far a made-up quarter comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// All the way.
    Locked,
    /// Handed in.
    HandedIn,
    /// Handed in as far as it is there, and checked by some communes.
    Begun,
}

/// Approves what is to be seen, each quarter in a transaction of its own. Where somebody has acted
/// on a quarter, nothing is done.
pub(super) async fn make(lang: Lang, app: &App) -> Result<()> {
    let mut tx = app.database().read().await?;
    let catalogue = app.desk.catalogue(&mut tx).await?;
    let territory = app.desk.atlas.territory(&mut tx).await?;
    drop(tx);
    let today = app.clock().today();
    let Some(collection) = catalogue.collection(COLLECTION) else { return Ok(()) };
    let periods = periods_of(&catalogue, collection, today, QUARTERS);
    let Some(newest) = periods.last().map(|newest| newest.days.last()) else { return Ok(()) };
    let year = newest.civil().year();
    let clock: &Clock = app.clock();
    let cx = Context {
        clock,
        actor: Actor::operator(ACTOR),
        catalogue: &catalogue,
        territory: &territory,
    };
    for period in &periods {
        let last = period.days.last();
        // One quarter from before the districts ended, and one from after, where it is 2026.
        let way = match (year - last.civil().year(), last.civil().month()) {
            _ if last == newest => Way::Begun,
            (0, _) => Way::HandedIn,
            (1, 6 | 12) => Way::Locked,
            _ => continue,
        };
        let mut tx = app.database().write().await?;
        if !is_begun(&mut tx, COLLECTION, &period.code).await? {
            let scope = find_scope(&catalogue, COLLECTION, &period.code, today)?;
            go(&mut tx, cx, &scope, (lang, way)).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn go(
    tx: &mut Tx,
    cx: Context<'_>,
    scope: &Scope<'_>,
    (lang, way): (Lang, Way),
) -> Result<()> {
    let Some(top) = top(cx.territory, scope) else { return Ok(()) };
    let reporters = scope.reporters(cx.territory, top);
    let period = scope.period.code.clone();
    let doing = |unit: UnitId, action: Action| Act {
        collection: COLLECTION.to_owned(),
        period: period.clone(),
        unit,
        action,
        reason: lang::approvals::demo_reason(lang).to_owned(),
        made_up: true,
    };
    if way != Way::Begun {
        for (unit, rule) in warnings(tx, cx, (COLLECTION, &period), &reporters).await? {
            let new = NewMark {
                collection: COLLECTION.to_owned(),
                period: period.clone(),
                unit,
                rule,
                verdict: Verdict::Right,
                reason: lang::approvals::demo_right(lang).to_owned(),
                made_up: true,
            };
            mark(tx, cx, Sight::Full, new).await?;
        }
    }
    match act(tx, cx, Sight::Full, doing(top, Action::Submit)).await {
        // Whoever tried the program may have left nothing to hand in.
        Err(Error::Refused { .. }) => return Ok(()),
        done => done?,
    };
    let checkers = scope.checkers(cx.territory, top);
    let checkers = match way {
        Way::Locked => &checkers[..],
        Way::HandedIn => &[],
        Way::Begun => &checkers[..checkers.len().min(CHECKED)],
    };
    for unit in checkers {
        act(tx, cx, Sight::Full, doing(*unit, Action::Check)).await?;
    }
    if way == Way::Locked {
        act(tx, cx, Sight::Full, doing(top, Action::Approve)).await?;
    }
    Ok(())
}

/// The province of the made-up hamlets.
fn top(territory: &Territory, scope: &Scope<'_>) -> Option<UnitId> {
    let last = scope.last();
    let made_up = |unit: &&territory::Unit| unit.made_up && unit.at(last).is_some();
    let hamlet = territory.units().iter().filter(|it| it.level == Level::Hamlet).find(made_up)?;
    Some(territory.ancestors(hamlet.id, last).last()?.unit)
}
