//! The demonstration goes on, whatever was reported in it meanwhile.

use base::rights::Actor;
use base::{DayRange, Moment};
use store::testing::TestDatabase;
use store::values;
use territory::UnitId;

use super::*;

/// The program over the same database at a time of its own.
fn at(database: &TestDatabase, now: &str) -> App {
    App::over(database.database.clone(), Clock::fixed(now.parse::<Moment>().unwrap()))
}

async fn start(app: &App) -> i64 {
    make(Lang::Vietnamese, app).await.unwrap();
    let mut tx = app.database().read().await.unwrap();
    tx.one::<(i64,)>("select count(*) from observations", values![]).await.unwrap().0
}

/// Somebody reports counts of a made-up hamlet; gives the hamlet.
async fn say(app: &App, counts: [(&str, Reported); 2]) -> UnitId {
    let mut tx = app.database().write().await.unwrap();
    let catalogue = app.desk.catalogue(&mut tx).await.unwrap();
    let territory = app.desk.atlas.territory(&mut tx).await.unwrap();
    let hamlet = territory.units().iter().find(|unit| unit.level == Level::Hamlet).unwrap().id;
    let cx = Context {
        clock: app.clock(),
        actor: Actor::operator("somebody"),
        catalogue: &catalogue,
        territory: &territory,
    };
    let count = |(measure, reported): (&str, Reported)| NewObservation {
        unit: hamlet,
        measure: measure.to_owned(),
        reported,
        value: 7,
        source: "Sổ của ấp".to_owned(),
        made_up: false,
        evidence: None,
    };
    report(&mut tx, cx, counts.map(count).into()).await.unwrap();
    tx.commit().await.unwrap();
    hamlet
}

/// How many counts there are of households of minorities.
async fn counts_of_minorities(app: &App) -> i64 {
    let mut tx = app.database().read().await.unwrap();
    let sql = "select count(*) from observations o join definitions d \
               on d.number = o.measure and d.kind = 'measure' where d.pack = 'ethnic-affairs'";
    tx.one::<(i64,)>(sql, values![]).await.unwrap().0
}

#[tokio::test]
async fn a_quarter_ends_although_somebody_reported_some_of_its_counts() {
    let day = |text: &str| text.parse::<Day>().unwrap();
    for database in TestDatabase::each().await {
        let before = at(&database, "2022-09-30T02:00:00Z");
        let first = start(&before).await;
        assert!(first > 0);
        let twice_a_year = counts_of_minorities(&before).await;
        assert!(twice_a_year > 2_000);
        let month = DayRange { from: day("2022-09-01"), to: day("2022-10-01") };
        let stock = ("households", Reported::On(day("2022-09-30")));
        let hamlet = say(&before, [stock, ("dossiers", Reported::Within(month))]).await;

        // On the day after the quarter's end its counts are made, as many as in the quarter
        // before, but for the one stock and the two half months that somebody has reported, two
        // counts in the place of three; and for what is counted twice a year.
        let after = at(&database, "2022-10-01T02:00:00Z");
        let all = 2 * first - twice_a_year - 1;
        assert_eq!(start(&after).await, all);
        assert_eq!(start(&after).await, all, "what is there was made again");
        let mut tx = after.database().read().await.unwrap();
        let sql = "select count(*) from observations where unit = $1 and value = 7 and day >= $2 \
                   and id in (select id from observation_versions where made_up = 0)";
        let (kept,) = tx.one::<(i64,)>(sql, values![hamlet.0, month.from]).await.unwrap();
        assert_eq!(kept, 2);
        let (_, faults) = figures::observations::verify(&mut tx).await.unwrap();
        assert_eq!(faults, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_made_up_campaign_is_frozen_appealed_against_and_awarded_once() {
    for database in TestDatabase::each().await {
        let app = at(&database, "2025-07-10T02:00:00Z");
        let shown = Shown::new(Lang::Vietnamese, lang::cli::demo_territory(Lang::Vietnamese));
        lay_ground(&app, shown.clone()).await.unwrap();
        observe_year(Lang::Vietnamese, &app, 2025, &shown).await.unwrap();
        campaign::compete(Lang::Vietnamese, &app).await.unwrap();
        let mut tx = app.database().read().await.unwrap();
        let sql = "select count(*) from campaign_records where campaign = 'illustrative-2025'";
        let count = async |tx: &mut store::Tx| tx.one::<(i64,)>(sql, values![]).await.unwrap().0;
        // Two adjustments, two filings and a decision, four states of rounds, one list of awards.
        assert_eq!(count(&mut tx).await, 10);
        drop(tx);
        campaign::compete(Lang::Vietnamese, &app).await.unwrap();
        let mut tx = app.database().read().await.unwrap();
        assert_eq!(count(&mut tx).await, 10, "what is there was made again");
        let (_, faults) = figures::campaigns::verify(&mut tx).await.unwrap();
        assert_eq!(faults, Vec::<String>::new());
    }
}

#[tokio::test]
async fn made_up_requests_are_there_once_at_every_stage_and_of_people_that_cannot_be() {
    for database in TestDatabase::each().await {
        let vault = access::vault::Vault::new(access::vault::Keys::generate());
        let app = at(&database, "2026-11-30T02:00:00Z").keeping(Some(vault));
        let shown = Shown::new(Lang::Vietnamese, lang::cli::demo_territory(Lang::Vietnamese));
        lay_ground(&app, shown).await.unwrap();
        for _ in 0..2 {
            organisation::make(Lang::Vietnamese, &app).await.unwrap();
            subjects::make(Lang::Vietnamese, &app).await.unwrap();
        }
        let mut tx = app.database().read().await.unwrap();
        let count =
            async |tx: &mut store::Tx, sql| tx.one::<(i64,)>(sql, values![]).await.unwrap().0;
        assert_eq!(count(&mut tx, "select count(distinct id) from request_versions").await, 6);
        assert_eq!(count(&mut tx, "select count(distinct id) from consent_versions").await, 3);
        let real = "select count(*) from request_versions where made_up = 0";
        assert_eq!(count(&mut tx, real).await, 0);
        let vault = app.office.vault().ok();
        let (seen, faults) = ::subjects::verify(&mut tx, vault).await.unwrap();
        assert!(seen > 20 && faults.is_empty(), "{faults:?}");
        for number in (0..20).map(|at| subjects::person(at).number) {
            let doubts = ::subjects::doubts(&number, app.clock().today());
            assert_eq!(doubts, [::subjects::Doubt::Unborn], "{number}");
        }
    }
}
