//! Questions about the territory, among them the names and codes that fool people.

use base::{Day, DayRange, Error};

use super::{Happening, Match};
use crate::sample::{DAY, EVE, hau_giang, nation, unit};
use crate::{
    Act, Change, ChangeKind, Kind, Level, Outline, Part, Territory, Unit, UnitCode, UnitId, Version,
};

fn name(code: &str, day: Day) -> &'static str {
    hau_giang().by_code(code, day).map_or("-", |version| version.full_name.as_str())
}

fn became(code: &str) -> &'static str {
    let landings = hau_giang().landings(unit(hau_giang(), code, EVE), DAY);
    assert!(landings.len() == 1 && landings[0].exact, "{code}");
    hau_giang().at(landings[0].unit, DAY).unwrap().full_name.as_str()
}

#[test]
fn a_code_means_another_unit_on_another_day() {
    for (code, before, after) in [
        ("31453", "Xã Vĩnh Thuận Tây", "Xã Vĩnh Thuận Đông"),
        ("31486", "Xã Vĩnh Thuận Đông", "-"),
        ("31441", "Thị trấn Nàng Mau", "Xã Vị Thủy"),
        ("31447", "Xã Vị Thủy", "-"),
        ("31369", "Xã Đông Thạnh", "Xã Đông Phước"),
        ("31465", "Xã Vị Thanh", "Xã Vị Thanh 1"),
        ("31321", "Phường III", "Phường Vị Thanh"),
        ("31480", "Xã Long Phú", "Phường Long Phú 1"),
        ("935", "Huyện Vị Thủy", "-"),
        ("93", "Tỉnh Hậu Giang", "-"),
        ("92", "Thành phố Cần Thơ", "Thành phố Cần Thơ"),
        ("00000", "-", "-"),
        ("x; drop table", "-", "-"),
    ] {
        assert_eq!((name(code, EVE), name(code, DAY)), (before, after), "{code}");
    }
}

#[test]
fn old_names_lead_where_the_act_says_and_not_where_the_name_says() {
    for (code, after) in [
        ("31447", "Xã Vĩnh Thuận Đông"),
        ("31384", "Xã Phú Hữu"),
        ("31465", "Xã Vị Thanh 1"),
        ("31459", "Xã Vĩnh Tường"),
        ("31475", "Phường Long Bình"),
        ("31486", "Xã Vĩnh Thuận Đông"),
        ("31480", "Phường Long Phú 1"),
        ("31362", "Xã Đông Phước"),
        ("93", "Thành phố Cần Thơ"),
        ("94", "Thành phố Cần Thơ"),
    ] {
        assert_eq!(became(code), after, "{code}");
    }
    let district = hau_giang().landings(unit(hau_giang(), "935", EVE), DAY);
    assert!(district[0].raised && district[0].exact);
    assert_eq!(hau_giang().at(district[0].unit, DAY).unwrap().full_name, "Thành phố Cần Thơ");
}

#[test]
fn the_fifteen_reissued_codes_are_those_of_the_list() {
    let changes = hau_giang().changes().iter();
    let reissued = changes.filter(|change| change.kind == ChangeKind::CodeReissue);
    let holder = |change: &Change| hau_giang().at(change.to.unwrap(), DAY).unwrap();
    let mut codes: Vec<_> =
        reissued.map(|change| holder(change).code.as_ref().unwrap().as_str()).collect();
    codes.sort_unstable();
    let expected = "31321 31338 31342 31366 31369 31393 31396 31408 31420 31441 31453 31465 31471 \
                    31473 31480";
    assert_eq!(codes.join(" "), expected);
}

#[test]
fn going_back_the_members_of_a_merger_share_by_estimate() {
    let landings = hau_giang().landings(unit(hau_giang(), "31441", DAY), EVE);
    let shares: Vec<_> =
        landings.iter().map(|l| (l.share.numerator, l.share.denominator, l.exact)).collect();
    assert_eq!(shares, [(1, 3, false); 3]);
}

#[test]
fn hamlets_stay_themselves_while_their_commune_ends() {
    let hamlet = unit(hau_giang(), "3144703", EVE);
    let landings = hau_giang().landings(hamlet, DAY);
    assert!(landings.len() == 1 && landings[0].unit == hamlet && landings[0].exact);
    let path = |day| hau_giang().path(hamlet, day).unwrap();
    assert_eq!(path(EVE), "Ấp Tân Lợi, Xã Vị Thủy, Huyện Vị Thủy, Tỉnh Hậu Giang");
    assert_eq!(path(DAY), "Ấp Tân Lợi, Xã Vĩnh Thuận Đông, Thành phố Cần Thơ");
    let known = hau_giang().unit(hamlet).unwrap();
    assert_eq!(known.origin, Some(unit(hau_giang(), "31447", EVE)));
    assert!(known.made_up);
}

#[test]
fn units_are_listed_in_vietnamese_order_under_their_parent() {
    let district = unit(hau_giang(), "930", EVE);
    let names: Vec<_> =
        hau_giang().children(Some(district), EVE).map(|version| version.name.as_str()).collect();
    assert_eq!(names.len(), 9);
    assert!(names.windows(2).all(|pair| base::text::compare(pair[0], pair[1]).is_le()));
    assert_eq!(hau_giang().children(Some(district), DAY).count(), 0);
    assert_eq!(hau_giang().under(Some(district), EVE, Level::Commune).len(), 9);
    let province = unit(hau_giang(), "93", EVE);
    assert!(hau_giang().is_within(unit(hau_giang(), "31318", EVE), province, EVE));
    assert!(!hau_giang().is_within(province, district, EVE));
}

#[test]
fn the_life_of_a_unit_is_told_in_order() {
    let history = |code, day| {
        let events = hau_giang().history(unit(hau_giang(), code, day));
        events.into_iter().map(|event| event.what).collect::<Vec<_>>()
    };
    let (tay, dong) = (unit(hau_giang(), "31453", EVE), unit(hau_giang(), "31453", DAY));
    assert_eq!(
        history("31453", EVE),
        [Happening::FirstKnown, Happening::CodePassedTo(dong), Happening::MergedInto(dong)]
    );
    let [Happening::FormedFrom(members), Happening::CodeTakenFrom(from)] =
        &history("31453", DAY)[..]
    else {
        panic!()
    };
    assert_eq!((members.len(), *from), (3, tay));
    assert_eq!(history("935", EVE), [Happening::FirstKnown, Happening::LevelEnded]);
    assert!(hau_giang().history(UnitId(-1)).is_empty());
}

#[test]
fn search_needs_no_tones_and_tells_homonyms_apart() {
    let found = |query: &str, day: Option<Day>| -> Vec<(&str, String, Match)> {
        let hits = hau_giang().search(query, day, 10);
        let line =
            |hit: super::Hit<'static>| (hit.version.full_name.as_str(), hit.above, hit.matched);
        hits.into_iter().map(line).collect()
    };
    let eve = found("vinh tuong", Some(EVE));
    let above: Vec<_> = eve.iter().map(|(name, above, _)| format!("{name}, {above}")).collect();
    assert_eq!(
        above,
        [
            "Phường Vĩnh Tường, Thị xã Long Mỹ, Tỉnh Hậu Giang",
            "Xã Vĩnh Tường, Huyện Vị Thủy, Tỉnh Hậu Giang"
        ]
    );
    assert_eq!(found("Vĩnh Tường", Some(DAY))[0].0, "Xã Vĩnh Tường");
    let exact = found("31453", None).into_iter().filter(|hit| hit.2 == Match::Exact);
    assert_eq!(exact.count(), 2, "both holders of the code, before hamlets whose codes begin so");
    assert_eq!(found("cai tac", None)[0].0, "Thị trấn Cái Tắc", "old names are found");
    assert!(found("cai tac", Some(DAY)).is_empty());
    assert_eq!(found("HOÀ MỸ", None)[0].2, Match::Exact);
    assert_eq!(found("hoa my", None)[0].2, Match::Folded);
    assert_eq!(found("phuong vi th", Some(DAY))[0].0, "Phường Vị Thanh");
    assert!(found("", None).is_empty());
    assert!(found("không có", None).is_empty());
    assert_eq!(hau_giang().search("ap", None, 7).len(), 7);
}

#[test]
fn what_is_kept_of_a_search_is_all_of_it() {
    let territory = hau_giang();
    for on in [EVE, DAY] {
        let all = territory.search("ap", Some(on), usize::MAX);
        for commune in territory.under(None, on, Level::Commune) {
            let inside = |version: &Version| territory.is_within(version.unit, commune.unit, on);
            let kept = territory.search_all("ap", Some(on), inside);
            let kept: Vec<_> = kept.into_iter().map(|version| version.unit).collect();
            let expected = all.iter().filter(|hit| inside(hit.version));
            let expected: Vec<_> = expected.map(|hit| hit.version.unit).collect();
            assert_eq!(kept, expected, "{} on {on}", commune.full_name);
        }
    }
}

#[test]
fn in_the_nation_the_many_of_one_name_are_all_found() {
    let Some(territory) = nation() else { return };
    let hits = territory.search("tân bình", Some(EVE), 100);
    let exact = hits.iter().filter(|hit| hit.matched == Match::Exact).count();
    let expected = territory.units().iter().filter_map(|unit| unit.at(EVE));
    let neutral = base::text::tone_neutral("Tân Bình");
    let expected = expected.filter(|version| base::text::tone_neutral(&version.name) == neutral);
    assert_eq!(exact, expected.count());
    assert!(exact > 20);
}

fn square(unit: UnitId, schematic: bool, west: f64, holes: &[[f64; 2]]) -> Outline {
    let ring = |from: f64, to: f64| {
        vec![(west + from, from), (west + to, from), (west + to, to), (west + from, to)]
    };
    let mut polygon = vec![ring(0.0, 10.0)];
    polygon.extend(holes.iter().map(|[from, to]| ring(*from, *to)));
    let rings = vec![polygon];
    let bbox = Outline::bbox_of(&rings);
    let valid = DayRange { from: DAY, to: Day::MAX };
    Outline { unit, valid, schematic, source: "made up".into(), rings, bbox }
}

#[test]
fn a_point_lies_in_the_deepest_true_outline_of_the_day() {
    let (province, commune) = (unit(hau_giang(), "92", DAY), unit(hau_giang(), "31321", DAY));
    let sketched = unit(hau_giang(), "31333", DAY);
    let outlines = vec![
        square(province, false, 0.0, &[]),
        square(commune, false, 0.0, &[[4.0, 6.0]]),
        square(sketched, true, 20.0, &[]),
    ];
    let (units, changes) = (hau_giang().units().to_vec(), hau_giang().changes().to_vec());
    let territory = Territory::new(units, hau_giang().acts().to_vec(), changes, outlines).unwrap();
    for (lat, lon, day, expected) in [
        (2.0, 3.0, DAY, Some(commune)),
        (5.0, 5.0, DAY, Some(province)),
        (5.0, 11.0, DAY, None),
        (5.0, 25.0, DAY, None),
        (2.0, 3.0, EVE, None),
        (f64::NAN, 3.0, DAY, None),
    ] {
        assert_eq!(territory.locate(lat, lon, day), expected, "{lat} {lon} {day}");
    }
    assert_eq!(territory.outlines_of(sketched, DAY).len(), 1);
}

fn versions(id: i64, kind: Kind, parent: Option<i64>, code: &str, spans: &[(i32, i32)]) -> Unit {
    let version = |(from, to): &(i32, i32)| Version {
        unit: UnitId(id),
        valid: DayRange { from: Day(*from), to: Day(*to) },
        code: Some(UnitCode::new(kind.level(), code).unwrap()),
        name: format!("Đơn vị {id}"),
        full_name: format!("{} Đơn vị {id}", kind.title()),
        kind,
        parent: parent.map(UnitId),
        act: None,
    };
    let versions = spans.iter().map(version).collect();
    Unit { id: UnitId(id), level: kind.level(), origin: None, made_up: true, versions }
}

#[test]
fn rows_that_contradict_each_other_are_refused() {
    let province = || versions(1, Kind::Province, None, "93", &[(0, 100)]);
    let commune =
        |id, code: &str, spans: &[(i32, i32)]| versions(id, Kind::Commune, Some(1), code, spans);
    let good =
        || vec![province(), commune(2, "00002", &[(0, 50)]), commune(3, "00002", &[(50, 90)])];
    let lineage = |on, kind| Change {
        id: 1,
        act: None,
        on: Day(on),
        kind,
        from: Some(UnitId(2)),
        to: Some(UnitId(3)),
        part: Part::Whole,
        note: String::new(),
    };
    let make = |units: Vec<Unit>, changes: Vec<Change>| {
        Territory::new(units, Vec::<Act>::new(), changes, Vec::new())
    };
    assert!(make(good(), vec![lineage(50, ChangeKind::Merge)]).is_ok());
    let mut stray = good();
    stray[1].versions[0].parent = Some(UnitId(9));
    let mut upside_down = good();
    upside_down[0].versions[0].parent = Some(UnitId(2));
    let mut other_level = good();
    other_level[1].level = Level::District;
    let mut twice = good();
    twice.push(province());
    let bad_part = Change {
        part: Part::Share { numerator: 3, denominator: 3 },
        ..lineage(50, ChangeKind::PartialTransfer)
    };
    for (units, changes) in [
        (
            vec![province(), commune(2, "00002", &[(0, 60)]), commune(3, "00002", &[(50, 90)])],
            vec![],
        ),
        (vec![province(), commune(2, "00002", &[(0, 50), (51, 90)])], vec![]),
        (vec![province(), commune(2, "00002", &[(50, 90), (0, 50)])], vec![]),
        (vec![province(), commune(2, "00002", &[])], vec![]),
        (vec![province(), commune(2, "00002", &[(0, 101)])], vec![]),
        (vec![province(), commune(-2, "00002", &[(0, 50)])], vec![]),
        (vec![province(), commune(i64::MAX, "00002", &[(0, 50)])], vec![]),
        (stray, vec![]),
        (upside_down, vec![]),
        (other_level, vec![]),
        (twice, vec![]),
        (good(), vec![lineage(49, ChangeKind::Merge)]),
        (good(), vec![lineage(50, ChangeKind::Rename)]),
        (good(), vec![lineage(50, ChangeKind::Merge), lineage(50, ChangeKind::Split)]),
        (good(), vec![bad_part]),
    ] {
        let result = make(units.clone(), changes.clone());
        assert!(matches!(result, Err(Error::Invalid(_))), "{units:?} {changes:?}");
    }
}

#[test]
fn a_code_has_the_shape_of_its_level() {
    for (level, code, good) in [
        (Level::Province, "93", true),
        (Level::Province, "9a", false),
        (Level::District, "930", true),
        (Level::Commune, "00001", true),
        (Level::Commune, "1", false),
        (Level::Commune, "٣٤٥٦٧", false),
        (Level::Hamlet, "31318-KV-01", true),
        (Level::Hamlet, "", false),
        (Level::Hamlet, "ấp", false),
        (Level::Hamlet, "1234567890123", false),
    ] {
        assert_eq!(UnitCode::new(level, code).is_ok(), good, "{code}");
    }
    for kind in Kind::ALL {
        assert_eq!(Kind::find(kind.as_str()), Some(*kind));
    }
}

#[test]
fn a_small_later_merger_is_not_the_one_old_papers_speak_of() {
    let territory = hau_giang();
    let pair = [unit(territory, "31441", DAY), unit(territory, "31453", DAY)];
    let later = DAY.plus(549);
    let mut units = territory.units().to_vec();
    let mut changes = territory.changes().to_vec();
    let mut joined = territory.at(pair[0], DAY).unwrap().clone();
    let id = UnitId(units.last().unwrap().id.0 + 1);
    joined.unit = id;
    joined.valid.from = later;
    for ended in units.iter_mut().filter(|unit| pair.contains(&unit.id)) {
        ended.versions.last_mut().unwrap().valid.to = later;
    }
    for hamlet in units.iter_mut().filter(|unit| unit.level == Level::Hamlet) {
        let last = hamlet.versions.last_mut().unwrap();
        if last.parent.is_some_and(|parent| pair.contains(&parent)) {
            last.valid.to = later;
        }
    }
    let (origin, level) = (None, Level::Commune);
    units.push(Unit { id, level, origin, made_up: false, versions: vec![joined] });
    let first = changes.iter().map(|change| change.id).max().unwrap() + 1;
    for (id_of_change, from) in (first..).zip(pair) {
        changes.push(Change {
            id: id_of_change,
            act: None,
            on: later,
            kind: ChangeKind::Merge,
            from: Some(from),
            to: Some(id),
            part: Part::Whole,
            note: String::new(),
        });
    }
    let after = Territory::new(units, territory.acts().to_vec(), changes, Vec::new()).unwrap();
    assert_eq!(after.largest_merger(Day::MAX), Some(DAY));
    assert_eq!(after.largest_merger(EVE), None);
    assert_eq!(Territory::empty().largest_merger(Day::MAX), None);
}

#[test]
fn a_province_of_several_knows_which_of_them_are_listed() {
    let territory = hau_giang();
    let city = unit(territory, "92", DAY);
    let held = territory.partly_held(city).unwrap();
    assert_eq!(held.held, [unit(territory, "93", EVE)]);
    assert_eq!(held.missing, [unit(territory, "92", EVE), unit(territory, "94", EVE)]);
    assert_eq!(held.until, EVE);
    for id in
        [unit(territory, "93", EVE), unit(territory, "94", EVE), unit(territory, "31441", DAY)]
    {
        assert_eq!(territory.partly_held(id), None);
    }
    let Some(nation) = nation() else { return };
    for province in nation.under(None, DAY, Level::Province) {
        assert_eq!(nation.partly_held(province.unit), None, "{}", province.full_name);
    }
}
