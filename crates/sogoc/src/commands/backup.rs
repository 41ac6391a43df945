//! `sogoc backup` and `sogoc restore`, from and into either engine.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base::{Clock, Error, Progress, Result, grouped};
use journal::Trust;
use lang::Lang;
use store::encrypted::{self, Identities, Recipient};
use store::{Database, Location, private};
use zeroize::Zeroizing;

use super::arriving::{Arriving, folder, unwritable};
use super::shown::Shown;
use super::{make_folder, say, verify};
use crate::app::{App, POSTGRES, SQLITE};
use crate::cli::{Backup, Restore};
use crate::config::Config;

/// A file of secret keys is far shorter.
const LONGEST_IDENTITY_BYTES: u64 = 64 << 10;

/// For whom a backup is encrypted; for nobody when that was said aloud.
///
/// Errors: `Invalid` at `backup_recipients` when nobody is named and it was not said.
pub(super) fn recipients(config: &Config, what: &Backup) -> Result<Vec<Recipient>> {
    if what.plain {
        return Ok(Vec::new());
    }
    let mut recipients = config.backup_recipients.clone();
    for key in &what.recipients {
        let key = key.parse();
        let key = key.map_err(|_| Error::invalid("--recipient", lang::backups::bad_recipient))?;
        if !recipients.contains(&key) {
            recipients.push(key);
        }
    }
    if recipients.is_empty() {
        return Err(Error::invalid("backup_recipients", lang::backups::no_recipients));
    }
    Ok(recipients)
}

/// Copies the database, as one state of it, into a new file, encrypted where there are recipients.
pub(crate) async fn backup(
    lang: Lang,
    config: &Config,
    app: &App,
    file: &Path,
    recipients: &[Recipient],
) -> Result<()> {
    let arriving = Arriving::at(file)?;
    let shown = Shown::new(lang, lang::cli::copying(lang));
    let progress: Arc<dyn Progress> = shown.clone();
    let rows = if recipients.is_empty() {
        store::back_up(app.database(), arriving.path(), &SQLITE, &progress).await?
    } else {
        // In the clear it lies for a while where the database does, and never where the backup does.
        let plain = Arriving::at(&beside(config, "copied.db"))?;
        let rows = store::back_up(app.database(), plain.path(), &SQLITE, &progress).await?;
        encrypt(&plain, &arriving, recipients, &*shown)?;
        rows
    };
    arriving.keep()?;
    shown.end();
    let rows = grouped(lang, i64::try_from(rows).unwrap_or(i64::MAX));
    say(lang::cli::backed_up(lang, lang::cli::BackedUp { file: file.display(), rows }));
    if recipients.is_empty() {
        say(lang::backups::is_plain(lang));
    }
    for recipient in recipients {
        say(lang::backups::opened_by(lang, recipient));
    }
    Ok(())
}

/// A place where the program keeps its own: beside the database, or in the data folder.
fn beside(config: &Config, name: &str) -> PathBuf {
    match &config.location {
        Location::File(file) => file.with_file_name(name),
        Location::Server(_) => config.data_dir.join(name),
    }
}

fn encrypt(
    plain: &Arriving,
    arriving: &Arriving,
    recipients: &[Recipient],
    progress: &dyn Progress,
) -> Result<()> {
    let from = File::open(plain.path()).map_err(|cause| Error::Unavailable(cause.into()))?;
    progress.begin(lang::backups::encrypting, from.metadata().map_or(0, |about| about.len()));
    encrypted::encrypt(from, opened(arriving)?, recipients, progress)
}

fn opened(arriving: &Arriving) -> Result<File> {
    let path = arriving.path();
    private::options().open(path).map_err(|cause| unwritable(path, &cause))
}

/// Makes a key for encrypted backups in a new file that nobody else may read.
///
/// Errors: `Invalid` at the file when it is there or cannot be written.
pub(crate) fn keygen(lang: Lang, file: &Path) -> Result<()> {
    let arriving = Arriving::at(file)?;
    let made = Identities::generate();
    let written = opened(&arriving)?;
    made.write(written).map_err(|cause| unwritable(file, &cause))?;
    arriving.keep()?;
    say(lang::backups::key_made(lang, file.display()));
    for recipient in made.recipients() {
        say(lang::backups::public_key(lang, recipient));
    }
    Ok(())
}

/// The secret keys in a file.
///
/// Errors: `Invalid` at the file.
pub(super) fn identities(file: &Path) -> Result<Identities> {
    let place = file.display().to_string();
    let is_short = file.metadata().map(|about| about.len() <= LONGEST_IDENTITY_BYTES);
    let text = is_short.and_then(|is_short| match is_short {
        true => std::fs::read_to_string(file).map(Zeroizing::new),
        false => Err(std::io::ErrorKind::FileTooLarge.into()),
    });
    let text = text.map_err(|cause| unreadable(file, &cause))?;
    private::keep_to_oneself(file);
    Identities::parse(&text).map_err(|_| Error::invalid(place, lang::backups::bad_identity))
}

/// Makes the database from a backup. It must not be there yet, or hold nothing. A copy of the
/// backup is decrypted, brought to the present version and verified first; a damaged one is refused.
pub(crate) async fn restore(lang: Lang, config: &Config, what: &Restore) -> Result<()> {
    let identities = what.identity.as_deref().map(identities).transpose()?;
    let from = From { file: &what.file, identities: identities.as_ref() };
    let shown = Shown::new(lang, lang::cli::reading(lang));
    let progress: Arc<dyn Progress> = shown.clone();
    match &config.location {
        Location::File(target) => {
            make_folder(folder(target))?;
            let arriving = Arriving::at(target)?;
            bring(&from, &arriving, &*shown).await?;
            arriving.keep()?;
        }
        Location::Server(_) => {
            let database = Database::open(&config.location).await?;
            make_folder(&config.data_dir)?;
            let arriving = Arriving::at(&config.data_dir.join("restored.db"))?;
            bring(&from, &arriving, &*shown).await?;
            let from = Database::open(&Location::File(arriving.path().to_owned())).await?;
            store::fill_server(&database, &from, &SQLITE, &POSTGRES, &progress).await?;
            from.close().await;
        }
    }
    shown.end();
    say(lang::cli::restored(lang, crate::config::shown(&config.location)));
    Ok(())
}

/// A backup, and what opens it.
pub(super) struct From<'a> {
    pub(super) file: &'a Path,
    pub(super) identities: Option<&'a Identities>,
}

/// Copies a backup to where it arrives, migrates the copy and verifies it.
async fn bring(from: &From<'_>, arriving: &Arriving, progress: &dyn Progress) -> Result<()> {
    let app = open_copy(from, arriving, progress).await?;
    progress.begin(lang::cli::recomputing, 0);
    let found = verify::check(&app, &Trust::default()).await?;
    app.database().close().await;
    found.first_fault().map_or(Ok(()), |fault| Err(damaged(from.file, fault)))
}

/// Opens a copy of a backup as a database of the present version, and leaves the backup alone.
///
/// Errors: `Invalid` at the backup when it is none, is damaged, or was made by a newer program.
pub(super) async fn open_copy(
    from: &From<'_>,
    arriving: &Arriving,
    progress: &dyn Progress,
) -> Result<App> {
    let file = from.file;
    copy_bytes(from, arriving, progress)?;
    store::unpack(arriving.path(), &file.display().to_string(), &SQLITE, progress).await?;
    let location = Location::File(arriving.path().to_owned());
    let app = App::open(&location, Clock::system()).await?;
    store::has_schema(app.database(), &SQLITE)
        .await
        .map_err(|cause| damaged(file, cause.cause()))?;
    Ok(app)
}

fn damaged(file: &Path, cause: String) -> Error {
    Error::invalid(file.display().to_string(), move |lang| {
        lang::error::damaged_backup(lang, &cause)
    })
}

fn copy_bytes(from: &From<'_>, to: &Arriving, progress: &dyn Progress) -> Result<()> {
    let unreadable = |cause: std::io::Error| unreadable(from.file, &cause);
    let reader = File::open(from.file).map_err(unreadable)?;
    progress.begin(lang::cli::reading, reader.metadata().map_err(unreadable)?.len());
    let place = from.file.display().to_string();
    encrypted::open(reader, opened(to)?, from.identities, &place, progress)
}

fn unreadable(file: &Path, cause: &std::io::Error) -> Error {
    let cause = base::system_reason(cause);
    Error::invalid(file.display().to_string(), move |lang| {
        lang::packs::unreadable(lang, cause.say(lang))
    })
}
