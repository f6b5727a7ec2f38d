//! The API's hot paths: the eight endpoints and their companions, and the pages' files, straight on hyper. Everything else goes to
//! axum's router (see [`crate::pages`] and [`crate::admin`]).
//!
//! A handler takes what it needs out of the request, makes one call, and writes the answer.

mod auth;
mod concert;
mod fields;
mod idempotency;
mod news;
mod payment;
mod queue;
mod reply;
mod reservation;
mod route;
mod shared;
mod stream;
mod ticket;
mod times;
mod user;

use std::sync::Arc;

use axum::Router;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body as _;
use onsale_node::Lane;
use tower::ServiceExt as _;

use crate::metrics::{Outcome, Recorder, Stopwatch};
use crate::negotiate::{self, Language};
use crate::pages::{Asset, Kept, find_asset};
use crate::problem::{Code, Problem};
use crate::server::{Answering, Body, Incoming, Service, read};

pub use route::{ROUTES, Route};
pub use shared::{CacheCounts, Shared};
pub use stream::StreamLimit;

pub(crate) use news::News;

/// The largest body of a request to the API.
const BODY_BYTES_MAX: usize = 16 << 10;

/// What one thread answers with.
pub struct Api {
    shared: Arc<Shared>,
    lane: Lane,
    recorder: Recorder,
    cache: Arc<CacheCounts>,
    hub: Arc<stream::Hub>,
    rest: Router,
}

type Answer = Result<Response<Body>, Problem>;

impl Api {
    /// Must be called on the thread's own runtime. `rest` answers what is not one of [`ROUTES`].
    #[must_use]
    pub fn new(shared: Arc<Shared>, rest: Router) -> Self {
        let (lane, recorder, cache) = (shared.node.lane(), shared.metrics.recorder(), shared.cache_counts());
        let hub = stream::Hub::new(shared.node.clone(), lane.clone());
        Self { shared, lane, recorder, cache, hub, rest }
    }

    /// The answer, where the views alone have it.
    fn answer_now(&self, route: Route, parts: &Parts, body: &Incoming) -> Option<Answer> {
        if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
            return Some(Err(Problem::new(Code::PayloadTooLarge)));
        }
        match route {
            Route::Check => self.check(parts).transpose(),
            Route::Balance => Some(self.balance(parts)),
            Route::Schedules => Some(self.schedules(parts)),
            Route::Seats => Some(self.seats(parts)),
            Route::Reservations => Some(self.reservations(parts)),
            Route::Tickets => Some(self.tickets(parts)),
            Route::Sections => Some(self.sections(parts)),
            Route::News => Some(self.news(parts)),
            Route::Token
            | Route::Leave
            | Route::Stream
            | Route::Charge
            | Route::Reserve
            | Route::Cancel
            | Route::Pay
            | Route::Asset
            | Route::Other => None,
        }
    }

    /// The answer of those that read a body, or that have something written down.
    async fn answer_later(&self, route: Route, parts: &Parts, body: Incoming) -> Answer {
        match route {
            Route::Token => self.issue(parts, self.json(parts, body).await?).await,
            Route::Check => self.check_absent(parts).await,
            Route::Leave => self.leave(parts).await,
            Route::Stream => self.stream(parts).await,
            Route::Charge => self.charge(parts, self.json(parts, body).await?).await,
            Route::Reserve => self.reserve(parts, self.json(parts, body).await?).await,
            Route::Cancel => self.cancel(parts, self.json(parts, body).await?).await,
            Route::Pay => self.pay(parts, self.json(parts, body).await?).await,
            Route::Balance
            | Route::Schedules
            | Route::Seats
            | Route::Reservations
            | Route::Tickets
            | Route::Sections
            | Route::News
            | Route::Asset
            | Route::Other => Err(Problem::new(Code::NotFound)),
        }
    }

    async fn json(&self, parts: &Parts, body: Incoming) -> Result<bytes::Bytes, Problem> {
        // Where there is no body, its type is nobody's concern.
        if !body.is_end_stream() && !negotiate::json(&parts.headers) {
            return Err(Problem::new(Code::UnsupportedMediaType));
        }
        Ok(read(body, BODY_BYTES_MAX).await?)
    }

    async fn pass_on(&self, request: Request<Incoming>, stopwatch: &Stopwatch) -> Response<Body> {
        let Ok(response) = self.rest.clone().oneshot(request.map(axum::body::Body::new)).await;
        self.recorder.record(Route::Other as usize, Outcome::Status(response.status()), stopwatch);
        response.map(Body::stream)
    }

    /// Makes the response of an answer, and counts it.
    fn respond(&self, route: Route, parts: &Parts, answer: Answer, stopwatch: &Stopwatch) -> Response<Body> {
        let (outcome, response) = match answer {
            Ok(response) => (Outcome::Status(response.status()), response),
            Err(problem) => (Outcome::Problem(problem.code()), problem.response(language(parts))),
        };
        self.recorder.record(route as usize, outcome, stopwatch);
        response
    }
}

impl Service for Api {
    fn call(self: &Arc<Self>, parts: Parts, body: Incoming) -> Answering {
        let stopwatch = Stopwatch::start();
        let (route, answer) = match Route::find(&parts.method, parts.uri.path()) {
            Ok(Route::Other) => match find_asset(parts.uri.path()) {
                Some((asset, kept)) => (Route::Asset, Some(asset_answer(&parts, asset, kept))),
                None => {
                    let (api, request) = (self.clone(), Request::from_parts(parts, body));
                    return Answering::later(async move { api.pass_on(request, &stopwatch).await });
                }
            },
            Ok(route) => (route, self.answer_now(route, &parts, &body)),
            Err((route, allow)) => (route, Some(Err(Problem::method_not_allowed(allow)))),
        };
        if let Some(answer) = answer {
            return Answering::Now(self.respond(route, &parts, answer, &stopwatch));
        }
        let api = self.clone();
        Answering::later(async move {
            let answer = api.answer_later(route, &parts, body).await;
            api.respond(route, &parts, answer, &stopwatch)
        })
    }

    fn stop(&self) {
        self.hub.close();
    }
}

/// A page or a file of it.
fn asset_answer(parts: &Parts, asset: &Asset, kept: Kept) -> Answer {
    if is_get(&parts.method) {
        Ok(asset.response(&parts.headers, kept))
    } else {
        Err(Problem::method_not_allowed("GET, HEAD"))
    }
}

fn language(parts: &Parts) -> Language {
    negotiate::language(&parts.headers)
}

/// Whether the method asks for what GET gives.
fn is_get(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
