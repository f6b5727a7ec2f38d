//! `render REPORT.json PAGE.html`: writes the page of a report again, after its looks have changed.

use anyhow::{Context as _, Result};
use onsale_loadtest::{html, report::Report};

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (from, to) = arguments.next().zip(arguments.next()).context("usage: render REPORT.json PAGE.html")?;
    let report = Report::from_json(&std::fs::read_to_string(from)?)?;
    std::fs::write(to, html::render(&report))?;
    Ok(())
}
