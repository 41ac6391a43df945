//! Signing in by other providers on both databases, with one that is made of a few lines and can lie.

mod hostile;
mod linking;
mod provider;
mod signing_in;

use std::sync::Arc;
use std::time::Duration;

use base::rights::Actor;
use base::{Clock, Error, Moment};
use store::{Database, values};

use self::provider::Fake;
use super::actions::{Arrived, Begun, Returned};
use super::{Http, Names, Provider, Second, Setup};
use crate::Access;
use crate::sessions::{Entry, Whence};
use crate::vault::{Keys, Vault};
use crate::ways::Ways;

const SITE: &str = "https://sogoc.example.vn";
const PASSWORD: &str = "a good long one";
/// Made up: such a number is what an identity provider of the state might give.
const SUBJECT: &str = "099000000001";
const START: i64 = 1_751_331_600_000_000;
const FROM: Whence<'_> = Whence { address: "192.0.2.7", browser: "" };

/// A program at which people sign in by a provider; its clock stands so many seconds after the start.
fn program_at(
    database: &Database,
    vault: &Vault,
    (fake, second): (&Fake, Second),
    seconds: i64,
) -> Access {
    let clock = Clock::fixed(Moment(START + seconds * 1_000_000));
    let access = Access::new(database.clone(), clock).keeping(Some(vault.clone()));
    let ways = Ways {
        site: Some(SITE.to_owned()),
        providers: vec![
            fake.as_configured("sso", second),
            fake.as_configured("other", Second::Never),
        ],
        http: Http { patience: Duration::from_secs(2) },
        ..Ways::default()
    };
    Access(access.0, access.1, Arc::new(ways), false)
}

/// The same at the start, with the administrator and `other`. Gives the id of the administrator.
async fn program(database: &Database, fake: &Fake, second: Second) -> (Access, String) {
    let access = program_at(database, &Vault::new(Keys::generate()), (fake, second), 0);
    access.ensure_administrator(Some(PASSWORD)).await.unwrap();
    access.add_account(Actor::operator("t"), "other").await.unwrap();
    let admin = access.account("admin").await.unwrap().id;
    (access, admin)
}

/// Goes to the provider and comes back with what it gives.
async fn walk(access: &Access, fake: &Fake) -> Result<Arrived, String> {
    let begun = access.send_to("sso", None, "/units", "192.0.2.7").await;
    let begun = code(begun)?;
    come_back(access, fake, &begun).await
}

/// Comes back from a way that was begun.
async fn come_back(access: &Access, fake: &Fake, begun: &Begun) -> Result<Arrived, String> {
    let (state, code_given) = fake.sign_in(&begun.url);
    let returned = Returned { state: &state, code: Some(&code_given), ..Returned::default() };
    let arrived = access.arrive("sso", (&begun.token, &returned), None, &FROM).await;
    code(arrived)
}

/// The name of whoever has a session now.
async fn name_of(access: &Access, arrived: Arrived) -> String {
    let Arrived::Entered { entry: Entry::Session(token), .. } = arrived else {
        panic!("no session");
    };
    access.find_session(&token).await.unwrap().unwrap().name
}

fn code<T>(result: base::Result<T>) -> Result<T, String> {
    result.map_err(|error| match error {
        Error::Refused { code, .. } => code.to_owned(),
        other => format!("{other:?}"),
    })
}

/// Whether it was refused with this code.
fn is_refused(arrived: Result<Arrived, String>, code: &str) -> bool {
    arrived.err().is_some_and(|refused| refused == code)
}

async fn rows(database: &Database, sql: &'static str) -> i64 {
    let mut tx = database.read().await.unwrap();
    let (count,): (i64,) = tx.one(sql, values![]).await.unwrap();
    count
}

impl Fake {
    /// As an operator would configure it.
    fn as_configured(&self, id: &str, second: Second) -> Provider {
        let name = "Đăng nhập một lần (minh họa)".to_owned();
        let client_secret = Some(provider::SECRET.to_owned());
        Provider::new(Setup {
            id: id.to_owned(),
            names: Names { vi: name.clone(), en: name.clone(), km: name },
            issuer: self.issuer.clone(),
            client_id: "sogoc".to_owned(),
            client_secret,
            scopes: vec!["profile".to_owned()],
            second,
        })
        .unwrap()
    }
}
