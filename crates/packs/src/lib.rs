//! Packs: a province's systems as data. Reading, checking, planning and applying them.
//!
//! A pack is a folder with `pack.toml` and, as it needs, `counts.toml`, `measures.toml`,
//! `indicators.toml`, `claims.toml`, `calendars.toml`, `plans.toml`, `targets.toml`,
//! `collections.toml`; files of other kinds (a territory's CSV and
//! GeoJSON) are handed on to the area they belong to.

mod catalogue;
mod check;
mod claim;
mod collection;
mod definition;
mod files;
mod plan;
mod store;
mod target;
mod verify;

#[cfg(test)]
mod collection_tests;
#[cfg(test)]
mod target_tests;
#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, Numbered};
pub use check::{Pack, read};
pub use claim::{Check, Claim, Part, Share, Term};
pub use collection::{ApprovalLevels, Collection, Operator, PeriodKind, Rule, Severity};
pub use definition::{Calendar, Direction, Header, Indicator, Measure, Nature, UnitOfCount, Words};
pub use files::PackFiles;
pub use plan::{Step, StepKind, apply, plan};
pub use target::{Plan, Target, TargetValue};
pub use verify::verify;
