//! What is done with the organisation: for each task its fields, and the action that they call.

use std::collections::BTreeMap;

use base::{Day, DayRange, Error, FieldError, Result, short_day};
use lang::Lang;
use maud::{Markup, html};
use store::Tx;
use territory::Level;
use web::pieces::{Choice, Field};

use super::forms::Sent;
use crate::organisation::actions::{
    self, Context, Into, NewAgency, NewDelegation, NewHolding, NewPerson, NewPost, Whose,
};
use crate::organisation::chart::Chart;
use crate::organisation::clean::Mistakes;
use crate::organisation::model::{
    Agency, AgencyFacts, AgencyId, AgencyKind, Delegate, DelegationId, Form, HoldingId, Manner,
    PersonId, Places,
};
use crate::organisation::rules::usual_rank;
use crate::organisation::store as sql;

/// So many agencies are merged by one form.
const MERGED: [&str; 4] = ["from_1", "from_2", "from_3", "from_4"];

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    New,
    Committees,
    Merge,
    Change(AgencyId),
    End(AgencyId),
    AddPost(AgencyId),
    Appoint(AgencyId),
    EndHolding(HoldingId),
    Delegate(HoldingId),
    EndDelegation(DelegationId),
    Account(PersonId),
}

impl Task {
    /// Errors: `NotFound` for another word, or what is no id.
    pub(super) fn find(word: &str, id: &str) -> Result<Self> {
        let no = |_| Error::not_found(lang::web::no_such_page);
        match (word, id) {
            ("new", "") => Ok(Self::New),
            ("committees", "") => Ok(Self::Committees),
            ("merge", "") => Ok(Self::Merge),
            ("change", id) => id.parse().map(Self::Change).map_err(no),
            ("end", id) => id.parse().map(Self::End).map_err(no),
            ("add-post", id) => id.parse().map(Self::AddPost).map_err(no),
            ("appoint", id) => id.parse().map(Self::Appoint).map_err(no),
            ("end-holding", id) => id.parse().map(Self::EndHolding).map_err(no),
            ("delegate", id) => id.parse().map(Self::Delegate).map_err(no),
            ("end-delegation", id) => id.parse().map(Self::EndDelegation).map_err(no),
            ("account", id) => id.parse().map(Self::Account).map_err(no),
            _ => Err(Error::not_found(lang::web::no_such_page)),
        }
    }

    pub(super) fn action(self) -> String {
        let of =
            |task: &str, id: &dyn std::fmt::Display| format!("/tasks/organisation/do/{task}/{id}");
        match self {
            Self::New => "/tasks/organisation/do/new".to_owned(),
            Self::Committees => "/tasks/organisation/do/committees".to_owned(),
            Self::Merge => "/tasks/organisation/do/merge".to_owned(),
            Self::Change(id) => of("change", &id),
            Self::End(id) => of("end", &id),
            Self::AddPost(id) => of("add-post", &id),
            Self::Appoint(id) => of("appoint", &id),
            Self::EndHolding(id) => of("end-holding", &id),
            Self::Delegate(id) => of("delegate", &id),
            Self::EndDelegation(id) => of("end-delegation", &id),
            Self::Account(id) => of("account", &id),
        }
    }

    pub(super) fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::New => lang::organisation::task_new(lang),
            Self::Committees => lang::organisation::task_committees(lang),
            Self::Merge => lang::organisation::task_merge(lang),
            Self::Change(_) => lang::organisation::task_change(lang),
            Self::End(_) => lang::organisation::task_end(lang),
            Self::AddPost(_) => lang::organisation::task_add_post(lang),
            Self::Appoint(_) => lang::organisation::task_appoint(lang),
            Self::EndHolding(_) => lang::organisation::task_end_holding(lang),
            Self::Delegate(_) => lang::organisation::task_delegate(lang),
            Self::EndDelegation(_) => lang::organisation::task_end_delegation(lang),
            Self::Account(_) => lang::organisation::task_account(lang),
        }
    }

    /// Whether it ends something.
    pub(super) const fn takes_away(self) -> bool {
        matches!(self, Self::End(_) | Self::Merge | Self::EndHolding(_) | Self::EndDelegation(_))
    }

    /// Does it. Gives the address of the page that shows what was done.
    ///
    /// Errors: those of the action, at the fields of the form.
    pub(super) async fn run(self, tx: &mut Tx, cx: Context<'_>, sent: &Sent) -> Result<String> {
        let page = |id: AgencyId| format!("/agencies/{id}?done=yes");
        let tasks = || "/tasks/organisation?done=yes".to_owned();
        match self {
            Self::New => {
                let new = new_agency(cx, sent)?;
                actions::establish(tx, cx, new).await.map(page)
            }
            Self::Change(id) => {
                let new = new_agency(cx, sent)?;
                actions::change_agency(tx, cx, id, new).await?;
                Ok(page(id))
            }
            Self::Committees => {
                let mut mistakes = Mistakes::default();
                let on = mistakes.day("on", sent.get("on"));
                let level = Level::find(sent.get("level")).filter(|it| *it != Level::Hamlet);
                if level.is_none() {
                    mistakes.add("level", lang::organisation::must_be_there);
                }
                mistakes.done()?;
                let decision = (on, sent.get("decision"), false);
                actions::form_committees(tx, cx, level.unwrap_or(Level::Commune), decision).await?;
                Ok(tasks())
            }
            Self::Merge => merge(tx, cx, sent).await.map(page),
            Self::End(id) => {
                let on = day(sent)?;
                actions::end_agency(tx, cx, id, (on, None, sent.get("decision"))).await?;
                Ok(page(id))
            }
            Self::AddPost(id) => {
                actions::add_post(tx, cx, new_post(id, sent)?).await?;
                Ok(page(id))
            }
            Self::Appoint(id) => {
                actions::appoint(tx, cx, new_holding(sent)?).await?;
                Ok(page(id))
            }
            Self::EndHolding(id) => {
                let on = day(sent)?;
                actions::end_holding(tx, cx, id, (on, sent.get("decision"))).await?;
                Ok(agency_of(tx, &[id]).await?.map_or_else(tasks, page))
            }
            Self::Delegate(id) => {
                actions::delegate(tx, cx, new_delegation(id, sent)?).await?;
                Ok(agency_of(tx, &[id]).await?.map_or_else(tasks, page))
            }
            Self::EndDelegation(id) => {
                let on = day(sent)?;
                actions::end_delegation(tx, cx, id, (on, sent.get("decision"))).await?;
                let from = sql::delegations_by(tx, "id", &[id]).await?;
                let from: Vec<HoldingId> = from.iter().map(|it| it.holding).collect();
                Ok(agency_of(tx, &from).await?.map_or_else(tasks, page))
            }
            Self::Account(id) => {
                actions::link_account(tx, cx, id, sent.get("account")).await?;
                Ok(tasks())
            }
        }
    }
}

async fn agency_of(tx: &mut Tx, holdings: &[HoldingId]) -> Result<Option<AgencyId>> {
    let found = sql::holdings_by(tx, "id", holdings).await?;
    let Some(holding) = found.first() else { return Ok(None) };
    Ok(sql::find_post(tx, holding.post).await?.map(|post| post.agency))
}

fn day(sent: &Sent) -> Result<Day> {
    let mut mistakes = Mistakes::default();
    let on = mistakes.day("on", sent.get("on"));
    mistakes.done()?;
    Ok(on)
}

fn chosen<T: std::str::FromStr>(sent: &Sent, name: &str) -> Result<Option<T>> {
    match sent.get(name) {
        "" => Ok(None),
        text => {
            let wrong = |_| Error::invalid(name, lang::organisation::choose_again);
            text.parse().map(Some).map_err(wrong)
        }
    }
}

fn facts(cx: Context<'_>, sent: &Sent, on: Day) -> Result<AgencyFacts> {
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

fn new_agency(cx: Context<'_>, sent: &Sent) -> Result<NewAgency> {
    let on = day(sent)?;
    let facts = facts(cx, sent, on)?;
    Ok(NewAgency { facts, on, decision: sent.get("decision").to_owned(), made_up: false })
}

async fn merge(tx: &mut Tx, cx: Context<'_>, sent: &Sent) -> Result<AgencyId> {
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

fn new_post(agency: AgencyId, sent: &Sent) -> Result<NewPost> {
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

fn new_holding(sent: &Sent) -> Result<NewHolding> {
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

fn new_delegation(holding: HoldingId, sent: &Sent) -> Result<NewDelegation> {
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

/// What a form shows of the records that it is about.
pub(super) struct Scene {
    task: Task,
    agencies: BTreeMap<AgencyId, Agency>,
    /// The agency that the task is about.
    agency: Option<AgencyId>,
    chart: Chart,
}

impl Scene {
    /// Errors: `NotFound` when what the task is about is not there.
    pub(super) async fn load(tx: &mut Tx, task: Task) -> Result<Self> {
        let agencies = sql::agencies(tx).await?;
        let nothing = || Error::not_found(lang::web::no_such_page);
        let agency = match task {
            Task::New | Task::Committees | Task::Merge => None,
            Task::Change(id) | Task::End(id) | Task::AddPost(id) | Task::Appoint(id) => {
                Some(agencies.get(&id).ok_or_else(nothing)?.id)
            }
            Task::EndHolding(id) | Task::Delegate(id) => {
                Some(agency_of(tx, &[id]).await?.ok_or_else(nothing)?)
            }
            Task::EndDelegation(id) => {
                let from = sql::delegations_by(tx, "id", &[id]).await?;
                let from = from.first().ok_or_else(nothing)?.holding;
                Some(agency_of(tx, &[from]).await?.ok_or_else(nothing)?)
            }
            Task::Account(id) => {
                let held = sql::holdings_by(tx, "person", &[id]).await?;
                let held: Vec<HoldingId> = held.iter().map(|it| it.id).collect();
                Some(agency_of(tx, &held).await?.ok_or_else(nothing)?)
            }
        };
        let mut of: Vec<AgencyId> = agency.into_iter().collect();
        if matches!(task, Task::Delegate(_)) {
            // Signing by order goes down to the parts of the agency too.
            let below = agencies
                .values()
                .filter(|it| it.last().is_some_and(|version| version.facts.parent == agency));
            of.extend(below.map(|it| it.id));
        }
        let chart = sql::chart(tx, &of).await?;
        Ok(Self { task, agencies, agency, chart })
    }

    /// What the task is about, in a few words.
    pub(super) fn what(&self, today: Day) -> String {
        let agency = self.agency.and_then(|id| self.agencies.get(&id));
        let agency = agency.map_or("", |it| it.name(today));
        let holding = |id: HoldingId| {
            let holding = self.chart.holdings.get(&id)?;
            let post = self.chart.posts.get(&holding.post)?;
            Some(format!("{} · {} · {agency}", self.chart.name(holding.person), post.title))
        };
        match self.task {
            Task::EndHolding(id) | Task::Delegate(id) => holding(id).unwrap_or_default(),
            Task::EndDelegation(id) => {
                let delegation = self.chart.delegations.iter().find(|it| it.id == id);
                delegation.map_or(String::new(), |it| {
                    let from = holding(it.holding).unwrap_or_default();
                    format!("{from} → {} · {}", self.chart.delegate(it.to), it.subject)
                })
            }
            Task::Account(id) => format!("{} · {agency}", self.chart.name(id)),
            _ => agency.to_owned(),
        }
    }

    /// The form before anybody has written into it.
    pub(super) fn preset(&self, today: Day) -> Sent {
        let mut sent = Sent::default();
        sent.preset("on", short_day(today));
        sent.preset("from", short_day(today));
        sent.preset("manner", Manner::Appointed.as_str());
        if let Task::Change(id) = self.task
            && let Some(version) = self.agencies.get(&id).and_then(Agency::last)
        {
            let AgencyFacts { name, short_name, symbol, kind, parent, .. } = &version.facts;
            sent.preset("name", name);
            sent.preset("short_name", short_name);
            sent.preset("symbol", symbol);
            sent.preset("kind", kind.as_str());
            sent.preset("parent", parent.map(|id| id.to_string()).unwrap_or_default());
        }
        sent
    }

    /// The fields of the form.
    pub(super) fn fields(&self, lang: Lang, sent: &Sent, errors: &[FieldError]) -> Markup {
        let form = Fields { lang, sent, errors, scene: self };
        match self.task {
            Task::New | Task::Change(_) => html! { (form.facts()) (form.on()) (form.decision()) },
            Task::Committees => html! { (form.level()) (form.on()) (form.decision()) },
            Task::Merge => form.merge(),
            Task::End(_) | Task::EndHolding(_) | Task::EndDelegation(_) => {
                html! { (form.end()) (form.decision()) }
            }
            Task::AddPost(_) => form.post(),
            Task::Appoint(_) => form.appoint(),
            Task::Delegate(_) => form.delegate(),
            Task::Account(_) => form.text("account", lang::organisation::account(lang), true),
        }
    }
}

struct Fields<'a> {
    lang: Lang,
    sent: &'a Sent,
    errors: &'a [FieldError],
    scene: &'a Scene,
}

impl<'a> Fields<'a> {
    fn field(&self, name: &'a str, label: &'a str) -> Field<'a> {
        Field::new(self.lang, name, label).errors(self.errors)
    }

    fn text(&self, name: &'a str, label: &'a str, optional: bool) -> Markup {
        let field = self.field(name, label);
        let field = if optional { field.optional() } else { field };
        field.text(self.sent.get(name))
    }

    fn select(&self, field: Field<'a>, name: &str, choices: &[(String, String)]) -> Markup {
        let choices: Vec<Choice<'_>> =
            choices.iter().map(|(value, label)| Choice { value, label }).collect();
        field.select(&choices, self.sent.get(name))
    }

    fn on(&self) -> Markup {
        let label = lang::organisation::on(self.lang);
        self.field("on", label).day(self.sent.get("on"))
    }

    fn end(&self) -> Markup {
        let lang = self.lang;
        let field = self.field("on", lang::organisation::end_on(lang));
        field.hint(lang::organisation::end_on_hint(lang)).day(self.sent.get("on"))
    }

    fn decision(&self) -> Markup {
        let lang = self.lang;
        let field = self.field("decision", lang::organisation::decision(lang));
        field.hint(lang::organisation::decision_hint(lang)).text(self.sent.get("decision"))
    }

    fn agencies(&self) -> Vec<(String, String)> {
        let go_on = self.scene.agencies.values().filter(|it| it.valid().to == Day::MAX);
        let mut names: Vec<(String, String)> = go_on
            .filter_map(|it| Some((it.id.to_string(), it.last()?.facts.name.clone())))
            .collect();
        names.sort_by(|left, right| base::text::compare(&left.1, &right.1));
        names
    }

    fn facts(&self) -> Markup {
        let lang = self.lang;
        let kinds: Vec<(String, String)> = AgencyKind::ALL
            .iter()
            .map(|kind| (kind.as_str().to_owned(), kind.say(lang).to_owned()))
            .collect();
        let parent = self.field("parent", lang::organisation::parent(lang)).optional();
        let unit = self.field("unit", lang::organisation::unit(lang)).optional();
        html! {
            (self.text("name", lang::organisation::name(lang), false))
            (self.text("short_name", lang::organisation::short_name(lang), true))
            (self.field("symbol", lang::organisation::symbol(lang)).optional()
                .hint(lang::organisation::symbol_hint(lang)).text(self.sent.get("symbol")))
            (self.select(self.field("kind", lang::organisation::kind(lang)), "kind", &kinds))
            (self.select(parent, "parent", &self.agencies()))
            (unit.hint(lang::organisation::unit_hint(lang)).text(self.sent.get("unit")))
        }
    }

    fn level(&self) -> Markup {
        let lang = self.lang;
        let levels = [Level::Province, Level::District, Level::Commune];
        let levels = levels.map(|level| (level.as_str().to_owned(), level.say(lang).to_owned()));
        self.select(self.field("level", lang::organisation::level(lang)), "level", &levels)
    }

    fn merge(&self) -> Markup {
        let lang = self.lang;
        let agencies = self.agencies();
        let into = self.field("into", lang::organisation::into(lang)).optional();
        let labels: Vec<String> =
            (1..=MERGED.len()).map(|at| lang::organisation::merged(lang, at)).collect();
        html! {
            @for (name, label) in MERGED.into_iter().zip(&labels) {
                @let field = Field::new(lang, name, label).errors(self.errors);
                @let field = if name == MERGED[0] { field } else { field.optional() };
                @let choices: Vec<Choice<'_>> = agencies.iter()
                    .map(|(value, label)| Choice { value, label }).collect();
                (field.select(&choices, self.sent.get(name)))
            }
            (self.select(into, "into", &agencies))
            h2 { (lang::organisation::or_new(lang)) }
            (self.facts())
            (self.on())
            (self.decision())
        }
    }

    fn post(&self) -> Markup {
        let lang = self.lang;
        let signs = self.field("signs_as", lang::organisation::signs_as(lang)).optional();
        let rank = self.field("rank", lang::organisation::rank(lang)).optional();
        html! {
            (self.text("title", lang::organisation::post(lang), false))
            (signs.hint(lang::organisation::signs_as_hint(lang)).text(self.sent.get("signs_as")))
            (self.field("leads", lang::organisation::leads(lang)).tick(self.sent.get("leads") == "yes"))
            (self.field("many", lang::organisation::many(lang)).tick(self.sent.get("many") == "yes"))
            (rank.hint(lang::organisation::rank_hint(lang)).number(self.sent.get("rank")))
            (self.field("from", lang::organisation::from_day(lang)).day(self.sent.get("from")))
            (self.decision())
        }
    }

    fn appoint(&self) -> Markup {
        let lang = self.lang;
        let chart = &self.scene.chart;
        let mut posts: Vec<_> =
            chart.posts.values().filter(|post| Some(post.agency) == self.scene.agency).collect();
        posts.sort_by_key(|post| (post.rank, post.id));
        let posts: Vec<(String, String)> =
            posts.iter().map(|post| (post.id.to_string(), post.title.clone())).collect();
        let mut people: Vec<(String, String)> =
            chart.people.values().map(|it| (it.id.to_string(), it.name.clone())).collect();
        people.sort_by(|left, right| base::text::compare(&left.1, &right.1));
        let person = self.field("person", lang::organisation::known_person(lang)).optional();
        let manners: Vec<Choice<'_>> = Manner::ALL
            .iter()
            .map(|manner| Choice { value: manner.as_str(), label: manner.say(lang) })
            .collect();
        let manner = self.field("manner", lang::organisation::manner(lang));
        let until = self.field("to", lang::organisation::until(lang)).optional();
        html! {
            (self.select(self.field("post", lang::organisation::post(lang)), "post", &posts))
            (manner.radios(&manners, self.sent.get("manner")))
            (self.field("from", lang::organisation::from_day(lang)).day(self.sent.get("from")))
            (until.day(self.sent.get("to")))
            (self.decision())
            h2 { (lang::organisation::holder(lang)) }
            (self.select(person, "person", &people))
            (self.field("name", lang::organisation::new_person(lang)).optional()
                .hint(lang::organisation::new_person_hint(lang)).text(self.sent.get("name")))
            (self.text("email", lang::organisation::email(lang), true))
            (self.text("phone", lang::organisation::phone(lang), true))
            (self.text("account", lang::organisation::account(lang), true))
        }
    }

    fn delegate(&self) -> Markup {
        let lang = self.lang;
        let chart = &self.scene.chart;
        let forms: Vec<Choice<'_>> = Form::ALL
            .iter()
            .map(|form| Choice { value: form.as_str(), label: form.say(lang) })
            .collect();
        let name = |id: AgencyId| self.scene.agencies.get(&id).map_or("", |it| it.name(Day::MAX));
        let mut to: Vec<(i64, String, String)> = chart
            .posts
            .values()
            .map(|it| {
                (it.rank, format!("post:{}", it.id), format!("{} · {}", it.title, name(it.agency)))
            })
            .collect();
        to.sort();
        let mut to: Vec<(String, String)> =
            to.into_iter().map(|(_, value, label)| (value, label)).collect();
        to.extend(chart.people.values().map(|it| (format!("person:{}", it.id), it.name.clone())));
        let until = self.field("to_day", lang::organisation::until(lang)).optional();
        html! {
            (self.field("form", lang::organisation::form(lang)).radios(&forms, self.sent.get("form")))
            (self.select(self.field("to", lang::organisation::delegate_to(lang)), "to", &to))
            (self.text("subject", lang::organisation::subject(lang), false))
            (self.field("from", lang::organisation::from_day(lang)).day(self.sent.get("from")))
            (until.day(self.sent.get("to_day")))
            (self.decision())
        }
    }
}
