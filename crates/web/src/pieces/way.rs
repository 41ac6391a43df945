//! Where the reader is and where to go: breadcrumbs, tabs, the next page of a list.

use lang::Lang;
use maud::{Markup, html};

use crate::ask::{link_with, link_without};

/// One page above the present one.
#[derive(Clone, Copy, Debug)]
pub struct Crumb<'a> {
    /// The name of the page.
    pub label: &'a str,
    /// Its address.
    pub href: &'a str,
}

/// The pages above the present one, from the top; the present page itself is not among them.
#[must_use]
pub fn breadcrumbs(lang: Lang, above: &[Crumb<'_>]) -> Markup {
    html! {
        nav.crumbs aria-label=(lang::nav::breadcrumbs(lang)) {
            ol { @for crumb in above { li { a href=(crumb.href) { (crumb.label) } } } }
        }
    }
}

/// One view among several of the same thing.
#[derive(Clone, Copy, Debug)]
pub struct Tab<'a> {
    /// The name of the view.
    pub label: &'a str,
    /// Its address.
    pub href: &'a str,
}

/// Views of the same thing as links; `current` counts from 0.
#[must_use]
pub fn tabs(label: &str, tabs: &[Tab<'_>], current: usize) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul {
                @for (at, tab) in tabs.iter().enumerate() {
                    li {
                        a href=(tab.href) aria-current=[(at == current).then_some("page")] {
                            (tab.label)
                        }
                    }
                }
            }
        }
    }
}

/// Leads to the next page of a list and back to its beginning; nothing when there is one page.
///
/// `path` is the address of the present page, whose filters are kept; `next` comes from
/// [`base::Page::next`].
#[must_use]
pub fn pager(lang: Lang, path: &str, next: Option<&str>) -> Markup {
    let start = link_without(path, "cursor");
    let is_later = start != path;
    html! {
        @if next.is_some() || is_later {
            nav.pager aria-label=(lang::web::pages(lang)) {
                @if is_later { a href=(start) rel="first" { (lang::web::first_page(lang)) } }
                @if let Some(cursor) = next {
                    a href=(link_with(path, "cursor", cursor)) rel="next" {
                        (lang::web::next_page(lang))
                    }
                }
            }
        }
    }
}
