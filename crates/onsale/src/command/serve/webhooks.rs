//! The way to those who are sent webhooks.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use onsale_http::trace::{Tracer, calling};
use onsale_http::webhooks::{Client, Private, Said, is_public};
use ureq::http::{Request, Uri};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};

/// How long a receiver may take, all of it.
const TIMEOUT: Duration = Duration::from_secs(15);
/// So much of an answer is read, that the connection can be used again. What it says is nobody's concern.
const BYTES_MAX: u64 = 16 << 10;

/// Looks names up, and gives no address that webhooks may not go to. The connection is made to what it gives and to nothing else, so
/// a name that is another machine's by then leads nowhere new.
#[derive(Debug)]
struct Guarded {
    names: DefaultResolver,
    private: Private,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let found = self.names.resolve(uri, config, timeout)?;
        if self.private == Private::Allow {
            return Ok(found);
        }
        let mut public = self.empty();
        found.iter().filter(|address| is_public(address.ip())).for_each(|address| public.push(*address));
        if public.is_empty() {
            let what = "it is in a private network, and webhooks.private is refuse";
            return Err(Error::Io(std::io::Error::new(std::io::ErrorKind::PermissionDenied, what)));
        }
        Ok(public)
    }
}

/// What sends them: without a proxy, which would look names up itself, and following nobody elsewhere.
pub(super) struct Web {
    agent: Agent,
    tracer: Option<Arc<Tracer>>,
}

impl Web {
    pub(super) fn new(private: Private, tracer: Option<Arc<Tracer>>) -> Self {
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0).proxy(None);
        let config = config.http_status_as_error(false).max_redirects_will_error(false).build();
        let names = Guarded { names: DefaultResolver::default(), private };
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), names), tracer }
    }
}

impl Client for Web {
    fn post(&self, request: Request<Vec<u8>>) -> Result<Said, String> {
        let call = |request| self.agent.run(request).map_err(|error| error.to_string());
        let response = calling(self.tracer.as_ref(), "webhook", request, call, |response| response.status().as_u16())?;
        let status = response.status().as_u16();
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
        let retry_after = retry_after.map(str::to_owned);
        let _ = std::io::copy(&mut response.into_body().into_reader().take(BYTES_MAX), &mut std::io::sink());
        Ok(Said { status, retry_after })
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn post(private: Private, url: &str) -> Result<Said, String> {
        Web::new(private, None).post(Request::post(url).body(b"{}".to_vec()).expect("a request"))
    }

    #[test]
    fn no_private_network_is_called_whatever_its_name_is() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        listener.set_nonblocking(true).expect("a listener");
        // Each of these is this machine, in ways in which no text says so.
        for host in
            ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
        {
            let url = format!("http://{host}:{port}/");
            let error = post(Private::Refuse, &url).expect_err(&url);
            assert!(
                error.contains("private network") || error.contains("lookup") || error.contains("host"),
                "{url}: {error}"
            );
        }
        assert!(listener.accept().is_err(), "nobody came");
        // Where it is allowed somebody comes.
        let called = std::thread::spawn(move || post(Private::Allow, &format!("http://127.0.0.1:{port}/")));
        listener.set_nonblocking(false).expect("a listener");
        drop(listener.accept().expect("a call"));
        assert!(called.join().expect("it ends").is_err(), "nobody answered");
    }
}
