//! A browser before a gate, or an app: it keeps the cookies of the service and of the site, and follows where it is sent.

use onsale_testkit::{Call, Client, Reply, Server};

use super::{OURS, SITE};

const PAGE: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

pub(super) struct Browser {
    /// The service, and the site where it is another.
    ours: Client,
    site: Option<Client>,
    accept: &'static str,
    our_cookies: Vec<(String, String)>,
    site_cookies: Vec<(String, String)>,
}

impl Browser {
    /// What the site's proxy hands on goes to the service at once.
    pub(super) fn new(server: &Server) -> Self {
        Self { ours: server.client(), site: None, accept: PAGE, our_cookies: Vec::new(), site_cookies: Vec::new() }
    }

    /// One that comes to the site through a proxy.
    pub(super) fn before(server: &Server, site: &Client) -> Self {
        Self { site: Some(site.clone()), ..Self::new(server) }
    }

    pub(super) fn app(server: &Server) -> Self {
        Self { accept: "application/json", ..Self::new(server) }
    }

    /// The same, where the service is somewhere else by now.
    pub(super) fn at(self, server: &Server) -> Self {
        Self { ours: server.client(), ..self }
    }

    /// The cookies that the site gets.
    pub(super) fn passes(&self) -> String {
        line(&self.site_cookies)
    }

    /// Looks at the waiting page, and is given its cookie first where it has none.
    pub(super) async fn look(&mut self, to: &str) -> Reply {
        let to = to.replace('?', "%3F").replace('=', "%3D").replace('/', "%2F");
        let path = format!("/gate/default?to={to}");
        let reply = self.ask_us(Call::get(&path)).await;
        match reply.header("location") {
            Some(back) if back.contains("cookie=1") => {
                let back = back.to_owned();
                self.ask_us(Call::get(back)).await
            }
            _ => reply,
        }
    }

    /// Opens a link that lets in, and presses its button where there is one: where it is sent then, or what it is told.
    pub(super) async fn use_link(&mut self, url: &str) -> Reply {
        let path = url.strip_prefix(OURS).expect("the service's");
        let mut page = self.ask_us(Call::get(path)).await;
        if let Some(back) = page.header("location").filter(|to| to.contains("cookie=1")) {
            let back = back.to_owned();
            page = self.ask_us(Call::get(back)).await;
        }
        let is_asked = page.status == 200 && String::from_utf8_lossy(&page.body).contains("<form method=\"post\"");
        if is_asked { self.ask_us(Call::post(path)).await } else { page }
    }

    /// Presses the button of a link twice before anything is answered: both go with the cookies of before.
    pub(super) async fn press_twice(&mut self, url: &str) -> [u16; 2] {
        let path = url.strip_prefix(OURS).expect("the service's");
        if self.our_cookies.is_empty() {
            self.ask_us(Call::get(path)).await;
        }
        let press = || Call::post(path).header("cookie", &line(&self.our_cookies)).header("accept", self.accept);
        let (first, second) = tokio::join!(self.ours.call(press()), self.ours.call(press()));
        [first.status, second.status]
    }

    pub(super) async fn join_again(&mut self, to: &str) {
        let reply = self.ask_us(Call::post(format!("/gate/default?to={to}"))).await;
        assert_eq!(reply.status, 303, "{reply}");
    }

    /// Waits until it is let in: where it is sent then.
    pub(super) async fn admitted(&mut self, to: &str) -> String {
        onsale_testkit::eventually_some("it is let in", async || {
            let reply = self.look(to).await;
            (reply.status == 303).then(|| reply.header("location").expect("where to").to_owned())
        })
        .await
    }

    /// Goes where it was sent with a code.
    pub(super) async fn enter(&mut self, entrance: &str) -> Reply {
        let query = entrance.split_once('?').map_or("", |(_, query)| query).to_owned();
        let reply = match self.site {
            Some(_) => self.ask_site(&format!("/.onsale/enter?{query}")).await,
            None => {
                let call = Call::get(format!("/v1/gate/default/enter?{query}"));
                let call = call.header("cookie", &line(&self.site_cookies)).header("accept", self.accept);
                let reply = self.ours.call(call).await;
                keep(&mut self.site_cookies, &reply, true);
                reply
            }
        };
        assert_eq!(reply.status, 303, "{reply}");
        reply
    }

    /// Asks the site for something, through its proxy.
    pub(super) async fn ask_site(&mut self, path: &str) -> Reply {
        let site = self.site.as_ref().expect("a site of its own");
        let call = Call::get(path).header("cookie", &line(&self.site_cookies)).header("accept", self.accept);
        let reply = site.call(call).await;
        keep(&mut self.site_cookies, &reply, false);
        reply
    }

    /// Comes to the site through its proxy, waits where it is sent, and comes back. What the site says.
    pub(super) async fn visit(&mut self, path: &str) -> Reply {
        loop {
            let reply = self.ask_site(path).await;
            // On a machine that is busy with all else the gate may take longer than its proxy waits.
            if reply.status == 503 && reply.header("retry-after").is_some() {
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
                continue;
            }
            if !matches!(reply.status, 302 | 303) {
                return reply;
            }
            assert!(reply.header("location").is_some_and(|to| to.contains("/gate/default?to=")), "{reply}");
            loop {
                let page = self.look(path).await;
                match (page.status, page.header("location"), page.header("refresh")) {
                    (303, Some(entrance), _) => {
                        let entrance = entrance.to_owned();
                        self.enter(&entrance).await;
                        break;
                    }
                    (200, None, Some(refresh)) => {
                        let seconds =
                            refresh.split(';').next().and_then(|seconds| seconds.parse().ok()).expect("seconds");
                        tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
                    }
                    _ => self.join_again("/").await,
                }
            }
        }
    }

    pub(super) async fn ask_us(&mut self, call: Call) -> Reply {
        let call = call.header("cookie", &line(&self.our_cookies)).header("accept", self.accept);
        // A connection that was kept may have been closed meanwhile, where all of this stood still: a look may be repeated.
        let reply = match self.ours.send(&call).await {
            Ok(reply) => reply,
            Err(_) => self.ours.call(call).await,
        };
        keep(&mut self.our_cookies, &reply, self.site.is_none());
        reply
    }
}

fn line(cookies: &[(String, String)]) -> String {
    cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
}

/// Keeps what it is given. Where both are reached by HTTPS, the names say whose they are.
fn keep(cookies: &mut Vec<(String, String)>, reply: &Reply, is_https: bool) {
    for set in reply.headers.get_all("set-cookie") {
        let (pair, attributes) = set.to_str().unwrap().split_once(';').expect("attributes");
        let (name, value) = pair.split_once('=').expect("a pair");
        let is_bound = name.starts_with("__Host-") && attributes.contains("; Secure") && attributes.contains("Path=/");
        // By that one a node knows what was seen of the others: it says nothing of anybody.
        assert!(!is_https || is_bound || name == "onsale-seq", "{OURS} and {SITE}: {set:?}");
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{set:?}");
        cookies.retain(|(known, _)| known != name);
        cookies.push((name.to_owned(), value.to_owned()));
    }
}
