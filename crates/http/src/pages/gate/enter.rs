//! `GET /v1/gate/{site}/enter`: a code is exchanged for a pass, once. The site's proxy hands it on from a path of the site, whose cookie
//! the pass becomes.

use axum::extract::{Path, State};
use http::{HeaderMap, Method};
use onsale_domain::ask::Ask;
use onsale_domain::command::{Entrant, Entry};
use onsale_domain::level;
use onsale_domain::reply::Entered;
use serde::Deserialize;

use super::stand::Stand;
use crate::answer::{Done, see_other};
use crate::app::App;
use crate::gate::{Code, Pass, Site, Verified};
use crate::problem::{self, Problem};
use crate::query::Query;
use crate::token::Claims;

#[derive(Deserialize)]
pub(super) struct Asked {
    code: Option<String>,
}

pub(super) async fn exchange(
    State(app): State<App>,
    Path(name): Path<String>,
    asked: Result<Query<Asked>, Problem>,
    method: Method,
    headers: HeaderMap,
) -> Done {
    // Whoever only asks what there is must not use a code up: HEAD is none of its methods.
    if method != Method::GET {
        return Err(Problem::method_not_allowed("GET"));
    }
    let shared = &app.shared;
    let site = shared.gates.site(&name).ok_or(Problem::new(problem::Code::NotFound))?;
    let (keys, now_s) = (shared.tokens.load_full(), shared.now_s() as u64);
    let Query(Asked { code }) = asked?;
    let code = code.and_then(|text| Code::open(&text, site, &keys, now_s));
    let Some(code) = code else { return see_other(&shared.gates.waiting_page(site, "/"), &[]) };
    let home = format!("{}{}", site.origin, code.to());
    // In another tab it has come in already.
    let (verified, store) = (Verified::default(), shared.node.store_id());
    let mut passes = site.passes_of(&headers).filter_map(|text| verified.read(text, &keys, store, site, now_s));
    if passes.any(|pass| pass.claims() == code.claims()) {
        return see_other(&home, &[]);
    }
    match pass_for(&app, site, &code, now_s).await? {
        Some(pass) => {
            let text = pass.sign(site, &keys, store, now_s);
            see_other(&home, &[site.cookie(&text, pass.expires_s.saturating_sub(now_s))])
        }
        // Whoever is inside is given another code there, and whoever is not waits.
        None => see_other(&format!("{}&again=1", shared.gates.waiting_page(site, code.to())), &[]),
    }
}

/// The pass for a code that is used by this; `None` where it was used before, or its session is over.
async fn pass_for(app: &App, site: &Site, code: &Code, now_s: u64) -> Result<Option<Pass>, Problem> {
    let shared = &app.shared;
    let claims = code.claims();
    if !matches!(Stand::of(app, site, &claims), Stand::Inside { .. }) {
        return Ok(None);
    }
    if shared.node.views().level() < level::SELLING {
        return Err(Problem::not_yet_at_level(level::SELLING, "Gates let in"));
    }
    // Who joins again is where they were: what this leaves is that the code was used, in the journal, for all nodes.
    let entrant = Entrant::User(claims.user);
    let entry = Entry { entrant, asked: None, once: Some(code.once()), limit: None, tier: None };
    let entered = app.lane.ask(Ask::enter(entry, claims.ticket.queue, shared.tokens.load().current())).await;
    match entered.map_err(Problem::from) {
        Ok(Entered { joined, .. }) if joined.ticket == claims.ticket => {}
        Ok(_) => return Ok(None),
        Err(refused) if refused.code().status().is_client_error() => return Ok(None),
        Err(failed) => return Err(failed),
    }
    let Stand::Inside { until_s } = Stand::of(app, site, &claims) else { return Ok(None) };
    let Claims { ticket, user, issued_at_s } = claims;
    let pass = Pass { ticket, user, issued_at_s, expires_s: now_s, ends_s: until_s };
    Ok(Some(pass.renewed(now_s, shared.gates.pass_ttl_s, until_s)))
}
