//! Asking to be told, confirming it, and ending it.

use base::rights::{Act, Actor, Place};
use base::{Clock, Day, Error, Id, Moment, Result, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lang::Lang;
use packs::Catalogue;
use sha2::{Digest as _, Sha256};
use store::Tx;
use store::outbox::{self, Extent, GivenUp, Message};
use territory::Territory;

use super::LETTERS;
use super::letters::{self, Letter, Subject as SubjectWords};
use super::look::{LEVELS, unit_of};
use super::model::{Subject, Topic};
use super::rules::{ASKED_A_DAY, MOST_WATCHES, asked_today, asked_too_long_ago};
use super::site::Site;
use super::store::{self as sql, WatchRow, Watcher};
use crate::publications;

/// Letters in an address: 32 random bytes.
const TOKEN_LETTERS: usize = 43;

/// What somebody wants to be told, and where.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    /// An address of [`super::rules::address`].
    pub(crate) address: String,
    /// The language of the letters.
    pub(crate) lang: Lang,
    /// What is watched.
    pub(crate) subject: Subject,
}

/// What an action rules by.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) clock: &'a Clock,
    pub(crate) site: &'a Site,
    pub(crate) catalogue: &'a Catalogue,
    pub(crate) territory: &'a Territory,
}

/// What somebody watches.
#[derive(Clone, Debug)]
pub(crate) struct Mine {
    /// The watches that are confirmed, with their ids.
    pub(crate) watches: Vec<(String, Subject)>,
}

/// Takes a wish and sends a letter that asks whether it is meant; nothing is told before that is
/// answered. Whoever asks learns nothing of whether the address is known: it ends well in any case,
/// also when the address was asked too often or watches too much, and nothing is sent.
///
/// Errors: `NotFound` when no unit or topic is meant; `Unavailable`.
pub(crate) async fn ask(tx: &mut Tx, cx: Context<'_>, wish: &Wish) -> Result<()> {
    let ground = (cx.territory, cx.clock.today());
    if !can_be_watched(tx, cx.catalogue, ground, &wish.subject).await? {
        return Err(Error::not_found(lang::watch::nothing_to_watch));
    }
    sql::lock(tx).await?;
    let now = cx.clock.now();
    let watcher = watcher(tx, cx.clock, wish, now).await?;
    let (asked, since) = asked_today(watcher.asked, Moment(watcher.asked_since), now);
    let watches = sql::watches_of(tx, &watcher.id).await?;
    let known = watches.iter().find(|watch| watch.subject().as_ref() == Some(&wish.subject));
    let is_full = known.is_none() && sql_count(watches.len()) >= MOST_WATCHES;
    if asked >= ASKED_A_DAY || is_full {
        return Ok(());
    }
    sql::set_asked(tx, &watcher.id, asked + 1, since).await?;
    let ground = (cx.catalogue, cx.territory);
    let words = SubjectWords::of(tx, wish.lang, ground, &wish.subject, now.day()).await?;
    let (id, letter) = match known {
        Some(WatchRow { id, confirmed_at: Some(_), .. }) => {
            (id.clone(), letters::already(wish.lang, cx.site, &words, &watcher.token))
        }
        known => {
            let token = token();
            let id = match known {
                Some(known) => {
                    sql::ask_again(tx, &known.id, hash(&token), now).await?;
                    known.id.clone()
                }
                None => {
                    let id = Id::new(cx.clock).to_string();
                    let row = (&*id, &*watcher.id);
                    sql::insert_watch(tx, row, &wish.subject, hash(&token), now).await?;
                    id
                }
            };
            (id, letters::to_confirm(wish.lang, cx.site, &words, &token))
        }
    };
    send(tx, cx.clock, id, &letter).await
}

/// Whether a topic is known that can be measured, and the unit is one that is looked at.
///
/// Errors: `Unavailable`.
pub(crate) async fn can_be_watched(
    tx: &mut Tx,
    catalogue: &Catalogue,
    (territory, today): (&Territory, Day),
    subject: &Subject,
) -> Result<bool> {
    let Subject { topic, unit } = subject;
    let is_known = match topic {
        Topic::Target(code) => {
            catalogue.target(code).is_some_and(|target| target.indicator.is_some())
        }
        Topic::Indicator(code) => catalogue.indicator(code).is_some(),
        Topic::Publication(slug) => {
            let found = publications::find_frozen(tx, slug).await?;
            found.is_some_and(|it| it.slug == *slug && unit_of(&it) == Some(*unit))
        }
    };
    Ok(is_known && is_looked_at(catalogue, (territory, today), subject))
}

/// Whether anybody looks at the unit of a subject: at those of some levels, on today's map or on that
/// of the last day of a plan that is over. A publication stays what it is when its unit has ended.
pub(crate) fn is_looked_at(
    catalogue: &Catalogue,
    (territory, today): (&Territory, Day),
    Subject { topic, unit }: &Subject,
) -> bool {
    let map = match topic {
        Topic::Publication(_) => return territory.unit(*unit).is_some(),
        Topic::Indicator(_) => today,
        Topic::Target(code) => {
            let plan = catalogue.target(code).and_then(|target| catalogue.plan(&target.plan));
            plan.map_or(today, |plan| plan.days().1.min(today))
        }
    };
    let version = territory.at(*unit, map);
    version.is_some_and(|version| LEVELS.contains(&version.kind.level()))
}

/// The one who gave the address, also for the first time.
async fn watcher(tx: &mut Tx, clock: &Clock, wish: &Wish, now: Moment) -> Result<Watcher> {
    if let Some(watcher) = sql::find_watcher(tx, &wish.address).await? {
        return Ok(watcher);
    }
    let id = Id::new(clock).to_string();
    let lang = wish.lang.tag().to_owned();
    let watcher = Watcher { id, lang, token: token(), asked: 0, asked_since: now.0 };
    sql::insert_watcher(tx, &watcher, &wish.address, now).await?;
    Ok(watcher)
}

async fn send(tx: &mut Tx, clock: &Clock, recipient: String, letter: &Letter) -> Result<()> {
    let payload = serde_json::to_string(letter).map_err(Error::internal)?;
    let message = Message { id: Id::new(clock), kind: LETTERS, recipient, payload };
    outbox::put(tx, clock, vec![message]).await
}

/// What the token of a letter would confirm; none when it is over, was used, or never was.
pub(crate) async fn find_pending(
    tx: &mut Tx,
    clock: &Clock,
    token: &str,
) -> Result<Option<Subject>> {
    Ok(pending(tx, clock, token).await?.and_then(|watch| watch.subject()))
}

async fn pending(tx: &mut Tx, clock: &Clock, token: &str) -> Result<Option<WatchRow>> {
    if token.len() != TOKEN_LETTERS {
        return Ok(None);
    }
    sql::find_pending(tx, hash(token), asked_too_long_ago(clock.now())).await
}

/// Confirms a watch: from now on its letters are sent, in the language in which it was asked for.
/// Gives the token by which its owner sees and ends their watches.
///
/// Errors: `NotFound` when the token is over, was used, or never was.
pub(crate) async fn confirm(tx: &mut Tx, clock: &Clock, token: &str, lang: Lang) -> Result<String> {
    sql::lock(tx).await?;
    let watch = pending(tx, clock, token).await?;
    let watch = watch.ok_or_else(|| Error::not_found(lang::watch::link_over))?;
    let now = clock.now();
    let watcher = sql::find_by_id(tx, &watch.watcher).await?;
    let watcher = watcher.ok_or_else(|| Error::not_found(lang::watch::link_over))?;
    sql::confirm(tx, &watch.id, now).await?;
    sql::set_lang(tx, &watcher.id, lang.tag()).await?;
    // Whoever confirms wants the letters, so that one does not count.
    let (asked, since) = asked_today(watcher.asked, Moment(watcher.asked_since), now);
    sql::set_asked(tx, &watcher.id, (asked - 1).max(0), since).await?;
    Ok(watcher.token)
}

/// What the owner of a token watches; none when there is no such token.
pub(crate) async fn find_mine(tx: &mut Tx, token: &str) -> Result<Option<Mine>> {
    let Some(watcher) = owner(tx, token).await? else { return Ok(None) };
    let watches = sql::watches_of(tx, &watcher.id).await?.into_iter();
    let confirmed = watches.filter(|watch| watch.confirmed_at.is_some());
    let watches = confirmed.filter_map(|watch| Some((watch.id.clone(), watch.subject()?)));
    Ok(Some(Mine { watches: watches.collect() }))
}

async fn owner(tx: &mut Tx, token: &str) -> Result<Option<Watcher>> {
    if token.len() != TOKEN_LETTERS {
        return Ok(None);
    }
    sql::find_by_token(tx, token).await
}

/// Ends a watch of the token's owner, or all of them. Letters that are on their way go with it, and
/// with the last one the address. Ending what is ended already is no mistake.
///
/// Errors: `Unavailable`.
pub(crate) async fn end(tx: &mut Tx, token: &str, watch: Option<&str>) -> Result<()> {
    sql::lock(tx).await?;
    let Some(watcher) = owner(tx, token).await? else { return Ok(()) };
    let watches = sql::watches_of(tx, &watcher.id).await?;
    for one in &watches {
        if watch.is_none_or(|watch| watch == one.id) {
            forget(tx, &one.id).await?;
        }
    }
    sql::delete_idle_watchers(tx).await?;
    Ok(())
}

async fn forget(tx: &mut Tx, watch: &str) -> Result<()> {
    outbox::forget(tx, watch).await?;
    sql::delete_watch(tx, watch).await
}

/// Forgets who asked and did not confirm in time.
///
/// Errors: `Unavailable`.
pub async fn sweep(tx: &mut Tx, clock: &Clock) -> Result<()> {
    forget_unconfirmed(tx, asked_too_long_ago(clock.now())).await?;
    Ok(())
}

/// How many asked before an instant and did not confirm, at most those that are forgotten at once.
///
/// Errors: `Unavailable`.
pub async fn count_unconfirmed(tx: &mut Tx, before: Moment) -> Result<i64> {
    Ok(sql_count(sql::overdue(tx, before).await?.len()))
}

/// Forgets who asked before an instant and did not confirm, with addresses that no watch needs any
/// more; gives how many they were.
///
/// Errors: `Unavailable`.
pub async fn forget_unconfirmed(tx: &mut Tx, before: Moment) -> Result<i64> {
    if sql::overdue(tx, before).await?.is_empty() {
        return Ok(0);
    }
    sql::lock(tx).await?;
    let watches = sql::overdue(tx, before).await?;
    for (watch,) in &watches {
        forget(tx, watch).await?;
    }
    sql::delete_idle_watchers(tx).await?;
    Ok(sql_count(watches.len()))
}

/// The address to which the letters of a watch go; none when the watch has ended.
///
/// Errors: `Unavailable`.
pub async fn address_of(tx: &mut Tx, watch: &str) -> Result<Option<String>> {
    sql::address_of(tx, watch).await
}

fn token() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// Of a token that confirms only the hash is kept: a stolen database confirms nothing.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn sql_count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// What becomes of letters that were given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// They are tried once more.
    Again,
    /// They are gone.
    Dropped,
}

/// The letters that wait, and so many of those that were given up.
///
/// Errors: those of rights; `Unavailable`.
pub(crate) async fn letters(
    tx: &mut Tx,
    actor: Actor<'_>,
    limit: i64,
) -> Result<(Extent, Vec<GivenUp>)> {
    actor.check(Act::ManageOutbox, Place::PROVINCE)?;
    Ok((outbox::extent(tx).await?, outbox::given_up(tx, limit).await?))
}

/// Settles the letters that were given up. Gives their number.
///
/// Errors: those of rights; `Unavailable`.
pub(crate) async fn settle_letters(
    tx: &mut Tx,
    clock: &Clock,
    actor: Actor<'_>,
    settled: Settled,
) -> Result<u64> {
    actor.check(Act::ManageOutbox, Place::PROVINCE)?;
    match settled {
        Settled::Again => outbox::try_again(tx, clock).await,
        Settled::Dropped => outbox::drop_given_up(tx).await,
    }
}
