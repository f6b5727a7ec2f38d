//! `GET /gate/{site}/in?link=…`: whoever has a link comes in past the line. The button uses it, and no look does: programs that look at
//! what is behind an address use nothing up.

use axum::extract::{Extension, Path, State};
use http::{HeaderMap, Method};
use onsale_domain::ask::Ask;
use onsale_domain::command::{Entrant, Entry};
use onsale_domain::level;
use serde::Deserialize;

use super::html::{self, Told};
use super::stand::Stand;
use super::wait::site;
use crate::answer::{self, Done, see_other};
use crate::app::{App, Peer};
use crate::gate::{Link, Site, Visitor};
use crate::negotiate;
use crate::problem::{Code, Problem};
use crate::query::Query;
use crate::token::Claims;

#[derive(Deserialize)]
pub(super) struct Asked {
    link: Option<String>,
    cookie: Option<String>,
}

pub(super) async fn come_in(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
    method: Method,
    headers: HeaderMap,
) -> Done {
    let (site, shared) = (site(&app, &name)?, &app.shared);
    let guests = site.guests.as_deref().ok_or(Problem::new(Code::NotFound))?;
    let (keys, is_https) = (shared.tokens.load_full(), shared.gates.is_https());
    let text = asked.link.unwrap_or_default();
    let Some(link) = good(&app, site, &text) else { return refuse(site, &headers) };
    let Some(visitor) = Visitor::of(&headers, site, &keys, is_https) else {
        if asked.cookie.is_some() {
            return Ok(html::page(site, &headers, "/", &Told::NoCookie));
        }
        let cookie = Visitor::random(site).and_then(|visitor| visitor.cookie(site, &keys, is_https));
        let cookie = cookie.map_err(|_| Problem::new(Code::Unavailable))?;
        return see_other(&format!("{}&cookie=1", site.link_path(&text)), &[cookie]);
    };
    // Whoever is a guest already needs no second use: they may have come back.
    let stands = visitor.claims().is_some_and(|claims| {
        let is_guest = shared.node.views().queue(claims.ticket.queue).is_some_and(|queue| queue.name == guests);
        is_guest && !matches!(Stand::of(&app, site, &claims), Stand::Over)
    });
    if stands {
        return see_other(&site.waiting_path("/"), &[]);
    }
    if method != Method::POST {
        return Ok(html::page(site, &headers, "/", &Told::Invited(site.link_path(&text))));
    }
    shared.rates.take(peer, &headers, None)?;
    match use_up(&app, guests, &link, &visitor).await? {
        Some(claims) => {
            let visitor = visitor.with_ticket(Some((claims.ticket, claims.issued_at_s)));
            let cookie = visitor.cookie(site, &keys, is_https).map_err(|_| Problem::new(Code::Unavailable))?;
            see_other(&site.waiting_path("/"), &[cookie])
        }
        None => refuse(site, &headers),
    }
}

/// The link, where it is one and was not withdrawn.
fn good(app: &App, site: &Site, text: &str) -> Option<Link> {
    let shared = &app.shared;
    let link = Link::open(text, site, &shared.tokens.load(), shared.now_s() as u64)?;
    let withdrawn_s = shared.node.views().revoked.since(link.user()).0 / 1_000;
    (withdrawn_s == 0).then_some(link)
}

fn refuse(site: &Site, headers: &HeaderMap) -> Done {
    let refused = Problem::new(Code::GateLinkOver);
    if !negotiate::html(headers) {
        return Err(refused);
    }
    Ok(answer::refused(html::page(site, headers, "/", &Told::LinkOver), &refused))
}

/// A place among the guests, for one of the uses that are left; `None` where none is. The journal decides who has it, for all nodes.
async fn use_up(app: &App, guests: &str, link: &Link, visitor: &Visitor) -> Result<Option<Claims>, Problem> {
    let views = app.shared.node.views();
    if views.level() < level::SELLING {
        return Err(Problem::not_yet_at_level(level::SELLING, "Links let in"));
    }
    let queue = views.queue_named(guests).ok_or(Problem::new(Code::QueueNotFound))?;
    let (user, mut tried) = (visitor.user(), Vec::new());
    let uses: Vec<_> = link.each_use().collect();
    let first = link.first_for(user);
    let free = |tried: &[u32]| {
        // Theirs, if they came in by another node, or before a crash, and did not hear of it.
        if tried.is_empty() {
            return Some(first);
        }
        let in_turn = (first..uses.len() as u32).chain(0..first);
        in_turn.into_iter().find(|which| !tried.contains(which) && !views.entrants.is_used(&uses[*which as usize]))
    };
    while let Some(which) = app.shared.gates.clicks.next((link.user(), user), &tried, || free(&tried)) {
        tried.push(which);
        let once = Some(link.use_by(which, user));
        let entry = Entry { entrant: Entrant::User(user), asked: None, once, limit: None, tier: None };
        let entered = app.lane.ask(Ask::enter(entry, queue, app.shared.tokens.load().current())).await;
        match entered.map_err(Problem::from) {
            Ok(entered) => {
                let joined = entered.joined;
                return Ok(Some(Claims { ticket: joined.ticket, user, issued_at_s: joined.issued_at.0 / 1_000 }));
            }
            // Somebody else was faster.
            Err(refused) if refused.code() == Code::EntryTokenReplayed => {}
            Err(failed) => return Err(failed),
        }
    }
    Ok(None)
}
