//! Who held a post and how they sign, by tables.

use base::{Clock, Day, Id};
use proptest::prelude::*;

use super::super::chart::Chart;
use super::super::model::{
    AgencyId, AgencyKind, Delegate, Delegation, DelegationId, Form, Holding, HoldingId, Manner,
    Person, PersonId, Places, Post, PostId,
};
use super::super::rules::{
    Why, check_appointment, check_delegation, check_end, cut, is_leading, overlap, signing_title,
    usual_rank, usual_symbol, who_held,
};
use super::super::signature::{NoSignature, signature_block};
use super::{DECISION, day, days};

fn id() -> Id {
    Id::new(&Clock::fixed("2025-01-01T00:00:00Z".parse().unwrap()))
}

fn a_post(agency: AgencyId, title: &str, leads: bool) -> Post {
    Post {
        id: PostId(id()),
        version: 1,
        agency,
        title: title.to_owned(),
        signs_as: signing_title(title),
        leads,
        rank: usual_rank(title),
        places: if leads { Places::One } else { Places::Many },
        valid: days("2020-01-01", ""),
        decision: DECISION.to_owned(),
        made_up: true,
        entry: 0,
    }
}

fn a_holding(post: &Post, person: PersonId, manner: Manner, (from, last): (&str, &str)) -> Holding {
    Holding {
        id: HoldingId(id()),
        version: 1,
        person,
        post: post.id,
        manner,
        valid: days(from, last),
        decision: DECISION.to_owned(),
        end_decision: String::new(),
        made_up: true,
        entry: 0,
    }
}

fn a_delegation(
    holding: &Holding,
    form: Form,
    to: Delegate,
    (from, last): (&str, &str),
) -> Delegation {
    Delegation {
        id: DelegationId(id()),
        version: 1,
        holding: holding.id,
        form,
        to,
        subject: "Lĩnh vực mẫu".to_owned(),
        valid: days(from, last),
        decision: DECISION.to_owned(),
        made_up: true,
        entry: 0,
    }
}

/// Two agencies: a committee with its head and deputy, an office below it with its own.
struct Sample {
    chart: Chart,
    head: Post,
    deputy: Post,
    office_head: Post,
    office_deputy: Post,
    people: [PersonId; 4],
}

impl Sample {
    fn new() -> Self {
        let (committee, office) = (AgencyId(id()), AgencyId(id()));
        Self {
            chart: Chart::default(),
            head: a_post(committee, "Chủ tịch UBND tỉnh", true),
            deputy: a_post(committee, "Phó Chủ tịch Thường trực UBND tỉnh", false),
            office_head: a_post(office, "Chánh Văn phòng", true),
            office_deputy: a_post(office, "Phó Chánh Văn phòng", false),
            people: [(); 4].map(|()| PersonId(id())),
        }
        .with_posts()
    }

    fn with_posts(mut self) -> Self {
        for post in [&self.head, &self.deputy, &self.office_head, &self.office_deputy] {
            self.chart.posts.insert(post.id, post.clone());
        }
        self
    }

    fn hold(&mut self, holding: &Holding) {
        self.chart.holdings.insert(holding.id, holding.clone());
    }

    fn lines(&self, post: &Post, on: &str) -> Result<Vec<String>, NoSignature> {
        let signatures = signature_block(&self.chart, post.id, day(on))?;
        Ok(signatures.iter().map(|signature| signature.lines.join(" / ")).collect())
    }
}

#[test]
fn heads_sign_by_how_they_hold_their_post() {
    for (manner, expected) in [
        (Manner::Appointed, Ok("CHỦ TỊCH")),
        (Manner::Acting, Ok("Q. CHỦ TỊCH")),
        (Manner::InCharge, Ok("KT. CHỦ TỊCH / PHÓ CHỦ TỊCH")),
    ] {
        let mut sample = Sample::new();
        let [first, ..] = sample.people;
        sample.hold(&a_holding(&sample.head.clone(), first, manner, ("2025-01-01", "2025-06-30")));
        sample.hold(&a_holding(
            &sample.deputy.clone(),
            first,
            Manner::Appointed,
            ("2024-01-01", ""),
        ));
        let head = sample.head.clone();
        assert_eq!(sample.lines(&head, "2025-03-01"), expected.map(|text| vec![text.to_owned()]));
        assert_eq!(sample.lines(&head, "2025-07-01"), Err(NoSignature::Vacant), "after the end");
        assert_eq!(sample.lines(&head, "2024-12-31"), Err(NoSignature::Vacant), "before");
    }
    // In charge without a deputy's post: the decree has no form for that.
    let mut sample = Sample::new();
    let [first, ..] = sample.people;
    let head = sample.head.clone();
    sample.hold(&a_holding(&head, first, Manner::InCharge, ("2025-01-01", "")));
    assert_eq!(sample.lines(&head, "2025-03-01"), Err(NoSignature::NoForm));
}

#[test]
fn others_sign_for_the_head_as_far_as_it_was_delegated() {
    let mut sample = Sample::new();
    let [first, second, third, fourth] = sample.people;
    let (head, deputy) = (sample.head.clone(), sample.deputy.clone());
    let (office, office_deputy) = (sample.office_head.clone(), sample.office_deputy.clone());
    let top = a_holding(&head, first, Manner::Appointed, ("2025-01-01", "2025-06-30"));
    let chief = a_holding(&office, third, Manner::Appointed, ("2025-01-01", ""));
    for holding in [
        &top,
        &chief,
        &a_holding(&deputy, second, Manner::Appointed, ("2025-01-01", "")),
        &a_holding(&office_deputy, fourth, Manner::Appointed, ("2025-01-01", "")),
    ] {
        sample.hold(holding);
    }
    let on = "2025-03-01";
    assert_eq!(sample.lines(&deputy, on), Err(NoSignature::NotDelegated));
    let period = ("2025-02-01", "2025-04-30");
    sample.chart.delegations = vec![
        a_delegation(&top, Form::Tuq, Delegate::Person(second), period),
        a_delegation(&top, Form::Kt, Delegate::Post(deputy.id), period),
        a_delegation(&top, Form::Tl, Delegate::Post(office.id), period),
        a_delegation(&chief, Form::Kt, Delegate::Post(office_deputy.id), period),
    ];
    let lines = |post: &Post, on: &str| sample.lines(post, on).unwrap();
    let both = ["KT. CHỦ TỊCH / PHÓ CHỦ TỊCH", "TUQ. CHỦ TỊCH / PHÓ CHỦ TỊCH"];
    assert_eq!(lines(&deputy, on), both);
    assert_eq!(
        lines(&office_deputy, on),
        [
            "KT. CHÁNH VĂN PHÒNG / PHÓ CHÁNH VĂN PHÒNG",
            "TL. CHỦ TỊCH / KT. CHÁNH VĂN PHÒNG / PHÓ CHÁNH VĂN PHÒNG",
        ]
    );
    assert_eq!(sample.lines(&deputy, "2025-05-01"), Err(NoSignature::NotDelegated));
    // The head left earlier than the delegation says: nobody's authority is left.
    let mut left = top.clone();
    left.valid = cut(top.valid, day("2025-03-01"));
    sample.hold(&left);
    assert_eq!(sample.lines(&deputy, on), Err(NoSignature::NotDelegated));
    assert_eq!(sample.lines(&deputy, "2025-02-28").unwrap(), both);
}

/// The head of a part signs by order of who stands above.
#[test]
fn the_head_of_an_office_signs_by_order_beside_its_own_authority() {
    let mut sample = Sample::new();
    let [first, _, third, _] = sample.people;
    let (head, office) = (sample.head.clone(), sample.office_head.clone());
    let top = a_holding(&head, first, Manner::Appointed, ("2025-01-01", ""));
    sample.hold(&top);
    sample.hold(&a_holding(&office, third, Manner::Appointed, ("2025-01-01", "")));
    sample.chart.delegations =
        vec![a_delegation(&top, Form::Tl, Delegate::Post(office.id), ("2025-01-01", ""))];
    assert_eq!(
        sample.lines(&office, "2025-03-01").unwrap(),
        ["CHÁNH VĂN PHÒNG", "TL. CHỦ TỊCH / CHÁNH VĂN PHÒNG"]
    );
    let own = signature_block(&sample.chart, head.id, day("2025-03-01")).unwrap().remove(0);
    let lines = own.for_collective("Ủy ban nhân dân").lines;
    assert_eq!(lines, ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"]);
}

#[test]
fn titles_tell_how_they_are_signed_and_where_they_stand() {
    for (title, signs_as, leads, rank) in [
        ("Chủ tịch UBND xã", "Chủ tịch", true, 1),
        ("Chủ tịch Ủy ban nhân dân tỉnh", "Chủ tịch", true, 1),
        ("Phó Chủ tịch Thường trực UBND tỉnh", "Phó Chủ tịch", false, 2),
        ("Giám đốc Sở Khoa học và Công nghệ", "Giám đốc", true, 1),
        ("Phó Giám đốc", "Phó Giám đốc", false, 2),
        ("Chánh Văn phòng", "Chánh Văn phòng", true, 1),
        ("Trưởng phòng", "Trưởng phòng", true, 1),
        ("Chủ tịch Hội đồng nhân dân", "Chủ tịch", true, 1),
        ("Văn thư", "Văn thư", false, 3),
        ("UBND", "UBND", false, 3),
        ("Giám đốcx", "Giám đốcx", false, 3),
        ("", "", false, 3),
    ] {
        assert_eq!(signing_title(title), signs_as, "{title}");
        assert_eq!((is_leading(title), usual_rank(title)), (leads, rank), "{title}");
    }
}

#[test]
fn a_single_post_has_one_holder_and_others_have_each_person_once() {
    let agency = AgencyId(id());
    let (an, binh) = (PersonId(id()), PersonId(id()));
    for (leads, who, period, refused) in [
        (true, binh, ("2025-01-01", "2025-01-31"), ""),
        (true, binh, ("2025-01-01", "2025-02-01"), "taken"),
        (true, binh, ("2025-03-01", "2025-03-01"), "taken"),
        (true, binh, ("2025-07-01", ""), ""),
        (true, binh, ("2025-06-30", ""), "taken"),
        (true, an, ("2025-06-30", ""), "twice"),
        (false, an, ("2025-06-30", ""), "twice"),
        (false, binh, ("2025-01-01", ""), ""),
        (false, binh, ("2025-01-02", "2025-01-01"), "empty"),
        (false, binh, ("2019-12-31", ""), "outside"),
    ] {
        let post = a_post(agency, "Chủ tịch", leads);
        let held = [a_holding(&post, an, Manner::Appointed, ("2025-02-01", "2025-06-30"))];
        let new = a_holding(&post, who, Manner::Appointed, period);
        let why = match check_appointment(&post, &held, &new) {
            Ok(()) => "",
            Err(Why::Taken(_)) => "taken",
            Err(Why::Twice(_)) => "twice",
            Err(Why::Empty) => "empty",
            Err(Why::OutsidePost(_)) => "outside",
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(why, refused, "{leads} {period:?}");
    }
}

#[test]
fn a_delegation_lies_within_its_holding_and_goes_to_somebody_else() {
    let sample = Sample::new();
    let [first, second, ..] = sample.people;
    let top = a_holding(&sample.head, first, Manner::Appointed, ("2025-01-01", "2025-06-30"));
    let low = a_holding(&sample.deputy, second, Manner::Appointed, ("2025-01-01", "2025-06-30"));
    let (deputy, office) =
        (Delegate::Post(sample.deputy.id), Delegate::Post(sample.office_head.id));
    let inside = ("2025-01-01", "2025-06-30");
    for (from, form, to, period, refused) in [
        (&top, Form::Kt, deputy, inside, None),
        (&top, Form::Tl, office, inside, None),
        (&top, Form::Kt, office, inside, Some(Why::KtElsewhere)),
        (&top, Form::Tuq, Delegate::Person(first), inside, Some(Why::Oneself)),
        (&top, Form::Tuq, Delegate::Post(sample.head.id), inside, Some(Why::Oneself)),
        (&low, Form::Tuq, office, inside, Some(Why::NotHead)),
        (&top, Form::Kt, deputy, ("2025-01-01", ""), Some(Why::OutsideHolding(top.valid))),
        (
            &top,
            Form::Kt,
            deputy,
            ("2024-12-31", "2025-01-31"),
            Some(Why::OutsideHolding(top.valid)),
        ),
        (&top, Form::Kt, deputy, ("2025-02-01", "2025-01-31"), Some(Why::Empty)),
    ] {
        let post = if from.id == top.id { &sample.head } else { &sample.deputy };
        let delegation = a_delegation(from, form, to, period);
        let to = match to {
            Delegate::Post(to) => sample.chart.posts.get(&to),
            Delegate::Person(_) => None,
        };
        let checked = check_delegation((from, post), &delegation, to);
        assert_eq!(checked.err(), refused, "{form:?} {period:?}");
    }
}

proptest! {
    /// Whatever sequence of appointments and ends is tried.
    #[test]
    fn no_day_has_two_holders_of_a_single_post(
        tries in proptest::collection::vec((0..4_usize, 0..60_i32, 0..60_i32, any::<bool>()), 1..60),
    ) {
        let agency = AgencyId(id());
        let post = a_post(agency, "Chủ tịch", true);
        let people = [(); 4].map(|()| PersonId(id()));
        let start = day("2025-01-01");
        let mut held: Vec<Holding> = Vec::new();
        for (who, first, length, ends) in tries {
            if ends && !held.is_empty() {
                let at = who % held.len();
                let before = start.plus(first);
                if check_end(held[at].valid, before).is_ok() {
                    held[at].valid = cut(held[at].valid, before);
                }
                continue;
            }
            let mut new = a_holding(&post, people[who], Manner::Appointed, ("2025-01-01", ""));
            new.valid.from = start.plus(first);
            new.valid.to = if length > 50 { Day::MAX } else { start.plus(first + length) };
            if check_appointment(&post, &held, &new).is_ok() {
                held.push(new);
            }
        }
        for offset in -1..200 {
            let on = start.plus(offset);
            prop_assert!(who_held(&held, post.id, on).len() <= 1, "{on}");
        }
    }

    #[test]
    fn what_is_cut_never_reaches_beyond_and_what_overlaps_shares_a_day(
        left in (0..40_i32, 0..40_i32), right in (0..40_i32, 0..40_i32), before in 0..90_i32,
    ) {
        let range = |(from, length): (i32, i32)| base::DayRange { from: Day(from), to: Day(from + length) };
        let (left, right) = (range(left), range(right));
        let shares = (0..90).any(|on| left.contains(Day(on)) && right.contains(Day(on)));
        prop_assert_eq!(overlap(left, right), shares);
        let shorter = cut(left, Day(before));
        prop_assert!(shorter.from <= shorter.to && shorter.to <= left.to);
        prop_assert!((before..90).all(|on| !shorter.contains(Day(on))));
        prop_assert!((0..before).all(|on| shorter.contains(Day(on)) == left.contains(Day(on))));
    }
}

#[test]
fn a_person_is_not_told_by_debugging() {
    let person = Person {
        id: PersonId(id()),
        version: 1,
        name: "Nguyễn Văn Mẫu".to_owned(),
        email: "mau@example.vn".to_owned(),
        phone: String::new(),
        account: None,
        salt: vec![1],
        made_up: true,
        entry: 0,
    };
    let told = format!("{person:?}");
    assert!(!told.contains("Mẫu") && !told.contains("mau@"), "{told}");
}

#[test]
fn an_agency_that_says_no_symbol_has_that_of_its_kind_or_its_initials() {
    for (kind, name, symbol) in [
        (AgencyKind::Committee, "Ủy ban nhân dân xã Vị Thủy", "UBND"),
        (AgencyKind::Other, "Hội đồng nhân dân xã Vị Thủy", "HĐND"),
        (AgencyKind::Office, "Văn phòng HĐND và UBND xã Vị Thủy", "VP"),
        (AgencyKind::Department, "Sở Khoa học và Công nghệ tỉnh Mẫu", "SKHCN"),
        (AgencyKind::Department, "Sở Dân tộc và Tôn giáo (minh họa)", "SDTTG"),
        (AgencyKind::Department, "Sở Giáo dục và Đào tạo thành phố Cần Thơ", "SGDĐT"),
        (AgencyKind::Department, "Sở Văn hóa, Thể thao và Du lịch", "SVHTTDL"),
        (AgencyKind::Division, "Phòng Văn hóa - Xã hội xã Vị Thủy", "PVHXH"),
        (AgencyKind::Division, "Phòng Kinh tế, Hạ tầng và Đô thị phường Vị Tân", "PKTHTĐT"),
        (AgencyKind::Centre, "Trung tâm Phục vụ hành chính công xã Vị Thủy", "TTPVHCC"),
        (AgencyKind::Centre, "Trung tâm Quan trắc môi trường", "TTQTMT"),
    ] {
        assert_eq!(usual_symbol(kind, name), symbol, "{name}");
    }
}
