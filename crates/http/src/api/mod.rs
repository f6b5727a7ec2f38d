//! The API's hot paths: the eight endpoints and their companions, and the pages' files, straight on hyper. Everything else goes to
//! axum's router (see [`crate::router`]).
//!
//! A handler takes what it needs out of the request, makes one call, and writes the answer.

mod auth;
mod begun;
mod code;
mod concert;
mod gate;
mod idempotency;
mod news;
mod pass;
mod payment;
mod proof;
mod queue;
mod recent;
mod reply;
mod reservation;
mod route;
mod stream;
mod user;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use bytes::Bytes;
use http::header::STRICT_TRANSPORT_SECURITY;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body::Body as _;
use onsale_node::{Cluster, Lane};
use tower::ServiceExt as _;

use crate::answer::IsKept;
use crate::app::{OverTls, Peer};
use crate::assets::{self, Asset, Kept, OPERATORS_PAGE};
use crate::body::Body;
use crate::gate::Verified;
use crate::head::{self, Head, Seen, foreign, is_foreign};
use crate::metrics::{Outcome, Recorder};
use crate::negotiate::{self, Language};
use crate::problem::{Code, Problem};
use crate::request_id::{self, REQUEST_ID};
use crate::server::{Answering, Incoming, Service, read};
use crate::shared::{CacheCounts, Shared};
use crate::token::Claims;
use auth::Caller;
use begun::Begun;
use route::{Found, Work};

pub(crate) use route::{Access, Effect, Need, Row, Verb};
pub use route::{ROUTES, Route};

pub(crate) use news::News;

/// The largest body of a request to the API.
const BODY_BYTES_MAX: usize = 16 << 10;

/// For `Strict-Transport-Security` (RFC 6797).
const ONE_YEAR: &str = "max-age=31536000";

/// The store's time in milliseconds since 1970, where `Date` is another.
const TIME: HeaderName = HeaderName::from_static("onsale-time");

/// Of a request that a program sends by itself, as a page that looks for news does: its user does nothing by it.
const PASSIVE: HeaderName = HeaderName::from_static("onsale-passive");

/// What one thread answers with.
pub struct Api {
    shared: Arc<Shared>,
    lane: Lane,
    recorder: Recorder,
    cache: Arc<CacheCounts>,
    hub: Arc<stream::Hub>,
    stamp: recent::Stamp,
    rest: Router,
    passes_of_gates: Verified,
    /// Operators have a listener of their own, and nothing of theirs is here.
    public: bool,
    /// It is served over TLS alone.
    tls: bool,
}

type Answer = Result<Response<Body>, Problem>;

impl Api {
    /// Must be called on the thread's own runtime. `rest` answers what is not one of [`ROUTES`].
    #[must_use]
    pub fn new(shared: Arc<Shared>, rest: Router) -> Self {
        let (lane, recorder, cache) = (shared.node.lane(), shared.metrics.recorder(), shared.cache_counts());
        let hub = stream::Hub::new(shared.node.clone(), lane.clone());
        let (stamp, passes_of_gates) = (recent::Stamp::default(), Verified::default());
        Self { shared, lane, recorder, cache, hub, stamp, rest, passes_of_gates, public: false, tls: false }
    }

    /// Leaves the operators' page out, as [`crate::router::public_router`] leaves out the rest that is theirs.
    #[must_use]
    pub fn for_the_public(self) -> Self {
        Self { public: true, ..self }
    }

    /// Has browsers ask for the pages over TLS from now on, where that is how they are served.
    #[must_use]
    pub fn with_tls(self, tls: bool) -> Self {
        Self { tls, ..self }
    }

    /// The answer at once, where the views alone have it.
    fn answer_now(&self, row: &Row, parts: &Parts, caller: Caller) -> Option<Answer> {
        match row.work {
            Work::Views(read) => Some(self.allowed(row.access, caller).and_then(|claims| read(self, parts, &claims))),
            Work::Check => self.check(caller).transpose(),
            Work::Tickets if self.is_signed(caller) => None,
            Work::Tickets => Some(self.known(caller).map(|claims| self.passes(parts, claims.user))),
            Work::Stream
            | Work::Leave
            | Work::Stay
            | Work::Issue
            | Work::Charge
            | Work::Reserve
            | Work::Cancel
            | Work::Extend
            | Work::Pay => None,
        }
    }

    /// The answer, once the body is read, and what is to be written is written.
    async fn answer_later(&self, row: &Row, (parts, seen): (&Parts, Seen), body: Incoming, caller: Caller) -> Answer {
        let received = |body| self.received((parts, seen), body, caller);
        match row.work {
            Work::Views(read) => read(self, parts, &self.allowed(row.access, caller)?),
            Work::Check => self.check_absent(self.known(caller)?).await,
            Work::Tickets if self.is_signed(caller) => self.signed_passes(parts, &body, caller).await,
            Work::Tickets => Ok(self.passes(parts, self.known(caller)?.user)),
            Work::Stream => self.stream(parts, self.known(caller)?).await,
            Work::Leave => self.leave(parts, self.known(caller)?).await,
            Work::Stay => self.stay(self.known(caller)?).await,
            Work::Issue => {
                let peer = body.peer();
                let body = self.json((parts, seen), body).await?;
                self.issue((parts, peer), body, idempotency::key(parts, seen)?).await
            }
            Work::Charge => self.charge(received(body).await?, idempotency::key(parts, seen)?).await,
            Work::Reserve => self.reserve(parts, received(body).await?, idempotency::key(parts, seen)?).await,
            Work::Cancel => self.cancel(received(body).await?).await,
            Work::Extend => self.extend(received(body).await?).await,
            Work::Pay => self.pay(received(body).await?, idempotency::key(parts, seen)?).await,
        }
    }

    /// The caller, and the body that they sent.
    async fn received(&self, head: (&Parts, Seen), body: Incoming, caller: Caller) -> Result<(Claims, Bytes), Problem> {
        let body = self.json(head, body).await?;
        Ok((self.known(caller)?, body))
    }

    /// Whether the views are new enough for an answer at once. They always are where no other node writes.
    fn is_recent(&self, row: &Row, parts: &Parts, caller: Caller) -> bool {
        let Some(cluster) = self.shared.node.cluster() else { return true };
        recent::is_recent(cluster, parts, row.need, self.shared.stale_max) && !self.is_unknown(caller)
    }

    /// An authentic ticket that this node does not know may be one that another has just issued.
    fn is_unknown(&self, caller: Caller) -> bool {
        let ticket = self.known(caller).map(|claims| claims.ticket);
        ticket.is_ok_and(|ticket| self.shared.node.views().ticket(ticket).state.is_none())
    }

    /// Waits until the views are new enough for the answer. Whose key was not known may be known then.
    async fn wait_until_recent(&self, row: &Row, parts: &Parts, caller: Caller) -> Result<Caller, Problem> {
        let Some(cluster) = self.shared.node.cluster() else { return Ok(caller) };
        let is_unknown = self.is_unknown(caller);
        let need = match row.work {
            Work::Check if is_unknown => Need::Now,
            _ => row.need,
        };
        // From memory alone a ticket that is not known looks like one that is forgotten, and would be called EXPIRED.
        let only_fresh = is_unknown || row.effect == Effect::Write;
        recent::wait(cluster, parts, need, only_fresh, self.shared.stale_max).await?;
        Ok(if let Caller::Known(_) = caller {
            caller
        } else {
            self.caller(row.access, head::authorization_given(&parts.headers))
        })
    }

    /// Waits until the views are as new as the request, for those that would else refuse. False where they always are.
    async fn renew(&self, parts: &Parts) -> Result<bool, Problem> {
        let Some(cluster) = self.shared.node.cluster() else { return Ok(false) };
        recent::wait(cluster, parts, Need::Now, true, self.shared.stale_max).await?;
        Ok(true)
    }

    /// [`Api::pass_on`], where other nodes write too. What is not of the API is the same on all of them.
    async fn pass_on_among(&self, cluster: &Cluster, request: Request<Incoming>, begun: &Begun) -> Response<Body> {
        let path = request.uri().path();
        if !path.starts_with("/v1/") && !path.starts_with("/gate/") {
            return self.pass_on(request, begun).await;
        }
        let (parts, body) = request.into_parts();
        let writes = Route::Other.effect(&parts.method) == Effect::Write;
        if let Err(problem) = recent::wait(cluster, &parts, Need::Now, writes, self.shared.stale_max).await {
            return self.respond(Route::Other, &parts, Err(problem), begun);
        }
        let mut response = self.pass_on(Request::from_parts(parts, body), begun).await;
        self.stamp.put(cluster, writes, &mut response);
        response
    }

    async fn json(&self, (parts, seen): (&Parts, Seen), body: Incoming) -> Result<Bytes, Problem> {
        if !seen.is_plain_json {
            // Where there is no body, its type is nobody's concern.
            if !body.is_end_stream() && !negotiate::json(&parts.headers) {
                return Err(Problem::new(Code::UnsupportedMediaType));
            }
            if is_foreign(&parts.uri, &parts.headers) {
                return Err(foreign());
            }
        }
        Ok(read(body, BODY_BYTES_MAX).await?)
    }

    async fn pass_on(&self, mut request: Request<Incoming>, begun: &Begun) -> Response<Body> {
        if self.tls {
            request.extensions_mut().insert(OverTls);
        }
        let (id, is_probe) = (request_id::of(request.headers()), request.uri().path() == "/readyz");
        let peer = Peer(request.body().peer());
        request.extensions_mut().insert(peer);
        let Ok(mut response) = self.rest.clone().oneshot(request.map(axum::body::Body::new)).await;
        let outcome = Outcome::Status(response.status());
        self.recorder.record(Route::Other as usize, outcome, &begun.stopwatch);
        let is_kept = response.extensions_mut().remove::<IsKept>().is_some();
        self.tell_time(&mut response);
        if response.status().as_u16() >= 400 {
            // A server that is asked whether it is ready, and says no, has failed nobody.
            self.name((!is_probe).then_some((Route::Other, None)), id, begun, &mut response);
        }
        begun.ended(&self.shared, Route::Other, outcome, response.status());
        let response = response.map(Body::stream);
        if is_kept { response.map(Body::of_shared) } else { response }
    }

    /// Who joins has no token yet, and whoever may name a user must not use up what that user may do: the limit of users holds
    /// for what is done with their token.
    #[inline]
    fn check_rate(&self, parts: &Parts, body: &Incoming, caller: Caller) -> Result<(), Problem> {
        let user = if let Caller::Known(claims) = caller { Some(claims.user.0) } else { None };
        self.shared.rates.take(body.peer(), &parts.headers, user).map_err(Problem::from)
    }

    fn asset(&self, path: &str) -> Option<(&'static Asset, Kept)> {
        if self.public && path == OPERATORS_PAGE { None } else { assets::find(path) }
    }

    /// A page or a file of it.
    fn asset_answer(&self, parts: &Parts, asset: &Asset, kept: Kept) -> Answer {
        if !is_get(&parts.method) {
            return Err(Problem::method_not_allowed("GET, HEAD"));
        }
        let mut response = asset.response(&parts.headers, kept);
        if self.tls && kept == Kept::AskAgain {
            response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(ONE_YEAR));
        }
        Ok(response)
    }

    /// What is not of the API: a page or a file of it, or what the router has.
    fn answer_beside(self: &Arc<Self>, parts: Parts, body: Incoming, begun: Begun) -> Answering {
        if let Some((asset, kept)) = self.asset(parts.uri.path()) {
            let answer = self.asset_answer(&parts, asset, kept);
            return Answering::Now(self.respond(Route::Asset, &parts, answer, &begun));
        }
        let (api, request) = (self.clone(), Request::from_parts(parts, body));
        begun.later(&self.shared, move |begun| async move {
            match api.shared.node.cluster() {
                None => api.pass_on(request, &begun).await,
                Some(cluster) => api.pass_on_among(cluster, request, &begun).await,
            }
        })
    }

    /// Holds and sessions end by the store's time: where this machine's clock shows another, pages must not count by that.
    fn tell_time<B>(&self, response: &mut Response<B>) {
        if let Some(time_ms) = self.shared.time_where_apart() {
            response.headers_mut().insert(TIME, HeaderValue::from(time_ms));
        }
    }

    /// Names a request that was refused to its client; and to the log, where it failed, with the code that is known.
    fn name<B>(&self, told: Option<(Route, Option<&str>)>, id: HeaderValue, begun: &Begun, response: &mut Response<B>) {
        let status = response.status();
        if status.is_server_error()
            && let Some((route, code)) = told
            && let Some(others) = self.shared.failures.note(now_s())
        {
            let (request_id, route, status) =
                (id.to_str().unwrap_or_default(), ROUTES[route as usize], status.as_u16());
            let trace_id = begun.told();
            tracing::warn!(request_id, trace_id, route, status, code, others, "a request failed");
        }
        response.headers_mut().insert(REQUEST_ID, id);
    }

    /// Makes the response of an answer, and counts it.
    fn respond(&self, route: Route, parts: &Parts, answer: Answer, begun: &Begun) -> Response<Body> {
        let tells_seq = recent::tells_seq(route.effect(&parts.method), answer.as_ref().err());
        let (outcome, mut response) = match answer {
            Ok(response) => (Outcome::Status(response.status()), response),
            Err(problem) => {
                let mut response = problem.response(language(parts));
                let id = request_id::of(&parts.headers);
                self.name(Some((route, Some(problem.code().as_str()))), id, begun, &mut response);
                (Outcome::Problem(problem.code()), response)
            }
        };
        if let Some(cluster) = self.shared.node.cluster() {
            self.stamp.put(cluster, tells_seq, &mut response);
        }
        self.tell_time(&mut response);
        self.recorder.record(route as usize, outcome, &begun.stopwatch);
        begun.ended(&self.shared, route, outcome, response.status());
        response
    }
}

impl Service for Api {
    fn call(self: &Arc<Self>, parts: Parts, body: Incoming) -> Answering {
        let begun = Begun::new(&self.shared, &parts, body.peer());
        let Head { authorization, seen } = match head::check(&parts, !body.is_end_stream()) {
            Ok(head) => head,
            Err(problem) => return Answering::Now(self.respond(Route::Other, &parts, Err(problem), &begun)),
        };
        let (route, row) = match Route::find(&parts.method, parts.uri.path()) {
            Found::Route(route, row) => (route, row),
            Found::Otherwise(route, allow) => {
                let answer = Err(Problem::method_not_allowed(allow));
                return Answering::Now(self.respond(route, &parts, answer, &begun));
            }
            Found::Nothing => {
                return match self.gate(&parts, &begun) {
                    Some(answering) => answering,
                    None => self.answer_beside(parts, body, begun),
                };
            }
        };
        if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
            let answer = Err(Problem::new(Code::PayloadTooLarge));
            return Answering::Now(self.respond(route, &parts, answer, &begun));
        }
        let caller = self.caller(row.access, authorization);
        if row.is_limited()
            && let Err(problem) = self.check_rate(&parts, &body, caller)
        {
            return Answering::Now(self.respond(route, &parts, Err(problem), &begun));
        }
        let is_activity = route.is_activity() && !seen.is_passive;
        let acting = if is_activity { self.acts(caller) } else { None };
        let is_recent = self.is_recent(row, &parts, caller);
        if is_recent
            && acting.is_none()
            && let Some(answer) = self.answer_now(row, &parts, caller)
        {
            return Answering::Now(self.respond(route, &parts, answer, &begun));
        }
        let api = self.clone();
        begun.later(&self.shared, move |begun| async move {
            if let Some(ticket) = acting {
                api.journal_activity(ticket).await;
            }
            let caller = if is_recent { Ok(caller) } else { api.wait_until_recent(row, &parts, caller).await };
            let answer = match caller {
                Ok(caller) => api.answer_later(row, (&parts, seen), body, caller).await,
                Err(problem) => Err(problem),
            };
            api.respond(route, &parts, answer, &begun)
        })
    }

    fn stop(&self) {
        self.hub.close();
        self.shared.feeds.close();
    }
}

/// The second, in Unix time.
fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

fn language(parts: &Parts) -> Language {
    negotiate::language(&parts.headers)
}

/// Whether the method asks for what GET gives.
fn is_get(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
