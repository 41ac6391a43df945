//! Which rows of a list somebody may see: a scope of rights as a condition of SQL.

use base::rights::Scope;

use crate::{Value, Values};

/// The columns of a list that a right asks for; names of ours, never of the one who asks.
#[derive(Clone, Copy, Debug)]
pub struct Belongs {
    /// The number of the unit; null where the row belongs to the province.
    pub unit: &'static str,
    /// The name of the account that made the record.
    pub maker: &'static str,
}

/// The condition that holds for exactly those rows that lie in a scope, for the account `who`. What
/// it binds is added to `values`, which hold what the statement binds before.
///
/// Statements differ only in the number of their places, which is brought to a power of two, so
/// that the engine keeps a few of them and not one for each account.
#[must_use]
pub fn within(scope: &Scope, belongs: Belongs, who: &str, values: &mut Values) -> String {
    if scope.everywhere {
        return "1 = 1".to_owned();
    }
    let Belongs { unit, maker } = belongs;
    let mut parts = Vec::new();
    if let Some(last) = scope.units.last() {
        let wanted = scope.units.len().next_power_of_two();
        let first = values.len() + 1;
        values.extend(scope.units.iter().map(|unit| Value::from(*unit)));
        values.resize(first - 1 + wanted, Value::from(*last));
        let places: Vec<String> = (first..first + wanted).map(|at| format!("${at}")).collect();
        parts.push(format!("{unit} in ({})", places.join(", ")));
    }
    if scope.own {
        values.push(Value::from(who));
        parts.push(format!("{maker} = ${}", values.len()));
    }
    match parts.is_empty() {
        true => "1 = 0".to_owned(),
        false => format!("({})", parts.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use base::rights::Place;
    use proptest::prelude::*;

    use super::*;
    use crate::testing::TestDatabase;
    use crate::{bulk_insert, values};

    fn scopes() -> impl Strategy<Value = Scope> {
        let units = proptest::collection::btree_set(0_i64..12, 0..9);
        (proptest::bool::weighted(0.1), units, any::<bool>())
            .prop_map(|(everywhere, units, own)| Scope { everywhere, units, own })
    }

    type Row = (Option<i64>, Option<&'static str>);

    fn rows() -> impl Strategy<Value = Vec<Row>> {
        let unit = proptest::option::of(0_i64..12);
        let maker = proptest::option::of(proptest::sample::select(vec!["an", "binh", ""]));
        proptest::collection::vec((unit, maker), 1..30)
    }

    #[test]
    fn a_list_shows_exactly_the_rows_that_one_by_one_are_allowed() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let databases = runtime.block_on(TestDatabase::each());
        for database in &databases {
            let config = ProptestConfig { cases: 64, ..ProptestConfig::default() };
            proptest!(config, |(scope in scopes(), rows in rows())| {
                runtime.block_on(check(database, &scope, &rows));
            });
        }
    }

    async fn check(database: &TestDatabase, scope: &Scope, rows: &[Row]) {
        let mut tx = database.write().await.unwrap();
        tx.run("create temporary table made (id bigint, unit bigint, maker text)", values![])
            .await
            .unwrap();
        let row =
            |(id, (unit, maker)): (usize, &Row)| values![i64::try_from(id).unwrap(), *unit, *maker];
        let all: Vec<Values> = rows.iter().enumerate().map(row).collect();
        let head = "insert into made (id, unit, maker)";
        bulk_insert(&mut tx, head, 3, all).await.unwrap();
        // What the statement binds of its own comes first.
        let mut values = values![0];
        let belongs = Belongs { unit: "m.unit", maker: "m.maker" };
        let condition = within(scope, belongs, "an", &mut values);
        let sql = format!("select id from made m where m.id >= $1 and {condition} order by id");
        let listed: Vec<(i64,)> = tx.all_built(sql, values).await.unwrap();
        let listed: BTreeSet<i64> = listed.into_iter().map(|(id,)| id).collect();
        for (id, (unit, maker)) in rows.iter().enumerate() {
            let alone = scope.holds(Place { unit: *unit, maker: *maker }, "an");
            assert_eq!(listed.contains(&i64::try_from(id).unwrap()), alone, "{scope:?} {unit:?}");
        }
        tx.run("drop table made", values![]).await.unwrap();
    }

    #[test]
    fn statements_of_near_sizes_are_the_same() {
        let of = |count: i64| {
            let units = (0..count).collect();
            let scope = Scope { units, ..Scope::default() };
            let mut values = values!["x"];
            let belongs = Belongs { unit: "u", maker: "m" };
            (within(&scope, belongs, "an", &mut values), values.len())
        };
        assert_eq!(of(33), of(64));
        assert_eq!(of(0).0, "1 = 0");
        assert_eq!(of(3), ("(u in ($2, $3, $4, $5))".to_owned(), 5));
    }
}
