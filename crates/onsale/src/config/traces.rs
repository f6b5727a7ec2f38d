//! `[traces]`: where traces go, and which.

use std::time::Duration;

use onsale_http::trace::{Callers, Settings};
use ureq::http::Uri;

use super::reader::Reader;

/// Where a collector takes traces, below an address without a path.
const PATH: &str = "/v1/traces";

#[derive(Clone, Debug)]
pub(crate) struct Traces {
    /// The whole address.
    pub(crate) endpoint: String,
    pub(crate) settings: Settings,
}

/// `None` where there are none.
pub(super) fn read(reader: &mut Reader<'_>, proxies: &[std::net::IpAddr]) -> Option<Traces> {
    let endpoint = reader.read("traces.endpoint", None, endpoint);
    let sample = reader.read("traces.sample", 0.0, |text| match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(format!("must be a share between 0 and 1 such as 0.01, but is {text:?}")),
    });
    let slow = Some(reader.duration("traces.slow", Duration::ZERO)).filter(|slow| !slow.is_zero());
    let callers = reader.read("traces.callers", Callers::Nobody, |text| match text {
        "all" => Ok(Callers::All),
        "proxies" => Ok(Callers::Proxies),
        "none" => Ok(Callers::Nobody),
        _ => Err(format!("must be all, proxies or none, but is {text:?}")),
    });
    Some(Traces { endpoint: endpoint?, settings: Settings { sample, slow, callers, proxies: proxies.to_vec() } })
}

/// `None` where it is empty.
fn endpoint(text: &str) -> Result<Option<String>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let uri = text.parse::<Uri>().ok().filter(|uri| {
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        // A secret in an address is shown wherever the address is.
        let names_nobody = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        let has_port = uri.authority().is_some_and(|authority| {
            authority.as_str() == authority.host() || authority.port_u16().is_some_and(|port| port > 0)
        });
        is_web && names_nobody && has_port && uri.host().is_some_and(|host| !host.is_empty())
    });
    let Some(uri) = uri else {
        // It may have a password in it, and is not shown.
        let what = "must be the address of a collector such as http://127.0.0.1:4318, with no user, no password and a port that there is";
        return Err(what.to_owned());
    };
    let is_bare = uri.path() == "/" && uri.query().is_none();
    Ok(Some(if is_bare { format!("{}{PATH}", text.trim_end_matches('/')) } else { text.to_owned() }))
}
