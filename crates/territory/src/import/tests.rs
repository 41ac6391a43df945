//! The lists of Hậu Giang and of the nation, read and planned.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::Error;

use super::{Batch, parse, plan, sort};
use crate::sample::{DAY, EVE, batch, hau_giang, nation, national_batch, unit};
use crate::{ChangeKind, Happening, Level, Part, Territory};

fn counts(territory: &Territory, day: base::Day) -> Vec<usize> {
    Level::ALL.into_iter().map(|level| territory.under(None, day, level).len()).collect()
}

fn changes(territory: &Territory) -> HashMap<ChangeKind, usize> {
    let mut counts = HashMap::new();
    for change in territory.changes() {
        *counts.entry(change.kind).or_insert(0) += 1;
    }
    counts
}

#[test]
fn hau_giang_has_its_units_before_and_after() {
    let territory = hau_giang();
    assert_eq!(counts(territory, EVE), [3, 8, 75, 525]);
    assert_eq!(counts(territory, DAY), [1, 0, 28, 525]);
    let changes = changes(territory);
    assert_eq!(changes[&ChangeKind::Merge], 75 + 3);
    assert_eq!(changes[&ChangeKind::EndOfLevel], 8);
    assert_eq!(changes[&ChangeKind::CodeReissue], 15, "15 of 28 codes name another unit");
    assert_eq!(changes[&ChangeKind::Reparent], 525);
    assert_eq!(territory.acts().len(), 2);
}

#[test]
fn a_merger_ends_every_member_even_the_one_that_gave_name_and_code() {
    let territory = hau_giang();
    let (old, new) = (unit(territory, "31333", EVE), unit(territory, "31333", DAY));
    assert_ne!(old, new, "Xã Vị Tân and Phường Vị Tân hold one code");
    assert!(territory.at(old, DAY).is_none());
    let holders = territory.code_holders("31453");
    let names: Vec<_> = holders.iter().map(|version| version.full_name.as_str()).collect();
    assert_eq!(names, ["Xã Vĩnh Thuận Tây", "Xã Vĩnh Thuận Đông"]);
}

#[test]
fn planning_a_batch_again_adds_nothing() {
    assert!(plan(hau_giang(), &batch()).unwrap().is_empty());
}

#[test]
fn the_nation_has_its_units_before_and_after() {
    let Some(territory) = nation() else { return };
    assert_eq!(counts(territory, EVE)[..3], [63, 696, 10_035]);
    assert_eq!(counts(territory, DAY)[..3], [34, 0, 3_321]);
    let kept = territory.units().iter().filter(|unit| unit.valid().contains(DAY));
    let kept = kept.filter(|unit| unit.valid().contains(EVE));
    let mut by_level = HashMap::new();
    for unit in kept.filter(|unit| unit.level != Level::Hamlet) {
        *by_level.entry(unit.level).or_insert(0) += 1;
    }
    // Of 137 communes with one whole source five are the districts of islands.
    assert_eq!(by_level, HashMap::from([(Level::Province, 11), (Level::Commune, 132)]));
    let island = unit(territory, "318", EVE);
    let zone = unit(territory, "11948", DAY);
    assert_eq!(territory.successors(island)[0].unit, zone);
    assert!(territory.landings(island, DAY)[0].exact);
}

#[test]
fn the_nation_over_hau_giang_recognises_its_units() {
    let Some(batch) = national_batch() else { return };
    let region = hau_giang();
    let plan = plan(region, &batch).unwrap();
    let whole = region.apply(&plan).unwrap();
    assert_eq!(counts(&whole, EVE), [63, 696, 10_035, 525]);
    assert_eq!(counts(&whole, DAY), [34, 0, 3_321, 525]);
    for unit in region.units() {
        assert_eq!(whole.unit(unit.id), Some(unit), "known units stay as they are");
    }
    assert!(super::plan(&whole, &batch).unwrap().is_empty());
    assert!(super::plan(&whole, &crate::sample::batch()).unwrap().is_empty());
    assert_eq!(whole.revert(&plan).unwrap().units(), region.units());
}

#[test]
fn a_unit_that_stays_keeps_its_id_through_a_new_name_and_parent() {
    let Some(territory) = nation() else { return };
    let mut kinds = HashSet::new();
    for change in territory.changes().iter().filter(|change| change.from == change.to) {
        let Some(id) = change.from else { continue };
        kinds.insert(change.kind);
        let events = territory.history(id);
        let fits = events.iter().any(|event| match change.kind {
            ChangeKind::Rename => matches!(event.what, Happening::Renamed { .. }),
            ChangeKind::ChangeOfKind => matches!(event.what, Happening::KindChanged { .. }),
            ChangeKind::Reparent => matches!(event.what, Happening::Moved { .. }),
            _ => event.what == Happening::Unchanged,
        });
        assert!(fits && territory.at(id, DAY).is_some(), "{change:?}");
    }
    assert_eq!(kinds.len(), 4);
    let parts = territory.changes().iter().filter(|change| change.part == Part::Unknown);
    assert_eq!(parts.count(), 971);
}

const UNITS: &str = "code,name,full_name,type,parent_code\n";
const CHANGES: &str = "old_code,new_code,whole_or_part,resolution,effective_date,nso_note,remark\n";
const PROVINCES: &str =
    "old_code,old_full_name,new_code,new_full_name,kept_code,resolution,effective_date\n";

/// Two communes become one, in a province that stays; some text replaced in one of the files.
fn read_with(wrong: &str, right: &str) -> Result<Batch, Vec<String>> {
    let before = format!(
        "{UNITS}93,Hậu Giang,Tỉnh Hậu Giang,tinh,\n930,Vị Thanh,Thành phố Vị Thanh,thanh_pho,93\n\
         31318,I,Phường I,phuong,930\n31321,III,Phường III,phuong,930\n"
    );
    let after = format!(
        "{UNITS}92,Cần Thơ,Thành phố Cần Thơ,thanh_pho_tw,\n31320,Vị Thanh,\"Phường \n\
         Vị  Thanh\",phuong,92\n"
    );
    let changes = format!(
        "{CHANGES}31318,31320,whole,1668/NQ-UBTVQH15,2025-07-01,,\n\
         31321,31320,whole,1668/NQ-UBTVQH15,01/07/2025,,\n"
    );
    let provinces =
        format!("{PROVINCES}93,Tỉnh Hậu Giang,92,Thành phố Cần Thơ,no,202/2025/QH15,2025-07-01\n");
    let swap = |text: String| text.replacen(right, wrong, 1).into_bytes();
    let names = [
        "units_2025_before_merger.csv",
        "units_2025.csv",
        "changes_2025.csv",
        "provinces_2025.csv",
    ];
    let texts = [before, after, changes, provinces];
    let files: BTreeMap<String, Vec<u8>> =
        names.map(str::to_owned).into_iter().zip(texts.map(swap)).collect();
    let read = parse(&sort(&files).unwrap()).map(|mut batches| batches.remove(0));
    read.map_err(places)
}

pub(super) fn places(error: Error) -> Vec<String> {
    match error {
        Error::Invalid(mistakes) => mistakes.into_iter().map(|mistake| mistake.place).collect(),
        error => panic!("{error}"),
    }
}

#[test]
fn names_of_lists_are_cleaned() {
    let batch = read_with("", "nothing of the kind").unwrap();
    assert_eq!(batch.after[1].full_name, "Phường Vị Thanh");
    assert_eq!(batch.on, DAY);
}

#[test]
fn every_mistake_is_named_with_file_line_and_field() {
    for (wrong, right, place) in [
        ("code;name", "code,name", "units_2025_before_merger.csv:1 "),
        ("3131A,I,", "31318,I,", "units_2025_before_merger.csv:4 code"),
        ("31321,I,", "31318,I,", "units_2025_before_merger.csv:5 code"),
        ("31318,,", "31318,I,", "units_2025_before_merger.csv:4 name"),
        ("phường,930\n31321", "phuong,930\n31321", "units_2025_before_merger.csv:4 type"),
        ("ap,930\n31321", "phuong,930\n31321", "units_2025_before_merger.csv:4 type"),
        ("phuong,931\n31321", "phuong,930\n31321", "units_2025_before_merger.csv:4 parent_code"),
        ("phuong,\n31321", "phuong,930\n31321", "units_2025_before_merger.csv:4 parent_code"),
        ("tinh,93\n930", "tinh,\n930", "units_2025_before_merger.csv:2 parent_code"),
        ("phuong\n31321", "phuong,930\n31321", "units_2025_before_merger.csv:4 "),
        ("31319,31320", "31318,31320", "changes_2025.csv:2 old_code"),
        ("31318,31322", "31318,31320", "changes_2025.csv:2 new_code"),
        ("all,1668", "whole,1668", "changes_2025.csv:2 whole_or_part"),
        ("part,1668", "whole,1668", "changes_2025.csv:2 whole_or_part"),
        ("2025-02-30,,", "2025-07-01,,", "changes_2025.csv:2 effective_date"),
        ("02/07/2025", "01/07/2025", "changes_2025.csv:3 effective_date"),
        ("31318,31320", "31321,31320", "changes_2025.csv:3 new_code"),
        ("whole,,2025", "whole,1668/NQ-UBTVQH15,2025", "changes_2025.csv:2 resolution"),
        ("93,Tỉnh Hà Giang,92", "93,Tỉnh Hậu Giang,92", "provinces_2025.csv:2 old_full_name"),
        ("930,Tỉnh Hậu Giang,92", "93,Tỉnh Hậu Giang,92", "provinces_2025.csv:2 old_code"),
        (
            "31318,31320,whole,a,2025-07-01,,\n",
            "31318,31320,whole,1668/NQ-UBTVQH15,2025-07-01,,\n31321,31320,whole,1668/NQ-UBTVQH15,01/07/2025,,\n",
            "units_2025_before_merger.csv:5 code",
        ),
    ] {
        let places = read_with(wrong, right).expect_err(wrong);
        assert!(places.iter().any(|found| found == place), "{wrong}: {places:?}");
    }
}

#[test]
fn hostile_bytes_are_refused_with_an_end() {
    let good = UNITS.as_bytes();
    let wide = format!("{UNITS}{}\n", "x".repeat(100_000));
    let many = format!("{UNITS}{}", "a,b\n".repeat(10_000));
    for bytes in [&b"\xff\xfe\x00"[..], b"", b"\0\0\0\n\"", wide.as_bytes(), many.as_bytes()] {
        let lists = [
            ("units_2025_before_merger.csv", bytes),
            ("units_2025.csv", good),
            ("changes_2025.csv", good),
            ("provinces_2025.csv", good),
        ];
        let files = lists.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())).into();
        let Err(Error::Invalid(mistakes)) = parse(&sort(&files).unwrap()) else {
            panic!("{bytes:?}")
        };
        assert!((1..=50).contains(&mistakes.len()));
    }
}

#[test]
fn a_batch_that_contradicts_what_is_known_is_refused() {
    let mut batch = batch();
    let before = batch.before.as_mut().unwrap();
    let line = before.iter_mut().find(|unit| unit.code.as_str() == "31447").unwrap();
    line.full_name = "Xã Vị Thúy".into();
    let Err(Error::Invalid(mistakes)) = plan(hau_giang(), &batch) else { panic!() };
    assert!(mistakes[0].place.ends_with("full_name"), "{mistakes:?}");
}

#[test]
fn the_other_tone_style_is_the_same_name_and_the_stored_spelling_stays() {
    let mut batch = batch();
    for unit in batch.before.iter_mut().flatten().chain(&mut batch.after) {
        unit.full_name = unit.full_name.replace("Hòa", "Hoà").replace("Thủy", "Thuỷ");
        unit.name = unit.name.replace("Hòa", "Hoà").replace("Thủy", "Thuỷ");
    }
    assert!(plan(hau_giang(), &batch).unwrap().is_empty());
}
