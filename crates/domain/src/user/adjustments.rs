//! What operators and shops move between a wallet and the outside world: once for each reference, however often it is sent.

use hashbrown::HashMap;
use minicbor::{Decode, Encode};

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{TransferId, UserId};
use crate::operator::Operator;
use crate::refusal::Refusal;
use crate::reply::Once;
use crate::row::Row;

use super::{Charged, Wallets};

/// The most references that are remembered, which is for ever: about 150 bytes of memory each.
pub const REFERENCES_MAX: usize = 1 << 20;
/// The longest reference, in bytes of UTF-8.
pub const REFERENCE_BYTES_MAX: usize = 64;

/// Which way the money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Direction {
    /// Into the wallet.
    #[n(0)]
    Credit,
    /// Out of it.
    #[n(1)]
    Debit,
}

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Adjustment {
    #[n(0)]
    pub user: UserId,
    #[n(1)]
    pub direction: Direction,
    #[n(2)]
    pub amount: u64,
}

/// An adjustment that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdjustmentRow {
    pub reference: String,
    pub adjustment: Adjustment,
    /// The movement that it is.
    pub transfer: TransferId,
    /// Who had it made.
    pub by: Operator,
}

/// All that were made, by reference.
#[derive(Debug)]
pub struct Adjustments {
    made: HashMap<Box<str>, Adjustment>,
    max: usize,
}

impl Default for Adjustments {
    fn default() -> Self {
        Self { made: HashMap::new(), max: REFERENCES_MAX }
    }
}

impl Adjustments {
    /// What the reference stands for, where it was used.
    #[must_use]
    pub fn get(&self, reference: &str) -> Option<Adjustment> {
        self.made.get(reference).copied()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.made.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// Moves the money, unless this very adjustment was made before: then the answer is the balance as it is now.
    pub(crate) fn make(
        &mut self,
        wallets: &mut Wallets,
        (reference, adjustment, by): (&str, Adjustment, &Operator),
        changes: &mut Changes<'_>,
    ) -> Result<Once<Charged>, Refusal> {
        if !is_reference(reference) {
            return Err(Refusal::SettingInvalid("reference"));
        }
        let Adjustment { user, direction, amount } = adjustment;
        match self.made.get(reference) {
            Some(before) if *before == adjustment => {
                return Ok(Once { value: Charged { balance: wallets.balance(user) }, replayed: true });
            }
            Some(_) => return Err(Refusal::ReferenceReused),
            None if self.made.len() >= self.max => return Err(Refusal::Full("references")),
            None => {}
        }
        let transfer = wallets.next_transfer;
        let value = match direction {
            Direction::Credit => wallets.credit(user, amount, changes)?,
            Direction::Debit => wallets.take_back(user, amount, changes)?,
        };
        let row = AdjustmentRow { reference: reference.to_owned(), adjustment, transfer, by: by.clone() };
        changes.add(self.insert(&row));
        changes.row(Row::Adjustment(row));
        Ok(Once { value, replayed: false })
    }

    fn insert(&mut self, row: &AdjustmentRow) -> u64 {
        self.made.insert(row.reference.as_str().into(), row.adjustment);
        hash(row)
    }

    /// Takes a row in; its hash.
    pub(crate) fn load(&mut self, row: &AdjustmentRow) -> u64 {
        self.insert(row)
    }
}

/// Whether it can be read in any table, and is no longer than it may be.
fn is_reference(reference: &str) -> bool {
    (1..=REFERENCE_BYTES_MAX).contains(&reference.len()) && !reference.chars().any(char::is_control)
}

fn hash(row: &AdjustmentRow) -> u64 {
    let AdjustmentRow { reference, adjustment: Adjustment { user, direction, amount }, transfer, by } = row;
    Hash::new(Kind::Adjustment)
        .bytes(reference.as_bytes())
        .words([user.0, *direction as u64, *amount, transfer.0, by.key.0.into()])
        .text(by.name.as_deref())
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{EventId, KeyId};
    use crate::time::Time;

    #[test]
    fn a_full_store_takes_no_further_reference_and_knows_those_it_has() {
        let (mut rows, mut fingerprint) = (Vec::new(), 0);
        let mut changes = Changes::new(Time(1), EventId(1), &mut rows, &mut fingerprint);
        let (mut all, mut wallets) = (Adjustments { max: 2, ..Adjustments::default() }, Wallets::default());
        let by = Operator { key: KeyId(1), name: None };
        let credit = Adjustment { user: UserId(1), direction: Direction::Credit, amount: 5 };
        let mut make = |reference| all.make(&mut wallets, (reference, credit, &by), &mut changes);
        let made = |balance, replayed| Ok(Once { value: Charged { balance }, replayed });
        assert_eq!([make("a"), make("b")], [made(5, false), made(10, false)]);
        assert_eq!(make("c"), Err(Refusal::Full("references")));
        assert_eq!(make("a"), made(10, true));
    }
}
