//! The identity provider, as the configuration has it.

use std::sync::Arc;

use onsale_http::login::{Client, ClientSecret, Login};
use onsale_http::trace::{Tracer, calling};
use ureq::http::{Request, Response};

use super::fetching::{self, Fetching};
use crate::command::bounded;
use crate::config;

/// No secret is longer.
const SECRET_BYTES_MAX: u64 = 4 << 10;

struct Web {
    agent: ureq::Agent,
    tracer: Option<Arc<Tracer>>,
}

impl Client for Web {
    fn call(&self, request: Request<String>) -> Result<Response<Vec<u8>>, String> {
        let said = |error: &dyn std::fmt::Display| format!("{error:#}");
        let call = |request| {
            let response = self.agent.run(request).map_err(|error| said(&error))?;
            let (head, body) = response.into_parts();
            let body = fetching::body(body).map_err(|error| said(&error))?;
            Ok(Response::from_parts(head, body))
        };
        calling(self.tracer.as_ref(), "identity provider", request, call, |response| response.status().as_u16())
    }
}

/// The provider, and what fetches its keys.
///
/// # Errors
/// Where the secret is in a file that cannot be read, and where the system gives no thread.
pub(super) fn login(
    configured: Option<&config::Login>,
    tracer: Option<&Arc<Tracer>>,
) -> anyhow::Result<Option<(Arc<Login>, Fetching)>> {
    let Some(config::Login { settings, secret }) = configured else { return Ok(None) };
    let mut settings = settings.clone();
    settings.secret = match secret {
        config::ClientSecret::None => None,
        config::ClientSecret::Given(secret) => Some(secret.clone()),
        config::ClientSecret::File(path) => {
            let read = || -> anyhow::Result<String> { Ok(String::from_utf8(bounded::read(path, SECRET_BYTES_MAX)?)?) };
            let unread = |error| format!("login.client_secret_file: {} cannot be read: {error:#}", path.display());
            let text = read().map_err(|error| config::Error(vec![unread(error)]))?;
            Some(ClientSecret::new(text.trim()))
        }
    };
    let web = Web { agent: fetching::agent(), tracer: tracer.cloned() };
    let login = Arc::new(Login::new(settings, Box::new(web)));
    learn(&login);
    let taught = login.clone();
    let fetching = Fetching::start("login-keys", &login.keys(), move || learn(&taught))?;
    Ok(Some((login, fetching)))
}

/// The provider may be back before the first buyer is there.
fn learn(login: &Login) {
    if let Err(error) = login.learn() {
        tracing::warn!(error, "the identity provider cannot be asked: what is known of it goes on");
    }
}
