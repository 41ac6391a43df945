//! What shows numbers about few people, or gives evidence out, tells that it does: every route that
//! reads is here, and a new one must say what it tells.

use std::collections::BTreeSet;

use base::rights::Act;

use super::protection::{COMMUNE, INDICATOR, program};
use super::*;

/// What a route tells when somebody with the right to small numbers reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tells {
    /// That numbers about few people are shown, and of what.
    Few,
    /// The same without what was asked: single records are shown.
    Records,
}
use Tells::{Few, Records};

/// Routes that tell something, each with an example.
fn examples(id: &str, entry: i64) -> Vec<(&'static str, Tells, String)> {
    let of = |route, tells, example: String| (route, tells, example);
    let asked = format!("indicator={INDICATOR}");
    let table = format!("/indicators/{INDICATOR}/table");
    let figure = format!("/figures/{INDICATOR}/{COMMUNE}/2025-Q2");
    vec![
        of("/", Few, "/".to_owned()),
        of("/units/{unit}", Few, format!("/units/{COMMUNE}?on=2025-09-01")),
        of("/indicators/{code}", Few, format!("/indicators/{INDICATOR}?under={COMMUNE}")),
        of("/indicators/{code}/table.csv", Few, format!("{table}.csv?under={COMMUNE}")),
        of("/indicators/{code}/table.xlsx", Few, format!("{table}.xlsx?under={COMMUNE}")),
        of("/figures/{indicator}/{unit}/{period}", Few, figure.clone()),
        of("/figures/{indicator}/{unit}/{period}/explain", Few, format!("{figure}/explain")),
        of("/entries/{seq}", Records, format!("/entries/{entry}")),
        of("/observations/{id}", Records, format!("/observations/{id}")),
        of("/observations/{id}/{act}", Records, format!("/observations/{id}/correct")),
        of("/tasks/observations", Records, "/tasks/observations".to_owned()),
        of(
            "/api/v1/figures",
            Few,
            format!("/api/v1/figures?{asked}&periods=2025-Q2&units={COMMUNE}"),
        ),
        of(
            "/api/v1/figures/entries",
            Records,
            format!("/api/v1/figures/entries?{asked}&unit={COMMUNE}&period=2025-Q2"),
        ),
        of(
            "/api/v1/figures/explain",
            Few,
            format!("/api/v1/figures/explain?{asked}&unit={COMMUNE}&period=2025-Q2"),
        ),
        of("/api/v1/entries/{seq}", Records, format!("/api/v1/entries/{entry}")),
        of("/api/v1/observations", Records, "/api/v1/observations".to_owned()),
        of("/api/v1/observations/{id}", Records, format!("/api/v1/observations/{id}")),
    ]
}

/// Routes that show what everybody may see, or what a test of its own looks at.
const OTHERS: [&str; 70] = [
    // Evidence has tests of its own, where there is some.
    "/observations/{id}/evidence",
    "/campaign-adjustments/{id}/evidence",
    "/campaign-filings/{id}/evidence",
    // Their indicators may be of few people; they ask through the same function.
    "/dashboard",
    "/dashboard/{code}",
    "/targets",
    "/targets/{code}",
    "/api/v1/targets",
    // Sheets of collections, none of which holds a protected measure here.
    "/tasks/approvals",
    "/tasks/approvals/{collection}/{period}/{unit}",
    "/tasks/approvals/{collection}/{period}/{unit}/findings/{rule}",
    "/api/v1/approvals",
    // What everybody may see, or no numbers.
    "/indicators",
    "/claims",
    "/indexes",
    "/indexes/{code}",
    "/indexes/{code}/{version}",
    "/completeness",
    "/completeness/table.csv",
    "/completeness/reminders",
    "/tasks/observations/new",
    "/tasks/observations/import",
    "/tasks/observations/import/apply",
    "/tasks/observations/import/template.csv",
    "/tasks/observations/import/template.xlsx",
    "/reports",
    "/reports/{code}",
    "/reports/{code}/publish",
    "/publications",
    "/publications/{reference}",
    "/publications/{reference}/withdraw",
    "/campaigns",
    "/campaigns/{code}",
    "/campaigns/{code}/{round}/freeze",
    "/campaigns/{code}/{round}/reopen",
    "/campaigns/{code}/{round}/awards",
    "/campaigns/{code}/{round}/awards/withdraw",
    "/campaigns/{code}/{round}/{group}",
    "/campaigns/{code}/{round}/{group}/table.csv",
    "/campaigns/{code}/{round}/{group}/table.xlsx",
    "/campaigns/{code}/{round}/{group}/{unit}",
    "/campaigns/{code}/{round}/{group}/{unit}/{act}",
    "/campaign-adjustments/{id}/withdraw",
    "/campaign-filings/{id}/decide",
    "/watch",
    "/watch/asked",
    "/watch/all.atom",
    "/watch/targets/{file}",
    "/watch/indicators/{file}",
    "/watch/publications/{file}",
    "/watch/confirm/{token}",
    "/watch/{token}",
    "/watch/{token}/end/{watch}",
    "/tasks/outbox",
    "/tasks",
    "/api/v1/indicators",
    "/api/v1/calendars",
    "/api/v1/claims",
    "/api/v1/indexes",
    "/api/v1/indexes/{code}",
    "/api/v1/collections",
    "/api/v1/collections/{code}/completeness",
    "/api/v1/observations/{id}/corrections",
    "/api/v1/observations/{id}/withdrawal",
    "/api/v1/reports",
    "/api/v1/reports/{code}",
    "/api/v1/publications",
    "/api/v1/publications/{id}",
    "/api/v1/campaigns",
    "/api/v1/campaigns/{code}/rounds/{round}/groups/{group}",
];

/// The router has no list of its routes, but its debugging text names them all.
fn routed() -> BTreeSet<String> {
    let api = crate::api_routes::<Desk>().split_for_parts().0;
    let text = format!("{:?}", page_routes::<Desk>().merge(api));
    let (_, paths) = text.split_once("paths: {").unwrap();
    let (paths, _) = paths.split_once("}, ").unwrap();
    paths.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_route_that_shows_few_people_leaves_a_trace_and_no_other() {
    let (allowed, _, ids) = program(true).await;
    let last = {
        let mut tx = allowed.desk.database().read().await.unwrap();
        journal::last_seq(&mut tx).await.unwrap()
    };
    // The second count is one of households of minorities.
    let all = examples(&ids[1], last);
    let known = all.iter().map(|(route, ..)| *route).chain(OTHERS);
    let known: BTreeSet<String> = known.map(str::to_owned).collect();
    let new: Vec<_> = routed().difference(&known).cloned().collect();
    assert!(new.is_empty(), "say here what they tell: {new:#?}");
    let (public, _, own) = program(false).await;
    for (route, tells, example) in all {
        let (status, shown) = allowed.told(&example).await;
        assert_eq!(status, StatusCode::OK, "{example}");
        let is_told = shown.iter().all(|it| it.act == Act::ReadProtected && it.count > 0);
        let names = shown.iter().any(|it| it.words.starts_with(&format!("{INDICATOR} ")));
        let expected = match tells {
            Few => names,
            Records => !shown.is_empty(),
        };
        assert!(is_told && expected, "{route} tells {shown:?}");
        // Whoever has not the right is shown nothing of the kind.
        let (_, shown) = public.told(&example.replace(&ids[1], &own[1])).await;
        assert_eq!(shown, [], "{route}");
    }
    let path = format!(
        "/api/v1/figures?indicator={INDICATOR}&periods=2025-Q1,2025-Q2&units={COMMUNE}&map=2025-09-01"
    );
    let (_, shown) = allowed.told(&path).await;
    assert_eq!(shown[0].words, format!("{INDICATOR} 2025-Q1, 2025-Q2 @ 2025-09-01"), "{shown:?}");
    // An indicator of everybody tells nothing.
    let (_, shown) = allowed.told("/indicators/households").await;
    assert_eq!(shown, []);
}
