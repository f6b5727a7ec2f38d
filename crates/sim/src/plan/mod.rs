//! What is to happen in a run, as a value: a seed draws it, a file keeps it, and it can be made smaller.

mod fault;
mod idle;
mod opening;
mod tiers;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

pub use fault::{Fault, Part, What};

/// A run. Times are in milliseconds since its beginning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The seed of what is not planned: whose turn it is, and how long everything takes. At most 2^63-1.
    pub schedule: u64,
    /// For so long things go wrong. Then they are mended.
    pub hurt_ms: u64,
    pub sale: Sale,
    pub knobs: Knobs,
    #[serde(default)]
    pub people: Vec<Person>,
    #[serde(default)]
    pub faults: Vec<Fault>,
}

/// What is sold by whom, and to what rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sale {
    /// How many nodes there are, at most 9.
    pub nodes: usize,
    /// The last so many of them begin with a program of before tiers.
    #[serde(default)]
    pub older: usize,
    /// Whether commits wait for a standby.
    pub synchronous: bool,
    /// Of a thousand operations of the database so many fail in some way.
    pub failing: u32,
    pub seats: u64,
    pub active_limit: u32,
    pub session_ttl_ms: u64,
    pub waiting_ttl_ms: u64,
    pub waiting_grace_ms: u64,
    pub hold_ttl_ms: u64,
    /// After how long who is inside and does nothing is let go, where the store is at the level for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_idle_ms: Option<u64>,
    /// How long sessions may become of those who do something, where the store is at the level for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_max_ms: Option<u64>,
    /// How the seats lie, and what else is sold.
    #[serde(default, skip_serializing_if = "Hall::is_plain")]
    pub hall: Hall,
    /// When the queue opens by a draw, where operators have it do so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<Draw>,
}

/// A pre-queue, and the opening at which its places are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draw {
    pub prequeue_ms: u64,
    pub opens_ms: u64,
}

/// More than seats in no row at one price.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hall {
    /// So many seats are in a row; none is where it is 0.
    pub row: u64,
    /// So many places to stand are sold beside the seats, as one area.
    pub standing: u64,
    /// Whether children pay less.
    pub children: bool,
    /// Whether holds may leave single seats, where the catalog says.
    pub orphans: Option<Orphans>,
    /// How much longer a hold can be made, once; 0 where none can.
    pub extend_ms: u64,
}

/// Whether holds may leave single seats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Orphans {
    Allow,
    Prefer,
    Refuse,
}

impl Sale {
    /// What each seat costs, and each place to stand.
    pub const PRICE: u64 = 1_000;
    /// What it costs for a child, where that is less.
    pub const CHILD: u64 = 400;
}

impl Hall {
    fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}

/// What shapes a node's behaviour, see the knobs of its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Knobs {
    pub batch_max: usize,
    pub read_entries: usize,
    pub read_bytes: usize,
    pub vote_every: u64,
    pub transaction_rows: usize,
    pub kept_rows_max: u64,
}

/// Somebody with an errand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub at_ms: u64,
    pub user: u64,
    /// Whether what can be sent again safely is, with an Idempotency-Key.
    pub keyed: bool,
    /// Whether everything is sent twice at once.
    pub doubles: bool,
    pub errand: Errand,
    /// Whether they come with an entry token that names them by something else than a number.
    #[serde(default, skip_serializing_if = "is_false")]
    pub named: bool,
    /// The tier that their entry token says, from 1 to 9; without one they come without a token, unless they come by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    /// Whether they do nothing once they are inside.
    #[serde(default, skip_serializing_if = "is_false")]
    pub idles: bool,
    /// Whether they make their hold longer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub extends: bool,
    /// What they hold.
    #[serde(default, skip_serializing_if = "Wants::is_a_seat")]
    pub wants: Wants,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// What somebody wants to hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Wants {
    /// One seat, by name.
    #[default]
    Seat,
    /// Several, by name.
    Several { count: usize },
    /// The best that are free, side by side or else near each other.
    Best { count: u32, required: bool },
    /// Places to stand, and a seat by name beside them.
    Standing { count: u32, seat: bool },
}

impl Wants {
    fn is_a_seat(&self) -> bool {
        *self == Self::Seat
    }
}

/// What somebody comes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// To charge the wallet.
    Charge,
    /// To buy: charge, join, poll, look, hold, pay.
    Buy,
    /// The same, and to drop the hold.
    Drop,
    /// The same, and to let the hold lapse.
    Forget,
    /// To wait a while, and leave.
    Leave,
    /// An operator, who stops the sale and resumes it.
    Stop,
    /// An operator, who lets nobody in for a while.
    Pause,
    /// A shop, which puts money into a wallet.
    Credit,
    /// A shop, which takes money out of one.
    Debit,
    /// An operator, who holds a seat back for a while.
    Withhold,
    /// An operator, who has the queue open by itself.
    Opening,
    /// An operator, who has the sale begin and end by itself.
    SaleTimes,
    /// An operator, who has places drawn.
    Draw,
    /// An operator, who mixes a beacon into the draw.
    Beacon,
    /// An operator, who sets the pre-queue and the opening of the sale's draw.
    Prequeue,
    /// An operator, who changes after how long who does nothing is let go, and later once more.
    Idle,
}

/// What kinds of faults a run has: of all kinds at once each hides the others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Profile {
    Quiet,
    Network,
    Database,
    Clocks,
    Compaction,
    Loss,
    All,
}

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut chance = SmallRng::seed_from_u64(seed);
        let profiles = [
            Profile::Quiet,
            Profile::Network,
            Profile::Network,
            Profile::Database,
            Profile::Clocks,
            Profile::Compaction,
            Profile::Loss,
            Profile::All,
        ];
        let profile = profiles[chance.random_range(0..profiles.len())];
        let hurt_ms = chance.random_range(15_000..45_000);
        let mut sale = Self::draw_sale(profile, &mut chance);
        let knobs = Knobs {
            batch_max: chance.random_range(1..6),
            read_entries: chance.random_range(2..9),
            read_bytes: [60, 200, 8 << 20][chance.random_range(0..3)],
            vote_every: chance.random_range(4..20),
            transaction_rows: chance.random_range(1..60),
            kept_rows_max: [8, 60, 200_000][chance.random_range(0..3)],
        };
        let people = (0..chance.random_range(10..45)).map(|_| Person::draw(hurt_ms, &mut chance)).collect();
        let faults = match profile {
            Profile::Quiet => 0,
            _ => chance.random_range(1..10),
        };
        let mut faults: Vec<_> = (0..faults).map(|_| Fault::draw(profile, sale.nodes, hurt_ms, &mut chance)).collect();
        if chance.random_bool(0.15) {
            sale.older = chance.random_range(1..=sale.nodes);
            faults.extend(
                (sale.nodes - sale.older..sale.nodes).map(|node| Fault::draw_upgrade(node, hurt_ms, &mut chance)),
            );
        }
        let mut plan = Self { schedule: seed >> 1, hurt_ms, sale, knobs, people, faults };
        // Every second sale is a hall's. The draw is one of its own: the others stay what they were.
        let mut chance = SmallRng::seed_from_u64(seed ^ 0x4a11);
        if chance.random_bool(0.5) {
            plan.draw_hall(&mut chance);
        }
        // Every fifth opens by a draw: a draw of its own, too.
        let mut chance = SmallRng::seed_from_u64(seed ^ 0xd4a3);
        if chance.random_bool(0.2) {
            plan.draw_draw(profile, &mut chance);
        }
        // Where a queue opens some may go before others, and a draw may be none: once more a draw of its own.
        let mut chance = SmallRng::seed_from_u64(seed ^ 0x71e5);
        plan.draw_tiers(&mut chance);
        // In every fourth who is inside and does nothing is let go: again a draw of its own.
        let mut chance = SmallRng::seed_from_u64(seed ^ 0x1d1e);
        if chance.random_bool(0.25) {
            plan.draw_idle(&mut chance);
        }
        // In half of those sessions become longer, too: the last draw of its own.
        let mut chance = SmallRng::seed_from_u64(seed ^ 0x5e55);
        if plan.sale.session_idle_ms.is_some() && chance.random_bool(0.5) {
            plan.draw_sessions(&mut chance);
        }
        plan
    }

    fn draw_hall(&mut self, chance: &mut SmallRng) {
        let Self { hurt_ms, sale, people, .. } = self;
        sale.seats = chance.random_range(3..20);
        sale.hall.row = chance.random_range(2..8);
        // What comes from its level on no catalog has before.
        if sale.older == 0 {
            sale.hall.standing = chance.random_range(0..10);
            sale.hall.children = chance.random_bool(0.5);
            let rules = [None, Some(Orphans::Allow), Some(Orphans::Prefer), Some(Orphans::Refuse)];
            sale.hall.orphans = rules[chance.random_range(0..rules.len())];
            sale.hall.extend_ms = if chance.random_bool(0.7) { chance.random_range(200..8_000) } else { 0 };
        }
        for person in people.iter_mut() {
            person.named = chance.random_bool(0.3);
            person.extends = chance.random_bool(0.3);
            person.wants = Wants::draw(&sale.hall, chance);
        }
        for _ in 0..chance.random_range(2..7) {
            let errand = match chance.random_range(0..10) {
                0..3 => Errand::Credit,
                3..4 => Errand::Debit,
                4..6 => Errand::Withhold,
                6..8 => Errand::Opening,
                _ => Errand::SaleTimes,
            };
            people.push(Person { errand, ..Person::draw(*hurt_ms, chance) });
        }
    }

    fn draw_sale(profile: Profile, chance: &mut SmallRng) -> Sale {
        let session_ttl_ms = chance.random_range(2_000..30_000);
        Sale {
            nodes: chance.random_range(1..5),
            older: 0,
            synchronous: profile != Profile::Loss && chance.random_bool(0.4),
            failing: if profile == Profile::Quiet { 0 } else { [0, 2, 10, 40][chance.random_range(0..4)] },
            seats: chance.random_range(1..12),
            active_limit: chance.random_range(1..6),
            session_ttl_ms,
            waiting_ttl_ms: chance.random_range(4_000..20_000),
            waiting_grace_ms: chance.random_range(1_000..20_000),
            hold_ttl_ms: chance.random_range(500..session_ttl_ms),
            session_idle_ms: None,
            session_max_ms: None,
            hall: Hall::default(),
            draw: None,
        }
    }
}

impl Knobs {
    /// As a node has them where nobody says otherwise.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            batch_max: 1_024,
            read_entries: 256,
            read_bytes: 8 << 20,
            vote_every: 256,
            transaction_rows: 20_000,
            kept_rows_max: 200_000,
        }
    }
}

impl Person {
    fn draw(hurt_ms: u64, chance: &mut SmallRng) -> Self {
        let errand = match chance.random_range(0..100) {
            0..25 => Errand::Charge,
            25..62 => Errand::Buy,
            62..72 => Errand::Drop,
            72..84 => Errand::Forget,
            84..92 => Errand::Leave,
            92..96 => Errand::Stop,
            _ => Errand::Pause,
        };
        Self {
            at_ms: chance.random_range(500..hurt_ms),
            user: chance.random_range(1..40),
            keyed: chance.random_bool(0.7),
            doubles: chance.random_bool(0.1),
            errand,
            named: false,
            tier: None,
            idles: false,
            extends: false,
            wants: Wants::Seat,
        }
    }
}

impl Wants {
    fn draw(hall: &Hall, chance: &mut SmallRng) -> Self {
        match chance.random_range(0..10) {
            0..2 => Self::Seat,
            2..4 => Self::Several { count: chance.random_range(2..5) },
            4..6 if hall.standing > 0 => {
                Self::Standing { count: chance.random_range(1..5), seat: chance.random_bool(0.3) }
            }
            _ => Self::Best { count: chance.random_range(1..7), required: chance.random_bool(0.4) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_a_file_and_back() {
        for seed in 0..50 {
            let plan = Plan::draw(seed);
            let text = toml::to_string(&plan).expect("a plan can be written");
            assert_eq!(toml::from_str::<Plan>(&text).expect("and read"), plan, "seed {seed}");
        }
    }
}
