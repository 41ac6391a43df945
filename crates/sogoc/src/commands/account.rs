//! `sogoc account`: who may sign in, and what they may do.

use base::Result;
use lang::Lang;
use web::Role;

use super::say;
use crate::app::App;
use crate::cli::Account;

/// Does what was asked with the accounts.
pub(crate) async fn account(lang: Lang, app: &App, what: &Account) -> Result<()> {
    match what {
        Account::Add(name) => {
            let password = app.access.add_account(name).await?;
            say(lang::cli::account_added(lang, lang::cli::AccountAdded { name, password }));
        }
        Account::Give { name, role } => {
            app.access.set_role(name, role, true).await?;
            say(lang::cli::role_given(lang, lang::cli::RoleGiven { name, role }));
        }
        Account::Take { name, role } => {
            app.access.set_role(name, role, false).await?;
            say(lang::cli::role_taken(lang, lang::cli::RoleTaken { name, role }));
        }
        Account::ResetPassword(name) => {
            let password = app.access.reset_password(name).await?;
            say(lang::cli::password_reset(lang, lang::cli::PasswordReset { name, password }));
        }
        Account::ResetFactor(name) => match app.access.reset_factor(name).await? {
            true => say(lang::passkeys::reset(lang, name)),
            false => say(lang::passkeys::none_to_reset(lang, name)),
        },
        Account::List => {
            for (name, roles) in app.access.accounts().await? {
                let roles: Vec<&str> = roles.into_iter().map(Role::as_str).collect();
                say(format!("{name}\t{}", roles.join(", ")));
            }
        }
    }
    Ok(())
}
