//! From the queue to a ticket: examples that work as they are pasted, as they have this server's own address.

use http::header::HOST;
use http::uri::Authority;
use http::{HeaderMap, Uri};

use super::guides;
use crate::pages::{document, escape};

const PAGE: &str = include_str!("start.html");
const CURL: &str = include_str!("start.sh");
const SCRIPT: &str = include_str!("start.mjs");
const ORIGIN_MARK: &str = "{{origin}}";

/// The address by which the client reached the server: a proxy with TLS says so.
pub(super) fn origin(uri: &Uri, headers: &HeaderMap, tls: bool) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let authority = uri.authority().cloned().or_else(|| host.and_then(|host| host.parse::<Authority>().ok()));
    let forwarded = headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https");
    let scheme = if tls || forwarded { "https" } else { "http" };
    let authority = authority.filter(|authority| is_plain(authority.as_str()));
    format!("{scheme}://{}", authority.as_ref().map_or("127.0.0.1:8080", Authority::as_str))
}

/// It is pasted into a shell: nothing there but what names and addresses are made of.
fn is_plain(authority: &str) -> bool {
    authority.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
}

pub(super) fn html(origin: &str) -> String {
    let filled = PAGE
        .replace("{{curl}}", &escape(CURL))
        .replace("{{script}}", &escape(SCRIPT))
        .replace("{{guides}}", &guides::list())
        .replace(ORIGIN_MARK, origin);
    document("Quick start", &filled)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_address_is_the_client_s_own_and_runs_nothing() {
        let of = |host: &'static str, scheme: Option<&'static str>, tls| {
            let mut headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            if let Some(scheme) = scheme {
                headers.insert("x-forwarded-proto", HeaderValue::from_static(scheme));
            }
            origin(&Uri::from_static("/docs/start"), &headers, tls)
        };
        assert_eq!(of("tickets.example", None, false), "http://tickets.example");
        assert_eq!(of("tickets.example:8443", None, true), "https://tickets.example:8443");
        assert_eq!(of("[::1]:80", Some("https"), false), "https://[::1]:80");
        for odd in ["", "a$(id)", "a;b", "a&b", "a'b"] {
            assert_eq!(of(odd, None, false), "http://127.0.0.1:8080", "{odd}");
        }
    }
}
