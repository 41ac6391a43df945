//! Passkeys on both databases, with a device that is made of a few lines and can lie.

use axum::Router;
use axum::http::{Request, StatusCode, header};
use base::rights::Actor;
use base::{Clock, Error, Moment};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::testing::TestDatabase;
use store::{Database, values};
use webauthn_rs::prelude::Uuid;

use super::actions::{Begun, MOST};
use crate::Access;
use crate::guard::COOKIE;
use crate::proof::Owner;
use crate::sessions::{Entry, Whence};
use crate::tests::{enrolling, owner_of, program, read, send, token};
use crate::vault::{Keys, Vault};

const SITE: &str = "http://localhost:8080";
const PASSWORD: &str = "a good long one";
const START: i64 = 1_751_331_600_000_000;
const FROM: Whence<'_> = Whence { address: "192.0.2.7", browser: "" };

/// The program so many seconds after the start.
fn at(database: &Database, second: i64) -> Access {
    let clock = Clock::fixed(Moment(START + second * 1_000_000));
    Access::new(database.clone(), clock).found_at(Some(SITE), Vec::new()).unwrap()
}

/// A program with the administrator and `other`. Gives their ids.
async fn people(database: &Database) -> (Access, String, String) {
    let access = at(database, 0);
    access.ensure_administrator(Some(PASSWORD)).await.unwrap();
    access.add_account(Actor::operator("t"), "other").await.unwrap();
    let id = async |name| access.account(name).await.unwrap().id;
    let (admin, other) = (id("admin").await, id("other").await);
    (access, admin, other)
}

/// A device with one key, and what it says of itself.
struct Device {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    handle: Vec<u8>,
    count: u32,
    says: Says,
}

/// What a device and a browser say, true or not.
#[derive(Clone)]
struct Says {
    origin: &'static str,
    host: &'static str,
    kind: &'static str,
    is_present: bool,
    is_unlocked: bool,
}

const TRUTH: Says = Says {
    origin: SITE,
    host: "localhost",
    kind: "webauthn.get",
    is_present: true,
    is_unlocked: true,
};

impl Device {
    fn new(id: u8) -> Self {
        let random = SystemRandom::new();
        let form = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(form, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(form, key.as_ref(), &random).unwrap();
        Self { pair, id: vec![id; 16], handle: Vec::new(), count: 0, says: TRUTH }
    }

    /// Host, flags and counter, as the standard lays them out.
    fn head(&self, more: u8) -> Vec<u8> {
        let Says { host, is_present, is_unlocked, .. } = self.says;
        let flags = u8::from(is_present) | u8::from(is_unlocked) << 2 | more;
        let hash = Sha256::digest(host.as_bytes());
        [&hash[..], &[flags], &self.count.to_be_bytes()].concat()
    }

    fn client(&self, kind: &str, options: &Value) -> String {
        let challenge = &options["publicKey"]["challenge"];
        let origin = self.says.origin;
        json!({ "type": kind, "challenge": challenge, "origin": origin, "crossOrigin": false })
            .to_string()
    }

    /// Makes its key, and remembers for whom.
    fn make(&mut self, begun: &Begun) -> String {
        let user = begun.options["publicKey"]["user"]["id"].as_str().unwrap();
        self.handle = URL_SAFE_NO_PAD.decode(user).unwrap();
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let key = [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", x, b"\x22\x58\x20", y].concat();
        let length = u16::try_from(self.id.len()).unwrap().to_be_bytes();
        let data = [&self.head(0x40)[..], &[0; 16], &length, &self.id, &key].concat();
        let size = [0x58, u8::try_from(data.len()).unwrap()];
        let object = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData", &size[..], &data].concat();
        let client = self.client("webauthn.create", &begun.options);
        self.answer(&json!({
            "attestationObject": URL_SAFE_NO_PAD.encode(object),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
        }))
    }

    /// Shows its key.
    fn show(&mut self, begun: &Begun) -> String {
        self.count += 1;
        self.show_again(begun)
    }

    /// The same at the count at which it stands.
    fn show_again(&self, begun: &Begun) -> String {
        let client = self.client(self.says.kind, &begun.options);
        let data = self.head(0);
        let signed = [&data[..], &Sha256::digest(client.as_bytes())].concat();
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        self.answer(&json!({
            "authenticatorData": URL_SAFE_NO_PAD.encode(data),
            "clientDataJSON": URL_SAFE_NO_PAD.encode(client),
            "signature": URL_SAFE_NO_PAD.encode(signature),
            "userHandle": URL_SAFE_NO_PAD.encode(&self.handle),
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = URL_SAFE_NO_PAD.encode(&self.id);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response }).to_string()
    }

    /// Becomes a passkey of an account.
    async fn join(&mut self, access: &Access, account: &str, name: &str) {
        let owner = owner_of(access, account).await;
        self.join_in(access, (&owner, name)).await;
    }

    /// The same in a session that is there.
    async fn join_in(&mut self, access: &Access, (owner, name): (&Owner, &str)) {
        let begun = access.begin_passkey((owner, name), "Máy tính").await.unwrap();
        let answer = self.make(&begun);
        access.add_passkey(owner, (&begun.token, &answer)).await.unwrap();
    }

    /// Signs in.
    async fn enter(&mut self, access: &Access) -> Result<String, String> {
        let begun = access.ask_for_passkey("192.0.2.7").await.unwrap();
        let answer = self.show(&begun);
        code(access.sign_in_by_passkey((&begun.token, &answer), &FROM).await)
    }
}

/// Something that is done to an answer on its way.
type Alteration = Box<dyn Fn(&mut Value)>;

fn code<T>(result: base::Result<T>) -> Result<T, String> {
    result.map_err(|error| match error {
        Error::Refused { code, .. } => code.to_owned(),
        other => panic!("{other:?}"),
    })
}

async fn outcomes(database: &Database) -> Vec<String> {
    let mut tx = database.read().await.unwrap();
    let sql = "select outcome from sign_ins order by at, id";
    let rows: Vec<(String,)> = tx.all(sql, values![]).await.unwrap();
    rows.into_iter().map(|(outcome,)| outcome).collect()
}

#[tokio::test]
async fn a_passkey_signs_in_by_itself_and_each_answer_once() {
    for database in TestDatabase::each().await {
        let (access, admin, _) = people(&database).await;
        let mut device = Device::new(1);
        device.join(&access, &admin, "admin").await;
        let shown = access.passkeys(&admin).await.unwrap();
        assert!(shown.len() == 1 && shown[0].name == "Máy tính" && shown[0].used.is_none());

        let begun = access.ask_for_passkey("192.0.2.7").await.unwrap();
        let wish = &begun.options["publicKey"];
        assert_eq!(wish["userVerification"], "required");
        assert_eq!(wish["allowCredentials"], json!([]), "of nobody in particular");
        assert!(begun.options.get("mediation").is_none(), "{}", begun.options);
        let answer = device.show(&begun);
        let session = access.sign_in_by_passkey((&begun.token, &answer), &FROM).await.unwrap();
        let visitor = access.find_session(&session).await.unwrap().unwrap();
        assert_eq!(visitor.name, "admin");
        assert!(access.passkeys(&admin).await.unwrap()[0].used.is_some());

        // The same answer again, and another that a device gives to the same challenge.
        for answer in [answer, device.show(&begun)] {
            let again = access.sign_in_by_passkey((&begun.token, &answer), &FROM).await;
            assert_eq!(code(again), Err("access.passkey_expired".to_owned()));
        }
        // The count went on in the database, so that a copy of the device is found out.
        device.enter(&access).await.unwrap();
        device.count -= 1;
        assert_eq!(device.enter(&access).await, Err("access.wrong_passkey".to_owned()));
        device.enter(&access).await.unwrap();
        let done = outcomes(&database).await;
        assert_eq!(done[..2], ["passkey-added", "signed-in-by-passkey"]);
    }
}

#[tokio::test]
async fn what_a_device_or_a_browser_lies_about_is_refused() {
    for database in TestDatabase::each().await {
        let (access, admin, other) = people(&database).await;
        let mut device = Device::new(1);
        device.join(&access, &admin, "admin").await;
        let wrong = Err("access.wrong_passkey".to_owned());
        for (what, says) in [
            ("another site", Says { origin: "https://evil.example", ..TRUTH }),
            ("another port", Says { origin: "http://localhost:8081", ..TRUTH }),
            ("another host", Says { host: "evil.example", ..TRUTH }),
            ("another purpose", Says { kind: "webauthn.create", ..TRUTH }),
            ("nobody there", Says { is_present: false, ..TRUTH }),
            ("not unlocked", Says { is_unlocked: false, ..TRUTH }),
        ] {
            device.says = says;
            assert_eq!(device.enter(&access).await, wrong, "{what}");
        }
        device.says = TRUTH;
        let own = std::mem::take(&mut device.handle);
        assert_eq!(device.enter(&access).await, wrong, "for nobody");
        device.handle = Uuid::parse_str(&other).unwrap().as_bytes().to_vec();
        assert_eq!(device.enter(&access).await, wrong, "for somebody else");
        device.handle = own;
        let id = std::mem::replace(&mut device.id, vec![9; 16]);
        assert_eq!(device.enter(&access).await, wrong, "an unknown key");
        device.id = id;
        let pair = std::mem::replace(&mut device.pair, Device::new(1).pair);
        assert_eq!(device.enter(&access).await, wrong, "another key under the same id");
        device.pair = pair;
        device.enter(&access).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_that_was_altered_on_its_way_is_refused() {
    for database in TestDatabase::each().await {
        let (_, admin, _) = people(&database).await;
        let mut device = Device::new(1);
        device.join(&at(&database, 0), &admin, "admin").await;
        let part = |name: &'static str| {
            move |answer: &mut Value| {
                let text = answer["response"][name].as_str().unwrap();
                let mut bytes = URL_SAFE_NO_PAD.decode(text).unwrap();
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                answer["response"][name] = json!(URL_SAFE_NO_PAD.encode(bytes));
            }
        };
        let alterations: [(&str, Alteration); 8] = [
            ("data", Box::new(part("authenticatorData"))),
            ("client", Box::new(part("clientDataJSON"))),
            ("signature", Box::new(part("signature"))),
            ("handle", Box::new(part("userHandle"))),
            ("id", Box::new(|answer| answer["rawId"] = json!("AAAA"))),
            ("no signature", Box::new(|answer| answer["response"]["signature"] = json!(""))),
            ("no response", Box::new(|answer| answer["response"] = json!({}))),
            ("longer", Box::new(|answer| answer["id"] = json!("A".repeat(20_000)))),
        ];
        for (what, alter) in alterations {
            let access = at(&database, 0);
            let begun = access.ask_for_passkey("192.0.2.7").await.unwrap();
            let mut answer: Value = serde_json::from_str(&device.show(&begun)).unwrap();
            alter(&mut answer);
            let (token, answer) = (&*begun.token, &*answer.to_string());
            let entered = access.sign_in_by_passkey((token, answer), &FROM).await;
            assert_eq!(code(entered), Err("access.wrong_passkey".to_owned()), "{what}");
            // The challenge is used up, also by the right answer.
            let entered = access.sign_in_by_passkey((token, &device.show(&begun)), &FROM).await;
            assert_eq!(code(entered), Err("access.passkey_expired".to_owned()), "{what}");
        }
        // What was signed for one challenge answers no other.
        let access = at(&database, 0);
        let (one, two) = (
            access.ask_for_passkey("192.0.2.7").await.unwrap(),
            access.ask_for_passkey("192.0.2.7").await.unwrap(),
        );
        let entered = access.sign_in_by_passkey((&one.token, &device.show(&two)), &FROM).await;
        assert_eq!(code(entered), Err("access.wrong_passkey".to_owned()));
        for text in ["", "null", "[]", "{}", "{\"id\":1}", "không"] {
            let begun = access.ask_for_passkey("192.0.2.7").await.unwrap();
            let entered = access.sign_in_by_passkey((&begun.token, text), &FROM).await;
            assert_eq!(code(entered), Err("access.wrong_passkey".to_owned()), "{text}");
        }
    }
}

#[tokio::test]
async fn a_challenge_is_of_one_account_and_one_purpose_and_of_minutes() {
    for database in TestDatabase::each().await {
        let (access, admin, other) = people(&database).await;
        let expired = Err("access.passkey_expired".to_owned());
        let mut device = Device::new(1);
        let (admins, others) = (owner_of(&access, &admin).await, owner_of(&access, &other).await);
        let begun = access.begin_passkey((&admins, "admin"), "Máy tính").await.unwrap();
        let answer = device.make(&begun);
        let added = access.add_passkey(&others, (&begun.token, &answer)).await;
        assert_eq!(code(added), expired, "of another account");
        let begun = access.ask_for_passkey("").await.unwrap();
        let added = access.add_passkey(&admins, (&begun.token, &answer)).await;
        assert_eq!(code(added), expired, "of another purpose");
        let first = access.begin_passkey((&admins, "admin"), "Máy tính").await.unwrap();
        let begun = access.begin_passkey((&admins, "admin"), "Máy tính").await.unwrap();
        let added = access.add_passkey(&admins, (&first.token, &device.make(&first))).await;
        assert_eq!(code(added), expired, "an older one");
        let answer = device.make(&begun);
        let late = at(&database, 301);
        let added = late.add_passkey(&admins, (&begun.token, &answer)).await;
        assert_eq!(code(added), expired, "too late");
        device.join(&access, &admin, "admin").await;
        // A key that is known already is not added again, to whichever account.
        let begun = access.begin_passkey((&others, "other"), "Máy tính").await.unwrap();
        let answer = device.make(&begun);
        let added = access.add_passkey(&others, (&begun.token, &answer)).await;
        assert_eq!(code(added), Err("access.known_passkey".to_owned()));

        let waiting = async || {
            let mut tx = database.read().await.unwrap();
            let sql = "select count(*) from passkey_challenges";
            let (count,): (i64,) = tx.one(sql, values![]).await.unwrap();
            count
        };
        access.ask_for_passkey("").await.unwrap();
        late.sweep().await.unwrap();
        assert_eq!(waiting().await, 0, "forgotten");
    }
}

#[tokio::test]
async fn in_the_place_of_a_code_only_a_passkey_of_the_account_is_taken() {
    for database in TestDatabase::each().await {
        let (access, admin, other) = people(&database).await;
        let access = access.keeping(Some(Vault::new(Keys::generate())));
        let (mut own, mut others) = (Device::new(1), Device::new(2));
        own.join(&access, &admin, "admin").await;
        others.join(&access, &other, "other").await;
        confirm_factor(&database, &admin).await;
        let half = async || match access.sign_in("admin", PASSWORD, &FROM).await.unwrap() {
            Entry::Half(token) => token,
            Entry::Session(_) => panic!("no code is asked for"),
        };
        let waiting = half().await;
        assert_eq!(access.has_half_passkeys(&waiting).await.unwrap(), Some(true));
        let begun = access.ask_half_for_passkey(&waiting, "").await.unwrap();
        let allowed = begun.options["publicKey"]["allowCredentials"].as_array().unwrap();
        assert_eq!(allowed.len(), 1, "those of the account alone");
        let answer = others.show(&begun);
        let entered = access.enter_passkey(&waiting, (&begun.token, &answer), &FROM).await;
        assert_eq!(code(entered), Err("access.wrong_passkey".to_owned()));
        // One that was asked for in the place of the password as well does not stand for a code.
        let begun = access.ask_for_passkey("").await.unwrap();
        let answer = own.show(&begun);
        let entered = access.enter_passkey(&waiting, (&begun.token, &answer), &FROM).await;
        assert_eq!(code(entered), Err("access.passkey_expired".to_owned()));
        let begun = access.ask_half_for_passkey(&waiting, "").await.unwrap();
        let answer = own.show(&begun);
        let entered = access.enter_passkey("nobody", (&begun.token, &answer), &FROM).await;
        assert_eq!(code(entered), Err("access.sign_in_expired".to_owned()));
        let entered = access.enter_passkey(&waiting, (&begun.token, &answer), &FROM).await;
        assert!(access.find_session(&entered.unwrap()).await.unwrap().is_some());
        assert!(code(access.ask_half_for_passkey(&waiting, "").await.map(|_| ())).is_err());
        // Whoever was sent away waits, whatever is shown.
        let waiting = half().await;
        for _ in 0..5 {
            let begun = access.ask_half_for_passkey(&waiting, "").await.unwrap();
            let answer = others.show(&begun);
            access.enter_passkey(&waiting, (&begun.token, &answer), &FROM).await.unwrap_err();
        }
        let begun = access.ask_half_for_passkey(&waiting, "").await.unwrap();
        let answer = own.show(&begun);
        let entered = access.enter_passkey(&waiting, (&begun.token, &answer), &FROM).await;
        assert_eq!(code(entered), Err("access.too_many_attempts".to_owned()));
    }
}

/// A second factor whose codes nobody knows.
async fn confirm_factor(database: &Database, account: &str) {
    let mut tx = database.write().await.unwrap();
    let sql = "insert into second_factors (account, secret, begun_at, confirmed_at, last_step) \
               values ($1, $2, 1, 1, 1)";
    tx.run(sql, values![account, vec![0_u8]]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn passkeys_are_removed_by_their_owner_and_with_a_lost_device() {
    for database in TestDatabase::each().await {
        let (access, admin, other) = people(&database).await;
        let mut device = Device::new(1);
        let wrong = Err("access.wrong_passkey".to_owned());
        device.join(&access, &admin, "admin").await;
        let id = access.passkeys(&admin).await.unwrap().remove(0).id;
        let (admins, others) = (owner_of(&access, &admin).await, owner_of(&access, &other).await);
        assert!(!access.remove_passkey(&others, &id).await.unwrap(), "another's");
        device.enter(&access).await.unwrap();
        assert!(access.remove_passkey(&admins, &id).await.unwrap());
        assert!(!access.remove_passkey(&admins, &id).await.unwrap());
        assert_eq!(device.enter(&access).await, wrong);
        device.join(&access, &admin, "admin").await;
        assert!(access.reset_factor(Actor::operator("t"), "admin").await.unwrap());
        assert_eq!(device.enter(&access).await, wrong);
        assert!(
            !access.reset_factor(Actor::operator("t"), "admin").await.unwrap(),
            "there is nothing more"
        );
        // Whoever had the account may have given it a passkey.
        device.join(&access, &admin, "admin").await;
        access.reset_password(Actor::operator("t"), "admin").await.unwrap();
        assert_eq!(device.enter(&access).await, wrong);
    }
}

#[tokio::test]
async fn an_account_has_several_passkeys_and_not_too_many() {
    for database in TestDatabase::each().await {
        let (access, admin, _) = people(&database).await;
        let mut devices: Vec<Device> =
            (0..MOST).map(|number| Device::new(u8::try_from(number).unwrap())).collect();
        for device in &mut devices {
            device.join(&access, &admin, "admin").await;
        }
        let owner = owner_of(&access, &admin).await;
        let more = access.begin_passkey((&owner, "admin"), "Một khóa nữa").await;
        assert_eq!(code(more.map(|_| ())), Err("access.too_many_passkeys".to_owned()));
        for device in &mut devices {
            device.enter(&access).await.unwrap();
        }
        for name in ["", " ", "\u{200b}", &"a".repeat(61)] {
            let begun = access.begin_passkey((&owner, "admin"), name).await;
            assert!(begun.is_err(), "{name:?}");
        }
    }
}

#[tokio::test]
async fn a_place_that_shows_wrong_passkeys_waits() {
    let database = TestDatabase::sqlite().await;
    let (access, admin, _) = people(&database).await;
    let mut device = Device::new(1);
    device.join(&access, &admin, "admin").await;
    device.says.is_unlocked = false;
    for _ in 0..20 {
        assert_eq!(device.enter(&access).await, Err("access.wrong_passkey".to_owned()));
    }
    device.says = TRUTH;
    assert_eq!(device.enter(&access).await, Err("access.too_many_attempts".to_owned()));
    // Challenges are rows in the database, so that nobody draws them without end.
    let mut drawn = 0;
    while access.ask_for_passkey("192.0.2.9").await.is_ok() {
        drawn += 1;
        assert!(drawn <= 500);
    }
    assert_eq!(drawn, 500);
}

fn with(request: axum::http::request::Builder, token: &str) -> axum::http::request::Builder {
    request.header(header::COOKIE, format!("{COOKIE}={token}"))
}

/// The page of passkeys, and the token for its forms.
async fn page(program: &Router, token: &str) -> (String, String) {
    let (_, page) = read(program, with(Request::get("/account/passkeys"), token), "").await;
    let csrf = page.split_once("name=\"csrf\" value=\"").unwrap().1;
    let csrf = csrf.split_once('"').unwrap().0.to_owned();
    (page, csrf)
}

#[tokio::test]
async fn the_pages_say_what_is_missing_and_ask_for_the_password() {
    let database = TestDatabase::sqlite().await;
    let (access, admin, _) = people(&database).await;
    let session = token(&access, PASSWORD).await.unwrap();
    let without = program(&Access::new(database.clone(), access.clock().clone()));
    let (text, _) = page(&without, &session).await;
    assert!(text.contains(lang::passkeys::not_set_up(lang::Lang::Vietnamese)), "{text}");
    assert!(!text.contains("data-passkeys") && !text.contains("<script"), "{text}");
    let (status, said) = read(&without, Request::post("/sign-in/passkey/begin"), "").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = lang::passkeys::not_set_up(lang::Lang::Vietnamese);
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap()["message"], told);
    let (_, text) = read(&without, Request::get("/sign-in"), "").await;
    assert!(!text.contains("data-passkeys"), "{text}");

    let program = program(&access);
    let begin = || with(Request::post("/account/passkeys/begin"), &session);
    let (status, _) = read(&program, begin(), "name=x&password=a+good+long+one").await;
    assert_eq!(status, StatusCode::CONFLICT, "without the token of the form");
    let (_, csrf) = page(&program, &session).await;
    let body = format!("csrf={csrf}&name=x&password=wrong");
    assert_eq!(read(&program, begin(), &body).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    // Whoever may give power to others needs more than the password, also for the first.
    let body = format!("csrf={csrf}&name=x&password=a+good+long+one");
    assert_eq!(read(&program, begin(), &body).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let body = format!("{body}&{}", enrolling(&access, "code").await);
    let (status, headers) = send(&program, begin(), &body).await;
    assert_eq!(
        (status, &headers[header::CACHE_CONTROL]),
        (StatusCode::OK, &"no-store".parse().unwrap())
    );
    let cookie = headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("sogoc_passkey=") && cookie.contains("HttpOnly"), "{cookie}");
    assert!(cookie.contains("Path=/account/passkeys;") && cookie.ends_with("Max-Age=300"));

    let mut device = Device::new(1);
    let owner = Owner::of(admin.clone(), &session, "192.0.2.7");
    device.join_in(&access, (&owner, "admin")).await;
    let id = access.passkeys(&admin).await.unwrap().remove(0).id;
    let remove = || with(Request::post("/account/passkeys/remove"), &session);
    let mistyped = StatusCode::UNPROCESSABLE_ENTITY;
    for (body, expected) in [
        (format!("passkey={id}&password-remove=a+good+long+one"), StatusCode::CONFLICT),
        (format!("csrf={csrf}&passkey={id}&password-remove=wrong"), mistyped),
        (format!("csrf={csrf}&passkey=other&password-remove=a+good+long+one"), mistyped),
    ] {
        let (status, _) = read(&program, remove(), &body).await;
        assert_eq!(status, expected, "{body}");
    }
    let body = format!("csrf={csrf}&passkey={id}&password-remove=a+good+long+one");
    assert_eq!(read(&program, remove(), &body).await.0, StatusCode::SEE_OTHER);
    assert!(access.passkeys(&admin).await.unwrap().is_empty());
}
