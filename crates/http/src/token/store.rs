//! The keys of a store: in a file of the data directory that only its owner can read, or in the database that nodes share.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::admin::AdminKey;
use super::key::{Secret, SecretTooShort};
use super::ring::KeyRing;

/// The file's name within the data directory.
pub const FILE_NAME: &str = "keys.toml";

const PREAMBLE: &str = "\
# The secrets of this store. Whoever reads this file can make tokens and use the admin API.
# `previous` keys sign nothing new; they keep the tokens valid that they signed.

";

/// Keys from the configuration, which win over the file's.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `admin.key`.
    pub admin: Option<Secret>,
    /// `token.key`: signs new tickets. The file's keys stay valid beside it.
    pub token: Option<Secret>,
}

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
}

/// Where the keys are kept.
#[derive(Clone)]
pub enum Place {
    /// In [`FILE_NAME`] of a data directory.
    Directory(PathBuf),
    /// With the store, for all its nodes.
    Vault(Arc<dyn Vault>),
}

impl From<PathBuf> for Place {
    fn from(directory: PathBuf) -> Self {
        Self::Directory(directory)
    }
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
    #[error("{}: it belongs to user {owner}, who can change the keys, and not to {own}", path.display())]
    Foreign { path: PathBuf, owner: u32, own: u32 },
    #[error("{}: line {line}: not what a file of keys has there", path.display())]
    Syntax { path: PathBuf, line: usize },
    #[error("{}: {key}: {source}", path.display())]
    Weak { path: PathBuf, key: &'static str, source: SecretTooShort },
    #[error("token.key is configured and signs all tokens: change it there")]
    Configured,
    #[error("the keys in the store: {0}")]
    Vault(String),
    #[error("the keys in the store are being changed by another node")]
    Contended,
    #[error("the system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    admin: AdminSection,
    token: TokenSection,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdminSection {
    key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenSection {
    key: String,
    #[serde(default)]
    previous: Vec<String>,
    /// A key that all nodes are to know before it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// How long nodes have to take up a key before it signs: they look every second.
const TAKE_UP: Duration = Duration::from_secs(3);

/// The keys of the data directory, made at the first call. The caller holds the directory's lock. `store_id` is that
/// of the store in it.
///
/// # Errors
/// Where the file cannot be read or made, others may read it, or a key in it is too short.
pub fn load(directory: &Path, store_id: u64, overrides: &Overrides) -> Result<Keys, StoreError> {
    let path = directory.join(FILE_NAME);
    let (document, made) = match read(&path)? {
        Some(document) => (document, false),
        None => (make(&path)?, true),
    };
    document.keys(&path, store_id, overrides, made)
}

/// Puts a new token key in front; the one before it goes on to be accepted. The caller holds the directory's lock.
///
/// # Errors
/// As [`load`]; [`StoreError::Configured`] where the configuration names the key, and a new one would sign nothing.
pub fn rotate(directory: &Path, store_id: u64, overrides: &Overrides) -> Result<Keys, StoreError> {
    if overrides.token.is_some() {
        return Err(StoreError::Configured);
    }
    let path = directory.join(FILE_NAME);
    let mut document = match read(&path)? {
        Some(document) => document,
        None => make(&path)?,
    };
    let before = std::mem::replace(&mut document.token.key, Secret::random()?.expose().to_owned());
    document.token.previous.insert(0, before);
    write(&path, &document).map_err(|source| StoreError::Io { path: path.clone(), source })?;
    document.keys(&path, store_id, overrides, false)
}

/// [`load`], where nodes share the keys.
///
/// # Errors
/// As [`load`].
pub fn load_shared(vault: &dyn Vault, store_id: u64, overrides: &Overrides) -> Result<Keys, StoreError> {
    let (document, made) = match read_shared(vault)? {
        Some((document, _)) => (document, false),
        None => {
            let document = random()?;
            let made = replace(vault, None, &document)?;
            // Where another node was first, its keys count.
            let document = if made { Some(document) } else { read_shared(vault)?.map(|(document, _)| document) };
            (document.ok_or(StoreError::Contended)?, made)
        }
    };
    document.keys(Path::new(SHARED), store_id, overrides, made)
}

/// [`rotate`], where nodes share the keys. It takes a few seconds: a node must not be shown a token whose key it does not
/// know yet.
///
/// # Errors
/// As [`rotate`]; [`StoreError::Contended`] where two rotate at a time.
pub fn rotate_shared(vault: &dyn Vault, store_id: u64, overrides: &Overrides) -> Result<Keys, StoreError> {
    if overrides.token.is_some() {
        return Err(StoreError::Configured);
    }
    load_shared(vault, store_id, overrides)?;
    let (mut document, text) = read_shared(vault)?.ok_or(StoreError::Contended)?;
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
    document.keys(Path::new(SHARED), store_id, overrides, false)
}

/// How the shared keys are called in messages.
const SHARED: &str = "the keys in the store";

fn read_shared(vault: &dyn Vault) -> Result<Option<(Document, String)>, StoreError> {
    let Some(text) = vault.read().map_err(StoreError::Vault)? else { return Ok(None) };
    Ok(Some((parse(Path::new(SHARED), &text)?, text)))
}

fn replace(vault: &dyn Vault, before: Option<&str>, after: &Document) -> Result<bool, StoreError> {
    let after = toml::to_string(after).map_err(|error| StoreError::Vault(error.to_string()))?;
    vault.replace(before, &after).map_err(StoreError::Vault)
}

impl Document {
    fn keys(self, path: &Path, store_id: u64, overrides: &Overrides, made: bool) -> Result<Keys, StoreError> {
        let secret =
            |key, text| Secret::new(text).map_err(|source| StoreError::Weak { path: path.to_owned(), key, source });
        let admin = secret("admin.key", self.admin.key)?;
        let mut tokens = vec![secret("token.key", self.token.key)?];
        for text in self.token.previous {
            tokens.push(secret("token.previous", text)?);
        }
        if let Some(text) = self.token.next {
            tokens.push(secret("token.next", text)?);
        }
        if let Some(configured) = &overrides.token {
            tokens.insert(0, configured.clone());
        }
        Ok(Keys {
            admin: AdminKey::new(overrides.admin.as_ref().unwrap_or(&admin)),
            tokens: KeyRing::new(store_id, &tokens[0], &tokens[1..]),
            admin_made: (made && overrides.admin.is_none()).then_some(admin),
        })
    }
}

fn read(path: &Path) -> Result<Option<Document>, StoreError> {
    let at_path = |source| StoreError::Io { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at_path(error)),
    };
    // Asked of the open file, so that what is checked is what is read.
    let metadata = file.metadata().map_err(at_path)?;
    let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
    if owner != own && owner != 0 {
        return Err(StoreError::Foreign { path: path.to_owned(), owner, own });
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(StoreError::LoosePermissions { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    io::Read::read_to_string(&mut file, &mut text).map_err(at_path)?;
    parse(path, &text).map(Some)
}

fn parse(path: &Path, text: &str) -> Result<Document, StoreError> {
    // Only the line: the error itself would quote what it found, and that may be a key.
    toml::from_str(text).map_err(|error: toml::de::Error| StoreError::Syntax {
        path: path.to_owned(),
        line: 1 + text.bytes().take(error.span().map_or(0, |span| span.start)).filter(|byte| *byte == b'\n').count(),
    })
}

fn random() -> Result<Document, StoreError> {
    Ok(Document {
        admin: AdminSection { key: Secret::random()?.expose().to_owned() },
        token: TokenSection { key: Secret::random()?.expose().to_owned(), previous: Vec::new(), next: None },
    })
}

fn make(path: &Path) -> Result<Document, StoreError> {
    let document = random()?;
    write(path, &document).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
    Ok(document)
}

/// All of it or nothing, also when the power goes: a token key that is lost makes every token out there worthless.
fn write(path: &Path, document: &Document) -> io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let text = toml::to_string(document).map_err(io::Error::other)?;
    // A temporary file is made with mode 0600.
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(PREAMBLE.as_bytes())?;
    file.write_all(text.as_bytes())?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o600))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(directory)?.sync_all()
}
