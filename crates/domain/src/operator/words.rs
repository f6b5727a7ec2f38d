//! What levers change, in the words of the record.

use crate::codes::CampaignRules;
use crate::concert::{Orphans, Published, SaleTimes};
use crate::ids::{ReservationId, ScheduleId, SeatId, UserId};
use crate::queue::{LetGo, Mode, Opening, Phase, hex};
use crate::settings::{QueueSettings, Settings};
use crate::time::Time;

use super::change::{Change, Rules};
use super::{Role, Text};

/// A change in words: on what, how that was, and how it is.
pub(super) struct Words {
    pub(super) target: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// Names and values.
type Fields = Vec<(&'static str, String)>;

pub(super) fn of(change: &Change) -> Words {
    match change {
        Change::CatalogPublished { upload, published: Published { schedules, seats } } => {
            done(format!("upload {upload}"), format!("schedules {schedules}, seats {seats}"))
        }
        Change::UploadDiscarded { upload } => done(format!("upload {upload}"), String::new()),
        Change::QueueOpened { name, was_there } => {
            differing(format!("queue {name}"), vec![("exists", was_there.to_string())], vec![("exists", "true".into())])
        }
        Change::QueueChanged { queue: _, name, before, after } => {
            differing(format!("queue {name}"), rules(before), rules(after))
        }
        Change::OpeningChanged { queue: _, name, before, after } => {
            differing(format!("queue {name}"), opening(before), opening(after))
        }
        Change::OrderChanged { queue: _, name, before, after } => {
            differing(format!("queue {name}"), order(before.as_ref()), order(after.as_ref()))
        }
        Change::BeaconGiven { queue, beacon } => done(format!("queue {queue}"), format!("beacon {beacon}")),
        Change::SettingsChanged { before, after } => differing("store".to_owned(), store(before), store(after)),
        Change::SaleChanged { schedule, was_closed, is_closed } => {
            let closed = |closed: &bool| vec![("closed", closed.to_string())];
            differing(format!("schedule {schedule}"), closed(was_closed), closed(is_closed))
        }
        Change::SaleTimesChanged { schedule, before, after } => {
            differing(format!("schedule {schedule}"), sale_times(before), sale_times(after))
        }
        Change::OrphansChanged { schedule, was, is } => {
            let orphans = |orphans: &Orphans| vec![("orphans", orphans_name(*orphans).to_owned())];
            differing(format!("schedule {schedule}"), orphans(was), orphans(is))
        }
        Change::HoldReleased { reservation, user, schedule, seats, reason } => {
            let target = booking(*reservation, *user, *schedule, seats);
            let why = reason.as_ref().map_or_else(String::new, |reason| format!(", reason: {reason}"));
            Words { target, before: "state held".to_owned(), after: format!("state released{why}") }
        }
        Change::TicketsReissued { reservation, user, schedule, seats, reason } => Words {
            target: booking(*reservation, *user, *schedule, seats),
            before: "tickets valid".to_owned(),
            after: format!("tickets replaced, reason: {reason}"),
        },
        Change::SeatsWithheld { schedule, seats, reason } => {
            Words { before: String::new(), ..of_seats(*schedule, seats, "withheld", reason) }
        }
        Change::SeatsGivenBack { schedule, seats, reason } => of_seats(*schedule, seats, "on sale", reason),
        Change::ScheduleRemoved { schedule } => {
            let target = format!("schedule {schedule}");
            Words { target, before: "exists true".to_owned(), after: "exists false".to_owned() }
        }
        Change::MessageSent { queue, text: Text { en, ko } } => {
            let to = queue.as_ref().map_or_else(|| "everybody".to_owned(), |queue| format!("queue {queue}"));
            let said = [("en", en), ("ko", ko)];
            let said = said.into_iter().filter_map(|(language, text)| Some(format!("{language}: {}", text.as_ref()?)));
            done(format!("{to}: {}", said.collect::<Vec<_>>().join(" / ")), String::new())
        }
        Change::SilentLetGo { queue, silent_ms, gone: LetGo { sessions, holding } } => done(
            format!("queue {queue}, silent for {}", duration(*silent_ms)),
            format!("let go {sessions}, of them {holding} who hold a seat"),
        ),
        Change::SessionEnded { queue, user } => done(format!("queue {queue}, user {user}"), String::new()),
        Change::TokensRevoked { user } => done(format!("user {user}"), String::new()),
        Change::PersonErased { user, force } => done(
            user.map_or_else(|| "somebody who was erased before".to_owned(), |user| format!("user {user}")),
            if *force { "erased, with money and tickets".to_owned() } else { "erased".to_owned() },
        ),
        Change::OperatorAdded { name, role } => done(format!("operator {name}"), format!("role {}", role_name(*role))),
        Change::OperatorRemoved { name, role } => {
            let before = format!("role {}", role_name(*role));
            Words { target: format!("operator {name}"), before, after: String::new() }
        }
        Change::CampaignChanged { name, before, after } => {
            let (before, after) = (before.as_ref().map(campaign).unwrap_or_default(), campaign(after));
            let nothing = after.iter().map(|(name, _)| (*name, String::new()));
            let is_new = before.is_empty();
            let words = differing(format!("campaign {name}"), if is_new { nothing.collect() } else { before }, after);
            if is_new { Words { before: String::new(), ..words } } else { words }
        }
        Change::CodesAdded { name, first, added } => {
            done(format!("campaign {name}"), format!("codes {added}, from number {first}"))
        }
        Change::WebhookChanged { webhook, before, after } => {
            Words { target: format!("webhook {webhook}"), before: before.clone(), after: after.clone() }
        }
        Change::PlaceGiven { user, queue } => done(
            user.map_or_else(|| "user".to_owned(), |user| format!("user {user}")),
            format!("place in queue {queue}"),
        ),
        Change::StoreRestored { entry, lost_from, lost_until, numbers } => {
            let lost = format!("lost from {} until {}", moment(Some(*lost_from)), moment(Some(*lost_until)));
            done(format!("store, at entry {entry}"), format!("{lost}, numbers passed over {numbers}"))
        }
    }
}

/// A reservation, and whose it is.
fn booking(reservation: ReservationId, user: UserId, schedule: ScheduleId, seats: &[SeatId]) -> String {
    let seats = seats.iter().map(SeatId::to_string).collect::<Vec<_>>().join(" ");
    format!("reservation {reservation} (user {user}, schedule {schedule}, seat {seats})")
}

/// What was nothing before.
fn done(target: String, after: String) -> Words {
    Words { target, before: String::new(), after }
}

/// Seats that are held back, or are not any more.
fn of_seats(schedule: ScheduleId, seats: &[SeatId], state: &str, reason: &str) -> Words {
    Words {
        target: format!("schedule {schedule}, seats {}", runs(seats)),
        before: "state withheld".to_owned(),
        after: format!("state {state}, seats {}, reason: {reason}", seats.len()),
    }
}

/// Seats as runs of their numbers: a block of a hundred is not a hundred numbers to read.
fn runs(seats: &[SeatId]) -> String {
    let mut sorted: Vec<u64> = seats.iter().map(|seat| seat.0).collect();
    sorted.sort_unstable();
    let run = |run: &[u64]| match run {
        [first, .., last] => format!("{first}-{last}"),
        run => run.iter().map(u64::to_string).collect(),
    };
    sorted.chunk_by(|a, b| a + 1 == *b).map(run).collect::<Vec<_>>().join(", ")
}

/// The fields whose values differ. Both sides have the same fields.
fn differing(target: String, before: Fields, after: Fields) -> Words {
    let (mut was, mut is) = (Vec::new(), Vec::new());
    for ((name, old), (_, new)) in before.into_iter().zip(after) {
        if old != new {
            was.push(format!("{name} {old}"));
            is.push(format!("{name} {new}"));
        }
    }
    Words { target, before: was.join(", "), after: is.join(", ") }
}

fn rules(rules: &Rules) -> Fields {
    let Rules { mode, settings } = rules;
    let mode = match mode {
        Mode::Open => "OPEN",
        Mode::Paused => "PAUSED",
        Mode::Draining => "DRAINING",
        Mode::Closed => "CLOSED",
    };
    let mut fields = vec![("mode", mode.to_owned())];
    fields.extend(queue(settings));
    fields
}

fn opening((opening, phase): &(Opening, Phase)) -> Fields {
    let Opening { prequeue_at, opens_at, closes_at } = *opening;
    let phase = match phase {
        Phase::Closed => "CLOSED",
        Phase::Prequeue => "PREQUEUE",
        Phase::Open => "OPEN",
        Phase::Over => "OVER",
    };
    vec![
        ("prequeueAt", moment(prequeue_at)),
        ("opensAt", moment(opens_at)),
        ("closesAt", moment(closes_at)),
        ("phase", phase.to_owned()),
    ]
}

fn order(commitment: Option<&[u8; 32]>) -> Fields {
    let order = if commitment.is_some() { "draw" } else { "fifo" };
    let commitment = commitment.map_or_else(|| "none".to_owned(), hex);
    vec![("order", order.to_owned()), ("commitment", commitment)]
}

fn campaign((queue, rules): &(String, CampaignRules)) -> Fields {
    let CampaignRules { from, until, tier, seats, uses, required, stopped } = *rules;
    vec![
        ("queue", queue.clone()),
        ("from", moment(from)),
        ("until", moment(until)),
        ("tier", limit(tier.map(u32::from))),
        ("seats", limit(seats)),
        ("uses", uses.to_string()),
        ("required", required.to_string()),
        ("stopped", stopped.to_string()),
    ]
}

fn sale_times(times: &SaleTimes) -> Fields {
    let SaleTimes { on_sale_at, off_sale_at } = *times;
    vec![("onSaleAt", moment(on_sale_at)), ("offSaleAt", moment(off_sale_at))]
}

fn store(settings: &Settings) -> Fields {
    let Settings {
        hold_ttl_ms,
        hold_limit_per_user,
        charge_limit,
        queue: defaults,
        seats_per_user,
        seats_per_user_per_concert,
        hold_extend_ms,
    } = settings;
    let mut fields = vec![
        ("holdTtl", duration(*hold_ttl_ms)),
        ("holdLimitPerUser", hold_limit_per_user.to_string()),
        ("chargeLimit", charge_limit.to_string()),
    ];
    fields.extend(queue(defaults));
    fields.push(("seatsPerUser", limit(*seats_per_user)));
    fields.push(("seatsPerUserPerConcert", limit(*seats_per_user_per_concert)));
    fields.push(("holdExtend", duration(hold_extend_ms.unwrap_or(0))));
    fields
}

fn queue(settings: &QueueSettings) -> Fields {
    let QueueSettings {
        active_limit,
        admit_per_second,
        session_ttl_ms,
        waiting_ttl_ms,
        waiting_grace_ms,
        session_idle_ms,
        proof_bits,
        network_places,
        session_max_ms,
    } = settings;
    vec![
        ("activeLimit", active_limit.to_string()),
        ("admitPerSecond", limit(*admit_per_second)),
        ("sessionTtl", duration(*session_ttl_ms)),
        ("waitingTtl", duration(*waiting_ttl_ms)),
        ("waitingGrace", duration(*waiting_grace_ms)),
        ("sessionIdle", duration(session_idle_ms.unwrap_or(0))),
        ("proofBits", proof_bits.unwrap_or(0).to_string()),
        ("networkPlaces", network_places.unwrap_or(0).to_string()),
        ("sessionMax", duration(session_max_ms.unwrap_or(0))),
    ]
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Viewer => "VIEWER",
        Role::Gate => "GATE",
        Role::Desk => "DESK",
        Role::Finance => "FINANCE",
        Role::Admin => "ADMIN",
        Role::Shop => "SHOP",
    }
}

/// As they are written in catalogs.
fn orphans_name(orphans: Orphans) -> &'static str {
    match orphans {
        Orphans::Allow => "allow",
        Orphans::Prefer => "prefer",
        Orphans::Refuse => "refuse",
    }
}

fn limit(limit: Option<u32>) -> String {
    limit.map_or_else(|| "none".to_owned(), |limit| limit.to_string())
}

fn moment(at: Option<Time>) -> String {
    at.map_or_else(|| "none".to_owned(), |at| at.to_string())
}

fn duration(ms: u64) -> String {
    if ms.is_multiple_of(1_000) { format!("{}s", ms / 1_000) } else { format!("{ms}ms") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{QueueId, UploadId};

    #[test]
    fn each_change_has_its_words() {
        let check = |change: Change, expected: [&str; 3]| {
            let Words { target, before, after } = of(&change);
            assert_eq!([target.as_str(), before.as_str(), after.as_str()], expected);
        };
        let (upload, schedule, user) = (UploadId(5), ScheduleId(3), UserId(9));
        check(
            Change::CatalogPublished { upload, published: Published { schedules: 2, seats: 7 } },
            ["upload 5", "", "schedules 2, seats 7"],
        );
        check(Change::UploadDiscarded { upload }, ["upload 5", "", ""]);
        let opened = |was_there| Change::QueueOpened { name: "vip".to_owned(), was_there };
        check(opened(false), ["queue vip", "exists false", "exists true"]);
        check(opened(true), ["queue vip", "", ""]);
        let sale = |was_closed, is_closed| Change::SaleChanged { schedule, was_closed, is_closed };
        check(sale(false, true), ["schedule 3", "closed false", "closed true"]);
        check(sale(true, true), ["schedule 3", "", ""]);
        let orphans = |was, is| Change::OrphansChanged { schedule, was, is };
        check(orphans(Orphans::Prefer, Orphans::Refuse), ["schedule 3", "orphans prefer", "orphans refuse"]);
        check(orphans(Orphans::Allow, Orphans::Allow), ["schedule 3", "", ""]);
        let released = |reason: Option<&str>| {
            let (seats, reason) = ([SeatId(1), SeatId(2)].into(), reason.map(str::to_owned));
            Change::HoldReleased { reservation: ReservationId(4), user, schedule, seats, reason }
        };
        let target = "reservation 4 (user 9, schedule 3, seat 1 2)";
        check(released(None), [target, "state held", "state released"]);
        check(released(Some("a mistake")), [target, "state held", "state released, reason: a mistake"]);
        let (reservation, seats, reason) = (ReservationId(4), [SeatId(1), SeatId(2)].into(), "lost phone".to_owned());
        check(
            Change::TicketsReissued { reservation, user, schedule, seats, reason },
            [target, "tickets valid", "tickets replaced, reason: lost phone"],
        );
        let (seats, reason) = ([5, 2, 1, 3, 9].map(SeatId).into(), "sound desk".to_owned());
        check(
            Change::SeatsWithheld { schedule, seats, reason: reason.clone() },
            ["schedule 3, seats 1-3, 5, 9", "", "state withheld, seats 5, reason: sound desk"],
        );
        check(
            Change::SeatsGivenBack { schedule, seats: [SeatId(7)].into(), reason },
            ["schedule 3, seats 7", "state withheld", "state on sale, seats 1, reason: sound desk"],
        );
        check(Change::ScheduleRemoved { schedule }, ["schedule 3", "exists true", "exists false"]);
        let (en, ko) = (Some("Soon".to_owned()), None);
        check(Change::MessageSent { queue: None, text: Text { en, ko } }, ["everybody: en: Soon", "", ""]);
        check(
            Change::SilentLetGo { queue: "vip".to_owned(), silent_ms: 90_500, gone: LetGo { sessions: 3, holding: 1 } },
            ["queue vip, silent for 90500ms", "", "let go 3, of them 1 who hold a seat"],
        );
        check(Change::TokensRevoked { user }, ["user 9", "", ""]);
        check(Change::SessionEnded { queue: "vip".to_owned(), user }, ["queue vip, user 9", "", ""]);
        check(Change::PersonErased { user: Some(user), force: false }, ["user 9", "", "erased"]);
        let opens = Opening { opens_at: Some(Time(1_809_136_800_000)), ..Opening::default() };
        check(
            Change::OpeningChanged {
                queue: QueueId(0),
                name: "vip".to_owned(),
                before: (Opening::default(), Phase::Open),
                after: (opens, Phase::Closed),
            },
            ["queue vip", "opensAt none, phase OPEN", "opensAt 2027-05-01T02:00:00.000Z, phase CLOSED"],
        );
        let name = "vip".to_owned();
        check(
            Change::OrderChanged { queue: QueueId(0), name: name.clone(), before: None, after: Some([0xa5; 32]) },
            [
                "queue vip",
                "order fifo, commitment none",
                "order draw, commitment a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5",
            ],
        );
        check(Change::BeaconGiven { queue: name, beacon: "drand 7".to_owned() }, ["queue vip", "", "beacon drand 7"]);
        let (before, off_sale_at) = (SaleTimes::default(), Some(Time(1_809_136_800_007)));
        check(
            Change::SaleTimesChanged { schedule, before, after: SaleTimes { off_sale_at, ..before } },
            ["schedule 3", "offSaleAt none", "offSaleAt 2027-05-01T02:00:00.007Z"],
        );
        let (name, role) = ("Kim".to_owned(), Role::Desk);
        check(Change::OperatorAdded { name: name.clone(), role }, ["operator Kim", "", "role DESK"]);
        check(Change::OperatorRemoved { name, role }, ["operator Kim", "role DESK", ""]);
        let rules = CampaignRules { tier: Some(1), ..CampaignRules::default() };
        let (queue, stopped) = ("vip".to_owned(), CampaignRules { stopped: true, ..rules });
        let changed = |before, after| Change::CampaignChanged { name: "fans".to_owned(), before, after };
        let of_it = "queue vip, from none, until none, tier 1, seats none, uses 1, required false, stopped false";
        check(changed(None, (queue.clone(), rules)), ["campaign fans", "", of_it]);
        check(
            changed(Some((queue.clone(), rules)), (queue, stopped)),
            ["campaign fans", "stopped false", "stopped true"],
        );
        check(
            Change::CodesAdded { name: "fans".to_owned(), first: 1, added: 500 },
            ["campaign fans", "", "codes 500, from number 1"],
        );
        let (before, after) = ("state ON".to_owned(), "state PAUSED".to_owned());
        check(Change::WebhookChanged { webhook: 2, before, after }, ["webhook 2", "state ON", "state PAUSED"]);
        let (lost_from, lost_until) = (Time(1_809_136_800_000), Time(1_809_136_805_000));
        check(
            Change::StoreRestored { entry: 70, lost_from, lost_until, numbers: 65_000 },
            [
                "store, at entry 70",
                "",
                "lost from 2027-05-01T02:00:00.000Z until 2027-05-01T02:00:05.000Z, numbers passed over 65000",
            ],
        );
        let before = Settings::default();
        let after = Settings { hold_ttl_ms: 60_000, ..before.clone() };
        check(Change::SettingsChanged { before, after }, ["store", "holdTtl 300s", "holdTtl 60s"]);
    }
}
