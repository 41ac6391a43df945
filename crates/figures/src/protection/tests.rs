//! Which units are put together: a table, and what holds for any numbers.

use proptest::prelude::*;

use super::rules::{Group, Leaf, Row, group, is_safe};

/// Two communes (100, 200) of a province (1) with hamlets 10, 11, 12 and 20, 21.
fn leaves() -> Vec<Leaf> {
    let homes = [(10, 100), (11, 100), (12, 100), (20, 200), (21, 200)];
    let leaf = |(member, (hamlet, commune)): (usize, (i64, i64))| {
        let places = vec![(0, 1), (0, hamlet), (0, commune)];
        Leaf { members: vec![member], around: places.clone(), within: places }
    };
    homes.into_iter().enumerate().map(leaf).collect()
}

fn count(values: &[i64]) -> Row {
    Row { threshold: 5, values: values.to_vec(), rest_of: None }
}

fn members(groups: &[Group]) -> Vec<&[usize]> {
    assert!(groups.iter().all(|group| group.is_safe), "{groups:?}");
    groups.iter().map(|group| &*group.members).collect()
}

#[test]
fn a_small_number_joins_whom_it_costs_least() {
    for (values, expected) in [
        // Nothing is small; and nothing is nothing.
        (&[5, 9, 0, 8, 7][..], &[][..]),
        // The smallest that makes it large enough, of its own commune.
        (&[3, 40, 9, 6, 7], &[&[0, 2][..]]),
        (&[3, 40, 0, 6, 7], &[&[0, 1]]),
        // Two small ones need nobody else.
        (&[3, 4, 9, 6, 7], &[&[0, 1]]),
        // A whole commune is small: it is hidden with another one.
        (&[3, 0, 0, 6, 7], &[&[0, 3]]),
        (&[3, 0, 0, 4, 7], &[&[0, 3]]),
        (&[1, 1, 1, 1, 1], &[&[0, 1, 2, 3, 4]]),
    ] {
        let groups = group(&leaves(), &[count(values)], &[]);
        assert_eq!(members(&groups), expected, "{values:?}");
    }
}

#[test]
fn what_is_left_of_a_whole_may_be_neither_small_nor_nothing() {
    // 3 of 3 households in the first hamlet; in the second 6 of 6, in the third 8 of 20.
    let part = count(&[3, 6, 8, 0, 0]);
    let rest = Row { threshold: 5, values: vec![0, 0, 12, 9, 9], rest_of: Some(0) };
    assert_eq!(members(&group(&leaves(), &[part, rest], &[])), [&[0, 2]]);
}

#[test]
fn what_was_together_stays_together() {
    let values = [9, 9, 9, 9, 9];
    assert_eq!(members(&group(&leaves(), &[count(&values)], &[vec![1, 3]])), [&[1, 3]]);
    let values = [3, 9, 8, 9, 9];
    // Whoever is hidden already is joined rather than somebody who is shown.
    let groups = group(&leaves(), &[count(&values)], &[vec![1, 3]]);
    assert_eq!(members(&groups), [&[0, 1, 3]]);
}

#[test]
fn groups_that_have_a_member_in_common_become_one_also_where_nothing_is_said_any_more() {
    let given = [vec![0, 1], vec![3, 4], vec![1, 3]];
    for rows in [vec![], vec![count(&[9; 5])]] {
        assert_eq!(members(&group(&leaves(), &rows, &given)), [&[0, 1, 3, 4]], "{rows:?}");
    }
}

#[test]
fn where_all_together_are_small_nothing_is_safe() {
    let groups = group(&leaves(), &[count(&[1, 0, 1, 0, 1])], &[]);
    assert_eq!(groups.len(), 1);
    assert!(!groups[0].is_safe);
}

proptest! {
    #[test]
    fn no_group_is_small_and_nobody_small_stands_alone(
        columns in prop::collection::vec(prop::collection::vec(0_i64..12, 5), 1..4),
        whole in prop::collection::vec(0_i64..20, 5),
        given in prop::collection::vec(prop::collection::vec(0_usize..5, 2), 0..4),
    ) {
        let mut rows: Vec<Row> = columns.iter().map(|values| count(values)).collect();
        let rest = whole.iter().zip(&columns[0]).map(|(whole, part)| whole.max(part) - part);
        rows.push(Row { threshold: 5, values: rest.collect(), rest_of: Some(0) });
        let groups = group(&leaves(), &rows, &given);
        let of = |at: usize, members: &[usize]| members.iter().map(|it| rows[at].values[*it]).sum::<i64>();
        for it in &groups {
            let is_all = it.members.len() == 5;
            prop_assert!(it.is_safe || is_all);
            let holds = (0..rows.len()).all(|at| is_safe(&rows, at, |at| of(at, &it.members)));
            prop_assert_eq!(holds, it.is_safe);
        }
        for member in 0..5 {
            let homes = groups.iter().filter(|it| it.members.contains(&member)).count();
            let is_small = (0..rows.len()).any(|at| (1..5).contains(&of(at, &[member])));
            prop_assert!(homes <= 1);
            prop_assert!(homes == 1 || !is_small, "{} stands alone", member);
        }
        for together in &given {
            let home = |member: &usize| groups.iter().position(|it| it.members.contains(member));
            prop_assert!(together.iter().all(|it| home(it) == home(&together[0])));
        }
        prop_assert_eq!(&groups, &group(&leaves(), &rows, &given));
    }
}
