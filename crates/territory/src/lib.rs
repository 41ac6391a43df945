//! Units and their history: what was 31453 on a day, who became whom, where an address lies now.

mod actions;
pub mod address;
mod api;
mod atlas;
mod basis;
mod draft;
mod fraction;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod import;
mod kind;
pub mod merger;
mod model;
mod operations;
mod outline;
pub mod pages;
mod plan;
#[cfg(test)]
mod sample;
mod snapshot;
mod store;
mod table;
#[cfg(test)]
mod tests;
mod verify;

pub use actions::{Imported, Planned, PlannedStep, import as import_lists, plan_import};
pub use api::{UnitBody, UnitRef, get_by_code, place_after, routes as api_routes};
pub use atlas::{Atlas, revision};
pub use basis::BasisMap;
pub use kind::{Kind, Level};
pub use model::{Act, Change, ChangeKind, Outline, Part, Unit, UnitCode, UnitId, Version};
pub use operations::{
    Obstacles, apply_merger, find_obstacles, get_undoable, hold, operations, rehearse_merger, undo,
};
pub use outline::read_outlines;
pub use pages::routes as page_routes;
pub use plan::{Closed, CompletedAct, CompletedChange, Drawn, Plan};
pub use snapshot::{
    Event, Happening, Hit, Landing, Link, Match, PartlyHeld, Share, Territory, apportion,
};
pub use store::Operation;
pub use verify::verify;
