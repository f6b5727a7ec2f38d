//! A queue that opens by a draw.

use rand::RngExt as _;
use rand::rngs::SmallRng;

use super::{Draw, Errand, Fault, Person, Plan, Profile};

impl Plan {
    /// A queue that opens by a draw, people about it, and what goes wrong in that moment.
    pub(super) fn draw_draw(&mut self, profile: Profile, chance: &mut SmallRng) {
        let Self { hurt_ms, sale, people, faults, .. } = self;
        let prequeue_ms = chance.random_range(600..3_000);
        let opens_ms = chance.random_range(prequeue_ms + 500..*hurt_ms * 2 / 3);
        sale.draw = Some(Draw { prequeue_ms, opens_ms });
        for person in people.iter_mut() {
            if chance.random_bool(0.6) {
                person.at_ms = chance.random_range(500..opens_ms);
            }
        }
        let mut operator = |at_ms, errand, chance: &mut SmallRng| {
            people.push(Person { at_ms, errand, ..Person::draw(*hurt_ms, chance) });
        };
        operator(chance.random_range(200..400), Errand::Draw, chance);
        operator(chance.random_range(300..500), Errand::Prequeue, chance);
        if chance.random_bool(0.5) {
            operator(chance.random_range(400..opens_ms + 500), Errand::Beacon, chance);
        }
        if chance.random_bool(0.3) {
            operator(chance.random_range(opens_ms..opens_ms + 10_000), Errand::Draw, chance);
        }
        for _ in 0..chance.random_range(2..12) {
            let at_ms = opens_ms + chance.random_range(0..80) - 50;
            people.push(Person { at_ms, errand: Errand::Leave, ..Person::draw(*hurt_ms, chance) });
        }
        if profile != Profile::Quiet {
            for _ in 0..chance.random_range(0..4) {
                let at_ms = opens_ms + chance.random_range(0..100) - 50;
                faults.push(Fault { at_ms, ..Fault::draw(profile, sale.nodes, *hurt_ms, chance) });
            }
        }
    }
}
