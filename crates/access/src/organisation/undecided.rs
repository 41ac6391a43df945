//! What a merger of committees does not decide by itself, and what it does to whatever hangs on them.

use std::collections::{BTreeMap, BTreeSet};

use base::Day;
use territory::{Territory, UnitId};

use super::chart::Chart;
use super::merger::Rehearsed;
use super::model::{
    Agency, AgencyId, Assignment, Bearer, Delegate, Delegation, Event, Holding, PersonId, Places,
    Post, PostId,
};

/// Something that somebody has to decide, before or after the merger is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undecided {
    /// Several people hold the post that the new committee has once.
    Several {
        /// Its title.
        title: String,
        /// Who holds it on the eve.
        people: Vec<PersonId>,
    },
    /// Nobody holds it on the eve.
    Nobody {
        /// Its title.
        title: String,
    },
    /// The posts of this title lead, rank or are held by many in one committee and not in another; the
    /// new one is like that of the first.
    Differs {
        /// Its title.
        title: String,
    },
    /// A role was given until several days; the new post has it until the last of them.
    RoleEnds {
        /// The title of the post.
        title: String,
        /// The role.
        role: String,
        /// The last of these days, not included.
        to: Day,
    },
    /// A role was given to a post for another unit than that of the committee: it ends with the post.
    RoleElsewhere {
        /// The post.
        post: PostId,
        /// The role.
        role: String,
        /// The unit.
        unit: UnitId,
    },
    /// An account has a role for one of the former units, which goes on without reaching the new one.
    AccountRole {
        /// The account, by its id.
        account: String,
        /// The role.
        role: String,
        /// The former unit.
        unit: UnitId,
    },
    /// Somebody who held a post has no account, so that a new post gives no right.
    NoAccount {
        /// Who.
        person: PersonId,
    },
}

/// What follows from a rehearsal besides the new committee's posts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Consequences {
    /// What is to be decided.
    pub undecided: Vec<Undecided>,
    /// Delegations that end.
    pub delegations: Vec<Delegation>,
    /// Appointments that would begin on the day or later, and never take effect.
    pub never: Vec<Holding>,
    /// Agencies below the former committees, which go over to the new one.
    pub moving: Vec<AgencyId>,
}

/// Works out what follows from a rehearsal. `given` are the roles of all accounts and posts.
///
/// Law: none (house rule, decision 0020): nobody is appointed by a merger.
#[must_use]
pub fn consequences(
    (territory, agencies): (&Territory, &BTreeMap<AgencyId, Agency>),
    (chart, given): (&Chart, &[Assignment]),
    rehearsed: &Rehearsed,
) -> Consequences {
    let on = rehearsed.on;
    let former: BTreeSet<AgencyId> = rehearsed.ending.iter().map(|(id, _)| *id).collect();
    let ours = |post: PostId| chart.posts.get(&post).is_some_and(|it| former.contains(&it.agency));
    let ends = |valid: base::DayRange| valid.to > on && valid.from < valid.to;
    let of_ours = |it: &&Delegation| {
        let from = chart.holdings.get(&it.holding).is_some_and(|it| ours(it.post));
        ends(it.valid) && (from || matches!(it.to, Delegate::Post(post) if ours(post)))
    };
    let is_below = |it: &&Agency| {
        let last = it.last().filter(|version| version.event != Event::Ended);
        let parent = last.and_then(|version| version.facts.parent);
        !former.contains(&it.id) && parent.is_some_and(|parent| former.contains(&parent))
    };
    let begins = |it: &&Holding| ours(it.post) && it.valid.from >= on && ends(it.valid);
    let mut undecided = of_posts(chart, rehearsed);
    undecided.extend(of_roles((territory, chart), rehearsed, (given, &ours)));
    Consequences {
        undecided,
        delegations: chart.delegations.iter().filter(of_ours).cloned().collect(),
        never: chart.holdings.values().filter(begins).cloned().collect(),
        moving: agencies.values().filter(is_below).map(|it| it.id).collect(),
    }
}

/// The posts of the former committees that become one post, by its title.
fn together<'a>(rehearsed: &'a Rehearsed, title: &str) -> Vec<(&'a Post, &'a [Holding])> {
    let key = base::text::tone_neutral(title);
    let all = rehearsed.ending.iter().flat_map(|(_, posts)| posts);
    let same = all.filter(|(post, _)| base::text::tone_neutral(&post.signs_as) == key);
    same.map(|(post, held)| (post, held.as_slice())).collect()
}

fn of_posts(chart: &Chart, rehearsed: &Rehearsed) -> Vec<Undecided> {
    let mut undecided = Vec::new();
    for planned in &rehearsed.posts {
        let title = planned.title.clone();
        let former = together(rehearsed, &title);
        let mut people: Vec<PersonId> =
            former.iter().flat_map(|(_, held)| held.iter().map(|it| it.person)).collect();
        people.sort_unstable();
        people.dedup();
        match people.len() {
            0 => undecided.push(Undecided::Nobody { title: title.clone() }),
            2.. if planned.places == Places::One => {
                undecided.push(Undecided::Several { title: title.clone(), people });
            }
            _ => {}
        }
        let is_alike = |(post, _): &(&Post, &[Holding])| {
            (post.leads, post.rank, post.places) == (planned.leads, planned.rank, planned.places)
        };
        if !former.iter().all(is_alike) {
            undecided.push(Undecided::Differs { title });
        }
    }
    let known = |id: &PersonId| chart.people.get(id).is_some_and(|it| it.account.is_none());
    let without = rehearsed.people.iter().filter(|id| known(id));
    undecided.extend(without.map(|person| Undecided::NoAccount { person: *person }));
    undecided
}

fn of_roles(
    (territory, chart): (&Territory, &Chart),
    rehearsed: &Rehearsed,
    (given, ours): (&[Assignment], &dyn Fn(PostId) -> bool),
) -> Vec<Undecided> {
    let on = rehearsed.on;
    let mut undecided = Vec::new();
    for planned in &rehearsed.posts {
        let posts: BTreeSet<PostId> =
            together(rehearsed, &planned.title).iter().map(|(post, _)| post.id).collect();
        for (role, to) in &planned.roles {
            let same = |it: &&Assignment| {
                let post = it.bearer.apart().0;
                it.role == *role
                    && it.unit.is_none()
                    && it.valid.to > on
                    && it.valid.contains(on.plus(-1))
                    && post.is_some_and(|post| posts.contains(&post))
            };
            if chart.assignments.iter().filter(same).any(|it| it.valid.to != *to) {
                let title = planned.title.clone();
                undecided.push(Undecided::RoleEnds { title, role: role.clone(), to: *to });
            }
        }
    }
    let units: BTreeSet<UnitId> =
        territory.predecessors(rehearsed.unit).iter().map(|link| link.unit).collect();
    for it in given.iter().filter(|it| it.valid.to > on && it.valid.from < it.valid.to) {
        let role = it.role.clone();
        match (&it.bearer, it.unit) {
            (Bearer::Post(post), Some(unit)) if ours(*post) => {
                undecided.push(Undecided::RoleElsewhere { post: *post, role, unit });
            }
            (Bearer::Account(account), Some(unit)) if units.contains(&unit) => {
                let account = account.clone();
                undecided.push(Undecided::AccountRole { account, role, unit });
            }
            _ => {}
        }
    }
    undecided
}
