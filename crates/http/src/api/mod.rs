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
use crate::server::{Body, Incoming, Service, read};

pub use route::{ROUTES, Route};
pub use shared::{CacheCounts, Shared};
pub use stream::StreamLimit;

pub(crate) use news::News;

/// The largest body of a request to the API.
const BODY_BYTES_MAX: usize = 16 << 10;

/// What one thread answers with.
pub struct Api {
    shared: std::sync::Arc<Shared>,
    lane: Lane,
    recorder: Recorder,
    cache: std::sync::Arc<CacheCounts>,
    hub: std::sync::Arc<stream::Hub>,
    rest: Router,
}

type Answer = Result<Response<Body>, Problem>;

impl Api {
    /// Must be called on the thread's own runtime. `rest` answers what is not one of [`ROUTES`].
    #[must_use]
    pub fn new(shared: std::sync::Arc<Shared>, rest: Router) -> Self {
        let (lane, recorder, cache) = (shared.node.lane(), shared.metrics.recorder(), shared.cache_counts());
        let hub = stream::Hub::new(shared.node.clone(), lane.clone());
        Self { shared, lane, recorder, cache, hub, rest }
    }

    async fn answer(&self, route: Route, parts: &Parts, body: Incoming) -> Answer {
        if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
        match route {
            Route::Token => self.issue(parts, self.json(parts, body).await?).await,
            Route::Check => self.check(parts).await,
            Route::Leave => self.leave(parts).await,
            Route::Stream => self.stream(parts).await,
            Route::News => self.news(parts),
            Route::Charge => self.charge(parts, self.json(parts, body).await?).await,
            Route::Balance => self.balance(parts),
            Route::Schedules => self.schedules(parts),
            Route::Seats => self.seats(parts),
            Route::Reserve => self.reserve(parts, self.json(parts, body).await?).await,
            Route::Cancel => self.cancel(parts, self.json(parts, body).await?).await,
            Route::Reservations => self.reservations(parts),
            Route::Pay => self.pay(parts, self.json(parts, body).await?).await,
            Route::Tickets => self.tickets(parts),
            Route::Sections => self.sections(parts),
            Route::Asset | Route::Other => Err(Problem::new(Code::NotFound)),
        }
    }

    async fn json(&self, parts: &Parts, body: Incoming) -> Result<bytes::Bytes, Problem> {
        // Where there is no body, its type is nobody's concern.
        if !body.is_end_stream() && !negotiate::json(&parts.headers) {
            return Err(Problem::new(Code::UnsupportedMediaType));
        }
        Ok(read(body, BODY_BYTES_MAX).await?)
    }

    /// A page or a file of it.
    fn asset(&self, request: &Request<Incoming>, asset: &Asset, kept: Kept, stopwatch: &Stopwatch) -> Response<Body> {
        let (outcome, response) = if is_get(request.method()) {
            let response = asset.response(request.headers(), kept);
            (Outcome::Status(response.status()), response)
        } else {
            let problem = Problem::method_not_allowed("GET, HEAD");
            (Outcome::Problem(problem.code()), problem.response(negotiate::language(request.headers())))
        };
        self.recorder.record(Route::Asset as usize, outcome, stopwatch);
        response
    }

    async fn pass_on(&self, request: Request<Incoming>) -> Response<Body> {
        let Ok(response) = self.rest.clone().oneshot(request.map(axum::body::Body::new)).await;
        response.map(Body::stream)
    }
}

impl Service for Api {
    async fn call(&self, request: Request<Incoming>) -> Response<Body> {
        let stopwatch = Stopwatch::start();
        let route = match Route::find(request.method(), request.uri().path()) {
            Ok(Route::Other) => {
                if let Some((asset, kept)) = find_asset(request.uri().path()) {
                    return self.asset(&request, asset, kept, &stopwatch);
                }
                let response = self.pass_on(request).await;
                self.recorder.record(Route::Other as usize, Outcome::Status(response.status()), &stopwatch);
                return response;
            }
            found => found,
        };
        let (parts, body) = request.into_parts();
        let (number, answer) = match route {
            Ok(route) => (route, self.answer(route, &parts, body).await),
            Err((route, allow)) => (route, Err(Problem::method_not_allowed(allow))),
        };
        let (outcome, response) = match answer {
            Ok(response) => (Outcome::Status(response.status()), response),
            Err(problem) => (Outcome::Problem(problem.code()), problem.response(language(&parts))),
        };
        self.recorder.record(number as usize, outcome, &stopwatch);
        response
    }

    fn stop(&self) {
        self.hub.close();
    }
}

fn language(parts: &Parts) -> Language {
    negotiate::language(&parts.headers)
}

/// Whether the method asks for what GET gives.
fn is_get(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
