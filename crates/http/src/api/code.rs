//! Joining with a code.

use std::net::IpAddr;

use http::request::Parts;
use onsale_domain::ask::Ask;
use onsale_domain::codes::CodeDigest;
use onsale_domain::command::{Entrant, Entry};
use onsale_domain::ids::QueueId;
use onsale_domain::level;
use onsale_domain::reply::{Entered, Refusal};
use onsale_node::Error;

use super::queue::CATCH_UP;
use super::{Answer, Api};
use crate::entry::Users;
use crate::problem::{Code, Problem};
use crate::rate::Guesser;
use crate::token::PlainCode;

impl Api {
    /// A place for whoever has a code. One that is none is counted against whoever sent it, and with too many of them no other is
    /// looked at: but whoever has a place has it whatever they send, and others behind their address take it from nobody.
    pub(super) async fn issue_for_code(
        &self,
        (parts, peer): (&Parts, IpAddr),
        entry: Entry,
        queue: QueueId,
        code: &str,
    ) -> Answer {
        if self.shared.node.views().level() < level::CODES {
            return Err(Problem::not_yet_at_level(level::CODES, "Codes are taken"));
        }
        let guesser = self.guesser(parts, peer, &entry);
        let too_many = self.shared.rates.look_at_codes(&guesser).err();
        // Without any hash only a place that is there is found.
        let code = if too_many.is_some() { Vec::new() } else { self.digests(queue, code).await? };
        let key = self.shared.tokens.load().current();
        let asked = match entry {
            // A number that somebody says may be any; one that a token says is not one of ours.
            Entry { entrant: Entrant::User(user), once: None, limit: None, tier: None, .. } => {
                let joined = self.lane.ask(Ask::join_with_code(user, queue, key, code)).await;
                joined.map(|joined| Entered { user, joined })
            }
            entry => self.enter(&entry, |entry| Ask::enter_with_code(entry, queue, key, code.clone())).await?,
        };
        if let Err(Error::Refused(Refusal::CodeUnknown)) = asked {
            if let Some(too_many) = too_many {
                return Err(too_many.into());
            }
            self.shared.rates.wrong_code(&guesser);
        }
        let Entered { user, joined } = asked?;
        self.note_arrival(&joined, (parts, peer));
        self.issued(user, joined, Some(joined.has_code))
    }

    /// Where a token says who somebody is, others behind their address are others.
    fn guesser(&self, parts: &Parts, peer: IpAddr, entry: &Entry) -> Guesser {
        match (&self.shared.doors.users, &entry.entrant) {
            (Users::Signed(_), Entrant::User(user)) => Guesser::User(user.0),
            (Users::Signed(_), Entrant::Subject(digest) | Entrant::Pseudonym(digest)) => Guesser::Subject(*digest),
            (Users::Open, _) => Guesser::Client(self.shared.rates.client(peer, &parts.headers).unwrap_or(peer)),
        }
    }

    /// The code's hashes, with each key that campaigns of the queue have. One that cannot be any code has none, and is refused as one
    /// that is not known.
    async fn digests(&self, queue: QueueId, code: &str) -> Result<Vec<CodeDigest>, Problem> {
        let views = self.shared.node.views();
        let name = views.queue(queue).map(|queue| queue.name.clone()).ok_or(Problem::new(Code::QueueNotFound))?;
        let mut keys = views.campaigns.keys_of(queue);
        if keys.is_empty()
            && let Some(cluster) = self.shared.node.cluster()
            && cluster.fresh(CATCH_UP).await
        {
            // Another node may have just added the first.
            keys = views.campaigns.keys_of(queue);
        }
        let ring = self.shared.tokens.load();
        let digests = |plain: PlainCode| keys.iter().filter_map(|key| ring.code_digest(*key, &name, &plain)).collect();
        Ok(PlainCode::of(code).map(digests).unwrap_or_default())
    }
}
