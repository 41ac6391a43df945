//! Lines of rights in words.

use base::{Day, DayRange, short_day};
use lang::Lang;
use maud::{Markup, html};
use territory::{Territory, UnitId};
use web::pieces::{self, Badge, Column};

use crate::grants::{Given, Reach, Rules, Standing};

impl Standing {
    /// Why a line counts or does not.
    pub(super) fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::InForce => lang::rights::in_force(lang),
            Self::AwaitsFactor => lang::rights::awaits_factor(lang),
            Self::NotHeld => lang::rights::not_held(lang),
            Self::NotAssigned => lang::rights::not_assigned(lang),
            Self::NotGranted => lang::rights::not_granted(lang),
            Self::NoUnit => lang::rights::no_unit(lang),
        }
    }
}

/// "01/07/2025 – 31/12/2026".
pub(super) fn days(lang: Lang, valid: DayRange) -> String {
    let from = short_day(valid.from);
    match valid.to {
        Day::MAX => lang::unit::since(lang, from),
        _ if valid.from >= valid.to => lang::organisation::never(lang, from),
        _ => lang::unit::between(lang, lang::unit::Between { from, to: short_day(valid.last()) }),
    }
}

/// The name of a unit today, or as it was called last.
pub(super) fn unit(territory: &Territory, id: UnitId, today: Day) -> String {
    match territory.path(id, today) {
        Some(path) => path,
        None => territory.full_name(id, today),
    }
}

/// Where a line reaches.
pub(super) fn place(lang: Lang, territory: &Territory, given: &Given, today: Day) -> Markup {
    html! {
        @match (given.reach, given.root) {
            (Reach::Unit | Reach::Subtree, Some(root)) => {
                (unit(territory, root, today))
                @if given.reach == Reach::Subtree { br; (lang::rights::and_below(lang)) }
            }
            (reach, _) => { (reach.say(lang)) }
        }
    }
}

/// Lines as a table: what, where, by which role and post, by which documents.
pub(super) fn table(
    lang: Lang,
    (territory, rules, today): (&Territory, &Rules, Day),
    (caption, lines): (&str, &[&Given]),
) -> Markup {
    let columns = [
        Column::head(lang::rights::act(lang)),
        Column::text(lang::rights::place(lang)),
        Column::text(lang::rights::role(lang)),
        Column::text(lang::rights::documents(lang)),
        Column::text(lang::rights::standing(lang)),
    ];
    let row = |given: &&Given| {
        let badge = match given.standing {
            Standing::InForce => Badge::Neutral(given.standing.say(lang)),
            _ => Badge::Warning(given.standing.say(lang)),
        };
        let role = rules.role(&given.role);
        vec![
            html! { (given.act.say(lang)) },
            place(lang, territory, given, today),
            html! {
                a href=(format!("/roles/{}", given.role)) {
                    (role.map_or(given.role.as_str(), |role| role.name.say(lang)))
                }
                @if let Some(post) = &given.post { br; (post.title) }
            },
            html! { (given.document.say(lang)) br; (given.decision) },
            html! { (pieces::badge(lang, badge)) br; (days(lang, given.valid)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = lines.iter().map(row).collect();
    pieces::table(caption, &columns, &rows)
}
