//! Addresses of Hậu Giang as people write them, and what became of them.

use base::Day;
use lang::Lang;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::{Ambiguity, Conversion, Outcome, Reason, Step, convert};
use crate::sample::{DAY, EVE, by_invented_act, hau_giang, invented_act, nation};
use crate::{Territory, UnitId};

fn code(territory: &Territory, unit: UnitId) -> String {
    let last = territory.unit(unit).and_then(|unit| unit.last()).unwrap();
    last.code.as_ref().map_or("-", |code| code.as_str()).to_owned()
}

fn sum_up(territory: &Territory, conversion: &Conversion) -> String {
    match &conversion.outcome {
        Outcome::Found(one) => {
            format!("{} -> {}", code(territory, one.old), code(territory, one.new))
        }
        Outcome::Ambiguous { candidates, .. } => {
            let mut pairs: Vec<_> = candidates
                .iter()
                .map(|one| format!("{}>{}", code(territory, one.old), code(territory, one.new)))
                .collect();
            pairs.sort();
            format!("? {}", pairs.join(" "))
        }
        Outcome::Unknown { reason, .. } => {
            let reason = format!("{reason:?}");
            format!("- {}", reason.split(' ').next().unwrap_or_default())
        }
    }
}

fn check(territory: &Territory, on: Day, to: Day, table: &[(&str, &str)]) {
    for (text, expected) in table {
        let conversion = convert(territory, text, on, to);
        assert_eq!(sum_up(territory, &conversion), *expected, "{text}: {conversion:?}");
    }
}

#[test]
fn old_addresses_lead_to_the_units_of_today() {
    check(
        hau_giang(),
        EVE,
        DAY,
        &[
            ("ấp Tân Lợi, xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang", "3144703 -> 3144703"),
            ("xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang", "31447 -> 31453"),
            ("Xã Vị Thuỷ, H. Vị Thuỷ, HG", "31447 -> 31453"),
            ("XÃ VỊ THỦY, HUYỆN VỊ THỦY, TỈNH HẬU GIANG", "31447 -> 31453"),
            ("xa vi thuy, huyen vi thuy, hau giang", "31447 -> 31453"),
            ("xa vi thuy huyen vi thuy tinh hau giang", "31447 -> 31453"),
            ("P.III, TP Vị Thanh, HG", "31321 -> 31321"),
            ("Phường 3, thành phố Vị Thanh", "31321 -> 31321"),
            ("phường III TP.Vị Thanh tỉnh Hậu Giang", "31321 -> 31321"),
            ("p3, tp vị thanh", "31321 -> 31321"),
            ("P 3 T.P Vị Thanh", "31321 -> 31321"),
            ("PIII, TPVT, HG", "- NotFound"),
            ("phuong iii, tp vi thanh", "31321 -> 31321"),
            ("Phường 03, TP. Vị Thanh", "31321 -> 31321"),
            ("số 12 Trần Hưng Đạo, phường I, TP Vị Thanh, Hậu Giang", "31318 -> 31321"),
            ("12/3 đường Nguyễn Huệ P.IV TP.Vị Thanh", "31324 -> 31333"),
            ("KV 4 phường 1 tp Vị Thanh", "3131804 -> 3131804"),
            ("KV4, P.I, TP.Vị Thanh", "3131804 -> 3131804"),
            ("khu vực Mỹ Lợi, phường III, Vị Thanh, Hậu Giang", "3132101 -> 3132101"),
            ("Mỹ Lợi, phường III, Vị Thanh, Hậu Giang", "3132101 -> 3132101"),
            ("TT. Cái Tắc, H.Châu Thành A, Hậu Giang", "31362 -> 31369"),
            ("thị trấn Cái Tắc", "31362 -> 31369"),
            ("TT Nàng Mau, Vị Thủy", "31441 -> 31441"),
            ("t.t Một Ngàn, huyện Châu Thành A", "31342 -> 31342"),
            ("Xã Vĩnh Tường, Huyện Vị Thủy", "31459 -> 31459"),
            ("Phường Vĩnh Tường, TX. Long Mỹ", "31475 -> 31473"),
            ("phường Vĩnh Tường", "31475 -> 31473"),
            ("xã Đông Phước, huyện Châu Thành", "31384 -> 31378"),
            ("Xã Đông Phước A, huyện Châu Thành", "31387 -> 31369"),
            ("xã Vị Thanh, huyện Vị Thủy", "31465 -> 31465"),
            ("xã Tân Hoà, H.Châu Thành A", "31345 -> 31342"),
            ("Xã Hoà An, Phụng Hiệp", "31423 -> 31393"),
            ("Vị Thắng, Vị Thủy, Hậu Giang", "31450 -> 31441"),
            ("Vị Thắng Vị Thủy Hậu Giang", "31450 -> 31441"),
            ("ấp 3 Vị Thắng Vị Thủy Hậu Giang", "3145003 -> 3145003"),
            ("xã Vị Thắng (cũ), huyện Vị Thủy, Việt Nam", "31450 -> 31441"),
            ("tỉnh Hậu Giang, huyện Vị Thủy, xã Vị Thắng", "31450 -> 31441"),
            ("ấp 3\nxã Vị Trung\nhuyện Vị Thủy", "3144403 -> 3144403"),
            ("Xã  Xà  Phiên; Long Mỹ", "31495 -> 31495"),
            ("xa xa phien, huyen long my", "31495 -> 31495"),
            ("xã Phương Bình - huyện Phụng Hiệp", "31426 -> 31426"),
            ("ấp Không Có, xã Vị Trung, huyện Vị Thủy", "31444 -> 31441"),
            ("Tỉnh lộ 931, xã Vị Trung, huyện Vị Thủy", "31444 -> 31441"),
        ],
    );
}

#[test]
fn a_doubt_gives_candidates_or_a_reason_and_never_a_guess() {
    check(
        hau_giang(),
        EVE,
        DAY,
        &[
            ("Vĩnh Tường", "? 31459>31459 31475>31473"),
            ("vinh tuong, hau giang", "? 31459>31459 31475>31473"),
            ("Long Mỹ, Hậu Giang", "- NoCommune"),
            ("Vị Thanh, Hậu Giang", "? 31465>31465 930>92"),
            ("Phụng Hiệp, Hậu Giang", "? 31417>31420 934>92"),
            ("xã Vĩnh Tường, thị xã Long Mỹ", "- Contradiction"),
            ("phường Vị Thắng, huyện Vị Thủy", "- OtherKind"),
            ("KV 4 phường 3 tx Ngã Bảy", "- OtherKind"),
            ("phường 3, TP Ngã Bảy", "- Contradiction"),
            ("xã Vị Thúy, huyện Vị Thủy", "- OtherTones"),
            ("xã Vị Thắng, huyện Châu Thành", "- Contradiction"),
            ("xã Vị Thắng, huyện Không Có", "- NotFound"),
            ("xã Vị Thắng 2, huyện Vị Thủy", "- NotFound"),
            ("xã Vị Thắng, thị trấn Nàng Mau", "- Contradiction"),
            ("xã Vị Thủy, thành phố Cần Thơ", "- Contradiction"),
            ("xã Vị Thanh 1, huyện Vị Thủy", "- OtherDay"),
            ("huyện Vị Thủy, tỉnh Hậu Giang", "- NoCommune"),
            ("đường Trần Hưng Đạo, TP Vị Thanh, Hậu Giang", "- NoCommune"),
            ("ấp Tân Bình, huyện Phụng Hiệp, Hậu Giang", "- NoCommune"),
            ("", "- Empty"),
            (",;.-()", "- Empty"),
            ("Paris, France", "- NoCommune"),
        ],
    );
}

#[test]
fn new_addresses_mean_the_new_units() {
    check(
        hau_giang(),
        DAY,
        DAY,
        &[
            ("xã Vị Thủy, TP Cần Thơ", "31441 -> 31441"),
            ("phường Vị Thanh, thành phố Cần Thơ", "31321 -> 31321"),
            ("xã Vị Thanh 1, Cần Thơ", "31465 -> 31465"),
            ("Xã Châu Thành, TP.CT", "31366 -> 31366"),
            // An old address read as a new one would name the wrong commune.
            ("xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang", "- OtherDay"),
            ("xã Vị Thủy, Hậu Giang", "- OtherDay"),
            ("thị trấn Cái Tắc, TP Cần Thơ", "- OtherDay"),
            ("ấp 3, xã Vị Thủy, TP Cần Thơ", "? 3144103>3144103 3144403>3144403 3145003>3145003"),
        ],
    );
}

#[test]
fn going_back_in_time_a_merged_commune_has_several_origins() {
    check(hau_giang(), DAY, EVE, &[("xã Lương Tâm, TP Cần Thơ", "? 31492>31492 31492>31493")]);
}

#[test]
fn house_and_street_are_kept_and_the_reasons_name_the_act() {
    let territory = hau_giang();
    let text = "Số 12/3, đường 30/4, KV.4, P.I, TP. Vị Thanh, Hậu Giang";
    let conversion = convert(territory, text, EVE, DAY);
    assert_eq!(conversion.front, "Số 12/3, đường 30/4");
    let conversion = convert(territory, "xã Vị Thủy, huyện Vị Thủy", EVE, DAY);
    let Outcome::Found(found) = conversion.outcome else { panic!() };
    let said: Vec<_> = found.why.iter().map(|step| step.say(Lang::Vietnamese, territory)).collect();
    assert_eq!(
        said,
        [
            "Địa chỉ nêu tên \"Xã Vị Thủy\".",
            "Địa chỉ cũng nêu \"Huyện Vị Thủy\".",
            "Toàn bộ Xã Vị Thủy nhập vào Xã Vĩnh Thuận Đông từ ngày 01/07/2025 theo \
             1668/NQ-UBTVQH15.",
        ]
    );
    let unknown = convert(territory, "ấp Không Có, xã Vị Trung", EVE, DAY);
    assert_eq!(unknown.front, "ấp Không Có");
    let Outcome::Found(found) = unknown.outcome else { panic!() };
    let known =
        |step: &Step| matches!(step, Step::HamletUnknown { written } if written == "ấp Không Có");
    assert!(found.why.iter().any(known), "{:?}", found.why);
}

#[test]
fn in_the_whole_nation_names_alone_decide_less() {
    let Some(territory) = nation() else { return };
    check(
        territory,
        EVE,
        DAY,
        &[
            ("P.III, TP Vị Thanh, HG", "31321 -> 31321"),
            ("Phường Bùi Hữu Nghĩa, quận Bình Thủy, TP Cần Thơ", "? 31178>31120 31178>31168"),
            ("xã Thổ Châu, TP Phú Quốc, Kiên Giang", "31105 -> 31105"),
            ("xã Vị Thủy, huyện Vị Thủy", "31447 -> 31453"),
            ("xã Tân Bình, quận Bình Tân, Hậu Giang", "- Contradiction"),
            ("phường 1, quận 3, TP HCM", "27160 -> 27154"),
        ],
    );
    let conversion = convert(territory, "phường 1", EVE, DAY);
    assert!(
        matches!(conversion.outcome, Outcome::Ambiguous { ref candidates, more: true, .. } if candidates.len() == 20)
    );
}

#[test]
fn a_text_too_long_is_not_read() {
    let conversion = convert(hau_giang(), &"xã Vị Thủy, ".repeat(100), EVE, DAY);
    let Outcome::Unknown { reason, .. } = conversion.outcome else { panic!() };
    assert_eq!(reason, Reason::TooLong);
}

#[test]
fn a_text_that_names_too_many_places_is_refused_and_not_guessed() {
    let reason =
        |territory: &Territory, text: &str| match convert(territory, text, EVE, DAY).outcome {
            Outcome::Unknown { reason, .. } => reason,
            outcome => panic!("{text}: {outcome:?}"),
        };
    // Each word begins the name of a commune and of a district.
    for text in ["vi thuy ".repeat(70), "P.1 ".repeat(120), "long my, ".repeat(60)] {
        assert_eq!(reason(hau_giang(), &text), Reason::TooMany, "{text}");
    }
    if let Some(nation) = nation() {
        for text in ["hoa binh ".repeat(66), "xã tân bình, ".repeat(36)] {
            assert_eq!(reason(nation, &text), Reason::TooMany, "{text}");
        }
    }
    let text = format!("{}, xã Vị Thủy, huyện Vị Thủy, Hậu Giang", "ấp a ".repeat(70));
    check(hau_giang(), EVE, DAY, &[(text.as_str(), "31447 -> 31453")]);
}

/// What is said of an address with several candidates.
fn doubt(territory: &Territory, text: &str, on: Day, to: Day) -> (Ambiguity, String) {
    match convert(territory, text, on, to).outcome {
        Outcome::Ambiguous { candidates, more, doubt } => {
            (doubt, doubt.say(Lang::Vietnamese, candidates.len(), more))
        }
        outcome => panic!("{text}: {outcome:?}"),
    }
}

/// Units of 2025 with an invented act of 2026-04-30 over them: 31441 is divided, 31459 ends without
/// a successor, and a province with 25 communes of one name is formed.
fn with_later_acts() -> Territory {
    let mut units = "98,Minh Họa,Tỉnh Minh Họa,tinh,\n31441,Vị Thủy,Xã Vị Thủy,xa,92\n\
                     31442,Nàng Mau,Xã Nàng Mau,xa,92\n"
        .to_owned();
    let mut whole = vec![",98".to_owned(), "31459,".to_owned()];
    for code in 98001..98026 {
        units.push_str(&format!("{code},Mẫu,Xã Mẫu,xa,98\n"));
        whole.push(format!(",{code}"));
    }
    for (from, to) in [("31441", "31442"), ("31459", "31453")] {
        let below = crate::sample::unit(hau_giang(), from, DAY);
        for hamlet in hau_giang().children(Some(below), DAY) {
            let (code, kind) = (hamlet.code.as_ref().unwrap(), hamlet.kind.as_str());
            units.push_str(&format!("{code},{},{},{kind},{to}\n", hamlet.name, hamlet.full_name));
            whole.push(format!("{code},{code}"));
        }
    }
    let parts = "31441,31441,2/3,1/NQ-MINHHOA,2026-04-30\n\
                 31441,31442,1/3,1/NQ-MINHHOA,2026-04-30\n";
    let lists = invented_act(&units, &(by_invented_act(whole) + parts));
    crate::plan_import(hau_giang(), &lists.into(), DAY).unwrap().after
}

#[test]
fn reasons_call_units_by_the_names_of_their_days() {
    let lists = invented_act(
        "31465,Vị Đông,Xã Vị Đông,xa,92\n31441,Vị Thuỷ Mới,Xã Vị Thuỷ Mới,xa,92\n",
        &by_invented_act(["31465,31465".to_owned(), "31441,31441".to_owned()]),
    );
    let after = crate::plan_import(hau_giang(), &lists.into(), DAY).unwrap().after;
    let (before, later) = (Day(20_572), Day(20_573));
    let said = |text: &str, on: Day, to: Day| match convert(&after, text, on, to).outcome {
        Outcome::Found(found) => {
            let steps = found.why.iter().map(|step| step.say(Lang::Vietnamese, &after));
            steps.collect::<Vec<_>>()
        }
        outcome => panic!("{text}: {outcome:?}"),
    };
    let names = "Địa chỉ nêu tên \"Xã Vị Thanh 1\".";
    assert_eq!(said("xã Vị Thanh 1", DAY, before), [names, "Xã Vị Thanh 1 giữ nguyên."]);
    let renamed = "Xã Vị Thanh 1 đổi tên thành Xã Vị Đông từ ngày 30/04/2026 theo 1/NQ-MINHHOA.";
    assert_eq!(said("xã Vị Thanh 1", DAY, later), [names, renamed]);
    // What else may have been meant is named as on the map that was asked.
    let reason = |to| match convert(&after, "xã Vị Thúy, TP Cần Thơ", DAY, to).outcome {
        Outcome::Unknown { reason, .. } => reason.say(Lang::Vietnamese, &after, to),
        outcome => panic!("{outcome:?}"),
    };
    assert!(reason(before).contains("Xã Vị Thủy, Thành phố Cần Thơ"), "{}", reason(before));
    assert!(reason(later).contains("Xã Vị Thuỷ Mới, Thành phố Cần Thơ"), "{}", reason(later));
}

#[test]
fn advice_for_a_doubt_is_such_that_it_can_help() {
    let after = with_later_acts();
    let later = Day(20_573);
    let more_words = "ghi rõ thêm loại đơn vị, huyện, tỉnh";
    for (text, on, to, expected, says) in [
        ("Vĩnh Tường", EVE, DAY, Ambiguity::Homonyms, "Có 2 khả năng"),
        ("ấp 3, xã Vị Thủy, TP Cần Thơ", DAY, DAY, Ambiguity::Hamlets, "3 ấp, khu vực cùng tên"),
        ("xã Lương Tâm, TP Cần Thơ", DAY, EVE, Ambiguity::Formed, "hình thành từ 2 đơn vị"),
        ("xã Vị Thủy, TP Cần Thơ", DAY, later, Ambiguity::Divided, "chia về 2 đơn vị"),
        ("xã Vĩnh Tường, TP Cần Thơ", DAY, later, Ambiguity::Uncertain, "chưa chắc chắn"),
        // Of 25, so many as are given.
        ("xã Mẫu", later, later, Ambiguity::Homonyms, "Có ít nhất 20 khả năng"),
    ] {
        let (doubt, said) = doubt(&after, text, on, to);
        assert_eq!(doubt, expected, "{text}");
        assert!(said.contains(says), "{text}: {said}");
        assert_eq!(said.contains(more_words), doubt == Ambiguity::Homonyms, "{text}: {said}");
    }
}

/// The other way of placing the tone mark in oa, oe, uy.
fn other_tone_style(text: &str) -> String {
    let pairs =
        [("òa", "oà"), ("ỏa", "oả"), ("óa", "oá"), ("ủy", "uỷ"), ("ùy", "uỳ"), ("úy", "uý")];
    pairs.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_old_commune_is_found_however_it_is_encoded(at in 0..75_usize, style in 0..5_u8) {
        let territory = hau_giang();
        let communes = territory.under(None, EVE, crate::Level::Commune);
        let commune = communes[at];
        let path = territory.path(commune.unit, EVE).unwrap();
        let written = match style {
            0 => path,
            1 => path.nfd().collect(),
            2 => other_tone_style(&path),
            3 => path.to_uppercase(),
            _ => base::text::fold(&path.replace(", ", " ")),
        };
        let conversion = convert(territory, &written, EVE, DAY);
        let Outcome::Found(found) = conversion.outcome else {
            return Err(TestCaseError::fail(format!("{written}: {conversion:?}")));
        };
        prop_assert_eq!(found.old, commune.unit, "{}", written);
    }

    #[test]
    fn any_text_at_all_is_answered(text in "[a-zA-ZàăâđêôơưạịủÁẤ0-9 .,;()/-]{0,120}") {
        let _ = convert(hau_giang(), &text, EVE, DAY);
        let _ = convert(hau_giang(), &format!("{text}, xã Vị Thủy"), DAY, EVE);
    }
}
