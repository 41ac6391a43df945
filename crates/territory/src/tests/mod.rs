//! The territory on both databases: imports, mergers, undoing, and a transaction that is dropped.

mod undo;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use base::{Clock, Day, Error, Moment};
use journal::{Trust, verify};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::testing::TestDatabase;
use store::{Database, values};

use crate::draft::bare_act;
use crate::merger::{MergerOrder, NewUnit, rehearse};
use crate::sample::{DAY, EVE, files, hau_giang, nation_folder, unit};
use crate::{
    Atlas, Imported, Kind, Level, Part, Territory, UnitCode, UnitId, apply_merger, find_obstacles,
    get_undoable, import_lists, operations, plan_import, store as sql, undo,
};

/// The day of the made-up mergers of these tests: 2027-01-01.
const LATER: Day = Day(20_819);
pub(crate) const ACTOR: &str = "tester";

/// One clock for all, so that no two events share an instant.
pub(crate) fn clock() -> Clock {
    static CLOCK: LazyLock<Clock> =
        LazyLock::new(|| Clock::fixed("2026-11-22T01:00:00Z".parse::<Moment>().unwrap()));
    CLOCK.clone()
}

pub(crate) fn pack() -> BTreeMap<String, Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/territory-hau-giang");
    files(&root).unwrap()
}

pub(crate) async fn import(database: &Database, files: &BTreeMap<String, Vec<u8>>) -> Imported {
    let mut tx = database.write().await.unwrap();
    let imported =
        import_lists(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), files).await.unwrap();
    tx.commit().await.unwrap();
    imported
}

pub(crate) async fn load(database: &Database) -> Territory {
    sql::load(&mut database.read().await.unwrap()).await.unwrap()
}

fn assert_same_units(left: &Territory, right: &Territory) {
    assert_eq!(left.units(), right.units());
    assert_eq!(left.acts(), right.acts());
    assert_eq!(left.changes(), right.changes());
}

pub(crate) fn assert_same(left: &Territory, right: &Territory) {
    assert_same_units(left, right);
    let sorted = |territory: &Territory| {
        let mut outlines = territory.outlines().to_vec();
        outlines.sort_by_key(|outline| (outline.unit, outline.valid.from, outline.schematic));
        outlines
    };
    assert!(sorted(left) == sorted(right), "other outlines");
}

/// The journal holds, and so many of its entries are of operations.
pub(crate) async fn assert_journal_holds(database: &Database, entries: i64) {
    let report = verify(database, &Trust::default()).await.unwrap();
    assert_eq!(report.fault_count, 0, "{:?}", report.faults);
    let sql = "select count(*) from entries where record_kind = 'operation'";
    let (count,) = database.read().await.unwrap().one::<(i64,)>(sql, vec![]).await.unwrap();
    assert_eq!(count, entries);
}

/// The three communes of Vị Thủy of today made into one, and one of Long Mỹ renamed.
fn order() -> MergerOrder {
    let now = |code| unit(hau_giang(), code, DAY);
    let unit = |code: &str, name: &str, from: Vec<UnitId>| NewUnit {
        code: UnitCode::new(Level::Commune, code).unwrap(),
        name: name.to_owned(),
        full_name: format!("Xã {name}"),
        kind: Kind::Commune,
        parent: Some(now("92").into()),
        from: from.into_iter().map(|unit| (unit, Part::Whole)).collect(),
    };
    let into = vec![
        unit("31453", "Vị Thắng", vec![now("31441"), now("31453")]),
        unit("31495", "Xà Phiên Mới", vec![now("31495")]),
    ];
    MergerOrder { act: bare_act("1/NQ-UBTVQH16", LATER), on: LATER, into, children: Vec::new() }
}

#[tokio::test]
async fn lists_are_imported_once_and_loaded_as_planned() {
    for database in TestDatabase::each().await {
        let first = import(&database, &pack()).await;
        assert_eq!((first.outlines, first.unknown_outlines), (28 + 75, 0));
        let planned = plan_import(&Territory::empty(), &pack(), DAY).unwrap();
        assert_eq!(planned.unread, ["README.md", "pack.toml", "units_facts.csv"]);
        let plan = &planned.steps[0].plan;
        assert_eq!(
            (first.units, first.versions, first.changes),
            (plan.new_units.len(), plan.new_versions.len(), plan.new_changes.len())
        );
        let loaded = load(&database).await;
        let planned = Territory::empty().apply(plan).unwrap();
        assert_eq!(loaded.units(), planned.units());
        assert_eq!(loaded.acts(), planned.acts());
        assert_eq!(loaded.changes(), planned.changes());
        let second = import(&database, &pack()).await;
        assert!(second.is_empty(), "{second:?}");
        assert_same(&load(&database).await, &loaded);
        assert_journal_holds(&database, 1).await;
    }
}

#[tokio::test]
async fn a_merger_is_taken_back_to_the_very_same_rows() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = load(&database).await;
        let mut tx = database.write().await.unwrap();
        let id = apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &order())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let after = load(&database).await;
        let plan = rehearse(&before, &order()).unwrap().plan;
        assert_same(&after, &before.apply(&plan).unwrap());
        assert_eq!(after.by_code("31453", LATER).unwrap().full_name, "Xã Vị Thắng");
        let mut tx = database.write().await.unwrap();
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &id).await.unwrap();
        tx.commit().await.unwrap();
        assert_same(&load(&database).await, &before);
        assert_journal_holds(&database, 3).await;
        let mut tx = database.write().await.unwrap();
        let again = undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &id).await;
        assert!(matches!(again, Err(Error::Refused { code: "territory.undone_already", .. })));
        let done = operations(&mut tx).await.unwrap();
        assert_eq!(done.len(), 2);
        assert!(done[0].undone_at.is_some() && done[1].undone_at.is_none());
    }
}

#[tokio::test]
async fn what_others_rest_on_is_not_taken_back() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let mut tx = database.write().await.unwrap();
        let first = apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &order())
            .await
            .unwrap();
        let territory = sql::load(&mut tx).await.unwrap();
        let formed = territory.by_code("31453", LATER).unwrap().unit;
        let mut later = order();
        later.act.number = "2/NQ-UBTVQH16".to_owned();
        later.on = LATER.plus(365);
        later.into.truncate(1);
        later.into[0].name = "Vị Thắng Đông".to_owned();
        later.into[0].from = vec![(formed, Part::Whole)];
        let second = apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &later)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let both = load(&database).await;
        let mut tx = database.write().await.unwrap();
        let (operation, plan) = get_undoable(&mut tx, &first).await.unwrap();
        let obstacles = find_obstacles(&mut tx, &operation, &plan).await.unwrap();
        assert!(obstacles.later.iter().map(|later| &later.id).eq([&second]));
        let refused = undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &first).await;
        assert!(matches!(refused, Err(Error::Refused { code: "territory.rests_on", .. })));
        drop(tx);
        assert_same(&load(&database).await, &both);
        let mut tx = database.write().await.unwrap();
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &second).await.unwrap();
        assert!(find_obstacles(&mut tx, &operation, &plan).await.unwrap().is_empty());
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &first).await.unwrap();
        assert!(get_undoable(&mut tx, "no such id").await.is_err());
    }
}

#[tokio::test]
async fn an_act_that_a_later_operation_names_stays() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let mut tx = database.write().await.unwrap();
        let first = apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &order())
            .await
            .unwrap();
        // Another day, other units, the same act.
        let mut later = order();
        later.on = LATER.plus(30);
        later.into = vec![NewUnit {
            code: UnitCode::new(Level::Commune, "31465").unwrap(),
            name: "Vị Đông".to_owned(),
            full_name: "Xã Vị Đông".to_owned(),
            kind: Kind::Commune,
            parent: Some(unit(hau_giang(), "92", DAY).into()),
            from: vec![(unit(hau_giang(), "31465", DAY), Part::Whole)],
        }];
        let second = apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &later)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.write().await.unwrap();
        let refused = undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &first).await;
        assert!(matches!(refused, Err(Error::Refused { code: "territory.rests_on", .. })));
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &second).await.unwrap();
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &first).await.unwrap();
    }
}

/// What points to units must be asked before units go: the territory's own tables aside, each
/// such table stands in the view that is asked.
#[tokio::test]
async fn every_record_that_points_to_units_is_in_the_view() {
    let database = TestDatabase::sqlite().await;
    let mut tx = database.read().await.unwrap();
    let sql = "select m.name from sqlite_master m join pragma_foreign_key_list(m.name) f \
               where m.type = 'table' and f.\"table\" = 'units' order by m.name";
    let tables: Vec<(String,)> = tx.all(sql, values![]).await.unwrap();
    let sql = "select sql from sqlite_master where name = 'records_on_units'";
    let (view,): (String,) = tx.one(sql, values![]).await.unwrap();
    let ours = ["outlines", "unit_changes", "unit_versions", "units"];
    let others = tables.iter().filter(|(name,)| !ours.contains(&&**name));
    let others: Vec<&str> = others.map(|(name,)| &**name).collect();
    assert!(!others.is_empty() && others.iter().all(|name| view.contains(name)), "{others:?}");
}

#[tokio::test]
async fn units_with_reported_figures_stay() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let mut tx = database.write().await.unwrap();
        let id = apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &order())
            .await
            .unwrap();
        let territory = sql::load(&mut tx).await.unwrap();
        let formed = territory.by_code("31453", LATER).unwrap().unit;
        // A record of another area, in the shape that points to units.
        let sql = "create table tests_of_territory (unit bigint not null references units (id))";
        tx.run(sql, values![]).await.unwrap();
        let (operation, plan) = get_undoable(&mut tx, &id).await.unwrap();
        assert!(find_obstacles(&mut tx, &operation, &plan).await.unwrap().is_empty());
        tx.run("insert into tests_of_territory (unit) values ($1)", values![formed.0])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = database.write().await.unwrap();
        let refused = undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &id).await;
        assert!(
            matches!(refused, Err(Error::Refused { code: "territory.unit_in_use", .. })),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn outlines_alone_are_written_once_and_are_an_operation() {
    let square = "{\"type\":\"FeatureCollection\",\"on\":\"2025-06-30\",\"features\":[{\"geometry\":\
                  {\"type\":\"Polygon\",\"coordinates\":[[[105,9],[106,9],[106,10],[105,9]]]},\
                  \"properties\":{\"code\":\"31447\"}}]}";
    let files: BTreeMap<String, Vec<u8>> = [("a.geojson".to_owned(), square.into())].into();
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = load(&database).await;
        let imported = import(&database, &files).await;
        assert_eq!(imported, Imported { outlines: 1, ..Imported::default() });
        let after = load(&database).await;
        let old = unit(&after, "31447", EVE);
        let drawn = after.outlines_of(old, EVE);
        assert!(!drawn[0].schematic && drawn[0].source == "a.geojson", "{:?}", drawn[0].source);
        assert!(after.outlines_of(old, DAY).is_empty());
        assert_same_units(&after, &before);
        assert_journal_holds(&database, 2).await;
        let mut tx = database.read().await.unwrap();
        assert_eq!(crate::verify(&mut tx).await.unwrap().1, Vec::<String>::new());
        assert!(import(&database, &files).await.is_empty());
        assert!(import(&database, &pack()).await.is_empty());
    }
}

#[tokio::test]
async fn the_outlines_of_a_unit_that_ended_are_not_new() {
    let database = TestDatabase::sqlite().await;
    import(&database, &pack()).await;
    let before = load(&database).await;
    let mut tx = database.write().await.unwrap();
    let id = apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &order())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(import(&database, &pack()).await.is_empty());
    let mut tx = database.write().await.unwrap();
    undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &id).await.unwrap();
    tx.commit().await.unwrap();
    assert_same(&load(&database).await, &before);
}

#[tokio::test]
async fn an_import_with_its_outlines_is_taken_back() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let mut tx = database.write().await.unwrap();
        let id = operations(&mut tx).await.unwrap()[0].id.clone();
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &id).await.unwrap();
        tx.commit().await.unwrap();
        assert_same(&load(&database).await, &Territory::empty());
    }
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    for database in TestDatabase::each().await {
        let mut tx = database.write().await.unwrap();
        import_lists(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &pack())
            .await
            .unwrap();
        drop(tx);
        assert_same(&load(&database).await, &Territory::empty());
        import(&database, &pack()).await;
        let before = load(&database).await;
        let mut tx = database.write().await.unwrap();
        apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &order())
            .await
            .unwrap();
        drop(tx);
        assert_same(&load(&database).await, &before);
        assert_journal_holds(&database, 1).await;
    }
}

#[tokio::test]
async fn files_with_a_mistake_write_nothing() {
    let database = TestDatabase::sqlite().await;
    let mut files = pack();
    let changes = files.get_mut("changes_2025.csv").unwrap();
    changes.extend_from_slice(b"31318,99999,whole,1668/NQ-UBTVQH15,2025-07-01,,\n");
    let mut tx = database.write().await.unwrap();
    let refused =
        import_lists(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &files).await;
    let Err(Error::Invalid(mistakes)) = refused else { panic!("imported") };
    assert!(mistakes[0].place.starts_with("changes_2025.csv:"), "{}", mistakes[0].place);
    tx.commit().await.unwrap();
    assert_same(&load(&database).await, &Territory::empty());
}

#[tokio::test]
async fn the_nation_around_a_known_province_leaves_its_units_as_they_are() {
    let Some(nation) = nation_folder().map(|folder| files(&folder).unwrap()) else { return };
    let database = TestDatabase::sqlite().await;
    import(&database, &pack()).await;
    let before = load(&database).await;
    let imported = import(&database, &nation).await;
    assert!(imported.units > 10_000, "{imported:?}");
    let after = load(&database).await;
    for known in before.units() {
        let now = after.unit(known.id).unwrap();
        assert_eq!((now.level, now.origin), (known.level, known.origin));
        for version in &known.versions {
            let code = version.code.as_ref().map(UnitCode::as_str);
            let at = after.at(known.id, version.valid.from).unwrap();
            assert_eq!(at.code.as_ref().map(UnitCode::as_str), code);
        }
    }
    for (code, day) in [("31447", EVE), ("31441", DAY), ("93", EVE), ("92", DAY)] {
        assert_eq!(unit(&after, code, day), unit(&before, code, day), "{code}");
    }
    assert!(import(&database, &nation).await.is_empty());
    assert_journal_holds(&database, 2).await;
}

/// Turns numbers into an order over the communes of a day: pairs merged, one renamed.
fn random_order(territory: &Territory, on: Day, seeds: &[(u16, u16)]) -> MergerOrder {
    let communes = territory.under(None, on, Level::Commune);
    let mut taken = std::collections::HashSet::new();
    let mut into = Vec::new();
    for (first, second) in seeds {
        let pick = |seed: u16| communes[usize::from(seed) % communes.len()];
        let (first, second) = (pick(*first), pick(*second));
        if !taken.insert(first.unit) || !taken.insert(second.unit) && first.unit != second.unit {
            continue;
        }
        let mut from = vec![(first.unit, Part::Whole)];
        if first.unit != second.unit {
            from.push((second.unit, Part::Whole));
        }
        into.push(NewUnit {
            code: first.code.clone().unwrap(),
            name: second.name.clone(),
            full_name: format!("Xã {}", second.name),
            kind: Kind::Commune,
            parent: first.parent.map(Into::into),
            from,
        });
    }
    let number = format!("{}/NQ-UBTVQH16", on.0);
    MergerOrder { act: bare_act(&number, on), on, into, children: Vec::new() }
}

#[test]
fn any_mergers_are_taken_back_to_the_very_same_rows() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(async {
        let database = TestDatabase::sqlite().await;
        import(&database, &pack()).await;
        database
    });
    let before = runtime.block_on(load(&database));
    let seeds = prop::collection::vec(prop::collection::vec(any::<(u16, u16)>(), 1..6), 1..4);
    let config = ProptestConfig { cases: 8, failure_persistence: None, ..Default::default() };
    let held = TestRunner::new(config).run(&seeds, |rounds| {
        runtime.block_on(async {
            let mut tx = database.write().await.unwrap();
            let mut stack = vec![];
            let mut on = LATER;
            for seeds in &rounds {
                let territory = sql::load(&mut tx).await.unwrap();
                let order = random_order(&territory, on, seeds);
                let id =
                    apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &order)
                        .await
                        .unwrap();
                stack.push((id, territory));
                on = on.plus(100);
            }
            while let Some((id, territory)) = stack.pop() {
                undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &id).await.unwrap();
                assert_same(&sql::load(&mut tx).await.unwrap(), &territory);
            }
            assert_same(&sql::load(&mut tx).await.unwrap(), &before);
        });
        Ok(())
    });
    held.unwrap();
}

#[tokio::test]
async fn an_atlas_shows_each_transaction_what_it_sees() {
    let database = TestDatabase::sqlite().await;
    let atlas = Atlas::new(database.database.clone(), clock());
    let mut tx = database.read().await.unwrap();
    assert!(atlas.territory(&mut tx).await.unwrap().units().is_empty());
    drop(tx);
    import(&database, &pack()).await;
    let mut tx = database.read().await.unwrap();
    let (territory, map) = atlas.map(&mut tx, DAY).await.unwrap();
    assert_eq!(territory.units().len(), hau_giang().units().len());
    assert_eq!(map.day(), DAY);
    let again = atlas.territory(&mut tx).await.unwrap();
    assert!(std::sync::Arc::ptr_eq(&territory, &again));
}

#[tokio::test]
async fn districts_end_by_the_act_that_the_list_of_acts_names() {
    let database = TestDatabase::sqlite().await;
    import(&database, &pack()).await;
    let territory = load(&database).await;
    let ends = territory.changes().iter().filter(|it| it.kind == crate::ChangeKind::EndOfLevel);
    let acts: Vec<&str> =
        ends.map(|end| territory.act(end.act.unwrap()).unwrap().number.as_str()).collect();
    assert_eq!(acts, ["203/2025/QH15"; 8]);
}
