//! Names that look like SQL or HTML, and files whose names lead elsewhere.

use serde_json::json;

use super::each;
use crate::person::Person;

const TEXTS: [&str; 6] = [
    "'; drop table observations; --",
    "\" or 1 = 1 --",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "${7*7}{{7*7}}%s%n",
    "\u{202e}txt.exe \u{2066}x",
];

#[tokio::test]
async fn texts_that_look_like_programs_are_kept_and_shown_as_text() {
    each(|server, _| {
        let officer = Person::sign_in(server);
        for (at, text) in TEXTS.iter().enumerate() {
            let count = json!({"unit": "3131801", "measure": "households",
                "day": format!("2020-01-{:02}", at + 1), "value": at, "source": text});
            let sent = json!({"items": [count]});
            let (status, body) = server.post("/api/v1/observations", &sent).unwrap();
            assert_eq!(status, 201, "{text}: {body}");
            let id = body["ids"][0].as_str().unwrap();
            let (_, found) = officer.api(&format!("/api/v1/observations/{id}"));
            let kept = base::text::clean(text);
            assert!(found.to_string().contains(&json!(kept).to_string()), "{text}: {found}");
            let encoded = web::ask::encoded(text);
            for path in [
                format!("/observations/{id}"),
                format!("/units?q={encoded}"),
                format!("/converter?address={encoded}"),
                format!("/tasks/observations/new?source={encoded}&unit={encoded}"),
                format!("/units/{encoded}"),
                format!("/indicators/{encoded}"),
                format!("/nowhere?q={encoded}"),
                format!("/sign-in?next={encoded}"),
            ] {
                let page = officer.get(&path);
                let shown = page.text();
                assert!(page.status < 500, "{path}: {}", page.status);
                assert!(
                    !shown.contains("<script>alert") && !shown.contains("<img src=x"),
                    "{path}"
                );
            }
        }
        assert_eq!(server.get("/api/v1/figures?indicator=households&periods=2020-Q1").0, 200);
    })
    .await;
}

#[tokio::test]
async fn evidence_comes_back_as_a_file_whatever_its_name_and_type() {
    each(|server, _| {
        let officer = Person::sign_in(server);
        let path = "/tasks/observations/new";
        let csrf = officer.csrf(path);
        for (at, (name, expected)) in [
            ("../../../etc/passwd.txt", "passwd.txt"),
            ("..\\..\\so.csv", "so.csv"),
            ("so.fdp\u{202e}.csv", "so.fdp.csv"),
            ("sổ hộ (bản sao).txt", "s%E1%BB%95%20h%E1%BB%99%20%28b%E1%BA%A3n%20sao%29.txt"),
            ("a;filename=evil.html.txt", "a%3Bfilename%3Devil.html.txt"),
            ("<svg onload=alert(1)>.txt", "%3Csvg%20onload%3Dalert%281%29%3E.txt"),
            (&*("x".repeat(5000) + ".txt"), &*("x".repeat(116) + ".txt")),
        ]
        .into_iter()
        .enumerate()
        {
            let day = format!("{:02}/02/2020", at + 1);
            let fields = [
                ("csrf", &*csrf),
                ("measure", "households"),
                ("when", &day),
                ("unit", "3131801"),
                ("value", "7"),
                ("source", "test"),
            ];
            let content = format!("<script>alert({at})</script>");
            let file = [("evidence", name, content.as_bytes())];
            let page = officer.files(path, &fields, &file).send().unwrap();
            assert_eq!(page.status, 303, "{name}: {}", page.text());
            let observation = page.location.split('?').next().unwrap().to_owned();
            let file = officer.get(&format!("{observation}/evidence"));
            assert_eq!((file.status, file.text()), (200, content), "{name}");
            let head = |name: &str| file.headers[name].to_str().unwrap().to_owned();
            let disposition = format!("attachment; filename*=UTF-8''{expected}");
            assert_eq!(head("content-disposition"), disposition, "{name:.100}");
            let ending = if expected.ends_with(".csv") { "csv" } else { "plain" };
            assert_eq!(head("content-type"), format!("text/{ending}; charset=utf-8"));
            assert_eq!(head("x-content-type-options"), "nosniff");
            assert_eq!(head("content-security-policy"), "default-src 'none'; sandbox");
            assert!(!officer.get(&observation).text().contains("<svg onload"));
        }
    })
    .await;
}

#[tokio::test]
async fn names_of_files_add_no_header() {
    each(|server, _| {
        let officer = Person::sign_in(server);
        let path = "/tasks/observations/new";
        let csrf = officer.csrf(path);
        let fields = [
            ("csrf", &*csrf),
            ("measure", "households"),
            ("when", "01/03/2020"),
            ("unit", "3131801"),
            ("value", "7"),
            ("source", "test"),
        ];
        for name in ["a\r\nX-Evil: 1.txt", "a\nX-Evil: 1.txt", "a\"\r\nX-Evil: 1.txt", "a\0b.txt"] {
            let file = [("evidence", name, &b"x"[..])];
            let page = officer.files(path, &fields, &file).send().unwrap();
            // Not to be read as a form at all, or the name without what ends a line.
            assert!([303, 409, 422].contains(&page.status), "{name:?}: {}", page.status);
            if page.status == 303 {
                let observation = page.location.split('?').next().unwrap();
                let file = officer.get(&format!("{observation}/evidence"));
                assert!(!file.headers.contains_key("x-evil"), "{name:?}: {:?}", file.headers);
            }
        }
    })
    .await;
}
