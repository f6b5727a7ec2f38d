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
}
