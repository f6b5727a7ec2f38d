//! What was written once must be read for ever, and must come to the same.

mod commands;
mod draw;
mod events;
mod journal;
mod levels;
mod tolerance;

use std::path::PathBuf;

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    (0..text.len()).step_by(2).map(digits).collect()
}

/// Compares `lines` with the committed file; with `ONSALE_BLESS` set, writes the file instead.
fn check(name: &str, lines: &[String], meaning: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("ONSALE_BLESS").is_some() {
        std::fs::write(&path, lines.join("\n") + "\n").expect("the golden file is written");
    }
    let text = std::fs::read_to_string(&path).expect("the golden file is there");
    let golden: Vec<_> = text.lines().collect();
    assert_eq!(golden.len(), lines.len(), "{name} has another number of lines; {meaning}");
    for (golden, line) in golden.into_iter().zip(lines) {
        assert_eq!(golden, line, "{name}: {meaning}");
    }
}
