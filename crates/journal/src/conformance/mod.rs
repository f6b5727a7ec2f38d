//! What every engine must do, as one suite over the public interface alone.
//!
//! An engine implements [`Subject`] and names it in [`conformance!`](crate::conformance!), which makes a test of each
//! property. Each passes it on what it stores on; the one for PostgreSQL passes it on the model of a database as well.

use crate::{Entry, Error, Head, Journal, Limit, Reader};

pub mod appending;
pub mod damage;
pub mod reading;
pub mod truncating;

pub use crate::damage::Damage;

/// A fresh store that outlives the journals opened on it.
pub trait Subject {
    /// Opens a journal on it.
    ///
    /// # Errors
    /// As the engine has them.
    fn open(&self) -> Result<Box<dyn Journal>, Error>;

    /// Changes what is stored behind the engine's back, while no journal is open.
    fn damage(&self, damage: Damage);
}

/// Makes a test of each property: `conformance!(Store::new())`, with an expression that makes a fresh [`Subject`].
#[macro_export]
macro_rules! conformance {
    ($fresh:expr) => {
        $crate::conformance! { $fresh =>
            appending::an_empty_store_is_at_genesis,
            appending::numbers_have_no_gaps_and_times_never_go_back,
            appending::the_chain_links_every_entry,
            appending::a_repeated_append_is_in_once,
            appending::a_repeated_append_with_another_payload_is_refused,
            appending::numbers_may_be_skipped_and_are_not_taken_later,
            appending::a_reopened_journal_goes_on,
            appending::payloads_of_any_size_come_back,
            appending::a_payload_over_the_limit_is_refused_and_nothing_is_written,
            reading::limits_are_kept,
            reading::reading_starts_anywhere,
            reading::a_reader_follows_an_appender,
            reading::places_are_found,
            truncating::a_truncated_journal_goes_on_from_its_checkpoint,
            truncating::a_truncated_journal_may_be_empty,
            truncating::many_entries_go_piece_by_piece,
            truncating::a_checkpoint_must_be_in_the_journal,
            truncating::checkpoints_only_move_forward,
            truncating::an_edited_checkpoint_is_found,
            damage::edits_are_found,
            damage::a_missing_entry_is_found,
            damage::a_missing_first_entry_is_found,
            damage::swapped_entries_are_found,
            damage::a_cut_tail_is_found_by_what_is_known_of_it,
            damage::another_history_is_found_by_what_is_known_of_it,
            damage::damage_behind_a_checkpoint_is_found,
        }
    };
    ($fresh:expr => $($part:ident :: $property:ident),* $(,)?) => {
        $(
            #[test]
            fn $property() {
                $crate::conformance::$part::$property(&$fresh);
            }
        )*
    };
}

/// Opens a subject that must open.
fn open(subject: &dyn Subject) -> Box<dyn Journal> {
    subject.open().unwrap_or_else(|error| panic!("the store does not open: {error}"))
}

/// Appends entries with these numbers; the payload of each is [`payload`] of its number.
fn append_all(journal: &mut dyn Journal, numbers: impl IntoIterator<Item = u64>) -> Vec<Head> {
    numbers
        .into_iter()
        .map(|number| {
            journal.append(number, &payload(number)).unwrap_or_else(|error| panic!("appending {number}: {error}"))
        })
        .collect()
}

fn payload(number: u64) -> Vec<u8> {
    format!("the payload of {number}").into_bytes()
}

/// Reads everything from `seq` on, a few entries at a time.
fn read_all(reader: &mut dyn Reader, mut seq: u64) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    loop {
        let mut more = reader.read_from(seq, Limit { entries: 7, bytes: usize::MAX })?;
        let Some(last) = more.last() else { return Ok(entries) };
        seq = last.seq + 1;
        entries.append(&mut more);
    }
}

fn heads(entries: &[Entry]) -> Vec<Head> {
    entries.iter().map(Entry::head).collect()
}

fn reader(journal: &dyn Journal) -> Box<dyn Reader> {
    journal.reader().unwrap_or_else(|error| panic!("no reader: {error}"))
}
