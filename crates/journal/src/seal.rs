use sha2::{Digest, Sha256};

use crate::{Checkpoint, Hash};

/// What ties a checkpoint to its store, so that an edit is found: nothing before it is left to hash.
pub(crate) fn seal_of(checkpoint: &Checkpoint, store_id: u64) -> Hash {
    let mut sha = Sha256::new_with_prefix(b"onsale checkpoint");
    for field in [store_id, checkpoint.seq, checkpoint.time_ms, checkpoint.fingerprint] {
        sha.update(field.to_le_bytes());
    }
    sha.update(checkpoint.hash.as_bytes());
    Hash::from(<[u8; 32]>::from(sha.finalize()))
}
