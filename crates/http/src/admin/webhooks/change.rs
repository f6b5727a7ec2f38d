//! What operators say of webhooks.

use onsale_domain::time::Time;
use onsale_node::webhooks::Stored;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::body::given;
use super::super::events::Wanted;
use crate::problem::{Code, Problem};
use crate::shared::Shared;
use crate::webhooks::{Definition, Is, Log, Order, Progress, Scheme, State, Why, check, read_stored};
use crate::wire::Milliseconds;

/// The most types that are named one by one: there are not so many.
const TYPES_MAX: usize = 64;

/// Whether one message waits for the one before.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookOrder)]
pub(crate) enum OrderName {
    /// One at a time: the next once the one before is delivered.
    #[default]
    Ordered,
    /// Four at a time, and what fails holds up no other.
    Parallel,
}

impl From<OrderName> for Order {
    fn from(name: OrderName) -> Self {
        match name {
            OrderName::Ordered => Self::Ordered,
            OrderName::Parallel => Self::Parallel,
        }
    }
}

impl From<Order> for OrderName {
    fn from(order: Order) -> Self {
        match order {
            Order::Ordered => Self::Ordered,
            Order::Parallel => Self::Parallel,
        }
    }
}

/// By what messages are signed.
#[derive(Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookSignature)]
pub(crate) enum SignatureName {
    /// `v1`: HMAC-SHA256 with a secret that both have.
    #[default]
    Hmac,
    /// `v1a`: Ed25519; the receiver has the public key.
    Ed25519,
}

impl From<SignatureName> for Scheme {
    fn from(name: SignatureName) -> Self {
        match name {
            SignatureName::Hmac => Self::Hmac,
            SignatureName::Ed25519 => Self::Ed25519,
        }
    }
}

impl From<Scheme> for SignatureName {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Hmac => Self::Hmac,
            Scheme::Ed25519 => Self::Ed25519,
        }
    }
}

/// Whether a webhook is sent to, as an operator says.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = WebhookLever)]
pub(crate) enum LeverName {
    On,
    Paused,
}

/// A webhook to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewWebhook {
    /// Where each event is sent, by POST. `https` alone, and into no private network, unless `webhooks.private` allows it.
    #[schema(max_length = 2_048, example = "https://shop.example/events")]
    url: String,
    /// Which events: names, and families such as `onsale.hold.*`. All but `onsale.token.*` where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_items = 1, max_items = 64, example = json!(["onsale.payment.made", "onsale.hold.*"]))]
    types: Option<Vec<String>>,
    /// `ORDERED` where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    order: Option<OrderName>,
    /// `HMAC` where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    signature: Option<SignatureName>,
    /// Behind which event it begins: its `id`; `OLDEST` for all that is kept, and `NOW`, also where it is left out, for what comes.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "NOW")]
    from: Option<String>,
}

impl NewWebhook {
    pub(super) fn into_parts(self) -> (String, Option<Vec<String>>, Order, Scheme, Option<String>) {
        let Self { url, types, order, signature, from } = self;
        (url, types, order.unwrap_or_default().into(), signature.unwrap_or_default().into(), from)
    }
}

/// What is to be otherwise. What is left out stays as it is, but what waits to be tried again is tried at once.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    state: Option<LeverName>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 2_048)]
    url: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_items = 1, max_items = 64)]
    types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    order: Option<OrderName>,
    /// Behind which event it goes on: its `id`, `OLDEST` or `NOW`. What was not delivered by then is forgotten.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = "4711-1-9f86d081")]
    pub(super) from: Option<String>,
}

/// How long the key of before goes on to sign.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = WebhookRotation)]
pub(crate) struct Rotation {
    /// At most 744h; 24h where it is left out, and `0s` where somebody has it who must not.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    pub(super) keep_for: Option<Milliseconds>,
}

/// A webhook that is there.
pub(super) struct Known {
    pub(super) stored: Stored,
    pub(super) definition: Definition,
    pub(super) state: State,
    pub(super) progress: Progress,
    pub(super) log: Log,
}

impl Known {
    pub(super) fn of(stored: Stored) -> Result<Self, Problem> {
        let unread = |what: String| {
            tracing::error!(what, "a webhook cannot be read");
            Problem::new(Code::Unavailable).with_detail("The webhooks cannot be read.")
        };
        let log = if stored.log.is_empty() { Ok(Log::default()) } else { read_stored("log", &stored.log) };
        Ok(Self {
            definition: read_stored("definition", &stored.definition).map_err(unread)?,
            state: read_stored("state", &stored.state).map_err(unread)?,
            progress: read_stored("place", &stored.progress).map_err(unread)?,
            log: log.map_err(unread)?,
            stored,
        })
    }
}

/// How one is to be.
pub(super) struct Wish {
    before: String,
    pub(super) definition: Definition,
    pub(super) state: State,
}

impl WebhookChange {
    /// How one that is there is to be then.
    pub(super) fn of(&self, shared: &Shared, known: &Known, now_ms: u64) -> Result<Wish, Problem> {
        let Self { state: lever, url, types: named, order, from: _ } = self;
        let (mut definition, mut state) = (known.definition.clone(), known.state);
        if let Some(url) = url {
            let private = shared.webhooks.settings.private;
            check(url, private).map_err(|what| Problem::field("url", format!("url {what}.")))?;
            definition.url.clone_from(url);
        }
        if let Some(named) = named {
            definition.types = Some(types(named)?);
        }
        if let Some(order) = order {
            definition.order = (*order).into();
        }
        match lever {
            // Also where it is on: the time for which it is tried begins anew.
            Some(LeverName::On) => state = State { is: Is::On, why: None, at_ms: now_ms },
            Some(LeverName::Paused) if state.is == Is::On => {
                state = State { is: Is::Paused, why: Some(Why::Operator), at_ms: now_ms };
            }
            Some(LeverName::Paused) | None => {}
        }
        Ok(Wish { before: words(&known.definition, &known.state), definition, state })
    }
}

impl Wish {
    /// What differs, as it was and as it is to be.
    pub(super) fn words(&self) -> (String, String) {
        let after = words(&self.definition, &self.state);
        let (mut were, mut are) = (Vec::new(), Vec::new());
        for (was, is) in self.before.split(", ").zip(after.split(", ")).filter(|(was, is)| was != is) {
            were.push(was);
            are.push(is);
        }
        (were.join(", "), are.join(", "))
    }
}

/// Types as the feed is asked for them.
pub(super) fn types(named: &[String]) -> Result<String, Problem> {
    if named.is_empty() || named.len() > TYPES_MAX {
        return Err(Problem::field("types", format!("types must be 1 to {TYPES_MAX} names.")));
    }
    for (place, name) in named.iter().enumerate() {
        if name.contains(',') || Wanted::read(Some(name)).is_err() {
            let field = format!("types[{place}]");
            let what = format!(
                "{field} must be a name such as onsale.hold.made, or a family such as onsale.hold.*: docs/feed.md has them all."
            );
            return Err(Problem::field(field, what));
        }
    }
    Ok(named.join(","))
}

/// A webhook in the words of the record, with a comma between each. Of the address it says the host: the rest may have a secret in it,
/// and the record stays for ever.
pub(super) fn words(definition: &Definition, state: &State) -> String {
    let host = definition.url.split(['/', '?']).take(3).collect::<Vec<_>>().join("/");
    let is = match state.is {
        Is::On => "ON",
        Is::Paused => "PAUSED",
        Is::Gone => "GONE",
    };
    let order = match definition.order {
        Order::Ordered => "ORDERED",
        Order::Parallel => "PARALLEL",
    };
    let types = definition.types.as_deref().unwrap_or("the usual").replace(',', " ");
    format!("state {is}, order {order}, url {host}, types {types}")
}

/// A moment of this machine's clock, for people.
pub(super) fn moment(at_ms: u64) -> String {
    Time(at_ms).to_string()
}
