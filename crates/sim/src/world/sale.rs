//! What makes a store and its sale.

use onsale_domain::command::{Batch, CatalogPart, Command};
use onsale_domain::concert::{Concert, Orphans, Price, PriceType, PriceTypeId, Schedule, SeatSpec, Terms};
use onsale_domain::ids::{ConcertId, ScheduleId, SeatId, UploadId};
use onsale_domain::level;
use onsale_domain::settings::{QueueSettings, Settings};
use onsale_domain::time::Time;

use super::levels::OLDER;
use super::people::{QUEUE, SCHEDULE};
use crate::plan::{self, Sale};

/// The true time at which a run begins.
pub(super) const BEGAN_MS: u64 = 1_800_000_000_000;
/// The name of the places to stand.
pub(super) const AREA: &str = "floor";
/// More than a person takes at once, and less than one takes in the end.
const HOLD_LIMIT: u32 = 8;

/// The price types of a hall where children pay less: the first is everybody's who says nothing.
pub(super) fn price_types() -> [PriceTypeId; 2] {
    ["adult", "child"].map(PriceTypeId::from)
}

/// The queue's settings, with this end for those who do nothing.
pub(super) fn queue_settings(sale: &Sale, session_idle_ms: Option<u64>) -> QueueSettings {
    QueueSettings {
        active_limit: sale.active_limit,
        admit_per_second: None,
        session_ttl_ms: sale.session_ttl_ms,
        waiting_ttl_ms: sale.waiting_ttl_ms,
        waiting_grace_ms: sale.waiting_grace_ms,
        session_idle_ms,
        proof_bits: None,
        network_places: None,
        session_max_ms: sale.session_max_ms,
    }
}

pub(super) fn opening(sale: &Sale) -> Batch {
    let mut queue = queue_settings(sale, sale.session_idle_ms.filter(|_| sale.older == 0));
    queue.session_max_ms = queue.session_max_ms.filter(|_| sale.older == 0);
    let plain = Settings { hold_ttl_ms: sale.hold_ttl_ms, queue: queue.clone(), ..Settings::default() };
    let settings = Settings {
        hold_limit_per_user: if sale.hall.row > 0 { HOLD_LIMIT } else { plain.hold_limit_per_user },
        hold_extend_ms: (sale.hall.extend_ms > 0).then_some(sale.hall.extend_ms),
        ..plain
    };
    let upload = UploadId(1);
    Batch {
        commands: vec![
            Command::Start,
            Command::Raise { level: if sale.older > 0 { OLDER } else { level::NEWEST } },
            Command::Configure { settings },
            Command::ConfigureQueue { queue: QUEUE, settings: Some(queue), mode: None },
            Command::Stage { upload, part: catalog(sale) },
            Command::Publish { upload },
        ],
    }
}

fn catalog(sale: &Sale) -> CatalogPart {
    let concert = Concert { id: ConcertId(1), title: "First Light".to_owned(), queue: "default".to_owned() };
    let at = |ms: u64| Time(1_900_000_000_000 + ms);
    let (id, zone) = (SCHEDULE, "UTC".to_owned());
    let price_type = |id| PriceType { id, title: None };
    let schedule = Schedule {
        id,
        concert: ConcertId(1),
        zone,
        starts_at: at(0),
        ends_at: at(3_600_000),
        price_types: sale.hall.children.then(|| price_types().map(price_type).to_vec()),
        accessible_until: None,
        on_sale_at: None,
        off_sale_at: None,
        orphans: sale.hall.orphans.map(|orphans| match orphans {
            plan::Orphans::Allow => Orphans::Allow,
            plan::Orphans::Prefer => Orphans::Prefer,
            plan::Orphans::Refuse => Orphans::Refuse,
        }),
    };
    let seats = (1..=sale.seats).map(|number| seat(sale, number));
    let standing = (sale.seats + 1..=sale.seats + sale.hall.standing).map(|number| SeatSpec {
        section: Some(AREA.to_owned()),
        row: None,
        standing: true,
        ..seat(sale, number)
    });
    CatalogPart { concerts: vec![concert], schedules: vec![schedule], seats: seats.chain(standing).collect() }
}

fn seat(sale: &Sale, number: u64) -> SeatSpec {
    let hall = &sale.hall;
    let has_rows = hall.row > 0;
    let [_, child] = price_types();
    let terms = Terms { prices: vec![Price { price_type: child, amount: Sale::CHILD }], ..Terms::default() };
    SeatSpec {
        schedule: ScheduleId(1),
        seat: SeatId(number),
        position: number as u32,
        amount: Sale::PRICE,
        section: has_rows.then(|| "stalls".to_owned()),
        row: has_rows.then(|| (number - 1).checked_div(hall.row).unwrap_or_default().to_string()),
        number: has_rows.then(|| number.to_string()),
        terms: if hall.children { terms.shared() } else { None },
        standing: false,
        rank: None,
    }
}
