//! TLS that the program itself speaks: whom it is spoken with, and how a certificate is changed while
//! people are connected.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, SupportedProtocolVersion, version,
};

use crate::program::{PASSWORD, sogoc};

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A certificate authority that was made for one test.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "made up for a test");
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// A certificate and its key for these names, both PEM.
    fn issue(&self, names: &[&str]) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(names).unwrap();
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.0.der().clone()).unwrap();
        roots
    }
}

/// Puts both files in the place of those that are there.
fn put(folder: &Path, (certificate, key): &(String, String)) {
    for (name, text, mode) in [("c.pem", certificate, 0o644), ("k.pem", key, 0o600)] {
        let arriving = folder.join("arriving");
        std::fs::write(&arriving, text).unwrap();
        std::fs::set_permissions(&arriving, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::rename(&arriving, folder.join(name)).unwrap();
    }
}

/// A program with TLS; it ends with the value.
struct Secured {
    child: Child,
    said: BufReader<ChildStderr>,
    /// Where TLS is spoken.
    port: u16,
    /// Where plain HTTP leads there.
    leading: u16,
}

fn command(folder: &Path, more: &str) -> Command {
    let (certificate, key) = (folder.join("c.pem"), folder.join("k.pem"));
    let config = format!(
        "listen = '127.0.0.1:0'\ndata_dir = '{}'\n{more}\n[tls]\ncertificate = '{}'\nkey = '{}'\n\
         redirect = '127.0.0.1:0'\nreload_seconds = 1\n",
        folder.join("data").display(),
        certificate.display(),
        key.display()
    );
    std::fs::write(folder.join("sogoc.toml"), config).unwrap();
    let mut command = sogoc();
    command.args(["serve", "--config", &folder.join("sogoc.toml").display().to_string()]);
    command
}

impl Secured {
    fn start(folder: &Path) -> Self {
        let mut command = command(folder, "");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut ports = lines.map_while(Result::ok).filter_map(|line| {
            let (scheme, rest) = line.split_once("://127.0.0.1:")?;
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            Some((scheme.ends_with("https"), digits.parse::<u16>().unwrap()))
        });
        let (leading, port) = (ports.next().unwrap(), ports.next().unwrap());
        assert!(!leading.0 && port.0, "the line of the address says https");
        let said = BufReader::new(child.stderr.take().unwrap());
        Self { child, said, port: port.1, leading: leading.1 }
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits until the log says so.
    fn wait_for(&mut self, words: &str) {
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "{words} was never said");
        }
    }

    fn connect(&self, roots: RootCertStore) -> Result<Stream, std::io::Error> {
        self.connect_with(roots, &[&version::TLS13, &version::TLS12], &[])
    }

    fn connect_with(
        &self,
        roots: RootCertStore,
        versions: &[&'static SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> Result<Stream, std::io::Error> {
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let config = config.with_protocol_versions(versions).unwrap();
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream =
            StreamOwned::new(client, TcpStream::connect(("127.0.0.1", self.port)).unwrap());
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    /// The certificate that somebody gets who comes now.
    fn certificate(&self, authority: &Authority) -> CertificateDer<'static> {
        let stream = self.connect(authority.roots()).unwrap();
        stream.conn.peer_certificates().unwrap()[0].clone()
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request and reads the whole answer.
fn ask(mut stream: impl std::io::Read + std::io::Write, request: &str) -> String {
    stream.write_all(request.replace('\n', "\r\n").as_bytes()).unwrap();
    let mut answer = Vec::new();
    // Whoever closes without saying so in TLS could have cut the answer short.
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\nhost: localhost\nconnection: close\n\n")
}

/// The certificate in a file.
fn der(pem: &str) -> CertificateDer<'static> {
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

#[test]
fn pages_are_served_over_tls_to_whoever_trusts_the_authority() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    put(folder.path(), &authority.issue(&["localhost"]));
    let server = Secured::start(folder.path());
    for version in [&version::TLS13, &version::TLS12] {
        for (offered, agreed) in
            [(&[][..], None), (&[&b"h2"[..], b"http/1.1"], Some(&b"http/1.1"[..]))]
        {
            let stream = server.connect_with(authority.roots(), &[version], offered).unwrap();
            assert_eq!(stream.conn.alpn_protocol(), agreed);
            let answer = ask(stream, &get("/sign-in"));
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(answer.contains("\r\nstrict-transport-security: max-age=31536000\r\n"));
        }
        // Whoever speaks another protocol alone is told so, and not answered in one they did not ask for.
        server.connect_with(authority.roots(), &[version], &[b"h2"]).unwrap_err();
    }
    server.connect(Authority::new().roots()).unwrap_err();
}

#[test]
fn a_session_over_tls_has_a_cookie_that_only_this_host_can_have_set() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    put(folder.path(), &authority.issue(&["localhost"]));
    let server = Secured::start(folder.path());
    let connect = || server.connect(authority.roots()).unwrap();
    let body = format!("name=admin&password={PASSWORD}&next=%2Faccount");
    let length = body.len();
    let head = "POST /sign-in HTTP/1.1\nhost: localhost\nconnection: close\n\
                content-type: application/x-www-form-urlencoded\n";
    let answer = ask(connect(), &format!("{head}content-length: {length}\n\n{body}"));
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let parts: Vec<&str> = cookie.split(';').map(str::trim).collect();
    let token = parts[0].strip_prefix("__Host-sogoc_session=").unwrap();
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(parts.contains(&part), "{cookie}");
    }
    let account = |cookie: &str| {
        let head = "GET /account HTTP/1.1\nhost: localhost\nconnection: close\n";
        ask(connect(), &format!("{head}cookie: {cookie}\n\n"))
    };
    assert!(account(parts[0]).starts_with("HTTP/1.1 200"));
    // What a neighbour or plain HTTP could have set is no session.
    assert!(account(&format!("sogoc_session={token}")).starts_with("HTTP/1.1 303"));
}

#[test]
fn older_tls_is_refused() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    put(folder.path(), &authority.issue(&["localhost"]));
    let server = Secured::start(folder.path());
    for minor in [0, 1, 2] {
        // SSL 3.0, TLS 1.0 and 1.1: a greeting (RFC 4346, 7.4.1.2) with the suites of their time.
        let suites = [0xc0, 0x13, 0xc0, 0x14, 0x00, 0x2f, 0x00, 0x35, 0x00, 0x0a];
        let mut hello = vec![3, minor];
        hello.extend([7; 32]);
        hello.extend([0, 0, 10]);
        hello.extend(suites);
        hello.extend([1, 0]);
        let length = u8::try_from(hello.len()).unwrap();
        let record = [&[22, 3, minor.min(1), 0, length + 4, 1, 0, 0, length][..], &hello].concat();
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        stream.write_all(&record).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        // A fatal alert and nothing else.
        assert_eq!((answer.len(), answer[0], answer[5]), (7, 21, 2), "{minor}: {answer:?}");
    }
}

#[test]
fn whoever_speaks_plain_http_is_led_to_https_or_told() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    put(folder.path(), &authority.issue(&["localhost"]));
    let server = Secured::start(folder.path());
    for port in [server.port, server.leading] {
        let connect = || TcpStream::connect(("127.0.0.1", port)).unwrap();
        let answer = ask(connect(), &get("/units?on=2025-07-01"));
        assert!(answer.starts_with("HTTP/1.1 308"), "{answer}");
        let place = format!("location: https://localhost:{}/units?on=2025-07-01\r\n", server.port);
        assert!(answer.contains(&place) && answer.contains("no-store"), "{answer}");
        let post = "POST /sign-in HTTP/1.1\nhost: localhost\nconnection: close\n\
                    accept-language: km\ncontent-length: 3\n\na=b";
        let answer = ask(connect(), post);
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("HTTPS"), "{answer}");
        assert!(!answer.contains("set-cookie") && !answer.contains("strict-transport"));
    }
}

#[test]
fn a_new_certificate_is_taken_without_cutting_anybody_off_and_a_broken_one_is_not() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let pairs = [(); 4].map(|()| authority.issue(&["localhost"]));
    put(folder.path(), &pairs[0]);
    let mut server = Secured::start(folder.path());
    assert_eq!(server.certificate(&authority), der(&pairs[0].0));
    let mut early = server.connect(authority.roots()).unwrap();
    let mut still = |server: &Secured| {
        let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
        early.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok\n") {
            let mut part = [0; 512];
            let count = early.read(&mut part).unwrap();
            assert!(count > 0, "cut off");
            answer.extend(&part[..count]);
        }
        assert_eq!(early.conn.peer_certificates().unwrap()[0], der(&pairs[0].0));
        assert!(server.port > 0);
    };
    still(&server);
    // At once when told.
    put(folder.path(), &pairs[1]);
    server.signal("-HUP");
    while server.certificate(&authority) != der(&pairs[1].0) {}
    still(&server);
    // By itself when the files change.
    put(folder.path(), &pairs[2]);
    while server.certificate(&authority) != der(&pairs[2].0) {}
    still(&server);
    // A key of another, a certificate that is none, a key that others may read: the former stays.
    for broken in [
        (pairs[0].0.clone(), pairs[1].1.clone()),
        ("rubbish".to_owned(), pairs[1].1.clone()),
        (pairs[3].0.clone(), "rubbish".to_owned()),
    ] {
        put(folder.path(), &broken);
        server.wait_for("the new certificate is not taken");
        assert_eq!(server.certificate(&authority), der(&pairs[2].0));
    }
    put(folder.path(), &pairs[3]);
    while server.certificate(&authority) != der(&pairs[3].0) {}
    still(&server);
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn files_that_do_not_do_are_refused_at_the_start_by_their_name() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    let (one, other) = (authority.issue(&["localhost"]), authority.issue(&["localhost"]));
    let path = folder.path();
    let rubbish = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned();
    for (pair, mode, more, parts) in [
        ((one.0.clone(), other.1.clone()), 0o600, "", ["k.pem", "not that of the certificate"]),
        (one.clone(), 0o644, "", ["k.pem", "chmod 600"]),
        (one.clone(), 0o620, "", ["k.pem", "chmod 600"]),
        ((rubbish, one.1.clone()), 0o600, "", ["c.pem", "no certificate"]),
        ((String::new(), one.1.clone()), 0o600, "", ["c.pem", "no certificate"]),
        ((one.0.clone(), one.0.clone()), 0o600, "", ["k.pem", "no secret key"]),
        (one.clone(), 0o600, "site = 'https://other.example.vn'", ["c.pem", "other.example.vn"]),
        (one.clone(), 0o600, "site = 'http://localhost'", ["site", "https://"]),
    ] {
        put(path, &pair);
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path.join("k.pem"), mode).unwrap();
        let output = command(path, more).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(parts.iter().all(|part| said.contains(part)), "{parts:?}: {said}");
        assert!(!said.contains("PRIVATE KEY") && said.lines().count() == 1, "{said}");
    }
    std::fs::remove_file(path.join("k.pem")).unwrap();
    let said = command(path, "").output().unwrap().stderr;
    assert!(String::from_utf8_lossy(&said).contains("k.pem: It cannot be read"));
}

#[test]
fn a_visitor_who_goes_away_in_the_middle_of_the_greeting_disturbs_nobody() {
    let (folder, authority) = (tempfile::tempdir().unwrap(), Authority::new());
    put(folder.path(), &authority.issue(&["localhost"]));
    let server = Secured::start(folder.path());
    for bytes in [&b""[..], &[22], &[22, 3, 1, 0xff, 0xff, 1], &[0; 64], &[22, 3, 1, 0, 0]] {
        let mut stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
        match stream.write_all(bytes) {
            Err(cause) if cause.kind() != ErrorKind::BrokenPipe => panic!("{cause}"),
            _ => drop(stream),
        }
    }
    let answer = ask(server.connect(authority.roots()).unwrap(), &get("/healthz"));
    assert!(answer.starts_with("HTTP/1.1 200"));
}
