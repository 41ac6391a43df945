//! Emulation campaigns (*phong trào thi đua*): points for criteria, places within groups, classes;
//! rounds that are frozen, explained, appealed against and awarded.

mod actions;
mod model;
mod ranking;
mod rounds;
mod rules;
mod store;
mod verify;

#[cfg(test)]
mod tests;

pub use actions::{adjust, decide, file, find_campaign, find_group, find_round, withdraw};
pub use model::{
    Adjustment, AskedOf, Award, Awards, Decision, Filing, FilingKind, GroupRanking, Line,
    NewAdjustment, NewDecision, NewFiling, Outcome, Ranking, Record, RecordKind, RoundState,
    Scored,
};
pub use ranking::{Standing, asked_of, compute, period_of, standing, units_of};
pub use rounds::{confirm_awards, freeze, propose, reopen, withdraw_awards};
pub use rules::{Ask, Placed, Score, class, points, rank, read_points};
pub use verify::verify;

pub(crate) use actions::{filings, find_state, get_adjustment, get_filing, records_of};
pub(crate) use model::{AwardsOf, Head, Kept};
pub(crate) use rounds::{find_awards, heads, history, not_counted};
