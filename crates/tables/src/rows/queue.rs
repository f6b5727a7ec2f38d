//! Queues.

use onsale_domain::cbor;
use onsale_domain::ids::QueueId;
use onsale_domain::queue::{Draw, Drawn, Mode, Opening, Phase, Tiered};
use onsale_domain::row::{QueueRow, Row};

use super::{Receiver, settings};
use crate::code;
use crate::error::Error;
use crate::fields::{Fields, Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "queues", key 1: {
        queue_id: Integer,
        name: Text,
        mode: Integer,
        active_limit: Integer,
        admit_per_second: Integer,
        session_ttl_ms: Integer,
        waiting_ttl_ms: Integer,
        waiting_grace_ms: Integer,
        next_number: Integer,
        first_number: Integer,
        next_return: Integer,
        seen_floor: Integer,
        admitted: Bytes,
        prequeue_at: Integer,
        opens_at: Integer,
        closes_at: Integer,
        phase: Integer,
        draw_commitment: Bytes,
        draw_seed: Bytes,
        draw_beacon: Text,
        draw_first: Integer,
        draw_joins: Bytes,
        drawn_at: Integer,
        drawn_tickets: Integer,
        drawn_left: Integer,
        tiered_first: Integer,
        tiered_at: Integer,
        tiered_tickets: Integer,
        tiered_left: Integer,
        session_idle_ms: Integer,
        proof_bits: Integer,
        session_max_ms: Integer,
        network_places: Integer,
    },
    from "queues ORDER BY queue_id"
};

pub(super) fn write(writer: &mut dyn Writer, row: &QueueRow) -> Result<(), Error> {
    let QueueRow {
        id,
        name,
        mode,
        opening: Opening { prequeue_at, opens_at, closes_at },
        phase,
        draw,
        tiered,
        settings,
        next_number,
        first_number,
        next_return,
        seen_floor,
        admitted,
    } = row;
    let (active_limit, admit_per_second, session_ttl_ms, waiting_ttl_ms, waiting_grace_ms) =
        settings::queue_values(settings)?;
    let admitted = cbor::encoded(admitted);
    let draw = draw.as_deref();
    let drawn = draw.and_then(|draw| draw.drawn);
    let commitment = draw.map(Draw::commitment);
    let opened = tiered.and_then(|tiered| tiered.opened);
    let values = [
        Value::from(id.0),
        Value::from(name),
        Value::from(mode_code(*mode)),
        Value::from(active_limit),
        Value::from(admit_per_second),
        Value::from(session_ttl_ms),
        Value::from(waiting_ttl_ms),
        Value::from(waiting_grace_ms),
        Value::from(next_number),
        Value::from(first_number),
        Value::from(next_return),
        Value::from(code::time(*seen_floor)?),
        Value::from(&admitted),
        code::time_optional(*prequeue_at)?,
        code::time_optional(*opens_at)?,
        code::time_optional(*closes_at)?,
        Value::from(phase_code(*phase)),
        Value::from(commitment.as_ref().map(<[u8; 32]>::as_slice)),
        Value::from(draw.map(|draw| draw.seed.as_slice())),
        Value::from(draw.and_then(|draw| draw.beacon.as_deref())),
        Value::from(draw.and_then(|draw| draw.first)),
        Value::from(draw.map(|draw| draw.joins.as_slice())),
        code::time_optional(drawn.map(|drawn| drawn.at))?,
        Value::from(drawn.map(|drawn| drawn.tickets)),
        Value::from(drawn.map(|drawn| drawn.left)),
        Value::from(tiered.map(|tiered| tiered.first)),
        code::time_optional(opened.map(|opened| opened.at))?,
        Value::from(opened.map(|opened| opened.tickets)),
        Value::from(opened.map(|opened| opened.left)),
        settings::idle_value(settings)?,
        Value::from(settings.proof_bits),
        settings::max_value(settings)?,
        Value::from(settings.network_places),
    ];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        into(Row::Queue(Box::new(QueueRow {
            id: QueueId(row.map(0, |id| u16::try_from(id).ok())?),
            name: row.text(1)?,
            mode: row.map(2, mode_from)?,
            opening: Opening {
                prequeue_at: row.time_optional(13)?,
                opens_at: row.time_optional(14)?,
                closes_at: row.time_optional(15)?,
            },
            phase: row.map(16, phase_from)?,
            draw: draw(row)?,
            tiered: tiered(row)?,
            settings: settings::queue_settings(row, 3, 29)?,
            next_number: row.u32(8)?,
            first_number: row.u32(9)?,
            next_return: row.u32(10)?,
            seen_floor: row.time(11)?,
            admitted: minicbor::decode(row.bytes(12)?).map_err(|_| row.corrupt(12))?,
        })))
    })
}

/// A queue's draw, from the column of its commitment on.
fn draw(row: &Fields<'_>) -> Result<Option<Box<Draw>>, Error> {
    let (Some(commitment), Some(seed)) = (row.array_optional::<32>(17)?, row.array_optional::<32>(18)?) else {
        return Ok(None);
    };
    let drawn = drawn(row, 22)?;
    let draw = Draw {
        seed,
        beacon: row.text_optional(19)?.map(String::into_boxed_str),
        first: row.map_optional(20, |first| u32::try_from(first).ok())?,
        joins: row.array(21)?,
        drawn,
    };
    if draw.commitment() == commitment { Ok(Some(Box::new(draw))) } else { Err(row.corrupt(17)) }
}

/// What was fixed at the opening, from the column of its moment on.
fn drawn(row: &Fields<'_>, from: usize) -> Result<Option<Drawn>, Error> {
    let at = row.time_optional(from)?;
    at.map(|at| Ok(Drawn { at, tickets: row.u32(from + 1)?, left: row.u32(from + 2)? })).transpose()
}

fn tiered(row: &Fields<'_>) -> Result<Option<Tiered>, Error> {
    let first = row.map_optional(25, |first| u32::try_from(first).ok())?;
    first.map(|first| Ok(Tiered { first, opened: drawn(row, 26)? })).transpose()
}

fn mode_code(mode: Mode) -> i64 {
    match mode {
        Mode::Open => 0,
        Mode::Paused => 1,
        Mode::Draining => 2,
        Mode::Closed => 3,
    }
}

fn phase_code(phase: Phase) -> i64 {
    match phase {
        Phase::Closed => 0,
        Phase::Prequeue => 1,
        Phase::Open => 2,
        Phase::Over => 3,
    }
}

fn phase_from(stored: i64) -> Option<Phase> {
    match stored {
        0 => Some(Phase::Closed),
        1 => Some(Phase::Prequeue),
        2 => Some(Phase::Open),
        3 => Some(Phase::Over),
        _ => None,
    }
}

fn mode_from(stored: i64) -> Option<Mode> {
    match stored {
        0 => Some(Mode::Open),
        1 => Some(Mode::Paused),
        2 => Some(Mode::Draining),
        3 => Some(Mode::Closed),
        _ => None,
    }
}
