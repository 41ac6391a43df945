//! What the forms carry, as the actions take it.

use base::{Day, DayRange, Error, Result, short_day};
use store::Tx;

use super::MERGED;
use crate::organisation::actions::{
    self, Context, Into, NewAgency, NewDelegation, NewHolding, NewPerson, NewPost, Whose,
};
use crate::organisation::clean::Mistakes;
use crate::organisation::model::{
    AgencyFacts, AgencyId, AgencyKind, Delegate, Form, HoldingId, Manner, Places,
};
use crate::organisation::pages::forms::Sent;
use crate::organisation::rules::usual_rank;

pub(super) fn day(sent: &Sent) -> Result<Day> {
    let mut mistakes = Mistakes::default();
    let on = mistakes.day("on", sent.get("on"));
    mistakes.done()?;
    Ok(on)
}

pub(super) fn chosen<T: std::str::FromStr>(sent: &Sent, name: &str) -> Result<Option<T>> {
    match sent.get(name) {
        "" => Ok(None),
        text => {
            let wrong = |_| Error::invalid(name, lang::organisation::choose_again);
            text.parse().map(Some).map_err(wrong)
        }
    }
}

pub(super) fn facts(cx: Context<'_>, sent: &Sent, on: Day) -> Result<AgencyFacts> {
    let code = base::text::clean(sent.get("unit"));
    let unit = match code.as_str() {
        "" => None,
        code => {
            Some(cx.territory.by_code(code, on).map(|version| version.unit).ok_or_else(|| {
                Error::invalid("unit", move |lang| lang::organisation::no_unit(lang, short_day(on)))
            })?)
        }
    };
    let kind = AgencyKind::find(sent.get("kind"));
    Ok(AgencyFacts {
        name: sent.get("name").to_owned(),
        short_name: sent.get("short_name").to_owned(),
        symbol: sent.get("symbol").to_owned(),
        kind: kind.ok_or_else(|| Error::invalid("kind", lang::organisation::must_be_there))?,
        parent: chosen(sent, "parent")?,
        unit,
    })
}

pub(super) fn new_agency(cx: Context<'_>, sent: &Sent) -> Result<NewAgency> {
    let on = day(sent)?;
    let facts = facts(cx, sent, on)?;
    Ok(NewAgency { facts, on, decision: sent.get("decision").to_owned(), made_up: false })
}

pub(super) async fn merge(tx: &mut Tx, cx: Context<'_>, sent: &Sent) -> Result<AgencyId> {
    let on = day(sent)?;
    let mut from = Vec::new();
    for name in MERGED {
        from.extend(chosen::<AgencyId>(sent, name)?);
    }
    let into = match chosen::<AgencyId>(sent, "into")? {
        Some(id) => Into::Existing(id),
        None => Into::New(Box::new(facts(cx, sent, on)?)),
    };
    let merged = actions::merge(tx, cx, &from, into, (on, sent.get("decision"))).await;
    merged.map_err(|error| match error {
        Error::Invalid(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.place == "from") {
                MERGED[0].clone_into(&mut error.place);
            }
            Error::Invalid(errors)
        }
        other => other,
    })
}

pub(super) fn new_post(agency: AgencyId, sent: &Sent) -> Result<NewPost> {
    let mut mistakes = Mistakes::default();
    let from = mistakes.day("from", sent.get("from"));
    let rank = match base::text::clean(sent.get("rank")).as_str() {
        "" => usual_rank(sent.get("title")),
        text => text.parse().unwrap_or_default(),
    };
    mistakes.done()?;
    let leads = sent.get("leads") == "yes";
    Ok(NewPost {
        agency,
        title: sent.get("title").to_owned(),
        signs_as: sent.get("signs_as").to_owned(),
        leads,
        rank,
        places: if sent.get("many") == "yes" { Places::Many } else { Places::One },
        from,
        decision: sent.get("decision").to_owned(),
        made_up: false,
    })
}

pub(super) fn new_holding(sent: &Sent) -> Result<NewHolding> {
    let mut mistakes = Mistakes::default();
    let from = mistakes.day("from", sent.get("from"));
    let to = mistakes.last_day("to", sent.get("to"));
    let manner = Manner::find(sent.get("manner"));
    if manner.is_none() {
        mistakes.add("manner", lang::organisation::must_be_there);
    }
    mistakes.done()?;
    let post = chosen(sent, "post")?;
    let person = match chosen(sent, "person")? {
        Some(id) => Whose::Known(id),
        None => Whose::New(NewPerson {
            name: sent.get("name").to_owned(),
            email: sent.get("email").to_owned(),
            phone: sent.get("phone").to_owned(),
            account: sent.get("account").to_owned(),
        }),
    };
    Ok(NewHolding {
        post: post.ok_or_else(|| Error::invalid("post", lang::organisation::must_be_there))?,
        person,
        manner: manner.unwrap_or(Manner::Appointed),
        valid: DayRange { from, to },
        decision: sent.get("decision").to_owned(),
        made_up: false,
    })
}

pub(super) fn new_delegation(holding: HoldingId, sent: &Sent) -> Result<NewDelegation> {
    let mut mistakes = Mistakes::default();
    let from = mistakes.day("from", sent.get("from"));
    let to_day = mistakes.last_day("to_day", sent.get("to_day"));
    let form = Form::find(sent.get("form"));
    if form.is_none() {
        mistakes.add("form", lang::organisation::must_be_there);
    }
    mistakes.done()?;
    let wrong = || Error::invalid("to", lang::organisation::must_be_there);
    let to = match sent.get("to").split_once(':') {
        Some(("post", id)) => Delegate::Post(id.parse().map_err(|_| wrong())?),
        Some(("person", id)) => Delegate::Person(id.parse().map_err(|_| wrong())?),
        _ => return Err(wrong()),
    };
    Ok(NewDelegation {
        holding,
        form: form.unwrap_or(Form::Kt),
        to,
        subject: sent.get("subject").to_owned(),
        valid: DayRange { from, to: to_day },
        decision: sent.get("decision").to_owned(),
        made_up: false,
    })
}
