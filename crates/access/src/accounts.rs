//! Accounts beside the administrator's, and their roles.

use base::{Error, FieldError, Result, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use web::Role;

use crate::passkeys::store as passkeys;
use crate::providers::store as providers;
use crate::{Access, password, store as sql};

/// Letters of a name.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=40;

impl Access {
    /// Adds an account that may do what everybody may who is signed in. Gives its password, which
    /// is stored nowhere.
    ///
    /// Errors: `Invalid` at `name`; `access.account_exists` is `Refused`.
    pub async fn add_account(&self, name: &str) -> Result<String> {
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let is_name = name.chars().all(|letter| fits(letter) || ".-_".contains(letter));
        if !is_name || !LENGTH.contains(&name.len()) {
            return Err(Error::invalid("name", lang::access::bad_name));
        }
        let drawn = URL_SAFE_NO_PAD.encode(random_bytes::<15>());
        let hash = password::hash(&drawn).await?;
        let mut tx = self.database().write().await?;
        if sql::find_account(&mut tx, name).await?.is_some() {
            let name = name.to_owned();
            return Err(Error::refused("access.account_exists", move |lang| {
                lang::access::account_exists(lang, &name)
            }));
        }
        self.insert_account(&mut tx, name, &hash, &[]).await?;
        tx.commit().await?;
        Ok(drawn)
    }

    /// Gives an account a new password, which is stored nowhere, ends its sessions and removes its
    /// passkeys and its links to other providers: whoever had the account has it no more.
    ///
    /// Errors: `NotFound` for an unknown name.
    pub async fn reset_password(&self, name: &str) -> Result<String> {
        let drawn = URL_SAFE_NO_PAD.encode(random_bytes::<15>());
        let hash = password::hash(&drawn).await?;
        let mut tx = self.database().write().await?;
        let account = sql::find_account(&mut tx, name).await?.ok_or_else(|| {
            let name = name.to_owned();
            Error::not_found(move |lang| lang::access::no_account(lang, &name))
        })?;
        sql::set_password(&mut tx, &account.id, &hash).await?;
        passkeys::remove_all(&mut tx, &account.id).await?;
        providers::remove_all(&mut tx, &account.id).await?;
        tx.commit().await?;
        Ok(drawn)
    }

    /// Gives an account a role, or takes it away.
    ///
    /// Errors: `NotFound` for an unknown name; `Invalid` at `role`.
    pub async fn set_role(&self, name: &str, role: &str, has: bool) -> Result<()> {
        let role = Role::find(role).ok_or_else(|| {
            let names = Role::ALL.map(Role::as_str).join(", ");
            let text = lang::Text::new(move |lang| lang::access::bad_role(lang, &names));
            Error::Invalid(vec![FieldError { place: "role".to_owned(), text }])
        })?;
        let mut tx = self.database().write().await?;
        let account = sql::find_account(&mut tx, name).await?.ok_or_else(|| {
            let name = name.to_owned();
            Error::not_found(move |lang| lang::access::no_account(lang, &name))
        })?;
        match has {
            true => sql::give_role(&mut tx, &account.id, role).await?,
            false => sql::take_role(&mut tx, &account.id, role).await?,
        }
        tx.commit().await
    }

    /// All accounts with their roles, by name.
    pub async fn accounts(&self) -> Result<Vec<(String, Vec<Role>)>> {
        let mut tx = self.database().read().await?;
        let mut accounts: Vec<(String, Vec<Role>)> = Vec::new();
        for (name, role) in sql::accounts(&mut tx).await? {
            let role = role.and_then(|role| Role::find(&role));
            match accounts.last_mut().filter(|(last, _)| *last == name) {
                Some((_, roles)) => roles.extend(role),
                None => accounts.push((name, role.into_iter().collect())),
            }
        }
        Ok(accounts)
    }
}
