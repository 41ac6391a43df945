//! What is done with agencies, posts and people, each in the caller's transaction with its entries.

mod agencies;
mod assignments;
mod holdings;
mod may;
mod operations;

use base::rights::Actor;
use base::{Clock, Error, Id, Result, short_day};
use journal::NewEntry;
use lang::Lang;
use store::Tx;
use territory::Territory;

use super::model::Post;
use super::record::Record;
use super::rules::Why;
use super::store as sql;

pub use agencies::{
    Ended, Into, NewAgency, NewPost, add_post, change_agency, end_agency, establish,
    form_committees, merge,
};
pub(super) use agencies::{committee_name, end_in, new_agency, new_post};
pub(crate) use assignments::carry_over;
pub use assignments::{NewAssignment, assign, end_assignment};
pub use holdings::{
    NewDelegation, NewHolding, NewPerson, Whose, appoint, delegate, end_delegation, end_holding,
    link_account,
};
pub(super) use holdings::{new_holding, new_person};
pub(super) use may::{check_act, unit_of};
pub(super) use operations::{NewOperation, Obstacle, Undoing, operate, plan_undo};
pub use operations::{operation, operations, undo};

/// On whose behalf an action is called, and what it rules by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The source of "now" and of ids.
    pub clock: &'a Clock,
    /// Who does it.
    pub actor: Actor<'a>,
    /// The units as the transaction sees them.
    pub territory: &'a Territory,
}

/// Writes versions with an entry each.
///
/// Errors: those of rights; `Unavailable`.
pub(super) async fn write(
    tx: &mut Tx,
    cx: Context<'_>,
    cause: &'static str,
    records: Vec<Record>,
) -> Result<()> {
    may::check(tx, cx, &records).await?;
    write_as(tx, (cx.clock, cx.actor.name), cause, records).await
}

async fn write_as(
    tx: &mut Tx,
    (clock, actor): (&Clock, &str),
    cause: &'static str,
    mut records: Vec<Record>,
) -> Result<()> {
    let entry = |record: &Record| NewEntry {
        id: Id::new(clock),
        actor: actor.to_owned(),
        cause,
        record_kind: record.kind(),
        record_id: record.id().to_string(),
        record_version: record.version(),
        content_hash: record.hash(),
        postings: Vec::new(),
    };
    let entries = records.iter().map(entry).collect();
    let first = journal::append(tx, clock, entries).await?;
    for (record, seq) in records.iter_mut().zip(first..) {
        record.set_entry(seq);
    }
    sql::insert(tx, &records).await
}

/// What a rule said, in words: at a field, or as a refusal where no field would mend it. `who`
/// names the one in the way.
pub(super) fn refusal(why: Why, (from, to): (&str, &str), who: &str) -> Error {
    let who = who.to_owned();
    let period = |days: base::DayRange| (short_day(days.from), end_of(days));
    match why {
        Why::Empty => Error::invalid(to, lang::organisation::ends_early),
        Why::NotThen(day) => {
            let day = short_day(day);
            Error::invalid(from, move |lang| lang::organisation::not_then(lang, &day))
        }
        Why::Over => Error::refused("organisation.over", lang::organisation::over),
        Why::OutsidePost(days) => {
            let (first, last) = period(days);
            Error::invalid(from, move |lang| match &last {
                Some(last) => {
                    let words = lang::organisation::OutsidePost { from: &first, to: last };
                    lang::organisation::outside_post(lang, words)
                }
                None => lang::organisation::before_post(lang, &first),
            })
        }
        Why::OutsideHolding(days) => {
            let (first, last) = period(days);
            Error::invalid(from, move |lang| match &last {
                Some(last) => {
                    let words = lang::organisation::OutsideHolding { from: &first, to: last };
                    lang::organisation::outside_holding(lang, words)
                }
                None => lang::organisation::before_holding(lang, &first),
            })
        }
        Why::Taken(_) => Error::invalid(from, move |lang| lang::organisation::taken(lang, &who)),
        Why::Twice(_) => Error::invalid(from, move |lang| lang::organisation::twice(lang, &who)),
        Why::NotHead => Error::refused("organisation.not_head", lang::organisation::not_head),
        Why::KtElsewhere => Error::invalid("to", lang::organisation::kt_elsewhere),
        Why::Oneself => Error::invalid("to", lang::organisation::oneself),
    }
}

fn end_of(days: base::DayRange) -> Option<String> {
    (days.to != base::Day::MAX).then(|| short_day(days.last()))
}

fn no_agency() -> Error {
    Error::not_found(lang::organisation::no_agency)
}

fn no_post() -> Error {
    Error::not_found(lang::organisation::no_post)
}

/// A post as it stands.
///
/// Errors: `NotFound`.
pub(super) async fn get_post(tx: &mut Tx, id: super::PostId) -> Result<Post> {
    sql::find_post(tx, id).await?.ok_or_else(no_post)
}

fn refused_with(code: &'static str, name: &str, say: fn(Lang, &str) -> String) -> Error {
    let name = name.to_owned();
    Error::refused(code, move |lang| say(lang, &name))
}
