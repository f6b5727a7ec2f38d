//! Whether a plan's on-sale can sell out at all, whatever the server does: arithmetic, before any load.

use std::fmt;

use super::Journey;

/// Between coming in and paying, a buyer thinks at least so often: dates, seats, hold, charge, payment.
const THOUGHTS: f64 = 5.0;

/// What a sell-out takes at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outlook {
    seats: u64,
    /// Those who neither leave nor let their hold lapse.
    buyers: u64,
    /// Seats that these want together.
    wanted: u64,
    active_limit: u32,
    /// A mean buyer is inside for so long, if every answer comes at once.
    inside_s: f64,
    least_s: f64,
    limit_s: f64,
}

impl Outlook {
    #[must_use]
    pub fn of(journey: &Journey) -> Self {
        let (seats, people) = (journey.seat_count(), &journey.people);
        let lost = people.leave_percent + people.lapse_percent;
        let buyers = (journey.people_count() as f64 * (1.0 - lost / 100.0)).max(0.0);
        let each = journey.groups.seats_mean();
        let inside_s = THOUGHTS * people.think.iter().map(|span| span.as_secs_f64()).sum::<f64>() / 3.0;
        Self {
            seats,
            buyers: buyers as u64,
            wanted: (buyers * each) as u64,
            active_limit: journey.active_limit,
            inside_s,
            least_s: seats as f64 / each * inside_s / f64::from(journey.active_limit),
            limit_s: journey.limit.as_secs_f64(),
        }
    }

    /// Why it cannot sell out, where it cannot.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.least_s > self.limit_s {
            warnings.push(format!(
                "it cannot sell out: that takes {:.0} s at least, and journey.limit is {:.0} s; raise journey.limit or \
                 journey.active_limit",
                self.least_s, self.limit_s
            ));
        }
        if self.wanted < self.seats {
            warnings.push(format!(
                "it cannot sell out: about {} people of journey.arrivals buy {} seats, and there are {}",
                self.buyers, self.wanted, self.seats
            ));
        }
        warnings
    }
}

impl fmt::Display for Outlook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seats, buyers, wanted, active_limit, inside_s, least_s, limit_s } = self;
        let per_second = f64::from(*active_limit) / inside_s.max(1e-9);
        write!(
            f,
            "{active_limit} inside for {inside_s:.1} s each (five times thinking) are {per_second:.0} people a second; \
             {seats} seats take {least_s:.0} s at least, of {limit_s:.0} s; about {buyers} people want {wanted} \
             of them"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::from_text;

    fn warnings(own: &str) -> String {
        Outlook::of(&from_text(Some(own), false, None).unwrap().plan.journey).warnings().join("\n")
    }

    #[test]
    fn a_plan_that_cannot_sell_out_says_so() {
        assert_eq!(warnings(""), "");
        let slow = "[journey.groups]\npercent = 0.0\nbest_percent = 0.0\n[journey]\nactive_limit = 3000\n[journey.people]\nthink = [\"2s\", \"8s\", \"45s\"]\n";
        assert!(warnings(slow).contains("1528 s at least, and journey.limit is 240 s"), "{}", warnings(slow));
        assert_eq!(warnings(&slow.replace("active_limit", "limit = \"30m\"\nactive_limit")), "");
        let few = "[journey.groups]\npercent = 0.0\nbest_percent = 0.0\n[journey]\narrivals = [{ over = \"1s\", people = 50000 }]\n";
        assert!(warnings(few).contains("about 46500 people of journey.arrivals buy 46500 seats"), "{}", warnings(few));
    }

    #[test]
    fn the_quick_plan_can_sell_out() {
        let plan = from_text(None, true, None).unwrap().plan;
        assert_eq!(Outlook::of(&plan.journey).warnings(), Vec::<String>::new());
    }
}
