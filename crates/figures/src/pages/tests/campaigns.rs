//! Campaigns through the router: rules, rankings, one unit, and the work of the signed-in.

use axum::http::StatusCode;
use lang::Lang::Vietnamese as VI;
use packs::Catalogue;
use serde_json::Value;

use super::*;

const CAMPAIGN: &str = "/campaigns/illustrative-2025";

/// With the made-up campaign of 2025, whose quarters I and II are over.
async fn competing() -> Program {
    let program = Program::filled().await;
    let mut tx = program.desk.database().write().await.unwrap();
    let known = Catalogue::load(&mut tx).await.unwrap();
    let pack = packs::read(&pack("plan-illustrative"), &known).unwrap();
    packs::apply(&mut tx, program.desk.clock(), "tester", &pack).await.unwrap();
    tx.commit().await.unwrap();
    program
}

/// The address of the first unit of a ranking.
async fn first_unit(program: &Program, round: &str) -> String {
    let text = program.page(&format!("{CAMPAIGN}/{round}/communes")).await;
    let start = format!("href=\"{CAMPAIGN}/{round}/communes/");
    let table = text.split("<tbody>").nth(1).unwrap();
    let unit = table.split(&start).nth(1).unwrap().split('"').next().unwrap();
    format!("{CAMPAIGN}/{round}/communes/{unit}")
}

#[tokio::test]
async fn rules_say_what_is_ours_and_what_is_not_clear() {
    let program = competing().await;
    let text = program.page("/campaigns").await;
    for part in ["124/KH-UBND", CAMPAIGN, "/campaigns/campaign-124/2022-Q4/hamlets"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("/freeze\"") || text.contains("2025-Q2/freeze"), "{text}");
    let text = program.page("/campaigns/campaign-124").await;
    for part in ["Minh họa, cần đối chiếu", "Nguồn không nêu mức đề ra", "nộp hộ", "31/12/2022"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    // What is measured is less than what was decided, and the first days lie in no round.
    for part in ["ở đây mới đo việc nộp", "23–30/06/2022 không thuộc kỳ nào", "tính từ 01/07/2022"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    let target = program.page("/targets/T7").await;
    assert!(target.contains("chưa đo hồ sơ được xử lý trực tuyến"), "{target}");
    // The criterion without a number is shown and gives no points.
    let c4 = text.split("#C4").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(c4.contains(lang::campaigns::unscored(VI)), "{c4}");
    // What is wanted by quarter comes from the targets of plan 103.
    let c1 = text.split("#C1").nth(1).unwrap().split("</tr>").next().unwrap();
    assert!(c1.contains("30,00%") && c1.contains("50,00%") && c1.contains("25,00"), "{c1}");
    for path in ["/campaigns/none", "/campaigns/campaign-124/2022-Q1/hamlets"] {
        assert_eq!(program.get(path).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let group = format!("{CAMPAIGN}/2025-Q2/none");
    assert_eq!(program.get(&group).await.0, StatusCode::NOT_FOUND);
    // A round that has not begun has no ranking.
    let to_come = format!("{CAMPAIGN}/2025-Q4/communes");
    assert_eq!(program.get(&to_come).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn every_point_of_a_unit_opens_to_its_figures() {
    let program = competing().await;
    let ranking = program.page(&format!("{CAMPAIGN}/2025-Q2/communes")).await;
    // Vị Thủy and Hòa An of today were several communes on the campaign's own map.
    for part in ["Thị trấn Nàng Mau", "Huyện Vị Thủy", lang::campaigns::provisional(VI)]
    {
        assert!(ranking.contains(part), "{part}: {ranking}");
    }
    assert!(ranking.contains(&lang::campaigns::on_map(VI, "30/06/2025")), "{ranking}");
    assert!(ranking.contains(lang::web::no_data(VI)), "those who have not reported are named");
    let unit = first_unit(&program, "2025-Q2").await;
    let text = program.page(&unit).await;
    let links: Vec<&str> = text.split("href=\"/figures/").skip(1).collect();
    let links = links.iter().map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"));
    let links: Vec<String> = links.collect();
    assert_eq!(links.len(), 3, "{text}");
    assert!(links[0].contains("/2025-H1?map=2025-06-30"), "so far: {links:?}");
    assert!(links[1].contains("/2025-Q2?map=2025-06-30"), "{links:?}");
    let shown = text.split("href=\"/figures/").nth(2).unwrap();
    let value = shown.split('>').nth(1).unwrap().split('<').next().unwrap();
    let figure = program.page(&format!("/figures/{}", links[1])).await;
    assert!(value.ends_with('%') && figure.contains(value), "{value}: {figure}");
    assert!(text.contains(lang::campaigns::no_data_no_points(VI)), "skills: {text}");
    // Only what lies in a district.
    let within = program.page(&format!("{CAMPAIGN}/2025-Q2/communes?under=935")).await;
    let rows = |text: &str| text.split("<tbody>").nth(1).unwrap().matches("<tr>").count();
    assert!(rows(&within) < rows(&ranking) && rows(&within) > 0, "{within}");
    assert!(within.contains("Thị trấn Nàng Mau") && !within.contains("Thành phố Vị Thanh</span>"));
    let cursor = format!("{CAMPAIGN}/2025-Q2/communes?cursor=x");
    assert_eq!(program.get(&cursor).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn long_rankings_are_read_page_by_page() {
    let program = competing().await;
    let mut path = "/campaigns/campaign-124/2022-Q4/hamlets".to_owned();
    let mut units = Vec::new();
    for _ in 0..9 {
        let text = program.page(&path).await;
        let table = text.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
        let rows = table.split("/2022-Q4/hamlets/").skip(1);
        let rows: Vec<String> =
            rows.map(|rest| rest.split('"').next().unwrap().to_owned()).collect();
        assert!(!rows.is_empty() && rows.len() <= 100);
        units.extend(rows);
        let Some(rest) = text.split("rel=\"next\"").next().filter(|it| it.len() < text.len())
        else {
            break;
        };
        path = rest.rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned();
    }
    units.sort();
    units.dedup();
    assert_eq!(units.len(), 525);
}

#[tokio::test]
async fn nobody_works_in_a_campaign_without_an_account() {
    let program = competing().await;
    let unit = first_unit(&program, "2025-Q2").await;
    let stranger = page_routes::<Desk>().with_state(program.desk.clone());
    let ask = async |request: Request<Body>| stranger.clone().oneshot(request).await.unwrap();
    let forms = [
        format!("{unit}/adjust"),
        format!("{unit}/appeal"),
        format!("{CAMPAIGN}/2025-Q2/freeze"),
        format!("{CAMPAIGN}/2025-Q2/reopen"),
        "/campaign-adjustments/x/withdraw".to_owned(),
        "/campaign-filings/x/decide".to_owned(),
    ];
    for path in &forms {
        let response = ask(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    }
    let more =
        [format!("{CAMPAIGN}/2025-Q2/awards"), format!("{CAMPAIGN}/2025-Q2/awards/withdraw")];
    for path in forms.iter().chain(&more) {
        let response = ask(Request::post(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    for path in ["/campaign-adjustments/x/evidence", "/campaign-filings/x/evidence"] {
        let response = ask(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    }
    let response = ask(Request::get(&unit).body(Body::empty()).unwrap()).await;
    let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(!String::from_utf8_lossy(&text).contains("/adjust"));
}

/// The path that comes after a start, such as that of a record in a page.
fn path_in(text: &str, start: &str, end: &str) -> String {
    let found = text.split(start).nth(1).unwrap_or_else(|| panic!("no {start}: {text}"));
    format!("{start}{}", found.split(end).next().unwrap())
}

#[tokio::test]
async fn points_are_added_with_their_reason_and_evidence() {
    let program = competing().await;
    let unit = first_unit(&program, "2025-Q2").await;
    let adjust = format!("{unit}/adjust");
    let wrong = [("csrf", CSRF), ("kind", ""), ("points", "nhiều"), ("reason", "")];
    let (status, text) = program.upload(&adjust, &wrong, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["#field-kind", "#field-reason", "value=\"nhiều\""] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let right = [
        ("csrf", CSRF),
        ("kind", "innovation"),
        ("points", "2,5"),
        ("reason", "Mô hình <b>mới</b>"),
    ];
    let file: (&str, &[u8]) = ("evidence", b"a;b\n");
    let (status, location) = program.upload(&adjust, &right, Some(file)).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    assert!(text.contains("+2,50") && text.contains("Mô hình &lt;b&gt;mới"), "{text}");
    let evidence = path_in(&text, "/campaign-adjustments/", "\"");
    assert!(evidence.ends_with("/evidence"), "{evidence}");
    assert_eq!(program.page(&evidence).await, "a;b\n");
    let shown = program.told(&evidence).await.1;
    let told = (shown.len(), shown[0].act, shown[0].kind);
    assert_eq!(told, (1, base::rights::Act::ReadCampaigns, "campaign_adjustment"));
    assert!(evidence.contains(&shown[0].record) && shown[0].unit.is_some());
}

/// It is neither linked nor told as a former one, and files are of the freeze that is looked at. The
/// third version is in force; `former` is the page of the first.
async fn the_freeze_in_force_is_no_former_one(program: &Program, ranking: &str, former: &str) {
    let present = program.page(&format!("{ranking}?version=3")).await;
    assert!(!present.contains(lang::campaigns::former(VI)), "{present}");
    assert!(present.contains("table.csv\"") && present.contains("table.xlsx\""), "{present}");
    let plain = program.page(ranking).await;
    assert!(!plain.contains("?version=3") && plain.contains("?version=1"), "{plain}");
    let file = path_in(former, &format!("{ranking}/table.csv"), "\"");
    assert_eq!(file, format!("{ranking}/table.csv?version=1"));
    let (then, now) =
        (program.page(&file).await, program.page(&format!("{ranking}/table.csv")).await);
    assert!(then.contains(lang::campaigns::former(VI)) && then != now, "{then}");
    assert!(!now.contains(lang::campaigns::former(VI)), "{now}");
    let workbook = program.get(&format!("{ranking}/table.xlsx?version=2")).await.0;
    assert_eq!(workbook, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_round_is_frozen_appealed_against_decided_opened_and_frozen_again() {
    let program = competing().await;
    let unit = first_unit(&program, "2025-Q2").await;
    // Nothing is appealed against before the freeze.
    let appeal = format!("{unit}/appeal");
    let words = "Sót một mô hình:\r\n- ấp  <3>";
    let said = [("csrf", CSRF), ("text", words), ("by", "Chủ tịch xã")];
    assert_eq!(program.upload(&appeal, &said, None).await.0, StatusCode::CONFLICT);
    let form = format!("csrf={CSRF}");
    let freeze = format!("{CAMPAIGN}/2025-Q2/freeze");
    let running = format!("{CAMPAIGN}/2025-Q3/freeze");
    assert_eq!(program.post(&running, &form).await.0, StatusCode::CONFLICT);
    let (status, location) = program.post(&freeze, &form).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    assert!(text.contains(&lang::campaigns::frozen_on(VI, "15/09/2025")), "{text}");

    let (status, text) = program.upload(&appeal, &[("csrf", CSRF), ("by", "x")], None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("#field-text") && text.contains("25/09/2025"), "{text}");
    let (status, location) = program.upload(&appeal, &said, None).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    let lines = "Sót một mô hình:<br>- ấp &lt;3&gt;";
    assert!(text.contains(lines) && text.contains("20/09/2025"), "{text}");
    let decide = path_in(&text, "/campaign-filings/", "\"");
    assert!(program.page(&decide).await.contains(lines), "whoever decides reads the same lines");
    let awards = format!("{CAMPAIGN}/2025-Q2/awards");
    let text = program.page(&awards).await;
    assert!(text.contains(&lang::campaigns::undecided(VI, 1)), "{text}");

    let (status, text) = program.post(&decide, &format!("{form}&version=1&points=x")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in ["#field-outcome", "#field-points", "#field-reason"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let upheld = format!("{form}&version=1&outcome=upheld&reason=x&kind=appeal&points=1");
    let (status, location) = program.post(&decide, &upheld).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    assert!(text.contains(lang::campaigns::next_freeze(VI)), "{text}");
    assert!(text.contains(lang::campaigns::today(VI)), "{text}");
    let ranking = program.page(&format!("{CAMPAIGN}/2025-Q2/communes")).await;
    assert!(ranking.contains(&lang::campaigns::changed_since(VI, "1")), "{ranking}");
    let text = program.page(&awards).await;
    assert!(text.contains(&lang::campaigns::not_counted(VI, 1)), "{text}");
    let reopen = format!("{CAMPAIGN}/2025-Q2/reopen");
    let (status, text) = program.post(&reopen, &format!("{form}&version=1&reason=")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("#field-reason"), "{text}");
    let reason = format!("{form}&version=1&reason=ki%E1%BA%BFn+ngh%E1%BB%8B");
    assert_eq!(program.post(&reopen, &reason).await.0, StatusCode::SEE_OTHER);
    let ranking = program.page(&format!("{CAMPAIGN}/2025-Q2/communes")).await;
    assert!(ranking.contains(&lang::campaigns::reopened_because(VI, "kiến nghị")), "{ranking}");
    assert_eq!(program.post(&freeze, &form).await.0, StatusCode::SEE_OTHER);
    let ranking = format!("{CAMPAIGN}/2025-Q2/communes");
    assert!(program.page(&ranking).await.contains("communes?version=1"), "the first freeze");
    let former = program.page(&format!("{ranking}?version=1")).await;
    assert!(former.contains(lang::campaigns::former(VI)), "{former}");
    assert!(former.contains("?version=1\">"), "units of that freeze: {former}");
    the_freeze_in_force_is_no_former_one(&program, &ranking, &former).await;
    assert!(!program.page(&unit).await.contains(lang::campaigns::former(VI)));
    assert_eq!(program.get(&format!("{ranking}?version=2")).await.0, StatusCode::NOT_FOUND);
    let mut tx = program.desk.database().read().await.unwrap();
    let (records, faults) = crate::campaigns::verify(&mut tx).await.unwrap();
    assert_eq!((records, faults), (6, Vec::new()));
}

#[tokio::test]
async fn what_a_criterion_would_give_today_is_found_by_its_code() {
    let program = competing().await;
    let form = format!("csrf={CSRF}");
    let freeze = format!("{CAMPAIGN}/2025-Q2/freeze");
    assert_eq!(program.post(&freeze, &form).await.0, StatusCode::SEE_OTHER);
    // Other rules since: what was C1 is the last criterion, and C2 asks less.
    let mut files = pack("plan-illustrative");
    let text = String::from_utf8(files.files["campaigns.toml"].clone()).unwrap();
    let from = text.find("[[campaigns.criteria]]\ncode = \"C1\"").unwrap();
    let until = text.find("[[campaigns.criteria]]\ncode = \"C2\"").unwrap();
    let end = text.find("[[campaigns.adjustments]]").unwrap();
    let (first, rest) = (&text[from..until], &text[until..end]);
    let rest = rest.replacen("value = \"87\"", "value = \"60\"", 1);
    let text = format!("{}{rest}{first}{}", &text[..from], &text[end..]);
    files.files.insert("campaigns.toml".to_owned(), text.into_bytes());
    program.apply(&files).await;
    let unit = first_unit(&program, "2025-Q2").await;
    let text = program.page(&unit).await;
    let caption = format!("<caption>{}</caption>", lang::campaigns::points_by_criterion(VI));
    let table = text.split(&caption).nth(1).unwrap().split("</table>").next().unwrap();
    let last = |code: &str| {
        let start = format!("{code}. ");
        let row = table.split("<tr>").find(|row| row.contains(&start)).unwrap();
        row.rsplit("<td").next().unwrap().to_owned()
    };
    assert!(table.contains(lang::campaigns::today(VI)), "{table}");
    assert!(!last("C1").contains(" · ") && last("C2").contains(" · "), "{table}");
}

#[tokio::test]
async fn awards_are_ticked_confirmed_and_withdrawn() {
    let program = competing().await;
    let form = format!("csrf={CSRF}");
    let (freeze, reopen) =
        (format!("{CAMPAIGN}/2025-Q2/freeze"), format!("{CAMPAIGN}/2025-Q2/reopen"));
    let awards = format!("{CAMPAIGN}/2025-Q2/awards");
    assert!(program.page(&awards).await.contains(lang::campaigns::awards_wait(VI)));
    assert_eq!(program.post(&freeze, &form).await.0, StatusCode::SEE_OTHER);
    let text = program.page(&awards).await;
    let ticks: Vec<&str> = text.split("name=\"award\" value=\"").skip(1).collect();
    let ticks: Vec<&str> = ticks.iter().map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(ticks.len() > 3, "{text}");
    assert!(text.contains("name=\"round_version\" value=\"1\""), "{text}");
    assert!(text.contains(lang::campaigns::award_form(VI)), "{text}");
    let seen = format!("{form}&round_version=1");
    let (status, text) = program.post(&awards, &seen).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("#field-decision") && text.contains("#field-decided_on"), "{text}");
    let one = ticks[0].replace(' ', "+");
    let rest = format!("award={one}&decision=1%2FQ%C4%90&decided_on=15/09/2025");
    for other in [form.clone(), format!("{form}&round_version=3")] {
        let (status, _) = program.post(&awards, &format!("{other}&{rest}")).await;
        assert_eq!(status, StatusCode::CONFLICT, "ticked in another freeze: {other}");
    }
    let given = format!("{seen}&{rest}");
    assert_eq!(program.post(&awards, &given).await.0, StatusCode::SEE_OTHER);
    let text = program.page(&awards).await;
    assert!(text.contains("1/QĐ") && !text.contains("name=\"award\""), "{text}");
    assert!(text.contains(lang::campaigns::award_given(VI)), "{text}");
    assert!(!text.contains(lang::campaigns::award_form(VI)), "decided, not proposed: {text}");
    assert_eq!(text.split("<tbody>").nth(1).unwrap().matches("<tr>").count(), 1, "{text}");
    let again = format!("{form}&version=1&reason=x");
    assert_eq!(program.post(&reopen, &again).await.0, StatusCode::CONFLICT);
    let withdraw = format!("{awards}/withdraw");
    let (status, _) = program.post(&withdraw, &format!("{form}&version=1&reason=x")).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(program.page(&awards).await.contains("name=\"award\""));
}

#[tokio::test]
async fn a_ranking_is_told_to_programs_and_given_as_files() {
    let program = competing().await;
    let (status, text) = program.get("/api/v1/campaigns").await;
    assert_eq!(status, StatusCode::OK);
    let body: Value = serde_json::from_str(&text).unwrap();
    let codes: Vec<&Value> =
        body["items"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes, ["campaign-124", "illustrative-2025"]);
    assert!(body["items"][0]["criteria"][3]["points"].is_null(), "C4: {body}");
    let path = "/api/v1/campaigns/illustrative-2025/rounds/2025-Q2/groups/communes";
    let (status, text) = program.get(path).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&body["map"], &body["frozen_on"]), (&"2025-06-30".into(), &Value::Null));
    let first = &body["items"][0];
    assert_eq!((&first["place"], first["scores"].as_array().unwrap().len()), (&1.into(), 3));
    let sum: f64 =
        first["scores"].as_array().unwrap().iter().filter_map(|it| it["points"].as_f64()).sum();
    assert!((sum - first["total"].as_f64().unwrap()).abs() < 0.001, "{first}");
    // Of a district only the hamlets of some communes have reported: its points say so everywhere.
    let path = "/api/v1/campaigns/illustrative-2025/rounds/2025-Q2/groups/districts";
    let districts: Value = serde_json::from_str(&program.get(path).await.1).unwrap();
    let score = districts["items"][0]["scores"]
        .as_array()
        .unwrap()
        .iter()
        .find(|score| score["achieved"].is_number() && score["points"].is_number())
        .unwrap();
    let (reported, expected) = (&score["reported"], &score["expected"]);
    assert!(reported.as_u64() < expected.as_u64(), "{score}");
    let text = program.page(&format!("{CAMPAIGN}/2025-Q2/districts")).await;
    assert!(text.contains(&format!("\u{a0}({reported}/{expected})")), "{text}");
    assert!(text.contains(lang::campaigns::rests_on(VI)), "{text}");
    let csv = program.page(&format!("{CAMPAIGN}/2025-Q2/districts/table.csv")).await;
    assert!(csv.contains(&format!("{reported}/{expected} đã báo cáo")), "{csv}");
    // Its figure says the same.
    let figure = first["scores"][1]["figure"].as_str().unwrap();
    let (_, text) = program.get(figure).await;
    let figure: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(figure["items"][0]["numerator"], first["scores"][1]["numerator"], "{figure}");
    let csv = program.page(&format!("{CAMPAIGN}/2025-Q2/communes/table.csv")).await;
    let name = first["name"].as_str().unwrap();
    assert!(csv.contains(name) && csv.contains("30/06/2025"), "{csv}");
    assert_eq!(csv.lines().filter(|line| line.contains("Huyện Vị Thủy")).count(), 10, "{csv}");
    let (status, _) = program.get(&format!("{CAMPAIGN}/2025-Q2/communes/table.xlsx")).await;
    assert_eq!(status, StatusCode::OK);
    for (path, expected) in [
        ("/api/v1/campaigns/none/rounds/2025-Q2/groups/communes", StatusCode::NOT_FOUND),
        (
            "/api/v1/campaigns/illustrative-2025/rounds/2025-Q9/groups/communes",
            StatusCode::NOT_FOUND,
        ),
        (
            "/api/v1/campaigns/illustrative-2025/rounds/2025-Q4/groups/communes",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            "/api/v1/campaigns/illustrative-2025/rounds/2025-Q2/groups/communes?cursor=x",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
    ] {
        assert_eq!(program.get(path).await.0, expected, "{path}");
    }
}
