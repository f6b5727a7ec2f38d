//! Who is sent what happened.

use utoipa::openapi::path::HttpMethod;

use super::call::Call;
use crate::admin::{NewWebhook, Rotation, SendAgain, Webhook, WebhookChange, WebhookGone};
use crate::problem::Code;

const ONE: &str = "The webhook, by its number.";

pub(super) fn calls() -> [Call; 7] {
    let list = Call::get("/v1/admin/webhooks", "listWebhooks", "Who is sent what happened, and how far each has got")
        .gives_list::<Webhook>();
    let add = Call::post("/v1/admin/webhooks", "addWebhook", "Have events sent somewhere")
        .describe(
            "Each event is sent there by POST, as a CloudEvent in JSON, signed by the Standard Webhooks specification: at least once, \
             and again for as long as `webhooks.retry_for` says, until it is answered with 2xx. 410 ends it. `key` of the answer is what the \
             receiver verifies with; where it is a secret it is shown this once. There can be 16. docs/webhooks.md has the rest. From the \
             store's level 9 on.",
        )
        .takes::<NewWebhook>()
        .gives::<Webhook>()
        .refuses(&[Code::FeedOtherHistory, Code::FeedTrimmed, Code::LimitReached])
        .writes();
    let show = Call::get("/v1/admin/webhooks/{id}", "getWebhook", "A webhook, and what was tried last")
        .path_id(ONE)
        .gives::<Webhook>();
    let change = Call::new(HttpMethod::Patch, "/v1/admin/webhooks/{id}", "changeWebhook", "Pause a webhook, have it go on, or from elsewhere")
        .describe(
            "What is left out stays as it is; what waits to be tried again is tried at once. With `from` it goes on behind that event, and \
             sends what it has sent before once more, with the same ids.",
        )
        .path_id(ONE)
        .takes::<WebhookChange>()
        .gives::<Webhook>()
        .refuses(&[Code::FeedOtherHistory, Code::FeedTrimmed])
        .writes();
    let rotate = Call::post("/v1/admin/webhooks/{id}/rotate", "rotateWebhookKey", "Sign with a new key")
        .describe("The key of before signs beside it for `keepFor`, so that the receiver can change over meanwhile. `key` of the answer is the new one.")
        .path_id(ONE)
        .may_take::<Rotation>()
        .gives::<Webhook>()
        .writes();
    let send = Call::post("/v1/admin/webhooks/{id}/send", "sendWebhookEvent", "Send one event once more")
        .describe(
            "One event that was sent before is sent once more, out of its turn and with the same `webhook-id`, also while the webhook is paused. It \
             is tried once, and what became of it is in `attempts`; what is sent otherwise is as if it had not been. One per second is sent, \
             and 8 can wait.",
        )
        .path_id(ONE)
        .takes::<SendAgain>()
        .gives::<Webhook>()
        .refuses(&[Code::EventNotSent, Code::FeedOtherHistory, Code::FeedTrimmed, Code::TooManyRequests])
        .writes();
    let remove =
        Call::new(HttpMethod::Delete, "/v1/admin/webhooks/{id}", "removeWebhook", "Send nothing there any more")
            .path_id(ONE)
            .gives::<WebhookGone>()
            .writes();
    let of_one = |call: Call| call.refuses(&[Code::WebhookNotFound]);
    let all = [list, add, of_one(show), of_one(change), of_one(rotate), of_one(send), of_one(remove)];
    all.map(|call| call.refuses(&[Code::LevelTooLow, Code::Unavailable]))
}
