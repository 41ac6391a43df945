//! What is shown of small groups, and to whom.

use base::rights::Actor;
use serde_json::Value;

use super::*;
use crate::Sight;
use crate::observations::find_doubts;

pub(super) const INDICATOR: &str = "minority-households";
/// Today's Xã Vị Thủy.
pub(super) const COMMUNE: &str = "31441";

/// A program in which a hamlet has three households of minorities, as seen by somebody with a
/// role or without.
pub(super) async fn program(is_allowed: bool) -> (Program, Vec<UnitId>, Vec<String>) {
    let database = TestDatabase::sqlite().await;
    let program = Program::over(database).await;
    let territory = program.territory().await;
    let hamlets = hamlets(&territory);
    let mut counts = Vec::new();
    for (at, hamlet) in hamlets.iter().enumerate() {
        let minority = if at == 0 { 3 } else { 40 + hamlet.0 % 7 };
        for quarter in ["2025-Q1", "2025-Q2"] {
            counts.push(program.count(*hamlet, "households", quarter, 300).await);
            counts.push(program.count(*hamlet, "minority_households", quarter, minority).await);
            counts.push(program.count(*hamlet, "khmer_households", quarter, minority).await);
        }
    }
    let ids = program.report(counts).await;
    if is_allowed {
        return (program, hamlets, ids);
    }
    let Program { _database, desk, .. } = program;
    (Program::seen_by(_database, desk, None), hamlets, ids)
}

/// The figures of the hamlets of the commune and of the commune itself.
async fn figures(program: &Program) -> Vec<Value> {
    let mut all = Vec::new();
    let of_hamlets = format!("&under={COMMUNE}&level=hamlet");
    for whose in [format!("&units={COMMUNE}"), of_hamlets] {
        let path = format!("/api/v1/figures?indicator={INDICATOR}&periods=2025-Q2{whose}");
        let body: Value = serde_json::from_str(&program.page(&path).await).unwrap();
        all.extend(body["items"].as_array().unwrap().clone());
    }
    all
}

fn is_hidden(figure: &Value) -> bool {
    let is_flagged = figure["flags"].as_array().unwrap().iter().any(|flag| flag == "hidden");
    let is_empty = ["value", "shown", "numerator"].iter().all(|key| figure[key].is_null());
    assert_eq!(is_flagged, is_empty, "{figure}");
    is_flagged
}

#[tokio::test]
async fn a_small_number_is_hidden_with_another_one_from_everybody_without_the_role() {
    let (public, hamlets, _) = program(false).await;
    let shown = figures(&public).await;
    assert!(!is_hidden(&shown[0]), "the commune is shown: {}", shown[0]);
    let hidden: Vec<&Value> = shown[1..].iter().filter(|figure| is_hidden(figure)).collect();
    assert_eq!(hidden.len(), 2, "the small one and the one that would give it away");
    let small = hamlets[0].0;
    assert!(hidden.iter().any(|figure| figure["unit"]["id"] == small), "{hidden:?}");
    let page = public.page(&format!("/indicators/{INDICATOR}?under={COMMUNE}")).await;
    assert!(page.contains("từ 1 đến dưới 5 không hiển thị"), "{page}");
    let csv = public.page(&format!("/indicators/{INDICATOR}/table.csv?under={COMMUNE}")).await;
    assert_eq!(csv.matches("không hiển thị").count(), 2, "{csv}");

    let (allowed, ..) = program(true).await;
    assert_eq!(figures(&allowed).await.iter().filter(|it| is_hidden(it)).count(), 0);
    let page = allowed.page(&format!("/indicators/{INDICATOR}?under={COMMUNE}")).await;
    assert!(!page.contains("không hiển thị"));
}

#[tokio::test]
async fn reports_and_entries_of_a_protected_measure_are_for_the_role() {
    let (public, _, ids) = program(false).await;
    let (allowed, _, own) = program(true).await;
    let entries =
        format!("/api/v1/figures/entries?indicator={INDICATOR}&unit={COMMUNE}&period=2025-Q2");
    // The second count is one of households of minorities, the first one of all households.
    let seq = |program: &Program, id: &str| {
        let path = format!("/api/v1/observations/{id}");
        let request = Request::get(path).body(Body::empty()).unwrap();
        let routes = program.routes.clone();
        async move { routes.oneshot(request).await.unwrap().status() }
    };
    assert_eq!(seq(&public, &ids[0]).await, StatusCode::OK);
    assert_eq!(seq(&public, &ids[1]).await, StatusCode::FORBIDDEN);
    assert_eq!(seq(&allowed, &own[1]).await, StatusCode::OK);
    let last = {
        let mut tx = public.desk.database().read().await.unwrap();
        journal::last_seq(&mut tx).await.unwrap()
    };
    for path in [
        entries,
        format!("/observations/{}", ids[1]),
        format!("/entries/{last}"),
        format!("/api/v1/entries/{last}"),
    ] {
        let (status, text) = public.get(&path).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert!(text.contains("figures.protected") || text.contains("nhóm ít người"), "{text}");
        let path = path.replace(&ids[1], &own[1]);
        assert_eq!(allowed.get(&path).await.0, StatusCode::OK, "{path}");
    }
    // A number in other signs than digits passes nowhere.
    let digits = last.to_string();
    let coded = format!("%3{digits}");
    for path in ["/entries/", "/api/v1/entries/"] {
        for number in [&coded, &format!("+{last}"), &format!("0x{last}")] {
            for rest in ["", "/proof"] {
                let (status, _) = public.get(&format!("{path}{number}{rest}")).await;
                assert_eq!(status, StatusCode::NOT_FOUND, "{path}{number}{rest}");
            }
        }
    }
    let drill = format!("/figures/{INDICATOR}/{COMMUNE}/2025-Q2");
    let page = public.page(&drill).await;
    assert!(!page.contains("/observations/") && page.contains("nói về từng nhóm ít người"));
    assert!(allowed.page(&drill).await.contains("/observations/"));
}

#[tokio::test]
async fn a_doubt_tells_nobody_without_the_role_what_was_reported_of_few_people() {
    let (program, hamlets, _) = program(true).await;
    let hamlet = hamlets[0];
    let few = program.count(hamlet, "minority_households", "2025-04", 3).await;
    program.report(vec![few]).await;
    // Fewer households than there are of minorities: whoever may see those is asked about it.
    let all = program.count(hamlet, "households", "2025-04", 2).await;
    let both = [
        program.count(hamlet, "households", "2025-05", 2).await,
        program.count(hamlet, "minority_households", "2025-05", 7).await,
    ];
    let mut work = program.desk.begin().await.unwrap();
    let (tx, cx) = work.by(&program.desk, Actor::operator("tester"));
    for (sight, counts, doubts) in [
        (Sight::Full, std::slice::from_ref(&all), 1),
        (Sight::Public, std::slice::from_ref(&all), 0),
        // What is given at once tells nothing new.
        (Sight::Public, &both[..], 2),
    ] {
        let found = find_doubts(tx, cx, sight, counts).await.unwrap();
        assert_eq!(found.len(), doubts, "{sight:?} {counts:?}: {found:?}");
    }
}
