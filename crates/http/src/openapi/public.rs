//! What needs no credentials.

use super::Tag;
use super::call::Call;
use crate::pages::{Health, JOINS_MAX, PublicCatalog, Sale, ToVerify, Verified};
use crate::pass::KeySet;
use crate::problem::{Code, Work};
use crate::wire::{Draw, Joins};

pub(super) fn calls() -> Vec<Call> {
    let catalog = Call::get("/v1/catalog", "getCatalog", "What is on sale")
        .describe("Concerts, dates, prices and sections. Nothing live: it changes with the catalog alone.")
        .gives::<PublicCatalog>()
        .tagged();
    let sale = Call::get("/v1/sale", "getSale", "How the sale stands")
        .describe("Which queues take people in, and which dates have no free seat: for who has not joined yet. At most a second old.")
        .gives::<Sale>()
        .tagged();
    let draw = Call::get("/v1/queues/{name}/draw", "getDraw", "A queue's draw, to be checked by anybody")
        .describe("What was committed to before anybody could join; from the opening on the seed, too, and what was mixed in. With the list of those who joined it gives everybody's place again: docs/draw.md has the script.")
        .path_name("The queue's name.", "^[a-z0-9_-]{1,64}$")
        .gives::<Draw>()
        .refuses(&[Code::QueueNotFound, Code::DrawNotFound]);
    let joins =
        Call::get("/v1/queues/{name}/draw/joins", "listDrawJoins", "Who took part in a draw, by number and time")
            .describe("In order of joining, without names, from the opening on.")
            .path_name("The queue's name.", "^[a-z0-9_-]{1,64}$")
            .query_number(
                "after",
                0,
                Some(u64::from(u32::MAX)),
                "The last number that is known; nothing for the first page.",
            )
            .query_number("limit", 1, Some(JOINS_MAX), "The most to list; 1,000 where it is left out.")
            .gives::<Joins>()
            .refuses(&[Code::QueueNotFound, Code::DrawNotFound, Code::DrawNotYet]);
    let proof = Call::get("/v1/queues/{name}/proof", "getProof", "The work that a new place takes now")
        .describe("To be solved while somebody still looks, and shown when they join: nobody waits for it then. The same for everybody at one time.")
        .path_name("The queue's name.", "^[a-z0-9_-]{1,64}$")
        .gives::<Work>()
        .refuses(&[Code::QueueNotFound]);
    let verify = Call::post("/v1/tickets/verify", "verifyTicket", "Whether a ticket to a concert is good")
        .describe(
            "For the gate. A ticket that no key of this store signed is `FORGED`, which is an answer, not an error.",
        )
        .takes::<ToVerify>()
        .gives::<Verified>();
    let keys = Call::get("/v1/tickets/keys", "listTicketKeys", "The public keys of tickets")
        .describe("A JSON Web Key Set, newest key first, with which any JWT library verifies a ticket offline.")
        .gives_plain::<KeySet>();
    let alive = Call::get("/healthz", "isAlive", "Whether the process answers").gives::<Health>();
    let ready = Call::get("/readyz", "isReady", "Whether the store takes writes")
        .gives::<Health>()
        .refuses(&[Code::Unavailable, Code::OutcomeUnknown]);
    let metrics = Call::get("/metrics", "getMetrics", "Metrics for Prometheus")
        .describe("OpenMetrics for scrapers that ask for it.")
        .gives_page("text/plain", "Metrics")
        .also("application/openmetrics-text");
    let document = Call::get("/openapi.json", "getOpenApi", "This document")
        .gives_page("application/json", "An OpenAPI 3.1 document")
        .tagged();
    let docs = Call::get("/docs", "getDocs", "This document, for people").gives_page("text/html", "A page").tagged();
    let start = Call::get("/", "getStart", "The buyer's page")
        .describe("Its scripts and styles are below `/assets/`, at addresses whose content never changes.")
        .gives_page("text/html", "A page")
        .tagged();
    let gate = Call::get("/verify", "getVerify", "The page that checks a ticket")
        .describe("The ticket is behind `#` in its address, which no browser sends.")
        .gives_page("text/html", "A page")
        .tagged();
    let worker = Call::get("/sw.js", "getServiceWorker", "The buyer's page's service worker")
        .describe("It keeps the page and its scripts for when there is no connection; it keeps no answer of the API.")
        .gives_page("text/javascript", "A script")
        .tagged();
    let style =
        Call::get("/style.css", "getStyle", "The stylesheet of the pages").gives_page("text/css", "CSS").tagged();
    let problems = Call::get("/problems", "listProblems", "All codes of problems").gives_page("text/html", "A page");
    let problem = Call::get("/problems/{name}", "getProblem", "What a code means")
        .path_name("The last part of a problem's `type`.", "^[a-z-]+$")
        .gives_page("text/html", "A page")
        .refuses(&[Code::NotFound, Code::BadRequest]);
    let calls = [
        catalog, sale, draw, joins, proof, worker, verify, keys, alive, ready, metrics, document, docs, start, gate,
        style, problems, problem,
    ];
    calls.into_iter().map(|call| call.tag(Tag::Public.name())).collect()
}
