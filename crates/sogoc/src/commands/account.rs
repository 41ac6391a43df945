//! `sogoc account`: who may sign in, and what they may do.

use access::Access;
use base::Result;
use base::rights::Actor;
use lang::Lang;

use super::{say, vault};
use crate::app::App;
use crate::cli::Account;
use crate::config::Config;

/// Whoever has the machine, in the journal.
const OPERATOR: &str = "operator";

/// Does what was asked with the accounts.
pub(crate) async fn account(lang: Lang, config: &Config, app: &App, what: &Account) -> Result<()> {
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
        Account::Enrol(name) => {
            let code = access.draw_enrolment(by, name).await?;
            say(lang::proof::enrolment_drawn(lang, lang::proof::EnrolmentDrawn { name, code }));
        }
        Account::ResetFactor(name) => match access.reset_factor(by, name).await? {
            true => say(lang::passkeys::reset(lang, name)),
            false => say(lang::passkeys::none_to_reset(lang, name)),
        },
        Account::Close(name) => {
            access.close_account(by, name, true).await?;
            say(lang::access::account_closed(lang, name));
        }
        Account::Open(name) => {
            access.close_account(by, name, false).await?;
            say(lang::access::account_opened(lang, name));
        }
        Account::Link { name, provider, subject } => {
            let access = knowing(lang, config, app).await?;
            access.link_account(by, name, provider, subject).await?;
            let linked = lang::providers::LinkedByOperator { name, provider };
            say(lang::providers::linked_by_operator(lang, linked));
        }
        Account::Unlink { name, provider } => {
            let access = knowing(lang, config, app).await?;
            match access.unlink_account(by, name, provider).await? {
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

/// The accounts of a program that knows other providers and the keys of its vault.
async fn knowing(lang: Lang, config: &Config, app: &App) -> Result<Access> {
    let vault = vault::vault(lang, config, app).await?;
    let app = app.clone().keeping(vault).found_at(config.site.as_ref(), config.providers()?)?;
    Ok(app.access)
}
