//! Requests by route and refusals by code, of all nodes that are counted.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::metrics::RouteTotals;
use crate::night::{Monitor, Report, percentile};
use crate::problem::Code;

/// The requests to one route in the last ten seconds.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RouteLoad)]
pub(crate) struct Route {
    #[schema(example = "POST /v1/api/queue/token/check")]
    route: &'static str,
    requests_per_second: f64,
    /// In milliseconds; `null` where there was no request.
    #[schema(required)]
    p50_ms: Option<f64>,
    #[schema(required)]
    p90_ms: Option<f64>,
    #[schema(required)]
    p99_ms: Option<f64>,
    #[schema(required)]
    p999_ms: Option<f64>,
}

/// Refusals with one code.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RefusalLoad)]
pub(crate) struct Refused {
    #[schema(example = "SEAT_NOT_AVAILABLE")]
    code: &'static str,
    #[schema(example = 409)]
    status: u16,
    /// In the last ten seconds.
    per_second: f64,
    /// Since the start of the nodes that are counted.
    total: u64,
}

/// What nodes have counted of their requests.
pub(super) struct Load {
    routes: Vec<(&'static str, OfRoute)>,
    /// Since their starts, by code.
    refused: BTreeMap<&'static str, u64>,
}

/// Requests to one route in the last seconds, which for a node that has just started are fewer.
#[derive(Default)]
struct OfRoute {
    totals: RouteTotals,
    per_second: f64,
    /// By code, likewise a second.
    refused: BTreeMap<&'static str, f64>,
}

impl OfRoute {
    fn add(&mut self, totals: &RouteTotals, seconds: f64) {
        self.totals.add(totals);
        self.per_second += totals.requests() as f64 / seconds;
        for &code in Code::ALL.iter().filter(|&&code| totals.refused(code) > 0) {
            *self.refused.entry(code.as_str()).or_default() += totals.refused(code) as f64 / seconds;
        }
    }
}

impl Load {
    /// This node's and the others'. Routes that this version does not have are left out.
    pub(super) fn of(monitor: &Monitor, others: &[&Report]) -> Self {
        let (own, seconds) = monitor.window();
        // Before this node has counted anything it knows the routes all the same.
        let totals = monitor.totals();
        let routes = totals.iter().map(|&(name, _)| {
            let mut route = OfRoute::default();
            own.iter().filter(|(own, _)| *own == name).for_each(|(_, own)| route.add(own, seconds));
            others.iter().for_each(|other| route.add(&other.route(name), other.routes_seconds.max(1.0)));
            (name, route)
        });
        let refused = Code::ALL.iter().map(|&code| {
            let own: u64 = totals.iter().map(|(_, route)| route.refused(code)).sum();
            let others = others.iter().filter_map(|other| other.refused.get(code.as_str())).sum::<u64>();
            (code.as_str(), own + others)
        });
        Self { routes: routes.collect(), refused: refused.collect() }
    }

    /// Those that there were requests to.
    pub(super) fn routes(&self) -> Vec<Route> {
        let asked = self.routes.iter().filter(|(_, route)| route.totals.requests() > 0);
        let route = |(name, route): &(&'static str, OfRoute)| {
            let latencies = route.totals.latencies_ms();
            let at = |share| percentile(&latencies, share);
            Route {
                route: name,
                requests_per_second: route.per_second,
                p50_ms: at(0.5),
                p90_ms: at(0.9),
                p99_ms: at(0.99),
                p999_ms: at(0.999),
            }
        };
        asked.map(route).collect()
    }

    /// Those that there were.
    pub(super) fn refusals(&self) -> Vec<Refused> {
        let refused = |&code: &Code| {
            let (code, status) = (code.as_str(), code.status().as_u16());
            let per_second = self.routes.iter().filter_map(|(_, route)| route.refused.get(code)).sum();
            let total = self.refused.get(code).copied().unwrap_or(0);
            (total > 0).then_some(Refused { code, status, per_second, total })
        };
        Code::ALL.iter().filter_map(refused).collect()
    }
}
