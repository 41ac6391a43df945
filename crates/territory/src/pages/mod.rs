//! The pages of the territory, and the pieces that pages of other areas show units with.

mod pieces;

pub use pieces::{
    MapArea, MapValues, areas, day_form, find_unit, important_days, map_notes, unit_facts,
    unit_href, unit_lineage, unit_map, unit_timeline,
};

use axum::Router;
use axum::extract::FromRef;

use crate::Atlas;

/// The routes of the pages.
pub fn routes<S>() -> Router<S>
where
    S: Clone + Send + Sync + 'static,
    Atlas: FromRef<S>,
{
    Router::new()
}
