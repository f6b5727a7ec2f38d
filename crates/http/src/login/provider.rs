//! What the provider says of itself: its discovery document (OpenID Connect Discovery 1.0), and its keys.

use std::net::IpAddr;
use std::sync::Arc;

use http::{Request, Response, Uri};
use serde::Deserialize;

use super::attempt::Attempt;
use super::{Login, Settings};
use crate::entry::KeySet;

/// The way to the provider. A call takes seconds at the most, whatever the provider does, and gives no more than a few hundred
/// kilobytes. Blocks.
pub trait Client: Send + Sync {
    /// # Errors
    /// What went wrong, for people.
    fn call(&self, request: Request<String>) -> Result<Response<Vec<u8>>, String>;
}

/// Whether nobody on the way can read or change what is sent there: HTTPS, or this machine itself.
#[must_use]
pub fn is_secure(address: &str) -> bool {
    let Ok(uri) = address.parse::<Uri>() else { return false };
    let names_nobody = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let is_here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    names_nobody && (uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_here))
}

/// What the document says, as far as it is needed.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// Where the provider is asked for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Endpoints {
    pub(super) authorization: String,
    pub(super) token: String,
    pub(super) keys: String,
    pub(super) userinfo: Option<String>,
    /// The client's secret goes into the body, as the provider takes it nowhere else.
    pub(super) secret_in_body: bool,
    /// Who comes back says from which provider (RFC 9207).
    pub(super) names_issuer: bool,
}

impl Endpoints {
    fn read(text: &[u8], issuer: &str) -> Result<Self, String> {
        let document: Document =
            serde_json::from_slice(text).map_err(|error| format!("the discovery document is none: {error}"))?;
        if document.issuer != issuer {
            return Err(format!("the discovery document is of {:?}, and login.issuer another", document.issuer));
        }
        let named = [&document.authorization_endpoint, &document.token_endpoint, &document.jwks_uri];
        if let Some(open) = named.into_iter().chain(&document.userinfo_endpoint).find(|address| !is_secure(address)) {
            return Err(format!("the discovery document has an address that is not https: {open:?}"));
        }
        let methods = document.token_endpoint_auth_methods_supported.unwrap_or_default();
        let takes = |method: &str| methods.iter().any(|known| known == method);
        Ok(Self {
            authorization: document.authorization_endpoint,
            token: document.token_endpoint,
            keys: document.jwks_uri,
            userinfo: document.userinfo_endpoint,
            secret_in_body: takes("client_secret_post") && !takes("client_secret_basic"),
            names_issuer: document.authorization_response_iss_parameter_supported,
        })
    }

    /// Where a browser is sent.
    pub(super) fn authorize(&self, settings: &Settings, back_to: &str, attempt: &Attempt, is_other: bool) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs([
            ("response_type", "code"),
            ("client_id", &settings.client_id),
            ("redirect_uri", back_to),
            ("scope", &settings.scopes),
            ("state", &attempt.state),
            ("nonce", &attempt.nonce),
            ("code_challenge", &attempt.challenge()),
            ("code_challenge_method", "S256"),
        ]);
        if is_other {
            query.append_pair("prompt", "login");
        }
        let joint = if self.authorization.contains('?') { '&' } else { '?' };
        format!("{}{joint}{}", self.authorization, query.finish())
    }
}

impl Login {
    /// Learns where the provider is asked for what, and its keys. Blocks.
    ///
    /// # Errors
    /// What went wrong, for people. What was known before goes on.
    pub fn learn(&self) -> Result<(), String> {
        let learnt = self.fetch();
        match learnt {
            Ok((endpoints, keys)) => {
                self.endpoints.store(Some(Arc::new(endpoints)));
                self.keys.put(Some(keys));
                Ok(())
            }
            Err(error) => {
                self.keys.put(None);
                Err(error)
            }
        }
    }

    fn fetch(&self) -> Result<(Endpoints, KeySet), String> {
        let issuer = &self.settings.issuer;
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let endpoints = Endpoints::read(&self.get(&address)?, issuer)?;
        let keys = KeySet::of_jwks(&self.get(&endpoints.keys)?);
        let keys = keys.map_err(|error| format!("{}: {error}", endpoints.keys))?;
        Ok((endpoints, keys))
    }

    fn get(&self, address: &str) -> Result<Vec<u8>, String> {
        let request = Request::get(address).header("accept", "application/json").body(String::new());
        let response = self.client.call(request.map_err(|error| format!("{address}: {error}"))?);
        let response = response.map_err(|error| format!("{address}: {error}"))?;
        if !response.status().is_success() {
            return Err(format!("{address} answers {}", response.status()));
        }
        Ok(response.into_body())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(issuer: &str, token: &str) -> String {
        format!(
            r#"{{"issuer":"{issuer}","authorization_endpoint":"https://id.example/auth?realm=a","token_endpoint":"{token}",
                 "jwks_uri":"https://id.example/jwks","token_endpoint_auth_methods_supported":["client_secret_post"]}}"#
        )
    }

    #[test]
    fn a_document_is_of_its_issuer_and_names_no_open_address() {
        let read = |text: &str| Endpoints::read(text.as_bytes(), "https://id.example");
        let endpoints = read(&document("https://id.example", "https://id.example/token")).expect("a document");
        assert!(endpoints.secret_in_body && !endpoints.names_issuer && endpoints.userinfo.is_none());
        for wrong in [
            document("https://id.example/", "https://id.example/token"),
            document("https://id.example", "http://id.example/token"),
            "{}".to_owned(),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn this_machine_needs_no_tls() {
        for fine in ["https://id.example/a", "http://127.0.0.1:5/a", "http://localhost/", "http://[::1]:8/"] {
            assert!(is_secure(fine), "{fine}");
        }
        for open in ["http://id.example", "http://127.0.0.1@id.example/", "ftp://127.0.0.1/", "id.example", ""] {
            assert!(!is_secure(open), "{open}");
        }
    }
}
