//! What a merger of communes does to their committees: rehearsed as a list of what is to be
//! decided, carried out without appointing anybody.

use std::collections::BTreeMap;

use base::{Day, DayRange, Error, Id, Result};
use store::Tx;
use territory::{Territory, UnitId};

use super::actions::{
    Context, NewAgency, NewOperation, NewPost, committee_name, end_in, new_agency, new_post,
    operate,
};
use super::chart::Chart;
use super::model::{
    Agency, AgencyFacts, AgencyId, AgencyKind, Assignment, AssignmentId, Bearer, Holding,
    OperationKind, PersonId, Places, Post, PostId,
};
use super::record::Record;
use super::store as sql;

/// A post that falls away, and who holds it on the eve.
pub type Vacated = (Post, Vec<Holding>);

/// A post of the new committee.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPost {
    /// Its title.
    pub title: String,
    /// Whether it leads the committee.
    pub leads: bool,
    /// The order of signatures.
    pub rank: i64,
    /// How many hold it at a time.
    pub places: Places,
    /// The roles that the posts of this title had: whoever holds the new one has them, on the
    /// territory of the new unit.
    ///
    /// Each with the day before which it ends, as it was given.
    pub roles: BTreeMap<String, Day>,
}

/// What would happen to the committees of units that became one.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The new unit.
    pub unit: UnitId,
    /// Its first day.
    pub on: Day,
    /// The committees that end, with the posts that fall away and who holds them on the eve.
    pub ending: Vec<(AgencyId, Vec<Vacated>)>,
    /// The name of the committee that begins; none where the new unit has one already.
    pub name: Option<String>,
    /// Its posts, all vacant.
    pub posts: Vec<PlannedPost>,
    /// Everybody for whom a post is to be decided.
    pub people: Vec<PersonId>,
}

/// What the merger by which a unit came about means for the committees of the former units.
///
/// Errors: `NotFound` when no unit ended in it on its first day.
/// Law: none (house rule, decision 0020): nobody is appointed by a merger.
pub fn rehearse(
    territory: &Territory,
    agencies: &BTreeMap<AgencyId, Agency>,
    chart: &Chart,
    unit: UnitId,
) -> Result<Rehearsed> {
    let nothing = || Error::not_found(lang::organisation::no_merger);
    let first = territory.unit(unit).and_then(|it| it.first()).ok_or_else(nothing)?;
    let on = first.valid.from;
    let former = former_committees(territory, agencies, unit);
    if territory.predecessors(unit).is_empty() {
        return Err(nothing());
    }
    let eve = on.plus(-1);
    let mut posts: Vec<PlannedPost> = Vec::new();
    let mut people = Vec::new();
    let mut ending = Vec::new();
    for id in former {
        let mut rows = Vec::new();
        for post in chart.posts_of(id, eve) {
            let held: Vec<Holding> = chart.who_held(post.id, eve).into_iter().cloned().collect();
            for holding in &held {
                if !people.contains(&holding.person) {
                    people.push(holding.person);
                }
            }
            // Of each title the new committee has one post.
            let key = base::text::tone_neutral(&post.signs_as);
            let same = |it: &&mut PlannedPost| base::text::tone_neutral(&it.title) == key;
            let roles = roles_of(chart, post.id, eve);
            match posts.iter_mut().find(same) {
                Some(known) => {
                    for (role, to) in roles {
                        let end = known.roles.entry(role).or_insert(to);
                        *end = to.max(*end);
                    }
                }
                None => posts.push(PlannedPost {
                    title: post.signs_as.clone(),
                    leads: post.leads,
                    rank: post.rank,
                    places: post.places,
                    roles,
                }),
            }
            rows.push((post.clone(), held));
        }
        ending.push((id, rows));
    }
    posts.sort_by_key(|post| post.rank);
    let has_one = agencies
        .values()
        .filter_map(|it| it.at(on))
        .any(|it| it.facts.unit == Some(unit) && it.facts.kind == AgencyKind::Committee);
    let name = (!has_one).then(|| committee_name(first));
    Ok(Rehearsed { unit, on, ending, name, posts, people })
}

/// The roles that a post has on a day where its agency is. What was given for another unit was
/// decided for that one, and is decided anew.
fn roles_of(chart: &Chart, post: PostId, day: Day) -> BTreeMap<String, Day> {
    let given = chart.assignments.iter().filter(|it| it.bearer == Bearer::Post(post));
    let given = given.filter(|it| it.unit.is_none() && it.valid.contains(day));
    // What would end with the merger itself is over.
    let goes_on = given.filter(|it| it.valid.to > day.plus(1));
    goes_on.map(|it| (it.role.clone(), it.valid.to)).collect()
}

/// The committees of the units that ended in one, as far as they go on.
pub(super) fn former_committees(
    territory: &Territory,
    agencies: &BTreeMap<AgencyId, Agency>,
    unit: UnitId,
) -> Vec<AgencyId> {
    let mut former = Vec::new();
    for link in territory.predecessors(unit) {
        // A unit that goes on, or that went to several, keeps its committee until that is decided.
        let ended = territory.unit(link.unit).is_some_and(|it| it.valid().to <= link.on);
        if !ended || territory.successors(link.unit).first().map(|it| it.unit) != Some(unit) {
            continue;
        }
        let serving = agencies.values().filter(|it| {
            let version = it.at(link.on);
            version.is_some_and(|version| {
                version.facts.unit == Some(link.unit) && version.facts.kind == AgencyKind::Committee
            })
        });
        former.extend(serving.map(|it| it.id));
    }
    former.sort_unstable();
    former.dedup();
    former
}

/// Carries out what was rehearsed: the former committees end with their posts and who held them, the
/// new one begins with the same posts and their roles, all vacant. Gives the new committee.
///
/// Errors: those of [`rehearse`]; `Invalid` at `decision`; `Refused` `organisation.nothing_to_end`
/// when no former committee is left, `organisation.has_committee` when the unit has one already,
/// `organisation.has_parts`.
pub async fn apply(tx: &mut Tx, cx: Context<'_>, unit: UnitId, decision: &str) -> Result<AgencyId> {
    journal::lock(tx).await?;
    let agencies = sql::agencies(tx).await?;
    let former = former_committees(cx.territory, &agencies, unit);
    let chart = sql::chart(tx, &former).await?;
    let rehearsed = rehearse(cx.territory, &agencies, &chart, unit)?;
    if former.is_empty() {
        let code = "organisation.nothing_to_end";
        return Err(Error::refused(code, lang::organisation::nothing_to_end));
    }
    let Some(name) = rehearsed.name else {
        let code = "organisation.has_committee";
        return Err(Error::refused(code, lang::organisation::has_committee));
    };
    let on = rehearsed.on;
    let version = cx.territory.at(unit, on);
    let above = version.and_then(|version| version.parent);
    let serving = agencies.values().filter_map(|it| it.at(on));
    let parent = serving.filter(|it| it.facts.kind == AgencyKind::Committee);
    let parent = parent.filter(|it| above.is_some() && it.facts.unit == above);
    let facts = AgencyFacts {
        name,
        short_name: String::new(),
        symbol: String::new(),
        kind: AgencyKind::Committee,
        parent: parent.map(|it| it.id).next(),
        unit: Some(unit),
    };
    let made_up = former.iter().any(|id| agencies.get(id).is_some_and(Agency::made_up));
    let mut others = agencies.clone();
    // One that serves a unit which is gone by then is about to end as well: its name is free.
    let is_left_over = |agency: &Agency| {
        let unit = agency.at(on).and_then(|version| version.facts.unit);
        unit.is_some_and(|unit| cx.territory.at(unit, on).is_none())
    };
    others.retain(|id, agency| !former.contains(id) && !is_left_over(agency));
    let new = NewAgency { facts, on, decision: decision.to_owned(), made_up };
    let new = new_agency(cx, &others, &new)?;
    let mut agency = Agency::new(new.id);
    agency.add(new.clone());
    let (ended, _) = end_in(tx, &agencies, &former, (on, Some(agency.id), decision)).await?;
    let mut records = vec![Record::Agency(new)];
    records.extend(ended);
    for PlannedPost { title, leads, rank, places, roles } in rehearsed.posts {
        let post = NewPost {
            agency: agency.id,
            title,
            signs_as: String::new(),
            leads,
            rank,
            places,
            from: on,
            decision: decision.to_owned(),
            made_up,
        };
        let post = new_post(cx, &agency, &[], &post)?;
        let role = |role| new_role(cx, post.id, role, (on, decision, made_up));
        records.extend(roles.into_iter().map(role));
        records.push(Record::Post(post));
    }
    let operation = NewOperation {
        kind: OperationKind::Committees,
        agency: (agency.id, agency.name(on)),
        unit: Some(unit),
        on,
        decision,
        made_up,
    };
    operate(tx, cx, ("organisation.merge_units", operation), records).await?;
    Ok(agency.id)
}

/// A role of a post of the new committee.
fn new_role(
    cx: Context<'_>,
    post: PostId,
    (role, to): (String, Day),
    (on, decision, made_up): (Day, &str, bool),
) -> Record {
    Record::Assignment(Assignment {
        id: AssignmentId(Id::new(cx.clock)),
        version: 1,
        role,
        bearer: Bearer::Post(post),
        unit: None,
        valid: DayRange { from: on, to },
        decision: base::text::clean(decision),
        made_up,
        entry: 0,
    })
}
