//! Importing lists of units, acts and outlines.

use std::collections::BTreeMap;

use base::{Clock, Day, Error, Result};
use serde::Deserialize;
use store::Tx;

use crate::import::{self, Files};
use crate::operations::{Deed, perform};
use crate::outline::read_outlines;
use crate::{Act, ChangeKind, Level, Outline, Plan, Territory, store as sql};

/// What an import added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Units that were not known.
    pub units: usize,
    /// Versions that began.
    pub versions: usize,
    /// Changes that were recorded.
    pub changes: usize,
    /// Outlines that were read.
    pub outlines: usize,
    /// Outlines of units that are not known.
    pub unknown_outlines: usize,
}

impl Imported {
    /// Whether nothing was written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self { unknown_outlines: self.unknown_outlines, ..Self::default() }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActsFile {
    acts: Vec<ActEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActEntry {
    number: String,
    issuer: String,
    title: String,
    adopted_on: Option<Day>,
    effective_on: Option<Day>,
    source: String,
    /// The level that the act ended, such as `district`.
    ends_level: Option<Level>,
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader of the file")]
    remark: String,
}

/// Imports a folder of lists (*nhập danh mục đơn vị hành chính*), given by file name, in the
/// caller's transaction. What is known already is recognised; a second import changes nothing.
///
/// Files: `units_*_before_merger.csv`, `units_*.csv`, `changes_*.csv`, `provinces_*.csv`, and if
/// there are any `hamlets_synthetic.csv`, `acts.toml`, `outlines_*.geojson`.
///
/// Errors: `Invalid` with each mistake at `file:line field`; nothing is written then.
pub async fn import(
    tx: &mut Tx,
    clock: &Clock,
    actor: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Imported> {
    sql::lock(tx).await?;
    let territory = sql::load(tx).await?;
    let (plan, on) = plan_import(&territory, files)?;
    let mut imported = Imported {
        units: plan.new_units.len(),
        versions: plan.new_versions.len(),
        changes: plan.new_changes.len(),
        ..Imported::default()
    };
    if !plan.is_empty() {
        let description = format!("import {}", read_names(files).collect::<Vec<_>>().join(", "));
        let deed = Deed { clock, actor, kind: "import", description: &description, on };
        perform(tx, deed, &plan).await?;
    }
    let territory = territory.apply(&plan)?;
    let (outlines, unknown) = plan_outlines(&territory, files, on)?;
    (imported.outlines, imported.unknown_outlines) = (outlines.len(), unknown);
    if !outlines.is_empty() {
        sql::save_outlines(tx, &outlines).await?;
    }
    Ok(imported)
}

/// The names of the files that an import reads; a pack has others beside them.
fn read_names(files: &BTreeMap<String, Vec<u8>>) -> impl Iterator<Item = &str> {
    let is_read = |name: &&str| {
        let listed = ["units_", "changes_", "provinces_", "hamlets_"];
        let list = name.ends_with(".csv") && listed.iter().any(|begin| name.starts_with(begin));
        list || *name == "acts.toml" || name.ends_with(".geojson")
    };
    files.keys().map(String::as_str).filter(is_read)
}

/// What an import would add, and from which day; for a preview.
///
/// Errors: those of [`import`].
pub fn plan_import(
    territory: &Territory,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<(Plan, Day)> {
    let find = |begin: &str, end: &str, without: &str| {
        let mut named = files.iter().filter(|(name, _)| {
            name.starts_with(begin)
                && name.ends_with(end)
                && (without.is_empty() || !name.contains(without))
        });
        named.next_back().map(|(_, bytes)| bytes.as_slice())
    };
    let need = |file: &'static str, bytes: Option<_>| {
        bytes.ok_or_else(|| Error::invalid(file, lang::import::file_missing))
    };
    let files_of_year = Files {
        before: need("units_2025_before_merger.csv", find("units_", "_before_merger.csv", ""))?,
        after: need("units_2025.csv", latest_units(files))?,
        changes: need("changes_2025.csv", find("changes_", ".csv", ""))?,
        provinces: need("provinces_2025.csv", find("provinces_", ".csv", ""))?,
        hamlets: files.get("hamlets_synthetic.csv").map(Vec::as_slice),
    };
    let mut batch = import::parse(&files_of_year)?;
    if let Some(bytes) = files.get("acts.toml") {
        (batch.acts, batch.level_end) = read_acts(bytes)?;
    }
    if batch.level_end.is_none() {
        batch.level_end = known_level_end(territory, batch.on);
    }
    let plan = import::plan(territory, &batch)?;
    Ok((plan, batch.on))
}

/// The list of units after the change: that of the same year as the list of changes.
fn latest_units(files: &BTreeMap<String, Vec<u8>>) -> Option<&[u8]> {
    let changes = files.keys().rev().find(|name| name.starts_with("changes_"))?;
    let year = changes.strip_prefix("changes_")?;
    files.get(&format!("units_{year}")).map(Vec::as_slice)
}

/// The acts of the file, and the number of the one that ended the district level.
fn read_acts(bytes: &[u8]) -> Result<(Vec<Act>, Option<String>)> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::invalid("acts.toml", lang::import::not_utf8))?;
    let file: ActsFile = toml::from_str(text).map_err(|error| {
        let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
        let line = before.matches('\n').count() + 1;
        let reason = error.message().to_owned();
        Error::invalid(format!("acts.toml:{line}"), move |lang| {
            lang::packs::bad_toml(lang, &reason)
        })
    })?;
    let mut ending = file.acts.iter().filter(|entry| entry.ends_level == Some(Level::District));
    let level_end = ending.next().map(|entry| entry.number.clone());
    let act = |entry: ActEntry| Act {
        id: 0,
        number: entry.number,
        issuer: entry.issuer,
        title: entry.title,
        adopted_on: entry.adopted_on,
        effective_on: entry.effective_on,
        source: entry.source,
    };
    Ok((file.acts.into_iter().map(act).collect(), level_end))
}

/// The number of the act by which districts are known to have ended on that day.
fn known_level_end(territory: &Territory, on: Day) -> Option<String> {
    let mut changes = territory.changes().iter();
    let end = changes.find(|change| change.kind == ChangeKind::EndOfLevel && change.on == on)?;
    Some(territory.act(end.act?)?.number.clone())
}

/// The outlines among these files that are not known yet, and how many features are of unknown
/// units. `territory` has the units of the lists already; `on` is the day of the lists: a file
/// with `before` in its name shows the units of the day before.
///
/// Errors: those of [`read_outlines`].
pub fn plan_outlines(
    territory: &Territory,
    files: &BTreeMap<String, Vec<u8>>,
    on: Day,
) -> Result<(Vec<Outline>, usize)> {
    let (mut changed, mut unknown) = (Vec::new(), 0);
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".geojson")) {
        let day = if name.contains("before") { on.plus(-1) } else { on };
        let (outlines, of_unknown) = read_outlines(territory, name, bytes, day)?;
        unknown += of_unknown;
        changed.extend(outlines.into_iter().filter(|new| !territory.outlines().contains(new)));
    }
    Ok((changed, unknown))
}
