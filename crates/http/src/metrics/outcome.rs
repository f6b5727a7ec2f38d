//! How a request ended, as a slot to count in.

use http::StatusCode;

use crate::problem::Code;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With a status that no problem stands behind. 200 and 304 are counted by themselves, others by their class.
    Status(StatusCode),
    /// With a problem.
    Problem(Code),
}

/// The labels `status` and `code` of the slots that are not problems.
const PLAIN: [(&str, &str); 7] = [
    ("200", "OK"),
    ("304", "NOT_MODIFIED"),
    ("1xx", "OTHER"),
    ("2xx", "OTHER"),
    ("3xx", "OTHER"),
    ("4xx", "OTHER"),
    ("5xx", "OTHER"),
];

impl Outcome {
    /// How many slots there are.
    pub(super) const SLOTS: usize = PLAIN.len() + Code::ALL.len();

    pub(super) fn slot(self) -> usize {
        match self {
            Self::Status(StatusCode::OK) => 0,
            Self::Status(StatusCode::NOT_MODIFIED) => 1,
            Self::Status(status) => 1 + usize::from(status.as_u16() / 100).clamp(1, 5),
            Self::Problem(code) => PLAIN.len() + code as usize,
        }
    }

    /// The values of `status` and `code` for a slot.
    pub(super) fn labels(slot: usize) -> (String, &'static str) {
        if let Some((status, code)) = PLAIN.get(slot) {
            return ((*status).to_owned(), code);
        }
        let code = Code::ALL[slot - PLAIN.len()];
        (code.status().as_u16().to_string(), code.as_str())
    }
}
