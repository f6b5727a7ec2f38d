//! People who go before others where a queue opens.

use rand::RngExt as _;
use rand::rngs::SmallRng;

use super::{Errand, Person, Plan};

/// Fewer than there can be, so that most are somebody's who is not alone in it.
const TIERS: [u8; 4] = [1, 2, 5, 9];

impl Plan {
    /// Tiers for some of the people of most draws, and of every second opening in order of joining. Every fifth draw becomes one.
    pub(super) fn draw_tiers(&mut self, chance: &mut SmallRng) {
        let Self { hurt_ms, sale, people, .. } = self;
        let (most, is_fifo) = (chance.random_bool(0.7), chance.random_bool(0.2));
        let opens_ms = match sale.draw {
            Some(draw) => Some(draw.opens_ms),
            None => people.iter().find(|person| person.errand == Errand::Opening).map(|person| person.at_ms + 1_000),
        };
        let Some(opens_ms) = opens_ms.filter(|_| most && (sale.draw.is_some() || chance.random_bool(0.7))) else {
            return;
        };
        if sale.draw.is_some() && is_fifo {
            people.retain(|person| !matches!(person.errand, Errand::Draw | Errand::Beacon));
        }
        // Whoever comes in time: a pre-queue of an opening that is not the sale's draw is short.
        for _ in 0..chance.random_range(2..9) {
            let at_ms = opens_ms.saturating_sub(chance.random_range(0..1_000));
            people.push(Person { at_ms, ..Person::draw(*hurt_ms, chance) });
        }
        let joins = |person: &&mut Person| {
            matches!(person.errand, Errand::Buy | Errand::Drop | Errand::Forget | Errand::Leave | Errand::Charge)
        };
        for person in people.iter_mut().filter(joins) {
            if chance.random_bool(0.5) {
                person.tier = Some(TIERS[chance.random_range(0..TIERS.len())]);
            }
        }
    }
}
