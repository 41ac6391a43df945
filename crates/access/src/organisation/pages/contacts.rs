//! How the officials of an agency are reached: shown to whoever may see it, for a purpose, with a
//! trace.

use base::Result;
use base::rights::{Act, Place};
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
    /// The one who looks has no right to them.
    Hidden,
    /// They are shown when that is asked for, for one of these purposes.
    Offered(Vec<Purpose>),
    /// They are shown, and it is noted.
    Shown,
}

impl Contacts {
    /// Shows them if that is asked for and allowed, and notes it before.
    ///
    /// Errors: `Invalid` at `purpose` for one that the right was not given for.
    pub(super) async fn open(
        atlas: &Atlas,
        asked: &Asked,
        (agency, unit, chart): (AgencyId, Option<i64>, &Chart),
        purpose: &str,
    ) -> Result<Self> {
        let actor = asked.actor();
        if !actor.may(Act::ReadPeople, Place { unit, maker: None }) {
            return Ok(Self::Hidden);
        }
        if purpose.is_empty() {
            let mut tx = atlas.database().read().await?;
            let rules = Book::default().rules(&mut tx).await?;
            let may =
                |it: &&Purpose| actor.rights.purposes(Act::ReadPeople).any(|code| code == it.code);
            return Ok(Self::Offered(rules.purposes.iter().filter(may).cloned().collect()));
        }
        let subjects: Vec<String> = chart.people.keys().map(ToString::to_string).collect();
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
        note(&mut tx, atlas.clock(), actor, look).await?;
        tx.commit().await?;
        Ok(Self::Shown)
    }

    /// Asks for the purpose; nothing where they are shown already or not to be had.
    pub(super) fn form(&self, lang: Lang, agency: AgencyId, on: base::Day) -> Markup {
        let Self::Offered(purposes) = self else { return html! {} };
        let choices: Vec<Choice<'_>> = purposes
            .iter()
            .map(|it| Choice { value: &it.code, label: it.name.say(lang) })
            .collect();
        pieces::filter(
            &format!("/agencies/{agency}"),
            html! {
                input type="hidden" name="on" value=(on);
                (Field::new(lang, "purpose", lang::trace::contacts_for(lang)).select(&choices, ""))
                (pieces::submit_quiet(lang::trace::show_contacts(lang)))
            },
        )
    }
}
