//! schemathesis against the service's own OpenAPI document: no 5xx, no undocumented status, no schema violation.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{EncodingKey, Header, encode};
use onsale_testkit::{ADMIN_KEY, Buyer, Call, Setup, Shop};
use serde_json::json;

/// The program that `scripts/test` installs, unless SCHEMATHESIS names another.
fn program() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv/bin/schemathesis");
    std::env::var_os("SCHEMATHESIS").map_or(installed, PathBuf::from)
}

/// So many cases of each operation are made up, beside those that follow from its description. `ONSALE_FUZZ_EXAMPLES`
/// asks for another number.
const EXAMPLES: &str = "25";

/// What is well-formed may still be refused: a schema cannot say what is sold, or which keys were used.
const NOT_CHECKED: &str = "positive_data_acceptance";

/// What refuses a request that is wrong: a text may be so much too long that nobody reads the body.
const REFUSED: &str = "[checks.negative_data_rejection]\n\
                       expected-statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, \"5xx\"]\n";

/// Runs it over the operations that `selection` selects, with this Authorization. The cases are the same every time, unless
/// `ONSALE_FUZZ_CASES_SEED` asks for others.
async fn run(shop: &Shop, authorization: &str, not_checked: &str, selection: &[&str]) {
    let scratch = tempfile::tempdir().unwrap();
    std::fs::write(scratch.path().join("schemathesis.toml"), REFUSED).unwrap();
    let program = program();
    let mut command = Command::new(&program);
    command.current_dir(scratch.path()).arg("run").arg(format!("http://{}/openapi.json", shop.server.address()));
    let examples = std::env::var("ONSALE_FUZZ_EXAMPLES").unwrap_or_else(|_| EXAMPLES.to_owned());
    command.args(["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful", "--max-examples", &examples]);
    command.args(["--exclude-checks", not_checked]);
    // One worker: before 3.11.8, CPython's `ast.parse` in two threads can fail with "AST constructor recursion depth
    // mismatch" where the garbage collector runs Python code, as hypothesis has it do (python/cpython#106905).
    command.args(["--workers", "1", "--continue-on-failure", "--warnings", "off"]);
    match std::env::var("ONSALE_FUZZ_CASES_SEED") {
        Ok(seed) => command.args(["--seed", &seed]),
        Err(_) => command.arg("--generation-deterministic"),
    };
    command.args(["--no-color", "--request-timeout", "30", "-H", &format!("Authorization: {authorization}")]);
    command.args(selection);
    // The server closes what is idle for longer than this takes; a runtime that stood still meanwhile would not notice,
    // and send the next request over a connection that is gone.
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap_or_else(|error| {
        panic!("{}: {error}; scripts/test installs it", program.display());
    });
    let printed = String::from_utf8_lossy(&output.stdout);
    // It lists what it found under FAILURES, and under ERRORS where it could not do its own work.
    let whose = if printed.contains("= FAILURES =") { "findings" } else { "schemathesis itself failed; no finding" };
    assert!(output.status.success(), "{whose}:\n{printed}{}", String::from_utf8_lossy(&output.stderr));
    eprintln!("{printed}");
    assert!(!shop.server.output().contains("panicked"), "the server panicked");
}

fn setup() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_onsale"))
}

#[tokio::test]
async fn what_buyers_call_keeps_to_its_description() {
    let shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 1_000_000).await;
    buyer.hold(1, 1).await;
    // A stream ends when the ticket does, which is long after a case has.
    run(&shop, buyer.token(), NOT_CHECKED, &["--exclude-path-regex", "^/v1/admin|/stream$"]).await;
    // It is still in order: somebody new gets a ticket.
    let next = shop.insider_with(424_242, 50_000).await;
    let reservation = next.hold(1, 50).await;
    assert_eq!(next.pay(reservation).await.data()["paymentAmount"], 50_000);
}

/// At a door where a shop signs who comes in.
#[tokio::test]
async fn who_is_inside_and_stays_finds_everything_as_described() {
    const SECRET: &str = "a-shop-s-secret-for-tests-0123456789abcdef";
    let signed = setup().set("access.users", "signed").set("entry.secret", SECRET);
    let signed = signed.set("entry.issuer", "https://shop.example").set("entry.audience", "tickets");
    let shop = Shop::open(signed).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time since 1970").as_secs();
    let claims =
        json!({"iss": "https://shop.example", "aud": "tickets", "sub": "anna", "exp": now + 3_600, "nbf": now - 60});
    let entry = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).expect("a token");
    let issue = shop.client.call(Call::post("/v1/api/queue/token").json(&json!({"entryToken": entry}))).await;
    let buyer = Buyer::from_issue(&shop.client, 1, &issue);
    buyer.charge(1_000_000).await.data();
    // What ends the session is left out, so that no case meets a closed door.
    run(&shop, buyer.token(), NOT_CHECKED, &["--exclude-path-regex", "^/v1/admin|/leave$|/payment$|/stream$"]).await;
    assert_eq!(buyer.status().await, "PROGRESS");
    // Whoever shows it as their credentials comes in, whatever else they say.
    run(&shop, &format!("Bearer {entry}"), NOT_CHECKED, &["--include-path-regex", "^/v1/api/queue/token$"]).await;
    assert_eq!(buyer.status().await, "PROGRESS");
}

#[tokio::test]
async fn what_operators_call_keeps_to_its_description() {
    let mut shop = Shop::open(setup()).await;
    shop.insider(1).await.hold(1, 1).await;
    // It tries a wrong key with each call, and expects 401 for however many: after ten it is 429. `contract/auth.rs` tries them.
    let not_checked = format!("{NOT_CHECKED},ignored_auth");
    // A stream of events does not end.
    let selection = ["--include-path-regex", "^/v1/admin", "--exclude-path-regex", "/events/stream$"];
    run(&shop, &format!("Bearer {ADMIN_KEY}"), &not_checked, &selection).await;
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
    // Whatever was set, the store starts again and can be put right.
    shop.come_back();
    let campaigns = shop.admin.call(Call::get("/v1/admin/campaigns")).await.data();
    for campaign in campaigns.as_array().expect("a list") {
        let name = campaign["campaign"].as_str().expect("its name");
        let freed = Call::patch(format!("/v1/admin/campaigns/{name}")).json(&json!({"required": false}));
        shop.admin.call(freed).await.data();
    }
    let open = json!({"mode": "OPEN", "activeLimit": 100, "proofBits": 0, "networkPlaces": 0, "prequeueAt": null, "opensAt": null, "closesAt": null});
    shop.admin.set_queue("default", open).await;
    Buyer::join(&shop.client, 77).await;
}
