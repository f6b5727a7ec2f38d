//! The operators who have a key of their own.

use std::collections::BTreeMap;

use minicbor::{Decode, Encode};

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::refusal::Refusal;
use crate::row::Row;
use crate::time::Time;

/// The most operators with keys of their own: each request of an operator is held against all of them.
pub const OPERATORS_MAX: usize = 256;
/// The longest name, in characters.
pub const NAME_CHARS_MAX: usize = 64;

/// What an operator's key opens. Each but `Admin` and `Shop` opens what it says and what a viewer sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Encode, Decode)]
pub enum Role {
    /// Figures, queues, holds, the record of levers: all that is only looked at, and nobody's tickets.
    #[n(0)]
    Viewer,
    /// A person's tickets, for whoever comes to the door with a dead phone.
    #[n(1)]
    Gate,
    /// People: their tickets, holds and tokens, the silent, and messages to those who wait.
    #[n(2)]
    Desk,
    /// People's money.
    #[n(3)]
    Finance,
    /// Everything, the operators too.
    #[n(4)]
    Admin,
    /// What a shop's server does for its own buyers, and nothing else: starting them, their money, their tickets.
    #[n(5)]
    Shop,
}

/// An operator with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorRow {
    pub name: String,
    pub role: Role,
    /// The SHA-256 of the key, of which nothing else is kept.
    pub digest: [u8; 32],
    /// When the key was made.
    pub at: Time,
}

/// All of them, by name.
#[derive(Debug, Default)]
pub struct Roster {
    operators: BTreeMap<String, OperatorRow>,
}

impl Roster {
    /// By name.
    pub fn all(&self) -> impl Iterator<Item = &OperatorRow> {
        self.operators.values()
    }

    pub(crate) fn get(&self, name: &str) -> Option<&OperatorRow> {
        self.operators.get(name)
    }

    pub(crate) fn add(
        &mut self,
        name: &str,
        role: Role,
        digest: [u8; 32],
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let is_name = (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !is_name {
            return Err(Refusal::SettingInvalid("name"));
        }
        if self.operators.contains_key(name) {
            return Err(Refusal::OperatorExists);
        }
        if self.operators.len() >= OPERATORS_MAX {
            return Err(Refusal::Full("operators"));
        }
        let row = OperatorRow { name: name.to_owned(), role, digest, at: changes.now };
        changes.add(hash(&row));
        changes.row(Row::Operator(row.clone()));
        self.operators.insert(name.to_owned(), row);
        Ok(())
    }

    pub(crate) fn remove(&mut self, name: &str, changes: &mut Changes<'_>) -> Result<(), Refusal> {
        let row = self.operators.remove(name).ok_or(Refusal::OperatorNotFound)?;
        changes.remove(hash(&row));
        changes.row(Row::OperatorRemoved(row.name));
        Ok(())
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, row: OperatorRow) -> u64 {
        let sum = hash(&row);
        self.operators.insert(row.name.clone(), row);
        sum
    }
}

fn hash(row: &OperatorRow) -> u64 {
    let OperatorRow { name, role, digest, at } = row;
    Hash::new(Kind::Operator).bytes(name.as_bytes()).words([*role as u64, at.0]).bytes(digest).finish()
}
