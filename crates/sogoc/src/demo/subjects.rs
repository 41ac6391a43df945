//! Made-up requests of data subjects and consents, at every stage, of people that cannot be: by their
//! citizen numbers they are born in the years 2300 to 2399.

use ::subjects::requests::{self, Act, NewRequest, StepKind};
use ::subjects::{Channel, Context, NewPerson, consents};
use base::{Error, Id, Result};
use lang::Lang;
use store::Tx;

use super::{ACTOR, organisation};
use crate::app::App;

/// Kind, channel, how many days ago, how far it comes.
const REQUESTS: [(&str, Channel, i32, &[StepKind]); 6] = [
    ("view-correct", Channel::Counter, 24, &[StepKind::Identify, StepKind::Answer]),
    ("erase", Channel::Letter, 6, &[]),
    ("copy", Channel::Counter, 1, &[StepKind::Identify, StepKind::Answer, StepKind::Decide]),
    ("object", Channel::Letter, 3, &[StepKind::Answer, StepKind::Extend]),
    ("complain", Channel::Counter, 0, &[]),
    (
        "know",
        Channel::Counter,
        9,
        &[StepKind::Identify, StepKind::Answer, StepKind::Decide, StepKind::Close],
    ),
];
/// Purpose, whether it is withdrawn.
const CONSENTS: [(&str, bool); 3] = [("notices", false), ("survey", true), ("notices", true)];
const NAMES: [&str; 9] = [
    "Nguyễn Văn Mẫu",
    "Trần Thị Minh Họa",
    "Thạch Mẫu",
    "Lê Minh Họa",
    "Danh Thị Mẫu",
    "Phạm Văn Ví Dụ",
    "Huỳnh Thị Mẫu",
    "Võ Minh Họa",
    "Kim Thị Ví Dụ",
];

/// Makes them unless there are requests already, or no vault to keep them in.
pub(super) async fn make(lang: Lang, app: &App) -> Result<()> {
    let Ok(vault) = app.office.vault() else { return Ok(()) };
    let mut tx = app.database().write().await?;
    if requests::is_begun(&mut tx).await? {
        return Ok(());
    }
    let definitions = app.office.definitions(&mut tx).await?;
    let cx = Context { clock: app.clock(), actor: ACTOR, definitions: &definitions, vault };
    let territory = app.desk.atlas.territory(&mut tx).await?;
    let commune = organisation::commune(&territory, app.clock().today()).map(|(unit, _)| unit);
    // Some at the desk of the commune, some at the province's.
    let desk = |at: usize| commune.filter(|_| at.is_multiple_of(2));
    for (at, (kind, channel, days, steps)) in REQUESTS.into_iter().enumerate() {
        if definitions.request_kind(kind).is_none() {
            continue;
        }
        let received_on = app.clock().today().plus(-days).to_string();
        let new = NewRequest {
            id: Id::new(app.clock()),
            kind: kind.to_owned(),
            channel,
            received_on,
            person: person(at),
            text: lang::subjects::demo_text(lang).to_owned(),
            desk: desk(at),
            made_up: true,
        };
        let received = match requests::receive(&mut tx, cx, new).await {
            // Whoever tries the program may have changed what may be asked for.
            Err(Error::Invalid(_)) => continue,
            received => received?,
        };
        go_on(lang, &mut tx, cx, (&received.request.id, steps)).await?;
    }
    for ((purpose, is_withdrawn), at) in CONSENTS.into_iter().zip(REQUESTS.len()..) {
        let new = consents::NewConsent {
            id: Id::new(app.clock()),
            purpose: purpose.to_owned(),
            text_version: 1,
            lang,
            channel: Channel::Counter,
            person: person(at),
            desk: desk(at),
            agreed: true,
            made_up: true,
        };
        let given = match consents::give(&mut tx, cx, new).await {
            Err(Error::Invalid(_)) => continue,
            given => given?,
        };
        if is_withdrawn {
            consents::withdraw(&mut tx, cx, &given.consent.id, Channel::Counter).await?;
        }
    }
    tx.commit().await
}

async fn go_on(
    lang: Lang,
    tx: &mut Tx,
    cx: Context<'_>,
    (id, steps): (&str, &[StepKind]),
) -> Result<()> {
    for (step, seen) in steps.iter().zip(1..) {
        let act = Act {
            step: *step,
            seen,
            how: "card".to_owned(),
            outcome: "granted".to_owned(),
            law: lang::subjects::demo_law(lang).to_owned(),
            words: lang::subjects::demo_words(lang).to_owned(),
            desk: None,
        };
        match requests::act(tx, cx, id, &act).await {
            // Where the calendar of its year is not known, no more time can be taken.
            Err(Error::Refused { .. }) => return Ok(()),
            done => done?,
        };
    }
    Ok(())
}

pub(super) fn person(at: usize) -> NewPerson {
    NewPerson {
        name: NAMES.get(at % NAMES.len()).copied().unwrap_or_default().to_owned(),
        // Of Hậu Giang, of the twenty-fourth century.
        number: format!("093{}{:02}{:06}", 8 + at % 2, at * 7 % 100, at * 104_729 % 1_000_000),
        phone: format!("0000 000 {at:03}"),
        address: String::new(),
    }
}
