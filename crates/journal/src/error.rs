use std::path::PathBuf;

/// Why the journal could not do what was asked. The text is for the people who run the service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no room. Nothing was written, also not for a later recovery; the caller may go on, and try again.
    #[error("the disk with the journal is full; nothing was written")]
    Full,

    /// The journal is not what was written. It is never repaired, as nobody can know what is missing.
    #[error(
        "the journal is damaged at entry {seq}: {reason}. Do not delete or edit anything: keep a copy of the data \
         directory as it is, then restore the directory from a backup that was taken as a whole"
    )]
    Corrupt {
        /// The first entry that is bad or missing.
        seq: u64,
        /// What was found.
        reason: String,
    },

    /// Storage failed in a way that leaves unknown whether the last entry is durable. The process must stop: at the next
    /// start the journal itself says what is in it. Every later call on the same journal gives this error again.
    #[error("the storage of the journal failed, and whether its last entry is durable is not known: {reason}")]
    Lost {
        /// What storage said.
        reason: String,
    },

    /// The storage cannot be reached, or takes nothing at the moment. Nothing was written, and nothing will be.
    #[error("the journal cannot be reached: {reason}")]
    Unavailable {
        /// What went wrong.
        reason: String,
    },

    /// The storage went away while the entry was being appended: it may be in, or may yet come in. The next append of the
    /// same node that succeeds decides it.
    #[error("whether the entry is in the journal is not known: {reason}")]
    Unknown {
        /// What went wrong.
        reason: String,
    },

    /// Another process owns the data directory.
    #[error(
        "the data directory {} is in use by {}: {}",
        .dir.display(),
        .owner_pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}")),
        if *.is_copying { "another backup is at work on it, wait until that is done" }
        else { "stop that server first, or name another directory" }
    )]
    Locked {
        /// The data directory.
        dir: PathBuf,
        /// The process that owns it, if it has left its number.
        owner_pid: Option<u32>,
        /// Whether it is no server, but brings a copy up to its store.
        is_copying: bool,
    },

    /// The store was written by something else, or by a later version.
    #[error("{} cannot be used as a journal: {reason}", .path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What it is, and what was wanted.
        reason: String,
    },

    /// Entries up to the checkpoint have been dropped.
    #[error("entry {seq} is not kept any more: the journal was truncated at {checkpoint_seq}")]
    Truncated {
        /// The entry that was asked for.
        seq: u64,
        /// The last entry that was dropped.
        checkpoint_seq: u64,
    },

    /// A node's entry number was not new, and is not a repetition either. Nothing was written.
    #[error("the entry number {number} cannot be appended: {reason}")]
    Number {
        /// The number.
        number: u64,
        /// Why not.
        reason: &'static str,
    },

    /// The payload exceeds [`crate::PAYLOAD_BYTES_MAX`]. Nothing was written.
    #[error("an entry of {bytes} bytes is too large, the limit is {} bytes", crate::PAYLOAD_BYTES_MAX)]
    TooLarge {
        /// The payload's length.
        bytes: usize,
    },

    /// A checkpoint is not one at which this journal can be truncated. Nothing was changed.
    #[error("the journal cannot be truncated at entry {seq}: {reason}")]
    Checkpoint {
        /// The checkpoint's entry.
        seq: u64,
        /// Why not.
        reason: String,
    },

    /// Reading or opening failed.
    #[error("{doing} failed: {source}")]
    Io {
        /// What was being done, with the file's name.
        doing: String,
        /// What the system said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// The entry `seq` is bad: `reason` says what was found.
    pub fn corrupt(seq: u64, reason: impl Into<String>) -> Self {
        Self::Corrupt { seq, reason: reason.into() }
    }

    pub(crate) fn io(doing: impl Into<String>, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Io { doing: doing.into(), source: Box::new(source) }
    }
}
