//! `acts.toml`: what is known of legal acts.

use std::collections::HashSet;

use base::{Day, Error, Result};
use serde::Deserialize;

use super::batch::Batch;
use super::lists::File;
use crate::{Act, Level};

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

/// Gives each batch the acts that it names, and the first one also those that none names.
///
/// Errors: `Invalid` at `acts.toml:line`.
pub(super) fn read(file: File<'_>, batches: &mut [Batch]) -> Result<()> {
    let name = file.name.to_owned();
    let text = std::str::from_utf8(file.bytes)
        .map_err(|_| Error::invalid(name.clone(), lang::import::not_utf8))?;
    let acts: ActsFile = toml::from_str(text).map_err(|error| {
        let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
        let line = before.matches('\n').count() + 1;
        let reason = error.message().to_owned();
        Error::invalid(format!("{name}:{line}"), move |lang| lang::packs::bad_toml(lang, &reason))
    })?;
    let mut given: HashSet<&str> = HashSet::new();
    for batch in batches.iter_mut() {
        let ends = |entry: &&ActEntry| {
            let same_day = entry.effective_on.is_none_or(|day| day == batch.on);
            entry.ends_level == Some(Level::District) && same_day
        };
        batch.level_end = acts.acts.iter().find(ends).map(|entry| entry.number.clone());
        let named: HashSet<&str> = batch.parts.iter().map(|part| part.act.as_str()).collect();
        let ours = acts.acts.iter().filter(|entry| {
            let number = entry.number.as_str();
            named.contains(number) || batch.level_end.as_deref() == Some(number)
        });
        for entry in ours.filter(|entry| given.insert(&entry.number)) {
            batch.acts.push(act(entry));
        }
    }
    if let Some(first) = batches.first_mut() {
        let others = acts.acts.iter().filter(|entry| !given.contains(entry.number.as_str()));
        first.acts.extend(others.map(act));
        first.files.push(name);
    }
    Ok(())
}

fn act(entry: &ActEntry) -> Act {
    Act {
        id: 0,
        number: entry.number.clone(),
        issuer: entry.issuer.clone(),
        title: entry.title.clone(),
        adopted_on: entry.adopted_on,
        effective_on: entry.effective_on,
        source: entry.source.clone(),
    }
}
