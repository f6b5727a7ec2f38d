//! Who calls, and what their key opens.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::MethodRouter;
use http::{HeaderMap, HeaderName};
use onsale_domain::ids::KeyId;
use onsale_domain::operator::{OperatorRow, Role};
use subtle::ConstantTimeEq as _;

use crate::app::{App, Peer};
use crate::head::authorization;
use crate::problem::{Code, Problem};
use crate::token::{key_digest, key_id};

/// Who comes with the cookie of a session says so: a page of another site can have a browser send the cookie, and not this.
const SESSION: HeaderName = HeaderName::from_static("onsale-session");

/// The operator whose key, or session, opened the door.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) key: KeyId,
    /// Of one with a key of their own; with the first key anybody may come.
    pub(super) name: Option<String>,
    pub(super) role: Role,
}

/// What a call asks of the key, beyond being one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// How the sale stands is shown, and who moved which lever: nobody's tickets.
    Figures,
    /// A person's tickets are shown.
    Tickets,
    /// A person's wallet and reservations are shown.
    Purchases,
    /// Tickets are issued anew, and those that are out are good no more.
    Reissues,
    /// Money is put into a person's wallet, or taken out of it.
    Money,
    /// Everybody's payments are shown.
    Payments,
    /// Somebody is given a place as a user whom the caller names, with all that this user has.
    Buyers,
    /// Somebody's session is kept, or ended.
    Sessions,
    /// A site says how busy it is.
    Sites,
    /// Something is done to people: to their holds, tokens and sessions, or in words to all who wait; or seats are kept for some.
    People,
    /// Anything else is changed.
    Everything,
}

impl Needs {
    pub(super) fn are_met_by(self, role: Role) -> bool {
        match self {
            Self::Figures => role != Role::Shop,
            Self::Tickets => matches!(role, Role::Gate | Role::Desk | Role::Admin | Role::Shop),
            Self::Reissues => matches!(role, Role::Desk | Role::Admin | Role::Shop),
            Self::Purchases => matches!(role, Role::Desk | Role::Finance | Role::Admin | Role::Shop),
            Self::Money => matches!(role, Role::Finance | Role::Admin | Role::Shop),
            Self::Payments => matches!(role, Role::Finance | Role::Admin | Role::Shop),
            Self::Sessions => matches!(role, Role::Desk | Role::Admin | Role::Shop),
            Self::Buyers | Self::Sites => matches!(role, Role::Admin | Role::Shop),
            Self::People => matches!(role, Role::Desk | Role::Admin),
            Self::Everything => role == Role::Admin,
        }
    }
}

/// Nothing under here is told to anybody without a key, not even what there is.
pub(super) async fn authorize(State(app): State<App>, mut request: Request, next: Next) -> Result<Response, Problem> {
    let Some(value) = authorization(request.headers())? else {
        let caller = signed_in(&app, request.headers()).ok_or(Problem::new(Code::AdminUnauthorized))?;
        request.extensions_mut().insert(caller);
        return Ok(next.run(request).await);
    };
    let Some(caller) = caller(&app, value.as_bytes()) else {
        let peer = request.extensions().get().map(|&Peer(peer)| peer);
        let client = peer.and_then(|peer| app.shared.rates.client(peer, request.headers()));
        if app.shared.guesses.note(client) {
            let shared = app.shared.clone();
            tokio::spawn(async move { shared.guesses.tell().await });
        }
        // What is right was taken before: nobody behind the same address is locked out by whoever guesses there.
        if let Some(client) = client {
            app.shared.rates.guess(client)?;
        }
        return Err(Problem::new(Code::AdminUnauthorized));
    };
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// Whoever has signed in with the identity provider.
fn signed_in(app: &App, headers: &HeaderMap) -> Option<Caller> {
    let shared = &app.shared;
    let login = shared.login.as_ref().filter(|_| headers.contains_key(SESSION))?;
    let session = login.session(headers, &shared.tokens.load(), shared.now_s())?;
    Some(Caller { key: session.id(), name: Some(session.name().to_owned()), role: session.role()? })
}

fn caller(app: &App, value: &[u8]) -> Option<Caller> {
    let digest = key_digest(value);
    if app.shared.admin.opens_for(value) {
        return Some(Caller { key: key_id(&digest), name: None, role: Role::Admin });
    }
    // Each is held against it, and each takes the same time: how near a guess came shows nowhere.
    let mut found: Option<&OperatorRow> = None;
    let operators = app.shared.node.views().roster.all();
    for operator in operators.iter() {
        if bool::from(operator.digest.ct_eq(&digest)) {
            found = Some(operator);
        }
    }
    found.map(|operator| Caller { key: key_id(&digest), name: Some(operator.name.clone()), role: operator.role })
}

/// Calls that a key of any role does not open.
pub(super) fn needing(needs: Needs, calls: MethodRouter<App, Infallible>) -> MethodRouter<App, Infallible> {
    calls.route_layer(from_fn(move |request: Request, next: Next| opened(needs, request, next)))
}

/// The same for all calls of a router.
pub(super) fn all_needing(needs: Needs, routes: Router<App>) -> Router<App> {
    routes.layer(from_fn(move |request: Request, next: Next| opened(needs, request, next)))
}

async fn opened(needs: Needs, request: Request, next: Next) -> Result<Response, Problem> {
    let role = request.extensions().get::<Caller>().map(|caller| caller.role);
    if role.is_some_and(|role| needs.are_met_by(role)) {
        return Ok(next.run(request).await);
    }
    Err(Problem::new(Code::RoleForbidden))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_opens_what_it_says() {
        use Needs::{Buyers, Everything, Figures, Money, Payments, People, Purchases, Sessions, Sites, Tickets};
        let opened = |role| {
            let all = [Figures, Tickets, Purchases, Money, Payments, Buyers, Sessions, Sites, People, Everything];
            all.into_iter().filter(|needs| needs.are_met_by(role)).collect::<Vec<_>>()
        };
        assert_eq!(opened(Role::Viewer), [Figures]);
        assert_eq!(opened(Role::Gate), [Figures, Tickets]);
        assert_eq!(opened(Role::Desk), [Figures, Tickets, Purchases, Sessions, People]);
        assert_eq!(opened(Role::Finance), [Figures, Purchases, Money, Payments]);
        assert_eq!(opened(Role::Admin).len(), 10);
        assert_eq!(opened(Role::Shop), [Tickets, Purchases, Money, Payments, Buyers, Sessions, Sites]);
    }
}
