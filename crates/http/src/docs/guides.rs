//! The guides of the repository's `docs`, as they are written: to read where the repository is not at hand.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::pages::Fixed;

/// Name, what it is about, and text.
type Guide = (&'static str, &'static str, &'static str);

macro_rules! guides {
    ($($name:literal: $about:literal,)*) => {
        [$(($name, $about, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/", $name)))),*]
    };
}

static GUIDES: &[Guide] = &guides! {
    "shop.md": "a shop of your own that logs in, links, charges and shows tickets",
    "sdk.md": "TypeScript and Python: buying, and a shop's own calls, with typed errors and retries",
    "pages.md": "the buyer's page, and tickets at the gate",
    "catalog.md": "what is on sale: the catalog file, JSON and CSV",
    "bots.md": "many identities: work that whoever joins shows, and where they join from",
    "codes.md": "codes for members, sponsors and presales: making, importing and watching them",
    "best-available.md": "which seats somebody gets who leaves that to the engine",
    "admin.md": "the admin API: catalog, levers, messages, the record",
    "feed.md": "what happened, as events in one order, for programs that keep something of their own",
    "webhooks.md": "what happened, sent to an address of yours, signed, until it is taken",
    "privacy.md": "what is kept of a person, and how somebody is erased",
    "operating.md": "the operator's page: what the figures mean, and which lever is for what",
    "draw.md": "places by a draw, and how anybody checks them",
    "fairness.md": "a record of who joined and was let in when, without names, for everybody to check",
    "night.md": "a checklist from a week before to the day after",
    "runbook.md": "each alert, what it means, and what to do",
    "traces.md": "where one request's time went, for a collector of OpenTelemetry",
    "configuration.md": "every key, by file, flag and environment",
    "install.md": "a Debian package, and a unit for systemd, behind nginx",
    "proxy.md": "behind nginx or Caddy, with TLS",
    "gate.md": "a queue before a site that exists, with its own proxy",
    "backup.md": "what to back up while it runs, and restoring",
    "upgrade.md": "a new version, and back again",
    "cluster.md": "many nodes over one PostgreSQL",
    "ha.md": "that PostgreSQL under Patroni: what a failover costs, and going back to a moment",
    "sql.md": "who sits where, who paid what: plain SQL",
    "load-testing.md": "will it hold? the load test and its report",
    "benchmarks.md": "what it costs, and how that is measured",
    "SCALE.md": "how far one journal goes, and what a sale of a million people needs",
    "testing-the-engine.md": "how the engine is tested",
};

static TEXTS: LazyLock<HashMap<&str, Fixed>> = LazyLock::new(|| {
    GUIDES.iter().map(|&(name, _, text)| (name, Fixed::new("text/plain; charset=utf-8", text))).collect()
});

pub(super) fn find(name: &str) -> Option<&'static Fixed> {
    TEXTS.get(name)
}

/// A list of links to all of them.
pub(super) fn list() -> String {
    GUIDES.iter().fold(String::new(), |mut list, (name, about, _)| {
        let _ = writeln!(list, "<li><a href=\"/docs/{name}\">{name}</a>: {about}</li>");
        list
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the site's contents are made of: see `scripts/docs`.
    const CONTENTS: &str = "SUMMARY.md";

    #[test]
    fn every_guide_of_the_repository_is_here_and_among_the_contents() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
        let contents = std::fs::read_to_string(format!("{docs}/{CONTENTS}")).expect("the contents are there");
        for entry in std::fs::read_dir(docs).expect("the directory is there") {
            let name = entry.expect("it can be read").file_name().into_string().expect("names are text");
            if !name.ends_with(".md") || name == CONTENTS {
                continue;
            }
            assert!(find(&name).is_some(), "{name} is not among the guides");
            assert_eq!(contents.matches(&format!("]({name})")).count(), 1, "{name} stands once in {CONTENTS}");
        }
    }
}
