//! What operators did and what those who wait were told: history, of which the newest is loaded to be shown.

use onsale_domain::ids::{EventId, KeyId, QueueId, ScheduleId};
use onsale_domain::operator::{Action, Kind, LeverRow, NewsRow, Operator, Text};
use onsale_domain::row::Row;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Fields, Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static LEVERS: Table = table! {
    "levers", key 1: {
        lever_id: Integer,
        at: Integer,
        key_id: Integer,
        operator: Text,
        action: Integer,
        target: Text,
        before: Text,
        after: Text,
    },
    from "(SELECT * FROM levers ORDER BY lever_id DESC LIMIT ?) newest ORDER BY lever_id"
};
pub(super) static NEWS: Table = table! {
    "news", key 1: {
        news_id: Integer,
        at: Integer,
        kind: Integer,
        queue_id: Integer,
        schedule_id: Integer,
        text_en: Text,
        text_ko: Text,
    },
    from "(SELECT * FROM news ORDER BY news_id DESC LIMIT ?) newest ORDER BY news_id"
};

/// The codes of actions are their numbers in the journal.
const ACTIONS: [Action; 23] = [
    Action::PublishCatalog,
    Action::DiscardUpload,
    Action::OpenQueue,
    Action::ChangeQueue,
    Action::ChangeSettings,
    Action::ChangeSale,
    Action::ReleaseHold,
    Action::RemoveSchedule,
    Action::SendMessage,
    Action::LetSilentGo,
    Action::RevokeTokens,
    Action::AddOperator,
    Action::RemoveOperator,
    Action::WithholdSeats,
    Action::GiveSeatsBack,
    Action::ReissueTickets,
    Action::ChangeWebhook,
    Action::ChangeCampaign,
    Action::AddCodes,
    Action::EndSession,
    Action::ErasePerson,
    Action::RestoreStore,
    Action::GivePlace,
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

pub(super) fn write_lever(writer: &mut dyn Writer, row: &LeverRow) -> Result<(), Error> {
    let LeverRow { id, at, by: Operator { key, name }, action, target, before, after } = row;
    let values = [
        Value::from(code::integer("the lever id", id.0)?),
        Value::from(code::time(*at)?),
        Value::from(key.0),
        Value::from(name.as_ref()),
        Value::from(*action as i64),
        Value::from(target),
        Value::from(before),
        Value::from(after),
    ];
    writer.upsert(&LEVERS.upsert, &values)
}

pub(super) fn write_news(writer: &mut dyn Writer, row: &NewsRow) -> Result<(), Error> {
    let NewsRow { id, at, kind, queue, schedule, text: Text { en, ko } } = row;
    let values = [
        Value::from(code::integer("the news id", id.0)?),
        Value::from(code::time(*at)?),
        Value::from(code_of(&KINDS, *kind)),
        Value::from(queue.map(|queue| queue.0)),
        Value::from(schedule.map(|schedule| code::integer("the schedule", schedule.0)).transpose()?),
        Value::from(en.as_ref()),
        Value::from(ko.as_ref()),
    ];
    writer.upsert(&NEWS.upsert, &values)
}

pub(super) fn load(query: &dyn Query, newest: u32, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &NEWS.source, &[Value::from(newest)], |row| {
        into(Row::News(NewsRow {
            id: EventId(row.u64(0)?),
            at: row.time(1)?,
            kind: row.map(2, |code| from_code(&KINDS, code))?,
            queue: row.map_optional(3, |id| u16::try_from(id).ok())?.map(QueueId),
            schedule: row.map_optional(4, |id| u64::try_from(id).ok())?.map(ScheduleId),
            text: Text { en: row.text_optional(5)?, ko: row.text_optional(6)? },
        }))
    })?;
    read(query, &LEVERS.source, &[Value::from(newest)], |row| into(Row::Lever(lever_of(row)?)))
}

/// The row, of all the table's columns.
pub(super) fn lever_of(row: &Fields<'_>) -> Result<LeverRow, Error> {
    Ok(LeverRow {
        id: EventId(row.u64(0)?),
        at: row.time(1)?,
        by: Operator { key: KeyId(row.u32(2)?), name: row.text_optional(3)? },
        action: row.map(4, action_of)?,
        target: row.text(5)?,
        before: row.text(6)?,
        after: row.text(7)?,
    })
}

fn action_of(code: i64) -> Option<Action> {
    ACTIONS.into_iter().find(|action| *action as i64 == code)
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
        for action in ACTIONS {
            assert_eq!(action_of(action as i64), Some(action));
        }
        for (place, kind) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
        }
        assert_eq!(Kind::SaleOpen as usize + 1, KINDS.len());
    }
}
