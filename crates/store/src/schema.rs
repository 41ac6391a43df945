//! Which tables a database has, as it says itself.

use std::collections::BTreeSet;

use base::Result;

use crate::{Engine, Tx};

/// A table that holds data. Those whose name begins with an underscore hold notes about the
/// database itself, such as which migrations ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order of the table.
    pub columns: Vec<Column>,
    /// The columns of its primary key.
    pub key: Vec<String>,
    /// The tables that it refers to; itself may be among them.
    pub parents: BTreeSet<String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether it may hold nothing.
    pub nullable: bool,
}

/// What a column holds, alike on both engines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// BIGINT, INTEGER.
    Int,
    /// DOUBLE PRECISION, REAL.
    Real,
    /// TEXT.
    Text,
    /// BYTEA, BLOB.
    Bytes,
    /// What only one engine has; no table of ours does.
    Other(String),
}

/// All tables with data, each behind those that it refers to, as far as that can be.
pub async fn tables(tx: &mut Tx) -> Result<Vec<Table>> {
    let (columns, references) = match tx.engine() {
        Engine::Sqlite => (SQLITE_COLUMNS, SQLITE_REFERENCES),
        Engine::Postgres => (POSTGRES_COLUMNS, POSTGRES_REFERENCES),
    };
    let rows: Vec<ColumnRow> = tx.all(columns, Vec::new()).await?;
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<Vec<(i64, String)>> = Vec::new();
    for row in rows {
        if tables.last().is_none_or(|table| table.name != row.table_name) {
            let name = row.table_name.clone();
            let parents = BTreeSet::new();
            tables.push(Table { name, columns: Vec::new(), key: Vec::new(), parents });
            keys.push(Vec::new());
        }
        let (Some(table), Some(key)) = (tables.last_mut(), keys.last_mut()) else { continue };
        if row.key_at > 0 {
            key.push((row.key_at, row.name.clone()));
        }
        table.columns.push(row.column());
    }
    for (table, mut key) in tables.iter_mut().zip(keys) {
        key.sort();
        table.key = key.into_iter().map(|(_, name)| name).collect();
    }
    for (child, parent) in tx.all::<(String, String)>(references, Vec::new()).await? {
        if let Some(table) = tables.iter_mut().find(|table| table.name == child) {
            table.parents.insert(parent);
        }
    }
    Ok(parents_first(tables))
}

#[derive(sqlx::FromRow)]
struct ColumnRow {
    table_name: String,
    name: String,
    kind: String,
    nullable: i64,
    /// The place in the primary key, from 1; 0 outside it.
    key_at: i64,
}

impl ColumnRow {
    fn column(self) -> Column {
        let kind = match self.kind.to_ascii_lowercase().as_str() {
            "integer" | "bigint" => ColumnKind::Int,
            "real" | "double precision" => ColumnKind::Real,
            "text" => ColumnKind::Text,
            "blob" | "bytea" => ColumnKind::Bytes,
            _ => ColumnKind::Other(self.kind),
        };
        Column { name: self.name, kind, nullable: self.nullable != 0 }
    }
}

const SQLITE_COLUMNS: &str = "select t.name as table_name, c.name as name, c.type as kind, \
    case when c.\"notnull\" = 0 then 1 else 0 end as nullable, c.pk as key_at \
    from sqlite_schema t, pragma_table_info(t.name) c \
    where t.type = 'table' and t.name not like 'sqlite\\_%' escape '\\' \
    and t.name not like '\\_%' escape '\\' \
    order by t.name, c.cid";

const SQLITE_REFERENCES: &str = "select t.name, f.\"table\" \
    from sqlite_schema t, pragma_foreign_key_list(t.name) f where t.type = 'table'";

/// What PostgreSQL calls an integer holds 32 bits, and SQLite's holds 64.
const POSTGRES_COLUMNS: &str = "select c.table_name::text as table_name, c.column_name::text as name, \
    case c.data_type when 'integer' then 'int4' else c.data_type::text end as kind, \
    case c.is_nullable when 'YES' then 1 else 0 end::bigint as nullable, \
    coalesce((select k.ordinal_position from information_schema.key_column_usage k \
     join information_schema.table_constraints p using (constraint_schema, constraint_name) \
     where p.constraint_type = 'PRIMARY KEY' and k.table_schema = c.table_schema \
     and p.table_name = c.table_name and k.table_name = c.table_name \
     and k.column_name = c.column_name), 0)::bigint as key_at \
    from information_schema.columns c \
    join information_schema.tables t using (table_schema, table_name) \
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE' \
    and c.table_name::text not like '\\_%' order by c.table_name::text collate \"C\", c.ordinal_position";

const POSTGRES_REFERENCES: &str = "select child.relname::text, parent.relname::text \
    from pg_constraint c join pg_class child on child.oid = c.conrelid \
    join pg_class parent on parent.oid = c.confrelid \
    where c.contype = 'f' and c.connamespace = current_schema()::regnamespace";

/// By name, but each behind those that it refers to; where they refer in a circle, by name.
fn parents_first(mut waiting: Vec<Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let is_free = |table: &Table| {
            let mut parents = table.parents.iter();
            parents.all(|parent| {
                *parent == table.name || !waiting.iter().any(|other| other.name == *parent)
            })
        };
        let next = waiting.iter().position(is_free).unwrap_or_default();
        ordered.push(waiting.remove(next));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_stand_before_their_children() {
        let table = |name: &str, parents: &[&str]| Table {
            name: name.to_owned(),
            columns: Vec::new(),
            key: Vec::new(),
            parents: parents.iter().map(|&parent| parent.to_owned()).collect(),
        };
        let names = |tables: Vec<Table>| {
            parents_first(tables).into_iter().map(|table| table.name).collect::<Vec<_>>()
        };
        for (tables, expected) in [
            (vec![table("a", &["b"]), table("b", &["c", "b"]), table("c", &[])], ["c", "b", "a"]),
            (vec![table("a", &["a"]), table("b", &[]), table("c", &["a"])], ["a", "b", "c"]),
            (vec![table("a", &["b"]), table("b", &["a"]), table("c", &[])], ["c", "a", "b"]),
            (vec![table("a", &["gone"]), table("b", &["a"]), table("c", &["b"])], ["a", "b", "c"]),
        ] {
            assert_eq!(names(tables), expected);
        }
    }
}
