//! `GET /gate/{site}`: where a site's visitors wait until they are let in. It works without a script: the browser asks again by itself. Only
//! where the site's queue asks for work is there a script, which does it.

use std::net::IpAddr;

use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse as _, Response};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};
use onsale_domain::ask::Ask;
use onsale_domain::ids::{QueueId, UserId};
use onsale_domain::reply::Refusal;
use onsale_node::{Error, seen};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::html::{self, Told};
use super::stand::Stand;
use crate::answer::{self, Done, see_other, success};
use crate::app::{App, Peer};
use crate::gate::{self, Site, Visitor, target};
use crate::negotiate;
use crate::problem::{Code, Problem};
use crate::query::Query;
use crate::token::Claims;
use crate::wire::TicketStatus;

/// How long a browser waits that comes back without having come in.
const AGAIN_MS: u64 = 5_000;
/// How often those ask who cannot be told a place at the moment.
const LATER_MS: u64 = 10_000;

/// How somebody stands who waits before a site, for apps.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GatePlace)]
pub(crate) struct Waiting {
    status: TicketStatus,
    /// From 1 for the next to be let in; 0 when the visitor does not wait, and before the queue opens.
    #[schema(example = 0)]
    queue_position: u32,
    /// How long the wait will be as things go; `null` where that is not known.
    #[schema(required)]
    estimated_wait_seconds: Option<u64>,
    /// When to ask again; `null` when the visitor is let in, or their time is over.
    #[schema(required, example = 4_500)]
    poll_after_millis: Option<u64>,
    /// Where to go once the visitor is let in: an address of the site, good once and for some seconds. It gives the pass as a cookie.
    #[schema(required, example = "https://shop.example/.onsale/enter?code=xyz")]
    enter: Option<String>,
}

/// What stands in a visitor's address.
#[derive(Deserialize)]
pub(super) struct Wanted {
    to: Option<String>,
    cookie: Option<String>,
    again: Option<String>,
    proof: Option<String>,
}

/// What a visitor's address says.
struct Asked<'s> {
    site: &'s Site,
    to: String,
    /// It came here for a cookie, and should have it now.
    was_given_cookie: bool,
    /// It had a code, and has not come in by it.
    came_back: bool,
    /// The work that it shows, for a place.
    proof: Option<String>,
}

impl<'s> Asked<'s> {
    fn of(site: &'s Site, wanted: Result<Query<Wanted>, Problem>) -> Result<Self, Problem> {
        let Query(Wanted { to, cookie, again, proof }) = wanted?;
        let to = target(to.as_deref().unwrap_or("/"), &site.origin).ok_or_else(|| {
            Problem::field("to", "to must be a path of the site, such as /a?b=c, or an address below its origin.")
        })?;
        let (was_given_cookie, came_back) = (cookie.is_some(), again.is_some());
        Ok(Self { site, to: to.to_owned(), was_given_cookie, came_back, proof })
    }
}

pub(super) fn site<'s>(app: &'s App, name: &str) -> Result<&'s Site, Problem> {
    app.shared.gates.site(name).map(|site| &**site).ok_or(Problem::new(Code::NotFound))
}

pub(super) async fn show(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    Path(name): Path<String>,
    wanted: Result<Query<Wanted>, Problem>,
    headers: HeaderMap,
) -> Done {
    let asked = match Asked::of(site(&app, &name)?, wanted) {
        Ok(asked) => asked,
        // Whoever followed a link that somebody has spoilt can do nothing with a document.
        Err(refused) if negotiate::html(&headers) => {
            let page = html::page(site(&app, &name)?, &headers, "/", &Told::NoAddress);
            return Ok(answer::refused(page, &refused));
        }
        Err(refused) => return Err(refused),
    };
    let shared = &app.shared;
    let (site, keys, is_https) = (asked.site, shared.tokens.load_full(), shared.gates.is_https());
    let Some(visitor) = Visitor::of(&headers, site, &keys, is_https) else {
        if asked.was_given_cookie && !negotiate::html(&headers) {
            return Err(Problem::field(
                "Cookie",
                "The place in line is kept in a cookie, which was given and did not come back.",
            ));
        }
        if asked.was_given_cookie {
            return Ok(html::page(site, &headers, &asked.to, &Told::NoCookie));
        }
        // Only who keeps the cookie joins, so that nobody joins once more with each look.
        let cookie = Visitor::random(site).and_then(|visitor| visitor.cookie(site, &keys, is_https));
        let cookie = cookie.map_err(|_| Problem::new(Code::Unavailable))?;
        return see_other(&format!("{}&cookie=1", site.waiting_path(&asked.to)), &[cookie]);
    };
    let (claims, cookie) = match visitor.claims() {
        Some(claims) => (claims, None),
        None => match join(&app, (site, &visitor), asked.proof.as_deref(), (peer, &headers)).await {
            Ok(claims) => {
                let visitor = visitor.with_ticket(Some((claims.ticket, claims.issued_at_s)));
                (claims, visitor.cookie(site, &keys, is_https).ok())
            }
            Err(refused) if negotiate::html(&headers) => {
                return Ok(html::page(site, &headers, &asked.to, &Told::Refused(refused)));
            }
            Err(refused) => return Err(refused),
        },
    };
    let stand = come_back(&app, site, &claims).await?;
    let mut response = told(&app, &asked, &headers, &claims, stand)?;
    response.headers_mut().extend(cookie.and_then(|text| HeaderValue::from_str(&text).ok()).map(|it| (SET_COOKIE, it)));
    Ok(response)
}

/// Who is inside is sent on, or told where to go; the others are told how they stand.
fn told(app: &App, asked: &Asked<'_>, headers: &HeaderMap, claims: &Claims, stand: Stand) -> Done {
    let (shared, site) = (&app.shared, asked.site);
    let is_page = negotiate::html(headers);
    let (status, place, enter) = match stand {
        Stand::Inside { .. } if asked.came_back && is_page => {
            return Ok(html::page(site, headers, &asked.to, &Told::Again { after_ms: AGAIN_MS }));
        }
        Stand::Inside { .. } => {
            let code = gate::Code::new(site, claims, &asked.to, shared.now_s() as u64);
            let code = code.seal(&shared.tokens.load()).map_err(|_| Problem::new(Code::Unavailable))?;
            let entrance = site.entrance(&code);
            if is_page {
                return see_other(&entrance, &[]);
            }
            (TicketStatus::Progress, None, Some(entrance))
        }
        Stand::Waiting(place) => (TicketStatus::Waiting, Some(place), None),
        Stand::Absent(_) => (TicketStatus::Waiting, None, None),
        Stand::Over => (TicketStatus::Expired, None, None),
    };
    if is_page {
        let told = match (status, place) {
            (TicketStatus::Waiting, Some(place)) => Told::Waiting(place),
            (TicketStatus::Waiting, None) => Told::Again { after_ms: LATER_MS },
            _ => Told::Over,
        };
        return Ok(html::page(site, headers, &asked.to, &told));
    }
    let waits = status == TicketStatus::Waiting;
    success(Waiting {
        status,
        queue_position: place.as_ref().map_or(0, |place| place.queue_position),
        estimated_wait_seconds: place.as_ref().and_then(|place| place.estimated_wait_seconds),
        poll_after_millis: place.and_then(|place| place.poll_after_millis).or(waits.then_some(LATER_MS)),
        enter,
    })
}

/// `POST /gate/{site}`: whoever's time is over joins anew, with the look that follows.
pub(super) async fn again(
    State(app): State<App>,
    Path(name): Path<String>,
    wanted: Result<Query<Wanted>, Problem>,
    headers: HeaderMap,
) -> Response {
    let begin = || {
        let asked = Asked::of(site(&app, &name)?, wanted)?;
        let (site, keys, is_https) = (asked.site, app.shared.tokens.load_full(), app.shared.gates.is_https());
        let visitor = Visitor::of(&headers, site, &keys, is_https);
        let over = visitor.filter(|visitor| {
            visitor.claims().is_some_and(|claims| matches!(Stand::of(&app, site, &claims), Stand::Over))
        });
        let cookie = over.map(|visitor| visitor.with_ticket(None).cookie(site, &keys, is_https)).transpose();
        let cookies: Vec<_> = cookie.map_err(|_| Problem::new(Code::Unavailable))?.into_iter().collect();
        see_other(&site.waiting_path(&asked.to), &cookies)
    };
    begin().unwrap_or_else(Problem::into_response)
}

/// A place in the site's queue, for whoever shows the work that it takes. Whoever has one keeps it, and has it without.
async fn join(
    app: &App,
    (site, visitor): (&Site, &Visitor),
    proof: Option<&str>,
    (peer, headers): (IpAddr, &HeaderMap),
) -> Result<Claims, Problem> {
    let (shared, views, user) = (&app.shared, app.shared.node.views(), visitor.user());
    let queue = views.queue_named(&site.queue).ok_or(Problem::new(Code::QueueNotFound))?;
    let person = visitor.person();
    let refused = views.queue(queue).and_then(|queue| shared.unproven(&queue, proof, &person));
    if let Some(refused) = refused.as_ref().filter(|_| !may_have_place(app, queue, user)) {
        return Err(refused.clone().asked_of(&person));
    }
    shared.rates.take(peer, headers, None)?;
    let key = shared.tokens.load().current();
    let joined = match refused {
        None => app.lane.ask(Ask::join(user, queue, key)).await?,
        // Their cookie was lost on its way, or a desk has given them one: it is found as that of somebody whose code is none.
        Some(refused) => match app.lane.ask(Ask::join_with_code(user, queue, key, Vec::new())).await {
            Err(Error::Refused(Refusal::CodeUnknown)) => return Err(refused.asked_of(&person)),
            found => found?,
        },
    };
    Ok(Claims { ticket: joined.ticket, user, issued_at_s: joined.issued_at.0 / 1_000 })
}

/// Whether a visitor may have a place as far as this node knows. One who has, and comes to a node that has not heard of it, comes back.
fn may_have_place(app: &App, queue: QueueId, user: UserId) -> bool {
    app.shared.node.views().queue(queue).is_some_and(|queue| queue.may_have_place(user))
}

/// How somebody stands, who is back with this look where their turn had passed.
async fn come_back(app: &App, site: &Site, claims: &Claims) -> Result<Stand, Problem> {
    match Stand::of(app, site, claims) {
        Stand::Absent(ticket) => {
            app.lane.submit(seen(ticket.queue, &[ticket.number])).await?;
            Ok(Stand::of(app, site, claims))
        }
        stand => Ok(stand),
    }
}
