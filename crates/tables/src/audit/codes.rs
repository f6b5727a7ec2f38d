//! Codes: no more have bought with one than it is good for, and nobody has one that is nobody's.

use super::check::Check;

pub(super) const CODES: Check = Check {
    name: "each code is used as often as people have it, or bought with it",
    count: "SELECT count(*) FROM codes",
    violations: &[
        "SELECT 'code ' || c.number || ' of campaign ' || c.campaign_id || ' counts ' || c.used || ' uses, and people have '
             || coalesce(u.uses, 0)
         FROM codes c LEFT JOIN (SELECT campaign_id, number, count(*) AS uses FROM code_uses
             WHERE paid = 1 OR ended_at IS NULL GROUP BY campaign_id, number) u
             ON u.campaign_id = c.campaign_id AND u.number = c.number
         WHERE c.used <> coalesce(u.uses, 0) ORDER BY c.campaign_id, c.number",
        "SELECT 'campaign ' || g.campaign_id || ' counts ' || g.codes || ' codes, and has ' || count(c.number)
             || ' up to number ' || coalesce(max(c.number), 0)
         FROM campaigns g LEFT JOIN codes c ON c.campaign_id = g.campaign_id
         GROUP BY g.campaign_id, g.codes HAVING g.codes <> count(c.number) OR g.codes <> coalesce(max(c.number), 0)
         ORDER BY g.campaign_id",
        "SELECT 'campaign ' || g.campaign_id || ' counts ' || g.held || ' uses held and ' || g.spent || ' spent, and has '
             || coalesce(u.held, 0) || ' and ' || coalesce(u.spent, 0)
         FROM campaigns g LEFT JOIN (SELECT campaign_id, sum(CASE WHEN paid = 0 AND ended_at IS NULL THEN 1 ELSE 0 END) AS held,
             sum(paid) AS spent FROM code_uses GROUP BY campaign_id) u ON u.campaign_id = g.campaign_id
         WHERE g.held <> coalesce(u.held, 0) OR g.spent <> coalesce(u.spent, 0) ORDER BY g.campaign_id",
        "SELECT 'user ' || u.user_id || ' has code ' || u.number || ' of campaign ' || u.campaign_id || ', which is not there'
         FROM code_uses u LEFT JOIN codes c ON c.campaign_id = u.campaign_id AND c.number = u.number AND c.digest = u.digest
         WHERE c.number IS NULL ORDER BY u.ticket_id",
        "SELECT 'user ' || u.user_id || ' has code ' || u.number || ' of campaign ' || u.campaign_id
             || ', and neither a place nor a hold'
         FROM code_uses u
             LEFT JOIN (SELECT user_id, ticket_id >> 40 AS queue_id FROM tickets WHERE state < 4) t
                 ON t.user_id = u.user_id AND t.queue_id = u.ticket_id >> 40
             LEFT JOIN (SELECT DISTINCT user_id FROM reservations WHERE state = 0) r ON r.user_id = u.user_id
         WHERE u.ended_at IS NULL AND t.user_id IS NULL AND r.user_id IS NULL ORDER BY u.ticket_id",
    ],
};
