//! What a service speaks, and what it promises: a profile, written in TOML.
//!
//! The load test is written in one contract, that of `docs/openapi.json`. Where a service speaks another, a
//! [`Tongue`] puts each request into its words as it leaves, and each answer into ours as it comes. So whatever is
//! measured and judged works with any service that a profile describes.

mod call;
mod check;
mod draft;
mod entry;
mod form;
pub(crate) mod hooks;
mod look;
mod tongue;
mod watch;

use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;

pub use call::{Act, Call, Calls, Group, Item, Meaning, Method, Out, Refused, Shows};
pub use draft::draft;
pub use entry::Entry;
pub(crate) use entry::Signer;
pub use form::{Blank, Form, Pointer};
pub use hooks::Hooks;
pub use look::{Seen, look};
pub(crate) use tongue::{Asked, Came, Heard, Tongue};
pub use watch::{Watch, Watched};

use crate::plan::Span;
use crate::promises::{Promises, WITH_A_TOKEN};

/// The form of profiles that this program reads.
const VERSION: u32 = 1;

/// Our own contract, with all that it has beside the eight.
pub const OWN: &str = include_str!("../../profiles/onsale.toml");
/// The eight endpoints and nothing else.
pub const PLAIN: &str = include_str!("../../profiles/plain.toml");

/// A service.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The form of this file: 1.
    pub profile: u32,
    /// What the service is called in reports.
    pub name: String,
    #[serde(default)]
    pub wire: Wire,
    #[serde(default)]
    pub words: Words,
    #[serde(default)]
    pub users: Users,
    /// How users sign in, where a service asks for that.
    #[serde(default)]
    pub entry: Option<Entry>,
    #[serde(default)]
    pub stage: Stage,
    pub call: Calls,
    #[serde(default)]
    pub queue: Queue,
    #[serde(default)]
    pub hold: Hold,
    #[serde(default)]
    pub promises: Promised,
    #[serde(default)]
    pub hooks: Hooks,
    #[serde(default)]
    pub watch: Option<Watch>,
}

/// What successes have in common.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Wire {
    /// HTTP statuses of successes.
    pub success: Vec<u16>,
    /// What the body of a success says, where it says so too. One that does not say it hides a failure.
    pub says: Option<Says>,
}

impl Default for Wire {
    fn default() -> Self {
        Self { success: vec![200, 201, 204], says: None }
    }
}

/// A text at a place of a body; a number or a truth as it is written there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Says {
    pub at: Pointer,
    pub is: String,
}

/// Their words for ours: `theirs = "OURS"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Where a user of the queue stands.
    pub status: std::collections::BTreeMap<String, Standing>,
    /// How a seat, or a date, stands.
    pub seat: std::collections::BTreeMap<String, SeatWord>,
}

/// Where a user of the queue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Standing {
    Waiting,
    Progress,
    Done,
    Expired,
}

/// How a seat stands. `TAKEN` is held or sold, where the service does not tell which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SeatWord {
    Available,
    TempReserved,
    Reserved,
    Taken,
    /// Of a date.
    SoldOut,
}

/// Who may come.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Users {
    /// How a user's id is written, from the number `${n}`.
    pub form: Form,
    /// The first number, and how many there are: a range that fits their column. A run uses no others.
    pub first: u64,
    pub count: u64,
    /// Whether a run takes users that no run before has been. Where it does not, each wallet is looked at before it is
    /// charged, as somebody may have left money in it.
    pub fresh: bool,
    /// How many are made ready before the first part, by `call.register` or by `hooks.users`: a run then uses no others. Each run
    /// takes a whole range of so many, one of as many as `count` has.
    pub prepare: Option<u64>,
    /// How long that may take with `call.register`.
    #[schemars(with = "String")]
    pub ready_within: Span,
}

impl Default for Users {
    fn default() -> Self {
        let form = Form::try_from("${n}".to_owned()).unwrap_or_default();
        let ready_within = Span(std::time::Duration::from_secs(120));
        Self { form, first: 1, count: 2_000_000_000, fresh: true, prepare: None, ready_within }
    }
}

/// What is on sale. Where no date is given, dates and seats are those that the lists show at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Stage {
    pub dates: Vec<GivenDate>,
    /// What a seat costs, where no list and no reservation tells.
    pub price: Option<u64>,
    /// How many of the listed dates are used at most.
    pub dates_max: Option<usize>,
}

/// A date whose seats are known beforehand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenDate {
    /// The id, as requests have it.
    pub id: String,
    pub seats: u64,
    /// The id of the first seat; the others follow it.
    #[serde(default = "one")]
    pub first_seat: u64,
    #[serde(default)]
    pub price: Option<u64>,
}

fn one() -> u64 {
    1
}

/// The queue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Queue {
    /// How long it takes, at most, until somebody is let in while there is room.
    #[schemars(with = "String")]
    pub admits_within: Span,
    /// How many may be inside at once, where that is known. It is judged, too.
    pub inside: Option<u64>,
    /// What ends a session, beside time.
    pub session_ends: Vec<Ends>,
    /// After which time to ask again, where answers do not tell.
    #[schemars(with = "String")]
    pub poll_after: Span,
}

impl Default for Queue {
    fn default() -> Self {
        let span = |millis| Span(std::time::Duration::from_millis(millis));
        Self { admits_within: span(0), inside: None, session_ends: vec![Ends::Payment], poll_after: span(1_000) }
    }
}

/// What ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ends {
    Payment,
    Reserve,
}

/// Holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Hold {
    /// How long a seat is held, where answers do not tell.
    #[schemars(with = "String")]
    pub ttl: Span,
    /// How long after that it may take until the seat is free again.
    #[schemars(with = "String")]
    pub swept_within: Span,
}

impl Default for Hold {
    fn default() -> Self {
        let span = |secs| Span(std::time::Duration::from_secs(secs));
        Self { ttl: span(300), swept_within: span(0) }
    }
}

/// What is judged. What is not promised is reported as that, and never as failed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a promise of its own")]
pub struct Promised {
    /// A charge, a reservation or a payment that is sent again with its key (`${key}`) is done once.
    pub idempotency: bool,
    /// A user has one live token, however often it is asked for.
    pub one_token_per_user: bool,
    /// How old a list may be.
    #[schemars(with = "String")]
    pub list_staleness: Span,
    /// Lists carry an `ETag`, and `If-None-Match` is heeded.
    pub etag: bool,
    /// What cannot be done without a token: all, nothing, or these calls.
    pub token_required: TokenRequired,
    /// Who came first is let in first.
    pub order: bool,
}

/// Calls that need a token: `true` for each of them, `false` for none, or a list of names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TokenRequired {
    All(bool),
    Of(Vec<String>),
}

impl TokenRequired {
    fn acts(&self) -> Vec<Act> {
        match self {
            Self::All(true) => WITH_A_TOKEN.to_vec(),
            Self::All(false) => Vec::new(),
            Self::Of(names) => {
                let is_named = |act: &Act| names.iter().any(|name| name == act.name());
                WITH_A_TOKEN.into_iter().filter(is_named).collect()
            }
        }
    }

    /// A name that is none of a call which can need a token.
    fn unknown(&self) -> Option<&str> {
        let Self::Of(names) = self else { return None };
        let is_known = |name: &&String| WITH_A_TOKEN.iter().any(|act| act.name() == name.as_str());
        names.iter().find(|name| !is_known(name)).map(String::as_str)
    }
}

impl Default for Promised {
    fn default() -> Self {
        let list_staleness = Span(std::time::Duration::ZERO);
        Self {
            idempotency: false,
            one_token_per_user: true,
            list_staleness,
            etag: false,
            token_required: TokenRequired::All(true),
            order: true,
        }
    }
}

/// Where in the range of its users a run begins. Users that no run before has been have empty wallets.
pub(crate) fn users_from(profile: &Profile) -> u64 {
    if !profile.users.fresh {
        return 0;
    }
    profile.users.from(u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0))
}

impl Users {
    /// Where the users of a run begin that starts in this second.
    fn from(&self, second: u64) -> u64 {
        const EACH_SECOND: u64 = 1_000;
        match self.prepare {
            // Whole ranges: in one that overlaps with another run's some would have been made, and have wallets.
            Some(prepare) => second % (self.count / prepare).max(1) * prepare,
            None => second.wrapping_mul(EACH_SECOND) % self.count,
        }
    }
}

/// Why a profile cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

impl Profile {
    /// The profile in this file.
    ///
    /// # Errors
    /// When it cannot be read, or cannot be used: with the field, and where it is one that cannot be read, its line.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let named = |error: &dyn std::fmt::Display| Error(format!("profile {}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| named(&error))?;
        Self::parse(&text).map_err(|error| named(&error))
    }

    /// The profile in this text.
    ///
    /// # Errors
    /// As [`Profile::load`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let profile: Self = toml::from_str(text).map_err(|error| Error(error.to_string()))?;
        check::check(&profile).map_err(Error)?;
        Ok(profile)
    }

    /// The eight endpoints of the contract and nothing else.
    ///
    /// # Errors
    /// When the profile that is built in cannot be used, which a test rules out.
    pub fn plain() -> Result<Self, Error> {
        Self::parse(PLAIN)
    }

    /// A service like ours.
    ///
    /// # Errors
    /// As [`Profile::plain`].
    pub fn own() -> Result<Self, Error> {
        Self::parse(OWN)
    }

    /// The JSON Schema of profiles.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }

    /// Whether the service has this call.
    #[must_use]
    pub fn has(&self, act: Act) -> bool {
        self.call.get(act).is_some()
    }

    /// What the service is judged by.
    #[must_use]
    pub fn promises(&self) -> Promises {
        let Promised { idempotency, one_token_per_user, list_staleness, order, .. } = self.promises;
        Promises {
            idempotency,
            one_token_per_user,
            places_shrink: self.call.check.out.position.is_some(),
            first_come_first_served: order,
            session_ends_with_payment: self.queue.session_ends.contains(&Ends::Payment),
            can_leave: self.has(Act::Leave),
            tokens_asked_for: self.promises.token_required.acts(),
            inside_max: self.queue.inside,
            admits_within: *self.queue.admits_within,
            hold: *self.hold.ttl,
            lapsed_within: *self.hold.swept_within,
            list_staleness: *list_staleness,
        }
    }

    /// Whether a session is over once a seat is reserved.
    #[must_use]
    pub fn ends_with_reserve(&self) -> bool {
        self.queue.session_ends.contains(&Ends::Reserve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_can_be_used() {
        let (own, plain) = (Profile::own().unwrap(), Profile::plain().unwrap());
        assert!(own.has(Act::Leave) && own.promises.idempotency);
        assert!(!plain.has(Act::Leave) && !plain.has(Act::Cancel) && !plain.promises.idempotency);
    }

    #[test]
    fn users_that_are_made_ready_are_a_whole_range() {
        let users = |count, prepare| Users { count, prepare, ..Users::default() };
        let ranges: Vec<u64> = (100..105).map(|second| users(1_050, Some(250)).from(second)).collect();
        assert_eq!(ranges, [0, 250, 500, 750, 0]);
        assert_eq!(users(250, Some(250)).from(7), 0);
        assert_eq!(users(1_500, None).from(7), 1_000);
    }

    /// A server of our own make is judged as it was before there were profiles.
    #[test]
    fn our_own_profile_promises_what_our_contract_does() {
        assert_eq!(Profile::own().unwrap().promises(), Promises::default());
    }

    #[test]
    fn a_mistake_is_named_with_its_line() {
        let refused = |from: &str, to: &str| {
            assert!(PLAIN.contains(from), "{from}");
            Profile::parse(&PLAIN.replace(from, to)).unwrap_err().to_string()
        };
        let text = refused("[call.check]\nmethod = \"POST\"", "[call.check]\nmethod = \"PUSH\"");
        assert!(text.contains("line ") && text.contains("PUSH"), "{text}");
        let text = refused("scheduleId=${schedule}", "scheduleId=${date}");
        assert!(text.contains("line ") && text.contains("${date}"), "{text}");
        let text = refused("[call.seat]", "[call.seats]");
        assert!(text.contains("seats"), "{text}");
        let text = refused("token = \"/data/queueToken\"", "");
        assert!(text.contains("call.token.out.token"), "{text}");
        let text = refused("[words.status]", "[users]\nprepare = 5\n[words.status]");
        assert!(text.contains("users.prepare: nothing makes them"), "{text}");
        let text = refused("[words.status]", "[hooks]\nusers = \"make-users\"\n[words.status]");
        assert!(text.contains("users.prepare: is needed where there is hooks.users"), "{text}");
        let entry = "[entry]\nsecret_file = \"a\"\nissuer = \"b\"\naudience = \"c\"\n[words.status]";
        let text = refused("[words.status]", entry);
        assert!(text.contains("entry: nothing uses it"), "{text}");
        let text = refused("${user}", "${entry}");
        assert!(text.contains("call.token: ${entry} is signed as [entry] says"), "{text}");
        let text = refused("[words.status]", "[hooks]\nbefore = \" \"\n[words.status]");
        assert!(text.contains("hooks.before: is empty"), "{text}");
        let text = refused("[words.status]", "[watch]\nfigures = { inside = \"a\" }\n[words.status]");
        assert!(text.contains("watch: needs metrics"), "{text}");
        let watch = "[watch]\nmetrics = \"http://a/metrics\"\nfigures = { insides = \"a\" }\n[words.status]";
        let text = refused("[words.status]", watch);
        assert!(text.contains("line ") && text.contains("insides"), "{text}");
        let text = refused("\"WAITING\" = \"WAITING\"", "\"WAITING\" = \"ASLEEP\"");
        assert!(text.contains("line ") && text.contains("ASLEEP"), "{text}");
    }
}
