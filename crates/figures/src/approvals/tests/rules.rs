//! The flow of states in a table, and over random sequences.

use proptest::prelude::*;

use super::super::obstacles::Obstacles;
use super::super::rules::{Move, Node, Tree, Why, can_follow, decide, offers};
use super::*;

use Action::{Approve, Check, Reopen, Return, Submit};
use State::{Approved, Checked, Closed, Open, Submitted};

/// A province (0), two communes (1, 2), two hamlets in the first (3, 4) and one in the second (5).
fn tree(at: usize, states: [State; 6]) -> Tree {
    let ranks = [
        (Rank::Approver, None),
        (Rank::Checker, Some(0)),
        (Rank::Checker, Some(0)),
        (Rank::Reporter, Some(1)),
        (Rank::Reporter, Some(1)),
        (Rank::Reporter, Some(2)),
    ];
    let node = |(place, ((rank, above), state)): (usize, ((Rank, Option<usize>), State))| Node {
        unit: UnitId(place as i64),
        rank,
        above,
        state,
        reopened_below: false,
        is_ready: true,
        has_changed: false,
        is_unsettled: false,
    };
    Tree { nodes: ranks.into_iter().zip(states).enumerate().map(node).collect(), at }
}

const NEW: [State; 6] = [Open; 6];
const HANDED_IN: [State; 6] = [Open, Open, Open, Submitted, Submitted, Submitted];
const HALF: [State; 6] = [Open, Checked, Open, Checked, Checked, Submitted];
const ALL_CHECKED: [State; 6] = [Open, Checked, Checked, Checked, Checked, Checked];
const LOCKED: [State; 6] = [Approved; 6];

fn moves(list: &[(usize, State)]) -> Result<Vec<(usize, State)>, Why> {
    Ok(list.to_vec())
}

fn decided(tree: &Tree, action: Action, reason: bool) -> Result<Vec<(usize, State)>, Why> {
    let moves = decide(tree, action, reason)?;
    Ok(moves.into_iter().map(|it| (it.at, it.state)).collect())
}

fn missing(units: &[i64]) -> Obstacles {
    Obstacles { missing: units.iter().map(|unit| UnitId(*unit)).collect(), ..Obstacles::default() }
}

#[test]
fn an_act_moves_what_it_reaches_or_says_why_not() {
    let unchecked = |missing: &[i64], unchecked: &[i64]| {
        let unchecked = unchecked.iter().map(|unit| UnitId(*unit)).collect();
        Obstacles { unchecked, ..self::missing(missing) }
    };
    for (at, states, action, reason, expected) in [
        (3, NEW, Submit, false, moves(&[(3, Submitted)])),
        (3, HANDED_IN, Submit, false, Err(Why::Nothing)),
        (3, LOCKED, Submit, false, Err(Why::Locked)),
        (1, NEW, Submit, false, moves(&[(3, Submitted), (4, Submitted)])),
        (1, HANDED_IN, Submit, false, Err(Why::Nothing)),
        (3, HANDED_IN, Check, false, Err(Why::NotHere)),
        (0, HANDED_IN, Check, false, Err(Why::NotHere)),
        (1, HANDED_IN, Check, false, moves(&[(3, Checked), (4, Checked), (1, Checked)])),
        (1, NEW, Check, false, Err(Why::Obstacles(missing(&[3, 4])))),
        (1, NEW, Check, true, moves(&[(1, Checked)])),
        (1, HALF, Check, true, Err(Why::Nothing)),
        (1, LOCKED, Check, true, Err(Why::Locked)),
        (1, ALL_CHECKED, Approve, true, Err(Why::NotHere)),
        (
            0,
            ALL_CHECKED,
            Approve,
            false,
            moves(&[
                (1, Approved),
                (2, Approved),
                (3, Approved),
                (4, Approved),
                (5, Approved),
                (0, Approved),
            ]),
        ),
        (0, HALF, Approve, false, Err(Why::Obstacles(unchecked(&[], &[2, 5])))),
        (
            0,
            HALF,
            Approve,
            true,
            moves(&[
                (1, Approved),
                (2, Closed),
                (3, Approved),
                (4, Approved),
                (5, Closed),
                (0, Approved),
            ]),
        ),
        (0, NEW, Approve, false, Err(Why::Obstacles(unchecked(&[3, 4, 5], &[1, 2])))),
        (0, LOCKED, Approve, true, Err(Why::Locked)),
        (3, HALF, Return, false, Err(Why::ReasonNeeded)),
        (3, HALF, Return, true, moves(&[(3, Open), (1, Open)])),
        (1, HALF, Return, true, moves(&[(1, Open)])),
        (3, NEW, Return, true, Err(Why::Nothing)),
        (0, HALF, Return, true, Err(Why::NotHere)),
        (3, LOCKED, Return, true, Err(Why::Locked)),
        (3, LOCKED, Reopen, false, Err(Why::ReasonNeeded)),
        (3, LOCKED, Reopen, true, moves(&[(3, Open), (1, Approved), (0, Approved)])),
        (1, LOCKED, Reopen, true, Err(Why::NotHere)),
        (3, HALF, Reopen, true, Err(Why::NotLocked)),
    ] {
        let tree = tree(at, states);
        assert_eq!(decided(&tree, action, reason), expected, "{action:?} at {at} of {states:?}");
    }
}

#[test]
fn what_changed_or_stands_out_is_in_the_way() {
    let with = |at: usize, states: [State; 6], change: fn(&mut Node)| {
        let mut tree = tree(at, states);
        change(&mut tree.nodes[3]);
        tree
    };
    let not_ready = with(3, NEW, |node| node.is_ready = false);
    assert_eq!(decided(&not_ready, Submit, true), Err(Why::NotReady));
    let one_of_two = with(1, NEW, |node| node.is_ready = false);
    assert_eq!(decided(&one_of_two, Submit, false), moves(&[(4, Submitted)]));
    // What changed since it was handed in is as good as not handed in, and can be handed in again.
    let changed = with(3, HALF, |node| node.has_changed = true);
    assert_eq!(decided(&changed, Submit, false), moves(&[(3, Submitted)]));
    let changed = with(1, HANDED_IN, |node| node.has_changed = true);
    let why = Obstacles { changed: vec![UnitId(3)], ..Obstacles::default() };
    assert_eq!(decided(&changed, Check, false), Err(Why::Obstacles(why)));
    assert_eq!(decided(&changed, Check, true), moves(&[(4, Checked), (1, Checked)]));
    let changed = with(0, ALL_CHECKED, |node| node.has_changed = true);
    let approved = decided(&changed, Approve, true).unwrap();
    assert!(approved.contains(&(3, Closed)) && approved.contains(&(4, Approved)), "{approved:?}");
    let unsettled = with(1, HANDED_IN, |node| node.is_unsettled = true);
    let why = Obstacles { unsettled: vec![UnitId(3)], ..Obstacles::default() };
    assert_eq!(decided(&unsettled, Check, false), Err(Why::Obstacles(why)));
    assert_eq!(decided(&unsettled, Check, true).unwrap().len(), 3);
}

#[test]
fn what_was_opened_again_comes_back_by_the_same_steps() {
    let mut tree = tree(3, LOCKED);
    let mut go = |at: usize, action: Action, reason: bool| {
        tree.at = at;
        let moves = decide(&tree, action, reason).unwrap();
        for it in &moves {
            tree.nodes[it.at].state = it.state;
            tree.nodes[it.at].reopened_below = it.reopened_below;
        }
        let flags = tree.nodes.iter().map(|node| node.reopened_below).collect::<Vec<_>>();
        (moves.len(), flags)
    };
    assert_eq!(go(3, Reopen, true), (3, vec![true, true, false, false, false, false]));
    assert_eq!(go(3, Submit, false).0, 1);
    assert_eq!(go(1, Check, false), (2, vec![true, false, false, false, false, false]));
    // The one beside it and the other commune stay locked as they are.
    assert_eq!(go(0, Approve, false), (3, vec![false; 6]));
    assert!(tree.nodes.iter().all(|node| node.state == Approved));
}

/// A step of a random history.
#[derive(Clone, Debug)]
enum Step {
    Act(usize, Action, bool),
    /// Somebody changes the counts of a hamlet.
    Count(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let act = (0..6_usize, 0..5_usize, any::<bool>())
        .prop_map(|(at, action, reason)| Step::Act(at, Action::ALL[action], reason));
    // Acts that lead on are tried more often, so that many histories come to the end.
    let on = (0..6_usize)
        .prop_map(|at| Step::Act(at, [Approve, Check, Check, Submit, Submit, Submit][at], true));
    let count = (3..6_usize).prop_map(Step::Count);
    prop::collection::vec(prop_oneof![2 => act, 5 => on, 1 => count], 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Nothing changes in a locked period, every lock has its path, and opening again opens one.
    #[test]
    fn nothing_changes_in_a_locked_period_and_every_lock_has_its_path(steps in steps()) {
        let mut tree = tree(0, NEW);
        let mut counts = [0_u32; 6];
        let mut handed_in = [None; 6];
        let mut locked_as = [None; 6];
        let mut path: [Vec<Action>; 6] = Default::default();
        for step in steps {
            match step {
                Step::Count(at) => {
                    if !tree.nodes[at].state.is_locked() {
                        counts[at] += 1;
                    }
                }
                Step::Act(at, action, reason) => {
                    tree.at = at;
                    let offered = offers(&tree).contains(&action);
                    let Ok(moves) = decide(&tree, action, reason) else {
                        prop_assert!(!reason || !offered);
                        continue;
                    };
                    let before: Vec<State> = tree.nodes.iter().map(|node| node.state).collect();
                    for Move { at: place, state, reopened_below } in moves {
                        let step = (before[place], action, state);
                        prop_assert!(can_follow(step, place == at), "{step:?} at {place}");
                        tree.nodes[place].state = state;
                        tree.nodes[place].reopened_below = reopened_below;
                        if before[place] != state {
                            path[place].push(action);
                        }
                        if (action, state) == (Submit, Submitted) {
                            handed_in[place] = Some(counts[place]);
                        }
                        locked_as[place] = state.is_locked().then(|| {
                            locked_as[place].filter(|_| before[place].is_locked())
                                .unwrap_or(counts[place])
                        });
                    }
                    let opened = (0..6).filter(|it| before[*it].is_locked()
                        && !tree.nodes[*it].state.is_locked()).count();
                    match action {
                        Reopen => prop_assert_eq!(opened, 1),
                        // A level above that checks again what was opened below it.
                        Check => prop_assert!(opened <= 1),
                        _ => prop_assert_eq!(opened, 0),
                    }
                    if action == Approve {
                        prop_assert!(tree.nodes.iter().all(|node| node.state.is_locked()));
                    }
                }
            }
            for at in 3..6 {
                let node = &mut tree.nodes[at];
                node.has_changed = handed_in[at].is_some_and(|it| it != counts[at]);
                if let Some(locked_as) = locked_as[at].filter(|_| node.state.is_locked()) {
                    prop_assert_eq!(locked_as, counts[at], "a locked count changed");
                }
                if node.state == Approved {
                    let tail: Vec<Action> = path[at].iter().rev().take(3).rev().copied().collect();
                    prop_assert_eq!(tail, vec![Submit, Check, Approve]);
                    prop_assert_eq!(handed_in[at], Some(counts[at]));
                }
            }
        }
    }
}
