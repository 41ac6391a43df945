//! Events in time, such as the history of a unit. A list, so that it reads well on any screen.

use maud::{Markup, html};

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// The day, ready to read: "01/07/2025".
    pub day: String,
    /// What happened, in a few words.
    pub title: String,
    /// Who took part and by which document.
    pub body: Markup,
    /// Whether the event lies at or before the day that the page stands on; later ones are drawn
    /// hollow.
    pub is_past: bool,
}

/// Events along a line, in the order given.
#[must_use]
pub fn timeline(label: &str, events: &[Event]) -> Markup {
    html! {
        ol.timeline aria-label=(label) {
            @for event in events {
                li.later[!event.is_past] {
                    p.day { time { (event.day) } }
                    div {
                        p.what { strong { (event.title) } }
                        (event.body)
                    }
                }
            }
        }
    }
}
