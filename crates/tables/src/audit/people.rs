//! People: one number each.

use super::check::Check;

pub(super) const SUBJECTS: Check = Check {
    name: "one number for each subject",
    count: "SELECT count(*) FROM subjects",
    violations: &[
        "SELECT 'user ' || user_id || ' is ' || count(*) || ' subjects' FROM subjects
         GROUP BY user_id HAVING count(*) > 1 ORDER BY user_id",
        "SELECT 'user ' || user_id || ' is a subject, with a number that none was given' FROM subjects
         WHERE user_id < 4503599627370496 OR user_id > 9007199254740991 ORDER BY user_id",
    ],
};
