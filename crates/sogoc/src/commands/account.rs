//! `sogoc account`: who may sign in, and what they may do.

use base::Result;
use base::rights::Actor;
use lang::Lang;

use super::say;
use crate::app::App;
use crate::cli::Account;

/// Whoever has the machine, in the journal.
const OPERATOR: &str = "operator";

/// Does what was asked with the accounts.
pub(crate) async fn account(lang: Lang, app: &App, what: &Account) -> Result<()> {
    let by = Actor::operator(OPERATOR);
    let access = &app.access;
    match what {
        Account::Add(name) => {
            let password = access.add_account(by, name).await?;
            say(lang::cli::account_added(lang, lang::cli::AccountAdded { name, password }));
        }
        Account::Give { name, role } => {
            access.give_role(by, name, role).await?;
            say(lang::cli::role_given(lang, lang::cli::RoleGiven { name, role }));
        }
        Account::Take { name, role } => {
            access.take_role(by, name, role).await?;
            say(lang::cli::role_taken(lang, lang::cli::RoleTaken { name, role }));
        }
        Account::ResetPassword(name) => {
            let password = access.reset_password(by, name).await?;
            say(lang::cli::password_reset(lang, lang::cli::PasswordReset { name, password }));
        }
        Account::ResetFactor(name) => match access.reset_factor(by, name).await? {
            true => say(lang::cli::factor_reset(lang, name)),
            false => say(lang::cli::no_factor(lang, name)),
        },
        Account::Close(name) => {
            access.close_account(by, name, true).await?;
            say(lang::access::account_closed(lang, name));
        }
        Account::Open(name) => {
            access.close_account(by, name, false).await?;
            say(lang::access::account_opened(lang, name));
        }
        Account::List => {
            let today = app.clock().today();
            for account in access.accounts().await? {
                let counts = account.assignments.iter().filter(|it| it.valid.contains(today));
                let roles: Vec<&str> = counts.map(|it| it.role.as_str()).collect();
                let closed = if account.is_closed { lang::rights::closed(lang) } else { "" };
                say(format!("{}\t{}\t{closed}", account.name, roles.join(", "))
                    .trim_end()
                    .to_owned());
            }
        }
    }
    Ok(())
}
