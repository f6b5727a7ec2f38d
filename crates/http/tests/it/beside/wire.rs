//! Lists that are made of pieces which the node keeps ready, against the types that describe them.

use onsale_domain::command::Command;
use onsale_domain::ids::{KeyId, QueueId, ScheduleId, SeatId, UserId};
use onsale_domain::reply::Reply;
use onsale_http::wire::{Availability, Envelope, Id, Money, Schedule, Seat, SeatPrice, SeatStatus, Section};
use onsale_node::{ScheduleView, in_zone, rfc3339};
use serde::Serialize;
use serde_json::json;

use super::store::Store;

/// Names that JSON has to escape, or that a writer by bytes might harm.
const AWKWARD: &str = "\"Erste\" \\ 첫 빛 </a> 🎟\u{2028}";

/// Two dates, of which the second has one seat. Somebody holds a seat of each.
async fn store() -> Store {
    let store = Store::open();
    let seat = |id: u64, name: &str| json!({"seatId": id, "position": id, "amount": id * 1_000, "section": name, "row": name, "number": id.to_string()});
    let offered =
        json!({"seatId": 5, "position": 5, "amount": 9, "category": AWKWARD, "prices": {"child": 5, "senior": 0}});
    let place = json!({"seatId": 6, "position": 6, "amount": 9, "attributes": ["restrictedView", "wheelchair"]});
    let bare = json!({"seatId": 4, "position": 4, "amount": 0});
    let seats = json!([seat(1, "A"), seat(2, AWKWARD), seat(3, "A"), bare, offered, place]);
    let types = ["adult", "child", "senior"].map(|name| json!({"priceType": name}));
    let date = |id: u64, seats: &serde_json::Value| json!({"scheduleId": id, "priceTypes": types, "startsAt": "2027-05-01T19:00:00", "endsAt": "2027-05-01T21:30:00", "seats": seats});
    let schedules = json!([date(1, &seats), date(2, &json!([seat(1, "A")]))]);
    let document = json!({"concerts": [{"concertId": 7, "title": AWKWARD, "schedules": schedules}]});
    store.admin("POST", "/catalog", &document).await.data();
    let user = UserId(1);
    let joined = store.lane.submit(Command::Join { user, queue: QueueId(0), key: KeyId(1) }).await;
    let Ok(Reply::Joined(joined)) = joined else { panic!("{joined:?}") };
    for (schedule, seat) in [(1, 2), (2, 1)] {
        let (schedule, seats) = (ScheduleId(schedule), vec![SeatId(seat)]);
        let hold = Command::Reserve { ticket: joined.ticket, user, schedule, seats, key: None };
        store.lane.submit(hold).await.expect("the seat is free");
    }
    store
}

fn as_described<T: Serialize>(list: Vec<T>) -> String {
    serde_json::to_string(&Envelope::around(list)).expect("a list is JSON")
}

fn text(pieces: &[bytes::Bytes]) -> String {
    String::from_utf8(pieces.concat()).expect("JSON is text")
}

fn schedule(view: &ScheduleView) -> Schedule {
    let (starts, ends) = (in_zone(view.schedule.starts_at, &view.zone), in_zone(view.schedule.ends_at, &view.zone));
    let board = view.board();
    Schedule {
        schedule_id: Id(view.schedule.id.0),
        concert_title: view.concert.title.clone(),
        open_date: starts.strftime("%Y-%m-%d").to_string(),
        start_time: starts.strftime("%H:%M").to_string(),
        end_time: ends.strftime("%H:%M").to_string(),
        seat_status: if board.available() == 0 { Availability::SoldOut } else { Availability::Available },
        concert_id: Id(view.concert.id.0),
        starts_at: rfc3339(&starts),
        ends_at: rfc3339(&ends),
        on_sale_at: view.schedule.on_sale_at.map(|at| view.local(at)),
        off_sale_at: view.schedule.off_sale_at.map(|at| view.local(at)),
        sale_closed: view.closed,
        total_seats: board.total(),
        available_seats: board.available(),
    }
}

#[tokio::test]
async fn dates_are_listed_as_their_type_says() {
    let store = store().await;
    let views = store.shared.node.views();
    let dates: Vec<Schedule> = views.catalog().schedules.values().map(|view| schedule(view)).collect();
    assert_eq!(dates.len(), 2);
    let (listing, _) = views.listing(QueueId(0), None);
    assert_eq!(text(std::slice::from_ref(&listing.json)), as_described(dates));
}

#[tokio::test]
async fn seats_and_sections_are_listed_as_their_types_say() {
    let store = store().await;
    let views = store.shared.node.views();
    let board = views.catalog().schedules[&ScheduleId(1)].board();
    let price = |price: &onsale_domain::concert::Price| SeatPrice {
        price_type: price.price_type.to_string(),
        amount: Money(price.amount),
    };
    let attribute = |name| serde_json::from_value(json!(name)).expect("every attribute has a name on the wire");
    let seat = |spec: &onsale_domain::concert::SeatSpec, status| Seat {
        seat_id: Id(spec.seat.0),
        position: spec.position,
        amount: Money(spec.amount),
        seat_status: match status {
            onsale_node::SeatStatus::Available => SeatStatus::Available,
            onsale_node::SeatStatus::TempReserved => SeatStatus::TempReserved,
            onsale_node::SeatStatus::Reserved | onsale_node::SeatStatus::Withheld => SeatStatus::Reserved,
        },
        section: spec.section.clone(),
        row: spec.row.clone(),
        number: spec.number.clone(),
        category: spec.terms.as_ref().and_then(|terms| terms.category.clone()),
        prices: spec.terms.iter().flat_map(|terms| &terms.prices).map(price).collect(),
        attributes: spec.attributes().names().map(attribute).collect(),
    };
    let seats: Vec<Seat> = board.statuses().map(|(spec, status)| seat(spec, status)).collect();
    assert_eq!(text(&board.json(None).0), as_described(seats));
    assert_eq!(text(&board.json(Some("nothing")).0), as_described(Vec::<Seat>::new()));
    let section = |name: Option<&str>, total_seats, available_seats| Section {
        section: name.map(str::to_owned),
        total_seats,
        available_seats,
    };
    let sections = vec![section(Some("A"), 2, 2), section(Some(AWKWARD), 1, 0), section(None, 3, 3)];
    assert_eq!(text(&[board.sections_json().0]), as_described(sections));
}
