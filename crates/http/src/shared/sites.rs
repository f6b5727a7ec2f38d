//! The sites before which gates stand, and what the nodes of a store tell each other of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Shared;
use crate::gate;
use crate::night::Said;

impl Shared {
    /// Whether somebody waits before a site.
    pub(crate) fn waits_at(&self, site: &gate::Site) -> bool {
        let views = self.node.views();
        let queue = views.queue_named(&site.queue).and_then(|id| views.queue(id));
        queue.is_some_and(|queue| queue.waiting() > 0)
    }

    /// How a site's gate stands that is not always held.
    pub(crate) fn standby(&self, site: &gate::Site) -> Option<gate::Now> {
        let standby = site.standby.as_ref()?;
        Some(standby.now(&site.name, self.now_s() as u64, || self.waits_at(site)))
    }

    /// A site says how it is, by a figure of its own. Whether its gate holds; `None` where it is to say none.
    pub(crate) fn say_of(&self, site: &gate::Site, figure: u32) -> Option<gate::Now> {
        let at_s = self.now_s() as u64;
        site.standby.as_ref().filter(|standby| standby.hears())?.say(&site.name, at_s, Said { figure, at_s });
        self.standby(site)
    }

    /// What sites have said of themselves, for the other nodes.
    pub(crate) fn said_of_sites(&self) -> BTreeMap<String, Said> {
        let said = |site: &Arc<gate::Site>| Some((site.name.clone(), site.standby.as_ref()?.said()?));
        self.gates.sites().filter_map(said).collect()
    }

    /// Takes up what they have said to the other nodes, or these have heard.
    pub fn hear_of_sites(&self) {
        let now_s = self.now_s() as u64;
        for peer in self.monitor.peers().1 {
            for (name, said) in &peer.report.sites {
                if let Some(standby) = self.gates.site(name).and_then(|site| site.standby.as_ref()) {
                    standby.say(name, now_s, *said);
                }
            }
        }
    }

    /// The sites behind whose gates nobody comes in, as the queue of their visitors is not there (yet): each with that queue's name.
    pub fn gates_without_queue(&self) -> impl Iterator<Item = (&str, String)> {
        let views = self.node.views();
        let queues = |site: &'_ Arc<gate::Site>| [Some(site.queue.clone()), site.guests.clone()].into_iter().flatten();
        let all = self.gates.sites().flat_map(move |site| queues(site).map(|queue| (&*site.name, queue)));
        all.filter(move |(_, queue)| views.queue_named(queue).is_none())
    }
}
