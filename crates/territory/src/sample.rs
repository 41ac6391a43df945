//! The territory of Hậu Giang and, where its lists are at hand, of the nation, for tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base::Day;

use crate::import::{Batch, parse, plan, sort};
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
    let directory = nation_folder()?;
    let batch = read(&directory);
    assert!(batch.is_some(), "no lists of the nation in {}", directory.display());
    batch
}

/// The folder with the nation's lists; none, with a notice, where `SOGOC_TEST_NATION` names none.
pub(crate) fn nation_folder() -> Option<PathBuf> {
    let folder = std::env::var_os("SOGOC_TEST_NATION").filter(|folder| !folder.is_empty());
    if folder.is_none() {
        store::testing::skip("nation", "SOGOC_TEST_NATION names no folder with the nation's lists");
    }
    folder.map(PathBuf::from)
}

/// The files of a folder, by name.
pub(crate) fn files(directory: &Path) -> Option<BTreeMap<String, Vec<u8>>> {
    let entries = std::fs::read_dir(directory).ok()?;
    let file = |entry: std::fs::DirEntry| {
        Some((entry.file_name().into_string().ok()?, std::fs::read(entry.path()).ok()?))
    };
    Some(entries.filter_map(|entry| file(entry.ok()?)).collect())
}

/// The lists of 2025 in a folder, without acts.
fn read(directory: &Path) -> Option<Batch> {
    let mut files = files(directory)?;
    files.remove("acts.toml");
    let batches = sort(&files).and_then(|folder| parse(&folder));
    let mut batches =
        batches.unwrap_or_else(|error| panic!("{}: {error}", directory.display())).into_iter();
    batches.find(|batch| batch.on == DAY)
}

/// The unit that holds a code on a day.
pub(crate) fn unit(territory: &Territory, code: &str, day: Day) -> UnitId {
    territory.by_code(code, day).unwrap_or_else(|| panic!("{code} on {day}")).unit
}

/// The units and the changes of an act, by file name.
pub(crate) type Lists = [(String, Vec<u8>); 2];

/// An invented act of 2026-04-30; its lists without their headers.
pub(crate) fn invented_act(units: &str, changes: &str) -> Lists {
    let units = format!("code,name,full_name,type,parent_code\n{units}");
    let changes = format!("old_code,new_code,whole_or_part,resolution,effective_date\n{changes}");
    [("units_synthetic_2026_04.csv", units), ("changes_synthetic_2026_04.csv", changes)]
        .map(|(name, text)| (name.to_owned(), text.into_bytes()))
}

/// The act that changes something in these lines, "31441,31441": one unit each, as a whole.
pub(crate) fn by_invented_act(lines: impl IntoIterator<Item = String>) -> String {
    let act = ",whole,1/NQ-MINHHOA,2026-04-30\n";
    lines.into_iter().map(|line| line + act).collect()
}
