//! How the program says that something went wrong.

use std::process::ExitCode;

use onsale_http::server::BindError;

use crate::config;

/// The command was carried out, and its answer is no: an audit that found something, a catalog that is refused.
pub(crate) const FAILED: u8 = 1;
/// The command line or the configuration cannot be used; nothing was begun. clap uses the same.
pub(crate) const USAGE: u8 = 2;

/// What the user can do about it, told with the error.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Hint(pub(crate) String);

/// One sentence with its causes, and a hint where there is one.
pub(crate) fn describe(error: &anyhow::Error) -> String {
    let hint = error.downcast_ref::<Hint>();
    let mut causes: Vec<String> = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        let is_hint = hint.is_some_and(|hint| hint.0 == cause);
        // An error that passes its source on has its words already.
        let is_told = causes.last().is_some_and(|told| told.ends_with(&cause));
        if !is_hint && !is_told {
            causes.push(cause);
        }
    }
    let mut text = format!("error: {}", causes.join(": "));
    if let Some(Hint(hint)) = hint {
        text.push_str("\nhint: ");
        text.push_str(hint);
    }
    text
}

/// The exit code that the error stands for.
pub(crate) fn code(error: &anyhow::Error) -> ExitCode {
    let usage = error.chain().any(|cause| cause.is::<config::Error>() || is_of_certificate(cause));
    ExitCode::from(if usage { USAGE } else { FAILED })
}

/// A certificate or its key that cannot be used is as wrong the next time; a port that somebody has is not.
fn is_of_certificate(cause: &(dyn std::error::Error + 'static)) -> bool {
    matches!(cause.downcast_ref(), Some(BindError::Tls(_)))
}

#[cfg(test)]
mod tests {
    use anyhow::Context as _;

    use super::*;

    #[test]
    fn an_error_is_told_with_its_causes_and_a_hint() {
        let root = std::io::Error::other("no such thing");
        let error = anyhow::Error::new(root).context("a file cannot be read").context(Hint("look elsewhere".into()));
        assert_eq!(describe(&error), "error: a file cannot be read: no such thing\nhint: look elsewhere");
        let error = Err::<(), _>(anyhow::anyhow!("a: b")).context("the whole: a: b").unwrap_err();
        assert_eq!(describe(&error), "error: the whole: a: b");
    }
}
