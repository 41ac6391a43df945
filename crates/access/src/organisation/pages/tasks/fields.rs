//! The fields of the forms.

use base::{Day, FieldError};
use lang::Lang;
use maud::{Markup, html};
use territory::Level;
use web::pieces::{Choice, Field};

use super::{MERGED, Scene};
use crate::organisation::model::{AgencyId, AgencyKind, Form, Manner};
use crate::organisation::pages::forms::Sent;

pub(super) struct Fields<'a> {
    pub(super) lang: Lang,
    pub(super) sent: &'a Sent,
    pub(super) errors: &'a [FieldError],
    pub(super) scene: &'a Scene,
}

impl<'a> Fields<'a> {
    fn field(&self, name: &'a str, label: &'a str) -> Field<'a> {
        Field::new(self.lang, name, label).errors(self.errors)
    }

    pub(super) fn text(&self, name: &'a str, label: &'a str, optional: bool) -> Markup {
        let field = self.field(name, label);
        let field = if optional { field.optional() } else { field };
        field.text(self.sent.get(name))
    }

    fn select(&self, field: Field<'a>, name: &str, choices: &[(String, String)]) -> Markup {
        let choices: Vec<Choice<'_>> =
            choices.iter().map(|(value, label)| Choice { value, label }).collect();
        field.select(&choices, self.sent.get(name))
    }

    pub(super) fn on(&self) -> Markup {
        let label = lang::organisation::on(self.lang);
        self.field("on", label).day(self.sent.get("on"))
    }

    pub(super) fn end(&self) -> Markup {
        let lang = self.lang;
        let field = self.field("on", lang::organisation::end_on(lang));
        field.hint(lang::organisation::end_on_hint(lang)).day(self.sent.get("on"))
    }

    pub(super) fn decision(&self) -> Markup {
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

    pub(super) fn facts(&self) -> Markup {
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

    pub(super) fn level(&self) -> Markup {
        let lang = self.lang;
        let levels = [Level::Province, Level::District, Level::Commune];
        let levels = levels.map(|level| (level.as_str().to_owned(), level.say(lang).to_owned()));
        self.select(self.field("level", lang::organisation::level(lang)), "level", &levels)
    }

    pub(super) fn merge(&self) -> Markup {
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

    pub(super) fn post(&self) -> Markup {
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

    pub(super) fn appoint(&self) -> Markup {
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

    pub(super) fn delegate(&self) -> Markup {
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
