//! Folders of packs that lead elsewhere, or hold what is no file of a pack.

use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::program::run;

const HEADER: &str = "name = \"x\"\nversion = \"1\"\ntitle = { vi = \"x\" }\n";

/// Checks a folder; gives the exit code and what was said.
fn check(folder: &Path) -> (Option<i32>, String) {
    let output = run(&["pack", "check", &folder.display().to_string()]);
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

#[test]
fn links_and_other_things_in_the_folder_of_a_pack_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.toml");
    std::fs::write(&secret, "password = \"SECRET-WORD\"\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    std::fs::write(inside("pack.toml"), HEADER).unwrap();
    for (name, target) in [
        ("measures.toml", secret.as_path()),
        ("indicators.toml", Path::new("/etc/passwd")),
        ("claims.toml", Path::new("/dev/zero")),
        ("calendars.toml", Path::new("../secret.toml")),
    ] {
        symlink(target, inside(name)).unwrap();
        let (code, said) = check(folder.path());
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(said.contains(name), "{name}: {said}");
        assert!(!said.contains("SECRET-WORD") && !said.contains("root:"), "{said}");
        std::fs::remove_file(inside(name)).unwrap();
    }
    // A pipe, on which nobody would ever write.
    let pipe = inside("measures.toml");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (code, said) = check(folder.path());
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("measures.toml"), "{said}");
    std::fs::remove_file(pipe).unwrap();
    // Folders within, hidden files and names that are no text are left alone.
    std::fs::create_dir(inside("measures.toml.d")).unwrap();
    std::fs::write(inside(".measures.toml"), "x").unwrap();
    std::fs::write(inside("").join(std::ffi::OsStr::from_bytes(b"\xff.toml")), "x").unwrap();
    assert_eq!(check(folder.path()).0, Some(0));
}

#[test]
fn files_of_a_pack_that_are_broken_are_named_with_their_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    let deep = format!("{HEADER}x = {}", "[".repeat(200_000));
    let tables = format!("{HEADER}[{}]\n", vec!["a"; 50_000].join("."));
    for (name, bytes, place) in [
        ("deep", deep.as_bytes(), "pack.toml:4"),
        ("deep tables", tables.as_bytes(), "pack.toml:"),
        ("UTF-16", b"\xff\xfen\0a\0m\0e\0", "pack.toml"),
        ("zero byte", b"name = \"x\0\"\n", "pack.toml:1"),
        ("open quote", b"name = \"x\nversion = \"1\"\n", "pack.toml:1"),
        ("the same twice", b"name = \"x\"\nname = \"y\"\n", "pack.toml:2"),
        ("nothing", b"", "pack.toml"),
    ] {
        write("pack.toml", bytes);
        let (code, said) = check(folder.path());
        assert_eq!(code, Some(2), "{name}: {said}");
        assert!(said.contains(place), "{name}: {said:.300}");
    }
    // With a byte order mark, as some editors write it.
    write("pack.toml", format!("\u{feff}{HEADER}").as_bytes());
    assert_eq!(check(folder.path()).0, Some(0));
    // More than there may be, told without reading it.
    let large = std::fs::File::create(folder.path().join("outlines.geojson")).unwrap();
    large.set_len(1 << 40).unwrap();
    let (code, said) = check(folder.path());
    assert_eq!(code, Some(2));
    assert!(said.contains("outlines.geojson"), "{said}");
}
