//! A client of the admin API.

use anyhow::{Context as _, bail};
use onsale_catalog::Document;
use serde_json::{Value, json};
use ureq::http::{Method, Request};

use crate::failure::Hint;

/// What the server refused.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Refused {
    what: String,
    /// The field of the request that is wrong.
    pub(crate) field: Option<String>,
}

pub(crate) struct Admin {
    agent: ureq::Agent,
    base: String,
    authorization: String,
}

impl Admin {
    /// # Errors
    /// Where the address is none of a server.
    pub(crate) fn new(server: &str, key: &str) -> anyhow::Result<Self> {
        let base = server.trim_end_matches('/').to_owned();
        if !base.starts_with("http://") && !base.starts_with("https://") {
            bail!("--server must begin with http:// or https://, but is {server:?}");
        }
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Ok(Self { agent, base, authorization: format!("Bearer {key}") })
    }

    /// Adds a part to an upload.
    pub(crate) fn stage(&self, upload: u64, part: &Document) -> anyhow::Result<()> {
        self.call(Method::PUT, &format!("catalog/uploads/{upload}"), &serde_json::to_vec(part)?)
    }

    /// Makes an upload the catalog, as a whole.
    pub(crate) fn publish(&self, upload: u64) -> anyhow::Result<()> {
        self.call(Method::POST, &format!("catalog/uploads/{upload}/publish"), &[])
    }

    /// Forgets an upload.
    pub(crate) fn discard(&self, upload: u64) -> anyhow::Result<()> {
        self.call(Method::DELETE, &format!("catalog/uploads/{upload}"), &[])
    }

    pub(crate) fn rotate_keys(&self) -> anyhow::Result<()> {
        self.call(Method::POST, "keys/rotate", &[])
    }

    /// The operators who have a key.
    pub(crate) fn operators(&self) -> anyhow::Result<Value> {
        Ok(self.ask(Method::GET, "operators", &[])?["data"].take())
    }

    /// A key for an operator.
    pub(crate) fn add_operator(&self, name: &str, role: &str) -> anyhow::Result<String> {
        let body = serde_json::to_vec(&json!({ "name": name, "role": role }))?;
        let answer = self.ask(Method::POST, "operators", &body)?;
        answer["data"]["key"].as_str().map(str::to_owned).context("the server gave no key")
    }

    /// Takes an operator's key away.
    pub(crate) fn remove_operator(&self, name: &str) -> anyhow::Result<()> {
        self.call(Method::DELETE, &format!("operators/{}", escaped(name)), &[])
    }

    /// What is kept of a person.
    pub(crate) fn export_person(&self, whom: &Value) -> anyhow::Result<Value> {
        Ok(self.ask(Method::POST, "people/export", &serde_json::to_vec(whom)?)?["data"].take())
    }

    /// Erases a person: the number that they had, where anything led to it, and whether somebody of the name was erased before.
    pub(crate) fn erase_person(&self, whom: &Value) -> anyhow::Result<(Option<u64>, bool)> {
        let answer = self.ask(Method::POST, "people/erase", &serde_json::to_vec(whom)?)?;
        let before = answer["data"]["before"].as_bool().context("the server does not say what it has done")?;
        Ok((answer["data"]["userId"].as_u64(), before))
    }

    /// Adds codes to a campaign; how many it had not before.
    pub(crate) fn add_codes(&self, campaign: &str, first: u32, codes: &[&str]) -> anyhow::Result<u64> {
        let body = serde_json::to_vec(&json!({ "first": first, "codes": codes }))?;
        let answer = self.ask(Method::POST, &format!("campaigns/{}/codes", escaped(campaign)), &body)?;
        answer["data"]["added"].as_u64().context("the server does not say how many were added")
    }

    /// The most that one charge may add.
    pub(crate) fn charge_limit(&self) -> anyhow::Result<u64> {
        let answer = self.ask(Method::GET, "settings", &[])?;
        answer["data"]["chargeLimit"].as_u64().context("the server does not say its charge limit")
    }

    fn call(&self, method: Method, path: &str, body: &[u8]) -> anyhow::Result<()> {
        self.ask(method, path, body).map(drop)
    }

    fn ask(&self, method: Method, path: &str, body: &[u8]) -> anyhow::Result<Value> {
        let url = format!("{}/v1/admin/{path}", self.base);
        let request = Request::builder()
            .method(method)
            .uri(&url)
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(body)
            .with_context(|| format!("{url:?} or the admin key cannot be sent"))?;
        let mut response = self.agent.run(request).with_context(|| format!("{} does not answer", self.base))?;
        if response.status().is_success() {
            return Ok(response.body_mut().read_json().unwrap_or_default());
        }
        let status = response.status();
        let problem: Value = response.body_mut().read_json().unwrap_or_default();
        let detail = problem["detail"].as_str().or(problem["message"].as_str()).unwrap_or("no reason given");
        let field = problem["field"].as_str().map(str::to_owned);
        let error = anyhow::Error::new(Refused { what: format!("the server refused it ({status}): {detail}"), field });
        if status == 401 {
            return Err(error.context(Hint(
                "the admin key was shown at the server's first start; keys.toml in its data directory has it".into(),
            )));
        }
        Err(error)
    }
}

/// A name as a part of a path (RFC 3986).
fn escaped(name: &str) -> String {
    name.bytes().fold(String::new(), |mut path, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
        path
    })
}
