//! What is worth telling, and which addresses letters can go to: pure rules.

use base::{Error, Moment, Result};

use super::model::{Change, Corrected, Event, Moved, Seen, Series, Since, Standing, State};
use crate::targets::Status;

const HOUR_US: i64 = 3600 * 1_000_000;
/// So long the link of a letter confirms. Units: hours.
pub(crate) const CONFIRM_HOURS: i64 = 48;
/// So many letters are sent in a day to an address that asked, before it confirms.
pub(super) const ASKED_A_DAY: i64 = 3;
/// So many watches an address has.
pub(super) const MOST_WATCHES: i64 = 20;

/// What has changed between how it stood and how it stands; none when there is nothing to tell.
#[must_use]
pub fn compare(before: &State, now: &State) -> Option<Change> {
    match (before, now) {
        (State::Target(before), State::Target(now)) => {
            let event = event(before, now)?;
            Some(Change::Target { event, now: now.clone() })
        }
        (State::Indicator(before), State::Indicator(now)) => {
            let moved = moved(before, now);
            let decimals = now.decimals;
            (!moved.is_empty()).then_some(Change::Indicator { decimals, moved })
        }
        (State::Publication(before), State::Publication(now)) => {
            let corrected = corrected(before, now);
            let ended = now.ended.clone().filter(|_| before.ended.is_none());
            let is_news = ended.is_some() || !corrected.is_empty();
            is_news.then_some(Change::Publication { corrected, ended })
        }
        _ => None,
    }
}

fn event(before: &Standing, now: &Standing) -> Option<Event> {
    use Status::{Behind, Missed, OnTrack, Reached};
    match (before.status, now.status) {
        (before, now) if before == now => None,
        (_, Missed) => Some(Event::Missed),
        (_, Behind) => Some(Event::FellBehind),
        (_, Reached) => Some(Event::Reached),
        // What was missed stays missed; a goal that comes after it begins anew.
        (Behind | Missed, OnTrack) if before.by == now.by => Some(Event::CaughtUp),
        _ => None,
    }
}

/// Quarters that are no longer looked at are over and done with; those of figures in another
/// precision cannot be compared.
fn moved(before: &Series, now: &Series) -> Vec<Moved> {
    if before.decimals != now.decimals {
        return Vec::new();
    }
    let is_protected = now.is_protected;
    let moved = now.figures.iter().filter_map(|(period, now)| {
        let before = before.figures.get(period).copied().unwrap_or_default();
        let (before, now) = moved_one(before, *now)?;
        // Two values that stay readable side by side differ by single reports.
        let [before, now] = [before, now].map(|value| value.filter(|_| !is_protected));
        Some(Moved { period: period.clone(), before, now })
    });
    moved.collect()
}

/// The numbers that are others than before, among them those that are again as they were published.
fn corrected(before: &Since, now: &Since) -> Vec<Corrected> {
    let is_news = |(place, it): &(&String, &Corrected)| {
        before.corrected.get(*place).is_none_or(|before| before.now != it.now)
    };
    let others = now.corrected.iter().filter(is_news).map(|(_, it)| it.clone());
    let again = before.corrected.iter().filter(|(place, _)| !now.corrected.contains_key(*place));
    let again = again.map(|(_, it)| Corrected { now: Some(it.frozen.clone()), ..it.clone() });
    others.chain(again).collect()
}

/// What is told of a figure: the value before and now. That further units report is no news until
/// all have; what changes without them was corrected.
fn moved_one(before: Seen, now: Seen) -> Option<(Option<i64>, Option<i64>)> {
    // What may not be shown is neither told nor told to have gone.
    if before.hidden || now.hidden {
        return None;
    }
    if now.is_complete() && !before.is_complete() {
        return Some((None, now.value));
    }
    let is_news = before.value.is_some() && before.value != now.value;
    (is_news && now.reported <= before.reported).then_some((before.value, now.value))
}

/// How something stood of which nothing was known: nobody had reported, and what was published was
/// right.
pub(super) fn unknown(now: &State) -> State {
    match now {
        State::Target(now) => {
            let (status, value, on, since) = (Status::NoData, None, None, None);
            State::Target(Standing { status, value, on, since, ..now.clone() })
        }
        State::Indicator(now) => {
            let periods = now.figures.keys();
            let figures = periods.map(|period| (period.clone(), Seen::default())).collect();
            State::Indicator(Series { figures, ..now.clone() })
        }
        State::Publication(_) => State::Publication(Since::default()),
    }
}

/// An e-mail address, in small letters. Of what the standards allow it takes what is in use: a name
/// of letters, digits and a few signs, and a host with a dot (RFC 5321, 4.1.2, without quoted names
/// and numeric hosts). So nothing in it can end a line of a letter's head.
///
/// Errors: `Invalid` at `address`.
pub(crate) fn address(text: &str) -> Result<String> {
    let text = text.trim().to_ascii_lowercase();
    let is_good = text.len() <= 254
        && text.split_once('@').is_some_and(|(name, host)| is_name(name) && is_host(host));
    is_good.then_some(text).ok_or_else(|| Error::invalid("address", lang::watch::bad_address))
}

fn is_name(name: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(is_sign);
    name.len() <= 64 && name.split('.').all(is_part)
}

pub(super) fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_sign)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && host.split('.').all(is_label)
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whoever asked before this instant and did not confirm is forgotten.
pub(super) const fn asked_too_long_ago(now: Moment) -> Moment {
    Moment(now.0 - CONFIRM_HOURS * HOUR_US)
}

/// How many letters were sent in the last day, with the beginning of that day: a new day begins a
/// day after the last one did.
pub(super) const fn asked_today(asked: i64, since: Moment, now: Moment) -> (i64, Moment) {
    if now.0 - since.0 >= 24 * HOUR_US { (0, now) } else { (asked, since) }
}
