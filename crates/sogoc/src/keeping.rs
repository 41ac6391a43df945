//! What the areas keep for a time, for the rules of how long.

use base::Moment;
use packs::Kept;
use store::Tx;
use subjects::retention::Area;

/// Each area that forgets what it was told to keep no longer.
pub(crate) fn areas() -> Vec<Area> {
    vec![
        Area {
            what: Kept::SignIns,
            count: |tx: &mut Tx, at: Moment| {
                Box::pin(access::retention::count_sign_ins_before(tx, at))
            },
            forget: |tx: &mut Tx, at: Moment| {
                Box::pin(access::retention::forget_sign_ins_before(tx, at))
            },
        },
        Area {
            what: Kept::Uploads,
            count: |tx: &mut Tx, at: Moment| Box::pin(store::uploads::count_before(tx, at)),
            forget: |tx: &mut Tx, at: Moment| Box::pin(store::uploads::forget_before(tx, at)),
        },
        Area {
            what: Kept::EndedWatches,
            count: |tx: &mut Tx, at: Moment| Box::pin(figures::watches::count_unconfirmed(tx, at)),
            forget: |tx: &mut Tx, at: Moment| {
                Box::pin(figures::watches::forget_unconfirmed(tx, at))
            },
        },
    ]
}
