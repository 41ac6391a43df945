//! Looking again: what has changed since somebody looked last, and writing it down.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::{Day, Error, Id, Moment, Result};
use packs::Catalogue;
use store::Tx;
use store::outbox::{self, Message};
use territory::{Territory, UnitId};

use super::letters::{self, Subject as SubjectWords};
use super::look::{published, states, topics};
use super::model::{Change, State, Subject, Topic};
use super::rules::{compare, unknown};
use super::store::{self as sql, Head};
use super::{LETTERS, Post};
use crate::{Desk, protection};

/// With more new entries than this everything is looked at, instead of reading what each touches.
const MOST_READ: usize = 5_000;

/// What came of looking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// Changes that were written.
    pub changes: usize,
    /// Letters that were put on their way.
    pub letters: usize,
}

/// How things stand, as one transaction saw it.
struct Sight {
    before: Head,
    now: Head,
    today: Day,
    made_up: bool,
    catalogue: Arc<Catalogue>,
    territory: Arc<Territory>,
    topics: Vec<(Topic, Vec<(UnitId, State)>)>,
    /// How publications were when somebody looked last, by their names, where that is known.
    earlier: BTreeMap<String, State>,
}

/// Compares how everything that can be watched stands with how it stood, and writes the changes,
/// the letters about them and the new states in one transaction. Where nothing was written to the
/// journal since, and no day has passed, it does nothing; otherwise it looks only at what rests on
/// the measures that were touched.
///
/// What is looked at for the first time has not changed; only a publication that was made since
/// somebody looked last is held against itself as it was published. After a merger figures of the
/// new map are not held against those of the old one.
///
/// Errors: `Unavailable`; `Internal`.
pub async fn look_again(desk: &Desk) -> Result<Looked> {
    let Some(sight) = see(desk).await? else { return Ok(Looked::default()) };
    let mut tx = desk.database().write().await?;
    // Whoever looked meanwhile has written what there is to write.
    if !sql::move_head(&mut tx, &sight.before, &sight.now).await? {
        return Ok(Looked::default());
    }
    // After a merger nobody else may have kept what may be shown of few people since.
    protection::renew_stale(&mut tx, &sight.catalogue, &sight.territory).await?;
    let mut changes = Vec::new();
    for (topic, states) in &sight.topics {
        changes.extend(settle(&mut tx, &sight, topic, states).await?);
    }
    let mut looked = Looked { changes: changes.len(), letters: 0 };
    let mut seq = sight.now.next_seq;
    for (subject, change) in &changes {
        let at = desk.clock().now();
        let written = (at, sight.today, sight.made_up);
        let number = (seq, Id::new(desk.clock()));
        sql::insert_change(&mut tx, number, subject, written, change).await?;
        looked.letters += write_letters(&mut tx, desk, &sight, subject, change).await?;
        seq += 1;
    }
    sql::set_next_seq(&mut tx, seq).await?;
    tx.commit().await?;
    Ok(looked)
}

/// How things stand now; none where nothing can have changed since somebody looked last.
async fn see(desk: &Desk) -> Result<Option<Sight>> {
    let mut tx = desk.database().read().await?;
    let before = sql::head(&mut tx).await?;
    let now = desk.clock().now();
    let today = now.day();
    let catalogue = desk.catalogue(&mut tx).await?;
    let head = Head {
        entries: journal::last_seq(&mut tx).await?,
        looked_on: i64::from(today.0),
        definitions: catalogue.revision,
        territory: desk.atlas.revision(&mut tx).await?,
        began_at: if before.entries < 0 { now.0 } else { before.began_at },
        next_seq: before.next_seq,
    };
    if head == before {
        return Ok(None);
    }
    let is_same_ground = Head { entries: before.entries, ..head } == before;
    let touched = match is_same_ground {
        true => journal::touched_since(&mut tx, before.entries, MOST_READ).await?,
        false => None,
    };
    let mut seen = Vec::new();
    for topic in topics(&catalogue, touched.as_ref()) {
        let states = states(&mut tx, &desk.atlas, &catalogue, &topic, today).await?;
        seen.push((topic, states));
    }
    let since = (before.entries, touched.as_ref());
    let (states, earlier) = published(&mut tx, &desk.atlas, &catalogue, since).await?;
    seen.extend(states);
    let made_up = desk.shows_made_up(&mut tx).await?;
    let territory = desk.atlas.territory(&mut tx).await?;
    let topics = seen;
    Ok(Some(Sight { before, now: head, today, made_up, catalogue, territory, topics, earlier }))
}

/// Writes how units stand with a topic; gives what has changed.
async fn settle(
    tx: &mut Tx,
    sight: &Sight,
    topic: &Topic,
    states: &[(UnitId, State)],
) -> Result<Vec<(Subject, Change)>> {
    let known = sql::states(tx, topic).await?;
    let is_same_map = sight.before.territory == sight.now.territory;
    let is_figure = matches!(topic, Topic::Indicator(_));
    let is_published = matches!(topic, Topic::Publication(_));
    let (mut changes, mut new) = (Vec::new(), Vec::new());
    for (unit, now) in states {
        let subject = Subject { topic: topic.clone(), unit: *unit };
        let before = known.get(unit);
        if before == Some(now) {
            continue;
        }
        let change = match before {
            Some(before) if is_same_map || !is_figure => compare(before, now),
            None if is_published => {
                sight.earlier.get(topic.code()).and_then(|before| compare(before, now))
            }
            // A unit that reports for the first time among others that did before.
            None if is_same_map && !known.is_empty() => compare(&unknown(now), now),
            _ => None,
        };
        changes.extend(change.map(|change| (subject.clone(), change)));
        match before {
            Some(_) => sql::save_state(tx, &subject, now).await?,
            None => new.push((subject, now.clone())),
        }
    }
    sql::insert_states(tx, &new).await?;
    Ok(changes)
}

/// Puts a letter on its way to everybody who watches the subject; gives how many.
async fn write_letters(
    tx: &mut Tx,
    desk: &Desk,
    sight: &Sight,
    subject: &Subject,
    change: &Change,
) -> Result<usize> {
    let Post { site: Some(site), sends: true, .. } = desk.post() else { return Ok(0) };
    let watchers = sql::watchers_of(tx, subject).await?;
    let mut messages = Vec::with_capacity(watchers.len());
    for told in watchers {
        let lang = lang::Lang::from_tag(&told.lang).unwrap_or_default();
        let cx = (&*sight.catalogue, &*sight.territory);
        let words = SubjectWords::of(tx, lang, cx, subject, sight.today).await?;
        let words = letters::words(lang, &words, (change, sight.today, sight.made_up));
        let letter = letters::of_change(lang, site, &words, (&told.token, &told.watch));
        messages.push(Message {
            id: Id::new(desk.clock()),
            kind: LETTERS,
            recipient: told.watch,
            payload: serde_json::to_string(&letter).map_err(Error::internal)?,
        });
    }
    let count = messages.len();
    outbox::put(tx, desk.clock(), messages).await?;
    Ok(count)
}

/// When something was told last, or when somebody began to look.
pub(crate) const fn last_told(newest: Option<i64>, head: &Head) -> Moment {
    match newest {
        Some(at) => Moment(at),
        None => Moment(head.began_at),
    }
}
