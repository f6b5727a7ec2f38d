//! Queues: each is what its moments make of it, and its draw what those who joined make of that.

use onsale_domain::ids::QueueId;
use onsale_domain::queue::Draw;

use super::Finding;
use super::check::{self, Check};
use crate::code;
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::rows::tier_from;
use crate::value::Value;

pub(super) const QUEUES: Check = Check {
    name: "each queue is open as its times say",
    count: "SELECT count(*) FROM queues",
    violations: &[
        "SELECT 'queue ' || q.queue_id || ' is in phase ' || q.phase || ', and its times say ' || q.said FROM (
             SELECT queue_id, phase, CASE
                 WHEN closes_at <= m.time THEN 3
                 WHEN prequeue_at IS NULL AND opens_at IS NULL OR opens_at <= m.time THEN 2
                 WHEN prequeue_at <= m.time THEN 1
                 ELSE 0 END AS said
             FROM queues, mark m) q
         WHERE q.phase <> q.said ORDER BY q.queue_id",
    ],
};

const JOINS: Source = Source {
    table: "tickets",
    sql: "SELECT ticket_id, coalesce(joined_at, issued_at), tier FROM tickets WHERE ticket_id BETWEEN ? AND ? ORDER BY ticket_id",
    key_columns: 1,
};

const DRAWS: Source = Source {
    table: "queues",
    sql: "SELECT queue_id, draw_commitment, draw_seed, draw_first, draw_joins, coalesce(drawn_tickets, next_number - draw_first)
        FROM queues WHERE draw_seed IS NOT NULL ORDER BY queue_id",
    key_columns: 1,
};

/// Holds each seed against what was committed to, and makes the hash chain again of the tickets that take part.
pub(super) fn draws(query: &dyn Query) -> Result<Finding, Error> {
    let mut finding = check::nothing("each draw is as it was committed to, and of those who joined");
    let mut chains = Vec::new();
    read(query, &DRAWS, &[], |row| {
        let queue = QueueId(row.map(0, |id| u16::try_from(id).ok())?);
        let (committed, draw) = (row.array::<32>(1)?, Draw::new(row.array(2)?));
        finding.checked += 1;
        if draw.commitment() != committed {
            check::violated(&mut finding, || {
                format!("queue {queue}: the seed of its draw is not what was committed to")
            });
        }
        let first = row.map_optional(3, |first| u32::try_from(first).ok())?;
        let tickets = row.map_optional(5, |tickets| u32::try_from(tickets).ok())?;
        if let (Some(first), Some(tickets)) = (first, tickets) {
            chains.push((queue, draw.commitment(), (first, tickets), row.array::<32>(4)?));
        }
        Ok(())
    })?;
    for (queue, mut chain, (first, tickets), end) in chains {
        let from = code::ticket(queue, first);
        let range = [from, from + i64::from(tickets) - 1].map(Value::from);
        let mut found = 0;
        read(query, &JOINS, &range, |row| {
            let ticket = row.map(0, code::ticket_from)?;
            chain = Draw::link(&chain, ticket.number, row.time(1)?, row.map_optional(2, tier_from)?);
            found += 1;
            Ok(())
        })?;
        if (found, chain) != (tickets, end) {
            check::violated(&mut finding, || {
                format!(
                    "queue {queue}: {tickets} tickets took part in its draw, and the {found} of the table make another"
                )
            });
        }
    }
    Ok(finding)
}
