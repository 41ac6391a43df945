//! Everything that the applied packs declare.

use std::collections::BTreeMap;

use access::grants::{Purpose, Role};
use base::{Day, Error, Result};
use lang::Lang;
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Tx;

use crate::store::{self as sql, DefinitionRow};
use crate::{
    Calendar, Campaign, Claim, Collection, ConsentPurpose, Dashboard, Index, Indicator, Measure,
    Plan, Report, RequestKind, RetentionRule, Target, TargetValue, UnitOfCount, WorkingYear,
};

/// A definition with the small number that stands for it in the journal.
#[derive(Clone, Debug)]
pub struct Numbered<T> {
    /// Given at its first application and never changed; given again only when nothing was ever
    /// posted under it.
    pub number: i64,
    /// The definition.
    pub definition: T,
}

/// The definitions in force.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Which state of the definitions this is.
    pub revision: i64,
    counts: BTreeMap<String, Numbered<UnitOfCount>>,
    measures: BTreeMap<String, Numbered<Measure>>,
    indicators: BTreeMap<String, Numbered<Indicator>>,
    claims: BTreeMap<String, Numbered<Claim>>,
    calendars: BTreeMap<String, Numbered<Calendar>>,
    plans: BTreeMap<String, Numbered<Plan>>,
    targets: BTreeMap<String, Numbered<Target>>,
    campaigns: BTreeMap<String, Numbered<Campaign>>,
    dashboards: BTreeMap<String, Numbered<Dashboard>>,
    indexes: BTreeMap<String, Numbered<Index>>,
    reports: BTreeMap<String, Numbered<Report>>,
    collections: BTreeMap<String, Numbered<Collection>>,
    purposes: BTreeMap<String, Numbered<Purpose>>,
    roles: BTreeMap<String, Numbered<Role>>,
    working_years: BTreeMap<String, Numbered<WorkingYear>>,
    request_kinds: BTreeMap<String, Numbered<RequestKind>>,
    consent_purposes: BTreeMap<String, Numbered<ConsentPurpose>>,
    retention_rules: BTreeMap<String, Numbered<RetentionRule>>,
}

/// What definitions of a kind had once, so that databases of that time can be read.
const FORMER: [(&str, &[&str]); 1] = [("indicator", &["wanted", "wanted_from", "wanted_until"])];

impl Catalogue {
    /// Reads it from the database.
    ///
    /// Errors: `Internal` when a stored definition cannot be read by this program.
    pub async fn load(tx: &mut Tx) -> Result<Self> {
        let mut catalogue = Self { revision: Self::revision(tx).await?, ..Self::default() };
        for DefinitionRow { kind, code, number, body, .. } in sql::definitions(tx).await? {
            let body = as_of_now(&kind, &body)?;
            match kind.as_str() {
                "count" => insert(&mut catalogue.counts, code, number, body)?,
                "measure" => insert(&mut catalogue.measures, code, number, body)?,
                "indicator" => insert(&mut catalogue.indicators, code, number, body)?,
                "claim" => insert(&mut catalogue.claims, code, number, body)?,
                "calendar" => insert(&mut catalogue.calendars, code, number, body)?,
                "plan" => insert(&mut catalogue.plans, code, number, body)?,
                "target" => insert(&mut catalogue.targets, code, number, body)?,
                "campaign" => insert(&mut catalogue.campaigns, code, number, body)?,
                "dashboard" => insert(&mut catalogue.dashboards, code, number, body)?,
                "index" => insert(&mut catalogue.indexes, code, number, body)?,
                "report" => insert(&mut catalogue.reports, code, number, body)?,
                "collection" => insert(&mut catalogue.collections, code, number, body)?,
                "purpose" => insert(&mut catalogue.purposes, code, number, body)?,
                "role" => insert(&mut catalogue.roles, code, number, body)?,
                "working_year" => insert(&mut catalogue.working_years, code, number, body)?,
                "request_kind" => insert(&mut catalogue.request_kinds, code, number, body)?,
                "consent_purpose" => insert(&mut catalogue.consent_purposes, code, number, body)?,
                "retention_rule" => insert(&mut catalogue.retention_rules, code, number, body)?,
                other => return Err(Error::internal(format!("definition of kind {other}"))),
            }
        }
        Ok(catalogue)
    }

    /// This catalogue with what other packs rest on of a pack that was read but not applied, for
    /// checking another one against it.
    #[must_use]
    pub fn with(mut self, pack: &crate::Pack) -> Self {
        for count in &pack.counts {
            let definition = count.clone();
            self.counts.insert(count.code.clone(), Numbered { number: 0, definition });
        }
        for measure in &pack.measures {
            let definition = measure.clone();
            self.measures.insert(measure.code.clone(), Numbered { number: 0, definition });
        }
        for indicator in &pack.indicators {
            let definition = indicator.clone();
            self.indicators.insert(indicator.code.clone(), Numbered { number: 0, definition });
        }
        for plan in &pack.plans {
            let definition = plan.clone();
            self.plans.insert(plan.code.clone(), Numbered { number: 0, definition });
        }
        for target in &pack.targets {
            let definition = target.clone();
            self.targets.insert(target.code.clone(), Numbered { number: 0, definition });
        }
        for purpose in &pack.purposes {
            let definition = purpose.clone();
            self.purposes.insert(purpose.code.clone(), Numbered { number: 0, definition });
        }
        for calendar in &pack.calendars {
            let definition = calendar.clone();
            self.calendars.insert(calendar.code.clone(), Numbered { number: 0, definition });
        }
        self
    }

    /// The number of the present state; it counts up with every application.
    pub async fn revision(tx: &mut Tx) -> Result<i64> {
        sql::revision(tx).await
    }

    /// A purpose for which personal data is looked at, by its code.
    #[must_use]
    pub fn purpose(&self, code: &str) -> Option<&Purpose> {
        self.purposes.get(code).map(|purpose| &purpose.definition)
    }

    /// The purposes for which personal data is looked at, by code.
    #[must_use]
    pub fn purposes(&self) -> Vec<&Purpose> {
        in_order(&self.purposes)
    }

    /// The roles, by code.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values().map(|role| &role.definition)
    }

    /// A unit of count by its code.
    #[must_use]
    pub fn count(&self, code: &str) -> Option<&UnitOfCount> {
        self.counts.get(code).map(|count| &count.definition)
    }

    /// The name of a unit of count; its code where a pack of an earlier version left it undeclared.
    #[must_use]
    pub fn counted<'a>(&'a self, lang: Lang, code: &'a str) -> &'a str {
        self.count(code).map_or(code, |count| count.name.say(lang))
    }

    /// A measure by its code.
    #[must_use]
    pub fn measure(&self, code: &str) -> Option<&Numbered<Measure>> {
        self.measures.get(code)
    }

    /// A measure by its number in the journal.
    #[must_use]
    pub fn measure_numbered(&self, number: i64) -> Option<&Measure> {
        let found = self.measures.values().find(|measure| measure.number == number);
        found.map(|measure| &measure.definition)
    }

    /// All measures, by code.
    pub fn measures(&self) -> impl Iterator<Item = &Numbered<Measure>> {
        self.measures.values()
    }

    /// The level of the units that report a measure, as its indicators say; none where no
    /// indicator uses it.
    #[must_use]
    pub fn reported_by(&self, measure: &str) -> Option<&str> {
        let mut indicators = self.indicators.values().map(|numbered| &numbered.definition);
        let uses = |indicator: &&Indicator| indicator.measures().any(|code| code == measure);
        indicators.find(uses).map(|indicator| &*indicator.reported_by)
    }

    /// An indicator by its code.
    #[must_use]
    pub fn indicator(&self, code: &str) -> Option<&Indicator> {
        self.indicators.get(code).map(|indicator| &indicator.definition)
    }

    /// All indicators, in the order in which they were declared.
    #[must_use]
    pub fn indicators(&self) -> Vec<&Indicator> {
        in_order(&self.indicators)
    }

    /// All published figures, in the order in which they were declared.
    #[must_use]
    pub fn claims(&self) -> Vec<&Claim> {
        in_order(&self.claims)
    }

    /// A plan by its code.
    #[must_use]
    pub fn plan(&self, code: &str) -> Option<&Plan> {
        self.plans.get(code).map(|plan| &plan.definition)
    }

    /// All plans, in the order in which they were declared.
    #[must_use]
    pub fn plans(&self) -> Vec<&Plan> {
        in_order(&self.plans)
    }

    /// A target by its code.
    #[must_use]
    pub fn target(&self, code: &str) -> Option<&Target> {
        self.targets.get(code).map(|target| &target.definition)
    }

    /// All targets, in the order in which they were declared, each with its plan.
    #[must_use]
    pub fn targets(&self) -> Vec<(&Plan, &Target)> {
        let targets = in_order(&self.targets).into_iter();
        targets.filter_map(|target| Some((self.plan(&target.plan)?, target))).collect()
    }

    /// What units of a level are to reach in an indicator, as it stands on a day: of several plans
    /// the value whose last day comes first.
    #[must_use]
    pub fn wanted_on(
        &self,
        indicator: &str,
        level: &str,
        on: Day,
    ) -> Option<(&Plan, &Target, &TargetValue)> {
        let targets = self.targets().into_iter();
        let of = targets.filter(|(_, target)| target.indicator.as_deref() == Some(indicator));
        let values =
            of.filter_map(|(plan, target)| Some((plan, target, target.value_on(plan, level, on)?)));
        values.min_by_key(|(_, _, value)| value.by())
    }

    /// A campaign by its code.
    #[must_use]
    pub fn campaign(&self, code: &str) -> Option<&Campaign> {
        self.campaigns.get(code).map(|campaign| &campaign.definition)
    }

    /// All campaigns, in the order in which they were declared.
    #[must_use]
    pub fn campaigns(&self) -> Vec<&Campaign> {
        in_order(&self.campaigns)
    }

    /// All dashboards, in the order in which they were declared.
    #[must_use]
    pub fn dashboards(&self) -> Vec<&Dashboard> {
        in_order(&self.dashboards)
    }

    /// An index by its code.
    #[must_use]
    pub fn index(&self, code: &str) -> Option<&Index> {
        self.indexes.get(code).map(|index| &index.definition)
    }

    /// All indices, in the order in which they were declared.
    #[must_use]
    pub fn indexes(&self) -> Vec<&Index> {
        in_order(&self.indexes)
    }

    /// A form of reports by its code.
    #[must_use]
    pub fn report(&self, code: &str) -> Option<&Report> {
        self.reports.get(code).map(|report| &report.definition)
    }

    /// All forms of reports, in the order in which they were declared.
    #[must_use]
    pub fn reports(&self) -> Vec<&Report> {
        in_order(&self.reports)
    }

    /// A collection by its code.
    #[must_use]
    pub fn collection(&self, code: &str) -> Option<&Collection> {
        self.collections.get(code).map(|collection| &collection.definition)
    }

    /// All collections, in the order in which they were declared.
    #[must_use]
    pub fn collections(&self) -> Vec<&Collection> {
        in_order(&self.collections)
    }

    /// The calendars of all years of which one is known.
    #[must_use]
    pub fn working_years(&self) -> Vec<&WorkingYear> {
        in_order(&self.working_years)
    }

    /// All kinds of requests of data subjects, in the order in which they were declared.
    #[must_use]
    pub fn request_kinds(&self) -> Vec<&RequestKind> {
        in_order(&self.request_kinds)
    }

    /// All that is consented to, in the order in which it was declared.
    #[must_use]
    pub fn consent_purposes(&self) -> Vec<&ConsentPurpose> {
        in_order(&self.consent_purposes)
    }

    /// All rules of how long something is kept, in the order in which they were declared.
    #[must_use]
    pub fn retention_rules(&self) -> Vec<&RetentionRule> {
        in_order(&self.retention_rules)
    }

    /// All calendars.
    #[must_use]
    pub fn calendars(&self) -> Vec<&Calendar> {
        in_order(&self.calendars)
    }
}

fn in_order<T>(map: &BTreeMap<String, Numbered<T>>) -> Vec<&T> {
    let mut list: Vec<&Numbered<T>> = map.values().collect();
    list.sort_by_key(|numbered| numbered.number);
    list.into_iter().map(|numbered| &numbered.definition).collect()
}

/// A stored definition without what is no longer said there.
pub(crate) fn as_of_now(kind: &str, body: &str) -> Result<Value> {
    let mut body: Value = serde_json::from_str(body).map_err(Error::internal)?;
    let former = FORMER.iter().filter(|(of, _)| *of == kind).flat_map(|(_, keys)| *keys);
    if let Some(fields) = body.as_object_mut() {
        for key in former {
            fields.remove(*key);
        }
    }
    Ok(body)
}

fn insert<T: DeserializeOwned>(
    map: &mut BTreeMap<String, Numbered<T>>,
    code: String,
    number: i64,
    body: Value,
) -> Result<()> {
    let definition = serde_json::from_value(body).map_err(Error::internal)?;
    map.insert(code, Numbered { number, definition });
    Ok(())
}
