//! Sending checkpoints to a witness, and keeping what it signs.

use base::{Error, Result};

use super::super::actions::{Sealer, find_last, keep_witnessed, prove_growth};
use super::super::note::{self, PublicKey};
use super::http::Endpoint;

/// A witness to which our checkpoints are sent.
#[derive(Clone, Debug)]
pub struct Submission {
    key: PublicKey,
    at: Endpoint,
    /// How many entries the checkpoint has that it signed last, as far as we know.
    known: u64,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// It has signed the newest checkpoint, of so many entries.
    Signed(u64),
    /// There was nothing to sign.
    Nothing,
}

impl Submission {
    /// To a witness with this key, at this address.
    #[must_use]
    pub const fn new(key: PublicKey, at: Endpoint) -> Self {
        Self { key, at, known: 0 }
    }

    /// The name of the witness.
    #[must_use]
    pub fn name(&self) -> &str {
        self.key.name()
    }

    /// Sends the newest checkpoint, unless the witness has signed it, and keeps the signature.
    /// What the witness signed last it says itself, when we guess wrong.
    ///
    /// Errors: `Unavailable` when it is away or does not answer as agreed; `Refused`
    /// `seals.witness_ahead` when it has signed more entries than there are here;
    /// `seals.witness_refuses` with the status of its answer; `Invalid` at `checkpoint` when what it
    /// signed does not hold.
    pub async fn send(&mut self, sealer: &Sealer) -> Result<Submitted> {
        let Some(journal) = sealer.public() else { return Ok(Submitted::Nothing) };
        // The first guess may be wrong, and then the witness says what is right.
        for _ in 0..2 {
            let mut tx = sealer.database().read().await?;
            let Some(last) = find_last(&mut tx).await? else { return Ok(Submitted::Nothing) };
            let (_, signatures) = note::check(&last.note, &journal, sealer.witnesses())?;
            let size = last.checkpoint.size;
            if signatures.witnesses.iter().any(|(name, _)| name == self.name()) {
                self.known = size;
                return Ok(Submitted::Signed(size));
            }
            let number = i64::try_from(size).map_err(Error::internal)?;
            let growth = prove_growth(&mut tx, self.known, number).await?;
            let Some(growth) = growth else { return Err(self.is_ahead(self.known, size)) };
            drop(tx);
            let (status, body) = self.at.post("/add-checkpoint", growth.to_text()).await?;
            match status {
                200 => {
                    let lines = String::from_utf8(body).map_err(|_| self.answers_wrongly())?;
                    let signed = format!("{}{lines}", last.note);
                    let (_, signatures) =
                        note::check(&signed, &journal, std::slice::from_ref(&self.key))?;
                    if signatures.witnesses.is_empty() {
                        return Err(self.answers_wrongly());
                    }
                    let mut tx = sealer.database().write().await?;
                    keep_witnessed(&mut tx, &last, &signed, &journal, sealer.witnesses()).await?;
                    tx.commit().await?;
                    self.known = size;
                    return Ok(Submitted::Signed(size));
                }
                409 => {
                    let said = String::from_utf8(body).ok();
                    let said = said.and_then(|said| said.strip_suffix('\n')?.parse::<u64>().ok());
                    let said = said.filter(|said| *said != self.known);
                    let said = said.ok_or_else(|| self.answers_wrongly())?;
                    if said > size {
                        return Err(self.is_ahead(said, size));
                    }
                    self.known = said;
                }
                _ => return Err(self.refuses(status)),
            }
        }
        Err(self.answers_wrongly())
    }

    fn is_ahead(&self, theirs: u64, ours: u64) -> Error {
        let name = self.name().to_owned();
        Error::refused("seals.witness_ahead", move |lang| {
            let said = lang::seals::WitnessAhead { name: &name, ours, theirs };
            lang::seals::witness_ahead(lang, said)
        })
    }

    fn refuses(&self, status: u16) -> Error {
        let name = self.name().to_owned();
        Error::refused("seals.witness_refuses", move |lang| {
            let said = lang::seals::WitnessRefuses { name: &name, status };
            lang::seals::witness_refuses(lang, said)
        })
    }

    fn answers_wrongly(&self) -> Error {
        Error::Unavailable(format!("{} does not answer as agreed", self.name()).into())
    }
}
