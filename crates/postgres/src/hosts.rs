//! Several hosts, of which one takes writes.
//!
//! They are tried one after the other, each with a time of its own: one that takes connections and says nothing (a machine
//! that stands still) must not be waited for in the place of those behind it. The search begins where the last one ended, so
//! that a host that is silent costs one session its wait, and not each. A host whose answer to a query did not come in time
//! is tried last from then on: it may be a primary that was replaced, which takes connections and cannot commit any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio_postgres::Config;

use crate::error::Error;
use crate::target::Bad;

/// The hosts of one connection string.
pub(crate) struct Hosts {
    /// The same for each but for the host itself.
    configs: Vec<Config>,
    /// Which is tried first.
    first: AtomicUsize,
}

/// One of them.
#[derive(Clone)]
pub(crate) struct Host {
    all: Arc<Hosts>,
    at: usize,
}

impl Hosts {
    /// Those that `config` names.
    pub(crate) fn of(config: &Config) -> Result<Self, Bad> {
        let (hosts, addresses, ports) = (config.get_hosts(), config.get_hostaddrs(), config.get_ports());
        let uneven = |others, what| Err(Bad::Uneven { hosts: hosts.len(), others, what });
        if !addresses.is_empty() && addresses.len() != hosts.len() {
            return uneven(addresses.len(), "addresses");
        }
        if ports.len() > 1 && ports.len() != hosts.len() {
            return uneven(ports.len(), "ports");
        }
        let configs = (0..hosts.len()).map(|at| only(config, at)).collect();
        Ok(Self { configs, first: AtomicUsize::new(0) })
    }

    /// What `open` gives of the first host for which it gives anything; else its last error.
    pub(crate) fn find<T>(all: &Arc<Self>, open: impl Fn(&Host) -> Result<T, Error>) -> Result<T, Error> {
        let (count, first) = (all.configs.len(), all.first.load(Ordering::Relaxed));
        let mut last = Error::Ended;
        for at in (0..count).map(|step| (first + step) % count) {
            let host = Host { all: all.clone(), at };
            match open(&host) {
                Ok(opened) => {
                    all.first.store(at, Ordering::Relaxed);
                    return Ok(opened);
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

impl Host {
    /// How to connect to it.
    pub(crate) fn config(&self) -> &Config {
        &self.all.configs[self.at]
    }

    /// Whether there is no other.
    pub(crate) fn is_only(&self) -> bool {
        self.all.configs.len() == 1
    }

    /// It gave no answer, or none that counts: the next one is to be tried first, unless somebody has got further.
    pub(crate) fn pass_over(&self) {
        let next = (self.at + 1) % self.all.configs.len();
        let _ = self.all.first.compare_exchange(self.at, next, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The same, of which host number `at` is the only one.
fn only(config: &Config, at: usize) -> Config {
    let mut one = Config::new();
    match &config.get_hosts()[at] {
        tokio_postgres::config::Host::Tcp(name) => one.host(name),
        tokio_postgres::config::Host::Unix(path) => one.host_path(path),
    };
    if let Some(address) = config.get_hostaddrs().get(at) {
        one.hostaddr(*address);
    }
    if let Some(port) = config.get_ports().get(at).or(config.get_ports().first()) {
        one.port(*port);
    }
    config.get_user().map(|user| one.user(user));
    config.get_password().map(|password| one.password(password));
    config.get_dbname().map(|name| one.dbname(name));
    config.get_options().map(|options| one.options(options));
    config.get_application_name().map(|name| one.application_name(name));
    config.get_connect_timeout().map(|time| one.connect_timeout(*time));
    config.get_tcp_user_timeout().map(|time| one.tcp_user_timeout(*time));
    config.get_keepalives_interval().map(|time| one.keepalives_interval(time));
    config.get_keepalives_retries().map(|count| one.keepalives_retries(count));
    one.keepalives(config.get_keepalives()).keepalives_idle(config.get_keepalives_idle());
    one.ssl_mode(config.get_ssl_mode()).ssl_negotiation(config.get_ssl_negotiation());
    one.channel_binding(config.get_channel_binding()).load_balance_hosts(config.get_load_balance_hosts());
    one.target_session_attrs(config.get_target_session_attrs());
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(all: &Arc<Hosts>, sound: &[usize], tried: &[usize]) -> Option<Host> {
        let seen = std::cell::RefCell::new(Vec::new());
        let found = Hosts::find(all, |host| {
            seen.borrow_mut().push(host.at);
            if sound.contains(&host.at) { Ok(host.clone()) } else { Err(Error::Ended) }
        });
        assert_eq!(*seen.borrow(), tried, "where {sound:?} are sound");
        found.ok()
    }

    #[test]
    fn the_search_begins_where_the_last_one_ended_and_a_silent_host_comes_last() {
        let config: Config = "host=a,b,c port=1,2,3 user=x".parse().expect("sound");
        let all = Arc::new(Hosts::of(&config).expect("even"));
        let first = check(&all, &[0, 1, 2], &[0]).expect("a host");
        check(&all, &[2], &[0, 1, 2]);
        check(&all, &[0, 2], &[2]);
        first.pass_over();
        let third = check(&all, &[0, 2], &[2]).expect("what the first has not done counts no more");
        third.pass_over();
        check(&all, &[2], &[0, 1, 2]);
        third.pass_over();
        assert!(check(&all, &[], &[0, 1, 2]).is_none());
    }

    #[test]
    fn one_host_has_all_that_the_string_says_and_nothing_of_the_others() {
        let text = "host=a,b hostaddr=10.0.0.1,10.0.0.2 port=1,2 user=u password=p dbname=d options='-c x=1' \
                    application_name=n sslmode=require sslnegotiation=direct connect_timeout=3 tcp_user_timeout=4 keepalives=0 \
                    keepalives_idle=5 keepalives_interval=6 keepalives_retries=7 target_session_attrs=read-write \
                    channel_binding=require load_balance_hosts=random";
        let one = text.replace("a,b", "b").replace("10.0.0.1,10.0.0.2", "10.0.0.2").replace("1,2", "2");
        let both: Config = text.parse().expect("sound");
        assert_eq!(only(&both, 1), one.parse().expect("sound"));
    }
}
