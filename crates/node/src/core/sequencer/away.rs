//! A journal that takes nothing: it is asked for again and again, at growing intervals, without anybody's command at stake.

use onsale_domain::command::{Batch, Command};

use super::{Phase, Sequencer, Todo};
use crate::core::now::Now;
use crate::core::pause::Pause;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Away {
    /// What came in before the door was shut is to be refused.
    Shut,
    Refusing,
    /// The journal is to be asked, or given an entry.
    Asking,
    Trying,
    Back,
    Failed,
}

impl Sequencer {
    /// From now on commands are refused where they come in, until the journal answers.
    pub(super) fn go_away(&mut self, reason: &str) {
        self.refused = self.refused.saturating_add(1);
        if !self.is_away {
            tracing::error!(reason, "the journal cannot be reached; refusing writes until it can");
            self.is_away = true;
            self.todo.push_back(Todo::Door { is_open: false });
        }
    }

    pub(super) fn wait_for_journal(&mut self) {
        self.pause = Pause::new(self.knobs.pauses);
        self.phase = Phase::Away(Away::Shut);
    }

    pub(super) fn next_while_away(&mut self, away: Away, now: Now) -> Option<Todo> {
        match away {
            Away::Shut => {
                self.phase = Phase::Away(Away::Refusing);
                Some(Todo::Drain)
            }
            Away::Refusing => {
                self.gathered.commands.clear();
                self.gathered.bytes = 0;
                let replies = core::mem::take(&mut self.gathered.replies);
                self.refuse(replies);
                self.phase = if self.gathered.stop { Phase::Turning } else { Phase::Away(Away::Asking) };
                None
            }
            Away::Asking => {
                self.phase = Phase::Away(Away::Trying);
                self.attempt(now)
            }
            Away::Failed => {
                self.phase = Phase::Away(Away::Shut);
                Some(Todo::Sleep(self.pause.next(&mut self.chance)))
            }
            Away::Back => {
                tracing::info!("the journal can be reached again");
                self.is_away = false;
                self.phase = Phase::Idle;
                Some(Todo::Door { is_open: true })
            }
            Away::Trying => unreachable!("the driver has not said what came of it"),
        }
    }

    /// A journal that answers and takes nothing is not back: after some refusals only an entry can tell.
    fn attempt(&mut self, now: Now) -> Option<Todo> {
        if self.refused < self.knobs.refused_max {
            return Some(Todo::Probe);
        }
        if !self.pause_left(now).is_zero() {
            self.tried(false);
            return None;
        }
        let own = core::mem::take(&mut self.unsent);
        let commands = if own.is_empty() { vec![Command::Tick] } else { own };
        self.make(Batch { commands }, Vec::new(), now);
        Some(Todo::Append)
    }

    pub(super) fn tried(&mut self, is_back: bool) {
        self.phase = Phase::Away(if is_back { Away::Back } else { Away::Failed });
    }
}
