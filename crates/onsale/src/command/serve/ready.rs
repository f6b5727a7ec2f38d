//! What is printed when the server serves: the address, what to open, and what to paste.

use std::fmt::Write as _;
use std::net::SocketAddr;

use onsale_http::token::Secret;

pub(super) struct Ready {
    pub(super) address: SocketAddr,
    /// Where operators are served, if not there too.
    pub(super) operators: Option<SocketAddr>,
    pub(super) tls: bool,
    pub(super) demo: bool,
    /// The admin key is the configuration's.
    pub(super) admin_set: bool,
}

impl Ready {
    /// `admin_made`: the admin key, where this start has made it; `kept`: where it is.
    pub(super) fn text(&self, admin_made: Option<&Secret>, kept: &str) -> String {
        let mut text = String::new();
        if let Some(key) = admin_made {
            // Writing to a string does not fail.
            let _ = writeln!(text, "admin key, shown once and kept in {kept}:\n  {}\n", key.expose());
        }
        let url = self.url(self.address);
        let operators = self.url(self.operators.unwrap_or(self.address));
        let _ = writeln!(
            text,
            "listening on {url}\n\nopen\n  {url}/       the buyer's page\n  {operators}/ops    the operator's, with the admin key \
             ({})\n  {url}/docs   the API\n",
            if admin_made.is_some() { "above".to_owned() } else { self.admin_kept(kept) }
        );
        if self.demo {
            let _ = write!(text, "{}", journey(&url));
        }
        text
    }

    /// Where the admin key is found that was not made just now.
    fn admin_kept(&self, kept: &str) -> String {
        if self.admin_set { "admin.key of the configuration".to_owned() } else { format!("kept in {kept}") }
    }

    fn url(&self, address: SocketAddr) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{address}")
    }
}

/// From the queue to a ticket. A token that waits is polled until it is let in.
fn journey(url: &str) -> String {
    format!(
        r#"or paste
  API={url}/v1/api
  call() {{ curl -s -H "Authorization: $TOKEN" -H "Content-Type: application/json" "$@"; echo; }}
  TOKEN=$(call $API/queue/token -d '{{"userId":1}}' | sed 's/.*"queueToken":"\([^"]*\)".*/\1/')
  call $API/queue/token/check -X POST
  call $API/concerts/schedule
  call "$API/concerts/seat?scheduleId=1"
  call $API/concerts/reserve -d '{{"scheduleId":1,"seatId":1}}'
  call $API/user/amount -d '{{"amount":50000}}'
  call $API/concerts/payment -d '{{"reservationId":1}}'
  call $API/queue/token/check -X POST
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(tls: bool) -> Ready {
        Ready { address: SocketAddr::from(([127, 0, 0, 1], 4321)), operators: None, tls, demo: true, admin_set: false }
    }

    #[test]
    fn the_address_is_a_line_of_its_own() {
        let text = ready(false).text(None, "data/keys.toml");
        assert!(text.lines().any(|line| line == "listening on http://127.0.0.1:4321"), "{text}");
        let text = ready(true).text(None, "data/keys.toml");
        assert!(text.lines().any(|line| line == "listening on https://127.0.0.1:4321"), "{text}");
    }

    #[test]
    fn the_admin_key_comes_first_where_it_was_made() {
        let key = Secret::new("0123456789abcdef0123456789abcdef").expect("it is long enough");
        let text = ready(false).text(Some(&key), "data/keys.toml");
        let key_at = text.find("0123456789abcdef").expect("the key is shown");
        assert!(key_at < text.find("listening").expect("the address is shown"), "{text}");
        assert!(text.contains("data/keys.toml"), "{text}");
        assert!(text.contains("4321/ops ") && text.contains("admin key (above)"), "{text}");
    }

    #[test]
    fn who_comes_later_learns_where_the_admin_key_is() {
        let text = ready(false).text(None, "data/keys.toml");
        assert!(text.contains("admin key (kept in data/keys.toml)"), "{text}");
        let text = Ready { admin_set: true, ..ready(false) }.text(None, "data/keys.toml");
        assert!(text.contains("admin key (admin.key of the configuration)"), "{text}");
    }
}
