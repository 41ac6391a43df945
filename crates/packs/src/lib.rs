//! Packs: a province's systems as data. Reading, checking, planning and applying them.
//!
//! A pack is a folder with `pack.toml` and, as it needs, `counts.toml`, `measures.toml`,
//! `indicators.toml`, `claims.toml`, `calendars.toml`, `plans.toml`, `targets.toml`,
//! `campaigns.toml`, `collections.toml`, `dashboards.toml`, `indexes.toml`, `reports.toml`,
//! `purposes.toml`, `roles.toml`, `working-years.toml`, `request-kinds.toml`,
//! `consent-purposes.toml`, `retention-rules.toml`; files of other kinds (a territory's CSV and
//! GeoJSON) are handed on to the area they belong to.

mod campaign;
mod catalogue;
mod check;
mod claim;
mod collection;
mod dashboard;
mod definition;
mod files;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod index;
mod personal;
mod plan;
mod report;
mod store;
mod target;
mod verify;
mod working;

#[cfg(test)]
mod board_tests;
#[cfg(test)]
mod campaign_tests;
#[cfg(test)]
mod collection_tests;
#[cfg(test)]
mod index_tests;
#[cfg(test)]
mod personal_tests;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod target_tests;
#[cfg(test)]
mod tests;

pub use base::Words;
pub use campaign::{
    AdjustmentKind, AwardForm, Campaign, Class, Counted, Criterion, Group, Round, RoundValue,
};
pub use catalogue::{Catalogue, Numbered};
pub use check::{Pack, read};
pub use claim::{Check, Claim, Part, Share, Term};
pub use collection::{ApprovalLevels, Collection, Operator, Rule, Severity};
pub use dashboard::{ChartKind, Dashboard, DashboardChart, UnitThen};
pub use definition::{
    Calendar, Direction, Header, Indicator, Measure, Nature, PeriodKind, Protected, UnitOfCount,
};
pub use files::PackFiles;
pub use index::{Index, IndexComponent, IndexGroup, IndexVersion, WantedInYear};
pub use personal::{
    ConsentPurpose, ConsentText, Kept, Personal, RequestKind, RequestTerms, RetentionRule, Span,
};
pub use plan::{Step, StepKind, apply, plan};
pub use report::{
    Report, ReportColumn, ReportLine, ReportPart, Signature, UnitOn, UnitRows, Which,
};
pub use target::{Plan, Target, TargetValue};
pub use verify::verify;
pub use working::{DaysOff, Weekday, WorkedDay, WorkingYear};
