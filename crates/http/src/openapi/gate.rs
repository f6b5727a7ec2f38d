//! Gates before sites that others serve: what their proxies ask, and what their visitors come by.

use super::Tag;
use super::call::Call;
use crate::pages::Waiting;
use crate::pass::KeySet;
use crate::problem::Code;

const NAME: &str = "^[a-z0-9_-]{1,64}$";
const SITE: &str = "The site's name in `gate.sites`.";

pub(super) fn calls() -> Vec<Call> {
    let check = Call::get("/v1/gate/{name}", "checkGate", "Whether a visitor of a site is inside")
        .describe(
            "For the proxy before the site, about each request: with the visitor's cookies, and what they asked for in `X-Original-URI` or \
             `X-Forwarded-Uri`. 401 has `Location`: where the visitor waits. 204 has `Onsale-Gate`: `inside`, with `Onsale-Session`, and `Set-Cookie` with a pass \
             that was renewed, which the visitor is to be given; `free`, as the gate is not for this request; or `open`. With `redirect` in the query a browser gets 303 in the place of 401. It is \
             answered from memory, and writes nothing.",
        )
        .path_name(SITE, NAME)
        .query_text("redirect", "Anything: the proxy hands on to the visitor what it is answered.")
        .gives_no_content("Inside, or the gate is not for this request, or open because who is inside cannot be known (`Onsale-Gate`)")
        .redirects("Where the visitor waits.")
        .refuses(&[Code::NotFound, Code::GatePassNeeded, Code::Unavailable]);
    let behind = Call::get("/v1/gate/{name}/check", "checkGateBehind", "The same for Envoy")
        .describe(
            "With any method, and the path that the visitor asked for behind it, as `path_prefix` of `ext_authz` makes it. What lets in is 200.",
        )
        .path_name(SITE, NAME)
        .gives_page("application/octet-stream", "Inside, or the gate is open because who is inside cannot be known")
        .redirects("Where the visitor waits.")
        .refuses(&[Code::NotFound, Code::GatePassNeeded, Code::Unavailable]);
    let enter = Call::get("/v1/gate/{name}/enter", "enterGate", "A code is exchanged for a pass, once")
        .describe("The site's proxy hands it on from `gate.sites.….enter`, a path of the site, whose cookie the pass becomes.")
        .path_name(SITE, NAME)
        .query_text("code", "What the waiting page gives whoever is let in.")
        .redirects("Where the visitor wanted to be, with the pass; or where they wait, where the code is not good, or not any more.")
        .refuses(&[Code::NotFound, Code::BadRequest, Code::Unavailable, Code::OutcomeUnknown]);
    let keys = Call::get("/v1/gate/{name}/keys", "listGateKeys", "The public keys of passes")
        .describe("A JSON Web Key Set, newest key first, with which an edge verifies passes by itself.")
        .path_name(SITE, NAME)
        .gives_plain::<KeySet>()
        .refuses(&[Code::NotFound]);
    let wait = Call::get("/gate/{name}", "waitAtGate", "Where a site's visitors wait")
        .describe(
            "A page for a browser, without scripts, but where the site's queue asks for work (`proofBits`); the place as JSON for an app, which keeps cookies as a browser does. Whoever comes with \
             the cookie that the first look gives joins the site's queue by it, which counts for `rate.client_per_minute`.",
        )
        .path_name(SITE, NAME)
        .query_text("to", "The path of the site to come back to, or an address below its origin; `/` where it is left out.")
        .query_text("cookie", "Anything: the visitor was given a cookie, and should have it.")
        .query_text("proof", "The work that the site's queue asks for, `challenge.nonce`: see `Work`, whose `person` the refusal says.")
        .query_text("again", "Anything: the visitor had a code, and did not come in by it.")
        .gives::<Waiting>()
        .also("text/html")
        .redirects("The site, with a code, for a browser that is let in; or the same with a cookie.")
        .refuses(&[
            Code::NotFound,
            Code::BadRequest,
            Code::RateLimited,
            Code::QueueNotFound,
            Code::QueueClosed,
            Code::QueueNotYetOpen,
            Code::QueueOver,
            Code::CodeRequired,
            Code::ProofRequired,
            Code::Unavailable,
            Code::OutcomeUnknown,
        ]);
    let again = Call::post("/gate/{name}", "joinGateAgain", "Whoever's time is over joins again")
        .path_name(SITE, NAME)
        .query_text("to", "As above.")
        .redirects("The waiting page.")
        .refuses(&[Code::NotFound, Code::BadRequest, Code::Unavailable]);
    let link = |call: Call| {
        call.path_name(SITE, NAME)
            .query_text("link", "What an operator has given out.")
            .query_text("cookie", "As above.")
            .gives_page("text/html", "The page.")
            .redirects("The waiting page, which sends whoever is let in on to the site; or the same with a cookie.")
            .refuses(&[Code::NotFound, Code::BadRequest, Code::GateLinkOver])
    };
    let invited = link(Call::get("/gate/{name}/in", "showGateLink", "What somebody sees who has a link to come in by"))
        .refuses(&[Code::Unavailable]);
    let come_in = link(Call::post("/gate/{name}/in", "useGateLink", "Somebody comes in by a link")).refuses(&[
        Code::RateLimited,
        Code::QueueNotFound,
        Code::QueueClosed,
        Code::QueueNotYetOpen,
        Code::QueueOver,
        Code::CodeRequired,
        Code::Unavailable,
        Code::OutcomeUnknown,
    ]);
    let style = Call::get("/gate/{name}/style.css", "getGateStyle", "The stylesheet of the waiting page")
        .path_name(SITE, NAME)
        .gives_page("text/css", "CSS")
        .refuses(&[Code::NotFound]);
    [check, behind, enter, keys, wait, again, invited, come_in, style]
        .into_iter()
        .map(|call| call.tag(Tag::Public.name()))
        .collect()
}
