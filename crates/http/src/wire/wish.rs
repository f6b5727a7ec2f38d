//! What a reservation asks for.

use onsale_domain::concert;
use onsale_domain::settings::SEATS_PER_RESERVATION_MAX;
use serde::de::{Deserialize, Deserializer, IgnoredAny};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Id;
use super::best::{Asked, BestSeats};
use super::fields::{Number, data_error};
use super::request::request;
use crate::problem::Problem;

request! {
    /// The seats to hold: one, by `seatId`; several of one date, all or none, by `seats`; or the best that are free, by `best`.
    Reserve<'a> {
        #[schema(required, value_type = Id)]
        schedule: Number as "scheduleId" => id -> u64,
        /// The seat. Not beside `seats` or `best`.
        #[schema(value_type = Option<Id>, nullable = false)]
        seat: Number as "seatId" => id -> u64,
        /// The seats, each once. Not beside `seatId` or `best`.
        #[serde(borrow)]
        #[schema(value_type = Option<Vec<WishedSeat>>, nullable = false, min_items = 1, max_items = 16)]
        seats: Listed<'a> as "seats" => ids -> Option<Vec<u64>>,
        /// How many seats, and where, when it does not matter which. Not beside `seatId` or `seats`.
        #[serde(borrow)]
        #[schema(value_type = Option<BestSeats<'a>>, nullable = false)]
        best: Asked<'a> as "best" => wish -> Option<concert::Wish>,
    }
}

/// How the seats are named that somebody wishes to have.
#[derive(Debug, PartialEq)]
pub(crate) enum Wish {
    /// By `seatId`.
    Seat(u64),
    /// By `seats`.
    Seats(Vec<u64>),
    /// Not at all: by `best`.
    Best(concert::Wish),
}

impl Reserve<'_> {
    /// What is wished for.
    pub(crate) fn wish(&self) -> Result<Wish, Problem> {
        match (self.best()?, self.seats()?, self.seat) {
            (None, None, Number::Missing) => Err(Problem::field(
                "seatId",
                "seatId is missing: name one seat by it, several in seats, or none and say in best how many.",
            )),
            (None, None, _) => self.seat().map(Wish::Seat),
            (None, Some(seats), Number::Missing) => Ok(Wish::Seats(seats)),
            (None, Some(_), _) => {
                Err(Problem::field("seats", "seats and seatId were both given; one of them names the seats."))
            }
            (Some(wish), None, Number::Missing) => Ok(Wish::Best(wish)),
            (Some(_), ..) => Err(Problem::field("best", "best was given beside seats that are named; leave one out.")),
        }
    }
}

/// One of several seats to hold.
#[derive(serde::Deserialize, ToSchema)]
pub struct WishedSeat {
    #[serde(default, rename = "seatId")]
    #[schema(required, value_type = Id)]
    seat: Number,
    /// No date has prices to choose from: whoever names one must not come to pay another, so nothing may stand here.
    #[serde(default, rename = "priceType", deserialize_with = "given")]
    #[schema(ignore)]
    has_price_type: bool,
}

pub(super) fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// What stands where a list of seats should.
#[derive(Default)]
pub(crate) enum Listed<'a> {
    #[default]
    Missing,
    Items(Vec<&'a RawValue>),
    WrongType,
}

impl<'de: 'a, 'a> Deserialize<'de> for Listed<'a> {
    /// Item by item: what is wrong with one is said with its place.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&RawValue>::deserialize(deserializer)?.get();
        Ok(serde_json::from_str(text).map_or(Self::WrongType, Self::Items))
    }
}

impl Listed<'_> {
    /// The ids of the seats, if there are any.
    fn ids(&self, field: &str) -> Result<Option<Vec<u64>>, Problem> {
        let items = match self {
            Self::Missing => return Ok(None),
            Self::WrongType => return Err(refused(field, "must be a list of seats")),
            Self::Items(items) => items,
        };
        if items.is_empty() || items.len() > SEATS_PER_RESERVATION_MAX {
            return Err(refused(field, &format!("must be a list of 1 to {SEATS_PER_RESERVATION_MAX} seats")));
        }
        let mut ids = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let place = format!("{field}[{at}]");
            let id = seat_id(item, &place)?;
            if ids.contains(&id) {
                return Err(refused(&format!("{place}.seatId"), &format!("names seat {id} a second time")));
            }
            ids.push(id);
        }
        Ok(Some(ids))
    }
}

fn seat_id(item: &RawValue, place: &str) -> Result<u64, Problem> {
    // A list would be taken for the fields in their order.
    if !item.get().starts_with('{') {
        return Err(refused(place, "must be an object with a seatId"));
    }
    let unread = |error| refused(place, &format!("cannot be read: {}", data_error(&error)));
    let seat: WishedSeat = serde_json::from_str(item.get()).map_err(unread)?;
    if seat.has_price_type {
        return Err(refused(&format!("{place}.priceType"), "must be left out: this date has no prices to choose from"));
    }
    seat.seat.id(&format!("{place}.seatId"))
}

pub(super) fn refused(field: &str, what: &str) -> Problem {
    Problem::field(field.to_owned(), format!("{field} {what}."))
}

#[cfg(test)]
mod tests {
    use super::super::fields::parse;
    use super::*;

    fn wish(members: &str) -> Result<Wish, Problem> {
        parse::<Reserve<'_>>(format!(r#"{{"scheduleId":1,{members}}}"#).as_bytes())?.wish()
    }

    #[test]
    fn seats_are_named_one_way_or_the_other() {
        assert_eq!(wish(r#""seatId":7"#), Ok(Wish::Seat(7)));
        assert_eq!(wish(r#""seats":[{"seatId":7}]"#), Ok(Wish::Seats(vec![7])));
        assert_eq!(wish(r#""seats":[{"seatId":7,"row":"1"},{"seatId":8e0}]"#), Ok(Wish::Seats(vec![7, 8])));
        let most: Vec<String> = (1..=16).map(|id| format!(r#"{{"seatId":{id}}}"#)).collect();
        assert_eq!(wish(&format!(r#""seats":[{}]"#, most.join(","))), Ok(Wish::Seats((1..=16).collect())));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let many = format!(r#""seats":[{}]"#, [r#"{"seatId":1}"#; 17].join(","));
        for (members, field) in [
            (r#""a":1"#, "seatId"),
            (r#""seatId":null"#, "seatId"),
            (r#""seatId":1,"seats":[{"seatId":2}]"#, "seats"),
            (r#""seatId":null,"seats":[{"seatId":2}]"#, "seats"),
            (r#""seats":null"#, "seats"),
            (r#""seats":{"seatId":1}"#, "seats"),
            (r#""seats":"1""#, "seats"),
            (r#""seats":[]"#, "seats"),
            (&many, "seats"),
            (r#""seats":[1]"#, "seats[0]"),
            (r#""seats":[{"seatId":1},[2]]"#, "seats[1]"),
            (r#""seats":[{"seatId":1},{"seatId":2,"seatId":3}]"#, "seats[1]"),
            (r#""seats":[{"seatId":1e400}]"#, "seats[0]"),
            (r#""seats":[{"seatId":1},{}]"#, "seats[1].seatId"),
            (r#""seats":[{"seatId":1},{"seatId":2},{"seatId":"3"}]"#, "seats[2].seatId"),
            (r#""seats":[{"seatId":0}]"#, "seats[0].seatId"),
            (r#""seats":[{"seatId":1},{"seatId":1.0}]"#, "seats[1].seatId"),
            (r#""seats":[{"seatId":1,"priceType":"child"}]"#, "seats[0].priceType"),
            (r#""seats":[{"seatId":1,"priceType":null}]"#, "seats[0].priceType"),
        ] {
            let problem = wish(members).expect_err(members);
            assert_eq!(problem.field_name(), Some(field), "{members}");
            assert!(problem.detail().is_some_and(|detail| detail.starts_with(field)), "{problem:?}");
        }
    }
}
