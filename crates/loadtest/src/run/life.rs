//! Whether a server that is not ours still answers. One that hangs is a finding, and the more so with the call after which
//! it did not.

use std::time::{Duration, Instant};

use super::context::{Run, Target};
use crate::audit::{Rule, Tally};
use crate::endpoint::Endpoint;
use crate::http;
use crate::interrupt;
use crate::profile::Act;
use crate::request::{self, Template};
use crate::sources::token_in;

/// What could be busy with what the part before has left behind gets a second chance.
const TRIES: u32 = 2;

impl Run<'_> {
    /// After a part: does it still answer? Our own servers end with their part.
    pub(super) fn ask_for_life(&mut self, part: &str) {
        let Some(endpoint) = self.running() else { return };
        let first = endpoint.take_unanswered();
        let mut answer = self.one_of_each();
        for _ in 1..TRIES {
            if answer.is_err() && !interrupt::is_asked() {
                answer = self.one_of_each();
            }
        }
        if interrupt::is_asked() {
            return;
        }
        let Err(error) = answer else { return self.life.hold(1) };
        let first = first.map_or_else(String::new, |call| format!("; the first call without an answer was {call}"));
        let example = format!("after the part {part} it answers no more: {error:#}{first}");
        self.progress.note(&example);
        self.silent_since = Some(format!("since the part {part}{first}"));
        self.life.judge(false, || example);
    }

    /// How long a single call takes before there is any load, where that is so long that most of the plan would take for
    /// ever: longer than an answer may, and a hundred in a row longer than a minute.
    pub(super) fn crawl(&self) -> anyhow::Result<Option<Duration>> {
        const LOOKS: u32 = 2;
        const CRAWLS: Duration = Duration::from_millis(600);
        let Some(endpoint) = self.running() else { return Ok(None) };
        let mut quickest = Duration::MAX;
        for _ in 0..LOOKS {
            let mut issue = Vec::new();
            request::issue(self.new_users(1).start, &mut issue);
            let began = Instant::now();
            let issued = http::call_within(&endpoint, &issue, *self.plan().load.reply_max)?;
            quickest = quickest.min(began.elapsed());
            self.send_away(&endpoint, &token_in(&issued.body).unwrap_or_default())?;
            if quickest < CRAWLS {
                return Ok(None);
            }
        }
        let limit = Duration::from_secs_f64(self.plan().thresholds.p99_ms / 1e3);
        Ok(Some(quickest).filter(|&quickest| quickest > limit))
    }

    /// A user comes, looks at the place and at the wallet, and goes. What the answers say is not asked here.
    fn one_of_each(&self) -> anyhow::Result<()> {
        let Some(endpoint) = self.running() else { return Ok(()) };
        let patience = *self.plan().load.reply_max;
        let mut issue = Vec::new();
        request::issue(self.new_users(1).start, &mut issue);
        let issued = http::call_within(&endpoint, &issue, patience)?;
        let token = token_in(&issued.body).unwrap_or_default();
        for call in [Template::check(), Template::get("/v1/api/user/amount", &[])] {
            http::call_within(&endpoint, &call.with(&token), patience)?;
        }
        self.send_away(&endpoint, &token)
    }

    /// The server that runs already, spoken to as it wants to be where that is known.
    fn running(&self) -> Option<Endpoint> {
        let Target::Running { endpoint, .. } = &self.options.target else { return None };
        Some(self.known.as_ref().map_or(endpoint, |known| &known.endpoint).clone())
    }

    /// Whoever only came to see whether there is an answer goes again; where nobody can leave, a later part has one more.
    fn send_away(&self, endpoint: &Endpoint, token: &[u8]) -> anyhow::Result<()> {
        if let Some(known) = self.known.as_ref().filter(|known| !known.profile.has(Act::Leave)) {
            if !token.is_empty() {
                known.lingering().push(token.into());
            }
            return Ok(());
        }
        let leave = Template::post("/v1/api/queue/token/leave", "").with(token);
        http::call_within(endpoint, &leave, *self.plan().load.reply_max).map(|_| ())
    }

    /// What all of that came to.
    pub(super) fn conclude_life(&mut self) {
        let life = std::mem::replace(&mut self.life, Tally::new(Rule::StillAnswers));
        if life.cases() > 0 {
            self.checks.push(life.into_check("run"));
        }
    }
}
