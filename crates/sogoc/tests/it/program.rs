//! Starting the program and asking it.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use store::Location;

/// The password of the administrator in tests.
pub(crate) const PASSWORD: &str = "mat-khau-thu-nghiem";

/// The header by which programs sign in as the administrator: `admin` and [`PASSWORD`].
pub(crate) const LOGIN: &str = "Basic YWRtaW46bWF0LWtoYXUtdGh1LW5naGllbQ==";

/// The program, ready to be given words.
pub(crate) fn sogoc() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sogoc"));
    command.env_clear().env("LC_ALL", "en").env("SOGOC_ADMIN_PASSWORD", PASSWORD);
    command.stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(words: &[&str]) -> Output {
    sogoc().args(words).output().unwrap()
}

/// A command for a program that ends, with all that it started, and whose folder is removed when
/// this process ends, however it ends: its standard input closes then.
///
/// It may not be waited for, and its standard input must be kept.
pub(crate) fn lasting(inner: &Command, folder: &Path) -> Command {
    // All of the group: a driver that is ended leaves its browsers behind, which take a moment. Nobody
    // but the program holds its output, so that its end is seen by whoever reads it.
    let script = "\"$@\" </dev/null & exec >/dev/null; cat; \
                  trap '' TERM; kill 0; wait; sleep 1; rm -rf \"$0\"";
    let mut command = Command::new("sh");
    command.args(["-c", script]).arg(folder).arg(inner.get_program()).args(inner.get_args());
    // Settings of whoever runs the tests must not reach the program.
    command.env_clear().envs(
        ["PATH", "HOME", "TMPDIR"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))),
    );
    command.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // A group of its own, so that a signal to that of the tests does not end the one that cleans up.
    command.process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// The folder of the packs that come with it.
pub(crate) fn packs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")
}

/// As a word of `--database`.
pub(crate) fn address(location: &Location) -> String {
    match location {
        Location::File(path) => path.display().to_string(),
        Location::Server(address) => address.clone(),
    }
}

/// A server that goes away with the value.
pub(crate) struct Server {
    child: Child,
    address: String,
}

impl Server {
    /// Serves a database on a port of its own.
    pub(crate) fn start(location: &Location) -> Self {
        let mut command = sogoc();
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", &address(location)]);
        // The sealing key of a database on a server.
        command.args(["--data-dir", env!("CARGO_TARGET_TMPDIR")]);
        Self::of(&mut command)
    }

    /// Serves a database at an address that it is told by a configuration in a folder:
    /// `http://localhost:PORT`. What more stands in the configuration is made of that address.
    pub(crate) fn found_at(
        location: &Location,
        folder: &Path,
        configured: impl Fn(&str) -> String,
    ) -> Self {
        // Given back at once; nobody else is given it for a while.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let site = format!("http://localhost:{port}");
        let config = folder.join("sogoc.toml");
        std::fs::write(&config, format!("site = \"{site}\"\n{}", configured(&site))).unwrap();
        let mut command = sogoc();
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
        command.args(["--database", &address(location), "--data-dir"]).arg(folder);
        command.env("SOGOC_TEST_SECRET", "made-up");
        Self::of(command.arg("--config").arg(config))
    }

    /// Starts one that says its address on standard output.
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::started(command).unwrap_or_else(|| panic!("{command:?} ended before it served"))
    }

    /// The same; none when it ended before it served.
    pub(crate) fn started(command: &mut Command) -> Option<Self> {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let said = output.lines().map_while(Result::ok);
        let mut served = said.filter_map(|line| {
            Some(line.split_once("http://")?.1.split_whitespace().next()?.to_owned())
        });
        let Some(address) = served.next() else {
            child.wait().unwrap();
            return None;
        };
        Some(Self { child, address })
    }

    /// With the territory and definitions of the packs.
    pub(crate) fn with_packs(location: &Location) -> Self {
        prepare(location);
        Self::start(location)
    }

    /// Asks for JSON; gives status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let mut response = agent().get(self.url(path)).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_json().unwrap_or_default())
    }

    /// Asks for a page; gives status and text.
    pub(crate) fn page(&self, path: &str) -> (u16, String) {
        let mut response = agent().get(self.url(path)).call().unwrap();
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    /// Sends JSON as the administrator; none when no answer came.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        post(&self.url(path), body)
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The most memory that it ever had. Units: bytes.
    pub(crate) fn peak_memory_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() << 10
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Kills it at once, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop and waits; true when it ended well.
    pub(crate) fn stop(&mut self) -> bool {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Gives a database the territory and definitions of the packs.
pub(crate) fn prepare(location: &Location) {
    let database = address(location);
    let folder = |name: &str| packs().join(name).display().to_string();
    let done =
        run(&["import", "territory", &folder("territory-hau-giang"), "--database", &database]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    for pack in ["units-of-count", "reporting-calendars", "campaign-124", "claims-hau-giang"] {
        let done = run(&["pack", "apply", &folder(pack), "--database", &database]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// Sends JSON as the administrator; none when no answer came.
pub(crate) fn post(url: &str, body: &Value) -> Option<(u16, Value)> {
    let request = agent().post(url).header("authorization", LOGIN);
    let mut response = request.send_json(body).ok()?;
    Some((response.status().as_u16(), response.body_mut().read_json().unwrap_or_default()))
}

/// One that takes every answer as it comes.
pub(crate) fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false);
    config.max_redirects(0).max_redirects_will_error(false).build().into()
}
