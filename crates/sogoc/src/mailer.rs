//! Letters as e-mail, and the way to the server that takes them.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use base::{Error, Moment, Result};
use figures::watches::Letter;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls as Protection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use crate::config::mail::{Mail, Tls, read_file};

/// The name beside the address from which letters come.
const NAME: &str = "Sổ Gốc";
/// A server that takes longer for one step is held to be away.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than all steps of a delivery that goes well.
const LONGEST: Duration = Duration::from_secs(60);

/// Sends letters.
#[derive(Clone)]
pub(crate) struct Mailer {
    from: Address,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// Why a letter was not taken, in words without any address, and whether it never will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotTaken {
    pub(crate) reason: String,
    pub(crate) for_good: bool,
}

impl Mailer {
    /// The way to a server; nobody is asked yet. `host` is the name by which we greet it.
    ///
    /// Errors: `Invalid` at a file of the password or certificate that cannot be read.
    pub(crate) fn new(mail: &Mail, host: &str) -> Result<Self> {
        let protection = match mail.tls {
            Tls::None => Protection::None,
            Tls::Starttls => Protection::Required(parameters(mail)?),
            Tls::Always => Protection::Wrapper(parameters(mail)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&mail.host)
            .port(mail.port)
            .tls(protection)
            .hello_name(ClientId::Domain(host.to_owned()))
            .timeout(Some(PATIENCE));
        if let Some((user, file)) = &mail.login {
            let password = read_file(file)?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(Self { from: mail.from.clone(), transport: builder.build() })
    }

    /// Hands a letter to the server. After this returned, the server answers for it.
    pub(crate) async fn send(
        &self,
        id: &str,
        made_at: Moment,
        to: &str,
        letter: &Letter,
    ) -> std::result::Result<(), NotTaken> {
        let message = compose(&self.from, (id, made_at), to, letter);
        let message =
            message.map_err(|_| NotTaken { reason: "letter".to_owned(), for_good: true })?;
        match tokio::time::timeout(LONGEST, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(not_taken(&error)),
            Err(_) => Err(NotTaken { reason: "timeout".to_owned(), for_good: false }),
        }
    }
}

fn parameters(mail: &Mail) -> Result<TlsParameters> {
    let mut builder = TlsParameters::builder(mail.host.clone());
    if let Some(file) = &mail.authority {
        let certificate = Certificate::from_pem(read_file(file)?.as_bytes());
        let place = file.display().to_string();
        let certificate =
            certificate.map_err(|_| Error::invalid(place, lang::watch::bad_authority))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(Error::internal)
}

/// What the server says may name the address, so that only its code is kept.
fn not_taken(error: &SmtpError) -> NotTaken {
    let Some(code) = error.status() else {
        let reason = if error.is_timeout() {
            "timeout"
        } else if error.is_tls() {
            "tls"
        } else {
            "connection"
        };
        return NotTaken { reason: reason.to_owned(), for_good: false };
    };
    let code = code.to_string();
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    let enhanced = enhanced(&said);
    let for_good = is_for_good(&code, enhanced);
    let reason = enhanced.map_or_else(|| code.clone(), |enhanced| format!("{code} {enhanced}"));
    NotTaken { reason, for_good }
}

/// Whether a mailbox will never take a letter: there is none, or it takes nothing from anybody (RFC
/// 5321, 4.2.2; RFC 3463, 3.2 and 3.3). All other refusals, also with the same code, may lie with
/// our own configuration or name, or with a rule of the server: somebody can mend them.
fn is_for_good(code: &str, enhanced: Option<&str>) -> bool {
    if !["550", "551", "553"].contains(&code) {
        return false;
    }
    match enhanced {
        // A server that gives no such code says of the recipient that it is not known.
        None => true,
        // The address of the sender, which is ours.
        Some("5.1.7" | "5.1.8") => false,
        Some(enhanced) => enhanced.starts_with("5.1.") || enhanced == "5.2.1",
    }
}

/// The code of RFC 2034 with which an answer begins.
fn enhanced(said: &str) -> Option<&str> {
    let word = said.split_whitespace().next()?;
    let parts: Vec<&str> = word.split('.').collect();
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    (parts.len() == 3 && parts.iter().all(is_number)).then_some(word)
}

/// Errors: `Internal` when something in it cannot stand in a letter.
fn compose(
    from: &Address,
    (id, made_at): (&str, Moment),
    to: &str,
    letter: &Letter,
) -> Result<Message> {
    let to: Address = to.parse().map_err(Error::internal)?;
    let written = Duration::from_micros(made_at.0.max(0).unsigned_abs());
    // The end of a line in a subject would begin another line of the head.
    let subject: String =
        letter.subject.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    let mut message = Message::builder()
        .from(Mailbox::new(Some(NAME.to_owned()), from.clone()))
        .to(Mailbox::new(None, to))
        .subject(subject)
        // The same each time it is tried, so that whoever gets it twice can tell.
        .message_id(Some(format!("<{id}@{}>", from.domain())))
        .date(SystemTime::UNIX_EPOCH + written)
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.clone())
        .map_err(Error::internal)?;
    let headers = message.headers_mut();
    // Nobody's automatic answer is meant for us (RFC 3834).
    headers.insert_raw(ready("Auto-Submitted", "auto-generated"));
    if let Some(end) = letter.unsubscribe.as_deref().filter(|end| is_plain(end)) {
        // RFC 2369 and RFC 8058: mail programs end it with one click.
        headers.insert_raw(ready("List-Unsubscribe", &format!("<{end}>")));
        headers.insert_raw(ready("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    Ok(message)
}

/// A line of the head whose value is plain already and must not be folded or encoded.
fn ready(name: &'static str, value: &str) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.to_owned(), value.to_owned())
}

fn is_plain(address: &str) -> bool {
    address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<' && byte != b'>')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(subject: &str, unsubscribe: Option<&str>) -> Letter {
        let text = "Đơn vị: Xã Vị Thủy\n.\nTình trạng: chậm\n".to_owned();
        Letter { subject: subject.to_owned(), text, unsubscribe: unsubscribe.map(str::to_owned) }
    }

    fn composed(letter: &Letter) -> String {
        let from = "sogoc@example.vn".parse().unwrap();
        let message =
            compose(&from, ("an-id", Moment(1_795_361_279_000_000)), "an@example.vn", letter);
        String::from_utf8(message.unwrap().formatted()).unwrap()
    }

    #[test]
    fn a_letter_is_given_up_only_where_the_mailbox_never_takes_it() {
        for (code, said, for_good) in [
            ("550", "5.1.1 <an@example.vn>: no such user", true),
            ("550", "5.1.10 null MX", true),
            ("550", "5.2.1 mailbox is disabled", true),
            ("553", "5.1.3 bad address", true),
            ("550", "no such user", true),
            ("551", "user not local", true),
            // What is refused for another reason may be taken tomorrow.
            ("550", "5.7.1 relaying denied", false),
            ("550", "5.7.26 not authenticated", false),
            ("550", "5.2.2 mailbox full", false),
            ("553", "5.1.8 sender's domain is not known", false),
            ("553", "5.1.7 sender", false),
            ("554", "5.1.1 no such user", false),
            ("552", "too large", false),
            ("451", "4.1.1 later", false),
            ("451", "", false),
        ] {
            assert_eq!(is_for_good(code, enhanced(said)), for_good, "{code} {said}");
        }
        for said in ["", "5.1", "5.1.1.1", "a.b.c", "192.168.1111.1", "5..1"] {
            assert_eq!(enhanced(said), None, "{said}");
        }
    }

    #[test]
    fn nothing_in_a_letter_begins_a_line_of_its_head() {
        let nasty = "Xã\r\nBcc: evil@example.vn\r\n\r\nText";
        for letter in [
            letter(nasty, None),
            letter("x", Some("https://a.vn/x>\r\nBcc: evil@example.vn")),
            letter("x", Some("https://a.vn/x\nBcc: evil@example.vn")),
        ] {
            let text = composed(&letter);
            let head = text.split("\r\n\r\n").next().unwrap();
            let names: Vec<&str> = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split(':').next().unwrap())
                .collect();
            assert!(!names.contains(&"Bcc") && !names.contains(&"List-Unsubscribe"), "{text}");
            assert!(!head.contains('\n') || head.lines().count() == head.split("\r\n").count());
        }
        let from: Address = "sogoc@example.vn".parse().unwrap();
        for to in ["a@b.vn\r\nBcc: c@d.vn", "a@b.vn, c@d.vn", "", "a"] {
            assert!(compose(&from, ("id", Moment(0)), to, &letter("x", None)).is_err(), "{to:?}");
        }
    }

    #[test]
    fn the_head_of_a_letter_is_as_the_standards_want_it() {
        let end =
            format!("https://sogoc.example.vn/watch/{}/end/{}", "x".repeat(43), "y".repeat(36));
        let text = composed(&letter("Xã Vị Thủy: chậm – Một nửa số hộ", Some(&end)));
        for line in [
            "To: an@example.vn",
            "Message-ID: <an-id@example.vn>",
            "Auto-Submitted: auto-generated",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            &format!("List-Unsubscribe: <{end}>"),
            "Content-Type: text/plain; charset=utf-8",
        ] {
            assert!(text.split("\r\n").any(|it| it == line), "{line} in {text}");
        }
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.is_ascii(), "{head}");
        assert!(
            head.contains("From: =?utf-8?b?") && head.contains("Subject: =?utf-8?b?"),
            "{head}"
        );
    }
}
