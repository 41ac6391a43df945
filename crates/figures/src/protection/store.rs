//! SQL of the groups that are kept.

use base::Result;
use packs::Catalogue;
use store::{Tx, values};

/// The groups of one measure, as they were worked out in a state of units and definitions.
#[derive(sqlx::FromRow, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) territory: i64,
    pub(crate) definitions: i64,
    pub(crate) body: String,
}

/// The state of units and definitions.
pub(crate) async fn state(tx: &mut Tx) -> Result<(i64, i64)> {
    Ok((territory::revision(tx).await?, Catalogue::revision(tx).await?))
}

pub(crate) async fn find(tx: &mut Tx, measure: i64) -> Result<Option<Kept>> {
    let sql = "select territory, definitions, body from protected_groups where measure = $1";
    tx.find(sql, values![measure]).await
}

pub(crate) async fn keep(tx: &mut Tx, measure: i64, kept: &Kept) -> Result<()> {
    let sql = "insert into protected_groups (measure, territory, definitions, body) \
               values ($1, $2, $3, $4) on conflict (measure) do update set \
               territory = excluded.territory, definitions = excluded.definitions, \
               body = excluded.body";
    tx.run(sql, values![measure, kept.territory, kept.definitions, &kept.body]).await?;
    Ok(())
}
