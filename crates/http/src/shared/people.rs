//! Whom the engine knows by what: people whose entry token calls them by no number.

use std::sync::Arc;

use onsale_domain::command::Entrant;
use onsale_domain::ids::UserId;
use onsale_domain::level;

use crate::problem::{Code, Problem};
use crate::token::{People, StoreError};

use super::Shared;

impl Shared {
    /// What the engine is told of whom an entry token names. A hash of their name, as it is made of the token, is theirs where they came by
    /// it before the store could do better: whoever guesses the name can make it. All others have a pseudonym.
    ///
    /// # Errors
    /// Where there is no key that makes one.
    pub(crate) async fn known(self: &Arc<Self>, named: &Entrant) -> Result<Entrant, Problem> {
        let Entrant::Subject(name) = named else { return Ok(named.clone()) };
        let views = self.node.views();
        // From its level on nobody new gets a number by such a hash, and views that know of the level know all who have.
        if views.level() < level::PRIVACY || views.entrants.user(name).is_some() {
            return Ok(named.clone());
        }
        pseudonym(&*self.people().await?, name)
    }

    /// The same where the engine does not take what they were `known` by: another node has erased somebody, and this one has yet to hear
    /// of it; or it is on record that they were, and the key is an older one, of a backup.
    ///
    /// # Errors
    /// As [`Shared::known`].
    pub(crate) async fn known_again(self: &Arc<Self>, named: &Entrant, known: &Entrant) -> Result<Entrant, Problem> {
        let Entrant::Subject(name) = named else { return Ok(named.clone()) };
        let people = match known {
            Entrant::Pseudonym(erased) => self.puncture(name, erased).await?,
            Entrant::User(_) | Entrant::Subject(_) => self.people().await?,
        };
        pseudonym(&people, name)
    }

    /// The number of whom an entry token names, where they have one.
    ///
    /// # Errors
    /// As [`Shared::known`].
    pub(crate) async fn user_of(self: &Arc<Self>, named: &Entrant) -> Result<Option<UserId>, Problem> {
        match self.known(named).await? {
            Entrant::User(user) => Ok(Some(user)),
            Entrant::Subject(digest) | Entrant::Pseudonym(digest) => Ok(self.node.views().entrants.user(&digest)),
        }
    }

    /// What pseudonyms are made with, here and now. It is made with the first person who needs it.
    ///
    /// # Errors
    /// Where it can be neither had nor made.
    pub(crate) async fn people(self: &Arc<Self>) -> Result<Arc<People>, Problem> {
        match self.people.load_full() {
            Some(people) => Ok(people),
            None => self.change_people(|shared| shared.keys.people_made()).await,
        }
    }

    /// Has the store's key make the pseudonym of this name no more, where it still does; the key as it is then.
    ///
    /// # Errors
    /// Where it cannot be kept so.
    pub(crate) async fn puncture(
        self: &Arc<Self>,
        name: &[u8; 32],
        pseudonym: &[u8; 32],
    ) -> Result<Arc<People>, Problem> {
        let (name, pseudonym) = (*name, *pseudonym);
        self.change_people(move |shared| shared.keys.puncture(&name, &pseudonym)).await
    }

    /// Does what blocks, and goes on with what comes of it.
    async fn change_people(
        self: &Arc<Self>,
        change: impl FnOnce(&Self) -> Result<People, StoreError> + Send + 'static,
    ) -> Result<Arc<People>, Problem> {
        let shared = self.clone();
        let changed = tokio::task::spawn_blocking(move || {
            let people = change(&shared)?;
            Ok::<_, StoreError>(shared.take_up(people))
        });
        match changed.await {
            Ok(Ok(people)) => Ok(people),
            Ok(Err(error)) => {
                tracing::error!(%error, "the key of people's pseudonyms cannot be had, or not be changed");
                Err(Problem::new(Code::Unavailable))
            }
            Err(_) => Err(Problem::new(Code::Unavailable)),
        }
    }

    /// Takes up what another node has done to it. Blocks.
    ///
    /// # Errors
    /// When it cannot be read; then nothing has changed.
    pub(super) fn refresh_people(&self) -> Result<(), StoreError> {
        let known = self.people.load().as_ref().map_or(0, |people| people.version);
        if let Some(people) = self.keys.people(known)? {
            self.take_up(people);
        }
        Ok(())
    }

    /// The newest of what is here and this.
    fn take_up(&self, people: People) -> Arc<People> {
        let people = Arc::new(people);
        self.people.rcu(|here| match here {
            Some(here) if here.version >= people.version => Some(here.clone()),
            _ => Some(people.clone()),
        });
        self.people.load_full().unwrap_or(people)
    }
}

fn pseudonym(people: &People, name: &[u8; 32]) -> Result<Entrant, Problem> {
    people.pseudonym(name).map(Entrant::Pseudonym).ok_or_else(|| {
        Problem::new(Code::Unavailable).with_detail("Somebody of this name was erased too often to be known again.")
    })
}
