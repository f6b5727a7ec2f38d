//! Passes that are signed already. A signature takes some 30 µs, is the same each time, and who has 256 seats asks for all of
//! them at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Pass, Signer};

/// The most passes that are kept: some 30 MB.
const KEPT_MAX: usize = 1 << 16;

/// What one key has signed. Another key begins anew.
#[derive(Default)]
pub(crate) struct Signed(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    key: String,
    passes: HashMap<Pass, Arc<str>>,
}

impl Signed {
    /// The passes, signed, in their order. The lock is not held while something is signed.
    pub(crate) fn of(&self, passes: &[Pass], signer: &Signer, store: u64) -> Vec<Arc<str>> {
        let known: Vec<Option<Arc<str>>> = {
            let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let is_current = kept.key == signer.id;
            passes.iter().map(|pass| kept.passes.get(pass).filter(|_| is_current).cloned()).collect()
        };
        if known.iter().all(Option::is_some) {
            return known.into_iter().flatten().collect();
        }
        let sign = |(pass, known): (&Pass, Option<Arc<str>>)| known.unwrap_or_else(|| signer.sign(pass, store).into());
        let signed: Vec<Arc<str>> = passes.iter().zip(known).map(sign).collect();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.key != signer.id {
            *kept = Kept { key: signer.id.clone(), passes: HashMap::new() };
        }
        if kept.passes.len() + passes.len() > KEPT_MAX {
            // Any half: who asks again has theirs signed again.
            let mut odd = false;
            kept.passes.retain(|_, _| {
                odd = !odd;
                odd
            });
        }
        kept.passes.extend(passes.iter().copied().zip(signed.iter().cloned()));
        signed
    }
}

#[cfg(test)]
mod tests {
    use onsale_domain::ids::{PaymentId, ReservationId, ScheduleId, SeatId};
    use onsale_domain::time::Time;

    use super::*;

    #[test]
    fn what_is_kept_is_what_would_be_signed() {
        let pass = |seat| Pass {
            reservation: ReservationId(1),
            payment: PaymentId(1),
            schedule: ScheduleId(1),
            seat: SeatId(seat),
            paid_at: Time(1_000),
            issue: 0,
        };
        let (signed, signers) = (Signed::default(), [Signer::new(&[1; 32]), Signer::new(&[2; 32])]);
        let passes: Vec<_> = (1..=4).map(pass).collect();
        for signer in [&signers[0], &signers[0], &signers[1], &signers[0]] {
            let expected: Vec<_> = passes.iter().map(|pass| signer.sign(pass, 7)).collect();
            let found: Vec<_> = signed.of(&passes, signer, 7).iter().map(ToString::to_string).collect();
            assert_eq!(found, expected);
        }
        // The same text, not an equal one: it was not made again.
        let again = signed.of(&passes[..1], &signers[0], 7);
        assert!(Arc::ptr_eq(&again[0], &signed.of(&passes, &signers[0], 7)[0]));
    }
}
