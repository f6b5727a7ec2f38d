//! The encoding of events: a feed is read by later programs than the one that wrote it.

use onsale_domain::feed::{End, Entry, Event, Hold, Sold, Token};
use onsale_domain::ids::{
    ConcertId, EventId, KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, TicketId, TransferId, UserId,
};
use onsale_domain::operator::{Action, Kind, Text};
use onsale_domain::time::Time;
use onsale_domain::user::Account;

use super::{check, to_hex};

fn events() -> Vec<Event> {
    let hold = Hold {
        reservation: ReservationId(12),
        user: UserId((1 << 53) - 1),
        schedule: ScheduleId(3),
        seats: vec![SeatId(4), SeatId(500)],
        amount: 90_000,
        price_types: vec!["adult".into(), "child".into()],
        until: Time(1_795_392_300_000),
    };
    let sold = Sold {
        payment: PaymentId(7),
        reservation: ReservationId(12),
        user: UserId(9),
        schedule: ScheduleId(3),
        seats: vec![SeatId(4)],
    };
    let (schedule, seats, text) = (ScheduleId(3), vec![SeatId(1), SeatId(2)], Text::default());
    let transfer = |payment: Option<u64>, reference: Option<&str>| Event::TransferMade {
        transfer: TransferId(5),
        debit: Account::Cash,
        credit: if payment.is_some() { Account::Sales } else { Account::Wallet(UserId(9)) },
        amount: 1,
        payment: payment.map(PaymentId),
        reference: reference.map(str::to_owned),
    };
    let mut all = vec![
        Event::FeedBegan { level: 8 },
        Event::HoldMade(hold.clone()),
        Event::HoldExtended(hold.clone()),
        Event::PaymentMade { sold: sold.clone(), amount: 90_000, price_types: Vec::new() },
        Event::PassesIssued(sold),
        transfer(Some(7), None),
        transfer(None, Some("gift-1")),
        Event::SeatsWithheld { schedule, seats: seats.clone() },
        Event::SeatsGivenBack { schedule, seats },
        Event::ScheduleChanged {
            schedule,
            concert: ConcertId(1),
            starts_at: Time(1),
            ends_at: Time(2),
            on_sale_at: None,
            off_sale_at: Some(Time(3)),
            closed: true,
        },
        Event::SeatsPublished { schedule, runs: vec![(SeatId(1), SeatId(50))] },
        Event::ScheduleRemoved { schedule },
        Event::LeverMoved {
            lever: EventId::new(3, 1),
            key: KeyId(u32::MAX),
            action: Action::GiveSeatsBack,
            target: "schedule 3".to_owned(),
            before: String::new(),
            after: String::new(),
        },
    ];
    let ends = [End::Lapsed, End::Cancelled, End::Released];
    all.extend(ends.map(|how| Event::HoldEnded { how, hold: hold.clone() }));
    let kinds = [
        Kind::Message,
        Kind::SoldOut,
        Kind::QueueClosed,
        Kind::QueuePaused,
        Kind::QueueOpen,
        Kind::SaleClosed,
        Kind::SaleOpen,
    ];
    all.extend(kinds.map(|kind| Event::News { kind, queue: Some(QueueId(0)), schedule: None, text: text.clone() }));
    let ticket = TicketId { queue: QueueId(1), number: 70_000 };
    let tokens = [Token::Issued, Token::Admitted, Token::PassedOver, Token::Returned, Token::Done, Token::Expired];
    all.extend(tokens.map(|became| Event::Token { became, ticket, user: UserId(9) }));
    all.push(Event::UserErased { user: UserId((1 << 52) + 1), at: Time(1_795_392_000_000) });
    all
}

#[test]
fn every_event_is_encoded_as_ever_and_decodes_to_what_it_was() {
    let entries = events().into_iter().map(|event| Entry {
        seq: 4_711,
        time: Time(1_795_392_000_000),
        proof: 0x9f86_d081,
        events: vec![event],
    });
    let mut whole = Vec::new();
    let lines: Vec<String> = entries
        .map(|entry| {
            let bytes = minicbor::to_vec(&entry).expect("memory takes it");
            assert_eq!(Entry::decode_all(&bytes).expect("it decodes"), std::slice::from_ref(&entry));
            whole.extend_from_slice(&bytes);
            let name = format!("{:?}", entry.events[0]);
            let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            format!("{name} {}", to_hex(&bytes))
        })
        .collect();
    check("events.txt", &lines, "feeds that are stored could not be read");
    assert_eq!(Entry::decode_all(&whole).expect("one behind the other").len(), lines.len());
    whole.pop();
    Entry::decode_all(&whole).expect_err("a piece that is torn is none");
}
