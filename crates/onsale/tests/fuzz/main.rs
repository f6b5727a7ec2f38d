//! schemathesis against the service's own OpenAPI document: no 5xx, no undocumented status, no schema violation.

use std::path::{Path, PathBuf};
use std::process::Command;

use onsale_testkit::{ADMIN_KEY, Buyer, Setup, Shop};
use serde_json::json;

/// What each answer is checked for.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,unsupported_method,allow_header_conformance";

/// The program that `scripts/test` installs, unless SCHEMATHESIS names another.
fn program() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv/bin/schemathesis");
    std::env::var_os("SCHEMATHESIS").map_or(installed, PathBuf::from)
}

/// Runs it over the operations that `selection` selects, with this Authorization.
fn run(shop: &Shop, authorization: &str, selection: &[&str]) {
    let scratch = tempfile::tempdir().unwrap();
    let program = program();
    let mut command = Command::new(&program);
    command.current_dir(scratch.path()).arg("run").arg(format!("http://{}/openapi.json", shop.server.address()));
    command.args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "60"]);
    command.args(["--seed", "20270501", "--generation-deterministic", "--generation-database", "none"]);
    command.args(["--workers", "2", "--continue-on-failure", "--warnings", "off", "--no-color"]);
    command.args(["--request-timeout", "30", "-H", &format!("Authorization: {authorization}")]).args(selection);
    let output = command.output().unwrap_or_else(|error| {
        panic!("{}: {error}; scripts/test installs it", program.display());
    });
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
    eprintln!("{printed}");
    assert!(shop.server.output().matches("panicked").count() == 0, "the server panicked");
}

fn setup() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_onsale"))
}

#[tokio::test]
async fn what_buyers_call_keeps_to_its_description() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 1_000_000).await;
    buyer.hold(1, 1).await;
    run(&shop, buyer.token(), &["--exclude-path-regex", "^/v1/admin"]);
    // It is still in order: somebody new gets a ticket.
    let next = shop.insider_with(424_242, 50_000).await;
    let reservation = next.hold(1, 50).await;
    assert_eq!(next.pay(reservation).await.data()["paymentAmount"], 50_000);
}

#[tokio::test]
async fn what_operators_call_keeps_to_its_description() {
    let mut shop = Shop::open(setup()).await;
    shop.insider(1).await.hold(1, 1).await;
    run(&shop, &format!("Bearer {ADMIN_KEY}"), &["--include-path-regex", "^/v1/admin"]);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
    // Whatever was set, the store starts again and can be put right.
    shop.come_back();
    shop.admin.set_queue("default", json!({"mode": "OPEN", "activeLimit": 100})).await;
    Buyer::join(&shop.client, 77).await;
}
