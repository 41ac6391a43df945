//! The flow of states: what an act on one sheet means for it, for those below and for those above.
//!
//! No database, no clock: [`decide`] is given the sheets as they stand and says which of them move.
//! Law: none (house rule, decision 0015).

use territory::UnitId;

use super::model::{Action, State};
use super::obstacles::Obstacles;

/// What a unit is in the flow of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rank {
    /// It reports: its counts are what is handed in.
    Reporter,
    /// It checks those below it.
    Checker,
    /// It approves, and locks all below it.
    Approver,
}

/// A sheet as it stands before an act.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) unit: UnitId,
    pub(crate) rank: Rank,
    /// The place of the sheet above it.
    pub(crate) above: Option<usize>,
    pub(crate) state: State,
    /// Whether a sheet below was opened again since this one was checked or approved.
    pub(crate) reopened_below: bool,
    /// Of a reporter: whether all was reported and no finding forbids to hand it in.
    pub(crate) is_ready: bool,
    /// Of a reporter: whether its counts are others than those handed in.
    pub(crate) has_changed: bool,
    /// Of a reporter: whether a finding waits for somebody to settle it.
    pub(crate) is_unsettled: bool,
}

impl Node {
    /// Whether there is nothing that stands by these figures: never handed in, or changed since.
    const fn is_open(&self) -> bool {
        matches!(self.state, State::Open) || (!self.state.is_locked() && self.has_changed)
    }

    /// Locked, and nothing below was opened since.
    const fn rests(&self) -> bool {
        self.state.is_locked() && !self.reopened_below
    }
}

/// The sheets that an act can reach, and the one that it is done on.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) at: usize,
}

/// What becomes of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Move {
    pub(crate) at: usize,
    pub(crate) state: State,
    pub(crate) reopened_below: bool,
}

/// Why an act is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// A unit of this rank does not do it.
    NotHere,
    /// It is locked; it must be opened again first.
    Locked,
    /// It is not locked, so there is nothing to open.
    NotLocked,
    /// Nothing would change.
    Nothing,
    /// Something is not reported yet, or a finding forbids it.
    NotReady,
    /// It needs a reason.
    ReasonNeeded,
    /// It needs a reason, because of these.
    Obstacles(Obstacles),
}

/// What an act on a sheet means; with a reason it goes on in spite of what is missing.
pub(crate) fn decide(tree: &Tree, action: Action, has_reason: bool) -> Result<Vec<Move>, Why> {
    let Some(own) = tree.nodes.get(tree.at) else { return Err(Why::NotHere) };
    match action {
        Action::Submit => submit(tree, own),
        Action::Check => check(tree, own, has_reason),
        Action::Approve => approve(tree, own, has_reason),
        Action::Return => give_back(tree, own, has_reason),
        Action::Reopen => reopen(tree, own, has_reason),
    }
}

/// Which acts a sheet allows, given a reason where one is needed.
pub(crate) fn offers(tree: &Tree) -> Vec<Action> {
    Action::ALL.into_iter().filter(|action| decide(tree, *action, true).is_ok()).collect()
}

/// Whether a version can follow another: by this act, done on the unit itself or on one above or
/// below it. What the database holds is held against this by `sogoc verify`.
pub(crate) const fn can_follow(
    (before, action, after): (State, Action, State),
    is_own: bool,
) -> bool {
    use State::{Approved, Checked, Closed, Open, Submitted};
    match (action, is_own) {
        (Action::Submit, _) => {
            matches!((before, after), (Open | Submitted | Checked, Submitted))
        }
        (Action::Check, true) => {
            matches!((before, after), (Open | Checked | Approved | Closed, Checked))
        }
        (Action::Check, false) => matches!((before, after), (Submitted, Checked)),
        (Action::Approve, true) => matches!((before, after), (Open | Approved, Approved)),
        (Action::Approve, false) => matches!(
            (before, after),
            (Checked, Approved | Closed) | (Open | Submitted | Approved | Closed, Closed)
        ),
        (Action::Return, true) => matches!((before, after), (Submitted | Checked, Open)),
        (Action::Return, false) => matches!((before, after), (Checked, Open)),
        (Action::Reopen, true) => matches!((before, after), (Approved | Closed, Open)),
        (Action::Reopen, false) => matches!(
            (before, after),
            (Submitted, Submitted) | (Checked, Checked) | (Approved, Approved) | (Closed, Closed)
        ),
    }
}

fn to(at: usize, state: State) -> Move {
    Move { at, state, reopened_below: false }
}

impl Tree {
    /// The places of the sheets below one.
    pub(super) fn below(&self, at: usize) -> impl Iterator<Item = (usize, &Node)> {
        let lies_below = move |(place, _): &(usize, &Node)| {
            *place != at && self.chain(*place).any(|above| above == at)
        };
        self.nodes.iter().enumerate().filter(lies_below)
    }

    /// The places of the sheets above one, from the nearest up.
    fn chain(&self, at: usize) -> impl Iterator<Item = usize> {
        let above = |at: &usize| self.nodes.get(*at)?.above;
        std::iter::successors(self.nodes.get(at).and_then(|node| node.above), above)
    }
}

fn submit(tree: &Tree, own: &Node) -> Result<Vec<Move>, Why> {
    if own.rank == Rank::Reporter {
        return match own {
            _ if own.state.is_locked() => Err(Why::Locked),
            _ if !own.is_open() => Err(Why::Nothing),
            _ if !own.is_ready => Err(Why::NotReady),
            _ => Ok(vec![to(tree.at, State::Submitted)]),
        };
    }
    let ready = tree.below(tree.at).filter(|(_, node)| {
        node.rank == Rank::Reporter && !node.state.is_locked() && node.is_open() && node.is_ready
    });
    let moves: Vec<Move> = ready.map(|(at, _)| to(at, State::Submitted)).collect();
    if moves.is_empty() { Err(Why::Nothing) } else { Ok(moves) }
}

fn check(tree: &Tree, own: &Node, has_reason: bool) -> Result<Vec<Move>, Why> {
    if own.rank != Rank::Checker {
        return Err(Why::NotHere);
    }
    if own.rests() {
        return Err(Why::Locked);
    }
    let taken = tree.below(tree.at).filter(|(_, node)| {
        node.above == Some(tree.at) && node.state == State::Submitted && !node.has_changed
    });
    let mut moves: Vec<Move> = taken.map(|(at, _)| to(at, State::Checked)).collect();
    if own.state == State::Checked && moves.is_empty() && !own.reopened_below {
        return Err(Why::Nothing);
    }
    go_on(tree, has_reason)?;
    moves.push(to(tree.at, State::Checked));
    Ok(moves)
}

fn approve(tree: &Tree, own: &Node, has_reason: bool) -> Result<Vec<Move>, Why> {
    if own.rank != Rank::Approver {
        return Err(Why::NotHere);
    }
    if own.rests() {
        return Err(Why::Locked);
    }
    go_on(tree, has_reason)?;
    let mut moves: Vec<Move> = tree
        .below(tree.at)
        .filter(|(_, node)| !node.rests())
        .map(|(at, node)| {
            let came_all_the_way = node.state == State::Checked && !node.has_changed;
            to(at, if came_all_the_way { State::Approved } else { State::Closed })
        })
        .collect();
    moves.push(to(tree.at, State::Approved));
    Ok(moves)
}

fn give_back(tree: &Tree, own: &Node, has_reason: bool) -> Result<Vec<Move>, Why> {
    match own.rank {
        Rank::Approver => return Err(Why::NotHere),
        _ if own.state.is_locked() => return Err(Why::Locked),
        _ if own.state == State::Open => return Err(Why::Nothing),
        _ if !has_reason => return Err(Why::ReasonNeeded),
        _ => {}
    }
    // Whoever checked it above has checked something that is no longer there.
    let mut moves = vec![to(tree.at, State::Open)];
    let above = tree.chain(tree.at).filter(|at| tree.nodes[*at].state == State::Checked);
    moves.extend(above.map(|at| to(at, State::Open)));
    Ok(moves)
}

fn reopen(tree: &Tree, own: &Node, has_reason: bool) -> Result<Vec<Move>, Why> {
    match own.rank {
        // Those above hold no counts of their own.
        Rank::Checker | Rank::Approver => return Err(Why::NotHere),
        Rank::Reporter if !own.state.is_locked() => return Err(Why::NotLocked),
        Rank::Reporter if !has_reason => return Err(Why::ReasonNeeded),
        Rank::Reporter => {}
    }
    let mut moves = vec![to(tree.at, State::Open)];
    for at in tree.chain(tree.at) {
        let node = &tree.nodes[at];
        if node.state != State::Open && !node.reopened_below {
            moves.push(Move { at, state: node.state, reopened_below: true });
        }
    }
    Ok(moves)
}

fn go_on(tree: &Tree, has_reason: bool) -> Result<(), Why> {
    let obstacles = obstacles(tree);
    if obstacles.is_empty() || has_reason { Ok(()) } else { Err(Why::Obstacles(obstacles)) }
}

/// What is missing for the sheet that is acted on to be checked or approved.
pub(crate) fn obstacles(tree: &Tree) -> Obstacles {
    let mut found = Obstacles::default();
    for (_, node) in tree.below(tree.at).filter(|(_, node)| !node.rests()) {
        let is_last_step = node.above == Some(tree.at);
        match (node.rank, node.state) {
            (Rank::Reporter, State::Open) => found.missing.push(node.unit),
            (Rank::Reporter, _) if node.has_changed => found.changed.push(node.unit),
            (Rank::Reporter, State::Submitted) if !is_last_step => found.unchecked.push(node.unit),
            (Rank::Checker, state) if state != State::Checked => found.unchecked.push(node.unit),
            _ => {}
        }
        if node.is_unsettled && matches!(node.state, State::Submitted | State::Checked) {
            found.unsettled.push(node.unit);
        }
    }
    found
}
