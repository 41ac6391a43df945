//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use base::{Day, grouped};
use lang::Lang;

use crate::campaigns::read_points;
use crate::observations::import::read_count;
use crate::period::Period;
use crate::watches::Site;

/// Counts, points, periods and the address of the program, as people write them.
pub fn numbers(bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    if let Some(count) = read_count(&given) {
        let written = grouped(Lang::Vietnamese, count);
        assert_eq!(read_count(&written), Some(count), "{written}");
    }
    if let Some(points) = read_points(&given) {
        assert!(points.abs() < 100_000_000);
    }
    if let Ok(period) = Period::parse(&given, &[]) {
        assert!(period.days.contains(period.days.from));
    }
    if let Ok(site) = Site::parse(&given) {
        assert!(Site::parse(&site.url("")).is_ok_and(|again| again == site));
        assert!(!site.host().is_empty() && !site.url("/").contains(char::is_whitespace));
    }
    let _ = given.parse::<Day>();
}
