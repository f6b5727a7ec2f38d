//! Before the first part, and after the last: the commands of the profile, and the users that a run needs.

use std::ops::Range;
use std::time::Instant;

use anyhow::{Result, ensure};

use super::context::{Run, Target};
use crate::endpoint::Endpoint;
use crate::load::{self, Losses, Next, Pace, Plan, Reply, Source};
use crate::profile::hooks::{Moment, Runner};
use crate::profile::{Act, Profile};
use crate::report::Prepared;
use crate::request::Template;

/// Connections over which users are made.
const CONNECTIONS: usize = 32;

impl Run<'_> {
    /// What the profile has done before the first request: its command, and users made ready. `users_from` is where in the
    /// profile's range those of this run begin.
    ///
    /// # Errors
    /// When a command fails, or not all users could be made in time: with the field, and the words that came back.
    pub(super) fn make_ready(&mut self, profile: &Profile, endpoint: &Endpoint, users_from: u64) -> Result<()> {
        self.users_from = users_from;
        self.hook(profile, Moment::Before, users_from)?;
        let Some(count) = profile.users.prepare else { return Ok(()) };
        self.progress.part(&format!("{count} users are made ready"));
        let started = Instant::now();
        let by = if profile.hooks.users.is_some() { "hooks.users" } else { "call.register" };
        self.hook(profile, Moment::Users, users_from)?;
        if profile.has(Act::Register) {
            self.register(profile, endpoint, count)?;
        }
        let duration_s = started.elapsed().as_secs_f64();
        self.progress.note(&format!("{count} users by {by} in {duration_s:.1} s"));
        self.prepared = Some(Prepared { users: count, by: by.to_owned(), duration_s });
        Ok(())
    }

    fn register(&mut self, profile: &Profile, endpoint: &Endpoint, count: u64) -> Result<()> {
        let limit = *profile.users.ready_within;
        let plan = Plan {
            losses: Losses::Count { reply_max: *self.plan().load.reply_max },
            ..Plan::new(endpoint.clone(), CONNECTIONS, Pace::Closed, limit)
        };
        let mut source = Register { users: 1..count + 1, made: 0 };
        let report = load::run_watched(&plan, &mut source, &mut self.progress)?;
        crate::interrupt::check()?;
        let made = source.made;
        let first = report.first_failure.as_ref().map_or_else(String::new, |first| format!("; the first with {first}"));
        ensure!(report.failed() == 0, "call.register: {} of {count} users could not be made{first}", report.failed());
        ensure!(
            made == count,
            "call.register: {made} of {count} users were made within {} s: ask for fewer with users.prepare, or give them \
             longer with users.ready_within",
            limit.as_secs()
        );
        Ok(())
    }

    /// What the profile has done after the last request, whatever came of the run. One that fails ends it as invalid.
    pub(super) fn put_in_order(&mut self) {
        let Target::Running { profile: Some(profile), .. } = &self.options.target else { return };
        if let Err(error) = self.hook(profile, Moment::After, self.users_from) {
            self.invalid.push(format!("{error:#}"));
        }
    }

    fn hook(&mut self, profile: &Profile, moment: Moment, users_from: u64) -> Result<()> {
        let (Some((field, command)), Target::Running { endpoint, .. }) =
            (profile.hooks.at(moment), &self.options.target)
        else {
            return Ok(());
        };
        self.progress.note(&format!("{field}: {command}"));
        let allowed = self.options.allow_commands;
        Runner { profile, target: endpoint, users_from, allowed }.run(moment)
    }
}

/// Makes one user after the other.
struct Register {
    users: Range<u64>,
    made: u64,
}

impl Source for Register {
    fn next(&mut self, _slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let Some(user) = self.users.next() else { return Next::Done };
        Template::register(user).write(b"", out);
        Next::Send
    }

    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        self.made += u64::from(reply.is_success());
        reply.is_success()
    }

    fn left(&self) -> u64 {
        self.users.end - self.users.start
    }

    fn keeps_body(&self) -> bool {
        true
    }
}
