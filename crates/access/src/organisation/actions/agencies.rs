//! Agencies and posts: establishing, changing, merging, ending.

use std::collections::BTreeMap;

use base::{Day, DayRange, Error, Id, Result, short_day};
use store::Tx;
use territory::{Level, Version};

use super::super::chart::Chart;
use super::super::clean::Mistakes;
use super::super::model::{
    Agency, AgencyFacts, AgencyId, AgencyKind, AgencyVersion, Event, OperationKind, Places, Post,
    PostId,
};
use super::super::record::Record;
use super::super::rules::{check_event, cut, signing_title, usual_symbol};
use super::super::store as sql;
use super::operations::{NewOperation, operate};
use super::{Context, no_agency, refusal, refused_with, write};

/// An agency that is about to be.
#[derive(Clone, Debug)]
pub struct NewAgency {
    /// What is said of it; with an empty symbol for the one that follows from kind and name.
    pub facts: AgencyFacts,
    /// Its first day.
    pub on: Day,
    /// The document that establishes it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
}

/// A post that is about to be.
#[derive(Clone, Debug)]
pub struct NewPost {
    /// Where it is.
    pub agency: AgencyId,
    /// Its title.
    pub title: String,
    /// As it stands under a document; empty for what follows from the title.
    pub signs_as: String,
    /// Whether it leads the agency.
    pub leads: bool,
    /// The order of signatures, 1 to 99.
    pub rank: i64,
    /// How many hold it at a time.
    pub places: Places,
    /// Its first day.
    pub from: Day,
    /// The document that makes it.
    pub decision: String,
    /// Whether it was made up to show the program.
    pub made_up: bool,
}

/// Which agency takes over at a merger.
#[derive(Clone, Debug)]
pub enum Into {
    /// One that is there.
    Existing(AgencyId),
    /// A new one.
    New(Box<AgencyFacts>),
}

/// What ended together with an agency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// So many posts.
    pub posts: usize,
    /// So many people left them.
    pub holdings: usize,
    /// So many delegations fell away.
    pub delegations: usize,
    /// So many roles of posts fell away.
    pub assignments: usize,
}

/// Establishes an agency.
///
/// Errors: `Invalid` at `name`, `short_name`, `symbol`, `parent`, `unit`, `on` or `decision`;
/// `Refused` `organisation.same_name` when another agency bears the name on that day.
/// Law: none (house rule, decision 0020).
pub async fn establish(tx: &mut Tx, cx: Context<'_>, new: NewAgency) -> Result<AgencyId> {
    journal::lock(tx).await?;
    let agencies = sql::agencies(tx).await?;
    let version = new_agency(cx, &agencies, &new)?;
    let id = version.id;
    let operation = NewOperation {
        kind: OperationKind::Establish,
        agency: (id, &version.facts.name.clone()),
        unit: None,
        on: new.on,
        decision: &new.decision,
        made_up: new.made_up,
    };
    operate(tx, cx, ("organisation.establish", operation), vec![Record::Agency(version)]).await?;
    Ok(id)
}

/// The first version of an agency.
pub(in super::super) fn new_agency(
    cx: Context<'_>,
    agencies: &BTreeMap<AgencyId, Agency>,
    new: &NewAgency,
) -> Result<AgencyVersion> {
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", &new.decision);
    let id = AgencyId(Id::new(cx.clock));
    let facts = check_facts(cx, agencies, (id, new.on), &new.facts, mistakes)?;
    Ok(AgencyVersion {
        id,
        version: 1,
        event: Event::Established,
        on: new.on,
        facts,
        successor: None,
        decision,
        made_up: new.made_up,
        entry: 0,
    })
}

fn check_facts(
    cx: Context<'_>,
    agencies: &BTreeMap<AgencyId, Agency>,
    (id, on): (AgencyId, Day),
    facts: &AgencyFacts,
    mut mistakes: Mistakes,
) -> Result<AgencyFacts> {
    let name = mistakes.name("name", &facts.name);
    let symbol = match base::text::clean(&facts.symbol) {
        symbol if symbol.is_empty() => usual_symbol(facts.kind, &name),
        symbol => symbol,
    };
    let facts = AgencyFacts {
        short_name: mistakes.short("short_name", &facts.short_name, 60),
        symbol: mistakes.symbol("symbol", &symbol),
        name,
        ..facts.clone()
    };
    if facts.unit.is_some_and(|unit| cx.territory.at(unit, on).is_none()) {
        let day = short_day(on);
        mistakes.add("unit", move |lang| lang::organisation::no_unit(lang, &day));
    }
    if let Some(parent) = facts.parent {
        let is_there = agencies.get(&parent).is_some_and(|it| it.at(on).is_some());
        if !is_there {
            let day = short_day(on);
            mistakes.add("parent", move |lang| lang::organisation::no_parent(lang, &day));
        }
        // Nothing stands above itself, not by way of others either.
        let mut above = Some(parent);
        for _ in 0..=agencies.len() {
            if above == Some(id) {
                mistakes.add("parent", lang::organisation::above_itself);
                break;
            }
            let next = above.and_then(|it| agencies.get(&it)).and_then(Agency::last);
            above = next.and_then(|version| version.facts.parent);
        }
    }
    mistakes.done()?;
    let key = base::text::tone_neutral(&facts.name);
    let bears = |it: &&Agency| {
        let version = it.at(on).filter(|_| it.id != id);
        version.is_some_and(|version| base::text::tone_neutral(&version.facts.name) == key)
    };
    match agencies.values().find(bears) {
        Some(_) => {
            let name = facts.name;
            Err(refused_with("organisation.same_name", &name, |lang, name| {
                lang::organisation::same_name(lang, name)
            }))
        }
        None => Ok(facts),
    }
}

/// Gives an agency another name, parent, kind or unit from a day on; it stays itself, with its posts.
///
/// Errors: those of [`establish`]; `NotFound`; `Invalid` at `on` when a later change is known;
/// `Refused` `organisation.over` when it has ended.
/// Law: none (house rule, decision 0020).
pub async fn change_agency(
    tx: &mut Tx,
    cx: Context<'_>,
    id: AgencyId,
    new: NewAgency,
) -> Result<()> {
    journal::lock(tx).await?;
    let agencies = sql::agencies(tx).await?;
    let agency = agencies.get(&id).ok_or_else(no_agency)?;
    check_event(agency, new.on).map_err(|why| refusal(why, ("on", "on"), ""))?;
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", &new.decision);
    let facts = check_facts(cx, &agencies, (id, new.on), &new.facts, mistakes)?;
    let version = AgencyVersion {
        id,
        version: next_version(agency),
        event: Event::Changed,
        on: new.on,
        facts,
        successor: None,
        decision,
        made_up: agency.made_up(),
        entry: 0,
    };
    let operation = NewOperation {
        kind: OperationKind::Change,
        agency: (id, &version.facts.name.clone()),
        unit: None,
        on: new.on,
        decision: &new.decision,
        made_up: version.made_up,
    };
    operate(tx, cx, ("organisation.change", operation), vec![Record::Agency(version)]).await
}

const fn next_version(agency: &Agency) -> i64 {
    agency.written + 1
}

/// Ends an agency, its posts, who holds them, and what they delegated, all with the day.
///
/// Errors: `NotFound`; `Invalid` at `on`, `decision` or `successor`; `Refused` `organisation.over`,
/// `organisation.has_parts` while agencies below it go on.
/// Law: none (house rule, decision 0020).
pub async fn end_agency(
    tx: &mut Tx,
    cx: Context<'_>,
    id: AgencyId,
    (on, successor, decision): (Day, Option<AgencyId>, &str),
) -> Result<Ended> {
    journal::lock(tx).await?;
    let agencies = sql::agencies(tx).await?;
    let (records, ended) = end_in(tx, &agencies, &[id], (on, successor, decision)).await?;
    let agency = agencies.get(&id).ok_or_else(no_agency)?;
    let operation = NewOperation {
        kind: OperationKind::End,
        agency: (id, agency.name(on)),
        unit: None,
        on,
        decision,
        made_up: agency.made_up(),
    };
    operate(tx, cx, ("organisation.end", operation), records).await?;
    Ok(ended)
}

/// The versions by which agencies end. Those that end together may stand below each other.
pub(in super::super) async fn end_in(
    tx: &mut Tx,
    agencies: &BTreeMap<AgencyId, Agency>,
    ids: &[AgencyId],
    (on, successor, decision): (Day, Option<AgencyId>, &str),
) -> Result<(Vec<Record>, Ended)> {
    let mut mistakes = Mistakes::default();
    let decision = mistakes.decision("decision", decision);
    mistakes.done()?;
    let mut records = Vec::new();
    for id in ids {
        let agency = agencies.get(id).ok_or_else(no_agency)?;
        check_event(agency, on).map_err(|why| refusal(why, ("on", "on"), ""))?;
        let Some(last) = agency.last() else { continue };
        records.extend(parts_of(agencies, (*id, last), ids, (on, successor, &decision))?);
        records.push(Record::Agency(AgencyVersion {
            version: next_version(agency),
            event: Event::Ended,
            on,
            successor,
            decision: decision.clone(),
            entry: 0,
            ..last.clone()
        }));
    }
    let mut ended = Ended::default();
    let chart = sql::chart(tx, ids).await?;
    fall_away(&chart, ids, (on, &decision), &mut records, &mut ended);
    Ok((records, ended))
}

/// What stands below an agency that ends goes over to the one that takes over.
fn parts_of(
    agencies: &BTreeMap<AgencyId, Agency>,
    (id, last): (AgencyId, &AgencyVersion),
    ending: &[AgencyId],
    (on, successor, decision): (Day, Option<AgencyId>, &str),
) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for part in agencies.values().filter(|part| !ending.contains(&part.id)) {
        let Some(version) = part.last().filter(|it| it.event != Event::Ended) else { continue };
        if version.facts.parent != Some(id) {
            continue;
        }
        let Some(successor) = successor else {
            return Err(refused_with("organisation.has_parts", part.name(on), |lang, name| {
                lang::organisation::has_parts(lang, name)
            }));
        };
        check_event(part, on).map_err(|why| refusal(why, ("on", "on"), ""))?;
        let mut moved = AgencyVersion {
            version: next_version(part),
            event: Event::Changed,
            on,
            decision: decision.to_owned(),
            entry: 0,
            ..version.clone()
        };
        moved.facts.parent = if part.id == successor { last.facts.parent } else { Some(successor) };
        records.push(Record::Agency(moved));
    }
    Ok(records)
}

/// The posts of agencies that end, who holds them, their roles, and what was delegated from or to
/// them.
fn fall_away(
    chart: &Chart,
    ids: &[AgencyId],
    (on, decision): (Day, &str),
    records: &mut Vec<Record>,
    ended: &mut Ended,
) {
    let ends = |valid: DayRange| valid.to > on && cut(valid, on) != valid;
    let ours = |post: &PostId| chart.posts.get(post).is_some_and(|it| ids.contains(&it.agency));
    for post in chart.posts.values().filter(|it| ours(&it.id) && ends(it.valid)) {
        ended.posts += 1;
        records.push(Record::Post(Post {
            version: post.version + 1,
            valid: cut(post.valid, on),
            decision: decision.to_owned(),
            ..post.clone()
        }));
    }
    for holding in chart.holdings.values().filter(|it| ours(&it.post) && ends(it.valid)) {
        ended.holdings += 1;
        let mut holding = holding.clone();
        holding.version += 1;
        holding.valid = cut(holding.valid, on);
        decision.clone_into(&mut holding.end_decision);
        records.push(Record::Holding(holding));
    }
    for assignment in chart.assignments.iter().filter(|it| ends(it.valid)) {
        if assignment.bearer.apart().0.is_some_and(|post| ours(&post)) {
            ended.assignments += 1;
            let mut assignment = assignment.clone();
            assignment.version += 1;
            assignment.valid = cut(assignment.valid, on);
            decision.clone_into(&mut assignment.decision);
            records.push(Record::Assignment(assignment));
        }
    }
    for delegation in chart.delegations.iter().filter(|it| ends(it.valid)) {
        let from = chart.holdings.get(&delegation.holding);
        let is_from_here = from.is_some_and(|holding| ours(&holding.post));
        // What was delegated to a post of this agency ends with the post.
        let is_to_here = delegation.to.apart().0.is_some_and(|post| ours(&post));
        if is_from_here || is_to_here {
            ended.delegations += 1;
            let mut delegation = delegation.clone();
            delegation.version += 1;
            delegation.valid = cut(delegation.valid, on);
            records.push(Record::Delegation(delegation));
        }
    }
}

/// Merges agencies into one on a day: those that are given end, with their posts and who holds
/// them. Nobody is appointed by it. Gives the agency that took over.
///
/// Errors: those of [`establish`] and [`end_agency`]; `Invalid` at `from` when none is given, or at
/// `into` when it is among them or not there on the day.
/// Law: none (house rule, decision 0020).
pub async fn merge(
    tx: &mut Tx,
    cx: Context<'_>,
    from: &[AgencyId],
    into: Into,
    (on, decision): (Day, &str),
) -> Result<AgencyId> {
    journal::lock(tx).await?;
    let agencies = sql::agencies(tx).await?;
    let mut from = from.to_vec();
    from.sort_unstable();
    from.dedup();
    if from.is_empty() {
        return Err(Error::invalid("from", lang::organisation::none_chosen));
    }
    let mut first = Vec::new();
    let (mut name, mut made_up) = (String::new(), false);
    let into = match into {
        Into::Existing(id) => {
            let is_there = agencies.get(&id).is_some_and(|it| it.at(on).is_some());
            if from.contains(&id) || !is_there {
                return Err(Error::invalid("into", lang::organisation::bad_successor));
            }
            if let Some(agency) = agencies.get(&id) {
                (name, made_up) = (agency.name(on).to_owned(), agency.made_up());
            }
            id
        }
        Into::New(facts) => {
            made_up = from.iter().any(|id| agencies.get(id).is_some_and(Agency::made_up));
            let decision = decision.to_owned();
            let new = NewAgency { facts: *facts, on, decision, made_up };
            // The new one may bear the name of one that ends.
            let mut others = agencies.clone();
            for id in &from {
                others.remove(id);
            }
            let version = new_agency(cx, &others, &new)?;
            let id = version.id;
            name.clone_from(&version.facts.name);
            first.push(Record::Agency(version));
            id
        }
    };
    let (ended, _) = end_in(tx, &agencies, &from, (on, Some(into), decision)).await?;
    first.extend(ended);
    let kind = OperationKind::Merge;
    let operation = NewOperation { kind, agency: (into, &name), unit: None, on, decision, made_up };
    operate(tx, cx, ("organisation.merge", operation), first).await?;
    Ok(into)
}

/// Adds a post to an agency.
///
/// Errors: `NotFound`; `Invalid` at `title`, `signs_as`, `rank`, `from` or `decision`.
/// Law: none (house rule, decision 0020).
pub async fn add_post(tx: &mut Tx, cx: Context<'_>, new: NewPost) -> Result<PostId> {
    journal::lock(tx).await?;
    let agency = sql::find_agency(tx, new.agency).await?.ok_or_else(no_agency)?;
    let others = sql::posts_of(tx, &[agency.id]).await?;
    let post = new_post(cx, &agency, &others, &new)?;
    let id = post.id;
    write(tx, cx, "organisation.add_post", vec![Record::Post(post)]).await?;
    Ok(id)
}

pub(in super::super) fn new_post(
    cx: Context<'_>,
    agency: &Agency,
    others: &[Post],
    new: &NewPost,
) -> Result<Post> {
    let mut mistakes = Mistakes::default();
    let title = mistakes.name("title", &new.title);
    let signs_as = mistakes.short("signs_as", &new.signs_as, super::super::clean::LONGEST_NAME);
    let decision = mistakes.decision("decision", &new.decision);
    if !(1..=99).contains(&new.rank) {
        mistakes.add("rank", lang::organisation::bad_rank);
    }
    let life = agency.valid();
    if !life.contains(new.from) {
        let name = agency.name(new.from).to_owned();
        mistakes.add("from", move |lang| lang::organisation::not_there(lang, &name));
    }
    let key = base::text::tone_neutral(&title);
    let is_same = |it: &&Post| it.valid.to > new.from && base::text::tone_neutral(&it.title) == key;
    if others.iter().any(|it| is_same(&it)) {
        mistakes.add("title", lang::organisation::same_post);
    }
    mistakes.done()?;
    Ok(Post {
        id: PostId(Id::new(cx.clock)),
        version: 1,
        agency: agency.id,
        signs_as: if signs_as.is_empty() { signing_title(&title) } else { signs_as },
        title,
        leads: new.leads,
        rank: new.rank,
        places: new.places,
        valid: DayRange { from: new.from, to: life.to },
        decision,
        made_up: new.made_up,
        entry: 0,
    })
}

/// "Ủy ban nhân dân xã Vị Thủy": the state's own form of the name, in Vietnamese.
pub(in super::super) fn committee_name(unit: &Version) -> String {
    let mut letters = unit.full_name.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
    format!("Ủy ban nhân dân {first}{}", letters.as_str())
}

/// Establishes the people's committee of each unit of a level on a day that no committee serves, below
/// the committee of the unit above. Gives how many.
///
/// Errors: those of [`establish`].
/// Law: none (house rule, decision 0020).
pub async fn form_committees(
    tx: &mut Tx,
    cx: Context<'_>,
    level: Level,
    (on, decision, made_up): (Day, &str, bool),
) -> Result<usize> {
    journal::lock(tx).await?;
    let mut agencies = sql::agencies(tx).await?;
    let serves = |agencies: &BTreeMap<AgencyId, Agency>, unit| {
        let mut serving = agencies.values().filter_map(|it| it.at(on));
        let is_its = |it: &&AgencyVersion| {
            it.facts.unit == Some(unit) && it.facts.kind == AgencyKind::Committee
        };
        serving.find(is_its).map(|it| it.id)
    };
    let mut records = Vec::new();
    for unit in cx.territory.under(None, on, level) {
        if serves(&agencies, unit.unit).is_some() {
            continue;
        }
        let parent = unit.parent.and_then(|parent| serves(&agencies, parent));
        let mut name = committee_name(unit);
        let bears = |it: &Agency| it.at(on).is_some_and(|version| version.facts.name == name);
        // Two communes of one name are told apart by what lies above them.
        if agencies.values().any(bears) {
            let above = cx.territory.ancestors(unit.unit, on);
            if let Some(above) = above.first() {
                name = format!("{name}, {}", above.full_name);
            }
        }
        let facts = AgencyFacts {
            name,
            short_name: String::new(),
            symbol: String::new(),
            kind: AgencyKind::Committee,
            parent,
            unit: Some(unit.unit),
        };
        let new = NewAgency { facts, on, decision: decision.to_owned(), made_up };
        let version = new_agency(cx, &agencies, &new)?;
        let mut agency = Agency::new(version.id);
        agency.add(version.clone());
        agencies.insert(version.id, agency);
        records.push(Record::Agency(version));
    }
    let count = records.len();
    write(tx, cx, "organisation.establish", records).await?;
    Ok(count)
}
