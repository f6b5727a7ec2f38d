//! What is kept of a store's keys, as TOML.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::admin::AdminKey;
use super::key::Secret;
use super::people;
use super::ring::KeyRing;
use super::store::{Keys, Overrides, StoreError};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    admin: AdminSection,
    pub(super) token: TokenSection,
    /// Where the store's keys are in a file. A program of before level 9 reads no such section, and no store that has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) people: Option<people::Stored>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AdminSection {
    key: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenSection {
    pub(super) key: String,
    #[serde(default)]
    pub(super) previous: Vec<String>,
    /// A key that all nodes are to know before it signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
}

impl Document {
    /// New keys, of chance.
    pub(super) fn random() -> Result<Self, StoreError> {
        Ok(Self {
            admin: AdminSection { key: Secret::random()?.expose().to_owned() },
            token: TokenSection { key: Secret::random()?.expose().to_owned(), previous: Vec::new(), next: None },
            people: None,
        })
    }

    pub(super) fn parse(path: &Path, text: &str) -> Result<Self, StoreError> {
        // Only the line: the error itself would quote what it found, and that may be a key.
        toml::from_str(text).map_err(|error: toml::de::Error| StoreError::Syntax {
            path: path.to_owned(),
            line: 1 + text
                .bytes()
                .take(error.span().map_or(0, |span| span.start))
                .filter(|byte| *byte == b'\n')
                .count(),
        })
    }

    /// The keys that are in it, and those of the configuration before them. `path` is where it is, for errors; `made`: it was
    /// made just now.
    pub(super) fn keys(
        self,
        path: &Path,
        store_id: u64,
        overrides: &Overrides,
        made: bool,
    ) -> Result<Keys, StoreError> {
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
