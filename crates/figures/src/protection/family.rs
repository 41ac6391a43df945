//! Which measures must be protected together: those of which one can be computed from others.

use std::collections::BTreeSet;

use packs::{Catalogue, Indicator, Measure};

/// Measures that are protected together, with all in which they are shown.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    /// The codes of the protected measures.
    pub(crate) measures: BTreeSet<String>,
    /// The indicators that show one of them.
    pub(crate) indicators: Vec<Indicator>,
    /// Wholes with their parts, of which at least one is protected; all of them are shown.
    pub(crate) sums: Vec<(Measure, Vec<Measure>)>,
}

impl Family {
    /// The family of an indicator; none where everybody may see all of it.
    pub(crate) fn of(catalogue: &Catalogue, indicator: &Indicator) -> Option<Self> {
        Self::around(catalogue, indicator.measures())
    }

    /// The family of measures; none where everybody may see all of them.
    pub(crate) fn around<'a>(
        catalogue: &Catalogue,
        measures: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let mut found = BTreeSet::new();
        let mut ahead: Vec<String> = measures.into_iter().map(str::to_owned).collect();
        let links = links(catalogue);
        while let Some(code) = ahead.pop() {
            let is_new = is_protected(catalogue, &code) && !found.contains(&code);
            if is_new {
                let with = links.iter().filter(|link| link.contains(&code));
                ahead.extend(with.flatten().cloned());
                found.insert(code);
            }
        }
        if found.is_empty() {
            return None;
        }
        let shows = |indicator: &&Indicator| indicator.measures().any(|code| found.contains(code));
        let indicators = catalogue.indicators().into_iter().filter(shows).cloned().collect();
        Some(Self { indicators, sums: sums(catalogue, &found), measures: found })
    }
}

/// Whether numbers of a measure are hidden while they are small.
pub(crate) fn is_protected(catalogue: &Catalogue, code: &str) -> bool {
    catalogue.measure(code).is_some_and(|measure| measure.definition.threshold().is_some())
}

/// Whether an indicator shows a measure whose numbers are hidden while they are small.
pub(crate) fn shows_few_people(catalogue: &Catalogue, indicator: &str) -> bool {
    let mut measures = catalogue.indicator(indicator).into_iter().flat_map(|it| it.measures());
    measures.any(|code| is_protected(catalogue, code))
}

/// Measures that stand in one indicator, or in one sum.
fn links(catalogue: &Catalogue) -> Vec<BTreeSet<String>> {
    let shared = catalogue.indicators().into_iter().map(|indicator| indicator.measures().collect());
    let shared = shared.map(|codes: Vec<&str>| codes.into_iter().map(str::to_owned).collect());
    let summed = catalogue.measures().map(|measure| &measure.definition);
    let summed = summed
        .filter(|measure| !measure.sum_of.is_empty())
        .map(|measure| std::iter::once(&measure.code).chain(&measure.sum_of).cloned().collect());
    shared.chain(summed).collect()
}

/// The sums in which one of the measures stands. What nobody is shown tells nothing: a whole that
/// no indicator shows is left out, and so are such parts.
fn sums(catalogue: &Catalogue, family: &BTreeSet<String>) -> Vec<(Measure, Vec<Measure>)> {
    let is_shown = |code: &str| catalogue.reported_by(code).is_some();
    let measures = catalogue.measures().map(|measure| &measure.definition);
    let wholes = measures.filter(|whole| {
        let mut codes = std::iter::once(&whole.code).chain(&whole.sum_of);
        !whole.sum_of.is_empty() && is_shown(&whole.code) && codes.any(|code| family.contains(code))
    });
    let with_parts = wholes.map(|whole| {
        let parts = whole.sum_of.iter().filter(|code| is_shown(code));
        let parts = parts.filter_map(|code| Some(catalogue.measure(code)?.definition.clone()));
        (whole.clone(), parts.collect::<Vec<_>>())
    });
    with_parts.filter(|(_, parts)| !parts.is_empty()).collect()
}
