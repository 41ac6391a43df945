//! Whatever somebody changes behind the program's back is found and named.

use store::Tx;
use store::testing::TestDatabase;

use crate::program::prepare;

/// What all areas but the journal, which has tests of its own, say of a database.
async fn faults(tx: &mut Tx) -> Vec<String> {
    let mut faults = packs::verify(tx).await.unwrap().1;
    faults.extend(territory::verify(tx).await.unwrap().1);
    faults.extend(figures::observations::verify(tx).await.unwrap().1);
    faults
}

#[tokio::test]
async fn a_changed_row_of_the_territory_or_of_a_pack_is_named() {
    let insert_change = "insert into unit_changes select 999999, act, happened_on, kind, \
                         from_unit, to_unit, part, share_numerator, share_denominator, 'x' \
                         from unit_changes where id = 1";
    let outline = "unit = (select min(unit) from outlines)";
    for database in TestDatabase::each().await {
        prepare(&database.location);
        let mut tx = database.read().await.unwrap();
        assert_eq!(faults(&mut tx).await, Vec::<String>::new());
        drop(tx);
        for (sql, part) in [
            ("update acts set title = 'x' where id = 1", "act 1: changed"),
            ("update units set made_up = 1 - made_up where id = 5", "unit 5: changed"),
            ("update unit_versions set name = 'X' where unit = 5", "unit 5: changed"),
            ("update unit_versions set valid_to = valid_to - 1 where unit = 5", "unit 5: changed"),
            ("delete from unit_versions where unit = 90", "unit 90: changed"),
            ("insert into units values (999999, 'commune', null, 0)", "unit 999999: from no"),
            ("update unit_changes set part = 'unknown' where id = 1", "change 1: changed"),
            ("delete from unit_changes where id = 1", "change 1: missing"),
            (insert_change, "change 999999: from no operation"),
            (&format!("update outlines set source = 'x' where {outline}"), "outline "),
            (&format!("delete from outlines where {outline}"), "missing"),
            ("update unit_operations set plan = '{}'", "operation "),
            ("update unit_operations set description = 'x'", "operation "),
            ("update unit_operations set applied_by = 'x'", "operation "),
            ("update unit_operations set undone_at = 1, undone_by = 'admin'", "operation "),
            ("update territory_head set next_act = 1", "territory_head: "),
            ("update packs set version = '0.0.0' where name = 'campaign-124'", "pack campaign-124"),
            ("update packs set applied_at = 1 where name = 'campaign-124'", "pack campaign-124"),
            ("delete from packs where name = 'campaign-124'", "pack campaign-124: missing"),
            ("update definitions set body = body || ' ' where kind = 'measure'", "pack campaign"),
            ("update definitions set number = 9999 where code = 'households'", "pack campaign"),
            ("update definitions set pack = 'x' where code = 'households'", "pack x: missing"),
            ("delete from definitions where kind = 'claim' and code = 'F2'", "pack claims"),
        ] {
            let mut tx = database.write().await.unwrap();
            for statement in sql.split("; ") {
                assert!(tx.run_built(statement.to_owned(), vec![]).await.unwrap() > 0, "{sql}");
            }
            let faults = faults(&mut tx).await;
            assert!(faults.iter().any(|it| it.contains(part)), "{sql}: {faults:?}");
        }
        // Outlines hold to the operation that brought them.
        let mut tx = database.write().await.unwrap();
        tx.run("update outlines set operation = null", vec![]).await.unwrap();
        tx.run("delete from unit_operations", vec![]).await.unwrap();
        let faults = faults(&mut tx).await;
        let missing = |it: &String| it.starts_with("operation ") && it.ends_with(": missing");
        assert!(faults.iter().any(missing), "{faults:?}");
    }
}
