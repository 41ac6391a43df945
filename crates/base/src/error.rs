//! The one error of all areas.

use lang::{Lang, Text};

/// What a function of an area gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
///
/// `NotFound` and `Elsewhen` become 404, `Unauthenticated` 401, `Invalid` 422, `Refused` and `Conflict` 409,
/// `Unavailable` and `Unsettled` 503, `Internal` 500.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing; the text says what was looked for.
    #[error("{0}")]
    NotFound(Text),
    /// It is not there on the day that was asked, but it was or will be on others.
    #[error("{text}")]
    Elsewhen {
        /// The sentence for people.
        text: Text,
        /// Where to look instead.
        see: Vec<See>,
    },
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    Unauthenticated,
    /// What was sent in is wrong, field by field.
    #[error("{}", .0.iter().map(|e| format!("{}: {}", e.place, e.text)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldError>),
    /// The law, or the state of the record, says no. The code is stable: `area.reason`.
    #[error("{code}: {text}")]
    Refused {
        /// `area.reason`, for programs.
        code: &'static str,
        /// The sentence for people, with what they can do next.
        text: Text,
    },
    /// Somebody else changed it first.
    #[error("{0}")]
    Conflict(Text),
    /// The database is away, full or busy; nothing was changed.
    #[error("unavailable: {0}")]
    Unavailable(Box<dyn std::error::Error + Send + Sync>),
    /// The database went away while it was told to keep what was written: whether it did is not
    /// known.
    #[error("unsettled: {0}")]
    Unsettled(Box<dyn std::error::Error + Send + Sync>),
    /// A fault of the program or of its data.
    #[error("internal: {0}")]
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// Where to look instead of what is not there.
#[derive(Clone, Debug)]
pub struct See {
    /// What it is to what was asked; stable, for programs: `bearer`, `successor`.
    pub rel: &'static str,
    /// What is found there.
    pub text: Text,
    /// The address of its page.
    pub page: String,
    /// Its address over the API; none where it has a page alone.
    pub data: Option<String>,
}

/// One mistake in what was sent in: where it is and how to mend it.
#[derive(Clone, Debug)]
pub struct FieldError {
    /// The form field, or `file:line field`.
    pub place: String,
    /// What is wrong and how to mend it.
    pub text: Text,
}

impl Error {
    /// A mistake in one field.
    pub fn invalid<S: Into<String>>(
        place: impl Into<String>,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) -> Self {
        Self::Invalid(vec![FieldError { place: place.into(), text: Text::new(say) }])
    }

    /// A refusal with its stable code.
    pub fn refused<S: Into<String>>(
        code: &'static str,
        say: impl Fn(Lang) -> S + Send + Sync + 'static,
    ) -> Self {
        Self::Refused { code, text: Text::new(say) }
    }

    /// Something that is not there.
    pub fn not_found<S: Into<String>>(say: impl Fn(Lang) -> S + Send + Sync + 'static) -> Self {
        Self::NotFound(Text::new(say))
    }

    /// A state that the program holds to be impossible.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// What went wrong, for the log and for whoever runs the program.
    #[must_use]
    pub fn cause(&self) -> String {
        match self {
            Self::Unavailable(cause) | Self::Unsettled(cause) | Self::Internal(cause) => {
                cause.to_string()
            }
            other => other.to_string(),
        }
    }

    /// The sentence for people. Faults of the program say nothing of their inside.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        match self {
            Self::NotFound(text)
            | Self::Elsewhen { text, .. }
            | Self::Conflict(text)
            | Self::Refused { text, .. } => text.say(lang),
            Self::Unauthenticated => lang::error::unauthenticated(lang).into(),
            Self::Invalid(errors) => errors
                .iter()
                .map(|error| format!("{}: {}", error.place, error.text.say(lang)))
                .collect::<Vec<_>>()
                .join("\n"),
            Self::Unavailable(_) => lang::error::unavailable(lang).into(),
            Self::Unsettled(_) => lang::error::unsettled(lang).into(),
            Self::Internal(_) => lang::error::internal(lang).into(),
        }
    }
}

/// Why the system did not read, write or listen, in words where we have some, otherwise in its own.
#[must_use]
pub fn system_reason(failure: &std::io::Error) -> Text {
    use std::io::ErrorKind;
    let say: fn(Lang) -> &'static str = match failure.kind() {
        ErrorKind::NotFound => lang::error::io_not_found,
        ErrorKind::PermissionDenied => lang::error::io_denied,
        ErrorKind::AlreadyExists => lang::error::io_exists,
        ErrorKind::NotADirectory => lang::error::io_not_a_folder,
        ErrorKind::IsADirectory => lang::error::io_is_a_folder,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => lang::error::io_full,
        ErrorKind::ReadOnlyFilesystem => lang::error::io_read_only,
        ErrorKind::InvalidData => lang::error::io_not_text,
        ErrorKind::AddrInUse => lang::error::io_in_use,
        ErrorKind::AddrNotAvailable => lang::error::io_no_address,
        _ => {
            let own = failure.to_string();
            return Text::new(move |_| own.clone());
        }
    };
    Text::new(say)
}
