use anyhow::{Context as _, bail, ensure};
use onsale_journal::local::Bounds;
use onsale_journal::{Hash, Head};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::client::{Bucket, Looked, Version};

/// The one name whose object changes.
const NAME: &str = "manifest";
/// All others are below this: one directory for each process that wrote any.
pub(crate) const OBJECTS: &str = "objects";
const FORMAT: u32 = 1;

/// What a copy is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// Whose copy it is, in hexadecimal digits.
    store: String,
    /// The place behind which the store kept entries: where it was last compacted, or its beginning.
    begins: Point,
    /// The last entry that the files have.
    pub(crate) whole: Point,
    /// The data directory, as it was then.
    pub(crate) files: Vec<Stored>,
    /// What the journal has behind that, in order.
    pub(crate) segments: Vec<Segment>,
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) seq: u64,
    pub(crate) time_ms: u64,
    hash: String,
}

/// A file, by its name in the data directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) parts: Vec<Part>,
}

/// An object, whose name ends with the SHA-256 of what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) object: String,
    pub(crate) bytes: u64,
}

/// Entries of the journal in one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Segment {
    /// The last of them; the first is behind what stands before.
    pub(crate) last: Point,
    #[serde(flatten)]
    pub(crate) part: Part,
    /// How often its entries were put together with those beside them.
    pub(crate) merged: u8,
}

impl Manifest {
    /// A whole copy.
    pub(crate) fn new(of: &Bounds, files: Vec<Stored>) -> Self {
        let store = format!("{:016x}", of.store_id);
        let (begins, whole) = (of.begins.into(), of.ends.into());
        Self { format: FORMAT, store, begins, whole, files, segments: Vec::new() }
    }

    /// The last entry of the copy.
    pub(crate) fn ends(&self) -> &Point {
        self.segments.last().map_or(&self.whole, |segment| &segment.last)
    }

    /// The entry behind which the segment `nth` begins.
    pub(crate) fn before(&self, nth: usize) -> &Point {
        nth.checked_sub(1).map_or(&self.whole, |before| &self.segments[before].last)
    }

    pub(crate) fn begins(&self) -> &Point {
        &self.begins
    }

    /// Whose copy it is, and what there is of the journal until `ends`.
    pub(crate) fn bounds(&self, ends: &Point) -> anyhow::Result<Bounds> {
        let store_id = u64::from_str_radix(&self.store, 16).context("the manifest names no store")?;
        Ok(Bounds { store_id, begins: self.begins.head()?, ends: ends.head()? })
    }

    /// All objects that it names.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.files.iter().flat_map(|file| &file.parts).chain(self.segments.iter().map(|segment| &segment.part))
    }

    /// The copy in a bucket, where one is, and which manifest says so; `None` inside where it is the one that is `known`.
    pub(crate) fn load(bucket: &Bucket, known: Option<&Version>) -> anyhow::Result<Option<Option<(Self, Version)>>> {
        match bucket.look(NAME, known)? {
            Looked::Absent => Ok(None),
            Looked::Same => Ok(Some(None)),
            Looked::Found(bytes, version) => {
                let read = Self::read(&bytes)
                    .with_context(|| format!("the manifest of {} cannot be used", bucket.address()))?;
                Ok(Some(Some((read, version))))
            }
        }
    }

    /// Puts it in the place of the one that was `known`; `None` where somebody else has put another there.
    pub(crate) fn put(&self, bucket: &Bucket, known: Option<&Version>) -> anyhow::Result<Option<Version>> {
        bucket.replace(NAME, &self.written()?, known)
    }

    /// In its first line is the sum of what follows: a manifest that somebody changed is none.
    fn written(&self) -> anyhow::Result<Vec<u8>> {
        let text = serde_json::to_vec(self)?;
        let mut written = format!("{}\n", sum(&text)).into_bytes();
        written.extend_from_slice(&text);
        Ok(written)
    }

    fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let (first, text) = bytes.split_at_checked(65).context("it is no manifest of a copy")?;
        ensure!(
            first == format!("{}\n", sum(text)).as_bytes(),
            "it is not what was put there, or no manifest of a copy"
        );
        /// What every version of it has.
        #[derive(Deserialize)]
        struct Any {
            format: u32,
        }
        let Any { format } = serde_json::from_slice(text)?;
        if format != FORMAT {
            bail!("it has format {format}, and this version knows format {FORMAT}");
        }
        Ok(serde_json::from_slice(text)?)
    }
}

impl Part {
    /// What `writer` calls an object that holds this: a name that nobody else uses.
    pub(crate) fn of(writer: &str, bytes: &[u8]) -> Self {
        Self { object: format!("{OBJECTS}/{writer}/{}", sum(bytes)), bytes: bytes.len() as u64 }
    }

    /// Whether it holds the same.
    pub(crate) fn holds(&self, bytes: &[u8]) -> bool {
        self.bytes == bytes.len() as u64 && self.object.rsplit('/').next() == Some(sum(bytes).to_string().as_str())
    }
}

impl Point {
    pub(crate) fn head(&self) -> anyhow::Result<Head> {
        let Self { seq, time_ms, ref hash } = *self;
        Ok(Head { seq, time_ms, hash: hash_of(hash).context("the manifest has an entry without a hash")? })
    }
}

impl From<Head> for Point {
    fn from(Head { seq, time_ms, hash }: Head) -> Self {
        Self { seq, time_ms, hash: hash.to_string() }
    }
}

fn sum(bytes: &[u8]) -> Hash {
    Hash::from(<[u8; 32]>::from(Sha256::digest(bytes)))
}

fn hash_of(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(Hash::from(hash))
}
