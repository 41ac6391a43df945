//! What must hold of the readers of this crate, whatever they are given. Tests and fuzzers share it.

use std::collections::BTreeMap;

use base::Day;

use crate::import::{parse, sort};
use crate::merger::read_order;
use crate::{Act, Level, Territory, UnitCode, address, read_outlines};

const DAY: Day = Day(20_270);

/// The files of an import, of a merger and of outlines; each part of the bytes up to a zero byte is one.
pub fn lists(bytes: &[u8]) {
    const NAMES: [&str; 5] = [
        "changes_2025.csv",
        "units_2025.csv",
        "units_2025_before_merger.csv",
        "hamlets.csv",
        "acts.toml",
    ];
    let parts = bytes.split(|byte| *byte == 0).map(<[u8]>::to_vec);
    let files: BTreeMap<String, Vec<u8>> =
        NAMES.iter().map(|name| (*name).to_owned()).zip(parts).collect();
    if let Ok(folder) = sort(&files) {
        let _ = parse(&folder);
    }
    let _ = read_outlines(&Territory::empty(), "x.geojson", bytes, DAY);
    let given = String::from_utf8_lossy(bytes);
    let (units, children) = given.split_once('\0').unwrap_or((&given, ""));
    let _ = read_order(&Territory::empty(), act(), DAY, units, children);
    if let Ok(code) = UnitCode::new(Level::Commune, &given) {
        assert_eq!(UnitCode::new(Level::Commune, code.as_str()).ok(), Some(code));
    }
}

/// An act of which nothing is known.
fn act() -> Act {
    let text = String::new;
    let (adopted_on, effective_on) = (None, None);
    Act {
        id: 0,
        number: text(),
        issuer: text(),
        title: text(),
        adopted_on,
        effective_on,
        source: text(),
    }
}

/// Addresses as people write them, in a territory.
pub fn addresses(territory: &Territory, bytes: &[u8]) {
    let given = String::from_utf8_lossy(bytes);
    let _ = address::convert(territory, &given, DAY, DAY.plus(-1));
    let _ = address::convert(territory, &format!("{given}, xã Vị Thủy"), DAY.plus(-1), DAY);
}
