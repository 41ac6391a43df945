//! `sogoc account`: who may sign in, and what they may do.

use access::Access;
use base::Result;
use lang::Lang;
use web::Role;

use super::{say, vault};
use crate::app::App;
use crate::cli::Account;
use crate::config::Config;

/// Does what was asked with the accounts.
pub(crate) async fn account(lang: Lang, config: &Config, app: &App, what: &Account) -> Result<()> {
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
        Account::Link { name, provider, subject } => {
            let access = knowing(lang, config, app).await?;
            access.link_account(name, provider, subject).await?;
            let linked = lang::providers::LinkedByOperator { name, provider };
            say(lang::providers::linked_by_operator(lang, linked));
        }
        Account::Unlink { name, provider } => {
            let access = knowing(lang, config, app).await?;
            match access.unlink_account(name, provider).await? {
                true => {
                    let gone = lang::providers::UnlinkedByOperator { name, provider };
                    say(lang::providers::unlinked_by_operator(lang, gone));
                }
                false => {
                    let none = lang::providers::NotLinked { name, provider };
                    say(lang::providers::not_linked(lang, none));
                }
            }
        }
        Account::List => {
            for (name, roles) in app.access.accounts().await? {
                let roles: Vec<&str> = roles.into_iter().map(Role::as_str).collect();
                say(format!("{name}\t{}", roles.join(", ")));
            }
        }
    }
    Ok(())
}

/// The accounts of a program that knows other providers and the keys of its vault.
async fn knowing(lang: Lang, config: &Config, app: &App) -> Result<Access> {
    let vault = vault::vault(lang, config, app).await?;
    let app = app.clone().keeping(vault).found_at(config.site.as_ref(), config.providers()?)?;
    Ok(app.access)
}
