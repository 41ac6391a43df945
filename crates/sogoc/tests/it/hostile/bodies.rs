//! Bodies that are too large, of another type, too deep, or no text at all.

use std::io::{BufRead as _, Write as _};

use serde_json::{Value, json};

use super::each;
use crate::person::Person;
use crate::program::{LOGIN, Server, agent, packs};

/// Sends bytes to the API; gives status and code of the problem.
fn send(server: &Server, media_type: Option<&str>, body: &[u8]) -> (u16, Value) {
    let mut request =
        agent().post(server.url("/api/v1/observations")).header("authorization", LOGIN);
    if let Some(media_type) = media_type {
        request = request.header("content-type", media_type);
    }
    let mut response = request.send(body).unwrap();
    let problem: Value = response.body_mut().read_json().unwrap_or_default();
    (response.status().as_u16(), problem)
}

/// The answer to one who says that a gigabyte is to come: it is not waited for.
fn refused_length(server: &Server, path: &str) -> String {
    let address = server.url("").replace("http://", "");
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    let media_type = match path {
        "/converter/table" => "multipart/form-data; boundary=b",
        "/sign-in" => "application/x-www-form-urlencoded",
        _ => "application/json",
    };
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {LOGIN}\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n--b\r\n",
        1 << 30
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    std::io::BufReader::new(stream).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}

#[tokio::test]
async fn bodies_of_every_kind_are_refused_by_the_api() {
    each(|server, _| {
        let json = Some("application/json");
        let count = |fields: Value| {
            let mut count = json!({"unit": "3131801", "measure": "households",
                "day": "2020-01-01", "value": 1, "source": "x"});
            for (name, value) in fields.as_object().unwrap() {
                count[name] = value.clone();
            }
            json!({"items": [count]}).to_string()
        };
        let many = json!({"items": vec![json!({}); 100_000]}).to_string();
        for (name, media_type, body, status, code) in [
            ("nothing", json, String::new(), 422, "invalid"),
            ("no JSON", json, "{\"items\": [".to_owned(), 422, "invalid"),
            ("deep", json, "[".repeat(500_000), 422, "invalid"),
            (
                "deep in a field",
                json,
                format!("{{\"items\": {}", "[".repeat(90_000)),
                422,
                "invalid",
            ),
            ("too many", json, many, 422, "invalid"),
            ("another type", Some("text/plain"), "{}".to_owned(), 415, "unsupported_media_type"),
            (
                "a form",
                Some("application/x-www-form-urlencoded"),
                "a=b".to_owned(),
                415,
                "unsupported_media_type",
            ),
            ("no type", None, "{}".to_owned(), 415, "unsupported_media_type"),
            ("zero byte", json, count(json!({"source": "a\0b"})), 422, "invalid"),
            ("zero byte in a code", json, count(json!({"unit": "31\0"})), 422, "invalid"),
            ("a number that no sum holds", json, count(json!({"value": i64::MAX})), 422, "invalid"),
            ("a number beyond all", json, count(json!({"value": 1e300})), 422, "invalid"),
            ("a day beyond all", json, count(json!({"day": "99999-01-01"})), 422, "invalid"),
            (
                "a text beyond all",
                json,
                count(json!({"source": "x".repeat(900_000)})),
                422,
                "invalid",
            ),
        ] {
            let (got, problem) = send(server, media_type, body.as_bytes());
            assert_eq!((got, &problem["code"]), (status, &json!(code)), "{name}: {problem}");
            assert!(!problem["detail"].as_str().unwrap().is_empty(), "{name}: {problem}");
        }
        for path in ["/api/v1/observations", "/converter/table", "/sign-in"] {
            assert_eq!(refused_length(server, path), "HTTP/1.1 413 Payload Too Large", "{path}");
        }
        let (status, problem) = send(server, json, b"{\"items\": [{\"source\": \"\xff\xfe\"}]}");
        assert_eq!(status, 422, "{problem}");
    })
    .await;
}

#[tokio::test]
async fn zero_bytes_in_addresses_and_sign_in_are_no_fault_of_the_program() {
    each(|server, _| {
        for path in ["/observations/%00", "/units/%00", "/entries/%00", "/figures/%00/%00/%00"] {
            assert_eq!(server.page(path).0, 404, "{path}");
        }
        for path in ["/api/v1/observations/%00", "/api/v1/units/%00"] {
            assert_eq!(server.get(path).0, 404, "{path}");
        }
        assert_eq!(server.get("/api/v1/units?q=%00").0, 422);
        let stranger = Person::stranger(server);
        let form = stranger.values("/sign-in", &[("name", "a\0"), ("password", "b")]);
        assert_eq!(form.send().unwrap().status, 422);
        // "a\0b:cccccccccc"
        let login = "Basic YQBiOmNjY2NjY2NjY2M=";
        let response = agent().get(server.url("/api/v1/units")).header("authorization", login);
        let status = response.call().unwrap().status().as_u16();
        assert!((400..500).contains(&status), "{status}");
    })
    .await;
}

#[tokio::test]
async fn forms_of_every_kind_are_refused_by_the_pages() {
    each(|server, _| {
        let officer = Person::sign_in(server);
        let path = "/tasks/observations/import";
        let csrf = officer.csrf(path);
        let fields: Vec<(String, String)> =
            (0..200).map(|at| (format!("field{at}"), String::new())).collect();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(officer.files(path, &fields, &[]).send().unwrap().status, 413);
        assert_eq!(officer.values(path, &[("csrf", &csrf)]).send().unwrap().status, 415);
        let apply = "/tasks/observations/import/apply";
        for (fields, status) in [
            (vec![("csrf", &*csrf)], 422),
            (vec![("csrf", &*csrf), ("file", "' or 1 = 1 --")], 409),
            (vec![("csrf", &*csrf), ("file", "\0")], 422),
            (vec![("csrf", "x"), ("file", "x")], 409),
            (vec![("file", "x")], 409),
        ] {
            assert_eq!(officer.values(apply, &fields).send().unwrap().status, status, "{fields:?}");
        }
    })
    .await;
}

/// The lists of the pack, with one of them changed.
fn lists(changed: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let folder = packs().join("territory-hau-giang");
    let mut lists = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".csv") || name == "acts.toml" || name.contains(changed) {
            let bytes = std::fs::read(&path).unwrap();
            let bytes = if name.contains(changed) { change(bytes) } else { bytes };
            lists.push((name, bytes));
        }
    }
    lists
}

#[tokio::test]
async fn lists_of_units_that_are_broken_are_refused_at_their_line() {
    each(|server, _| {
        let officer = Person::sign_in(server);
        let path = "/tasks/territory";
        let csrf = officer.csrf(path);
        let deep = |mark: &str| mark.repeat(200_000).into_bytes();
        for (name, files, place) in [
            (
                "deep TOML",
                lists("acts.toml", |_| [b"a = ".to_vec(), deep("[")].concat()),
                "acts.toml:1",
            ),
            ("deep JSON", lists("outlines_2025", |_| deep("[")), ".geojson:1"),
            (
                "deep coordinates",
                lists("outlines_2025", |_| {
                    let begin = "{\"type\":\"FeatureCollection\",\"features\":[{\"geometry\":\
                    {\"type\":\"Polygon\",\"coordinates\":";
                    [begin.as_bytes(), &deep("[")].concat()
                }),
                ".geojson:1",
            ),
            (
                "UTF-16",
                lists("units_2025.csv", |_| b"\xff\xfec\0o\0d\0e\0".to_vec()),
                "units_2025.csv",
            ),
            (
                "cut off",
                lists("changes_2025.csv", |bytes| bytes[..bytes.len() / 2].to_vec()),
                ".csv",
            ),
            (
                "open quote",
                lists("units_2025.csv", |bytes| {
                    let text = String::from_utf8(bytes).unwrap();
                    let (first, rest) = text.split_once('\n').unwrap();
                    format!("{first}\n\"{rest}").into_bytes()
                }),
                "units_2025.csv:2",
            ),
            (
                "a name that leads out",
                vec![("../../acts.toml".to_owned(), b"x".to_vec())],
                "changes",
            ),
        ] {
            let files: Vec<(&str, &str, &[u8])> =
                files.iter().map(|(name, bytes)| ("files", &**name, &**bytes)).collect();
            let page = officer.files(path, &[("csrf", &csrf)], &files).send().unwrap();
            assert_eq!(page.status, 422, "{name}: {}", page.text());
            assert!(page.text().contains(place), "{name}: {}", page.text());
        }
    })
    .await;
}
