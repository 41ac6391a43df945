//! Reports, corrections, mergers, splits and their undoing in any order, on both databases: cells
//! are what they would be if computed anew, and no map wins or loses a number.

mod lineage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base::rights::Actor;
use base::{Clock, Day, Error, Moment};
use packs::{Catalogue, PackFiles};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::Tx;
use store::testing::TestDatabase;
use territory::merger::{MergerOrder, NewUnit};
use territory::{Act, Atlas, Kind, Level, Part, Territory, UnitCode, UnitId, Version};

use self::lineage::{Fate, Lineage};
use crate::answer::places_of;
use crate::observations::{self, Context, Correction, NewObservation, Reported, correct, report};
use crate::{Answer, Desk, Period, Question, ask};

const ACTOR: &str = "tester";
const MEASURES: [&str; 2] = ["people", "births"];
const PERIODS: [&str; 6] = ["2024", "2025", "2026", "2024-03", "2025-07", "2026-12"];

/// An invented territory from 2024 on: a province, four communes, nine hamlets; in the middle of
/// 2024 one commune is divided.
const LISTS: [(&str, &str); 4] = [
    (
        "units_synthetic_2024.csv",
        "code,name,full_name,type,parent_code\n98,Minh Họa,Tỉnh Minh Họa,tinh,\n\
         98001,Một,Xã Một,xa,98\n98002,Hai,Xã Hai,xa,98\n98003,Ba,Xã Ba,xa,98\n98004,Bốn,Xã Bốn,xa,98\n\
         h11,1,Ấp 1,ap,98001\nh12,2,Ấp 2,ap,98001\nh13,3,Ấp 3,ap,98001\nh21,1,Ấp 1,ap,98002\n\
         h22,2,Ấp 2,ap,98002\nh31,1,Ấp 1,ap,98003\nh32,2,Ấp 2,ap,98003\nh41,1,Ấp 1,ap,98004\n\
         h42,2,Ấp 2,ap,98004\n",
    ),
    (
        "changes_synthetic_2024.csv",
        "old_code,new_code,whole_or_part,resolution,effective_date\n,98,whole,1/MH,2024-01-01\n\
         ,98001,whole,1/MH,2024-01-01\n,98002,whole,1/MH,2024-01-01\n,98003,whole,1/MH,2024-01-01\n\
         ,98004,whole,1/MH,2024-01-01\n,h11,whole,1/MH,2024-01-01\n,h12,whole,1/MH,2024-01-01\n\
         ,h13,whole,1/MH,2024-01-01\n,h21,whole,1/MH,2024-01-01\n,h22,whole,1/MH,2024-01-01\n\
         ,h31,whole,1/MH,2024-01-01\n,h32,whole,1/MH,2024-01-01\n,h41,whole,1/MH,2024-01-01\n\
         ,h42,whole,1/MH,2024-01-01\n",
    ),
    (
        "units_synthetic_2024_07.csv",
        "code,name,full_name,type,parent_code\n98004,Bốn,Xã Bốn,xa,98\n98005,Năm,Xã Năm,xa,98\n\
         h41,1,Ấp 1,ap,98004\nh42,2,Ấp 2,ap,98005\n",
    ),
    (
        "changes_synthetic_2024_07.csv",
        "old_code,new_code,whole_or_part,resolution,effective_date\n98004,98004,2/3,2/MH,2024-07-01\n\
         98004,98005,1/3,2/MH,2024-07-01\nh41,h41,whole,2/MH,2024-07-01\nh42,h42,whole,2/MH,2024-07-01\n",
    ),
];

const PACK: [(&str, &str); 4] = [
    ("pack.toml", "name = \"mixed\"\nversion = \"1\"\ntitle = { vi = \"Minh họa\" }\n"),
    ("counts.toml", "[[counts]]\ncode = \"person\"\nname = { vi = \"người\" }\n"),
    (
        "measures.toml",
        "[[measures]]\ncode = \"people\"\nname = { vi = \"Người\" }\ndefinition = { vi = \"Người\" }\n\
         counted = \"person\"\nnature = \"stock\"\n[[measures]]\ncode = \"births\"\n\
         name = { vi = \"Sinh\" }\ndefinition = { vi = \"Sinh\" }\ncounted = \"person\"\nnature = \"flow\"\n",
    ),
    (
        "indicators.toml",
        "[[indicators]]\ncode = \"people\"\nname = { vi = \"Người\" }\ndefinition = { vi = \"Người\" }\n\
         numerator = \"people\"\ndecimals = 0\ndirection = \"none\"\ndocument = { vi = \"Minh họa\" }\n\
         reported_by = \"commune\"\n[[indicators]]\ncode = \"births\"\nname = { vi = \"Sinh\" }\n\
         definition = { vi = \"Sinh\" }\nnumerator = \"births\"\ndecimals = 0\ndirection = \"none\"\n\
         document = { vi = \"Minh họa\" }\nreported_by = \"hamlet\"\n",
    ),
];

fn files(list: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
}

/// What is done next; numbers choose among what there is.
#[derive(Clone, Debug)]
enum Step {
    Report {
        unit: usize,
        measure: usize,
        month: i32,
        value: i64,
    },
    Correct {
        which: usize,
        value: i64,
    },
    Merge {
        first: usize,
        second: usize,
    },
    Split {
        which: usize,
        hamlets: usize,
    },
    Undo,
    /// Tries to take back what is not the last one.
    UndoOlder {
        which: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let any = 0..1_000_usize;
    let report = (any.clone(), 0..2_usize, 0..36_i32, 0..500_i64)
        .prop_map(|(unit, measure, month, value)| Step::Report { unit, measure, month, value });
    let correct =
        (any.clone(), 0..500_i64).prop_map(|(which, value)| Step::Correct { which, value });
    let merge =
        (any.clone(), any.clone()).prop_map(|(first, second)| Step::Merge { first, second });
    let split =
        (any.clone(), any.clone()).prop_map(|(which, hamlets)| Step::Split { which, hamlets });
    let older = any.prop_map(|which| Step::UndoOlder { which });
    let step = prop_oneof![
        6 => report, 2 => correct, 3 => merge, 2 => split, 3 => Just(Step::Undo), 1 => older,
    ];
    prop::collection::vec(step, 12..28)
}

/// A count as it should stand.
#[derive(Clone, Debug)]
struct Count {
    id: String,
    version: i64,
    unit: UnitId,
    measure: usize,
    day: Day,
    value: i64,
}

/// An operation that was applied, with the territory before it.
struct Done {
    id: String,
    on: Day,
    formed: BTreeSet<UnitId>,
    before: Arc<Territory>,
}

struct World {
    database: TestDatabase,
    desk: Desk,
    counts: Vec<Count>,
    done: Vec<Done>,
    /// What became of the communes, as the steps say it.
    lineage: Lineage,
    /// The first day of the next merger or split.
    next_on: Day,
}

impl World {
    async fn new(database: TestDatabase) -> Self {
        let clock = Clock::fixed("2027-01-15T02:00:00Z".parse::<Moment>().unwrap());
        let desk = Desk::new(Atlas::new(database.database.clone(), clock.clone()));
        let mut tx = database.write().await.unwrap();
        territory::import_lists(&mut tx, &clock, Actor::operator(ACTOR), &files(&LISTS))
            .await
            .unwrap();
        let files = PackFiles { folder: "mixed".to_owned(), files: files(&PACK) };
        let pack = packs::read(&files, &Catalogue::load(&mut tx).await.unwrap()).unwrap();
        packs::apply(&mut tx, &clock, ACTOR, &pack).await.unwrap();
        tx.commit().await.unwrap();
        let next_on = Day::new(2024, 9, 1).unwrap();
        let lineage = Lineage::default();
        let mut world =
            Self { database, desk, counts: Vec::new(), done: Vec::new(), lineage, next_on };
        let (eve, on) = (Day::new(2024, 6, 30).unwrap(), Day::new(2024, 7, 1).unwrap());
        let territory = world.territory().await;
        let unit = |code: &str, on: Day| territory.by_code(code, on).unwrap().unit;
        let fate = Fate::Thirds { two: unit("98004", on), one: unit("98005", on) };
        world.lineage.add(unit("98004", eve), on, fate);
        world
    }

    async fn territory(&self) -> Arc<Territory> {
        let mut tx = self.database.read().await.unwrap();
        self.desk.atlas.territory(&mut tx).await.unwrap()
    }

    async fn take(&mut self, step: &Step) {
        match *step {
            Step::Report { unit, measure, month, value } => {
                self.report(unit, measure, month, value).await;
            }
            Step::Correct { which, value } => self.correct(which, value).await,
            Step::Merge { first, second } => self.merge(first, second).await,
            Step::Split { which, hamlets } => self.split(which, hamlets).await,
            Step::Undo => self.undo_last().await,
            Step::UndoOlder { which } => self.undo_older(which).await,
        }
    }

    async fn report(&mut self, unit: usize, measure: usize, month: i32, value: i64) {
        let (year, month) = (2024 + month / 12, month % 12 + 1);
        let days = Period::parse(&format!("{year}-{month:02}"), &[]).unwrap().days;
        let day = days.last();
        let territory = self.territory().await;
        let level = if measure == 0 { Level::Commune } else { Level::Hamlet };
        let there = |version: &&Version| version.kind.level() == level;
        let units: Vec<&Version> =
            territory.units().iter().filter_map(|unit| unit.at(day)).filter(there).collect();
        let unit = units[unit % units.len()].unit;
        let same = |it: &Count| (it.unit, it.measure, it.day) == (unit, measure, day);
        let known = self.counts.iter().any(same);
        let count = NewObservation {
            unit,
            measure: MEASURES[measure].to_owned(),
            reported: if measure == 0 { Reported::On(day) } else { Reported::Within(days) },
            value,
            source: "minh họa".to_owned(),
            made_up: true,
            evidence: None,
        };
        let mut tx = self.database.write().await.unwrap();
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let clock = self.desk.clock();
        let cx = Context {
            clock,
            actor: Actor::operator(ACTOR),
            catalogue: &catalogue,
            territory: &territory,
        };
        match report(&mut tx, cx, vec![count]).await {
            Ok(ids) => {
                assert!(!known, "reported twice");
                tx.commit().await.unwrap();
                let id = ids[0].clone();
                self.counts.push(Count { id, version: 1, unit, measure, day, value });
            }
            Err(Error::Refused { .. }) if known => {}
            Err(error) => panic!("{error}"),
        }
    }

    async fn correct(&mut self, which: usize, value: i64) {
        if self.counts.is_empty() {
            return;
        }
        let at = which % self.counts.len();
        let territory = self.territory().await;
        let mut tx = self.database.write().await.unwrap();
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let clock = self.desk.clock();
        let cx = Context {
            clock,
            actor: Actor::operator(ACTOR),
            catalogue: &catalogue,
            territory: &territory,
        };
        let count = &mut self.counts[at];
        let (id, version) = (count.id.clone(), count.version);
        let correction = Correction { id, version, value, reason: "đếm lại".to_owned() };
        let corrected = correct(&mut tx, cx, correction).await;
        if value == count.value {
            assert!(matches!(corrected, Err(Error::Invalid(_))), "{corrected:?}");
            return;
        }
        corrected.unwrap();
        tx.commit().await.unwrap();
        (count.version, count.value) = (version + 1, value);
    }

    async fn merge(&mut self, first: usize, second: usize) {
        let territory = self.territory().await;
        let communes = territory.under(None, self.next_on, Level::Commune);
        if communes.len() < 2 {
            return;
        }
        let first = first % communes.len();
        let second = (first + 1 + second % (communes.len() - 1)) % communes.len();
        let members = [communes[first], communes[second]];
        let from = members.map(|member| (member.unit, Part::Whole)).to_vec();
        let unit = self.formed(members[0].code.clone().unwrap(), members[0].parent, from);
        let (on, formed) = self.apply(&territory, vec![unit], Vec::new()).await;
        for member in members {
            self.lineage.add(member.unit, on, Fate::Whole(formed[0]));
        }
    }

    async fn split(&mut self, which: usize, hamlets: usize) {
        let territory = self.territory().await;
        let on = self.next_on;
        let communes = territory.under(None, on, Level::Commune);
        let commune = communes[which % communes.len()];
        let third = Part::Share { numerator: 1, denominator: 3 };
        let other =
            UnitCode::new(Level::Commune, &format!("{:05}", 10_000 + on.0 % 10_000)).unwrap();
        let rest = if hamlets.is_multiple_of(2) {
            Part::Unknown
        } else {
            Part::Share { numerator: 2, denominator: 3 }
        };
        let into = vec![
            self.formed(commune.code.clone().unwrap(), commune.parent, vec![(commune.unit, rest)]),
            self.formed(other, commune.parent, vec![(commune.unit, third)]),
        ];
        let children = territory.children(Some(commune.unit), on).enumerate();
        let children = children.map(|(at, child)| (child.unit, (hamlets >> at) % 2)).collect();
        // The rest of an unstated size is what the stated third leaves.
        let (on, formed) = self.apply(&territory, into, children).await;
        let fate = Fate::Thirds { two: formed[0], one: formed[1] };
        self.lineage.add(commune.unit, on, fate);
    }

    fn formed(&self, code: UnitCode, parent: Option<UnitId>, from: Vec<(UnitId, Part)>) -> NewUnit {
        let name = format!("Mới {code} {}", self.next_on.0);
        let full_name = format!("Xã {name}");
        let parent = parent.map(Into::into);
        NewUnit { code, name, full_name, kind: Kind::Commune, parent, from }
    }

    /// Gives the day and the units that were formed.
    async fn apply(
        &mut self,
        before: &Arc<Territory>,
        into: Vec<NewUnit>,
        children: Vec<(UnitId, usize)>,
    ) -> (Day, Vec<UnitId>) {
        let on = self.next_on;
        let act = Act {
            id: 0,
            number: format!("{}/NQ-MINHHOA", on.0),
            issuer: String::new(),
            title: String::new(),
            adopted_on: None,
            effective_on: Some(on),
            source: String::new(),
        };
        let order = MergerOrder { act, on, into, children };
        let mut tx = self.database.write().await.unwrap();
        let formed = territory::rehearse_merger(&mut tx, &order).await.unwrap().formed;
        let clock = self.desk.clock();
        let id =
            territory::apply_merger(&mut tx, clock, Actor::operator(ACTOR), &order).await.unwrap();
        tx.commit().await.unwrap();
        let (all, before) = (formed.iter().copied().collect(), before.clone());
        self.done.push(Done { id, on, formed: all, before });
        self.next_on = on.plus(40);
        (on, formed)
    }

    /// Taking back the last operation gives the very same territory as before it; with counts on
    /// what it formed it is refused and nothing changes.
    async fn undo_last(&mut self) {
        let Some(last) = self.done.pop() else { return };
        let now = self.territory().await;
        let in_use = self.counts.iter().any(|count| last.formed.contains(&count.unit));
        let mut tx = self.database.write().await.unwrap();
        match territory::undo(&mut tx, self.desk.clock(), Actor::operator(ACTOR), &last.id).await {
            Ok(()) => {
                assert!(!in_use, "units with counts were taken away");
                tx.commit().await.unwrap();
                self.lineage.undo(last.on);
                assert_same(&*self.territory().await, &last.before);
            }
            Err(Error::Refused { code: "territory.unit_in_use", .. }) => {
                assert!(in_use, "refused without a reason");
                drop(tx);
                assert_same(&*self.territory().await, &now);
                self.done.push(last);
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Whatever comes of it, a transaction that is dropped changes nothing.
    async fn undo_older(&mut self, which: usize) {
        if self.done.len() < 2 {
            return;
        }
        let older = &self.done[which % (self.done.len() - 1)];
        let now = self.territory().await;
        let mut tx = self.database.write().await.unwrap();
        let _ =
            territory::undo(&mut tx, self.desk.clock(), Actor::operator(ACTOR), &older.id).await;
        drop(tx);
        assert_same(&*self.territory().await, &now);
    }

    /// The counts of a measure for days before the end of a period, by unit and day.
    fn counts_until(&self, measure: usize, period: &Period) -> BTreeMap<(UnitId, Day), i64> {
        let ours = self.counts.iter().filter(|count| count.measure == measure);
        let ours = ours.filter(|count| count.day < period.days.to);
        ours.map(|count| ((count.unit, count.day), count.value)).collect()
    }

    /// The level of each unit that was last reported in or before a period.
    fn levels(&self, period: &Period) -> BTreeMap<UnitId, i64> {
        let counts = self.counts_until(0, period).into_iter();
        counts.map(|((unit, _), value)| (unit, value)).collect()
    }

    /// What a measure should sum up to: of a stock, each unit's level, of a unit that ended only
    /// what its successors have not reported since; of a flow, all counts of the period. None
    /// where nothing was reported.
    fn expected(&self, measure: usize, period: &Period) -> Option<i64> {
        let numbers: Vec<i64> = if measure == 0 {
            let end = period.days.last();
            let pieces = self.lineage.pieces(&self.levels(period), end, end).into_iter();
            pieces.map(|(_, level)| level).collect()
        } else {
            let counts = self.counts_until(measure, period).into_iter();
            let counts = counts.filter(|((_, day), _)| *day >= period.days.from);
            counts.map(|(_, value)| value).collect()
        };
        numbers.into_iter().reduce(|left, right| left + right)
    }

    async fn check(&self) {
        let report = journal::verify(&self.database, &journal::Trust::default()).await.unwrap();
        assert!(report.holds(), "{:?}", report.faults);
        let mut tx = self.database.read().await.unwrap();
        let (_, faults) = observations::verify(&mut tx).await.unwrap();
        assert!(faults.is_empty(), "{faults:?}");
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let territory = self.desk.atlas.territory(&mut tx).await.unwrap();
        let periods: Vec<Period> =
            PERIODS.iter().map(|code| Period::parse(code, &[]).unwrap()).collect();
        let around = self.done.iter().flat_map(|done| [done.on.plus(-1), done.on]);
        let (founded, split) = (Day::new(2024, 1, 1).unwrap(), Day::new(2024, 7, 1).unwrap());
        let maps: BTreeSet<Day> =
            around.chain([founded, split.plus(-1), split, self.desk.clock().today()]).collect();
        for (at, measure) in MEASURES.into_iter().enumerate() {
            let expected: Vec<Option<i64>> =
                periods.iter().map(|period| self.expected(at, period)).collect();
            for map in &maps {
                let indicator = measure.to_owned();
                let question = Question {
                    indicator,
                    periods: periods.clone(),
                    map: *map,
                    known: None,
                    sight: crate::Sight::Full,
                };
                let answer = ask(&mut tx, &self.desk.atlas, &catalogue, &question).await.unwrap();
                let sum = |units: &[&Version], period: usize| {
                    let parts = units.iter().filter_map(|v| answer.get(v.unit, period).numerator);
                    parts.reduce(|left, right| left + right)
                };
                let provinces = territory.under(None, *map, Level::Province);
                let communes = territory.under(None, *map, Level::Commune);
                self.check_places(&mut tx, &question, &provinces, &answer).await;
                for (period, expected) in expected.iter().enumerate() {
                    let what = format!("{measure} {} on {map}", PERIODS[period]);
                    assert_eq!(sum(&provinces, period), *expected, "{what}");
                    assert_eq!(sum(&communes, period), *expected, "{what}, by commune");
                    if at == 0 {
                        self.check_communes(&periods[period], period, *map, &communes, &answer);
                    }
                }
            }
        }
    }
}

impl World {
    /// Each commune of a map has its own levels and its shares of those of others.
    fn check_communes(
        &self,
        period: &Period,
        at: usize,
        map: Day,
        communes: &[&Version],
        answer: &Answer,
    ) {
        let mut expected = self.lineage.expected(&self.levels(period), period.days.last(), map);
        for commune in communes {
            let (found, due) =
                (answer.get(commune.unit, at).numerator, expected.remove(&commune.unit));
            let due = due.unwrap_or_default();
            let (name, code) = (&commune.full_name, &period.code);
            assert!(due.is_met_by(found), "{name} {code} on {map}: {found:?} for {due:?}");
        }
        assert!(expected.is_empty(), "{} on {map}: {expected:?} nowhere", period.code);
    }

    /// The places behind the figures of the first period sum up to them.
    async fn check_places(
        &self,
        tx: &mut Tx,
        question: &Question,
        units: &[&Version],
        answer: &Answer,
    ) {
        let catalogue = self.desk.catalogue(tx).await.unwrap();
        for version in units {
            let (unit, part) = (version.unit, crate::Part::Numerator);
            let places = places_of(tx, &self.desk.atlas, &catalogue, question, unit, part);
            let places = places.await.unwrap();
            let sum = places.list.iter().filter_map(|place| place.counted).sum::<i64>();
            let expected = answer.get(unit, 0).numerator.unwrap_or_default();
            assert_eq!(sum, expected, "{} on {}", question.indicator, question.map);
            let reports = observations::reports_behind(tx, &places.entries, places.nature).await;
            let reports = reports.unwrap();
            for place in places.list.iter().filter(|place| place.counted.is_some()) {
                assert!(reports.contains_key(&place.reporter.0), "{place:?} without a report");
            }
        }
    }
}

fn assert_same(left: &Territory, right: &Territory) {
    assert!(left.units() == right.units(), "other units");
    assert!(left.acts() == right.acts(), "other acts");
    assert!(left.changes() == right.changes(), "other changes");
    assert!(left.outlines() == right.outlines(), "other outlines");
}

/// Each case has a database of its own; without the engine nothing is tried.
fn holds_whatever_happens(cases: u32, open: impl AsyncFn() -> Option<TestDatabase>) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    };
    let held = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let Some(database) = open().await else { return };
            let mut world = World::new(database).await;
            for step in &steps {
                world.take(step).await;
                world.check().await;
            }
        });
        Ok(())
    });
    held.unwrap();
}

#[test]
fn no_number_is_won_or_lost_whatever_happens_in_whatever_order() {
    holds_whatever_happens(12, async || Some(TestDatabase::sqlite().await));
}

#[test]
fn no_number_is_won_or_lost_on_postgres_either() {
    holds_whatever_happens(6, async || TestDatabase::postgres().await);
}
