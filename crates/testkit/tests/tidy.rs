//! Style that matters is executable: which crate may know which, how long a file may be, and nothing left for later.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file that still has one reason to change.
const FILE_LINES_MAX: usize = 500;

/// Which of our crates each crate may depend on, as in the table of ARCHITECTURE.md. `"*"` is all of them.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("catalog", &["domain"]),
    ("journal", &["domain", "postgres"]),
    ("postgres", &[]),
    ("tables", &["domain", "postgres"]),
    ("node", &["domain", "journal", "postgres", "tables"]),
    ("http", &["catalog", "domain", "node"]),
    ("loadtest", &[]),
    ("onsale", &["*"]),
    ("bench", &["*"]),
    ("sim", &["*"]),
    ("testkit", &["*"]),
];

/// What is never committed, in two halves so that this file does not name it.
const LEFT_FOR_LATER: &[(&str, &str)] =
    &[("todo", "!("), ("unimplemented", "!("), ("#[ign", "ore"), ("FIX", "ME"), ("XX", "X:"), ("TO", "DO:")];

#[test]
fn dependencies_point_in_one_direction() {
    let manifests = crates();
    assert!(manifests.len() >= 6, "the crates were not found");
    for directory in manifests {
        let name = directory.file_name().and_then(|name| name.to_str()).expect("a crate's directory has a name");
        let (_, allowed) = MAY_DEPEND_ON
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("crates/{name} has no row in the table of what may depend on what"));
        for dependency in own_dependencies(&directory) {
            assert!(
                allowed.contains(&"*") || allowed.contains(&dependency.as_str()),
                "crates/{name} must not depend on {dependency}"
            );
        }
    }
}

#[test]
fn no_file_is_a_crowded_room() {
    let crowded: Vec<_> = sources()
        .into_iter()
        .map(|path| (text(&path).lines().count(), path))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .collect();
    assert!(crowded.is_empty(), "longer than {FILE_LINES_MAX} lines: {crowded:#?}");
}

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for path in sources() {
        for (number, line) in text(&path).lines().enumerate() {
            if LEFT_FOR_LATER.iter().any(|(head, tail)| line.contains(&format!("{head}{tail}"))) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn unsafe_code_is_forbidden_in_every_crate() {
    for directory in crates() {
        let manifest = manifest(&directory);
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(inherits, Some(true), "{} does not take the workspace's lints", directory.display());
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace")
}

fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("crates")).expect("crates/ can be read");
    let paths = entries.map(|entry| entry.expect("crates/ can be read").path());
    paths.filter(|path| path.join("Cargo.toml").is_file()).collect()
}

/// The other crates of ours that a crate is built from; what only its tests use may point anywhere.
fn own_dependencies(directory: &Path) -> Vec<String> {
    let manifest = manifest(directory);
    let tables = ["dependencies", "build-dependencies"].into_iter().filter_map(|table| manifest.get(table)?.as_table());
    let names = tables.flat_map(toml::Table::keys);
    names.filter_map(|name| name.strip_prefix("onsale-")).map(str::to_owned).collect()
}

fn manifest(directory: &Path) -> toml::Table {
    let path = directory.join("Cargo.toml");
    text(&path).parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![root().join("crates"), root().join("scripts")];
    directories.extend(Some(root().join("web")).filter(|path| path.is_dir()));
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display())) {
            let path = entry.expect("a directory entry").path();
            if path.is_dir() && !["target", "vendor", "node_modules"].iter().any(|name| path.ends_with(name)) {
                directories.push(path);
            } else if path.extension().and_then(|extension| extension.to_str()).is_some_and(is_source) {
                found.push(path);
            }
        }
    }
    assert!(found.len() > 20, "the sources were not found");
    found
}

fn is_source(extension: &str) -> bool {
    matches!(extension, "rs" | "js" | "css" | "html" | "sql" | "sh" | "py")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
