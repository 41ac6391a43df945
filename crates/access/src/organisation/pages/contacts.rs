//! How the officials of an agency are reached: shown to whoever may see it, for a purpose, with a
//! trace.

use base::rights::{Act, Place};
use base::{Day, Error, FieldError, Result};
use lang::Lang;
use maud::{Markup, html};
use territory::{Atlas, UnitId};
use web::Asked;
use web::pieces::{self, Choice, Field};

use crate::grants::{Book, Purpose};
use crate::organisation::chart::Chart;
use crate::organisation::model::AgencyId;
use crate::trace::{Look, note};

/// Whether the page shows them.
pub(super) enum Contacts {
    /// The one who looks has no right to them, or asks for another day: people are reached today.
    Hidden,
    /// They are shown when that is asked for, for one of these purposes.
    Offered(Vec<Purpose>, Vec<FieldError>),
    /// They are shown, and it is noted.
    Shown,
}

impl Contacts {
    /// Offers them to whoever may see them.
    pub(super) async fn offer(
        atlas: &Atlas,
        asked: &Asked,
        unit: Option<i64>,
        on: Day,
    ) -> Result<Self> {
        let actor = asked.actor();
        let is_today = on == atlas.clock().today();
        if !is_today || !actor.may(Act::ReadPeople, Place { unit, maker: None }) {
            return Ok(Self::Hidden);
        }
        let mut tx = atlas.database().read().await?;
        let rules = Book::default().rules(&mut tx).await?;
        let may =
            |it: &&Purpose| actor.rights.purposes(Act::ReadPeople).any(|code| code == it.code);
        let purposes = rules.purposes.iter().filter(may).cloned().collect();
        Ok(Self::Offered(purposes, Vec::new()))
    }

    /// Shows those of whoever holds a post of the agency today, and notes it before.
    ///
    /// Errors: those of rights.
    pub(super) async fn open(
        atlas: &Atlas,
        asked: &Asked,
        (agency, unit, chart): (AgencyId, Option<i64>, &Chart),
        purpose: &str,
    ) -> Result<Self> {
        let (actor, today) = (asked.actor(), atlas.clock().today());
        actor.check(Act::ReadPeople, Place { unit, maker: None })?;
        let posts = chart.posts_of(agency, today).into_iter();
        let held = posts.flat_map(|post| chart.who_held(post.id, today));
        let mut subjects: Vec<String> = held.map(|holding| holding.person.to_string()).collect();
        subjects.sort_unstable();
        subjects.dedup();
        let record = agency.to_string();
        let look = Look {
            act: Act::ReadPeople,
            record_kind: "agency",
            record: &record,
            subjects: &subjects,
            unit: unit.map(UnitId),
            purpose,
            words: "",
            sealed: None,
            shown: subjects.len(),
        };
        let mut tx = atlas.database().write().await?;
        let noted = match purpose {
            // Where there is only one purpose it is chosen by whoever looks all the same.
            "" => Err(Error::invalid("purpose", lang::trace::choose_purpose)),
            _ => note(&mut tx, atlas.clock(), actor, look).await,
        };
        match noted {
            Ok(_) => tx.commit().await?,
            Err(Error::Invalid(errors)) => {
                drop(tx);
                let Self::Offered(purposes, _) = Self::offer(atlas, asked, unit, today).await?
                else {
                    return Ok(Self::Hidden);
                };
                return Ok(Self::Offered(purposes, errors));
            }
            Err(other) => return Err(other),
        }
        Ok(Self::Shown)
    }

    /// What is to be mended before they are shown.
    pub(super) fn errors(&self) -> &[FieldError] {
        match self {
            Self::Offered(_, errors) => errors,
            _ => &[],
        }
    }

    /// Asks for the purpose; nothing where they are shown already or not to be had.
    pub(super) fn form(&self, lang: Lang, csrf: Option<&str>, agency: AgencyId) -> Markup {
        let Self::Offered(purposes, errors) = self else { return html! {} };
        let choices: Vec<Choice<'_>> = purposes
            .iter()
            .map(|it| Choice { value: &it.code, label: it.name.say(lang) })
            .collect();
        pieces::form(
            &format!("/agencies/{agency}/contacts"),
            csrf,
            html! {
                (Field::new(lang, "purpose", lang::trace::contacts_for(lang)).errors(errors)
                    .select(&choices, ""))
                (pieces::submit_quiet(lang::trace::show_contacts(lang)))
            },
        )
    }
}
