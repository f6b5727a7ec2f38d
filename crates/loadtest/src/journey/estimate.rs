//! What people in line were told of their wait, against how long it was.

use std::time::Duration;

use crate::report::Figure;

/// One answer of so many is kept.
const EVERY: u64 = 4;
/// So many answers at most: their memory is there before the first.
const KEPT_MAX: usize = 1 << 20;
const NOBODY: &str = "nobody who was let in had been told";

/// An answer to somebody in line, in seconds.
#[derive(Clone, Copy, Debug)]
struct Told {
    who: u32,
    at: f32,
    likely: u32,
    most: u32,
}

/// What was told, and when people were let in.
#[derive(Debug)]
pub(super) struct Estimates {
    told: Vec<Told>,
    /// What each was told last, and when, in seconds, they heard that they are inside.
    before: Vec<u32>,
    inside_at: Vec<f32>,
    answers: u64,
    rises: u64,
}

impl Estimates {
    pub(super) fn new(people: usize) -> Self {
        let told = Vec::with_capacity(KEPT_MAX);
        Self { told, before: vec![u32::MAX; people], inside_at: vec![f32::NAN; people], answers: 0, rises: 0 }
    }

    /// Somebody hears how long they are likely to wait, and how long at most.
    pub(super) fn told(&mut self, who: usize, at: Duration, likely: u64, most: u64) {
        let [likely, most] = [likely, most].map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX));
        let before = std::mem::replace(&mut self.before[who], likely);
        self.answers += 1;
        // More than a second is rounded to, and more than a tenth.
        self.rises += u64::from(before < u32::MAX && likely > before.saturating_add(before / 10).saturating_add(2));
        if self.answers.is_multiple_of(EVERY) && self.told.len() < KEPT_MAX {
            self.told.push(Told { who: who as u32, at: at.as_secs_f32(), likely, most });
        }
    }

    pub(super) fn inside(&mut self, who: usize, at: Duration) {
        self.inside_at[who] = at.as_secs_f32();
    }

    pub(super) fn figures(&self) -> [Figure; 3] {
        let (mut judged, mut in_range, mut in_time) = (0_u32, 0_u32, 0_u32);
        for told in &self.told {
            let waited = self.inside_at[told.who as usize] - told.at;
            // Who gave up, or was away when it was their turn, waited for something else.
            if waited.is_nan() {
                continue;
            }
            // Both are whole seconds.
            let (likely, most) = (told.likely as f32, told.most as f32 + 1.0);
            judged += 1;
            in_time += u32::from(waited <= most);
            in_range += u32::from(waited <= most && waited >= 2.0 * likely - most - 1.0);
        }
        let share = |part: f64, of: f64| (of > 0.0).then(|| 100.0 * part / of);
        let figure = |id, title, value| Figure::maybe(id, title, value, "%", "client", NOBODY);
        let judged = f64::from(judged);
        [
            figure(
                "estimates_in_range",
                "Waits as far from the likely time as the latest is, or nearer",
                share(f64::from(in_range), judged),
            ),
            figure(
                "estimates_in_time",
                "Waits not longer than the latest time told",
                share(f64::from(in_time), judged),
            ),
            figure(
                "estimates_rises",
                "Answers with a likely time that is later by a tenth than the one before",
                share(self.rises as f64, self.answers as f64),
            ),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_is_held_against_what_came() {
        let mut estimates = Estimates::new(3);
        let at = Duration::from_secs;
        // Of the fourth answer on each fourth is judged.
        for (second, likely, most) in
            [(0, 30, 40), (5, 30, 40), (10, 60, 70), (15, 10, 20), (20, 5, 10), (21, 5, 10), (22, 5, 10), (23, 1, 2)]
        {
            estimates.told(1, at(second), likely, most);
        }
        estimates.told(2, at(30), 1, 1);
        estimates.inside(1, at(33));
        let values = estimates.figures().map(|figure| figure.value);
        // 18 s where 10 to 20 were told, and 10 s where 2 were: the first is right. One of nine answers rose.
        assert_eq!(values, [Some(50.0), Some(50.0), Some(100.0 / 9.0)]);
    }
}
