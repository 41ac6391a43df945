//! The edge as a whole: requests go through the layers, and answers come back in words.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::routing::{get, post};
use base::{Clock, Error, Moment};
use maud::html;
use serde::Deserialize;
use tower::ServiceExt as _;

use crate::{
    ApiError, ApiResult, Asked, Form, Frame, Json, PageResult, Path, Query, Section, Visitor,
    assets, layers, layout,
};

#[derive(Deserialize)]
struct Wish {
    count: u8,
}

async fn page(asked: Asked) -> PageResult {
    let frame = Frame::new(&asked, Section::Units, "Xã");
    Ok(layout(&frame, html! { h1 { "Xã" } p { (asked.lang.tag()) } }))
}

async fn refused() -> PageResult {
    Err(Error::refused("unit.merged", |_| "<b>Đơn vị đã sáp nhập.</b>"))?
}

async fn forbidden() -> axum::response::Response {
    use axum::response::IntoResponse as _;
    let mut response = StatusCode::FORBIDDEN.into_response();
    response.extensions_mut().insert(Visitor {
        name: "Cán bộ A".into(),
        csrf: "t".into(),
        rights: std::sync::Arc::default(),
    });
    response
}

async fn api_fault() -> ApiResult<Json<u8>> {
    Err(ApiError(Error::internal("disk sector 7")))
}

fn app() -> Router {
    let routes = Router::new()
        .route("/page", get(page))
        .route("/refused", get(refused))
        .route("/forbidden", get(forbidden))
        .route("/query", get(|Query(wish): Query<Wish>| async move { wish.count.to_string() }))
        .route("/form", post(|Form(wish): Form<Wish>| async move { wish.count.to_string() }))
        .route("/path/{count}", get(|Path(count): Path<u8>| async move { count.to_string() }))
        .route("/panic", get(|| async { panic!("secret") as &'static str }))
        .route(
            "/csv",
            get(|headers: HeaderMap| async move {
                crate::export::tagged(&headers, "text/csv; charset=utf-8", "a;b\n".repeat(99))
            }),
        )
        .route("/slow", get(std::future::pending::<String>))
        .route("/drops", get(|| crate::ask::in_time(std::future::pending::<()>())))
        .route("/api/v1/query", get(|Query(wish): Query<Wish>| async move { Json(wish.count) }))
        .route("/api/v1/json", post(|Json(wish): Json<Wish>| async move { Json(wish.count) }))
        .route("/api/v1/fault", get(api_fault))
        .merge(assets::routes());
    layers::around(
        routes,
        &layers::Options {
            place: "Thành phố Cần Thơ".to_owned(),
            clock: Clock::fixed(Moment(1_795_000_000_000_000)),
            timeout: Duration::from_secs(60),
        },
    )
}

async fn ask(request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let response = app().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

fn get_of(path: &str) -> axum::http::request::Builder {
    Request::get(path)
}

async fn got(path: &str) -> (StatusCode, HeaderMap, String) {
    ask(get_of(path).body(Body::empty()).unwrap()).await
}

#[tokio::test(start_paused = true)]
async fn the_language_comes_from_query_then_cookie_then_browser() {
    for (path, cookie, accept, expected) in [
        ("/page", "", "", "vi"),
        ("/page", "", "fr, km;q=0.5", "km"),
        ("/page", "", "en-GB, en;q=0.5", "vi"),
        ("/page", "a=b; lang=km", "en", "km"),
        ("/page?lang=en", "lang=km", "vi", "en"),
        ("/page?q=1&lang=xx", "lang=km", "vi", "km"),
    ] {
        let request = get_of(path).header("cookie", cookie).header("accept-language", accept);
        let (_, headers, text) = ask(request.body(Body::empty()).unwrap()).await;
        assert!(text.contains(&format!("<html lang=\"{expected}\">")), "{path} {cookie} {accept}");
        let cookie = headers.get(header::SET_COOKIE).map(|value| value.to_str().unwrap());
        let wished = cookie.is_some_and(|cookie| cookie.starts_with("lang=en; Path=/"));
        assert_eq!(wished, path.contains("lang=en"), "{cookie:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_answer_carries_the_security_headers_and_its_number() {
    for path in ["/page", "/nowhere", "/panic", "/api/v1/fault", assets::stylesheet()] {
        let (_, headers, _) = got(path).await;
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self';"), "{path}");
        for name in ["x-content-type-options", "referrer-policy", "permissions-policy"] {
            assert!(headers.contains_key(name), "{path} lacks {name}");
        }
        assert_eq!(headers["x-request-id"].len(), 36, "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_of_pages_are_pages() {
    for (path, status, part) in [
        ("/nowhere", 404, "Không có trang ở địa chỉ này"),
        ("/path/x", 404, "Không có trang ở địa chỉ này"),
        // The names that programs have for fields are not shown to people.
        ("/query?count=x", 422, "<p>Giá trị này không đọc được"),
        ("/query", 422, "<p>Giá trị này không đọc được"),
        ("/refused", 409, "&lt;b&gt;Đơn vị đã sáp nhập."),
        ("/forbidden", 403, "Cán bộ A"),
        ("/panic", 500, "Hệ thống gặp lỗi"),
        ("/slow", 503, "kéo dài quá lâu nên đã bị dừng"),
        ("/drops", 408, "đến quá chậm"),
        ("/path/%00", 404, "Không có trang ở địa chỉ này"),
        ("/query?count=%00", 422, "<p>Ở đây có ký tự rỗng"),
    ] {
        let (got_status, headers, text) = got(path).await;
        assert_eq!(got_status, status, "{path}");
        assert!(text.contains(part) && text.contains("Thành phố Cần Thơ"), "{path}: {text}");
        assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        assert!(!text.contains("secret"));
    }
}

#[tokio::test(start_paused = true)]
async fn who_looks_where_only_forms_go_is_led_to_the_page_above() {
    for (path, above) in [("/form", "/"), ("/form?lang=en", "/?lang=en")] {
        let (status, headers, _) = got(path).await;
        assert_eq!((status.as_u16(), &headers[header::LOCATION]), (303, &above.parse().unwrap()));
    }
    let (status, headers, text) = ask(Request::put("/form").body(Body::empty()).unwrap()).await;
    assert_eq!((status.as_u16(), &headers[header::ALLOW]), (405, &"POST".parse().unwrap()));
    assert!(text.contains("không hỗ trợ phương thức gửi này"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_form_is_read_or_answered_in_words() {
    let form = |body: String| {
        Request::post("/form")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(ask(form("count=7".to_owned())).await.2, "7");
    for (body, status) in [
        ("count=300".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        ("count=7&name=a%00b".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        ("count=7&name=a\0b".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        (format!("count={}", "1".repeat(2 << 20)), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let (got, _, text) = ask(form(body)).await;
        assert_eq!(got, status);
        assert!(text.starts_with("<!DOCTYPE html>"), "{text}");
    }
    let other = Request::post("/form").header("content-type", "text/plain");
    let (status, _, text) = ask(other.body(Body::from("count=7")).unwrap()).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(text.contains("không hỗ trợ loại nội dung đó"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_api_are_problem_details() {
    let json = || Request::post("/api/v1/json").header("content-type", "application/json");
    let deep = "[".repeat(100_000);
    let large = " ".repeat(2 << 20);
    for (request, status, code, place) in [
        (get_of("/api/v1/query?count=x").body(Body::empty()), 422, "invalid", Some("count")),
        (json().body(Body::from("{\"count\": -1}")), 422, "invalid", Some("body")),
        (
            json().body(Body::from("{\"count\": 1, \"a\": \"\\u0000\"}")),
            422,
            "invalid",
            Some("body"),
        ),
        (json().body(Body::from(deep)), 422, "invalid", Some("body")),
        (json().body(Body::from(large)), 413, "too_large", None),
        (Request::post("/api/v1/json").body(Body::from("{}")), 415, "unsupported_media_type", None),
        (get_of("/api/v1/fault").body(Body::empty()), 500, "internal", None),
        (get_of("/api/v1/nowhere").body(Body::empty()), 404, "not_found", None),
        (get_of("/api/v1/json").body(Body::empty()), 405, "method_not_allowed", None),
    ] {
        let mut request = request.unwrap();
        request.headers_mut().insert("accept-language", "en".parse().unwrap());
        let (got, headers, text) = ask(request).await;
        assert_eq!(got, status, "{text}");
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(headers[header::CONTENT_LANGUAGE], "en");
        let problem: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code);
        assert_eq!(problem["type"], format!("/api/v1/docs#problem-{code}"));
        assert_eq!(problem["errors"][0]["place"].as_str(), place);
        assert_eq!(problem["request_id"], headers["x-request-id"].to_str().unwrap());
        assert!(!text.contains("sector"), "the inside stays inside");
    }
}

#[tokio::test(start_paused = true)]
async fn letters_that_look_like_a_zero_byte_are_read() {
    for text in ["\\\\u0000", "u0000", "\\\\\\\\u0000"] {
        let body = format!("{{\"count\": 7, \"a\": \"{text}\"}}");
        let request = Request::post("/api/v1/json").header("content-type", "application/json");
        assert_eq!(ask(request.body(Body::from(body)).unwrap()).await.2, "7", "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn assets_are_kept_for_ever_and_only_under_their_digest() {
    let (status, headers, text) = got(assets::stylesheet()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
    assert!(text.len() < 20_000, "the stylesheet weighs {} bytes", text.len());
    assert_eq!(got("/assets/sogoc.css").await.0, StatusCode::NOT_FOUND);
    assert_eq!(got(assets::icon()).await.1[header::CONTENT_TYPE], "image/svg+xml");
}

#[tokio::test(start_paused = true)]
async fn answers_are_compressed_for_those_who_can_read_it() {
    let request = get_of("/page").header("accept-encoding", "gzip, br").body(Body::empty());
    let response = app().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
    let varies: Vec<&str> =
        response.headers().get_all(header::VARY).iter().filter_map(|v| v.to_str().ok()).collect();
    assert!(varies.contains(&"accept-encoding") && varies.contains(&"cookie, accept-language"));
}

#[tokio::test(start_paused = true)]
async fn a_tag_is_weak_on_compressed_bytes_and_known_again_in_both_forms() {
    for (encoding, weak) in [("identity", false), ("gzip", true)] {
        let request = || get_of("/csv").header("accept-encoding", encoding);
        let first = app().oneshot(request().body(Body::empty()).unwrap()).await.unwrap();
        let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
        assert_eq!(tag.starts_with("W/"), weak, "{encoding}");
        let again = request().header("if-none-match", tag).body(Body::empty()).unwrap();
        let again = app().oneshot(again).await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{encoding}");
    }
}

#[test]
fn a_link_keeps_the_query_and_never_leaves_the_server() {
    use crate::ask::link_with;
    for (path, expected) in [
        ("/units", "/units?lang=en"),
        ("/units?q=vi+thuy&lang=vi&day=2025-07-01", "/units?q=vi+thuy&day=2025-07-01&lang=en"),
        ("/units?language=x", "/units?language=x&lang=en"),
        ("//evil.example/x?a=1", "/evil.example/x?a=1&lang=en"),
        ("/\\evil.example", "/evil.example?lang=en"),
        ("https://evil.example", "/https://evil.example?lang=en"),
    ] {
        assert_eq!(link_with(path, "lang", "en"), expected);
    }
}

proptest::proptest! {
    #[test]
    fn a_link_stays_on_this_server_and_gives_back_its_value(path in ".*", value in ".*") {
        let link = crate::ask::link_with(&path, "day", &value);
        proptest::prop_assert!(link.starts_with('/') && !link.starts_with("//"));
        proptest::prop_assert!(!link.starts_with("/\\"));
        let ending = format!("day={}", crate::ask::encoded(&value));
        proptest::prop_assert!(link.ends_with(&ending));
        proptest::prop_assert_eq!(crate::ask::link_with(&link, "day", &value), link);
    }
}
