//! What is kept of a person, for operators.

use super::call::Call;
use crate::admin::{Erased, ToErase};
use crate::problem::Code;

pub(super) fn calls() -> [Call; 1] {
    let erase = Call::post("/v1/admin/people/erase", "erasePerson", "Erase a person")
        .describe("What leads from what they are called to their number is forgotten, and cannot be found out again; their places end, their holds are released, and their tokens are refused. What was paid stays, under a number that is nobody's. Where they are erased already it says so. See docs/privacy.md. Refused with 409 while the store is below level 9, where 65,536 users have theirs revoked, and where something would be lost unless `force` says so.")
        .takes::<ToErase>()
        .gives::<Erased>()
        .refuses(&[Code::UserNotFound, Code::ErasureLoses, Code::LimitReached])
        .writes();
    [erase]
}
