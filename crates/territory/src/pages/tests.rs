//! Every page over HTTP, in each language, and the way of an order from its form to its undoing.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use base::{Clock, Moment};
use lang::Lang;
use store::testing::TestDatabase;
use store::values;
use tower::ServiceExt as _;
use web::Visitor;
use web::layers::{Options, around};

use crate::sample::{DAY, Lists, hau_giang, unit};
use crate::{Atlas, Level, import_lists};

pub(crate) struct Site {
    routes: Router,
    database: TestDatabase,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    location: String,
    media_type: String,
    bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}", self.text()))
    }
}

pub(crate) async fn site(signed_in: bool) -> Site {
    site_over(TestDatabase::sqlite().await, signed_in, &[]).await
}

/// A site with the units of Hậu Giang and what later lists change.
pub(crate) async fn site_over(database: TestDatabase, signed_in: bool, later: &[Lists]) -> Site {
    let clock = Clock::fixed("2026-11-22T01:00:00Z".parse::<Moment>().unwrap());
    let mut tx = database.write().await.unwrap();
    import_lists(&mut tx, &clock, base::rights::Actor::operator("tester"), &crate::tests::pack())
        .await
        .unwrap();
    for lists in later {
        import_lists(
            &mut tx,
            &clock,
            base::rights::Actor::operator("tester"),
            &lists.clone().into(),
        )
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let atlas = Atlas::new(database.database.clone(), clock.clone());
    let mut routes = super::routes::<Atlas>().merge(crate::api_routes().split_for_parts().0);
    if signed_in {
        let visitor = Visitor {
            name: "an".to_owned(),
            csrf: "token".to_owned(),
            rights: base::rights::OPERATOR.clone().into(),
        };
        routes = routes.layer(axum::Extension(visitor));
    }
    let timeout = std::time::Duration::from_secs(60);
    let options = Options { place: "Hậu Giang".to_owned(), clock, timeout };
    Site { routes: around(routes, &options).with_state(atlas), database }
}

impl Site {
    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let head = |name| {
            let value = response.headers().get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (status, location) = (response.status(), head(header::LOCATION));
        let media_type = head(header::CONTENT_TYPE);
        let bytes = to_bytes(response.into_body(), 10 << 20).await.unwrap().to_vec();
        Answer { status, location, media_type, bytes }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form with files; a value with a file name is a file.
    async fn post(&self, path: &str, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
            let head =
                format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn post_values(&self, path: &str, values: &str) -> Answer {
        let media_type = "application/x-www-form-urlencoded";
        let request = Request::post(path).header(header::CONTENT_TYPE, media_type);
        self.send(request.body(Body::from(values.to_owned())).unwrap()).await
    }
}

/// The value of a hidden field.
fn hidden(page: &str, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&begin).unwrap_or_else(|| panic!("no {name}")).1;
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn every_page_is_shown_in_each_language() {
    let site = site(true).await;
    for path in [
        "/units",
        "/units?on=30/06/2025",
        "/units?on=2025-06-30&under=93",
        "/units?on=2025-06-30&under=935",
        "/units?on=2025-07-01&under=31441",
        "/units?on=1990-01-01",
        "/units?q=vi+thuy",
        "/units?q=xyz",
        "/converter",
        "/converter?address=x%C3%A3+V%E1%BB%8B+Th%E1%BB%A7y,+H%E1%BA%ADu+Giang",
        "/converter?address=vi+thuy",
        "/converter?address=&on=x",
        "/sources",
        "/tasks",
        "/tasks/territory",
        "/tasks/mergers",
        "/tasks/mergers/new",
    ] {
        for lang in Lang::ALL {
            let mark = if path.contains('?') { '&' } else { '?' };
            let answer = site.get(&format!("{path}{mark}lang={}", lang.tag())).await;
            assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.text());
            let text = answer.text();
            assert_eq!(text.matches("<h1").count(), 1, "{path}");
            assert!(text.contains(&format!("<html lang=\"{}\"", lang.tag())), "{path}");
            // The page of a new merger stands on the day that is typed into it.
            let stands = text.contains("class=\"standing\"") || path == "/tasks/mergers/new";
            assert!(stands, "{path} does not say on which map it stands");
        }
    }
}

#[tokio::test]
async fn the_tree_and_the_search_tell_units_and_days_apart() {
    let site = site(false).await;
    for (path, has, has_not) in [
        ("/units?on=2025-06-30", "Tỉnh Hậu Giang", "Phường Vị Thanh"),
        ("/units?on=2025-07-01", "/units/31321?on=2025-07-01", "Huyện Vị Thủy"),
        ("/units?on=2025-06-30&under=93", "/units/31447?on=2025-06-30", "/units/31441?on=2025-07"),
        ("/units?q=vi+thuy", "/units/31447?on=2025-06-30", "<script"),
        ("/units?q=vi+thuy", "Đơn vị của mọi thời kỳ", "Đơn vị ngày"),
        ("/units?q=vi+thuy&on=2025-07-01", "/units/31441?on=2025-07-01", "/units/31447?"),
        (
            "/units?q=vi+thuy&on=2025-06-30",
            "Đơn vị ngày 30/06/2025 khớp với",
            "/units/31441?on=2025-07",
        ),
        ("/units?q=vi+thuy&on=2025-06-30", "href=\"/units?q=vi+thuy\"", "Không có"),
        ("/units?q=nang+mau&on=2026-01-01", "Vào ngày 01/01/2026 không có", "31441"),
        ("/units?q=%3Cscript%3E", "&lt;script&gt;", "<script>"),
    ] {
        let text = site.get(path).await.text();
        assert!(text.contains(has), "{path}: no {has}\n{text}");
        assert!(!text.contains(has_not), "{path}: {has_not}");
    }
    assert_eq!(site.get("/units?on=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.get("/units?under=99999").await.status, StatusCode::NOT_FOUND);
    let long = "a+".repeat(60);
    for path in
        ["/units?on=9999-12-31", &format!("/units?q={long}"), &format!("/api/v1/units?q={long}")]
    {
        assert_eq!(site.get(path).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    // Blanks are no words.
    let all = site.get("/api/v1/units?on=2025-06-30").await.json();
    assert_eq!(site.get("/api/v1/units?on=2025-06-30&q=+").await.json(), all);
}

#[tokio::test]
async fn a_table_comes_back_converted_or_with_the_place_of_its_mistake() {
    let site = site(false).await;
    let table = "STT;Địa chỉ\n1;xã Vị Thủy, huyện Vị Thủy, tỉnh Hậu Giang\n".as_bytes();
    let parts = [("file", Some("a.csv"), table), ("headed", None, &b"yes"[..])];
    let answer = site.post("/converter/table", &parts).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.media_type, "text/csv; charset=utf-8");
    assert!(answer.text().contains(";31453;"), "{}", answer.text());
    for parts in [
        &[("file", Some("a.csv"), &b"a;b\n\xff"[..])][..],
        &[("file", Some("a.csv"), table), ("column", None, b"x")],
        &[("file", Some("a.csv"), table), ("table_on", None, b"x")],
        &[("column", None, b"1")],
    ] {
        let answer = site.post("/converter/table", parts).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("class=\"mistakes\""), "{}", answer.text());
    }
    // What was filled in comes back, also what cannot be read.
    let parts = [
        ("file", Some("a.csv"), table),
        ("column", None, b"2"),
        ("table_on", None, "hôm qua".as_bytes()),
    ];
    let text = site.post("/converter/table", &parts).await.text();
    let headed = text.split("name=\"headed\"").nth(1).unwrap().split('>').next().unwrap();
    assert!(!headed.contains("checked"), "{headed}");
    for value in ["value=\"2\"", "value=\"hôm qua\""] {
        assert!(text.contains(value), "{value}: {text}");
    }
    assert!(site.get("/converter?on=x").await.text().contains("value=\"x\""));
    let large = vec![b'a'; 6 << 20];
    let answer = site.post("/converter/table", &[("file", Some("a.csv"), &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_search_within_a_unit_or_level_is_not_cut_before_it_is_sieved() {
    let site = site(false).await;
    let count = async |path: &str| {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        let page: serde_json::Value = serde_json::from_slice(&answer.bytes).unwrap();
        (page["items"].as_array().unwrap().len(), page["next"].is_string())
    };
    // 525 hamlets and 28 communes of today have a word that begins like this.
    let all = "/api/v1/units?q=a&on=2025-07-01";
    assert_eq!(count(all).await, (100, true));
    let hamlets = hau_giang().under(Some(unit(hau_giang(), "31492", DAY)), DAY, Level::Hamlet);
    let of_commune = "/api/v1/units?q=ap&under=31492&on=2025-07-01";
    assert_eq!(count(of_commune).await, (hamlets.len(), false));
    assert_eq!(count("/api/v1/units?on=&q=&under=&level=&cursor=").await, (1, false));
}

#[tokio::test]
async fn the_answer_to_a_form_can_be_had_in_another_language() {
    let site = site(true).await;
    for (path, body) in [("/converter/table", "column=1"), ("/tasks/territory/apply", "files=a")] {
        let answer = site.post_values(path, body).await;
        assert!(answer.status.is_client_error(), "{path}");
        let text = answer.text();
        let link = text.split("href=\"").find(|link| link.contains("lang=en")).unwrap();
        let link = link.split('"').next().unwrap();
        let led = site.get(link).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER, "{link}");
        let page = site.get(&led.location).await;
        assert_eq!(page.status, StatusCode::OK, "{link} leads to {}", led.location);
        assert!(page.text().contains("<html lang=\"en\""), "{}", led.location);
    }
}

#[tokio::test]
async fn a_city_of_which_only_a_part_is_listed_says_so() {
    let site = site(false).await;
    let note = "mới có 28 xã, phường hình thành từ Tỉnh Hậu Giang";
    for (path, says) in [
        ("/units?on=2025-07-01", true),
        ("/units?on=2025-07-01&under=31441", false),
        ("/units?on=2025-06-30&under=93", false),
        ("/units?on=2025-06-30&under=94", false),
    ] {
        assert_eq!(site.get(path).await.text().contains(note), says, "{path}");
    }
}

#[tokio::test]
async fn work_is_for_those_who_are_signed_in() {
    let site = site(false).await;
    for path in ["/tasks", "/tasks/territory", "/tasks/mergers", "/tasks/mergers/new"] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        assert!(answer.location.starts_with("/sign-in?next="), "{path}");
    }
    for path in ["/tasks/territory", "/tasks/mergers/new"] {
        assert_eq!(site.post(path, &[]).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let answer = site.post_values("/tasks/territory/apply", "files=a").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let site = self::site(true).await;
    let answer = site.post("/tasks/mergers/new", &[("csrf", None, b"stolen")]).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
}

const UNITS: &str =
    "new_code,new_full_name,type,parent_code,from_codes\n31453,Xã Vị Thắng,xa,92,31441;31453\n";

#[tokio::test]
async fn an_order_is_rehearsed_carried_out_and_taken_back() {
    let site = site(true).await;
    let act = [
        ("csrf", None, &b"token"[..]),
        ("number", None, b"1/NQ-UBTVQH16"),
        ("effective_on", None, b"01/01/2027"),
    ];
    let with =
        |more: &[(&'static str, Option<&'static str>, &'static [u8])]| [&act[..], more].concat();
    let answer = site.post("/tasks/mergers/new", &act).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let units = ("units_file", Some("order.csv"), UNITS.as_bytes());
    let shown = site.post("/tasks/mergers/new", &with(&[units])).await;
    assert_eq!(shown.status, StatusCode::OK, "{}", shown.text());
    let text = shown.text();
    assert!(text.contains("Xã Vị Thắng (31453)") && text.contains("Xã Vị Thủy"), "{text}");
    assert!(text.contains(
        "2 đơn vị kết thúc có đường ranh giới: vẫn vẽ trên bản đồ đến hết ngày 31/12/2026"
    ));
    assert!(text.contains("1 đơn vị hình thành chưa có đường ranh giới"));
    let later = "/units?on=2027-01-01&under=92";
    assert!(!site.get(later).await.text().contains("Vị Thắng"));
    let wrong = site.post("/tasks/mergers/new", &with(&[units, ("seal", None, b"x")])).await;
    assert_eq!(wrong.status, StatusCode::OK);
    let seal = hidden(&text, "seal");
    let seal: &'static [u8] = Box::leak(seal.into_boxed_str()).as_bytes();
    let done = site.post("/tasks/mergers/new", &with(&[units, ("seal", None, seal)])).await;
    assert_eq!(
        (done.status, &*done.location),
        (StatusCode::SEE_OTHER, "/tasks/mergers?done=applied")
    );
    assert!(site.get(later).await.text().contains("Vị Thắng"));
    let list = site.get("/tasks/mergers").await.text();
    let undo = list.split("href=\"").find(|part| part.contains("/undo")).unwrap();
    let undo = undo.split('"').next().unwrap();
    assert!(site.get(undo).await.text().contains("Xã Vị Thắng"));
    assert_eq!(site.post_values(undo, "csrf=x").await.status, StatusCode::CONFLICT);
    assert_eq!(site.post_values(undo, "csrf=token").await.status, StatusCode::SEE_OTHER);
    assert!(!site.get(later).await.text().contains("Vị Thắng"));
    assert_eq!(site.get(undo).await.status, StatusCode::CONFLICT);
}

/// Carries out an order of the table of new units; gives the address of its undoing.
async fn carry_out(site: &Site, number: &str, day: &str, units: &str) -> String {
    let units = format!("new_code,new_full_name,type,parent_code,from_codes\n{units}\n");
    let parts = [
        ("csrf", None, &b"token"[..]),
        ("number", None, number.as_bytes()),
        ("effective_on", None, day.as_bytes()),
        ("units", None, units.as_bytes()),
    ];
    let shown = site.post("/tasks/mergers/new", &parts).await.text();
    let seal = hidden(&shown, "seal");
    let parts = [&parts[..], &[("seal", None, seal.as_bytes())]].concat();
    let done = site.post("/tasks/mergers/new", &parts).await;
    assert_eq!(done.location, "/tasks/mergers?done=applied", "{}", done.text());
    let list = site.get("/tasks/mergers").await.text();
    let undo = list.split("href=\"").find(|part| part.contains("/undo")).unwrap();
    undo.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn what_stands_in_the_way_of_undoing_is_said_beforehand() {
    let site = site(true).await;
    let first = carry_out(&site, "1/MH", "01/01/2027", "31453,Xã Vị Thắng,xa,92,31441;31453").await;
    let second = carry_out(&site, "2/MH", "01/02/2027", "31453,Xã Vị Thịnh,xa,92,31453").await;
    let page = site.get(&first).await.text();
    assert!(page.contains(&second) && page.contains("Hãy hoàn tác thao tác sau trước"), "{page}");
    let form = format!("action=\"{first}\"");
    assert!(!page.contains(&form), "there is nothing to send");
    assert_eq!(site.post_values(&first, "csrf=token").await.status, StatusCode::CONFLICT);
    assert_eq!(site.post_values(&second, "csrf=token").await.status, StatusCode::SEE_OTHER);
    assert!(site.get(&first).await.text().contains(&form));
    let mut tx = site.database.write().await.unwrap();
    let sql = "insert into observation_versions (id, version, unit, measure, day_from, day, value, \
               source, made_up, entry) \
               select 'a', 1, max(id), 1, 20900, 20900, 7, 'minh họa', 1, 1 from units";
    tx.run(sql, values![]).await.unwrap();
    tx.commit().await.unwrap();
    let page = site.get(&first).await.text();
    assert!(page.contains("Xã Vị Thắng</a> (31453): 1 số liệu báo cáo"), "{page}");
    assert!(!page.contains(&form) && !page.contains("Hãy hoàn tác thao tác sau trước"));
    assert_eq!(site.post_values(&first, "csrf=token").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_rehearsal_shows_the_records_on_ending_units_and_what_is_added_to_the_act() {
    let site = site(true).await;
    let number = "1668/NQ-UBTVQH15".as_bytes();
    let parts = |title: &'static str| {
        [
            ("csrf", None, &b"token"[..]),
            ("number", None, number),
            ("effective_on", None, b"01/01/2027"),
            ("title", None, title.as_bytes()),
            ("units", None, UNITS.as_bytes()),
        ]
    };
    let none = site.post("/tasks/mergers/new", &parts("")).await.text();
    assert!(none.contains("Không có số liệu báo cáo nào gắn với các đơn vị kết thúc"), "{none}");
    assert!(!none.contains("Văn bản mới:") && !none.contains("Bổ sung cho văn bản"));
    let mut tx = site.database.write().await.unwrap();
    let sql = "insert into observation_versions (id, version, unit, measure, day_from, day, value, \
               source, made_up, entry) values ('a', 1, $1, 1, 20300, 20300, 7, 'minh họa', 1, 1)";
    tx.run(sql, values![unit(hau_giang(), "31441", DAY).0]).await.unwrap();
    let sql = "update acts set title = '' where number = '1668/NQ-UBTVQH15'";
    tx.run(sql, values![]).await.unwrap();
    tx.run("update revisions set number = number + 1", values![]).await.unwrap();
    tx.commit().await.unwrap();
    let told = site.post("/tasks/mergers/new", &parts("Trích yếu")).await.text();
    assert!(told.contains("1 số liệu báo cáo (kể cả số liệu đã rút) của 1 đại lượng"), "{told}");
    assert!(told.contains("Xã Vị Thủy</a> (31441): 1 số liệu báo cáo"), "{told}");
    assert!(told.contains("Bổ sung cho văn bản đã có 1668/NQ-UBTVQH15: Trích yếu."), "{told}");
    let other = [&parts("")[..], &[("issuer", None, "Chính phủ".as_bytes())]].concat();
    let refused = site.post("/tasks/mergers/new", &other).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = refused.text();
    assert!(text.contains("href=\"#field-issuer\"") && text.contains("Ủy ban Thường vụ Quốc hội"));
}

#[tokio::test]
async fn outlines_can_be_sent_alone() {
    let site = site(true).await;
    let square = "{\"type\":\"FeatureCollection\",\"source\":\"Minh họa\",\"features\":[{\"geometry\":{\
                  \"type\":\"Polygon\",\"coordinates\":[[[105,9],[106,9],[106,10],[105,9]]]},\
                  \"properties\":{\"code\":\"31447\"}}]}";
    let with_day = |day: &'static str| {
        [
            ("csrf", None, &b"token"[..]),
            ("files", Some("ve.geojson"), square.as_bytes()),
            ("outlines_on", None, day.as_bytes()),
        ]
    };
    let bad = site.post("/tasks/territory", &with_day("hôm qua")).await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(bad.text().contains("value=\"hôm qua\""), "{}", bad.text());
    // No unit bears the code today.
    let today = site.post("/tasks/territory", &with_day("")).await.text();
    assert!(today.contains("Mọi nội dung trong các tệp đã có sẵn") && today.contains("(bỏ qua)"));
    let text = site.post("/tasks/territory", &with_day("30/06/2025")).await.text();
    assert_eq!(hidden(&text, "outlines_on"), "2025-06-30");
    let confirmed = format!("csrf=token&outlines_on=2025-06-30&files={}", hidden(&text, "files"));
    let done = site.post_values("/tasks/territory/apply", &confirmed).await;
    assert_eq!(done.location, "/tasks/territory?done=yes", "{}", done.text());
    assert!(site.get("/sources").await.text().contains("Minh họa"));
    let list = site.get("/tasks/mergers").await.text();
    let undo = list.split("href=\"").find(|part| part.contains("/undo")).unwrap();
    let undo = site.get(undo.split('"').next().unwrap()).await.text();
    assert!(undo.contains("ve.geojson") && undo.contains("đường ranh giới trước đó được vẽ lại"));
    let again = site.post("/tasks/territory", &with_day("2025-06-30")).await.text();
    assert!(!again.contains("/tasks/territory/apply"), "{again}");
}

#[tokio::test]
async fn hamlets_of_a_divided_unit_are_asked_for() {
    let site = site(true).await;
    let units = "new_code,new_full_name,type,parent_code,from_codes\n\
                 31492,Xã Lương Tâm,xa,92,31492:2/3\n31493,Xã Lương Nghĩa,xa,92,31492:1/3\n";
    let parts = [
        ("csrf", None, &b"token"[..]),
        ("number", None, b"1/NQ-UBTVQH16"),
        ("effective_on", None, b"01/01/2027"),
        ("units", None, units.as_bytes()),
    ];
    let text = site.post("/tasks/mergers/new", &parts).await.text();
    assert!(text.contains("hamlet_code,new_code,note\n31492"), "{text}");
    assert!(!text.contains("name=\"seal\""));
    let table = text.split_once("name=\"children\" rows").unwrap().1.split_once('>').unwrap().1;
    let table = table.split_once("</textarea>").unwrap().0.replace(",,", ",31493,");
    let decided = [&parts[..], &[("children", None, table.as_bytes())]].concat();
    let text = site.post("/tasks/mergers/new", &decided).await.text();
    assert!(text.contains("name=\"seal\""), "{text}");
}

#[tokio::test]
async fn an_import_shows_what_it_would_change_before_it_does() {
    let site = site(true).await;
    let pack = crate::tests::pack();
    let parts: Vec<(&str, Option<&str>, &[u8])> = pack
        .iter()
        .map(|(name, bytes)| ("files", Some(name.as_str()), bytes.as_slice()))
        .chain([("csrf", None, &b"token"[..])])
        .collect();
    let known = site.post("/tasks/territory", &parts).await;
    assert!(!known.text().contains("name=\"files\" value"), "{}", known.text());
    let list = site.get("/tasks/mergers").await.text();
    let undo = list.split("href=\"").find(|part| part.contains("/undo")).unwrap();
    let undo = undo.split('"').next().unwrap().to_owned();
    assert_eq!(site.post_values(&undo, "csrf=token").await.status, StatusCode::SEE_OTHER);
    let text = site.post("/tasks/territory", &parts).await.text();
    let files = hidden(&text, "files");
    let path = "/tasks/territory/apply";
    for wrong in
        [format!("csrf=x&outlines_on=&files={files}"), "csrf=token&outlines_on=&files=x".to_owned()]
    {
        assert_eq!(site.post_values(path, &wrong).await.status, StatusCode::CONFLICT, "{wrong}");
    }
    let done = site.post_values(path, &format!("csrf=token&outlines_on=&files={files}")).await;
    assert_eq!(done.location, "/tasks/territory?done=yes");
    let twice = site.post_values(path, &format!("csrf=token&outlines_on=&files={files}")).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let bad = [("files", Some("changes_2025.csv"), &b"x"[..]), ("csrf", None, b"token")];
    let refused = site.post("/tasks/territory", &bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("units_2025.csv"));
}
