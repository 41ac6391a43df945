//! A small mail server (RFC 5321) that does as it is told, and keeps what crossed the wire.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Something takes far less; a test that hangs must end.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where a conversation stops: nothing more is said, and the line stays open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// Before the first word.
    Greeting,
    /// When a letter is announced.
    Data,
    /// When a letter is there, before that is acknowledged.
    End,
}

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Takes every letter.
    Takes,
    /// Refuses every recipient with this code.
    Refuses(u16),
    /// Refuses every recipient with these words after the code.
    Declines(u16, &'static str),
    /// Falls silent there.
    Halts(Halt),
}

/// A letter as it came.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    /// Head and body, as they crossed the wire, without the dots that only the wire needs.
    pub(crate) text: String,
}

#[derive(Default)]
struct Seen {
    letters: Vec<Received>,
    halted: usize,
}

/// The server; its threads end with the process.
#[derive(Clone)]
pub(crate) struct Smtp {
    pub(crate) port: u16,
    mood: Arc<Mutex<Mood>>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
}

impl Smtp {
    pub(crate) fn start(mood: Mood) -> Self {
        Self::on(0, mood)
    }

    /// On this port; 0 is any.
    pub(crate) fn on(port: u16, mood: Mood) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let smtp = Self { port, mood: Arc::new(Mutex::new(mood)), seen: Arc::default() };
        let server = smtp.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.converse(&stream));
            }
        });
        smtp
    }

    pub(crate) fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// The letters, as soon as there are so many.
    pub(crate) fn letters(&self, count: usize) -> Vec<Received> {
        let (seen, more) = &*self.seen;
        let waiting = seen.lock().unwrap();
        let (seen, _) =
            more.wait_timeout_while(waiting, PATIENCE, |seen| seen.letters.len() < count).unwrap();
        assert!(seen.letters.len() >= count, "of {count} letters came {}", seen.letters.len());
        seen.letters.clone()
    }

    /// Waits until somebody stands before its silence.
    pub(crate) fn wait_for_halt(&self, count: usize) {
        let (seen, more) = &*self.seen;
        let waiting = seen.lock().unwrap();
        let (seen, _) =
            more.wait_timeout_while(waiting, PATIENCE, |seen| seen.halted < count).unwrap();
        assert!(seen.halted >= count, "nobody came");
    }

    fn note(&self, change: impl FnOnce(&mut Seen)) {
        let (seen, more) = &*self.seen;
        change(&mut seen.lock().unwrap());
        more.notify_all();
    }

    /// Says nothing more until the other one goes.
    fn halts(&self, at: Halt, stream: &TcpStream) -> bool {
        if *self.mood.lock().unwrap() != Mood::Halts(at) {
            return false;
        }
        self.note(|seen| seen.halted += 1);
        let mut rest = BufReader::new(stream);
        let mut line = String::new();
        while rest.read_line(&mut line).is_ok_and(|count| count > 0) {}
        true
    }

    fn converse(&self, stream: &TcpStream) -> Option<()> {
        let mut output = stream.try_clone().ok()?;
        let mut say = |line: &str| output.write_all(format!("{line}\r\n").as_bytes()).ok();
        if self.halts(Halt::Greeting, stream) {
            return None;
        }
        say("220 test ready")?;
        let mut lines = BufReader::new(stream.try_clone().ok()?);
        let (mut from, mut to) = (String::new(), Vec::new());
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).ok()? == 0 {
                return None;
            }
            let line = line.strip_suffix("\r\n").unwrap().to_owned();
            let inside = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => say("250-test\r\n250 8BITMIME")?,
                "MAIL" => {
                    (from, to) = (inside(), Vec::new());
                    say("250 ok")?;
                }
                "RCPT" => match *self.mood.lock().unwrap() {
                    Mood::Refuses(code) => say(&format!("{code} <{}> is not known", inside()))?,
                    Mood::Declines(code, words) => say(&format!("{code} {words}"))?,
                    _ => {
                        to.push(inside());
                        say("250 ok")?;
                    }
                },
                "DATA" => {
                    if self.halts(Halt::Data, stream) {
                        return None;
                    }
                    say("354 go on")?;
                    let text = letter(&mut lines)?;
                    let received = Received { from: from.clone(), to: to.clone(), text };
                    self.note(|seen| seen.letters.push(received));
                    if self.halts(Halt::End, stream) {
                        return None;
                    }
                    say("250 taken")?;
                }
                "QUIT" => {
                    say("221 bye")?;
                    return None;
                }
                _ => say("250 ok")?,
            }
        }
    }
}

/// Reads up to the line with the single dot.
fn letter(lines: &mut BufReader<TcpStream>) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).ok()? == 0 {
            return None;
        }
        assert!(line.ends_with("\r\n") && line.is_ascii() && line.len() <= 1000, "{line:?}");
        if line == ".\r\n" {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

impl Received {
    /// A line of the head, unfolded and as a person reads it.
    pub(crate) fn head(&self, name: &str) -> Option<String> {
        let head = self.text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        let lines: Vec<&str> = head.split("\r\n").collect();
        let mut found = lines.iter().filter_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        let value = found.next()?.to_owned();
        assert_eq!(found.next(), None, "{name} stands twice");
        Some(decoded(&value))
    }

    /// What it says.
    pub(crate) fn body(&self) -> String {
        let (_, body) = self.text.split_once("\r\n\r\n").unwrap();
        let bytes = match self.head("Content-Transfer-Encoding").as_deref() {
            Some("base64") => base64(&body.replace("\r\n", "")),
            Some("quoted-printable") => quoted(&body.replace("=\r\n", "")),
            _ => body.as_bytes().to_vec(),
        };
        String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
    }
}

/// Words that are encoded (RFC 2047); the spaces between two of them are none.
fn decoded(value: &str) -> String {
    let mut text = String::new();
    let mut was_encoded = false;
    for word in value.split(' ') {
        let parts: Vec<&str> = word.split('?').collect();
        let bytes = match parts[..] {
            ["=", _, "b" | "B", content, "="] => Some(base64(content)),
            ["=", _, "q" | "Q", content, "="] => Some(quoted(&content.replace('_', " "))),
            _ => None,
        };
        let goes_on = was_encoded && bytes.is_some();
        if !text.is_empty() && !goes_on {
            text.push(' ');
        }
        was_encoded = bytes.is_some();
        let bytes = bytes.unwrap_or_else(|| word.as_bytes().to_vec());
        text.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    text
}

fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let values = text.bytes().filter_map(|byte| LETTERS.iter().position(|it| *it == byte));
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_usize, 0);
    for value in values {
        (bits, count) = (bits << 6 | value, count + 6);
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

fn quoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('=') {
        bytes.extend(before.as_bytes());
        bytes.push(u8::from_str_radix(&after[..2], 16).unwrap());
        rest = &after[2..];
    }
    bytes.extend(rest.as_bytes());
    bytes
}
