//! Lists that say something else, or more, of what is known: all of them invented.

use std::collections::BTreeMap;

use base::{Day, Error};
use lang::Lang;
use store::Database;
use store::testing::TestDatabase;

use super::decree_tests::{Files, ON, founding, set};
use crate::sample::{DAY, hau_giang, nation, unit};
use crate::tests::{ACTOR, assert_journal_holds, assert_same, clock, import, load, pack};
use crate::{
    Act, Change, ChangeKind, Imported, Level, Part, Plan, Territory, UnitId, import_lists,
    operations, plan_import, undo,
};

/// The mistakes for which files are refused, each with its place and what it says.
async fn refusal(database: &Database, files: &Files) -> Vec<(String, String)> {
    let mut tx = database.write().await.unwrap();
    let refused =
        import_lists(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), files).await;
    tx.commit().await.unwrap();
    told(refused.map(|imported| panic!("{imported:?}")).unwrap_err())
}

fn told(error: Error) -> Vec<(String, String)> {
    let Error::Invalid(mistakes) = error else { panic!("{error}") };
    let told = mistakes.into_iter().map(|it| (it.place, it.text.say(Lang::Vietnamese)));
    told.collect()
}

/// Whether one of the mistakes stands in this place and says this.
fn says(mistakes: &[(String, String)], place: &str, part: &str) -> bool {
    mistakes.iter().any(|(at, text)| at == place && text.contains(part))
}

const UNITS: &str = "98001,Mẫu Một,Xã Mẫu Một,xa,98\n98002,Mẫu Hai,Xã Mẫu Hai,xa,98\n\
     9800101,1,Ấp 1,ap,98001\n9800102,2,Ấp 2,ap,98002\n";

/// A part of 98001 goes to 98002.
fn dividing(kept: &str, given: &str, act: &str) -> Files {
    let end = format!("{act},2026-04-30\n");
    let changes = format!(
        "98001,98001,{kept},{end}98001,98002,{given},{end}98002,98002,whole,{end}\
         9800101,9800101,whole,{end}9800102,9800102,whole,{end}"
    );
    set("x", UNITS, &changes).into()
}

const ACT: &str = "7/NQ-MINHHOA";

#[tokio::test]
async fn another_part_or_act_of_a_known_change_is_refused_where_it_is_said() {
    for database in TestDatabase::each().await {
        import(&database, &founding().into()).await;
        import(&database, &dividing("part", "part", ACT)).await;
        let before = load(&database).await;
        assert!(import(&database, &dividing("part", "unknown", ACT)).await.is_empty());
        let shares = refusal(&database, &dividing("2/3", "1/3", ACT)).await;
        let known = "một phần, không rõ tỷ lệ";
        assert!(says(&shares, "changes_synthetic_x.csv:2 whole_or_part", known), "{shares:?}");
        assert!(says(&shares, "changes_synthetic_x.csv:3 whole_or_part", known), "{shares:?}");
        let other = refusal(&database, &dividing("part", "part", "8/NQ-MINHHOA")).await;
        for line in 2..=6 {
            let place = format!("changes_synthetic_x.csv:{line} resolution");
            assert!(says(&other, &place, ACT), "{line}: {other:?}");
        }
        assert_same(&load(&database).await, &before);
        assert_journal_holds(&database, 2).await;
        // The way that the refusal names: take the import back and import again.
        let mut tx = database.write().await.unwrap();
        let last = operations(&mut tx).await.unwrap()[0].id.clone();
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &last).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!import(&database, &dividing("2/3", "1/3", ACT)).await.is_empty());
        let after = load(&database).await;
        let third = Part::Share { numerator: 1, denominator: 3 };
        let old = unit(&after, "98001", ON.plus(-1));
        assert!(after.successors(old).iter().any(|link| link.part == third));
    }
}

#[tokio::test]
async fn what_became_of_a_unit_or_what_it_was_made_of_is_not_told_anew() {
    let database = TestDatabase::sqlite().await;
    import(&database, &founding().into()).await;
    let end = format!("whole,{ACT},2026-04-30\n");
    let merged = "98002,Mẫu Hai,Xã Mẫu Hai,xa,98\n";
    let merging = format!("98001,98002,{end}98002,98002,{end}");
    import(&database, &set("x", merged, &merging).into()).await;
    let before = load(&database).await;
    let known = "Xã Mẫu Hai";
    // A whole unit is divided after all.
    let divided = refusal(&database, &dividing("2/3", "1/3", ACT)).await;
    assert!(says(&divided, "changes_synthetic_x.csv:2 new_code", known), "{divided:?}");
    assert!(says(&divided, "changes_synthetic_x.csv:3 whole_or_part", "toàn bộ"), "{divided:?}");
    // It goes elsewhere.
    let units = "98003,Mẫu Ba,Xã Mẫu Ba,xa,98\n";
    let elsewhere = set("x", units, &format!("98001,98003,{end}98002,98003,{end}")).into();
    let elsewhere = refusal(&database, &elsewhere).await;
    for line in 2..=3 {
        let place = format!("changes_synthetic_x.csv:{line} new_code");
        assert!(says(&elsewhere, &place, known), "{elsewhere:?}");
    }
    // One of those that a unit was made of is left out, another one joins.
    let units =
        format!("98,Minh Họa,Tỉnh Minh Họa,tinh,\n98004,Mẫu Bốn,Xã Mẫu Bốn,xa,98\n{merged}");
    let founded = set(
        "y",
        &units.lines().skip(1).take(1).map(|line| format!("{line}\n")).collect::<String>(),
        ",98004,whole,9/NQ-MINHHOA,2026-02-01\n",
    );
    import(&database, &founded.into()).await;
    let others = format!("98004,98002,{end}98002,98002,{end}");
    let others = refusal(&database, &set("x", merged, &others).into()).await;
    assert!(says(&others, "changes_synthetic_x.csv:2 old_code", "Xã Mẫu Một"), "{others:?}");
    assert!(says(&others, "units_synthetic_x.csv:2 code", "Xã Mẫu Một"), "{others:?}");
    // Dissolved after all.
    let dissolved = set("x", "", &format!("98001,,{end}")).into();
    let dissolved = refusal(&database, &dissolved).await;
    assert!(says(&dissolved, "changes_synthetic_x.csv:2 new_code", known), "{dissolved:?}");
    assert!(import(&database, &set("x", merged, &merging).into()).await.is_empty());
    let now = load(&database).await;
    assert_eq!(now.changes().len(), before.changes().len() + 1);
}

#[tokio::test]
async fn a_unit_that_an_act_names_is_known_on_its_day() {
    let database = TestDatabase::sqlite().await;
    import(&database, &founding().into()).await;
    let line = format!("98001,98001,whole,{ACT},2026-04-30\n");
    let unchanged = set("x", "98001,Mẫu Một,Xã Mẫu Một,xa,98\n", &line);
    import(&database, &unchanged.clone().into()).await;
    let before = load(&database).await;
    let unit = "units_synthetic_x.csv:2";
    for (units, place) in [
        ("98001,Mẫu Mới,Xã Mẫu Mới,xa,98\n", format!("{unit} full_name")),
        ("98001,Mẫu Một,Phường Mẫu Một,phuong,98\n", format!("{unit} full_name")),
    ] {
        let told = refusal(&database, &set("x", units, &line).into()).await;
        assert!(says(&told, &place, "Xã Mẫu Một"), "{units}: {told:?}");
    }
    let kind = set("x", "98001,Mẫu Một,Xã Mẫu Một,phuong,98\n", &line);
    let told = refusal(&database, &kind.into()).await;
    assert!(says(&told, &format!("{unit} type"), "là: xã"), "{told:?}");
    // Nor is a unit that was formed known as another kind.
    let formed = founding().map(|(name, text)| {
        (name, String::from_utf8(text).unwrap().replace("Xã Mẫu Hai,xa", "Xã Mẫu Hai,phuong"))
    });
    let formed = formed.map(|(name, text)| (name, text.into_bytes()));
    let told = refusal(&database, &formed.into()).await;
    assert!(says(&told, "units_synthetic_2026_01.csv:4 type", "là: xã"), "{told:?}");
    // It does not end on the day on which it stays as it was, nor does it change before.
    let end = format!("whole,{ACT},2026-04-30\n");
    let ended = format!("98001,98002,{end}98002,98002,{end}");
    let ended = set("x", "98002,Mẫu Hai,Xã Mẫu Hai,xa,98\n", &ended).into();
    let told = refusal(&database, &ended).await;
    assert!(told.iter().any(|(place, _)| place == "changes_synthetic_x.csv:2 old_code"));
    let earlier =
        set("x", "98001,Mẫu Mới,Xã Mẫu Mới,xa,98\n", "98001,98001,whole,6/NQ-MINHHOA,2026-03-01\n");
    let told = refusal(&database, &earlier.into()).await;
    assert!(told.iter().any(|(place, _)| *place == format!("{unit} code")), "{told:?}");
    assert!(import(&database, &unchanged.into()).await.is_empty());
    assert_same(&load(&database).await, &before);
}

#[test]
fn parts_that_leave_a_unit_make_up_a_whole() {
    let whole = || plan_import(&Territory::empty(), &founding().into(), DAY).unwrap().after;
    let files = dividing("2/3", "1/3", ACT);
    let planned = plan_import(&whole(), &files, DAY).unwrap();
    let plan = &planned.steps[0].plan;
    let with = |part: Part, more: Option<Part>| {
        let mut plan = plan.clone();
        let last = plan.new_changes.iter().map(|change| change.id).max().unwrap();
        let given = |change: &&mut Change| {
            change.kind == ChangeKind::PartialTransfer
                && change.part == Part::Share { numerator: 1, denominator: 3 }
        };
        let change = plan.new_changes.iter_mut().find(given).unwrap();
        change.part = part;
        let again = more.map(|part| Change { id: last + 1, part, ..change.clone() });
        plan.new_changes.extend(again);
        whole().apply(&plan)
    };
    let share = |numerator, denominator| Part::Share { numerator, denominator };
    assert!(with(share(1, 3), None).is_ok() && with(Part::Unknown, None).is_ok());
    for (part, more) in [
        (share(1, 4), None),
        (share(1, 2), None),
        (Part::Whole, None),
        (share(1, 3), Some(Part::Whole)),
        (share(1, 3), Some(share(1, 3))),
        (share(1, 3), Some(Part::Unknown)),
    ] {
        let told = told(with(part, more).unwrap_err());
        assert!(says(&told, "Xã Mẫu Một", "toàn bộ"), "{part:?} {more:?}: {told:?}");
    }
}

#[test]
fn many_stated_shares_are_summed_exactly() {
    let millionth = |numerator| Part::Share { numerator, denominator: 1_000_000 };
    let mut parts = vec![millionth(7_001); 100];
    parts.push(millionth(1_000_000 - 700_100));
    assert!(Part::make_up_a_whole(&parts));
    parts[0] = millionth(7_002);
    assert!(!Part::make_up_a_whole(&parts));
}

/// What an act says of itself, in the form of the file.
fn acts(number: &str, more: &str) -> Vec<u8> {
    let texts = "issuer = \"Hội đồng Minh Họa\"\ntitle = \"Nghị quyết minh họa\"\n";
    let text = format!("[[acts]]\nnumber = \"{number}\"\n{texts}{more}source = \"Minh họa\"\n");
    text.into_bytes()
}

const ADOPTED: &str = "adopted_on = \"2025-12-01\"\n";

fn act(territory: &Territory, number: &str) -> Act {
    territory.acts().iter().find(|act| act.number == number).unwrap().clone()
}

#[tokio::test]
async fn an_act_that_was_known_by_its_number_is_completed_and_taken_back_exactly() {
    let number = "1/NQ-MINHHOA";
    let mut beside: Files = founding().into();
    beside.insert("acts.toml".to_owned(), acts(number, ADOPTED));
    let alone: Files = [("acts.toml".to_owned(), acts(number, ADOPTED))].into();
    let square = "{\"type\":\"FeatureCollection\",\"features\":[]}".as_bytes().to_vec();
    let drawn: Files =
        alone.clone().into_iter().chain([("a.geojson".to_owned(), square)]).collect();
    for database in TestDatabase::each().await {
        import(&database, &founding().into()).await;
        let bare = load(&database).await;
        assert_eq!(act(&bare, number).title, "");
        for files in [&beside, &alone, &drawn] {
            let imported = import(&database, files).await;
            assert_eq!(imported, Imported { acts: 1, ..Imported::default() });
            let told = load(&database).await;
            let act = act(&told, number);
            assert_eq!((&*act.title, &*act.source), ("Nghị quyết minh họa", "Minh họa"));
            assert_eq!(act.issuer, "Hội đồng Minh Họa");
            assert_eq!(act.adopted_on.unwrap().to_string(), "2025-12-01");
            assert_eq!(act.effective_on.unwrap().to_string(), "2026-01-01", "known by the lists");
            assert!(import(&database, files).await.is_empty());
            let mut tx = database.write().await.unwrap();
            assert_eq!(crate::verify(&mut tx).await.unwrap().1, Vec::<String>::new());
            let last = operations(&mut tx).await.unwrap();
            assert!(last[0].description.contains("acts.toml"), "{}", last[0].description);
            undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &last[0].id)
                .await
                .unwrap();
            assert_eq!(crate::verify(&mut tx).await.unwrap().1, Vec::<String>::new());
            tx.commit().await.unwrap();
            assert_same(&load(&database).await, &bare);
        }
    }
}

#[tokio::test]
async fn what_is_known_otherwise_of_an_act_is_refused_where_it_is_said() {
    let number = "1/NQ-MINHHOA";
    let files = |more: &str| -> Files { [("acts.toml".to_owned(), acts(number, more))].into() };
    let database = TestDatabase::sqlite().await;
    import(&database, &founding().into()).await;
    import(&database, &files(ADOPTED)).await;
    let before = load(&database).await;
    let other = String::from_utf8(acts(number, ADOPTED)).unwrap();
    for (from, to, place, known) in [
        ("Hội đồng", "Ủy ban", "acts.toml:3 issuer", "Hội đồng Minh Họa"),
        ("Nghị quyết minh họa", "Quyết định", "acts.toml:4 title", "Nghị quyết minh họa"),
        ("2025-12-01", "2025-12-02", "acts.toml:5 adopted_on", "01/12/2025"),
        ("source = \"Minh họa\"", "source = \"x\"", "acts.toml:6 source", "Minh họa"),
        (
            "source",
            "effective_on = \"2026-01-02\"\nsource",
            "acts.toml:6 effective_on",
            "01/01/2026",
        ),
    ] {
        let text = other.replacen(from, to, 1).into_bytes();
        let told = refusal(&database, &[("acts.toml".to_owned(), text)].into()).await;
        assert!(says(&told, place, known), "{to}: {told:?}");
    }
    // A later operation that completes an act of an earlier one rests on it.
    let mut tx = database.write().await.unwrap();
    let first = operations(&mut tx).await.unwrap()[1].id.clone();
    let refused = undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &first).await;
    assert!(matches!(refused, Err(Error::Refused { code: "territory.rests_on", .. })));
    drop(tx);
    assert_same(&load(&database).await, &before);
}

#[tokio::test]
async fn the_act_by_which_districts_ended_is_completed_and_taken_back() {
    let mut without = pack();
    let acts = without.remove("acts.toml").unwrap();
    let ended = |territory: &Territory| -> Vec<Option<String>> {
        let ends = territory.changes().iter().filter(|it| it.kind == ChangeKind::EndOfLevel);
        let number = |act: i64| territory.act(act).unwrap().number.clone();
        ends.map(|change| change.act.map(number)).collect()
    };
    for database in TestDatabase::each().await {
        import(&database, &without).await;
        let before = load(&database).await;
        assert_eq!(ended(&before), vec![None; 8]);
        let imported = import(&database, &[("acts.toml".to_owned(), acts.clone())].into()).await;
        assert_eq!((imported.changes, imported.units), (8, 0));
        let after = load(&database).await;
        assert_eq!(ended(&after), vec![Some("203/2025/QH15".to_owned()); 8]);
        assert!(import(&database, &pack()).await.is_empty());
        let other = String::from_utf8(acts.clone()).unwrap().replace("203/2025", "204/2025");
        let told = refusal(&database, &[("acts.toml".to_owned(), other.into_bytes())].into()).await;
        assert!(
            told.iter().any(|(at, text)| at.ends_with("ends_level") && text.contains("203/2025"))
        );
        let mut tx = database.write().await.unwrap();
        let last = operations(&mut tx).await.unwrap()[0].id.clone();
        undo(&mut tx, &clock(), base::rights::Actor::operator(ACTOR), &last).await.unwrap();
        assert_eq!(crate::verify(&mut tx).await.unwrap().1, Vec::<String>::new());
        tx.commit().await.unwrap();
        assert_same(&load(&database).await, &before);
    }
}

#[test]
fn the_lists_of_a_province_complete_the_acts_of_the_nation() {
    let Some(nation) = nation() else { return };
    let planned = plan_import(nation, &pack(), DAY).unwrap();
    let plan = &planned.steps[0].plan;
    let completed: Vec<&str> = plan
        .completed_acts
        .iter()
        .map(|completed| &*nation.act(completed.act).unwrap().number)
        .collect();
    for number in ["202/2025/QH15", "1668/NQ-UBTVQH15"] {
        assert!(completed.contains(&number), "{completed:?}");
        let act = act(&planned.after, number);
        assert!(!act.title.is_empty() && act.adopted_on.is_some());
    }
    assert_eq!(plan.completed_changes.len(), 696, "the districts of the nation");
    assert!(plan.new_units.iter().all(|unit| unit.level == Level::Hamlet));
    assert!(planned.after.revert(plan).unwrap().changes() == nation.changes());
    assert!(plan_import(&planned.after, &pack(), DAY).unwrap().steps[0].plan.new_acts.is_empty());
}

#[test]
fn the_day_from_which_units_are_known_is_that_of_the_act_that_says_so() {
    let first_day = |acts: Option<String>| -> Result<Day, Vec<(String, String)>> {
        let mut files: BTreeMap<String, Vec<u8>> = pack();
        files.retain(|name, _| name != "acts.toml");
        files.extend(acts.map(|acts| ("acts.toml".to_owned(), acts.into_bytes())));
        let planned = plan_import(&Territory::empty(), &files, DAY).map_err(told)?;
        let old = unit(&planned.after, "31447", DAY.plus(-1));
        let hamlet = unit(&planned.after, "3144703", DAY);
        let from = |id: UnitId| planned.after.unit(id).unwrap().valid().from;
        assert_eq!(from(old), from(hamlet));
        Ok(from(old))
    };
    let acts = String::from_utf8(pack()["acts.toml"].clone()).unwrap();
    let day = |text: &str| text.parse::<Day>().unwrap();
    assert_eq!(first_day(Some(acts.clone())).unwrap(), day("2004-01-01"));
    assert_eq!(first_day(None).unwrap(), day("2004-01-01"));
    let moved = acts.replace("\"2004-01-01\"", "\"2003-12-01\"");
    assert_eq!(first_day(Some(moved)).unwrap(), day("2003-12-01"));
    let unmarked = acts.replace("known_from = true", "known_from = false");
    assert_eq!(first_day(Some(unmarked)).unwrap(), day("2004-01-01"));
    let line = |text: &str| acts.lines().position(|line| line.starts_with(text)).unwrap() + 1;
    let marked = line("known_from =");
    let second = acts.replace("\nends_level =", "\nknown_from = true\nends_level =");
    let undated = acts.replace("effective_on = \"2004-01-01\"\n", "");
    let late = acts.replace("\"2004-01-01\"", "\"2025-07-01\"");
    for (acts, place) in [
        (second, format!("acts.toml:{} known_from", line("ends_level ="))),
        (undated, format!("acts.toml:{} known_from", marked - 1)),
        (late, "provinces_2025.csv:2 effective_date".to_owned()),
    ] {
        let told = first_day(Some(acts)).unwrap_err();
        assert!(says(&told, &place, "known_from"), "{place}: {told:?}");
    }
}

#[test]
fn an_act_stands_once_in_its_file_and_has_a_number() {
    let files = |text: Vec<u8>| -> Files { [("acts.toml".to_owned(), text)].into() };
    let twice = [acts("1/NQ", ""), acts(" 1/NQ ", "")].concat();
    let late = acts("1/NQ", "effective_on = \"2026-01-01\"\nadopted_on = \"2026-01-02\"\n");
    for (text, place) in [
        (twice, "acts.toml:7 number"),
        (acts(" ", ""), "acts.toml:2 number"),
        (late, "acts.toml:6 adopted_on"),
    ] {
        let told = told(plan_import(hau_giang(), &files(text), DAY).unwrap_err());
        assert_eq!(told[0].0, place);
    }
    let read = plan_import(hau_giang(), &files(acts("1/NQ", "")), DAY).unwrap();
    assert_eq!((read.steps.len(), read.unread.len()), (1, 0));
    assert_eq!(read.steps[0].plan.new_acts.len(), 1);
    assert_eq!(
        read.steps[0].plan,
        Plan { new_acts: read.steps[0].plan.new_acts.clone(), ..Plan::default() }
    );
}
