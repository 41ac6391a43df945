//! The bill of materials of the program, in CycloneDX: every crate that is compiled into it, by whom it
//! is needed, under which licence and with which bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

/// The machine whose program is described; the other one is made of the same crates.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The bill, as JSON that is the same for the same `Cargo.lock`.
///
/// Errors: what cargo says, or what of its answer is missing.
pub(crate) fn make(root: &Path) -> Result<String, String> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", TARGET]);
    let output = cargo.current_dir(root).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let lock = std::fs::read_to_string(root.join("Cargo.lock")).map_err(|it| it.to_string())?;
    let bill = bill(&metadata, &sums(&lock)).ok_or("cargo's answer is not understood")?;
    serde_json::to_string_pretty(&bill).map_err(|error| error.to_string())
}

/// The sums of the crates' files by name and version.
fn sums(lock: &str) -> BTreeMap<(String, String), String> {
    let field = |part: &str, name: &str| {
        let mut lines = part.lines().filter_map(|line| line.split_once(" = "));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"').to_owned())
    };
    let sum = |part: &str| {
        let key = (field(part, "name")?, field(part, "version")?);
        Some((key, field(part, "checksum")?))
    };
    lock.split("[[package]]").filter_map(sum).collect()
}

fn bill(metadata: &Value, sums: &BTreeMap<(String, String), String>) -> Option<Value> {
    let nodes: BTreeMap<&str, &Value> = metadata["resolve"]["nodes"]
        .as_array()?
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let packages: BTreeMap<&str, &Value> = metadata["packages"]
        .as_array()?
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let is_program = |package: &&Value| package["name"] == "sogoc";
    let program = packages.values().copied().find(is_program)?;
    let (mut seen, mut left) = (BTreeSet::new(), vec![program["id"].as_str()?]);
    let mut dependencies = Vec::new();
    while let Some(id) = left.pop() {
        if !seen.insert(id) {
            continue;
        }
        let needed = needed(nodes.get(id)?);
        let names: Vec<String> = needed.iter().filter_map(|it| purl(packages.get(it)?)).collect();
        dependencies.push(json!({ "ref": purl(packages.get(id)?)?, "dependsOn": names }));
        left.extend(needed);
    }
    dependencies.sort_by(|left, right| left["ref"].as_str().cmp(&right["ref"].as_str()));
    let others = seen.iter().filter(|id| Some(**id) != program["id"].as_str());
    let components: Option<Vec<Value>> =
        others.map(|id| component(packages.get(id)?, "library", sums)).collect();
    let mut components = components?;
    components.sort_by(|left, right| left["purl"].as_str().cmp(&right["purl"].as_str()));
    Some(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": component(program, "application", sums)? },
        "components": components,
        "dependencies": dependencies,
    }))
}

/// What a crate needs when it is built; not what only its tests need.
fn needed<'a>(node: &'a Value) -> Vec<&'a str> {
    let is_built = |dep: &&'a Value| {
        dep["dep_kinds"].as_array().is_some_and(|it| it.iter().any(|kind| kind["kind"] != "dev"))
    };
    let deps = node["deps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut needed: Vec<&str> =
        deps.iter().filter(is_built).filter_map(|dep| dep["pkg"].as_str()).collect();
    needed.sort_unstable();
    needed
}

fn purl(package: &Value) -> Option<String> {
    Some(format!("pkg:cargo/{}@{}", package["name"].as_str()?, package["version"].as_str()?))
}

fn component(
    package: &Value,
    kind: &str,
    sums: &BTreeMap<(String, String), String>,
) -> Option<Value> {
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    let purl = purl(package)?;
    let mut component = json!({
        "type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl,
    });
    if let Some(licence) = package["license"].as_str() {
        // Before 2015 alternatives were written with a slash.
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
    }
    if let Some(sum) = sums.get(&(name.to_owned(), version.to_owned())) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
    }
    Some(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bill_names_what_the_program_is_made_of_and_nothing_of_its_tests() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let text = make(&root).unwrap();
        assert_eq!(text, make(&root).unwrap(), "the same each time");
        let bill: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(bill["metadata"]["component"]["name"], "sogoc");
        let components = bill["components"].as_array().unwrap();
        let find = |name: &str| components.iter().find(|it| it["name"] == name);
        for name in ["axum", "sqlx", "rustls", "age", "web", "ring"] {
            assert!(find(name).is_some(), "{name}");
        }
        for name in ["proptest", "rcgen", "yasna", "xtask"] {
            assert!(find(name).is_none(), "{name}");
        }
        let axum = find("axum").unwrap();
        assert_eq!(axum["hashes"][0]["content"].as_str().unwrap().len(), 64);
        assert_eq!(axum["licenses"][0]["expression"], "MIT");
        let known: BTreeSet<&str> =
            components.iter().filter_map(|it| it["bom-ref"].as_str()).collect();
        let is_known = |it: &Value| known.contains(it.as_str().unwrap());
        for needs in bill["dependencies"].as_array().unwrap() {
            assert!(needs["dependsOn"].as_array().unwrap().iter().all(is_known));
        }
    }
}
