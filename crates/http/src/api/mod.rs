//! The API's hot paths: the eight endpoints and their three companions, straight on hyper. Everything else goes to
//! axum's router (see [`crate::pages`] and [`crate::admin`]).
//!
//! A handler takes what it needs out of the request, makes one call, and writes the answer.

mod auth;
mod concert;
mod fields;
mod idempotency;
mod payment;
mod queue;
mod recent;
mod reply;
mod reservation;
mod route;
mod shared;
mod times;
mod user;

use axum::Router;
use http::request::Parts;
use http::{Method, Request, Response};
use http_body::Body as _;
use onsale_node::{Cluster, Lane};
use tower::ServiceExt as _;

use crate::metrics::{Outcome, Recorder, Stopwatch};
use crate::negotiate::{self, Language};
use crate::problem::{Code, Problem};
use crate::server::{Body, Incoming, Service, read};

pub use route::{ROUTES, Route};
pub use shared::{CacheCounts, Shared};

/// The largest body of a request to the API.
const BODY_BYTES_MAX: usize = 16 << 10;

/// What one thread answers with.
pub struct Api {
    shared: std::sync::Arc<Shared>,
    lane: Lane,
    recorder: Recorder,
    cache: std::sync::Arc<CacheCounts>,
    rest: Router,
}

type Answer = Result<Response<Body>, Problem>;

impl Api {
    /// Must be called on the thread's own runtime. `rest` answers what is not one of [`ROUTES`].
    #[must_use]
    pub fn new(shared: std::sync::Arc<Shared>, rest: Router) -> Self {
        let (lane, recorder, cache) = (shared.node.lane(), shared.metrics.recorder(), shared.cache_counts());
        Self { shared, lane, recorder, cache, rest }
    }

    async fn answer(&self, route: Route, parts: &Parts, body: Incoming) -> Answer {
        if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
            return Err(Problem::new(Code::PayloadTooLarge));
        }
        match route {
            Route::Token => self.issue(parts, self.json(parts, body).await?).await,
            Route::Check => self.check(parts).await,
            Route::Leave => self.leave(parts).await,
            Route::Charge => self.charge(parts, self.json(parts, body).await?).await,
            Route::Balance => self.balance(parts),
            Route::Schedules => self.schedules(parts),
            Route::Seats => self.seats(parts),
            Route::Reserve => self.reserve(parts, self.json(parts, body).await?).await,
            Route::Cancel => self.cancel(parts, self.json(parts, body).await?).await,
            Route::Reservations => self.reservations(parts),
            Route::Pay => self.pay(parts, self.json(parts, body).await?).await,
            Route::Other => Err(Problem::new(Code::NotFound)),
        }
    }

    /// [`Api::answer`], where other nodes write too.
    async fn answer_among(&self, cluster: &Cluster, route: Route, parts: &Parts, body: Incoming) -> Answer {
        let writes = recent::is_write(route, &parts.method);
        recent::settle(cluster, parts, recent::need(route), writes, self.shared.stale_max).await?;
        self.answer(route, parts, body).await
    }

    /// [`Api::pass_on`], where other nodes write too. What is not of the API is the same on all of them.
    async fn pass_on_among(&self, cluster: &Cluster, request: Request<Incoming>) -> Response<Body> {
        let is_api = request.uri().path().starts_with("/v1/");
        let (parts, body) = request.into_parts();
        let writes = recent::is_write(Route::Other, &parts.method);
        if is_api {
            let need = recent::need(Route::Other);
            if let Err(problem) = recent::settle(cluster, &parts, need, writes, self.shared.stale_max).await {
                return problem.response(language(&parts));
            }
        }
        let mut response = self.pass_on(Request::from_parts(parts, body)).await;
        recent::stamp(cluster, is_api && writes, &mut response);
        response
    }

    async fn json(&self, parts: &Parts, body: Incoming) -> Result<bytes::Bytes, Problem> {
        // Where there is no body, its type is nobody's concern.
        if !body.is_end_stream() && !negotiate::json(&parts.headers) {
            return Err(Problem::new(Code::UnsupportedMediaType));
        }
        Ok(read(body, BODY_BYTES_MAX).await?)
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
                let response = match self.shared.node.cluster() {
                    None => self.pass_on(request).await,
                    Some(cluster) => self.pass_on_among(cluster, request).await,
                };
                self.recorder.record(Route::Other as usize, Outcome::Status(response.status()), &stopwatch);
                return response;
            }
            found => found,
        };
        let (parts, body) = request.into_parts();
        let (number, answer) = match route {
            Ok(route) => match self.shared.node.cluster() {
                None => (route, self.answer(route, &parts, body).await),
                Some(cluster) => (route, self.answer_among(cluster, route, &parts, body).await),
            },
            Err((route, allow)) => (route, Err(Problem::method_not_allowed(allow))),
        };
        let (outcome, mut response) = match answer {
            Ok(response) => (Outcome::Status(response.status()), response),
            Err(problem) => (Outcome::Problem(problem.code()), problem.response(language(&parts))),
        };
        if let Some(cluster) = self.shared.node.cluster() {
            recent::stamp(cluster, recent::is_write(number, &parts.method), &mut response);
        }
        self.recorder.record(number as usize, outcome, &stopwatch);
        response
    }
}

fn language(parts: &Parts) -> Language {
    negotiate::language(&parts.headers)
}

/// Whether the method asks for what GET gives.
fn is_get(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}
