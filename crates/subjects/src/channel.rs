//! By which way something came.

use lang::Lang;

named! {
    /// By which way a request or a consent came.
    Channel {
        /// At the counter, or by telephone to it.
        Counter = "counter",
        /// By letter.
        Letter = "letter",
        /// At `/my-data`, from somebody without an account.
        Online = "online",
    }
}

impl Channel {
    /// In words.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        match self {
            Self::Counter => lang::subjects::channel_counter(lang),
            Self::Letter => lang::subjects::channel_letter(lang),
            Self::Online => lang::subjects::channel_online(lang),
        }
    }
}
