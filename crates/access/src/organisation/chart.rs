//! Part of the organisation in memory: some agencies with all that is known of their posts.

use std::collections::BTreeMap;

use base::Day;

use super::model::{
    Agency, AgencyId, Assignment, Delegate, Delegation, Holding, HoldingId, Person, PersonId, Post,
    PostId,
};

/// Agencies, posts, people, holdings and delegations by their ids. What a question needs was
/// loaded before; what was not is not there.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// The agencies.
    pub agencies: BTreeMap<AgencyId, Agency>,
    /// The posts.
    pub posts: BTreeMap<PostId, Post>,
    /// The people.
    pub people: BTreeMap<PersonId, Person>,
    /// Who holds what.
    pub holdings: BTreeMap<HoldingId, Holding>,
    /// Who signs for whom.
    pub delegations: Vec<Delegation>,
    /// The roles of these posts.
    pub assignments: Vec<Assignment>,
}

impl Chart {
    /// The posts of an agency on a day, in the order of signatures.
    #[must_use]
    pub fn posts_of(&self, agency: AgencyId, day: Day) -> Vec<&Post> {
        let is_there = |post: &&Post| post.agency == agency && post.valid.contains(day);
        let mut posts: Vec<&Post> = self.posts.values().filter(is_there).collect();
        posts.sort_by(|left, right| {
            let titles = || base::text::compare(&left.title, &right.title);
            left.rank.cmp(&right.rank).then_with(titles).then(left.id.cmp(&right.id))
        });
        posts
    }

    /// Who held a post on a day.
    #[must_use]
    pub fn who_held(&self, post: PostId, day: Day) -> Vec<&Holding> {
        super::rules::who_held(self.holdings.values(), post, day)
    }

    /// The holdings of a person on a day.
    pub(super) fn held_by(&self, person: PersonId, day: Day) -> impl Iterator<Item = &Holding> {
        let holdings = self.holdings.values();
        holdings.filter(move |it| it.person == person && it.valid.contains(day))
    }

    /// The delegations in force on a day, with the holding that each comes from.
    pub(super) fn delegated(&self, day: Day) -> impl Iterator<Item = (&Delegation, &Holding)> {
        let in_force = self.delegations.iter().filter(move |it| it.valid.contains(day));
        in_force.filter_map(move |it| {
            let holding = self.holdings.get(&it.holding)?;
            holding.valid.contains(day).then_some((it, holding))
        })
    }

    /// The name of a person.
    #[must_use]
    pub fn name(&self, person: PersonId) -> &str {
        self.people.get(&person).map_or("", |person| &person.name)
    }

    /// To whom a delegation goes, in words.
    pub(super) fn delegate(&self, to: Delegate) -> &str {
        match to {
            Delegate::Post(post) => self.posts.get(&post).map_or("", |post| &post.title),
            Delegate::Person(person) => self.name(person),
        }
    }
}
