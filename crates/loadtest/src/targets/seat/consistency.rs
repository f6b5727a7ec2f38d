//! Whether every seat list is of one moment, none goes back, and a writer sees its own writes.
//!
//! One writer holds and drops seats in a known order, far apart, one after the other; so the seats that it touches go
//! through a known sequence of states. Readers ask for the list meanwhile. A list must be one of the states from the
//! last that was acknowledged before it was asked for, to the last that was begun before it came. Seats that others
//! hold are not looked at, so it works on a server that is not ours too.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};

use super::super::beside::Flag;
use crate::answer;
use crate::audit::seats::SeatStatus;
use crate::audit::{Rule, Tally};
use crate::profile::Act;
use crate::report::{Figure, Part};
use crate::request::Template;
use crate::run::Run;
use crate::seat_list;
use crate::site::{Date, Site};
use crate::sources::Tokens;

/// Seats that the writer holds at a time, and how many it goes round.
const WINDOW: usize = 12;
const UNIVERSE: usize = 200;
const READERS: usize = 3;

/// The states so far, each as a hash of the seats that are held in it.
struct Log {
    states: Vec<u64>,
    /// The last state that was acknowledged.
    acked: usize,
}

struct Scene<'a> {
    site: &'a Site,
    date: &'a Date,
    universe: HashSet<u64>,
    log: Mutex<Log>,
    over: Flag,
}

impl Scene<'_> {
    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn list(&self, token: &[u8]) -> Result<HashMap<u64, SeatStatus>> {
        let path = format!("/v1/api/concerts/seat?scheduleId={}", self.date.schedule_id);
        let reply = self.site.call(&Template::get(&path, &[]).with(token))?.success()?;
        Ok(seat_list::statuses(&reply.body))
    }

    /// The hash of what a list shows of our seats.
    fn shown(&self, list: &HashMap<u64, SeatStatus>) -> u64 {
        let held =
            list.iter().filter(|&(seat, &status)| status != SeatStatus::Available && self.universe.contains(seat));
        held.fold(0, |hash, (&seat, _)| hash ^ mix(seat))
    }
}

/// A number whose bits depend on all bits of the seat's.
fn mix(seat: u64) -> u64 {
    let mut hash = seat.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// What one thread has judged.
struct Judged {
    one_moment: Tally,
    never_back: Tally,
    own_writes: Tally,
}

impl Judged {
    fn new() -> Self {
        Self {
            one_moment: Tally::new(Rule::SeatListOneMoment),
            never_back: Tally::new(Rule::SeatListNeverBack),
            own_writes: Tally::new(Rule::OwnWritesSeen),
        }
    }

    fn add(&mut self, other: Self) {
        self.one_moment.add(other.one_moment);
        self.never_back.add(other.never_back);
        self.own_writes.add(other.own_writes);
    }
}

/// Runs writer and readers for the plan's time.
pub(super) fn consistency(run: &mut Run<'_>, site: &Site, tokens: &Tokens) -> Result<Part> {
    run.progress.note("consistency of the seat lists");
    // The smallest hall that is large enough: its lists come fastest, and most of them are judged.
    let dates = site.catalog.dates.iter().filter(|date| date.total_seats >= WINDOW as u64 * 2);
    let date = dates.min_by_key(|date| date.total_seats).context("no date has seats enough to judge lists by")?;
    let mut scene = Scene {
        site,
        date,
        universe: HashSet::new(),
        log: Mutex::new(Log { states: vec![0], acked: 0 }),
        over: Flag::default(),
    };
    let list = scene.list(tokens.get(0))?;
    let mut free: Vec<u64> =
        list.iter().filter(|&(_, &status)| status == SeatStatus::Available).map(|(&seat, _)| seat).collect();
    free.sort_unstable_by_key(|&seat| mix(seat));
    free.truncate(UNIVERSE);
    scene.universe = free.iter().copied().collect();
    let duration = *run.plan().seat.consistency;
    let (scene, free) = (&scene, &free);
    let judged = std::thread::scope(|scope| -> Result<Judged> {
        let writer = scope.spawn(move || {
            let judged = write(scene, free, tokens, duration);
            // Also where the writer has failed, or the readers would go on for ever.
            scene.over.raise();
            judged
        });
        let readers: Vec<_> =
            (1..=READERS).map(|reader| scope.spawn(move || read(scene, tokens.get(reader)))).collect();
        let gone = |_| anyhow!("a thread of the consistency check is gone");
        let mut judged = writer.join().map_err(gone)??;
        for reader in readers {
            judged.add(reader.join().map_err(gone)??);
        }
        Ok(judged)
    })?;
    let figures = vec![
        Figure::new("lists", "Lists judged", judged.one_moment.cases() as f64, "", "client"),
        Figure::new("torn", "Of no moment", judged.one_moment.wrong() as f64, "", "client"),
        Figure::new("back", "Older than what was known", judged.never_back.wrong() as f64, "", "client"),
        Figure::new("states", "States that the seats went through", scene.log().states.len() as f64, "", "client"),
    ];
    let checks = [judged.one_moment, judged.never_back, judged.own_writes];
    run.checks.extend(checks.map(|tally| tally.into_check("seat")));
    Ok(Part {
        id: "consistency".to_owned(),
        title: "Every list is of one moment".to_owned(),
        figures,
        steps: Vec::new(),
        notes: vec![format!(
            "One writer moves a window of {WINDOW} held seats over {} seats, {READERS} readers ask for the whole list of {} \
             seats over new connections, and each list must be one of the states that it can have been.",
            scene.universe.len(),
            date.total_seats
        )],
    })
}

fn write(scene: &Scene<'_>, seats: &[u64], tokens: &Tokens, most: Duration) -> Result<Judged> {
    const LOOK_EVERY: usize = 4;
    let (mut judged, mut duration) = (Judged::new(), most);
    let started = Instant::now();
    // Seat, reservation, and whose it is: a user may hold only a few.
    let mut held: VecDeque<(u64, u64, usize)> = VecDeque::new();
    let mut turn = 0;
    let drops = scene.site.has(Act::Cancel);
    let ends_with_reserve = scene.site.profile().ends_with_reserve();
    // A machine that stands still for all that time has shown nothing yet.
    while started.elapsed() < duration || (judged.own_writes.cases() == 0 && duration == most) {
        // Where holds cannot be dropped each state has one seat more, until there are no more.
        let is_over = !drops && (turn == seats.len() || (ends_with_reserve && turn + READERS + 1 >= tokens.len()));
        if is_over {
            break;
        }
        let dropped = if drops && held.len() >= WINDOW { held.pop_front() } else { None };
        let seat = dropped.map_or(seats[turn % seats.len()], |(seat, _, _)| seat);
        let state = {
            let mut log = scene.log();
            let before = log.states.last().copied().unwrap_or(0);
            log.states.push(before ^ mix(seat));
            log.states.len() - 1
        };
        // The first tokens are the readers', who shall stay inside.
        let owner = dropped.map_or(turn + READERS + 1, |(_, _, owner)| owner);
        let token = tokens.get(owner);
        if let Some((_, reservation, _)) = dropped {
            scene.site.data(&Template::cancel(reservation).with(token))?;
        } else {
            turn += 1;
            let reply = scene.site.call(&Template::reserve(scene.date.schedule_id, seat).with(token))?.success()?;
            let data = answer::data(&reply.body).context("a reservation that does not say what it is")?;
            if let Some(lasts) = data.hold_lasts().filter(|_| !drops) {
                // A hold that lapses meanwhile would be a change that nobody was told of.
                duration = duration.min(lasts.mul_f64(0.6));
            }
            held.push_back((seat, data.reservation_id.context("a reservation without its id")?, owner));
        }
        scene.log().acked = state;
        if state.is_multiple_of(LOOK_EVERY) {
            let looks = if ends_with_reserve { tokens.get(0) } else { token };
            let shown = scene.shown(&scene.list(looks)?);
            let expected = scene.log().states[state];
            judged.own_writes.judge(shown == expected, || {
                format!("after change {state} (seat {seat}) the writer's own list does not show it")
            });
        }
    }
    // What follows is in no log, so no list of it is judged.
    scene.over.raise();
    for (_, reservation, owner) in held.into_iter().filter(|_| drops) {
        scene.site.data(&Template::cancel(reservation).with(tokens.get(owner)))?;
    }
    Ok(judged)
}

fn read(scene: &Scene<'_>, token: &[u8]) -> Result<Judged> {
    let mut judged = Judged::new();
    // The least state that the last list can have been.
    let mut seen = 0;
    while !scene.over.is_up() {
        let least = scene.log().acked.max(seen);
        let list = scene.list(token)?;
        if scene.over.is_up() {
            break;
        }
        let shown = scene.shown(&list);
        let log = scene.log();
        let first = log.states[least..].iter().position(|&state| state == shown).map(|index| index + least);
        let is_older = first.is_none() && log.states[..least].contains(&shown);
        drop(log);
        judged.one_moment.judge(first.is_some() || is_older, || {
            format!("a list asked for after change {least} shows a state that never was")
        });
        judged.never_back.judge(!is_older, || format!("a list asked for after change {least} is of before it"));
        seen = first.unwrap_or(seen);
    }
    Ok(judged)
}
