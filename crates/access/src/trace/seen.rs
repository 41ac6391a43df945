//! Noting what responses showed, in the one place through which all of them go.

use base::rights::Actor;
use base::{Moment, Result};
use territory::UnitId;
use web::looks::Shown;

use super::actions::write;
use super::model::Look;
use super::store as sql;
use crate::Access;

/// The kind of figures that were seen on a page, and of those that were taken along.
pub(super) const PAGE: &str = "page";
pub(super) const EXPORT: &str = "export";

/// Letters of what was asked for, and of an address.
const LONGEST: usize = 300;

/// So long a page that was seen is not noted again for the same account: people leaf back and forth,
/// and the journal is to say who saw what, not how often a page was loaded. Units: microseconds.
const AGAIN: i64 = 3_600_000_000;

/// Notes what a response showed before it leaves: a page once an hour for each account, a file or an
/// answer of the API each time.
///
/// Errors: `Unavailable`; then nothing may be shown.
/// Law: 91/2025/QH15: processing is recorded with its purpose, which is here what the right was given
/// for.
pub(crate) async fn note_seen(
    access: &Access,
    actor: Actor<'_>,
    (path, is_taken): (&str, bool),
    shown: Vec<Shown>,
) -> Result<()> {
    let mut all = folded(path, is_taken, shown);
    if !is_taken {
        let since = Moment(access.now().0 - AGAIN);
        let mut tx = access.database().read().await?;
        let mut new = Vec::with_capacity(all.len());
        for it in all {
            let what = (it.act.as_str(), it.kind, it.record.as_str());
            if !sql::is_noted(&mut tx, actor.name, what, since).await? {
                new.push(it);
            }
        }
        all = new;
    }
    if all.is_empty() {
        return Ok(());
    }
    let mut tx = access.database().write().await?;
    for it in &all {
        let purposes: Vec<&str> = actor.rights.purposes(it.act).collect();
        let look = Look {
            act: it.act,
            record_kind: it.kind,
            record: &it.record,
            subjects: &it.subjects,
            unit: it.unit.map(UnitId),
            purpose: &purposes.join(", "),
            words: &it.words,
            sealed: None,
            shown: it.count,
        };
        write(&mut tx, access.clock(), actor.name, look).await?;
    }
    tx.commit().await
}

/// One look for all figures of a page or file, and one for each record.
fn folded(path: &str, is_taken: bool, shown: Vec<Shown>) -> Vec<Shown> {
    let mut all: Vec<Shown> = Vec::new();
    for mut it in shown {
        if it.kind.is_empty() {
            it.kind = if is_taken { EXPORT } else { PAGE };
            it.record = cut(path);
        }
        let is_same = |other: &&mut Shown| {
            (other.act, other.kind, &other.record) == (it.act, it.kind, &it.record)
        };
        match all.iter_mut().find(is_same) {
            None => all.push(it),
            Some(before) => {
                before.count += it.count;
                let is_new = !it.words.is_empty() && !before.words.contains(&it.words);
                let between = if before.words.is_empty() { "" } else { "; " };
                if is_new {
                    before.words = format!("{}{between}{}", before.words, it.words);
                }
            }
        }
    }
    for it in &mut all {
        it.words = cut(&it.words);
    }
    all
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use base::rights::Act;

    use super::*;

    fn figures(words: &str, count: usize) -> Shown {
        let (record, subjects) = (String::new(), Vec::new());
        let words = words.to_owned();
        Shown { act: Act::ReadProtected, kind: "", record, subjects, unit: None, words, count }
    }

    #[test]
    fn all_figures_of_a_page_are_one_look_and_each_record_its_own() {
        let record = |id: &str| Shown {
            act: Act::ReadObservations,
            kind: "evidence",
            record: id.to_owned(),
            ..figures("", 1)
        };
        let shown =
            || vec![figures("a", 2), record("x"), figures("b", 3), figures("a", 2), record("y")];
        for (is_taken, kind) in [(false, PAGE), (true, EXPORT)] {
            let all = folded("/indicators/a", is_taken, shown());
            let said: Vec<_> =
                all.iter().map(|it| (it.kind, &*it.record, &*it.words, it.count)).collect();
            let figures = (kind, "/indicators/a", "a; b", 7);
            assert_eq!(said, [figures, ("evidence", "x", "", 1), ("evidence", "y", "", 1)]);
        }
        let long = folded(&"đ".repeat(400), true, vec![figures(&"x".repeat(400), 1)]);
        assert_eq!((long[0].record.chars().count(), long[0].words.chars().count()), (301, 301));
    }
}
