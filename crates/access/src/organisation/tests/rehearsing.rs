//! What the rehearsal of a merger of committees tells: what ends, and what nobody decided yet.

use base::rights::Actor;
use store::Tx;
use territory::{Territory, UnitId};

use super::super::actions::{Context, NewDelegation};
use super::super::chart::Chart;
use super::super::merger::{Rehearsed, rehearse};
use super::super::model::{
    AgencyId, AgencyKind, Bearer, Delegate, DelegationId, Form, HoldingId, Manner, Places, PostId,
};
use super::super::undecided::{Consequences, Undecided, consequences};
use super::super::{
    NewAgency, NewAssignment, NewHolding, NewPost, Whose, add_post, appoint, assign, delegate,
    establish, store as sql,
};
use super::{DAY, DECISION, World, a_post, an_agency, appointed, day, days, facts};
use crate::grants::{ADMINISTRATOR, Book};

/// Committees of two communes of which one became, with what a merger of them has to decide.
struct Scene {
    /// The commune of today, and those that it came of.
    unit: UnitId,
    old: [UnitId; 2],
    committees: [AgencyId; 2],
    /// Each committee's first post with who holds it.
    heads: [(PostId, HoldingId); 2],
    deputy: PostId,
    /// Somebody signs for the first head.
    signs: DelegationId,
    /// Somebody would become deputy after the merger.
    later: HoldingId,
    /// An agency below the first committee.
    below: AgencyId,
}

impl Scene {
    async fn set(tx: &mut Tx, cx: Context<'_>) -> Self {
        let merged = cx.territory.under(None, day(DAY), territory::Level::Commune);
        let pair = |it: &&&territory::Version| cx.territory.predecessors(it.unit).len() == 2;
        let unit = merged.iter().find(pair).unwrap().unit;
        let old: Vec<UnitId> = cx.territory.predecessors(unit).iter().map(|it| it.unit).collect();
        let old = [old[0], old[1]];
        let mut committees = Vec::new();
        let mut heads = Vec::new();
        // Two heads for one post.
        for (unit, name, who) in
            [(old[0], "Ủy ban một", "Nguyễn Văn Mẫu"), (old[1], "Ủy ban hai", "Trần Thị Mẫu")]
        {
            let agency = an_agency(tx, cx, (name, "2024-01-01"), Some(unit)).await.unwrap();
            let head = a_post(tx, cx, (agency, "Chủ tịch", "2024-01-01"), true).await.unwrap();
            let held = appointed(tx, cx, (head, who), days("2024-01-01", "")).await.unwrap();
            committees.push(agency);
            heads.push((head, held));
        }
        let (committees, heads) = ([committees[0], committees[1]], [heads[0], heads[1]]);
        let deputy = deputies(tx, cx, committees).await;
        let signs = NewDelegation {
            holding: heads[0].1,
            form: Form::Kt,
            to: Delegate::Post(deputy),
            subject: "Văn xã".to_owned(),
            valid: days("2024-06-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let signs = delegate(tx, cx, signs).await.unwrap();
        let later =
            appointed(tx, cx, (deputy, "Lê Văn Mẫu"), days("2025-08-01", "")).await.unwrap();
        let below = NewAgency {
            facts: facts("Phòng Kinh tế", AgencyKind::Division, Some(committees[0])),
            on: day("2024-01-01"),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        let below = establish(tx, cx, below).await.unwrap();
        Self { unit, old, committees, heads, deputy, signs, later, below }
    }

    /// A role of both heads, until different days; one for another unit; two of an account.
    async fn give_roles(&self, tx: &mut Tx, cx: Context<'_>, account: &str) {
        let [first, second] = self.heads.map(|(post, _)| Bearer::Post(post));
        let account = Bearer::Account(account.to_owned());
        for (bearer, unit, valid) in [
            (first, None, days("2024-01-01", "2026-12-31")),
            (second.clone(), None, days("2024-01-01", "")),
            (second, Some(self.old[0]), days("2024-01-01", "")),
            (account.clone(), Some(self.old[1]), days("2024-01-01", "")),
            (account, Some(self.unit), days("2024-01-01", "")),
        ] {
            let (role, decision) = (ADMINISTRATOR.to_owned(), DECISION.to_owned());
            let new = NewAssignment { role, bearer, unit, valid, decision, made_up: true };
            assign(tx, (cx, &Book::default()), new).await.unwrap();
        }
    }

    /// What becomes of all as it stands now.
    async fn rehearse(
        &self,
        tx: &mut Tx,
        territory: &Territory,
    ) -> (Chart, Rehearsed, Consequences) {
        let agencies = sql::agencies(tx).await.unwrap();
        let chart = sql::chart(tx, &self.committees).await.unwrap();
        let given = sql::assignments(tx).await.unwrap();
        let rehearsed = rehearse(territory, &agencies, &chart, self.unit).unwrap();
        let found = consequences((territory, &agencies), (&chart, &given), &rehearsed);
        (chart, rehearsed, found)
    }
}

/// Deputies, of whom the first committee may have many and the second has one; nobody holds either.
async fn deputies(tx: &mut Tx, cx: Context<'_>, [first, second]: [AgencyId; 2]) -> PostId {
    let deputy = (first, "Phó Chủ tịch", "2024-01-01");
    let deputy = a_post(tx, cx, deputy, false).await.unwrap();
    let other = NewPost {
        agency: second,
        title: "Phó Chủ tịch".to_owned(),
        signs_as: String::new(),
        leads: false,
        rank: 2,
        places: Places::One,
        from: day("2024-01-01"),
        decision: DECISION.to_owned(),
        made_up: true,
    };
    add_post(tx, cx, other).await.unwrap();
    deputy
}

fn sorted(all: &[Undecided]) -> Vec<String> {
    let mut all: Vec<String> = all.iter().map(|it| format!("{it:?}")).collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_rehearsal_says_what_becomes_of_everything_and_what_is_to_be_decided() {
    for world in World::each().await {
        let access = crate::Access::over(Vec::new(), world.atlas.clone());
        access.add_account(Actor::operator("t"), "an").await.unwrap();
        let account = access.account("an").await.unwrap().id;
        let territory = world.territory().await;
        let cx = world.cx(&territory);
        let mut tx = world.database.write().await.unwrap();
        let scene = Scene::set(&mut tx, cx).await;
        scene.give_roles(&mut tx, cx, &account).await;
        let (chart, rehearsed, found) = scene.rehearse(&mut tx, &territory).await;
        let mut people: Vec<_> =
            scene.heads.iter().map(|it| chart.holdings[&it.1].person).collect();
        people.sort_unstable();
        let (title, role) = ("Chủ tịch".to_owned(), ADMINISTRATOR.to_owned());
        let deputies = "Phó Chủ tịch".to_owned();
        let mut expected = vec![
            Undecided::Several { title: title.clone(), people },
            Undecided::Nobody { title: deputies.clone() },
            Undecided::Differs { title: deputies },
            Undecided::RoleEnds { title, role: role.clone(), to: base::Day::MAX },
            Undecided::RoleElsewhere {
                post: scene.heads[1].0,
                role: role.clone(),
                unit: scene.old[0],
            },
            Undecided::AccountRole { account, role, unit: scene.old[1] },
        ];
        let without = |person: &_| Undecided::NoAccount { person: *person };
        expected.extend(rehearsed.people.iter().map(without));
        assert_eq!(sorted(&found.undecided), sorted(&expected));
        let ids: Vec<_> = found.delegations.iter().map(|it| it.id).collect();
        assert_eq!(ids, [scene.signs]);
        let ids: Vec<_> = found.never.iter().map(|it| it.id).collect();
        assert_eq!((ids, found.moving), (vec![scene.later], vec![scene.below]));
        // Whoever holds both posts is one person for one post.
        let both = NewHolding {
            post: scene.deputy,
            person: Whose::Known(chart.holdings[&scene.heads[0].1].person),
            manner: Manner::Appointed,
            valid: days("2024-01-01", ""),
            decision: DECISION.to_owned(),
            made_up: true,
        };
        appoint(&mut tx, cx, both).await.unwrap();
        let (_, _, found) = scene.rehearse(&mut tx, &territory).await;
        assert!(!found.undecided.iter().any(|it| matches!(it, Undecided::Nobody { .. })));
    }
}
