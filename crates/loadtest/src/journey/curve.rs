//! The sell-out curve.

use std::time::Duration;

use crate::report::SellOut;

/// Finer than a second, so that a short sale has a curve too.
const STEP: Duration = Duration::from_millis(500);

/// Events by their step.
#[derive(Clone, Debug, Default)]
pub(super) struct Curve {
    steps: Vec<[u64; 5]>,
    pub(super) sold_out: Option<Duration>,
    pub(super) first: Option<Duration>,
}

impl Curve {
    fn count(&mut self, at: Duration, column: usize) {
        let index = usize::try_from(at.as_millis() / STEP.as_millis()).unwrap_or(0);
        if self.steps.len() <= index {
            self.steps.resize(index + 1, [0; 5]);
        }
        self.steps[index][column] += 1;
    }

    pub(super) fn arrived(&mut self, at: Duration) {
        self.first.get_or_insert(at);
        self.count(at, 0);
    }

    pub(super) fn admitted(&mut self, at: Duration) {
        self.count(at, 1);
    }

    pub(super) fn held(&mut self, at: Duration) {
        self.count(at, 2);
    }

    pub(super) fn paid(&mut self, at: Duration) {
        self.count(at, 3);
    }

    pub(super) fn left(&mut self, at: Duration) {
        self.count(at, 4);
    }

    /// The most seats that were paid in one second of four steps' mean.
    pub(super) fn best_pace(&self) -> Option<f64> {
        const STEPS: usize = 4;
        let paid: Vec<u64> = self.steps.iter().map(|step| step[3]).collect();
        let seconds = STEP.as_secs_f64() * STEPS as f64;
        paid.windows(STEPS).map(|window| window.iter().sum::<u64>() as f64 / seconds).reduce(f64::max)
    }

    pub(super) fn into_report(self) -> SellOut {
        let mut curve = SellOut::default();
        let mut sums = [0u64; 5];
        for (index, step) in self.steps.iter().enumerate() {
            for (sum, count) in sums.iter_mut().zip(step) {
                *sum += count;
            }
            curve.at_s.push((index + 1) as f64 * STEP.as_secs_f64());
            curve.arrived.push(sums[0]);
            curve.admitted.push(sums[1]);
            curve.held.push(sums[2]);
            curve.paid.push(sums[3]);
            curve.left.push(sums[4]);
        }
        curve
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_has_running_totals() {
        let mut curve = Curve::default();
        curve.arrived(Duration::from_millis(100));
        curve.paid(Duration::from_millis(1_600));
        curve.paid(Duration::from_millis(1_700));
        let report = curve.into_report();
        assert_eq!((report.arrived, report.paid), (vec![1, 1, 1, 1], vec![0, 0, 0, 2]));
        assert_eq!(report.at_s, [0.5, 1.0, 1.5, 2.0]);
    }
}
