//! Events in time, such as the history of a unit. A list, so that it reads well on any screen.

use base::{Day, short_day};
use maud::{Markup, html};

/// One event.
#[derive(Clone, Debug)]
pub struct Event {
    /// The day on which it took effect.
    pub day: Day,
    /// What happened, in a few words.
    pub title: String,
    /// Who took part and by which document.
    pub body: Markup,
}

/// Events along a line, in the order given; those after `as_of` are drawn hollow.
#[must_use]
pub fn timeline(label: &str, as_of: Day, events: &[Event]) -> Markup {
    html! {
        ol.timeline aria-label=(label) {
            @for event in events {
                li.later[event.day > as_of] {
                    p.day { time datetime=(event.day) { (short_day(event.day)) } }
                    div {
                        p { strong { (event.title) } }
                        (event.body)
                    }
                }
            }
        }
    }
}
