//! What cargo itself cannot check: `cargo run -p xtask -- tidy`; and the bill of materials,
//! `cargo run -p xtask -- sbom`.

mod rust;
mod sbom;
mod tidy;
mod tree;

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tree::Tree;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["tidy"] => tidy(),
        ["sbom"] => sbom(),
        _ => {
            eprintln!("usage: cargo run -p xtask -- tidy|sbom");
            ExitCode::from(2)
        }
    }
}

fn sbom() -> ExitCode {
    match sbom::make(&root()) {
        Ok(bill) => {
            println!("{bill}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("the bill of materials cannot be made: {error}");
            ExitCode::FAILURE
        }
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn tidy() -> ExitCode {
    let problems = match tree_of_the_project() {
        Ok(tree) => tidy::check(&tree),
        Err(error) => {
            eprintln!("the project's files cannot be read: {error}");
            return ExitCode::FAILURE;
        }
    };
    for problem in &problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!("{} found", problems.len());
    ExitCode::FAILURE
}

fn tree_of_the_project() -> io::Result<Tree> {
    Tree::read(&root())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_house_is_in_order() {
        let problems = super::tidy::check(&super::tree_of_the_project().unwrap());
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(lines.is_empty(), "{} found\n{}", lines.len(), lines.join("\n"));
    }
}
