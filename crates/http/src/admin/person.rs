//! What is kept of a person: to be given to them. All but the tickets is read from the tables, beside the sale.

use std::sync::Arc;
use std::sync::atomic::Ordering::Acquire;
use std::time::Duration;

use axum::extract::{Extension, State};
use onsale_domain::idempotency::Endpoint;
use onsale_domain::ids::UserId;
use onsale_domain::time::Time;
use onsale_domain::user::nobodys;
use onsale_node::events::Person;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use utoipa::ToSchema;

use super::access::Caller;
use super::body::Json;
use super::kept::{KeptCodeUse, KeptLever, KeptPlace, KeptReservation, Movement};
use super::whom::Whom;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::shared::Shared;
use crate::times::{TimeText, utc};
use crate::wire;

/// The most of each kind in one answer.
const KIND_MAX: usize = 10_000;
/// How long the tables may take to come up to where the call found the store.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often is looked whether they have: that is a number in memory.
const LOOK: Duration = Duration::from_millis(20);

/// What there is of a person. Lists are oldest first, but for tickets.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeptOfPerson)]
pub(crate) struct Kept<'a> {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    /// The entry of the journal that all but the tickets is as of.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64, example = 12)]
    seq: u64,
    /// When the user was erased last; null for whoever was not.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T10:00:01.000+00:00")]
    erased_at: Option<TimeText>,
    /// The user's queue tokens that were issued before this are refused; null where none was revoked.
    #[schema(required, value_type = Option<String>, format = DateTime, example = "2027-05-01T10:00:01.000+00:00")]
    tokens_valid_since: Option<TimeText>,
    /// What is in the wallet.
    #[schema(value_type = wire::Money)]
    balance: u64,
    /// The most seats of one date that they may have, as their newest entry token that said so said; null where none did.
    #[schema(required, minimum = 0, example = 4)]
    seats_max: Option<u32>,
    /// What stands for what entry tokens call them, in hexadecimal: nobody can read a name out of it.
    #[schema(value_type = Vec<String>)]
    pseudonyms: Vec<String>,
    /// Until when entry tokens that they have used, and that are good once, are remembered.
    #[schema(value_type = Vec<String>)]
    entry_tokens_until: Vec<TimeText>,
    /// What came into the wallet, and left it.
    movements: Vec<Movement>,
    /// Holds, whatever became of them, with what was paid.
    reservations: Vec<KeptReservation>,
    /// What opens the gate, newest payment first.
    tickets: &'a [wire::SeatTicket<'a>],
    /// Places in queues, and the sessions that they became.
    places: Vec<KeptPlace>,
    code_uses: Vec<KeptCodeUse>,
    /// Calls with an Idempotency-Key whose outcome is remembered. Of the key there is half a SHA-256.
    keyed_calls: Vec<KeyedCall>,
    /// What operators did to them.
    levers: Vec<KeptLever>,
    /// The lists of which there is more than is here.
    #[schema(value_type = Vec<String>)]
    more: Vec<&'static str>,
}

/// Which call an Idempotency-Key came with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Keyed {
    Charge,
    Reserve,
    Pay,
}

/// A call with an Idempotency-Key.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeyedCall {
    call: Keyed,
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T10:00:01.000+00:00")]
    at: TimeText,
}

/// Read only, and so not on record.
pub(super) async fn export(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    Json(whom): Json<Whom>,
) -> Done {
    let user = find(&app, whom).await?;
    let shared = &app.shared;
    let turn = shared.feeds.looking.clone().try_acquire_owned().map_err(|_| {
        let what = "What there is of somebody else is being looked for: one call at a time.";
        Problem::new(Code::TooManyRequests).with_detail(what).with_retry_after_s(1)
    })?;
    caught_up(shared).await?;
    let events = shared.node.events().clone();
    let read = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        events.person(user, KIND_MAX as u32 + 1)
    });
    let person = read.await.map_err(|_| Problem::new(Code::Unavailable))?.map_err(|error| {
        tracing::warn!(%error, "what there is of a person cannot be read");
        Problem::new(Code::Unavailable).with_detail("The tables cannot be read just now.")
    })?;
    tracing::info!(operator = caller.name, key = caller.key.0, "what there is of a person was given out");
    shared.with_passes(&shared.paid_by(user), |tickets| success(Kept::of(shared, user, person, &tickets)))
}

/// Somebody who was erased is found by their number alone.
async fn find(app: &App, whom: Whom) -> Result<UserId, Problem> {
    if let Whom { user_id: Some(user), subject: None, .. } = &whom
        && app.shared.node.views().entrants.erased_at(UserId(*user)).is_some()
    {
        return Ok(UserId(*user));
    }
    let named = whom.named(app)?;
    app.shared.user_of(&named).await?.ok_or(Problem::new(Code::UserNotFound))
}

/// Waits until the tables have what this node had when it was asked.
async fn caught_up(shared: &Shared) -> Result<(), Problem> {
    let (seq, until) = (shared.node.views().mark().seq, Instant::now() + PATIENCE);
    while shared.node.stats().projected_seq.load(Acquire) < seq {
        if Instant::now() >= until {
            let what = "The tables are behind the sale, so something would be missing.";
            return Err(Problem::new(Code::Unavailable).with_detail(what).with_retry_after_s(5));
        }
        sleep(LOOK).await;
    }
    Ok(())
}

impl<'a> Kept<'a> {
    fn of(shared: &Arc<Shared>, user: UserId, person: Person, tickets: &'a [wire::SeatTicket<'a>]) -> Self {
        let Person {
            seq,
            balance,
            tokens_valid_since,
            erased_at,
            seats_max,
            mut subjects,
            entries,
            movements,
            reservations,
            tickets: places,
            code_uses,
            retries,
            levers,
        } = person;
        // That a number is nobody's stands for no name.
        subjects.retain(|digest| *digest != nobodys(user));
        let mut more = Vec::new();
        let views = shared.node.views();
        Self {
            user_id: user.0,
            seq,
            erased_at: erased_at.map(utc),
            tokens_valid_since: tokens_valid_since.map(utc),
            balance,
            seats_max,
            pseudonyms: few("pseudonyms", &subjects, &mut more, |digest| hex(digest)),
            entry_tokens_until: few("entryTokensUntil", &entries, &mut more, |&until| utc(until)),
            movements: few("movements", &movements, &mut more, Movement::of),
            reservations: few("reservations", &reservations, &mut more, |row| KeptReservation::of(views, row)),
            tickets: first("tickets", tickets, &mut more),
            places: few("places", &places, &mut more, |row| KeptPlace::of(views, row)),
            code_uses: few("codeUses", &code_uses, &mut more, |row| KeptCodeUse::of(views, row)),
            keyed_calls: few("keyedCalls", &retries, &mut more, |&call| KeyedCall::of(call)),
            levers: few("levers", &levers, &mut more, KeptLever::of),
            more,
        }
    }
}

impl KeyedCall {
    fn of((endpoint, at): (Endpoint, Time)) -> Self {
        let call = match endpoint {
            Endpoint::Charge => Keyed::Charge,
            Endpoint::Reserve => Keyed::Reserve,
            Endpoint::Pay => Keyed::Pay,
        };
        Self { call, at: utc(at) }
    }
}

/// As many as one answer has, and a note where there are more.
fn few<T, U>(kind: &'static str, all: &[T], more: &mut Vec<&'static str>, told: impl FnMut(&T) -> U) -> Vec<U> {
    first(kind, all, more).iter().map(told).collect()
}

fn first<'a, T>(kind: &'static str, all: &'a [T], more: &mut Vec<&'static str>) -> &'a [T] {
    if all.len() > KIND_MAX {
        more.push(kind);
    }
    all.get(..KIND_MAX).unwrap_or(all)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let mut more = Vec::new();
        assert_eq!(few("places", &[1; KIND_MAX], &mut more, |one| *one).len(), KIND_MAX);
        assert!(more.is_empty());
        assert_eq!(few("levers", &[1; KIND_MAX + 1], &mut more, |one| *one).len(), KIND_MAX);
        assert_eq!(first("tickets", &[1; KIND_MAX + 1], &mut more).len(), KIND_MAX);
        assert_eq!(more, ["levers", "tickets"]);
    }
}
