//! What people read, by language.

use super::code::Code;
use super::{en, ko};
use crate::negotiate::Language;

/// The words for one code in one language.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// A few words.
    pub title: &'static str,
    /// What a buyer is told: what happened, and the next step.
    pub message: &'static str,
    /// What a developer is told, on the code's page and as the `detail` where there is no closer one. Text between
    /// backquotes is code.
    pub page: &'static str,
}

impl Code {
    /// The words for this code.
    #[must_use]
    pub fn text(self, language: Language) -> Text {
        match language {
            Language::En => en::text(self),
            Language::Ko => ko::text(self),
        }
    }
}
