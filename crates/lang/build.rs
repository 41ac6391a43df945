//! Turns the three language files into one Rust function a message. A key or an argument that one
//! file has and another lacks, stops the build and says where.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a build script speaks by failing"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::{env, fs, path::Path};

const LANGUAGES: [&str; 3] = ["vi", "en", "km"];

fn main() {
    let files: Vec<BTreeMap<String, BTreeMap<String, String>>> =
        LANGUAGES.iter().map(|language| read(language)).collect();
    let first = &files[0];
    for (language, file) in LANGUAGES.iter().zip(&files).skip(1) {
        same_keys("vi", first, language, file);
    }
    let mut code = String::new();
    for (area, messages) in first {
        writeln!(code, "/// Messages of `[{area}]`.\npub mod {area} {{\nuse super::Lang;").unwrap();
        for (key, vietnamese) in messages {
            let texts = files.iter().map(|file| file[area][key].as_str()).collect::<Vec<_>>();
            message(&mut code, area, key, vietnamese, &texts);
        }
        code.push_str("}\n");
    }
    let out = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("messages.rs"), code).expect("the messages can be written");
}

fn read(language: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let path = format!("{language}.toml");
    println!("cargo::rerun-if-changed={path}");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn same_keys(
    left_name: &str,
    left: &BTreeMap<String, BTreeMap<String, String>>,
    right_name: &str,
    right: &BTreeMap<String, BTreeMap<String, String>>,
) {
    let keys = |file: &BTreeMap<String, BTreeMap<String, String>>| -> BTreeSet<String> {
        file.iter().flat_map(|(area, m)| m.keys().map(move |key| format!("{area}.{key}"))).collect()
    };
    let (left, right) = (keys(left), keys(right));
    let lacking = |a: &BTreeSet<String>, b: &BTreeSet<String>| {
        a.difference(b).cloned().collect::<Vec<_>>().join(", ")
    };
    assert!(left.is_subset(&right), "{right_name}.toml lacks {}", lacking(&left, &right));
    assert!(right.is_subset(&left), "{left_name}.toml lacks {}", lacking(&right, &left));
}

fn message(code: &mut String, area: &str, key: &str, vietnamese: &str, texts: &[&str]) {
    let wanted = arguments(vietnamese);
    for (language, text) in LANGUAGES.iter().zip(texts) {
        assert!(
            arguments(text) == wanted,
            "{language}.toml: {area}.{key} must use the arguments {wanted:?}"
        );
    }
    let doc = vietnamese.replace('\n', " ");
    let names: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let (result, arm): (_, fn(&str) -> String) = if names.is_empty() {
        ("&'static str", |text| format!("{text:?}"))
    } else {
        ("String", |text| format!("format!({text:?})"))
    };
    let parameters = match names[..] {
        [] => String::new(),
        [name] => format!(", {name}: impl std::fmt::Display"),
        _ => several(code, area, key, &names),
    };
    writeln!(
        code,
        "/// {doc}\n#[must_use]\npub fn r#{key}(lang: Lang{parameters}) -> {result} {{\nmatch lang {{\n\
         Lang::Vietnamese => {},\nLang::English => {},\nLang::Khmer => {},\n}}\n}}",
        arm(texts[0]),
        arm(texts[1]),
        arm(texts[2]),
    )
    .unwrap();
}

/// Writes the struct that carries several arguments by name, and gives the parameter that takes it
/// apart: two arguments that change places would otherwise compile.
fn several(code: &mut String, area: &str, key: &str, names: &[&str]) -> String {
    let of = type_name(key);
    let types = ('A'..).take(names.len()).map(String::from).collect::<Vec<_>>();
    let fields = names
        .iter()
        .zip(&types)
        .map(|(name, kind)| format!("/// `{{{name}}}`\npub {name}: {kind},\n"))
        .collect::<String>();
    let kinds = types.join(", ");
    writeln!(
        code,
        "/// The arguments of [`{area}::{key}`](r#{key}).\n\
         #[derive(Clone, Copy, Debug)]\npub struct {of}<{kinds}> {{\n{fields}}}",
    )
    .unwrap();
    let displays = vec!["impl std::fmt::Display"; names.len()].join(", ");
    format!(", {of} {{ {} }}: {of}<{displays}>", names.join(", "))
}

/// `first_value` as `FirstValue`.
fn type_name(words: &str) -> String {
    words
        .split('_')
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

fn arguments(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}
