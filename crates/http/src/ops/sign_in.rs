//! `/ops/login`, `/ops/login/callback` and `/ops/session`: operators sign in, and out.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Query, State};
use axum::routing::get;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, Uri};
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Done, see_other, success};
use crate::app::{App, Peer};
use crate::login::{Came, Goal, Login, Sent, Session, Side};
use crate::problem::{Code, Problem};

/// How operators come in here.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Door {
    /// Whether operators sign in with an identity provider, at `/ops/login`.
    sign_in: bool,
    /// Who has, with this browser; `null` where nobody has, or not for so long any more.
    #[schema(required)]
    session: Option<SignedIn>,
}

/// An operator who has signed in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignedIn {
    /// As the record of levers shows them.
    #[schema(example = "kim@example.org")]
    name: String,
}

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/ops/login", get(begin))
        .route(Side::Operator.callback(), get(end))
        .route("/ops/session", get(show).delete(leave))
}

/// The provider, where operators sign in.
fn login(app: &App) -> Result<&Arc<Login>, Problem> {
    app.shared.login.as_ref().filter(|login| login.takes(Side::Operator)).ok_or(Problem::new(Code::NotFound))
}

fn came<'r>(app: &'r App, headers: &'r HeaderMap, is_other: bool) -> Came<'r> {
    Came { headers, tokens: &app.shared.tokens, now_s: app.shared.now_s(), is_other }
}

async fn begin(State(app): State<App>, Query(asked): Query<HashMap<String, String>>, headers: HeaderMap) -> Done {
    let is_other = asked.contains_key("other");
    let Sent { to, cookies } = login(&app)?.begin(Side::Operator, &Goal::default(), &came(&app, &headers, is_other));
    see_other(&to, &cookies)
}

async fn end(State(app): State<App>, Extension(Peer(peer)): Extension<Peer>, uri: Uri, headers: HeaderMap) -> Done {
    let login = login(&app)?;
    app.shared.rates.take(peer, &headers, None)?;
    let query = uri.query().unwrap_or_default();
    let Sent { to, cookies } = login.end(Side::Operator, query, &came(&app, &headers, false)).await;
    see_other(&to, &cookies)
}

async fn show(State(app): State<App>, headers: HeaderMap) -> Done {
    let Ok(login) = login(&app) else { return success(Door { sign_in: false, session: None }) };
    let session = login.session(&headers, &app.shared.tokens.load(), app.shared.now_s());
    let session = session.as_ref().map(Session::name).map(|name| SignedIn { name: name.to_owned() });
    success(Door { sign_in: true, session })
}

/// A page of another site cannot ask for this: a browser would ask first, and nobody answers that.
async fn leave(State(app): State<App>) -> Done {
    let login = login(&app)?;
    let mut response = success(Door { sign_in: true, session: None })?;
    let ended = HeaderValue::from_str(&login.end_session()).map_err(|_| Problem::new(Code::Unavailable))?;
    response.headers_mut().append(SET_COOKIE, ended);
    Ok(response)
}
