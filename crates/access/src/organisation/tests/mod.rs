//! The organisation on both databases: rules by tables, actions by sequences, pages through the router.

mod acting;
mod importing;
mod lineage;
mod pages;
mod rehearsing;
mod rules;
mod undoing;

use base::{Clock, Day, DayRange, Moment, Result};
use store::Tx;
use store::testing::TestDatabase;
use territory::{Atlas, Territory, UnitId};

use super::actions::{Context, NewAgency, NewHolding, NewPerson, NewPost, Whose};
use super::model::{AgencyFacts, AgencyId, AgencyKind, HoldingId, Manner, Places, PostId};
use super::{add_post, appoint, establish};

pub(crate) const DECISION: &str = "01/QĐ-MẪU ngày 01/01/2025";
/// The last day of the former units and the first one of those of today.
pub(crate) const EVE: &str = "2025-06-30";
pub(crate) const DAY: &str = "2025-07-01";

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// From a day to the end of another; open where that is empty.
pub(crate) fn days(from: &str, last: &str) -> DayRange {
    let to = if last.is_empty() { Day::MAX } else { day(last).plus(1) };
    DayRange { from: day(from), to }
}

/// A database with the territory of Hậu Giang, before and after its merger.
pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) atlas: Atlas,
}

impl World {
    pub(crate) async fn over(database: TestDatabase) -> Self {
        let clock = Clock::fixed("2025-09-15T02:00:00Z".parse::<Moment>().unwrap());
        let atlas = Atlas::new(database.database.clone(), clock.clone());
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("../../packs/territory-hau-giang");
        let entries = std::fs::read_dir(folder).unwrap();
        let files = entries.map(|entry| {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read(entry.path()).unwrap())
        });
        let files = files.collect();
        let mut tx = database.write().await.unwrap();
        territory::import_lists(&mut tx, &clock, base::rights::Actor::operator("tester"), &files)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self { database, atlas }
    }

    pub(crate) async fn each() -> Vec<Self> {
        let mut worlds = Vec::new();
        for database in TestDatabase::each().await {
            worlds.push(Self::over(database).await);
        }
        worlds
    }

    pub(crate) async fn territory(&self) -> std::sync::Arc<Territory> {
        let mut tx = self.database.read().await.unwrap();
        self.atlas.territory(&mut tx).await.unwrap()
    }

    pub(crate) fn cx<'a>(&'a self, territory: &'a Territory) -> Context<'a> {
        Context {
            clock: self.atlas.clock(),
            actor: base::rights::Actor::operator("canbo"),
            territory,
        }
    }

    /// No row differs from what the journal sealed.
    pub(crate) async fn holds(&self) {
        let mut tx = self.database.read().await.unwrap();
        let (_, faults) = super::verify(&mut tx).await.unwrap();
        assert_eq!(faults, [""; 0]);
    }
}

pub(crate) fn facts(name: &str, kind: AgencyKind, parent: Option<AgencyId>) -> AgencyFacts {
    AgencyFacts {
        name: name.to_owned(),
        short_name: String::new(),
        symbol: "MAU".to_owned(),
        kind,
        parent,
        unit: None,
    }
}

pub(crate) async fn an_agency(
    tx: &mut Tx,
    cx: Context<'_>,
    (name, from): (&str, &str),
    unit: Option<UnitId>,
) -> Result<AgencyId> {
    let facts = AgencyFacts { unit, ..facts(name, AgencyKind::Committee, None) };
    let new = NewAgency { facts, on: day(from), decision: DECISION.to_owned(), made_up: true };
    establish(tx, cx, new).await
}

pub(crate) async fn a_post(
    tx: &mut Tx,
    cx: Context<'_>,
    (agency, title, from): (AgencyId, &str, &str),
    leads: bool,
) -> Result<PostId> {
    let new = NewPost {
        agency,
        title: title.to_owned(),
        signs_as: String::new(),
        leads,
        rank: if leads { 1 } else { 2 },
        places: if leads { Places::One } else { Places::Many },
        from: day(from),
        decision: DECISION.to_owned(),
        made_up: true,
    };
    add_post(tx, cx, new).await
}

pub(crate) async fn appointed(
    tx: &mut Tx,
    cx: Context<'_>,
    (post, name): (PostId, &str),
    valid: DayRange,
) -> Result<HoldingId> {
    let email = format!("{}@example.vn", base::text::fold(name).replace(' ', "."));
    let person = NewPerson { name: name.to_owned(), email, ..NewPerson::default() };
    let new = NewHolding {
        post,
        person: Whose::New(person),
        manner: Manner::Appointed,
        valid,
        decision: DECISION.to_owned(),
        made_up: true,
    };
    appoint(tx, cx, new).await
}
