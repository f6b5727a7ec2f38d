//! Webhooks as operators see them.

use serde::Serialize;
use utoipa::ToSchema;

use super::change::{Known, OrderName, SignatureName, moment};
use super::feed::OfShared;
use crate::problem::{Code, Problem};
use crate::shared::Shared;
use crate::webhooks::{Again, Attempt, Feed as _, Found, Is, Secret, Why};

/// Somebody who is sent what happened.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Webhook {
    #[schema(value_type = crate::wire::Id)]
    id: u64,
    #[schema(example = "https://shop.example/events")]
    url: String,
    /// `null` for all but `onsale.token.*`.
    #[schema(required, example = json!(["onsale.payment.made", "onsale.hold.*"]))]
    types: Option<Vec<String>>,
    order: OrderName,
    signature: SignatureName,
    state: StateName,
    /// Why it is paused; `null` where it is not.
    #[schema(required)]
    why: Option<WhyName>,
    /// Since when it is in this state.
    #[schema(format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    since: String,
    #[schema(format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    made_at: String,
    /// By what messages are signed just now, the newest first.
    keys: Vec<WebhookKey>,
    /// What the receiver verifies with, where it was made just now: a secret (`whsec_…`), which is shown this once, or a public key (`whpk_…`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    key: Option<String>,
    /// The place behind the last event that was begun with; `null` before the first.
    #[schema(required, example = "4711-1-9f86d081")]
    cursor: Option<String>,
    /// How many of those are not delivered.
    #[schema(example = 0)]
    pending: usize,
    /// How many attempts have failed since the last that went well.
    #[schema(example = 0)]
    failures: u32,
    /// How long ago the oldest event happened that is not delivered, in seconds; 0 where there is none.
    #[schema(example = 0)]
    lag_seconds: u64,
    /// When a message that failed is tried again; `null` where none waits for that.
    #[schema(required, format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    next_attempt_at: Option<String>,
    /// The node that sends, by its number in 16 hexadecimal digits; `null` where none does.
    #[schema(required, pattern = "^[0-9a-f]{16}$", example = "00c0ffee00c0ffee")]
    node: Option<String>,
    /// The events that an operator had sent once more, and that are not sent yet: by their ids, the next one first.
    #[schema(max_items = 8, example = json!([]))]
    again: Vec<String>,
    /// What was tried last, the newest first: in a list of webhooks one at most, and of one webhook up to 50, fewer of those that went well.
    attempts: Vec<WebhookAttempt>,
}

/// By what messages are signed.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookKey {
    #[schema(format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    made_at: String,
    /// Until when it signs beside its successor; `null` for the newest.
    #[schema(required, format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    until: Option<String>,
    /// With Ed25519, what the receiver verifies with; `null` with HMAC.
    #[schema(required, example = "whpk_1SZ5Dyr5ycvgBjqgNE8mQ0xMEdvgJ1BBDyPDJ0GGHyE=")]
    public_key: Option<String>,
}

/// What became of an attempt to deliver a message.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WebhookAttempt {
    /// The event's.
    #[schema(example = "4711-1-9f86d081")]
    id: String,
    /// Which attempt of this message it was; 1 where `again` is true.
    #[schema(minimum = 1, example = 1)]
    number: u32,
    /// Whether an operator had the event sent once more: such an attempt is made once.
    #[schema(example = false)]
    again: bool,
    #[schema(format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    at: String,
    #[schema(example = 12)]
    took_ms: u64,
    /// What the receiver answered; `null` where it did not.
    #[schema(required, example = 204)]
    status: Option<u16>,
    /// What went wrong, where there is no answer.
    #[schema(required, example = "timeout: global")]
    error: Option<String>,
    /// When the next was due; `null` where it was delivered, or is not tried again.
    #[schema(required, format = DateTime, example = "2027-05-01T10:00:01.125Z")]
    next_at: Option<String>,
}

/// Whether a webhook is sent to.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookState)]
pub(crate) enum StateName {
    On,
    Paused,
    /// It has answered 410: it wants no more.
    Gone,
}

/// Why a webhook is paused.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookWhy)]
pub(crate) enum WhyName {
    Operator,
    /// A message was tried for as long as `webhooks.retry_for` says.
    RetriesExhausted,
    /// What comes next is older than `feed.keep`, and gone.
    FeedTrimmed,
    /// Its place is of a history that is not the store's any more.
    FeedOtherHistory,
    /// The store's keys do not open what it signs with: it needs a new key.
    SecretLost,
}

/// A webhook that is there no more.
#[derive(Serialize, ToSchema)]
pub(crate) struct WebhookGone {
    #[schema(value_type = crate::wire::Id)]
    id: u64,
}

impl WebhookGone {
    pub(super) fn new(id: u64) -> Self {
        Self { id }
    }
}

impl Webhook {
    /// As it is now, with so many attempts. Blocks.
    pub(super) fn of(shared: &Shared, known: &Known, attempts_max: usize) -> Result<Self, Problem> {
        let Known { stored, definition, state, progress, log } = known;
        let next_ms = progress.pending.iter().filter(|one| one.tries > 0).map(|one| one.next_ms).min();
        Ok(Self {
            id: stored.id,
            url: definition.url.clone(),
            types: definition.types.as_ref().map(|types| types.split(',').map(str::to_owned).collect()),
            order: definition.order.into(),
            signature: definition.scheme.into(),
            state: match state.is {
                Is::On => StateName::On,
                Is::Paused => StateName::Paused,
                Is::Gone => StateName::Gone,
            },
            why: state.why.map(WhyName::of),
            since: moment(state.at_ms),
            made_at: moment(definition.made_at_ms),
            keys: definition.secrets.iter().map(WebhookKey::of).collect(),
            key: None,
            cursor: progress.cursor.map(|cursor| cursor.to_string()),
            pending: progress.pending.len(),
            failures: progress.failures,
            lag_seconds: lag_s(shared, known)?,
            next_attempt_at: next_ms.filter(|_| state.is == Is::On).map(moment),
            node: stored.holder.map(|node| format!("{node:016x}")),
            again: definition.again.iter().filter(|one| one.number > progress.again).filter_map(again).collect(),
            attempts: log.0.iter().rev().take(attempts_max).map(WebhookAttempt::of).collect(),
        })
    }

    /// With what the receiver verifies with.
    pub(super) fn with_key(self, key: String) -> Self {
        Self { key: Some(key), ..self }
    }
}

/// How long ago the oldest event happened that is not delivered.
fn lag_s(shared: &Shared, known: &Known) -> Result<u64, Problem> {
    let begun = known.progress.pending.iter().map(|pending| pending.time_ms).min();
    let oldest_ms = match begun {
        Some(begun) => Some(begun),
        None => {
            let found = OfShared::of(shared).read(known.progress.cursor, known.definition.types.as_deref());
            match found {
                Ok(Found::Messages(messages, ..)) => messages.first().map(|message| message.time_ms),
                // What it is behind cannot be told any more: its state says so.
                Ok(Found::Trimmed | Found::Elsewhere) => None,
                Err(_) => {
                    return Err(Problem::new(Code::Unavailable).with_detail("The tables cannot be read just now."));
                }
            }
        }
    };
    let now_s = shared.now_s();
    Ok(oldest_ms.map_or(0, |oldest_ms| (now_s - oldest_ms as f64 / 1_000.0).max(0.0) as u64))
}

fn again(one: &Again) -> Option<String> {
    one.at.map(|at| at.to_string())
}

impl WebhookKey {
    fn of(secret: &Secret) -> Self {
        Self {
            made_at: moment(secret.made_at_ms),
            until: secret.until_ms.map(moment),
            public_key: secret.public.clone(),
        }
    }
}

impl WebhookAttempt {
    fn of(attempt: &Attempt) -> Self {
        Self {
            id: attempt.id.clone(),
            number: attempt.number,
            again: attempt.again,
            at: moment(attempt.at_ms),
            took_ms: attempt.took_ms,
            status: attempt.status,
            error: attempt.error.clone(),
            next_at: attempt.next_ms.map(moment),
        }
    }
}

impl WhyName {
    fn of(why: Why) -> Self {
        match why {
            Why::Operator => Self::Operator,
            Why::RetriesExhausted => Self::RetriesExhausted,
            Why::FeedTrimmed => Self::FeedTrimmed,
            Why::FeedOtherHistory => Self::FeedOtherHistory,
            Why::SecretLost => Self::SecretLost,
        }
    }
}
