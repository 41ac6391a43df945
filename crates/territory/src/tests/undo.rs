//! What taking an operation back must not touch and must bring back, and what a rehearsal counts.

use std::collections::BTreeMap;

use base::{Clock, Day, Error, Id, Moment};
use journal::NewEntry;
use lang::Lang;
use store::testing::TestDatabase;
use store::{Database, values};

use super::{ACTOR, LATER, assert_same, clock, import, load, order, pack};
use crate::draft::bare_act;
use crate::merger::{MergerOrder, NewUnit, Records, rehearse};
use crate::operations::{find_records, list_operations, seal_outline};
use crate::sample::{DAY, EVE, hau_giang, unit};
use crate::{
    Kind, Level, Part, Territory, UnitId, apply_merger, find_obstacles, get_undoable, operations,
    rehearse_merger, store as sql, undo,
};

async fn apply(database: &Database, order: &MergerOrder) -> String {
    let mut tx = database.write().await.unwrap();
    let id =
        apply_merger(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), order).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn take_back(database: &Database, id: &str) -> base::Result<()> {
    let mut tx = database.write().await.unwrap();
    undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), id).await?;
    tx.commit().await
}

async fn last_operation(database: &Database) -> String {
    operations(&mut database.read().await.unwrap()).await.unwrap()[0].id.clone()
}

async fn faults(database: &Database) -> Vec<String> {
    crate::verify(&mut database.read().await.unwrap()).await.unwrap().1
}

/// The highest ids of units, acts and changes.
fn highest(territory: &Territory) -> [i64; 3] {
    [
        territory.units().iter().map(|unit| unit.id.0).max().unwrap(),
        territory.acts().iter().map(|act| act.id).max().unwrap(),
        territory.changes().iter().map(|change| change.id).max().unwrap(),
    ]
}

#[tokio::test]
async fn operations_stand_in_the_order_in_which_they_were_carried_out_whatever_the_clock_says() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let lists = last_operation(&database).await;
        for put_back in [0, 1, 3_600_000_000] {
            let earlier = Clock::fixed(Moment(clock().now().0 - put_back));
            let mut tx = database.write().await.unwrap();
            let merger =
                apply_merger(&mut tx, &earlier, base::rights::Actor::operator(ACTOR), &order())
                    .await
                    .unwrap();
            tx.commit().await.unwrap();
            assert_eq!(last_operation(&database).await, merger);
            let refused = take_back(&database, &lists).await;
            let code = "territory.rests_on";
            assert!(matches!(refused, Err(Error::Refused { code: it, .. }) if it == code));
            take_back(&database, &merger).await.unwrap();
        }
        assert_eq!(faults(&database).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn operations_are_listed_to_the_first_one_page_by_page() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let mut tx = database.write().await.unwrap();
        let copies = "insert into unit_operations (id, kind, description, effective_on, plan, \
                      applied_at, applied_by) select $1, kind, $1, effective_on, plan, $2, \
                      applied_by from unit_operations where applied_by = $3 limit 1";
        for at in 0..150 {
            let (id, at) = (format!("made-up {at:03}"), i64::from(at / 2));
            tx.run(copies, values![id, at, ACTOR]).await.unwrap();
        }
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let page = list_operations(&mut tx, cursor.as_deref()).await.unwrap();
            assert!(page.items.len() <= 100);
            seen.extend(page.items.into_iter().map(|operation| operation.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(seen.len(), 151);
        assert_eq!((seen[1].as_str(), seen[150].as_str()), ("made-up 149", "made-up 000"));
        assert!(list_operations(&mut tx, Some("nonsense")).await.is_err());
    }
}

#[tokio::test]
async fn no_id_passes_to_another_row_after_an_undo() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = highest(&load(&database).await);
        let first = apply(&database, &order()).await;
        let given = highest(&load(&database).await);
        take_back(&database, &first).await.unwrap();
        // What is shown beforehand is what is written.
        let mut other = order();
        other.act.number = "2/NQ-UBTVQH16".to_owned();
        let shown = rehearse(&load(&database).await, &other).unwrap();
        apply(&database, &other).await;
        let again = load(&database).await;
        assert_eq!(again.by_code("31453", LATER).unwrap().unit, shown.formed[0]);
        for (before, given) in before.into_iter().zip(given) {
            assert!(given > before, "{before} {given}");
        }
        let is_new = |id: i64, at: usize| id > given[at] || id <= before[at];
        assert!(again.units().iter().all(|unit| is_new(unit.id.0, 0)));
        assert!(again.acts().iter().all(|act| is_new(act.id, 1)));
        assert!(again.changes().iter().all(|change| is_new(change.id, 2)));
        assert!(highest(&again).into_iter().zip(given).all(|(now, given)| now > given));
        assert_eq!(faults(&database).await, Vec::<String>::new());
        // All of it taken back, and read again from nothing.
        for _ in 0..2 {
            let mut standing = operations(&mut database.read().await.unwrap()).await.unwrap();
            standing.retain(|operation| operation.undone_at.is_none());
            take_back(&database, &standing[0].id).await.unwrap();
        }
        let given = highest(&again);
        import(&database, &pack()).await;
        let anew = load(&database).await;
        assert!(anew.units().iter().all(|unit| unit.id.0 > given[0]));
        let mut tx = database.write().await.unwrap();
        tx.run("update territory_head set next_unit = 1", values![]).await.unwrap();
        let faults = crate::verify(&mut tx).await.unwrap().1;
        assert!(faults.iter().any(|fault| fault.contains("territory_head")), "{faults:?}");
    }
}

/// The outline of one unit of a day; a corner of it lies there.
fn square(code: &str, on: &str, corner: u32) -> BTreeMap<String, Vec<u8>> {
    let text = format!(
        "{{\"type\":\"FeatureCollection\",\"on\":\"{on}\",\"features\":[{{\"geometry\":{{\
         \"type\":\"Polygon\",\"coordinates\":[[[{corner},9],[106,9],[106,10],[{corner},9]]]}},\
         \"properties\":{{\"code\":\"{code}\"}}}}]}}"
    );
    [("made-up.geojson".to_owned(), text.into_bytes())].into()
}

fn corner(territory: &Territory, unit: UnitId, day: Day) -> Option<f64> {
    let drawn = territory.outlines_of(unit, day);
    drawn.first().map(|outline| outline.rings[0][0][0].0)
}

#[tokio::test]
async fn an_outline_that_was_replaced_is_drawn_again() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let first = load(&database).await;
        let commune = unit(&first, "31441", DAY);
        import(&database, &square("31441", "2025-07-01", 104)).await;
        let second = load(&database).await;
        import(&database, &square("31441", "2025-07-01", 103)).await;
        let third = load(&database).await;
        assert_eq!(corner(&second, commune, DAY), Some(104.0));
        assert_eq!(corner(&third, commune, DAY), Some(103.0));
        assert_eq!(third.outlines().len(), first.outlines().len(), "one is drawn");
        assert_eq!(faults(&database).await, Vec::<String>::new());
        // The earlier one is not taken away beneath the later one.
        let done = operations(&mut database.read().await.unwrap()).await.unwrap();
        for operation in &done[1..] {
            let refused = take_back(&database, &operation.id).await;
            assert!(matches!(refused, Err(Error::Refused { code: "territory.rests_on", .. })));
        }
        take_back(&database, &done[0].id).await.unwrap();
        assert_same(&load(&database).await, &second);
        take_back(&database, &done[1].id).await.unwrap();
        assert_same(&load(&database).await, &first);
        assert_eq!(faults(&database).await, Vec::<String>::new());
        assert!(import(&database, &pack()).await.is_empty());
    }
}

#[tokio::test]
async fn outlines_that_came_later_stand_before_the_undoing_of_their_units() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = load(&database).await;
        let merger = apply(&database, &order()).await;
        import(&database, &square("31453", "2027-01-01", 104)).await;
        let both = load(&database).await;
        let drawn = last_operation(&database).await;
        let mut tx = database.read().await.unwrap();
        let (operation, plan) = get_undoable(&mut tx, &merger).await.unwrap();
        let obstacles = find_obstacles(&mut tx, &operation, &plan).await.unwrap();
        drop(tx);
        assert!(obstacles.later.iter().map(|later| &later.id).eq([&drawn]));
        let refused = take_back(&database, &merger).await;
        assert!(matches!(refused, Err(Error::Refused { code: "territory.rests_on", .. })));
        assert_same(&load(&database).await, &both);
        take_back(&database, &drawn).await.unwrap();
        take_back(&database, &merger).await.unwrap();
        assert_same(&load(&database).await, &before);
        assert_eq!(faults(&database).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn outlines_of_the_former_program_go_with_their_units() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = load(&database).await;
        let merger = apply(&database, &order()).await;
        // As they were written before they belonged to an operation: a row and an entry of its own.
        let mut tx = database.write().await.unwrap();
        let territory = sql::load(&mut tx).await.unwrap();
        let mut outline = territory.outlines()[0].clone();
        outline.unit = unit(&territory, "31453", LATER);
        outline.valid.from = LATER;
        let (record_id, content_hash) = seal_outline(&outline).unwrap();
        let entry = NewEntry {
            id: Id::new(&clock()),
            actor: ACTOR.to_owned(),
            cause: "territory.outlines",
            record_kind: "outline",
            record_id,
            record_version: clock().now().0,
            content_hash,
            postings: Vec::new(),
        };
        journal::append(&mut tx, &clock(), vec![entry]).await.unwrap();
        let sql = "insert into outlines select $1, $2, valid_to, schematic, source, polygons, 1, \
                   null from outlines where unit = $3";
        let from = territory.outlines()[0].unit;
        tx.run(sql, values![outline.unit.0, LATER, from.0]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(faults(&database).await, Vec::<String>::new());
        // A new one goes before it and gives way to it again.
        import(&database, &square("31453", "2027-01-01", 104)).await;
        assert_eq!(faults(&database).await, Vec::<String>::new());
        take_back(&database, &last_operation(&database).await).await.unwrap();
        assert!(load(&database).await.outlines().contains(&outline));
        take_back(&database, &merger).await.unwrap();
        assert_same(&load(&database).await, &before);
        assert_eq!(faults(&database).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn changed_outlines_are_named() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        import(&database, &square("31441", "2025-07-01", 104)).await;
        let commune = unit(hau_giang(), "31441", DAY).0;
        for (sql, part) in [
            ("update outlines set polygons = '[]' where unit = $1 and version = 1", "changed"),
            ("update outlines set operation = null where unit = $1 and version = 2", "changed"),
            ("update outlines set version = 9 where unit = $1 and version = 1", "changed"),
            ("delete from outlines where unit = $1 and version = 2", "missing"),
        ] {
            let mut tx = database.write().await.unwrap();
            assert_eq!(tx.run(sql, values![commune]).await.unwrap(), 1, "{sql}");
            let faults = crate::verify(&mut tx).await.unwrap().1;
            let name = format!("outline {commune}/2025-07-01/surveyed: {part}");
            assert!(faults.contains(&name), "{sql}: {faults:?}");
        }
    }
}

#[test]
fn a_unit_is_drawn_once_in_a_file() {
    let text = String::from_utf8(square("31441", "2025-07-01", 104)["made-up.geojson"].clone());
    let text = text.unwrap();
    let (head, feature) = text.split_once("\"features\":[").unwrap();
    let feature = feature.strip_suffix("]}").unwrap();
    let twice = format!("{head}\"features\":[{feature},{feature}]}}");
    let files = |files: &[(&str, &str)]| {
        files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    };
    for (files, place) in [
        (files(&[("a.geojson", &*twice)]), "a.geojson feature 2"),
        (files(&[("a.geojson", &*text), ("b.geojson", &*text)]), "b.geojson"),
    ] {
        let refused = crate::plan_import(hau_giang(), &files, DAY);
        let Err(Error::Invalid(mistakes)) = refused else { panic!("{place}") };
        assert_eq!(mistakes[0].place, place);
        assert!(mistakes[0].text.say(Lang::Vietnamese).contains("Xã Vị Thủy"));
    }
    let open = text.replace(",[104,9]]]", "]]");
    let refused = crate::plan_import(hau_giang(), &files(&[("a.geojson", &*open)]), DAY);
    let Err(Error::Invalid(mistakes)) = refused else { panic!() };
    assert!(mistakes[0].text.say(Lang::Vietnamese).contains("vòng không khép kín"));
}

#[tokio::test]
async fn what_rests_on_an_operation_is_found_behind_any_number_of_others() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let merger = apply(&database, &order()).await;
        import(&database, &square("31453", "2027-01-01", 104)).await;
        let drawn = last_operation(&database).await;
        let mut tx = database.write().await.unwrap();
        let (operation, plan) = get_undoable(&mut tx, &merger).await.unwrap();
        // Some between the two, most behind both.
        for (count, behind) in [(30, &merger), (130, &drawn)] {
            for at in 0..count {
                let sql = "insert into unit_operations (id, kind, description, effective_on, \
                           plan, applied_at, applied_by) select $1, kind, 'x', effective_on, \
                           '{\"new_acts\":[],\"new_units\":[],\"closed_versions\":[],\
                           \"new_versions\":[],\"new_changes\":[]}', applied_at, applied_by \
                           from unit_operations where id = $2";
                tx.run(sql, values![format!("x{count}-{at}"), behind]).await.unwrap();
            }
        }
        let obstacles = find_obstacles(&mut tx, &operation, &plan).await.unwrap();
        assert!(obstacles.later.iter().map(|later| &later.id).eq([&drawn]));
    }
}

#[tokio::test]
async fn a_rehearsal_counts_the_records_on_the_units_that_end() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let mut tx = database.write().await.unwrap();
        let none = rehearse_merger(&mut tx, &order()).await.unwrap();
        assert_eq!(none.records, Records::default());
        let (thuy, dong) = (unit(hau_giang(), "31441", DAY), unit(hau_giang(), "31453", DAY));
        let stays = unit(hau_giang(), "31495", DAY);
        for (id, version, unit, measure) in [
            ("a", 1, thuy, 1),
            ("a", 2, thuy, 1),
            ("b", 1, thuy, 2),
            ("c", 1, dong, 2),
            ("d", 1, stays, 3),
            ("e", 1, unit(hau_giang(), "31447", EVE), 4),
        ] {
            let sql = "insert into observation_versions (id, version, unit, measure, day_from, \
                       day, value, source, made_up, entry) \
                       values ($1, $2, $3, $4, 20300, 20300, 7, 'minh họa', 1, 1)";
            tx.run(sql, values![id, version, unit.0, measure]).await.unwrap();
        }
        let rehearsal = rehearse_merger(&mut tx, &order()).await.unwrap();
        let by_unit = vec![(thuy, 2), (dong, 1)];
        let records = Records { count: 3, units: 2, measures: 2, by_unit };
        assert_eq!(rehearsal.records, records);
        assert_eq!(rehearsal.plan, none.plan, "none of them is touched");
        // Many units are asked for in turns; only the first are listed.
        let mut many: Vec<UnitId> = (1_000_000..1_001_200).map(UnitId).collect();
        many.extend([thuy, dong]);
        assert_eq!(find_records(&mut tx, &many).await.unwrap(), records);
        let mut counted = Records::default();
        for id in 0..300 {
            counted.add(UnitId(id), 2);
        }
        assert_eq!((counted.count, counted.units, counted.by_unit.len()), (600, 300, 200));
    }
}

#[tokio::test]
async fn an_order_completes_a_known_act_or_is_refused_at_its_field() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let first = apply(&database, &order()).await;
        let before = load(&database).await;
        let mut more = order();
        more.on = LATER.plus(31);
        more.into.drain(..1);
        more.into[0].name = "Xà Phiên Khác".to_owned();
        more.act = bare_act("1/NQ-UBTVQH16", more.on);
        assert!(rehearse(&before, &more).unwrap().plan.completed_acts.is_empty());
        more.act.title = "Nghị quyết minh họa".to_owned();
        more.act.adopted_on = Some(DAY);
        let completed = rehearse(&before, &more).unwrap().plan.completed_acts;
        assert_eq!(completed.len(), 1);
        assert_eq!(completed[0].effective_on, None, "one act, several days");
        let second = apply(&database, &more).await;
        let after = load(&database).await;
        let act = after.acts().iter().find(|act| act.number == "1/NQ-UBTVQH16").unwrap();
        assert_eq!((&*act.title, act.adopted_on), ("Nghị quyết minh họa", Some(DAY)));
        assert_eq!(act.effective_on, Some(LATER));
        assert_eq!(faults(&database).await, Vec::<String>::new());
        more.on = LATER.plus(62);
        more.into[0].name = "Xà Phiên Nữa".to_owned();
        more.act.issuer = "Chính phủ".to_owned();
        more.act.title = "Nghị quyết khác".to_owned();
        let Err(Error::Invalid(mistakes)) = rehearse(&after, &more) else { panic!() };
        let places: Vec<&str> = mistakes.iter().map(|mistake| &*mistake.place).collect();
        assert_eq!(places, ["issuer", "title"]);
        assert!(mistakes[1].text.say(Lang::Vietnamese).contains("Nghị quyết minh họa"));
        take_back(&database, &second).await.unwrap();
        assert_same(&load(&database).await, &before);
        take_back(&database, &first).await.unwrap();
    }
}

#[test]
fn a_child_goes_only_where_its_unit_goes() {
    let (thuy, dong, xa) = (
        unit(hau_giang(), "31441", DAY),
        unit(hau_giang(), "31453", DAY),
        unit(hau_giang(), "31495", DAY),
    );
    let child = |of: UnitId| hau_giang().children(Some(of), LATER).next().unwrap().unit;
    let with = |children: Vec<(UnitId, usize)>| {
        rehearse(hau_giang(), &MergerOrder { children, ..order() }).map(|_| ())
    };
    assert!(with(vec![(child(thuy), 0), (child(dong), 0), (child(xa), 1)]).is_ok());
    for wrong in [(child(thuy), 1), (child(xa), 0), (child(unit(hau_giang(), "31492", DAY)), 0)] {
        let Err(Error::Invalid(mistakes)) = with(vec![(child(dong), 0), wrong]) else { panic!() };
        assert_eq!(mistakes[0].place, "children[1]");
    }
}

#[tokio::test]
async fn an_order_does_not_alter_what_an_act_of_that_day_or_later_names_as_unchanged() {
    let database = TestDatabase::sqlite().await;
    import(&database, &pack()).await;
    let units = "code,name,full_name,type,parent_code\n31495,Xà Phiên,Xã Xà Phiên,xa,92\n";
    let changes = "old_code,new_code,whole_or_part,resolution,effective_date\n\
                   31495,31495,whole,2/NQ-MINHHOA,2027-01-01\n";
    let lists = [("units.csv", units), ("changes.csv", changes)];
    let lists = lists.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into();
    import(&database, &lists).await;
    let territory = load(&database).await;
    let xa = unit(&territory, "31495", DAY);
    let renaming = |on: Day| MergerOrder {
        on,
        into: vec![NewUnit {
            code: territory.at(xa, DAY).unwrap().code.clone().unwrap(),
            name: "Xà Phiên Mới".to_owned(),
            full_name: "Xã Xà Phiên Mới".to_owned(),
            kind: Kind::Commune,
            parent: Some(unit(&territory, "92", DAY).into()),
            from: vec![(xa, Part::Whole)],
        }],
        ..order()
    };
    for on in [LATER.plus(-1), LATER] {
        let refused = rehearse(&territory, &renaming(on));
        let Err(Error::Invalid(mistakes)) = refused else { panic!("{on}") };
        assert_eq!(mistakes[0].place, "into[0].from");
    }
    assert!(rehearse(&territory, &renaming(LATER.plus(1))).is_ok());
    assert_eq!(territory.under(None, LATER, Level::Commune).len(), 28);
}
