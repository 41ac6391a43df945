//! What an order must hold to before it is even rehearsed.

use std::collections::HashMap;

use base::text::clean;
use base::{Day, Error, FieldError, Result};
use lang::{Lang, Text};

use super::{MergerOrder, NewUnit, Parent};
use crate::{Part, Territory, UnitId};

struct Mistakes(Vec<FieldError>);

impl Mistakes {
    fn add<S: Into<String>>(
        &mut self,
        place: String,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) {
        self.0.push(FieldError { place, text: Text::new(say) });
    }
}

/// Errors: `Invalid`, each at `into[2].code` and the like.
pub(super) fn check(territory: &Territory, order: &MergerOrder) -> Result<()> {
    let mut mistakes = Mistakes(Vec::new());
    if order.into.is_empty() {
        mistakes.add("into".to_owned(), lang::merger::nothing);
    }
    if clean(&order.act.number).is_empty() {
        mistakes.add("act".to_owned(), lang::import::no_act);
    }
    let mut parts: HashMap<UnitId, Vec<Part>> = HashMap::new();
    for (unit, part) in order.into.iter().flat_map(|unit| &unit.from) {
        parts.entry(*unit).or_default().push(*part);
    }
    for (at, unit) in order.into.iter().enumerate() {
        one(territory, order, (at, unit), &parts, &mut mistakes);
    }
    for (at, (child, into)) in order.children.iter().enumerate() {
        let place = format!("children[{at}]");
        match (territory.at(*child, order.on), order.into.get(*into)) {
            (Some(child), Some(into)) => {
                // Said of another child it would be passed over in silence.
                let goes = into.from.iter().any(|(source, _)| child.parent == Some(*source));
                if !goes || parts.contains_key(&child.unit) {
                    mistakes.add(place, lang::merger::not_taken);
                }
            }
            _ => mistakes.add(place, lang::merger::unknown_unit),
        }
    }
    if mistakes.0.is_empty() { Ok(()) } else { Err(Error::Invalid(mistakes.0)) }
}

fn one(
    territory: &Territory,
    order: &MergerOrder,
    (at, unit): (usize, &NewUnit),
    parts: &HashMap<UnitId, Vec<Part>>,
    mistakes: &mut Mistakes,
) {
    let place = |field: &str| format!("into[{at}].{field}");
    if clean(&unit.name).is_empty() || clean(&unit.full_name).is_empty() {
        mistakes.add(place("name"), lang::import::no_name);
    }
    if crate::UnitCode::new(unit.kind.level(), unit.code.as_str()).is_err() {
        mistakes.add(place("code"), lang::import::bad_code);
    }
    let holder = territory.by_code(unit.code.as_str(), order.on);
    let taken = holder.is_some_and(|holder| !parts.contains_key(&holder.unit));
    let twice = order.into.iter().take(at).any(|other| other.code == unit.code);
    if taken || twice {
        mistakes.add(place("code"), lang::merger::code_taken);
    }
    let above = unit.parent.map(|parent| match parent {
        Parent::Known(parent) => {
            let version = territory.at(parent, order.on).filter(|_| !parts.contains_key(&parent));
            version.is_some_and(|version| version.kind.level() < unit.kind.level())
        }
        Parent::Formed(at) => {
            order.into.get(at).is_some_and(|above| above.kind.level() < unit.kind.level())
        }
    });
    if above != (unit.kind.level() != crate::Level::Province).then_some(true) {
        mistakes.add(place("parent"), lang::merger::bad_parent);
    }
    for (source, _) in &unit.from {
        if !is_open(territory, *source, order.on) {
            mistakes.add(place("from"), lang::merger::unknown_unit);
        } else if territory.unit(*source).is_some_and(|known| known.level != unit.kind.level()) {
            mistakes.add(place("from"), lang::merger::other_level);
        } else if !Part::make_up_a_whole(&parts[source])
            || unit.from.iter().filter(|(other, _)| other == source).count() > 1
        {
            mistakes.add(place("from"), lang::merger::parts_mismatch);
        }
    }
}

/// Whether the unit is there on the day, was there before it, and nothing later is known.
fn is_open(territory: &Territory, unit: UnitId, on: Day) -> bool {
    let last = territory.unit(unit).and_then(|unit| unit.last());
    let is_last = last.is_some_and(|last| last.valid.from < on && last.valid.to == Day::MAX);
    is_last && !territory.is_settled(unit, on)
}
