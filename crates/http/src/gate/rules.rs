//! Which requests of a site its gate is for: by path, and by method where that is said.
//!
//! A path may be written in many ways, and a site may take two for the same that we do not. So what is not plain is behind the gate, whatever
//! the rules say: whoever plays with the address gains nothing by it.

/// The most rules of a list, and the longest.
const RULES_MAX: usize = 50;
const RULE_BYTES_MAX: usize = 200;

/// The rules of a site. Without any the gate is for all of its requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Where there are some, the gate is for what one of them matches, and nothing else.
    pub only: Vec<Rule>,
    /// What one of these matches passes in any case.
    pub free: Vec<Rule>,
}

/// Some requests: `/about`, `/static/*`, `POST /checkout*`, `PUT|DELETE /cart/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// In capitals; empty for all.
    methods: Vec<String>,
    /// The path, or what it begins with.
    path: String,
    is_prefix: bool,
}

/// Who asks for what, as far as it is said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'r> {
    pub(crate) method: Option<&'r str>,
    pub(crate) path: Option<&'r str>,
}

impl Rule {
    /// The rules of a list with commas between them.
    ///
    /// # Errors
    /// What one of them should have been.
    pub fn list(text: &str) -> Result<Vec<Self>, String> {
        let rules = text.split(',').map(str::trim).filter(|rule| !rule.is_empty());
        let rules = rules.map(Self::read).collect::<Result<Vec<_>, _>>()?;
        if rules.len() > RULES_MAX { Err(format!("must be at most {RULES_MAX} rules")) } else { Ok(rules) }
    }

    fn read(text: &str) -> Result<Self, String> {
        let (methods, path) = text.split_once(' ').map_or(("", text), |(methods, path)| (methods, path.trim_start()));
        let methods: Vec<_> = methods.split('|').filter(|method| !method.is_empty()).map(str::to_owned).collect();
        let is_method = |method: &String| method.len() <= 20 && method.bytes().all(|byte| byte.is_ascii_uppercase());
        let (begin, is_prefix) = path.strip_suffix('*').map_or((path, false), |begin| (begin, true));
        // As `plain` would leave it: another would never match.
        let is_plain = plain(begin).as_deref() == Some(begin) && begin.is_ascii() && !begin.contains(['*', ' ', '?']);
        if is_plain && text.len() <= RULE_BYTES_MAX && methods.iter().all(is_method) {
            Ok(Self { methods, path: begin.to_owned(), is_prefix })
        } else {
            let what = "must be rules with commas between them, such as /about, /static/* or POST|PUT /checkout*";
            Err(format!("{what}, but has {text:?}"))
        }
    }

    fn has(&self, method: &str) -> bool {
        let has = |method: &str| self.methods.iter().any(|known| known == method);
        self.methods.is_empty() || has(method) || (method == "HEAD" && has("GET"))
    }

    /// Whether it may be this request that is meant: sites differ in what they make of letters' case and of a slash at the end.
    fn may_match(&self, method: Option<&str>, path: &str) -> bool {
        let (path, rule) = (path.to_ascii_lowercase(), self.path.to_ascii_lowercase());
        let is_same = path.trim_end_matches('/') == rule.trim_end_matches('/');
        let is_it = is_same || (self.is_prefix && path.starts_with(&rule));
        is_it && method.is_none_or(|method| self.has(&method.to_ascii_uppercase()))
    }

    /// Whether it is this request that is meant, and no other.
    fn matches(&self, method: Option<&str>, path: &str) -> bool {
        let is_it = if self.is_prefix { path.starts_with(&self.path) } else { path == self.path };
        is_it && method.map_or(self.methods.is_empty(), |method| self.has(method))
    }
}

impl Rules {
    pub(crate) fn are_none(&self) -> bool {
        self.only.is_empty() && self.free.is_empty()
    }

    /// Whether a request is behind the gate.
    pub(crate) fn gate(&self, request: Asked<'_>) -> bool {
        if self.are_none() {
            return true;
        }
        let Some(path) = request.path.and_then(plain) else { return true };
        let is_meant = self.only.is_empty() || self.only.iter().any(|rule| rule.may_match(request.method, &path));
        is_meant && !self.free.iter().any(|rule| rule.matches(request.method, &path))
    }
}

/// The path of an address, decoded; `None` where two programs may take it for different ones.
fn plain(address: &str) -> Option<String> {
    let path = address.split('?').next().unwrap_or_default();
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                // Two digits make a byte.
                (digit()? << 4 | digit()?) as u8
            }
            byte => byte,
        };
        // What some decode twice, or take for a slash, or for the end of the path. A slash that is encoded is one of them.
        let is_slash = byte == b'/' && decoded.last() == Some(&b'/');
        if is_slash || byte.is_ascii_control() || b"\\%;?#".contains(&byte) {
            return None;
        }
        decoded.push(byte);
    }
    // The slashes of what was sent are those that came out.
    let slashes = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'/').count();
    if slashes(&decoded) != slashes(path.as_bytes()) {
        return None;
    }
    let path = String::from_utf8(decoded).ok().filter(|path| path.starts_with('/'))?;
    // `.` and `..` are resolved, by some also as `. .`; and some leave out what is at the end of a name.
    let is_name = |part: &str| !part.ends_with(['.', ' ']) && !part.starts_with(' ') && !part.starts_with("..");
    (path.split('/').all(is_name) && path.chars().all(stands_for_itself)).then_some(path)
}

/// Letters that nobody takes for others: Unicode has many that some programs write as those of ASCII.
fn stands_for_itself(letter: char) -> bool {
    letter.is_ascii()
        || matches!(letter, 'À'..='ÿ' | 'Ѐ'..='ӿ' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | '一'..='\u{9fff}' | '가'..='힣')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(only: &str, free: &str) -> Rules {
        Rules { only: Rule::list(only).expect("rules"), free: Rule::list(free).expect("rules") }
    }

    fn gates(rules: &Rules, method: &str, path: &str) -> bool {
        rules.gate(Asked { method: Some(method), path: Some(path) })
    }

    #[test]
    fn without_rules_all_is_behind_the_gate_and_so_is_what_nobody_named() {
        assert!(gates(&Rules::default(), "GET", "/"));
        let some = rules("/checkout*", "");
        for (method, path) in [(None, None), (Some("GET"), None), (None, Some("/checkout")), (Some("GET"), Some(""))] {
            assert!(some.gate(Asked { method, path }), "{method:?} {path:?}");
        }
        assert!(!some.gate(Asked { method: None, path: Some("/about") }));
        let by_method = rules("POST /checkout*", "GET /checkout/help");
        assert!(by_method.gate(Asked { method: None, path: Some("/checkout/help") }), "it may be a POST");
    }

    #[test]
    fn only_what_is_named_is_behind_it_however_it_is_written() {
        let some = rules("POST|PUT /checkout*, /tickets/*, /Basket", "/tickets/help");
        for (method, path) in [
            ("POST", "/checkout"),
            ("post", "/checkout?a=b"),
            ("PUT", "/CHECKOUT/2"),
            ("GET", "/tickets"),
            ("GET", "/tickets/"),
            ("GET", "/tickets/7?x=/about"),
            ("GET", "/%74ickets/7"),
            ("GET", "/TICKETS/7"),
            ("GET", "/tickets/help/"),
            ("GET", "/tickets/Help"),
            ("GET", "/basket/"),
        ] {
            assert!(gates(&some, method, path), "{method} {path}");
        }
        for (method, path) in [
            ("GET", "/checkout"),
            ("GET", "/"),
            ("GET", "/about?to=/tickets/7"),
            ("GET", "/ticketsellers"),
            ("GET", "/tickets/help"),
            ("GET", "/%EA%B3%B5%EC%97%B0/1"),
            ("GET", "/basket/7"),
        ] {
            assert!(!gates(&some, method, path), "{method} {path}");
        }
    }

    #[test]
    fn whoever_plays_with_the_address_waits() {
        for rules in [rules("/checkout*", ""), rules("", "/static/*, /robots.txt")] {
            for path in [
                "//checkout",
                "/static//../checkout",
                "/static/../checkout",
                "/static/./../checkout",
                "/static/%2e%2e/checkout",
                "/static/.%2E/checkout",
                "/static/..%2fcheckout",
                "/static%2f..%2fcheckout",
                "/static/%252e%252e/checkout",
                "/static/..;/checkout",
                "/static/..;a=b/checkout",
                "/static/a;/../checkout",
                "/static/..\\checkout",
                "/static/..%5ccheckout",
                "/static/a%00/../checkout",
                "/static/a%0a",
                "/static/...",
                "/static/.. /checkout",
                "/static/..%20/checkout",
                "/checkout%20",
                "/checkout.",
                "/checkout;x",
                "/checkout%3bx",
                "/checkout%23",
                "/checkout#x",
                "/check%6",
                "/check%zz",
                "/%c0%ae%c0%ae/checkout",
                "/%ff",
                // The long s, the Kelvin sign, full width.
                "/%C5%BFtatic/a",
                "/chec%E2%84%AAout",
                "/%EF%BD%83heckout",
                "checkout",
                "http://shop.example/checkout",
                "*",
                "",
            ] {
                assert!(gates(&rules, "GET", path), "{rules:?} {path}");
            }
        }
        let free = rules("", "GET /static/*, /robots.txt");
        assert!(!gates(&free, "HEAD", "/static/a.css?v=..%2f"));
        for (method, path) in [
            ("POST", "/static/a"),
            ("get", "/static/a"),
            ("GET", "/static"),
            ("GET", "/Static/a"),
            ("GET", "/robots.txt/"),
        ] {
            assert!(gates(&free, method, path), "{method} {path}");
        }
    }

    #[test]
    fn a_rule_that_could_never_match_is_none() {
        for text in [
            "static",
            "GET",
            "get /a",
            "/a//b",
            "/a/../b",
            "/a%2fb",
            "/a*b",
            "/a;b",
            "/a?b",
            "/공연/*",
            "/a b",
            "GET POST /a",
        ] {
            assert!(Rule::list(text).is_err(), "{text}");
        }
        assert!(Rule::list(&"/a,".repeat(51)).is_err());
        assert_eq!(Rule::list(" /a , ,GET  /*").expect("two").len(), 2);
    }
}
