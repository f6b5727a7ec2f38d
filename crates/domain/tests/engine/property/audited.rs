//! Histories through the SQL tables: what the engine did, judged by queries that know nothing of the engine.

use onsale_domain::row::{Mark, Row};
use onsale_tables::Tables;
use onsale_tables::audit::Audit;

const STORE: u64 = 1;
const HASH: [u8; 32] = [7; 32];

/// Projects the rows of a whole history in a few transactions, audits, and loads an engine from what the tables hold.
pub(super) fn assert_holds(batches: &[(Mark, Vec<Row>)]) {
    let dir = tempfile::tempdir().expect("a directory");
    let mut tables = Tables::open(dir.path()).expect("tables");
    tables.claim(STORE).expect("a claim");
    let mut at = 0;
    for some in batches.chunks(batches.len().div_ceil(3)) {
        let (mark, _) = some.last().expect("a chunk has something");
        let rows: Vec<Row> = some.iter().flat_map(|(_, rows)| rows).cloned().collect();
        tables.project(at, mark, &HASH, &rows).expect("a projection");
        at = mark.seq;
    }
    for finding in Audit::open(dir.path()).expect("an audit").all().expect("its findings") {
        assert!(finding.holds(), "{finding:?}");
    }
    let (mut loader, last) = (onsale_domain::engine::Loader::new(), batches.last().expect("a history").0);
    tables.load(&mut |row| Ok(loader.load(row)?)).expect("the tables' rows fit together");
    loader.finish(&last).expect("the tables hold the engine that wrote them");
}
