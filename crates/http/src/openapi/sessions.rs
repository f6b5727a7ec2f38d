//! Sessions that somebody else than their owners keeps, or ends.

use super::call::Call;
use crate::admin::{EndedSession, KeptSession, WhichSession};
use crate::problem::Code;

pub(super) fn calls() -> [Call; 2] {
    let keep = Call::post("/v1/admin/users/{id}/session/keep", "keepSession", "Say that a user is doing something")
        .describe("For the shop whose buyer is busy where this service does not hear it, as at the payment provider: it counts as what the user does. Where sessions become longer (`sessionMax`) this one does, and where idle ones end (`sessionIdle`) it has the whole time again. It is not put on record. From the store's level 9 on.")
        .path_id("The user, by the number with which the queue was joined.")
        .takes::<WhichSession>()
        .gives::<KeptSession>()
        .refuses(&[Code::QueueNotFound, Code::NotAdmitted, Code::SessionExpired])
        .writes();
    let end = Call::post("/v1/admin/users/{id}/session/end", "endSession", "End a user's session")
        .describe("The slot is the next one's. What the user holds is theirs until it lapses, and can be paid as long; a place that they take anew is at the tail. From the store's level 9 on.")
        .path_id("The user, by the number with which the queue was joined.")
        .takes::<WhichSession>()
        .gives::<EndedSession>()
        .refuses(&[Code::QueueNotFound, Code::NotAdmitted, Code::SessionExpired])
        .writes();
    [keep, end]
}
