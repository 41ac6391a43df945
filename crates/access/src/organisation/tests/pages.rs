//! The pages through the router: who sees what, forms with their mistakes, and hostile input.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use base::rights::{Act, Rights, Scope};
use store::testing::TestDatabase;
use territory::{Atlas, Level};
use tower::ServiceExt as _;
use web::{Visitor, layers};

use super::super::{AgencyId, form_committees, routes, store as sql};
use super::{DECISION, World, a_post, appointed, day, days};

const CSRF: &str = "token-of-the-session";

struct Program {
    world: World,
    inside: Router,
    outside: Router,
}

impl Program {
    async fn over(database: TestDatabase) -> Self {
        let world = World::over(database).await;
        let options = layers::Options {
            place: "Hậu Giang".to_owned(),
            clock: world.atlas.clock().clone(),
            timeout: std::time::Duration::from_secs(60),
        };
        let make = |visitor: Option<Visitor>| {
            let mut routes = routes::<Atlas>();
            if let Some(visitor) = visitor {
                routes = routes.layer(axum::Extension(visitor));
            }
            layers::around(routes, &options).with_state(world.atlas.clone())
        };
        let (name, csrf) = ("canbo".to_owned(), CSRF.to_owned());
        let mut rights = Rights::NONE;
        for act in Act::ALL {
            rights.grant(*act, Scope::everywhere());
        }
        let purposes = ["contact", "personnel"].map(str::to_owned);
        rights.allow_for(Act::ReadPeople, purposes);
        let inside = make(Some(Visitor { name, csrf, rights: rights.into() }));
        let outside = make(None);
        Self { world, inside, outside }
    }

    async fn get(&self, path: &str) -> (StatusCode, String) {
        answer(&self.inside, Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> (StatusCode, String) {
        let encoded = |(name, value): &(&str, &str)| format!("{name}={}", web::ask::encoded(value));
        let body: Vec<String> = [("csrf", CSRF)].iter().chain(pairs).map(encoded).collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        answer(&self.inside, request).await
    }

    async fn upload(&self, csrf: &str, content: &str) -> (StatusCode, String) {
        let part = |head: &str, body: &str| {
            format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        let body = part("name=\"csrf\"", csrf)
            + &part("name=\"file\"; filename=\"a.csv\"", content)
            + "--b--\r\n";
        let request = Request::post("/tasks/organisation/import")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .unwrap();
        answer(&self.inside, request).await
    }
}

/// The status, and the page or where it leads.
async fn answer(routes: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = routes.clone().oneshot(request).await.unwrap();
    let status = response.status();
    if let Some(location) = response.headers().get(header::LOCATION) {
        return (status, location.to_str().unwrap().to_owned());
    }
    let bytes = to_bytes(response.into_body(), 8 << 20).await.unwrap();
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// A department with a head and a deputy, made by the forms.
async fn a_department(program: &Program) -> String {
    let new = [
        ("name", "Sở Mẫu"),
        ("symbol", "SM"),
        ("kind", "department"),
        ("on", "01/01/2024"),
        ("decision", DECISION),
        ("unit", ""),
        ("parent", ""),
        ("short_name", ""),
    ];
    let (status, place) = program.post("/tasks/organisation/do/new", &new).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{place}");
    let id = place.trim_start_matches("/agencies/").trim_end_matches("?done=yes").to_owned();
    let (status, page) = program.post("/tasks/organisation/do/new", &new).await;
    assert!(status == StatusCode::CONFLICT && page.contains("Sở Mẫu"));
    for (title, leads) in [("Giám đốc Sở", "yes"), ("Phó Giám đốc Sở", "")] {
        let pairs =
            [("title", title), ("leads", leads), ("from", "01/01/2024"), ("decision", DECISION)];
        let (status, page) =
            program.post(&format!("/tasks/organisation/do/add-post/{id}"), &pairs).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    }
    id
}

#[tokio::test]
async fn from_an_empty_database_to_who_signs() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let begin = [("level", "province"), ("on", "01/01/2020"), ("decision", DECISION)];
        for level in ["province", "district", "commune"] {
            let pairs = [("level", level), begin[1], begin[2]];
            let (status, place) = program.post("/tasks/organisation/do/committees", &pairs).await;
            assert_eq!((status, &*place), (StatusCode::SEE_OTHER, "/tasks/organisation?done=yes"));
        }
        let (_, page) = program.get("/agencies?on=2025-06-30").await;
        assert!(
            page.contains("Ủy ban nhân dân tỉnh Hậu Giang")
                && page.contains("?on=2025-06-30&amp;under=")
        );
        let id = a_department(&program).await;
        let agency = id.parse().unwrap();
        let mut tx = program.world.database.read().await.unwrap();
        let posts = sql::posts_of(&mut tx, &[agency]).await.unwrap();
        drop(tx);
        let post = |leads| posts.iter().find(|it| it.leads == leads).unwrap().id.to_string();
        let appoint = format!("/tasks/organisation/do/appoint/{id}");
        for (post, name) in [(post(true), "Nguyễn Văn Mẫu"), (post(false), "Trần Thị Mẫu")]
        {
            let pairs = [
                ("post", &*post),
                ("manner", "appointed"),
                ("from", "01/01/2024"),
                ("to", ""),
                ("decision", DECISION),
                ("name", name),
                ("email", "mau@example.vn"),
                ("person", ""),
            ];
            let (status, page) = program.post(&appoint, &pairs).await;
            assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
            let (status, page) = program.post(&appoint, &pairs).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(page.contains(name) && page.contains("id=\"field-from-error\""));
        }
        delegated(&program, agency, &post(true), &post(false)).await;
        program.world.holds().await;
    }
}

/// The head lets the deputy sign; everybody sees who leads, and those inside the rest.
async fn delegated(program: &Program, agency: AgencyId, head: &str, deputy: &str) {
    let mut tx = program.world.database.read().await.unwrap();
    let chart = sql::chart(&mut tx, &[agency]).await.unwrap();
    drop(tx);
    let head = chart.holdings.values().find(|it| it.post.to_string() == head).unwrap();
    let to = format!("post:{deputy}");
    let pairs = [
        ("form", "kt"),
        ("to", &*to),
        ("subject", "Lĩnh vực mẫu"),
        ("from", "01/02/2024"),
        ("to_day", ""),
        ("decision", DECISION),
    ];
    let delegate = format!("/tasks/organisation/do/delegate/{}", head.id);
    assert_eq!(program.get(&delegate).await.0, StatusCode::OK);
    let (status, page) = program.post(&delegate, &pairs).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let (_, page) = program.get(&format!("/agencies/{agency}?on=2025-01-01")).await;
    assert!(page.contains("KT. GIÁM ĐỐC") && page.contains("PHÓ GIÁM ĐỐC"));
    // How people are reached is shown when it is asked for, and leaves a trace of both of them.
    assert!(!page.contains("mau@example.vn"));
    let traced = async || {
        let mut tx = program.world.database.read().await.unwrap();
        crate::trace::list(&mut tx, &crate::trace::Filter::default(), None, 9).await.unwrap().items
    };
    assert_eq!(traced().await, []);
    // Looking at the page shows nobody, whatever is asked for, and leaves nothing.
    let bare = format!("/agencies/{agency}?purpose=contact");
    let (_, page) = program.get(&bare).await;
    assert!(!page.contains("mau@example.vn"), "{page}");
    assert_eq!(traced().await, []);
    let contacts = format!("/agencies/{agency}/contacts");
    // A purpose that the right was not given for is told at its field, in words.
    let (status, page) = program.post(&contacts, &[("purpose", "curiosity")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = lang::trace::choose_purpose(lang::Lang::Vietnamese);
    assert!(page.contains("field-purpose") && page.contains(said), "{page}");
    assert!(!page.contains("mau@example.vn") && traced().await.is_empty());
    let (status, page) = program.post(&contacts, &[("purpose", "contact")]).await;
    assert!(status == StatusCode::OK && page.contains("mau@example.vn"), "{page}");
    let reads = traced().await;
    assert_eq!((reads.len(), reads[0].shown, &*reads[0].purpose), (1, 2, "contact"));
    let mut people: Vec<String> = chart.people.keys().map(ToString::to_string).collect();
    people.sort_unstable();
    let mut tx = program.world.database.read().await.unwrap();
    for person in people {
        let subjects = Some(vec![person]);
        let filter = crate::trace::Filter { subjects, ..Default::default() };
        let found = crate::trace::list(&mut tx, &filter, None, 9).await.unwrap();
        assert_eq!(found.items.len(), 1, "whoever was looked at finds it");
    }
    drop(tx);
    let (status, page) =
        answer(&program.outside, Request::post(contacts).body(Body::empty()).unwrap()).await;
    assert!(status == StatusCode::UNAUTHORIZED && !page.contains("mau@example.vn"));
    assert_eq!(traced().await.len(), 1, "a stranger sees nothing and leaves nothing");
    // Everybody sees who leads, and nobody else's name, nor how to reach anybody.
    let request =
        Request::get(format!("/agencies/{agency}?on=2025-01-01")).body(Body::empty()).unwrap();
    let (status, page) = answer(&program.outside, request).await;
    assert!(status == StatusCode::OK && page.contains("Nguyễn Văn Mẫu"));
    assert!(!page.contains("Trần Thị Mẫu") && !page.contains("mau@example.vn"));
    assert!(!page.contains("/tasks/organisation/do"));
}

#[tokio::test]
async fn every_page_opens_in_three_languages_and_strangers_only_see_the_public_ones() {
    let program = Program::over(TestDatabase::sqlite().await).await;
    let territory = program.world.territory().await;
    let cx = program.world.cx(&territory);
    let mut tx = program.world.database.write().await.unwrap();
    let old = (day("2020-01-01"), DECISION, true);
    for level in [Level::Province, Level::District, Level::Commune] {
        form_committees(&mut tx, cx, level, old).await.unwrap();
    }
    let agency = *sql::agencies(&mut tx).await.unwrap().keys().next().unwrap();
    let post =
        a_post(&mut tx, cx, (agency, "Chủ tịch UBND tỉnh", "2020-01-01"), true).await.unwrap();
    let holding =
        appointed(&mut tx, cx, (post, "Nguyễn Văn Mẫu"), days("2020-01-01", "")).await.unwrap();
    let person = sql::chart(&mut tx, &[agency]).await.unwrap().holdings[&holding].person;
    tx.commit().await.unwrap();
    let unit = territory.under(None, day("2025-07-01"), Level::Commune)[0].unit;
    let work = "/tasks/organisation";
    let public = [
        "/agencies".to_owned(),
        "/agencies?on=2025-06-30".to_owned(),
        format!("/agencies/{agency}"),
    ];
    let inside = [
        work.to_owned(),
        format!("{work}/completeness?on=2025-06-30"),
        format!("{work}/import"),
        format!("{work}/import/template.csv"),
        format!("{work}/import/template.xlsx"),
        format!("{work}/merger"),
        format!("{work}/merger?unit={unit}"),
        format!("{work}/do/new"),
        format!("{work}/do/committees"),
        format!("{work}/do/merge"),
        format!("{work}/do/change/{agency}"),
        format!("{work}/do/end/{agency}"),
        format!("{work}/do/add-post/{agency}"),
        format!("{work}/do/appoint/{agency}"),
        format!("{work}/do/end-holding/{holding}"),
        format!("{work}/do/delegate/{holding}"),
        format!("{work}/do/account/{person}"),
    ];
    for (path, is_public) in
        public.iter().map(|it| (it, true)).chain(inside.iter().map(|it| (it, false)))
    {
        for lang in ["vi", "en", "km"] {
            let path = web::ask::link_with(path, "lang", lang);
            let (status, page) = program.get(&path).await;
            // The choice of a language may be kept by a redirection.
            assert!(
                status == StatusCode::OK || status == StatusCode::SEE_OTHER,
                "{path} {status} {page:.200}"
            );
            if status == StatusCode::OK && !path.contains("template") {
                assert_eq!(page.matches("<h1").count(), 1, "{path}");
                let ids: Vec<&str> =
                    page.split(" id=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
                let mut unique = ids.clone();
                unique.sort_unstable();
                unique.dedup();
                assert_eq!(unique.len(), ids.len(), "{path}: an id stands twice");
            }
        }
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (status, place) = answer(&program.outside, request).await;
        match is_public {
            true => assert_eq!(status, StatusCode::OK, "{path}"),
            false => assert!(place.starts_with("/sign-in?next="), "{path} {status}"),
        }
    }
}

#[tokio::test]
async fn what_strangers_and_attackers_send_changes_nothing() {
    let program = Program::over(TestDatabase::sqlite().await).await;
    let new = [
        ("name", "<script>alert(1)</script>"),
        ("symbol", "SM"),
        ("kind", "department"),
        ("on", "01/01/2024"),
        ("decision", "<img src=x>"),
        ("unit", ""),
        ("parent", ""),
    ];
    let (_, place) = program.post("/tasks/organisation/do/new", &new).await;
    let (_, page) = program.get(&place).await;
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script") && !page.contains("<img"));
    for (path, status) in [
        ("/agencies/x", StatusCode::NOT_FOUND),
        ("/agencies/01a203df-1000-7000-8000-000000000001", StatusCode::NOT_FOUND),
        ("/agencies?under=x", StatusCode::NOT_FOUND),
        ("/agencies?on=x", StatusCode::UNPROCESSABLE_ENTITY),
        ("/agencies?cursor=x", StatusCode::UNPROCESSABLE_ENTITY),
        ("/agencies?cursor=InR4dCI", StatusCode::UNPROCESSABLE_ENTITY),
        ("/tasks/organisation/do/x", StatusCode::NOT_FOUND),
        ("/tasks/organisation/do/appoint/x", StatusCode::NOT_FOUND),
        (
            "/tasks/organisation/do/appoint/01a203df-1000-7000-8000-000000000001",
            StatusCode::NOT_FOUND,
        ),
        ("/tasks/organisation/do/new/01a203df-1000-7000-8000-000000000001", StatusCode::NOT_FOUND),
        ("/tasks/organisation/merger?unit=x", StatusCode::NOT_FOUND),
        ("/tasks/organisation/merger?unit=999999", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(program.get(path).await.0, status, "{path}");
    }
    let sent = |pairs| program.post("/tasks/organisation/do/new", pairs);
    for (pairs, field) in [
        (&[("name", "Sở")][..], "on"),
        (&[("name", "Sở"), ("on", "01/01/2024")], "kind"),
        (&[("on", "01/01/2024"), ("kind", "board"), ("symbol", "a b"), ("decision", "x")], "name"),
        (&[("name", "Sở"), ("on", "01/01/2024"), ("kind", "board"), ("unit", "99999")], "unit"),
        (
            &[("name", "Sở"), ("on", "01/01/2024"), ("kind", "board"), ("parent", "' or 1=1")],
            "parent",
        ),
    ] {
        let (status, page) = sent(pairs).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{pairs:?}");
        assert!(page.contains(&format!("id=\"field-{field}-error\"")), "{pairs:?}");
    }
    // Without the token of the session nothing is written.
    let request = Request::post("/tasks/organisation/do/new")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("csrf=wrong&name=x"))
        .unwrap();
    assert_eq!(answer(&program.inside, request).await.0, StatusCode::CONFLICT);
    assert_eq!(program.upload("wrong", "a").await.0, StatusCode::CONFLICT);
    let mut tx = program.world.database.read().await.unwrap();
    assert_eq!(sql::agencies(&mut tx).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_is_shown_first_and_then_written_once() {
    for database in TestDatabase::each().await {
        let program = Program::over(database).await;
        let new = [
            ("name", "Sở Mẫu"),
            ("symbol", "SM"),
            ("kind", "department"),
            ("on", "01/01/2024"),
            ("decision", DECISION),
        ];
        program.post("/tasks/organisation/do/new", &new).await;
        let head = "Cơ quan;Chức vụ;Họ và tên;Từ ngày;Quyết định\n";
        let (status, page) = program
            .upload(CSRF, &format!("{head}SM;Giám đốc;Nguyễn Văn Mẫu;ngày mai;1/QĐ\n"))
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.contains("Dòng 2") && page.contains("Từ ngày"), "{page}");
        let (status, page) = program
            .upload(CSRF, &format!("{head}SM;Giám đốc;Nguyễn Văn Mẫu;01/01/2024;1/QĐ\n"))
            .await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let file = page.split("name=\"file\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let apply = "/tasks/organisation/import/apply";
        let (status, place) = program.post(apply, &[("file", file)]).await;
        assert_eq!((status, &*place), (StatusCode::SEE_OTHER, "/tasks/organisation/import?done=1"));
        assert_eq!(program.post(apply, &[("file", file)]).await.0, StatusCode::CONFLICT);
        let (_, page) = program.get("/agencies").await;
        assert!(page.contains("Nguyễn Văn Mẫu"));
        program.world.holds().await;
    }
}
