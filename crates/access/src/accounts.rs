//! Accounts: who may sign in, with which roles of their own.

use base::rights::{Act, Actor, Place};
use base::{Day, DayRange, Error, Id, Result, random_bytes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journal::{NewEntry, content_hash};
use lang::Lang;
use store::Tx;

use crate::grants::{Given, Standing, given_on};
use crate::log::Outcome;
use crate::organisation::{
    Assignment, Bearer, Context, NewAssignment, assign, end_assignment, store as organisation,
};
use crate::passkeys::store as passkeys;
use crate::proof::store as proof;
use crate::providers::store as providers;
use crate::store::AccountRow;
use crate::{Access, password, store as sql};

/// Letters of a name.
const LENGTH: std::ops::RangeInclusive<usize> = 2..=40;

/// An account as whoever manages them sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name to sign in with.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Whether nobody signs in with it any more.
    pub is_closed: bool,
    /// What was assigned to it alone, not to a post.
    pub assignments: Vec<Assignment>,
}

impl Access {
    /// Adds an account, which may do nothing until it or the post of its owner has a role. Gives
    /// its password, which is stored nowhere.
    ///
    /// Errors: `Invalid` at `name`; `access.account_exists` is `Refused`; those of rights.
    pub async fn add_account(&self, actor: Actor<'_>, name: &str) -> Result<String> {
        actor.check(Act::ManageAccounts, Place::PROVINCE)?;
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
        let id = self.insert_account(&mut tx, name, &hash).await?;
        proof::note_opener(&mut tx, &id, actor.name).await?;
        self.tell(&mut tx, actor, "access.add_account", &id).await?;
        tx.commit().await?;
        Ok(drawn)
    }

    /// Gives an account a new password, which is stored nowhere, ends its sessions and removes its
    /// passkeys and its links to other providers: whoever had the account has it no more.
    ///
    /// Errors: `NotFound` for an unknown name; those of rights.
    pub async fn reset_password(&self, actor: Actor<'_>, name: &str) -> Result<String> {
        actor.check(Act::ManageAccounts, Place::PROVINCE)?;
        let drawn = URL_SAFE_NO_PAD.encode(random_bytes::<15>());
        let hash = password::hash(&drawn).await?;
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let account = find(&mut tx, name).await?;
        self.refuse_stronger(&mut tx, actor, (name, &account.id)).await?;
        self.refuse_giver(&mut tx, actor, &account.id).await?;
        sql::set_password(&mut tx, &account.id, &hash).await?;
        proof::note_opener(&mut tx, &account.id, actor.name).await?;
        passkeys::remove_all(&mut tx, &account.id).await?;
        providers::remove_all(&mut tx, &account.id).await?;
        self.tell(&mut tx, actor, "access.reset_password", &account.id).await?;
        self.tell_owner(&mut tx, &account.id, "", Outcome::PasswordReset).await?;
        tx.commit().await?;
        Ok(drawn)
    }

    /// Whoever manages accounts does not get into one that way which opens personal data or gives
    /// rights, nor anew into the own one: that is for whoever has the machine.
    ///
    /// Errors: `Refused` `access.stronger_account`.
    pub(crate) async fn refuse_stronger(
        &self,
        tx: &mut Tx,
        actor: Actor<'_>,
        (name, account): (&str, &str),
    ) -> Result<()> {
        if actor.rights.is_operator() {
            return Ok(());
        }
        match actor.name == name || opens_guarded(self, tx, account).await? {
            true => Err(Error::refused("access.stronger_account", lang::access::stronger_account)),
            false => Ok(()),
        }
    }

    /// Whoever gave an account what it may do is not the one to open it too: otherwise anybody could
    /// make a second account for oneself that may do more.
    ///
    /// Errors: `Refused` `access.four_eyes`.
    pub(crate) async fn refuse_giver(
        &self,
        tx: &mut Tx,
        actor: Actor<'_>,
        account: &str,
    ) -> Result<()> {
        let is_operator = actor.rights.is_operator();
        match !is_operator && organisation::has_given(tx, account, actor.name).await? {
            true => Err(Error::refused("access.four_eyes", lang::access::giver)),
            false => Ok(()),
        }
    }

    /// Closes an account, which ends its sessions, or opens it again.
    ///
    /// Errors: `NotFound` for an unknown name; `Refused` `access.own_account`; those of rights.
    pub async fn close_account(&self, actor: Actor<'_>, name: &str, closes: bool) -> Result<()> {
        actor.check(Act::ManageAccounts, Place::PROVINCE)?;
        if actor.name == name {
            return Err(Error::refused("access.own_account", lang::access::own_account));
        }
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let account = find(&mut tx, name).await?;
        sql::close_account(&mut tx, &account.id, closes.then(|| self.now())).await?;
        let cause = if closes { "access.close_account" } else { "access.open_account" };
        self.tell(&mut tx, actor, cause, &account.id).await?;
        tx.commit().await
    }

    /// Writes into the journal what was done with an account. Its name stands there in no form.
    pub(crate) async fn tell(
        &self,
        tx: &mut Tx,
        actor: Actor<'_>,
        cause: &'static str,
        account: &str,
    ) -> Result<()> {
        let now = self.now();
        let entry = NewEntry {
            id: Id::new(self.clock()),
            actor: actor.name.to_owned(),
            cause,
            record_kind: "account",
            record_id: account.to_owned(),
            record_version: now.0,
            content_hash: content_hash(&[b"sogoc account 1", cause.as_bytes(), account.as_bytes()]),
            postings: Vec::new(),
        };
        journal::append(tx, self.clock(), vec![entry]).await?;
        Ok(())
    }

    /// Gives an account a role from today on, as the operator of the machine does.
    ///
    /// Errors: `NotFound` for an unknown name; those of [`assign`].
    pub async fn give_role(&self, actor: Actor<'_>, name: &str, role: &str) -> Result<()> {
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let account = find(&mut tx, name).await?;
        let territory = self.atlas().territory(&mut tx).await?;
        let cx = Context { clock: self.clock(), actor, territory: &territory };
        let new = NewAssignment {
            role: role.to_owned(),
            bearer: Bearer::Account(account.id),
            unit: None,
            valid: DayRange { from: self.clock().today(), to: Day::MAX },
            decision: lang::rights::by_operator(Lang::Vietnamese).to_owned(),
            made_up: false,
        };
        assign(&mut tx, (cx, self.book()), new).await?;
        tx.commit().await
    }

    /// Takes a role from an account, as the operator of the machine does.
    ///
    /// Errors: `NotFound` for an unknown name or a role that it has not; those of
    /// [`end_assignment`].
    pub async fn take_role(&self, actor: Actor<'_>, name: &str, role: &str) -> Result<()> {
        let today = self.clock().today();
        let mut tx = self.database().write().await?;
        journal::lock(&mut tx).await?;
        let account = find(&mut tx, name).await?;
        let territory = self.atlas().territory(&mut tx).await?;
        let cx = Context { clock: self.clock(), actor, territory: &territory };
        let given = organisation::assignments_by(&mut tx, "account", &[&account.id]).await?;
        let held = |it: &&Assignment| it.role == role && it.valid.contains(today);
        let held: Vec<_> = given.iter().filter(held).map(|it| it.id).collect();
        if held.is_empty() {
            return Err(Error::not_found(lang::rights::no_assignment));
        }
        let decision = lang::rights::by_operator(Lang::Vietnamese);
        for id in held {
            end_assignment(&mut tx, cx, id, (today, decision)).await?;
        }
        tx.commit().await
    }

    /// All accounts with what was assigned to them, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let mut tx = self.database().read().await?;
        let given = organisation::assignments(&mut tx).await?;
        let rows = sql::accounts(&mut tx).await?;
        let account = |(id, name, closed_at): (String, String, Option<i64>)| {
            let own = |it: &&Assignment| it.bearer == Bearer::Account(id.clone());
            let assignments = given.iter().filter(own).cloned().collect();
            Account { name, is_closed: closed_at.is_some(), assignments, id }
        };
        Ok(rows.into_iter().map(account).collect())
    }
}

/// Whoever drew what opens an account, and so could come in, is not the one to draw the rest of it, nor
/// to give it what it may do.
///
/// Errors: `Refused` `access.four_eyes`.
pub(crate) async fn refuse_opener(tx: &mut Tx, actor: Actor<'_>, account: &str) -> Result<()> {
    let is_operator = actor.rights.is_operator();
    match !is_operator && proof::has_opened(tx, account, actor.name).await? {
        true => Err(Error::refused("access.four_eyes", lang::access::opener)),
        false => Ok(()),
    }
}

/// Whether an account may do today what asks for more than a password, once that is proved.
pub(crate) async fn opens_guarded(access: &Access, tx: &mut Tx, account: &str) -> Result<bool> {
    let given = given_on(tx, access.book(), (account, true), access.clock().today()).await?;
    let counts =
        |line: &Given| line.standing == Standing::InForce && line.act.wants_second_factor();
    Ok(given.iter().any(counts))
}

/// Errors: `NotFound` for an unknown name.
pub(crate) async fn find(tx: &mut Tx, name: &str) -> Result<AccountRow> {
    sql::find_account(tx, name).await?.ok_or_else(|| {
        let name = name.to_owned();
        Error::not_found(move |lang| lang::access::no_account(lang, &name))
    })
}
