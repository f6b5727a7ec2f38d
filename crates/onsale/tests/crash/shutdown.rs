//! A graceful stop: nothing more is taken, what was taken is finished.

use std::os::fd::AsRawFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use onsale_testkit::{Buyer, Catalog, Client, Lost, Port, Reply, Shop, raise_descriptor_limit};
use tokio::task::JoinSet;

use crate::setup;

const CLIENTS: u64 = 200;

#[tokio::test]
async fn sigterm_finishes_what_was_taken() {
    raise_descriptor_limit();
    let mut shop = Shop::open_with(setup(), &Catalog::hall(5, 10)).await;
    let buyer = shop.insider(1).await;
    let mut sending = JoinSet::new();
    for client in 0..CLIENTS {
        let (sender, call) = (shop.client.clone(), Buyer::charging(1).token(buyer.token()));
        sending.spawn(async move {
            let mut replies: Vec<Result<Reply, Lost>> = Vec::new();
            for number in 0.. {
                let reply = sender.send(&call.clone().key(&format!("{client}-{number}"))).await;
                let stopped = !matches!(&reply, Ok(reply) if reply.status == 200);
                replies.push(reply);
                if stopped || number == 3 {
                    break;
                }
            }
            replies
        });
    }
    tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    let mut server = shop.server;
    let (stopped, status) = tokio::task::spawn_blocking(move || {
        let status = server.terminate();
        (server, status)
    })
    .await
    .expect("it stops");
    assert!(status.success(), "{status}");
    shop.server = stopped;
    let (mut acknowledged, mut unknown) = (0, 0);
    for reply in sending.join_all().await.into_iter().flatten() {
        match reply {
            Ok(reply) if reply.status == 200 => acknowledged += 1,
            Ok(reply) if reply.status == 503 => assert!(reply.header("retry-after").is_some(), "{reply}"),
            Ok(reply) => panic!("neither done nor refused: {reply}"),
            Err(Lost::Broken(_) | Lost::Connect(_)) => unknown += 1,
            Err(Lost::Silent) => panic!("a request was left without an answer"),
        }
    }
    shop.server.assert_audit_clean();
    shop.come_back();
    let balance = buyer.through(&shop.client).balance().await;
    eprintln!("{acknowledged} acknowledged, {unknown} unknown, {balance} charged");
    assert!((acknowledged..=acknowledged + unknown).contains(&balance));
}

#[tokio::test]
async fn a_stopped_server_comes_back_with_everything() {
    let mut shop = Shop::open(setup()).await;
    let buyer = shop.insider_with(1, 70_000).await;
    let reservation = buyer.hold(1, 1).await;
    let before = (buyer.check().await, buyer.seats(1).await.json());
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
    shop.come_back();
    let buyer = buyer.through(&shop.client);
    assert_eq!(buyer.check().await["sessionExpiresAt"], before.0["sessionExpiresAt"]);
    assert_eq!(buyer.seats(1).await.json(), before.1);
    assert_eq!(buyer.pay(reservation).await.data()["paymentAmount"], 50_000);
    assert_eq!(buyer.balance().await, 20_000);
}

/// The embedded store has one program at a time. By a socket that outlives them, the next one takes over and nobody is refused.
#[tokio::test]
async fn a_program_follows_another_at_the_same_socket_and_no_call_fails() {
    let mut shop = Shop::open(setup().in_directory().with_socket()).await;
    let buyer = shop.insider(1).await;
    let goes_on = Arc::new(AtomicBool::new(true));
    let mut calling = JoinSet::new();
    for number in 0..16 {
        // A connection of its own, kept alive as long as the server likes.
        let (client, goes_on) = (Client::new(shop.server.address()), Arc::clone(&goes_on));
        let buyer = buyer.through(&client);
        calling.spawn(async move {
            let (mut charged, mut longest) = (0, Duration::ZERO);
            while goes_on.load(Ordering::Relaxed) {
                let began = Instant::now();
                if number % 2 == 0 {
                    assert_eq!(buyer.charge(1).await.status, 200);
                    charged += 1;
                } else {
                    buyer.check().await;
                }
                longest = longest.max(began.elapsed());
                tokio::time::sleep(Duration::from_millis(number)).await;
            }
            (charged, longest)
        });
    }
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut server = shop.server;
        shop.server = tokio::task::spawn_blocking(move || {
            assert!(server.terminate().success());
            server.start_again(Port::Same);
            server
        })
        .await
        .expect("one follows another");
    }
    goes_on.store(false, Ordering::Relaxed);
    let called = calling.join_all().await;
    let charged: u64 = called.iter().map(|(charged, _)| charged).sum();
    eprintln!("{charged} charges, of which the longest took {:?}", called.iter().map(|(_, longest)| longest).max());
    shop.client = shop.server.client();
    assert_eq!(buyer.through(&shop.client).balance().await, charged);
    assert!(shop.server.terminate().success());
    shop.server.assert_audit_clean();
}

#[test]
fn a_socket_at_another_address_is_named() {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::empty()).expect("the server inherits it");
    let passing = format!("LISTEN_FDS=1 LISTEN_PID=$$ exec \"$@\" 3<&{}", socket.as_raw_fd());
    let (status, printed) = setup().in_directory().under(&["bash", "-c", &passing, "bash"]).refused();
    assert_eq!(status.code(), Some(1), "{printed}");
    let address = socket.local_addr().expect("its address");
    assert!(printed.contains(&format!("LISTEN_FDS: a socket at {address} was passed")), "{printed}");
    assert!(printed.contains("the configuration has 127.0.0.1:0:"), "{printed}");
    for (count, wanted) in [("2147483647", "LISTEN_FDS must be"), ("one", "LISTEN_FDS must be")] {
        let passing = passing.replace("LISTEN_FDS=1", &format!("LISTEN_FDS={count}"));
        let (_, printed) = setup().in_directory().under(&["bash", "-c", &passing, "bash"]).refused();
        assert!(printed.contains(wanted), "{printed}");
    }
}
