//! A database that an administrator has set for other programs.

use std::time::Duration;

use onsale_testkit::Buyer;
use onsale_testkit::eventually;
use onsale_testkit::postgres::Database;

use crate::nodes::Nodes;

/// What of it a role or a database may have, and a session of ours must not.
const SETTINGS: [&str; 15] = [
    "statement_timeout = '50ms'",
    "lock_timeout = '50ms'",
    "idle_session_timeout = '300ms'",
    "default_transaction_isolation = 'serializable'",
    "default_transaction_deferrable = on",
    "bytea_output = 'escape'",
    "datestyle = 'German'",
    "intervalstyle = 'sql_standard'",
    "extra_float_digits = 0",
    "standard_conforming_strings = off",
    "timezone = 'Asia/Kathmandu'",
    "row_security = off",
    "work_mem = '64kB'",
    "client_min_messages = 'debug1'",
    "synchronous_commit = 'off'",
];

#[tokio::test]
async fn neither_its_timeouts_nor_a_notification_that_never_comes_keep_a_node_from_its_work() {
    let database = Database::fresh();
    let alter = format!("alter database {} set", database.name());
    for setting in SETTINGS {
        database.run(&format!("{alter} {setting}"));
    }
    database.run(&format!(
        "create schema shim;
         create function shim.pg_notify(text, text) returns void language sql as 'select';
         {alter} search_path = shim, pg_catalog, public;"
    ));
    let nodes = Nodes::on(&database).await;
    let clients = nodes.clients();
    let buyer = Buyer::join(&clients[0], 1).await;
    let there = buyer.through(&clients[1]);
    assert_eq!(there.status().await, "PROGRESS");
    for round in 1..=2 {
        for client in &clients {
            buyer.through(client).charge(1).await.data();
        }
        assert_eq!(there.balance().await, 3 * round);
        // Longer than a session may be idle.
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    buyer.leave().await.data();
    eventually("a node finds what nobody told it of", async || there.status().await == "DONE").await;
    nodes.assert_agreed().await;
    for server in &nodes.servers {
        let output = server.output();
        assert!(!output.contains("ERROR") && !output.contains("cannot be followed"), "{output}");
    }
}
