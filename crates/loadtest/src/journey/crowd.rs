//! All people together, as a source of requests: who is due goes next, over whichever connection is free.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};

use super::call::{Call, Records};
use super::curve::Curve;
use super::estimate::Estimates;
use super::hall::Hall;
use super::person::{Choice, Person, Step, Temper, Turn};
use super::turn;
use crate::audit::line::{Interval, Line};
use crate::audit::seats::Seats;
use crate::audit::wallets::Wallets;
use crate::audit::{Rule, Tally};
use crate::load::{Next, Reply, Source};
use crate::plan::{Arrivals, Groups, People};
use crate::profile::{Act, Profile, Signer};
use crate::site::Date;
use crate::words;
use crate::zipf::Zipf;

/// So many want to stand together at most.
const STANDING_MAX: u8 = 4;

/// How long holds and silence are, where the server is ours; elsewhere what its answers say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) waiting_ttl: Duration,
    pub(crate) hold_ttl: Duration,
}

/// Who comes, and to what.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) date: Date,
    pub(crate) first_user: u64,
    pub(crate) arrivals: Vec<Arrivals>,
    pub(crate) people: People,
    pub(crate) groups: Groups,
    pub(crate) times: Times,
    pub(crate) active_limit: Option<u64>,
    pub(crate) seed: u64,
    pub(crate) connections: usize,
    /// Nobody else buys there.
    pub(crate) is_alone: bool,
    pub(crate) habits: Habits,
    /// What the run has put on sale itself.
    pub(crate) own: Option<Own>,
}

/// A hall of the run's own, and its door.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub(crate) hall: Hall,
    /// How many want to stand, of a hundred.
    pub(crate) standing_percent: f64,
    /// Who signs for everybody, where the door is signed.
    pub(crate) signer: Option<Arc<Signer>>,
}

/// What people may rely on, and what they can do.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Habits {
    /// What got no answer is sent again with its key.
    pub(crate) retries: bool,
    /// Whoever has enough leaves; else they just stay away.
    pub(crate) leaves: bool,
    /// Wallets are empty at first.
    pub(crate) fresh_wallets: bool,
    /// Once a seat is held nothing can be looked at any more.
    pub(crate) ends_with_reserve: bool,
    /// A hold's answer says what it costs.
    pub(crate) tells_price: bool,
}

impl Habits {
    /// Those of a service like ours.
    pub(crate) const OWN: Self =
        Self { retries: true, leaves: true, fresh_wallets: true, ends_with_reserve: false, tells_price: true };

    pub(crate) fn of(profile: &Profile) -> Self {
        Self {
            retries: profile.promises.idempotency,
            leaves: profile.has(Act::Leave),
            fresh_wallets: profile.users.fresh,
            ends_with_reserve: profile.ends_with_reserve(),
            tells_price: profile.call.reserve.out.price.is_some(),
        }
    }
}

/// What is out over one connection.
#[derive(Clone, Copy, Debug)]
struct Out {
    who: u32,
    intended: Instant,
    frontier: Option<Duration>,
}

/// The people, and when each of them is due.
pub(crate) struct Crowd {
    pub(super) setting: Setting,
    pub(super) people: Vec<Person>,
    /// Time since the start, and who.
    due: BinaryHeap<Reverse<(Duration, u32)>>,
    out: Vec<Option<Out>>,
    pub(super) random: SmallRng,
    pub(super) zipf_sections: Zipf,
    /// By section: its query, and the favourites among its seats.
    pub(super) sections: Vec<(String, Zipf)>,
    pub(super) started: Instant,
    pub(super) records: Records,
    pub(super) curve: Curve,
    pub(super) estimates: Estimates,
    pub(super) line: Line,
    pub(super) seats: Seats,
    pub(super) wallets: Wallets,
    pub(super) hidden: Tally,
    pub(super) retried: Tally,
    pub(super) server_errors: Tally,
    pub(super) counts: Counts,
    /// People who must be heard of before the end: away, or with a hold that is to lapse.
    pub(super) outstanding: u64,
    pub(super) seats_total: u64,
}

/// What happened, in numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) sections_read: u64,
    pub(crate) lost_races: u64,
    pub(crate) overloaded: u64,
    pub(crate) retries: u64,
    pub(crate) expired: u64,
    pub(crate) lapsed: u64,
    pub(crate) came_back: u64,
    pub(crate) server_errors: u64,
    pub(crate) lost: u64,
    /// Seats that were paid, and who paid.
    pub(crate) bought: u64,
    pub(crate) buyers: u64,
    /// Who paid several seats at once, how many these are, and refusals after which a group took the seats that were left.
    pub(crate) groups: u64,
    pub(crate) group_seats: u64,
    pub(crate) group_retries: u64,
    /// Whose seats the service chose: calls while enough was left, and holds; parties of two and more among these, and how
    /// many of them sit side by side.
    pub(crate) best_tries: u64,
    pub(crate) best_holds: u64,
    pub(crate) best_groups: u64,
    pub(crate) best_adjacent: u64,
    /// Places to stand and seats for children that were paid.
    pub(crate) stood: u64,
    pub(crate) children: u64,
    /// Who came in with an entry token.
    pub(crate) signed: u64,
    /// By call: of those who have bought, who had a success of it before.
    pub(crate) on_the_way: [u64; Call::ALL.len()],
}

impl Crowd {
    pub(crate) fn new(setting: Setting) -> Result<Self> {
        let mut random = SmallRng::seed_from_u64(setting.seed);
        let mut people = people(&setting, &mut random);
        // Before anybody comes, as signing is no work of the service's; a token that no answer came to is signed anew.
        for (person, user) in people.iter_mut().zip(setting.first_user..) {
            person.entry = setting.entry(user)?;
        }
        if !setting.habits.retries {
            people.iter_mut().for_each(|person| person.repeats = false);
        }
        let mut due = BinaryHeap::with_capacity(people.len());
        let mut from = Duration::ZERO;
        let mut who = 0u32;
        for phase in &setting.arrivals {
            for _ in 0..phase.people {
                due.push(Reverse((from + phase.over.mul_f64(random.random()), who)));
                who += 1;
            }
            from += *phase.over;
        }
        let exponent = setting.people.favourite_exponent;
        let sections: Vec<(String, Zipf)> = setting
            .date
            .sections
            .iter()
            .map(|section| {
                let query = section.section.as_deref().map(crate::targets::encode);
                let seats = usize::try_from(section.seats).unwrap_or(1).max(1);
                (query.map_or(String::new(), |name| format!("&section={name}")), Zipf::new(seats, exponent))
            })
            .collect();
        let started = Instant::now();
        let silence_max = setting.times.waiting_ttl / 2;
        Ok(Self {
            zipf_sections: Zipf::new(sections.len().max(1), exponent),
            sections,
            due,
            out: vec![None; setting.connections],
            random,
            started,
            records: Records::new(started)?,
            curve: Curve::default(),
            estimates: Estimates::new(people.len()),
            line: Line::new(people.len(), setting.active_limit, silence_max),
            seats: Seats::default(),
            wallets: Wallets::new(people.len()),
            hidden: Tally::new(Rule::NoErrorHidden),
            retried: Tally::new(Rule::RetriedOnce),
            server_errors: Tally::new(Rule::NoServerError),
            counts: Counts::default(),
            outstanding: 0,
            seats_total: setting.date.free(),
            people,
            setting,
        })
    }

    pub(super) fn elapsed(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.started)
    }

    fn schedule(&mut self, who: u32, now: Instant, after: Duration) {
        self.due.push(Reverse((self.elapsed(now) + after, who)));
    }

    /// How long somebody thinks: a triangle from the least to the most, with its top in between.
    pub(super) fn think(&mut self) -> Duration {
        let [least, mostly, most] = self.setting.people.think.map(|span| span.as_secs_f64());
        let (place, width) = (self.random.random::<f64>(), most - least);
        if width <= 0.0 {
            return Duration::from_secs_f64(least);
        }
        let top = (mostly - least) / width;
        let at = if place < top { (place * top).sqrt() } else { 1.0 - ((1.0 - place) * (1.0 - top)).sqrt() };
        Duration::from_secs_f64(least + at * width)
    }

    pub(crate) fn is_sold_out(&self) -> bool {
        self.counts.bought >= self.seats_total
    }

    fn take(&mut self, who: u32, turn: Turn, now: Instant) -> bool {
        match turn {
            // Where nobody can leave, whoever wants to just comes no more.
            Turn::Then(Step::Leave, _) if !self.setting.habits.leaves => {
                self.people[who as usize].step = Step::Gone;
                true
            }
            Turn::Then(step, after) => {
                self.people[who as usize].step = step;
                self.schedule(who, now, after);
                true
            }
            Turn::Again(after) => {
                self.schedule(who, now, after);
                true
            }
            Turn::Gone => {
                self.people[who as usize].step = Step::Gone;
                true
            }
            Turn::Unexpected => {
                self.people[who as usize].step = Step::Gone;
                false
            }
        }
    }
}

impl Source for Crowd {
    /// Not when the people were invented, and not while their connections are being made.
    fn begin(&mut self, now: Instant) {
        self.started = now;
        self.records.started = now;
    }

    fn next(&mut self, slot: usize, now: Instant, out: &mut Vec<u8>) -> Next {
        if self.is_sold_out() && self.outstanding == 0 {
            return Next::Done;
        }
        let elapsed = self.elapsed(now);
        let Some(&Reverse((due, who))) = self.due.peek() else {
            // Everybody has an answer to come, or is gone.
            let is_over = self.out.iter().all(Option::is_none);
            return if is_over { Next::Done } else { Next::After(now + Duration::from_millis(200)) };
        };
        if due > elapsed {
            return Next::After(now + (due - elapsed));
        }
        self.due.pop();
        let intended = self.started + due;
        self.out[slot] = Some(Out { who, intended, frontier: self.line.frontier() });
        let person = &self.people[who as usize];
        let call = person.call();
        if person.step == Step::Join {
            self.curve.arrived(elapsed);
        }
        if call == Call::Reserve && person.choice == Choice::Best {
            self.counts.best_tries += 1;
        }
        let section = self.sections.get(person.section as usize).map_or("", |(query, _)| query);
        person.write(self.setting.first_user + u64::from(who), self.setting.date.schedule_id, section, out);
        self.records.sent(call, now);
        Next::SendDue(intended)
    }

    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool {
        let Some(Out { who, intended, frontier }) = self.out[slot].take() else { return false };
        let call = self.people[who as usize].call();
        self.records.replied(call, intended, now, reply.body_bytes);
        let at = Interval { sent: self.elapsed(reply.sent), acked: self.elapsed(now) };
        self.people[who as usize].answered |= u16::from(reply.is_success()) << call as u16;
        let turn = turn::turn(self, who as usize, at, frontier, reply);
        let is_expected = self.take(who, turn, now);
        if !is_expected {
            self.records.failed(call, || words::refusal(reply.status, reply.words()));
        }
        is_expected
    }

    fn lost(&mut self, slot: usize, now: Instant) {
        let Some(Out { who, .. }) = self.out[slot].take() else { return };
        let call = self.people[who as usize].call();
        self.records.failed(call, || "no answer".to_owned());
        self.counts.lost += 1;
        if !self.setting.habits.retries {
            match call {
                // Sent again it might be done again.
                Call::Charge | Call::Payment => {
                    self.wallets.in_doubt(who as usize);
                    self.people[who as usize].step = Step::Gone;
                    return;
                }
                // Whether the seat is held will never show: any other will do.
                Call::Reserve => self.people[who as usize].step = Step::LookAtSeats,
                _ => {}
            }
        }
        self.counts.retries += 1;
        if call == Call::Token
            && let Ok(entry) = self.setting.entry(self.setting.first_user + u64::from(who))
        {
            self.people[who as usize].entry = entry;
        }
        // The same again, with the same key: whether it was done shows then.
        self.schedule(who, now, Duration::from_millis(500));
    }

    fn unsent(&mut self, ends: Instant) {
        if self.is_sold_out() {
            return;
        }
        let elapsed = self.elapsed(ends);
        for Reverse((due, who)) in self.due.drain() {
            if due <= elapsed {
                self.records.unsent(self.people[who as usize].call());
            }
        }
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

impl Setting {
    /// What a user comes in with; empty where nobody asks for it.
    fn entry(&self, user: u64) -> Result<Box<str>> {
        let signer = self.own.as_ref().and_then(|own| own.signer.as_ref());
        signer.map_or(Ok(Box::default()), |signer| Ok(signer.sign(&user.to_string())?.into()))
    }
}

fn people(setting: &Setting, random: &mut SmallRng) -> Vec<Person> {
    let Setting { people, groups, .. } = setting;
    let count: u32 = setting.arrivals.iter().map(|phase| phase.people).sum();
    let leaves = people.leave_percent;
    let silent = leaves + people.silent_percent;
    let lapses = silent + people.lapse_percent;
    (0..count)
        .map(|_| {
            let temper = match random.random_range(0.0..100.0) {
                percent if percent < leaves => Temper::Leaves,
                percent if percent < silent => Temper::Silent,
                percent if percent < lapses => Temper::Lapses,
                _ => Temper::Buys,
            };
            let repeats = random.random_range(0.0..100.0) < people.retry_percent;
            let mut person = Person::new(temper, repeats);
            let standing = setting.own.as_ref().map_or(0.0, |own| own.standing_percent);
            match random.random_range(0.0..100.0) {
                percent if percent < groups.percent => {
                    person.party = random.random_range(groups.seats[0]..=groups.seats[1]);
                }
                percent if percent < groups.percent + groups.best_percent => {
                    person.choice = Choice::Best;
                    person.party = random.random_range(groups.best_seats[0]..=groups.best_seats[1]);
                    let is_family = person.party > 1 && random.random_bool(0.5);
                    person.has_child = is_family && setting.own.as_ref().is_some_and(|own| own.hall.has_children());
                }
                percent if percent < groups.percent + groups.best_percent + standing => {
                    person.choice = Choice::Standing;
                    person.party = random.random_range(1..=STANDING_MAX);
                }
                _ => {}
            }
            person
        })
        .collect()
}

/// How often each call was made, and at most in one second.
pub(crate) fn traffic(crowd: &Crowd) -> Vec<(Call, u64, Vec<u64>)> {
    Call::ALL
        .into_iter()
        .map(|call| (call, crowd.records.by_call[call as usize].completed, crowd.records.by_second(call)))
        .collect()
}
