//! What the crowd reads from the service's answers.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

/// The fields of all answers that matter to a buyer; each answer has some of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Data<'a> {
    #[serde(borrow)]
    pub(crate) queue_token: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
    pub(crate) poll_after_millis: Option<u64>,
    pub(crate) estimated_wait_seconds: Option<u64>,
    pub(crate) estimated_wait_max_seconds: Option<u64>,
    pub(crate) reservation_id: Option<u64>,
    /// Less than nothing is read as nothing: what is missing is the audit's to find.
    #[serde(deserialize_with = "not_below_zero")]
    pub(crate) amount: Option<u64>,
    pub(crate) payment_amount: Option<u64>,
    pub(crate) payment_id: Option<u64>,
    pub(crate) queue_position: Option<u64>,
    /// The seats of a hold, where the call did not name one.
    pub(crate) seats: Vec<HeldSeat>,
    reserved_at: Option<&'a str>,
    reserved_until: Option<&'a str>,
}

/// A seat of a hold.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeldSeat {
    pub(crate) seat_id: u64,
    pub(crate) amount: u64,
}

impl Data<'_> {
    /// How long the hold lasts, by the server's own times.
    pub(crate) fn hold_lasts(&self) -> Option<Duration> {
        let at: Timestamp = self.reserved_at?.parse().ok()?;
        let until: Timestamp = self.reserved_until?.parse().ok()?;
        until.duration_since(at).try_into().ok()
    }
}

fn not_below_zero<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let amount = Option::<i64>::deserialize(deserializer)?;
    Ok(amount.map(|amount| u64::try_from(amount).unwrap_or(0)))
}

#[derive(Deserialize)]
struct Success<'a> {
    #[serde(borrow)]
    data: Data<'a>,
}

/// What a refusal says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure<'a> {
    pub(crate) code: &'a str,
    pub(crate) status: u16,
    /// Of several seats those that could not be had.
    #[serde(default)]
    pub(crate) seat_ids: Vec<u64>,
}

/// The `data` of a success whose data is an object.
pub(crate) fn data(body: &[u8]) -> Option<Data<'_>> {
    serde_json::from_slice::<Success<'_>>(body).ok().map(|success| success.data)
}

/// What a failure's body tells.
pub(crate) fn failure(body: &[u8]) -> Option<Failure<'_>> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_gives_the_fields_it_has() {
        let body =
            br#"{"resultType":"SUCCESS","data":{"status":"WAITING","pollAfterMillis":900,"sessionExpiresAt":null}}"#;
        let data = data(body).unwrap();
        assert_eq!((data.status, data.poll_after_millis, data.amount), (Some("WAITING"), Some(900), None));
    }

    #[test]
    fn a_debt_is_an_answer_too() {
        let data = data(br#"{"resultType":"SUCCESS","data":{"amount":-50000}}"#).unwrap();
        assert_eq!(data.amount, Some(0));
    }

    #[test]
    fn a_failure_has_a_code_and_a_status() {
        let body = br#"{"resultType":"FAIL","data":{},"status":409,"code":"SEAT_NOT_AVAILABLE"}"#;
        let told = failure(body).unwrap();
        assert_eq!((told.code, told.status, told.seat_ids), ("SEAT_NOT_AVAILABLE", 409, Vec::new()));
        let several = failure(br#"{"status":409,"code":"SEAT_NOT_AVAILABLE","seatIds":[7,8]}"#).unwrap();
        assert_eq!(several.seat_ids, [7, 8]);
        assert!(failure(b"oops").is_none());
    }
}
