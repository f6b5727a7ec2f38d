//! Money that a shop or an operator moves into a wallet, or out of it: once for each reference, whoever sends it again.

use axum::extract::State;
use onsale_catalog::{shows_nothing, turns_text};
use onsale_domain::ask::Ask;
use onsale_domain::ids::{INTEGER_MAX, UserId};
use onsale_domain::level;
use onsale_domain::user::{Adjustment, Direction, REFERENCE_BYTES_MAX};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Id, Json};
use super::change::from_level;
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::entry::Charge;
use crate::problem::{Code, Problem};
use crate::wire;

/// Money to move.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAdjustment {
    #[schema(value_type = wire::Money, minimum = 1)]
    amount: u64,
    /// What it is for, such as the payment provider's number: for ever it stands for this user, amount and direction.
    #[schema(min_length = 1, max_length = 64, example = "payment-20270501-4711")]
    reference: String,
}

/// Money that was moved.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Adjusted {
    #[schema(value_type = wire::Id)]
    user_id: u64,
    /// What is in the wallet now.
    #[schema(value_type = wire::Money)]
    balance: u64,
    #[schema(example = "payment-20270501-4711")]
    reference: String,
    /// Whether it was moved before, and not now.
    replayed: bool,
}

pub(super) async fn credit(State(app): State<App>, Id(user): Id, by: By, Json(new): Json<NewAdjustment>) -> Done {
    if app.shared.doors.charge == Charge::Off {
        return Err(Problem::new(Code::ChargeOff));
    }
    adjust(&app, (user, Direction::Credit), new, by).await
}

pub(super) async fn debit(State(app): State<App>, Id(user): Id, by: By, Json(new): Json<NewAdjustment>) -> Done {
    adjust(&app, (user, Direction::Debit), new, by).await
}

async fn adjust(app: &App, (user_id, direction): (u64, Direction), new: NewAdjustment, by: By) -> Done {
    let NewAdjustment { amount, reference } = new;
    from_level(app.shared.node.views(), level::SELLING, "Wallets are credited and debited")?;
    if !(1..=INTEGER_MAX).contains(&amount) {
        return Err(Problem::field("amount", format!("amount must be a whole number from 1 to {INTEGER_MAX}.")));
    }
    if !is_reference(&reference) {
        return Err(Problem::field(
            "reference",
            format!(
                "reference must be 1 to {REFERENCE_BYTES_MAX} bytes that can be seen, with no space at its ends, none of which turns the text beside it round."
            ),
        ));
    }
    let adjustment = Adjustment { user: UserId(user_id), direction, amount };
    let adjusted = app.lane.ask(Ask::adjust(reference.clone(), adjustment, by.operator())).await?;
    success(Adjusted { user_id, balance: adjusted.value.balance, reference, replayed: adjusted.replayed })
}

/// Whether two that look alike are the same.
fn is_reference(reference: &str) -> bool {
    let is_plain = !reference.chars().any(|c| c.is_control() || turns_text(c));
    reference.len() <= REFERENCE_BYTES_MAX && is_plain && !shows_nothing(reference) && reference.trim() == reference
}
