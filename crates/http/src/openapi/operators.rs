//! The operator's API.

use utoipa::openapi::path::HttpMethod;

use super::call::Call;
use super::{ADMIN_KEY, Tag};
use crate::admin::{
    Added, Adjusted, ArrivalsShown, CampaignChange, CampaignState, FigureSaid, Gone, LetGo, Lever, LinkMade, Made,
    NamedSeats, NewAdjustment, NewCodes, NewFigure, NewLink, NewMessage, NewOperator, NewPlace, NewQueue, Oneself,
    OperatorGone, OperatorKey, OperatorSeat, OperatorState, PAGE_MAX, PlaceGiven, Published, QueueChange, Reissue,
    Release, Released, Removed, Revoked, Rotated, ScheduleChange, ScheduleState, Sent, SettingsChange, SettingsState,
    Staged, Started, StoreState, User, Whom, Withdrawn, Withheld,
};
use crate::ops::{Hall, Holds, Now, Past};
use crate::problem::Code;
use crate::wire::{CatalogDocument, QueueState, Reservation, SeatTicket};

pub(super) fn calls() -> Vec<Call> {
    let calls = catalog()
        .into_iter()
        .chain(queues())
        .chain(campaigns())
        .chain(schedules())
        .chain(store())
        .chain(users())
        .chain(super::sessions::calls())
        .chain(super::people::calls())
        .chain(wallets())
        .chain(staff())
        .chain(gates())
        .chain(record())
        .chain(night())
        .chain(super::feed::calls())
        .chain(super::webhooks::calls());
    let operators = |call: Call| {
        let call =
            call.tag(Tag::Operators.name()).secured(ADMIN_KEY).refuses(&[Code::AdminUnauthorized, Code::RateLimited]);
        let call = if needs_role(&call) { call.refuses(&[Code::RoleForbidden]) } else { call };
        let call = if needs_level(&call) { call.refuses(&[Code::LevelTooLow]) } else { call };
        if is_recorded(&call) { call.signed() } else { call }
    };
    calls.map(operators).collect()
}

/// Whether who did it is put on record: levers are; parts of an upload, token keys, buyers who come in and what is only read are none.
fn is_recorded(call: &Call) -> bool {
    const NONE: [&str; 5] = [
        "/v1/admin/people/export",
        "/v1/admin/keys/rotate",
        "/v1/admin/users/{id}/token",
        "/v1/admin/users/{id}/session/keep",
        "/v1/admin/gates/{name}/links",
    ];
    let is_none = NONE.contains(&call.path);
    call.method != HttpMethod::Get && call.method != HttpMethod::Put && !is_none
}

/// Whether not every operator's key opens it.
fn needs_role(call: &Call) -> bool {
    call.path != "/v1/admin/whoami"
}

/// Whether it does, or may be asked to do, what came with a feature level.
fn needs_level(call: &Call) -> bool {
    const PATHS: [&str; 22] = [
        "/v1/admin/people/erase",
        "/v1/admin/campaigns/{name}",
        "/v1/admin/campaigns/{name}/codes",
        "/v1/admin/gates/{name}/links",
        "/v1/admin/catalog",
        "/v1/admin/catalog/uploads/{id}",
        "/v1/admin/catalog/uploads/{id}/publish",
        "/v1/admin/queues/{name}",
        "/v1/admin/queues/{name}/let-go",
        "/v1/admin/queues/{name}/places",
        "/v1/admin/schedules/{id}",
        "/v1/admin/schedules/{id}/withhold",
        "/v1/admin/schedules/{id}/giveback",
        "/v1/admin/users/{id}/tokens/revoke",
        "/v1/admin/users/{id}/session/keep",
        "/v1/admin/users/{id}/session/end",
        "/v1/admin/users/{id}/credit",
        "/v1/admin/users/{id}/debit",
        "/v1/admin/operators",
        "/v1/admin/settings",
        "/v1/admin/reservations/{id}/release",
        "/v1/admin/reservations/{id}/reissue",
    ];
    let is_change = call.method != HttpMethod::Get && call.method != HttpMethod::Delete;
    is_change && PATHS.contains(&call.path)
        || ["/v1/admin/operators/{name}", "/v1/admin/gates/{name}/links/{id}"].contains(&call.path)
}

fn put(path: &'static str, id: &str, summary: &str) -> Call {
    Call::new(HttpMethod::Put, path, id, summary)
}

fn patch(path: &'static str, id: &str, summary: &str) -> Call {
    Call::new(HttpMethod::Patch, path, id, summary)
}

fn delete(path: &'static str, id: &str, summary: &str) -> Call {
    Call::new(HttpMethod::Delete, path, id, summary)
}

const UPLOAD: &str = "The upload, by a number that the uploader chooses.";

fn catalog() -> [Call; 4] {
    let replace = Call::post("/v1/admin/catalog", "publishCatalog", "Publish a catalog, all or nothing")
        .describe("Concerts and dates that it names are made or replaced; others stay. Up to 64 MiB.")
        .takes::<CatalogDocument>()
        .gives::<Published>()
        .refuses(&[Code::CatalogInUse, Code::LimitReached])
        .writes();
    let stage = put("/v1/admin/catalog/uploads/{id}", "stageCatalog", "Add a part to an upload")
        .describe(
            "Nothing shows before the upload is published. Up to 64 MiB a part. Where it fails midway, the upload is \
             discarded, and the detail says so.",
        )
        .path_id(UPLOAD)
        .takes::<CatalogDocument>()
        .gives::<Staged>()
        .writes();
    let publish =
        Call::post("/v1/admin/catalog/uploads/{id}/publish", "publishUpload", "Publish an upload, all or nothing")
            .path_id(UPLOAD)
            .gives::<Published>()
            .refuses(&[Code::CatalogInUse, Code::LimitReached])
            .writes();
    let discard = delete("/v1/admin/catalog/uploads/{id}", "discardUpload", "Forget an upload")
        .path_id(UPLOAD)
        .gives_nothing()
        .writes();
    [replace, stage, publish, discard]
}

fn queues() -> [Call; 6] {
    let list = Call::get("/v1/admin/queues", "listQueues", "All queues, as they are now").gives_list::<QueueState>();
    let open = Call::post("/v1/admin/queues", "openQueue", "Make a queue")
        .describe("Does nothing where one of that name exists.")
        .takes::<NewQueue>()
        .gives::<QueueState>()
        .refuses(&[Code::LimitReached])
        .writes();
    let change = patch("/v1/admin/queues/{name}", "changeQueue", "Change a queue's mode, times and settings")
        .describe(
            "What is left out stays as it is. Changes that come at the same time are all made, one by one. A queue with times opens and \
             closes by itself, to the millisecond and on every node; a moment that is past counts at once. Put off, an open queue keeps \
             who is inside and who waits, and admits nobody until it opens again.",
        )
        .path_name("The queue's name.", "^[a-z0-9_-]{1,64}$")
        .takes::<QueueChange>()
        .gives::<QueueState>()
        .refuses(&[Code::QueueNotFound, Code::QueueInUse, Code::DrawNotFound, Code::BeaconGiven])
        .writes();
    let let_go = Call::post("/v1/admin/queues/{name}/let-go", "letSilentGo", "Let those go who are silent inside")
        .describe(
            "Ends the sessions of those who have not been heard from, by poll, stream or any call with their token, and gives \
             their slots to those who wait. What they hold is theirs until it lapses, and can be paid. After a start, or an \
             outage, everybody counts as heard from. From the store's level 2 on.",
        )
        .path_name("The queue's name.", "^[a-z0-9_-]{1,64}$")
        .takes::<LetGo>()
        .gives::<Gone>()
        .refuses(&[Code::QueueNotFound])
        .writes();
    let give = Call::post("/v1/admin/queues/{name}/places", "givePlace", "Give somebody a place")
        .describe(
            "For somebody whose device cannot show the work that the queue asks for. They stand at the tail, as anybody who joins now, and \
             have the place on their own device by asking for it. Who has one keeps it. From the store's level 9 on.",
        )
        .path_name("The queue's name.", "^[a-z0-9_-]{1,64}$")
        .takes::<Whom>()
        .gives::<PlaceGiven>()
        .refuses(&[Code::QueueNotFound, Code::UserNotFound, Code::QueueClosed, Code::QueueNotYetOpen, Code::QueueOver, Code::CodeRequired])
        .writes();
    let arrivals = Call::get("/v1/admin/queues/{name}/arrivals", "listArrivals", "Where those come from who join")
        .describe("As this node has seen it within the hour. Nothing happens to anybody for it. Addresses are in no journal, table or log.")
        .path_name("The queue's name.", "^[a-z0-9_-]{1,64}$")
        .gives::<ArrivalsShown>()
        .refuses(&[Code::QueueNotFound]);
    [list, open, change, let_go, give, arrivals]
}

fn campaigns() -> [Call; 3] {
    let list = Call::get("/v1/admin/campaigns", "listCampaigns", "All campaigns of codes, as they are now")
        .describe("Codes themselves are told to nobody: only their hashes are kept.")
        .gives_list::<CampaignState>();
    let change = patch("/v1/admin/campaigns/{name}", "changeCampaign", "Make a campaign of codes, or change one")
        .describe(
            "What is left out stays as it is. Whoever has joined with one of its codes keeps the place. From the store's level 9 on.",
        )
        .path_name("The campaign's name.", "^[a-z0-9_-]{1,64}$")
        .takes::<CampaignChange>()
        .gives::<CampaignState>()
        .refuses(&[Code::QueueNotFound, Code::CampaignInUse, Code::LimitReached])
        .writes();
    let add = Call::post("/v1/admin/campaigns/{name}/codes", "addCodes", "Add codes to a campaign, all or none")
        .describe(
            "Up to 16,384 in a call of up to 2 MiB, and 4,194,304 in all campaigns. A list of a million is sent piece by piece: after a failure `codes` of the campaign says how many are there. From the store's level 9 on.",
        )
        .path_name("The campaign's name.", "^[a-z0-9_-]{1,64}$")
        .takes::<NewCodes>()
        .gives::<Added>()
        .refuses(&[
            Code::CampaignNotFound,
            Code::CampaignInUse,
            Code::CodesMissing,
            Code::CodeTwice,
            Code::LimitReached,
        ])
        .writes();
    [list, change, add]
}

fn schedules() -> [Call; 5] {
    let change = patch(
        "/v1/admin/schedules/{id}",
        "changeSchedule",
        "Stop or resume the sale of a date, say when it begins and ends, or whether holds may leave single seats",
    )
    .path_id("The date.")
    .takes::<ScheduleChange>()
    .gives::<ScheduleState>()
    .refuses(&[Code::ScheduleNotFound])
    .writes();
    let remove = delete("/v1/admin/schedules/{id}", "removeSchedule", "Take a date out of the catalog")
        .describe("Refused when a seat of it is held, sold or held back.")
        .path_id("The date.")
        .gives::<Removed>()
        .refuses(&[Code::ScheduleNotFound, Code::ScheduleInUse])
        .writes();
    let seats = Call::get("/v1/admin/schedules/{id}/seats", "listScheduleSeats", "The seats of a date, one by one")
        .describe("With the reason of those that are held back.")
        .path_id("The date.")
        .query_text("section", "Lists the seats of this section alone.")
        .query_choice(
            "status",
            &["AVAILABLE", "TEMP_RESERVED", "RESERVED", "WITHHELD"],
            "Lists those alone that are this.",
        )
        .gives_list::<OperatorSeat>()
        .refuses(&[Code::ScheduleNotFound]);
    let withhold = Call::post("/v1/admin/schedules/{id}/withhold", "withholdSeats", "Hold free seats back from the sale")
        .describe(
            "All or none: what somebody holds or bought is named in `seatIds` of the refusal. Nobody can hold them then, by name or as \
             the best, and buyers see them as sold. Those that are held back already stay so, for the new reason. From the store's \
             level 5 on.",
        )
        .path_id("The date.")
        .takes::<NamedSeats>()
        .gives::<Withheld>()
        .refuses(&[Code::ScheduleNotFound, Code::SeatNotFound, Code::SeatNotAvailable])
        .writes();
    let give_back =
        Call::post("/v1/admin/schedules/{id}/giveback", "giveSeatsBack", "Put seats on sale again that are held back")
            .describe("All or none. From the store's level 5 on.")
            .path_id("The date.")
            .takes::<NamedSeats>()
            .gives::<Withheld>()
            .refuses(&[Code::ScheduleNotFound, Code::SeatNotFound, Code::SeatNotWithheld])
            .writes();
    [change, remove, seats, withhold, give_back]
}

fn gates() -> Vec<Call> {
    const NAME: &str = "^[a-z0-9_-]{1,64}$";
    const SITE: &str = "The site's name in `gate.sites`.";
    let make = Call::post("/v1/admin/gates/{name}/links", "makeGateLink", "Let some people in past the line")
        .describe("A link, good for so many people and so long, by which they come in to the site by its queue of guests (`gate.sites.….guests`), whose limit holds for them. Nothing of it is kept: it is in the log who made it. Each use is journaled, and counts on all nodes. Refused with 409 while the store is below level 4, see docs/upgrade.md.")
        .path_name(SITE, NAME)
        .takes::<NewLink>()
        .gives::<LinkMade>()
        .refuses(&[Code::NotFound, Code::QueueNotFound])
        .writes();
    let withdraw = delete("/v1/admin/gates/{name}/links/{id}", "withdrawGateLink", "Withdraw a link")
        .describe("Nobody comes in by it any more, on any node. Who has stays inside. It is on record as `REVOKE_TOKENS` of this number.")
        .path_name(SITE, NAME)
        .path_id("The link, by its number.")
        .gives::<Withdrawn>()
        .refuses(&[Code::NotFound, Code::LimitReached])
        .writes();
    let say = put("/v1/admin/gates/{name}/figure", "sayGateFigure", "Say how busy a site is")
        .describe("For a site whose gate stands open until it has enough to do (`gate.sites.….standby_figure_above`): again and again, more often than `.standby_figure_good_for`. The gate holds at once where it is too much; the other nodes hear of it within a second or two. It is kept nowhere, and on no record. For keys of role SHOP and ADMIN.")
        .path_name(SITE, NAME)
        .takes::<NewFigure>()
        .gives::<FigureSaid>()
        .refuses(&[Code::NotFound]);
    vec![make, withdraw, say]
}

fn users() -> [Call; 7] {
    let user = Call::get("/v1/admin/users/{id}", "getUser", "A user's wallet, and since when their tokens count")
        .describe("One that never joined has an empty wallet.")
        .path_id("The user, by the number with which the queue was joined.")
        .gives::<User>();
    let find = Call::get("/v1/admin/users", "findUser", "Find a user by what their entry token calls them")
        .describe("Where the service takes entry tokens (`access.users` is `signed`).")
        .query_text("subject", "The `sub`.")
        .query_text("issuer", "The `iss`; that whose tokens are taken where it is left out.")
        .gives::<User>()
        .refuses(&[Code::BadRequest, Code::UserNotFound]);
    let tickets = Call::get("/v1/admin/users/{id}/tickets", "listUserTickets", "The tickets of a user")
        .describe("What the user's own `GET /v1/api/user/tickets` lists, in any mode of the queues: to be mailed, or printed again.")
        .path_id("The user, by the number with which the queue was joined.")
        .gives_list::<SeatTicket<'_>>();
    let reservations =
        Call::get("/v1/admin/users/{id}/reservations", "listUserReservations", "The reservations of a user")
            .describe("What the user's own `GET /v1/api/user/reservations` lists.")
            .path_id("The user, by the number with which the queue was joined.")
            .gives_list::<Reservation>();
    let revoke = Call::post("/v1/admin/users/{id}/tokens/revoke", "revokeTokens", "Revoke a user's queue tokens")
        .describe("Those that are out are refused with 401, whatever they opened. A place in a queue is kept: asking for it gives a token that is valid. Refused with 409 while the store is below level 2, see docs/upgrade.md, and where 65,536 users have theirs revoked.")
        .path_id("The user, by the number with which the queue was joined.")
        .gives::<Revoked>()
        .refuses(&[Code::LimitReached])
        .writes();
    let start = Call::post("/v1/admin/users/{id}/token", "startBuyer", "Give a user a place, for the shop that knows who they are")
        .describe("What `POST /v1/api/queue/token` gives, also where that takes an entry token: again the same place and token, as long as the user has it. For the buyer's page: `/#move=<queueToken>`.")
        .path_id("The user, by a number that is this person's for ever.")
        .takes::<NewPlace>()
        .gives::<Started>()
        .refuses(&[Code::QueueNotFound, Code::UserNotFound, Code::QueueClosed, Code::QueueNotYetOpen, Code::QueueOver, Code::CodeRequired])
        .writes();
    let payments = Call::get("/v1/admin/payments", "listPayments", "Payments in the order in which they were made")
        .describe("Those after a number, without a gap: a shop asks for what came after the last that it has. An empty list says that nothing has come since.")
        .query_number("after", 0, None, "The number of the last payment that is known; 0, or nothing, for the first.")
        .query_number("limit", 1, Some(PAGE_MAX), "The most payments; 100 where it is left out.")
        .gives_list::<Made>();
    [find, user, start, tickets, reservations, revoke, payments]
}

fn wallets() -> [Call; 2] {
    const ONCE: &str = "Once for each reference, whoever sends it again and however long after: then the answer says `replayed`, and \
        the balance as it is now. 1,048,576 references are remembered, for ever; where there are so many, a new one is refused with \
        409. So is any while the store is below level 4, see docs/upgrade.md. Whose key it was is in the table `adjustments`, and not \
        among the levers.";
    let user = "The user, by the number with which the queue was joined.";
    let credit = Call::post("/v1/admin/users/{id}/credit", "creditUser", "Put money into a user's wallet")
        .describe(&format!(
            "For a shop whose payment provider has said yes. {ONCE} Refused where `access.charge` is `off`."
        ))
        .path_id(user)
        .takes::<NewAdjustment>()
        .gives::<Adjusted>()
        .refuses(&[Code::AmountInvalid, Code::ReferenceReused, Code::ChargeOff, Code::LimitReached])
        .writes();
    let debit = Call::post("/v1/admin/users/{id}/debit", "debitUser", "Take money back out of a user's wallet")
        .describe(&format!("No more than is in it. {ONCE}"))
        .path_id(user)
        .takes::<NewAdjustment>()
        .gives::<Adjusted>()
        .refuses(&[Code::InsufficientBalance, Code::ReferenceReused, Code::LimitReached])
        .writes();
    [credit, debit]
}

fn staff() -> [Call; 4] {
    let list = Call::get("/v1/admin/operators", "listOperators", "The operators who have a key of their own")
        .describe("By name. The first key, `admin.key`, is not among them: it is nobody's.")
        .gives_list::<OperatorState>();
    let add = Call::post("/v1/admin/operators", "addOperator", "Make a key for an operator")
        .describe("It is shown in this answer and never again. Refused with 409 while the store is below level 4, see docs/upgrade.md, and where there are 256.")
        .takes::<NewOperator>()
        .gives::<OperatorKey>()
        .refuses(&[Code::OperatorExists, Code::LimitReached])
        .writes();
    let remove = delete("/v1/admin/operators/{name}", "removeOperator", "Take an operator's key away")
        .describe("It opens nothing from then on. What was done with it stays on record.")
        .path_name("The operator.", "^.{1,64}$")
        .gives::<OperatorGone>()
        .refuses(&[Code::OperatorNotFound])
        .writes();
    let oneself = Call::get("/v1/admin/whoami", "whoAmI", "Whose key the request was sent with, and what it opens")
        .gives::<Oneself>();
    [list, add, remove, oneself]
}

fn record() -> [Call; 2] {
    let send = Call::post("/v1/admin/messages", "sendMessage", "Tell those who wait something")
        .describe(
            "It reaches them over their streams and `GET /v1/api/queue/news`, for an hour those who come later too.",
        )
        .takes::<NewMessage>()
        .gives::<Sent>()
        .refuses(&[Code::QueueNotFound])
        .writes();
    let levers = Call::get("/v1/admin/levers", "listLevers", "Who moved which lever when, newest first")
        .describe("The newest thousand; the table `levers` has all. Refused changes are not among them.")
        .gives_list::<Lever>();
    [send, levers]
}

fn night() -> [Call; 4] {
    let now = Call::get("/v1/admin/ops/now", "getOpsNow", "Everything that an operator watches, as it is now")
        .describe("Looked at once a second; ask as often.")
        .gives::<Now>();
    let history = Call::get("/v1/admin/ops/history", "getOpsHistory", "What happened")
        .describe(
            "One point a second for the last quarter of an hour, one for ten seconds for three days, also before a \
             restart; where there are more points than asked for, neighbours are put together.",
        )
        .query_number(
            "from",
            0,
            None,
            "From when on, in seconds since 1970-01-01 UTC; from the first where it is left out.",
        )
        .query_number("to", 0, None, "Up to when, likewise; up to now where it is left out.")
        .query_number("points", 1, Some(4_000), "The most points; 600 where it is left out.")
        .gives::<Past>();
    let seats = Call::get("/v1/admin/ops/seats", "getOpsSeats", "Every seat of a date, row by row")
        .query_id("scheduleId", true, "The date.")
        .gives::<Hall>()
        .refuses(&[Code::ScheduleNotFound]);
    let holds = Call::get("/v1/admin/ops/holds", "getOpsHolds", "Who holds which seats of a date")
        .query_id("scheduleId", true, "The date.")
        .gives::<Holds>()
        .refuses(&[Code::ScheduleNotFound]);
    [now, history, seats, holds]
}

fn store() -> [Call; 6] {
    let settings = Call::get("/v1/admin/settings", "getSettings", "The store's settings").gives::<SettingsState>();
    let change = patch("/v1/admin/settings", "changeSettings", "Change the store's settings")
        .describe("What is left out stays as it is.")
        .takes::<SettingsChange>()
        .gives::<SettingsState>()
        .writes();
    let release = Call::post("/v1/admin/reservations/{id}/release", "releaseReservation", "Drop somebody's hold")
        .path_id("The reservation.")
        .may_take::<Release>()
        .gives::<Released>()
        .refuses(&[Code::ReservationNotFound, Code::AlreadyPaid, Code::ReservationCancelled, Code::HoldExpired])
        .writes();
    let reissue = Call::post("/v1/admin/reservations/{id}/reissue", "reissueTickets", "Issue paid tickets anew")
        .describe(
            "The new ones. Those that were out are refused at the gate, as `REPLACED`. From the store's level 8 on.",
        )
        .path_id("The reservation.")
        .takes::<Reissue>()
        .gives_list::<SeatTicket<'_>>()
        .refuses(&[Code::ReservationNotFound, Code::NotPaid, Code::SeatNotFound, Code::Overloaded])
        .writes();
    let rotate = Call::post("/v1/admin/keys/rotate", "rotateKeys", "Sign new tokens with a new key")
        .describe("Tokens of older keys stay valid, and are given again as they were. Refused where `token.key` is configured.")
        .gives::<Rotated>()
        .refuses(&[Code::BadRequest, Code::Unavailable]);
    let state = Call::get("/v1/admin/state", "getState", "The store in figures").gives::<StoreState>();
    [settings, change, release, reissue, rotate, state]
}
