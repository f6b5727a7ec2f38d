//! A full disk: writes are refused cleanly, reads go on, and so do writes once there is room.

use onsale_testkit::{Buyer, Port, Reply, Shop, SmallDisk, eventually};

use crate::setup;

const DISK_MEGABYTES: u32 = 32;
/// Room that is left inside files may serve some writes still; no more than this many of a page each.
const WRITES_MAX: u64 = 30_000;

#[tokio::test]
async fn a_full_disk_is_refused_cleanly_and_survived() {
    let disk = SmallDisk::mount(DISK_MEGABYTES);
    let settings = setup().under(disk.enter()).data(disk.path().join("data"));
    let mut shop = Shop::open(settings).await;
    let buyer = shop.insider(1).await;
    let reservation = buyer.hold(1, 1).await;
    let mut done = 0;
    let mut charged = buyer.charge(50_000).await.data()["amount"].as_u64().unwrap();
    disk.fill();
    let refused = loop {
        let reply = buyer.charge(1).await;
        if reply.status != 200 {
            break reply;
        }
        charged += 1;
        done += 1;
        assert!(done < WRITES_MAX, "the disk is full, and writes go on");
    };
    eprintln!("{done} charges were taken after the disk was full");
    assert_refused(&refused);
    // Nothing was done, reads go on, and other writes are refused too.
    assert_eq!(buyer.balance().await, charged);
    assert_eq!(buyer.status().await, "PROGRESS");
    assert_eq!(buyer.schedules().await.status, 200);
    assert_eq!(buyer.seat(1, 1).await["seatStatus"], "TEMP_RESERVED");
    for reply in [buyer.reserve(1, 2).await, buyer.pay(reservation).await, Buyer::ask(&shop.client, 2).await] {
        assert_refused(&reply);
    }
    assert_eq!(buyer.seat(1, 2).await["seatStatus"], "AVAILABLE");
    disk.free();
    eventually("writes work again", async || buyer.charge(1).await.status == 200).await;
    assert_eq!(buyer.balance().await, charged + 1);
    shop.admin.projected().await;
    buyer.pay(reservation).await.data();
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
    shop.come_back();
    assert_eq!(buyer.through(&shop.client).balance().await, charged + 1 - 50_000);
}

/// The system ends a process that writes beyond the size it may give its files, without a word, unless it is told not to.
#[tokio::test]
async fn a_limit_on_the_size_of_files_ends_the_server_with_a_word() {
    let mut shop = Shop::open(setup().under(&["sh", "-c", "ulimit -f 2000; exec \"$@\"", "sh"])).await;
    let buyer = shop.insider(1).await;
    let mut charged = 0;
    for _ in 0..WRITES_MAX {
        match shop.client.send(&Buyer::charging(1).token(buyer.token())).await {
            Ok(reply) if reply.status == 200 => charged += 1,
            _ => break,
        }
    }
    eventually("it ends", async || shop.server.ended().is_some()).await;
    let told = shop.server.output();
    assert!(told.contains("limits the size of files") && told.contains("SIGXFSZ"), "{told}");
    assert!(told.contains("the storage of the journal failed"), "{told}");
    shop.server.reconfigure(|setup| setup.under::<&str>(&[]));
    shop.server.start_again(Port::Any);
    let balance = buyer.through(&shop.server.client()).balance().await;
    assert!(balance == charged || balance == charged + 1, "{balance} after {charged} charges");
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[track_caller]
fn assert_refused(reply: &Reply) {
    reply.refused(503, "UNAVAILABLE");
    let seconds = reply.header("retry-after").expect("Retry-After");
    assert!(seconds.parse::<u64>().is_ok(), "{seconds}");
}
