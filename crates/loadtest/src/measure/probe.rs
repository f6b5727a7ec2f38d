//! A short look at what a server bears, before it is loaded: rates that were planned for another one say nothing of it.

use std::time::Duration;

use anyhow::Result;

use crate::load::{self, Losses, Pace, Plan, Source};
use crate::plan;
use crate::site::Site;

/// How long is looked.
const LOOK: Duration = Duration::from_secs(1);
/// Clients that ask again as soon as they have their answer: enough to keep a server busy, too few to bury it.
const CONNECTIONS: usize = 32;

/// The rate that a load begins with: half of what was answered rightly as fast as answers came, and one a second at least.
///
/// # Errors
/// When the server cannot be reached, or the run was stopped.
pub(crate) fn bearable(site: &Site, load: &plan::Load, source: &mut dyn Source) -> Result<f64> {
    let limits = Plan {
        losses: Losses::Count { reply_max: *load.reply_max },
        ..Plan::new(site.endpoint(), CONNECTIONS.min(load.connections), Pace::Closed, LOOK)
    };
    let report = load::run(&limits, source)?;
    let right = report.completed.saturating_sub(report.unexpected) as f64;
    // What was out at the end of the look is answered after it, and belongs to it.
    let per_second = right / report.elapsed.max(LOOK).as_secs_f64();
    Ok(round((per_second / 2.0).max(1.0)))
}

/// To two digits: more of them would say more than a second can.
fn round(rate: f64) -> f64 {
    let unit = 10f64.powf(rate.log10().floor() - 1.0).max(1.0);
    (rate / unit).round() * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_has_two_digits_and_is_whole() {
        assert_eq!([1.0, 3.6, 47.4, 487.3, 12_345.0].map(round), [1.0, 4.0, 47.0, 490.0, 12_000.0]);
    }
}
