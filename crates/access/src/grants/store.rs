//! The SQL of what packs declare of rights.

use base::Result;
use store::{Tx, values};

/// The bodies of all definitions of roles, by code.
pub(super) async fn roles(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = "select body from role_definitions order by code";
    let rows: Vec<(String,)> = tx.all(sql, values![]).await?;
    Ok(rows.into_iter().map(|(body,)| body).collect())
}

/// The bodies of all definitions of purposes, by code.
pub(super) async fn purposes(tx: &mut Tx) -> Result<Vec<String>> {
    let sql = "select body from purpose_definitions order by code";
    let rows: Vec<(String,)> = tx.all(sql, values![]).await?;
    Ok(rows.into_iter().map(|(body,)| body).collect())
}

/// The number of the definitions' present state.
pub(super) async fn revision(tx: &mut Tx) -> Result<i64> {
    let sql = "select number from revisions where name = 'definitions'";
    Ok(tx.one::<(i64,)>(sql, values![]).await?.0)
}
