//! A million codes, each found by its digest.

use hashbrown::HashTable;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::CampaignId;
use crate::row::Row;

use super::row::{CodeDigest, CodeRow};

#[derive(Clone, Copy, Debug)]
pub(super) struct Code {
    pub(super) digest: CodeDigest,
    pub(super) campaign: CampaignId,
    pub(super) number: u32,
    pub(super) used: u32,
}

/// Tables that the codes are spread over, so that none is ever moved as a whole.
const SHARDS: usize = 64;

/// By digest. The key of the digests is a secret, so nobody can have many of them meet in one place.
#[derive(Debug)]
pub(super) struct Store {
    shards: Box<[HashTable<Code>; SHARDS]>,
    len: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self { shards: Box::new([const { HashTable::new() }; SHARDS]), len: 0 }
    }
}

impl Store {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn get(&self, digest: &CodeDigest) -> Option<&Code> {
        self.shards[shard(digest)].find(bucket(digest), |code| code.digest == *digest)
    }

    /// Changes one that is there, and gives it as it is now.
    pub(super) fn change(
        &mut self,
        digest: &CodeDigest,
        change: impl FnOnce(&mut Code),
        changes: &mut Changes<'_>,
    ) -> Option<Code> {
        let code = self.shards[shard(digest)].find_mut(bucket(digest), |code| code.digest == *digest)?;
        let old = hash(code);
        change(code);
        changes.replace(old, hash(code));
        changes.row(row(code));
        Some(*code)
    }

    /// Adds one that is not there.
    pub(super) fn add(&mut self, code: Code, changes: &mut Changes<'_>) {
        changes.row(row(&code));
        changes.add(self.load(code));
    }

    /// Takes one in that is not there; its hash.
    pub(super) fn load(&mut self, code: Code) -> u64 {
        let shard = &mut self.shards[shard(&code.digest)];
        shard.insert_unique(bucket(&code.digest), code, |code| bucket(&code.digest));
        self.len += 1;
        hash(&code)
    }
}

fn shard(digest: &CodeDigest) -> usize {
    usize::from(digest.0[15]) % SHARDS
}

fn bucket(digest: &CodeDigest) -> u64 {
    let [first, ..] = digest.0.as_chunks::<8>().0 else { return 0 };
    u64::from_le_bytes(*first)
}

fn row(code: &Code) -> Row {
    let Code { digest, campaign, number, used } = *code;
    Row::Code(CodeRow { campaign, number, digest, used })
}

fn hash(code: &Code) -> u64 {
    let Code { digest, campaign, number, used } = code;
    let place = u64::from(campaign.0) << 32 | u64::from(*number);
    Hash::new(Kind::Code).bytes(&digest.0).words([place, u64::from(*used)]).finish()
}
