//! The file of the vault's keys, and the way out for whoever has lost the second factor.

use std::os::unix::fs::PermissionsExt as _;

use store::testing::TestDatabase;
use store::{Database, Location, values};

use crate::program::{Server, address, run};

#[tokio::test]
async fn the_key_of_the_vault_is_made_once_and_never_in_the_place_of_a_lost_one() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("sogoc.db"));
    let file = folder.path().join("vault.key");
    let serves = || {
        let mut server = Server::start(&location);
        assert_eq!(server.page("/healthz").0, 200);
        assert!(server.stop());
    };
    serves();
    let made = std::fs::read_to_string(&file).unwrap();
    assert!(made.starts_with("1 ") && made.lines().count() == 1);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    serves();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), made);
    // Nothing was sealed yet: the loss is none.
    std::fs::remove_file(&file).unwrap();
    serves();
    let second = std::fs::read_to_string(&file).unwrap();
    assert_ne!(second, made);

    let database = Database::open(&location).await.unwrap();
    let mut tx = database.write().await.unwrap();
    let sql = "insert into vault_keys (id, mark, noted_at) values (1, $1, 0)";
    tx.run(sql, values![[7_u8; 32]]).await.unwrap();
    tx.commit().await.unwrap();
    database.close().await;
    // Another key sealed something: the program serves without a vault, and leaves all as it is.
    serves();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), second);
    std::fs::remove_file(&file).unwrap();
    serves();
    assert!(!file.exists());
    let left = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(!left.into_iter().any(|name| name.to_string_lossy().starts_with("vault.")));
}

#[tokio::test]
async fn a_password_that_an_operator_resets_ends_all_sessions() {
    for database in TestDatabase::each().await {
        let mut server = Server::start(&database.location);
        // At once: whoever was told the address may stop it.
        assert!(server.stop());
        let mut tx = database.database.write().await.unwrap();
        let sql = "insert into sessions (token_hash, account, csrf, created_at, seen_at) \
                   select $1, id, 'x', 0, 0 from accounts";
        tx.run(sql, values![[7_u8; 32]]).await.unwrap();
        let sql = "select password from accounts where name = 'admin'";
        let before: (String,) = tx.one(sql, values![]).await.unwrap();
        tx.commit().await.unwrap();
        let at = address(&database.location);
        let done = run(&["account", "reset-password", "admin", "--database", &at]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let mut tx = database.database.read().await.unwrap();
        let after: (String,) = tx.one(sql, values![]).await.unwrap();
        let sessions: (i64,) = tx.one("select count(*) from sessions", values![]).await.unwrap();
        assert!(after != before && sessions.0 == 0);
        let done = run(&["account", "reset-password", "nobody", "--database", &at]);
        assert!(!done.status.success());
    }
}

#[tokio::test]
async fn an_operator_takes_a_second_factor_away() {
    for database in TestDatabase::each().await {
        let mut server = Server::start(&database.location);
        // At once: whoever was told the address may stop it.
        assert!(server.stop());
        let mut tx = database.database.write().await.unwrap();
        let sql = "insert into second_factors (account, secret, begun_at, confirmed_at, last_step) \
                   select id, $1, 0, 0, 0 from accounts";
        tx.run(sql, values![[0_u8; 8].as_slice()]).await.unwrap();
        tx.commit().await.unwrap();
        let reset = |name: &str| {
            let at = address(&database.location);
            let done = run(&["account", "reset-factor", name, "--database", &at]);
            let said = [done.stdout, done.stderr].concat();
            (done.status.code(), String::from_utf8(said).unwrap())
        };
        let (code, said) = reset("admin");
        assert_eq!((code, said.contains("no second factor any more")), (Some(0), true), "{said}");
        let (code, said) = reset("admin");
        assert_eq!((code, said.contains("has no second factor.")), (Some(0), true), "{said}");
        let (code, said) = reset("nobody");
        assert!(code != Some(0) && said.contains("nobody"), "{said}");
    }
}
