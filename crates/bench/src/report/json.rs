//! All figures for programs.

use anyhow::Result;
use serde_json::{Value, json};

use super::{Findings, Machine};

/// Everything that was found, each row with its verdict.
///
/// # Errors
/// When a figure has no form in JSON.
pub(crate) fn json(machine: &Machine, findings: &Findings) -> Result<Value> {
    let mut comparisons = Vec::new();
    for comparison in &findings.comparisons {
        let mut row = serde_json::to_value(comparison)?;
        row["verdict"] = json!(comparison.verdict());
        comparisons.push(row);
    }
    Ok(json!({
        "machine": machine,
        "comparisons": comparisons,
        "figures": findings.figures,
        "failures": findings.failures,
        "verdict": findings.verdict(),
    }))
}
