//! What may follow what: pure rules over periods of agencies, posts, holdings and delegations.

use std::collections::BTreeSet;

use base::{Day, DayRange};

use territory::UnitId;

use super::model::{
    Agency, AgencyId, AgencyKind, Delegate, Delegation, Event, Form, Holding, HoldingId, Places,
    Post, PostId,
};

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A period that ends before it begins, or at once.
    Empty,
    /// The agency was not there, or something of it was decided for this day or a later one.
    NotThen(Day),
    /// The agency is over.
    Over,
    /// The post is not there all the time.
    OutsidePost(DayRange),
    /// Somebody else holds the single post then.
    Taken(HoldingId),
    /// The same person holds the same post then.
    Twice(HoldingId),
    /// A day outside the period.
    OutsideHolding(DayRange),
    /// Only who leads an agency lets others sign.
    NotHead,
    /// Deputies are of the same agency.
    KtElsewhere,
    /// Nobody signs for oneself.
    Oneself,
}

/// Who held a post on a day. Of a single post that is one at most, as long as all went through
/// [`check_appointment`].
///
/// Law: none (house rule, decision 0020).
#[must_use]
pub fn who_held<'a>(
    holdings: impl IntoIterator<Item = &'a Holding>,
    post: PostId,
    day: Day,
) -> Vec<&'a Holding> {
    let is_held = |it: &&Holding| it.post == post && it.valid.contains(day);
    holdings.into_iter().filter(is_held).collect()
}

/// Whether two periods share a day.
pub(super) const fn overlap(left: DayRange, right: DayRange) -> bool {
    let from = if left.from.0 > right.from.0 { left.from.0 } else { right.from.0 };
    let to = if left.to.0 < right.to.0 { left.to.0 } else { right.to.0 };
    from < to
}

const fn within(inner: DayRange, outer: DayRange) -> bool {
    outer.from.0 <= inner.from.0 && inner.to.0 <= outer.to.0
}

/// Whether a further version of an agency can begin on a day: its versions follow each other.
///
/// Law: none (house rule, decision 0020).
pub(super) fn check_event(agency: &Agency, on: Day) -> Result<(), Why> {
    match agency.last() {
        Some(last) if last.event == Event::Ended => Err(Why::Over),
        Some(last) if on <= last.on => Err(Why::NotThen(last.on)),
        _ => Ok(()),
    }
}

/// Whether somebody can hold a post beside those who hold it already.
///
/// Law: none (house rule, decision 0020).
pub(super) fn check_appointment<'a>(
    post: &Post,
    held: impl IntoIterator<Item = &'a Holding>,
    new: &Holding,
) -> Result<(), Why> {
    if new.valid.to <= new.valid.from {
        return Err(Why::Empty);
    }
    if !within(new.valid, post.valid) {
        return Err(Why::OutsidePost(post.valid));
    }
    let mut met = held.into_iter().filter(|it| it.post == post.id && it.id != new.id);
    let met = met.find(|it| {
        let counts = post.places == Places::One || it.person == new.person;
        counts && overlap(it.valid, new.valid)
    });
    match met {
        Some(it) if it.person == new.person => Err(Why::Twice(it.id)),
        Some(it) => Err(Why::Taken(it.id)),
        None => Ok(()),
    }
}

/// Whether a delegation lies within its holding and goes to somebody who can sign so.
///
/// Law: 30/2020/NĐ-CP art. 13: the head of an agency lets a deputy sign (KT.), the head of a part
/// of it (TL.), or authorises somebody in writing (TUQ.).
pub(super) fn check_delegation(
    (holding, post): (&Holding, &Post),
    new: &Delegation,
    to: Option<&Post>,
) -> Result<(), Why> {
    if new.valid.to <= new.valid.from {
        return Err(Why::Empty);
    }
    if !within(new.valid, holding.valid) {
        return Err(Why::OutsideHolding(holding.valid));
    }
    if !post.leads {
        return Err(Why::NotHead);
    }
    match new.to {
        Delegate::Post(to) if to == post.id => return Err(Why::Oneself),
        Delegate::Person(person) if person == holding.person => return Err(Why::Oneself),
        _ => {}
    }
    if new.form == Form::Kt && to.is_some_and(|to| to.agency != post.agency) {
        return Err(Why::KtElsewhere);
    }
    Ok(())
}

/// Whether a period can end before a day; on its first day it never took effect.
pub(super) fn check_end(valid: DayRange, before: Day) -> Result<(), Why> {
    let is_inside = valid.from <= before && before < valid.to;
    if is_inside { Ok(()) } else { Err(Why::OutsideHolding(valid)) }
}

/// A period that is over before a day; empty where it would have begun later.
pub(super) fn cut(valid: DayRange, before: Day) -> DayRange {
    DayRange { from: valid.from, to: valid.to.min(before.max(valid.from)) }
}

/// As a post stands under a document: without the agency's name and without what the state does not
/// name, such as "Thường trực".
///
/// Law: 30/2020/NĐ-CP annex I part I section II(7): the post is that in the agency itself.
/// Example: `signing_title("Phó Chủ tịch Thường trực UBND tỉnh")` is `"Phó Chủ tịch"`.
pub(super) fn signing_title(title: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let all: Vec<&str> = title.split(' ').collect();
    for (at, word) in all.iter().enumerate() {
        let folded = base::text::fold(word);
        let next = all.get(at + 1).map(|next| base::text::fold(next)).unwrap_or_default();
        let is_agency = match folded.as_str() {
            "ubnd" | "hdnd" | "so" => true,
            "uy" => next == "ban",
            "hoi" => next == "dong",
            "thuong" => next == "truc",
            _ => false,
        };
        // A title that begins with such a word has no other.
        if is_agency && at > 0 {
            break;
        }
        words.push(word);
    }
    words.join(" ")
}

/// The symbol that an agency has in the symbols of its documents where nobody says another: that of
/// its kind, or the initials of its name without what tells where it is.
///
/// Law: 30/2020/NĐ-CP annex I part I section II(3): the abbreviation of the name of the agency.
/// Example: `usual_symbol(AgencyKind::Department, "Sở Khoa học và Công nghệ tỉnh Mẫu")` is `"SKHCN"`.
pub(super) fn usual_symbol(kind: AgencyKind, name: &str) -> String {
    let folded = base::text::fold(name);
    let begins = |words: &str| {
        folded.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    if kind == AgencyKind::Committee {
        return "UBND".to_owned();
    }
    if begins("hoi dong nhan dan") {
        return "HĐND".to_owned();
    }
    if begins("van phong") {
        return "VP".to_owned();
    }
    let words = name.split([' ', '-', ',']).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(str::to_lowercase).collect();
    let mut symbol = String::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map_or("", String::as_str);
        // From here on the name says where.
        let is_place = match word.as_str() {
            "tỉnh" | "huyện" | "quận" | "phường" => true,
            "thành" => next == "phố",
            "thị" => matches!(next, "xã" | "trấn"),
            "xã" => next != "hội",
            "đặc" => next == "khu",
            _ => word.starts_with('('),
        };
        if at > 0 && is_place {
            break;
        }
        if !matches!(word.as_str(), "và" | "của") {
            let first = word.chars().find(|letter| letter.is_alphabetic());
            symbol.extend(first.into_iter().flat_map(char::to_uppercase));
        }
    }
    symbol
}

/// Whether a title is that of who leads an agency, as far as its words tell; for lists that do not
/// say so.
pub(super) fn is_leading(title: &str) -> bool {
    const HEADS: [&str; 8] = [
        "chu tich",
        "giam doc",
        "truong ban",
        "truong phong",
        "chanh van phong",
        "chanh thanh tra",
        "chu nhiem",
        "vien truong",
    ];
    let folded = base::text::fold(title);
    HEADS.iter().any(|head| {
        folded.strip_prefix(head).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    })
}

/// The place in the order of signatures that a title has by its words: who leads, deputies, others.
pub(super) fn usual_rank(title: &str) -> i64 {
    match is_leading(title) {
        true => 1,
        false if base::text::fold(title).starts_with("pho ") => 2,
        false => 3,
    }
}

/// The unit to which the records of an agency belong on a day: the one that it serves then, or the
/// nearest agency above it. Before its life and behind it, it is as on the nearest day of it.
///
/// Law: none (house rule, decision 0021).
pub fn unit_on<'a>(
    find: impl Fn(AgencyId) -> Option<&'a Agency>,
    id: AgencyId,
    day: Day,
) -> Option<UnitId> {
    let valid = find(id)?.valid();
    let day = day.min(valid.to.plus(-1)).max(valid.from);
    let mut at = Some(id);
    let mut seen = BTreeSet::new();
    while let Some(id) = at.filter(|id| seen.insert(*id)) {
        let version = find(id)?.at(day)?;
        if version.facts.unit.is_some() {
            return version.facts.unit;
        }
        at = version.facts.parent;
    }
    None
}
