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
    let shown = program.told(&format!("{page}/evidence")).await.1;
    let told = (shown.len(), shown[0].act, shown[0].kind);
    assert_eq!(told, (1, base::rights::Act::ReadObservations, "observation"));
    assert!(page.ends_with(&shown[0].record) && shown[0].unit.is_some());
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
    // Somebody who still looks at the first version is told so, and keeps what was typed.
    let stale = format!("csrf={CSRF}&version=1&value=1239&reason=s%C3%B3t+m%E1%BB%99t+h%E1%BB%99");
    let (status, text) = program.post(&correct, &stale).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(text.contains("value=\"1239\"") && text.contains("sót một hộ"), "{text}");
    assert!(text.contains("Cán bộ A đã đổi số liệu này thành 1.240"), "{text}");
    assert!(text.contains("name=\"version\" value=\"2\""), "{text}");
    // What changes nothing is no correction.
    let same = format!("csrf={CSRF}&version=2&value=1240&reason=x");
    let (status, text) = program.post(&correct, &same).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("Giá trị không đổi"), "{text}");
    // Who made which version, and when.
    let text = program.page(page).await;
    assert_eq!(text.matches("<td class=\"text\">Cán bộ A</td>").count(), 2, "{text}");
    assert_eq!(text.matches("15/09/2025 09:00").count(), 2, "{text}");
    assert!(program.page("/figures/households/31321/2025-Q2").await.contains("1.240"));
    assert!(program.page("/tasks/observations").await.contains("1.240"));

    let withdraw = format!("{page}/withdraw");
    let text = program.page(&withdraw).await;
    assert!(text.contains("name=\"version\" value=\"2\""), "{text}");
    assert!(text.contains("<button class=\"danger\""), "{text}");
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
        ("unit", "", "chosen"),
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
    // Neither its name nor its sender is believed about what a file holds.
    for (name, content) in
        [("so.pdf", &b"<script>"[..]), ("so.html", b"<p>"), ("so.csv", b"MZ\x90\0"), ("so", b"x")]
    {
        let file = Some(("evidence", name, content));
        let (status, text) = program.upload_named(NEW, &form(&[]), file).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let kinds = "Chỉ nhận tệp PDF, PNG, JPEG, WebP, XLSX, DOCX, ODS, ODT, CSV, TXT";
        assert!(text.contains(kinds), "{text}");
    }
    let (status, _) = program.upload(NEW, &form(&[("csrf", "another")]), None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let nothing = program.page("/tasks/observations").await;
    assert!(nothing.contains(lang::observations::nothing(VI)));
}

/// The values that a form offers to choose from.
fn choices(text: &str) -> Vec<String> {
    // A list to open begins with no choice; few stand in sight.
    let (list, mark, without) = match text.split_once("<select id=\"field-chosen\"") {
        Some((_, rest)) => (rest.split("</select>").next().unwrap(), "<option value=\"", 2),
        None => (text, "name=\"chosen\" value=\"", 1),
    };
    let values = list.split(mark).skip(without);
    values.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_name_that_fits_many_units_is_narrowed_by_commune() {
    let program = Program::empty().await;
    let send = async |changes: &[(&'static str, String)]| {
        let mut fields: Vec<(String, String)> = form(&[])
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            fields.push(((*name).to_owned(), value.clone()));
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        program.upload(NEW, &fields, None).await
    };
    // Many hamlets are called so: first the commune, then the hamlet that fits in it.
    let (status, text) = send(&[("unit", "ap 1".to_owned())]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let communes = choices(&text);
    assert!(communes.len() > 20, "{text}");
    assert!(communes.contains(&"31441".to_owned()), "{communes:?}");
    let chosen = [("unit", "ap 1".to_owned()), ("chosen", "31441".to_owned())];
    let (status, location) = send(&chosen).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{location}");
    assert!(program.page(location.split('?').next().unwrap()).await.contains("Thị trấn Nàng Mau"));
    // Nothing typed: the commune from a list, then one of its hamlets.
    let (_, text) = send(&[("unit", String::new())]).await;
    assert!(choices(&text).contains(&"31441".to_owned()), "{text}");
    let (_, text) = send(&[("unit", String::new()), ("chosen", "31441".to_owned())]).await;
    let hamlets = choices(&text);
    assert!(hamlets.len() > 3 && hamlets.iter().all(|code| code.starts_with("31441")), "{text}");
    let (status, _) = send(&[("unit", String::new()), ("chosen", hamlets[2].clone())]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    // Once more is refused at the day.
    let (status, text) = send(&[("unit", hamlets[2].clone())]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains(&lang::observations::already_reported(VI, "30/06/2025")), "{text}");
}

#[tokio::test]
async fn a_unit_is_named_with_those_above_it_with_or_without_tones() {
    let program = Program::empty().await;
    for (day, (typed, name)) in (1..).zip([
        ("Ấp 8, Xã Xà Phiên", "Xã Xà Phiên"),
        ("ap 8,xa phien", "Xã Xà Phiên"),
        ("ẤP 8 ,  Xà Phiên , Huyện Long Mỹ", "Xã Xà Phiên"),
        ("ấp 8 xã Xà Phiên, Long Mỹ", "Xã Xà Phiên"),
        ("KV 1, P. I, TP Vị Thanh", "Phường I"),
    ]) {
        let when = format!("{day:02}/06/2025");
        let changes = [("unit", typed), ("when", when.as_str())];
        let (status, location) = program.upload(NEW, &form(&changes), None).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{typed}: {location}");
        let page = program.page(location.split('?').next().unwrap()).await;
        assert!(page.contains(name), "{typed}: {page}");
    }
    let (status, text) = program.upload(NEW, &form(&[("unit", "Ấp 99, Xã Xà Phiên")]), None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    // The commune is known, so its hamlets are offered.
    assert!(choices(&text).len() > 3, "{text}");
    let (_, text) = program.upload(NEW, &form(&[("unit", "Ấp Không Có, Xã Mây")]), None).await;
    assert!(text.contains("không có đơn vị nào tên") && text.contains("sau dấu phẩy"), "{text}");
}

#[tokio::test]
async fn a_part_above_its_whole_is_asked_about_before_it_is_written() {
    let program = Program::empty().await;
    let (status, _) = program.upload(NEW, &form(&[("value", "80")]), None).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let part = [("measure", "households_with_app"), ("value", "90")];
    let (status, text) = program.upload(NEW, &form(&part), None).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("(90) lớn hơn") && text.contains("name=\"confirmed\""), "{text}");
    assert!(text.contains("value=\"90\""), "{text}");
    let (status, _) =
        program.upload(NEW, &form(&[part[0], part[1], ("confirmed", "yes")]), None).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let file = "unit_code;measure;day;value;source\n\
        3131802;households;30/06/2025;50;Sổ\n3131802;households_with_app;30/06/2025;60;Sổ\n\
        3131803;households_with_app;30/06/2025;60;Sổ\n";
    let file = Some(("file", file.as_bytes()));
    let (status, text) = program.upload(IMPORT, &[("csrf", CSRF)], file).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    assert!(text.contains(&lang::observations::doubts(VI, 2)), "{text}");
    assert!(text.contains("(60) lớn hơn") && text.contains("(50)"), "{text}");
    // It is a warning: whoever confirms writes them.
    assert_eq!(program.post(APPLY, &confirmation(&text)).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_template_holds_the_columns_that_are_read_and_an_example_that_is_not() {
    let program = Program::empty().await;
    let csv = program.page("/tasks/observations/import/template.csv").await;
    let file = Some(("file", csv.as_bytes()));
    let (status, text) = program.upload(IMPORT, &[("csrf", CSRF)], file).await;
    // All of the example can be read; only its mark stands in the way.
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains(lang::observations::example_left(VI)), "{text}");
    assert!(text.contains("Dòng 2, cột source") && text.matches("Dòng 2").count() == 1, "{text}");
    let real = csv.replace(lang::observations::example_mark(VI), "Sổ hộ");
    let (status, text) =
        program.upload(IMPORT, &[("csrf", CSRF)], Some(("file", real.as_bytes()))).await;
    assert_eq!(status, StatusCode::OK, "{text}");

    let request = Request::get("/tasks/observations/import/template.xlsx");
    let response = program.routes.clone().oneshot(request.body(Body::empty()).unwrap()).await;
    let bytes = to_bytes(response.unwrap().into_body(), usize::MAX).await.unwrap();
    let table = web::spreadsheet::read(&bytes).unwrap();
    let cells: Vec<Vec<String>> =
        table.rows.iter().map(|row| row.cells.iter().map(|cell| cell.text()).collect()).collect();
    let same: Vec<Vec<String>> = csv
        .trim_start_matches('\u{feff}')
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect();
    assert_eq!(cells, same);
}

#[tokio::test]
async fn the_list_of_reports_goes_on_and_is_narrowed() {
    let program = Program::filled().await;
    let territory = program.territory().await;
    let all = hamlets(&territory).len() * 8;
    let count = async |query: &str| {
        let (mut count, mut next) = (0, format!("/tasks/observations?{query}"));
        loop {
            let text = program.page(&next).await;
            count += text.matches("/correct\"").count();
            let Some((head, _)) = text.split_once("\" rel=\"next\"") else { return count };
            next = head.rsplit("href=\"").next().unwrap().replace("&amp;", "&");
        }
    };
    assert_eq!(count("").await, all);
    assert_eq!(count("measure=households").await, all / 4);
    assert_eq!(count("measure=households&from=01/04/2025").await, all / 8);
    assert_eq!(count("from=2025-01-01&to=2025-03-31").await, all / 2);
    assert_eq!(count("from=2025-07-01").await, 0);
    let within = |code: &str| {
        let commune = territory.by_code(code, day("2025-09-15")).unwrap().unit;
        let inside = |hamlet: &&UnitId| territory.is_within(**hamlet, commune, day("2025-09-15"));
        hamlets(&territory).iter().filter(inside).count()
    };
    assert_eq!(count("unit=31441").await, within("31441") * 8);
    assert_eq!(count("unit=xa+vi+thuy&measure=dossiers").await, within("31441") * 2);
    let (status, text) = program.get("/tasks/observations?unit=khong+co").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text.contains("#field-unit") && text.contains("value=\"khong co\""), "{text}");
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
        assert!(text.contains("Dòng 3, cột day") && text.contains("30/06/2025"), "{text}");
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
