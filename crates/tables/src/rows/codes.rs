//! Campaigns, their codes, and who had which.

use onsale_domain::codes::{Campaign, CampaignRules, CodeDigest};
use onsale_domain::ids::{CampaignId, KeyId, QueueId, UserId};
use onsale_domain::row::{CodeRow, CodeUseRow, Row};

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Fields, Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static CAMPAIGNS: Table = table! {
    "campaigns", key 1: {
        campaign_id: Integer,
        name: Text,
        queue_id: Integer,
        key_id: Integer,
        from_at: Integer,
        until_at: Integer,
        tier: Integer,
        seats: Integer,
        uses: Integer,
        required: Integer,
        stopped: Integer,
        codes: Integer,
        held: Integer,
        spent: Integer,
    },
    from "campaigns ORDER BY campaign_id"
};
pub(super) static CODES: Table = table! {
    "codes", key 2: {
        campaign_id: Integer,
        number: Integer,
        digest: Bytes,
        used: Integer,
    },
    from "codes ORDER BY campaign_id, number"
};
pub(super) static USES: Table = table! {
    "code_uses", key 1: {
        ticket_id: Integer,
        user_id: Integer,
        campaign_id: Integer,
        number: Integer,
        digest: Bytes,
        taken_at: Integer,
        paid: Integer,
        ended_at: Integer,
    },
    from "code_uses WHERE ended_at IS NULL ORDER BY ticket_id"
};

pub(super) fn write_campaign(writer: &mut dyn Writer, row: &Campaign) -> Result<(), Error> {
    let Campaign { id, name, queue, key, rules, codes, held, spent } = row;
    let CampaignRules { from, until, tier, seats, uses, required, stopped } = *rules;
    let values = [
        Value::from(id.0),
        Value::from(name),
        Value::from(queue.0),
        Value::from(key.0),
        code::time_optional(from)?,
        code::time_optional(until)?,
        Value::from(tier.map(u32::from)),
        Value::from(seats),
        Value::from(uses),
        Value::from(required),
        Value::from(stopped),
        Value::from(codes),
        Value::from(code::integer("the uses", *held)?),
        Value::from(code::integer("the uses", *spent)?),
    ];
    writer.upsert(&CAMPAIGNS.upsert, &values)
}

pub(super) fn write_code(writer: &mut dyn Writer, row: &CodeRow) -> Result<(), Error> {
    let CodeRow { campaign, number, digest, used } = row;
    let values = [Value::from(campaign.0), Value::from(number), Value::from(&digest.0), Value::from(used)];
    writer.upsert(&CODES.upsert, &values)
}

pub(super) fn write_use(writer: &mut dyn Writer, row: &CodeUseRow) -> Result<(), Error> {
    let CodeUseRow { ticket, user, campaign, number, digest, taken_at, paid, ended_at } = row;
    let values = [
        Value::from(code::ticket(ticket.queue, ticket.number)),
        Value::from(code::integer("the user", user.0)?),
        Value::from(campaign.0),
        Value::from(number),
        Value::from(&digest.0),
        Value::from(code::time(*taken_at)?),
        Value::from(*paid),
        code::time_optional(*ended_at)?,
    ];
    writer.upsert(&USES.upsert, &values)
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &CAMPAIGNS.source, &[], |row| into(Row::Campaign(Box::new(campaign(row)?))))?;
    read(query, &CODES.source, &[], |row| {
        let (campaign, number) = (CampaignId(row.map(0, small)?), row.u32(1)?);
        into(Row::Code(CodeRow { campaign, number, digest: CodeDigest(row.array(2)?), used: row.u32(3)? }))
    })?;
    read(query, &USES.source, &[], |row| into(Row::CodeUse(use_of(row)?)))
}

/// The row, of all the table's columns.
pub(super) fn use_of(row: &Fields<'_>) -> Result<CodeUseRow, Error> {
    Ok(CodeUseRow {
        ticket: row.map(0, code::ticket_from)?,
        user: UserId(row.u64(1)?),
        campaign: CampaignId(row.map(2, small)?),
        number: row.u32(3)?,
        digest: CodeDigest(row.array(4)?),
        taken_at: row.time(5)?,
        paid: row.flag(6)?,
        ended_at: row.time_optional(7)?,
    })
}

fn campaign(row: &Fields<'_>) -> Result<Campaign, Error> {
    let rules = CampaignRules {
        from: row.time_optional(4)?,
        until: row.time_optional(5)?,
        tier: row.map_optional(6, |tier| u8::try_from(tier).ok())?,
        seats: row.map_optional(7, |seats| u32::try_from(seats).ok())?,
        uses: row.u32(8)?,
        required: row.flag(9)?,
        stopped: row.flag(10)?,
    };
    Ok(Campaign {
        id: CampaignId(row.map(0, small)?),
        name: row.text(1)?,
        queue: QueueId(row.map(2, small)?),
        key: KeyId(row.u32(3)?),
        rules,
        codes: row.u32(11)?,
        held: row.u64(12)?,
        spent: row.u64(13)?,
    })
}

fn small(id: i64) -> Option<u16> {
    u16::try_from(id).ok()
}
