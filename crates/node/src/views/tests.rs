//! Views beside the engine whose rows they show.

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::{Concert, Schedule, SeatSpec};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{ConcertId, ReservationId, ScheduleId, SeatId, UploadId, UserId};
use onsale_domain::reservation::State;
use onsale_domain::row::{ReservationRow, Row};
use onsale_domain::time::Time;

use super::Views;

const DATE: ScheduleId = ScheduleId(1);

fn part(seats: u64) -> CatalogPart {
    let concert = Concert { id: ConcertId(1), title: "First Light".to_owned(), queue: "default".to_owned() };
    let zone = "Asia/Seoul".to_owned();
    let schedule = Schedule {
        id: DATE,
        concert: concert.id,
        zone,
        starts_at: Time(1),
        ends_at: Time(2),
        price_types: None,
        accessible_until: None,
        on_sale_at: None,
        off_sale_at: None,
        orphans: None,
    };
    let seat = |id: u64| {
        let (section, row, number) = (None, None, None);
        SeatSpec {
            schedule: DATE,
            seat: SeatId(id),
            position: id as u32,
            amount: 1,
            section,
            row,
            number,
            terms: None,
            standing: false,
            rank: None,
        }
    };
    CatalogPart { concerts: vec![concert], schedules: vec![schedule], seats: (1..=seats).map(seat).collect() }
}

fn publish(upload: u64, seats: u64) -> [Command; 2] {
    let upload = UploadId(upload);
    [Command::Stage { upload, part: part(seats) }, Command::Publish { upload }]
}

#[test]
fn a_date_that_is_removed_and_published_again_in_one_entry_has_no_seats_of_before() {
    let mut engine = Engine::new();
    let views = Views::new(&engine);
    let mut apply = |commands: Vec<Command>| {
        let mut rows = Vec::new();
        let seq = engine.mark().seq + 1;
        for outcome in engine.apply(seq, Time(seq), &Batch { commands }, &mut rows) {
            outcome.expect("nothing is refused");
        }
        views.update(&engine, &rows);
        (engine.available(DATE), views.catalog().schedules[&DATE].board().total())
    };
    assert_eq!(apply(publish(1, 3).to_vec()), (Some(3), 3));
    let mut again = vec![Command::RemoveSchedule { schedule: DATE }];
    again.extend(publish(2, 0));
    assert_eq!(apply(again), (Some(0), 0));
}

#[test]
#[should_panic(expected = "what is shown of the seats of schedule 1")]
fn a_hold_that_the_engine_does_not_have_is_not_shown() {
    let mut engine = Engine::new();
    let views = Views::new(&engine);
    let mut rows = Vec::new();
    engine.apply(1, Time(1), &Batch { commands: publish(1, 3).to_vec() }, &mut rows);
    views.update(&engine, &rows);
    let hold = ReservationRow {
        id: ReservationId(1),
        user: UserId(1),
        schedule: DATE,
        seats: [SeatId(1)].into(),
        amount: 1,
        amounts: Box::default(),
        price_types: Box::default(),
        reserved_at: Time(1),
        reserved_until: Time(2),
        extended: false,
        state: State::Held,
    };
    views.update(&engine, &[Row::Reservation(hold)]);
}
