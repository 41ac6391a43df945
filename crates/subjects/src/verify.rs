//! Proving that what is stored is what was entered, and that what is gone was erased in its time.

use access::vault::Vault;
use base::Result;
use store::Tx;

use crate::person::{ADDRESS, NAME, NUMBER, PHONE, TEXT};
use crate::{consents, locker, requests, retention, store as sql};

/// Rows read at a time.
const BATCH: i64 = 2_000;
/// So many faults are named.
const NAMED: usize = 100;

/// Compares each version with the hash in its entry and with the version before it, and, where the
/// vault is open, what lies in it with what the journal covers. Gives the number of rows read and the
/// places that do not hold.
///
/// Errors: `Internal` when a row cannot be read at all.
pub async fn verify(tx: &mut Tx, vault: Option<&Vault>) -> Result<(u64, Vec<String>)> {
    let mut faults = Vec::new();
    let mut count = verify_requests(tx, vault, &mut faults).await?;
    count += verify_consents(tx, vault, &mut faults).await?;
    for (report, sealed) in retention::store::applied(tx).await? {
        count += 1;
        let items = retention::items(tx, &report).await?;
        let hash = retention::find(tx, &report).await?.hash(&items);
        if sealed.as_deref() != Some(&hash[..]) {
            faults.push(format!("retention report {report}: changed"));
        }
    }
    for (kind, id, version) in sql::missing(tx).await? {
        faults.push(format!("{kind} {id} version {version}: missing"));
    }
    for (id,) in sql::torn(tx).await? {
        faults.push(format!("record {id}: its personal data are not as its erasure says"));
    }
    faults.truncate(NAMED);
    Ok((count, faults))
}

async fn verify_requests(
    tx: &mut Tx,
    vault: Option<&Vault>,
    faults: &mut Vec<String>,
) -> Result<u64> {
    let mut count = 0;
    // The versions of the record that is read just now.
    let mut chain: Vec<requests::Version> = Vec::new();
    loop {
        let after = chain.last().map_or((String::new(), 0), |it| (it.id.clone(), it.version));
        let batch = requests::store::versions_after(tx, (&after.0, after.1), BATCH).await?;
        let is_last = (batch.len() as i64) < BATCH;
        for version in batch {
            count += 1;
            if chain.last().is_some_and(|before| before.id != version.id) {
                check_facts(tx, vault, &chain, faults).await?;
                chain.clear();
            }
            let record = ("subject_request", version.id.as_str(), version.version);
            let sealed = sql::sealed(tx, version.entry, record).await?;
            let name = format!("request {} version {}", version.id, version.version);
            if sealed.as_deref() != Some(&version.hash()[..]) {
                faults.push(format!("{name}: changed"));
            }
            let before = chain.last();
            let state = before.map(|before| before.standing.state);
            let follows = requests::can_follow(state, version.step, version.standing.state);
            if version.version != before.map_or(0, |before| before.version) + 1 || !follows {
                faults.push(format!("{name}: does not follow from the one before"));
            }
            chain.push(version);
        }
        if is_last {
            check_facts(tx, vault, &chain, faults).await?;
            return Ok(count);
        }
    }
}

/// What lies in the vault of a request.
async fn check_facts(
    tx: &mut Tx,
    vault: Option<&Vault>,
    chain: &[requests::Version],
    faults: &mut Vec<String>,
) -> Result<()> {
    let Some((vault, last)) = vault.zip(chain.last()) else { return Ok(()) };
    if last.standing.state == requests::State::Erased {
        return Ok(());
    }
    let words: Vec<(String, Vec<u8>)> = chain
        .iter()
        .filter(|it| !it.words.is_empty())
        .map(|it| (format!("{}:{}", requests::WORDS, it.version), it.words.clone()))
        .collect();
    let first = [NAME, NUMBER, PHONE, ADDRESS, TEXT];
    if !locker::holds(tx, vault, &last.id, (&first, &last.facts), &words).await? {
        faults.push(format!("request {}: its personal data are not those received", last.id));
    }
    Ok(())
}

async fn verify_consents(
    tx: &mut Tx,
    vault: Option<&Vault>,
    faults: &mut Vec<String>,
) -> Result<u64> {
    let mut count = 0;
    let mut before: Option<consents::Version> = None;
    loop {
        let after = before.as_ref().map_or((String::new(), 0), |it| (it.id.clone(), it.version));
        let batch = consents::store::versions_after(tx, (&after.0, after.1), BATCH).await?;
        let is_last = (batch.len() as i64) < BATCH;
        for version in batch {
            count += 1;
            let record = ("subject_consent", version.id.as_str(), version.version);
            let sealed = sql::sealed(tx, version.entry, record).await?;
            let name = format!("consent {} version {}", version.id, version.version);
            if sealed.as_deref() != Some(&version.hash()[..]) {
                faults.push(format!("{name}: changed"));
            }
            let former = before.take().filter(|former| former.id == version.id);
            let number = former.as_ref().map_or(0, |former| former.version) + 1;
            let follows = consents::can_follow(former.map(|former| former.state), version.state);
            if version.version != number || !follows {
                faults.push(format!("{name}: does not follow from the one before"));
            }
            if let (1, Some(vault)) = (version.version, vault)
                && sql::person_of(tx, &version.id).await?.is_some()
            {
                let first = ([NAME, NUMBER, PHONE, ADDRESS].as_slice(), &version.facts[..]);
                if !locker::holds(tx, vault, &version.id, first, &[]).await? {
                    faults.push(format!("{name}: its personal data are not those given"));
                }
            }
            before = Some(version);
        }
        if is_last {
            return Ok(count);
        }
    }
}
