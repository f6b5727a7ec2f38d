//! The operator's side.

use serde_json::{Value, json};

use crate::call::Call;
use crate::catalog::Catalog;
use crate::client::Client;
use crate::reply::Reply;
use crate::wait::eventually;

/// The admin key of every server under test, unless a test sets another.
pub const ADMIN_KEY: &str = "testkit-admin-key-0123456789abcdef";

/// A client that holds the admin key.
#[derive(Clone)]
pub struct Admin {
    client: Client,
}

impl Admin {
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Sends any call with the admin key.
    pub async fn call(&self, call: Call) -> Reply {
        self.client.call(call.bearer(ADMIN_KEY)).await
    }

    /// Publishes a whole catalog.
    pub async fn publish(&self, catalog: &Catalog) -> Reply {
        self.call(Call::post("/v1/admin/catalog").json(&catalog.document())).await
    }

    /// Makes a queue.
    pub async fn open_queue(&self, name: &str) -> Reply {
        self.call(Call::post("/v1/admin/queues").json(&json!({"queue": name}))).await
    }

    /// Changes a queue's mode and settings where they are given, and expects that it is done.
    pub async fn set_queue(&self, name: &str, change: Value) {
        let reply = self.call(Call::patch(format!("/v1/admin/queues/{name}")).json(&change)).await;
        assert_eq!(reply.status, 200, "{reply}");
    }

    /// Changes the store's settings where they are given, and expects that it is done.
    pub async fn set_settings(&self, change: Value) {
        let reply = self.call(Call::patch("/v1/admin/settings").json(&change)).await;
        assert_eq!(reply.status, 200, "{reply}");
    }

    /// Makes a campaign of codes, and expects that it is done.
    pub async fn set_campaign(&self, name: &str, change: Value) -> Value {
        self.call(Call::patch(format!("/v1/admin/campaigns/{name}")).json(&change)).await.data()
    }

    /// Adds codes to a campaign.
    pub async fn add_codes(&self, name: &str, first: u32, codes: &[&str]) -> Reply {
        let body = json!({"first": first, "codes": codes});
        self.call(Call::post(format!("/v1/admin/campaigns/{name}/codes")).json(&body)).await
    }

    /// Stops or resumes the sale of one date.
    pub async fn close_schedule(&self, schedule: u64, closed: bool) -> Reply {
        self.call(Call::patch(format!("/v1/admin/schedules/{schedule}")).json(&json!({"closed": closed}))).await
    }

    /// Drops somebody's hold.
    pub async fn release(&self, reservation: u64) -> Reply {
        let why = json!({"reason": "Asked for at the desk"});
        self.call(Call::post(format!("/v1/admin/reservations/{reservation}/release")).json(&why)).await
    }

    /// Revokes the queue tokens of a user.
    pub async fn revoke(&self, user: u64) -> Reply {
        self.call(Call::post(format!("/v1/admin/users/{user}/tokens/revoke"))).await
    }

    /// A user's wallet, and since when their tokens count.
    pub async fn user(&self, user: u64) -> Value {
        self.call(Call::get(format!("/v1/admin/users/{user}"))).await.data()
    }

    /// Makes a new key for the tokens of tickets to come.
    pub async fn rotate_keys(&self) -> Reply {
        self.call(Call::post("/v1/admin/keys/rotate")).await
    }

    /// The engine's state in figures.
    pub async fn state(&self) -> Value {
        self.call(Call::get("/v1/admin/state")).await.data()
    }

    /// The events that are usual, from the oldest that is kept on: up to 1,000 of them.
    pub async fn events(&self) -> Vec<Value> {
        let reply = self.call(Call::get("/v1/admin/events?limit=1000")).await;
        assert_eq!(reply.status, 200, "{reply}");
        reply.json().as_array().expect("a list").clone()
    }

    /// Waits until the tables hold everything that was acknowledged before this call.
    pub async fn projected(&self) {
        let head = self.state().await["seq"].as_u64().expect("seq is a number");
        eventually("the tables catch up with the journal", async || {
            self.state().await["projectedSeq"].as_u64().is_some_and(|projected| projected >= head)
        })
        .await;
    }
}
