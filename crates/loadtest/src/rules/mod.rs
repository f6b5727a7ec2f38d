//! The rules, one by one: small scenes that each try one thing which a service that sells tickets must, or must not, do.
//! The journey finds what goes wrong in a crowd; what nobody in it would try is tried here.

mod buying;
mod caller;
mod crowd;
mod holds;
mod moment;

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::audit::{Rule, Tally};
use crate::catalog;
use crate::interrupt;
use crate::load::Unanswered;
use crate::run::{Run, is_servers_doing};
use crate::site::Site;
use crate::sources::Tokens;

use caller::{Answer, Caller};

const PART: &str = "rules";
/// Buyers of the scenes that need few.
const FEW: u64 = 22;
/// Those of the scenes in which one asks twice: each of the three is tried so often.
const TWICE: u64 = 9;
/// Who fits into a house of our own that is to be full.
const FULL: u64 = 8;
/// The most who are sent into a house that is not ours to fill it.
const FILL_MAX: u64 = 5_000;

/// All scenes.
///
/// # Errors
/// When a server cannot be started or reached, or lets nobody in.
pub fn rules(run: &mut Run<'_>) -> Result<()> {
    run.progress.part("The rules, one by one");
    let at_once = run.plan().rules.at_once;
    let settings = [
        ("queue.active_limit", "1000000"),
        ("queue.session_ttl", "12h"),
        ("queue.waiting_ttl", "1h"),
        ("hold.ttl", "5m"),
        ("hold.limit_per_user", "100000"),
    ];
    // The dates are of different sizes, so that one has seats which the other has not.
    let seats = at_once as u64 + 100;
    let site = run.site(&settings, &catalog::halls(&[seats, 50]))?;
    let mut doors = Doors::default();
    few(run, &site, &mut doors)?;
    many(run, &site, &mut doors)?;
    twice(run, &site, &mut doors)?;
    let full = FULL.to_string();
    let settings = [
        ("queue.active_limit", full.as_str()),
        ("queue.session_ttl", "12h"),
        ("queue.waiting_ttl", "1h"),
        ("hold.ttl", "1s"),
    ];
    let site = if run.is_own() { run.site(&settings, &catalog::concert(1, 50))? } else { site };
    lapse(run, &site, &mut doors)?;
    queue(run, &site)
}

/// Who came in, and who went again, by our own count.
#[derive(Debug, Default)]
struct Doors {
    came: u64,
    gone: u64,
}

impl Doors {
    /// Lets so many in. Where nobody is let in though those of before have gone, the queue stands still, and that is told.
    fn admit(&mut self, run: &mut Run<'_>, site: &Site, count: u64) -> Result<Arc<Tokens>> {
        let room = site.active_limit().or(run.promises().inside_max).unwrap_or(0);
        let is_room = self.gone > 0 && self.came.saturating_sub(self.gone) < room;
        let ends = Instant::now() + run.promises().admits_within + crowd::PATIENCE;
        loop {
            interrupt::check()?;
            match site.admit(run.new_users(count)) {
                Ok(tokens) => {
                    self.came += tokens.len() as u64;
                    return Ok(tokens);
                }
                Err(_) if is_room && Instant::now() < ends => std::thread::sleep(crowd::POLL),
                Err(error) => {
                    let mut moves = Tally::new(Rule::QueueMovesOn);
                    if is_room && !is_servers_doing(&error) {
                        let Self { came, gone } = self;
                        moves.judge(false, || {
                            format!(
                                "{came} came in and {gone} of them went, {room} fit in, and nobody is let in: {error:#}"
                            )
                        });
                        push(run, [moves]);
                    }
                    return Err(error);
                }
            }
        }
    }

    /// The scene is over, and everybody goes who can.
    fn leave(&mut self, run: &Run<'_>, site: &Site, caller: &Caller<'_>, tokens: &Tokens) -> Result<()> {
        self.gone = if run.promises().can_leave { self.came } else { self.gone + caller.paid() };
        leave_all(site, caller, tokens)
    }
}

fn push(run: &mut Run<'_>, tallies: impl IntoIterator<Item = Tally>) {
    for check in tallies.into_iter().map(|tally| tally.into_check(PART)) {
        match run.checks.iter_mut().find(|other| other.id == check.id && other.part == PART) {
            Some(other) => other.add(check),
            None => run.checks.push(check),
        }
    }
}

fn caller<'a>(run: &Run<'_>, site: &'a Site, token: &[u8]) -> Result<Caller<'a>> {
    let caller = Caller::new(site, site.catalog.largest()?.schedule_id, *run.plan().load.reply_max);
    caller.look(token);
    Ok(caller)
}

/// What a single buyer can try.
fn few(run: &mut Run<'_>, site: &Site, doors: &mut Doors) -> Result<()> {
    let tokens = doors.admit(run, site, FEW)?;
    let caller = caller(run, site, tokens.get(0))?;
    let mut each = (0..tokens.len()).map(|index| tokens.get(index));
    // With fewer inside than there are scenes, the last of these find nobody and have no case.
    let reader = each.next().context("somebody inside")?;
    let (profile, promises) = (site.profile(), run.promises());
    // Where a hold ends the session, whoever has held is outside, and each hold takes somebody new.
    let is_lasting = site.service().is_some() || !profile.ends_with_reserve();
    let mut holder = || if is_lasting { Some(reader) } else { each.next() };
    let mut tallies = Vec::new();
    tallies.extend(holder().map(|owner| buying::nothing_without_token(&caller, promises, owner)));
    let dates: Vec<u64> = site.catalog.dates.iter().map(|date| date.schedule_id).collect();
    tallies.extend(holder().map(|somebody| buying::seat_of_its_date(&caller, &dates, somebody)));
    tallies.push(holds::lists_are_fresh(&caller, promises, reader, std::iter::from_fn(&mut holder)));
    let mut strangers = Tally::new(Rule::NothingForStrangers);
    let (owner, group_owner) = (holder(), holder());
    if let Some((owner, stranger)) = owner.zip(each.next()) {
        strangers.add(buying::nothing_for_strangers(&caller, owner, stranger));
    }
    let group = profile.call.reserve.group.as_ref().and(group_owner);
    if let Some(((owner, group), after)) = group.zip(each.next()).zip(each.next()) {
        let tells_price = profile.call.reserve.out.price.is_some();
        tallies.push(buying::group_is_whole(&caller, tells_price, [owner, group, after]));
    }
    let (mut price, mut session) = (Tally::new(Rule::PriceIsTheServers), Tally::new(Rule::SessionEndsWithPayment));
    let (mut again, mut large) = (Tally::new(Rule::RepeatedHoldIsOne), Tally::new(Rule::LargeChargesWhole));
    for index in 0.. {
        interrupt::check()?;
        let Some(buyer) = each.next() else { break };
        match index % 4 {
            0 => price.add(buying::the_servers_price(&caller, buyer)),
            1 => session.add(buying::session_ends(&caller, buyer)),
            2 => again.add(buying::held_again(&caller, buyer)),
            _ => {
                large.add(buying::large_charges(&caller, buyer));
                // A wallet that is full to the brim is nothing for a later scene.
                caller.hold(buyer).into_iter().for_each(|held| drop(caller.pay(held.reservation, Some(buyer))));
            }
        }
    }
    tallies.extend([strangers, price, session, again, large]);
    doors.leave(run, site, &caller, &tokens)?;
    let users = std::iter::repeat_with(run.fresh_users());
    tallies.push(buying::one_token(&caller, users, run.plan().rules.at_once));
    tallies.push(caller.into_errors());
    push(run, tallies);
    Ok(())
}

/// What only many find out, and whether anybody is answered afterwards.
fn many(run: &mut Run<'_>, site: &Site, doors: &mut Doors) -> Result<()> {
    let tokens = doors.admit(run, site, run.plan().rules.at_once as u64)?;
    let caller = caller(run, site, tokens.get(0))?;
    run.progress.note(&format!("{} charge, reserve and pay at once", tokens.len()));
    let tally = crowd::many_at_once(&caller, run.promises(), &tokens);
    let mut lives = Tally::new(Rule::StillAnswers);
    let answer = caller.token(run.new_users(1).start);
    let is_silent = matches!(answer, Answer::Silent(_));
    lives.judge(!is_silent, || {
        format!("after {} had charged, reserved and paid at once: {}", tokens.len(), answer.text())
    });
    if is_silent {
        push(run, [tally, lives, caller.into_errors()]);
        return Err(Unanswered("POST /v1/api/queue/token".to_owned()).into());
    }
    if let Some(token) = caller::token_of(&answer) {
        caller.leave(&token);
    }
    doors.leave(run, site, &caller, &tokens)?;
    push(run, [tally, lives, caller.into_errors()]);
    Ok(())
}

/// What one who asks twice at the same moment finds out: after the many, whose ends say which crowd a service does not bear.
fn twice(run: &mut Run<'_>, site: &Site, doors: &mut Doors) -> Result<()> {
    let tokens = doors.admit(run, site, TWICE)?;
    let caller = caller(run, site, tokens.get(0))?;
    let (mut charged, mut debited) = (Tally::new(Rule::ChargesKept), Tally::new(Rule::DebitedOnce));
    let mut spent = Tally::new(Rule::MoneyConserved);
    for index in 0..tokens.len() {
        interrupt::check()?;
        let buyer = tokens.get(index);
        match index % 3 {
            0 => debited.add(moment::paid_at_once(&caller, buyer)),
            1 => charged.add(moment::charged_at_once(&caller, buyer)),
            _ => spent.add(moment::spent_at_once(&caller, buyer)),
        }
    }
    doors.leave(run, site, &caller, &tokens)?;
    push(run, [charged, debited, spent, caller.into_errors()]);
    Ok(())
}

/// A hold, and the end of it.
fn lapse(run: &mut Run<'_>, site: &Site, doors: &mut Doors) -> Result<()> {
    let tokens = doors.admit(run, site, 2)?;
    let caller = caller(run, site, tokens.get(0))?;
    let people = (tokens.get(0), tokens.get(1));
    let judged = if tokens.len() < 2 {
        Err("it takes two inside".to_owned())
    } else {
        holds::last_as_promised(&caller, run.promises(), people, *run.plan().rules.wait)
    };
    doors.leave(run, site, &caller, &tokens)?;
    match judged {
        Ok(tally) => push(run, [tally, caller.into_errors()]),
        Err(why) => run.leave_out(Rule::HoldsLastAsPromised.id(), &format!("not observable: {why}")),
    }
    Ok(())
}

/// A full house, and a queue in front of it.
fn queue(run: &mut Run<'_>, site: &Site) -> Result<()> {
    interrupt::check()?;
    let promised = run.promises().inside_max;
    let Some(limit) = site.active_limit().or(promised).filter(|&limit| limit <= FILL_MAX) else {
        let why = "not observable: nobody says how many fit in, or they are too many to fill the house";
        run.leave_out(Rule::QueueMovesOn.id(), why);
        return Ok(());
    };
    let inside = site.issue(run.new_users(limit))?;
    if !run.is_own() && !is_within(run, site, &inside, limit)? {
        let why = "not observable: more are inside than fit, so that nobody need be let in when some go";
        run.leave_out(Rule::QueueMovesOn.id(), why);
        return site.leave(&inside);
    }
    let caller = caller(run, site, inside.get(0))?;
    let users = std::iter::repeat_with(run.fresh_users());
    let tallies = crowd::queue_moves_on(&caller, run.promises(), &inside, users);
    leave_all(site, &caller, &inside)?;
    push(run, tallies.into_iter().chain([caller.into_errors()]));
    Ok(())
}

/// Whether no more are inside than fit, after as many came at once as fit into an empty house.
fn is_within(run: &mut Run<'_>, site: &Site, came: &Tokens, limit: u64) -> Result<bool> {
    let together = site.inside_together(came)?;
    let mut kept = Tally::new(Rule::ActiveLimitKept);
    kept.judge(together <= limit, || {
        format!("after {limit} had come at once {together} were inside together, and the limit is {limit}")
    });
    push(run, [kept]);
    Ok(together <= limit)
}

/// Everybody goes, also on a server of our own: the house is to be empty for the next scene.
fn leave_all(site: &Site, caller: &Caller<'_>, tokens: &Tokens) -> Result<()> {
    if site.service().is_some() {
        (0..tokens.len()).for_each(|index| drop(caller.leave(tokens.get(index))));
        return Ok(());
    }
    site.leave(tokens)
}
