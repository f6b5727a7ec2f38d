//! Choosing a seat that looks free from a seat list.

use std::collections::HashMap;

use serde::Deserialize;

use crate::audit::seats::SeatStatus;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seat<'a> {
    seat_id: u64,
    #[serde(default)]
    amount: u64,
    seat_status: &'a str,
}

/// The first free seat after a place in the list, and round to its start; `None` when no seat looks free.
/// `place` is from 0 to 1.
pub fn choose(body: &[u8], place: f64) -> Option<u64> {
    let start = (body.len() as f64 * place) as usize;
    let (before, after) = body.split_at(start.min(body.len()));
    // The cut may go through a seat, which then belongs to neither part; somebody else will find it.
    first_free(after).or_else(|| first_free(before))
}

/// How many seats of the list have this status.
pub fn count(body: &[u8], status: &str) -> u64 {
    seats(body).filter(|seat| seat.seat_status == status).count() as u64
}

/// The first free seat from favourite number `favourite` on, and round to the start, with its price; `Some(None)` when
/// no seat looks free, and `None` when it is no seat list.
pub fn from_favourite(body: &[u8], favourite: usize) -> Option<Option<(u64, u64)>> {
    let (mut before, mut count) = (None, 0);
    for (index, seat) in seats(body).enumerate() {
        count += 1;
        if seat.seat_status == "AVAILABLE" {
            if index >= favourite {
                return Some(Some((seat.seat_id, seat.amount)));
            }
            before.get_or_insert((seat.seat_id, seat.amount));
        }
    }
    (count > 0).then_some(before)
}

/// What the list says of each seat. A status that is not known makes the seat missing.
pub fn statuses(body: &[u8]) -> HashMap<u64, SeatStatus> {
    let known = |text: &str| match text {
        "AVAILABLE" => Some(SeatStatus::Available),
        "TEMP_RESERVED" => Some(SeatStatus::TempReserved),
        "RESERVED" => Some(SeatStatus::Reserved),
        _ => None,
    };
    seats(body).filter_map(|seat| Some((seat.seat_id, known(seat.seat_status)?))).collect()
}

fn first_free(list: &[u8]) -> Option<u64> {
    seats(list).find(|seat| seat.seat_status == "AVAILABLE").map(|seat| seat.seat_id)
}

/// The seats of a list. They are flat objects, so each ends at the next brace.
fn seats(list: &[u8]) -> impl Iterator<Item = Seat<'_>> {
    list.split_inclusive(|&byte| byte == b'}').filter_map(|piece| {
        let start = piece.iter().rposition(|&byte| byte == b'{')?;
        serde_json::from_slice(&piece[start..]).ok()
    })
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
    fn a_free_seat_is_found_from_any_place() {
        let body = list(&["RESERVED", "AVAILABLE", "TEMP_RESERVED", "AVAILABLE", "RESERVED"]);
        assert_eq!(choose(&body, 0.0), Some(2));
        assert_eq!(choose(&body, 0.5), Some(4));
        assert_eq!(choose(&body, 0.99), Some(2));
        assert_eq!(choose(&body, 1.0), Some(2));
    }

    #[test]
    fn no_seat_is_found_where_none_is_free() {
        assert_eq!(choose(&list(&["RESERVED", "TEMP_RESERVED"]), 0.3), None);
        assert_eq!(choose(&list(&[]), 0.3), None);
    }

    #[test]
    fn seats_are_counted_by_status() {
        let body = list(&["RESERVED", "AVAILABLE", "RESERVED"]);
        assert_eq!((count(&body, "RESERVED"), count(&body, "TEMP_RESERVED")), (2, 0));
    }
}
