//! `GET /login` and `GET /login/callback`: buyers without a shop sign in.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::routing::get;
use http::{HeaderMap, Uri};
use onsale_domain::ids::INTEGER_MAX;

use crate::answer::{Done, see_other};
use crate::app::{App, Peer};
use crate::login::{Came, Goal, Login, Sent, Side};
use crate::problem::{Code, Problem};
use crate::query::number;

pub(super) fn router() -> Router<App> {
    Router::new().route("/login", get(begin)).route(Side::Buyer.callback(), get(end))
}

/// The provider, where buyers sign in.
fn login(app: &App) -> Result<&Arc<Login>, Problem> {
    app.shared.login.as_ref().filter(|login| login.takes(Side::Buyer)).ok_or(Problem::new(Code::NotFound))
}

async fn begin(State(app): State<App>, Query(asked): Query<HashMap<String, String>>, headers: HeaderMap) -> Done {
    let login = login(&app)?;
    let goal = goal(&asked)?;
    let shared = &app.shared;
    let is_other = asked.contains_key("other");
    let came = Came { headers: &headers, tokens: &shared.tokens, now_s: shared.now_s(), is_other };
    let Sent { to, cookies } = login.begin(Side::Buyer, &goal, &came);
    see_other(&to, &cookies)
}

async fn end(State(app): State<App>, Extension(Peer(peer)): Extension<Peer>, uri: Uri, headers: HeaderMap) -> Done {
    let login = login(&app)?;
    let shared = &app.shared;
    shared.rates.take(peer, &headers, None)?;
    let came = Came { headers: &headers, tokens: &shared.tokens, now_s: shared.now_s(), is_other: false };
    let Sent { to, cookies } = login.end(Side::Buyer, uri.query().unwrap_or_default(), &came).await;
    see_other(&to, &cookies)
}

fn goal(asked: &HashMap<String, String>) -> Result<Goal, Problem> {
    let is_queue = |name: &str| {
        (1..=64).contains(&name.len())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
    };
    let queue = asked.get("queue").cloned();
    if queue.as_deref().is_some_and(|name| !is_queue(name)) {
        return Err(Problem::field("queue", "queue must be a queue's name, such as default."));
    }
    let concert = asked.get("concert").map(|text| number("concert", Some(text), (1, INTEGER_MAX), 0)).transpose()?;
    Ok(Goal { queue, concert })
}
