//! Operators who have a key of their own.

use onsale_domain::operator::{OperatorRow, Role};
use onsale_domain::row::Row;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "operators", key 1: {
        name: Text,
        role: Integer,
        digest: Bytes,
        at: Integer,
    },
    from "operators ORDER BY name"
};
const REMOVE: &str = "DELETE FROM operators WHERE name = ?";

/// The codes of roles are their places here.
const ROLES: [Role; 6] = [Role::Viewer, Role::Gate, Role::Desk, Role::Finance, Role::Admin, Role::Shop];

pub(super) fn write(writer: &mut dyn Writer, row: &OperatorRow) -> Result<(), Error> {
    let OperatorRow { name, role, digest, at } = row;
    let values = [Value::from(name), Value::from(*role as i64), Value::from(digest), Value::from(code::time(*at)?)];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn remove(writer: &mut dyn Writer, name: &str) -> Result<(), Error> {
    writer.run(REMOVE, &[Value::from(name)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        into(Row::Operator(OperatorRow {
            name: row.text(0)?,
            role: row.map(1, |code| ROLES.get(usize::try_from(code).ok()?).copied())?,
            digest: row.array(2)?,
            at: row.time(3)?,
        }))
    })
}

#[cfg(test)]
mod tests {
    use super::ROLES;

    #[test]
    fn every_role_has_its_code() {
        for (place, role) in ROLES.into_iter().enumerate() {
            assert_eq!(role as usize, place);
        }
    }
}
