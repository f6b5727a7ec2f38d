//! The journal of a store, verified and open for reading, wherever it is.

use onsale_journal::local::{Progress, ReadOnly};
use onsale_journal::{Checkpoint, Error, Head, Limit, Reader, postgres};
use onsale_tables::Place;

pub(crate) enum Journal {
    Directory(ReadOnly),
    Postgres { summary: postgres::Summary, reader: postgres::Opener },
}

impl Journal {
    /// Opens it and verifies its chain.
    pub(crate) fn open(place: &Place, progress: &mut dyn FnMut(Progress)) -> Result<Self, Error> {
        match place {
            Place::Directory(dir) => ReadOnly::open(dir, progress).map(Self::Directory),
            Place::Postgres(target) => {
                let opener = postgres::Opener::new(target);
                let summary = opener.summary()?;
                verify(&mut *opener.reader(), &summary, progress)?;
                Ok(Self::Postgres { summary, reader: opener })
            }
        }
    }

    pub(crate) fn store_id(&self) -> u64 {
        match self {
            Self::Directory(journal) => journal.store_id(),
            Self::Postgres { summary, .. } => summary.store_id,
        }
    }

    pub(crate) fn head(&self) -> Head {
        match self {
            Self::Directory(journal) => journal.head(),
            Self::Postgres { summary, .. } => summary.head,
        }
    }

    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        match self {
            Self::Directory(journal) => journal.checkpoint(),
            Self::Postgres { summary, .. } => summary.checkpoint,
        }
    }

    pub(crate) fn reader(&self) -> Result<Box<dyn Reader>, Error> {
        match self {
            Self::Directory(journal) => journal.reader(),
            Self::Postgres { reader, .. } => Ok(reader.reader()),
        }
    }
}

/// Reads all entries up to the end that was found, and that end.
fn verify(
    reader: &mut dyn Reader,
    summary: &postgres::Summary,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Error> {
    let (seq_last, mut bytes) = (summary.head.seq, 0);
    let mut next = summary.checkpoint.map_or(0, |sealed| sealed.seq) + 1;
    while next <= seq_last {
        let entries = reader.read_from(next, Limit::default())?;
        let Some(last) = entries.last() else { break };
        next = last.seq + 1;
        bytes += entries.iter().map(|entry| entry.payload.len() as u64).sum::<u64>();
        progress(Progress { seq: last.seq, seq_last, bytes });
    }
    reader.expect(&summary.head)
}
