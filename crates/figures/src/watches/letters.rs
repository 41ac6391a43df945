//! The words of letters and of web feeds.

use base::{Day, Result, decimal, grouped, short_day};
use lang::Lang;
use packs::Catalogue;
use serde::{Deserialize, Serialize};
use store::Tx;
use territory::{Territory, UnitCode};
use web::ask::encoded;

use super::model::{Change, Corrected, Ending, Event, Moved, Standing, Subject as Watched, Topic};
use super::rules::CONFIRM_HOURS;
use super::site::Site;
use crate::Period;
use crate::publications;
use crate::targets::Status;

/// So many numbers of a publication are named; the page has all.
const MOST_NUMBERS: usize = 12;

/// A letter as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The address that ends the watch by which it was sent; none in a letter that was asked for.
    pub unsubscribe: Option<String>,
}

/// A subject by its names, as they are on a day.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The name of the unit.
    pub(crate) unit: String,
    /// The title of the target or of the publication, or the name of the indicator; its code where
    /// nobody knows it.
    pub(crate) title: String,
    /// The plan of a target with its document; number and period of a publication.
    about: Option<String>,
    /// How addresses name the unit.
    reference: String,
    topic: Topic,
}

/// A change in words.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    /// In one line.
    pub(crate) title: String,
    /// What stands where, line by line.
    pub(crate) lines: Vec<String>,
    /// The page where it can be seen as it was told.
    pub(crate) path: String,
}

impl Subject {
    /// The names on a day, or the last ones where it was over by then.
    ///
    /// Errors: `Unavailable`.
    pub(crate) async fn of(
        tx: &mut Tx,
        lang: Lang,
        (catalogue, territory): (&Catalogue, &Territory),
        watched: &Watched,
        on: Day,
    ) -> Result<Self> {
        let version = territory.at(watched.unit, on);
        let version = version.or_else(|| territory.unit(watched.unit)?.last());
        let code = version.and_then(|version| version.code.as_ref()).map(UnitCode::as_str);
        let reference = code.filter(|_| territory.at(watched.unit, on).is_some());
        let reference = reference.map_or_else(|| format!("~{}", watched.unit), encoded);
        let unit = version.map_or_else(String::new, |version| version.full_name.clone());
        let code = watched.topic.code();
        let (title, about) = match &watched.topic {
            Topic::Target(_) => {
                let target = catalogue.target(code);
                let plan = target.and_then(|target| catalogue.plan(&target.plan));
                let plan = plan.map(|plan| {
                    let (title, document) = (plan.title.say(lang), plan.document.say(lang));
                    lang::watch::of_plan(lang, lang::watch::OfPlan { document, title })
                });
                (target.map_or(code, |target| target.title.say(lang)).to_owned(), plan)
            }
            Topic::Indicator(_) => {
                let name = catalogue.indicator(code).map_or(code, |it| it.name.say(lang));
                (name.to_owned(), None)
            }
            Topic::Publication(_) => match publications::find_frozen(tx, code).await? {
                Some(it) => {
                    let (number, period) = (it.body.issue.number, it.body.sheet.period_line);
                    let about =
                        lang::watch::of_issue(lang, lang::watch::OfIssue { number, period });
                    (it.body.sheet.title, Some(about))
                }
                None => (code.to_owned(), None),
            },
        };
        let topic = watched.topic.clone();
        Ok(Self { unit, title, about, reference, topic })
    }

    /// The page of what is watched.
    pub(crate) fn path(&self) -> String {
        match &self.topic {
            Topic::Target(code) => format!("/targets/{}", encoded(code)),
            Topic::Publication(code) => format!("/publications/{}", encoded(code)),
            Topic::Indicator(code) => {
                format!("/indicators/{}?under={}", encoded(code), self.reference)
            }
        }
    }

    /// The feed of what is watched.
    pub(crate) fn feed(&self, unit: &str) -> String {
        let code = encoded(self.topic.code());
        format!("/watch/{}s/{code}.atom?unit={unit}", self.topic.kind())
    }
}

/// A change in words, told on a day, of data that may be made up.
pub(crate) fn words(
    lang: Lang,
    subject: &Subject,
    (change, on, made_up): (&Change, Day, bool),
) -> Words {
    let (unit, title) = (&subject.unit, &subject.title);
    let mut lines = vec![lang::watch::line_unit(lang, unit)];
    let (title, path) = match change {
        Change::Target { event, now } => {
            lines.push(lang::watch::line_target(lang, title));
            lines.extend(subject.about.clone());
            lines.extend(standing(lang, now));
            let path = format!("{}?on={on}&known={on}", subject.path());
            (event_title(lang, *event, unit, title), path)
        }
        Change::Indicator { decimals, moved } => {
            lines.push(lang::watch::line_indicator(lang, title));
            lines.extend(moved.iter().map(|it| line(lang, *decimals, it)));
            let said = lang::watch::Changed { title, unit };
            (lang::watch::changed(lang, said), figure_path(subject, moved, on))
        }
        Change::Publication { corrected, ended } => {
            lines.push(lang::watch::line_publication(lang, title));
            lines.extend(subject.about.clone());
            lines.extend(ended.iter().map(|it| ending(lang, it)));
            lines.extend(corrected.iter().take(MOST_NUMBERS).map(|it| correction(lang, it)));
            let more = corrected.len().saturating_sub(MOST_NUMBERS);
            lines.extend((more > 0).then(|| lang::watch::line_more(lang, more)));
            let title = match ended {
                Some(Ending { replaced_by: Some(_), .. }) => lang::watch::replaced(lang, title),
                Some(_) => lang::watch::withdrawn(lang, title),
                None => lang::watch::corrected(lang, title),
            };
            (title, format!("{}#changes", subject.path()))
        }
    };
    if made_up {
        lines.push(lang::watch::made_up(lang).to_owned());
        let title = lang::watch::made_up_title(lang, title);
        return Words { title, lines, path };
    }
    Words { title, lines, path }
}

fn event_title(lang: Lang, event: Event, unit: &str, title: &str) -> String {
    match event {
        Event::FellBehind => lang::watch::behind(lang, lang::watch::Behind { title, unit }),
        Event::CaughtUp => lang::watch::caught_up(lang, lang::watch::CaughtUp { title, unit }),
        Event::Missed => lang::watch::missed(lang, lang::watch::Missed { title, unit }),
        Event::Reached => lang::watch::reached(lang, lang::watch::Reached { title, unit }),
    }
}

fn standing(lang: Lang, now: &Standing) -> Vec<String> {
    let value = |scaled: i64| value(lang, now.decimals, scaled);
    let status = match now.status {
        Status::Missed => lang::targets::missed(lang),
        Status::Behind => lang::targets::is_behind(lang),
        Status::NoData => lang::web::no_data(lang),
        Status::TooFew => lang::targets::too_few(lang),
        Status::OnTrack => lang::targets::on_track(lang),
        Status::Reached => lang::targets::reached(lang),
    };
    let mut lines = vec![lang::watch::line_status(lang, status)];
    if let Some((latest, on)) = now.value.zip(now.on) {
        let (latest, day) = (value(latest), short_day(on));
        lines.push(lang::watch::line_latest(lang, lang::watch::LineLatest { day, latest }));
    }
    let (by, wanted) = (short_day(now.by), value(now.wanted));
    lines.push(lang::watch::line_wanted(lang, lang::watch::LineWanted { by, wanted }));
    lines.extend(now.since.map(|since| lang::watch::line_since(lang, short_day(since))));
    lines
}

fn line(lang: Lang, decimals: Option<u32>, moved: &Moved) -> String {
    let period = Period::parse(&moved.period, &[]);
    let period = period.map_or_else(|_| moved.period.clone(), |period| period.title(lang));
    let value = |scaled: i64| value(lang, decimals, scaled);
    match (moved.before, moved.now) {
        (Some(before), Some(now)) => {
            let (before, now) = (value(before), value(now));
            lang::watch::line_moved(lang, lang::watch::LineMoved { before, now, period })
        }
        (None, Some(now)) => {
            lang::watch::line_complete(lang, lang::watch::LineComplete { now: value(now), period })
        }
        (Some(before), None) => {
            let before = value(before);
            lang::watch::line_gone(lang, lang::watch::LineGone { before, period })
        }
        (None, None) => lang::watch::line_changed(lang, period),
    }
}

fn ending(lang: Lang, ended: &Ending) -> String {
    let reason = &ended.reason;
    match &ended.replaced_by {
        Some(number) => {
            lang::watch::line_replaced(lang, lang::watch::LineReplaced { number, reason })
        }
        None => lang::watch::line_withdrawn(lang, reason),
    }
}

fn correction(lang: Lang, it: &Corrected) -> String {
    let (row, column) = (&it.row, &it.column);
    let before = it.frozen.said_with_parts(lang, it.part);
    match &it.now {
        Some(now) => {
            let now = now.said_with_parts(lang, it.part);
            let said = lang::watch::LineCorrected { before, column, now, row };
            lang::watch::line_corrected(lang, said)
        }
        None => {
            lang::watch::line_undeclared(lang, lang::watch::LineUndeclared { before, column, row })
        }
    }
}

fn value(lang: Lang, decimals: Option<u32>, scaled: i64) -> String {
    match decimals {
        Some(decimals) => format!("{}%", decimal(lang, scaled, decimals)),
        None => grouped(lang, scaled),
    }
}

/// The figure that moved last, on the map of the day and as it was known then.
fn figure_path(subject: &Subject, moved: &[Moved], on: Day) -> String {
    let Some(last) = moved.last() else { return subject.path() };
    let (code, unit) = (encoded(subject.topic.code()), &subject.reference);
    format!("/figures/{code}/{unit}/{}?map={on}&known={on}", encoded(&last.period))
}

/// The letter about a change to one who watches it: their token and their watch.
pub(super) fn of_change(
    lang: Lang,
    site: &Site,
    words: &Words,
    (token, watch): (&str, &str),
) -> Letter {
    let see = lang::watch::letter_see(lang, site.url(&words.path));
    let all = site.url(&format!("/watch/{token}"));
    let unsubscribe = site.url(&end_path(token, watch));
    let why = lang::watch::letter_why(lang, lang::watch::LetterWhy { all, end: &unsubscribe });
    let text = format!("{}\n\n{see}\n\n-- \n{why}\n", words.lines.join("\n"));
    Letter { subject: words.title.clone(), text, unsubscribe: Some(unsubscribe) }
}

/// The letter that asks whether one wants to be told.
pub(super) fn to_confirm(lang: Lang, site: &Site, subject: &Subject, token: &str) -> Letter {
    let Subject { title, unit, .. } = subject;
    let link = site.url(&format!("/watch/confirm/{token}?lang={}", lang.tag()));
    let hours = CONFIRM_HOURS;
    let text =
        lang::watch::confirm_letter(lang, lang::watch::ConfirmLetter { hours, link, title, unit });
    let subject = lang::watch::confirm_subject(lang, lang::watch::ConfirmSubject { title, unit });
    Letter { subject, text, unsubscribe: None }
}

/// The letter to one who watches it already and asked once more.
pub(super) fn already(lang: Lang, site: &Site, subject: &Subject, token: &str) -> Letter {
    let Subject { title, unit, .. } = subject;
    let link = site.url(&format!("/watch/{token}"));
    let said = lang::watch::AlreadyLetter { link, title, unit };
    let text = lang::watch::already_letter(lang, said);
    let subject = lang::watch::already_subject(lang, lang::watch::AlreadySubject { title, unit });
    Letter { subject, text, unsubscribe: None }
}

/// The page that ends a watch.
pub(crate) fn end_path(token: &str, watch: &str) -> String {
    format!("/watch/{token}/end/{watch}")
}
