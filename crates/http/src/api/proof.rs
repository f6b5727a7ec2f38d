//! Joining where whoever has no place yet shows some work first.

use onsale_domain::ask::Ask;
use onsale_domain::command::{Entrant, Entry};
use onsale_domain::ids::QueueId;
use onsale_domain::reply::{Entered, Refusal};
use onsale_node::Error;

use super::queue::CATCH_UP;
use super::{Answer, Api};
use crate::problem::Problem;

impl Api {
    /// The place of whoever has shown no work, if they have one: it is found as that of somebody whose code is none. Whoever surely has
    /// none is refused without an entry in the journal.
    pub(super) async fn issue_again(&self, entry: Entry, queue: QueueId, has_code: bool, refused: Problem) -> Answer {
        if !self.may_have_place(&entry.entrant, queue).await? {
            // Another node may have just given them one.
            let is_news = match self.shared.node.cluster() {
                Some(cluster) => cluster.fresh(CATCH_UP).await && self.may_have_place(&entry.entrant, queue).await?,
                None => false,
            };
            if !is_news {
                return Err(refused);
            }
        }
        let key = self.shared.tokens.load().current();
        let asked = match entry {
            Entry { entrant: Entrant::User(user), once: None, limit: None, tier: None, .. } => {
                let joined = self.lane.ask(Ask::join_with_code(user, queue, key, Vec::new())).await;
                joined.map(|joined| Entered { user, joined })
            }
            entry => self.enter(&entry, |entry| Ask::enter_with_code(entry, queue, key, Vec::new())).await?,
        };
        match asked {
            Ok(Entered { user, joined }) => self.issued(user, joined, has_code.then_some(joined.has_code)),
            Err(Error::Refused(Refusal::CodeUnknown)) => Err(refused),
            Err(other) => Err(other.into()),
        }
    }

    async fn may_have_place(&self, entrant: &Entrant, queue: QueueId) -> Result<bool, Problem> {
        let user = self.shared.user_of(entrant).await?;
        let queue = self.shared.node.views().queue(queue);
        Ok(user.zip(queue).is_some_and(|(user, queue)| queue.may_have_place(user)))
    }
}
