//! Style that matters is executable: which crate may know which, how long a file may be, and nothing left for later.

use std::fs;
use std::path::{Path, PathBuf};

/// The longest file that still has one reason to change.
const FILE_LINES_MAX: usize = 500;

/// Written by a program from the API's document: their length is nobody's choice.
const GENERATED: &[&str] = &[
    "sdk/python/src/onsale/operations.py",
    "sdk/python/src/onsale/problems.py",
    "sdk/python/src/onsale/types.py",
    "sdk/typescript/src/generated/api.ts",
];

/// The modules of `http` from what all use to what uses all, as in ARCHITECTURE.md: each may use those of the lines above
/// its own, and neither another of its line nor one below.
const HTTP_LAYERS: &[&[&str]] = &[
    &["body", "cookie", "gzip", "look", "negotiate", "pass", "request_id", "times", "trace"],
    &["rate", "token"],
    &["problem"],
    &["head", "metrics", "server", "wire"],
    &["arrivals", "entry", "night"],
    &["gate", "login", "webhooks"],
    &["shared"],
    &["answer", "app", "assets", "holdings", "observe", "place", "query"],
    &["admin", "api", "ops", "pages"],
    &["openapi"],
    &["docs"],
    &["router"],
];

/// What is never committed, in two halves so that this file does not name it.
const LEFT_FOR_LATER: &[(&str, &str)] =
    &[("todo", "!("), ("unimplemented", "!("), ("#[ign", "ore"), ("FIX", "ME"), ("XX", "X:"), ("TO", "DO:")];

#[test]
fn dependencies_point_in_one_direction() {
    let allowed = allowed_dependencies();
    for directory in crates() {
        let name = directory.file_name().and_then(|name| name.to_str()).expect("a crate's directory has a name");
        let (_, allowed) = allowed
            .iter()
            .find(|(known, _)| known == name)
            .unwrap_or_else(|| panic!("crates/{name} has no row in the table of ARCHITECTURE.md"));
        for dependency in own_dependencies(&directory) {
            assert!(allowed.contains(&dependency), "crates/{name} must not depend on {dependency}");
        }
    }
}

/// Each crate with those that it may depend on, as the code map of ARCHITECTURE.md says it.
fn allowed_dependencies() -> Vec<(String, Vec<String>)> {
    let document = text(&root().join("ARCHITECTURE.md"));
    let rows = document.lines().skip_while(|line| *line != "## Code map").filter_map(|line| line.strip_prefix("| `"));
    let mut above: Vec<(String, Vec<String>)> = Vec::new();
    for row in rows {
        let cells: Vec<_> = row.split('|').collect();
        let [name, _, uses, _] = cells[..] else { panic!("a row of the code map has three cells: {row}") };
        let uses = if uses.trim() == "all of the above" {
            above.iter().map(|(name, _)| name.clone()).collect()
        } else {
            uses.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        above.push((name.trim().trim_end_matches('`').to_owned(), uses));
    }
    assert!(above.len() >= 10, "the code map was not found");
    above
}

/// One form for all decisions, so that a reader finds the reasons in each where they were in the last.
#[test]
fn decisions_have_one_form() {
    const HEADINGS: [&str; 4] = ["Context", "Decision", "Alternatives", "Consequences"];
    let directory = root().join("docs/adr");
    let mut files: Vec<_> =
        fs::read_dir(&directory).expect("docs/adr").map(|entry| entry.expect("docs/adr").path()).collect();
    files.sort();
    for (number, path) in (1..).zip(files) {
        let document = text(&path);
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
        assert!(name.starts_with(&format!("{number:04}-")), "{name} is not number {number}");
        assert!(document.starts_with(&format!("# {number}. ")), "{name} begins with its number and title");
        let found: Vec<_> = document.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        let in_order: Vec<_> = HEADINGS.into_iter().filter(|heading| found.contains(heading)).collect();
        assert_eq!(found, in_order, "{name} has the headings {HEADINGS:?}, in this order, and no others");
        assert!(found.starts_with(&["Context", "Decision"]), "{name} says what for and what");
    }
}

#[test]
fn modules_of_http_use_what_is_below_them() {
    let source = root().join("crates/http/src");
    let layer = |name: &str| HTTP_LAYERS.iter().position(|line| line.contains(&name));
    let mut wrong = Vec::new();
    for path in sources().into_iter().filter(|path| path.starts_with(&source)) {
        let inside = path.strip_prefix(&source).expect("it is below").with_extension("");
        let module = inside.iter().next().and_then(|name| name.to_str()).expect("a file has a name").to_owned();
        if module == "lib" || path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let own = layer(&module).unwrap_or_else(|| panic!("{module} is in no layer of http"));
        for used in of_the_crate(&text(&path)) {
            let is_below = used == module || layer(&used).is_some_and(|used| used < own);
            if !is_below {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The modules that a file names as `crate::module` or in `crate::{module, …}`, beside what its comments say.
fn of_the_crate(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let first = |path: &str| path.trim().chars().take_while(|&c| is_name(c)).collect::<String>();
    let after = code.split("crate::").skip(1);
    after
        .flat_map(|after| match after.strip_prefix('{') {
            // A group of modules has no group within it: the formatter would have them on lines of their own.
            Some(group) => group.split('}').next().unwrap_or_default().split(',').map(first).collect(),
            None => vec![first(after)],
        })
        .filter(|name| !name.is_empty())
        .collect()
}

/// What a machine must not reach for: a test drives it in a time of its own, and gets the same twice.
const FOR_DRIVERS: &[&str] = &[
    "process::exit",
    "process::abort",
    "sleep(",
    "Instant::now",
    "SystemTime",
    "thread::spawn",
    "rand::random",
    "rand::rng(",
];

#[test]
fn what_a_node_decides_reaches_for_no_clock_no_chance_and_no_thread() {
    let node = root().join("crates/node/src");
    let is_machine = |path: &PathBuf| path.starts_with(&node) && !path.starts_with(node.join("threads"));
    let mut found = Vec::new();
    for path in sources().into_iter().filter(is_machine) {
        for (number, line) in text(&path).lines().enumerate() {
            if FOR_DRIVERS.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", path.display(), number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "that is for the drivers in threads/:\n{}", found.join("\n"));
}

#[test]
fn no_file_is_a_crowded_room() {
    let crowded: Vec<_> = sources()
        .into_iter()
        .filter(|path| !GENERATED.iter().any(|generated| path.ends_with(generated)))
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
    directories.extend(["web", "sdk"].map(|name| root().join(name)).into_iter().filter(|path| path.is_dir()));
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display())) {
            let path = entry.expect("a directory entry").path();
            if path.is_dir()
                && !["target", "vendor", "node_modules", "build", "dist"].iter().any(|name| path.ends_with(name))
            {
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
    matches!(extension, "rs" | "js" | "ts" | "css" | "html" | "sql" | "sh" | "py")
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
