//! What is done in one step with agencies and all that hangs on them, and taking it back in one step.

use std::collections::{BTreeMap, BTreeSet};

use base::{Cursor, Day, DayRange, Error, Id, PAGE_LIMIT, Page, Result};
use store::Tx;
use territory::UnitId;

use super::super::chart::Chart;
use super::super::clean::Mistakes;
use super::super::model::{
    Agency, AgencyId, AgencyVersion, Assignment, Delegate, Delegation, Event, Holding, Listed,
    OperationId, OperationKind, OperationVersion, Post, PostId,
};
use super::super::record::Record;
use super::super::store as sql;
use super::may::refuse_own_holdings;
use super::{Context, write};

/// Obstacles beyond these are not listed.
const LISTED: usize = 100;

/// What an operation is about.
pub(in super::super) struct NewOperation<'a> {
    pub(in super::super) kind: OperationKind,
    /// The agency that began, took over, changed or ended, with its name by it.
    pub(in super::super) agency: (AgencyId, &'a str),
    pub(in super::super) unit: Option<UnitId>,
    pub(in super::super) on: Day,
    pub(in super::super) decision: &'a str,
    pub(in super::super) made_up: bool,
}

/// Writes what is done in one step, and the operation by which it can be taken back.
///
/// Errors: those of rights; `Unavailable`.
pub(in super::super) async fn operate(
    tx: &mut Tx,
    cx: Context<'_>,
    (cause, new): (&'static str, NewOperation<'_>),
    mut records: Vec<Record>,
) -> Result<()> {
    let operation = OperationVersion {
        id: OperationId(Id::new(cx.clock)),
        version: 1,
        kind: new.kind,
        agency: new.agency.0,
        name: new.agency.1.to_owned(),
        unit: new.unit,
        on: new.on,
        decision: base::text::clean(new.decision),
        records: i64::try_from(records.len()).map_err(Error::internal)?,
        made_up: new.made_up,
        entry: 0,
    };
    // Its entry follows those of what it wrote.
    records.push(Record::Operation(operation));
    write(tx, cx, cause, records).await
}

/// The operations, page by page, the last first, also those that were taken back.
///
/// Errors: `Invalid` for a cursor of another list.
pub async fn operations(tx: &mut Tx, cursor: Option<&str>) -> Result<Page<Listed>> {
    let before = cursor.map_or(Ok(i64::MAX), Cursor::decode::<i64>)?;
    let limit = i64::try_from(PAGE_LIMIT + 1).map_err(Error::internal)?;
    let rows = sql::list_operations(tx, before, limit).await?;
    Ok(Page::cut(rows, PAGE_LIMIT, |last| last.operation.entry))
}

/// One operation.
///
/// Errors: `NotFound`.
pub async fn operation(tx: &mut Tx, id: OperationId) -> Result<Listed> {
    find(tx, id).await
}

async fn find(tx: &mut Tx, id: OperationId) -> Result<Listed> {
    let found = sql::find_operation(tx, id).await?;
    found.ok_or_else(|| Error::not_found(lang::organisation::no_operation))
}

/// Something that was entered later and rests on an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Obstacle {
    /// It as it stands.
    pub(in super::super) record: Record,
    /// The agency where it is seen.
    pub(in super::super) agency: AgencyId,
    /// The operation that wrote it, which can be taken back itself; none of what was entered alone.
    pub(in super::super) operation: Option<Listed>,
}

/// What taking an operation back means.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Undoing {
    /// What stands in the way.
    pub(in super::super) obstacles: Vec<Obstacle>,
    /// What the operation wrote.
    pub(in super::super) written: Vec<Record>,
    /// Posts that were added to what it established, and that nobody ever held: they go with it.
    pub(in super::super) along: Vec<Post>,
    /// The further versions by which everything stands as before.
    records: Vec<Record>,
    /// Everything that names and days are told by.
    pub(in super::super) chart: Chart,
    pub(in super::super) agencies: BTreeMap<AgencyId, Agency>,
}

/// Takes an operation back (*hoàn tác*): agencies, posts, holdings, delegations and roles stand as they
/// stood before it. Nothing is removed; each has a further version.
///
/// Errors: `NotFound`; `Invalid` at `decision`; `Refused` `organisation.undone_already`,
/// `organisation.rests_on` when something was entered later that rests on it, `access.own_right` when
/// the one who does it would have a post again; those of rights.
/// Law: none (house rule, decision 0025).
pub async fn undo(tx: &mut Tx, cx: Context<'_>, id: OperationId, decision: &str) -> Result<()> {
    journal::lock(tx).await?;
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", decision);
    mistakes.done()?;
    let Listed { operation, undone, .. } = find(tx, id).await?;
    if undone.is_some() {
        let code = "organisation.undone_already";
        return Err(Error::refused(code, lang::organisation::undone_already));
    }
    let Undoing { obstacles, mut records, .. } = plan_undo(tx, &operation, &decision).await?;
    if !obstacles.is_empty() {
        return Err(Error::refused("organisation.rests_on", lang::organisation::rests_on));
    }
    let gives_back = |record: &Record| match record {
        Record::Holding(it) if it.valid.to > cx.clock.today() => Some(it.person),
        _ => None,
    };
    let people: BTreeSet<_> = records.iter().filter_map(gives_back).collect();
    refuse_own_holdings(tx, cx, &people).await?;
    records.push(Record::Operation(OperationVersion {
        version: 2,
        decision,
        records: i64::try_from(records.len()).map_err(Error::internal)?,
        entry: 0,
        ..operation
    }));
    write(tx, cx, "organisation.undo", records).await
}

/// Works out what taking an operation back means, with what stands in the way.
pub(in super::super) async fn plan_undo(
    tx: &mut Tx,
    operation: &OperationVersion,
    decision: &str,
) -> Result<Undoing> {
    let entries = operation.entry - operation.records..operation.entry;
    let written = sql::written(tx, &entries).await?;
    let changed = sql::later(tx, &entries).await?;
    let agencies = sql::agencies(tx).await?;
    let began: BTreeSet<AgencyId> = written.iter().filter_map(|(it, _)| established(it)).collect();
    let mut of = began.clone();
    of.extend(written.iter().filter_map(|(record, _)| match record {
        Record::Post(post) => Some(post.agency),
        _ => None,
    }));
    let of: Vec<AgencyId> = of.into_iter().collect();
    let chart = sql::chart(tx, &of).await?;
    let sight = Sight {
        after: operation.entry,
        on: operation.on,
        agencies: &agencies,
        chart: &chart,
        began: &began,
        new_posts: written.iter().filter_map(|(it, _)| new_post(it)).collect(),
        own: written.iter().map(|(it, _)| it.id()).collect(),
        of: of.iter().copied().collect(),
        former: former(&written, &agencies),
    };
    let rests = |it: &&Record| !is_new(&written, it) && !stands(&written, &agencies, it);
    let mut found: Vec<Record> = changed.iter().filter(rests).cloned().collect();
    found.extend(sight.agencies_later());
    let along = sight.posts_along();
    found.extend(sight.rest_later(&along));
    let mut seen = BTreeSet::new();
    found.retain(|record| seen.insert(record.entry()));
    found.sort_by_key(Record::entry);
    found.truncate(LISTED);
    let mut records: Vec<Record> =
        written.iter().filter_map(|it| taken_back(it, &changed, decision)).collect();
    records.extend(along.iter().map(|post| Record::Post(void_post(post))));
    let mut obstacles = Vec::new();
    for record in found {
        let agency = sight.agency_of(&record).unwrap_or(operation.agency);
        let by = sql::operation_of(tx, record.entry()).await?.filter(|it| it.undone.is_none());
        obstacles.push(Obstacle { record, agency, operation: by });
    }
    let written = written.into_iter().map(|(record, _)| record).collect();
    Ok(Undoing { obstacles, written, along, records, chart, agencies })
}

fn established(record: &Record) -> Option<AgencyId> {
    match record {
        Record::Agency(it) if it.event == Event::Established => Some(it.id),
        _ => None,
    }
}

fn new_post(record: &Record) -> Option<PostId> {
    match record {
        Record::Post(post) if post.version == 1 => Some(post.id),
        _ => None,
    }
}

/// Whether a record that was changed later was made by the operation, and goes with it anyhow.
fn is_new(written: &[(Record, Option<Record>)], later: &Record) -> bool {
    let goes = matches!(later, Record::Post(_) | Record::Assignment(_));
    goes && written.iter().any(|(it, before)| it.id() == later.id() && before.is_none())
}

/// Whether an agency stands as the operation left it, since what came later was taken back.
fn stands(
    written: &[(Record, Option<Record>)],
    agencies: &BTreeMap<AgencyId, Agency>,
    later: &Record,
) -> bool {
    let Record::Agency(later) = later else { return false };
    let last = agencies.get(&later.id).and_then(Agency::last).map(|it| it.version);
    written.iter().any(|(it, _)| match it {
        Record::Agency(it) => it.id == later.id && Some(it.version) == last,
        _ => false,
    })
}

const fn empty(valid: DayRange) -> DayRange {
    DayRange { from: valid.from, to: valid.from }
}

fn void_post(post: &Post) -> Post {
    Post { version: post.version + 1, valid: empty(post.valid), entry: 0, ..post.clone() }
}

/// The version by which a record stands as it stood before; none where it stands so already.
fn taken_back(
    (record, before): &(Record, Option<Record>),
    changed: &[Record],
    decision: &str,
) -> Option<Record> {
    let now = changed.iter().find(|it| it.id() == record.id()).unwrap_or(record);
    let version = now.version() + 1;
    if let Record::Agency(it) = record {
        return Some(Record::Agency(AgencyVersion {
            version,
            event: Event::Undone,
            decision: decision.to_owned(),
            entry: 0,
            ..it.clone()
        }));
    }
    let record = match (now, before) {
        (Record::Post(it), None) => Record::Post(void_post(it)),
        (Record::Assignment(it), None) => Record::Assignment(Assignment {
            version,
            valid: empty(it.valid),
            entry: 0,
            ..it.clone()
        }),
        (_, Some(Record::Post(it))) => Record::Post(Post { version, entry: 0, ..it.clone() }),
        (_, Some(Record::Holding(it))) => {
            Record::Holding(Holding { version, entry: 0, ..it.clone() })
        }
        (_, Some(Record::Delegation(it))) => {
            Record::Delegation(Delegation { version, entry: 0, ..it.clone() })
        }
        (_, Some(Record::Assignment(it))) => {
            Record::Assignment(Assignment { version, entry: 0, ..it.clone() })
        }
        _ => return None,
    };
    (before.is_some() || now.valid() != record.valid()).then_some(record)
}

/// The agencies that stand again, each with the version that is its last then.
fn former<'a>(
    written: &[(Record, Option<Record>)],
    agencies: &'a BTreeMap<AgencyId, Agency>,
) -> Vec<&'a AgencyVersion> {
    let again = |(record, _): &(Record, Option<Record>)| {
        let Record::Agency(it) = record else { return None };
        let versions = &agencies.get(&it.id)?.versions;
        versions.iter().rev().find(|version| version.version < it.version)
    };
    written.iter().filter_map(again).collect()
}

/// What later entries are looked at by.
struct Sight<'a> {
    /// The entry of the operation.
    after: i64,
    on: Day,
    agencies: &'a BTreeMap<AgencyId, Agency>,
    chart: &'a Chart,
    /// The agencies that the operation established.
    began: &'a BTreeSet<AgencyId>,
    new_posts: BTreeSet<PostId>,
    /// Everything that the operation wrote.
    own: BTreeSet<Id>,
    /// The agencies that it established or ended.
    of: BTreeSet<AgencyId>,
    /// Those that stand again.
    former: Vec<&'a AgencyVersion>,
}

impl Sight<'_> {
    /// Whether something was entered later and holds beyond the first day of the operation.
    fn is_later(&self, record: &Record) -> bool {
        let valid = record.valid();
        record.entry() > self.after && valid.to > self.on && valid.from < valid.to
    }

    /// Versions of other agencies that rest on what was established, bear the name of one that stands
    /// again, or end what one that stands again stood below.
    fn agencies_later(&self) -> Vec<Record> {
        let key = |name: &str| base::text::tone_neutral(name);
        let names: BTreeSet<String> = self.former.iter().map(|it| key(&it.facts.name)).collect();
        let above: BTreeSet<AgencyId> =
            self.former.iter().filter_map(|it| it.facts.parent).collect();
        let own: BTreeSet<AgencyId> = self.former.iter().map(|it| it.id).collect();
        let rests = |it: &&AgencyVersion| {
            let on_new = [it.facts.parent, it.successor].into_iter().flatten();
            let on_new = on_new.into_iter().any(|id| self.began.contains(&id));
            let bears = !own.contains(&it.id)
                && it.event != Event::Ended
                && names.contains(&key(&it.facts.name));
            let ends = it.event == Event::Ended && above.contains(&it.id);
            it.entry > self.after && (on_new || bears || ends)
        };
        let versions = self.agencies.values().flat_map(|it| &it.versions);
        versions.filter(rests).cloned().map(Record::Agency).collect()
    }

    /// Posts that were added to what was established, without anybody, any role or delegation.
    fn posts_along(&self) -> Vec<Post> {
        let is_bare = |post: &&Post| {
            let held = self
                .chart
                .holdings
                .values()
                .any(|it| it.post == post.id && it.valid.from < it.valid.to);
            !held && !self.given(post.id) && !self.delegated_to(post.id)
        };
        let added = self.chart.posts.values().filter(|post| {
            self.began.contains(&post.agency)
                && !self.new_posts.contains(&post.id)
                && post.valid.from < post.valid.to
        });
        added.filter(is_bare).cloned().collect()
    }

    fn given(&self, post: PostId) -> bool {
        self.chart
            .assignments
            .iter()
            .any(|it| it.bearer.apart().0 == Some(post) && it.valid.from < it.valid.to)
    }

    fn delegated_to(&self, post: PostId) -> bool {
        self.chart
            .delegations
            .iter()
            .any(|it| it.to == Delegate::Post(post) && it.valid.from < it.valid.to)
    }

    /// Posts, holdings, roles and delegations that were entered later on what the operation touched.
    fn rest_later(&self, along: &[Post]) -> Vec<Record> {
        let mut all: Vec<Record> = Vec::new();
        let posts = self.chart.posts.values().filter(|it| {
            self.began.contains(&it.agency)
                && !self.new_posts.contains(&it.id)
                && !along.iter().any(|other| other.id == it.id)
        });
        all.extend(posts.cloned().map(Record::Post));
        let ours = |post: &PostId| {
            self.chart.posts.get(post).is_some_and(|it| self.of.contains(&it.agency))
        };
        let holdings = self.chart.holdings.values().filter(|it| ours(&it.post));
        all.extend(holdings.cloned().map(Record::Holding));
        let given = |it: &&Assignment| it.bearer.apart().0.is_some_and(|post| ours(&post));
        let assignments = self.chart.assignments.iter().filter(given);
        all.extend(assignments.cloned().map(Record::Assignment));
        let to = |it: &&Delegation| it.to.apart().0.is_some_and(|post| ours(&post));
        all.extend(self.chart.delegations.iter().filter(to).cloned().map(Record::Delegation));
        // What it wrote itself and was changed since is known already.
        all.retain(|record| self.is_later(record) && !self.own.contains(&record.id()));
        all
    }

    fn agency_of(&self, record: &Record) -> Option<AgencyId> {
        let of_post = |post: PostId| self.chart.posts.get(&post).map(|it| it.agency);
        match record {
            Record::Agency(it) => Some(it.id),
            Record::Post(it) => Some(it.agency),
            Record::Holding(it) => of_post(it.post),
            Record::Assignment(it) => of_post(it.bearer.apart().0?),
            Record::Delegation(it) => of_post(self.chart.holdings.get(&it.holding)?.post),
            Record::Person(_) | Record::Operation(_) => None,
        }
    }
}
