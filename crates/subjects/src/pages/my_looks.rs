//! Who looked at one's own request or consent, for whoever has its code: when, from which agency and
//! post, for what, and how much was shown. Officials act for their agency; their names are for the data
//! officer.

use access::organisation::posts_held;
use access::trace::{self, Filter, Read};
use base::rights::{Act, DataClass};
use base::{Moment, Result};
use lang::Lang;
use maud::{Markup, html};
use web::pieces::{self, Column};

use super::View;
use crate::office::Office;
use crate::store as sql;
use crate::trace::subject_of;

/// So many looks are shown, the last first.
const SHOWN: usize = 50;

/// A look as the person concerned sees it.
pub(super) struct Mine {
    at: Moment,
    /// Agencies and posts; none where the account belongs to nobody who held one then.
    from: Vec<(String, String)>,
    purpose: String,
    act: Option<Act>,
}

/// The last looks at a request or consent, and by its person's number.
pub(super) async fn load(office: &Office, view: &mut View, record: &str) -> Result<Vec<Mine>> {
    office.vault()?;
    let mut subjects = vec![record.to_owned()];
    let person = sql::person_of(&mut view.tx, record).await?;
    subjects.extend(person.map(|person| subject_of(&person)));
    let filter = Filter { subjects: Some(subjects), ..Filter::default() };
    let looks = trace::list(&mut view.tx, &filter, None, SHOWN).await?.items;
    let mut mine = Vec::with_capacity(looks.len());
    for look in looks {
        let Read { at, actor, act, purpose, .. } = look;
        let from = posts_held(&mut view.tx, &actor, at.day()).await?;
        let names: Vec<&str> = purpose.split(", ").map(|code| view.reading_purpose(code)).collect();
        mine.push(Mine { at, from, purpose: names.join("; "), act: Act::find(&act) });
    }
    Ok(mine)
}

pub(super) fn section(lang: Lang, looks: &[Mine]) -> Markup {
    let columns = [
        Column::head(lang::trace::when(lang)),
        Column::text(lang::my_data::look_from(lang)),
        Column::text(lang::trace::purpose(lang)),
        Column::text(lang::my_data::look_shown(lang)),
    ];
    let row = |it: &Mine| {
        vec![
            html! { (it.at.local()) },
            html! {
                @if it.from.is_empty() { (lang::my_data::look_from_unknown(lang)) }
                @for (at, (agency, post)) in it.from.iter().enumerate() {
                    @if at > 0 { br; }
                    (agency) ": " (post)
                }
            },
            html! { (it.purpose) },
            html! { (how_much(lang, it.act)) },
        ]
    };
    let rows: Vec<Vec<Markup>> = looks.iter().map(row).collect();
    html! {
        h2 { (lang::my_data::looks_title(lang)) }
        p { (lang::my_data::looks_lead(lang)) }
        @if rows.is_empty() {
            (pieces::empty(lang::my_data::looks_none(lang), None))
        } @else {
            (pieces::table(lang::my_data::looks_title(lang), &columns, &rows))
        }
    }
}

/// Which class of data was shown, and that it was masked where it was.
fn how_much(lang: Lang, act: Option<Act>) -> String {
    let class = act.map_or(DataClass::Personal, Act::class).say(lang);
    match act {
        Some(Act::ReceiveRequests | Act::RecordConsents) => lang::my_data::look_masked(lang, class),
        _ => class.to_owned(),
    }
}
