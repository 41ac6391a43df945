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
use super::words_of;
use crate::Desk;
use crate::publications;
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

/// `GET /watch/publications/{name}.atom`.
pub(crate) async fn of_publication(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    Path(file): Path<String>,
    Query(wish): Query<Wish>,
) -> PageResult<Response> {
    let topic = Topic::Publication(code(&file)?);
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
    let is_known = match &topic {
        None => true,
        Some(Topic::Target(code)) => view.catalogue.target(code).is_some(),
        Some(Topic::Indicator(code)) => view.catalogue.indicator(code).is_some(),
        Some(Topic::Publication(slug)) => {
            publications::find_frozen(&mut view.tx, slug).await?.is_some_and(|it| it.slug == *slug)
        }
    };
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
    let (title, name, page) = names(&mut view, topic.as_ref(), unit).await?;
    let mut entries = Vec::with_capacity(items.len());
    for row in &items {
        entries.extend(entry(&mut view, row).await?);
    }
    let feed = Feed {
        id: post.tag(&format!("watch/{name}")),
        lang: view.lang.tag(),
        title,
        author: author(asked),
        self_href: post.url(path),
        page_href: post.url(&page),
        next_href: next.map(|next| post.url(&link_with(path, "cursor", &next))),
        updated: Some(watches::last_told(newest, &head)),
        entries,
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
async fn names(
    view: &mut View,
    topic: Option<&Topic>,
    unit: Option<UnitId>,
) -> Result<(String, String, String)> {
    let lang = view.lang;
    let of_unit = unit.map(|unit| format!("/{unit}")).unwrap_or_default();
    let named = |topic: Topic, unit: UnitId| Subject { topic, unit };
    Ok(match (topic, unit) {
        (None, None) => {
            (lang::watch::feed_title(lang).to_owned(), "all".to_owned(), "/targets".to_owned())
        }
        (None, Some(unit)) => {
            let words = words_of(view, &named(Topic::Target(String::new()), unit)).await?;
            let title = lang::watch::feed_of(lang, words.unit);
            (title, format!("all{of_unit}"), "/targets".to_owned())
        }
        (Some(topic), unit) => {
            let words = words_of(view, &named(topic.clone(), unit.unwrap_or(UnitId(0)))).await?;
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
    })
}

fn author(asked: &Asked) -> String {
    match &*asked.place {
        "" => "Sổ Gốc".to_owned(),
        place => format!("Sổ Gốc – {place}"),
    }
}

/// A change that this program cannot read, because a later one wrote it, is left out.
async fn entry(view: &mut View, row: &ChangeRow) -> Result<Option<Entry>> {
    let read = || {
        let change: Change = serde_json::from_str(&row.change).ok()?;
        let on = Day(i32::try_from(row.told_on).ok()?);
        Some((change, Topic::of(&row.kind, &row.code)?, on))
    };
    let Some((change, topic, on)) = read() else { return Ok(None) };
    let subject = Subject { topic, unit: UnitId(row.unit) };
    let cx = (&*view.catalogue, &*view.territory);
    let words = SubjectWords::of(&mut view.tx, view.lang, cx, &subject, on).await?;
    let words = watches::words(view.lang, &words, (&change, on, row.made_up != 0));
    let post = view.desk.post();
    Ok(Some(Entry {
        id: post.tag(&format!("watch/change/{}", row.id)),
        title: words.title,
        content: words.lines.join("\n"),
        href: post.url(&words.path),
        updated: Moment(row.told_at),
    }))
}
