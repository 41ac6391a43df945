//! Addresses as people write them, in the territory of the pack.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use territory::Territory;
use territory::import::{parse, plan, sort};

static TERRITORY: LazyLock<Territory> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../packs/territory-hau-giang");
    let files = packs::PackFiles::from_folder(&folder).expect("the pack is there").files;
    let batches = parse(&sort(&files).expect("lists")).expect("lists");
    batches.iter().fold(Territory::empty(), |before, batch| {
        let plan = plan(&before, batch).expect("a plan");
        before.apply(&plan).expect("it fits")
    })
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| territory::fuzzing::addresses(&TERRITORY, bytes));
