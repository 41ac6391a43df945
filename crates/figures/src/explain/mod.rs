//! How a figure came to be (*con số này từ đâu ra*): what it means, its parts with the numbers put
//! in, what its map did to its unit, who reported, the entries, and the seal over them.

mod words;

use base::{Day, DayRange, Moment, Result};
use journal::seals::{self, Seal};
use journal::{EntriesBehind, PostingRow};
use packs::{Indicator, Nature};
use territory::Version;

use crate::answer::{How, nature, places_of, summed_days};
use crate::pages::{Known, View};
use crate::{Figure, Part, Period, entries_of};

pub(crate) use words::{citation, formula, permanent};

/// So many who have not reported all are named.
const MOST_MISSING: usize = 30;
/// So many of the newest entries of a part are named; a list has them all.
const MOST_ENTRIES: usize = 10;

/// A figure with all that it stands on.
pub(crate) struct Explained {
    pub(crate) figure: Figure,
    pub(crate) nature: Nature,
    /// The days over which it sums.
    pub(crate) days: DayRange,
    /// The instant that asks for this very state again, for ever.
    pub(crate) known: Moment,
    /// How many entries of the journal had been recorded by then.
    pub(crate) entries: i64,
    /// The units of the end of the period that lie in this one on the map.
    pub(crate) origins: Vec<Origin>,
    /// What happened to the unit between the end of the period and the day of the map.
    pub(crate) events: Vec<(Day, String)>,
    /// Those who have not reported all that the period needs, by name; the first ones.
    pub(crate) missing: Vec<String>,
    /// The parts, the one above the line first.
    pub(crate) parts: Vec<Behind>,
    /// The smallest seal over every entry behind it.
    pub(crate) seal: Option<Seal>,
}

/// A unit that lies in another on a later or earlier map.
pub(crate) struct Origin {
    pub(crate) name: String,
    pub(crate) code: Option<String>,
    /// Whether only a part of it lies there.
    pub(crate) partly: bool,
}

/// What is behind a part.
pub(crate) struct Behind {
    pub(crate) part: Part,
    /// The code of the measure.
    pub(crate) measure: String,
    pub(crate) sum: Option<i64>,
    /// How many postings make it up.
    pub(crate) postings: i64,
    /// The last entry among them.
    pub(crate) last: Option<i64>,
    /// The newest ones, the newest first.
    pub(crate) newest: Vec<PostingRow>,
}

/// Explains the figure of a unit in a period, on the map and by the knowledge of the view.
///
/// Errors: those of [`crate::ask`].
pub(crate) async fn explain(
    view: &mut View,
    indicator: &Indicator,
    version: &Version,
    period: &Period,
) -> Result<Explained> {
    let position = journal::position(&mut view.tx).await?;
    let wished = view.known.map(Known::moment);
    let known = wished.map_or(position.at, |wished| wished.min(position.at));
    let entries = journal::seq_known_at(&mut view.tx, known).await? - 1;
    let answer = view.ask(indicator, std::slice::from_ref(period)).await?;
    let figure = answer.get(version.unit, 0);
    let mut parts =
        vec![behind(view, (indicator, version, period), Part::Numerator, figure).await?];
    if indicator.denominator.is_some() {
        parts.push(behind(view, (indicator, version, period), Part::Denominator, figure).await?);
    }
    let seal = match parts.iter().filter_map(|part| part.last).max() {
        Some(last) => seals::find_covering(&mut view.tx, last).await?,
        None => None,
    };
    let nature = nature(&view.catalogue, indicator);
    Ok(Explained {
        figure,
        nature,
        days: summed_days(nature, period),
        known,
        entries,
        origins: origins(view, version, period.days.last()).await?,
        events: events(view, version, period.days.last()),
        missing: missing(view, (indicator, version, period)).await?,
        parts,
        seal,
    })
}

type Of<'a> = (&'a Indicator, &'a Version, &'a Period);

async fn behind(view: &mut View, of: Of<'_>, part: Part, figure: Figure) -> Result<Behind> {
    let (indicator, version, period) = of;
    let question = view.question(indicator, std::slice::from_ref(period));
    let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
    let unit = version.unit;
    let wanted: EntriesBehind =
        entries_of(&mut view.tx, &atlas, &catalogue, &question, unit, part).await?;
    let (postings, last) = journal::count_behind(&mut view.tx, &wanted).await?;
    let mut newest = journal::entries_since(&mut view.tx, &wanted, 0, MOST_ENTRIES).await?;
    view.disclose(&mut newest).await?;
    let (measure, sum) = match part {
        Part::Numerator => (indicator.numerator.clone(), figure.numerator),
        Part::Denominator => {
            (indicator.denominator.clone().unwrap_or_default(), figure.denominator)
        }
    };
    Ok(Behind { part, measure, sum, postings, last, newest })
}

/// Which units of a day lie in a unit of the view's map, of the same level.
async fn origins(view: &mut View, version: &Version, on: Day) -> Result<Vec<Origin>> {
    let atlas = view.desk.atlas.clone();
    let (territory, map) = atlas.map(&mut view.tx, view.day).await?;
    let units = territory.under(None, on, version.kind.level()).into_iter();
    let origin = |of: &Version| {
        let landings = map.landings(of.unit);
        let lies = landings.iter().any(|landing| landing.unit == version.unit);
        lies.then(|| Origin {
            name: of.full_name.clone(),
            code: of.code.as_ref().map(|code| code.as_str().to_owned()),
            partly: landings.len() > 1,
        })
    };
    Ok(units.filter_map(origin).collect())
}

fn events(view: &View, version: &Version, on: Day) -> Vec<(Day, String)> {
    let (from, to) = (on.min(view.day), on.max(view.day));
    let events = view.territory.history(version.unit).into_iter();
    let between = events.filter(|event| from < event.on && event.on <= to);
    between.map(|event| (event.on, event.say(view.lang, &view.territory))).collect()
}

async fn missing(view: &mut View, (indicator, version, period): Of<'_>) -> Result<Vec<String>> {
    let question = view.question(indicator, std::slice::from_ref(period));
    let (catalogue, atlas) = (view.catalogue.clone(), view.desk.atlas.clone());
    let (unit, part) = (version.unit, Part::Numerator);
    let places = places_of(&mut view.tx, &atlas, &catalogue, &question, unit, part).await?;
    let lacks = places.list.iter().filter(|place| {
        matches!(place.how, How::Missing | How::OnePart | How::Across | How::Partly | How::Earlier)
    });
    let last = period.days.last();
    let name = |place: &crate::answer::Place| view.territory.full_name(place.reporter, last);
    Ok(lacks.take(MOST_MISSING).map(name).collect())
}
