//! What was found, as ratios with what they must come to.

use std::io::{self, Write};

use crate::measure::Spread;
use crate::report::Verdict;

/// One ratio, over the rounds.
#[derive(Debug)]
struct Row {
    name: String,
    ratio: Spread,
    least: Option<f64>,
    most: Option<f64>,
}

/// All of them, and the figures behind them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: Vec<Row>,
    notes: Vec<String>,
}

impl Rows {
    /// A ratio of each round; with a limit it must be at least that, without it is only told.
    pub(super) fn ratio(&mut self, name: String, ratios: impl IntoIterator<Item = f64>, least: Option<f64>) {
        self.rows.push(Row { name, ratio: Spread::of(ratios), least, most: None });
    }

    /// A figure that must not be above so much.
    pub(super) fn at_most(&mut self, name: String, figure: f64, most: f64) {
        self.rows.push(Row { name, ratio: Spread::of([figure]), least: None, most: Some(most) });
    }

    pub(super) fn note(&mut self, note: String) {
        crate::progress!("{note}");
        self.notes.push(note);
    }

    /// Writes a table for people, which is also Markdown, and the notes below it.
    ///
    /// # Errors
    /// When `out` does not take it.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "| ratio | median [min–max] | must be | verdict |\n| --- | ---: | ---: | --- |")?;
        for row in &self.rows {
            let Spread { median, min, max } = row.ratio;
            let must = match (row.least, row.most) {
                (Some(least), _) => format!("at least {least}"),
                (None, Some(most)) => format!("at most {most}"),
                (None, None) => String::new(),
            };
            writeln!(out, "| {} | {median:.2} [{min:.2}–{max:.2}] | {must} | {} |", row.name, row.text())?;
        }
        writeln!(out)?;
        self.notes.iter().try_for_each(|note| writeln!(out, "- {note}"))?;
        writeln!(out, "\nverdict: {}", self.verdict().text())
    }

    pub(super) fn verdict(&self) -> Verdict {
        if self.rows.iter().all(Row::holds) { Verdict::Pass } else { Verdict::Miss }
    }
}

impl Row {
    fn holds(&self) -> bool {
        self.least.is_none_or(|least| self.ratio.median >= least)
            && self.most.is_none_or(|most| self.ratio.median <= most)
    }

    fn text(&self) -> &'static str {
        match (self.least.or(self.most), self.holds()) {
            (None, _) => "",
            (Some(_), true) => Verdict::Pass.text(),
            (Some(_), false) => Verdict::Miss.text(),
        }
    }
}

/// Some figures, for a note.
pub(super) fn spread(figures: &[f64]) -> String {
    let Spread { median, min, max } = Spread::of(figures.iter().copied());
    format!("{median:.0} [{min:.0}–{max:.0}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_decides_and_what_is_only_told_does_not() {
        let mut rows = Rows::default();
        rows.ratio("faster".to_owned(), [4.0, 5.5, 6.0], Some(5.0));
        rows.at_most("deadlocks".to_owned(), 0.0, 0.0);
        rows.ratio("beside it".to_owned(), [0.1], None);
        assert_eq!(rows.verdict(), Verdict::Pass);
        rows.ratio("slower".to_owned(), [4.0, 4.5, 6.0], Some(5.0));
        assert_eq!(rows.verdict(), Verdict::Miss);
    }
}
