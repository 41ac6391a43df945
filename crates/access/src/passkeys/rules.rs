//! What a passkey may be called, and what a browser is asked.

use base::{Error, Result};
use serde::Serialize;
use serde_json::{Value, json};

/// Letters of a name.
const LONGEST_NAME: usize = 60;
/// No answer of an authenticator is longer. Units: bytes.
const LONGEST_ANSWER: usize = 16 << 10;

/// The name that somebody gives a passkey.
///
/// Errors: `Invalid` at `name`.
pub(super) fn name(text: &str) -> Result<String> {
    let name = base::text::clean(text);
    match name.chars().count() {
        1..=LONGEST_NAME => Ok(name),
        _ => Err(Error::invalid("name", lang::passkeys::bad_name)),
    }
}

/// What the browser is to make a key by. The key is kept where it can be found without the name of
/// an account; the library asks that of no device by itself.
pub(super) fn to_make(options: &impl Serialize) -> Result<Value> {
    let mut options = serde_json::to_value(options).map_err(Error::internal)?;
    let wish = &mut options["publicKey"]["authenticatorSelection"];
    wish["residentKey"] = json!("required");
    wish["requireResidentKey"] = json!(true);
    Ok(options)
}

/// What the browser is to ask a key by: any that it finds, or only those of these ids. Somebody has
/// pressed a button, so that nothing is offered in passing.
pub(super) fn to_ask(options: &impl Serialize, ids: &[Vec<u8>]) -> Result<Value> {
    use base64::Engine as _;
    let mut options = serde_json::to_value(options).map_err(Error::internal)?;
    if let Some(all) = options.as_object_mut() {
        all.remove("mediation");
    }
    let id = |id| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id);
    let allowed = ids.iter().map(|it| json!({ "type": "public-key", "id": id(it) }));
    options["publicKey"]["allowCredentials"] = allowed.collect();
    Ok(options)
}

/// What the browser sent.
///
/// Errors: `Refused` `access.wrong_passkey`.
pub(super) fn answer<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    let read = (text.len() <= LONGEST_ANSWER).then(|| serde_json::from_str(text).ok());
    read.flatten().ok_or_else(wrong)
}

pub(super) fn wrong() -> Error {
    Error::refused("access.wrong_passkey", lang::passkeys::wrong)
}

pub(super) fn expired() -> Error {
    Error::refused("access.passkey_expired", lang::passkeys::expired)
}
