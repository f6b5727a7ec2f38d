//! The requests of the wire contract, written by hand: the generator must be cheaper than the server.

use std::io::Write;

/// The same name for the service and the floor, so that both get the same bytes. A server that has a name gets its own,
/// see [`crate::endpoint::Endpoint`].
const HOST: &str = "onsale.example";
pub(crate) const HOST_LINE: &[u8] = b"Host: onsale.example\r\n";

/// A request that is always the same but for its token.
#[derive(Clone, Debug)]
pub struct Template {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Template {
    /// A GET with more headers: each line whole, without its end.
    pub fn get(path: &str, headers: &[&str]) -> Self {
        let mut after = b"\r\n".to_vec();
        for header in headers {
            after.extend_from_slice(header.as_bytes());
            after.extend_from_slice(b"\r\n");
        }
        after.extend_from_slice(b"\r\n");
        Self { before: head("GET", path), after }
    }

    /// A GET with the token as a cookie of this name, and more headers as above.
    pub fn with_cookie(path: &str, name: &str, headers: &[&str]) -> Self {
        let Self { after, .. } = Self::get(path, headers);
        let before = format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {name}=").into_bytes();
        Self { before, after }
    }

    /// A GET of something that everybody may read.
    pub fn without_token(path: &str) -> Vec<u8> {
        format!("GET {path} HTTP/1.1\r\nHost: {HOST}\r\n\r\n").into_bytes()
    }

    /// A POST with a JSON body, which may be empty.
    pub fn post(path: &str, body: &str) -> Self {
        Self::other("POST", path, body)
    }

    /// Any other method with a JSON body.
    pub fn other(method: &str, path: &str, body: &str) -> Self {
        let after = format!("\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        Self { before: head(method, path), after: after.into_bytes() }
    }

    /// A token check: no body at all.
    pub fn check() -> Self {
        Self { before: head("POST", "/v1/api/queue/token/check"), after: b"\r\nContent-Length: 0\r\n\r\n".to_vec() }
    }

    pub fn charge(amount: u64) -> Self {
        Self::post("/v1/api/user/amount", &format!(r#"{{"amount":{amount}}}"#))
    }

    pub fn reserve(schedule: u64, seat: u64) -> Self {
        let body = format!(r#"{{"scheduleId":{schedule},"seatId":{seat}}}"#);
        Self::post("/v1/api/concerts/reserve", &body)
    }

    /// Several seats in one hold.
    pub(crate) fn reserve_several(schedule: u64, seats: &[u64]) -> Self {
        let seats: Vec<String> = seats.iter().map(|seat| format!(r#"{{"seatId":{seat}}}"#)).collect();
        let body = format!(r#"{{"scheduleId":{schedule},"seats":[{}]}}"#, seats.join(","));
        Self::post("/v1/api/concerts/reserve", &body)
    }

    /// So many seats, side by side where that can be had, the last of them for a child where one comes along.
    pub(crate) fn reserve_best(schedule: u64, count: u8, has_child: bool) -> Self {
        let price_types = match has_child {
            true => {
                let adults = count - 1;
                format!(r#","priceTypes":[{{"priceType":"adult","count":{adults}}},{{"priceType":"child","count":1}}]"#)
            }
            false => String::new(),
        };
        let best = format!(r#"{{"count":{count},"together":"preferred"{price_types}}}"#);
        Self::post("/v1/api/concerts/reserve", &format!(r#"{{"scheduleId":{schedule},"best":{best}}}"#))
    }

    /// So many places to stand.
    pub(crate) fn reserve_places(schedule: u64, area: &str, count: u8) -> Self {
        let areas = format!(r#"[{{"areaId":"{area}","quantity":{count}}}]"#);
        Self::post("/v1/api/concerts/reserve", &format!(r#"{{"scheduleId":{schedule},"areas":{areas}}}"#))
    }

    /// A user who is made. No such call is in our own contract: a profile puts it into a service's words.
    pub(crate) fn register(user: u64) -> Self {
        Self::post("/v1/api/users", &format!(r#"{{"userId":{user}}}"#))
    }

    pub fn pay(reservation: u64) -> Self {
        Self::post("/v1/api/concerts/payment", &format!(r#"{{"reservationId":{reservation}}}"#))
    }

    pub fn cancel(reservation: u64) -> Self {
        Self::post("/v1/api/concerts/reserve/cancel", &format!(r#"{{"reservationId":{reservation}}}"#))
    }

    /// The same with one more header: a whole line, without its end.
    #[must_use]
    pub fn and(mut self, header: &str) -> Self {
        let mut after = Vec::with_capacity(self.after.len() + header.len() + 2);
        after.extend_from_slice(b"\r\n");
        after.extend_from_slice(header.as_bytes());
        after.append(&mut self.after);
        Self { before: self.before, after }
    }

    pub fn write(&self, token: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(&self.before);
        out.extend_from_slice(token);
        out.extend_from_slice(&self.after);
    }

    /// The request as bytes of its own.
    pub fn with(&self, token: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(token, &mut out);
        out
    }
}

fn head(method: &str, path: &str) -> Vec<u8> {
    format!("{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: ").into_bytes()
}

/// A token issue, the one call without a token.
pub fn issue(user: u64, out: &mut Vec<u8>) {
    const BODY_OVERHEAD: usize = r#"{"userId":}"#.len();
    let length = BODY_OVERHEAD + decimal_digits(user);
    write!(
        out,
        "POST /v1/api/queue/token HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{{\"userId\":{user}}}"
    )
    .expect("a Vec takes any bytes");
}

/// The same with an entry token in the place of a number.
pub fn issue_signed(entry: &str, out: &mut Vec<u8>) {
    const BODY_OVERHEAD: usize = r#"{"entryToken":""}"#.len();
    let length = BODY_OVERHEAD + entry.len();
    write!(
        out,
        "POST /v1/api/queue/token HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{{\"entryToken\":\"{entry}\"}}"
    )
    .expect("a Vec takes any bytes");
}

/// The same with whatever body.
pub(crate) fn issue_of(body: &str) -> Vec<u8> {
    format!(
        "POST /v1/api/queue/token HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Method and path of a request, without its query: what failures are called by.
pub(crate) fn call_of(request: &[u8]) -> String {
    let line = request.split(|&byte| byte == b'\r').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    format!("{method} {}", path.split('?').next().unwrap_or_default())
}

fn decimal_digits(number: u64) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_puts_the_token_into_its_header() {
        let request = String::from_utf8(Template::charge(50_000).with(b"abc")).unwrap();
        assert_eq!(
            request,
            "POST /v1/api/user/amount HTTP/1.1\r\nHost: onsale.example\r\nAuthorization: abc\r\n\
             Content-Type: application/json\r\nContent-Length: 16\r\n\r\n{\"amount\":50000}"
        );
    }

    #[test]
    fn every_request_names_the_host() {
        assert_eq!(HOST_LINE, format!("Host: {HOST}\r\n").as_bytes());
    }

    #[test]
    fn a_request_is_called_by_method_and_path() {
        let request = Template::get("/v1/api/concerts/seat?scheduleId=1", &[]).with(b"t");
        assert_eq!(call_of(&request), "GET /v1/api/concerts/seat");
    }

    #[test]
    fn a_get_ends_its_head_once() {
        let request = Template::get("/v1/api/concerts/schedule", &["Accept-Encoding: gzip"]).with(b"t");
        assert!(request.ends_with(b"Authorization: t\r\nAccept-Encoding: gzip\r\n\r\n"));
        assert!(Template::get("/", &[]).with(b"t").ends_with(b"Authorization: t\r\n\r\n"));
    }

    #[test]
    fn a_signed_issue_has_its_token_and_its_length() {
        let mut request = Vec::new();
        issue_signed("a.b.c", &mut request);
        assert_eq!(request, issue_of(r#"{"entryToken":"a.b.c"}"#));
    }

    #[test]
    fn a_party_with_a_child_says_so() {
        let body = |template: Template| {
            let request = String::from_utf8(template.with(b"t")).unwrap();
            request.split_once("\r\n\r\n").unwrap().1.to_owned()
        };
        let with = r#"{"scheduleId":1,"best":{"count":3,"together":"preferred","priceTypes":[{"priceType":"adult","count":2},{"priceType":"child","count":1}]}}"#;
        assert_eq!(body(Template::reserve_best(1, 3, true)), with);
        assert_eq!(
            body(Template::reserve_best(1, 2, false)),
            r#"{"scheduleId":1,"best":{"count":2,"together":"preferred"}}"#
        );
        assert_eq!(
            body(Template::reserve_places(1, "Floor", 2)),
            r#"{"scheduleId":1,"areas":[{"areaId":"Floor","quantity":2}]}"#
        );
    }

    #[test]
    fn the_length_of_an_issue_is_that_of_its_body() {
        for user in [1, 9, 10, 99, 100, 9_007_199_254_740_991] {
            let mut request = Vec::new();
            issue(user, &mut request);
            let request = String::from_utf8(request).unwrap();
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{request}");
        }
    }
}
