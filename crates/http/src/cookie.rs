//! Cookies: few, sealed, and never read by a script.

use std::time::Duration;

use http::HeaderMap;
use http::header::COOKIE;

/// Which of a site's requests carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SameSite {
    /// Those by which somebody comes from elsewhere, too.
    Lax,
    /// Those of the site itself.
    Strict,
}

/// Over HTTPS no other host, and nobody without TLS, can set one of this name (RFC 6265bis, section 4.1.3.2).
fn named(name: &str, is_https: bool) -> String {
    if is_https { format!("__Host-{name}") } else { name.to_owned() }
}

/// The value of a `Set-Cookie`.
pub(crate) fn set(name: &str, value: &str, is_https: bool, site: SameSite, lives: Duration) -> String {
    let (name, seconds) = (named(name, is_https), lives.as_secs());
    let site = match site {
        SameSite::Lax => "Lax",
        SameSite::Strict => "Strict",
    };
    let secure = if is_https { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={site}{secure}")
}

/// What a browser has kept under a name.
pub(crate) fn get<'h>(headers: &'h HeaderMap, name: &str, is_https: bool) -> Option<&'h str> {
    all(headers, name, is_https).next()
}

/// All that a browser has kept under a name: where it is not bound to the host and `/`, there may be others beside ours.
pub(crate) fn all<'h>(headers: &'h HeaderMap, name: &str, is_https: bool) -> impl Iterator<Item = &'h str> {
    let name = named(name, is_https);
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(known, _)| *known == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        for line in ["a=1; xonsale-ops=2; onsale-ops=3=4", "__Host-onsale-ops=5"] {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        assert_eq!(get(&headers, "onsale-ops", false), Some("3=4"));
        assert_eq!(get(&headers, "onsale-ops", true), Some("5"));
        assert_eq!(get(&headers, "ops", false), None);
        headers.append(COOKIE, HeaderValue::from_static("a=5;onsale-ops=6"));
        assert_eq!(all(&headers, "a", false).collect::<Vec<_>>(), ["1", "5"]);
    }

    #[test]
    fn over_https_it_is_this_host_s_alone() {
        let hour = Duration::from_secs(3_600);
        assert_eq!(
            set("x", "v", true, SameSite::Strict, hour),
            "__Host-x=v; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict; Secure"
        );
        assert_eq!(set("x", "", false, SameSite::Lax, Duration::ZERO), "x=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    }
}
