//! The settings that change outcomes. They are state, changed by a command, so that every node and every
//! replay decides alike. Durations are in milliseconds.

use minicbor::{Decode, Encode};

use crate::fingerprint::{Hash, Kind};
use crate::level;
use crate::time::Time;

/// How one queue admits people.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct QueueSettings {
    /// The most users that are PROGRESS at any instant; at least 1.
    #[n(0)]
    pub active_limit: u32,
    /// The most users admitted in any one second; `None` for no limit.
    #[n(1)]
    pub admit_per_second: Option<u32>,
    /// How long PROGRESS lasts.
    #[n(2)]
    pub session_ttl_ms: u64,
    /// A ticket last seen longer ago than this is passed over when its turn comes.
    #[n(3)]
    pub waiting_ttl_ms: u64,
    /// How long a ticket that was passed over may still return.
    #[n(4)]
    pub waiting_grace_ms: u64,
    /// Who is inside and does nothing for so long is inside no more; `None` where nobody's slot is freed for that, as always below
    /// [`level::IDLE`].
    #[n(5)]
    pub session_idle_ms: Option<u64>,
    /// How many bits of work whoever joins shows; `None` where nobody does, as always below [`level::PROOFS`]. Edges ask for it: what is
    /// joined with is proven, and the engine asks nothing more.
    #[n(6)]
    pub proof_bits: Option<u32>,
    /// While set, whoever is inside and does something has `session_ttl_ms` from then on, and at most so long in all; `None` where a
    /// session ends when it was said to at first, as always below [`level::SESSIONS`].
    #[n(7)]
    pub session_max_ms: Option<u64>,
    /// How many places each network has in a draw; who joins from it beyond them, before the opening, stands behind everybody else who
    /// did. `None` where nobody is counted, as always below [`level::NETWORKS`].
    #[n(8)]
    pub network_places: Option<u32>,
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self {
            active_limit: 1_000,
            admit_per_second: None,
            session_ttl_ms: 600_000,
            waiting_ttl_ms: 60_000,
            waiting_grace_ms: 600_000,
            session_idle_ms: None,
            proof_bits: None,
            session_max_ms: None,
            network_places: None,
        }
    }
}

/// What holds for the whole store.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Settings {
    /// How long a reservation stays TEMP_RESERVED.
    #[n(0)]
    pub hold_ttl_ms: u64,
    /// The most live holds of one user in one schedule, from [`level::LIMITS`] on the most seats in them; at least 1.
    #[n(1)]
    pub hold_limit_per_user: u32,
    /// The most that one charge may add, in the minor unit of the currency.
    #[n(2)]
    pub charge_limit: u64,
    /// What a queue starts with.
    #[n(3)]
    pub queue: QueueSettings,
    /// The most seats of one schedule that a user may have, held and paid together; `None` for no limit, as always below
    /// [`level::LIMITS`].
    #[n(4)]
    pub seats_per_user: Option<u32>,
    /// The same over all schedules of a concert.
    #[n(5)]
    pub seats_per_user_per_concert: Option<u32>,
    /// How much longer its owner may make a hold, once; `None` where nobody may, as always below [`level::OFFERS`].
    #[n(6)]
    pub hold_extend_ms: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hold_ttl_ms: 300_000,
            hold_limit_per_user: 4,
            charge_limit: 100_000_000,
            queue: QueueSettings::default(),
            seats_per_user: None,
            seats_per_user_per_concert: None,
            hold_extend_ms: None,
        }
    }
}

/// How long an Idempotency-Key's result is kept.
pub const IDEMPOTENCY_TTL_MS: u64 = 24 * 3_600_000;
/// The most live Idempotency-Keys of one user.
pub const IDEMPOTENCY_KEYS_PER_USER_MAX: usize = 1_024;
/// The most live Idempotency-Keys of all users together, about 400 bytes of memory each.
pub const IDEMPOTENCY_KEYS_MAX: usize = 1 << 21;
/// The most reservations that lapsed or were dropped to remember, whatever their age, about 200 bytes of memory each.
pub const ENDED_RESERVATIONS_MAX: usize = 1 << 21;
/// How long a DONE or EXPIRED ticket, or a reservation that lapsed or was dropped, is remembered.
pub const ENDED_RETENTION_MS: u64 = 24 * 3_600_000;
/// The most seats one reservation may hold.
pub const SEATS_PER_RESERVATION_MAX: usize = 16;

/// A bound on every duration: 366 days.
const YEAR_MS: u64 = 366 * 24 * 3_600_000;
/// The most work that may be asked for: a phone is at it for a minute and more.
pub const PROOF_BITS_MAX: u32 = 24;
/// No deadline can be kept more exactly than nodes append ticks.
const DURATION_MS_MIN: u64 = 100;

impl QueueSettings {
    /// # Errors
    /// The key of the first setting that is out of its range.
    pub fn check(&self) -> Result<(), &'static str> {
        let Self {
            active_limit,
            admit_per_second,
            session_ttl_ms,
            waiting_ttl_ms,
            waiting_grace_ms,
            session_idle_ms,
            proof_bits,
            session_max_ms,
            network_places,
        } = self;
        match () {
            () if *active_limit == 0 => Err("queue.active_limit"),
            () if *admit_per_second == Some(0) => Err("queue.admit_per_second"),
            () if !(DURATION_MS_MIN..=YEAR_MS).contains(session_ttl_ms) => Err("queue.session_ttl"),
            () if !(DURATION_MS_MIN..=YEAR_MS).contains(waiting_ttl_ms) => Err("queue.waiting_ttl"),
            () if *waiting_grace_ms > YEAR_MS => Err("queue.waiting_grace"),
            () if session_idle_ms.is_some_and(|ms| !(DURATION_MS_MIN..=YEAR_MS).contains(&ms)) => {
                Err("queue.session_idle")
            }
            () if proof_bits.is_some_and(|bits| !(1..=PROOF_BITS_MAX).contains(&bits)) => Err("queue.proof_bits"),
            () if session_max_ms.is_some_and(|ms| !(*session_ttl_ms..=YEAR_MS).contains(&ms)) => {
                Err("queue.session_max")
            }
            () if *network_places == Some(0) => Err("queue.network_places"),
            () => Ok(()),
        }
    }

    /// The first of these settings that the store's level does not bring yet.
    #[must_use]
    pub fn beyond(&self, level: u32) -> Option<&'static str> {
        match () {
            () if level < level::IDLE && self.session_idle_ms.is_some() => Some("queue.session_idle"),
            () if level < level::PROOFS && self.proof_bits.is_some() => Some("queue.proof_bits"),
            () if level < level::SESSIONS && self.session_max_ms.is_some() => Some("queue.session_max"),
            () if level < level::NETWORKS && self.network_places.is_some() => Some("queue.network_places"),
            () => None,
        }
    }

    /// In which time those inside have to do something to stay; nodes say several times in it who did. `None` where it changes nothing.
    #[must_use]
    pub fn activity_ms(&self) -> Option<u64> {
        let slides = self.session_max_ms.map(|_| self.session_ttl_ms);
        self.session_idle_ms.into_iter().chain(slides).min()
    }

    /// To when a session's end `until` moves where its owner, let in at `admitted`, does something now; `None` where it stays. Never
    /// sooner, and never behind what there is in all.
    #[must_use]
    pub fn slid(&self, until: Time, admitted: Option<Time>, now: Time) -> Option<Time> {
        let last = self.last_end(until, admitted)?;
        Some(now.plus_ms(self.session_ttl_ms).min(last)).filter(|end| *end > until)
    }

    /// To when the end `until` of a session whose owner was let in at `admitted` can move at the most; `None` where it moves no more.
    #[must_use]
    pub fn last_end(&self, until: Time, admitted: Option<Time>) -> Option<Time> {
        let last = admitted.unwrap_or_else(|| self.admitted_by(until)).plus_ms(self.session_max_ms?);
        Some(last).filter(|last| *last > until)
    }

    /// When somebody counts as let in of whom that is not known.
    #[must_use]
    pub fn admitted_by(&self, until: Time) -> Time {
        Time(until.0.saturating_sub(self.session_ttl_ms))
    }

    /// The shortest time of which silence counts: nodes say many times in it who was there, and a longer gap in the journal than a
    /// quarter of it is nobody's silence.
    #[must_use]
    pub fn patience_ms(&self) -> u64 {
        self.waiting_ttl_ms.min(self.session_idle_ms.unwrap_or(u64::MAX))
    }
}

impl Settings {
    /// # Errors
    /// The key of the first setting that is out of its range.
    pub fn check(&self) -> Result<(), &'static str> {
        let Self {
            hold_ttl_ms,
            hold_limit_per_user,
            charge_limit,
            queue,
            seats_per_user,
            seats_per_user_per_concert,
            hold_extend_ms,
        } = self;
        match () {
            () if !(DURATION_MS_MIN..=YEAR_MS).contains(hold_ttl_ms) => Err("hold.ttl"),
            () if *hold_limit_per_user == 0 => Err("hold.limit_per_user"),
            () if *charge_limit == 0 => Err("wallet.charge_limit"),
            () if *seats_per_user == Some(0) => Err("limit.seats_per_user"),
            () if *seats_per_user_per_concert == Some(0) => Err("limit.seats_per_user_per_concert"),
            () if hold_extend_ms.is_some_and(|ms| !(DURATION_MS_MIN..=YEAR_MS).contains(&ms)) => Err("hold.extend"),
            () => queue.check(),
        }
    }

    /// The first of these settings that the store's level does not bring yet.
    #[must_use]
    pub fn beyond(&self, level: u32) -> Option<&'static str> {
        match () {
            () if level < level::LIMITS && self.seats_per_user.is_some() => Some("limit.seats_per_user"),
            () if level < level::LIMITS && self.seats_per_user_per_concert.is_some() => {
                Some("limit.seats_per_user_per_concert")
            }
            () if level < level::OFFERS && self.hold_extend_ms.is_some() => Some("hold.extend"),
            () => self.queue.beyond(level),
        }
    }

    /// Of all of them: they are state. What is not set leaves the hash as it was before there was such a setting.
    pub(crate) fn hash(&self) -> u64 {
        let Self {
            hold_ttl_ms,
            hold_limit_per_user,
            charge_limit,
            queue,
            seats_per_user,
            seats_per_user_per_concert,
            hold_extend_ms,
        } = self;
        let hash = Hash::new(Kind::Settings)
            .words([*hold_ttl_ms, u64::from(*hold_limit_per_user), *charge_limit, u64::from(queue.active_limit)])
            .words([queue.admit_per_second.map_or(0, u64::from), queue.session_ttl_ms])
            .words([queue.waiting_ttl_ms, queue.waiting_grace_ms]);
        let later = [
            (1, seats_per_user.map(u64::from)),
            (2, seats_per_user_per_concert.map(u64::from)),
            (3, *hold_extend_ms),
            (4, queue.session_idle_ms),
            (5, queue.proof_bits.map(u64::from)),
            (6, queue.session_max_ms),
            (7, queue.network_places.map(u64::from)),
        ];
        let given = later.into_iter().filter_map(|(which, value)| Some([which, value?]));
        given.fold(hash, Hash::words).finish()
    }
}
