//! Where a visitor wants to be: a path of the site, and never an address elsewhere.

/// The longest that is kept. Behind it is the start page.
const PATH_BYTES_MAX: usize = 2_048;

/// The path and query that a text names on the site of this origin: as a path, or as a whole address below the origin. `None` for whatever
/// a browser might take for another site's.
pub(crate) fn target<'t>(text: &'t str, origin: &str) -> Option<&'t str> {
    let path = match text.strip_prefix(origin) {
        Some("") => "/",
        Some(rest) => rest,
        None => text,
    };
    let bytes = path.as_bytes();
    // Browsers take a backslash for a slash, and two slashes at the beginning for another host.
    let is_of_the_site = bytes.first() == Some(&b'/') && bytes.get(1) != Some(&b'/');
    let is_plain = bytes.iter().all(|byte| byte.is_ascii_graphic() && !b"\\\"<>#`{|}^".contains(byte));
    (is_of_the_site && is_plain && bytes.len() <= PATH_BYTES_MAX).then_some(path)
}

/// A text as the value of a query.
pub(crate) fn in_query(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = "https://shop.example";

    #[test]
    fn a_path_of_the_site_is_one_however_it_is_named() {
        for (text, path) in [
            ("/", "/"),
            ("/a/b?c=d&e=%2F%2Fx", "/a/b?c=d&e=%2F%2Fx"),
            ("https://shop.example", "/"),
            ("https://shop.example/a", "/a"),
            ("/a//b?to=https://evil.example", "/a//b?to=https://evil.example"),
        ] {
            assert_eq!(target(text, SITE), Some(path), "{text}");
        }
    }

    #[test]
    fn nothing_leads_elsewhere() {
        let long = format!("/{}", "a".repeat(PATH_BYTES_MAX));
        for text in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example/",
            "https://shop.example.evil.example/",
            "https://shop.example@evil.example/",
            "https://shop.example:8443/",
            "https://shop.example//evil.example",
            "https://shop.example\\@evil.example",
            "http://shop.example/",
            "HTTPS://SHOP.EXAMPLE/",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: a=b",
            "/a b",
            "/a\tb",
            "/\u{202e}a",
            "/a#b",
            &long,
        ] {
            assert_eq!(target(text, SITE), None, "{text}");
        }
    }
}
