//! What operators did and what those who wait were told: history, of which the newest is loaded to be shown.

use onsale_domain::ids::{EventId, KeyId, QueueId, ScheduleId};
use onsale_domain::operator::{Action, Kind, LeverRow, NewsRow, Operator, Text};
use onsale_domain::row::Row;
use rusqlite::Connection;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT_LEVER: &str = "INSERT OR REPLACE INTO levers (lever_id, at, key_id, operator, action, target, before, \
    after) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const LEVERS: Source = Source {
    table: "levers",
    sql: "SELECT lever_id, at, key_id, operator, action, target, before, after FROM \
          (SELECT * FROM levers ORDER BY lever_id DESC LIMIT ?1) ORDER BY lever_id",
    key_columns: 1,
};
const UPSERT_NEWS: &str = "INSERT OR REPLACE INTO news (news_id, at, kind, queue_id, schedule_id, text_en, text_ko) \
    VALUES (?, ?, ?, ?, ?, ?, ?)";
const NEWS: Source = Source {
    table: "news",
    sql: "SELECT news_id, at, kind, queue_id, schedule_id, text_en, text_ko FROM \
          (SELECT * FROM news ORDER BY news_id DESC LIMIT ?1) ORDER BY news_id",
    key_columns: 1,
};

/// The codes of actions are their places here.
const ACTIONS: [Action; 9] = [
    Action::PublishCatalog,
    Action::DiscardUpload,
    Action::OpenQueue,
    Action::ChangeQueue,
    Action::ChangeSettings,
    Action::ChangeSale,
    Action::ReleaseHold,
    Action::RemoveSchedule,
    Action::SendMessage,
];

/// The codes of kinds are their places here.
const KINDS: [Kind; 7] = [
    Kind::Message,
    Kind::SoldOut,
    Kind::QueueClosed,
    Kind::QueuePaused,
    Kind::QueueOpen,
    Kind::SaleClosed,
    Kind::SaleOpen,
];

pub(super) fn write_lever(writer: &mut Writer<'_>, row: &LeverRow) -> Result<(), Error> {
    let LeverRow { id, at, by: Operator { key, name }, action, target, before, after } = row;
    let values = (
        code::integer("the lever id", id.0)?,
        code::time(*at)?,
        key.0,
        name,
        code_of(&ACTIONS, *action),
        target,
        before,
        after,
    );
    writer.run(UPSERT_LEVER, values)
}

pub(super) fn write_news(writer: &mut Writer<'_>, row: &NewsRow) -> Result<(), Error> {
    let NewsRow { id, at, kind, queue, schedule, text: Text { en, ko } } = row;
    let values = (
        code::integer("the news id", id.0)?,
        code::time(*at)?,
        code_of(&KINDS, *kind),
        queue.map(|queue| queue.0),
        schedule.map(|schedule| code::integer("the schedule", schedule.0)).transpose()?,
        en,
        ko,
    );
    writer.run(UPSERT_NEWS, values)
}

pub(super) fn load(conn: &Connection, newest: u32, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &NEWS, [newest], |row| {
        into(Row::News(NewsRow {
            id: EventId(row.u64(0)?),
            at: row.time(1)?,
            kind: row.map(2, |code| from_code(&KINDS, code))?,
            queue: row.map_optional(3, |id| u16::try_from(id).ok())?.map(QueueId),
            schedule: row.map_optional(4, |id| u64::try_from(id).ok())?.map(ScheduleId),
            text: Text { en: row.text_optional(5)?, ko: row.text_optional(6)? },
        }))
    })?;
    read(conn, &LEVERS, [newest], |row| {
        into(Row::Lever(LeverRow {
            id: EventId(row.u64(0)?),
            at: row.time(1)?,
            by: Operator { key: KeyId(row.u32(2)?), name: row.text_optional(3)? },
            action: row.map(4, |code| from_code(&ACTIONS, code))?,
            target: row.text(5)?,
            before: row.text(6)?,
            after: row.text(7)?,
        }))
    })
}

fn code_of<T: Copy + PartialEq>(all: &[T], value: T) -> i64 {
    all.iter().position(|other| *other == value).map_or(-1, |code| code as i64)
}

fn from_code<T: Copy>(all: &[T], code: i64) -> Option<T> {
    all.get(usize::try_from(code).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `code_of` must find every value.
    #[test]
    fn every_value_has_its_code() {
        for (place, action) in ACTIONS.into_iter().enumerate() {
            assert_eq!(action as usize, place);
        }
        for (place, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
        assert_eq!((Action::SendMessage as usize + 1, Kind::SaleOpen as usize + 1), (ACTIONS.len(), KINDS.len()));
    }
}
