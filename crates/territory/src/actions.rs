//! Importing lists of units, acts and outlines.

use std::collections::{BTreeMap, HashMap, HashSet};

use base::rights::{Act, Actor, Place};
use base::{Clock, Day, Error, Result};
use store::Tx;

use crate::import::{self, Batch, Folder};
use crate::operations::{Deed, drawn, perform};
use crate::outline::read_outlines;
use crate::{ChangeKind, Drawn, Outline, Plan, Territory, UnitId, store as sql};

/// What an import added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Units that were not known.
    pub units: usize,
    /// Versions that began.
    pub versions: usize,
    /// Changes that were recorded.
    pub changes: usize,
    /// Acts that were not known, or of which more is known now.
    pub acts: usize,
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

/// What an import would do, before anything is written.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The rearrangements, by their days; one step without any where there are no lists.
    pub steps: Vec<PlannedStep>,
    /// The territory after all of them, without the outlines.
    pub after: Territory,
    /// How many outlines are of units that are not known.
    pub unknown_outlines: usize,
    /// Names of files that are not read.
    pub unread: Vec<String>,
}

/// What one rearrangement of an import would add.
#[derive(Clone, Debug)]
pub struct PlannedStep {
    /// The names of its files.
    pub files: Vec<String>,
    /// The first day of the later units.
    pub on: Day,
    /// The rows to write.
    pub plan: Plan,
    /// The outlines of the plan, with their polygons: those that are not known yet, or known
    /// otherwise.
    pub outlines: Vec<Outline>,
}

impl Planned {
    /// Whether nothing would be written.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.plan.is_empty())
    }
}

/// Imports a folder of lists (*nhập danh mục đơn vị hành chính*), given by file name, in the
/// caller's transaction. What is known already is recognised; a second import changes nothing.
///
/// Files: `units_TAG.csv` and `changes_TAG.csv` of each rearrangement, with
/// `units_TAG_before_merger.csv` where they hold all units and not only those that an act
/// changes; `provinces_TAG.csv`, `hamlets_….csv`, `acts.toml`, `….geojson` if there are any.
/// Outlines without lists show the units of today, unless they name a day themselves.
///
/// Errors: `Invalid` with each mistake at `file:line field`; nothing is written then; those of rights.
pub async fn import(
    tx: &mut Tx,
    clock: &Clock,
    actor: Actor<'_>,
    files: &BTreeMap<String, Vec<u8>>,
) -> Result<Imported> {
    import_on(tx, clock, actor, files, clock.today()).await
}

/// Like [`import`]; outlines without lists show the units of `day`.
///
/// Errors: those of [`import`].
pub(crate) async fn import_on(
    tx: &mut Tx,
    clock: &Clock,
    actor: Actor<'_>,
    files: &BTreeMap<String, Vec<u8>>,
    day: Day,
) -> Result<Imported> {
    actor.check(Act::ChangeTerritory, Place::PROVINCE)?;
    sql::lock(tx).await?;
    let planned = plan_import(&sql::load(tx).await?, files, day)?;
    let mut imported =
        Imported { unknown_outlines: planned.unknown_outlines, ..Imported::default() };
    let written = planned.steps.into_iter().filter(|step| !step.plan.is_empty());
    for PlannedStep { files, on, plan, outlines } in written {
        imported.units += plan.new_units.len();
        imported.versions += plan.new_versions.len();
        imported.changes += plan.new_changes.len() + plan.completed_changes.len();
        imported.acts += plan.new_acts.len() + plan.completed_acts.len();
        imported.outlines += outlines.len();
        let description = format!("import {}", files.join(", "));
        let deed = Deed { clock, actor: actor.name, kind: "import", description: &description, on };
        perform(tx, deed, &plan, &outlines).await?;
    }
    Ok(imported)
}

/// What an import would add; `day` as in [`import_on`].
///
/// Errors: those of [`import`].
pub fn plan_import(
    territory: &Territory,
    files: &BTreeMap<String, Vec<u8>>,
    day: Day,
) -> Result<Planned> {
    let folder = import::sort(files)?;
    let mut batches = import::parse(&folder)?;
    let shown: Vec<Shown> = folder.outlines.iter().map(|file| shown(file.name, &batches)).collect();
    if batches.is_empty() {
        let acts = folder.acts.map(import::read_acts).transpose()?;
        let mut alone = Batch::of_acts(day, acts.unwrap_or_default());
        alone.files.extend(folder.acts.map(|file| file.name.to_owned()));
        batches.push(alone);
    }
    let (mut steps, mut after) = (Vec::with_capacity(batches.len()), territory.clone());
    for (at, mut batch) in batches.into_iter().enumerate() {
        if batch.level_end.is_none() {
            batch.level_end = known_level_end(&after, batch.on);
        }
        let plan = import::plan(&after, &batch)?;
        if !plan.is_empty() {
            after = after.apply(&plan)?;
        }
        let (mut files, on) = (batch.files, batch.on);
        let ours = folder.outlines.iter().zip(&shown).filter(|(_, shown)| shown.step == at);
        files.extend(ours.map(|(file, _)| file.name.to_owned()));
        steps.push(PlannedStep { files, on, plan, outlines: Vec::new() });
    }
    let unknown_outlines = outlines(&folder, &shown, &after, &mut steps)?;
    let unread = folder.unread.iter().map(|name| (*name).to_owned()).collect();
    Ok(Planned { steps, after, unknown_outlines, unread })
}

/// Gives each step the outlines that are not known yet, or known otherwise; gives the number of
/// those of unknown units.
fn outlines(
    folder: &Folder<'_>,
    shown: &[Shown],
    after: &Territory,
    steps: &mut [PlannedStep],
) -> Result<usize> {
    let formed = |(at, step): (usize, &PlannedStep)| {
        step.plan.new_units.iter().map(move |unit| (unit.id, at)).collect::<Vec<_>>()
    };
    let formed: HashMap<UnitId, usize> = steps.iter().enumerate().flat_map(formed).collect();
    let (mut keys, mut unknown) = (HashSet::new(), 0);
    for (file, Shown { step, before }) in folder.outlines.iter().zip(shown) {
        let on = steps[*step].on;
        let day = if *before { on.plus(-1) } else { on };
        let (read, unknown_here) = read_outlines(after, file.name, file.bytes, day)?;
        unknown += unknown_here;
        for outline in read {
            let drawn = drawn(&outline)?;
            if !keys.insert(Drawn::key(&drawn)) {
                let name = after.full_name(outline.unit, day);
                return Err(Error::invalid(file.name, move |lang| {
                    lang::import::drawn_twice(lang, &name)
                }));
            }
            if after.outlines().contains(&outline) {
                continue;
            }
            // With the operation that forms its unit, so that it goes with it.
            let at = formed.get(&outline.unit).map_or(*step, |formed| *step.max(formed));
            steps[at].plan.outlines.push(drawn);
            steps[at].outlines.push(outline);
        }
    }
    Ok(unknown)
}

/// Whose units a file of outlines shows.
struct Shown {
    /// The place of the rearrangement; the first when there are no lists.
    step: usize,
    /// Whether it shows the units of the day before.
    before: bool,
}

/// What the name of a file of outlines says: it bears the tag of its lists, and `before` when it
/// shows the units of the day before. One without tag belongs to the lists of all units.
fn shown(name: &str, batches: &[Batch]) -> Shown {
    let tagged = |batch: &&Batch| !batch.tag.is_empty() && name.contains(&batch.tag);
    let named = batches.iter().filter(tagged).max_by_key(|batch| batch.tag.len());
    let whole = || batches.iter().find(|batch| batch.before.is_some());
    let batch = named.or_else(whole).or(batches.last());
    let step = batch.and_then(|ours| batches.iter().position(|batch| std::ptr::eq(batch, ours)));
    // Without lists the day is that of the codes, whatever the name says.
    let before = step.is_some() && name.contains("before");
    Shown { step: step.unwrap_or_default(), before }
}

/// The number of the act by which districts are known to have ended on that day.
fn known_level_end(territory: &Territory, on: Day) -> Option<String> {
    let mut changes = territory.changes().iter();
    let end = changes.find(|change| change.kind == ChangeKind::EndOfLevel && change.on == on)?;
    Some(territory.act(end.act?)?.number.clone())
}
