//! What every answer says to browsers, what of it is kept, and who asks too often.

use store::Location;
use store::testing::TestDatabase;

use crate::person::Person;
use crate::program::{LOGIN, Server, address, agent, sogoc};

/// The secure headers of OWASP's list, but for HSTS, which is said where TLS is spoken.
const EXPECTED: [(&str, &str); 8] = [
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "same-origin"),
    ("x-permitted-cross-domain-policies", "none"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; connect-src 'self'",
    ),
];

/// What tells an attacker what runs here, and what browsers do not heed any more.
const ABSENT: [&str; 6] = [
    "server",
    "x-powered-by",
    "x-xss-protection",
    "public-key-pins",
    "access-control-allow-origin",
    "strict-transport-security",
];

#[tokio::test]
async fn every_answer_bears_the_secure_headers() {
    let database = TestDatabase::each().await.remove(0);
    let server = Server::start(&database.location);
    let (officer, stranger) = (Person::sign_in(&server), Person::stranger(&server));
    for path in [
        "/",
        "/sign-in",
        "/account",
        "/tasks",
        "/units",
        "/seals",
        "/healthz",
        "/metrics",
        "/api/v1/units",
        "/api/v1/docs",
        "/no/such/page",
        "/api/no/such",
        "/units/%00",
    ] {
        for person in [&officer, &stranger] {
            let page = person.get(path);
            for (name, value) in EXPECTED {
                let found = page.headers.get_all(name).iter().collect::<Vec<_>>();
                assert_eq!(found, [value], "{path} {name}");
            }
            for name in ABSENT {
                assert!(!page.headers.contains_key(name), "{path} {name}");
            }
            let unused = page.headers["permissions-policy"].to_str().unwrap();
            for part in ["camera=()", "microphone=()", "geolocation=()", "usb=()", "payment=()"] {
                assert!(unused.split(", ").any(|it| it == part), "{path} {part}");
            }
            assert!(!unused.contains("publickey-credentials"), "passkeys are not shut out");
        }
    }
}

#[tokio::test]
async fn what_the_signed_in_are_shown_is_kept_nowhere() {
    let database = TestDatabase::each().await.remove(0);
    let server = Server::start(&database.location);
    let (officer, stranger) = (Person::sign_in(&server), Person::stranger(&server));
    let kept = |person: &Person<'_>, path: &str| {
        let page = person.get(path);
        let value = page.headers.get("cache-control").map(|it| it.to_str().unwrap().to_owned());
        value.unwrap_or_default()
    };
    for path in ["/", "/account", "/tasks", "/units", "/converter", "/api/v1/units", "/no/such"] {
        assert_eq!(kept(&officer, path), "no-store", "{path}");
    }
    assert_eq!(kept(&stranger, "/units"), "private, no-cache");
    // What is the same for everybody is kept all the same.
    let page = stranger.get("/").text();
    let style = page.split_once("/assets/").unwrap().1.split('"').next().unwrap();
    assert!(kept(&officer, &format!("/assets/{style}")).starts_with("public"));
    let mut response =
        agent().get(server.url("/api/v1/units")).header("authorization", LOGIN).call().unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    let _ = response.body_mut().read_to_string();
    // Signing out clears what the browser has kept.
    let csrf = officer.csrf("/account");
    let page = officer.values("/sign-out", &[("csrf", &csrf)]).send().unwrap();
    assert_eq!(page.headers["clear-site-data"], "\"cache\", \"storage\"");
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_back_and_nobody_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("sogoc.toml");
    std::fs::write(&config, "requests_per_minute = 10\nproxies = ['127.0.0.1']\n").unwrap();
    let location = Location::File(folder.path().join("sogoc.db"));
    let mut command = sogoc();
    command.args(["serve", "--listen", "127.0.0.1:0", "--database", &address(&location)]);
    let server = Server::of(command.arg("--config").arg(&config));
    let ask = |path: &str, from: &str, login: Option<&str>| {
        let mut request = agent().get(server.url(path)).header("x-forwarded-for", from);
        if let Some(login) = login {
            request = request.header("authorization", login);
        }
        let mut response = request.call().unwrap();
        let wait = response.headers().get("retry-after");
        let wait = wait.map(|it| it.to_str().unwrap().parse::<u32>().unwrap());
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), wait, text)
    };
    let statuses: Vec<u16> = (0..8).map(|_| ask("/units", "192.0.2.1", None).0).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429, 429]);
    let (status, wait, text) = ask("/units", "192.0.2.1", None);
    assert!(status == 429 && wait.is_some_and(|wait| (1..=6).contains(&wait)), "{wait:?}");
    assert!(text.contains("<html") && text.contains(&wait.unwrap().to_string()), "{text}");
    let (status, _, text) = ask("/api/v1/units", "192.0.2.1", None);
    assert!(status == 429 && text.contains("access.too_many_requests"), "{text}");
    assert_eq!(ask("/api/v1/units", "192.0.2.1", Some(LOGIN)).0, 200);
    assert_eq!(ask("/sign-in", "192.0.2.1", None).0, 200);
    assert_eq!(ask("/healthz", "192.0.2.1", None).0, 200);
    assert_eq!(ask("/units", "192.0.2.2", None).0, 200);
    // One network of IPv6 is one place, however many addresses it has.
    let six: Vec<u16> =
        (0..8).map(|at| ask("/units", &format!("2001:db8::{at}"), None).0).collect();
    assert_eq!(six, [200, 200, 200, 200, 200, 429, 429, 429]);
    assert_eq!(ask("/units", "2001:db8:0:1::1", None).0, 200);
}
