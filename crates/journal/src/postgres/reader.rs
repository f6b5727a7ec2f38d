use onsale_postgres::tokio_postgres::Row;
use onsale_postgres::tokio_postgres::types::ToSql;
use onsale_postgres::{Session, Target};

use super::{PATIENCE, reading, row, schema};
use crate::{Checkpoint, Entry, Error, Head, Limit, Verifier};

pub(super) const BEHIND: &str = "
    select seq, time_ms, hash, node, number, payload
    from (
        select *, row_number() over (order by seq) as place,
            sum(octet_length(payload)) over (order by seq) - octet_length(payload) as bytes_before
        from (
            select * from journal_entry
            where seq > $1 and $1 >= (select seq from journal_base)
            order by seq limit $2
        ) next
    ) counted
    where place = 1 or bytes_before < $3
    order by seq";
/// What a checkpoint covers may not be deleted yet: it is gone all the same.
const AT: &str =
    "select seq, time_ms, hash from journal_entry where seq = $1 and seq >= (select seq from journal_base)";
const LAST: &str = "select seq, time_ms, hash from journal_entry order by seq desc limit 1";

/// Reads with a session of its own, which it opens again where it was lost.
pub(super) struct Reader {
    target: Target,
    session: Option<Session>,
    /// The last place that was read and verified; reading on from it needs no look-up.
    at: Option<Head>,
}

/// Opens readers of a journal in a database, for those who do not append.
pub struct Opener {
    target: Target,
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

impl Opener {
    /// Names the database. Nothing is opened yet.
    pub fn new(target: &Target) -> Self {
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
        let schema::Store { id: store_id, checkpoint } = schema::load(reader.session()?)?;
        Ok(Summary { store_id, head: crate::Reader::head(&mut reader)?, checkpoint })
    }
}

impl Reader {
    pub(super) fn new(target: &Target) -> Self {
        Self { target: target.clone(), session: None, at: None }
    }

    fn session(&mut self) -> Result<&mut Session, Error> {
        if self.session.as_ref().is_none_or(Session::is_ended) {
            // The one before goes first: there may be few to be had.
            self.session = None;
            let session = self.target.connect("reader", PATIENCE).map_err(|error| reading(&error))?;
            self.session = Some(session);
        }
        self.session.as_mut().ok_or_else(|| Error::Unavailable { reason: "there is no session".to_owned() })
    }

    fn rows(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Error> {
        let session = self.session()?;
        let client = session.client();
        session.block(async { client.query(sql, values).await }).map_err(|error| reading(&error))
    }

    fn one(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Head>, Error> {
        self.rows(sql, values)?.first().map(|found| row::head(found, 0)).transpose()
    }

    fn base(&mut self) -> Result<Head, Error> {
        Ok(schema::load(self.session()?)?.base())
    }

    /// The place before entry `seq`, from which the chain is followed; nothing if the journal has not come so far.
    fn before(&mut self, seq: u64) -> Result<Option<Head>, Error> {
        let wanted = seq - 1;
        if let Some(found) = self.at.filter(|at| at.seq == wanted) {
            return Ok(Some(found));
        }
        if let Some(found) = self.one(AT, &[&wanted.cast_signed()])? {
            return Ok(Some(found));
        }
        let base = self.base()?;
        match wanted.cmp(&base.seq) {
            std::cmp::Ordering::Less => Err(Error::Truncated { seq, checkpoint_seq: base.seq }),
            std::cmp::Ordering::Equal => Ok(Some(base)),
            std::cmp::Ordering::Greater => match self.one(LAST, &[])? {
                Some(last) if last.seq > wanted => Err(Error::corrupt(wanted, "it is missing")),
                Some(_) | None => Ok(None),
            },
        }
    }

    fn behind(&mut self, from: Head, limit: Limit) -> Result<Vec<Entry>, Error> {
        let entries = i64::try_from(limit.entries.max(1)).unwrap_or(i64::MAX);
        let bytes = i64::try_from(limit.bytes).unwrap_or(i64::MAX);
        let rows = self.rows(BEHIND, &[&from.seq.cast_signed(), &entries, &bytes])?;
        let mut chain = Verifier::new(from);
        let mut taken = Vec::with_capacity(rows.len());
        for found in &rows {
            let entry = row::entry(found)?;
            chain.next(&entry.link(), entry.hash)?;
            taken.push(entry);
        }
        self.at = Some(chain.head());
        Ok(taken)
    }
}

impl crate::Reader for Reader {
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
        match self.one(LAST, &[])? {
            Some(last) => Ok(last),
            None => self.base(),
        }
    }

    fn find(&mut self, seq: u64) -> Result<Option<Head>, Error> {
        let base = self.base()?;
        match seq.cmp(&base.seq) {
            std::cmp::Ordering::Less => Err(Error::Truncated { seq, checkpoint_seq: base.seq }),
            std::cmp::Ordering::Equal => Ok(Some(base)),
            std::cmp::Ordering::Greater => self.one(AT, &[&seq.cast_signed()]),
        }
    }
}
