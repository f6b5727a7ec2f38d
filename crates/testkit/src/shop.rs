//! A server with something to sell.

use serde_json::json;

use crate::admin::Admin;
use crate::buyer::Buyer;
use crate::catalog::{Catalog, Schedule};
use crate::client::Client;
use crate::server::{Port, Server};
use crate::setup::Setup;

/// A running server with a published catalog, and clients of it.
pub struct Shop {
    pub server: Server,
    pub client: Client,
    pub admin: Admin,
}

impl Shop {
    /// Starts a server and publishes [`Shop::catalog`].
    pub async fn open(setup: Setup) -> Self {
        Self::open_with(setup, &Self::catalog()).await
    }

    /// Starts a server and publishes a catalog.
    pub async fn open_with(setup: Setup, catalog: &Catalog) -> Self {
        let server = setup.start();
        let client = server.client();
        let admin = Admin::new(client.clone());
        let reply = admin.publish(catalog).await;
        assert_eq!(reply.status, 200, "{reply}");
        Self { server, client, admin }
    }

    /// Concert 1 "First Light": date 1 in Seoul with 50 seats at 50,000 (section A), date 2 in New York with two
    /// seats at 80,000 (section B) and three at 30,000 (section C). Concert 2 "Second Wind", through the queue
    /// "vip": date 3 with four seats at 150,000, given one by one.
    #[must_use]
    pub fn catalog() -> Catalog {
        let seoul = Schedule::new(1).section("A", 50_000, 5, 10);
        let new_york = Schedule::new(2)
            .times("America/New_York", "2027-05-08T19:00:00", "2027-05-08T23:15:00")
            .section("B", 80_000, 1, 2)
            .section("C", 30_000, 1, 3);
        let vip = (1..=4).fold(Schedule::new(3), |date, seat| date.seat(u64::from(seat) * 100, seat, 150_000));
        Catalog::new()
            .concert(1, "First Light", vec![seoul, new_york])
            .concert(2, "Second Wind", vec![vip])
            .through("vip")
    }

    /// A user in the default queue.
    pub async fn visitor(&self, user: u64) -> Buyer {
        Buyer::join(&self.client, user).await
    }

    /// A user who has been admitted.
    pub async fn insider(&self, user: u64) -> Buyer {
        Buyer::admitted(&self.client, user).await
    }

    /// A user who has been admitted and has this much money.
    pub async fn insider_with(&self, user: u64, amount: u64) -> Buyer {
        let buyer = self.insider(user).await;
        let charged = buyer.charge(amount).await.data();
        assert_eq!(charged, json!({"amount": amount}), "the wallet was new");
        buyer
    }

    /// `kill -9` and a new start; clients of the old process are left behind.
    pub fn crash(&mut self) {
        self.server.kill();
        self.come_back();
    }

    /// Starts a stopped server again, on another port.
    pub fn come_back(&mut self) {
        let elapsed = self.server.start_again(Port::Any);
        eprintln!("restarted in {} ms", elapsed.as_millis());
        self.client = self.server.client();
        self.admin = Admin::new(self.client.clone());
    }
}
