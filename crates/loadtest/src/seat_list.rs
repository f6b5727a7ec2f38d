//! Choosing a seat that looks free from a seat list.

use std::collections::HashMap;

use memchr::{memmem, memrchr};
use serde::Deserialize;

use crate::audit::seats::SeatStatus;

/// Each seat has one.
const STATUS: &[u8] = b"\"seatStatus\"";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seat<'a> {
    seat_id: u64,
    #[serde(default)]
    amount: u64,
    seat_status: &'a str,
}

/// So many free seats from favourite number `favourite` on, and round to the start, with their prices: fewer where there are
/// fewer, and `None` when it is no seat list.
pub(crate) fn from_favourite(body: &[u8], favourite: usize, count: usize) -> Option<Vec<(u64, u64)>> {
    seats(body).next()?;
    let (mut before, mut found) = (Vec::new(), Vec::with_capacity(count));
    let (mut begun, mut counted) = (0, 0);
    for (at, object) in objects_with(body, b"\"AVAILABLE\"") {
        // As many have a status before this one, and its own.
        begun += memmem::find_iter(&body[counted..at], STATUS).count();
        counted = at;
        let index = begun.saturating_sub(1);
        if index < favourite && before.len() == count {
            continue;
        }
        let Some(seat) = seat(object).filter(|seat| seat.seat_status == "AVAILABLE") else { continue };
        if index < favourite {
            before.push((seat.seat_id, seat.amount));
            continue;
        }
        found.push((seat.seat_id, seat.amount));
        if found.len() == count {
            return Some(found);
        }
    }
    found.extend(before.into_iter().take(count - found.len()));
    Some(found)
}

/// What the list says of one seat.
pub(crate) fn status_of(body: &[u8], seat_id: u64) -> Option<SeatStatus> {
    objects_with(body, seat_id.to_string().as_bytes())
        .filter_map(|(_, object)| seat(object))
        .find(|seat| seat.seat_id == seat_id)
        .and_then(|seat| known(seat.seat_status))
}

/// What the list says of each seat. A status that is not known makes the seat missing.
pub(crate) fn statuses(body: &[u8]) -> HashMap<u64, SeatStatus> {
    seats(body).filter_map(|seat| Some((seat.seat_id, known(seat.seat_status)?))).collect()
}

pub(crate) fn known(status: &str) -> Option<SeatStatus> {
    match status {
        "AVAILABLE" => Some(SeatStatus::Available),
        "TEMP_RESERVED" => Some(SeatStatus::TempReserved),
        "RESERVED" => Some(SeatStatus::Reserved),
        "TAKEN" => Some(SeatStatus::Taken),
        _ => None,
    }
}

/// Where `text` occurs in a list, and the list from the object on in which it does. Most lists are read for one seat of hundreds: to parse them
/// all would cost the generator more than everything else that it does.
fn objects_with<'a>(list: &'a [u8], text: &'a [u8]) -> impl Iterator<Item = (usize, &'a [u8])> {
    memmem::find_iter(list, text).filter_map(move |at| Some((at, &list[memrchr(b'{', &list[..at])?..])))
}

/// The seat that a list goes on with. What else it has, objects too, comes behind its status.
fn seat(list: &[u8]) -> Option<Seat<'_>> {
    Seat::deserialize(&mut serde_json::Deserializer::from_slice(list)).ok()
}

/// The seats of a list.
fn seats(list: &[u8]) -> impl Iterator<Item = Seat<'_>> {
    objects_with(list, STATUS).filter_map(|(_, list)| seat(list))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(statuses: &[&str]) -> Vec<u8> {
        let seats: Vec<String> = (1..)
            .zip(statuses)
            .map(|(id, status)| {
                format!(r#"{{"seatId":{id},"position":{id},"amount":5,"seatStatus":"{status}","row":"1"}}"#)
            })
            .collect();
        format!(r#"{{"resultType":"SUCCESS","data":[{}],"message":"SUCCESS"}}"#, seats.join(",")).into_bytes()
    }

    #[test]
    fn a_favourite_is_taken_or_what_is_free_behind_it_or_before() {
        let body = list(&["AVAILABLE", "AVAILABLE", "RESERVED", "AVAILABLE", "RESERVED"]);
        assert_eq!(from_favourite(&body, 0, 1), Some(vec![(1, 5)]));
        assert_eq!(from_favourite(&body, 1, 1), Some(vec![(2, 5)]));
        assert_eq!(from_favourite(&body, 2, 1), Some(vec![(4, 5)]));
        assert_eq!(from_favourite(&body, 4, 1), Some(vec![(1, 5)]));
        assert_eq!(from_favourite(&list(&["RESERVED"]), 0, 1), Some(Vec::new()));
        assert_eq!(from_favourite(&list(&[]), 0, 1), None);
        assert_eq!(from_favourite(&body, 1, 2), Some(vec![(2, 5), (4, 5)]));
        assert_eq!(from_favourite(&body, 3, 9), Some(vec![(4, 5), (1, 5), (2, 5)]));
    }

    #[test]
    fn a_list_with_prices_for_children_is_read_too() {
        let seat = |id: u64, status: &str| {
            format!(
                r#"{{"seatId":{id},"position":{id},"amount":5,"seatStatus":"{status}","row":"1","prices":[{{"priceType":"child","amount":3}}]}}"#
            )
        };
        let body = format!("{{\"data\":[{},{},{}]}}", seat(1, "RESERVED"), seat(2, "AVAILABLE"), seat(3, "AVAILABLE"));
        let body = body.as_bytes();
        assert_eq!(from_favourite(body, 2, 1), Some(vec![(3, 5)]));
        assert_eq!(from_favourite(body, 0, 2), Some(vec![(2, 5), (3, 5)]));
        assert_eq!(status_of(body, 3), Some(SeatStatus::Available));
        assert_eq!(statuses(body).len(), 3);
    }

    #[test]
    fn another_servers_list_is_read_too() {
        let body = br#"{ "data": [ { "seatStatus": "AVAILABLE", "name": "1", "seatId": 11, "amount": 7 },
            { "seatStatus": "RESERVED", "name": "AVAILABLE", "seatId": 1, "amount": 8 } ] }"#;
        assert_eq!(from_favourite(body, 1, 1), Some(vec![(11, 7)]));
        assert_eq!(status_of(body, 1), Some(SeatStatus::Reserved));
        assert_eq!(status_of(body, 11), Some(SeatStatus::Available));
        assert_eq!(status_of(body, 7), None);
    }
}
