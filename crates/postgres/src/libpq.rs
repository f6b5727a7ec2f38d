//! The options of a connection string that `tokio-postgres` does not know, as libpq has them.

/// What a connection string says of encryption.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encryption {
    /// `sslmode`.
    pub(crate) mode: Option<String>,
    /// `sslrootcert`.
    pub(crate) root: Option<String>,
}

impl Encryption {
    /// Takes them out of a connection string, and gives the rest of it. What is malformed stays in the rest, whose reader
    /// says what is wrong.
    pub(crate) fn take_from(text: &str) -> (Self, String) {
        let mut taken = Self::default();
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
        let rest = if is_url { taken.take_from_url(text) } else { taken.take_from_pairs(text) };
        (taken, rest)
    }

    fn take_from_url(&mut self, text: &str) -> String {
        let Some((before, query)) = text.split_once('?') else { return text.to_owned() };
        let others: Vec<&str> = query
            .split('&')
            .filter(|pair| match pair.split_once('=') {
                Some((name, value)) => !self.note(name, percent_decoded(value)),
                None => true,
            })
            .collect();
        if others.is_empty() { before.to_owned() } else { format!("{before}?{}", others.join("&")) }
    }

    fn take_from_pairs(&mut self, text: &str) -> String {
        let (mut others, mut left) = (String::new(), text);
        while let Some((name, value, whole, behind)) = pair(left) {
            if !self.note(name, value) {
                others.push_str(whole);
                others.push(' ');
            }
            left = behind;
        }
        others.push_str(left);
        others
    }

    /// Whether it is one of those that are taken.
    fn note(&mut self, name: &str, value: String) -> bool {
        match name {
            "sslmode" => self.mode = Some(value),
            "sslrootcert" => self.root = Some(value),
            _ => return false,
        }
        true
    }
}

/// The first `name = value` of a text: both, the whole of it, and what follows. A value may be in single quotes, and a
/// backslash takes the next character as it is.
fn pair(text: &str) -> Option<(&str, String, &str, &str)> {
    let text = text.trim_start();
    let (name, behind) = text.split_once('=')?;
    let value_text = behind.trim_start();
    let is_quoted = value_text.starts_with('\'');
    let mut value = String::new();
    let mut ends = value_text.len();
    let mut characters = value_text.char_indices().skip(usize::from(is_quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            '\'' if is_quoted => {
                ends = at + 1;
                break;
            }
            space if space.is_whitespace() && !is_quoted => {
                ends = at;
                break;
            }
            other => value.push(other),
        }
    }
    let whole = text.len() - value_text.len() + ends;
    Some((name.trim_end(), value, &text[..whole], &text[whole..]))
}

/// `%2F` is `/`. What is no such code stays as it is.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut left = text.as_bytes();
    while let [first, rest @ ..] = left {
        let code = rest.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                left = &rest[2..];
            }
            _ => {
                bytes.push(*first);
                left = rest;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_taken_and_the_rest_is_left() {
        let check = |text: &str, mode: Option<&str>, root: Option<&str>, rest: &str| {
            let expected = Encryption { mode: mode.map(str::to_owned), root: root.map(str::to_owned) };
            assert_eq!(Encryption::take_from(text), (expected, rest.to_owned()), "{text}");
        };
        check("postgres://h/x", None, None, "postgres://h/x");
        check("postgres://h/x?sslmode=verify-full", Some("verify-full"), None, "postgres://h/x");
        check(
            "postgresql://h/x?connect_timeout=3&sslrootcert=%2Fetc%2Fmy%20ca.pem&sslmode=require",
            Some("require"),
            Some("/etc/my ca.pem"),
            "postgresql://h/x?connect_timeout=3",
        );
        check("host=h dbname=x", None, None, "host=h dbname=x ");
        check(
            r"host=h sslrootcert='/etc/o\'hara ca.pem' sslmode = verify-ca dbname='a b'",
            Some("verify-ca"),
            Some("/etc/o'hara ca.pem"),
            "host=h dbname='a b' ",
        );
        check("nonsense", None, None, "nonsense");
    }
}
