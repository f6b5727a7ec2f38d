//! A place for somebody who cannot show the work that a queue asks for: at the desk, and on record.

use axum::extract::{Path, State};
use onsale_domain::ask::Ask;
use onsale_domain::command::{Entrant, Entry};
use onsale_domain::level;
use onsale_domain::reply::{Entered, Refusal};
use onsale_node::Error;
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Json;
use super::change::from_level;
use super::operator::By;
use super::whom::Whom;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::wire;

/// Somebody who has a place.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlaceGiven {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    #[schema(example = "default")]
    queue: String,
}

/// No token is given out: the person asks for the place on their own device, and has it there without a proof.
pub(super) async fn give(State(app): State<App>, Path(name): Path<String>, by: By, Json(whom): Json<Whom>) -> Done {
    let views = app.shared.node.views();
    let queue = views.queue_named(&name).ok_or(Problem::new(Code::QueueNotFound))?;
    from_level(views, level::PROOFS, "Places are given at the desk")?;
    let entrant = whom.named(&app)?;
    let key = app.shared.tokens.load().current();
    let user = match entrant {
        Entrant::User(user) => {
            app.lane.ask(by.asks(Ask::join(user, queue, key))).await?;
            user
        }
        named @ (Entrant::Subject(_) | Entrant::Pseudonym(_)) => {
            let enter = |entrant| {
                let entry = Entry { entrant, asked: None, once: None, limit: None, tier: None };
                app.lane.ask(by.clone().asks(Ask::enter(entry, queue, key)))
            };
            let known = app.shared.known(&named).await?;
            let entered = match enter(known.clone()).await {
                Err(Error::Refused(Refusal::PseudonymOver)) => {
                    enter(app.shared.known_again(&named, &known).await?).await
                }
                outcome => outcome,
            };
            let Entered { user, .. } = entered?;
            user
        }
    };
    success(PlaceGiven { user_id: user.0, queue: name })
}
