//! Checkpoints as signed notes, and the keys that sign them.
//!
//! A checkpoint says how many entries the journal has, and the root of the tree over them
//! (<https://c2sp.org/tlog-checkpoint>). It is signed twice by the same Ed25519 key: plainly
//! (<https://c2sp.org/signed-note>), and together with the time
//! (<https://c2sp.org/tlog-cosignature>). Witnesses add lines of the second kind.

use std::fmt;

use base::{Error, Moment, Result, random_bytes};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, Verifier as _, VerifyingKey};
use signed_note::{Note, NoteError, Signer, Verifier, VerifierList};
use tlog_tiles::Hash;

/// Before a public key: it signs notes.
const PLAIN: u8 = 1;
/// Before a public key: it signs checkpoints together with the time.
const TIMED: u8 = 4;
const MICROS_A_SECOND: i64 = 1_000_000;
/// Seconds in front of a signature together with the time.
const TIME_BYTES: usize = 8;

/// The secret key that seals a journal, with the journal's name.
#[derive(Clone)]
pub struct SealKey {
    origin: String,
    key: SigningKey,
}

impl fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SealKey").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl SealKey {
    /// A new key for the journal of this name. The name tells journals apart wherever checkpoints
    /// are kept; best an address of the province without `https://`, such as
    /// `sogoc.example.gov.vn/journal`.
    ///
    /// Errors: `Invalid` at `seal_origin` when the name is empty or has spaces or a plus sign.
    pub fn generate(origin: &str) -> Result<Self> {
        if !signed_note::is_key_name_valid(origin) || origin.chars().any(char::is_control) {
            return Err(Error::invalid("seal_origin", lang::seals::bad_origin));
        }
        Ok(Self { origin: origin.to_owned(), key: SigningKey::from_bytes(&random_bytes()) })
    }

    /// Reads a key as [`Self::to_text`] writes it.
    ///
    /// Errors: `Invalid` at `seal_key`.
    pub fn parse(text: &str) -> Result<Self> {
        let (origin, key) = text
            .trim()
            .strip_prefix("PRIVATE+KEY+")
            .and_then(key_of_text)
            .ok_or_else(|| Error::invalid("seal_key", lang::seals::bad_secret_key))?;
        Ok(Self { key: SigningKey::from_bytes(&key), origin: origin.to_owned() })
    }

    /// The key as text, for a file that nobody else may read.
    #[must_use]
    pub fn to_text(&self) -> String {
        let public = self.public();
        let secret = BASE64_STANDARD.encode([&[PLAIN], &self.key.to_bytes()[..]].concat());
        format!("PRIVATE+KEY+{}+{:08x}+{secret}", self.origin, public.id(PLAIN))
    }

    /// What others check its signatures with.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { name: self.origin.clone(), kind: PLAIN, key: self.key.verifying_key() }
    }

    /// Signs a checkpoint.
    pub(super) fn sign(&self, size: u64, root: Hash, at: Moment) -> Result<String> {
        let body = tlog_tiles::Checkpoint::new(&self.origin, size, root, "")
            .map_err(|error| Error::internal(error.to_string()))?;
        let mut note = Note::new(&body.to_bytes(), &[]).map_err(Error::internal)?;
        note.add_sigs(&[&Signing { by: self, at: None }, &Signing { by: self, at: Some(at) }])
            .map_err(Error::internal)?;
        String::from_utf8(note.to_bytes()).map_err(Error::internal)
    }

    /// What others check its signatures with, where it is the key of a witness.
    #[must_use]
    pub fn public_witness(&self) -> PublicKey {
        PublicKey { kind: TIMED, ..self.public() }
    }

    /// The line by which this key, as a witness, says that it saw a checkpoint at that time.
    ///
    /// Errors: `Invalid` at `checkpoint` when it is no note.
    pub fn cosign(&self, note: &str, at: Moment) -> Result<String> {
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| no_checkpoint())?;
        let mut own = Note::new(parsed.text(), &[]).map_err(Error::internal)?;
        own.add_sigs(&[&Signing { by: self, at: Some(at) }]).map_err(Error::internal)?;
        let signed = String::from_utf8(own.to_bytes()).map_err(Error::internal)?;
        let line = signed.lines().last().unwrap_or_default();
        Ok(format!("{line}\n"))
    }

    /// Adds a witness's line to a note: this key saw the checkpoint at that time.
    ///
    /// Errors: `Invalid` at `checkpoint` when it is no note.
    pub fn witness(&self, note: &str, at: Moment) -> Result<String> {
        let mut note = Note::from_bytes(note.as_bytes()).map_err(|_| no_checkpoint())?;
        note.add_sigs(&[&Signing { by: self, at: Some(at) }]).map_err(Error::internal)?;
        String::from_utf8(note.to_bytes()).map_err(Error::internal)
    }
}

/// One signature that is to be made, with the time or without.
struct Signing<'a> {
    by: &'a SealKey,
    at: Option<Moment>,
}

impl Signer for Signing<'_> {
    fn name(&self) -> &str {
        &self.by.origin
    }

    fn key_id(&self) -> u32 {
        self.by.public().id(if self.at.is_some() { TIMED } else { PLAIN })
    }

    fn sign(&self, text: &[u8]) -> std::result::Result<Vec<u8>, ed25519_dalek::SignatureError> {
        let Some(at) = self.at else { return Ok(self.by.key.sign(text).to_vec()) };
        let seconds = at.0.div_euclid(MICROS_A_SECOND).max(0).unsigned_abs();
        let signature = self.by.key.sign(&timed(text, seconds));
        Ok([&seconds.to_be_bytes()[..], &signature.to_bytes()].concat())
    }
}

/// What is signed together with the time.
fn timed(text: &[u8], seconds: u64) -> Vec<u8> {
    [format!("cosignature/v1\ntime {seconds}\n").as_bytes(), text].concat()
}

/// A key that checks signatures: of the journal, or of a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    kind: u8,
    key: VerifyingKey,
}

impl PublicKey {
    /// Reads a key as [`Self::to_text`] writes it; of a witness also one that only signs together
    /// with the time.
    ///
    /// Errors: `Invalid` at `key`.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = || Error::invalid("key", lang::seals::bad_public_key);
        let (name, id, bytes) = parts(text.trim()).ok_or_else(bad)?;
        let (kind, key) = bytes.split_first().ok_or_else(bad)?;
        let key: [u8; 32] = key.try_into().map_err(|_| bad())?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| bad())?;
        let read = Self { name: name.to_owned(), kind: *kind, key };
        let is_known = [PLAIN, TIMED].contains(kind) && signed_note::is_key_name_valid(name);
        Some(read).filter(|read| is_known && id == read.id(read.kind)).ok_or_else(bad)
    }

    /// The key as text (<https://c2sp.org/signed-note#verifier-keys>), to be handed out by a way
    /// that does not lead over the program: on paper, in an official gazette.
    #[must_use]
    pub fn to_text(&self) -> String {
        let key = BASE64_STANDARD.encode(self.bytes(self.kind));
        format!("{}+{:08x}+{key}", self.name, self.id(self.kind))
    }

    /// Whose key it is; of a journal the journal's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    fn bytes(&self, kind: u8) -> Vec<u8> {
        [&[kind], self.key.as_bytes().as_slice()].concat()
    }

    fn id(&self, kind: u8) -> u32 {
        signed_note::key_id(&self.name, &self.bytes(kind))
    }
}

/// A key and the kind of its signatures.
struct Checking {
    by: PublicKey,
    kind: u8,
}

impl Verifier for Checking {
    fn name(&self) -> &str {
        &self.by.name
    }

    fn key_id(&self) -> u32 {
        self.by.id(self.kind)
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let is_by = |text: &[u8], signature: &[u8]| {
            Signature::from_slice(signature).is_ok_and(|it| self.by.key.verify(text, &it).is_ok())
        };
        match (self.kind, signature.split_first_chunk::<TIME_BYTES>()) {
            (PLAIN, _) => is_by(text, signature),
            (_, Some((seconds, rest))) => is_by(&timed(text, u64::from_be_bytes(*seconds)), rest),
            (_, None) => false,
        }
    }
}

/// What a checkpoint says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The name of the journal.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: [u8; 32],
}

impl Checkpoint {
    /// The root as notes write it, in Base64.
    #[must_use]
    pub fn root_text(&self) -> String {
        BASE64_STANDARD.encode(self.root)
    }

    /// Reads what a note says, without checking who says it.
    ///
    /// Errors: `Invalid` at `checkpoint`.
    pub fn parse(note: &str) -> Result<Self> {
        let note = Note::from_bytes(note.as_bytes()).map_err(|_| no_checkpoint())?;
        let body = tlog_tiles::Checkpoint::from_bytes(note.text()).map_err(|_| no_checkpoint())?;
        Ok(Self { origin: body.origin().to_owned(), size: body.size(), root: body.hash().0 })
    }

    pub(super) fn root_hash(&self) -> Hash {
        Hash(self.root)
    }
}

/// Who signed a checkpoint, as far as the keys are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signatures {
    /// When the journal sealed it, by the journal's own clock.
    pub sealed_at: Option<Moment>,
    /// Which witnesses saw it, and when.
    pub witnesses: Vec<(String, Moment)>,
}

/// Checks the signatures of a note: that of the journal must be there and hold.
///
/// Errors: `Invalid` at `checkpoint` when it is no checkpoint, is not signed by the journal's key,
/// or a signature by a known key does not hold.
pub fn check(
    note: &str,
    journal: &PublicKey,
    witnesses: &[PublicKey],
) -> Result<(Checkpoint, Signatures)> {
    let checkpoint = Checkpoint::parse(note)?;
    let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| no_checkpoint())?;
    let own = [PLAIN, TIMED].map(|kind| Checking { by: journal.clone(), kind });
    let others = witnesses.iter().map(|by| Checking { by: by.clone(), kind: TIMED });
    let known = own.into_iter().chain(others).map(|it| Box::new(it) as Box<dyn Verifier>);
    let verified = parsed.verify(&VerifierList::new(known.collect()));
    let (lines, _) = verified.map_err(|error| match error {
        NoteError::UnverifiedNote => unsigned(journal),
        _ => Error::invalid("checkpoint", lang::seals::forged),
    })?;
    let is = |name: &str, id: u32, key: &PublicKey, kind| name == key.name && id == key.id(kind);
    let is_signed = lines.iter().any(|line| is(line.name(), line.id(), journal, PLAIN));
    if !is_signed || checkpoint.origin != journal.name {
        return Err(unsigned(journal));
    }
    let mut signatures = Signatures::default();
    for line in &lines {
        let Some((seconds, _)) = line.signature().split_first_chunk::<TIME_BYTES>() else {
            continue;
        };
        let seconds = i64::try_from(u64::from_be_bytes(*seconds)).unwrap_or_default();
        let at = Moment(seconds.saturating_mul(MICROS_A_SECOND));
        if is(line.name(), line.id(), journal, TIMED) {
            signatures.sealed_at = Some(at);
        } else if witnesses.iter().any(|key| is(line.name(), line.id(), key, TIMED)) {
            signatures.witnesses.push((line.name().to_owned(), at));
        }
    }
    Ok((checkpoint, signatures))
}

fn no_checkpoint() -> Error {
    Error::invalid("checkpoint", lang::seals::no_checkpoint)
}

fn unsigned(journal: &PublicKey) -> Error {
    let name = journal.name.clone();
    Error::invalid("checkpoint", move |lang| lang::seals::unsigned(lang, &name))
}

/// Name, number and bytes of a key's text.
fn parts(text: &str) -> Option<(&str, u32, Vec<u8>)> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let id = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8)?;
    Some((name, id, BASE64_STANDARD.decode(key).ok()?))
}

/// The name and the secret of a secret key's text, if its number is right.
fn key_of_text(text: &str) -> Option<(&str, [u8; 32])> {
    let (name, id, bytes) = parts(text)?;
    let (kind, secret) = bytes.split_first()?;
    let secret: [u8; 32] = secret.try_into().ok()?;
    let key = SigningKey::from_bytes(&secret).verifying_key();
    let public = PublicKey { name: name.to_owned(), kind: *kind, key };
    (*kind == PLAIN && id == public.id(PLAIN)).then_some((name, secret))
}

/// A note with the lines of the journal's own key alone: whoever keeps it keeps nothing that
/// anybody else wrote.
///
/// Errors: `Invalid` at `checkpoint` when the journal's key did not sign it.
pub(super) fn only_by(note: &str, journal: &PublicKey) -> Result<String> {
    join(note, note, journal, &[])
}

/// A note with the lines of witnesses that another copy of it carries, as far as their keys are
/// known.
///
/// Errors: `Invalid` at `checkpoint` when they are not of one checkpoint, or a line does not hold.
pub(super) fn join(
    note: &str,
    other: &str,
    journal: &PublicKey,
    witnesses: &[PublicKey],
) -> Result<String> {
    let [own, other] = [note, other].map(|it| Note::from_bytes(it.as_bytes()));
    let (own, other) = own.and_then(|own| Ok((own, other?))).map_err(|_| no_checkpoint())?;
    if own.text() != other.text() {
        return Err(no_checkpoint());
    }
    let known = witnesses.iter().map(|by| Checking { by: by.clone(), kind: TIMED });
    let known = VerifierList::new(known.map(|it| Box::new(it) as Box<dyn Verifier>).collect());
    let lines = |note: &Note| match note.verify(&known) {
        Ok((known, _)) => Ok(known),
        Err(NoteError::UnverifiedNote) => Ok(Vec::new()),
        Err(_) => Err(Error::invalid("checkpoint", lang::seals::forged)),
    };
    let mut all = lines(&own)?;
    for line in lines(&other)? {
        let is_there = all.iter().any(|it| (it.name(), it.id()) == (line.name(), line.id()));
        if !is_there {
            all.push(line);
        }
    }
    let own_lines = [PLAIN, TIMED].map(|kind| Checking { by: journal.clone(), kind });
    let own_lines = own_lines.map(|it| Box::new(it) as Box<dyn Verifier>).into_iter().collect();
    let (mut signed, _) = own
        .verify(&VerifierList::new(own_lines))
        .map_err(|_| Error::invalid("checkpoint", lang::seals::forged))?;
    signed.extend(all);
    let joined = Note::new(own.text(), &signed).map_err(Error::internal)?;
    String::from_utf8(joined.to_bytes()).map_err(Error::internal)
}
