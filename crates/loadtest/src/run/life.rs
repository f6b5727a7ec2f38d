//! Whether a server that is not ours still answers. One that hangs is a finding, and the more so with the call after which
//! it did not.

use super::context::{Run, Target};
use crate::audit::{Rule, Tally};
use crate::http;
use crate::interrupt;
use crate::request::{self, Template};
use crate::sources::token_in;

/// What could be busy with what the part before has left behind gets a second chance.
const TRIES: u32 = 2;

impl Run<'_> {
    /// After a part: does it still answer? Our own servers end with their part.
    pub(super) fn ask_for_life(&mut self, part: &str) {
        let Target::Running { endpoint, .. } = &self.options.target else { return };
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
        self.silent_since = Some(format!("the part {part}{first}"));
        self.life.judge(false, || example);
    }

    /// A user comes, looks at the place and at the wallet, and goes. What the answers say is not asked here.
    fn one_of_each(&self) -> anyhow::Result<()> {
        let Target::Running { endpoint, .. } = &self.options.target else { return Ok(()) };
        let patience = *self.plan().load.reply_max;
        let mut issue = Vec::new();
        request::issue(self.new_users(1).start, &mut issue);
        let issued = http::call_within(endpoint, &issue, patience)?;
        let token = token_in(&issued.body).unwrap_or_default();
        let rest = [
            Template::check(),
            Template::get("/v1/api/user/amount", &[]),
            Template::post("/v1/api/queue/token/leave", ""),
        ];
        for call in rest {
            http::call_within(endpoint, &call.with(&token), patience)?;
        }
        Ok(())
    }

    /// What all of that came to.
    pub(super) fn conclude_life(&mut self) {
        let life = std::mem::replace(&mut self.life, Tally::new(Rule::StillAnswers));
        if life.cases() > 0 {
            self.checks.push(life.into_check("run"));
        }
    }
}
