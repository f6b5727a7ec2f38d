//! One user with a place in a queue: the endpoints as that user calls them.

use serde_json::{Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::events::Events;
use crate::reply::Reply;
use crate::wait::eventually;

/// A user and the token that was issued last.
#[derive(Clone)]
pub struct Buyer {
    client: Client,
    user: u64,
    token: String,
}

impl Buyer {
    /// Asks for a place in the default queue.
    pub async fn join(client: &Client, user: u64) -> Self {
        Self::from_issue(client, user, &Self::ask(client, user).await)
    }

    /// Asks for a place in a queue by its name.
    pub async fn join_queue(client: &Client, user: u64, queue: &str) -> Self {
        let issue = json!({"userId": user, "queue": queue});
        Self::from_issue(client, user, &client.call(Call::post("/v1/api/queue/token").json(&issue)).await)
    }

    /// Asks for a place in the default queue and waits to be let in.
    pub async fn admitted(client: &Client, user: u64) -> Self {
        let buyer = Self::join(client, user).await;
        buyer.wait_for("PROGRESS").await;
        buyer
    }

    /// The user of a successful token issue.
    ///
    /// # Panics
    /// When it was refused.
    #[must_use]
    #[track_caller]
    pub fn from_issue(client: &Client, user: u64, reply: &Reply) -> Self {
        let token = reply.data()["queueToken"].as_str().expect("queueToken is a text").to_owned();
        Self { client: client.clone(), user, token }
    }

    /// The buyer who has this token, from wherever.
    #[must_use]
    pub fn from_token(client: &Client, user: u64, token: &str) -> Self {
        Self { client: client.clone(), user, token: token.to_owned() }
    }

    /// POST `/queue/token` as it is, for tests of the issue itself.
    pub async fn ask(client: &Client, user: u64) -> Reply {
        client.call(Self::issue(user)).await
    }

    /// The call that asks for a place in the default queue.
    #[must_use]
    pub fn issue(user: u64) -> Call {
        Call::post("/v1/api/queue/token").json(&json!({"userId": user}))
    }

    /// The call that asks for it with a code.
    #[must_use]
    pub fn issue_with(user: u64, code: &str) -> Call {
        Call::post("/v1/api/queue/token").json(&json!({"userId": user, "code": code}))
    }

    #[must_use]
    pub fn user(&self) -> u64 {
        self.user
    }

    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The same user by way of another client: after a restart, say.
    #[must_use]
    pub fn through(&self, client: &Client) -> Self {
        Self { client: client.clone(), ..self.clone() }
    }

    /// Sends any call with this user's token.
    pub async fn call(&self, call: Call) -> Reply {
        self.client.call(call.token(&self.token)).await
    }

    /// The data of a token check.
    pub async fn check(&self) -> Value {
        self.call(Call::post("/v1/api/queue/token/check")).await.data()
    }

    pub async fn status(&self) -> String {
        self.check().await["status"].as_str().expect("status is a text").to_owned()
    }

    pub async fn position(&self) -> u64 {
        self.check().await["queuePosition"].as_u64().expect("queuePosition is a number")
    }

    /// Polls until the token has this status.
    pub async fn wait_for(&self, status: &str) {
        eventually(&format!("user {} is {status}", self.user), async || self.status().await == status).await;
    }

    /// Opens a stream of the place.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn stream(&self) -> Events {
        self.try_stream().await.unwrap_or_else(|reply| panic!("a stream was expected: {reply}"))
    }

    /// Asks for a stream of the place.
    ///
    /// # Errors
    /// The refusal.
    pub async fn try_stream(&self) -> Result<Events, Box<Reply>> {
        Events::open(&self.client, Call::get("/v1/api/queue/stream").token(&self.token)).await
    }

    pub async fn leave(&self) -> Reply {
        self.call(Call::post("/v1/api/queue/token/leave")).await
    }

    pub async fn charge(&self, amount: u64) -> Reply {
        self.call(Self::charging(amount)).await
    }

    /// The call that adds money to a wallet.
    #[must_use]
    pub fn charging(amount: u64) -> Call {
        Call::post("/v1/api/user/amount").json(&json!({"amount": amount}))
    }

    /// The wallet's balance.
    pub async fn balance(&self) -> u64 {
        self.call(Call::get("/v1/api/user/amount")).await.data()["amount"].as_u64().expect("amount is a number")
    }

    pub async fn schedules(&self) -> Reply {
        self.call(Call::get("/v1/api/concerts/schedule")).await
    }

    /// One date as the schedule list shows it.
    pub async fn schedule(&self, schedule: u64) -> Value {
        find(self.schedules().await.data(), "scheduleId", schedule)
    }

    pub async fn seats(&self, schedule: u64) -> Reply {
        self.call(Call::get(format!("/v1/api/concerts/seat?scheduleId={schedule}"))).await
    }

    /// One seat as the seat list shows it.
    pub async fn seat(&self, schedule: u64, seat: u64) -> Value {
        find(self.seats(schedule).await.data(), "seatId", seat)
    }

    pub async fn reserve(&self, schedule: u64, seat: u64) -> Reply {
        self.call(Self::reserving(schedule, seat)).await
    }

    /// The call that holds a seat.
    #[must_use]
    pub fn reserving(schedule: u64, seat: u64) -> Call {
        Call::post("/v1/api/concerts/reserve").json(&json!({"scheduleId": schedule, "seatId": seat}))
    }

    /// Asks for several seats of one date.
    pub async fn reserve_all(&self, schedule: u64, seats: &[u64]) -> Reply {
        self.call(Self::reserving_all(schedule, seats)).await
    }

    /// The call that holds several seats of one date, all or none.
    #[must_use]
    pub fn reserving_all(schedule: u64, seats: &[u64]) -> Call {
        let seats: Vec<_> = seats.iter().map(|seat| json!({"seatId": seat})).collect();
        Call::post("/v1/api/concerts/reserve").json(&json!({"scheduleId": schedule, "seats": seats}))
    }

    /// The call that holds the best seats that are free, as `best` says.
    #[must_use]
    pub fn wishing(schedule: u64, best: &Value) -> Call {
        Call::post("/v1/api/concerts/reserve").json(&json!({"scheduleId": schedule, "best": best}))
    }

    /// The call that holds places of areas, as `areas` says, and these seats beside them.
    #[must_use]
    pub fn standing(schedule: u64, seats: &[u64], areas: &Value) -> Call {
        let mut body = json!({"scheduleId": schedule, "areas": areas});
        if !seats.is_empty() {
            body["seats"] = seats.iter().map(|seat| json!({"seatId": seat})).collect();
        }
        Call::post("/v1/api/concerts/reserve").json(&body)
    }

    /// Holds several seats, and expects to get them: the reservation's id.
    pub async fn hold_all(&self, schedule: u64, seats: &[u64]) -> u64 {
        let data = self.reserve_all(schedule, seats).await.data();
        data["reservationId"].as_u64().expect("reservationId is a number")
    }

    /// Holds a seat, and expects to get it: the reservation's id.
    pub async fn hold(&self, schedule: u64, seat: u64) -> u64 {
        let data = self.reserve(schedule, seat).await.data();
        data["reservationId"].as_u64().expect("reservationId is a number")
    }

    pub async fn pay(&self, reservation: u64) -> Reply {
        self.call(Self::paying(reservation)).await
    }

    /// The call that pays a hold.
    #[must_use]
    pub fn paying(reservation: u64) -> Call {
        Call::post("/v1/api/concerts/payment").json(&json!({"reservationId": reservation}))
    }

    pub async fn cancel(&self, reservation: u64) -> Reply {
        let body = json!({"reservationId": reservation});
        self.call(Call::post("/v1/api/concerts/reserve/cancel").json(&body)).await
    }

    /// This user's reservations.
    pub async fn reservations(&self) -> Reply {
        self.call(Call::get("/v1/api/user/reservations")).await
    }
}

fn find(list: Value, id_name: &str, id: u64) -> Value {
    let Value::Array(items) = list else { panic!("an array was expected: {list}") };
    let found = items.into_iter().find(|item| item[id_name] == id);
    found.unwrap_or_else(|| panic!("{id_name} {id} is not listed"))
}
