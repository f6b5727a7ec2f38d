//! What operators do is on record, and those who wait are told what it means for them.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{EventId, KeyId, ReservationId, ScheduleId, UserId};
use onsale_domain::operator::{Action, Kind, LeverRow, NEWS_BYTES_MAX, NewsRow, Operator, Text};
use onsale_domain::queue::Mode;
use onsale_domain::reply::{Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};

use super::patient;
use crate::shop::{self, QUEUE, Shop};

fn by_kim(command: Command) -> Command {
    let by = Operator { key: KeyId(9), name: Some("Kim".to_owned()) };
    Command::Operate { by, command: Box::new(command) }
}

fn levers(rows: &[Row]) -> Vec<LeverRow> {
    rows.iter().filter_map(|row| if let Row::Lever(row) = row { Some(row.clone()) } else { None }).collect()
}

fn news(rows: &[Row]) -> Vec<NewsRow> {
    rows.iter().filter_map(|row| if let Row::News(row) = row { Some(row.clone()) } else { None }).collect()
}

fn shop(seats: u64) -> Shop {
    Shop::open(patient(10), Settings::default(), seats)
}

impl Shop {
    fn operated(&mut self, command: Command) -> (Vec<LeverRow>, Vec<NewsRow>) {
        let (outcomes, rows) = self.batch(&Batch { commands: vec![Command::Tick, by_kim(command)] });
        assert!(outcomes[1].is_ok(), "{outcomes:?}");
        (levers(&rows), news(&rows))
    }
}

#[test]
fn a_lever_is_recorded_with_what_differs_before_and_after() {
    let mut shop = shop(3);
    let settings = QueueSettings { active_limit: 20, admit_per_second: Some(5), ..patient(10) };
    let queue = Command::ConfigureQueue { queue: QUEUE, settings: Some(settings), mode: Some(Mode::Paused) };
    let (levers, _) = shop.operated(queue);
    let [lever] = levers.as_slice() else { panic!("one record: {levers:?}") };
    let seq = shop.engine.mark().seq;
    assert_eq!((lever.id, lever.at.0), (EventId::new(seq, 1), shop.now));
    assert_eq!((lever.by.name.as_deref(), lever.by.key, lever.action), (Some("Kim"), KeyId(9), Action::ChangeQueue));
    assert_eq!(lever.target, "queue default");
    assert_eq!(lever.before, "mode OPEN, activeLimit 10, admitPerSecond none");
    assert_eq!(lever.after, "mode PAUSED, activeLimit 20, admitPerSecond 5");
}

#[test]
fn what_is_refused_leaves_no_record_and_a_command_without_an_operator_neither() {
    let mut shop = shop(3);
    let missing = by_kim(Command::SetSaleClosed { schedule: ScheduleId(77), closed: true });
    let bare = Command::SetSaleClosed { schedule: ScheduleId(1), closed: true };
    let (outcomes, rows) = shop.batch(&Batch { commands: vec![missing, bare] });
    assert_eq!(outcomes, [Err(Refusal::ScheduleNotFound), Ok(Reply::Done)]);
    assert_eq!((levers(&rows), news(&rows)), (vec![], vec![]));
}

#[test]
fn those_who_wait_hear_of_modes_and_sales_that_changed() {
    let mut shop = shop(3);
    let mode = |mode| Command::ConfigureQueue { queue: QUEUE, settings: None, mode: Some(mode) };
    let closed = |closed| Command::SetSaleClosed { schedule: ScheduleId(1), closed };
    let steps = [
        (mode(Mode::Open), None),
        (mode(Mode::Draining), None),
        (mode(Mode::Paused), Some(Kind::QueuePaused)),
        (mode(Mode::Draining), Some(Kind::QueueOpen)),
        (mode(Mode::Closed), Some(Kind::QueueClosed)),
        (mode(Mode::Closed), None),
        (mode(Mode::Open), Some(Kind::QueueOpen)),
        (closed(true), Some(Kind::SaleClosed)),
        (closed(true), None),
        (closed(false), Some(Kind::SaleOpen)),
    ];
    for (command, expected) in steps {
        let (_, news) = shop.operated(command.clone());
        assert_eq!(news.first().map(|news| news.kind), expected, "{command:?}");
        assert!(news.len() <= 1 && news.iter().all(|news| news.queue == Some(QUEUE)), "{news:?}");
    }
}

#[test]
fn the_last_seat_s_payment_is_news_and_no_other_s() {
    let mut shop = shop(2);
    shop.all(vec![shop::join(1), Command::Charge { user: UserId(1), amount: 50_000, key: None }]);
    let holds: Vec<ReservationId> = (1..=2).map(|seat| shop.hold(0, 1, seat)).collect();
    shop.restart();
    let pay = |reservation| Command::Pay { user: UserId(1), reservation, key: None };
    let (_, rows) = shop.batch(&Batch { commands: vec![pay(holds[0])] });
    assert_eq!(news(&rows), vec![]);
    shop.restart();
    let (_, rows) = shop.batch(&Batch { commands: vec![pay(holds[1])] });
    let told = news(&rows);
    let [sold_out] = told.as_slice() else { panic!("one piece of news: {told:?}") };
    assert_eq!((sold_out.kind, sold_out.schedule, sold_out.queue), (Kind::SoldOut, Some(ScheduleId(1)), Some(QUEUE)));
    assert_eq!(sold_out.id, EventId::new(shop.engine.mark().seq, 0));
}

#[test]
fn a_message_is_told_as_it_was_given_or_refused() {
    let mut shop = shop(1);
    let text = Text { en: Some("Ten more minutes".to_owned()), ko: Some("십 분 더".to_owned()) };
    let (levers, news) = shop.operated(Command::Announce { queue: Some(QUEUE), text: text.clone() });
    assert_eq!((news[0].kind, &news[0].text, news[0].queue), (Kind::Message, &text, Some(QUEUE)));
    assert_eq!(levers[0].target, "queue default: en: Ten more minutes / ko: 십 분 더");
    let long = Text { en: Some("x".repeat(NEWS_BYTES_MAX + 1)), ko: None };
    for text in [Text::default(), Text { en: Some("  ".to_owned()), ko: None }, long] {
        let outcome = shop.one(by_kim(Command::Announce { queue: None, text }));
        assert_eq!(outcome, Err(Refusal::SettingInvalid("text")));
    }
    let nobody = Command::Announce { queue: Some(onsale_domain::ids::QueueId(9)), text };
    assert_eq!(shop.one(by_kim(nobody)), Err(Refusal::QueueNotFound));
}
