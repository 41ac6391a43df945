//! Pages that everybody reads.

use axum::http::StatusCode;
use base::{Moment, decimal, grouped, percent};
use calamine::{Data, Reader as _, Xlsx};
use lang::Lang;

use super::*;

const VI: Lang = Lang::Vietnamese;

#[tokio::test]
async fn every_page_has_its_heading_in_every_language_and_says_where_it_stands() {
    let program = Program::filled().await;
    for path in [
        "/",
        "/?map=2025-06-30",
        "/units/92",
        "/units/31441?on=2025-07-01",
        "/units/31441?on=2025-06-30",
        "/indicators",
        "/indicators/households-with-app",
        "/indicators/households-with-app?map=2025-06-30&level=district",
        "/indicators/households-with-app?under=31441",
        "/indicators/digital-models?periods=state&period=R2025",
        "/indicators/households?known=2020-01-01",
        "/figures/households-with-app/31441/2025-Q2",
        "/figures/online-dossiers/92/2025?part=denominator",
        "/figures/households-with-app/31441/2025-Q2/explain",
        "/reports",
        "/publications",
        "/entries/1",
        "/entries/110",
        "/claims",
        "/claims?only=contradictions",
        "/tasks/observations",
        "/tasks/observations/new",
        "/tasks/observations/import",
    ] {
        for lang in Lang::ALL {
            let mark = if path.contains('?') { '&' } else { '?' };
            let text = program.page(&format!("{path}{mark}lang={}", lang.tag())).await;
            assert_eq!(text.matches("<h1>").count(), 1, "{path}");
            assert!(text.contains(&format!("<html lang=\"{}\">", lang.tag())), "{path}");
            assert!(text.contains("<aside class=\"standing\""), "{path}");
            assert!(!text.contains("<script") && !text.contains(" style="), "{path}");
            let made_up = text.contains(lang::web::made_up(lang));
            // Claims were published, and the first entry is that of the units.
            let is_real = path.starts_with("/claims") || path == "/entries/1";
            assert_eq!(made_up, !is_real, "{path}");
        }
    }
}

#[tokio::test]
async fn a_program_without_any_data_still_has_its_pages() {
    let database = TestDatabase::sqlite().await;
    let clock = Clock::fixed(NOW.parse::<Moment>().unwrap());
    let desk = Desk::new(Atlas::new(database.database.clone(), clock));
    let routes = page_routes::<Desk>().with_state(desk);
    for path in ["/", "/indicators", "/claims"] {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn a_figure_stands_with_both_its_parts() {
    let program = Program::filled().await;
    let territory = program.territory().await;
    let commune = territory.by_code("31441", day("2025-07-01")).unwrap().unit;
    let hamlets: Vec<UnitId> = hamlets(&territory)
        .into_iter()
        .filter(|hamlet| territory.is_within(*hamlet, commune, day("2025-07-01")))
        .collect();
    let sum = |base: i64| hamlets.iter().map(|hamlet| base + hamlet.0 % 17).sum::<i64>();
    let (above, below) = (sum(120), sum(320));
    let shown = format!("{}%", decimal(VI, percent(above, below, 2).unwrap(), 2));
    for path in [
        "/figures/households-with-app/31441/2025-Q2",
        "/indicators/households-with-app?under=31441",
    ] {
        let text = program.page(path).await;
        for part in [&shown, &grouped(VI, above), &grouped(VI, below)] {
            assert!(text.contains(&format!("<p class=\"value\">{part}</p>")), "{part} in {path}");
        }
    }
    let city = program.page("/units/92?on=2025-07-01").await;
    assert!(city.contains("số liệu của Thành phố Cần Thơ chỉ tính 28 xã, phường này"), "{city}");
    // Beside all quarters on the page of the unit, and nothing where nothing was reported.
    assert!(program.page("/units/31441").await.contains(&shown));
    let text = program.page("/figures/households-with-app/31338/2025-Q2").await;
    assert!(text.contains(lang::web::no_data(VI)));
}

#[tokio::test]
async fn hamlets_of_one_name_in_a_merged_commune_say_where_they_come_from() {
    let program = Program::filled().await;
    let text = program.page("/indicators/households?under=31441").await;
    for name in ["Ấp 1 (Thị trấn Nàng Mau)", "Ấp 1 (Xã Vị Trung)", "Ấp 1 (Xã Vị Thắng)"]
    {
        assert!(text.contains(name), "{name}");
    }
    let old = program.page("/indicators/households?under=31441&map=2025-06-30").await;
    assert!(old.contains(">Ấp 1</a>"));
}

#[tokio::test]
async fn the_state_calendar_has_its_own_days() {
    let program = Program::filled().await;
    let text = program.page("/indicators/online-dossiers?periods=state&period=R2025-Q3").await;
    assert!(text.contains("từ 15/06/2025 đến 14/09/2025"), "{text}");
    let text = program.page("/indicators/online-dossiers?periods=state").await;
    assert!(text.contains("<option value=\"R2025-Q3\" selected>"), "{text}");
    // Every table, and what it is chosen by, says the days: the civil quarter has others.
    for element in ["<caption>", "<option value=\"R2025-Q2\">"] {
        let with_days = text.split(element).skip(1).filter(|rest| {
            let rest = rest.split("</").next().unwrap_or_default();
            let days = ["từ 15/0", "(15/0", "từ ngày 15 đến ngày 14"];
            days.iter().any(|days| rest.contains(days))
        });
        let all = text.matches(element).count();
        assert!(all > 0 && with_days.count() == all, "{element} in {text}");
    }
    assert!(text.contains("Quý II/2025, từ 15/03/2025 đến 14/06/2025"));
    let civil = program.page("/indicators/online-dossiers").await;
    assert!(civil.contains("Quý II/2025") && !civil.contains("từ ngày 15 đến ngày 14):"));
}

#[tokio::test]
async fn only_what_was_known_by_a_day_counts() {
    let program = Program::filled().await;
    let path = "/figures/households/31441/2025-Q2";
    let before = program.page(&format!("{path}?known=2025-09-14")).await;
    assert!(before.contains(lang::web::no_data(VI)));
    let after = program.page(&format!("{path}?known=15/09/2025")).await;
    assert!(!after.contains(lang::drill::nothing(VI)));
    assert!(before.contains(&lang::indicator::as_known(VI, "14/09/2025")));
    // The day is not over, so nobody knows yet what is known at its end.
    assert!(after.contains(&lang::indicator::as_known_so_far(VI, "15/09/2025")));
    assert!(!after.contains(&lang::indicator::as_known(VI, "15/09/2025")));
}

#[tokio::test]
async fn a_period_that_runs_says_so_and_one_that_is_over_does_not() {
    let program = Program::filled().await;
    let says = lang::figures::period_runs(VI);
    for path in ["/indicators/households?period=", "/figures/households/92/"] {
        assert!(program.page(&format!("{path}2025-Q3")).await.contains(says), "{path}");
        assert!(!program.page(&format!("{path}2025-Q2")).await.contains(says), "{path}");
    }
    // A level of before stands for whoever has not reported; what happened does not.
    let (carried, nothing) =
        (lang::indicator::carried_note(VI), lang::indicator::incomplete_note(VI));
    let stock = program.page("/figures/households/92/2025-Q3").await;
    assert!(stock.contains(carried) && !stock.contains(nothing), "{stock}");
    let flow = program.page("/figures/online-dossiers/92/2025-Q2").await;
    assert!(flow.contains(nothing) && !flow.contains(carried), "{flow}");
}

#[tokio::test]
async fn wrong_questions_are_told_what_is_wrong() {
    let program = Program::empty().await;
    let (invalid, missing) = (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::NOT_FOUND);
    for (path, status, words) in [
        ("/?map=hôm+qua", invalid, "01/07/2025"),
        ("/?map=99999-01-01", invalid, "01/07/2025"),
        ("/indicators/households?period=2025-Q9", invalid, "2025-Q2"),
        ("/indicators/households?periods=lunar", invalid, "kỳ báo cáo"),
        ("/indicators/households?known=x", invalid, "known"),
        ("/indicators/households?level=street", invalid, "hamlet"),
        ("/indicators/households?under=00000", missing, "00000"),
        ("/indicators/none", missing, "none"),
        ("/indicators/none/table.csv", missing, "none"),
        ("/figures/households/31441/2025-Q9", invalid, "2025-Q2"),
        ("/figures/households/31441/2025-Q2?part=denominator", invalid, "numerator"),
        ("/figures/households/31441/2025-Q2?list=entries&cursor=x", invalid, "cursor"),
        ("/figures/households/31441/2025-Q2?map=x", invalid, "value=\"x\""),
        ("/units/92?on=31/02/2025", invalid, "value=\"31/02/2025\""),
        ("/?map=%22%3E%3Cb%3E", invalid, "value=\"&quot;&gt;&lt;b&gt;\""),
        ("/figures/households/930/2025-Q2", missing, "Thành phố Vị Thanh"),
        ("/units/930", missing, "Thành phố Vị Thanh"),
        ("/units/%3Cb%3E", missing, "&lt;b&gt;"),
        ("/entries/999999", missing, "mục sổ"),
        ("/entries/x", missing, "địa chỉ"),
        ("/observations/none", missing, "số liệu"),
        ("/observations/none/correct", missing, "số liệu"),
        ("/observations/none/evidence", missing, "số liệu"),
    ] {
        let (found, text) = program.get(path).await;
        assert_eq!(found, status, "{path}");
        assert!(text.contains(words), "{words} in {path}: {text}");
        assert!(!text.contains("<b>"), "{path}");
    }
    // The same code is another unit on another day.
    assert!(
        program.page("/units/31441?on=2025-06-30").await.contains("<h1>Thị trấn Nàng Mau</h1>")
    );
    assert!(program.page("/units/930?on=2025-06-30").await.contains("<h1>Thành phố Vị Thanh</h1>"));
}

#[tokio::test]
async fn claims_that_contradict_themselves_come_first_and_alone() {
    let program = Program::empty().await;
    let all = program.page("/claims").await;
    assert_eq!(all.matches("<h2 id=\"F").count(), 23);
    assert!(all.find("id=\"F2\"").unwrap() < all.find("id=\"F1\"").unwrap());
    assert!(all.contains("31,05%"));
    let wrong = program.page("/claims?only=contradictions").await;
    let wrong_ids: Vec<&str> = ["F1", "F2", "F14", "F15", "F22"]
        .into_iter()
        .filter(|id| wrong.contains(&format!("<h2 id=\"{id}\">")))
        .collect();
    assert_eq!(wrong_ids, ["F2", "F14", "F15", "F22"]);
    assert_eq!(wrong.matches("<h2 id=\"F").count(), 4);
    // What the source does not state is not put into its mouth: it stands beside, as the rule's.
    for said in [
        "Các tỷ lệ cộng lại được 101,29%, không phải 100%. Theo quy định, các tỷ lệ này tính trên \
         những mẫu số khác nhau (số hồ sơ đã giải quyết; tổng số hồ sơ tiếp nhận trong kỳ và chuyển \
         từ kỳ trước) nên không cộng được với nhau. Nguồn không nêu mẫu số.",
        "77,98% trên mẫu số mà nguồn không nêu; theo quy định là số hồ sơ đã giải quyết",
        "Quyết định số 766/QĐ-TTg",
    ] {
        assert!(wrong.contains(said), "{said}: {wrong}");
    }
    // Names of what is counted come from the packs.
    assert!(wrong.contains("118 thủ tục hành chính") && all.contains("525 ấp, khu vực"), "{wrong}");
}

#[tokio::test]
async fn files_hold_the_numbers_of_the_page_as_numbers() {
    let program = Program::filled().await;
    let path = "/indicators/households-with-app/table";
    let csv = program.page(&format!("{path}.csv")).await;
    let line = csv.lines().find(|line| line.contains(",31441,")).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    let (above, below): (i64, i64) = (cells[4].parse().unwrap(), cells[5].parse().unwrap());
    let value: f64 = cells[3].parse().unwrap();
    assert!((value - 100.0 * above as f64 / below as f64).abs() < 0.005, "{line}");
    assert!(csv.starts_with("\u{feff}Tỷ lệ hộ cài ứng dụng Hậu Giang"));
    assert!(csv.contains("Quý II/2025") && csv.contains("15/09/2025"));
    assert!(csv.contains(lang::figures::made_up(VI)));

    let request = Request::get(format!("{path}.xlsx")).body(Body::empty()).unwrap();
    let response = program.routes.clone().oneshot(request).await.unwrap();
    let name = response.headers()[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(name, "attachment; filename=\"households-with-app-2025-Q2.xlsx\"");
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes.to_vec())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let row = sheet.rows().find(|row| row[1] == Data::String("31441".to_owned())).unwrap();
    assert_eq!(row[4], Data::Float(above as f64));
    assert!(matches!(row[3], Data::Float(shown) if (shown - value).abs() < 1e-9), "{row:?}");
}

#[tokio::test]
async fn an_entry_leads_to_its_record_and_back() {
    let program = Program::empty().await;
    let territory = program.territory().await;
    let hamlet = hamlets(&territory)[0];
    let count = program.count(hamlet, "households", "2025-Q2", 1234).await;
    let id = program.report(vec![count]).await.remove(0);
    let text = program.page(&format!("/observations/{id}")).await;
    assert!(text.contains("<strong>1.234</strong>") && text.contains("Sổ &lt;b&gt;hộ&lt;/b&gt;"));
    let entry = text.split("href=\"/entries/").nth(1).unwrap();
    let entry = program.page(&format!("/entries/{}", entry.split('"').next().unwrap())).await;
    assert!(entry.contains(&format!("/observations/{id}")) && entry.contains("+1.234"));
}

#[tokio::test]
async fn what_a_document_demands_is_drawn_only_where_it_holds() {
    let program = Program::filled().await;
    let line = lang::chart::target(VI, "80%");
    let earlier = lang::chart::target(VI, "50%");
    for (period, holds) in [
        ("2022-Q4", [true, false]),
        ("2022-Q3", [false, true]),
        ("2022-Q1", [false, false]),
        ("2025-Q2", [false, false]),
    ] {
        let path = format!("/indicators/households-with-app?period={period}");
        let text = program.page(&path).await;
        assert_eq!([&line, &earlier].map(|line| text.contains(line)), holds, "{period}");
        // The table of definitions says in any case what was demanded and when.
        let said = "80%</a>, áp dụng từ 23/06/2022 đến 31/12/2022: Kế hoạch số 124/KH-UBND";
        assert!(text.contains(said), "{period}: {text}");
    }
}

#[tokio::test]
async fn every_page_says_truly_on_which_map_and_day_it_stands() {
    let program = Program::empty().await;
    let hamlet = hamlets(&*program.territory().await)[0];
    let count = program.count(hamlet, "dossiers", "2025-Q1", 40).await;
    let id = program.report(vec![count]).await.remove(0);
    let entry = program.page(&format!("/observations/{id}")).await;
    let entry = entry.split("href=\"/entries/").nth(1).unwrap().split('"').next().unwrap();
    let days = "Ngày số liệu: từ 01/01/2025 đến 31/03/2025";
    for (path, lines) in [
        ("/claims".to_owned(), vec!["của ngày nêu ở từng số liệu", "từ 13/09/2021 đến 07/08/2025"]),
        (format!("/entries/{entry}"), vec!["ngày 31/03/2025", days, "Ghi sổ lúc 15/09/2025"]),
        ("/entries/1".to_owned(), vec!["ngày 15/09/2025", "Ghi sổ lúc 15/09/2025"]),
        (format!("/observations/{id}"), vec!["ngày 31/03/2025", days]),
        (format!("/observations/{id}/correct"), vec!["ngày 31/03/2025", days]),
        (
            "/indicators/households?known=2025-09-14".to_owned(),
            vec!["ngày 15/09/2025", "đến hết ngày 30/06/2025", "ghi đến hết ngày 14/09/2025"],
        ),
        (
            "/figures/households/92/2025-Q2?known=2025-09-15".to_owned(),
            vec!["ngày 15/09/2025", "ghi đến lúc này"],
        ),
        ("/tasks/observations/new".to_owned(), vec!["của ngày ghi ở từng số liệu"]),
    ] {
        let text = program.page(&path).await;
        let bar = text.split("<aside class=\"standing\"").nth(1).unwrap();
        let bar = bar.split("</aside>").next().unwrap();
        for line in lines {
            assert!(bar.contains(line), "{path}: no {line:?} in {bar}");
        }
    }
}

#[tokio::test]
async fn the_chosen_period_is_marked_among_quarters_that_end_with_it() {
    let program = Program::filled().await;
    let page = async |query: &str| program.page(&format!("/indicators/households?{query}")).await;
    let newest = page("").await;
    assert!(newest.contains("Hậu Giang") || newest.contains("qua 8 quý"), "{newest}");
    assert_eq!(newest.matches("<g class=\"chosen\"><rect x=\"1\"").count(), 1);
    let old = page("period=2020").await;
    assert!(old.contains("Kỳ đang xem: Năm 2020"), "{old}");
    assert!(
        old.contains("<strong>Quý I/2020</strong>") && old.contains("<strong>Quý IV/2020</strong>")
    );
    assert!(old.contains("Quý I/2019") && !old.contains("<td>Quý I/2021"));
    // There is a way back to the newest.
    assert!(old.contains("<option value=\"2025-Q2\">"));
}

#[tokio::test]
async fn the_other_map_keeps_all_that_was_chosen() {
    let program = Program::filled().await;
    let chosen = "level=hamlet&period=2025-Q1&known=2025-09-15";
    for (path, expected) in [
        // What became another unit is that one there; what lies in several, the one above them.
        ("under=31444&map=2025-06-30", "under=31441"),
        ("under=31441&map=2025-07-01", "under=935&amp;map=2025-06-30"),
    ] {
        let text = program.page(&format!("/indicators/households?{chosen}&{path}")).await;
        let tabs = text.split("<nav class=\"tabs\"").nth(1).unwrap();
        let tabs = tabs.split("</nav>").next().unwrap();
        let kept = chosen.replace('&', "&amp;");
        assert!(tabs.contains(&kept) && tabs.contains(expected), "{path}: {tabs}");
    }
}

#[tokio::test]
async fn a_wrong_day_or_period_is_asked_again_with_what_was_typed() {
    let program = Program::filled().await;
    for (path, field, typed) in [
        ("/indicators/households?known=h%C3%B4m+qua&under=31441", "known", "hôm qua"),
        ("/indicators/households?period=2025-Q9&known=2025-09-15", "period", "2025-Q9"),
        ("/indicators/households?map=x&period=2025-Q1", "map", "x"),
        ("/figures/households/92/2025-Q2?known=2099-01-01", "known", "2099-01-01"),
        ("/figures/households/92/2025-Q2?map=32/01/2025", "map", "32/01/2025"),
        ("/units/92?on=x", "on", "x"),
        ("/?map=x", "map", "x"),
        ("/tasks/observations?from=x&measure=households", "from", "x"),
        ("/tasks/observations?from=2025-02-01&to=2025-01-01", "to", "2025-01-01"),
    ] {
        let (status, text) = program.get(path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let at = text.split(&format!("id=\"field-{field}\"")).nth(1).unwrap_or_default();
        let at = at.split('>').next().unwrap();
        assert!(at.contains(&format!("value=\"{typed}\"")), "{path}: {at}");
        assert!(at.contains("aria-invalid=\"true\""), "{path}: {at}");
        assert!(!text.contains("<p class=\"value\">"), "{path}");
        assert_eq!(text.matches("<h1>").count(), 1, "{path}");
    }
    let again = program.get("/figures/households/92/2025-Q9?part=numerator").await.1;
    assert!(again.contains("name=\"period\""), "{again}");
    let (status, location) = program.get("/figures/households/92/2025-Q9?period=2025-Q1").await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(location.starts_with("/figures/households/92/2025-Q1?map="), "{location}");
}

#[tokio::test]
async fn a_part_above_its_whole_is_flagged_wherever_it_is_shown() {
    let program = Program::empty().await;
    let territory = program.territory().await;
    let hamlet = hamlets(&territory)[0];
    let above = program.count(hamlet, "households_with_app", "2025-Q2", 90).await;
    let below = program.count(hamlet, "households", "2025-Q2", 80).await;
    program.report(vec![above, below]).await;
    let flag = lang::figures::above_whole(VI);
    let code = say_code(&territory, hamlet);
    for path in [
        "/",
        "/indicators",
        "/indicators/households-with-app",
        "/figures/households-with-app/92/2025-Q2",
        "/units/92",
        &format!("/units/{code}"),
    ] {
        let text = program.page(path).await;
        assert!(text.contains(flag) && text.contains("112,50%"), "{path}: {text}");
    }
    let csv = program.page("/indicators/households-with-app/table.csv").await;
    assert!(csv.contains(flag), "{csv}");
    let (_, text) =
        program.get("/api/v1/figures?indicator=households-with-app&units=92&periods=2025-Q2").await;
    assert!(text.contains("\"above_whole\""), "{text}");
}

fn say_code(territory: &Territory, unit: UnitId) -> String {
    let version = territory.at(unit, day("2025-09-15")).unwrap();
    version.code.as_ref().unwrap().to_string()
}
