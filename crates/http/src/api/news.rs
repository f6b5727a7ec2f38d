//! What those who wait are told, in the languages that they read.

use http::request::Parts;
use onsale_domain::ids::{EventId, QueueId};
use onsale_domain::operator::{Kind, NewsRow};
use onsale_domain::time::Time;
use onsale_node::{ScheduleView, Views};
use serde::Serialize;
use utoipa::ToSchema;

use super::reply::tagged;
use super::{Answer, Api};
use crate::times::{self, TimeText};
use crate::token::Claims;
use crate::wire::envelope;

/// How long news is told to those who come later; that something is sold out, for as long as it is remembered.
const RECENT_MS: u64 = 3_600_000;
/// The most that are told at once.
const TOLD_MAX: usize = 20;

/// A piece of news.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct News {
    /// Grows from one to the next.
    #[schema(minimum = 1, maximum = 9_007_199_254_740_991_i64, example = 786_433)]
    id: u64,
    #[schema(value_type = String, format = DateTime, example = "2027-05-01T10:10:00.000Z")]
    at: TimeText,
    /// `MESSAGE`: the operator's own words. `SOLD_OUT`: every seat of a date is paid. `QUEUE_CLOSED`: nobody is
    /// admitted any more. `QUEUE_PAUSED`: nobody for now, and places are kept. `QUEUE_OPEN`: they are.
    /// `SALE_CLOSED`, `SALE_OPEN`: a date takes no holds, or takes them again.
    kind: NewsKind,
    text: Localized,
    /// The date that it is about; `null` where it is about none.
    #[schema(required, minimum = 1)]
    schedule_id: Option<u64>,
}

/// What a piece of news is about.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum NewsKind {
    Message,
    SoldOut,
    QueueClosed,
    QueuePaused,
    QueueOpen,
    SaleClosed,
    SaleOpen,
}

/// One text in each language.
#[derive(Serialize, ToSchema)]
pub(crate) struct Localized {
    #[schema(example = "Ten more minutes.")]
    en: String,
    #[schema(example = "10분만 더 기다려 주세요.")]
    ko: String,
}

impl Api {
    /// News for those who poll.
    pub(super) fn news(&self, parts: &Parts, claims: &Claims) -> Answer {
        let views = self.shared.node.views();
        let rows = recent(&views.record.news(), claims.ticket.queue, views.mark().time);
        let list: Vec<News> = rows.iter().map(|row| News::of(row, views)).collect();
        Ok(tagged(parts, &envelope(list).into()))
    }
}

type Rows = Vec<std::sync::Arc<NewsRow>>;

/// What somebody who comes at `now` should know, oldest first.
fn recent(all: &Rows, queue: QueueId, now: Time) -> Rows {
    let since = now.0.saturating_sub(RECENT_MS);
    let counts = |row: &NewsRow| row.at.0 >= since || row.kind == Kind::SoldOut;
    newest(all, queue, counts)
}

fn newest(all: &Rows, queue: QueueId, counts: impl Fn(&NewsRow) -> bool) -> Rows {
    let concerns = |row: &NewsRow| row.queue.is_none_or(|of| of == queue);
    let mut rows: Rows = all.iter().rev().filter(|row| concerns(row) && counts(row)).take(TOLD_MAX).cloned().collect();
    rows.reverse();
    rows
}

/// Writes the events of what came after `after`, or of what is recent, and gives the newest id that there was then.
pub(super) fn events(views: &Views, queue: QueueId, after: Option<EventId>, out: &mut Vec<u8>) -> Option<EventId> {
    let all = views.record.news();
    let rows = match after {
        Some(after) => newest(&all, queue, |row| row.id > after),
        None => recent(&all, queue, views.mark().time),
    };
    for row in rows {
        let Ok(json) = serde_json::to_string(&News::of(&row, views)) else { continue };
        out.extend_from_slice(format!("event: news\nid: {}\ndata: {json}\n\n", row.id).as_bytes());
    }
    all.last().map(|row| row.id)
}

impl News {
    fn of(row: &NewsRow, views: &Views) -> Self {
        let catalog = views.catalog();
        let schedule = row.schedule.and_then(|id| catalog.schedules.get(&id));
        Self {
            id: row.id.0,
            at: times::utc(row.at),
            kind: kind(row.kind),
            text: text(row, schedule.map(|schedule| &**schedule)),
            schedule_id: row.schedule.map(|schedule| schedule.0),
        }
    }
}

fn kind(kind: Kind) -> NewsKind {
    match kind {
        Kind::Message => NewsKind::Message,
        Kind::SoldOut => NewsKind::SoldOut,
        Kind::QueueClosed => NewsKind::QueueClosed,
        Kind::QueuePaused => NewsKind::QueuePaused,
        Kind::QueueOpen => NewsKind::QueueOpen,
        Kind::SaleClosed => NewsKind::SaleClosed,
        Kind::SaleOpen => NewsKind::SaleOpen,
    }
}

fn text(row: &NewsRow, schedule: Option<&ScheduleView>) -> Localized {
    let both = |en: &str, ko: &str| Localized { en: en.to_owned(), ko: ko.to_owned() };
    let named = |en: &str, ko: &str| {
        let name = schedule.map_or_else(|| "…".to_owned(), name);
        Localized { en: format!("{name}: {en}"), ko: format!("{name}: {ko}") }
    };
    match row.kind {
        Kind::Message => {
            // Who is told in one language alone is told in that one.
            let (en, ko) = (row.text.en.as_deref(), row.text.ko.as_deref());
            both(en.or(ko).unwrap_or_default(), ko.or(en).unwrap_or_default())
        }
        Kind::SoldOut => named("sold out. Every seat is paid.", "매진되었습니다. 모든 좌석의 결제가 끝났습니다."),
        Kind::QueueClosed => {
            both("The queue is closed: nobody is admitted any more.", "대기열이 마감되어 더 이상 입장할 수 없습니다.")
        }
        Kind::QueuePaused => both(
            "Admission is paused. Everybody keeps their place.",
            "입장이 잠시 멈췄습니다. 순번은 그대로 유지됩니다.",
        ),
        Kind::QueueOpen => both("Admission is open.", "입장이 진행됩니다."),
        Kind::SaleClosed => named(
            "sales are closed. Seats that are held can still be paid.",
            "판매가 마감되었습니다. 이미 선점한 좌석은 결제할 수 있습니다.",
        ),
        Kind::SaleOpen => named("sales are open.", "판매 중입니다."),
    }
}

/// A date as people call it: the concert, and when.
fn name(view: &ScheduleView) -> String {
    let at = times::local(&onsale_node::in_zone(view.schedule.starts_at, &view.zone));
    format!("{} ({})", view.concert.title, &at.as_str()[.."yyyy-MM-dd HH:mm".len()])
}
