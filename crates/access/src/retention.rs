//! Forgetting the log of sign-ins, for whoever decides how long it is kept.

use base::{Moment, Result};
use store::Tx;

use crate::store as sql;

/// How many noted sign-ins are older than an instant.
///
/// Errors: `Unavailable`.
pub async fn count_sign_ins_before(tx: &mut Tx, at: Moment) -> Result<i64> {
    sql::count_sign_ins_before(tx, at).await
}

/// Forgets the sign-ins that are older than an instant; gives how many they were.
///
/// Errors: `Unavailable`.
pub async fn forget_sign_ins_before(tx: &mut Tx, at: Moment) -> Result<i64> {
    let count = sql::count_sign_ins_before(tx, at).await?;
    sql::delete_sign_ins_before(tx, at).await?;
    Ok(count)
}
