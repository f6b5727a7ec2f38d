//! Tables of what is known of tickets, a block of them a row.

use onsale_domain::ids::QueueId;
use onsale_domain::queue::PRESENCE_BLOCK;

use crate::code;
use crate::error::Error;
use crate::value::{Value, Writer};

/// Drops the blocks that hold none but forgotten tickets, by the table's own statement for a range of them. They tell nothing that
/// the tickets' history needs.
pub(super) fn forget(
    writer: &mut dyn Writer,
    statement: &'static str,
    queue: QueueId,
    before: u32,
) -> Result<(), Error> {
    let block_end = i64::from(PRESENCE_BLOCK);
    let first = code::ticket(queue, 0);
    writer.run(statement, &[Value::from(first), Value::from(first + i64::from(before) - block_end)])
}
