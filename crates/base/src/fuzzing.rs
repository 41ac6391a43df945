//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use std::cmp::Ordering;

use lang::Lang;

use crate::page::Cursor;
use crate::{Day, Id, Moment, text};

/// Texts, days, instants, ids and cursors.
pub fn texts(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let clean = text::clean(&given);
    assert_eq!(text::clean(&clean), clean, "what is clean stays as it is");
    assert!(!clean.chars().any(char::is_control), "{clean:?}");
    let lines = text::clean_lines(&given);
    assert_eq!(text::clean_lines(&lines), lines);
    let folded = text::fold(&given);
    assert_eq!(text::fold(&folded), folded);
    let _ = text::tone_neutral(&given);
    assert_eq!(text::compare(&clean, &clean), Ordering::Equal);
    if let Ok(day) = given.parse::<Day>() {
        assert_eq!(day.to_string().parse::<Day>().ok(), Some(day));
    }
    if let Ok(moment) = given.parse::<Moment>() {
        assert_eq!(moment.to_string().parse::<Moment>().ok(), Some(moment));
        let _ = (moment.day(), moment.local());
    }
    if let Ok(id) = given.parse::<Id>() {
        assert_eq!(id.to_string().parse::<Id>().ok(), Some(id));
    }
    if let Ok(key) = Cursor::decode::<(String, i64)>(&given) {
        assert_eq!(Cursor::decode::<(String, i64)>(&Cursor::encode(&key)).ok(), Some(key));
    }
    let _ = (Lang::from_tag(&given), Lang::from_accept_language(&given));
}
