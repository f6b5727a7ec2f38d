//! Programs of two versions on one store: the one before feature levels, as it was built then, and this one.

use std::path::{Path, PathBuf};

use onsale_testkit::postgres::Database;
use onsale_testkit::{Admin, Buyer, Catalog, Port, Server, Setup, eventually};

use crate::setup;

/// The level that this program brings a store to.
const NEWEST: u64 = 10;

/// The program before feature levels, which `scripts/build-before` builds, unless `ONSALE_BEFORE` names a later one.
fn before() -> Setup {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/before/onsale");
    let program = std::env::var_os("ONSALE_BEFORE").map_or_else(built, PathBuf::from);
    assert!(program.exists(), "{} is missing: scripts/build-before builds it", program.display());
    Setup::new(program)
}

async fn buy(server: &Server, user: u64) {
    let buyer = Buyer::admitted(&server.client(), user).await;
    buyer.charge(1_000).await.data();
    let reservation = buyer.hold(1, user).await;
    assert_eq!(buyer.pay(reservation).await.data()["paymentAmount"], 1_000);
}

async fn level(server: &Server) -> u64 {
    Admin::new(server.client()).state().await["level"].as_u64().unwrap()
}

#[tokio::test]
async fn nodes_of_two_versions_share_a_store_which_is_raised_when_the_last_old_one_is_gone() {
    let database = Database::fresh();
    let on = |setup: Setup| setup.store_url(database.url()).start();
    let mut old = [on(before()), on(before())];
    Admin::new(old[0].client()).publish(&Catalog::hall(40, 1_000)).await.data();
    buy(&old[0], 1).await;
    let mut new = vec![on(setup())];
    for (server, user) in [&old[0], &new[0], &old[1]].into_iter().zip(2..) {
        buy(server, user).await;
    }
    // An old node may come back after a new one has been there.
    assert!(old[0].terminate().success());
    old[0].start_again(Port::Any);
    buy(&old[0], 5).await;
    let was = level(&new[0]).await;
    assert!(was < NEWEST, "an old node lives");
    for (at, user) in [(0, 6), (1, 8)] {
        assert_eq!(level(&new[0]).await, was, "an old node lives");
        assert!(old[at].terminate().success());
        new.push(on(setup()));
        buy(&new[at + 1], user).await;
    }
    eventually("the store is raised", async || level(&new[0]).await == NEWEST).await;
    for (server, user) in new.iter().zip(10..) {
        buy(server, user).await;
    }
    // One that starts while the tables are raised reads what it does not know beside what it does, and says that instead.
    Admin::new(new[0].client()).projected().await;
    let (status, said) = before().store_url(database.url()).refused();
    assert!(!status.success() && said.contains("newer"), "{said}");
    let mut states = Vec::new();
    eventually("all nodes are at the same entry", async || {
        states.clear();
        for server in &new {
            states.push(Admin::new(server.client()).state().await);
        }
        states.iter().all(|state| state["seq"] == states[0]["seq"] && state["level"] == NEWEST)
    })
    .await;
    assert!(states.iter().all(|state| state["fingerprint"] == states[0]["fingerprint"]), "{states:?}");
    assert!(new.iter_mut().all(|server| server.terminate().success()));
    new[0].assert_audit_clean();
}

#[tokio::test]
async fn one_can_go_back_to_the_old_program_until_the_store_is_raised() {
    let scratch = tempfile::tempdir().unwrap();
    let on = |setup: Setup| setup.in_directory().data(scratch.path()).start();
    let mut server = on(before());
    Admin::new(server.client()).publish(&Catalog::hall(40, 1_000)).await.data();
    buy(&server, 1).await;
    assert!(server.terminate().success());
    let mut server = on(setup().set("store.level_max", 0));
    buy(&server, 2).await;
    assert_eq!(level(&server).await, 0);
    server.kill();
    let mut server = on(before());
    buy(&server, 3).await;
    server.kill();
    let mut server = on(setup());
    buy(&server, 4).await;
    assert_eq!(level(&server).await, NEWEST);
    assert!(server.terminate().success());
    server.assert_audit_clean();
    let (status, said) = before().in_directory().data(scratch.path()).refused();
    assert!(!status.success() && said.contains("newer"), "{said}");
}
