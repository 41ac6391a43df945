//! `acts.toml`: what is known of legal acts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use base::text::clean;
use base::{Day, Error, Result};
use serde::Deserialize;
use toml::Spanned;

use super::batch::{Batch, ListedAct, Place};
use super::lists::File;
use super::read::Mistakes;
use crate::{Act, Level};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActsFile {
    acts: Vec<ActEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActEntry {
    number: Spanned<String>,
    issuer: Spanned<String>,
    title: Spanned<String>,
    adopted_on: Option<Spanned<Day>>,
    effective_on: Option<Spanned<Day>>,
    source: Spanned<String>,
    /// The level that the act ended, such as `district`.
    ends_level: Option<Spanned<Level>>,
    /// Whether the units of complete lists are held to be known from its `effective_on`.
    known_from: Option<Spanned<bool>>,
    #[serde(default)]
    #[expect(dead_code, reason = "for the reader of the file")]
    remark: String,
}

/// What a list of acts says.
struct Acts {
    listed: Vec<ListedAct>,
    /// The day from which units of complete lists are held to be known.
    known_from: Option<Day>,
}

/// Reads a list of acts that stands alone, without lists of units.
///
/// Errors: `Invalid` with each mistake at `acts.toml:line field`.
pub fn read_acts(file: File<'_>) -> Result<Vec<ListedAct>> {
    Ok(parse(file)?.listed)
}

/// Gives each batch the acts that it names, and the first one also those that none names.
///
/// Errors: those of [`read_acts`].
pub(super) fn read(file: File<'_>, batches: &mut [Batch]) -> Result<()> {
    let acts = parse(file)?;
    let mut given: HashSet<&str> = HashSet::new();
    for batch in batches.iter_mut() {
        let on = batch.on;
        let ends = |listed: &&ListedAct| ends_districts(listed, on) == Some(on);
        batch.level_end = acts.listed.iter().find(ends).map(|listed| listed.act.number.clone());
        let named: HashSet<&str> = batch.parts.iter().map(|part| part.act.as_str()).collect();
        let ours = acts.listed.iter().filter(|listed| {
            let number = listed.act.number.as_str();
            named.contains(number) || batch.level_end.as_deref() == Some(number)
        });
        for listed in ours.filter(|listed| given.insert(&listed.act.number)) {
            batch.acts.push(listed.clone());
        }
        batch.known_from = acts.known_from.unwrap_or(batch.known_from);
    }
    if let Some(first) = batches.first_mut() {
        let others = acts.listed.iter().filter(|it| !given.contains(it.act.number.as_str()));
        first.acts.extend(others.cloned());
        first.files.push(file.name.to_owned());
    }
    Ok(())
}

/// The day on which districts ended by an act; that of the lists where it names none.
pub(super) fn ends_districts(listed: &ListedAct, on: Day) -> Option<Day> {
    let ends = listed.ends_level == Some(Level::District);
    ends.then(|| listed.act.effective_on.unwrap_or(on))
}

fn parse(file: File<'_>) -> Result<Acts> {
    let name: Arc<str> = file.name.into();
    let text = std::str::from_utf8(file.bytes)
        .map_err(|_| Error::invalid(file.name, lang::import::not_utf8))?;
    let line = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        before.bytes().filter(|byte| *byte == b'\n').count() as u64 + 1
    };
    let acts: ActsFile = toml::from_str(text).map_err(|error| {
        let line = line(error.span().map_or(0, |span| span.start));
        let reason = error.message().to_owned();
        Error::invalid(format!("{name}:{line}"), move |lang| lang::packs::bad_toml(lang, &reason))
    })?;
    let place = |span: std::ops::Range<usize>| Place { file: name.clone(), line: line(span.start) };
    let mut mistakes = Mistakes::default();
    let (mut listed, mut known_from) = (Vec::with_capacity(acts.acts.len()), None);
    let mut lines_of: HashMap<String, u64> = HashMap::new();
    for entry in acts.acts {
        let act = entry.listed(&place);
        let number = act.act.number.clone();
        let at = place(entry.number.span());
        if number.is_empty() {
            mistakes.add(at.field("number"), lang::import::no_act);
        }
        if let Some(first) = lines_of.insert(number, at.line) {
            mistakes.add(at.field("number"), move |l| lang::import::twice(l, first));
        }
        let days = act.act.adopted_on.zip(act.act.effective_on);
        if days.is_some_and(|(adopted, effective)| adopted > effective) {
            mistakes.add(act.place("adopted_on"), lang::mergers::adopted_late);
        }
        if let Some(marked) = entry.known_from.filter(|marked| *marked.get_ref()) {
            let at = place(marked.span()).field("known_from");
            match act.act.effective_on {
                Some(day) if known_from.is_none() => known_from = Some(day),
                Some(_) => mistakes.add(at, lang::import::known_from_twice),
                None => mistakes.add(at, lang::import::known_from_undated),
            }
        }
        listed.push(act);
    }
    mistakes.done()?;
    Ok(Acts { listed, known_from })
}

impl ActEntry {
    fn listed(&self, place: &impl Fn(std::ops::Range<usize>) -> Place) -> ListedAct {
        let texts = [
            ("number", &self.number),
            ("issuer", &self.issuer),
            ("title", &self.title),
            ("source", &self.source),
        ];
        let days = [("adopted_on", &self.adopted_on), ("effective_on", &self.effective_on)];
        let mut places: Vec<(&'static str, Place)> =
            texts.iter().map(|(name, text)| (*name, place(text.span()))).collect();
        places.extend(days.iter().filter_map(|(name, day)| {
            let day = day.as_ref()?;
            Some((*name, place(day.span())))
        }));
        let ends_level = self.ends_level.as_ref();
        places.extend(ends_level.map(|level| ("ends_level", place(level.span()))));
        let day = |day: &Option<Spanned<Day>>| day.as_ref().map(|day| *day.get_ref());
        let [number, issuer, title, source] = texts.map(|(_, text)| clean(text.get_ref()));
        let (adopted_on, effective_on) = (day(&self.adopted_on), day(&self.effective_on));
        let act = Act { id: 0, number, issuer, title, adopted_on, effective_on, source };
        ListedAct { act, ends_level: ends_level.map(|level| *level.get_ref()), places }
    }
}
