//! What the areas keep for a time, for the rules of how long.

use base::Moment;
use packs::Kept;
use store::Tx;
use subjects::retention::{Area, Doing, Forgetting};

/// Each area that forgets what it was told to keep no longer.
pub(crate) fn areas() -> Vec<Area> {
    vec![
        Area { what: Kept::SignIns, count: count_sign_ins, forget: forget_sign_ins },
        Area { what: Kept::Uploads, count: count_uploads, forget: forget_uploads },
        Area { what: Kept::EndedWatches, count: count_watches, forget: forget_watches },
        Area { what: Kept::Looks, count: count_looks, forget: forget_looks },
    ]
}

fn count_sign_ins(tx: &mut Tx, before: Moment) -> Doing<'_, i64> {
    Box::pin(access::retention::count_sign_ins_before(tx, before))
}

fn forget_sign_ins<'a>(tx: &'a mut Tx, it: Forgetting<'a>) -> Doing<'a, i64> {
    Box::pin(access::retention::forget_sign_ins_before(tx, it.before))
}

fn count_uploads(tx: &mut Tx, before: Moment) -> Doing<'_, i64> {
    Box::pin(store::uploads::count_before(tx, before))
}

fn forget_uploads<'a>(tx: &'a mut Tx, it: Forgetting<'a>) -> Doing<'a, i64> {
    Box::pin(store::uploads::forget_before(tx, it.before))
}

fn count_watches(tx: &mut Tx, before: Moment) -> Doing<'_, i64> {
    Box::pin(figures::watches::count_unconfirmed(tx, before))
}

fn forget_watches<'a>(tx: &'a mut Tx, it: Forgetting<'a>) -> Doing<'a, i64> {
    Box::pin(figures::watches::forget_unconfirmed(tx, it.before))
}

fn count_looks(tx: &mut Tx, before: Moment) -> Doing<'_, i64> {
    Box::pin(access::trace::count_before(tx, before))
}

fn forget_looks<'a>(tx: &'a mut Tx, it: Forgetting<'a>) -> Doing<'a, i64> {
    Box::pin(access::trace::erase_before(tx, it.clock, it.actor, it.before))
}
