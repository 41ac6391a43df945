//! Every page over HTTP, in each language, and the way of an order from its form to its undoing.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use base::{Clock, Moment};
use lang::Lang;
use store::testing::TestDatabase;
use tower::ServiceExt as _;
use web::Visitor;
use web::layers::{Options, around};

use crate::{Atlas, import_lists};

struct Site {
    routes: Router,
    _database: TestDatabase,
}

struct Answer {
    status: StatusCode,
    location: String,
    media_type: String,
    bytes: Vec<u8>,
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }
}

async fn site(signed_in: bool) -> Site {
    let database = TestDatabase::sqlite().await;
    let clock = Clock::fixed("2026-11-22T01:00:00Z".parse::<Moment>().unwrap());
    let mut tx = database.write().await.unwrap();
    import_lists(&mut tx, &clock, "tester", &crate::tests::pack()).await.unwrap();
    tx.commit().await.unwrap();
    let atlas = Atlas::new(database.database.clone(), clock.clone());
    let mut routes = super::routes::<Atlas>();
    if signed_in {
        let visitor = Visitor { name: "an".to_owned(), csrf: "token".to_owned() };
        routes = routes.layer(axum::Extension(visitor));
    }
    let timeout = std::time::Duration::from_secs(60);
    let options = Options { place: "Hậu Giang".to_owned(), clock, timeout };
    Site { routes: around(routes, &options).with_state(atlas), _database: database }
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

    async fn get(&self, path: &str) -> Answer {
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
        }
    }
}

#[tokio::test]
async fn the_tree_and_the_search_tell_units_and_days_apart() {
    let site = site(false).await;
    for (path, has, has_not) in [
        ("/units?on=2025-06-30", "Tỉnh Hậu Giang", "Phường Vị Thanh"),
        ("/units?on=2025-07-01", "/units/31321?on=2025-07-01", "Tỉnh Hậu Giang"),
        ("/units?on=2025-06-30&under=93", "/units/31447?on=2025-06-30", "/units/31441?on=2025-07"),
        ("/units?q=vi+thuy", "/units/31447?on=2025-06-30", "<script"),
        ("/units?q=%3Cscript%3E", "&lt;script&gt;", "<script>"),
    ] {
        let text = site.get(path).await.text();
        assert!(text.contains(has), "{path}: no {has}\n{text}");
        assert!(!text.contains(has_not), "{path}: {has_not}");
    }
    assert_eq!(site.get("/units?on=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.get("/units?under=99999").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/units?cursor=x").await.status, StatusCode::UNPROCESSABLE_ENTITY);
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
    let large = vec![b'a'; 6 << 20];
    let answer = site.post("/converter/table", &[("file", Some("a.csv"), &large)]).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
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
    let answer = site.post_values("/tasks/territory/apply", "files=a&seal=b").await;
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
    assert!(!known.text().contains("name=\"seal\""), "{}", known.text());
    let list = site.get("/tasks/mergers").await.text();
    let undo = list.split("href=\"").find(|part| part.contains("/undo")).unwrap();
    let undo = undo.split('"').next().unwrap().to_owned();
    assert_eq!(site.post_values(&undo, "csrf=token").await.status, StatusCode::SEE_OTHER);
    let text = site.post("/tasks/territory", &parts).await.text();
    let (files, seal) = (hidden(&text, "files"), hidden(&text, "seal"));
    let path = "/tasks/territory/apply";
    let wrong = site.post_values(path, &format!("csrf=token&files={files}&seal=x")).await;
    assert_eq!(wrong.status, StatusCode::CONFLICT);
    let done = site.post_values(path, &format!("csrf=token&files={files}&seal={seal}")).await;
    assert_eq!(done.location, "/tasks/territory?done=yes");
    let twice = site.post_values(path, &format!("csrf=token&files={files}&seal={seal}")).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
    let bad = [("files", Some("changes_2025.csv"), &b"x"[..]), ("csrf", None, b"token")];
    let refused = site.post("/tasks/territory", &bad).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("units_2025_before_merger.csv"));
}
