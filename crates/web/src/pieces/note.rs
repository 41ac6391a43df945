//! Headings, flags, messages and the large figure.

use lang::Lang;
use maud::{Markup, html};

use crate::page::Notice;

/// The heading of a page, with a sentence that says what the page is for.
#[must_use]
pub fn heading(title: &str, lead: Option<&str>) -> Markup {
    html! {
        h1 { (title) }
        @if let Some(lead) = lead { p.lead { (lead) } }
    }
}

/// What must be known about a figure or a record at a glance.
#[derive(Clone, Copy, Debug)]
pub enum Badge<'a> {
    /// A state, in words of the area.
    Neutral(&'a str),
    /// Something is not right, in words of the area.
    Warning(&'a str),
    /// The figure rests on shares, not on records alone.
    Estimated,
    /// The data was made up to show the program.
    MadeUp,
    /// Nobody has given the figure; that is not zero.
    NoData,
    /// There is no figure to show, for the reason that these words give.
    None(&'a str),
}

/// A flag beside a figure or a name.
#[must_use]
pub fn badge(lang: Lang, badge: Badge<'_>) -> Markup {
    let (class, text) = match badge {
        Badge::Neutral(text) => ("neutral", text),
        Badge::Warning(text) => ("warning", text),
        Badge::Estimated => ("estimated", lang::web::estimated(lang)),
        Badge::MadeUp => ("made-up", lang::web::made_up(lang)),
        Badge::NoData => ("no-data", lang::web::no_data(lang)),
        Badge::None(why) => ("no-data", why),
    };
    html! { span.badge.(class) { (text) } }
}

/// A figure that stands large on a page, with the parts that it is made of.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    /// What is counted.
    pub label: &'a str,
    /// The figure, ready to read; none where nobody has given it.
    pub value: Option<&'a str>,
    /// Numerator and denominator of a share.
    pub parts: Option<Parts<'a>>,
    /// The page with the records behind the figure.
    pub href: &'a str,
    /// What must be known about it.
    pub badge: Option<Badge<'a>>,
}

/// Numerator and denominator, each with its unit: "1.482 hộ dùng ứng dụng", "7.585 hộ".
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// What is counted.
    pub numerator: &'a str,
    /// Among how many.
    pub denominator: &'a str,
}

/// One figure; several stand side by side in [`figures`].
#[must_use]
pub fn figure(lang: Lang, figure: &Figure<'_>) -> Markup {
    html! {
        article.figure {
            h3 { a href=(figure.href) { (figure.label) } }
            p.value {
                @match figure.value {
                    Some(value) => (value),
                    None => (badge(lang, Badge::NoData)),
                }
            }
            @if let Some(parts) = figure.parts {
                p.parts {
                    span { (parts.numerator) }
                    " " span.of { (lang::web::of(lang)) } " "
                    span { (parts.denominator) }
                }
            }
            @if let Some(flag) = figure.badge { p { (badge(lang, flag)) } }
        }
    }
}

/// Figures side by side.
#[must_use]
pub fn figures(lang: Lang, list: &[Figure<'_>]) -> Markup {
    html! { div.figures { @for one in list { (figure(lang, one)) } } }
}

/// A message above the body of a page.
#[must_use]
pub fn notice(lang: Lang, notice: &Notice) -> Markup {
    let (class, title, text) = match notice {
        Notice::Done(text) => ("done", lang::web::done(lang), text),
        Notice::Warning(text) => ("warning", lang::web::warning(lang), text),
        Notice::Note(text) => ("note", lang::web::note(lang), text),
    };
    html! {
        div.notice.(class) role="status" {
            p { strong { (title) } " " (text) }
        }
    }
}

/// Stands where a list has nothing: why, and what the reader can do.
#[must_use]
pub fn empty(why: &str, next: Option<(&str, &str)>) -> Markup {
    html! {
        div.empty {
            p { (why) }
            @if let Some((href, label)) = next { p { a href=(href) { (label) } } }
        }
    }
}

/// Something that most readers do not need at first.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "callers write the body in place")]
pub fn details(summary: &str, body: Markup) -> Markup {
    html! { details { summary { (summary) } div.inside { (body) } } }
}

/// Charts or other blocks side by side where the screen is wide enough, one below the other where
/// it is not.
#[must_use]
pub fn beside(blocks: &[Markup]) -> Markup {
    html! { div.beside { @for block in blocks { div { (block) } } } }
}
