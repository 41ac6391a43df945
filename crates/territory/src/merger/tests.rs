//! Mergers over the communes of today, and their undoing.

use base::{Day, Error};
use proptest::prelude::*;

use super::{MergerOrder, NewUnit, Parent, Warning, read_order, rehearse};
use crate::draft::bare_act;
use crate::sample::{DAY, hau_giang, unit};
use crate::{ChangeKind, Kind, Level, Part, Territory, UnitCode, UnitId};

/// The day of the made-up mergers of these tests: 2027-01-01.
const LATER: Day = Day(20_819);

fn new_unit(code: &str, name: &str, from: Vec<(UnitId, Part)>) -> NewUnit {
    NewUnit {
        code: UnitCode::new(Level::Commune, code).unwrap(),
        name: name.into(),
        full_name: format!("Xã  {name}"),
        kind: Kind::Commune,
        parent: Some(unit(hau_giang(), "92", DAY).into()),
        from,
    }
}

fn order(into: Vec<NewUnit>) -> MergerOrder {
    let act = bare_act("1/NQ-UBTVQH16", LATER);
    MergerOrder { act, on: LATER, into, children: Vec::new() }
}

fn now(code: &str) -> UnitId {
    unit(hau_giang(), code, DAY)
}

fn same(left: &Territory, right: &Territory) -> bool {
    left.units() == right.units()
        && left.acts() == right.acts()
        && left.changes() == right.changes()
        && left.outlines() == right.outlines()
}

#[test]
fn a_merger_ends_members_moves_hamlets_and_names_what_will_confuse() {
    let (thuy, dong) = (now("31441"), now("31453"));
    let into = vec![new_unit("31453", "Vị Thắng", vec![(thuy, Part::Whole), (dong, Part::Whole)])];
    let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
    let new = rehearsal.formed[0];
    assert_eq!(rehearsal.ended, [thuy, dong]);
    assert_eq!(rehearsal.established, [new]);
    let hamlets = |unit| hau_giang().children(Some(unit), DAY).count();
    assert_eq!(rehearsal.moved.len(), hamlets(thuy) + hamlets(dong));
    assert_eq!(rehearsal.reissued.len(), 1);
    assert!(rehearsal.warnings.is_empty() && rehearsal.homonyms.is_empty());
    let after = hau_giang().apply(&rehearsal.plan).unwrap();
    assert_eq!(after.at(new, LATER).unwrap().full_name, "Xã Vị Thắng");
    // The old Xã Vị Thủy of before 2025 passed through two mergers.
    let old = unit(hau_giang(), "31447", DAY.plus(-1));
    let landings = after.landings(old, LATER);
    assert!(landings.len() == 1 && landings[0].unit == new && landings[0].exact);
    assert!(same(&after.revert(&rehearsal.plan).unwrap(), hau_giang()));
}

#[test]
fn a_new_unit_with_the_name_of_one_that_stays_outside_is_told() {
    let into = vec![new_unit(
        "31441",
        "Xà Phiên",
        vec![(now("31441"), Part::Whole), (now("31492"), Part::Whole)],
    )];
    let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
    assert_eq!(rehearsal.homonyms[0].others, [now("31495")]);
}

#[test]
fn a_renaming_keeps_the_unit() {
    let id = now("31465");
    let into = vec![new_unit("31465", "Vị Bình", vec![(id, Part::Whole)])];
    let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
    assert_eq!((rehearsal.kept.as_slice(), rehearsal.ended.len()), (&[id][..], 0));
    let kinds: Vec<_> = rehearsal.plan.new_changes.iter().map(|change| change.kind).collect();
    assert_eq!(kinds, [ChangeKind::Rename]);
    let after = hau_giang().apply(&rehearsal.plan).unwrap();
    assert_eq!(after.unit(id).unwrap().versions.len(), 2);
}

#[test]
fn a_split_asks_where_each_hamlet_goes() {
    let id = now("31492");
    let into = || {
        vec![
            new_unit(
                "31492",
                "Lương Tâm",
                vec![(id, Part::Share { numerator: 2, denominator: 3 })],
            ),
            new_unit("31493", "Lương Nghĩa", vec![(id, Part::Unknown)]),
        ]
    };
    let rehearsal = rehearse(hau_giang(), &order(into())).unwrap();
    let waiting = rehearsal.warnings.iter();
    let hamlets: Vec<UnitId> = waiting
        .filter_map(|warning| match warning {
            Warning::Undecided { child } => Some(*child),
            _ => None,
        })
        .collect();
    assert!(!hamlets.is_empty());
    assert!(matches!(rehearsal.into_plan(), Err(Error::Refused { .. })));
    let mut order = order(into());
    order.children = hamlets.iter().enumerate().map(|(at, child)| (*child, at % 2)).collect();
    let rehearsal = rehearse(hau_giang(), &order).unwrap();
    let (first, second) = (rehearsal.formed[0], rehearsal.formed[1]);
    let plan = rehearsal.into_plan().unwrap();
    let after = hau_giang().apply(&plan).unwrap();
    assert_eq!(after.at(hamlets[1], LATER).unwrap().parent, Some(second));
    let landings = after.landings(id, LATER);
    let shares: Vec<_> = landings.iter().map(|l| (l.unit, l.share.numerator)).collect();
    assert_eq!(shares, [(first, 2), (second, 1)]);
}

#[test]
fn an_order_that_cannot_be_is_refused_at_its_field() {
    let (one, two) = (now("31441"), now("31453"));
    let third = Part::Share { numerator: 1, denominator: 3 };
    let old = unit(hau_giang(), "31447", DAY.plus(-1));
    for (into, place) in [
        (vec![], "into"),
        (
            vec![new_unit("31495", "A", vec![(one, Part::Whole), (two, Part::Whole)])],
            "into[0].code",
        ),
        (vec![new_unit("31441", "", vec![(one, Part::Whole)])], "into[0].name"),
        (vec![new_unit("31441", "A", vec![(one, Part::Unknown)])], "into[0].from"),
        (vec![new_unit("31441", "A", vec![(old, Part::Whole)])], "into[0].code"),
        (vec![new_unit("31447", "A", vec![(old, Part::Whole)])], "into[0].from"),
        (
            vec![
                new_unit("31441", "A", vec![(one, third)]),
                new_unit("31442", "B", vec![(one, third)]),
            ],
            "into[0].from",
        ),
        (
            vec![
                new_unit("31441", "A", vec![(one, Part::Whole)]),
                new_unit("31441", "B", vec![(two, Part::Whole)]),
            ],
            "into[1].code",
        ),
    ] {
        let Err(Error::Invalid(mistakes)) = rehearse(hau_giang(), &order(into)) else {
            panic!("{place}")
        };
        assert_eq!(mistakes[0].place, place);
    }
    let mut orphan = new_unit("31441", "A", vec![(one, Part::Whole)]);
    orphan.parent = None;
    let Err(Error::Invalid(mistakes)) = rehearse(hau_giang(), &order(vec![orphan])) else {
        panic!()
    };
    assert_eq!(mistakes[0].place, "into[0].parent");
}

#[test]
fn a_plan_made_before_another_was_written_is_refused() {
    let id = now("31465");
    let plan = |name: &str| {
        let into = vec![new_unit("31465", name, vec![(id, Part::Whole)])];
        rehearse(hau_giang(), &order(into)).unwrap().plan
    };
    let after = hau_giang().apply(&plan("Vị Bình")).unwrap();
    assert!(matches!(after.apply(&plan("Vị Đông")), Err(Error::Conflict(_))));
    assert!(matches!(hau_giang().revert(&plan("Vị Bình")), Err(Error::Conflict(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_merger_can_be_undone_exactly(groups in prop::collection::vec(0..5_usize, 28)) {
        let communes = hau_giang().under(None, DAY, Level::Commune);
        let mut into = Vec::new();
        for group in 0..5 {
            let members: Vec<_> = communes.iter().zip(&groups).filter(|(_, g)| **g == group).collect();
            let Some((first, _)) = members.first() else { continue };
            let from = members.iter().map(|(commune, _)| (commune.unit, Part::Whole)).collect();
            into.push(new_unit(first.code.as_ref().unwrap().as_str(), &format!("Mới {group}"), from));
        }
        let rehearsal = rehearse(hau_giang(), &order(into)).unwrap();
        let after = hau_giang().apply(&rehearsal.plan).unwrap();
        prop_assert_eq!(after.under(None, LATER, Level::Commune).len(), rehearsal.formed.len());
        prop_assert_eq!(after.under(None, LATER, Level::Hamlet).len(), 525);
        prop_assert!(same(&after.revert(&rehearsal.plan).unwrap(), hau_giang()));
    }
}

fn read(units: &str, children: &str) -> Result<MergerOrder, Error> {
    let act = order(Vec::new()).act;
    read_order(hau_giang(), act, LATER, units, children)
}

const HEADER: &str = "new_code,new_full_name,type,parent_code,from_codes";

#[test]
fn a_unit_can_lie_under_one_that_the_same_order_forms() {
    // The province is restored, an invention; one commune is named with it, the others are told.
    let units = format!(
        "{HEADER}\n31441,Xã Vị Thủy,xa,93,31441\n93,Tỉnh Hậu Giang,tinh,,92:unknown\n\
         92,Thành phố Cần Thơ,thanh_pho_tw,,92:unknown"
    );
    let communes = hau_giang().under(None, DAY, Level::Commune);
    let others: Vec<_> =
        communes.iter().filter_map(|v| v.code.as_ref()).filter(|c| c.as_str() != "31441").collect();
    let mut children = "hamlet_code,new_code".to_owned();
    for (at, code) in others.iter().enumerate() {
        children.push_str(&format!("\n{code},{}", if at == 0 { "92" } else { "93" }));
    }
    let order = read(&units, &children).unwrap();
    assert_eq!(order.into[0].parent, Some(Parent::Formed(1)));
    let rehearsal = rehearse(hau_giang(), &order).unwrap();
    assert_eq!(rehearsal.moved.len(), 27, "the one of the order is where the order puts it");
    assert!(rehearsal.homonyms.is_empty(), "{:?}", rehearsal.homonyms);
    let (commune, province, city) = (rehearsal.formed[0], rehearsal.formed[1], rehearsal.formed[2]);
    let plan = rehearsal.into_plan().unwrap();
    let after = hau_giang().apply(&plan).unwrap();
    assert_eq!(commune, now("31441"));
    assert_eq!(after.at(commune, LATER).unwrap().parent, Some(province));
    let below = |unit| after.under(Some(unit), LATER, Level::Commune).len();
    assert_eq!((below(province), below(city)), (27, 1));
    let path = after.path(commune, LATER).unwrap();
    assert_eq!(path, "Xã Vị Thủy, Tỉnh Hậu Giang");
    assert!(same(&after.revert(&plan).unwrap(), hau_giang()));
    let below_itself = read(&format!("{HEADER}\n31441,Xã Vị Thủy,xa,31441,31441"), "");
    let rehearsed = below_itself.and_then(|order| rehearse(hau_giang(), &order).map(|_| ()));
    assert!(
        matches!(rehearsed, Err(Error::Invalid(mistakes)) if mistakes[0].place == "into[0].parent")
    );
}

#[test]
fn an_order_is_read_from_a_table() {
    let whole = Part::Whole;
    let third = Part::Share { numerator: 1, denominator: 3 };
    let (thuy, dong) = (now("31441"), now("31453"));
    let by_id = format!("{HEADER}\n31453,Xã Vị Thắng,xa,92,~{thuy}; 31453 : 1/3");
    for (text, name, from) in [
        (
            "\u{feff}new_code,new_full_name,type,parent_code,from_codes\r\n\r\n31453,Xã  Vị Thắng,xa,92,31441;31453\r\n",
            "Vị Thắng",
            vec![(thuy, whole), (dong, whole)],
        ),
        (
            "new_code\tnew_full_name\ttype\tparent_code\tfrom_codes\n31453\txã Vị Thắng\txa\t92\t31441:unknown",
            "Vị Thắng",
            vec![(thuy, Part::Unknown)],
        ),
        (
            "new_code;new_full_name;type;parent_code;from_codes\n31453;Phường 4;phuong;92;\"31441:1/3;31453\"",
            "4",
            vec![(thuy, third), (dong, whole)],
        ),
        (&by_id, "Vị Thắng", vec![(thuy, whole), (dong, third)]),
        (
            "new_code,new_full_name,type,parent_code,from_codes\n31453,Đặc khu Vị Thắng,dac_khu,92,",
            "Vị Thắng",
            vec![],
        ),
    ] {
        let order = read(text, "").unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(order.into.len(), 1, "{text}");
        assert_eq!(order.into[0].name, name, "{text}");
        assert_eq!(order.into[0].from, from, "{text}");
        assert_eq!(order.into[0].parent, Some(now("92").into()), "{text}");
    }
}

#[test]
fn a_mistake_in_an_order_is_named_with_table_line_and_column() {
    let good = "31453,Xã Vị Thắng,xa,92,31441";
    let hamlet = hau_giang().children(Some(now("31441")), LATER).next().unwrap();
    let hamlet = hamlet.code.as_ref().unwrap();
    let twice = format!("hamlet_code,new_code,note\n{hamlet},31453,a\n{hamlet},31453,b");
    let elsewhere = format!("hamlet_code,new_code\n{hamlet},31454");
    for (lines, children, place) in [
        ("", "", "units"),
        ("31453,Xã Vị Thắng,xa,92", "", "units:2 "),
        ("31453,Xã Vị Thắng,xom,92,31441", "", "units:2 type"),
        ("3145,Xã Vị Thắng,xa,92,31441", "", "units:2 new_code"),
        ("31453,Vị Thắng,xa,92,31441", "", "units:2 new_full_name"),
        ("31453,Xã,xa,92,31441", "", "units:2 new_full_name"),
        ("31453,Xã Vị Thắng,xa,93,31441", "", "units:2 parent_code"),
        ("31453,Xã Vị Thắng,xa,92,31441;31447", "", "units:2 from_codes"),
        ("31453,Xã Vị Thắng,xa,92,31441:2/2", "", "units:2 from_codes"),
        ("31453,Xã Vị Thắng,xa,92,31441:half", "", "units:2 from_codes"),
        ("31453,Xã Vị Thắng,xa,92,92", "", "units:2 from_codes"),
        ("31453,Xã Vị Thắng,xa,92,~999999", "", "units:2 from_codes"),
        (good, "code,new\n", "children:1 "),
        (good, "hamlet_code,new_code\nx,31453", "children:2 hamlet_code"),
        (good, elsewhere.as_str(), "children:2 new_code"),
        (good, twice.as_str(), "children:3 hamlet_code"),
    ] {
        let text = format!("{HEADER}\n{lines}");
        let Err(Error::Invalid(mistakes)) = read(&text, children) else {
            panic!("{lines} / {children} was read");
        };
        assert_eq!(mistakes[0].place, place, "{lines} / {children}");
    }
    let bad_header = read("code,name\n1,2", "");
    assert!(matches!(bad_header, Err(Error::Invalid(mistakes)) if mistakes[0].place == "units:1 "));
    let undecided = format!("hamlet_code,new_code,note\n{hamlet},,Ấp 1");
    assert!(read(&format!("{HEADER}\n{good}"), &undecided).unwrap().children.is_empty());
}
