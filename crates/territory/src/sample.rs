//! The territory of Hậu Giang and, where its lists are at hand, of the nation, for tests.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base::Day;

use crate::import::{Batch, Files, parse, plan};
use crate::{Territory, UnitId};

/// The last day of the former units.
pub(crate) const EVE: Day = Day(20_269);
/// The first day of the units of today.
pub(crate) const DAY: Day = Day(20_270);

static HAU_GIANG: LazyLock<Territory> = LazyLock::new(|| {
    let plan = plan(&Territory::empty(), &batch()).unwrap();
    Territory::empty().apply(&plan).unwrap()
});

static NATION: LazyLock<Option<Territory>> = LazyLock::new(|| {
    let plan = plan(&Territory::empty(), &national_batch()?).unwrap();
    Some(Territory::empty().apply(&plan).unwrap())
});

pub(crate) fn hau_giang() -> &'static Territory {
    &HAU_GIANG
}

/// None, with a line that says so, where the nation's lists are not at hand.
pub(crate) fn nation() -> Option<&'static Territory> {
    NATION.as_ref()
}

pub(crate) fn batch() -> Batch {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/territory-hau-giang");
    read(&directory).unwrap()
}

pub(crate) fn national_batch() -> Option<Batch> {
    let directory = national_directory();
    let batch = read(&directory);
    if batch.is_none() {
        eprintln!("skipped: no lists of the nation in {}", directory.display());
    }
    batch
}

fn national_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/admin")
}

fn read(directory: &Path) -> Option<Batch> {
    let file = |name: &str| std::fs::read(directory.join(name)).ok();
    let (before, after) = (file("units_2025_before_merger.csv")?, file("units_2025.csv")?);
    let (changes, provinces) = (file("changes_2025.csv")?, file("provinces_2025.csv")?);
    let hamlets = file("hamlets_synthetic.csv");
    let files = Files {
        before: &before,
        after: &after,
        changes: &changes,
        provinces: &provinces,
        hamlets: hamlets.as_deref(),
    };
    Some(parse(&files).unwrap_or_else(|error| panic!("{}: {error}", directory.display())))
}

/// The unit that holds a code on a day.
pub(crate) fn unit(territory: &Territory, code: &str, day: Day) -> UnitId {
    territory.by_code(code, day).unwrap_or_else(|| panic!("{code} on {day}")).unit
}
