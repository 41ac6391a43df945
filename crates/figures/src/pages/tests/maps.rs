//! What must hold of figures on every map, whatever was reported and corrected.

use std::collections::HashMap;

use base::rights::Actor;
use lang::Lang;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;
use crate::observations::{Correction, Withdrawal, correct, get, verify, withdraw};
use crate::{Question, ask};

const VI: Lang = Lang::Vietnamese;

/// The numbers in the second column of numbers of a page's table, which are its postings.
fn deltas(text: &str) -> Vec<i64> {
    let table = text.split("<tbody>").nth(1).unwrap_or_default();
    let table = table.split("</tbody>").next().unwrap_or_default();
    let row = |row: &str| {
        let cell = row.split("<td class=\"number\">").nth(2)?;
        let cell = cell.split('<').next()?.replace('\u{2212}', "-");
        cell.replace(['.', '+'], "").parse::<i64>().ok()
    };
    table.split("<tr>").filter_map(row).collect()
}

/// The sum of the postings on all pages of a list, and how many pages there are.
async fn walk(program: &Program, path: &str) -> (i64, usize) {
    let (mut sum, mut pages, mut next) = (0, 0, path.to_owned());
    loop {
        let text = program.page(&next).await;
        let found = deltas(&text);
        assert!(found.len() <= 50);
        sum += found.iter().sum::<i64>();
        pages += 1;
        let Some(link) =
            text.split("\" rel=\"next\"").next().filter(|head| head.len() < text.len())
        else {
            return (sum, pages);
        };
        next = link.rsplit("href=\"").next().unwrap().replace("&amp;", "&");
    }
}

#[tokio::test]
async fn the_pages_behind_a_figure_sum_up_to_its_parts_on_both_maps() {
    let program = Program::filled().await;
    let territory = program.territory().await;
    let hamlets = hamlets(&territory);
    let whole = |base: i64| hamlets.iter().map(|hamlet| base + hamlet.0 % 17).sum::<i64>();
    let flow = |base: i64| hamlets.iter().map(|hamlet| base + hamlet.0 % 7).sum::<i64>();
    for (indicator, above, below) in
        [("households-with-app", whole(120), whole(320)), ("online-dossiers", flow(10), flow(40))]
    {
        for (unit, map) in [("92", "2025-07-01"), ("93", "2025-06-30")] {
            let path = format!("/figures/{indicator}/{unit}/2025-Q2?map={map}&list=entries");
            let (sum, pages) = walk(&program, &path).await;
            assert_eq!(sum, above, "{path}");
            let stock = indicator == "households-with-app";
            assert_eq!(pages, (hamlets.len() * if stock { 2 } else { 1 }).div_ceil(50), "{path}");
            assert_eq!(
                walk(&program, &format!("{path}&part=denominator")).await.0,
                below,
                "{path}"
            );
        }
    }
    // The commune that was formed of three has what the three have.
    let of = |code: &str, map: &str| {
        format!("/figures/households/{code}/2025-Q2?list=entries&map={map}")
    };
    let new = walk(&program, &of("31441", "2025-07-01")).await.0;
    let mut old = 0;
    for code in ["31441", "31444", "31450"] {
        old += walk(&program, &of(code, "2025-06-30")).await.0;
    }
    assert_eq!(old, new);
}

/// The last numbers of the rows of a table with this caption.
fn last_numbers(text: &str, caption: &str) -> Vec<i64> {
    let table = text.split(&format!("<caption>{caption}</caption>")).nth(1).unwrap();
    let table = table.split("</tbody>").next().unwrap();
    let row = |row: &str| {
        let cell = row.rsplit("<td class=\"number\">").next()?;
        let cell = cell.split("</td>").next()?;
        let shown: String = cell.split('<').filter_map(|it| it.rsplit('>').next()).collect();
        shown.replace('.', "").parse::<i64>().ok()
    };
    table.split("<tr>").skip(1).filter_map(row).collect()
}

/// Where the first cells of a table with this caption lead.
fn links_of(text: &str, caption: &str) -> Vec<String> {
    let table = text.split(&format!("<caption>{caption}</caption>")).nth(1).unwrap();
    let table = table.split("</tbody>").next().unwrap();
    let link = |rest: &str| rest.split('"').next().unwrap_or_default().replace("&amp;", "&");
    table.split("href=\"").skip(1).map(link).collect()
}

#[tokio::test]
async fn the_places_behind_a_figure_add_up_by_commune_to_its_parts() {
    for database in TestDatabase::each().await {
        let program = Program::filled_over(database).await;
        let hamlets = hamlets(&*program.territory().await);
        let by_commune = lang::drill::by_commune(VI);
        for (indicator, above, below, day) in [
            ("households-with-app", (120, 17), (320, 17), "30/06/2025"),
            ("online-dossiers", (10, 7), (40, 7), "từ 01/04/2025 đến 30/06/2025"),
        ] {
            let whole = |(base, span): (i64, i64)| -> i64 {
                hamlets.iter().map(|hamlet| base + hamlet.0 % span).sum()
            };
            for (unit, map) in [("92", "2025-07-01"), ("93", "2025-06-30")] {
                let path = format!("/figures/{indicator}/{unit}/2025-Q2?map={map}");
                for (part, expected) in [("numerator", whole(above)), ("denominator", whole(below))]
                {
                    let text = program.page(&format!("{path}&part={part}")).await;
                    let mut sums = last_numbers(&text, by_commune);
                    let total = sums.pop().unwrap();
                    assert_eq!(total, expected, "{path} {part}");
                    assert_eq!(sums.iter().sum::<i64>(), total, "{path} {part}");
                    // Each commune's page has its places with their number, their day and their
                    // record; the silent ones too.
                    let mut texts = String::new();
                    for (href, sum) in links_of(&text, by_commune).iter().zip(sums) {
                        let text = program.page(href).await;
                        let mut numbers = last_numbers(&text, lang::drill::places(VI));
                        assert_eq!(numbers.pop(), Some(sum), "{href}");
                        assert_eq!(numbers.iter().sum::<i64>(), sum, "{href}");
                        texts.push_str(&text);
                    }
                    assert!(texts.matches(&format!(">{day}</a>")).count() >= hamlets.len());
                    assert!(texts.matches("href=\"/observations/").count() >= 2 * hamlets.len());
                    assert!(texts.contains(lang::drill::how_missing(VI)), "{path}");
                }
            }
        }
        // As known before anything was reported, nobody counts.
        let text = program.page("/figures/households/92/2025-Q2?known=2025-09-14").await;
        assert_eq!(last_numbers(&text, by_commune).pop(), Some(0));
        let text = program.page("/figures/households/92/2025-Q2?known=2025-09-15").await;
        assert!(last_numbers(&text, by_commune).pop() > Some(0));
    }
}

/// What somebody does: a hamlet, a quarter, a number; without one the count is withdrawn.
type Step = (usize, usize, Option<i64>);

const QUARTERS: [&str; 3] = ["2024-Q4", "2025-Q1", "2025-Q2"];

async fn total(program: &Program, unit: &str, map: &str, period: &str) -> (Option<i64>, i64, u32) {
    let mut tx = program.desk.database().read().await.unwrap();
    let catalogue = program.desk.catalogue(&mut tx).await.unwrap();
    let question = Question {
        indicator: "households".to_owned(),
        periods: vec![Period::parse(period, &[]).unwrap()],
        map: day(map),
        known: None,
        sight: crate::Sight::Full,
    };
    let answer = ask(&mut tx, &program.desk.atlas, &catalogue, &question).await.unwrap();
    let territory = program.desk.atlas.territory(&mut tx).await.unwrap();
    let whole = territory.by_code(unit, day(map)).unwrap().unit;
    let communes = territory.under(Some(whole), day(map), Level::Commune);
    let parts = communes.iter().filter_map(|it| answer.get(it.unit, 0).numerator).sum();
    let figure = answer.get(whole, 0);
    (figure.numerator, parts, figure.reported)
}

/// Does the steps, and keeps by its own simple means what was said last, and how many versions
/// that made.
async fn act(
    program: &Program,
    units: &[UnitId],
    steps: &[Step],
) -> (HashMap<(usize, usize), i64>, u64) {
    let mut said = HashMap::new();
    let mut ids: HashMap<(usize, usize), String> = HashMap::new();
    let mut versions = 0;
    for (unit, quarter, value) in steps.iter().copied() {
        let key = (unit, quarter);
        if value.is_some() && said.get(&key).copied() == value {
            // A correction that changes nothing is refused.
            continue;
        }
        let standing = said.contains_key(&key).then(|| ids[&key].clone());
        versions += u64::from(standing.is_some() || value.is_some());
        match (standing, value) {
            (Some(id), value) => change(program, id, value).await,
            (None, Some(value)) => {
                let count =
                    program.count(units[unit], "households", QUARTERS[quarter], value).await;
                ids.insert(key, program.report(vec![count]).await.remove(0));
            }
            (None, None) => {}
        }
        said.remove(&key);
        said.extend(value.map(|value| (key, value)));
    }
    (said, versions)
}

/// Corrects a count, or withdraws it.
async fn change(program: &Program, id: String, value: Option<i64>) {
    let mut work = program.desk.begin().await.unwrap();
    let version = get(&mut work.tx, &id).await.unwrap().0.version;
    let reason = "đếm lại".to_owned();
    let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
    if let Some(value) = value {
        correct(tx, cx, Correction { id, version, value, reason }).await.unwrap();
    } else {
        withdraw(tx, cx, Withdrawal { id, version, reason }).await.unwrap();
    }
    work.tx.commit().await.unwrap();
}

async fn holds(steps: &[Step]) {
    let program = Program::empty().await;
    let territory = program.territory().await;
    let units: Vec<UnitId> = hamlets(&territory).into_iter().step_by(9).collect();
    let (said, made) = act(&program, &units, steps).await;
    for (at, period) in QUARTERS.iter().enumerate() {
        // A stock holds until another number is reported.
        let last = |unit: usize| (0..=at).rev().find_map(|quarter| said.get(&(unit, quarter)));
        let known: Vec<i64> = (0..units.len()).filter_map(last).copied().collect();
        let expected = (!known.is_empty()).then(|| known.iter().sum::<i64>());
        for (unit, map) in [("92", "2025-07-01"), ("93", "2025-06-30")] {
            let (whole, parts, reported) = total(&program, unit, map, period).await;
            assert_eq!(whole, expected, "{period} on {map}");
            assert_eq!(parts, expected.unwrap_or_default(), "{period} on {map}");
            let now = (0..units.len()).filter(|unit| said.contains_key(&(*unit, at)));
            assert_eq!(reported as usize, now.count(), "{period} on {map}");
        }
    }
    let report =
        journal::verify(program.desk.database(), &journal::Trust::default()).await.unwrap();
    assert!(report.faults.is_empty(), "{:?}", report.faults);
    let mut tx = program.desk.database().read().await.unwrap();
    let (versions, faults) = verify(&mut tx).await.unwrap();
    assert_eq!((versions, faults), (made, Vec::new()));
}

#[test]
fn totals_are_the_same_on_both_maps_after_any_reports_corrections_and_withdrawals() {
    let value = prop::option::weighted(0.75, 0_i64..500);
    let steps = prop::collection::vec((0_usize..4, 0_usize..3, value), 1..25);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(ProptestConfig { cases: 4, ..ProptestConfig::default() });
    let done = runner.run(&steps, |steps| {
        runtime.block_on(holds(&steps));
        Ok(())
    });
    done.unwrap();
}
