//! What a reservation asks for.

use onsale_domain::concert::{self, AreaWish, Line, PriceTypeId};
use onsale_domain::ids::SeatId;
use onsale_domain::settings::SEATS_PER_RESERVATION_MAX;
use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::Id;
use super::area::{self, WishedArea};
use super::best::{Asked, BestSeats};
use super::fields::{Flag, Number, Text, data_error};
use super::request::request;
use crate::problem::{Code, Problem};

request! {
    /// What to hold: one seat, by `seatId`; several of one date, all or none, by `seats`; places to stand, by `areas`, alone or beside
    /// `seats`; or the best seats that are free, by `best`.
    Reserve<'a> {
        #[schema(required, value_type = Id)]
        schedule: Number as "scheduleId" => id -> u64,
        /// The seat. Not beside `seats` or `best`.
        #[schema(value_type = Option<Id>, nullable = false)]
        seat: Number as "seatId" => id -> u64,
        /// The seats, each once. Not beside `seatId` or `best`.
        #[serde(borrow)]
        #[schema(value_type = Option<Vec<WishedSeat<'a>>>, nullable = false, min_items = 1, max_items = 16)]
        seats: Listed<'a> as "seats" => lines -> Option<Vec<Line>>,
        /// How many seats, and where, when it does not matter which. Not beside `seatId` or `seats`.
        #[serde(borrow)]
        #[schema(value_type = Option<BestSeats<'a>>, nullable = false)]
        best: Asked<'a> as "best" => wish -> Option<concert::Wish>,
        /// Places of areas where people stand, any that are free: each area once. With `seats` beside them, all or none. Not beside
        /// `seatId` or `best`.
        #[serde(borrow)]
        #[schema(value_type = Option<Vec<WishedArea<'a>>>, nullable = false, min_items = 1, max_items = 16)]
        areas: Listed<'a> as "areas" => areas -> Option<Vec<AreaWish>>,
    }
}

/// How the seats are named that somebody wishes to have.
#[derive(Debug, PartialEq)]
pub(crate) enum Wish {
    /// By `seatId`.
    Seat(u64),
    /// By `seats`.
    Seats(Vec<Line>),
    /// Not at all: by `best`.
    Best(concert::Wish),
    /// By `areas`, and `seats` beside them.
    Areas { seats: Vec<Line>, areas: Vec<AreaWish> },
}

impl Reserve<'_> {
    /// What is wished for.
    pub(crate) fn wish(&self) -> Result<Wish, Problem> {
        if let Some(areas) = self.areas()? {
            return self.with_areas(areas);
        }
        match (self.best()?, self.seats()?, self.seat) {
            (None, None, Number::Missing) => Err(Problem::field(
                "seatId",
                "seatId is missing: name one seat by it, several in seats, areas by theirs, or none and say in best how many.",
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

impl Reserve<'_> {
    /// Places of areas, and the seats that are named beside them.
    fn with_areas(&self, areas: Vec<AreaWish>) -> Result<Wish, Problem> {
        let (best, seats) = (self.best()?, self.seats()?.unwrap_or_default());
        if best.is_some() || !matches!(self.seat, Number::Missing) {
            return Err(refused("areas", "may have seats beside them, and neither seatId nor best"));
        }
        let all = areas.iter().map(|wish| wish.quantity as usize).sum::<usize>() + seats.len();
        if all > SEATS_PER_RESERVATION_MAX {
            let what = format!("and seats must be {SEATS_PER_RESERVATION_MAX} together at most");
            return Err(refused_as(Code::SeatsTooMany, "areas", &what));
        }
        Ok(Wish::Areas { seats, areas })
    }
}

/// One of several seats to hold. A field that it has not is refused.
#[derive(serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WishedSeat<'a> {
    #[serde(default, rename = "seatId")]
    #[schema(required, value_type = Id)]
    seat: Number,
    /// For whom: one of the date's price types. The first where it is left out, which is what `amount` of a seat is for.
    #[serde(borrow, default, rename = "priceType")]
    #[schema(value_type = Option<String>, nullable = false, pattern = "^[a-z0-9_-]{1,32}$", example = "child")]
    price_type: Text<'a>,
    /// That the seat is known to be a wheelchair place, and meant: as long as these are kept, it takes this to have one.
    #[serde(default)]
    #[schema(value_type = Option<bool>, nullable = false, default = false)]
    accessible: Flag,
}

/// What stands where a list should.
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
    /// The areas, if there are any.
    fn areas(&self, field: &'static str) -> Result<Option<Vec<AreaWish>>, Problem> {
        area::wishes(self, field)
    }

    /// The seats, if there are any.
    fn lines(&self, field: &str) -> Result<Option<Vec<Line>>, Problem> {
        let items = match self {
            Self::Missing => return Ok(None),
            Self::WrongType => return Err(refused(field, "must be a list of seats")),
            Self::Items(items) => items,
        };
        check_length(items.len(), field, "seats")?;
        let mut lines: Vec<Line> = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let place = format!("{field}[{at}]");
            let line = line(item, &place)?;
            if lines.iter().any(|other| other.seat == line.seat) {
                let what = format!("names seat {} a second time", line.seat);
                return Err(refused_as(Code::SeatTwice, &format!("{place}.seatId"), &what));
            }
            lines.push(line);
        }
        Ok(Some(lines))
    }
}

fn line(item: &RawValue, place: &str) -> Result<Line, Problem> {
    let seat: WishedSeat<'_> = object(item, place, "a seatId")?;
    Ok(Line {
        seat: SeatId(seat.seat.id(&format!("{place}.seatId"))?),
        price_type: price_type(&seat.price_type, &format!("{place}.priceType"))?,
        accessible: seat.accessible.is_set(&format!("{place}.accessible"))?,
    })
}

/// One of the objects of a wish, which has something. Whoever misspells a field of it must not get something else than was wished for:
/// the price of an adult where `pricetype` said that it is a child.
pub(super) fn object<'a, T: Deserialize<'a>>(item: &'a RawValue, place: &str, has: &str) -> Result<T, Problem> {
    // A list would be taken for the fields in their order.
    if !item.get().starts_with('{') {
        return Err(refused(place, &format!("must be an object with {has}")));
    }
    serde_json::from_str(item.get()).map_err(|error| match unknown_field(&error.to_string()) {
        Some((name, expected)) => {
            refused(&format!("{place}.{name}"), &format!("is no field here: expected {expected}"))
        }
        None => refused(place, &format!("cannot be read: {}", data_error(&error))),
    })
}

/// The name that is none of an object's fields, and what they are, of what serde says of that. The name is the sender's, and may be
/// anything.
fn unknown_field(error: &str) -> Option<(&str, &str)> {
    let (what, _place) = error.rsplit_once(" at line ")?;
    let (unknown, expected) = what.rsplit_once(", expected ")?;
    Some((unknown.strip_prefix("unknown field `")?.strip_suffix('`')?, expected))
}

/// What may be a price type, if there is one. Whether the date has it is the engine's to say.
pub(super) fn price_type(text: &Text<'_>, field: &str) -> Result<Option<PriceTypeId>, Problem> {
    let Some(name) = text.optional(field)?.map(PriceTypeId::from) else { return Ok(None) };
    if name.is_valid() {
        Ok(Some(name))
    } else {
        Err(refused(field, "must be 1 to 32 of the characters a-z, 0-9, - and _"))
    }
}

/// Whether a hold may have so many of these.
pub(super) fn check_length(length: usize, field: &str, of: &str) -> Result<(), Problem> {
    let what = || format!("must be a list of 1 to {SEATS_PER_RESERVATION_MAX} {of}");
    match length {
        0 => Err(refused(field, &what())),
        1..=SEATS_PER_RESERVATION_MAX => Ok(()),
        _ => Err(refused_as(Code::SeatsTooMany, field, &what())),
    }
}

/// How many seats or places, of those that a hold may have.
pub(super) fn counted(number: Number, field: &str) -> Result<u32, Problem> {
    let what = || format!("must be a whole number from 1 to {SEATS_PER_RESERVATION_MAX}");
    match number {
        Number::Whole(count) if (1..=SEATS_PER_RESERVATION_MAX as u64).contains(&count) => Ok(count as u32),
        Number::Whole(1..) => Err(refused_as(Code::SeatsTooMany, field, &what())),
        Number::Missing => Err(refused(field, "is missing")),
        Number::WrongType => Err(refused(field, "must be a number")),
        Number::Whole(0) | Number::Negative | Number::Other => Err(refused(field, &what())),
    }
}

pub(super) fn refused(field: &str, what: &str) -> Problem {
    refused_as(Code::BadRequest, field, what)
}

pub(super) fn refused_as(code: Code, field: &str, what: &str) -> Problem {
    Problem::new(code).with_field(field.to_owned()).with_detail(format!("{field} {what}."))
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
        let seats = |ids: &[u64]| Ok(Wish::Seats(ids.iter().map(|&id| SeatId(id).into()).collect()));
        assert_eq!(wish(r#""seats":[{"seatId":7}]"#), seats(&[7]));
        assert_eq!(
            wish(r#""seats":[{"seatId":7},{"seatId":8e0}],"row":"1""#),
            seats(&[7, 8]),
            "unknown, but not of a seat"
        );
        let child = Line { price_type: Some(PriceTypeId::from("child")), ..SeatId(7).into() };
        let place = Line { accessible: true, ..SeatId(8).into() };
        let both = r#""seats":[{"seatId":7,"priceType":"child","accessible":false},{"seatId":8,"accessible":true}]"#;
        assert_eq!(wish(both), Ok(Wish::Seats(vec![child, place])));
        let most: Vec<String> = (1..=16).map(|id| format!(r#"{{"seatId":{id}}}"#)).collect();
        assert_eq!(wish(&format!(r#""seats":[{}]"#, most.join(","))), seats(&(1..=16).collect::<Vec<_>>()));
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
            (r#""seats":[{"seatId":1,"priceType":"Child"}]"#, "seats[0].priceType"),
            (r#""seats":[{"seatId":1,"priceType":""}]"#, "seats[0].priceType"),
            (r#""seats":[{"seatId":1,"priceType":null}]"#, "seats[0].priceType"),
            (r#""seats":[{"seatId":1,"accessible":1}]"#, "seats[0].accessible"),
            (r#""seats":[{"seatId":1,"accessible":null}]"#, "seats[0].accessible"),
            (r#""seats":[{"seatId":1,"pricetype":"child"}]"#, "seats[0].pricetype"),
            (r#""seats":[{"seatId":1},{"price` at line 7, expected x":1}]"#, "seats[1].price` at line 7, expected x"),
        ] {
            let problem = wish(members).expect_err(members);
            assert_eq!(problem.field_name(), Some(field), "{members}");
            assert!(problem.detail().is_some_and(|detail| detail.starts_with(field)), "{problem:?}");
        }
    }

    #[test]
    fn too_many_and_the_same_twice_have_codes_of_their_own() {
        let many = format!(r#""seats":[{}]"#, [r#"{"seatId":1}"#; 17].join(","));
        for (members, code) in [
            (many.as_str(), Code::SeatsTooMany),
            (r#""best":{"count":17}"#, Code::SeatsTooMany),
            (r#""best":{"count":0}"#, Code::BadRequest),
            (r#""areas":[{"areaId":"F","quantity":17}]"#, Code::SeatsTooMany),
            (r#""areas":[{"areaId":"F","quantity":9},{"areaId":"G","quantity":8}]"#, Code::SeatsTooMany),
            (r#""seats":[{"seatId":1},{"seatId":1}]"#, Code::SeatTwice),
            (r#""areas":[{"areaId":"F","quantity":1},{"areaId":"F","quantity":1}]"#, Code::AreaTwice),
            (r#""seats":[]"#, Code::BadRequest),
        ] {
            assert_eq!(wish(members).expect_err(members).code(), code, "{members}");
        }
    }
}
