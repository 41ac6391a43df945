//! Acts after 2025, all of them invented, loaded as lists over the units of 2025.

use std::collections::BTreeMap;

use base::{Day, Error};
use store::Database;
use store::testing::TestDatabase;

use super::tests::places;
use crate::address::{Outcome, convert};
use crate::sample::{DAY, EVE, nation, unit};
use crate::tests::{ACTOR, assert_journal_holds, assert_same, clock, import, load, pack};
use crate::{
    BasisMap, ChangeKind, Happening, Imported, Kind, Level, Part, Share, Territory, import_lists,
    operations, plan_import, undo,
};

const FOUNDED: Day = Day(20_454);
/// 2026-04-30, on which the invented act of these tests takes effect.
pub(super) const ON: Day = Day(20_573);
/// 2026-07-01.
const LATER: Day = Day(20_635);

pub(super) type Files = BTreeMap<String, Vec<u8>>;

const CHANGES: &str = "old_code,new_code,whole_or_part,resolution,effective_date\n";
const UNITS: &str = "code,name,full_name,type,parent_code\n";

/// A set of lists; what stands in it is invented and its file names say so.
pub(super) fn set(tag: &str, units: &str, changes: &str) -> [(String, Vec<u8>); 2] {
    let name = |list: &str| format!("{list}_synthetic_{tag}.csv");
    [
        (name("units"), format!("{UNITS}{units}").into_bytes()),
        (name("changes"), format!("{CHANGES}{changes}").into_bytes()),
    ]
}

/// An invented province, out of nothing.
pub(super) fn founding() -> [(String, Vec<u8>); 2] {
    set(
        "2026_01",
        "98,Minh Họa,Tỉnh Minh Họa,tinh,\n98001,Mẫu Một,Xã Mẫu Một,xa,98\n\
         98002,Mẫu Hai,Xã Mẫu Hai,xa,98\n9800101,1,Ấp 1,ap,98001\n9800102,2,Ấp 2,ap,98001\n",
        ",98,whole,1/NQ-MINHHOA,2026-01-01\n,98001,whole,1/NQ-MINHHOA,2026-01-01\n\
         ,98002,whole,1/NQ-MINHHOA,2026-01-01\n,9800101,whole,1/NQ-MINHHOA,2026-01-01\n\
         ,9800102,whole,1/NQ-MINHHOA,2026-01-01\n",
    )
}

/// The province becomes a city, communes become wards with their codes, one gets another name,
/// two communes become one, two hamlets too.
fn rearranging() -> [(String, Vec<u8>); 2] {
    set(
        "2026_04",
        "98,Minh Họa,Thành phố Minh Họa,thanh_pho_tw,\n98001,Mẫu Một,Phường Mẫu Một,phuong,98\n\
         31441,Vị Thuỷ,Phường Vị Thuỷ,phuong,92\n31465,Vị Đông,Xã Vị Đông,xa,92\n\
         31453,Vĩnh Thuận,Xã Vĩnh Thuận,xa,92\n9800101,1,Khu vực 1,khu_vuc,98001\n",
        "98,98,whole,2/NQ-MINHHOA,2026-04-30\n98001,98001,whole,2/NQ-MINHHOA,2026-04-30\n\
         31441,31441,whole,2/NQ-MINHHOA,2026-04-30\n31465,31465,whole,2/NQ-MINHHOA,2026-04-30\n\
         31453,31453,whole,2/NQ-MINHHOA,2026-04-30\n31459,31453,whole,2/NQ-MINHHOA,2026-04-30\n\
         9800101,9800101,whole,2/NQ-MINHHOA,2026-04-30\n\
         9800102,9800101,whole,2/NQ-MINHHOA,2026-04-30\n",
    )
}

/// A third of Xã Lương Tâm goes to Xã Xà Phiên, with all hamlets but the first of the list.
fn transferring(territory: &Territory) -> [(String, Vec<u8>); 2] {
    let act = "whole,3/NQ-MINHHOA,2026-07-01";
    let mut units =
        "31492,Lương Tâm,Xã Lương Tâm,xa,92\n31495,Xà Phiên,Xã Xà Phiên,xa,92\n".to_owned();
    let mut changes = "31492,31492,2/3,3/NQ-MINHHOA,2026-07-01\n\
                       31492,31495,1/3,3/NQ-MINHHOA,2026-07-01\n"
        .to_owned();
    changes.push_str(&format!("31495,31495,{act}\n"));
    let divided = unit(territory, "31492", DAY);
    for (at, hamlet) in territory.children(Some(divided), DAY).enumerate() {
        let (code, to) = (hamlet.code.as_ref().unwrap(), if at == 0 { "31492" } else { "31495" });
        let (name, full_name, kind) = (&hamlet.name, &hamlet.full_name, hamlet.kind.as_str());
        units.push_str(&format!("{code},{name},{full_name},{kind},{to}\n"));
        changes.push_str(&format!("{code},{code},{act}\n"));
    }
    set("2026_07", &units, &changes)
}

async fn refusal(database: &Database, files: &Files) -> Vec<String> {
    let mut tx = database.write().await.unwrap();
    let refused =
        import_lists(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), files).await;
    tx.commit().await.unwrap();
    places(refused.expect_err("imported"))
}

fn found(territory: &Territory, text: &str, on: Day, to: Day) -> String {
    match convert(territory, text, on, to).outcome {
        Outcome::Found(found) => territory.path(found.new, to).unwrap(),
        outcome => panic!("{text}: {outcome:?}"),
    }
}

#[tokio::test]
async fn a_later_act_is_loaded_over_the_units_of_2025_and_only_once() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = load(&database).await;
        let later: Files = founding().into_iter().chain(rearranging()).collect();
        let imported = import(&database, &later).await;
        // Five founded, one commune and one hamlet formed out of two.
        assert_eq!((imported.units, imported.outlines), (7, 0), "{imported:?}");
        let after = load(&database).await;
        a_unit_keeps_itself_through_another_kind(&after);
        two_become_one(&before, &after);
        addresses_and_maps_follow(&after);
        for files in [&later, &pack()] {
            assert_eq!(import(&database, files).await, Imported::default());
        }
        assert_same(&load(&database).await, &after);
        // One entry for the lists of 2025, one for each later act.
        assert_journal_holds(&database, 3).await;
        let mut tx = database.write().await.unwrap();
        let done = operations(&mut tx).await.unwrap();
        assert_eq!(
            done[0].description,
            "import units_synthetic_2026_04.csv, changes_synthetic_2026_04.csv"
        );
        for operation in &done[..2] {
            undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &operation.id)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        assert_same(&load(&database).await, &before);
    }
}

fn a_unit_keeps_itself_through_another_kind(after: &Territory) {
    for (code, name_before, name_after, kind) in [
        ("98", "Tỉnh Minh Họa", "Thành phố Minh Họa", Kind::NationalCity),
        ("98001", "Xã Mẫu Một", "Phường Mẫu Một", Kind::Ward),
        ("31441", "Xã Vị Thủy", "Phường Vị Thủy", Kind::Ward),
    ] {
        let (was, is) =
            (after.by_code(code, ON.plus(-1)).unwrap(), after.by_code(code, ON).unwrap());
        assert_eq!((was.unit, is.kind), (is.unit, kind), "{code}");
        assert_eq!((&*was.full_name, &*is.full_name), (name_before, name_after));
        assert_eq!(after.act(is.act.unwrap()).unwrap().number, "2/NQ-MINHHOA");
        let events = after.history(is.unit);
        assert!(events.iter().any(|event| {
            event.on == ON && event.what == Happening::KindChanged { from: was.kind, to: kind }
        }));
        assert_eq!(after.code_holders(code).last().unwrap().unit, is.unit);
    }
    let renamed = unit(after, "31465", ON);
    let events = after.history(renamed);
    assert!(
        matches!(&events.last().unwrap().what, Happening::Renamed { to, .. } if to == "Xã Vị Đông")
    );
    assert_eq!(after.unit(unit(after, "98001", ON)).map(|unit| unit.made_up), Some(true));
    assert_eq!(
        after.unit(unit(after, "9800101", ON)).unwrap().origin,
        Some(unit(after, "98001", ON))
    );
}

fn two_become_one(before: &Territory, after: &Territory) {
    let now = |code: &str| unit(before, code, DAY);
    let new = unit(after, "31453", ON);
    assert!(after.at(now("31453"), ON).is_none() && after.at(now("31459"), ON).is_none());
    let members: Vec<_> = after.predecessors(new).iter().map(|link| link.unit).collect();
    assert_eq!(members, [now("31453"), now("31459")]);
    assert_eq!(after.successors(now("31459"))[0].unit, new);
    let city = unit(after, "92", ON);
    assert_eq!(after.under(Some(city), ON.plus(-1), Level::Commune).len(), 28);
    assert_eq!(after.under(Some(city), ON, Level::Commune).len(), 27);
    let hamlets = |t: &Territory, unit, day| t.under(Some(unit), day, Level::Hamlet).len();
    assert_eq!(
        hamlets(after, new, ON),
        hamlets(before, now("31453"), DAY) + hamlets(before, now("31459"), DAY)
    );
    assert_eq!(hamlets(after, unit(after, "98", ON), ON), 1);
    let reissued =
        after.changes().iter().filter(|c| c.kind == ChangeKind::CodeReissue && c.on == ON);
    assert_eq!(reissued.count(), 1, "31453 names a unit of another name");
}

fn addresses_and_maps_follow(after: &Territory) {
    let eve = ON.plus(-1);
    for (text, on, to, there) in [
        ("xã Vĩnh Tường, TP Cần Thơ", eve, ON, "Xã Vĩnh Thuận, Thành phố Cần Thơ"),
        ("xã Vĩnh Tường, TP Cần Thơ", eve, eve, "Xã Vĩnh Tường, Thành phố Cần Thơ"),
        ("xã Vị Thủy, huyện Vị Thủy, Hậu Giang", EVE, eve, "Xã Vĩnh Thuận Đông, Thành phố Cần Thơ"),
        ("xã Vị Thủy, huyện Vị Thủy, Hậu Giang", EVE, ON, "Xã Vĩnh Thuận, Thành phố Cần Thơ"),
        ("xã Mẫu Một, tỉnh Minh Họa", eve, ON, "Phường Mẫu Một, Thành phố Minh Họa"),
        (
            "ấp 2, xã Mẫu Một, tỉnh Minh Họa",
            eve,
            ON,
            "Khu vực 1, Phường Mẫu Một, Thành phố Minh Họa",
        ),
    ] {
        assert_eq!(found(after, text, on, to), there, "{text}");
    }
    let (old, new) = (BasisMap::new(after, eve), BasisMap::new(after, ON));
    let of_2024 = unit(after, "31447", EVE);
    for (map, day) in [(&old, eve), (&new, ON)] {
        let landings = map.landings(of_2024);
        assert_eq!(landings.len(), 1);
        assert!(landings[0].exact && landings[0].unit == unit(after, "31453", day));
        assert_eq!(map.ancestors(landings[0].unit), [unit(after, "92", day)]);
    }
    let ward = unit(after, "31441", ON);
    assert_eq!(old.landings(ward)[0].unit, ward);
    assert!(new.landings(unit(after, "31459", eve))[0].exact);
    // Back in time, what was merged is shared among its members.
    assert!(old.landings(unit(after, "31453", ON)).iter().all(|landing| !landing.exact));
}

#[tokio::test]
async fn a_boundary_moves_on_a_day_of_its_own() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = load(&database).await;
        let transfer = transferring(&before);
        let later: Files =
            founding().into_iter().chain(rearranging()).chain(transfer.clone()).collect();
        import(&database, &later).await;
        let after = load(&database).await;
        let (kept, taker) = (unit(&after, "31492", LATER), unit(&after, "31495", LATER));
        let old = unit(&after, "31492", ON);
        let third = Part::Share { numerator: 1, denominator: 3 };
        assert!(after.successors(old).iter().any(|link| link.unit == taker && link.part == third));
        let shares: Vec<_> = after.landings(old, LATER).iter().map(|l| (l.unit, l.share)).collect();
        let of = |numerator| Share { numerator, denominator: 3 };
        assert_eq!(shares, [(kept, of(2)), (taker, of(1))]);
        assert_eq!(after.children(Some(kept), LATER).count(), 1);
        let hamlets = before.children(Some(unit(&before, "31492", DAY)), DAY).count()
            + before.children(Some(unit(&before, "31495", DAY)), DAY).count();
        assert_eq!(after.children(Some(taker), LATER).count(), hamlets - 1);
        assert!(import(&database, &later).await.is_empty());
        assert!(import(&database, &transfer.into()).await.is_empty());
    }
}

/// Lists with one mistake each: units, changes, and the place of the mistake.
fn wrong_lists() -> Vec<(String, String, &'static str)> {
    let units = "31453,Vĩnh Thuận,Xã Vĩnh Thuận,xa,92\n";
    let one = "31453,31453,whole,2/NQ,2026-04-30\n";
    let two = "31453,31453,whole,2/NQ,2026-04-30\n31459,31453,whole,2/NQ,2026-04-30\n";
    let in_changes = [
        (two, "31459", "31460", "changes_synthetic_x.csv:3 old_code"),
        (two, "31459", "31318", "changes_synthetic_x.csv:3 old_code"),
        (two, "31459,31453", ",", "changes_synthetic_x.csv:3 old_code"),
        (two, ",31453,", ",31454,", "changes_synthetic_x.csv:2 new_code"),
        (one, "31453", "92", "changes_synthetic_x.csv:2 new_code"),
        (one, "whole", "1/3", "changes_synthetic_x.csv:2 whole_or_part"),
        (one, "whole", "4/3", "changes_synthetic_x.csv:2 whole_or_part"),
        (one, "2/NQ", "", "changes_synthetic_x.csv:2 resolution"),
        (one, "2026-04-30", "30/02/2026", "changes_synthetic_x.csv:2 effective_date"),
        (two, "04-30\n31459", "05-01\n31459", "changes_synthetic_x.csv:3 effective_date"),
        (one, one, "", "changes_synthetic_x.csv"),
    ];
    let in_units = [
        (two, ",92", ",93", "units_synthetic_x.csv:2 parent_code"),
        (two, ",92", ",31441", "units_synthetic_x.csv:2 parent_code"),
        (two, ",92", ",", "units_synthetic_x.csv:2 parent_code"),
        (one, ",92\n", ",92\n31441,A,Xã A,xa,92\n", "units_synthetic_x.csv:3 code"),
    ];
    let mut lists: Vec<(String, String, &str)> = Vec::new();
    for (changes, from, to, place) in in_changes {
        lists.push((units.to_owned(), changes.replacen(from, to, 1), place));
    }
    for (changes, from, to, place) in in_units {
        lists.push((units.replacen(from, to, 1), changes.to_owned(), place));
    }
    let taken = (units.replace("31453", "31441"), one.replace(",31453", ",31441"));
    lists.push((taken.0, taken.1, "units_synthetic_x.csv:2 code"));
    let dissolved = one.replace(",31453", ",");
    lists.push((String::new(), dissolved, "changes_synthetic_x.csv:2 old_code"));
    lists
}

#[tokio::test]
async fn an_act_that_names_what_is_not_known_writes_nothing() {
    for database in TestDatabase::each().await {
        import(&database, &pack()).await;
        let before = load(&database).await;
        for (units, changes, place) in wrong_lists() {
            let files: Files = set("x", &units, &changes).into();
            let places = refusal(&database, &files).await;
            assert!(places.iter().any(|it| it == place), "{units}{changes}{places:?}");
        }
        let right = set("x", "31453,A,Xã A,xa,92\n", "31453,31453,whole,2/NQ,2026-04-30\n");
        let alone: Files = [right[1].clone()].into();
        assert_eq!(refusal(&database, &alone).await, ["units_synthetic_x.csv"]);
        let mut hamlets: Files = right.into();
        hamlets.insert("hamlets_x.csv".to_owned(), pack()["hamlets_synthetic.csv"].clone());
        assert_eq!(refusal(&database, &hamlets).await, ["hamlets_x.csv"]);
        assert_eq!(refusal(&database, &Files::new()).await, ["changes.csv"]);
        assert_same(&load(&database).await, &before);
        assert_journal_holds(&database, 1).await;
    }
}

#[tokio::test]
async fn an_act_of_a_day_after_which_something_is_known_is_refused() {
    let database = TestDatabase::sqlite().await;
    import(&database, &pack()).await;
    import(&database, &founding().into_iter().chain(rearranging()).collect()).await;
    let rename = |code: &str| {
        let unit = format!("{code},Mới,Xã Mới,xa,92\n");
        set("x", &unit, &format!("{code},{code},whole,9/NQ-MINHHOA,2026-02-01\n")).into()
    };
    let place = "units_synthetic_x.csv:2 code";
    for code in ["31441", "31459"] {
        assert_eq!(refusal(&database, &rename(code)).await, [place], "{code}");
    }
    let dissolved = set("x", "", "31459,,whole,9/NQ-MINHHOA,2026-02-01\n").into();
    let place = "changes_synthetic_x.csv:2 old_code";
    assert!(refusal(&database, &dissolved).await.contains(&place.to_owned()));
    assert!(!import(&database, &rename("31495")).await.is_empty());
}

#[tokio::test]
async fn a_unit_ends_without_a_successor_once_nothing_lies_below_it() {
    let database = TestDatabase::sqlite().await;
    import(&database, &founding().into()).await;
    let act = "whole,4/NQ-MINHHOA,2026-04-30\n";
    let dissolve = set("x", "", &format!("98001,,{act}")).into();
    let place = "changes_synthetic_x.csv:2 old_code";
    assert_eq!(refusal(&database, &dissolve).await, [place]);
    let with_hamlets = set(
        "x",
        "9800101,1,Ấp 1,ap,98002\n",
        &format!("98001,,{act}9800101,9800101,{act}9800102,,{act}"),
    );
    import(&database, &with_hamlets.clone().into()).await;
    let after = load(&database).await;
    let ended = unit(&after, "98001", FOUNDED);
    assert!(after.at(ended, ON).is_none());
    assert_eq!(after.history(ended).last().unwrap().what, Happening::Dissolved);
    assert_eq!(after.children(Some(unit(&after, "98002", ON)), ON).count(), 1);
    assert!(import(&database, &with_hamlets.into()).await.is_empty());
}

#[tokio::test]
async fn what_lies_below_goes_where_its_unit_went() {
    let database = TestDatabase::sqlite().await;
    import(&database, &founding().into()).await;
    import(&database, &pack()).await;
    let (units, changes) = (
        "92,Cần Thơ,Thành phố Cần Thơ,thanh_pho_tw,\n",
        "92,92,whole,5/NQ-MINHHOA,2026-04-30\n98,92,whole,5/NQ-MINHHOA,2026-04-30\n",
    );
    let merger: Files = set("x", units, changes).into();
    import(&database, &merger).await;
    let after = load(&database).await;
    let city = unit(&after, "92", ON);
    assert_ne!(city, unit(&after, "92", DAY));
    assert_eq!(after.under(Some(city), ON, Level::Commune).len(), 28 + 2);
    assert!(import(&database, &merger).await.is_empty());
    assert!(import(&database, &pack()).await.is_empty());
}

#[test]
fn in_the_nation_a_province_becomes_a_city_and_its_communes_stay() {
    let Some(nation) = nation() else { return };
    let province = unit(nation, "75", DAY);
    let communes = nation.under(Some(province), DAY, Level::Commune).len();
    let name = nation.at(province, DAY).unwrap().name.clone();
    let units = format!("75,{name},Thành phố {name},thanh_pho_tw,\n");
    let files = set("x", &units, "75,75,whole,2/NQ-MINHHOA,2026-04-30\n").into();
    let planned = plan_import(nation, &files, DAY).unwrap();
    assert_eq!(planned.steps[0].plan.new_versions.len(), 1);
    let after = planned.after;
    assert_eq!(after.at(province, ON).unwrap().kind, Kind::NationalCity);
    assert_eq!(after.under(Some(province), ON, Level::Commune).len(), communes);
    assert!(plan_import(&after, &files, DAY).unwrap().is_empty());
}

#[test]
fn several_acts_of_one_folder_are_loaded_in_the_order_of_their_days() {
    let files: Files = rearranging().into_iter().chain(founding()).chain(pack()).collect();
    let planned = plan_import(&Territory::empty(), &files, DAY).unwrap();
    let days: Vec<Day> = planned.steps.iter().map(|step| step.on).collect();
    assert_eq!(days, [DAY, FOUNDED, ON]);
    let drawn = &planned.steps[0].outlines;
    assert_eq!(drawn.len(), 28 + 75);
    assert!(planned.steps.iter().skip(1).all(|step| step.outlines.is_empty()));
    // The sketch of the former communes still shows those before 2025.
    let former = unit(&planned.after, "31447", EVE);
    assert!(drawn.iter().any(|outline| outline.unit == former && outline.schematic));
    let wrong: Files = rearranging().into();
    let refused = plan_import(&Territory::empty(), &wrong, DAY);
    assert!(matches!(refused, Err(Error::Invalid(mistakes)) if mistakes.len() == 8));
}
