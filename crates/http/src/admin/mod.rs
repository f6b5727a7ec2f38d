//! The operator's API, behind the keys of operators.

mod access;
mod arrivals;
mod body;
mod campaigns;
mod catalog;
mod change;
pub(crate) mod events;
mod gates;
mod kept;
mod keys;
mod operator;
mod operators;
mod payments;
mod people;
mod person;
mod places;
mod queues;
mod reservations;
mod schedules;
mod sessions;
mod settings;
mod state;
mod uploads;
mod users;
mod wallets;
mod webhooks;
mod whom;
mod withheld;

use axum::Router;
use axum::middleware;
use axum::routing::{delete, get, patch, post, put};

use crate::app::{App, unknown};
use access::Needs::{
    Buyers, Everything, Figures, Money, Payments, People, Purchases, Reissues, Sessions, Sites, Tickets,
};
use access::{all_needing, needing};

pub use catalog::publish;
pub use webhooks::send as send_webhooks;

pub(crate) use arrivals::Shown as ArrivalsShown;
pub(crate) use campaigns::{Added, CampaignChange, CampaignState, NewCodes};
pub(crate) use catalog::Published;
pub(crate) use gates::{FigureSaid, Made as LinkMade, NewFigure, NewLink, Withdrawn};
pub(crate) use keys::Rotated;
pub(crate) use operator::{Lever, NewMessage, Sent};
pub(crate) use operators::{NewOperator, Oneself, OperatorGone, OperatorKey, OperatorState};
pub(crate) use payments::{Made, PAGE_MAX};
pub(crate) use people::{Erased, ToErase};
pub(crate) use person::Kept;
pub(crate) use places::PlaceGiven;
pub(crate) use queues::{Gone, LetGo, NewQueue, QueueChange};
pub(crate) use reservations::{Reissue, Release, Released};
pub(crate) use schedules::{Removed, ScheduleChange, ScheduleState};
pub(crate) use sessions::{EndedSession, KeptSession, WhichSession};
pub(crate) use settings::{SettingsChange, SettingsState};
pub(crate) use state::StoreState;
pub(crate) use uploads::Staged;
pub(crate) use users::{NewPlace, Revoked, Started, User};
pub(crate) use wallets::{Adjusted, NewAdjustment};
pub(crate) use webhooks::{NewWebhook, Rotation, SendAgain, Webhook, WebhookChange, WebhookGone};
pub(crate) use whom::Whom;
pub(crate) use withheld::{NamedSeats, OperatorSeat, Withheld};

/// What is under `/v1/admin`, beside the operator's page. Without a word of what is needed any key opens it.
fn routes() -> Router<App> {
    Router::new()
        .route("/catalog", needing(Everything, post(catalog::replace)))
        .route("/catalog/uploads/{id}", needing(Everything, put(uploads::stage).merge(delete(uploads::discard))))
        .route("/catalog/uploads/{id}/publish", needing(Everything, post(uploads::publish)))
        .route("/campaigns", needing(Figures, get(campaigns::list)))
        .route("/campaigns/{name}", needing(Everything, patch(campaigns::change)))
        .route("/campaigns/{name}/codes", needing(Everything, post(campaigns::add)))
        .route("/queues", needing(Figures, get(queues::list)).merge(needing(Everything, post(queues::open))))
        .route("/queues/{name}", needing(Everything, patch(queues::change)))
        .route("/queues/{name}/let-go", needing(People, post(queues::let_silent_go)))
        .route("/queues/{name}/arrivals", needing(People, get(arrivals::show)))
        .route("/queues/{name}/places", needing(People, post(places::give)))
        .route("/schedules/{id}", needing(Everything, patch(schedules::change).merge(delete(schedules::remove))))
        .route("/schedules/{id}/seats", needing(Figures, get(withheld::list)))
        .route("/schedules/{id}/withhold", needing(People, post(withheld::withhold)))
        .route("/schedules/{id}/giveback", needing(People, post(withheld::give_back)))
        .route("/settings", needing(Figures, get(settings::show)).merge(needing(Everything, patch(settings::change))))
        .route("/reservations/{id}/release", needing(People, post(reservations::release)))
        .route("/reservations/{id}/reissue", needing(Reissues, post(reservations::reissue)))
        .route("/payments", needing(Payments, get(payments::list)))
        .route("/people/erase", needing(Everything, post(people::erase)))
        .route("/people/export", needing(Everything, post(person::export)))
        .route("/users", needing(Purchases, get(users::find)))
        .route("/users/{id}", needing(Purchases, get(users::show)))
        .route("/users/{id}/token", needing(Buyers, post(users::start)))
        .route("/users/{id}/tickets", needing(Tickets, get(users::tickets)))
        .route("/users/{id}/reservations", needing(Purchases, get(users::reservations)))
        .route("/users/{id}/credit", needing(Money, post(wallets::credit)))
        .route("/users/{id}/debit", needing(Money, post(wallets::debit)))
        .route("/users/{id}/tokens/revoke", needing(People, post(users::revoke)))
        .route("/users/{id}/session/keep", needing(Sessions, post(sessions::keep)))
        .route("/users/{id}/session/end", needing(Sessions, post(sessions::end)))
        .route("/gates/{name}/figure", needing(Sites, put(gates::say)))
        .route("/gates/{name}/links", needing(People, post(gates::make)))
        .route("/gates/{name}/links/{id}", needing(People, delete(gates::withdraw)))
        .route("/levers", needing(Figures, get(operator::list)))
        .route("/messages", needing(People, post(operator::send)))
        .route("/keys/rotate", needing(Everything, post(keys::rotate)))
        .route("/operators", needing(Everything, get(operators::list).merge(post(operators::add))))
        .route("/operators/{name}", needing(Everything, delete(operators::remove)))
        .route("/events", needing(Payments, get(events::list)))
        .route("/events/stream", needing(Payments, get(events::follow)))
        .route("/webhooks", needing(Everything, get(webhooks::list).merge(post(webhooks::add))))
        .route(
            "/webhooks/{id}",
            needing(Everything, get(webhooks::show).merge(patch(webhooks::change)).merge(delete(webhooks::remove))),
        )
        .route("/webhooks/{id}/rotate", needing(Everything, post(webhooks::rotate)))
        .route("/webhooks/{id}/send", needing(Everything, post(webhooks::send_again)))
        .route("/whoami", get(operators::oneself))
        .route("/state", needing(Figures, get(state::show)))
        .fallback(unknown)
}

/// Puts the routes of operators behind their keys; `night` is what their page looks at, under `/ops`.
pub(crate) fn guarded(night: Router<App>, app: App) -> Router<App> {
    routes().nest("/ops", all_needing(Figures, night)).layer(middleware::from_fn_with_state(app, access::authorize))
}
