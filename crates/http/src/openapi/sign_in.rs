//! Signing in with an identity provider: where a browser goes, and comes back.

use utoipa::openapi::path::HttpMethod;

use super::Tag;
use super::call::Call;
use crate::ops::Door;
use crate::problem::Code;

pub(super) fn calls() -> Vec<Call> {
    let buyers = buyers().map(|call| call.tag(Tag::Public.name()));
    let operators = operators().map(|call| call.tag(Tag::Operators.name()));
    buyers.into_iter().chain(operators).collect()
}

fn buyers() -> [Call; 2] {
    let begin = Call::get("/login", "beginLogin", "The way to sign in")
        .describe(
            "For a browser: sends a buyer to the identity provider, where there is one (`login.*`), and has the browser keep a cookie \
             for ten minutes. After it the buyer's page joins with what stands behind `#` in its address.",
        )
        .query_text("queue", "The queue to join; `default` where it is left out.")
        .query_id("concert", false, "The concert that the buyer looked at.")
        .query_text("other", "Anything: somebody else signs in than the provider knows already.")
        .redirects("The identity provider, or the buyer's page, with `#login=unavailable`.")
        .refuses(&[Code::NotFound, Code::BadRequest]);
    let end = Call::get("/login/callback", "endLogin", "The way back from signing in")
        .describe(
            "For a browser: the identity provider sends it here. Whoever has not begun to sign in with this browser does not end it. \
             Counts for `rate.client_per_minute`.",
        )
        .brings_back()
        .redirects(
            "The buyer's page, with `#entry=` and an entry token; or with `#login=` and why not: `denied`, `unknown`, `expired`, \
             `unavailable`, `refused`.",
        )
        .refuses(&[Code::NotFound, Code::RateLimited]);
    [begin, end]
}

fn operators() -> [Call; 4] {
    let begin = Call::get("/ops/login", "beginOperatorLogin", "The way for operators to sign in")
        .describe("For a browser: sends an operator to the identity provider, where operators sign in (`login.roles`, `login.operators`).")
        .query_text("other", "Anything: somebody else signs in than the provider knows already.")
        .redirects("The identity provider, or `/ops`, with `#login=unavailable`.")
        .refuses(&[Code::NotFound, Code::BadRequest]);
    let end = Call::get("/ops/login/callback", "endOperatorLogin", "The way back for operators")
        .describe(
            "For a browser: the identity provider sends it here. Who has a role gets the cookie of a session, which opens what a key \
             of that role opens to requests that have the header `Onsale-Session`, whatever it says: a page of another site cannot send it.",
        )
        .brings_back()
        .redirects("`/ops`; with `#login=` and why not, as for buyers, or `no-role`.")
        .refuses(&[Code::NotFound, Code::RateLimited]);
    let show =
        Call::get("/ops/session", "getOperatorSession", "How operators come in here, and who has").gives::<Door>();
    let leave = Call::new(HttpMethod::Delete, "/ops/session", "endOperatorSession", "Sign out")
        .describe("Ends the session in this browser. `onsale keys rotate` ends those of all.")
        .gives::<Door>()
        .refuses(&[Code::NotFound]);
    [begin, end, show, leave]
}
