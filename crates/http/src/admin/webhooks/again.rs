//! One event sent once more.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_node::events::Cursor;
use onsale_node::webhooks::Changed;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::body::{Id, Json};
use super::super::change::alone;
use super::super::events::{Wanted, check_place};
use super::super::operator::By;
use super::change::Known;
use super::{TRIES, Webhook, blocking, find, is_there, note, stored, unread};
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::shared::Shared;
use crate::webhooks::{Is, written};

/// Which event is to be sent once more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookEvent)]
pub(crate) struct SendAgain {
    /// The event's `id`, which is the `webhook-id` of its messages.
    #[schema(example = "4711-1-9f86d081")]
    event: String,
}

pub(in super::super) async fn send(
    State(app): State<App>,
    Id(id): Id,
    by: By,
    Json(SendAgain { event }): Json<SendAgain>,
) -> Done {
    is_there(&app)?;
    let at = event.parse::<Cursor>().map_err(|_| no_event())?;
    let (shared, lane) = (app.shared.clone(), app.lane.clone());
    let sent = alone(&app.shared, async move {
        let within = shared.clone();
        blocking(move || {
            let mut known = find(&within, id)?;
            check(&within, &known, at)?;
            if known.definition.send_again(at, &known.progress) { Ok(()) } else { Err(too_many()) }
        })
        .await?;
        lane.ask(by.asks(Ask::plain(note(id, String::new(), format!("event {at} again"))))).await?;
        blocking(move || {
            for _ in 0..TRIES {
                let mut known = find(&shared, id)?;
                if !known.definition.send_again(at, &known.progress) {
                    return Err(too_many());
                }
                let (definition, state) = (written(&known.definition), written(&known.state));
                let changed = Changed { definition: &definition, state: &state, progress: None };
                if stored(&shared, |store| store.change(id, known.stored.version, changed))? {
                    shared.webhooks.touch();
                    return Webhook::of(&shared, &find(&shared, id)?, usize::MAX);
                }
            }
            Err(Problem::new(Code::Unavailable).with_detail("It was changed by others meanwhile."))
        })
        .await
    });
    success(sent.await?)
}

/// Whether the event is there, and one that was sent before: what comes out of its turn is never the first of it.
fn check(shared: &Shared, known: &Known, at: Cursor) -> Result<(), Problem> {
    let Known { definition, state, progress, .. } = known;
    if state.is == Is::Gone {
        return Err(not_sent("The receiver has answered 410, and is sent nothing until the webhook is ON again."));
    }
    let Some(item) = shared.node.events().one(at).map_err(|error| unread(&error))? else {
        check_place(shared, at)?;
        return Err(no_event());
    };
    if !Wanted::read(definition.types.as_deref())?.has(&item.event) {
        return Err(not_sent("The event is not of the webhook's types."));
    }
    let is_behind = progress.cursor.is_some_and(|cursor| (at.seq, at.index) <= (cursor.seq, cursor.index));
    let is_new = progress.pending.iter().any(|pending| pending.at == Some(at) && pending.tries == 0);
    if !is_behind || is_new {
        return Err(not_sent("The event is sent in its turn, which has not come."));
    }
    Ok(())
}

fn no_event() -> Problem {
    Problem::field("event", "event must be the id of an event.")
}

fn not_sent(why: &'static str) -> Problem {
    Problem::new(Code::EventNotSent).with_detail(why)
}

fn too_many() -> Problem {
    let what = "As many events as can be wait to be sent to this webhook once more.";
    Problem::new(Code::TooManyRequests).with_detail(what).with_retry_after_s(1)
}
