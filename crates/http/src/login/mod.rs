//! Signing in with an identity provider: OpenID Connect, by the authorization code flow with PKCE.
//!
//! A browser is sent to the provider and comes back with a code. What has to be known again then is in a cookie that is sealed, so
//! that any node can take whoever comes back, and none keeps anything of those who never do.

mod attempt;
mod calls;
mod exchange;
mod identity;
mod outcomes;
mod provider;
mod roles;
mod session;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use http::HeaderMap;

use crate::entry::{Keys, Own};
use crate::problem::Problem;
use crate::token::KeyRing;
use attempt::{Attempt, Attempts};
use calls::{Calls, Told};
use outcomes::Outcomes;
use provider::Endpoints;

pub(crate) use attempt::Goal;
pub use exchange::ClientSecret;
pub use provider::{Client, is_secure};
pub use roles::{Role, Roles, role};
pub(crate) use session::Session;

/// Who signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Side {
    Buyer,
    Operator,
}

impl Side {
    /// Where the provider sends them back to, below the origin.
    pub(crate) fn callback(self) -> &'static str {
        match self {
            Self::Buyer => "/login/callback",
            Self::Operator => "/ops/login/callback",
        }
    }

    /// The page that they came from.
    fn page(self) -> &'static str {
        match self {
            Self::Buyer => "/",
            Self::Operator => "/ops",
        }
    }
}

/// What the configuration says of the provider.
#[derive(Clone, Debug)]
pub struct Settings {
    pub issuer: String,
    pub client_id: String,
    /// `None` for a client that has none to keep.
    pub secret: Option<ClientSecret>,
    /// What to ask for, with spaces between; `openid` is one of them.
    pub scopes: String,
    /// How far the provider's clock may be from the store's time.
    pub leeway: Duration,
    /// For how long its keys are trusted when they cannot be fetched again.
    pub stale_max: Duration,
    /// Where buyers reach this service, where they sign in: an origin.
    pub buyers: Option<String>,
    pub operators: Option<Operators>,
}

/// Who of those who sign in is an operator.
#[derive(Clone, Debug)]
pub struct Operators {
    /// Where they reach this service: an origin.
    pub origin: String,
    pub roles: Roles,
    /// How long they stay signed in.
    pub session: Duration,
}

/// Why nobody has signed in. Each has its word in the address of the page, which says it to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// They did not want to, or the provider did not let them.
    Denied,
    /// It was not begun in this browser, or it has ended already.
    Unknown,
    /// It took too long.
    Expired,
    /// The provider cannot be reached, or too many sign in at once.
    Unavailable,
    /// What the provider says is not what it should be.
    Refused,
    /// They are who they are, and no operator here.
    NoRole,
}

impl Failed {
    fn word(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::Unavailable => "unavailable",
            Self::Refused => "refused",
            Self::NoRole => "no-role",
        }
    }
}

/// Where a browser is sent, and what it is to keep.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) to: String,
    pub(crate) cookies: Vec<String>,
}

/// The identity provider, and how it is talked to.
pub struct Login {
    settings: Settings,
    client: Box<dyn Client>,
    endpoints: ArcSwapOption<Endpoints>,
    keys: Arc<Keys>,
    calls: Calls,
    told: Told,
    outcomes: Outcomes,
    own: Own,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Login {
    /// Until somebody has called [`Login::learn`], nobody signs in.
    #[must_use]
    pub fn new(settings: Settings, client: Box<dyn Client>) -> Self {
        Self {
            client,
            endpoints: ArcSwapOption::empty(),
            keys: Arc::new(Keys::fetched(settings.stale_max)),
            calls: Calls::default(),
            told: Told::default(),
            outcomes: Outcomes::default(),
            own: Own::of_people_of(&settings.issuer),
            settings,
        }
    }

    /// The provider's keys, which [`Login::learn`] fetches.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        self.keys.clone()
    }

    /// Where somebody of this side reaches the service, where they may sign in.
    fn origin(&self, side: Side) -> Option<&str> {
        match side {
            Side::Buyer => self.settings.buyers.as_deref(),
            Side::Operator => self.settings.operators.as_ref().map(|operators| operators.origin.as_str()),
        }
    }

    /// Whether this side signs in.
    pub(crate) fn takes(&self, side: Side) -> bool {
        self.origin(side).is_some()
    }

    fn is_https(&self, side: Side) -> bool {
        self.origin(side).is_some_and(|origin| origin.starts_with("https://"))
    }

    fn redirect_uri(&self, side: Side) -> String {
        format!("{}{}", self.origin(side).unwrap_or_default(), side.callback())
    }

    /// Sends a browser to the provider.
    pub(crate) fn begin(&self, side: Side, goal: &Goal, came: &Came<'_>) -> Sent {
        let Some(endpoints) = self.endpoints.load_full() else {
            self.keys.ask();
            return self.fail(side, goal, Failed::Unavailable);
        };
        let mut attempts = Attempts::of(came, self.is_https(side));
        let begun = Attempt::begin(side, goal.clone(), came.now_s).and_then(|attempt| {
            let to = endpoints.authorize(&self.settings, &self.redirect_uri(side), &attempt, came.is_other);
            attempts.add(attempt);
            Ok((to, attempts.cookie(came)?))
        });
        match begun {
            Ok((to, cookie)) => Sent { to, cookies: vec![cookie] },
            Err(error) => {
                tracing::error!(%error, "the system gives no random bytes");
                self.fail(side, goal, Failed::Unavailable)
            }
        }
    }

    /// Takes whoever comes back from the provider, with what stands behind the `?`.
    pub(crate) async fn end(self: &Arc<Self>, side: Side, query: &str, came: &Came<'_>) -> Sent {
        let answer = exchange::Answer::of(query);
        let mut attempts = Attempts::of(came, self.is_https(side));
        let Some(attempt) = attempts.take(side, answer.state.as_deref()) else {
            return self.fail(side, &Goal::default(), Failed::Unknown);
        };
        // It is over, however it ends.
        let mut cookies: Vec<String> = attempts.cookie(came).into_iter().collect();
        let to = match self.admit(side, answer, &attempt, came).await {
            Ok((to, session)) => {
                self.outcomes.count(side, Ok(()));
                cookies.extend(session);
                to
            }
            Err(failed) => self.fail(side, &attempt.goal, failed).to,
        };
        Sent { to, cookies }
    }

    /// Back to the page, with what went wrong behind `#`, which is in no log.
    fn fail(&self, side: Side, goal: &Goal, failed: Failed) -> Sent {
        self.outcomes.count(side, Err(failed));
        let to = match side {
            Side::Buyer => goal.address(&[("login", failed.word())]),
            Side::Operator => format!("{}#login={}", side.page(), failed.word()),
        };
        Sent { to, cookies: Vec::new() }
    }

    /// How often who has signed in, and not: whose, its word, and the count.
    pub(crate) fn outcomes(&self) -> Vec<(&'static str, &'static str, u64)> {
        self.outcomes.all()
    }

    /// Where they go, and the cookie of their session where they have one.
    async fn admit(
        self: &Arc<Self>,
        side: Side,
        answer: exchange::Answer,
        attempt: &Attempt,
        came: &Came<'_>,
    ) -> Result<(String, Option<String>), Failed> {
        if attempt.is_over(came.now_s) {
            return Err(Failed::Expired);
        }
        let identity = self.identity(side, answer, attempt, came).await?;
        match (side, &self.settings.operators) {
            (Side::Buyer, _) => {
                let signed = self.own.sign(&identity.subject, &came.tokens.load(), came.now_s);
                let token = signed.map_err(|_: Problem| Failed::Unavailable)?;
                Ok((attempt.goal.address(&[("entry", &token), ("by", "login")]), None))
            }
            (Side::Operator, Some(operators)) => {
                let role = operators.roles.of(&identity).ok_or(Failed::NoRole)?;
                let session = Session::new(&self.settings.issuer, &identity, role, came.now_s, operators.session);
                let cookie = session.cookie(&came.tokens.load(), self.is_https(side), operators.session);
                Ok((side.page().to_owned(), Some(cookie.map_err(|_| Failed::Unavailable)?)))
            }
            (Side::Operator, None) => Err(Failed::NoRole),
        }
    }

    /// The operator who has signed in with this browser.
    pub(crate) fn session(&self, headers: &HeaderMap, tokens: &KeyRing, now_s: f64) -> Option<Session> {
        let is_https = self.is_https(Side::Operator);
        self.settings.operators.as_ref().and_then(|_| Session::of(headers, tokens, is_https, now_s))
    }

    /// What ends it in this browser.
    pub(crate) fn end_session(&self) -> String {
        session::end(self.is_https(Side::Operator))
    }
}

/// How a request came.
pub(crate) struct Came<'r> {
    pub(crate) headers: &'r HeaderMap,
    pub(crate) tokens: &'r ArcSwap<KeyRing>,
    /// The store's time, in seconds since 1970.
    pub(crate) now_s: f64,
    /// Whoever the provider knows already is not the one who wants to sign in.
    pub(crate) is_other: bool,
}
