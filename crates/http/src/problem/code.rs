//! Every way in which a call can be refused. The names are the wire's and do not change.

use http::StatusCode;

macro_rules! codes {
    ($($name:ident = $status:literal, $text:literal, $page:literal;)*) => {
        /// What went wrong, as a client's program sees it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Code {
            $(#[doc = $text] $name,)*
        }

        impl Code {
            /// All codes, in the order of their discriminants.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The HTTP status.
            #[must_use]
            pub fn status(self) -> StatusCode {
                const { assert!(Code::ALL.len() <= u8::MAX as usize) };
                let status: u16 = match self {
                    $(Self::$name => $status,)*
                };
                StatusCode::from_u16(status).expect("the table has valid statuses")
            }

            /// The value of `code`.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// The value of `type`: the address of the page that explains the code.
            #[must_use]
            pub fn address(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("/problems/", $page),)*
                }
            }

            /// The code whose page has this name, the last part of its address.
            #[must_use]
            pub fn by_page(name: &str) -> Option<Self> {
                match name {
                    $($page => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

codes! {
    BadRequest = 400, "BAD_REQUEST", "bad-request";
    SeatTwice = 400, "SEAT_TWICE", "seat-twice";
    AreaTwice = 400, "AREA_TWICE", "area-twice";
    SeatsTooMany = 400, "SEATS_TOO_MANY", "seats-too-many";
    AmountInvalid = 400, "AMOUNT_INVALID", "amount-invalid";
    TokenMissing = 401, "TOKEN_MISSING", "token-missing";
    TokenInvalid = 401, "TOKEN_INVALID", "token-invalid";
    EntryTokenMissing = 401, "ENTRY_TOKEN_MISSING", "entry-token-missing";
    EntryTokenInvalid = 401, "ENTRY_TOKEN_INVALID", "entry-token-invalid";
    EntryTokenUnsigned = 401, "ENTRY_TOKEN_UNSIGNED", "entry-token-unsigned";
    EntryTokenAlgorithm = 401, "ENTRY_TOKEN_ALGORITHM", "entry-token-algorithm";
    EntryTokenKeyUnknown = 401, "ENTRY_TOKEN_KEY_UNKNOWN", "entry-token-key-unknown";
    EntryTokenIssuer = 401, "ENTRY_TOKEN_ISSUER", "entry-token-issuer";
    EntryTokenAudience = 401, "ENTRY_TOKEN_AUDIENCE", "entry-token-audience";
    EntryTokenExpired = 401, "ENTRY_TOKEN_EXPIRED", "entry-token-expired";
    EntryTokenNotYet = 401, "ENTRY_TOKEN_NOT_YET", "entry-token-not-yet";
    EntryTokenReplayed = 401, "ENTRY_TOKEN_REPLAYED", "entry-token-replayed";
    GatePassNeeded = 401, "GATE_PASS_NEEDED", "gate-pass-needed";
    AdminUnauthorized = 401, "ADMIN_UNAUTHORIZED", "admin-unauthorized";
    InsufficientBalance = 402, "INSUFFICIENT_BALANCE", "insufficient-balance";
    NotAdmitted = 403, "NOT_ADMITTED", "not-admitted";
    SessionExpired = 403, "SESSION_EXPIRED", "session-expired";
    SessionDone = 403, "SESSION_DONE", "session-done";
    EntryTokenOtherUser = 403, "ENTRY_TOKEN_OTHER_USER", "entry-token-other-user";
    EntryTokenOtherQueue = 403, "ENTRY_TOKEN_OTHER_QUEUE", "entry-token-other-queue";
    ChargeOff = 403, "CHARGE_OFF", "charge-off";
    ExtendOff = 403, "EXTEND_OFF", "extend-off";
    CodeRequired = 403, "CODE_REQUIRED", "code-required";
    CodeUnknown = 403, "CODE_UNKNOWN", "code-unknown";
    ProofRequired = 403, "PROOF_REQUIRED", "proof-required";
    RoleForbidden = 403, "ROLE_FORBIDDEN", "role-forbidden";
    ScheduleNotFound = 404, "SCHEDULE_NOT_FOUND", "schedule-not-found";
    SeatNotFound = 404, "SEAT_NOT_FOUND", "seat-not-found";
    ReservationNotFound = 404, "RESERVATION_NOT_FOUND", "reservation-not-found";
    DrawNotFound = 404, "DRAW_NOT_FOUND", "draw-not-found";
    QueueNotFound = 404, "QUEUE_NOT_FOUND", "queue-not-found";
    CampaignNotFound = 404, "CAMPAIGN_NOT_FOUND", "campaign-not-found";
    WebhookNotFound = 404, "WEBHOOK_NOT_FOUND", "webhook-not-found";
    OperatorNotFound = 404, "OPERATOR_NOT_FOUND", "operator-not-found";
    UserNotFound = 404, "USER_NOT_FOUND", "user-not-found";
    NotFound = 404, "NOT_FOUND", "not-found";
    MethodNotAllowed = 405, "METHOD_NOT_ALLOWED", "method-not-allowed";
    PayloadTooLarge = 413, "PAYLOAD_TOO_LARGE", "payload-too-large";
    UnsupportedMediaType = 415, "UNSUPPORTED_MEDIA_TYPE", "unsupported-media-type";
    SeatNotAvailable = 409, "SEAT_NOT_AVAILABLE", "seat-not-available";
    SeatsTooFew = 409, "SEATS_TOO_FEW", "seats-too-few";
    AreaTooFew = 409, "AREA_TOO_FEW", "area-too-few";
    SeatsNotTogether = 409, "SEATS_NOT_TOGETHER", "seats-not-together";
    AreaPriceNotOffered = 409, "AREA_PRICE_NOT_OFFERED", "area-price-not-offered";
    PriceTypeNotOffered = 409, "PRICE_TYPE_NOT_OFFERED", "price-type-not-offered";
    WheelchairPlace = 409, "WHEELCHAIR_PLACE", "wheelchair-place";
    NotWheelchairPlace = 409, "NOT_WHEELCHAIR_PLACE", "not-wheelchair-place";
    CompanionSeat = 409, "COMPANION_SEAT", "companion-seat";
    SeatNotWithheld = 409, "SEAT_NOT_WITHHELD", "seat-not-withheld";
    SeatLeftAlone = 409, "SEAT_LEFT_ALONE", "seat-left-alone";
    SoldOut = 409, "SOLD_OUT", "sold-out";
    AlreadyPaid = 409, "ALREADY_PAID", "already-paid";
    NotPaid = 409, "NOT_PAID", "not-paid";
    HoldExtended = 409, "HOLD_EXTENDED", "hold-extended";
    OthersWait = 409, "OTHERS_WAIT", "others-wait";
    HoldLimitReached = 409, "HOLD_LIMIT_REACHED", "hold-limit-reached";
    SeatLimitReached = 409, "SEAT_LIMIT_REACHED", "seat-limit-reached";
    ReservationCancelled = 409, "RESERVATION_CANCELLED", "reservation-cancelled";
    QueueClosed = 409, "QUEUE_CLOSED", "queue-closed";
    QueueNotYetOpen = 409, "QUEUE_NOT_YET_OPEN", "queue-not-yet-open";
    QueueOver = 409, "QUEUE_OVER", "queue-over";
    QueueInUse = 409, "QUEUE_IN_USE", "queue-in-use";
    CodeNotYet = 409, "CODE_NOT_YET", "code-not-yet";
    CodeOver = 409, "CODE_OVER", "code-over";
    CodeUsedUp = 409, "CODE_USED_UP", "code-used-up";
    CampaignInUse = 409, "CAMPAIGN_IN_USE", "campaign-in-use";
    CodesMissing = 409, "CODES_MISSING", "codes-missing";
    CodeTwice = 409, "CODE_TWICE", "code-twice";
    DrawNotYet = 409, "DRAW_NOT_YET", "draw-not-yet";
    BeaconGiven = 409, "BEACON_GIVEN", "beacon-given";
    SaleClosed = 409, "SALE_CLOSED", "sale-closed";
    SaleNotYetOpen = 409, "SALE_NOT_YET_OPEN", "sale-not-yet-open";
    SaleOver = 409, "SALE_OVER", "sale-over";
    CatalogInUse = 409, "CATALOG_IN_USE", "catalog-in-use";
    ScheduleInUse = 409, "SCHEDULE_IN_USE", "schedule-in-use";
    LimitReached = 409, "LIMIT_REACHED", "limit-reached";
    OperatorExists = 409, "OPERATOR_EXISTS", "operator-exists";
    LevelTooLow = 409, "LEVEL_TOO_LOW", "level-too-low";
    ErasureLoses = 409, "ERASURE_LOSES", "erasure-loses";
    ReferenceReused = 409, "REFERENCE_REUSED", "reference-reused";
    EventNotSent = 409, "EVENT_NOT_SENT", "event-not-sent";
    FeedOtherHistory = 409, "FEED_OTHER_HISTORY", "feed-other-history";
    FeedTrimmed = 410, "FEED_TRIMMED", "feed-trimmed";
    GateLinkOver = 410, "GATE_LINK_OVER", "gate-link-over";
    HoldExpired = 410, "HOLD_EXPIRED", "hold-expired";
    IdempotencyKeyReused = 422, "IDEMPOTENCY_KEY_REUSED", "idempotency-key-reused";
    RateLimited = 429, "RATE_LIMITED", "rate-limited";
    TooManyRequests = 429, "TOO_MANY_REQUESTS", "too-many-requests";
    Overloaded = 503, "OVERLOADED", "overloaded";
    Unavailable = 503, "UNAVAILABLE", "unavailable";
    OutcomeUnknown = 504, "OUTCOME_UNKNOWN", "outcome-unknown";
}
