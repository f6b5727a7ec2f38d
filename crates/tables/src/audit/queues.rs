//! Queues: each is what its moments make of it.

use super::check::Check;

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
