//! The store's settings: one row.

use onsale_domain::row::Row;
use onsale_domain::settings::{QueueSettings, Settings};

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Fields, Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "settings", key 1: {
        one: Integer,
        hold_ttl_ms: Integer,
        hold_limit_per_user: Integer,
        charge_limit: Integer,
        queue_active_limit: Integer,
        queue_admit_per_second: Integer,
        queue_session_ttl_ms: Integer,
        queue_waiting_ttl_ms: Integer,
        queue_waiting_grace_ms: Integer,
        seats_per_user: Integer,
        seats_per_user_per_concert: Integer,
        hold_extend_ms: Integer,
        queue_session_idle_ms: Integer,
        queue_proof_bits: Integer,
        queue_session_max_ms: Integer,
        queue_network_places: Integer,
    },
    from "settings"
};

pub(super) fn write(writer: &mut dyn Writer, row: &Settings) -> Result<(), Error> {
    let Settings {
        hold_ttl_ms,
        hold_limit_per_user,
        charge_limit,
        queue,
        seats_per_user,
        seats_per_user_per_concert,
        hold_extend_ms,
    } = row;
    let (active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms) = queue_values(queue)?;
    let values = [
        Value::from(1_i64),
        Value::from(integer("hold_ttl_ms", *hold_ttl_ms)?),
        Value::from(hold_limit_per_user),
        Value::from(integer("charge_limit", *charge_limit)?),
        Value::from(active_limit),
        Value::from(admit_per_second),
        Value::from(session_ttl_ms),
        Value::from(waiting_ttl_ms),
        Value::from(waiting_grace_ms),
        Value::from(*seats_per_user),
        Value::from(*seats_per_user_per_concert),
        Value::from(hold_extend_ms.map(|ms| integer("hold_extend_ms", ms)).transpose()?),
        idle_value(queue)?,
        Value::from(queue.proof_bits),
        max_value(queue)?,
        Value::from(queue.network_places),
    ];
    writer.upsert(&TABLE.upsert, &values)
}

/// The columns that the store and each queue have alike.
pub(super) fn queue_values(settings: &QueueSettings) -> Result<(u32, Option<u32>, i64, i64, i64), Error> {
    let QueueSettings {
        active_limit,
        admit_per_second,
        session_ttl_ms,
        waiting_ttl_ms,
        waiting_grace_ms,
        session_idle_ms: _,
        proof_bits: _,
        session_max_ms: _,
        network_places: _,
    } = settings;
    Ok((
        *active_limit,
        *admit_per_second,
        integer("session_ttl_ms", *session_ttl_ms)?,
        integer("waiting_ttl_ms", *waiting_ttl_ms)?,
        integer("waiting_grace_ms", *waiting_grace_ms)?,
    ))
}

/// One that came later.
pub(super) fn idle_value(settings: &QueueSettings) -> Result<Value<'static>, Error> {
    Ok(Value::from(settings.session_idle_ms.map(|ms| integer("session_idle_ms", ms)).transpose()?))
}

pub(super) fn max_value(settings: &QueueSettings) -> Result<Value<'static>, Error> {
    Ok(Value::from(settings.session_max_ms.map(|ms| integer("session_max_ms", ms)).transpose()?))
}

/// The same columns read back, the first of them being `column`, and the first of the later ones `idle`.
pub(super) fn queue_settings(row: &Fields<'_>, column: usize, idle: usize) -> Result<QueueSettings, Error> {
    Ok(QueueSettings {
        active_limit: row.u32(column)?,
        admit_per_second: row.map_optional(column + 1, |limit| u32::try_from(limit).ok())?,
        session_ttl_ms: row.u64(column + 2)?,
        waiting_ttl_ms: row.u64(column + 3)?,
        waiting_grace_ms: row.u64(column + 4)?,
        session_idle_ms: row.map_optional(idle, |ms| u64::try_from(ms).ok())?,
        proof_bits: row.map_optional(idle + 1, |bits| u32::try_from(bits).ok())?,
        session_max_ms: row.map_optional(idle + 2, |ms| u64::try_from(ms).ok())?,
        network_places: row.map_optional(idle + 3, |places| u32::try_from(places).ok())?,
    })
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        into(Row::Settings(Box::new(Settings {
            hold_ttl_ms: row.u64(1)?,
            hold_limit_per_user: row.u32(2)?,
            charge_limit: row.u64(3)?,
            queue: queue_settings(row, 4, 12)?,
            seats_per_user: row.map_optional(9, |limit| u32::try_from(limit).ok())?,
            seats_per_user_per_concert: row.map_optional(10, |limit| u32::try_from(limit).ok())?,
            hold_extend_ms: row.map_optional(11, |ms| u64::try_from(ms).ok())?,
        })))
    })
}
