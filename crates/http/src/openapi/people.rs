//! What is kept of a person, for operators.

use super::call::Call;
use crate::admin::{Erased, Kept, ToErase, Whom};
use crate::problem::Code;

pub(super) fn calls() -> [Call; 2] {
    let erase = Call::post("/v1/admin/people/erase", "erasePerson", "Erase a person")
        .describe("What leads from what they are called to their number is forgotten, and cannot be found out again; their places end, their holds are released, and their tokens are refused. What was paid stays, under a number that is nobody's. Where they are erased already it says so. See docs/privacy.md. Refused with 409 while the store is below level 9, where 65,536 users have theirs revoked, and where something would be lost unless `force` says so.")
        .takes::<ToErase>()
        .gives::<Erased>()
        .refuses(&[Code::UserNotFound, Code::ErasureLoses, Code::LimitReached])
        .writes();
    let export = Call::post("/v1/admin/people/export", "exportPerson", "What there is of a person")
        .describe("All that is kept under one number, as one document: for whoever asks what you have of them. It is as of one entry of the journal, no older than the call; tickets are as of the call. At most 10,000 of each kind: `more` names the kinds of which there is more. One call at a time looks through the tables; another is refused with 429. Who has asked is in the log, without of whom.")
        .takes::<Whom>()
        .gives::<Kept<'_>>()
        .refuses(&[Code::UserNotFound, Code::TooManyRequests, Code::Unavailable]);
    [erase, export]
}
