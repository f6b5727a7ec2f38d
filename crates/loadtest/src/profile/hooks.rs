//! What is done for a run, beside its calls: commands before and after it, and users made ready.

use std::time::Duration;

use anyhow::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Error, Profile};
use crate::endpoint::Endpoint;
use crate::plan::Span;
use crate::shell::{self, Line};

/// Commands of whoever tests, run by `sh -c`. They run only where that was allowed (`--allow-commands`). Each is told
/// `ONSALE_TARGET`, `ONSALE_FIRST_USER` and `ONSALE_USERS`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hooks {
    /// Before the first request.
    pub before: Option<String>,
    /// Makes the users of the run: `ONSALE_USERS` of them, from the number `ONSALE_FIRST_USER` on.
    pub users: Option<String>,
    /// After the last request, whatever the run came to.
    pub after: Option<String>,
    /// One that takes longer is ended, and has failed.
    #[schemars(with = "String")]
    pub within: Span,
}

impl Default for Hooks {
    fn default() -> Self {
        Self { before: None, users: None, after: None, within: Span(Duration::from_secs(60)) }
    }
}

/// When a command is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Before,
    Users,
    After,
}

impl Hooks {
    /// The commands that there are, each with its field.
    fn commands(&self) -> impl Iterator<Item = (Moment, &'static str, &str)> {
        let all = [
            (Moment::Before, "hooks.before", &self.before),
            (Moment::Users, "hooks.users", &self.users),
            (Moment::After, "hooks.after", &self.after),
        ];
        all.into_iter().filter_map(|(moment, field, command)| Some((moment, field, command.as_deref()?)))
    }

    /// The first command that is none, by its field.
    pub(super) fn empty(&self) -> Option<&'static str> {
        self.commands().find(|(_, _, command)| command.trim().is_empty()).map(|(_, field, _)| field)
    }

    /// The command of this moment, with its field.
    pub(crate) fn at(&self, moment: Moment) -> Option<(&'static str, &str)> {
        self.commands().find(|(other, ..)| *other == moment).map(|(_, field, command)| (field, command))
    }
}

/// Runs the commands of a profile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runner<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) target: &'a Endpoint,
    /// Where in the profile's range the users of the run begin.
    pub(crate) users_from: u64,
    pub(crate) allowed: bool,
}

impl Runner<'_> {
    /// Runs the command of this moment, where there is one.
    ///
    /// # Errors
    /// When it may not be run, or fails: with its field, and its own words.
    pub(crate) fn run(&self, moment: Moment) -> Result<()> {
        let Some((field, command)) = self.profile.hooks.at(moment) else { return Ok(()) };
        self.profile.allow(self.allowed)?;
        let variables = [
            ("ONSALE_TARGET", self.target.to_string()),
            ("ONSALE_FIRST_USER", self.profile.first_user(self.users_from).to_string()),
            ("ONSALE_USERS", self.profile.users_of_a_run().to_string()),
        ];
        // What puts things in order is to be done also after a signal.
        let heeds_signals = moment != Moment::After;
        shell::run(Line { field, command, within: *self.profile.hooks.within, heeds_signals }, &variables)?;
        Ok(())
    }
}

impl Profile {
    /// Whether everything that it would have run may be run.
    ///
    /// # Errors
    /// When it has commands, and they were not `allowed`: with the field of the first.
    pub fn allow(&self, allowed: bool) -> std::result::Result<(), Error> {
        let watch = self.watch.as_ref().and_then(|watch| watch.command.as_ref()).map(|_| "watch.command");
        match self.hooks.commands().map(|(_, field, _)| field).chain(watch).next() {
            Some(field) if !allowed => Err(Error(format!(
                "profile {}: {field}: is a command, and commands run only with --allow-commands; read them first",
                self.name
            ))),
            Some(_) | None => Ok(()),
        }
    }

    /// How many users a run has: those that are made ready for it, or all that there are.
    pub(crate) fn users_of_a_run(&self) -> u64 {
        self.users.prepare.unwrap_or(self.users.count)
    }

    /// The number of the first of them, as `users.form` gets it.
    fn first_user(&self, users_from: u64) -> u64 {
        self.users.first + users_from % self.users.count
    }
}
