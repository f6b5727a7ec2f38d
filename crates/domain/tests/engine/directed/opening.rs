//! Queues that open and close by themselves, and sales that do.

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::Schedule;
use onsale_domain::ids::{EventId, KeyId, QueueId, ScheduleId, UploadId};
use onsale_domain::operator::{Kind, NewsRow, Operator};
use onsale_domain::queue::{Mode, Opening, Phase, Status};
use onsale_domain::reply::{CatalogRefusal, Refusal, Reply};
use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use super::patient;
use crate::shop::{self, QUEUE, Shop, ticket};

/// Moments from the shop's present on: the pre-queue in a second, the opening in ten, the end in a hundred.
fn hours(shop: &Shop) -> Opening {
    let at = |ms| Some(Time(shop.now + ms));
    Opening { prequeue_at: at(1_000), opens_at: at(10_000), closes_at: at(100_000) }
}

fn set(opening: Opening) -> Command {
    Command::SetOpening { queue: QUEUE, opening }
}

/// A shop that has its moments, with so many slots; and the moments.
fn shop(active_limit: u32) -> (Shop, Opening) {
    let mut shop = Shop::open(patient(active_limit), Settings::default(), 3);
    let hours = hours(&shop);
    assert_eq!(shop.one(set(hours)), Ok(Reply::Done));
    (shop, hours)
}

impl Shop {
    fn phase(&self) -> Phase {
        self.engine.queues()[0].phase()
    }

    fn status(&self, number: u32) -> Option<Status> {
        self.engine.queues()[0].ticket(number).map(|(_, state)| state.status())
    }

    /// Goes on to so many milliseconds after a moment of its own.
    fn go(&mut self, moment: Option<Time>, after: i64) {
        self.now = moment.expect("it was set").0.saturating_add_signed(after);
    }
}

fn news(rows: &[Row]) -> Vec<NewsRow> {
    rows.iter().filter_map(|row| if let Row::News(row) = row { Some(row.clone()) } else { None }).collect()
}

#[test]
fn each_phase_begins_at_its_millisecond_before_the_commands_of_its_batch() {
    let (mut shop, hours) = shop(2);
    assert_eq!(shop.phase(), Phase::Closed);
    let early = Refusal::QueueNotYetOpen { at: hours.prequeue_at.unwrap(), in_ms: 1_000 };
    assert_eq!(shop.one(shop::join(1)), Err(early));
    shop.go(hours.prequeue_at, -1);
    let early = Refusal::QueueNotYetOpen { at: hours.prequeue_at.unwrap(), in_ms: 1 };
    assert_eq!(shop.one(shop::join(1)), Err(early));
    shop.go(hours.prequeue_at, 0);
    let outcomes = shop.all((1..=3).map(shop::join).collect());
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!((shop.phase(), shop.status(0)), (Phase::Prequeue, Some(Status::Waiting)));
    shop.go(hours.opens_at, -1);
    shop.tick();
    assert_eq!(shop.engine.queues()[0].active(), 0, "nobody is admitted a millisecond early");
    assert_eq!(shop.engine.next_deadline(), hours.opens_at.unwrap());
    shop.restart();
    shop.go(hours.opens_at, 0);
    shop.all(vec![shop::join(4)]);
    let statuses = [0, 1, 2, 3].map(|number| shop.status(number));
    let [inside, waits] = [Some(Status::Progress), Some(Status::Waiting)];
    assert_eq!(statuses, [inside, inside, waits, waits], "in order of joining, and who joins with the opening is last");
    assert_eq!(shop.engine.queues()[0].position(3), 2);
}

#[test]
fn who_is_silent_before_the_opening_is_not_passed_over_until_long_after_it() {
    let settings = QueueSettings { active_limit: 1, waiting_ttl_ms: 1_000, ..patient(1) };
    let mut shop = Shop::open(settings, Settings::default(), 1);
    let hours = Opening { closes_at: None, ..hours(&shop) };
    shop.all(vec![set(hours)]);
    shop.go(hours.prequeue_at, 0);
    shop.all((1..=3).map(shop::join).collect());
    // Somebody else is heard of all the time, so that no gap excuses anybody.
    while shop.now < hours.opens_at.unwrap().0 + 900 {
        shop.now += 100;
        shop.all(vec![shop::seen([2])]);
    }
    shop.all(vec![Command::Leave { ticket: ticket(0), user: None }]);
    assert_eq!(shop.status(1), Some(Status::Progress), "nine seconds of silence before the opening are nothing");
    let leave = Command::Leave { ticket: ticket(1), user: None };
    shop.all(vec![shop::join(4)]);
    while shop.now < hours.opens_at.unwrap().0 + 2_100 {
        shop.now += 100;
        shop.all(vec![shop::seen([2])]);
    }
    shop.all(vec![leave]);
    assert_eq!(shop.status(2), Some(Status::Progress));
    shop.all(vec![Command::Leave { ticket: ticket(2), user: None }]);
    assert_eq!(shop.engine.queues()[0].active(), 0, "silence after the opening counts");
}

#[test]
fn a_paused_queue_that_opens_stays_paused() {
    let (mut shop, hours) = shop(2);
    let mode = |mode| Command::ConfigureQueue { queue: QUEUE, settings: None, mode: Some(mode) };
    shop.all(vec![mode(Mode::Paused)]);
    shop.go(hours.prequeue_at, 0);
    shop.all(vec![shop::join(1)]);
    shop.go(hours.opens_at, 5);
    shop.tick();
    assert_eq!((shop.phase(), shop.status(0)), (Phase::Open, Some(Status::Waiting)));
    shop.all(vec![mode(Mode::Open)]);
    assert_eq!(shop.status(0), Some(Status::Progress));
    shop.all(vec![mode(Mode::Closed)]);
    shop.go(hours.closes_at, 0);
    assert_eq!(shop.one(shop::join(9)), Err(Refusal::QueueClosed), "the lever's word comes first");
}

#[test]
fn at_the_end_who_is_inside_goes_on_and_who_waits_is_done() {
    let (mut shop, hours) = shop(1);
    shop.go(hours.prequeue_at, 0);
    shop.all((1..=3).map(shop::join).collect());
    shop.go(hours.opens_at, 0);
    shop.tick();
    shop.go(hours.closes_at, -1);
    shop.all(vec![shop::join(4)]);
    assert_eq!(shop.status(3), Some(Status::Waiting));
    shop.go(hours.closes_at, 0);
    let (outcomes, rows) = shop.batch(&Batch { commands: vec![shop::join(5), shop::join(2), shop::join(1)] });
    assert_eq!(outcomes[..2], [Err(Refusal::QueueOver), Err(Refusal::QueueOver)]);
    assert!(outcomes[2].is_ok(), "who is inside keeps the place: {outcomes:?}");
    assert_eq!(news(&rows).iter().map(|news| news.kind).collect::<Vec<_>>(), [Kind::QueueClosed]);
    shop.restart();
    let statuses = [0, 1, 2, 3].map(|number| shop.status(number).unwrap());
    assert_eq!(statuses, [Status::Progress, Status::Expired, Status::Expired, Status::Expired]);
    shop.hold(0, 1, 1);
    shop.all(vec![Command::Leave { ticket: ticket(0), user: None }]);
    assert_eq!(shop.engine.queues()[0].active(), 0);
}

#[test]
fn a_crowd_that_waited_in_vain_is_ended_batch_by_batch_and_nobody_gets_by() {
    let (mut shop, hours) = shop(1);
    shop.go(hours.prequeue_at, 0);
    shop.crowd(25_000);
    shop.go(hours.closes_at, 0);
    shop.tick();
    assert_eq!(shop.engine.queues()[0].line().len(), 15_000, "so many at once, and no more");
    assert!(shop.engine.next_deadline().0 <= shop.now, "the rest is due");
    shop.restart();
    assert!(shop.engine.next_deadline().0 <= shop.now);
    shop.now += 1;
    assert_eq!(shop.all(vec![Command::Tick, shop::join(24_999)])[1], Err(Refusal::QueueOver));
    shop.now += 1;
    shop.tick();
    assert_eq!((shop.engine.queues()[0].line().len(), shop.engine.next_deadline()), (0, Time::NEVER));
}

#[test]
fn moments_that_are_taken_away_leave_nothing_behind() {
    let mut shop = Shop::open(patient(1), Settings::default(), 1);
    let before = shop.engine.mark().fingerprint;
    let hours = hours(&shop);
    shop.all(vec![set(hours)]);
    assert_ne!(shop.engine.mark().fingerprint, before);
    assert_eq!(shop.engine.next_deadline(), hours.prequeue_at.unwrap());
    shop.all(vec![set(Opening::default())]);
    assert_eq!((shop.engine.mark().fingerprint, shop.engine.next_deadline()), (before, Time::NEVER));
    assert_eq!(shop.phase(), Phase::Open);
}

#[test]
fn a_queue_that_was_open_may_be_put_off_and_an_end_in_the_past_is_refused() {
    let (mut shop, hours) = shop(1);
    shop.go(hours.opens_at, 0);
    shop.all(vec![shop::join(1), shop::join(2)]);
    let later = Opening { opens_at: Some(Time(shop.now + 50)), ..hours };
    shop.all(vec![set(later), Command::Leave { ticket: ticket(0), user: None }]);
    assert_eq!((shop.phase(), shop.status(1)), (Phase::Prequeue, Some(Status::Waiting)), "the place is kept");
    let ended = Opening { closes_at: Some(Time(shop.now)), opens_at: None, ..hours };
    assert_eq!(shop.one(set(ended)), Err(Refusal::SettingInvalid("closesAt")));
    let backwards = Opening { opens_at: hours.prequeue_at, ..hours };
    assert_eq!(shop.one(set(backwards)), Err(Refusal::SettingInvalid("opensAt")));
    assert_eq!(shop.one(Command::SetOpening { queue: QueueId(9), opening: hours }), Err(Refusal::QueueNotFound));
    shop.now += 50;
    shop.tick();
    assert_eq!(shop.status(1), Some(Status::Progress));
    shop.go(hours.closes_at, 0);
    shop.tick();
    assert_eq!(shop.phase(), Phase::Over);
    // The end that has come may be said again, as who changes another moment does; and it may be put off.
    shop.all(vec![set(Opening { prequeue_at: None, ..hours })]);
    assert_eq!(shop.phase(), Phase::Over);
    shop.all(vec![set(Opening { closes_at: None, ..hours })]);
    assert_eq!(shop.phase(), Phase::Open);
    assert!(shop.one(shop::join(7)).is_ok());
}

#[test]
fn what_time_brings_about_is_told_behind_what_commands_do() {
    let (mut shop, hours) = shop(1);
    let vip = QueueId(1);
    shop.all(vec![
        Command::OpenQueue { name: "vip".to_owned() },
        Command::SetOpening { queue: vip, opening: Opening { opens_at: hours.opens_at, ..Opening::default() } },
        Command::SetSaleTimes { schedule: ScheduleId(1), on_sale_at: hours.opens_at, off_sale_at: None },
    ]);
    shop.go(hours.opens_at, 0);
    let by = Operator { key: KeyId(9), name: None };
    let pause = Command::ConfigureQueue { queue: QUEUE, settings: None, mode: Some(Mode::Paused) };
    let (_, rows) = shop.batch(&Batch { commands: vec![Command::Operate { by, command: Box::new(pause) }] });
    let seq = shop.engine.mark().seq;
    let told: Vec<_> = news(&rows).iter().map(|news| (news.id, news.kind, news.queue, news.schedule)).collect();
    let due = |before: u16| EventId::new(seq, u16::MAX - before);
    assert_eq!(
        told,
        [
            (EventId::new(seq, 0), Kind::QueuePaused, Some(QUEUE), None),
            (due(2), Kind::SaleOpen, Some(QUEUE), Some(ScheduleId(1))),
            (due(1), Kind::QueueOpen, Some(QUEUE), None),
            (due(0), Kind::QueueOpen, Some(vip), None),
        ]
    );
}

#[test]
fn seats_are_held_from_the_first_millisecond_of_a_sale_until_before_its_last() {
    let mut shop = Shop::open(patient(5), Settings::default(), 3);
    shop.all(vec![shop::join(1)]);
    let [on_sale_at, off_sale_at] = [1_000, 2_000].map(|ms| Some(Time(shop.now + ms)));
    let times = |on_sale_at, off_sale_at| Command::SetSaleTimes { schedule: ScheduleId(1), on_sale_at, off_sale_at };
    shop.all(vec![times(on_sale_at, off_sale_at)]);
    let early = Refusal::SaleNotYetOpen { at: on_sale_at.unwrap(), in_ms: 1_000 };
    assert_eq!(shop.one(shop::reserve(0, 1, 1)), Err(early));
    assert_eq!(shop.engine.next_deadline(), on_sale_at.unwrap());
    shop.restart();
    shop.go(on_sale_at, 0);
    let (outcomes, rows) = shop.batch(&Batch { commands: vec![shop::reserve(0, 1, 1)] });
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    let is_shown = |row: &Row| matches!(row, Row::Schedule(row) if row.schedule.id == ScheduleId(1));
    assert!(rows.iter().any(is_shown), "lists are made anew");
    assert_eq!(news(&rows).iter().map(|news| news.kind).collect::<Vec<_>>(), [Kind::SaleOpen]);
    shop.go(off_sale_at, -1);
    let last = shop.hold(0, 1, 2);
    shop.go(off_sale_at, 0);
    assert_eq!(shop.one(shop::reserve(0, 1, 3)), Err(Refusal::SaleOver));
    shop.all(vec![shop::charge(1, 100)]);
    assert!(shop.one(shop::pay(1, last)).is_ok(), "who holds a seat can pay it");
    assert_eq!(shop.one(times(off_sale_at, on_sale_at)), Err(Refusal::SettingInvalid("offSaleAt")));
    // The payment ended the session.
    shop.all(vec![times(None, None), shop::join(1)]);
    shop.hold(1, 1, 3);
}

#[test]
fn a_catalog_that_says_nothing_of_a_sale_s_moments_leaves_them_as_they_were_set() {
    let mut shop = Shop::open(patient(5), Settings::default(), 3);
    let [on_sale_at, off_sale_at] = [1_000, 2_000].map(|ms| Some(Time(shop.now + ms)));
    let publish = |shop: &mut Shop, schedule: Schedule| {
        let (upload, part) = (UploadId(2), CatalogPart { schedules: vec![schedule], ..CatalogPart::default() });
        let discard = Command::Discard { upload };
        shop.all(vec![discard, Command::Stage { upload, part }, Command::Publish { upload }]).remove(2)
    };
    let plain = shop::schedule(1, 1);
    assert!(publish(&mut shop, Schedule { on_sale_at, ..plain.clone() }).is_ok());
    assert!(publish(&mut shop, Schedule { off_sale_at, ..plain.clone() }).is_ok());
    assert!(publish(&mut shop, plain.clone()).is_ok());
    shop.all(vec![shop::join(1)]);
    let early = Refusal::SaleNotYetOpen { at: on_sale_at.unwrap(), in_ms: 1_000 };
    assert_eq!(shop.one(shop::reserve(0, 1, 1)), Err(early));
    shop.restart();
    let backwards = publish(&mut shop, Schedule { on_sale_at: off_sale_at, ..plain });
    let refusal = CatalogRefusal::SaleEndsBeforeStart { schedule: ScheduleId(1) };
    assert_eq!(backwards, Err(Refusal::Catalog(refusal)));
    shop.all(vec![Command::RemoveSchedule { schedule: ScheduleId(1) }]);
    shop.go(off_sale_at, 0);
    let (_, rows) = shop.batch(&Batch { commands: vec![Command::Tick] });
    assert_eq!(news(&rows), [], "of a schedule that is gone nothing is told");
}
