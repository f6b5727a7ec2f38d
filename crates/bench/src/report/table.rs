//! The table for people, which is also Markdown.

use std::io::{self, Write};

use super::{Comparison, Figure, Findings, Machine};

/// Writes all that was found.
///
/// # Errors
/// When `out` does not take it.
pub(crate) fn write(out: &mut dyn Write, machine: &Machine, findings: &Findings) -> io::Result<()> {
    writeln!(out, "\n{}\n", machine.text())?;
    if !findings.comparisons.is_empty() {
        comparisons(out, &findings.comparisons)?;
    }
    if !findings.figures.is_empty() {
        figures(out, &findings.figures)?;
    }
    for failure in &findings.failures {
        writeln!(out, "{} was not measured: {}\n", failure.experiment, failure.error)?;
    }
    writeln!(out, "verdict: {}", findings.verdict().text())
}

fn comparisons(out: &mut dyn Write, rows: &[Comparison]) -> io::Result<()> {
    writeln!(
        out,
        "| path | reply | ours, req/CPU-s | floor, req/CPU-s | ours, µs CPU | floor, µs CPU | ratio [min–max] | at least \
         | ours, req/s (cores) | floor, req/s (cores) | verdict |"
    )?;
    writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")?;
    for row in rows {
        let (ours, floor, ratio) = (&row.ours, &row.floor, row.ratio);
        writeln!(
            out,
            "| {} | {}, {} B | {:.0} | {:.0} | {:.2} | {:.2} | {:.3} [{:.3}–{:.3}] | {:.2} | {:.0} ({:.2}) | {:.0} ({:.2}) | {} |",
            row.name,
            row.status,
            row.body_bytes,
            ours.per_cpu_second,
            floor.per_cpu_second,
            ours.cpu_us(),
            floor.cpu_us(),
            ratio.median,
            ratio.min,
            ratio.max,
            row.ratio_min,
            ours.per_second,
            ours.cores_busy,
            floor.per_second,
            floor.cores_busy,
            row.verdict().text()
        )?;
    }
    writeln!(out)?;
    for row in rows {
        for text in row.latency.iter().map(super::LatencyComparison::text).chain(row.notes.iter().cloned()) {
            writeln!(out, "- {}: {text}", row.name)?;
        }
    }
    writeln!(out)
}

fn figures(out: &mut dyn Write, rows: &[Figure]) -> io::Result<()> {
    writeln!(out, "| figure | value | at most | verdict |")?;
    writeln!(out, "| --- | ---: | ---: | --- |")?;
    for row in rows {
        let (value, limit, unit) = (row.value, row.limit, row.unit);
        writeln!(out, "| {} | {value:.3} {unit} | {limit} {unit} | {} |", row.name, row.verdict.text())?;
    }
    writeln!(out)?;
    for row in rows {
        for note in &row.notes {
            writeln!(out, "- {}: {note}", row.name)?;
        }
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Spread;
    use crate::report::SideFigures;

    #[test]
    fn a_missed_ratio_shows() {
        let side = |per_cpu_second| SideFigures { per_cpu_second, per_second: 1_000.0, cores_busy: 0.5 };
        let row = Comparison {
            name: "check".to_owned(),
            status: 200,
            body_bytes: 12,
            ours: side(50_000.0),
            floor: side(100_000.0),
            ratio: Spread { median: 0.5, min: 0.4, max: 0.6 },
            ratio_min: 0.9,
            latency: None,
            notes: vec!["a note".to_owned()],
        };
        let machine = Machine::look("0".to_owned(), "1".to_owned(), false);
        let mut out = Vec::new();
        write(&mut out, &machine, &row.into()).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("| 0.500 [0.400–0.600] | 0.90 |"), "{text}");
        assert!(text.contains("- check: a note"), "{text}");
        assert!(text.ends_with("verdict: MISS\n"), "{text}");
    }
}
