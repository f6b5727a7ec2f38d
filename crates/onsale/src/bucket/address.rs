use std::fmt;
use std::str::FromStr;

/// How an address of a bucket begins.
const SCHEME: &str = "s3://";

/// A bucket, and what the names of a copy's objects begin with in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(super) bucket: String,
    /// Without a slash at its ends; there need be none.
    pub(super) prefix: String,
}

impl Address {
    /// Whether this is meant for the address of a bucket, right or wrong: a directory of the name would get a copy with the store's keys,
    /// and nobody would look for it there. One that is called so is named with `./` before it.
    pub(crate) fn is_meant(text: &str) -> bool {
        let is_of_scheme = |character: char| character.is_ascii_alphanumeric() || "+.-".contains(character);
        let (scheme, rest) = text.split_once(':').unwrap_or(("", ""));
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(is_of_scheme)
            && (rest.starts_with("//") || ["s3", "gs"].iter().any(|known| scheme.eq_ignore_ascii_case(known)))
    }

    /// What an object of the copy is called in the bucket.
    pub(super) fn name(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}/{name}", self.prefix) }
    }
}

impl FromStr for Address {
    type Err = String;

    /// # Errors
    /// Where it names no bucket, in words that do not repeat it: there may be a secret in it.
    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix(SCHEME).ok_or("it must be as s3://BUCKET/PREFIX")?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.contains(['@', ':']) {
            return Err(
                "name the bucket alone, as s3://BUCKET/PREFIX: the server is told by AWS_ENDPOINT_URL, who asks by \
                        AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                    .to_owned(),
            );
        }
        let is_plain = |character: char| character.is_ascii_alphanumeric() || "-._".contains(character);
        if bucket.is_empty() || !bucket.chars().all(is_plain) {
            return Err("it names no bucket: it must be as s3://BUCKET/PREFIX".to_owned());
        }
        let prefix = prefix.trim_end_matches('/');
        let is_name = |part: &str| !part.is_empty() && part != "." && part != ".." && part.chars().all(is_plain);
        if !prefix.is_empty() && !prefix.split('/').all(is_name) {
            return Err(
                "a prefix is made of letters, digits, '-', '.' and '_', with single slashes between them".to_owned()
            );
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}", self.bucket)?;
        if self.prefix.is_empty() { Ok(()) } else { write!(f, "/{}", self.prefix) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_bucket_and_tells_no_secret() {
        for (text, bucket, prefix) in [
            ("s3://b", "b", ""),
            ("s3://b/", "b", ""),
            ("s3://b-1.x/a/b/", "b-1.x", "a/b"),
            ("s3://b/a_.1", "b", "a_.1"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.bucket.as_str(), address.prefix.as_str()), (bucket, prefix), "{text}");
            assert_eq!(address.to_string(), text.trim_end_matches('/'));
        }
        for meant in ["s3://b", "S3://b", "s3:b/x", "gs://b/x", "https://b/x", "s3://"] {
            assert!(Address::is_meant(meant), "{meant}");
        }
        for directory in ["b", "/b", "./s3://b", "a/s3://b", "a:b", "2026:12", ":", "://b"] {
            assert!(!Address::is_meant(directory), "{directory}");
        }
        for wrong in [
            "b",
            "s3://",
            "s3:///a",
            "S3://b",
            "https://b/x",
            "s3://b//a",
            "s3://b/../a",
            "s3://b/a?versionId=1",
            "s3://me:secret@b/a",
        ] {
            let said = wrong.parse::<Address>().unwrap_err();
            assert!(!said.contains("secret@") && said.contains("s3://BUCKET") || said.contains("slashes"), "{said}");
        }
    }
}
