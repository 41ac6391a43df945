//! What was asked for or consented to stays defined, and a text that somebody consented to stays as
//! it was.

use base::{Error, Result};
use store::Tx;

use super::Step;
use super::refusals::parsed;
use crate::store::{self as sql, DefinitionRow};
use crate::{ConsentPurpose, Pack};

/// Refuses to take away or rewrite what somebody used.
pub(super) async fn refuse_used(
    tx: &mut Tx,
    pack: &Pack,
    rows: &[DefinitionRow],
    steps: &[Step],
) -> Result<()> {
    let touched =
        |kind: &str, code: &str| steps.iter().any(|step| step.kind == kind && step.code == code);
    if !steps.iter().any(|step| ["request_kind", "consent_purpose"].contains(&step.kind)) {
        return Ok(());
    }
    for (kind, code, text) in sql::used(tx).await? {
        if !touched(&kind, &code) {
            continue;
        }
        let is_request = kind == "request_kind";
        let after = pack.personal.consent_purposes.iter().find(|purpose| purpose.code == code);
        let stays = match is_request {
            true => pack.personal.request_kinds.iter().any(|request| request.code == code),
            false => after.is_some(),
        };
        if !stays {
            return Err(Error::refused("packs.definition_in_use", move |lang| {
                lang::subjects::definition_in_use(lang, &code)
            }));
        }
        let row = rows.iter().find(|row| row.kind == kind && row.code == code);
        let Some(row) = row.filter(|_| !is_request) else { continue };
        let before: ConsentPurpose = parsed(row)?;
        if after.and_then(|after| after.text(text)) != before.text(text) {
            return Err(Error::refused("packs.consent_given", move |lang| {
                lang::consents::text_given(lang, &code)
            }));
        }
    }
    Ok(())
}
