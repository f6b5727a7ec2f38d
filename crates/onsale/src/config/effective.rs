//! Which value rules for each key, and where it came from.

use std::fmt::Write as _;

use super::layers::Layers;

/// Keys whose values are never shown.
const SECRET: [&str; 5] = ["admin.key", "entry.secret", "login.client_secret", "token.key", "store.url"];

/// A line for each key, in order of the keys.
pub(crate) fn effective(layers: &Layers) -> String {
    let mut lines = String::new();
    for (key, entry) in &layers.entries {
        let shown = if SECRET.contains(&key.as_str()) && !entry.text.is_empty() { "(secret)" } else { &entry.text };
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{key} = {shown:?}  # {}", entry.origin);
    }
    lines
}
