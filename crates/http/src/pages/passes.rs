//! What a gate asks: the keys that passes are signed with, and whether a pass is still good.

use std::cmp::Ordering;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use onsale_domain::reservation;
use onsale_node::{in_zone, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::answer::{Done, success};
use crate::app::App;
use crate::head::{foreign, is_foreign};
use crate::negotiate;
use crate::pass::{KeySet, PASS_BYTES_MAX, Pass, authentic, is_pass};
use crate::problem::{Code, Problem};
use crate::server::read;
use crate::wire::Id;

/// The largest body of a request to verify.
const BODY_BYTES_MAX: usize = 2 * PASS_BYTES_MAX;

/// The ticket to verify.
#[derive(Deserialize, ToSchema)]
#[schema(as = TicketToVerify)]
pub(crate) struct ToVerify {
    /// What the QR code has behind `#`.
    #[schema(max_length = 512, example = "eyJhbGciOiJFZERTQSJ9.eyJyc3YiOjF9.c2lnbmVk")]
    ticket: String,
}

/// What to do with whoever shows the ticket.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = TicketVerdict)]
pub(crate) enum Verdict {
    /// Signed by this store, and the seat is sold to this payment.
    Valid,
    /// Signed by this store, for a seat that is sold to this payment, and another ticket was issued in its place: whoever has that one
    /// comes in.
    Replaced,
    /// Signed by this store, but the payment that it names is not there, or not for this seat.
    Void,
    /// Not signed by this store.
    Forged,
    /// No ticket at all, of whatever store: it was not read well, or is something else.
    Unreadable,
}

/// The verdict on a ticket. All but the verdict is `null` where the ticket is forged or unreadable.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VerifiedTicket)]
pub(crate) struct Verified {
    verdict: Verdict,
    #[schema(required, value_type = Option<Id>)]
    reservation_id: Option<u64>,
    #[schema(required, value_type = Option<Id>)]
    payment_id: Option<u64>,
    #[schema(required, value_type = Option<Id>)]
    schedule_id: Option<u64>,
    #[schema(required, value_type = Option<Id>)]
    seat_id: Option<u64>,
    #[schema(required, example = "First Light")]
    concert_title: Option<String>,
    #[schema(required, format = DateTime, example = "2027-05-01T19:00:00+09:00")]
    starts_at: Option<String>,
    #[schema(required, example = "A")]
    section: Option<String>,
    #[schema(required, example = "1")]
    row: Option<String>,
    #[schema(required, example = "1")]
    number: Option<String>,
    /// For whom it was sold, and what people call that; absent where the date had one price for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "child")]
    price_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Child, to 12")]
    price_type_title: Option<String>,
}

pub(super) fn router() -> Router<App> {
    Router::new().route("/v1/tickets/keys", get(keys)).route("/v1/tickets/verify", post(verify))
}

/// The public keys. A gate keeps them; a rotation adds one.
async fn keys(State(app): State<App>) -> Done {
    let tokens = app.shared.tokens.load();
    let body = serde_json::to_vec(&KeySet::of(tokens.pass_signers())).expect("a key set is JSON");
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

async fn verify(State(app): State<App>, headers: HeaderMap, request: Request) -> Done {
    if !negotiate::json(&headers) {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    if is_foreign(request.uri(), &headers) {
        return Err(foreign());
    }
    let body = read(request.into_body(), BODY_BYTES_MAX).await?;
    let Ok(ToVerify { ticket }) = serde_json::from_slice(&body) else {
        return Err(Problem::field("ticket", "The body must be a JSON object with the text `ticket`."));
    };
    if ticket.chars().count() > PASS_BYTES_MAX {
        return Err(Problem::field("ticket", format!("ticket must have at most {PASS_BYTES_MAX} characters.")));
    }
    let tokens = app.shared.tokens.load();
    let pass = scanned(&ticket);
    if !is_pass(pass) {
        return success(Verified::nothing(Verdict::Unreadable));
    }
    success(match authentic(pass, app.shared.node.store_id(), tokens.pass_signers()) {
        None => Verified::nothing(Verdict::Forged),
        Some(pass) => Verified::of(&app, &pass),
    })
}

/// The pass in what a scanner sends: with the end of line that hand scanners put behind, the whole address that the QR
/// code has, or a scheme as before a token.
fn scanned(text: &str) -> &str {
    let is_around = |c: char| c.is_whitespace() || c.is_control() || c == '\u{feff}';
    let text = text.trim_matches(is_around);
    let text = text.rsplit_once('#').map_or(text, |(_, pass)| pass);
    match text.split_once(' ') {
        Some((scheme, pass)) if scheme.eq_ignore_ascii_case("bearer") => pass.trim_matches(is_around),
        _ => text,
    }
}

impl Verdict {
    /// On a pass that is authentic.
    fn of(app: &App, pass: &Pass) -> Self {
        let counts = app.shared.node.views().reissued.of(pass.reservation, pass.seat);
        match pass.issue.cmp(&counts) {
            Ordering::Equal if is_sold(app, pass) => Self::Valid,
            Ordering::Less if is_sold(app, pass) => Self::Replaced,
            // A later one than any that was issued is of what a restored copy does not know.
            Ordering::Equal | Ordering::Less | Ordering::Greater => Self::Void,
        }
    }
}

impl Verified {
    fn nothing(verdict: Verdict) -> Self {
        Self {
            verdict,
            reservation_id: None,
            payment_id: None,
            schedule_id: None,
            seat_id: None,
            concert_title: None,
            starts_at: None,
            section: None,
            row: None,
            number: None,
            price_type: None,
            price_type_title: None,
        }
    }

    fn of(app: &App, pass: &Pass) -> Self {
        let views = app.shared.node.views();
        let catalog = views.catalog();
        let schedule = catalog.schedules.get(&pass.schedule);
        let sold = views.users.paid(pass.reservation);
        let place = sold.as_ref().and_then(|row| row.seats.iter().position(|seat| *seat == pass.seat));
        let price_type = sold.as_ref().zip(place).and_then(|(row, place)| row.price_types.get(place));
        let known = schedule.map(|schedule| schedule.schedule.price_types()).unwrap_or_default();
        let title = known.iter().find(|one| Some(&one.id) == price_type).and_then(|one| one.title.clone());
        let spec = schedule.and_then(|schedule| schedule.board().seat(pass.seat).cloned());
        Self {
            verdict: Verdict::of(app, pass),
            reservation_id: Some(pass.reservation.0),
            payment_id: Some(pass.payment.0),
            schedule_id: Some(pass.schedule.0),
            seat_id: Some(pass.seat.0),
            concert_title: schedule.map(|schedule| schedule.concert.title.clone()),
            starts_at: schedule.map(|schedule| rfc3339(&in_zone(schedule.schedule.starts_at, &schedule.zone))),
            section: spec.as_ref().and_then(|spec| spec.section.clone()),
            row: spec.as_ref().and_then(|spec| spec.row.clone()),
            number: spec.and_then(|spec| spec.number),
            price_type: price_type.map(ToString::to_string),
            price_type_title: title,
        }
    }
}

/// Whether the payment that the pass names is there, and is for this seat.
fn is_sold(app: &App, pass: &Pass) -> bool {
    app.shared.node.views().users.paid(pass.reservation).is_some_and(|row| {
        let paid = matches!(row.state, reservation::State::Paid { payment, .. } if payment == pass.payment);
        paid && row.schedule == pass.schedule && row.seats.contains(&pass.seat)
    })
}
