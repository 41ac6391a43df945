//! People and posts from a table: read, resolved against what is known, every mistake with its row
//! and column, then written all at once.

mod rows;
mod template;

use std::collections::BTreeMap;

use base::rights::{Act, Place};
use base::text::tone_neutral;
use base::{Day, DayRange, Error, FieldError, Result};
use lang::Text;
use store::Tx;

use super::actions::{self, Context, NewHolding, NewPerson, NewPost, Whose};
use super::model::{Agency, AgencyId, Holding, Manner, Person, PersonId, Places, Post, PostId};
use super::record::Record;
use super::rules::{Why, check_appointment, is_leading, usual_rank};
use super::store as sql;

pub(super) use rows::{Row, read};
pub(super) use template::table as template;

/// So many mistakes are named; the rest would only repeat them.
pub(super) const NAMED_MISTAKES: usize = 100;

/// What a table would write.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Everything, in the order of the rows.
    pub(super) records: Vec<Record>,
    /// For each row the agency and whether its post and its person are new.
    pub(super) rows: Vec<Planned>,
}

/// What a row means.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) agency: String,
    pub(super) new_post: bool,
    pub(super) leads: bool,
    pub(super) new_person: bool,
    pub(super) valid: DayRange,
    pub(super) manner: Manner,
}

/// How a mistake names its place: `row 5 name`.
pub(super) fn row_place(number: usize, column: &str) -> String {
    format!("row {number} {column}")
}

/// What is known, growing with each row.
struct Known {
    agencies: BTreeMap<AgencyId, Agency>,
    posts: BTreeMap<AgencyId, Vec<Post>>,
    holdings: BTreeMap<PostId, Vec<Holding>>,
    people: Vec<Person>,
}

/// What rows would write, were all of them right.
///
/// Errors: `Invalid` at `row N column`, at most [`NAMED_MISTAKES`].
pub(super) async fn plan(tx: &mut Tx, cx: Context<'_>, rows: &[Row]) -> Result<Plan> {
    let agencies = sql::agencies(tx).await?;
    let mut errors = Vec::new();
    let mut found = Vec::new();
    for row in rows {
        match find_agency(&agencies, row) {
            Ok(pair) => found.push(Some(pair)),
            Err((column, text)) => {
                errors.push(FieldError { place: row_place(row.number, column), text });
                found.push(None);
            }
        }
    }
    let mut known = load(tx, agencies, &found, rows).await?;
    let mut plan = Plan::default();
    for (row, found) in rows.iter().zip(found) {
        let Some((agency, from)) = found else { continue };
        match one(tx, cx, &mut known, (agency, from), row).await? {
            Ok((records, planned)) => {
                plan.records.extend(records);
                plan.rows.push(planned);
            }
            Err(mistakes) => errors.extend(mistakes.into_iter().map(|mistake| FieldError {
                place: row_place(row.number, &mistake.place),
                text: mistake.text,
            })),
        }
        if errors.len() >= NAMED_MISTAKES {
            break;
        }
    }
    errors.truncate(NAMED_MISTAKES);
    if errors.is_empty() { Ok(plan) } else { Err(Error::Invalid(errors)) }
}

/// Writes what was planned in the same transaction, all of it or nothing. Gives the number of
/// appointments.
///
/// Errors: `Unavailable`.
pub(super) async fn write(tx: &mut Tx, cx: Context<'_>, plan: Plan) -> Result<usize> {
    let count = plan.rows.len();
    actions::check_act(tx, cx, Act::Appoint, &plan.records).await?;
    actions::write(tx, cx, "organisation.import", plan.records).await?;
    Ok(count)
}

type Mistake = (&'static str, Text);

fn find_agency(
    agencies: &BTreeMap<AgencyId, Agency>,
    row: &Row,
) -> Result<(AgencyId, Day), Mistake> {
    let from: Day = row.from.parse().map_err(|_| ("from", Text::new(lang::error::bad_day)))?;
    let key = tone_neutral(&row.agency);
    let there = || agencies.values().filter_map(|agency| agency.at(from));
    let named: Vec<AgencyId> =
        there().filter(|it| tone_neutral(&it.facts.name) == key).map(|it| it.id).collect();
    let short = |it: &&super::model::AgencyVersion| {
        let names = [&it.facts.symbol, &it.facts.short_name];
        names.into_iter().any(|name| !name.is_empty() && tone_neutral(name) == key)
    };
    let mut found =
        if named.is_empty() { there().filter(short).map(|it| it.id).collect() } else { named };
    match (found.pop(), found.is_empty()) {
        (Some(id), true) => Ok((id, from)),
        (Some(_), false) => Err(("agency", Text::new(lang::organisation::ambiguous_agency))),
        (None, _) => {
            let day = base::short_day(from);
            Err(("agency", Text::new(move |lang| lang::organisation::unknown_agency(lang, &day))))
        }
    }
}

async fn load(
    tx: &mut Tx,
    agencies: BTreeMap<AgencyId, Agency>,
    found: &[Option<(AgencyId, Day)>],
    rows: &[Row],
) -> Result<Known> {
    let mut ids: Vec<AgencyId> = found.iter().flatten().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut posts: BTreeMap<AgencyId, Vec<Post>> = BTreeMap::new();
    let mut post_ids = Vec::new();
    for post in sql::posts_of(tx, &ids).await? {
        post_ids.push(post.id);
        posts.entry(post.agency).or_default().push(post);
    }
    let mut holdings: BTreeMap<PostId, Vec<Holding>> = BTreeMap::new();
    let mut holders: Vec<PersonId> = Vec::new();
    for holding in sql::holdings_by(tx, "post", &post_ids).await? {
        holders.push(holding.person);
        holdings.entry(holding.post).or_default().push(holding);
    }
    holders.sort_unstable();
    holders.dedup();
    let mut people = sql::people(tx, &holders).await?;
    let mut emails: Vec<String> =
        rows.iter().map(|row| row.email.to_lowercase()).filter(|it| !it.is_empty()).collect();
    emails.sort_unstable();
    emails.dedup();
    people.extend(sql::people_by_email(tx, &emails).await?);
    Ok(Known { agencies, posts, holdings, people })
}

/// A row by itself: its post and whether that is new, the person as the row has it, and how.
struct Read {
    post: Post,
    new_post: bool,
    person: Person,
    manner: Manner,
}

/// What stands in a row, or its mistakes.
async fn read_one(
    tx: &mut Tx,
    cx: Context<'_>,
    known: &Known,
    (agency, row): (&Agency, &Row),
) -> Result<Result<Read, Vec<FieldError>>> {
    let mut mistakes = Vec::new();
    let mistake = |place: &str, text: Text| FieldError { place: place.to_owned(), text };
    if template::is_example(&row.decision) {
        mistakes.push(mistake("decision", Text::new(lang::observations::example_left)));
    }
    let manner = rows::read_manner(&row.manner);
    if manner.is_none() {
        mistakes.push(mistake("manner", Text::new(lang::organisation::bad_manner)));
    }
    let post = post_of(cx, known, agency, row);
    let place =
        Place { unit: actions::unit_of(&known.agencies, agency.id, cx.clock.today()), maker: None };
    let is_new = matches!(post, Ok((_, true)));
    for act in [Some(Act::Appoint), is_new.then_some(Act::ChangeAgencies)].into_iter().flatten() {
        if !cx.actor.may(act, place) {
            let text = Text::new(move |lang| lang::rights::other_unit(lang, act.say(lang)));
            mistakes.push(mistake("agency", text));
        }
    }
    let (name, email, phone) = (row.name.clone(), row.email.clone(), row.phone.clone());
    let new = NewPerson { name, email, phone, account: String::new() };
    let person = actions::new_person(tx, cx, (&new, false)).await;
    match (post, person, manner) {
        (Ok((post, new_post)), Ok(person), Some(manner)) if mistakes.is_empty() => {
            Ok(Ok(Read { post, new_post, person, manner }))
        }
        (post, person, _) => {
            for error in [post.err(), person.err()].into_iter().flatten() {
                mistakes.extend(at_columns(error)?);
            }
            Ok(Err(mistakes))
        }
    }
}

/// What one row writes, or its mistakes.
async fn one(
    tx: &mut Tx,
    cx: Context<'_>,
    known: &mut Known,
    (id, from): (AgencyId, Day),
    row: &Row,
) -> Result<Result<(Vec<Record>, Planned), Vec<FieldError>>> {
    let Some(agency) = known.agencies.get(&id) else { return Ok(Err(Vec::new())) };
    let Read { post, new_post, person, manner } =
        match read_one(tx, cx, known, (agency, row)).await? {
            Ok(read) => read,
            Err(mistakes) => return Ok(Err(mistakes)),
        };
    let known_person = known.person(&person, post.agency);
    let new_person = known_person.is_none();
    let person = known_person.unwrap_or(person);
    let new = NewHolding {
        post: post.id,
        person: Whose::Known(person.id),
        manner,
        valid: DayRange { from, to: Day::MAX },
        decision: row.decision.clone(),
        made_up: false,
    };
    let holding = match actions::new_holding(cx, &post, person.id, &new) {
        Ok(holding) => holding,
        Err(error) => return Ok(Err(at_columns(error)?)),
    };
    let held = known.holdings.get(&post.id).map_or(&[][..], Vec::as_slice);
    if let Err(why) = check_appointment(&post, held, &holding) {
        let in_the_way = match why {
            Why::Taken(id) | Why::Twice(id) => held.iter().find(|it| it.id == id),
            _ => None,
        };
        let who = in_the_way.and_then(|it| known.people.iter().find(|who| who.id == it.person));
        let name = who.map_or("", |who| &who.name);
        return Ok(Err(at_columns(actions::refusal(why, ("from", "from"), name))?));
    }
    let agency = agency.name(from).to_owned();
    let (leads, valid) = (post.leads, holding.valid);
    let planned = Planned { agency, new_post, leads, new_person, valid, manner };
    let mut records = Vec::new();
    known.holdings.entry(post.id).or_default().push(holding.clone());
    if new_person {
        known.people.push(person.clone());
        records.push(Record::Person(person));
    }
    if new_post {
        known.posts.entry(post.agency).or_default().push(post.clone());
        records.push(Record::Post(post));
    }
    records.push(Record::Holding(holding));
    Ok(Ok((records, planned)))
}

/// Mistakes of an action by the columns of the table; other errors pass.
fn at_columns(error: Error) -> Result<Vec<FieldError>> {
    let Error::Invalid(mut mistakes) = error else { return Err(error) };
    for mistake in &mut mistakes {
        if mistake.place == "title" {
            "post".clone_into(&mut mistake.place);
        }
    }
    Ok(mistakes)
}

/// The post that a row names, or a new one: there since the agency is, so that earlier holders of it
/// can follow.
fn post_of(cx: Context<'_>, known: &Known, agency: &Agency, row: &Row) -> Result<(Post, bool)> {
    let posts = known.posts.get(&agency.id).map_or(&[][..], Vec::as_slice);
    let key = tone_neutral(&row.post);
    let is_it = |it: &&Post| it.valid.from < it.valid.to && tone_neutral(&it.title) == key;
    if let Some(post) = posts.iter().find(|it| is_it(it)) {
        return Ok((post.clone(), false));
    }
    let leads = is_leading(&row.post);
    let new = NewPost {
        agency: agency.id,
        title: row.post.clone(),
        signs_as: String::new(),
        leads,
        rank: usual_rank(&row.post),
        places: if leads { Places::One } else { Places::Many },
        from: agency.valid().from,
        decision: row.decision.clone(),
        made_up: false,
    };
    Ok((actions::new_post(cx, agency, posts, &new)?, true))
}

impl Known {
    /// Somebody with the same name and address; without an address, with the same name in the same
    /// agency.
    fn person(&self, new: &Person, agency: AgencyId) -> Option<Person> {
        let key = tone_neutral(&new.name);
        let mut same = self.people.iter().filter(|it| tone_neutral(&it.name) == key);
        if !new.email.is_empty() {
            return same.find(|it| it.email == new.email).cloned();
        }
        let posts = self.posts.get(&agency).map_or(&[][..], Vec::as_slice);
        let holds = |person: PersonId| {
            let holdings = posts.iter().filter_map(|post| self.holdings.get(&post.id)).flatten();
            holdings.into_iter().any(|holding| holding.person == person)
        };
        same.find(|it| holds(it.id)).cloned()
    }
}
