//! What a figure says where units end, periods do not fit, or not all have reported.

use std::collections::BTreeMap;
use std::sync::Arc;

use base::rights::Actor;
use base::{Clock, Error, Moment};
use packs::{Catalogue, PackFiles};
use store::testing::TestDatabase;
use territory::{Atlas, UnitId};

use super::*;
use crate::Desk;
use crate::observations::{Context, NewObservation, Reported, Withdrawal, report, withdraw};

/// Three communes; on 01/07/2025 Một and Hai become Mới, and Ba is divided into Ba (two thirds) and
/// Bốn; on 01/01/2026 Mới and Bốn become Chung.
const COLUMNS: &str = "code,name,full_name,type,parent_code\n";
const PACK: [(&str, &str); 4] = [
    ("pack.toml", "name = \"t\"\nversion = \"1\"\ntitle = { vi = \"Minh họa\" }\n"),
    ("counts.toml", "[[counts]]\ncode = \"person\"\nname = { vi = \"người\" }\n"),
    (
        "measures.toml",
        "[[measures]]\ncode = \"people\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         counted = \"person\"\nnature = \"stock\"\n\
         [[measures]]\ncode = \"births\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         counted = \"person\"\nnature = \"flow\"\n",
    ),
    (
        "indicators.toml",
        "[[indicators]]\ncode = \"people\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         numerator = \"people\"\ndecimals = 0\ndirection = \"none\"\ndocument = { vi = \"x\" }\n\
         reported_by = \"commune\"\n\
         [[indicators]]\ncode = \"births\"\nname = { vi = \"x\" }\ndefinition = { vi = \"x\" }\n\
         numerator = \"births\"\ndecimals = 0\ndirection = \"none\"\ndocument = { vi = \"x\" }\n\
         reported_by = \"commune\"\n",
    ),
];

fn lists() -> BTreeMap<String, Vec<u8>> {
    let before = "98001,Một,Xã Một,xa,98\n98002,Hai,Xã Hai,xa,98\n98003,Ba,Xã Ba,xa,98\n";
    let after = "98001,Mới,Xã Mới,xa,98\n98003,Ba,Xã Ba,xa,98\n98004,Bốn,Xã Bốn,xa,98\n";
    let head = "old_code,new_code,whole_or_part,resolution,effective_date\n";
    let founded = ["98", "98001", "98002", "98003"];
    let founded = founded.map(|code| format!(",{code},whole,1/MH,2024-01-01\n")).concat();
    let merged = "98001,98001,whole,2/MH,2025-07-01\n98002,98001,whole,2/MH,2025-07-01\n\
                  98003,98003,2/3,2/MH,2025-07-01\n98003,98004,1/3,2/MH,2025-07-01\n";
    let again = "98001,98005,whole,3/MH,2026-01-01\n98004,98005,whole,3/MH,2026-01-01\n";
    let file = |name: &str, text: String| (name.to_owned(), text.into_bytes());
    BTreeMap::from([
        file(
            "units_synthetic_2024.csv",
            format!("{COLUMNS}98,Minh Họa,Tỉnh Minh Họa,tinh,\n{before}"),
        ),
        file("changes_synthetic_2024.csv", format!("{head}{founded}")),
        file("units_synthetic_2025.csv", format!("{COLUMNS}{after}")),
        file("changes_synthetic_2025.csv", format!("{head}{merged}")),
        file("units_synthetic_2026.csv", format!("{COLUMNS}98005,Chung,Xã Chung,xa,98\n")),
        file("changes_synthetic_2026.csv", format!("{head}{again}")),
    ])
}

fn state() -> packs::Calendar {
    let words = serde_json::json!({ "vi": "Kỳ báo cáo" });
    let calendar = serde_json::json!({
        "code": "state", "name": words, "prefix": "R", "opens_on": 15, "document": words,
    });
    serde_json::from_value(calendar).unwrap()
}

struct World {
    database: Arc<TestDatabase>,
    desk: Desk,
    known: Option<Moment>,
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

impl World {
    async fn each() -> Vec<Self> {
        let mut worlds = Vec::new();
        for database in TestDatabase::each().await {
            let clock = Clock::fixed("2026-06-15T02:00:00Z".parse::<Moment>().unwrap());
            let desk = Desk::new(Atlas::new(database.database.clone(), clock.clone()));
            let mut tx = database.write().await.unwrap();
            territory::import_lists(&mut tx, &clock, Actor::operator("t"), &lists()).await.unwrap();
            let files =
                PACK.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
            let files = PackFiles { folder: "t".to_owned(), files: files.collect() };
            let pack = packs::read(&files, &Catalogue::default()).unwrap();
            packs::apply(&mut tx, &clock, "t", &pack).await.unwrap();
            tx.commit().await.unwrap();
            worlds.push(Self { database: Arc::new(database), desk, known: None });
        }
        worlds
    }

    async fn unit(&self, code: &str, on: &str) -> UnitId {
        let mut tx = self.desk.database().read().await.unwrap();
        let territory = self.desk.atlas.territory(&mut tx).await.unwrap();
        territory.by_code(code, day(on)).unwrap().unit
    }

    /// Reports a count for a day (of the stock) or a period (of the flow) of a unit of that day.
    async fn say(&self, code: &str, when: &str, value: i64) -> Result<()> {
        let (measure, reported) = match when.parse::<Day>() {
            Ok(day) => ("people", Reported::On(day)),
            Err(_) => {
                let days = Period::parse(when, &[]).unwrap().days;
                ("births", Reported::Within(days))
            }
        };
        let unit = self.unit(code, &reported.day().to_string()).await;
        let mut work = self.desk.begin().await?;
        let (tx, cx): (_, Context<'_>) = work.by(&self.desk, Actor::operator("t"));
        let count = NewObservation {
            unit,
            measure: measure.to_owned(),
            reported,
            value,
            source: "minh họa".to_owned(),
            made_up: true,
            evidence: None,
        };
        report(tx, cx, vec![count]).await?;
        work.tx.commit().await
    }

    /// The same province at a later time.
    fn later(&self, now: &str) -> Self {
        let clock = Clock::fixed(now.parse::<Moment>().unwrap());
        let desk = Desk::new(Atlas::new(self.desk.database().clone(), clock));
        Self { database: self.database.clone(), desk, known: None }
    }

    async fn figure(&self, indicator: &str, code: &str, period: &str, map: &str) -> Figure {
        let period = Period::parse(period, &[&state()]).unwrap();
        let mut tx = self.desk.database().read().await.unwrap();
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let question = Question {
            indicator: indicator.to_owned(),
            periods: vec![period],
            map: day(map),
            known: self.known,
            sight: Sight::Full,
        };
        let answer = ask(&mut tx, &self.desk.atlas, &catalogue, &question).await.unwrap();
        let unit = self.unit(code, map).await;
        let figure = answer.get(unit, 0);
        let behind =
            entries_of(&mut tx, &self.desk.atlas, &catalogue, &question, unit, Part::Numerator);
        let behind = behind.await.unwrap();
        let page = journal::entries_behind(&mut tx, &behind, None, 1000).await.unwrap();
        let sum: i64 = page.items.iter().map(|row| row.posting.delta).sum();
        if !figure.estimated {
            assert_eq!(sum, figure.numerator.unwrap_or_default(), "{code} {map}");
        }
        let places = self.places(indicator, code, &question).await;
        let counted: i64 = places.iter().filter_map(|place| place.counted).sum();
        assert_eq!(counted, figure.numerator.unwrap_or_default(), "places of {code} on {map}");
        let mut silent: Vec<UnitId> = places
            .iter()
            .filter(|place| place.counted.is_none())
            .map(|place| place.reporter)
            .collect();
        silent.dedup();
        assert!(silent.len() <= (figure.expected - figure.reported) as usize, "{places:?}");
        figure
    }

    async fn places(&self, indicator: &str, code: &str, question: &Question) -> Vec<Place> {
        let unit = self.unit(code, &question.map.to_string()).await;
        let mut tx = self.desk.database().read().await.unwrap();
        let catalogue = self.desk.catalogue(&mut tx).await.unwrap();
        let question = Question { indicator: indicator.to_owned(), ..question.clone() };
        let part = Part::Numerator;
        let places = places_of(&mut tx, &self.desk.atlas, &catalogue, &question, unit, part);
        places.await.unwrap().list
    }
}

#[tokio::test]
async fn a_level_passes_to_the_successor_until_that_reports_its_own() {
    for world in World::each().await {
        world.say("98001", "2025-06-30", 100).await.unwrap();
        world.say("98002", "2025-06-30", 50).await.unwrap();
        world.say("98003", "2025-06-30", 90).await.unwrap();
        let total = async |period: &str| {
            let new = world.figure("people", "98", period, "2025-07-01").await;
            let old = world.figure("people", "98", period, "2025-06-30").await;
            assert_eq!(new.numerator, old.numerator, "{period}");
            new.numerator
        };
        assert_eq!(total("2025-Q3").await, Some(240));
        let carried = world.figure("people", "98001", "2025-Q3", "2025-07-01").await;
        assert_eq!((carried.numerator, carried.reported, carried.expected), (Some(150), 0, 1));

        world.say("98001", "2025-09-30", 160).await.unwrap();
        assert_eq!(total("2025-Q2").await, Some(240));
        assert_eq!(total("2025-Q3").await, Some(250));
        let own = world.figure("people", "98001", "2025-Q3", "2025-07-01").await;
        assert_eq!((own.numerator, own.reported, own.expected), (Some(160), 1, 1));
        assert!(!own.estimated);

        // One of the two that Ba was divided into reports: the third of the other stays.
        world.say("98003", "2025-09-30", 70).await.unwrap();
        assert_eq!(total("2025-Q3").await, Some(160 + 70 + 30));
        let rest = world.figure("people", "98004", "2025-Q3", "2025-07-01").await;
        assert_eq!((rest.numerator, rest.estimated), (Some(30), true));
        world.say("98004", "2025-09-30", 33).await.unwrap();
        assert_eq!(total("2025-Q3").await, Some(160 + 70 + 33));
    }
}

#[tokio::test]
async fn a_level_passes_on_through_two_mergers_until_somebody_on_the_way_reports() {
    for world in World::each().await {
        world.say("98001", "2025-06-30", 100).await.unwrap();
        world.say("98002", "2025-06-30", 50).await.unwrap();
        world.say("98003", "2025-06-30", 90).await.unwrap();
        let common =
            async || world.figure("people", "98005", "2026-Q1", "2026-01-01").await.numerator;
        let total = async |map: &str| world.figure("people", "98", "2026-Q1", map).await.numerator;
        assert_eq!(common().await, Some(150 + 30));
        // Mới says it anew for the two before it; Bốn has not spoken.
        world.say("98001", "2025-09-30", 155).await.unwrap();
        assert_eq!(common().await, Some(155 + 30));
        for map in ["2025-06-30", "2025-07-01", "2026-01-01"] {
            assert_eq!(total(map).await, Some(155 + 90), "{map}");
        }
        // Chung says it anew for all before it; of Ba its own two thirds stay.
        world.say("98005", "2026-03-31", 190).await.unwrap();
        assert_eq!(common().await, Some(190));
        for map in ["2025-06-30", "2025-07-01", "2026-01-01"] {
            assert_eq!(total(map).await, Some(190 + 60), "{map}");
        }
    }
}

#[tokio::test]
async fn a_flow_counts_only_where_it_was_reported_for_days_of_the_period() {
    for world in World::each().await {
        world.say("98001", "2025-Q1", 30).await.unwrap();
        for month in ["2025-01", "2025-02", "2025-03"] {
            world.say("98002", month, 5).await.unwrap();
        }
        world.say("98003", "2025-01", 7).await.unwrap();
        for (code, period, expected) in [
            ("98001", "2025-Q1", (Some(30), 1)),
            ("98001", "2025-H1", (Some(30), 0)),
            ("98001", "2025-03", (None, 0)),
            ("98001", "2025-03-31", (None, 0)),
            ("98001", "R2025-Q2", (None, 0)),
            ("98001", "R2025-Q1", (None, 0)),
            ("98002", "2025-Q1", (Some(15), 1)),
            ("98002", "2025-02", (Some(5), 1)),
            ("98002", "R2025-Q2", (None, 0)),
            // January alone is not the quarter.
            ("98003", "2025-Q1", (Some(7), 0)),
            ("98003", "2025-02", (None, 0)),
        ] {
            let figure = world.figure("births", code, period, "2025-06-30").await;
            assert_eq!((figure.numerator, figure.reported), expected, "{code} {period}");
        }
        let all = world.figure("births", "98", "2025-Q1", "2025-06-30").await;
        assert_eq!((all.numerator, all.reported, all.expected), (Some(52), 2, 3));
    }
}

#[tokio::test]
async fn a_flow_as_it_was_known_covers_the_days_that_were_known_then() {
    for world in World::each().await {
        world.say("98001", "2025-Q1", 30).await.unwrap();
        let mut world = world.later("2026-06-16T02:00:00Z");
        let id: (String,) = {
            let mut tx = world.database.read().await.unwrap();
            tx.one("select id from observations", vec![]).await.unwrap()
        };
        let mut work = world.desk.begin().await.unwrap();
        let (tx, cx) = work.by(&world.desk, Actor::operator("t"));
        let withdrawal = Withdrawal { id: id.0, version: 1, reason: "theo tháng".to_owned() };
        withdraw(tx, cx, withdrawal).await.unwrap();
        work.tx.commit().await.unwrap();
        for (month, value) in [("2025-01", 10), ("2025-02", 8), ("2025-03", 7)] {
            world.say("98001", month, value).await.unwrap();
        }
        for (known, quarter, march) in [
            (None, (Some(25), 1), (Some(7), 1)),
            (Some("2026-06-15T12:00:00Z"), (Some(30), 1), (None, 0)),
            (Some("2026-06-14T12:00:00Z"), (None, 0), (None, 0)),
        ] {
            world.known = known.map(|known| known.parse().unwrap());
            for (period, expected) in [("2025-Q1", quarter), ("2025-03", march)] {
                let figure = world.figure("births", "98001", period, "2025-06-30").await;
                assert_eq!((figure.numerator, figure.reported), expected, "{period} {known:?}");
            }
        }
    }
}

#[tokio::test]
async fn every_place_says_how_it_counts_or_why_not() {
    for world in World::each().await {
        world.say("98001", "2025-03-31", 100).await.unwrap();
        world.say("98003", "2025-06-30", 90).await.unwrap();
        world.say("98001", "2025-Q1", 30).await.unwrap();
        world.say("98002", "2025-01", 5).await.unwrap();
        for (indicator, period, map, expected) in [
            (
                "people",
                "2025-Q2",
                "2025-06-30",
                vec![(Some(100), How::Earlier), (Some(90), How::Whole), (None, How::Missing)],
            ),
            (
                "people",
                "2025-Q2",
                "2025-07-01",
                vec![
                    (Some(100), How::Earlier),
                    (Some(60), How::Share { of: 90 }),
                    (Some(30), How::Share { of: 90 }),
                    (None, How::Missing),
                ],
            ),
            (
                "births",
                "2025-Q1",
                "2025-06-30",
                vec![(Some(30), How::Whole), (Some(5), How::Partly), (None, How::Missing)],
            ),
            (
                "births",
                "2025-02",
                "2025-06-30",
                vec![(None, How::Across), (None, How::Missing), (None, How::Missing)],
            ),
        ] {
            let question = Question {
                indicator: indicator.to_owned(),
                periods: vec![Period::parse(period, &[]).unwrap()],
                map: day(map),
                known: None,
                sight: Sight::Full,
            };
            let places = world.places(indicator, "98", &question).await;
            let found: Vec<_> = places.iter().map(|place| (place.counted, place.how)).collect();
            assert_eq!(found, expected, "{indicator} {period} {map}");
        }
    }
}

#[tokio::test]
async fn nothing_is_counted_twice() {
    for world in World::each().await {
        world.say("98001", "2025-Q1", 30).await.unwrap();
        world.say("98001", "2025-04", 3).await.unwrap();
        for (code, when, refused) in [
            ("98001", "2025-Q1", true),
            ("98001", "2025-03", true),
            ("98001", "2025-01", true),
            ("98001", "2025-H1", true),
            ("98001", "2025-Q2", true),
            ("98001", "2025-05", false),
            ("98001", "2024-Q4", false),
            ("98002", "2025-Q1", false),
        ] {
            let said = world.say(code, when, 1).await;
            let is_refused =
                matches!(said, Err(Error::Refused { code: "observations.already_reported", .. }));
            assert_eq!(is_refused, refused, "{code} {when}: {said:?}");
        }
        // The province is the sum of its communes and is not reported beside them.
        let other_level = world.say("98", "2025-06-30", 500).await;
        assert!(matches!(other_level, Err(Error::Invalid(errors)) if errors[0].place == "unit"));
    }
}

#[tokio::test]
async fn who_should_report_is_asked_on_the_last_day_of_the_period() {
    for world in World::each().await {
        world.say("98001", "2025-06-30", 100).await.unwrap();
        for (code, map, period, expected) in [
            ("98001", "2025-07-01", "2025-Q2", (1, 2)),
            ("98", "2025-07-01", "2025-Q2", (1, 3)),
            ("98", "2025-06-30", "2025-Q2", (1, 3)),
            ("98003", "2025-07-01", "2025-Q2", (0, 1)),
            ("98001", "2025-06-30", "2025-Q2", (1, 1)),
            ("98", "2025-06-30", "2025-Q3", (0, 3)),
        ] {
            let figure = world.figure("people", code, period, map).await;
            assert_eq!((figure.reported, figure.expected), expected, "{code} {map} {period}");
        }
    }
}

#[tokio::test]
async fn levels_reported_at_the_same_moment_do_not_miss_each_other() {
    for world in World::each().await {
        let say = async |month: u32| {
            world.say("98001", &format!("2025-{month:02}-15"), 100).await.unwrap();
        };
        tokio::join!(say(1), say(2), say(3), say(4), say(5), say(6));
        let figure = world.figure("people", "98001", "2025-Q2", "2025-06-30").await;
        assert_eq!(figure.numerator, Some(100));
        let mut tx = world.desk.database().read().await.unwrap();
        let (_, faults) = crate::observations::verify(&mut tx).await.unwrap();
        assert_eq!(faults, Vec::<String>::new());
    }
}

#[tokio::test]
async fn verification_compares_cells_with_the_counts_that_stand() {
    for world in World::each().await {
        world.say("98001", "2025-06-30", 100).await.unwrap();
        world.say("98001", "2025-Q1", 4).await.unwrap();
        for (sql, fault) in [
            ("update observations set value = 90 where value = 100", "unit 2 day 2025-06-30"),
            ("update observation_periods set reports = 2 where day_from < day", "miscounted"),
        ] {
            let mut tx = world.desk.database().write().await.unwrap();
            assert!(tx.run(sql, vec![]).await.unwrap() > 0);
            let (_, faults) = crate::observations::verify(&mut tx).await.unwrap();
            assert!(faults.iter().any(|it| it.contains(fault)), "{sql}: {faults:?}");
        }
    }
}
