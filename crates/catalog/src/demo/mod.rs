//! A catalog to try the service with. All names are invented.

mod hall;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::offset;
use onsale_domain::time::Time;

use crate::document::{Concert, Document, Schedule};
use crate::rule;

use hall::{Block, seats};

/// The queue of the fan club's concert.
const FANCLUB: &str = "fanclub";

/// The demo catalog, with its dates from a month after `today` on. Schedule 1 has 50 seats at positions 1 to 50; the
/// last schedule is a stadium of 50,000.
///
/// # Panics
/// When `today` is so near to the year 10000 that the dates would lie beyond it.
#[must_use]
pub fn demo(today: Date) -> Document {
    let date = |id, days: i64, hour, hall: &[Block]| schedule(id, today, days, hour, hall);
    let concerts = vec![
        concert(
            1,
            "첫눈이 오는 방 · A Room with First Snow",
            rule::QUEUE_DEFAULT,
            vec![date(1, 30, 19, &hall::club()), date(2, 31, 17, &hall::club())],
        ),
        concert(
            2,
            "Midnight Harbour Quartet",
            rule::QUEUE_DEFAULT,
            vec![date(3, 40, 20, &hall::theatre()), date(4, 41, 20, &hall::theatre())],
        ),
        concert(
            3,
            "은하수 관현악단: 별의 교향곡 · Milky Way Orchestra",
            rule::QUEUE_DEFAULT,
            vec![date(5, 45, 19, &hall::concert_hall()), date(6, 46, 15, &hall::concert_hall())],
        ),
        concert(
            4,
            "여름밤 산책, 팬클럽의 밤 · A Walk on a Summer Night",
            FANCLUB,
            vec![date(7, 52, 18, &hall::theatre())],
        ),
        concert(
            5,
            "PADO 〈물결〉 스타디움 콘서트 · PADO: Tides",
            rule::QUEUE_DEFAULT,
            vec![date(8, 60, 18, &hall::stadium())],
        ),
    ];
    Document { concerts }
}

fn concert(concert_id: u64, title: &str, queue: &str, schedules: Vec<Schedule>) -> Concert {
    Concert { concert_id, title: title.to_owned(), queue: queue.to_owned(), schedules }
}

/// A date of two and a half hours.
fn schedule(schedule_id: u64, today: Date, days: i64, hour: i8, hall: &[Block]) -> Schedule {
    let day = today.checked_add(days.days()).expect("the date lies before the year 10000");
    let start = day.at(hour, 0, 0, 0);
    // Seoul's clocks are never put forward.
    let start = offset(9).to_timestamp(start).expect("the date lies before the year 10000");
    let starts_at = Time(u64::try_from(start.as_millisecond()).expect("the date lies after 1970"));
    Schedule {
        schedule_id,
        zone: rule::ZONE_DEFAULT.to_owned(),
        starts_at,
        ends_at: starts_at.plus_ms(150 * 60_000),
        price_types: Vec::new(),
        accessible_until: None,
        on_sale_at: None,
        off_sale_at: None,
        orphans: None,
        seats: seats(hall),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Count;

    fn document() -> Document {
        demo(jiff::civil::date(2026, 11, 23))
    }

    #[test]
    fn is_a_sound_document_with_the_promised_halls() {
        let document = document();
        let json = serde_json::to_vec(&document).expect("it serializes");
        assert_eq!(Document::from_json(&json).as_ref(), Ok(&document));
        let count = document.count();
        assert_eq!((count.concerts, count.schedules), (5, 8));
        let schedules: Vec<_> = document.concerts.iter().flat_map(|concert| &concert.schedules).collect();
        let first: Vec<_> = schedules[0].seats.iter().map(|seat| seat.position).collect();
        assert_eq!((schedules[0].schedule_id, first), (1, (1..=50).collect()));
        assert_eq!(schedules[7].seats.len(), 50_000);
        assert!(document.concerts.iter().any(|concert| concert.queue == FANCLUB));
    }

    #[test]
    fn the_stadium_has_sections_rows_and_prices() {
        let stadium = hall::stadium();
        let sections: usize = stadium.iter().map(|block| block.sections.len()).sum();
        assert!((40..=60).contains(&sections), "{sections} sections");
        let prices: std::collections::BTreeSet<_> = stadium.iter().map(|block| block.amount).collect();
        assert!(prices.len() >= 5, "{prices:?}");
    }

    #[test]
    fn dates_follow_the_day() {
        let read = |day| {
            serde_json::to_value(demo(day)).expect("it serializes")["concerts"][0]["schedules"][0]["startsAt"].clone()
        };
        assert_eq!(read(jiff::civil::date(2026, 11, 23)), "2026-12-23T19:00:00+09:00");
        assert_eq!(read(jiff::civil::date(2028, 2, 1)), "2028-03-02T19:00:00+09:00");
        assert_ne!(document().count(), Count::default());
    }
}
