//! People who are inside and do nothing.

use rand::RngExt as _;
use rand::rngs::SmallRng;

use super::{Errand, Person, Plan};

impl Plan {
    /// A time after which who does nothing is let go, operators who change it, and people who only look where they are.
    pub(super) fn draw_idle(&mut self, chance: &mut SmallRng) {
        let Self { hurt_ms, sale, people, .. } = self;
        let idle_ms = chance.random_range(2_400..sale.session_ttl_ms.clamp(3_000, 8_000));
        sale.session_idle_ms = Some(idle_ms);
        for person in people.iter_mut() {
            person.idles = chance.random_bool(0.3);
        }
        // A store that begins at an older level has it from an operator alone.
        for _ in 0..chance.random_range(u32::from(sale.older > 0)..4) {
            people.push(Person { errand: Errand::Idle, ..Person::draw(*hurt_ms, chance) });
        }
    }

    /// Short sessions, which become longer while their owners do something.
    pub(super) fn draw_sessions(&mut self, chance: &mut SmallRng) {
        let sale = &mut self.sale;
        sale.session_ttl_ms = sale.session_ttl_ms.min(8_000);
        sale.hold_ttl_ms = sale.hold_ttl_ms.min(sale.session_ttl_ms);
        sale.session_max_ms = Some(sale.session_ttl_ms + chance.random_range(0..12_000));
    }
}
