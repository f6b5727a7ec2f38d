//! Where the keys of a store are kept: in a file of the data directory, or in the database that nodes share.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::admin::AdminKey;
use super::document::Document;
use super::file;
use super::key::{Secret, SecretTooShort};
use super::people::{People, Stored};
use super::ring::KeyRing;

/// The file's name within the data directory.
pub const FILE_NAME: &str = "keys.toml";

/// How the shared keys are called in messages.
const SHARED: &str = "the keys in the store";

/// How long nodes have to take up a key before it signs: they look every second.
const TAKE_UP: Duration = Duration::from_secs(3);

/// Keys from the configuration, which win over the file's.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `admin.key`.
    pub admin: Option<Secret>,
    /// `token.key`: signs new tickets. The file's keys stay valid beside it.
    pub token: Option<Secret>,
}

/// How often a change is tried where other nodes make some at the same time.
const TRIES_MAX: u32 = 16;

/// What a server needs to know of its keys.
#[derive(Debug)]
pub struct Keys {
    pub admin: AdminKey,
    pub tokens: KeyRing,
    /// The admin key that was made just now, to be shown once; `None` when it was there before or is configured.
    pub admin_made: Option<Secret>,
}

/// Where nodes that share a store keep its keys, as one text.
pub trait Vault: Send + Sync {
    /// The text, if there is one.
    ///
    /// # Errors
    /// What went wrong, for people.
    fn read(&self) -> Result<Option<String>, String>;

    /// Puts `after` in the place of `before`; false where another text is there by now.
    ///
    /// # Errors
    /// What went wrong, for people.
    fn replace(&self, before: Option<&str>, after: &str) -> Result<bool, String>;

    /// What pseudonyms are made with, as a text beside the other, where it was changed another number of times than `known`; 0 is never
    /// made.
    ///
    /// # Errors
    /// What went wrong, for people.
    fn people(&self, known: u64) -> Result<Option<String>, String>;

    /// Puts `after` in the place of what was changed `before` times; false where it was changed more often by now.
    ///
    /// # Errors
    /// What went wrong, for people.
    fn replace_people(&self, before: u64, after: &str) -> Result<bool, String>;
}

/// Where the keys of one store are, and what the configuration says of them.
pub struct KeyStore {
    place: Place,
    store_id: u64,
    overrides: Overrides,
    /// Held while the file is written anew, so that of two who rotate at a time neither undoes what the other did.
    turn: Mutex<()>,
}

enum Place {
    /// [`FILE_NAME`] of a data directory.
    File(PathBuf),
    /// With the store, for all its nodes.
    Vault(Arc<dyn Vault>),
}

impl KeyStore {
    /// The keys in a data directory, whose lock the caller holds. `store_id` is that of the store in it.
    #[must_use]
    pub fn in_directory(directory: &Path, store_id: u64, overrides: Overrides) -> Self {
        Self { place: Place::File(directory.join(FILE_NAME)), store_id, overrides, turn: Mutex::default() }
    }

    /// The keys that all nodes of the store `store_id` share.
    #[must_use]
    pub fn in_vault(vault: Arc<dyn Vault>, store_id: u64, overrides: Overrides) -> Self {
        Self { place: Place::Vault(vault), store_id, overrides, turn: Mutex::default() }
    }

    /// Whether other nodes may change the keys too.
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.place, Place::Vault(_))
    }

    /// The keys, made at the first call. Blocks.
    ///
    /// # Errors
    /// Where they cannot be read or made, others may read the file, or a key is too short.
    pub fn load(&self) -> Result<Keys, StoreError> {
        match &self.place {
            Place::File(path) => {
                file::tidy(path);
                match file::read(path)? {
                    Some(document) => self.keys(document, path, false),
                    None => self.keys(file::make(path)?, path, true),
                }
            }
            Place::Vault(vault) => self.load_shared(&**vault),
        }
    }

    /// The keys as they are by now. Blocks.
    ///
    /// # Errors
    /// As [`KeyStore::load`]; [`StoreError::Gone`] where there are none any more.
    pub(crate) fn load_again(&self) -> Result<Keys, StoreError> {
        match &self.place {
            Place::File(path) => self.keys(file::read(path)?.ok_or(StoreError::Gone)?, path, false),
            Place::Vault(vault) => {
                let (document, _) = read_shared(&**vault)?.ok_or(StoreError::Gone)?;
                self.keys(document, Path::new(SHARED), false)
            }
        }
    }

    /// Puts a new token key in front; the one before it goes on to be accepted. Blocks, for a few seconds where nodes share the
    /// keys: none must be shown a token whose key it does not know yet.
    ///
    /// # Errors
    /// As [`KeyStore::load`]; [`StoreError::Configured`] where the configuration names the key, and a new one would sign
    /// nothing; [`StoreError::Gone`] where those that signed what is out are not there; [`StoreError::Contended`] where two nodes rotate at a time.
    pub fn rotate(&self) -> Result<Keys, StoreError> {
        if self.overrides.token.is_some() {
            return Err(StoreError::Configured);
        }
        match &self.place {
            Place::File(path) => {
                let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
                let mut document = file::read(path)?.ok_or(StoreError::Gone)?;
                let before = std::mem::replace(&mut document.token.key, Secret::random()?.expose().to_owned());
                document.token.previous.insert(0, before);
                file::write(path, &document)?;
                self.keys(document, path, false)
            }
            Place::Vault(vault) => self.rotate_shared(&**vault),
        }
    }

    /// What pseudonyms of people are made with, where it was changed another number of times than `known`. Blocks.
    ///
    /// # Errors
    /// As [`KeyStore::load`].
    pub(crate) fn people(&self, known: u64) -> Result<Option<People>, StoreError> {
        let people = match &self.place {
            Place::File(path) => {
                let stored = file::read(path)?.ok_or(StoreError::Gone)?.people;
                stored.map(|stored| stored.read().ok_or(StoreError::NoPeople(path.clone()))).transpose()?
            }
            Place::Vault(vault) => {
                vault.people(known).map_err(StoreError::Vault)?.map(|text| shared_people(&text)).transpose()?
            }
        };
        Ok(people.filter(|people| people.version != known))
    }

    /// Whether pseudonyms were never made with anything that is kept here. Blocks.
    ///
    /// # Errors
    /// As [`KeyStore::load`].
    pub fn lacks_people(&self) -> Result<bool, StoreError> {
        Ok(self.people(0)?.is_none())
    }

    /// Has what pseudonyms are made with, made where there is nothing yet: a copy of the keys is whole from the start on. Blocks.
    ///
    /// # Errors
    /// As [`KeyStore::load`].
    pub fn have_people(&self) -> Result<(), StoreError> {
        self.people_made().map(drop)
    }

    /// The same, made where there is nothing yet. Blocks.
    ///
    /// # Errors
    /// As [`KeyStore::load`].
    pub(crate) fn people_made(&self) -> Result<People, StoreError> {
        if let Some(people) = self.people(0)? {
            return Ok(people);
        }
        self.replace_people(None, &People::random()?)?;
        // Where another node was first, theirs counts.
        self.people(0)?.ok_or(StoreError::Contended)
    }

    /// Has it make the pseudonym of this name no more; what it is from now on. Blocks.
    ///
    /// # Errors
    /// As [`KeyStore::load`]; [`StoreError::Contended`] where others change it all the time.
    pub(crate) fn puncture(&self, name: &[u8; 32], pseudonym: &[u8; 32]) -> Result<People, StoreError> {
        for _ in 0..TRIES_MAX {
            let people = self.people_made()?;
            let Some(punctured) = people.punctured(name, pseudonym) else { return Ok(people) };
            if self.replace_people(Some(&people), &punctured)? {
                return Ok(punctured);
            }
        }
        Err(StoreError::Contended)
    }

    /// Puts `after` in the place of `before`; false where another is there by now.
    fn replace_people(&self, before: Option<&People>, after: &People) -> Result<bool, StoreError> {
        let before = before.map_or(0, |people| people.version);
        match &self.place {
            Place::File(path) => {
                let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
                let mut document = file::read(path)?.ok_or(StoreError::Gone)?;
                let is_it = document.people.as_ref().map_or(0, |stored| stored.version) == before;
                if is_it {
                    document.people = Some(after.stored());
                    file::write(path, &document)?;
                }
                Ok(is_it)
            }
            Place::Vault(vault) => {
                let text = toml::to_string(&after.stored()).map_err(|error| StoreError::Vault(error.to_string()))?;
                vault.replace_people(before, &text).map_err(StoreError::Vault)
            }
        }
    }

    fn load_shared(&self, vault: &dyn Vault) -> Result<Keys, StoreError> {
        let (document, made) = match read_shared(vault)? {
            Some((document, _)) => (document, false),
            None => {
                let document = Document::random()?;
                let made = replace(vault, None, &document)?;
                // Where another node was first, its keys count.
                let document = if made { Some(document) } else { read_shared(vault)?.map(|(document, _)| document) };
                (document.ok_or(StoreError::Contended)?, made)
            }
        };
        self.keys(document, Path::new(SHARED), made)
    }

    fn rotate_shared(&self, vault: &dyn Vault) -> Result<Keys, StoreError> {
        let (mut document, text) = read_shared(vault)?.ok_or(StoreError::Gone)?;
        document.token.next = Some(Secret::random()?.expose().to_owned());
        let announced = toml::to_string(&document).map_err(|error| StoreError::Vault(error.to_string()))?;
        if !vault.replace(Some(&text), &announced).map_err(StoreError::Vault)? {
            return Err(StoreError::Contended);
        }
        std::thread::sleep(TAKE_UP);
        let next = document.token.next.take().ok_or(StoreError::Contended)?;
        document.token.previous.insert(0, std::mem::replace(&mut document.token.key, next));
        if !replace(vault, Some(&announced), &document)? {
            return Err(StoreError::Contended);
        }
        self.keys(document, Path::new(SHARED), false)
    }

    fn keys(&self, document: Document, path: &Path, made: bool) -> Result<Keys, StoreError> {
        document.keys(path, self.store_id, &self.overrides, made)
    }
}

fn shared_people(text: &str) -> Result<People, StoreError> {
    let stored: Option<Stored> = toml::from_str(text).ok();
    stored.and_then(|stored| stored.read()).ok_or_else(|| StoreError::NoPeople(PathBuf::from(SHARED)))
}

fn read_shared(vault: &dyn Vault) -> Result<Option<(Document, String)>, StoreError> {
    let Some(text) = vault.read().map_err(StoreError::Vault)? else { return Ok(None) };
    Ok(Some((Document::parse(Path::new(SHARED), &text)?, text)))
}

fn replace(vault: &dyn Vault, before: Option<&str>, after: &Document) -> Result<bool, StoreError> {
    let after = toml::to_string(after).map_err(|error| StoreError::Vault(error.to_string()))?;
    vault.replace(before, &after).map_err(StoreError::Vault)
}

/// Why the keys could not be had.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "{}: its permissions are {mode:o}, so others than its owner may read the keys; run: chmod 600 {}",
        path.display(),
        path.display()
    )]
    LoosePermissions { path: PathBuf, mode: u32 },
    #[error("{}: it belongs to user {owner}, who can change the keys, and not to {own}: chown it, or start the server as its owner", path.display())]
    Foreign { path: PathBuf, owner: u32, own: u32 },
    #[error("{}: line {line}: not what a file of keys has there", path.display())]
    Syntax { path: PathBuf, line: usize },
    #[error("{}: {key}: {source}", path.display())]
    Weak { path: PathBuf, key: &'static str, source: SecretTooShort },
    #[error("{}: people: not what pseudonyms can be made with", .0.display())]
    NoPeople(PathBuf),
    #[error("token.key is configured and signs all tokens: change it there")]
    Configured,
    #[error(
        "the store's keys are gone. What this server knows of them is in use, and lost when it stops: put them back from a backup"
    )]
    Gone,
    #[error("the keys in the store: {0}")]
    Vault(String),
    #[error("the keys in the store are being changed by another node")]
    Contended,
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
