//! Which files of a folder belong together, by their names.

use std::collections::{BTreeMap, BTreeSet};

use base::{Error, FieldError, Result};
use lang::Text;

/// A file of a folder.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// The files of one rearrangement: `changes_TAG.csv` and those with the same tag.
#[derive(Clone, Copy, Debug)]
pub struct ListSet<'a> {
    /// `_2025` of `changes_2025.csv`; empty for `changes.csv`.
    pub tag: &'a str,
    /// `units_TAG_before_merger.csv`: all units of the day before. Without it the lists hold only
    /// what an act changes.
    pub before: Option<File<'a>>,
    /// `units_TAG.csv`: the units as they are from the day on.
    pub after: File<'a>,
    /// `changes_TAG.csv`: who became whom, by which act, from which day.
    pub changes: File<'a>,
    /// `provinces_TAG.csv`: which province became which.
    pub provinces: Option<File<'a>>,
}

impl<'a> ListSet<'a> {
    /// The names of its files.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        let files = [self.before, Some(self.after), Some(self.changes), self.provinces];
        files.into_iter().flatten().map(|file| file.name)
    }
}

/// What of a folder an import reads.
#[derive(Clone, Debug, Default)]
pub struct Folder<'a> {
    /// The sets of lists, by tag.
    pub sets: Vec<ListSet<'a>>,
    /// `hamlets….csv`; the header names the day to which a list belongs.
    pub hamlets: Vec<File<'a>>,
    /// `acts.toml`; it may stand alone.
    pub acts: Option<File<'a>>,
    /// `….geojson`.
    pub outlines: Vec<File<'a>>,
    /// Names of files that an import does not read.
    pub unread: Vec<&'a str>,
}

/// Sorts files by what their names say.
///
/// Errors: `Invalid` at the name of a file that is missing.
pub fn sort(files: &BTreeMap<String, Vec<u8>>) -> Result<Folder<'_>> {
    let all = || files.iter().map(|(name, bytes)| File { name, bytes });
    let find = |name: String| files.get_key_value(&name).map(|(name, bytes)| File { name, bytes });
    let mut missing = Vec::new();
    let mut sets = Vec::new();
    for changes in all() {
        let tag = changes.name.strip_prefix("changes").and_then(|rest| rest.strip_suffix(".csv"));
        let Some(tag) = tag.filter(|tag| tag.is_empty() || tag.starts_with('_')) else { continue };
        match find(format!("units{tag}.csv")) {
            Some(after) => sets.push(ListSet {
                tag,
                before: find(format!("units{tag}_before_merger.csv")),
                after,
                changes,
                provinces: find(format!("provinces{tag}.csv")),
            }),
            None => missing.push(format!("units{tag}.csv")),
        }
    }
    let ends = |end: &'static str| all().filter(move |file| file.name.ends_with(end));
    let outlines: Vec<File<'_>> = ends(".geojson").collect();
    let acts = find("acts.toml".into());
    if sets.is_empty() && outlines.is_empty() && acts.is_none() && missing.is_empty() {
        missing.push("changes.csv".to_owned());
    }
    if !missing.is_empty() {
        let mistake = |place| FieldError { place, text: Text::new(lang::import::file_missing) };
        return Err(Error::Invalid(missing.into_iter().map(mistake).collect()));
    }
    let hamlets = ends(".csv").filter(|file| file.name.starts_with("hamlets"));
    let mut folder =
        Folder { sets, hamlets: hamlets.collect(), acts, outlines, unread: Vec::new() };
    let read: BTreeSet<&str> = folder.names().collect();
    folder.unread = files.keys().map(String::as_str).filter(|name| !read.contains(name)).collect();
    Ok(folder)
}

impl<'a> Folder<'a> {
    fn names(&self) -> impl Iterator<Item = &'a str> {
        let others = self.hamlets.iter().chain(&self.acts).chain(&self.outlines);
        self.sets.iter().flat_map(ListSet::names).chain(others.map(|file| file.name))
    }
}
