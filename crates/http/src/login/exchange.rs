//! What a browser brings back from the provider, and what the provider gives for it.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::attempt::Attempt;
use super::identity::Identity;
use super::provider::Endpoints;
use super::{Came, Failed, Login, Side};
use crate::entry::Head;
use crate::trace;

/// No code and no error is longer.
const PART_CHARS_MAX: usize = 4 << 10;
/// No token of the provider is longer.
const TOKEN_BYTES_MAX: usize = 64 << 10;

/// What the provider knows this service by. Its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}

/// What a browser brings back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    issuer: Option<String>,
}

impl Answer {
    pub(super) fn of(query: &str) -> Self {
        let mut answer = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match &*name {
                "state" => &mut answer.state,
                "code" => &mut answer.code,
                "error" => &mut answer.error,
                "iss" => &mut answer.issuer,
                _ => continue,
            };
            if value.len() <= PART_CHARS_MAX {
                *slot = Some(value.into_owned());
            }
        }
        answer
    }
}

/// What the provider gives for a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// Why the provider gave nothing.
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

impl Login {
    /// Who has signed in, where all that the provider says of it is as it should be.
    pub(super) async fn identity(
        self: &Arc<Self>,
        side: Side,
        answer: Answer,
        attempt: &Attempt,
        came: &Came<'_>,
    ) -> Result<Identity, Failed> {
        let endpoints = self.endpoints.load_full().ok_or(Failed::Unavailable)?;
        let is_of_another = answer.issuer.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer)
            || (endpoints.names_issuer && answer.issuer.is_none());
        if is_of_another {
            return Err(Failed::Refused);
        }
        let code = match (answer.code, answer.error.as_deref()) {
            (_, Some("access_denied" | "login_required" | "interaction_required" | "consent_required")) => {
                return Err(Failed::Denied);
            }
            (_, Some("server_error" | "temporarily_unavailable")) => return Err(Failed::Unavailable),
            (_, Some(error)) => return Err(self.refused(&format!("the provider answers {error:.64?}"))),
            (Some(code), None) => code,
            (None, None) => return Err(Failed::Refused),
        };
        let tokens = self.tokens(&endpoints, side, &code, attempt).await?;
        let claims = self.verified(&tokens.id_token).await?;
        let now_s = came.now_s;
        let identity =
            Identity::of(claims, &self.settings, &attempt.nonce, now_s).map_err(|what| self.refused(&what))?;
        match (side, tokens.access_token, &endpoints.userinfo) {
            // Many providers say there alone what somebody is called, and what they are.
            (Side::Operator, Some(access), Some(address)) => {
                let more = self.userinfo(address, &access).await?;
                identity.with(more).map_err(|what| self.refused(what))
            }
            _ => Ok(identity),
        }
    }

    /// Asks for what a code is worth.
    fn token_request(
        &self,
        endpoints: &Endpoints,
        side: Side,
        code: &str,
        attempt: &Attempt,
    ) -> http::Result<Request<String>> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri(side)),
            ("code_verifier", &attempt.verifier),
        ]);
        let mut request = Request::post(&endpoints.token)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json");
        let id = &self.settings.client_id;
        match &self.settings.secret {
            Some(ClientSecret(secret)) if !endpoints.secret_in_body => {
                request = request.header("authorization", basic(id, secret));
            }
            Some(ClientSecret(secret)) => {
                form.extend_pairs([("client_id", id), ("client_secret", secret)]);
            }
            None => {
                form.append_pair("client_id", id);
            }
        }
        request.body(form.finish())
    }

    async fn tokens(
        self: &Arc<Self>,
        endpoints: &Endpoints,
        side: Side,
        code: &str,
        attempt: &Attempt,
    ) -> Result<Tokens, Failed> {
        let response = self.call(self.token_request(endpoints, side, code, attempt)).await?;
        if response.status().is_success() {
            let tokens = serde_json::from_slice::<Tokens>(response.body());
            return tokens.map_err(|error| self.refused(&format!("the provider's tokens are none: {error}")));
        }
        let refusal = serde_json::from_slice::<Refusal>(response.body()).ok().map(|refusal| refusal.error);
        match (response.status(), refusal.as_deref()) {
            // Whoever brings a code that they made up, or that was used, hears no more of it, and the log nothing.
            (StatusCode::BAD_REQUEST, Some("invalid_grant")) => Err(Failed::Refused),
            (status, _) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                self.told.tell(&format!("the provider answers {status} to a code"));
                Err(Failed::Unavailable)
            }
            (status, error) => Err(self.refused(&format!("the provider answers {status} to a code: {error:.64?}"))),
        }
    }

    /// What an authentic token of the provider says.
    async fn verified(&self, token: &str) -> Result<Map<String, Value>, Failed> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(self.refused("the provider's token is too long"));
        }
        let refused = |problem: crate::problem::Problem| {
            self.refused(&format!("the provider's token is not its own: {}", problem.code().as_str()))
        };
        let mut bytes = Vec::new();
        let head = Head::of_any(token, &mut bytes).map_err(refused)?;
        let keys = self.keys.with(&head).await.map_err(|_| Failed::Unavailable)?;
        keys.read(token, &head).map_err(refused)
    }

    async fn userinfo(self: &Arc<Self>, address: &str, access: &str) -> Result<Map<String, Value>, Failed> {
        let request = Request::get(address).header("accept", "application/json");
        let response =
            self.call(request.header("authorization", format!("Bearer {access}")).body(String::new())).await?;
        if !response.status().is_success() {
            self.told.tell(&format!("the provider answers {} to who asks for userinfo", response.status()));
            return Err(Failed::Unavailable);
        }
        let read = serde_json::from_slice(response.body());
        read.map_err(|error| self.refused(&format!("the provider's userinfo is none: {error}")))
    }

    async fn call(self: &Arc<Self>, request: http::Result<Request<String>>) -> Result<Response<Vec<u8>>, Failed> {
        let mut request = request.map_err(|error| self.refused(&format!("the provider cannot be asked: {error}")))?;
        trace::carry(&mut request);
        let login = self.clone();
        match self.calls.run(move || login.client.call(request)).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) => {
                self.told.tell(&format!("the provider does not answer: {error}"));
                Err(Failed::Unavailable)
            }
            None => {
                self.told.tell("too many sign in at once");
                Err(Failed::Unavailable)
            }
        }
    }

    fn refused(&self, what: &str) -> Failed {
        self.told.tell(what);
        Failed::Refused
    }
}

/// RFC 6749, section 2.3.1: both are escaped before they are joined.
fn basic(id: &str, secret: &str) -> String {
    let escaped = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", escaped(id), escaped(secret))))
}
