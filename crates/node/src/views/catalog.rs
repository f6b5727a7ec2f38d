//! What is on sale, as readers see it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, ArcSwapOption};
use bytes::Bytes;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use onsale_domain::concert::{Concert, SalePhase, Schedule};
use onsale_domain::ids::{ConcertId, QueueId, ScheduleId};
use onsale_domain::time::Time;

use super::json::{self, write_text};
use super::seats::Board;

/// One schedule on sale. Its board is swapped when seats change, the rest when the catalog does.
#[derive(Debug)]
pub struct ScheduleView {
    pub schedule: Schedule,
    pub concert: Arc<Concert>,
    pub queue: QueueId,
    /// The operator stopped its sale.
    pub closed: bool,
    /// What its moments make of its sale.
    pub sale: SalePhase,
    pub zone: TimeZone,
    board: Arc<ArcSwap<Board>>,
    /// Its entry in the list of schedules, up to the status.
    head: Bytes,
    /// From behind the status, up to the number of seats that can be had.
    middle: Bytes,
}

impl ScheduleView {
    pub(crate) fn new(
        schedule: Schedule,
        concert: Arc<Concert>,
        queue: QueueId,
        (closed, now): (bool, Time),
        board: Arc<ArcSwap<Board>>,
    ) -> Self {
        // The catalog's edge has checked the zone; a name that this build does not know is shown in UTC.
        let zone = TimeZone::get(&schedule.zone).unwrap_or(TimeZone::UTC);
        let sale = schedule.sale_times().phase_at(now);
        let is_closed = closed || sale != SalePhase::On;
        let (head, middle) = entry(&schedule, &concert, &zone, is_closed, board.load().total());
        Self { schedule, concert, queue, closed, sale, zone, board, head, middle }
    }

    /// A moment in its zone, to the millisecond where it is no whole second.
    #[must_use]
    pub fn local(&self, at: Time) -> String {
        moment(at, &self.zone)
    }

    /// Whether its seats can be held.
    #[must_use]
    pub fn is_on_sale(&self) -> bool {
        !self.closed && self.sale == SalePhase::On
    }

    /// The seats as they are now.
    #[must_use]
    pub fn board(&self) -> Arc<Board> {
        self.board.load_full()
    }

    pub(crate) fn shared_board(&self) -> &Arc<ArcSwap<Board>> {
        &self.board
    }

    fn write(&self, out: &mut Vec<u8>) {
        let available = self.board.load().available();
        out.extend_from_slice(&self.head);
        out.extend_from_slice(if available == 0 { b"SOLD_OUT" } else { b"AVAILABLE" });
        out.extend_from_slice(&self.middle);
        out.extend_from_slice(itoa::Buffer::new().format(available).as_bytes());
        out.push(b'}');
    }
}

/// A moment in a zone. Times come from catalogs that the edge has checked.
#[must_use]
pub fn in_zone(time: Time, zone: &TimeZone) -> ZonedDateTime {
    let ms = i64::try_from(time.0).unwrap_or(i64::MAX);
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX).to_zoned_datetime(zone.clone())
}

/// RFC 3339 with the zone's offset, to the second.
#[must_use]
pub fn rfc3339(time: &ZonedDateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn moment(at: Time, zone: &TimeZone) -> String {
    in_zone(at, zone).strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
}

fn entry(schedule: &Schedule, concert: &Concert, zone: &TimeZone, closed: bool, total: u32) -> (Bytes, Bytes) {
    let (starts, ends) = (in_zone(schedule.starts_at, zone), in_zone(schedule.ends_at, zone));
    let mut head = format!("{{\"scheduleId\":{},\"concertTitle\":", schedule.id).into_bytes();
    write_text(&mut head, Some(&concert.title));
    let local = format!(
        ",\"openDate\":\"{}\",\"startTime\":\"{}\",\"endTime\":\"{}\",\"seatStatus\":\"",
        starts.strftime("%Y-%m-%d"),
        starts.strftime("%H:%M"),
        ends.strftime("%H:%M"),
    );
    head.extend_from_slice(local.as_bytes());
    let mut middle = format!(
        "\",\"concertId\":{},\"startsAt\":\"{}\",\"endsAt\":\"{}\",\"saleClosed\":{closed}",
        schedule.concert,
        rfc3339(&starts),
        rfc3339(&ends),
    );
    for (name, at) in [("onSaleAt", schedule.on_sale_at), ("offSaleAt", schedule.off_sale_at)] {
        if let Some(at) = at {
            middle.push_str(&format!(",\"{name}\":\"{}\"", moment(at, zone)));
        }
    }
    middle.push_str(&format!(",\"totalSeats\":{total},\"availableSeats\":"));
    (head.into(), middle.into())
}

/// All concerts and schedules at one moment.
#[derive(Debug, Default)]
pub struct Catalog {
    pub concerts: BTreeMap<ConcertId, Arc<Concert>>,
    pub schedules: BTreeMap<ScheduleId, Arc<ScheduleView>>,
    lists: BTreeMap<QueueId, List>,
}

/// The schedules that one queue's tickets open.
#[derive(Debug, Default)]
struct List {
    schedules: Vec<Arc<ScheduleView>>,
    whole: ArcSwapOption<Listing>,
}

/// A list of schedules as it was when it was made.
#[derive(Debug)]
pub struct Listing {
    /// The count of seat changes that it shows.
    version: u64,
    pub json: Bytes,
    gzip: OnceLock<Bytes>,
    /// A weak entity tag (RFC 9110, section 8.8.3): a hash of the body, for all encodings of it.
    pub tag: Bytes,
}

impl Listing {
    /// The body as one gzip member, made when first asked for.
    #[must_use]
    pub fn gzip(&self) -> Bytes {
        self.gzip.get_or_init(|| super::gzip(&self.json)).clone()
    }
}

impl Catalog {
    pub(crate) fn new(
        concerts: BTreeMap<ConcertId, Arc<Concert>>,
        schedules: BTreeMap<ScheduleId, Arc<ScheduleView>>,
    ) -> Self {
        let mut lists: BTreeMap<QueueId, List> = BTreeMap::new();
        for schedule in schedules.values() {
            lists.entry(schedule.queue).or_default().schedules.push(schedule.clone());
        }
        Self { concerts, schedules, lists }
    }

    /// The list for one queue's tickets, of one concert where it is given, and whether it was at hand. `version` is
    /// the count of seat changes, read before.
    #[must_use]
    pub fn listing(&self, queue: QueueId, concert: Option<ConcertId>, version: &AtomicU64) -> (Arc<Listing>, bool) {
        let version = version.load(Ordering::Acquire);
        let Some(list) = self.lists.get(&queue) else { return (Arc::new(render(std::iter::empty(), version)), false) };
        if let Some(concert) = concert {
            let wanted = list.schedules.iter().filter(|schedule| schedule.concert.id == concert);
            return (Arc::new(render(wanted, version)), false);
        }
        if let Some(listing) = list.whole.load_full().filter(|listing| listing.version == version) {
            return (listing, true);
        }
        let listing = Arc::new(render(list.schedules.iter(), version));
        list.whole.store(Some(listing.clone()));
        (listing, false)
    }
}

fn render<'a>(schedules: impl Iterator<Item = &'a Arc<ScheduleView>>, version: u64) -> Listing {
    let mut body = Vec::with_capacity(1_024);
    body.extend_from_slice(json::HEAD);
    for (i, schedule) in schedules.enumerate() {
        if i > 0 {
            body.push(b',');
        }
        schedule.write(&mut body);
    }
    body.extend_from_slice(json::TAIL);
    let tag = format!("W/\"{:x}\"", xxhash_rust::xxh3::xxh3_64(&body)).into();
    Listing { version, json: body.into(), gzip: OnceLock::new(), tag }
}
