//! A private PostgreSQL cluster for one run of one test program.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Makes an empty database in the cluster of this run, which is started at the first call.
pub(super) fn new_database() -> Option<String> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER.get_or_init(Cluster::start).as_ref().map(Cluster::new_database)
}

/// A PostgreSQL cluster of its own, for a test that takes the database away.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

impl Cluster {
    /// Makes and starts one. None, with a notice, where PostgreSQL is not installed, unless
    /// `SOGOC_TEST_REQUIRE` names `postgres`.
    #[must_use]
    pub fn start() -> Option<Self> {
        Self::start_in(None)
    }

    /// Makes and starts one on a disk of its own, in memory, of so many megabytes. None also where
    /// such a disk cannot be mounted: that takes root, or `sudo` without a password.
    #[must_use]
    pub fn start_on_disk_of(megabytes: u32) -> Option<Self> {
        Self::start_in(Some(megabytes))
    }

    fn start_in(disk_megabytes: Option<u32>) -> Option<Self> {
        let Some(programs) = programs() else {
            super::skip("postgres", "PostgreSQL's server programs were not found");
            return None;
        };
        // Sockets want a short path, and the server's user must be able to enter it.
        let folder = tempfile::Builder::new().prefix("sogoc-pg-").tempdir_in("/tmp");
        let folder = folder.expect("a temporary folder").keep();
        let cluster = Self { programs, folder };
        if let Some(megabytes) = disk_megabytes {
            let mut mount = as_root("mount");
            mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "sogoc-test"]);
            let mounted = mount.arg(&cluster.folder).stderr(Stdio::null()).status();
            if !mounted.is_ok_and(|status| status.success()) {
                let _ = std::fs::remove_dir(&cluster.folder);
                super::skip("postgres", "a disk of its own for it takes root or sudo to mount");
                return None;
            }
        }
        if is_root() {
            run(Command::new("chown").arg(server_user()).arg(&cluster.folder));
        }
        run(cluster
            .command("initdb")
            .args(["--auth=trust", "--username=sogoc", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--no-instructions", "-D"])
            .arg(cluster.folder.join("data")));
        cluster.go_on();
        cluster.stop_with_us();
        Some(cluster)
    }

    /// Starts it, also again after [`Cluster::stop`].
    pub fn go_on(&self) {
        let options = format!(
            "-c listen_addresses= -c unix_socket_directories={} -c fsync=off -c max_connections=200",
            self.folder.display()
        );
        let mut start = self.command("pg_ctl");
        start.args(["start", "-w", "-s", "-o", &options, "-D"]).arg(self.folder.join("data"));
        run(start.arg("-l").arg(self.folder.join("log")));
    }

    /// Stops it at once; every connection breaks.
    pub fn stop(&self) {
        let mut stop = self.command("pg_ctl");
        run(stop.args(["stop", "-m", "immediate", "-s", "-D"]).arg(self.folder.join("data")));
    }

    /// Takes all that is free on its disk; see [`Cluster::start_on_disk_of`].
    pub fn fill_disk(&self) {
        let mut ballast = std::fs::File::create(self.ballast()).expect("a file");
        // In pieces that get smaller, until not one byte more fits.
        for piece in [vec![0; 1 << 20], vec![0; 1 << 12], vec![0; 1]] {
            while ballast.write_all(&piece).is_ok() {}
        }
    }

    /// Gives back what [`Cluster::fill_disk`] took.
    pub fn make_room(&self) {
        std::fs::remove_file(self.ballast()).expect("the ballast goes");
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Makes an empty database and gives its address.
    #[must_use]
    pub fn new_database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.psql(&format!("create database {name}"));
        self.address(&name)
    }

    /// Leaves a process behind that stops the cluster when this one ends, however it ends: its
    /// standard input closes then.
    fn stop_with_us(&self) {
        // Only a folder with a disk of its own is unmounted, so `sudo` is asked only for that.
        let unmount = if is_root() { "umount" } else { "sudo -n umount" };
        let script = format!(
            "folder=$0; cat >/dev/null; \"$@\" stop -m immediate -s -D \"$folder/data\"; \
             ! mountpoint -q \"$folder\" || {unmount} \"$folder\"; rm -rf \"$folder\""
        );
        let stop = self.command("pg_ctl");
        // As whoever runs the tests: a disk of its own was not mounted by the server's user.
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(&self.folder).arg(stop.get_program()).args(stop.get_args());
        shell.current_dir("/tmp").env("LC_ALL", "C");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A signal to the group of the tests must not end the one that cleans up after them.
        shell.process_group(0);
        let child = shell.spawn().expect("a shell");
        // The pipe must stay open as long as this process lives.
        std::mem::forget(child);
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://sogoc@localhost/{database}?host={}", self.folder.display())
    }

    fn psql(&self, sql: &str) {
        run(self
            .command("psql")
            .args(["-q", "-X", "-U", "sogoc", "-d", "postgres", "-c", sql, "-h"])
            .arg(&self.folder));
    }

    /// A program of PostgreSQL, run as a user that its server accepts.
    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            let user = server_user();
            command.args([format!("--reuid={user}"), format!("--regid={user}")]);
            command.arg("--clear-groups").arg(path);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/tmp").env("LC_ALL", "C");
        command
    }
}

/// The folder with `initdb`: on the path, or the newest of Debian's versioned folders.
fn programs() -> Option<PathBuf> {
    let on_path = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default();
    let mut versioned: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect::<Vec<_>>())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    versioned.sort();
    let has_server = |folder: &Path| {
        ["initdb", "pg_ctl", "psql"].iter().all(|program| folder.join(program).is_file())
    };
    versioned.into_iter().rev().map(|(_, path)| path).chain(on_path).find(|path| has_server(path))
}

fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| {
        Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
    })
}

/// A program that only root may run, by `sudo` where it takes no password.
fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["--non-interactive", program]);
    command
}

/// PostgreSQL refuses to run as root.
fn server_user() -> &'static str {
    static USER: OnceLock<&'static str> = OnceLock::new();
    USER.get_or_init(|| {
        let known = Command::new("id").arg("postgres").stdout(Stdio::null()).status();
        if known.is_ok_and(|status| status.success()) { "postgres" } else { "nobody" }
    })
}

fn run(command: &mut Command) {
    let output = command.output().expect("a program of PostgreSQL starts");
    if !output.status.success() {
        panic!("{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
