//! A key in a token that speaks PKCS#11: a module in the machine, a card, or a service of a provider.
//! It never leaves the token; the keys of the vault are wrapped by it in their file (decision 26).

use access::vault::Token;
use base::{Error, Result, random_bytes};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error as Cause, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use zeroize::Zeroizing;

use crate::config::token;

/// What the wrapped bytes are bound to besides the key.
const BOUND_TO: &[u8] = b"sogoc vault key 1";
const NONCE_BYTES: usize = 12;
const TAG_BITS: u64 = 128;
/// Units: bytes.
const KEY_BYTES: u64 = 32;

/// An open token.
#[derive(Debug)]
pub(super) struct Hardware {
    library: Pkcs11,
    slot: Slot,
    pin: AuthPin,
    key: String,
}

impl Hardware {
    /// Loads the library, finds the token, and says the PIN.
    ///
    /// Errors: `Invalid` at the option that does not lead there.
    pub(super) fn open(config: &token::Token) -> Result<Self> {
        let refuse = |place: &str, cause: &Cause| {
            let cause = cause.to_string();
            Error::invalid(place, move |lang| lang::vault::token_says(lang, &cause))
        };
        let bad_module = |cause: Cause| refuse("token.module", &cause);
        let library = Pkcs11::new(&config.module).map_err(bad_module)?;
        match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) => {}
            // By ourselves, before: a library is initialized once a process.
            Err(Cause::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
            Err(cause) => return Err(bad_module(cause)),
        }
        let mut found = None;
        for slot in library.get_slots_with_initialized_token().map_err(bad_module)? {
            if library.get_token_info(slot).map_err(bad_module)?.label() == config.label {
                found = Some(slot);
            }
        }
        let none = || Error::invalid("token.label", lang::vault::no_such_token);
        let slot = found.ok_or_else(none)?;
        let pin = AuthPin::new(config.pin()?.as_str().into());
        let hardware = Self { library, slot, pin, key: config.key.clone() };
        let session = hardware.session(false);
        session.map_err(|cause| refuse("token.pin_file", &cause))?;
        Ok(hardware)
    }

    fn session(&self, writes: bool) -> std::result::Result<Session, Cause> {
        let session = match writes {
            true => self.library.open_rw_session(self.slot)?,
            false => self.library.open_ro_session(self.slot)?,
        };
        match session.login(UserType::User, Some(&self.pin)) {
            // Another session of this process still stands open.
            Ok(()) | Err(Cause::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(cause) => Err(cause),
        }
    }

    /// Makes the key in the token if it is not there. Gives whether it was made.
    ///
    /// Errors: `Unavailable` when the token refuses.
    pub(super) fn make_key(&self) -> Result<bool> {
        let session = self.session(true).map_err(unavailable)?;
        if find(&session, &self.key).map_err(unavailable)?.is_some() {
            return Ok(false);
        }
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Label(self.key.as_bytes().to_vec()),
            Attribute::ValueLen(KEY_BYTES.into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        session.generate_key(&Mechanism::AesKeyGen, &template).map_err(unavailable)?;
        Ok(true)
    }
}

impl Token for Hardware {
    fn key(&self) -> &str {
        &self.key
    }

    fn wrap(&self, root: &[u8]) -> Result<Vec<u8>> {
        let session = self.session(false).map_err(unavailable)?;
        let key = known(&session, &self.key)?;
        let nonce = random_bytes::<NONCE_BYTES>();
        let mut used = nonce;
        let way = gcm(&mut used)?;
        let wrapped = session.encrypt(&way, key, root).map_err(unavailable)?;
        Ok([&nonce[..], &wrapped].concat())
    }

    fn unwrap(&self, key: &str, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let session = self.session(false).map_err(unavailable)?;
        let key = known(&session, key)?;
        let bad = || Error::invalid("vault_key", lang::access::bad_vault_key);
        let (nonce, wrapped) = wrapped.split_at_checked(NONCE_BYTES).ok_or_else(bad)?;
        let mut nonce: [u8; NONCE_BYTES] = nonce.try_into().map_err(|_| bad())?;
        let way = gcm(&mut nonce)?;
        session.decrypt(&way, key, wrapped).map(Zeroizing::new).map_err(unavailable)
    }
}

fn gcm(nonce: &mut [u8; NONCE_BYTES]) -> Result<Mechanism<'_>> {
    let params = GcmParams::new(nonce, BOUND_TO, TAG_BITS.into()).map_err(Error::internal)?;
    Ok(Mechanism::AesGcm(params))
}

fn find(session: &Session, key: &str) -> std::result::Result<Option<ObjectHandle>, Cause> {
    let template =
        [Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Label(key.as_bytes().to_vec())];
    Ok(session.find_objects(&template)?.into_iter().next())
}

fn known(session: &Session, key: &str) -> Result<ObjectHandle> {
    let none = || Error::invalid("token.key", lang::vault::no_such_key);
    find(session, key).map_err(unavailable)?.ok_or_else(none)
}

fn unavailable(cause: Cause) -> Error {
    Error::Unavailable(Box::new(cause))
}
