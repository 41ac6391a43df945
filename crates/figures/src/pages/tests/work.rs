//! Reporting, correcting and importing through forms.

use axum::http::StatusCode;
use lang::Lang;
use rust_xlsxwriter::Workbook;

use super::*;

const VI: Lang = Lang::Vietnamese;
const NEW: &str = "/tasks/observations/new";
const IMPORT: &str = "/tasks/observations/import";

#[tokio::test]
async fn nobody_works_without_an_account() {
    let program = Program::filled().await;
    let hamlet = hamlets(&*program.territory().await)[0];
    let count = program.count(hamlet, "people", "2025-Q2", 1).await;
    let id = program.report(vec![count]).await.remove(0);
    let stranger = page_routes::<Desk>().with_state(program.desk.clone());
    let ask = async |request: Request<Body>| stranger.clone().oneshot(request).await.unwrap();
    let observation = format!("/observations/{id}");
    let correct = format!("{observation}/correct");
    let evidence = format!("{observation}/evidence");
    for path in ["/tasks/observations", NEW, IMPORT, &correct, &evidence] {
        let response = ask(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
    }
    for path in [NEW, IMPORT, APPLY, &correct] {
        let response = ask(Request::post(path).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    let response = ask(Request::get(&observation).body(Body::empty()).unwrap()).await;
    let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(!String::from_utf8_lossy(&text).contains("/correct"));
}

fn form<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("csrf", CSRF),
        ("measure", "households"),
        ("when", "30/06/2025"),
        ("unit", "3131801"),
        ("value", "1.234"),
        ("source", "Sổ hộ khẩu của khu vực"),
    ];
    for change in changes {
        fields.retain(|(name, _)| *name != change.0);
        fields.push(*change);
    }
    fields
}

#[tokio::test]
async fn a_count_is_reported_shown_and_corrected() {
    let program = Program::empty().await;
    let file: (&str, &[u8]) = ("evidence", b"a;b\n");
    let (status, location) = program.upload(NEW, &form(&[]), Some(file)).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    assert!(text.contains(lang::observations::done_reported(VI)) && text.contains("1.234"));
    let page = location.split('?').next().unwrap();
    assert_eq!(program.page(&format!("{page}/evidence")).await, "a;b\n");
    // Nothing here was made up.
    assert!(!text.contains(lang::web::made_up(VI)));

    let correct = format!("{page}/correct");
    assert!(program.page(&correct).await.contains("name=\"version\" value=\"1\""));
    let wrong = format!("csrf={CSRF}&version=1&value=m%22%3E&reason=");
    let (status, text) = program.post(&correct, &wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("value=\"m&quot;&gt;\"") && text.contains("#field-reason"), "{text}");
    let right = format!("csrf={CSRF}&version=1&value=1240&reason=%C4%91%E1%BA%BFm+l%E1%BA%A1i");
    let (status, location) = program.post(&correct, &right).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    assert!(text.contains("1.240") && text.contains("đếm lại"));
    // Somebody who still looks at the first version is told so.
    assert_eq!(program.post(&correct, &right).await.0, StatusCode::CONFLICT);
    assert!(program.page("/figures/households/31321/2025-Q2").await.contains("1.240"));
    assert!(program.page("/tasks/observations").await.contains("1.240"));

    let withdraw = format!("{page}/withdraw");
    assert!(program.page(&withdraw).await.contains("name=\"version\" value=\"2\""));
    let (status, text) = program.post(&withdraw, &format!("csrf={CSRF}&version=2&reason=")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("#field-reason"), "{text}");
    let reason = format!("csrf={CSRF}&version=2&reason=nh%E1%BA%A7m+%C4%91%C6%A1n+v%E1%BB%8B");
    let (status, location) = program.post(&withdraw, &reason).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    let text = program.page(&location).await;
    assert!(text.contains(lang::observations::is_withdrawn(VI)) && text.contains("nhầm đơn vị"));
    assert_eq!(program.post(&withdraw, &reason).await.0, StatusCode::CONFLICT);
    let figure = program.page("/figures/households/31321/2025-Q2").await;
    assert!(figure.contains(lang::web::no_data(VI)) && !figure.contains("1.240"));
    // Its place is free: the unit reports again.
    let (status, location) = program.upload(NEW, &form(&[("value", "1.250")]), None).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    assert!(program.page("/figures/households/31321/2025-Q2").await.contains("1.250"));
}

#[tokio::test]
async fn mistakes_are_shown_at_their_fields_with_what_was_typed() {
    let program = Program::empty().await;
    for (field, typed, at) in [
        ("measure", "unheard-of", "measure"),
        ("when", "hôm qua", "when"),
        ("when", "2025-Q2", "when"),
        ("when", "01/01/2027", "when"),
        ("unit", "99999999", "unit"),
        ("unit", "", "unit"),
        ("value", "12,5", "value"),
        ("value", "-3", "value"),
        ("source", " ", "source"),
        ("source", "", "source"),
    ] {
        let (status, text) = program.upload(NEW, &form(&[(field, typed)]), None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {typed}");
        assert!(text.contains(&format!("href=\"#field-{at}\"")), "{field} {typed}: {text}");
        let kept = if field == "source" { "1.234" } else { "Sổ hộ khẩu của khu vực" };
        assert!(text.contains(&format!("value=\"{kept}\"")), "{field} {typed}");
    }
    let hostile = form(&[("value", "\"><script>"), ("source", "<b>")]);
    let (_, text) = program.upload(NEW, &hostile, None).await;
    assert!(!text.contains("<script") && !text.contains("<b>"));
    let large = vec![b'x'; crate::observations::LARGEST_EVIDENCE_BYTES + 1];
    let (status, text) = program.upload(NEW, &form(&[]), Some(("evidence", &large))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("#field-evidence"));
    let (status, _) = program.upload(NEW, &form(&[("csrf", "another")]), None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let nothing = program.page("/tasks/observations").await;
    assert!(nothing.contains(lang::observations::nothing(VI)));
}

#[tokio::test]
async fn a_name_that_fits_several_units_is_a_question() {
    let program = Program::empty().await;
    let (status, text) = program.upload(NEW, &form(&[("unit", "khu vuc 1")]), None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("type=\"radio\" id=\"field-chosen\""), "{text}");
    let chosen = form(&[("unit", "khu vuc 1"), ("chosen", "3131801")]);
    let (status, _) = program.upload(NEW, &chosen, None).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (status, text) = program.upload(NEW, &chosen, None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains(&lang::observations::already_reported(VI, "30/06/2025")), "{text}");
}

const FILE: &str = "unit_code;measure;day;value;source\n\
    3131801;households;30/06/2025;1.234;Sổ =1+1 <i>\n\
    3131802;households;30/06/2025;56;Sổ\n\
    3131802;dossiers;2025-Q2;7;Sổ\n";

/// The form that confirms what was previewed.
fn confirmation(text: &str) -> String {
    let value = text.split("name=\"file\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    format!("csrf={CSRF}&file={value}")
}

const APPLY: &str = "/tasks/observations/import/apply";

#[tokio::test]
async fn a_file_is_previewed_and_then_written_at_once() {
    let program = Program::empty().await;
    let csrf = [("csrf", CSRF)];
    let (status, text) = program.upload(IMPORT, &csrf, Some(("file", FILE.as_bytes()))).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(text.contains("Khu vực 1, ") && text.contains("&lt;i&gt;") && !text.contains("<i>"));
    assert!(program.page("/tasks/observations").await.contains(lang::observations::nothing(VI)));

    let confirmation = confirmation(&text);
    let forged = confirmation.replace(CSRF, "another");
    assert_eq!(program.post(APPLY, &forged).await.0, StatusCode::CONFLICT);
    let (status, location) = program.post(APPLY, &confirmation).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    assert!(program.page(&location).await.contains(&lang::observations::imported(VI, 3)));
    assert!(program.page("/figures/households/31321/2025-Q2").await.contains("1.290"));

    // Once more, nothing of it is written.
    let (status, text) = program.upload(IMPORT, &csrf, Some(("file", FILE.as_bytes()))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("Dòng 2, cột day") && text.contains("Dòng 4, cột day"), "{text}");
    let (status, text) = program.post(APPLY, &confirmation).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(text.contains(lang::upload::forgotten(VI)), "{text}");
    assert!(program.page("/figures/households/31321/2025-Q2").await.contains("1.290"));
}

#[tokio::test]
async fn what_was_previewed_is_written_or_nothing() {
    let program = Program::empty().await;
    let file = Some(("file", FILE.as_bytes()));
    let (_, first) = program.upload(IMPORT, &[("csrf", CSRF)], file).await;
    let (_, second) = program.upload(IMPORT, &[("csrf", CSRF)], file).await;
    // Somebody reports one of the counts in between: the row is named, and the rest not written.
    let (status, _) = program.upload(NEW, &form(&[("unit", "3131802")]), None).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    for _ in 0..2 {
        let (status, text) = program.post(APPLY, &confirmation(&first)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{text}");
        assert!(text.contains("30/06/2025"), "{text}");
    }
    // A code that means another unit by now: a merger took the place of the preview's map.
    let mut tx = program.desk.database().write().await.unwrap();
    tx.run("update unit_versions set code = 'x' where code = '3131802'", vec![]).await.unwrap();
    tx.run("update unit_versions set code = '3131802' where code = '3131803'", vec![])
        .await
        .unwrap();
    tx.run("update revisions set number = number + 1 where name = 'territory'", vec![])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (status, text) = program.post(APPLY, &confirmation(&second)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(text.contains(lang::observations::preview_overtaken(VI)), "{text}");
    assert!(!program.page("/tasks/observations").await.contains(">56<"));
}

#[tokio::test]
async fn a_file_with_one_mistake_is_refused_with_the_row() {
    let program = Program::empty().await;
    for (from, to, place) in [
        ("3131802;dossiers", "99999;dossiers", "Dòng 4, cột unit_code"),
        ("dossiers", "unknown", "Dòng 4, cột measure"),
        ("2025-Q2", "2025-Q7", "Dòng 4, cột day"),
        ("2025-Q2", "30/06/2025", "Dòng 4, cột period"),
        (";7;", ";7,5;", "Dòng 4, cột value"),
        (";7;", ";-7;", "Dòng 4, cột value"),
        (";7;Sổ", ";7;", "Dòng 4, cột source"),
        ("3131802;households", "3131801;households", "Dòng 3, cột day"),
        ("measure", "thing", "Dòng 1, cột measure"),
        ("value;source", "value;value", "Dòng 1, cột value"),
        (";7;Sổ", ";7;\"Sổ", "Dòng 4"),
    ] {
        let file = FILE.replacen(from, to, 1);
        let file = Some(("file", file.as_bytes()));
        let (status, text) = program.upload(IMPORT, &[("csrf", CSRF)], file).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{to}");
        assert!(text.contains(place), "{place}: {text}");
    }
    let (status, _) = program.upload(IMPORT, &[("csrf", CSRF)], None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let file = Some(("file", FILE.as_bytes()));
    assert_eq!(program.upload(IMPORT, &[("csrf", "x")], file).await.0, StatusCode::CONFLICT);
    assert!(program.page("/tasks/observations").await.contains(lang::observations::nothing(VI)));
}

#[tokio::test]
async fn a_workbook_is_previewed_too() {
    let program = Program::empty().await;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, line) in (0_u32..).zip(FILE.lines()) {
        for (column, cell) in (0_u16..).zip(line.split(';')) {
            sheet.write(row, column, cell).unwrap();
        }
    }
    let content = book.save_to_buffer().unwrap();
    let file = Some(("file", &content[..]));
    let (status, text) = program.upload(IMPORT, &[("csrf", CSRF)], file).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    let (status, location) = program.post(APPLY, &confirmation(&text)).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    assert!(program.page("/figures/households/31321/2025-Q2").await.contains("1.290"));
}
