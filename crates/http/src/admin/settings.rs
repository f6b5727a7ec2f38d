//! What holds for the whole store.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::ids::INTEGER_MAX;
use onsale_domain::level;
use onsale_domain::settings::Settings;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, given};
use super::change::{alone, from_level};
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::Problem;
use crate::wire::Milliseconds;

/// The store's settings.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SettingsState {
    /// How long a reservation stays TEMP_RESERVED.
    hold_ttl: Milliseconds,
    /// The most live holds of one user in one schedule.
    #[schema(minimum = 1, example = 4)]
    hold_limit_per_user: u32,
    /// The most that one charge may add, in the minor unit of the currency.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 100_000_000)]
    charge_limit: u64,
    /// The most seats of one schedule that one user may have, held and paid together; `null` for no limit.
    #[schema(required, minimum = 1, example = 4)]
    seats_per_user: Option<u32>,
    /// The same over all schedules of a concert.
    #[schema(required, minimum = 1, example = 8)]
    seats_per_user_per_concert: Option<u32>,
    /// How much longer its owner may make a hold, once, while nobody waits in the queue; 0s where nobody may.
    hold_extend: Milliseconds,
}

/// What to change of the settings. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SettingsChange {
    /// How long a new reservation stays TEMP_RESERVED; 100ms to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    hold_ttl: Option<Milliseconds>,
    /// The most live holds of one user in one schedule.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 4_294_967_295_i64, example = 4)]
    hold_limit_per_user: Option<u32>,
    /// The most that one charge may add, in the minor unit of the currency.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 100_000_000)]
    charge_limit: Option<u64>,
    /// The most seats of one schedule that one user may have, held and paid together, however often they come; `null` for no
    /// limit.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 4_294_967_295_i64, example = 4)]
    seats_per_user: Option<Option<u32>>,
    /// The same over all schedules of a concert.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 4_294_967_295_i64, example = 8)]
    seats_per_user_per_concert: Option<Option<u32>>,
    /// How much longer its owner may make a hold, once, while nobody waits in the queue; 0s for nobody, or 100ms to 8784h.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    hold_extend: Option<Milliseconds>,
}

pub(super) async fn show(State(app): State<App>) -> Done {
    success(state_of(&app.shared.node.views().settings()))
}

pub(super) async fn change(State(app): State<App>, by: By, Json(change): Json<SettingsChange>) -> Done {
    let App { shared, lane } = app.clone();
    let changed = alone(&app.shared, async move {
        let old = shared.node.views().settings();
        let settings = change.applied_to(&old)?;
        let views = shared.node.views();
        match settings.beyond(views.level()) {
            None => {}
            Some("hold.extend") => from_level(views, level::OFFERS, "Holds become longer")?,
            Some(_) => from_level(views, level::LIMITS, "Seats per user are limited")?,
        }
        if settings != *old {
            lane.ask(by.asks(Ask::plain(Command::Configure { settings }))).await?;
        }
        Ok(state_of(&shared.node.views().settings()))
    });
    success(changed.await?)
}

impl SettingsChange {
    fn applied_to(self, old: &Settings) -> Result<Settings, Problem> {
        let settings = Settings {
            hold_ttl_ms: self.hold_ttl.map_or(old.hold_ttl_ms, |ttl| ttl.0),
            hold_limit_per_user: self.hold_limit_per_user.unwrap_or(old.hold_limit_per_user),
            charge_limit: self.charge_limit.unwrap_or(old.charge_limit),
            queue: old.queue.clone(),
            seats_per_user: self.seats_per_user.unwrap_or(old.seats_per_user),
            seats_per_user_per_concert: self.seats_per_user_per_concert.unwrap_or(old.seats_per_user_per_concert),
            hold_extend_ms: self.hold_extend.map_or(old.hold_extend_ms, |more| Some(more.0).filter(|&ms| ms > 0)),
        };
        settings.check().map_err(out_of_range)?;
        if settings.charge_limit > INTEGER_MAX {
            return Err(out_of_range("wallet.charge_limit"));
        }
        Ok(settings)
    }
}

fn state_of(settings: &Settings) -> SettingsState {
    SettingsState {
        hold_ttl: Milliseconds(settings.hold_ttl_ms),
        hold_limit_per_user: settings.hold_limit_per_user,
        charge_limit: settings.charge_limit,
        seats_per_user: settings.seats_per_user,
        seats_per_user_per_concert: settings.seats_per_user_per_concert,
        hold_extend: Milliseconds(settings.hold_extend_ms.unwrap_or(0)),
    }
}

/// 400 for a setting that the engine would refuse, by its name here.
pub(super) fn out_of_range(key: &'static str) -> Problem {
    const DURATION: &str = "from 100ms to 8784h";
    const COUNT: &str = "from 1 to 4294967295";
    let (field, range) = match key {
        "queue.active_limit" => ("activeLimit", COUNT),
        "queue.admit_per_second" => ("admitPerSecond", "from 1 to 4294967295, or null for no limit"),
        "queue.session_ttl" => ("sessionTtl", DURATION),
        "queue.waiting_ttl" => ("waitingTtl", DURATION),
        "queue.waiting_grace" => ("waitingGrace", "from 0s to 8784h"),
        "queue.session_idle" => ("sessionIdle", "0s, or from 100ms to 8784h"),
        "queue.proof_bits" => ("proofBits", "from 0, for none, to 24"),
        "queue.network_places" => ("networkPlaces", "from 0, for any number, to 4294967295"),
        "queue.session_max" => ("sessionMax", "0s, or from sessionTtl to 8784h"),
        "hold.ttl" => ("holdTtl", DURATION),
        "hold.extend" => ("holdExtend", "0s, or from 100ms to 8784h"),
        "hold.limit_per_user" => ("holdLimitPerUser", COUNT),
        "limit.seats_per_user" => ("seatsPerUser", "from 1 to 4294967295, or null for no limit"),
        "limit.seats_per_user_per_concert" => ("seatsPerUserPerConcert", "from 1 to 4294967295, or null for no limit"),
        "wallet.charge_limit" => ("chargeLimit", "from 1 to 9007199254740991"),
        other => (other, "within its range"),
    };
    Problem::field(field, format!("{field} must be {range}."))
}
