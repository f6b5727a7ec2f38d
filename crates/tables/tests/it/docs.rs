//! The examples of docs/sql.md are run: each must have something to say about the small sale.

use crate::common::{raw, sale};

const PAGE: &str = include_str!("../../../../docs/sql.md");

fn examples() -> Vec<&'static str> {
    PAGE.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

#[test]
fn every_example_of_the_page_runs_and_answers() {
    let (dir, _tables) = sale::tables();
    let conn = raw(&dir);
    let examples = examples();
    assert!(examples.len() > 5, "the page has lost its examples");
    for example in examples {
        let mut statement = conn.prepare(example).unwrap_or_else(|error| panic!("{example}\n{error}"));
        let mut rows = statement.query([]).expect(example);
        assert!(rows.next().expect(example).is_some(), "no rows:\n{example}");
    }
}

#[test]
fn the_page_names_every_table_and_view() {
    let (dir, _tables) = sale::tables();
    let conn = raw(&dir);
    let sql = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'";
    let mut statement = conn.prepare(sql).expect("a query");
    let names = statement.query_map([], |row| row.get::<_, String>(0)).expect("the names");
    for name in names {
        let name = name.expect("a name");
        assert!(PAGE.contains(&format!("`{name}`")), "docs/sql.md does not mention {name}");
    }
}
