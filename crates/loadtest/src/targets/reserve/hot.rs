//! One hot seat: many ask for the same seat at once, and one gets it; again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::{INSIDE, hidden_in, open_load};
use crate::audit::line::Interval;
use crate::audit::seats::Seats;
use crate::audit::{Rule, Tally};
use crate::catalog;
use crate::load::{Next, Pace, Reply, Source};
use crate::measure::{self, Load};
use crate::profile::Act;
use crate::report::{Figure, Part};
use crate::request::Template;
use crate::run::Run;
use crate::sources::{Tokens, reservation_in};

/// How long holds last where this is tested: longer than the test.
const LASTS: Duration = Duration::from_secs(120);

/// Rounds of contenders for one seat each.
struct Contest {
    tokens: Arc<Tokens>,
    schedule: u64,
    seats: u64,
    rounds: u64,
    round: u64,
    /// Contenders of this round who have asked, and who have their answer.
    asked: usize,
    answered: usize,
    /// Who has the seat of the round, and the reservation.
    winner: Option<(usize, u64)>,
    winners: u64,
    /// The winner has been asked to drop it, and has.
    dropping: bool,
    out: Vec<Option<Asked>>,
    started: Instant,
    audit: Seats,
    one_winner: Tally,
    is_alone: bool,
    /// Holds can be dropped. Where they cannot, each round has a new seat.
    drops: bool,
    /// Who wins has no session any more, so somebody else comes for the next seat.
    ends_with_reserve: bool,
    gone: Vec<bool>,
}

#[derive(Clone, Copy)]
enum Asked {
    Reserve { who: usize },
    Drop,
}

impl Contest {
    fn seat(&self) -> u64 {
        self.round % self.seats + 1
    }

    fn send(&mut self, slot: usize, asked: Asked) {
        if self.out.len() <= slot {
            self.out.resize(slot + 1, None);
        }
        self.out[slot] = Some(asked);
    }

    /// The next who wants the seat of this round.
    fn contender(&mut self) -> Option<usize> {
        while self.gone.get(self.asked).copied().unwrap_or(false) {
            self.asked += 1;
            self.answered += 1;
        }
        let who = self.asked;
        (who < self.tokens.len()).then(|| {
            self.asked += 1;
            who
        })
    }

    /// All have their answer; where nobody won, or nobody can drop the seat, that was the round.
    fn end_of_answers(&mut self) {
        if self.answered == self.tokens.len() && (self.winner.is_none() || !self.drops) {
            self.finish_round();
        }
    }

    fn finish_round(&mut self) {
        if let Some((who, _)) = self.winner.filter(|_| self.ends_with_reserve) {
            self.gone[who] = true;
        }
        let (seat, winners) = (self.seat(), self.winners);
        // On a server that is not ours the seat may have been somebody else's.
        let is_right = winners == 1 || (!self.is_alone && winners == 0);
        self.one_winner.judge(is_right, || format!("seat {seat} had {winners} winners"));
        (self.round, self.asked, self.answered) = (self.round + 1, 0, 0);
        (self.winner, self.winners, self.dropping) = (None, 0, false);
    }
}

impl Source for Contest {
    fn next(&mut self, slot: usize, now: Instant, out: &mut Vec<u8>) -> Next {
        if self.round == self.rounds {
            return Next::Done;
        }
        if let Some(who) = self.contender() {
            Template::reserve(self.schedule, self.seat()).write(self.tokens.get(who), out);
            self.send(slot, Asked::Reserve { who });
            return Next::Send;
        }
        if self.answered == self.tokens.len()
            && !self.dropping
            && self.drops
            && let Some((who, reservation)) = self.winner
        {
            self.dropping = true;
            self.audit.dropping((self.schedule, self.seat()));
            Template::cancel(reservation).write(self.tokens.get(who), out);
            self.send(slot, Asked::Drop);
            return Next::Send;
        }
        // Whoever has no session any more was the last to be asked.
        self.end_of_answers();
        // A reply changes that.
        Next::After(now + Duration::from_millis(50))
    }

    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool {
        match self.out[slot].take() {
            Some(Asked::Reserve { who }) => {
                self.answered += 1;
                let mut is_right = reply.status == 409;
                if reply.is_success()
                    && let Some(reservation) = reservation_in(reply.body)
                {
                    let since = |instant: Instant| instant.saturating_duration_since(self.started);
                    let at = Interval { sent: since(reply.sent), acked: since(now) };
                    self.audit.held((self.schedule, self.seat()), who, at, LASTS);
                    self.winners += 1;
                    self.winner = Some((who, reservation));
                    is_right = true;
                }
                self.end_of_answers();
                is_right
            }
            Some(Asked::Drop) => {
                self.finish_round();
                // Whoever takes a seat again has it no longer than the first time, which may be over.
                reply.is_success() || reply.status == 410
            }
            None => false,
        }
    }

    fn lost(&mut self, slot: usize, _now: Instant) {
        match self.out[slot].take() {
            Some(Asked::Reserve { .. }) => {
                self.answered += 1;
                self.end_of_answers();
            }
            Some(Asked::Drop) => self.finish_round(),
            None => {}
        }
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

pub(super) fn one_hot_seat(run: &mut Run<'_>) -> Result<Part> {
    let plan = run.plan();
    let settings: Vec<(&str, &str)> = INSIDE.iter().copied().chain([("hold.ttl", "120s")]).collect();
    let site = run.site(&settings, &catalog::concert(1, plan.reserve.hot_seats))?;
    let contenders = plan.reserve.contenders;
    let tokens = site.admit(run.new_users(contenders as u64))?;
    let date = site.catalog.largest()?;
    let (drops, ends_with_reserve) = (site.has(Act::Cancel), site.profile().ends_with_reserve());
    // Without drops each round costs a seat; where it costs a session, too, half of the contenders stay for the last.
    let rounds_max = match (drops, ends_with_reserve) {
        (true, _) => u64::MAX,
        (false, false) => (date.free() / 8).max(1),
        (false, true) => (date.free() / 8).min(tokens.len() as u64 / 2).max(1),
    };
    let mut contest = Contest {
        schedule: date.schedule_id,
        seats: date.total_seats,
        rounds: plan.reserve.hot_seats.min(rounds_max),
        round: 0,
        asked: 0,
        answered: 0,
        winner: None,
        winners: 0,
        dropping: false,
        out: Vec::new(),
        started: Instant::now(),
        audit: Seats::default(),
        one_winner: Tally::new(Rule::SeatHeldOnce),
        is_alone: run.is_own(),
        drops,
        ends_with_reserve,
        gone: vec![false; tokens.len()],
        tokens: Arc::clone(&tokens),
    };
    let load = Load {
        connections: tokens.len(),
        pace: Pace::Closed,
        warm_up: Duration::ZERO,
        duration: Duration::from_secs(60),
        ..open_load(plan, &format!("{} want one seat, {} times", tokens.len(), plan.reserve.hot_seats), 0.0)
    };
    let (step, report) = measure::run(&site, &load, &mut contest, &mut run.progress)?;
    run.judge_hidden("reserve one hot seat", hidden_in(&report));
    let rounds = contest.one_winner.cases();
    let mut overlaps = contest.audit.conclude("reserve", &[Rule::SeatHeldOnce]);
    let mut check = contest.one_winner.into_check("reserve");
    overlaps.drain(..).for_each(|overlap| check.add(overlap));
    run.checks.push(check);
    site.leave(&tokens)?;
    Ok(Part {
        id: "one_hot_seat".to_owned(),
        title: "One hot seat".to_owned(),
        figures: vec![
            Figure::new("rounds", "Seats that everybody wanted at once", rounds as f64, "", "client"),
            Figure::new("contenders", "Who wanted each", tokens.len() as f64, "", "client"),
            Figure::new("decided", "Requests decided per second", step.completed_per_second, "/s", "client"),
        ],
        steps: super::only(step),
        notes: vec![if drops {
            "All ask at once over connections of their own; when all have their answer, the winner drops the seat and the \
             next is wanted."
        } else {
            "All ask at once over connections of their own; when all have their answer, the next seat is wanted. A hold \
             cannot be dropped here, so each round costs a seat, and there are no more of them than an eighth of the seats."
        }
        .to_owned()],
    })
}
