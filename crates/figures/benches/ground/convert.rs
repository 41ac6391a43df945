//! Old addresses of a whole column in the units of today.

use std::path::Path;
use std::time::Instant;

use base::Day;
use lang::Lang;
use packs::PackFiles;
use territory::address::{Outcome, convert};
use territory::{Level, Territory, plan_import};

use crate::row;

/// So many addresses.
const ROWS: usize = 20_000;

pub(crate) fn run(folder: Option<&str>) {
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/territory-hau-giang");
    let files = PackFiles::from_folder(folder.map_or(&*pack, Path::new)).unwrap().files;
    let (on, to): (Day, Day) = ("2025-06-30".parse().unwrap(), "2026-01-01".parse().unwrap());
    let territory = plan_import(&Territory::empty(), &files, to).unwrap().after;
    let addresses = addresses(&territory, on);
    println!("convert: {ROWS} addresses as people write them");
    let start = Instant::now();
    let (mut found, mut letters) = (0, 0);
    for address in &addresses {
        if let Outcome::Found(it) = convert(&territory, address, on, to).outcome {
            found += 1;
            let why = it.why.iter().map(|step| step.say(Lang::Vietnamese, &territory).len());
            letters += why.sum::<usize>() + territory.path(it.new, to).map_or(0, |path| path.len());
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    row("found, with reasons (aim < 1 s)", &format!("{seconds:.2} s, {found} found, {letters} B"));
}

/// Hamlets behind a house and a road, communes in full, without tones, abbreviated, cut short.
fn addresses(territory: &Territory, on: Day) -> Vec<String> {
    let hamlets = territory.under(None, on, Level::Hamlet);
    let communes = territory.under(None, on, Level::Commune);
    let short = [("Xã ", "X. "), ("Huyện ", "H. "), ("Tỉnh ", "T. "), ("Phường ", "P.")];
    let one = |at: usize| {
        let hamlet = territory.path(hamlets[at * 7 % hamlets.len()].unit, on).unwrap();
        let commune = territory.path(communes[at * 13 % communes.len()].unit, on).unwrap();
        let parts = |path: &str| path.split(", ").map(str::to_owned).collect::<Vec<_>>();
        match at % 5 {
            0 => format!("Số {}, đường Trần Hưng Đạo, {hamlet}", at % 300),
            1 => commune,
            2 => {
                parts(&hamlet).iter().map(|it| base::text::fold(it)).collect::<Vec<_>>().join(", ")
            }
            3 => short.iter().fold(commune, |text, (word, letter)| text.replace(word, letter)),
            _ => parts(&commune)[..2].join(", "),
        }
    };
    (0..ROWS).map(one).collect()
}
