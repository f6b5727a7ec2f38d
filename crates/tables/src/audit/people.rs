//! People: one number each.

use onsale_domain::ids::UserId;
use onsale_domain::user::{SUBJECT_FIRST, nobodys};

use super::check::{self, Check, Finding, violated};
use crate::error::Error;
use crate::fields::{Cell, Query};

const SUBJECTS: Check = Check {
    name: "one number for each subject",
    count: "SELECT count(*) FROM subjects",
    violations: &["SELECT 'user ' || user_id || ' is ' || count(*) || ' subjects' FROM subjects
         GROUP BY user_id HAVING count(*) > 1 ORDER BY user_id"],
};
pub(super) const ERASED: Check = Check {
    name: "nobody who was erased has anything that goes on",
    count: "SELECT count(*) FROM erasures",
    violations: &[
        "SELECT 'user ' || e.user_id || ' was erased, and is known as user ' || s.user_id || ' by the same pseudonym'
         FROM erasures e JOIN subjects s ON s.digest = e.pseudonym ORDER BY e.user_id",
        // The number that a subject was given is given to nobody again; one that a shop has given may come again.
        "SELECT 'user ' || e.user_id || ' was erased, and has a place'
         FROM erasures e JOIN subjects s ON s.user_id = e.user_id
         JOIN tickets t ON t.user_id = e.user_id AND t.state < 4 ORDER BY e.user_id",
        "SELECT 'user ' || e.user_id || ' was erased, and holds reservation ' || r.reservation_id
         FROM erasures e JOIN subjects s ON s.user_id = e.user_id
         JOIN reservations r ON r.user_id = e.user_id AND r.state = 0 ORDER BY e.user_id, r.reservation_id",
        "SELECT 'user ' || e.user_id || ' was erased, and their tokens count' FROM erasures e
         LEFT JOIN revoked r ON r.user_id = e.user_id WHERE r.since IS NULL OR r.since <= e.at ORDER BY e.user_id",
    ],
};
const NUMBERS: &str = "SELECT user_id, digest FROM subjects ORDER BY user_id";

pub(super) fn subjects(query: &dyn Query) -> Result<Finding, Error> {
    let mut finding = check::run(query, &SUBJECTS)?;
    let mut last = SUBJECT_FIRST - 1;
    query.rows(NUMBERS, &[], &mut |row| {
        let Cell::Integer(number) = row.cell(0)? else { return Ok(()) };
        let number = number.cast_unsigned();
        // A restored store goes on behind numbers that were passed over, at one that is nobody's.
        let in_turn = number == last + 1 || (number == last && number >= SUBJECT_FIRST);
        let Cell::Bytes(digest) = row.cell(1)? else { return Ok(()) };
        let is_passed_to = number > last && digest == nobodys(UserId(number));
        if !in_turn && !is_passed_to {
            violated(&mut finding, || format!("user {number} is a subject, with a number that none was given"));
        }
        last = last.max(number);
        Ok(())
    })?;
    Ok(finding)
}
