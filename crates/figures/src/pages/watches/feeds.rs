//! Web feeds of what has changed: of everything, of a target, of an indicator, of one unit of them.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base::{Cursor, Day, Error, Moment, Page, Result};
use serde::Deserialize;
use territory::UnitId;
use web::ask::link_with;
use web::feed::{Entry, Feed};
use web::{Asked, PageResult, Path, Query};

use super::super::view::View;
use crate::Desk;
use crate::watches::store::{self as sql, ChangeRow};
use crate::watches::{self, Change, Subject, SubjectWords, Topic};

/// So many changes stand on a page of a feed.
const A_PAGE: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    /// The code of a unit on today's map, or `~` and the program's own id.
    unit: String,
    /// Where the page begins.
    cursor: String,
}

/// `GET /watch/all.atom`.
pub(crate) async fn all(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    feed(&desk, &asked, &headers, (None, &wish)).await
}

/// `GET /watch/targets/{code}.atom`.
pub(crate) async fn of_target(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(file): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let topic = Topic::Target(code(&file)?);
    feed(&desk, &asked, &headers, (Some(topic), &wish)).await
}

/// `GET /watch/indicators/{code}.atom`.
pub(crate) async fn of_indicator(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(file): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let topic = Topic::Indicator(code(&file)?);
    feed(&desk, &asked, &headers, (Some(topic), &wish)).await
}

fn code(file: &str) -> Result<String> {
    let code = file.strip_suffix(".atom").map(ToOwned::to_owned);
    code.ok_or_else(|| Error::not_found(lang::watch::no_feed))
}

async fn feed(
    desk: &Desk,
    asked: &Asked,
    headers: &HeaderMap,
    (topic, wish): (Option<Topic>, &Wish),
) -> PageResult<Response> {
    let mut view = View::open(desk, asked, None, None).await?;
    let is_known = topic.as_ref().is_none_or(|topic| match topic {
        Topic::Target(code) => view.catalogue.target(code).is_some(),
        Topic::Indicator(code) => view.catalogue.indicator(code).is_some(),
    });
    if !is_known {
        return Err(Error::not_found(lang::watch::no_feed).into());
    }
    let unit = unit(&view, &wish.unit)?;
    let cursor = Some(wish.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let before = cursor.map_or(Ok(i64::MAX), Cursor::decode::<i64>)?;
    let limit = i64::try_from(A_PAGE + 1).unwrap_or(i64::MAX);
    let rows = sql::changes(&mut view.tx, topic.as_ref(), unit, (before, limit)).await?;
    let head = sql::head(&mut view.tx).await?;
    let Page { items, next } = Page::cut(rows, A_PAGE, |row| row.seq);
    let post = desk.post();
    let path = &asked.path_and_query;
    let newest = items.first().map(|row| row.told_at);
    let (title, name, page) = names(&view, topic.as_ref(), unit);
    let feed = Feed {
        id: post.tag(&format!("watch/{name}")),
        lang: view.lang.tag(),
        title,
        author: author(asked),
        self_href: post.url(path),
        page_href: post.url(&page),
        next_href: next.map(|next| post.url(&link_with(path, "cursor", &next))),
        updated: Some(watches::last_told(newest, &head)),
        entries: items.iter().filter_map(|row| entry(&view, row)).collect(),
    };
    Ok(feed.respond(headers)?)
}

/// Errors: `NotFound`.
fn unit(view: &View, reference: &str) -> Result<Option<UnitId>> {
    if reference.is_empty() {
        return Ok(None);
    }
    let found = match reference.strip_prefix('~') {
        Some(id) => id.parse().ok().map(UnitId).filter(|id| view.territory.unit(*id).is_some()),
        None => view.territory.by_code(reference, view.today).map(|version| version.unit),
    };
    found.map(Some).ok_or_else(|| Error::not_found(lang::watch::no_feed))
}

/// The title of a feed, its name for ever, and its page for people.
fn names(view: &View, topic: Option<&Topic>, unit: Option<UnitId>) -> (String, String, String) {
    let lang = view.lang;
    let of_unit = unit.map(|unit| format!("/{unit}")).unwrap_or_default();
    let named = |topic: Topic, unit: UnitId| {
        let subject = Subject { topic, unit };
        SubjectWords::of(lang, &view.catalogue, &view.territory, &subject, view.today)
    };
    match (topic, unit) {
        (None, None) => {
            (lang::watch::feed_title(lang).to_owned(), "all".to_owned(), "/targets".to_owned())
        }
        (None, Some(unit)) => {
            let words = named(Topic::Target(String::new()), unit);
            let title = lang::watch::feed_of(lang, words.unit);
            (title, format!("all{of_unit}"), "/targets".to_owned())
        }
        (Some(topic), unit) => {
            let words = named(topic.clone(), unit.unwrap_or(UnitId(0)));
            let name = format!("{}/{}{of_unit}", topic.kind(), topic.code());
            let (path, title) = (words.path(), words.title);
            let path = match unit {
                Some(_) => path,
                None => path.split('?').next().unwrap_or_default().to_owned(),
            };
            let title = match unit {
                None => lang::watch::feed_of(lang, title),
                Some(_) => {
                    let said = lang::watch::FeedOfUnit { title, unit: words.unit };
                    lang::watch::feed_of_unit(lang, said)
                }
            };
            (title, name, path)
        }
    }
}

fn author(asked: &Asked) -> String {
    match &*asked.place {
        "" => "Sổ Gốc".to_owned(),
        place => format!("Sổ Gốc – {place}"),
    }
}

/// A change that this program cannot read, because a later one wrote it, is left out.
fn entry(view: &View, row: &ChangeRow) -> Option<Entry> {
    let post = view.desk.post();
    let change: Change = serde_json::from_str(&row.change).ok()?;
    let topic = Topic::of(&row.kind, &row.code)?;
    let subject = Subject { topic, unit: UnitId(row.unit) };
    let on = Day(i32::try_from(row.told_on).ok()?);
    let words = SubjectWords::of(view.lang, &view.catalogue, &view.territory, &subject, on);
    let words = watches::words(view.lang, &words, (&change, on, row.made_up != 0));
    Some(Entry {
        id: post.tag(&format!("watch/change/{}", row.id)),
        title: words.title,
        content: words.lines.join("\n"),
        href: post.url(&words.path),
        updated: Moment(row.told_at),
    })
}
