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
        "/entries/1",
        "/entries/9",
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
            assert_eq!(made_up, !path.starts_with("/claims"), "{path}");
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
            rest.contains("từ 15/0") || rest.contains("từ ngày 15 đến ngày 14")
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
        ("/figures/households/31441/2025-Q2?cursor=x", invalid, "cursor"),
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
    for (period, holds) in [("2022-Q4", true), ("2022-Q1", false), ("2025-Q2", false)] {
        let path = format!("/indicators/households-with-app?period={period}");
        let text = program.page(&path).await;
        assert_eq!(text.contains(&line), holds, "{period}");
        // The table of definitions says in any case what was demanded and when.
        assert!(text.contains("80%, áp dụng từ 23/06/2022 đến 31/12/2022."), "{period}: {text}");
        assert_eq!(text.contains("Không áp dụng cho kỳ đang xem"), !holds, "{period}");
    }
}
