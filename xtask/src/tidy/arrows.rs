//! Which crate may know which: the order of the house, read from the crates' manifests.

use toml::de::{DeTable, DeValue};

use super::Problem;
use crate::tree::Tree;

/// A crate may depend only on crates that stand before it.
const ORDER: [&str; 15] = [
    "lang",
    "base",
    "store",
    "web",
    "journal",
    "territory",
    "access",
    "packs",
    "subjects",
    "figures",
    "registers",
    "procedures",
    "documents",
    "sogoc",
    "xtask",
];

/// Arrows that would be a mistake even where the order allows, or comes to allow, them.
const NEVER: [(&str, &str, &str); 7] = [
    ("web", "store", "pages know no tables"),
    ("web", "journal", "pages know no tables"),
    ("journal", "territory", "the journal knows units by their number alone"),
    ("territory", "figures", "a unit does not know what is counted in it"),
    ("territory", "access", "a unit does not know who may see it"),
    ("figures", "registers", "figures read the journal and ask no area"),
    ("figures", "procedures", "figures read the journal and ask no area"),
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let manifests = tree.ending("/Cargo.toml").filter(|(path, _)| is_member(path));
    manifests.flat_map(|(path, text)| check_manifest(path, text)).collect()
}

fn is_member(path: &str) -> bool {
    path == "xtask/Cargo.toml"
        || path.strip_prefix("crates/").is_some_and(|rest| rest.matches('/').count() == 1)
}

fn check_manifest(path: &str, text: &str) -> Vec<Problem> {
    let problem = |offset: usize, what: String, mend: &str| Problem {
        file: path.to_owned(),
        line: line_at(text, offset),
        rule: "arrows",
        what,
        mend: mend.to_owned(),
    };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let offset = error.span().map_or(0, |span| span.start);
            return vec![problem(offset, error.message().to_owned(), "Mend the manifest.")];
        }
    };
    let name = text_at(&table, &["package", "name"]).unwrap_or_default();
    let Some(place) = place_of(&name) else {
        let what = format!("the crate {name:?} has no place in the order of the house");
        return vec![problem(0, what, "Give it one: ORDER in xtask/src/tidy/arrows.rs.")];
    };
    let mut problems = Vec::new();
    let lints = table.get("lints").and_then(|lints| lints.get_ref().get("workspace"));
    if lints.and_then(|follows| follows.get_ref().as_bool()) != Some(true) {
        let what = format!("{name} does not follow the lints of the workspace");
        problems.push(problem(0, what, "Add [lints] with workspace = true."));
    }
    for (dependency, offset) in dependencies(&table) {
        let never = NEVER.iter().find(|(from, to, _)| *from == name && *to == dependency.as_str());
        if let Some((.., why)) = never {
            let what = format!("{name} must never know {dependency}: {why}");
            problems.push(problem(offset, what, "Move the code to a crate that may know both."));
        } else if place_of(&dependency).is_some_and(|other| other >= place) {
            let what = format!("{name} stands before {dependency} and may not depend on it");
            problems.push(problem(offset, what, "Turn the arrow, or move what is needed down."));
        }
    }
    problems
}

fn place_of(name: &str) -> Option<usize> {
    ORDER.iter().position(|known| *known == name)
}

/// What a manifest depends on in whatever way, under its real name, and where it says so.
fn dependencies(table: &DeTable<'_>) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for (key, value) in table {
        let Some(inner) = value.get_ref().as_table() else { continue };
        match key.get_ref().as_ref() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                found.extend(inner.iter().map(|(key, value)| {
                    let renamed = value.get_ref().get("package");
                    let renamed = renamed.and_then(|name| name.get_ref().as_str());
                    (renamed.unwrap_or(key.get_ref()).to_owned(), key.span().start)
                }));
            }
            "target" => {
                let tables = inner.iter().filter_map(|(_, value)| value.get_ref().as_table());
                found.extend(tables.flat_map(dependencies));
            }
            _ => {}
        }
    }
    found
}

fn text_at(table: &DeTable<'_>, path: &[&str]) -> Option<String> {
    let (first, rest) = path.split_first()?;
    let mut value: &DeValue<'_> = table.get(*first)?.get_ref();
    for key in rest {
        value = value.get(*key)?.get_ref();
    }
    value.as_str().map(str::to_owned)
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::found;

    fn found_in(name: &str, rest: &str) -> Vec<String> {
        let path = format!("crates/{name}/Cargo.toml");
        let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{rest}");
        check(&Tree::of(&[(&path, &text)])).iter().map(|problem| problem.what.clone()).collect()
    }

    #[test]
    fn arrows_point_only_to_what_stands_before() {
        for (name, rest, wrong) in [
            ("journal", "[dependencies]\nbase.workspace = true\nsha2.workspace = true\n", ""),
            ("store", "[dev-dependencies]\nstore = { workspace = true }\n", "store"),
            ("base", "[dependencies]\nstore.workspace = true\n", "store"),
            ("base", "[dependencies.figures]\nworkspace = true\n", "figures"),
            ("lang", "[build-dependencies]\nbase = { path = \"../base\" }\n", "base"),
            ("figures", "[target.'cfg(unix)'.dependencies]\nsogoc = \"1\"\n", "sogoc"),
            (
                "packs",
                "[dependencies]\nother = { package = \"figures\", path = \"\" }\n",
                "figures",
            ),
            ("sogoc", "[dependencies]\nfigures.workspace = true\nxtask = \"1\"\n", "xtask"),
        ] {
            let problems = found_in(name, rest);
            assert_eq!(problems.is_empty(), wrong.is_empty(), "{name}: {problems:?}");
            assert!(problems.iter().all(|what| what.contains(wrong)), "{name}: {problems:?}");
        }
    }

    #[test]
    fn some_arrows_are_never_allowed() {
        for (from, to, why) in NEVER {
            let problems = found_in(from, &format!("[dependencies]\n{to}.workspace = true\n"));
            assert_eq!(problems.len(), 1, "{from} {to}");
            assert!(problems[0].ends_with(why), "{problems:?}");
        }
    }

    #[test]
    fn every_crate_has_a_place_and_follows_the_lints() {
        let good = "[package]\nname = \"base\"\n[lints]\nworkspace = true\n[dependencies]\n";
        let looks = |text: &str| found(check, &[("crates/base/Cargo.toml", text)]);
        assert_eq!(looks(good), [""; 0]);
        assert_eq!(looks(&format!("{good}\nserde = \"1\"\nweb = \"1\"")).len(), 1);
        assert_eq!(looks(&format!("{good}\nweb = \"1\"")), ["crates/base/Cargo.toml:7 arrows"]);
        assert_eq!(looks("[package]\nname = \"base\"\n"), ["crates/base/Cargo.toml:1 arrows"]);
        assert_eq!(looks(&good.replace("base", "utils")), ["crates/base/Cargo.toml:1 arrows"]);
        assert_eq!(looks("[package\n").len(), 1);
    }
}
