//! Units and their history: what was 31453 on a day, who became whom, where an address lies now.

pub mod address;
mod basis;
pub mod import;
mod kind;
pub mod merger;
mod model;
mod plan;
mod snapshot;

pub use basis::BasisMap;
pub use kind::{Kind, Level};
pub use model::{
    Act, Change, ChangeKind, Outline, Part, Unit, UnitCode, UnitId, Version,
};
pub use plan::{Closed, Plan};
pub use snapshot::{Event, Happening, Hit, Landing, Link, Match, Share, Territory, apportion};
