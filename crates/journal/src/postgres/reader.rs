use onsale_postgres::{Lasting, Target};

use super::connection::{Connection, Connector, Role, Store};
use crate::{Checkpoint, Entry, Error, Head, Limit, Verifier};

/// Reads with a session of its own, which it opens again where it was lost.
pub(super) struct Reader<C: Connector> {
    target: C,
    session: Lasting<C::Connection>,
    /// The last place that was read and verified; reading on from it needs no look-up.
    at: Option<Head>,
}

/// Opens readers of a journal in a database, for those who do not append.
pub struct Opener<C: Connector = Target> {
    target: C,
}

/// What is known of a journal without reading it.
#[derive(Clone, Copy, Debug)]
pub struct Summary {
    /// See [`crate::Journal::store_id`].
    pub store_id: u64,
    /// The last entry.
    pub head: Head,
    /// Where the journal was last truncated, if it ever was.
    pub checkpoint: Option<Checkpoint>,
}

impl<C: Connector> Opener<C> {
    /// Names the database. Nothing is opened yet.
    pub fn new(target: &C) -> Self {
        Self { target: target.clone() }
    }

    /// Opens a reader with a session of its own.
    pub fn reader(&self) -> Box<dyn crate::Reader> {
        Box::new(Reader::new(&self.target))
    }

    /// What journal it is, and how far it goes now.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Format`]; [`Error::Corrupt`] if its checkpoint is not what was sealed.
    pub fn summary(&self) -> Result<Summary, Error> {
        let mut reader = Reader::new(&self.target);
        let Store { id: store_id, checkpoint } = Store::load(reader.session()?)?;
        Ok(Summary { store_id, head: crate::Reader::head(&mut reader)?, checkpoint })
    }
}

impl<C: Connector> Reader<C> {
    pub(super) fn new(target: &C) -> Self {
        Self { target: target.clone(), session: Lasting::default(), at: None }
    }

    fn session(&mut self) -> Result<&C::Connection, Error> {
        Ok(self.session.get(|| self.target.connect(Role::Reader))?)
    }

    fn base(&mut self) -> Result<Head, Error> {
        Ok(Store::load(self.session()?)?.base())
    }

    /// The place before entry `seq`, from which the chain is followed; nothing if the journal has not come so far.
    fn before(&mut self, seq: u64) -> Result<Option<Head>, Error> {
        let wanted = seq - 1;
        if let Some(found) = self.at.filter(|at| at.seq == wanted) {
            return Ok(Some(found));
        }
        if let Some(found) = self.session()?.at(wanted)? {
            return Ok(Some(found));
        }
        let base = self.base()?;
        match wanted.cmp(&base.seq) {
            std::cmp::Ordering::Less => Err(Error::Truncated { seq, checkpoint_seq: base.seq }),
            std::cmp::Ordering::Equal => Ok(Some(base)),
            std::cmp::Ordering::Greater => match self.session()?.last()? {
                Some(last) if last.seq > wanted => Err(Error::corrupt(wanted, "it is missing")),
                Some(_) | None => Ok(None),
            },
        }
    }

    fn behind(&mut self, from: Head, limit: Limit) -> Result<Vec<Entry>, Error> {
        let entries = self.session()?.behind(from.seq, limit)?;
        let mut chain = Verifier::new(from);
        for entry in &entries {
            chain.next(&entry.link(), entry.hash)?;
        }
        self.at = Some(chain.head());
        Ok(entries)
    }
}

impl<C: Connector> crate::Reader for Reader<C> {
    fn read_from(&mut self, seq: u64, limit: Limit) -> Result<Vec<Entry>, Error> {
        let seq = seq.max(1);
        let Some(from) = self.before(seq)? else { return Ok(Vec::new()) };
        let read = self.behind(from, limit);
        let is_short = matches!(&read, Ok(entries) if entries.is_empty()) || matches!(read, Err(Error::Corrupt { .. }));
        if !is_short {
            return read;
        }
        // Nothing new, or nothing that fits: others may have truncated it meanwhile, or it may be another history.
        let base = self.base()?;
        if base.seq > from.seq {
            return Err(Error::Truncated { seq, checkpoint_seq: base.seq });
        }
        if read.is_ok() {
            self.expect(&from)?;
        }
        read
    }

    fn head(&mut self) -> Result<Head, Error> {
        match self.session()?.last()? {
            Some(last) => Ok(last),
            None => self.base(),
        }
    }

    fn find(&mut self, seq: u64) -> Result<Option<Head>, Error> {
        let base = self.base()?;
        match seq.cmp(&base.seq) {
            std::cmp::Ordering::Less => Err(Error::Truncated { seq, checkpoint_seq: base.seq }),
            std::cmp::Ordering::Equal => Ok(Some(base)),
            std::cmp::Ordering::Greater => Ok(self.session()?.at(seq)?),
        }
    }
}
