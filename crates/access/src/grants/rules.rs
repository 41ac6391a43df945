//! What somebody may do, worked out from what stands: no database, no clock.

use std::collections::BTreeSet;

use base::rights::{Act, Rights, Scope};
use base::{Day, DayRange, Words};
use territory::{BasisMap, Territory, UnitId};

use super::role::{Grant, Purpose, Reach, Role};
use crate::organisation::{Agency, Assignment, Bearer, Holding, Post, unit_on};

/// Everything that bears on the rights of one account.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The day that is asked.
    pub day: Day,
    /// The roles that there are.
    pub roles: Vec<Role>,
    /// The purposes that there are.
    pub purposes: Vec<Purpose>,
    /// The holdings of the people who sign in with the account.
    pub holdings: Vec<Holding>,
    /// The posts that they hold or held.
    pub posts: Vec<Post>,
    /// The agencies of these posts and those above them.
    pub agencies: Vec<Agency>,
    /// What was assigned to these posts and to the account.
    pub assignments: Vec<Assignment>,
    /// Whether the session proved more than a password.
    pub has_second_factor: bool,
}

/// Whether a grant counts on the day, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    InForce,
    /// It waits for a second factor.
    AwaitsFactor,
    /// The post is not held on that day.
    NotHeld,
    /// The assignment does not hold on that day.
    NotAssigned,
    /// The role's grant is not in force on that day.
    NotGranted,
    /// It reaches over a unit, and the agency serves none on that day.
    NoUnit,
}

/// One line of what was given to somebody: who may do what, how far, and by which papers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What.
    pub act: Act,
    /// How far.
    pub reach: Reach,
    /// From which unit on, where the reach asks for one.
    pub root: Option<UnitId>,
    /// The role.
    pub role: String,
    /// The post by which it is had; none where the account itself has it.
    pub post: Option<Post>,
    /// The purposes for which personal data may be looked at.
    pub purposes: Vec<String>,
    /// When all of it holds together.
    pub valid: DayRange,
    /// The document that gives the power to the role.
    pub document: Words,
    /// The document that gave the role.
    pub decision: String,
    /// Whether it counts.
    pub standing: Standing,
}

/// Every line that bears on somebody, in the order of assignments and grants; also those that do
/// not count on the day, with the reason.
///
/// Law: none (house rule, decision 0021).
#[must_use]
pub fn work_out(facts: &Facts) -> Vec<Given> {
    let mut given = Vec::new();
    for assignment in &facts.assignments {
        let Some(role) = facts.roles.iter().find(|role| role.code == assignment.role) else {
            continue;
        };
        let bearing = bearing(facts, assignment);
        for (post, held) in bearing {
            let find = |id| facts.agencies.iter().find(|agency| agency.id == id);
            let of_post = |post: &Post| unit_on(find, post.agency, facts.day);
            let root = assignment.unit.or_else(|| post.as_ref().and_then(of_post));
            for grant in &role.grants {
                let line = |act| line(facts, (assignment, grant), (act, post.as_ref(), held, root));
                given.extend(grant.acts().map(line));
            }
        }
    }
    given
}

/// By what an assignment reaches the account: the post with the days when it is held, or itself.
fn bearing(facts: &Facts, assignment: &Assignment) -> Vec<(Option<Post>, DayRange)> {
    let Bearer::Post(id) = &assignment.bearer else {
        return vec![(None, DayRange { from: Day::MIN, to: Day::MAX })];
    };
    let post = facts.posts.iter().find(|post| post.id == *id);
    let held = facts.holdings.iter().filter(|holding| holding.post == *id);
    held.map(|holding| (post.cloned(), holding.valid)).collect()
}

fn line(
    facts: &Facts,
    (assignment, grant): (&Assignment, &Grant),
    (act, post, held, root): (Act, Option<&Post>, DayRange, Option<UnitId>),
) -> Given {
    let day = facts.day;
    let wants_unit = matches!(grant.reach, Reach::Unit | Reach::Subtree);
    let is_for = |code: &&String| {
        facts.purposes.iter().find(|it| it.code == **code).is_none_or(|it| it.fits(act))
    };
    let purposes: Vec<String> = grant.purposes.iter().filter(is_for).cloned().collect();
    // What may be looked at for nothing is not looked at.
    let is_without = purposes.is_empty() && !grant.purposes.is_empty();
    let standing = if !held.contains(day) {
        Standing::NotHeld
    } else if !assignment.valid.contains(day) {
        Standing::NotAssigned
    } else if !grant.valid().contains(day) || is_without {
        Standing::NotGranted
    } else if wants_unit && root.is_none() {
        Standing::NoUnit
    } else if act.wants_second_factor() && !facts.has_second_factor {
        Standing::AwaitsFactor
    } else {
        Standing::InForce
    };
    Given {
        act,
        reach: grant.reach,
        root: root.filter(|_| wants_unit),
        role: assignment.role.clone(),
        post: post.cloned(),
        purposes,
        valid: both(both(held, assignment.valid), grant.valid()),
        document: grant.document.clone(),
        decision: assignment.decision.clone(),
        standing,
    }
}

fn both(left: DayRange, right: DayRange) -> DayRange {
    let from = left.from.max(right.from);
    DayRange { from, to: left.to.min(right.to).max(from) }
}

/// The rights that the lines make on the map of the day.
#[must_use]
pub fn rights(given: &[Given], territory: &Territory, map: &BasisMap) -> Rights {
    let mut rights = Rights::NONE;
    for line in given {
        match line.standing {
            Standing::InForce => {
                rights.grant(line.act, scope(line, territory, map));
                rights.allow_for(line.act, line.purposes.iter().cloned());
            }
            Standing::AwaitsFactor => rights.hold_back(line.act),
            _ => {}
        }
    }
    rights
}

fn scope(line: &Given, territory: &Territory, map: &BasisMap) -> Scope {
    let units = |root: Option<UnitId>, is_deep| match root {
        Some(root) => units_of(territory, map, (root, is_deep)),
        None => BTreeSet::new(),
    };
    match line.reach {
        Reach::Province => Scope::everywhere(),
        Reach::Own => Scope { own: true, ..Scope::default() },
        Reach::Unit => Scope { units: units(line.root, false), ..Scope::default() },
        Reach::Subtree => Scope { units: units(line.root, true), ..Scope::default() },
    }
}

/// The units of whatever time whose records lie on a unit of the map, or below it: whoever has a
/// commune has what the communes left that became it. Of a unit that went to several, each has it.
fn units_of(
    territory: &Territory,
    map: &BasisMap,
    (root, is_deep): (UnitId, bool),
) -> BTreeSet<i64> {
    let lies = |unit: UnitId| unit == root || is_deep && map.ancestors(unit).contains(&root);
    let holds = |unit: UnitId| {
        let mut landings = map.landings(unit).iter();
        // What nobody succeeded is raised to a unit above, which does not make it that unit's own.
        landings.any(|landing| lies(landing.unit) && (is_deep || !landing.raised))
    };
    territory.units().iter().map(|unit| unit.id).filter(|id| holds(*id)).map(|id| id.0).collect()
}
