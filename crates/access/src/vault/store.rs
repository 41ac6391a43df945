//! The SQL of the vault: which keys sealed something.

use base::{Moment, Result};
use store::{Tx, values};

pub(super) async fn note(tx: &mut Tx, id: i64, mark: &[u8; 32], now: Moment) -> Result<()> {
    let sql = "insert into vault_keys (id, mark, noted_at) values ($1, $2, $3) \
               on conflict (id) do nothing";
    tx.run(sql, values![id, *mark, now]).await?;
    Ok(())
}

pub(super) async fn noted(tx: &mut Tx) -> Result<Vec<(i64, Vec<u8>)>> {
    tx.all("select id, mark from vault_keys order by id", values![]).await
}
