//! `GET /entries/{seq}`, `GET /observations/{id}`: the records that figures come from.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base::rights::Act;
use base::{Day, Error, Moment, Result, grouped, short_day};
use journal::Entry;
use lang::Lang;
use maud::{Markup, html};
use serde::Deserialize;
use territory::UnitId;
use territory::pages::unit_href;
use web::ask::encoded;
use web::filetype::FileType;
use web::looks::{self, Shown};
use web::pieces::{self, Badge, Column};
use web::{Asked, Frame, Ground, Notice, PageResult, Path, Query, Section, Visitor, layout};

use super::view::View;
use crate::observations::{self, Observation};
use crate::protection::check_observation;
use crate::{Desk, Sight, disclosure};

/// What was done, in words.
pub(crate) fn cause(lang: Lang, cause: &str) -> &str {
    match cause {
        "observations.report" => lang::drill::reported(lang),
        "observations.correct" => lang::drill::corrected(lang),
        "observations.withdraw" => lang::drill::withdrawn(lang),
        "territory.apply" => lang::drill::territory_applied(lang),
        "territory.undo" => lang::drill::territory_undone(lang),
        "packs.apply" => lang::drill::pack_applied(lang),
        "campaigns.adjust" => lang::campaigns::did_adjust(lang),
        "campaigns.withdraw" => lang::campaigns::did_withdraw(lang),
        "campaigns.file" => lang::campaigns::did_file(lang),
        "campaigns.decide" => lang::campaigns::did_decide(lang),
        "campaigns.freeze" => lang::campaigns::did_freeze(lang),
        "campaigns.reopen" => lang::campaigns::did_reopen(lang),
        "campaigns.award" => lang::campaigns::did_award(lang),
        "campaigns.withdraw_awards" => lang::campaigns::did_withdraw_awards(lang),
        "publications.publish" => lang::publications::published_what(lang),
        "publications.withdraw" => lang::publications::withdrawn_what(lang),
        "publications.replace" => lang::publications::replaced_what(lang),
        "approvals.submit" => lang::approvals::cause_submit(lang),
        "approvals.check" => lang::approvals::cause_check(lang),
        "approvals.approve" => lang::approvals::cause_approve(lang),
        "approvals.return" => lang::approvals::cause_return(lang),
        "approvals.reopen" => lang::approvals::cause_reopen(lang),
        "approvals.mark" => lang::approvals::cause_mark(lang),
        "subjects.receive" => lang::subjects::cause_receive(lang),
        "subjects.identify" => lang::subjects::cause_identify(lang),
        "subjects.answer" => lang::subjects::cause_answer(lang),
        "subjects.forward" => lang::subjects::cause_forward(lang),
        "subjects.extend" => lang::subjects::cause_extend(lang),
        "access.erase_reads" => lang::trace::cause_erase(lang),
        "subjects.decide" => lang::subjects::cause_decide(lang),
        "subjects.close" => lang::subjects::cause_close(lang),
        "subjects.withdraw" => lang::subjects::cause_withdraw(lang),
        "subjects.erase" => lang::subjects::cause_erase(lang),
        "subjects.read" => lang::subjects::cause_read(lang),
        "consents.give" => lang::consents::cause_give(lang),
        "consents.withdraw" => lang::consents::cause_withdraw(lang),
        "consents.erase" => lang::consents::cause_erase(lang),
        "retention.apply" => lang::retention::cause_apply(lang),
        other => other,
    }
}

/// "+12", "−3", "0".
pub(crate) fn delta(lang: Lang, delta: i64) -> String {
    if delta > 0 { format!("+{}", grouped(lang, delta)) } else { grouped(lang, delta) }
}

/// A unit on a day with the one above it, as a link: "Ấp 3, Xã Vị Thủy".
pub(crate) fn unit(view: &View, unit: i64, day: Day) -> Markup {
    let territory = &view.territory;
    let id = UnitId(unit);
    let Some(version) = territory.at(id, day) else {
        return html! { (territory.full_name(id, day)) };
    };
    let above = version.parent.map(|parent| territory.full_name(parent, day));
    html! {
        a href=(unit_href(version, day)) { (version.full_name) }
        @if let Some(above) = above { ", " (above) }
    }
}

/// The last entries of the journal.
pub(crate) async fn latest(view: &mut View, count: usize) -> Result<Markup> {
    let last = journal::last_seq(&mut view.tx).await?;
    let mut entries = Vec::new();
    for seq in (1..=last).rev().take(count) {
        let Some(mut entry) = journal::find_entry(&mut view.tx, seq).await? else { continue };
        view.disclose_entry(&mut entry).await?;
        entries.push(entry);
    }
    let lang = view.lang;
    if entries.is_empty() {
        return Ok(pieces::empty(lang::drill::nothing(lang), None));
    }
    Ok(html! {
        ul {
            @for entry in &entries {
                li {
                    (entry.actor) " " (cause(lang, &entry.cause)) (about(view, entry)) " ("
                    a href={ "/entries/" (entry.seq) } {
                        (lang::overview::entry(lang, grouped(lang, entry.seq)))
                    }
                    ", " (entry.recorded_at.local()) ")"
                }
            }
        }
    })
}

/// What an entry is about: the measure and unit of its first posting.
fn about(view: &View, entry: &Entry) -> Markup {
    let lang = view.lang;
    let Some(posting) = entry.postings.first() else { return html! {} };
    let measure = view.catalogue.measure_numbered(posting.measure);
    html! {
        ": " @if let Some(measure) = measure { (measure.name.say(lang)) ", " }
        (unit(view, posting.unit, posting.day)) ", " (short_day(posting.day))
    }
}

pub(crate) async fn entry(
    State(desk): State<Desk>,
    asked: Asked,
    Path(seq): Path<i64>,
) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let entry = journal::find_entry(&mut view.tx, seq).await?;
    let mut entry = entry.ok_or_else(|| Error::not_found(lang::drill::no_entry))?;
    view.disclose_entry(&mut entry).await?;
    let lang = view.lang;
    let title = lang::drill::entry(lang, grouped(lang, entry.seq));
    let ground = ground_of_entry(&mut view, &entry).await?;
    let frame = Frame::new(&asked, Section::Indicators, &*title).ground(ground);
    let record = html! {
        @if entry.record_kind == "observation" {
            a href={ "/observations/" (entry.record_id) } { (lang::observations::one(lang)) }
            ", " (lang::observations::version(lang, entry.record_version))
        } @else if entry.record_kind == "publication" {
            a href={ "/publications/" (entry.record_id) } { (lang::publications::one(lang)) }
        } @else {
            (entry.record_kind) " " (entry.record_id)
        }
    };
    let columns = [
        Column::head(lang::drill::unit(lang)),
        Column::text(lang::drill::measure(lang)),
        Column::number(lang::drill::day(lang)),
        Column::number(lang::drill::delta(lang)),
    ];
    let rows: Vec<Vec<Markup>> = entry
        .postings
        .iter()
        .map(|posting| {
            let measure = view.catalogue.measure_numbered(posting.measure);
            vec![
                unit(&view, posting.unit, posting.day),
                html! { @if let Some(measure) = measure { (measure.name.say(lang)) } },
                html! { (short_day(posting.day)) },
                html! { (delta(lang, posting.delta)) },
            ]
        })
        .collect();
    let body = html! {
        (pieces::heading(&title, Some(lang::drill::entry_lead(lang))))
        (pieces::definition_list(&[
            (lang::drill::what(lang), html! { (cause(lang, &entry.cause)) }),
            (lang::drill::recorded(lang), html! { (entry.recorded_at.local()) }),
            (lang::drill::by(lang), html! { (entry.actor) }),
            (lang::drill::record(lang), record),
            (lang::drill::content_hash(lang), hash(&entry.content_hash)),
            (lang::drill::hash(lang), hash(&entry.hash)),
            (lang::drill::proof(lang), html! {
                a href={ "/entries/" (entry.seq) "/proof" } { (lang::drill::get_proof(lang)) }
                " " a href="/seals" { (lang::drill::about_seals(lang)) }
            }),
        ]))
        h2 { (lang::drill::postings(lang)) }
        @if rows.is_empty() {
            (pieces::empty(lang::drill::no_postings(lang), None))
        } @else {
            (pieces::table(lang::drill::postings_caption(lang), &columns, &rows))
        }
        p {
            @if entry.seq > 1 {
                a href={ "/entries/" (entry.seq - 1) } rel="prev" { (lang::drill::entry_before(lang)) }
            }
        }
    };
    Ok(layout(&frame, body))
}

/// Where the page of a record stands: on the map and the days of the record itself.
pub(crate) fn ground(lang: Lang, it: &Observation) -> Ground {
    let lines = vec![
        lang::web::standing_map(lang, short_day(it.day)),
        lang::figures::ground_days(lang, days(lang, it)),
    ];
    Ground { lines, made_up: it.made_up }
}

/// An entry stands on the map of its record's day, or of the day on which it was recorded.
async fn ground_of_entry(view: &mut View, entry: &Entry) -> Result<Ground> {
    let lang = view.lang;
    let mut ground = match entry.record_kind.as_str() {
        "observation" => {
            let (_, versions) = observations::get(&mut view.tx, &entry.record_id).await?;
            let made = versions.iter().find(|it| it.version == entry.record_version);
            made.map(|it| ground(lang, it)).unwrap_or_default()
        }
        _ => {
            let day = entry.recorded_at.day();
            let lines = vec![lang::web::standing_map(lang, short_day(day))];
            Ground { lines, made_up: false }
        }
    };
    ground.lines.push(lang::figures::ground_recorded(lang, entry.recorded_at.local()));
    Ok(ground)
}

/// In groups of eight, so that two can be compared and a line can break.
fn hash(bytes: &[u8]) -> Markup {
    let groups: Vec<String> = bytes
        .chunks(4)
        .map(|group| group.iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    html! { code { (groups.join(" ")) } }
}

#[derive(Deserialize)]
pub(crate) struct Done {
    done: Option<String>,
}

/// What was done just now.
fn notice_of(lang: Lang, done: Option<&str>) -> Option<Notice> {
    let text = match done? {
        "reported" => lang::observations::done_reported(lang),
        "corrected" => lang::observations::done_corrected(lang),
        "withdrawn" => lang::observations::done_withdrawn(lang),
        _ => return None,
    };
    Some(Notice::Done(text.to_owned()))
}

pub(crate) async fn observation(
    State(desk): State<Desk>,
    asked: Asked,
    Path(id): Path<String>,
    Query(Done { done }): Query<Done>,
) -> PageResult {
    let mut view = View::open(&desk, &asked, None, None).await?;
    let (mut now, mut versions) = observations::get(&mut view.tx, &id).await?;
    check_observation(&view.catalogue, &now, view.sight)?;
    let entries: Vec<i64> = versions.iter().map(|it| it.entry).collect();
    let mut recordings = journal::recordings(&mut view.tx, &entries).await?;
    let to = (view.lang, asked.actor());
    let is_inside = disclosure::versions(&mut view.tx, to, &mut versions, &mut recordings).await?;
    if !is_inside {
        (now.source, now.evidence) = (String::new(), None);
    }
    let file = match &now.evidence {
        Some(hash) => observations::find_file_name(&mut view.tx, hash).await?,
        None => None,
    };
    let lang = view.lang;
    let measure = view.catalogue.measure_numbered(now.measure);
    let title = measure.map_or("", |measure| measure.name.say(lang));
    let mut frame = Frame::new(&asked, Section::Indicators, title).ground(ground(lang, &now));
    frame.notice = notice_of(lang, done.as_deref());
    let counted = measure.map_or("", |measure| view.catalogue.counted(lang, &measure.counted));
    let mut facts = vec![
        (lang::drill::unit(lang), unit(&view, now.unit.0, now.day)),
        (
            lang::observations::value(lang),
            html! {
                @if let Some(value) = now.value {
                    strong { (grouped(lang, value)) } " " (counted)
                } @else {
                    (lang::observations::is_withdrawn(lang))
                }
            },
        ),
        (lang::drill::day(lang), html! { (days(lang, &now)) }),
        (
            lang::drill::source(lang),
            html! {
                @if is_inside { (now.source) } @else { (lang::drill::for_the_inside(lang)) }
                @if now.made_up { " " (pieces::badge(lang, Badge::MadeUp)) }
            },
        ),
    ];
    if let Some(name) = file {
        let link = format!("/observations/{}/evidence", encoded(&now.id));
        facts.push((
            lang::observations::evidence(lang),
            html! {
                @if asked.visitor.is_some() { a href=(link) { (name) } } @else { (name) }
            },
        ));
    }
    let body = html! {
        (pieces::heading(title, measure.map(|measure| measure.definition.say(lang))))
        (pieces::definition_list(&facts))
        @if asked.visitor.is_some() && now.value.is_some() {
            ul {
                li { a href={ "/observations/" (now.id) "/correct" } { (lang::observations::correct(lang)) } }
                li { a href={ "/observations/" (now.id) "/withdraw" } { (lang::observations::withdraw(lang)) } }
            }
        }
        h2 { (lang::observations::versions(lang)) }
        (history(lang, &versions, &recordings))
    };
    Ok(layout(&frame, body))
}

/// The day of a stock; the first and last day of a flow.
pub(crate) fn days(lang: Lang, observation: &Observation) -> String {
    let (from, to) = (short_day(observation.day_from), short_day(observation.day));
    if from == to {
        to
    } else {
        lang::observations::from_to(lang, lang::observations::FromTo { from, to })
    }
}

fn history(
    lang: Lang,
    versions: &[Observation],
    recordings: &HashMap<i64, (Moment, String)>,
) -> Markup {
    let columns = [
        Column::head(lang::observations::version_head(lang)),
        Column::number(lang::observations::value(lang)),
        Column::text(lang::observations::reason(lang)),
        Column::text(lang::drill::by(lang)),
        Column::number(lang::drill::recorded(lang)),
        Column::number(lang::drill::entry_number(lang)),
    ];
    let rows: Vec<Vec<Markup>> = versions
        .iter()
        .rev()
        .map(|it| {
            let made = recordings.get(&it.entry);
            vec![
                html! { (lang::observations::version(lang, it.version)) },
                value(lang, it),
                html! {
                    @match it.reason.as_deref() {
                        None => { (lang::observations::first_report(lang)) }
                        Some("") => { (lang::drill::for_the_inside(lang)) }
                        Some(reason) => { (reason) }
                    }
                },
                html! { @if let Some((_, actor)) = made { (actor) } },
                html! { @if let Some((at, _)) = made { (at.local()) } },
                html! { a href={ "/entries/" (it.entry) } { (grouped(lang, it.entry)) } },
            ]
        })
        .collect();
    pieces::table(lang::observations::newest_first(lang), &columns, &rows)
}

/// The number of a version, or that it was withdrawn.
pub(crate) fn value(lang: Lang, it: &Observation) -> Markup {
    html! {
        @match it.value {
            Some(value) => { (grouped(lang, value)) }
            None => { (lang::drill::withdrawn(lang)) }
        }
    }
}

/// The file with the evidence, for those who are signed in: papers may name people.
pub(crate) async fn evidence(
    State(desk): State<Desk>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult<Response> {
    let mut tx = desk.database().read().await?;
    let (now, _) = observations::get(&mut tx, &id).await?;
    let catalogue = desk.catalogue(&mut tx).await?;
    check_observation(&catalogue, &now, Sight::of_visitor(Some(&visitor)))?;
    observations::check_read(&mut tx, visitor.actor(), &now).await?;
    let hash = now.evidence.ok_or_else(|| Error::not_found(lang::observations::no_evidence))?;
    let file = observations::find_file(&mut tx, &hash).await?;
    let file = file.ok_or_else(|| Error::not_found(lang::observations::no_evidence))?;
    let shown = evidence_of(Act::ReadObservations, "observation", (id, Some(now.unit.0)));
    download(shown, &file.name, file.content).map_err(Into::into)
}

/// Evidence as something that is shown.
pub(crate) fn evidence_of(
    act: Act,
    kind: &'static str,
    (record, unit): (String, Option<i64>),
) -> Shown {
    let (subjects, words) = (Vec::new(), String::new());
    Shown { act, kind, record, subjects, unit, words, count: 1 }
}

/// A file that somebody sent in, as what its bytes say that it is: for keeping, not for looking at.
/// Whatever it holds, no browser is to act on it within this site; and whoever has it given out leaves a
/// trace.
pub(crate) fn download(shown: Shown, name: &str, content: Vec<u8>) -> Result<Response> {
    looks::tell(shown);
    let kind = FileType::find(name, &content);
    let kind = kind.map_or("application/octet-stream", FileType::content_type);
    let name = format!("attachment; filename*=UTF-8''{}", encoded(name));
    let name = HeaderValue::from_str(&name).map_err(Error::internal)?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_DISPOSITION, name),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    Ok((headers, content).into_response())
}
