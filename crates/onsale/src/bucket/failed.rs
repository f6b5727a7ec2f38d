use object_store::Error;

use crate::failure::Hint;

/// What the server says where the bucket itself is missing.
const NO_BUCKET: &str = "NoSuchBucket";
const REGION: &str = "AWS_REGION has to be the region of the bucket";
/// The most of what an error says that is told.
const TOLD_CHARS: usize = 300;

/// A bucket does not do what it was asked. It may later: whoever goes on tries again.
#[derive(Debug, thiserror::Error)]
#[error("{doing} failed: {why}")]
pub(crate) struct Failed {
    doing: String,
    why: String,
}

/// Says what failed, why, and what can be done about it.
pub(super) fn describe(doing: &str, error: &Error) -> anyhow::Error {
    let said = told(error);
    let code = element(&said, "Code");
    // The rest of an answer has what was signed, and by whom.
    let why = match (code, element(&said, "Message").filter(|message| !message.is_empty()), error) {
        (Some(code), Some(message), _) => format!("the server says {code}, \"{message}\""),
        (Some(code), None, _) => format!("the server says {code}"),
        (None, _, Error::PermissionDenied { .. } | Error::Unauthenticated { .. }) => "the server refuses it".to_owned(),
        (None, _, Error::NotFound { .. }) => "the server says that there is no such thing".to_owned(),
        // What is no such server may answer with a whole page.
        (None, ..) => said.lines().next().unwrap_or_default().to_owned(),
    };
    let failed = anyhow::Error::new(Failed { doing: doing.to_owned(), why: why.chars().take(TOLD_CHARS).collect() });
    match hint(code, &said, error) {
        Some(hint) => failed.context(Hint(hint.to_owned())),
        None => failed,
    }
}

/// Whether it is the bucket that is not there, and not the object.
pub(super) fn is_of_bucket(error: &Error) -> bool {
    element(&told(error), "Code") == Some(NO_BUCKET)
}

fn hint(code: Option<&str>, said: &str, error: &Error) -> Option<&'static str> {
    Some(match (code, error) {
        (Some(NO_BUCKET), _) => {
            "make the bucket, or name one that is there; AWS_ENDPOINT_URL names the server, AWS_REGION its region"
        }
        (Some("InvalidAccessKeyId" | "SignatureDoesNotMatch"), _) | (_, Error::Unauthenticated { .. }) => {
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have to be somebody's whom this server knows; AWS_ENDPOINT_URL names the server"
        }
        (Some("PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"), _) => {
            REGION
        }
        (None, _) if said.contains("incorrectly configured region") => REGION,
        (Some("RequestTimeTooSkewed"), _) => "set the clock of this machine, or of the server",
        (_, Error::PermissionDenied { .. }) => {
            "whom AWS_ACCESS_KEY_ID names has to be let list the bucket, and get, put and delete its objects"
        }
        // The machine's own role was asked for, at an address that only a cloud has.
        (None, Error::Generic { .. }) if names_nobody() => "name a key by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        (None, Error::Generic { .. }) => "is the server there that AWS_ENDPOINT_URL names? Without that it is Amazon's",
        _ => return None,
    })
}

fn names_nobody() -> bool {
    const NAMES: [&str; 4] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    NAMES.iter().all(|name| std::env::var_os(name).is_none())
}

/// The innermost cause says it; those around it repeat it, with the address.
fn told(error: &Error) -> String {
    let mut texts = vec![error.to_string()];
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        texts.push(error.to_string());
        cause = error.source();
    }
    // An answer of the server's is with one of the outer ones.
    let answer = texts.iter().position(|text| text.contains("<Code>"));
    texts.swap_remove(answer.unwrap_or(texts.len() - 1))
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure;

    #[test]
    fn what_a_server_says_is_told_without_what_was_signed() {
        let body = "status 403: <Error><Code>SignatureDoesNotMatch</Code><Message>No.</Message><StringToSign>AWS4 \
                    secret</StringToSign></Error>";
        let error = Error::PermissionDenied { path: "a/manifest".to_owned(), source: body.into() };
        let said = failure::describe(&describe("reading s3://b/a", &error));
        assert!(
            said.starts_with(
                "error: reading s3://b/a failed: the server says SignatureDoesNotMatch, \"No.\"\nhint: AWS_"
            )
        );
        assert!(!said.contains("secret\n") && !said.contains("StringToSign"), "{said}");
        let page = Error::Generic { store: "S3", source: "<html>\nyou are lost".into() };
        let said = failure::describe(&describe("reading s3://b/a", &page));
        assert!(said.contains("hint: ") && !said.contains("lost"), "{said}");
    }
}
