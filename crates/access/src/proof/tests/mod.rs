//! Proving anew, enrolment, four eyes and the ends of sessions, on both databases.

mod asking;
mod eyes;
mod sequences;

use base::rights::Actor;
use base::{Clock, Error, Moment};
use store::Database;

use crate::Access;
use crate::factor::Standing;
use crate::factor::totp::{code_at, step_at};
use crate::proof::Owner;
use crate::vault::{Keys, Vault};

const PASSWORD: &str = "a good long one";
const START: i64 = 1_751_331_600_000_000;
const OPERATOR: Actor<'_> = Actor { name: "t", rights: &base::rights::OPERATOR };

/// One database, and the program over it at any time.
struct Time<'a> {
    database: &'a Database,
    vault: Vault,
}

impl<'a> Time<'a> {
    fn new(database: &'a Database) -> Self {
        Self { database, vault: Vault::new(Keys::generate()) }
    }

    /// So many seconds after the start.
    fn at(&self, second: i64) -> Access {
        let clock = Clock::fixed(Moment(START + second * 1_000_000));
        Access::new(self.database.clone(), clock).keeping(Some(self.vault.clone()))
    }
}

fn code<T>(result: base::Result<T>) -> Result<T, String> {
    result.map_err(|error| match error {
        Error::Refused { code, .. } => code.to_owned(),
        Error::Invalid(errors) => errors[0].place.clone(),
        other => format!("{other:?}"),
    })
}

fn refused<T>(result: base::Result<T>, expected: &str) {
    match code(result) {
        Ok(_) => panic!("not refused with {expected}"),
        Err(said) => assert_eq!(said, expected),
    }
}

/// Turns the second factor on in a session. Gives the recovery codes.
async fn turn_on(access: &Access, owner: &Owner, token: &str) -> base::Result<Vec<String>> {
    access.begin_factor(owner).await?;
    let Standing::Begun(secret) = access.standing(&owner.id, token).await? else {
        panic!("it was not begun");
    };
    let bits: String = secret
        .letters()
        .chars()
        .map(|letter| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap())
        .map(|value| format!("{value:05b}"))
        .collect();
    let bits = bits.as_bytes().chunks_exact(8);
    let byte = |byte: &[u8]| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap();
    let secret: Vec<u8> = bits.map(byte).collect();
    let shown = format!("{:06}", code_at(&secret, step_at(access.now())));
    access.confirm_factor(owner, &shown).await
}
