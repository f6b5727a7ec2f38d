//! What a newer binary may have written: more fields are passed over, other commands are an error.

use onsale_domain::command::{Batch, Command};
use onsale_domain::ids::{QueueId, TicketId};

use super::from_hex;

fn decode(hex: &str) -> Result<Vec<Command>, ()> {
    Batch::decode(&from_hex(hex)).map(|batch| batch.commands).map_err(drop)
}

#[test]
fn unknown_fields_are_passed_over() {
    let leave = Command::Leave { ticket: TicketId { queue: QueueId(1), number: 2 }, user: None };
    // [[[4, [[1, 2]]]]], then with one more field in the ticket, the command and the batch.
    assert_eq!(decode("8181820481820102"), Ok(vec![leave.clone()]));
    assert_eq!(decode("8181820481830102820304"), Ok(vec![leave.clone()]));
    assert_eq!(decode("8181820483820102f6a10102"), Ok(vec![leave.clone()]));
    assert_eq!(decode("8281820481820102626869"), Ok(vec![leave]));
}

#[test]
fn unknown_commands_and_missing_fields_are_errors() {
    // Command 200, a ticket without its number, and a batch that is a text.
    assert_eq!(decode("81818218c880"), Err(()));
    assert_eq!(decode("81818204818101"), Err(()));
    assert_eq!(decode("626869"), Err(()));
    assert_eq!(decode(""), Err(()));
}

/// [18, [[7, null], [18, [[7, null], …]]]]: the decoder does not follow, however deep it goes.
#[test]
fn an_operator_s_command_within_another_is_an_error() {
    assert_eq!(decode("8181821282810781820080").map(|commands| commands.len()), Err(()));
    let deep = format!("8181{}", "8212828107".repeat(100_000));
    assert_eq!(decode(&deep), Err(()));
}

/// Headers that claim 2^40 elements, bytes or characters.
#[test]
fn absurd_lengths_are_errors() {
    for hex in ["9b0000010000000000", "819b0000010000000000", "8181820382015b0000010000000000"] {
        assert_eq!(decode(hex), Err(()), "{hex}");
    }
    assert_eq!(decode("8181820c817b0000010000000000"), Err(()));
}

/// [20, [1]] and [20, [2^32 - 1]].
#[test]
fn a_level_that_this_program_cannot_read_is_an_error() {
    assert_eq!(decode("818182148101"), Ok(vec![Command::Raise { level: 1 }]));
    assert_eq!(decode("81818214811affffffff"), Err(()));
}
