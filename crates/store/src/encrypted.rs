//! Encrypted backups: files of the age format (age-encryption.org/v1), for X25519 keys.
//!
//! Who encrypts needs the public keys alone; who has one of the secret keys opens the file, with this
//! program or with any other of the format. Each 64 KiB is authenticated before it is given out, and
//! the last part says that it is the last: what was cut short or changed does not open. That a file
//! opens does not say who made it, because public keys are public; the seals of the journal do.

use std::fmt;
use std::io::{self, BufReader, ErrorKind, Read, Write};
use std::str::FromStr;

use age::secrecy::ExposeSecret as _;
use age::{DecryptError, Decryptor, Encryptor};
use base::{Error, Progress, Result};

/// What a file of the format begins with.
const BEGIN: &[u8] = b"age-encryption.org/v1\n";
/// The end of a header is looked for within so many bytes; one for a hundred keys has 10,000.
const LONGEST_HEAD_BYTES: usize = 64 << 10;
/// So much is read at a time.
const PART_BYTES: usize = 64 << 10;

/// A public key, `age1…`: whose secret key opens the file.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient(age::x25519::Recipient);

/// Secret keys. They are wiped from memory with the value.
pub struct Identities(Vec<age::x25519::Identity>);

impl FromStr for Recipient {
    type Err = Error;

    /// Errors: `Invalid` at `recipient`; what was written is not repeated, it may be a secret key.
    fn from_str(text: &str) -> Result<Self> {
        let key = text.trim().parse();
        key.map(Self).map_err(|_| Error::invalid("recipient", lang::backups::bad_recipient))
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Debug for Identities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} secret keys", self.0.len())
    }
}

impl Identities {
    /// A new one.
    #[must_use]
    pub fn generate() -> Self {
        Self(vec![age::x25519::Identity::generate()])
    }

    /// Reads a file of secret keys: one a line, `#` before remarks.
    ///
    /// Errors: `Invalid` at `identity` when a line is none, or there is none; no line is repeated.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = || Error::invalid("identity", lang::backups::bad_identity);
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys = lines.map(|line| line.parse().map_err(|_| refuse()));
        let keys = keys.collect::<Result<Vec<_>>>()?;
        if keys.is_empty() { Err(refuse()) } else { Ok(Self(keys)) }
    }

    /// Writes them as a file that [`Identities::parse`] reads, each under its public key.
    ///
    /// Errors: those of the system.
    pub fn write(&self, mut to: impl Write) -> io::Result<()> {
        for key in &self.0 {
            writeln!(to, "# public key: {}", key.to_public())?;
            writeln!(to, "{}", key.to_string().expose_secret())?;
        }
        to.flush()
    }

    /// The public keys to them.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        self.0.iter().map(|key| Recipient(key.to_public())).collect()
    }
}

/// Encrypts everything that can be read. Memory: one part.
///
/// Errors: `Unavailable` when it cannot be read or written; `Internal` without recipients.
pub fn encrypt(
    mut from: impl Read,
    to: impl Write,
    recipients: &[Recipient],
    progress: &dyn Progress,
) -> Result<()> {
    let keys = recipients.iter().map(|it| &it.0 as &dyn age::Recipient);
    let encryptor = Encryptor::with_recipients(keys).map_err(|cause| cause.to_string());
    let encryptor = encryptor.map_err(Error::internal)?;
    let unavailable = |cause: io::Error| Error::Unavailable(cause.into());
    let mut to = encryptor.wrap_output(to).map_err(unavailable)?;
    let mut buffer = vec![0; PART_BYTES];
    loop {
        let count = from.read(&mut buffer).map_err(unavailable)?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { break };
        to.write_all(part).map_err(unavailable)?;
        progress.advance(count as u64);
    }
    to.finish().and_then(|mut to| to.flush()).map_err(unavailable)
}

/// Copies a backup into the clear: decrypted where it is encrypted, as it is where it is not. Memory:
/// one part. What was written before an error is of no use.
///
/// Errors: `Invalid` at `place` when it is encrypted and no key is given or none opens it, when it
/// was cut short or changed, or cannot be read; `Unavailable` when it cannot be written.
pub fn open(
    mut from: impl Read,
    to: impl Write,
    identities: Option<&Identities>,
    place: &str,
    progress: &dyn Progress,
) -> Result<()> {
    let refuse = |say: fn(lang::Lang) -> &'static str| Error::invalid(place, say);
    let mut head = Vec::new();
    let limited = (&mut from).take(LONGEST_HEAD_BYTES as u64);
    { limited }.read_to_end(&mut head).map_err(|cause| unreadable(place, &cause))?;
    let from = io::Cursor::new(&head).chain(from);
    if !head.starts_with(BEGIN) {
        return pour(from, to, |cause| unreadable(place, cause), progress);
    }
    let identities = identities.ok_or_else(|| refuse(lang::backups::no_identity))?;
    // A header without an end would be read into memory to the end of the file.
    if !head.windows(5).any(|window| window == b"\n--- ") {
        return Err(refuse(lang::backups::broken));
    }
    let failed = |cause: DecryptError| match cause {
        DecryptError::Io(cause) => broken(place, &cause),
        DecryptError::NoMatchingKeys => refuse(lang::backups::wrong_identity),
        _ => refuse(lang::backups::broken),
    };
    let opened = Decryptor::new_buffered(BufReader::with_capacity(PART_BYTES, from));
    let keys = identities.0.iter().map(|it| it as &dyn age::Identity);
    let opened = opened.and_then(|opened| opened.decrypt(keys)).map_err(failed)?;
    pour(opened, to, |cause| broken(place, cause), progress)
}

fn pour(
    mut from: impl Read,
    mut to: impl Write,
    failed: impl Fn(&io::Error) -> Error,
    progress: &dyn Progress,
) -> Result<()> {
    let mut buffer = vec![0; PART_BYTES];
    loop {
        let count = from.read(&mut buffer).map_err(|cause| failed(&cause))?;
        let Some(part) = buffer.get(..count).filter(|part| !part.is_empty()) else { break };
        to.write_all(part).map_err(|cause| Error::Unavailable(cause.into()))?;
        progress.advance(count as u64);
    }
    to.flush().map_err(|cause| Error::Unavailable(cause.into()))
}

/// Why a part did not open: it is not what was encrypted, or the disk does not give it.
fn broken(place: &str, cause: &io::Error) -> Error {
    match cause.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::Other => {
            Error::invalid(place, lang::backups::broken)
        }
        _ => unreadable(place, cause),
    }
}

fn unreadable(place: &str, cause: &io::Error) -> Error {
    let cause = base::system_reason(cause);
    Error::invalid(place, move |lang| lang::packs::unreadable(lang, cause.say(lang)))
}

#[cfg(test)]
mod tests {
    use base::Unwatched;
    use lang::Lang;
    use proptest::prelude::*;

    use super::*;

    fn sealed(plain: &[u8], to: &[Recipient]) -> Vec<u8> {
        let mut sealed = Vec::new();
        encrypt(plain, &mut sealed, to, &Unwatched).unwrap();
        sealed
    }

    fn opened(bytes: &[u8], with: Option<&Identities>) -> Result<Vec<u8>> {
        let mut plain = Vec::new();
        open(bytes, &mut plain, with, "x.age", &Unwatched).map(|()| plain)
    }

    fn said(result: Result<Vec<u8>>) -> String {
        result.unwrap_err().say(Lang::English)
    }

    #[test]
    fn either_of_two_keys_opens_a_file_and_a_third_does_not() {
        let keys = [(); 3].map(|()| Identities::generate());
        let to: Vec<_> = keys[..2].iter().flat_map(Identities::recipients).collect();
        let plain: Vec<u8> = (0..200_000_u32).map(|at| at.to_le_bytes()[0]).collect();
        let sealed = sealed(&plain, &to);
        assert!(!sealed.windows(32).any(|window| window == &plain[..32]));
        for key in &keys[..2] {
            assert_eq!(opened(&sealed, Some(key)).unwrap(), plain);
        }
        let other = lang::backups::wrong_identity(Lang::English);
        assert!(said(opened(&sealed, Some(&keys[2]))).contains(other));
        assert!(said(opened(&sealed, None)).contains(lang::backups::no_identity(Lang::English)));
    }

    #[test]
    fn what_was_cut_short_or_changed_anywhere_does_not_open() {
        let key = Identities::generate();
        let plain = vec![7; 3 * PART_BYTES];
        let whole = sealed(&plain, &key.recipients());
        let head = whole.windows(5).position(|window| window == b"\n--- ").unwrap();
        // At the edges of parts too: three whole parts are not a file.
        let overhead = whole.len() - plain.len() - 3 * 16;
        let edges = (0..=3).map(|parts| overhead + parts * (PART_BYTES + 16));
        for end in edges.chain([BEGIN.len(), head, head + 20, whole.len() - 1]) {
            if end < whole.len() {
                let said = said(opened(&whole[..end], Some(&key)));
                assert!(said.contains(lang::backups::broken(Lang::English)), "{end}: {said}");
            }
        }
        let mut more = whole.clone();
        more.extend(b"more");
        opened(&more, Some(&key)).unwrap_err();
        let swapped = [&whole[..overhead], &whole[overhead + PART_BYTES + 16..]].concat();
        opened(&swapped, Some(&key)).unwrap_err();
        let places = (BEGIN.len()..whole.len()).step_by(997).chain([head + 6, whole.len() - 1]);
        for place in places {
            let mut changed = whole.clone();
            changed[place] ^= 1;
            opened(&changed, Some(&key)).unwrap_err();
        }
    }

    #[test]
    fn a_file_that_is_not_encrypted_goes_through_as_it_is() {
        for plain in [&b""[..], b"SQLite format 3\0 ...", b"age-encryption.org/v2\n", &[0; 99_999]]
        {
            assert_eq!(opened(plain, None).unwrap(), plain);
            assert_eq!(opened(plain, Some(&Identities::generate())).unwrap(), plain);
        }
    }

    #[test]
    fn a_header_that_does_not_end_is_not_read_to_its_end() {
        let key = Identities::generate();
        let mut bytes = BEGIN.to_vec();
        bytes.extend("-> X25519 ".as_bytes().repeat(1 << 20));
        let mut counted = Counted { from: &bytes, count: 0 };
        open(&mut counted, io::sink(), Some(&key), "x", &Unwatched).unwrap_err();
        assert!(counted.count <= LONGEST_HEAD_BYTES, "{}", counted.count);
    }

    struct Counted<'a> {
        from: &'a [u8],
        count: usize,
    }

    impl Read for Counted<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.from.read(buffer)?;
            self.count += count;
            Ok(count)
        }
    }

    #[test]
    fn keys_come_back_from_their_file_and_no_error_repeats_a_secret() {
        let key = Identities::generate();
        let mut file = Vec::new();
        key.write(&mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        assert!(text.starts_with("# public key: age1") && text.contains("\nAGE-SECRET-KEY-1"));
        let again = Identities::parse(&text).unwrap();
        assert_eq!(again.recipients(), key.recipients());
        assert!(!format!("{again:?}").contains("SECRET"));
        let public = key.recipients()[0].to_string();
        assert_eq!(format!(" {public}\n").parse::<Recipient>().unwrap().to_string(), public);
        let secret = text.lines().nth(1).unwrap();
        for wrong in
            [secret, "", "age1", "age1qqqq", "ssh-ed25519 AAAA", &public.to_uppercase()[1..]]
        {
            let error = wrong.parse::<Recipient>().unwrap_err();
            assert!(!format!("{error:?} {}", error.say(Lang::Vietnamese)).contains("SECRET-KEY-1"));
        }
        for wrong in ["", "# nothing\n", &public, &secret[1..], &format!("{secret}\nrubbish")] {
            let error = Identities::parse(wrong).unwrap_err();
            assert!(!format!("{error:?}").contains(&secret[20..]), "{wrong}");
        }
    }

    /// Made by the `age` program of another house, for the key below; both were made for this test.
    #[test]
    fn a_file_of_another_program_of_the_format_opens() {
        let key = Identities::parse(include_str!("../tests/age/made-up.key")).unwrap();
        let sealed = include_bytes!("../tests/age/made-up.age");
        assert_eq!(opened(sealed, Some(&key)).unwrap(), "Sổ Gốc: dữ liệu minh họa\n".as_bytes());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(
            begin in prop::sample::select(vec!["", "age-encryption.org/v1\n", "age-encryption.org/v1\n-> X25519 "]),
            bytes in prop::collection::vec(any::<u8>(), 0..400),
            end in prop::sample::select(vec!["", "\n--- ", "\n--- AAAA\n"]),
        ) {
            let key = Identities::parse(include_str!("../tests/age/made-up.key")).unwrap();
            let bytes = [begin.as_bytes(), &bytes, end.as_bytes()].concat();
            let opened = opened(&bytes, Some(&key));
            prop_assert_eq!(opened.is_ok(), !bytes.starts_with(BEGIN));
        }

        #[test]
        fn any_text_is_keys_or_refused(text in "(AGE-SECRET-KEY-1|age1|#)?[A-Z0-9a-z\\PC\\n]{0,70}") {
            let _ = Identities::parse(&text);
            let _ = text.parse::<Recipient>();
        }
    }
}
