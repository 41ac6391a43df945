//! The SQL of agencies, posts, people, holdings, delegations and roles.

mod rows;
mod versions;

use std::collections::{BTreeMap, BTreeSet};

use base::{Day, Result};
use store::{Tx, Value, Values, bulk_insert, values};

use self::rows::{AgencyRow, AssignmentRow, DelegationRow, HoldingRow, PersonRow, PostRow, id};
use super::chart::Chart;
use super::model::{
    Agency, AgencyFacts, AgencyId, AgencyVersion, Assignment, Delegate, Delegation, Holding,
    HoldingId, Person, PersonId, Places, Post, PostId,
};
use super::record::Record;

pub(super) use versions::{
    find_operation, later, list_operations, missing, operation_of, versions_after, written,
};

/// So many ids are named in one statement.
const NAMED: usize = 400;

const AGENCIES: &str = "select id, version, event, on_day, name, short_name, symbol, kind, parent, \
                        unit, successor, decision, made_up, entry from agency_versions v";
const OPERATIONS: &str = "select v.id, v.version, v.kind, v.agency, v.name, v.unit, v.on_day, \
                          v.decision, v.records, v.made_up, v.entry \
                          from agency_operation_versions v";
const POSTS: &str = "select v.id, v.version, v.agency, v.title, v.signs_as, v.leads, v.rank, \
                     v.single, v.valid_from, v.valid_to, v.decision, v.made_up, v.entry \
                     from post_versions v";
const PEOPLE: &str = "select v.id, v.version, v.name, v.email, v.phone, v.account, v.salt, \
                      v.made_up, v.entry from person_versions v";
const HOLDINGS: &str = "select v.id, v.version, v.person, v.post, v.manner, v.valid_from, \
                        v.valid_to, v.decision, v.end_decision, v.made_up, v.entry \
                        from holding_versions v";
const DELEGATIONS: &str = "select v.id, v.version, v.holding, v.form, v.to_post, v.to_person, \
                           v.subject, v.valid_from, v.valid_to, v.decision, v.made_up, v.entry \
                           from delegation_versions v";

const ASSIGNMENTS: &str = "select v.id, v.version, v.role, v.post, v.account, v.unit, \
                           v.valid_from, v.valid_to, v.decision, v.made_up, v.entry \
                           from assignment_versions v";

/// Of a record the version that stands.
fn standing(table: &str) -> String {
    format!("not exists (select 1 from {table} w where w.id = v.id and w.version > v.version)")
}

/// `$1, $2, $3`.
fn places(count: usize) -> String {
    (1..=count).map(|at| format!("${at}")).collect::<Vec<_>>().join(", ")
}

fn named<T: std::fmt::Display>(ids: &[T]) -> Values {
    ids.iter().map(|id| Value::from(id.to_string())).collect()
}

/// All agencies of the province, by id. Their number is that of the province's offices.
pub(crate) async fn agencies(tx: &mut Tx) -> Result<BTreeMap<AgencyId, Agency>> {
    let sql = format!("{AGENCIES} order by id, version");
    let mut agencies = BTreeMap::new();
    for row in tx.all_built::<AgencyRow>(sql, values![]).await? {
        let version = AgencyVersion::try_from(row)?;
        let id = version.id;
        agencies.entry(id).or_insert_with(|| Agency::new(id)).add(version);
    }
    // What was taken back from its beginning on never was.
    agencies.retain(|_, agency| !agency.versions.is_empty());
    Ok(agencies)
}

/// One agency with its versions.
pub(crate) async fn find_agency(tx: &mut Tx, id: AgencyId) -> Result<Option<Agency>> {
    let sql = format!("{AGENCIES} where id = $1 order by version");
    let rows: Vec<AgencyRow> = tx.all_built(sql, values![id.0]).await?;
    let mut agency = Agency::new(id);
    for row in rows {
        agency.add(row.try_into()?);
    }
    Ok((!agency.versions.is_empty()).then_some(agency))
}

/// The posts of these agencies, as they stand.
pub(crate) async fn posts_of(tx: &mut Tx, agencies: &[AgencyId]) -> Result<Vec<Post>> {
    let mut posts = Vec::new();
    for part in agencies.chunks(NAMED) {
        let (standing, places) = (standing("post_versions"), places(part.len()));
        let sql = format!("{POSTS} where v.agency in ({places}) and {standing} order by v.id");
        let rows: Vec<PostRow> = tx.all_built(sql, named(part)).await?;
        posts.extend(rows.into_iter().map(Post::try_from).collect::<Result<Vec<_>>>()?);
    }
    Ok(posts)
}

/// A post as it stands.
pub(crate) async fn find_post(tx: &mut Tx, id: PostId) -> Result<Option<Post>> {
    let sql = format!("{POSTS} where v.id = $1 and {}", standing("post_versions"));
    let rows: Vec<PostRow> = tx.all_built(sql, values![id.0]).await?;
    rows.into_iter().next().map(Post::try_from).transpose()
}

/// These posts as they stand.
pub(crate) async fn posts(tx: &mut Tx, ids: &[PostId]) -> Result<Vec<Post>> {
    let mut found = Vec::new();
    for part in ids.chunks(NAMED) {
        let (standing, places) = (standing("post_versions"), places(part.len()));
        let sql = format!("{POSTS} where v.id in ({places}) and {standing} order by v.id");
        let rows: Vec<PostRow> = tx.all_built(sql, named(part)).await?;
        found.extend(rows.into_iter().map(Post::try_from).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// These people as they stand.
pub(crate) async fn people(tx: &mut Tx, ids: &[PersonId]) -> Result<Vec<Person>> {
    let mut found = Vec::new();
    for part in ids.chunks(NAMED) {
        let (standing, places) = (standing("person_versions"), places(part.len()));
        let sql = format!("{PEOPLE} where v.id in ({places}) and {standing} order by v.id");
        let rows: Vec<PersonRow> = tx.all_built(sql, named(part)).await?;
        found.extend(rows.into_iter().map(Person::try_from).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// The people with one of these addresses.
pub(super) async fn people_by_email(tx: &mut Tx, emails: &[String]) -> Result<Vec<Person>> {
    let mut found = Vec::new();
    for part in emails.chunks(NAMED) {
        let (standing, places) = (standing("person_versions"), places(part.len()));
        let sql = format!("{PEOPLE} where v.email in ({places}) and {standing} order by v.id");
        let rows: Vec<PersonRow> = tx.all_built(sql, named(part)).await?;
        found.extend(rows.into_iter().map(Person::try_from).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// Everything about the posts of these agencies: who holds them, who else these people are, who
/// signs for whom, and the posts and people that delegations name.
pub(super) async fn chart(tx: &mut Tx, of: &[AgencyId]) -> Result<Chart> {
    let mut chart = Chart::default();
    for post in posts_of(tx, of).await? {
        chart.posts.insert(post.id, post);
    }
    let ids: Vec<PostId> = chart.posts.keys().copied().collect();
    for holding in holdings_by(tx, "post", &ids).await? {
        chart.holdings.insert(holding.id, holding);
    }
    let held: Vec<HoldingId> = chart.holdings.keys().copied().collect();
    let held_by: BTreeSet<PersonId> = chart.holdings.values().map(|it| it.person).collect();
    let held_by: Vec<PersonId> = held_by.into_iter().collect();
    chart.delegations = delegations_by(tx, "holding", &held).await?;
    // What was delegated to them from elsewhere, and whose authority that is.
    for (column, ids) in [("to_post", named(&ids)), ("to_person", named(&held_by))] {
        for part in ids.chunks(NAMED) {
            let places = places(part.len());
            let standing = standing("delegation_versions");
            let sql = format!(
                "{DELEGATIONS} where v.{column} in ({places}) and {standing} order by v.id"
            );
            let rows: Vec<DelegationRow> = tx.all_built(sql, part.to_vec()).await?;
            for row in rows {
                let delegation = Delegation::try_from(row)?;
                if !chart.delegations.iter().any(|it| it.id == delegation.id) {
                    chart.delegations.push(delegation);
                }
            }
        }
    }
    chart.assignments = assignments_by(tx, "post", &ids).await?;
    let missing: Vec<HoldingId> = chart.delegations.iter().map(|it| it.holding).collect();
    for holding in holdings_by(tx, "id", &missing).await? {
        chart.holdings.insert(holding.id, holding);
    }
    let mut missing: BTreeSet<PostId> = chart.holdings.values().map(|it| it.post).collect();
    let mut people: BTreeSet<PersonId> = chart.holdings.values().map(|it| it.person).collect();
    for delegation in &chart.delegations {
        match delegation.to {
            Delegate::Post(post) => drop(missing.insert(post)),
            Delegate::Person(person) => drop(people.insert(person)),
        }
    }
    let missing: Vec<PostId> =
        missing.into_iter().filter(|id| !chart.posts.contains_key(id)).collect();
    for post in posts(tx, &missing).await? {
        chart.posts.insert(post.id, post);
    }
    let ids: Vec<PersonId> = people.into_iter().collect();
    for person in self::people(tx, &ids).await? {
        chart.people.insert(person.id, person);
    }
    Ok(chart)
}

/// Who holds the leading posts of these agencies, and nothing else of them.
pub(super) async fn heads(tx: &mut Tx, of: &[AgencyId]) -> Result<Chart> {
    let mut chart = Chart::default();
    for post in posts_of(tx, of).await?.into_iter().filter(|post| post.leads) {
        chart.posts.insert(post.id, post);
    }
    let ids: Vec<PostId> = chart.posts.keys().copied().collect();
    for holding in holdings_by(tx, "post", &ids).await? {
        chart.holdings.insert(holding.id, holding);
    }
    let ids: BTreeSet<PersonId> = chart.holdings.values().map(|it| it.person).collect();
    let ids: Vec<PersonId> = ids.into_iter().collect();
    for person in people(tx, &ids).await? {
        chart.people.insert(person.id, person);
    }
    Ok(chart)
}

/// Holdings, as they stand, by their `post`, `person` or `id`.
pub(crate) async fn holdings_by<T: std::fmt::Display>(
    tx: &mut Tx,
    column: &'static str,
    ids: &[T],
) -> Result<Vec<Holding>> {
    let mut found = Vec::new();
    for part in ids.chunks(NAMED) {
        let (standing, places) = (standing("holding_versions"), places(part.len()));
        let sql = format!("{HOLDINGS} where v.{column} in ({places}) and {standing} order by v.id");
        let rows: Vec<HoldingRow> = tx.all_built(sql, named(part)).await?;
        found.extend(rows.into_iter().map(Holding::try_from).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// Delegations, as they stand, by their `holding` or `id`.
pub(super) async fn delegations_by<T: std::fmt::Display>(
    tx: &mut Tx,
    column: &'static str,
    ids: &[T],
) -> Result<Vec<Delegation>> {
    let mut found = Vec::new();
    for part in ids.chunks(NAMED) {
        let (standing, places) = (standing("delegation_versions"), places(part.len()));
        let sql =
            format!("{DELEGATIONS} where v.{column} in ({places}) and {standing} order by v.id");
        let rows: Vec<DelegationRow> = tx.all_built(sql, named(part)).await?;
        found.extend(rows.into_iter().map(Delegation::try_from).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// Assignments, as they stand, by their `post`, `account`, `role` or `id`.
pub(crate) async fn assignments_by<T: std::fmt::Display>(
    tx: &mut Tx,
    column: &'static str,
    ids: &[T],
) -> Result<Vec<Assignment>> {
    let mut found = Vec::new();
    for part in ids.chunks(NAMED) {
        let (standing, places) = (standing("assignment_versions"), places(part.len()));
        let sql =
            format!("{ASSIGNMENTS} where v.{column} in ({places}) and {standing} order by v.id");
        let rows: Vec<AssignmentRow> = tx.all_built(sql, named(part)).await?;
        found.extend(rows.into_iter().map(Assignment::try_from).collect::<Result<Vec<_>>>()?);
    }
    Ok(found)
}

/// All assignments of the province, as they stand.
pub(crate) async fn assignments(tx: &mut Tx) -> Result<Vec<Assignment>> {
    let sql = format!("{ASSIGNMENTS} where {} order by v.id", standing("assignment_versions"));
    let rows: Vec<AssignmentRow> = tx.all_built(sql, values![]).await?;
    rows.into_iter().map(Assignment::try_from).collect()
}

/// The people who sign in with an account.
pub(crate) async fn people_of(tx: &mut Tx, account: &str) -> Result<Vec<Person>> {
    let sql = format!("{PEOPLE} where v.account = $1 and {}", standing("person_versions"));
    let rows: Vec<PersonRow> = tx.all_built(sql, values![account]).await?;
    rows.into_iter().map(Person::try_from).collect()
}

/// Agencies with a leading post that is held on a day, and those with a holder who has an account.
pub(super) async fn supplied(
    tx: &mut Tx,
    on: Day,
) -> Result<(BTreeSet<AgencyId>, BTreeSet<AgencyId>)> {
    let (held, post) = (standing("holding_versions"), "p.id = v.post and p.version = 1");
    let heads = format!(
        "select distinct p.agency from holding_versions v join post_versions p on {post} \
         where p.leads = 1 and v.valid_from <= $1 and v.valid_to > $1 and {held}"
    );
    let accounts = format!(
        "select distinct p.agency from holding_versions v join post_versions p on {post} \
         join person_versions o on o.id = v.person and o.account is not null \
         and not exists (select 1 from person_versions n where n.id = o.id and n.version > o.version) \
         where v.valid_from <= $1 and v.valid_to > $1 and {held}"
    );
    let mut sets = [BTreeSet::new(), BTreeSet::new()];
    for (set, sql) in sets.iter_mut().zip([heads, accounts]) {
        for (agency,) in tx.all_built::<(String,)>(sql, values![on]).await? {
            set.insert(id(&agency)?);
        }
    }
    let [heads, accounts] = sets;
    Ok((heads, accounts))
}

/// Whether somebody gave an account a role, by itself or by a post that its owner holds, appointed the
/// owner, or said that it is the owner's.
pub(crate) async fn has_given(tx: &mut Tx, account: &str, actor: &str) -> Result<bool> {
    let by = "join sealed_records e on e.seq = v.entry and e.actor = $2";
    let people = "(select id from person_versions where account = $1)";
    let posts = format!("(select post from holding_versions where person in {people})");
    for (table, belongs) in [
        ("person_versions", "v.account = $1".to_owned()),
        ("holding_versions", format!("v.version = 1 and v.person in {people}")),
        ("assignment_versions", format!("v.version = 1 and (v.account = $1 or v.post in {posts})")),
    ] {
        let sql = format!("select v.id from {table} v {by} where {belongs} limit 1");
        if tx.all_built::<(String,)>(sql, values![account, actor]).await?.pop().is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Roles that accounts were given before roles stood in the journal.
pub(crate) async fn former_roles(tx: &mut Tx) -> Result<Vec<(String, String)>> {
    tx.all("select account, role from account_roles order by account, role", values![]).await
}

pub(crate) async fn forget_former_roles(tx: &mut Tx) -> Result<()> {
    tx.run("delete from account_roles", values![]).await?;
    Ok(())
}

/// The id of the account of a name.
pub(crate) async fn find_account(tx: &mut Tx, name: &str) -> Result<Option<String>> {
    let sql = "select id from accounts where name = $1";
    Ok(tx.find::<(String,)>(sql, values![name]).await?.map(|(id,)| id))
}

/// The names of accounts, by their ids.
pub(super) async fn account_names(tx: &mut Tx, ids: &[String]) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for part in ids.chunks(NAMED) {
        let sql = format!("select id, name from accounts where id in ({})", places(part.len()));
        names.extend(tx.all_built::<(String, String)>(sql, named(part)).await?);
    }
    Ok(names)
}

/// Whether there is any agency.
pub(super) async fn is_empty(tx: &mut Tx) -> Result<bool> {
    let sql = "select version from agency_versions limit 1";
    Ok(tx.find::<(i64,)>(sql, values![]).await?.is_none())
}

/// Writes versions, each with the entry that made it.
pub(crate) async fn insert(tx: &mut Tx, records: &[Record]) -> Result<()> {
    const HEADS: [(&str, usize); 7] = [
        (
            "insert into agency_versions (id, version, event, on_day, name, short_name, symbol, \
             kind, parent, unit, successor, decision, made_up, entry)",
            14,
        ),
        (
            "insert into post_versions (id, version, agency, title, signs_as, leads, rank, single, \
             valid_from, valid_to, decision, made_up, entry)",
            13,
        ),
        (
            "insert into person_versions (id, version, name, email, phone, account, salt, made_up, \
             entry)",
            9,
        ),
        (
            "insert into holding_versions (id, version, person, post, manner, valid_from, valid_to, \
             decision, end_decision, made_up, entry)",
            11,
        ),
        (
            "insert into delegation_versions (id, version, holding, form, to_post, to_person, \
             subject, valid_from, valid_to, decision, made_up, entry)",
            12,
        ),
        (
            "insert into assignment_versions (id, version, role, post, account, unit, valid_from, \
             valid_to, decision, made_up, entry)",
            11,
        ),
        (
            "insert into agency_operation_versions (id, version, kind, agency, name, unit, on_day, \
             decision, records, made_up, entry)",
            11,
        ),
    ];
    let mut rows: [Vec<Values>; 7] = Default::default();
    for record in records {
        let (at, row) = row(record);
        if let Some(rows) = rows.get_mut(at) {
            rows.push(row);
        }
    }
    for ((head, columns), rows) in HEADS.into_iter().zip(rows) {
        if !rows.is_empty() {
            bulk_insert(tx, head, columns, rows).await?;
        }
    }
    Ok(())
}

fn row(record: &Record) -> (usize, Values) {
    let flag = |flag: bool| i64::from(flag);
    let text = |id: Option<String>| Value::Text(id);
    match record {
        Record::Agency(it) => {
            let AgencyFacts { name, short_name, symbol, kind, parent, unit } = &it.facts;
            let (parent, unit) = (parent.map(|id| id.to_string()), unit.map(|unit| unit.0));
            let mut row = values![it.id.0, it.version, it.event.as_str(), it.on, name, short_name];
            row.extend(values![symbol, kind.as_str(), text(parent), Value::Int(unit)]);
            let successor = it.successor.map(|id| id.to_string());
            row.extend(values![text(successor), &it.decision, flag(it.made_up), it.entry]);
            (0, row)
        }
        Record::Post(it) => {
            let mut row = values![it.id.0, it.version, it.agency.0, &it.title, &it.signs_as];
            row.extend(values![flag(it.leads), it.rank, flag(it.places == Places::One)]);
            row.extend(values![it.valid.from, it.valid.to, &it.decision]);
            row.extend(values![flag(it.made_up), it.entry]);
            (1, row)
        }
        Record::Person(it) => {
            let mut row = values![it.id.0, it.version, &it.name, &it.email, &it.phone];
            row.extend(values![text(it.account.clone()), &it.salt[..], flag(it.made_up), it.entry]);
            (2, row)
        }
        Record::Holding(it) => {
            let mut row = values![it.id.0, it.version, it.person.0, it.post.0, it.manner.as_str()];
            row.extend(values![it.valid.from, it.valid.to, &it.decision, &it.end_decision]);
            row.extend(values![flag(it.made_up), it.entry]);
            (3, row)
        }
        Record::Delegation(it) => {
            let (post, person) = it.to.apart();
            let (post, person) = (post.map(|id| id.to_string()), person.map(|id| id.to_string()));
            let mut row = values![it.id.0, it.version, it.holding.0, it.form.as_str(), text(post)];
            row.extend(values![text(person), &it.subject, it.valid.from, it.valid.to]);
            row.extend(values![&it.decision, flag(it.made_up), it.entry]);
            (4, row)
        }
        Record::Assignment(it) => {
            let (post, account) = it.bearer.apart();
            let mut row = values![it.id.0, it.version, &it.role];
            row.extend([text(post.map(|id| id.to_string())), text(account.map(str::to_owned))]);
            row.extend(values![Value::Int(it.unit.map(|unit| unit.0)), it.valid.from, it.valid.to]);
            row.extend(values![&it.decision, flag(it.made_up), it.entry]);
            (5, row)
        }
        Record::Operation(it) => {
            let mut row = values![it.id.0, it.version, it.kind.as_str(), it.agency.0, &it.name];
            row.extend(values![Value::Int(it.unit.map(|unit| unit.0)), it.on, &it.decision]);
            row.extend(values![it.records, flag(it.made_up), it.entry]);
            (6, row)
        }
    }
}
