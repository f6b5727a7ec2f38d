//! `GET /v1/gate/{site}`: whether a visitor of a site is inside. It is asked about each request that the site gets, answered from memory, and
//! writes nothing: that the visitor was there is noted, as a poll is.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use onsale_domain::queue::State;

use super::auth::Caller;
use super::begun::Begun;
use super::route::{Access, Route};
use super::{Answer, Api, PASSIVE, is_get, recent};
use crate::body::Body;
use crate::gate::{Asked, OnFailure, Pass, Site, target};
use crate::negotiate;
use crate::problem::{Code, Problem};
use crate::server::Answering;

const PATH: &str = "/v1/gate/";
/// The session, for the site.
const SESSION: HeaderName = HeaderName::from_static("onsale-session");
/// Why the answer is as it is.
const GATE: HeaderName = HeaderName::from_static("onsale-gate");
/// The parameter by which a proxy asks for a redirection in the place of 401, as it hands on whatever it is answered.
const REDIRECT: &str = "redirect";
/// Where proxies say what the visitor asked for.
const URIS: [&str; 2] = ["x-original-uri", "x-forwarded-uri"];
const METHODS: [&str; 2] = ["x-original-method", "x-forwarded-method"];

/// How a proxy asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form<'p> {
    /// With GET, and what the visitor asked for in headers. What lets in is 204.
    Own,
    /// With the visitor's own method and path behind this one's, as Envoy does. What lets in is 200.
    Behind(&'p str),
}

/// What a check comes to.
#[derive(Clone, Copy)]
enum Verdict {
    Inside(Pass),
    Outside,
    /// An authentic pass to a session that is not inside as far as this node knows: another may have let it in.
    Unheard,
    /// What this node knows is too old.
    Blind,
    /// The gate is not for this request.
    Free,
    /// The gate stands open while little comes.
    Standby,
}

/// The site and the form of a check, where the path is one's.
fn asked(path: &str) -> Option<(&str, Form<'_>)> {
    let rest = path.strip_prefix(PATH)?;
    let Some((site, rest)) = rest.split_once('/') else { return Some((rest, Form::Own)) };
    let behind = rest.strip_prefix("check")?;
    (behind.is_empty() || behind.starts_with('/')).then_some((site, Form::Behind(behind)))
}

impl Api {
    /// The answer to a check; `None` where the request is none.
    pub(super) fn gate(self: &Arc<Self>, parts: &Parts, begun: &Begun) -> Option<Answering> {
        let (name, form) = asked(parts.uri.path())?;
        let Some(site) = self.shared.gates.site(name).cloned() else {
            let answer = Err(Problem::new(Code::NotFound));
            return Some(Answering::Now(self.respond(Route::Gate, parts, answer, begun)));
        };
        if form == Form::Own && !is_get(&parts.method) {
            let answer = Err(Problem::method_not_allowed("GET, HEAD"));
            return Some(Answering::Now(self.respond(Route::Gate, parts, answer, begun)));
        }
        let verdict = self.verdict(&site, parts);
        if !matches!(verdict, Verdict::Unheard) {
            return Some(Answering::Now(self.checked(&site, parts, verdict, begun)));
        }
        let (api, parts) = (self.clone(), parts.clone());
        Some(begun.clone().later(&self.shared, move |begun| async move {
            let verdict = match api.shared.node.cluster() {
                Some(cluster) => match recent::catch_up(cluster).await {
                    true => api.look(&site, &parts),
                    false => Verdict::Blind,
                },
                None => Verdict::Outside,
            };
            api.checked(&site, &parts, verdict, &begun)
        }))
    }

    fn verdict(&self, site: &Site, parts: &Parts) -> Verdict {
        let is_free = is_free(site, parts);
        let holds = is_free || self.holds(site);
        match self.look(site, parts) {
            Verdict::Inside(pass) => Verdict::Inside(pass),
            _ if is_free => Verdict::Free,
            _ if !holds => Verdict::Standby,
            verdict => verdict,
        }
    }

    /// Whether a request that is behind the gate needs a pass. It is counted.
    fn holds(&self, site: &Site) -> bool {
        let Some(standby) = &site.standby else { return true };
        standby.note(&site.name, self.shared.now_s() as u64, || self.shared.waits_at(site))
    }

    fn look(&self, site: &Site, parts: &Parts) -> Verdict {
        let shared = &self.shared;
        let cluster = shared.node.cluster();
        if cluster.is_some_and(|cluster| cluster.staleness() > shared.stale_max) {
            return Verdict::Blind;
        }
        let (keys, store, now_s) = (shared.tokens.load(), shared.node.store_id(), shared.now_s() as u64);
        let mut verdict = Verdict::Outside;
        for text in site.passes_of(&parts.headers) {
            let Some(pass) = self.passes_of_gates.read(text, &keys, store, site, now_s) else { continue };
            match self.inside(site, parts, pass) {
                Some(pass) => return Verdict::Inside(pass),
                None if cluster.is_some() => verdict = Verdict::Unheard,
                None => {}
            }
        }
        verdict
    }

    /// The pass with the end that its session has now, where it is inside. Its visitor was there.
    fn inside(&self, site: &Site, parts: &Parts, pass: Pass) -> Option<Pass> {
        let claims = self.allowed(Access::Admitted, Caller::Known(pass.claims())).ok()?;
        let queues = self.shared.node.views().queues();
        let queue = queues.get(usize::from(claims.ticket.queue.0)).filter(|queue| site.is_entered_by(&queue.name))?;
        let State::Progress { until } = queue.state(claims.ticket.number)? else { return None };
        if !parts.headers.contains_key(PASSIVE) {
            // What is only noted is lost with this node, and is not journaled before the answer as elsewhere: a check never writes.
            let _ = queue.act(claims.ticket.number, self.now());
        }
        Some(Pass { ends_s: until.0 / 1_000, ..pass })
    }

    fn checked(&self, site: &Site, parts: &Parts, verdict: Verdict, begun: &Begun) -> Response<Body> {
        let is_open = site.on_failure == OnFailure::Open;
        let answer = match verdict {
            Verdict::Inside(pass) => Ok(self.let_in(site, parts, &pass)),
            Verdict::Free => Ok(let_through(parts, "free")),
            Verdict::Standby => Ok(let_through(parts, "standby")),
            Verdict::Blind if is_open => Ok(let_through(parts, "open")),
            Verdict::Blind => {
                let detail = "Who is inside cannot be known at the moment.";
                Err(Problem::new(Code::Unavailable).with_detail(detail))
            }
            // Nobody can join, so nobody could ever come in.
            Verdict::Outside | Verdict::Unheard if is_open && !self.shared.is_ready() => Ok(let_through(parts, "open")),
            Verdict::Outside | Verdict::Unheard => self.turned_away(site, parts),
        };
        let is_outside = answer.as_ref().is_err_and(|problem| problem.code() == Code::GatePassNeeded);
        let mut response = self.respond(Route::Gate, parts, answer, begun);
        if is_outside {
            self.show_the_way(site, parts, response.headers_mut());
        }
        response
    }

    fn let_in(&self, site: &Site, parts: &Parts, pass: &Pass) -> Response<Body> {
        let mut response = let_through(parts, "inside");
        let headers = response.headers_mut();
        let value = |text: &str| HeaderValue::from_str(text).ok();
        headers.extend(value(&pass.session()).map(|session| (SESSION, session)));
        let (shared, now_s) = (&self.shared, self.shared.now_s() as u64);
        let ttl_s = shared.gates.pass_ttl_s;
        let renewed = pass.renewed(now_s, ttl_s, pass.ends_s);
        // Whoever asks for something at least once in half of the time never has a pass that is over.
        if pass.expires_s < now_s + ttl_s.div_ceil(2) && renewed.expires_s > pass.expires_s {
            let text = renewed.sign(site, &shared.tokens.load(), shared.node.store_id(), now_s);
            let cookie = site.cookie(&text, renewed.expires_s - now_s);
            headers.extend(value(&cookie).map(|cookie| (SET_COOKIE, cookie)));
        }
        response
    }

    /// 401, or a redirection where the proxy hands on what it is answered and a browser follows.
    fn turned_away(&self, site: &Site, parts: &Parts) -> Answer {
        let path = parts.uri.path();
        let is_handed_on = matches!(asked(path), Some((_, Form::Behind(_)))) || has_parameter(parts, REDIRECT);
        if !is_handed_on || !is_safe(parts) || !negotiate::html(&parts.headers) {
            return Err(Problem::new(Code::GatePassNeeded));
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SEE_OTHER;
        self.show_the_way(site, parts, response.headers_mut());
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }

    /// Says where a visitor waits.
    fn show_the_way(&self, site: &Site, parts: &Parts, headers: &mut HeaderMap) {
        let to = wanted(site, parts);
        headers.insert(GATE, HeaderValue::from_static("wait"));
        headers.extend(HeaderValue::from_str(&self.shared.gates.waiting_page(site, to)).map(|to| (LOCATION, to)));
    }
}

/// What lets a request through, whoever's it is.
fn let_through(parts: &Parts, why: &'static str) -> Response<Body> {
    let is_own = matches!(asked(parts.uri.path()), Some((_, Form::Own)));
    let mut response = Response::new(Body::empty());
    *response.status_mut() = if is_own { StatusCode::NO_CONTENT } else { StatusCode::OK };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(GATE, HeaderValue::from_static(why));
    response
}

/// Whether the gate is not for what was asked. A client may add the header that its proxy does not set: all that is said has to be free.
fn is_free(site: &Site, parts: &Parts) -> bool {
    if site.rules.are_none() {
        return false;
    }
    let said = |names: [&'static str; 2]| {
        names.into_iter().flat_map(|name| parts.headers.get_all(name)).map(|it| it.to_str().ok())
    };
    let (behind, own_method) = match asked(parts.uri.path()) {
        Some((_, Form::Behind(behind))) => (Some(Some(behind)), Some(Some(parts.method.as_str()))),
        Some((_, Form::Own)) | None => (None, None),
    };
    let paths: Vec<_> = said(URIS).chain(behind).map(|path| path.and_then(|path| target(path, &site.origin))).collect();
    let mut methods: Vec<_> = said(METHODS).chain(own_method).collect();
    if methods.is_empty() {
        methods.push(None);
    }
    let is_behind_it = |path| methods.iter().any(|&method| site.rules.gate(Asked { method, path }));
    !paths.is_empty() && !paths.into_iter().any(is_behind_it)
}

/// What the visitor asked the site for, by the headers that proxies have for it, or behind the check's own path. The start page where that
/// says nothing, and where it was no page that somebody could come back to.
fn wanted<'r>(site: &Site, parts: &'r Parts) -> &'r str {
    let header = |names: [&'static str; 2]| names.into_iter().find_map(|name| parts.headers.get(name)?.to_str().ok());
    let path = match asked(parts.uri.path()) {
        Some((_, Form::Behind(behind))) if !behind.is_empty() => {
            let whole = parts.uri.path_and_query().map_or("", |whole| whole.as_str());
            whole.get(parts.uri.path().len() - behind.len()..).unwrap_or_default()
        }
        _ => header(URIS).unwrap_or_default(),
    };
    if is_safe(parts) { target(path, &site.origin).unwrap_or("/") } else { "/" }
}

/// Whether the visitor's own request only read.
fn is_safe(parts: &Parts) -> bool {
    let said = METHODS.into_iter().find_map(|name| parts.headers.get(name));
    match said {
        Some(method) => matches!(method.as_bytes(), b"GET" | b"HEAD"),
        None => matches!(parts.method, Method::GET | Method::HEAD),
    }
}

fn has_parameter(parts: &Parts, name: &str) -> bool {
    let query = parts.uri.query().unwrap_or_default();
    query.split('&').any(|part| part.split('=').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_told_from_what_is_beside_it() {
        assert_eq!(asked("/v1/gate/shop"), Some(("shop", Form::Own)));
        assert_eq!(asked("/v1/gate/shop/check"), Some(("shop", Form::Behind(""))));
        assert_eq!(asked("/v1/gate/shop/check/a/check/b"), Some(("shop", Form::Behind("/a/check/b"))));
        for other in ["/v1/gate", "/v1/gate/shop/enter", "/v1/gate/shop/keys", "/v1/gate/shop/", "/v1/gate/shop/checks"]
        {
            assert_eq!(asked(other), None, "{other}");
        }
    }
}
