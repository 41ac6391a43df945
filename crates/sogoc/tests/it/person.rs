//! Somebody at the pages, without a browser: signs in and sends forms.

use std::time::SystemTime;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value;
use sha1::Sha1;

use crate::program::{PASSWORD, Server, agent, run};

/// The administrator with a session.
pub(crate) struct Person<'a> {
    server: &'a Server,
    cookie: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

/// A form that is filled in and not yet sent.
#[derive(Clone, Debug)]
pub(crate) struct Filled {
    url: String,
    cookie: String,
    media_type: &'static str,
    body: Vec<u8>,
}

impl<'a> Person<'a> {
    pub(crate) fn sign_in(server: &'a Server) -> Self {
        let stranger = Self { server, cookie: String::new() };
        let fields = [("name", "admin"), ("password", PASSWORD), ("next", "/tasks")];
        let page = stranger.values("/sign-in", &fields).send().unwrap();
        let cookie = page.headers["set-cookie"].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { server, cookie }
    }

    /// The same who handles personal data besides, and so shows a second factor.
    pub(crate) fn officer(server: &'a Server, database: &str) -> Self {
        make_officer(database);
        Self::strong(server, database)
    }

    /// The administrator who shows a second factor.
    pub(crate) fn strong(server: &'a Server, database: &str) -> Self {
        let officer = Self::sign_in(server);
        let place = "/account/second-factor";
        let (csrf, drawn) = (officer.csrf(place), enrolment(database));
        let begun = [("csrf", &*csrf), ("password", PASSWORD), ("code", &*drawn)];
        officer.values("/account/second-factor/begin", &begun).send().unwrap();
        let page = officer.get(place).text();
        let secret = page.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
        let (csrf, code) = (officer.csrf(place), code(secret, 0));
        let given = [("csrf", &*csrf), ("code", &*code)];
        officer.values("/account/second-factor/confirm", &given).send().unwrap();
        officer
    }

    /// Somebody who is not signed in.
    pub(crate) fn stranger(server: &'a Server) -> Self {
        Self { server, cookie: String::new() }
    }

    pub(crate) fn get(&self, path: &str) -> Page {
        let request = agent().get(self.server.url(path)).header("cookie", &self.cookie);
        Page::of(request.call().unwrap())
    }

    /// Asks for JSON; gives status and body.
    pub(crate) fn api(&self, path: &str) -> (u16, Value) {
        self.get(path).json()
    }

    /// Sends JSON; gives status and body.
    pub(crate) fn sends(&self, path: &str, body: &Value) -> (u16, Value) {
        let body = body.to_string().into_bytes();
        self.filled(path, "application/json", body).send().unwrap().json()
    }

    /// A form of values, as `<form method="post">` sends it.
    pub(crate) fn values(&self, path: &str, fields: &[(&str, &str)]) -> Filled {
        let pair = |(name, value): &(&str, &str)| {
            format!("{}={}", web::ask::encoded(name), web::ask::encoded(value))
        };
        let body = fields.iter().map(pair).collect::<Vec<_>>().join("&").into_bytes();
        self.filled(path, "application/x-www-form-urlencoded", body)
    }

    /// A form with files: name of the field, name of the file, content.
    pub(crate) fn files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Filled {
        let mut body = Vec::new();
        let mut add = |head: String, content: &[u8]| {
            let head = format!("--edge\r\nContent-Disposition: form-data; {head}\r\n\r\n");
            body.extend(head.as_bytes());
            body.extend(content);
            body.extend(b"\r\n");
        };
        for (name, value) in fields {
            add(format!("name=\"{name}\""), value.as_bytes());
        }
        for (name, file, content) in files {
            add(format!("name=\"{name}\"; filename=\"{file}\""), content);
        }
        body.extend(b"--edge--\r\n");
        self.filled(path, "multipart/form-data; boundary=edge", body)
    }

    fn filled(&self, path: &str, media_type: &'static str, body: Vec<u8>) -> Filled {
        Filled { url: self.server.url(path), cookie: self.cookie.clone(), media_type, body }
    }

    /// The token that forms of a page carry.
    pub(crate) fn csrf(&self, path: &str) -> String {
        self.get(path).hidden("csrf")
    }
}

impl Filled {
    /// None when no answer came.
    pub(crate) fn send(&self) -> Option<Page> {
        let request = agent().post(&self.url).header("cookie", &self.cookie);
        let request = request.header("content-type", self.media_type);
        Some(Page::of(request.send(&self.body[..]).ok()?))
    }
}

impl Page {
    fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let headers = response.headers().clone();
        let location = headers.get("location").and_then(|value| value.to_str().ok());
        Self {
            status: response.status().as_u16(),
            location: location.unwrap_or_default().to_owned(),
            bytes: response.body_mut().read_to_vec().unwrap_or_default(),
            headers,
        }
    }

    fn json(&self) -> (u16, Value) {
        (self.status, serde_json::from_slice(&self.bytes).unwrap_or_default())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The value of a hidden field.
    pub(crate) fn hidden(&self, name: &str) -> String {
        let text = self.text();
        let begin = format!("name=\"{name}\" value=\"");
        let rest = text.split_once(&begin).unwrap_or_else(|| panic!("no {name}: {text}")).1;
        rest.split_once('"').unwrap().0.to_owned()
    }
}

/// Gives the administrator the role of whoever handles personal data.
pub(crate) fn make_officer(database: &str) {
    let given = run(&["account", "give", "admin", "data-officer", "--database", database]);
    assert!(given.status.success(), "{}", String::from_utf8_lossy(&given.stderr));
}

/// An enrolment code of the administrator, as the operator hands it over.
pub(crate) fn enrolment(database: &str) -> String {
    let drawn = run(&["account", "enrol", "admin", "--database", database]);
    assert!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
    let said = String::from_utf8_lossy(&drawn.stdout).into_owned();
    let code = said.split_whitespace().find(|word| word.matches('-').count() == 5);
    code.unwrap_or_else(|| panic!("no code: {said}")).to_owned()
}

/// The code that an authenticator shows so many steps from now.
#[expect(clippy::disallowed_methods, reason = "the program that is tested has the real time")]
pub(crate) fn code(secret: &str, steps: u64) -> String {
    let letters = secret.chars().filter(|letter| !letter.is_whitespace());
    let value = |letter| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap();
    let bits: String = letters.map(|letter| format!("{:05b}", value(letter))).collect();
    let key: Vec<u8> = (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).unwrap())
        .collect();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let step = since.as_secs() / 30 + steps;
    let mac = Hmac::<Sha1>::new_from_slice(&key).unwrap().chain_update(step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let start = usize::from(digest[19] & 15);
    let four: [u8; 4] = digest[start..start + 4].try_into().unwrap();
    format!("{:06}", (u32::from_be_bytes(four) & 0x7fff_ffff) % 1_000_000)
}
