//! `sogoc retention report|apply`: what is over its time, and deleting it.

use std::collections::BTreeMap;

use base::{Result, grouped, short_day};
use lang::Lang;
use subjects::{Context, retention};

use super::{OPERATOR, say, vault};
use crate::app::App;
use crate::cli::Retention;
use crate::config::Config;

/// Reports, or deletes what was reported.
pub(crate) async fn retention(
    lang: Lang,
    config: &Config,
    app: &App,
    what: &Retention,
) -> Result<()> {
    let app = app.clone().keeping(vault::vault(lang, config, app).await?);
    let office = &app.office;
    let mut tx = office.database().write().await?;
    let definitions = office.definitions(&mut tx).await?;
    let cx = Context {
        clock: office.clock(),
        actor: OPERATOR,
        definitions: &definitions,
        vault: office.vault()?,
    };
    match what {
        Retention::Report => {
            let id = retention::report(&mut tx, cx, office.areas()).await?;
            let items = retention::items(&mut tx, &id).await?;
            tx.commit().await?;
            let mut lines: BTreeMap<&str, (i64, i64, String)> = BTreeMap::new();
            for item in &items {
                let line = lines.entry(&item.rule).or_default();
                line.0 += item.amount;
                line.1 += i64::from(item.held);
                line.2 = short_day(item.before.day());
            }
            for (rule, (amount, held, day)) in lines {
                let (amount, held) = (grouped(lang, amount), grouped(lang, held));
                let line = lang::retention::CliLine { amount, day, held, rule };
                say(lang::retention::cli_line(lang, line));
            }
            if items.is_empty() {
                say(lang::retention::nothing(lang));
            }
            say(lang::retention::cli_made(lang, &id));
        }
        Retention::Apply(id) => {
            let applied = retention::apply(&mut tx, cx, office.areas(), id).await?;
            tx.commit().await?;
            let (deleted, kept) = (grouped(lang, applied.deleted), grouped(lang, applied.kept));
            let words = lang::retention::CliApplied { deleted, kept };
            say(lang::retention::cli_applied(lang, words));
        }
    }
    Ok(())
}
