//! Checking plans and their targets.

use base::Day;
use toml::Spanned;

use super::Reader;
use super::figures::LEVELS;
use crate::{Catalogue, Indicator, Plan, Target, TargetValue};

const PLANS: &str = "plans.toml";
const TARGETS: &str = "targets.toml";

impl Reader<'_> {
    pub(super) fn check_plans(&mut self, plans: &[Spanned<Plan>]) {
        for table in plans {
            let it = table.get_ref();
            let words = [("title", &it.title), ("document", &it.document), ("agency", &it.agency)];
            self.check_words(PLANS, table, &words);
            let note = it.note.iter().map(|note| ("note", note)).collect::<Vec<_>>();
            self.check_words(PLANS, table, &note);
            let [from, until] = [("from", &it.from), ("until", &it.until)].map(|(key, text)| {
                let day = text.parse::<Day>().ok();
                if day.is_none() {
                    self.mistake(PLANS, table, key, lang::error::bad_day);
                }
                day
            });
            if from.zip(until).is_some_and(|(from, until)| until < from) {
                self.mistake(PLANS, table, "until", lang::packs::ends_before);
            }
        }
    }

    /// Each has its plan, and an indicator that measures it or the reason why none does.
    pub(super) fn check_targets(
        &mut self,
        targets: &[Spanned<Target>],
        (plans, indicators): (&[Spanned<Plan>], &[Spanned<Indicator>]),
        known: &Catalogue,
    ) {
        for table in targets {
            let it = table.get_ref();
            let own = [Some(&it.unmeasured), Some(&it.ambiguous), Some(&it.agency)];
            let keys = ["unmeasured", "ambiguous", "agency"];
            let own = keys.into_iter().zip(own.into_iter().flatten());
            let more = own.filter_map(|(key, words)| Some((key, words.as_ref()?)));
            let words: Vec<_> =
                [("title", &it.title), ("said", &it.said)].into_iter().chain(more).collect();
            self.check_words(TARGETS, table, &words);
            let is_own = plans.iter().any(|plan| plan.get_ref().code == it.plan);
            if !is_own && known.plan(&it.plan).is_none() {
                let plan = it.plan.clone();
                let unknown = move |lang| lang::packs::unknown_plan(lang, &plan);
                self.mistake(TARGETS, table, "plan", unknown);
            }
            let indicator = it.indicator.as_ref().map(|code| {
                let own = indicators.iter().map(Spanned::get_ref).find(|own| own.code == *code);
                own.or_else(|| known.indicator(code)).ok_or_else(|| code.clone())
            });
            match (&indicator, &it.unmeasured) {
                (None, None) => {
                    self.mistake(TARGETS, table, "unmeasured", lang::packs::not_measured);
                }
                (Some(_), Some(_)) => {
                    self.mistake(TARGETS, table, "unmeasured", lang::packs::measured_and_not);
                }
                _ => {}
            }
            if let Some(Err(code)) = &indicator {
                let code = code.clone();
                let unknown = move |lang| lang::packs::unknown_indicator(lang, &code);
                self.mistake(TARGETS, table, "indicator", unknown);
            }
            let indicator = indicator.and_then(Result::ok);
            for value in &it.values {
                self.check_target_value(table, value, indicator);
            }
            if it.values.is_empty() {
                self.mistake(TARGETS, table, "values", lang::packs::lacking);
            }
        }
    }

    fn check_target_value(
        &mut self,
        table: &Spanned<Target>,
        value: &TargetValue,
        indicator: Option<&Indicator>,
    ) {
        // A share is demanded with as many decimals as it is shown with, a count with none.
        let decimals = match indicator {
            Some(indicator) if indicator.denominator.is_some() => indicator.decimals,
            Some(_) => 0,
            None => 4,
        };
        if value.scaled(decimals).is_none() {
            self.mistake(TARGETS, table, "values", lang::packs::bad_wanted);
        }
        let is_level = |level: &String| LEVELS.contains(&level.as_str());
        if value.levels.is_empty() || !value.levels.iter().all(is_level) {
            self.mistake(TARGETS, table, "values", lang::packs::bad_level);
        }
        let days = [Some(&value.by), value.from.as_ref(), value.decided_on.as_ref()];
        let [by, from, _] = days.map(|text| text.map(|text| text.parse::<Day>()));
        if days.into_iter().flatten().any(|text| text.parse::<Day>().is_err()) {
            self.mistake(TARGETS, table, "values", lang::error::bad_day);
        } else if let (Some(Ok(by)), Some(Ok(from))) = (by, from)
            && by < from
        {
            self.mistake(TARGETS, table, "values", lang::packs::ends_before);
        }
        if value.document.as_ref().is_some_and(|words| words.vi.trim().is_empty()) {
            self.mistake(TARGETS, table, "values", lang::packs::no_vietnamese);
        }
    }
}
