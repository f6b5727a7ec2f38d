//! The texts in English.

use super::code::Code;
use super::text::Text;

pub(super) fn text(code: Code) -> Text {
    match code {
        Code::BadRequest => Text {
            title: "Bad request",
            message: "The request could not be read. Please check it and try again.",
            page: "The body is not well-formed JSON, or a field or parameter is missing, of the wrong type, or has an impossible value. `detail` says what is wrong, and `field` where.",
        },
        Code::SeatTwice => Text {
            title: "Seat named twice",
            message: "The same seat was chosen twice. Please choose each seat once.",
            page: "`seats` names a seat more than once; `field` says where the second time. Nothing was held.",
        },
        Code::AreaTwice => Text {
            title: "Area named twice",
            message: "The same standing area was chosen twice at one price. Please choose how many places you need there once.",
            page: "`areas` names an area more than once at the same price type; `field` says where the second time. Nothing was held. `quantity` says how many places.",
        },
        Code::SeatsTooMany => Text {
            title: "Too many seats at once",
            message: "That is more than can be held at once. Please choose fewer.",
            page: "One hold has at most 16 seats and places to stand, however they are asked for. Nothing was held. What one person may have is another limit: `HOLD_LIMIT_REACHED`, `SEAT_LIMIT_REACHED`.",
        },
        Code::AmountInvalid => Text {
            title: "Amount not accepted",
            message: "This amount cannot be charged. Please enter a whole amount within the limit.",
            page: "The amount to charge is zero or less, fractional, over the limit of one charge, or would take the balance past its limit; in a store below level 2 also what would take all its charges together past 2^63-1. Nothing was charged.",
        },
        Code::TokenMissing => Text {
            title: "Queue token missing",
            message: "Please get a queue token first.",
            page: "The call needs the queue token in the `Authorization` header, raw or after `Bearer`. POST /v1/api/queue/token gives one.",
        },
        Code::TokenInvalid => Text {
            title: "Queue token not valid",
            message: "This queue token is not valid. Please get a new one.",
            page: "The token is garbled, forged, of another store, or not valid any more: it was revoked, or its place ended long ago. POST /v1/api/queue/token gives a valid one.",
        },
        Code::EntryTokenMissing => Text {
            title: "Entry token needed",
            message: "Please come in through the shop that sells the tickets.",
            page: "This service knows its buyers by an entry token, which their shop or identity provider signs. It goes into `entryToken` of the body, or into `Authorization: Bearer`.",
        },
        Code::EntryTokenInvalid => Text {
            title: "Entry token not valid",
            message: "Your entry could not be checked. Please come in through the shop again.",
            page: "The entry token is damaged, its signature is not that of its key, or a claim is missing or no such claim. `detail` says which.",
        },
        Code::EntryTokenUnsigned => Text {
            title: "Entry token without a signature",
            message: "Your entry could not be checked. Please come in through the shop again.",
            page: "The header of the entry token says `alg: none`. Unsigned tokens name nobody.",
        },
        Code::EntryTokenAlgorithm => Text {
            title: "Entry token with another algorithm",
            message: "Your entry could not be checked. Please come in through the shop again.",
            page: "Each key is good for one algorithm, and the header of the entry token names another one than its key's: HS256 with a public key, for example.",
        },
        Code::EntryTokenKeyUnknown => Text {
            title: "Entry token of an unknown key",
            message: "Your entry could not be checked. Please come in through the shop again.",
            page: "The entry token is of none of the keys that are known, by its `kid` or for want of one, and they were fetched just now.",
        },
        Code::EntryTokenIssuer => Text {
            title: "Entry token of another issuer",
            message: "Your entry could not be checked. Please come in through the shop again.",
            page: "The entry token's `iss` is not the issuer whose tokens are taken here.",
        },
        Code::EntryTokenAudience => Text {
            title: "Entry token for something else",
            message: "Your entry could not be checked. Please come in through the shop again.",
            page: "The entry token's `aud` does not have this service: it was made for another one.",
        },
        Code::EntryTokenExpired => Text {
            title: "Entry token expired",
            message: "Your entry has lapsed. Please come in through the shop again.",
            page: "The entry token's `exp` has passed, by the store's time. The shop makes a new one.",
        },
        Code::EntryTokenNotYet => Text {
            title: "Entry token not valid yet",
            message: "It is too early to come in. Please try again later.",
            page: "The entry token's `nbf` has not come yet, by the store's time. The shop's clock may be ahead.",
        },
        Code::EntryTokenReplayed => Text {
            title: "Entry token used already",
            message: "Your entry was used already. Please come in through the shop again.",
            page: "The entry token has a `jti`, so it is good once, and it was used. Who sent an `Idempotency-Key` with it may send both again as long as the place is there. The shop signs another token. Nobody joined.",
        },
        Code::GatePassNeeded => Text {
            title: "Not let in yet",
            message: "Please wait until you are let in.",
            page: "A gate stands before the site, and the request has no pass to it that is good: none, a forged one, one that has expired or is another site's, or one of a session that is over. `Location` says where its visitor waits, and comes back from.",
        },
        Code::GateLinkOver => Text {
            title: "Link not good any more",
            message: "This link lets nobody in any more. You can wait in line like everybody.",
            page: "A link that lets some people in past the line before a site: it was used as often as it is good for, has ended, was withdrawn, or is none. Nobody joined.",
        },
        Code::AdminUnauthorized => Text {
            title: "Admin key needed",
            message: "Please send an operator's key.",
            page: "Calls under /v1/admin need `Authorization: Bearer <key>`: the admin key, or one of an operator's own that was not removed.",
        },
        Code::CodeRequired => Text {
            title: "Code needed",
            message: "Please enter your code to join.",
            page: "At this moment nobody joins this queue without a code. It goes into `code` of the body. Who has a place keeps it without.",
        },
        Code::CodeUnknown => Text {
            title: "Code not known",
            message: "This code is not known here. Please check how it is spelled.",
            page: "The code opens this queue at no time: it is none, or another queue's. Capitals, spaces, dashes and dots count for nothing. Nobody joined, and no use was taken. Whoever sends many that are none waits: `RATE_LIMITED`.",
        },
        Code::CodeNotYet => Text {
            title: "Code not good yet",
            message: "This code is not good yet. Please come back a little later.",
            page: "The code is good from a later moment on: `opensAt` says when, and `Retry-After` in how many seconds. Nobody joined, and no use was taken.",
        },
        Code::CodeOver => Text {
            title: "Code no longer good",
            message: "The time of this code is over.",
            page: "The last moment of the code's campaign is past, or its operator has stopped it. Nobody joined. Who has joined with it keeps the place.",
        },
        Code::CodeUsedUp => Text {
            title: "Code used already",
            message: "This code is in use already. It is free again if whoever has it leaves without buying.",
            page: "As many as the code is good for have a place or a hold with it, or have bought something. A use comes back when its owner has neither a place nor a hold any more and has bought nothing. Nobody joined.",
        },
        Code::CampaignNotFound => Text {
            title: "No such campaign",
            message: "There is no such campaign.",
            page: "No campaign of codes has this name.",
        },
        Code::CampaignInUse => Text {
            title: "Campaign has codes",
            message: "This campaign has codes. Please make another one.",
            page: "The campaign's codes were hashed for its queue, with its key, so neither changes as long as it has any. Nothing was changed.",
        },
        Code::CodesMissing => Text {
            title: "Codes left out",
            message: "Some codes before these are missing.",
            page: "Codes are numbered from 1 without a gap, and `first` is more than one behind the last. `detail` says which number is due. None was added.",
        },
        Code::CodeTwice => Text {
            title: "Code there already",
            message: "One of these codes is there already.",
            page: "A code is there under another number or in another campaign of the queue, or its number has another code. `field` says which. None was added.",
        },
        Code::ExtendOff => Text {
            title: "Holds do not become longer here",
            message: "There is no more time for a seat here. Please pay before the hold ends.",
            page: "The setting `hold.extend` is 0: nobody makes a hold longer. It goes on until it lapses.",
        },
        Code::ProofRequired => Text {
            title: "Work to be shown",
            message: "Your browser has to do a small calculation before you join. Please reload the page and try again.",
            page: "Whoever joins this queue shows a little work first, as programs that join a thousand times have to do it a thousand times. `proof` says what is to be solved, and the answer goes into `proof` of the body. Nobody joined. Who has a place keeps it without. Somebody whose device cannot do it asks the shop for a place.",
        },
        Code::RoleForbidden => Text {
            title: "Not with this key",
            message: "This operator's key does not open that.",
            page: "The role of the key (`GET /v1/admin/whoami`) does not have this call; docs/admin.md lists what each has. Nothing was changed.",
        },
        Code::WebhookNotFound => Text {
            title: "Webhook not found",
            message: "There is no webhook of this number.",
            page: "There is no webhook of this number, or it was removed. Nothing was changed.",
        },
        Code::EventNotSent => Text {
            title: "Not sent to this webhook",
            message: "This event was not sent to this webhook before.",
            page: "Only what was sent before is sent once more: an event of the webhook's types whose turn has come, and not where the receiver has answered 410. `detail` says what it is. Nothing was sent.",
        },
        Code::OperatorNotFound => Text {
            title: "Operator not found",
            message: "No operator of this name has a key.",
            page: "There is no operator's key of this name, or it was removed. Nothing was changed.",
        },
        Code::LimitReached => Text {
            title: "As many as there can be",
            message: "There are as many of these as there can be.",
            page: "There are as many of these as there can be; the detail says how many. Nothing was changed, and to ask again helps only once some were removed, where they can be.",
        },
        Code::OperatorExists => Text {
            title: "Operator has a key",
            message: "An operator of this name has a key already.",
            page: "Names of operators are theirs alone. Remove the key first, or choose another name. Nothing was changed.",
        },
        Code::LevelTooLow => Text {
            title: "Not at this feature level",
            message: "The store is at a feature level that has not got this yet. See docs/upgrade.md.",
            page: "What was asked for counts from a feature level on that the store is below, because a node of an older version may still be there, or `store.level_max` is set. Nothing was changed, and to ask again helps only once the store was raised: `docs/upgrade.md`.",
        },
        Code::ErasureLoses => Text {
            title: "Something would be lost",
            message: "This person has money or tickets, which would be lost.",
            page: "Whoever is to be erased has money in their wallet, or tickets for dates that are not over: `detail` says how much. Pay it back first (POST /v1/admin/users/{id}/debit), or send `force`. Nothing was erased.",
        },
        Code::ReferenceReused => Text {
            title: "Reference used for something else",
            message: "This reference stands for another user, amount or direction already.",
            page: "A reference of a credit or debit stands for one user, amount and direction for ever. Send what it stands for, or another reference. Nothing was moved.",
        },
        Code::InsufficientBalance => Text {
            title: "Balance too low",
            message: "Your balance is too low. Please charge your wallet and pay again before the hold ends.",
            page: "The wallet holds less than the reservation costs, or less than an operator would debit. Nothing was debited, and a hold goes on until it lapses.",
        },
        Code::NotAdmitted => Text {
            title: "Not admitted yet",
            message: "It is not your turn yet. Please wait in the queue.",
            page: "The token's status is WAITING, or it belongs to another queue than this concert's. Poll POST /v1/api/queue/token/check until it says PROGRESS.",
        },
        Code::SessionExpired => Text {
            title: "Session expired",
            message: "Your time has run out. Please join the queue again.",
            page: "The ticket's session or its place lapsed, or the ticket is forgotten. A new token joins at the tail; a hold can still be paid until it lapses.",
        },
        Code::SessionDone => Text {
            title: "Session ended",
            message: "Your session has ended. To buy more, please join the queue again.",
            page: "The ticket was used for a payment, or its owner left. A new token joins at the tail.",
        },
        Code::EntryTokenOtherUser => Text {
            title: "Entry token of another user",
            message: "Your entry is another user's. Please come in through the shop again.",
            page: "The body's `userId` is another one than the entry token's `sub`. It may be left out. Nobody joined.",
        },
        Code::EntryTokenOtherQueue => Text {
            title: "Entry token for another queue",
            message: "Your entry is for another queue. Please come in through the shop again.",
            page: "The entry token's `queue` is another one than the body asks for. Nobody joined.",
        },
        Code::ChargeOff => Text {
            title: "Wallets are not charged here",
            message: "Wallets cannot be charged here.",
            page: "This service takes no charges from buyers: `access.charge` is `operator` (a shop or an operator credits wallets) or `off` (nobody does). Nothing was charged.",
        },
        Code::ScheduleNotFound => Text {
            title: "No such schedule",
            message: "This date was not found. Please choose one from the list.",
            page: "No schedule has this id. GET /v1/api/concerts/schedule lists those of the token's queue.",
        },
        Code::SeatNotFound => Text {
            title: "No such seat",
            message: "This seat was not found. Please choose one from the list.",
            page: "The schedule has no seat with this id. GET /v1/api/concerts/seat lists its seats.",
        },
        Code::ReservationNotFound => Text {
            title: "No such reservation",
            message: "This reservation was not found. Please check your reservations.",
            page: "No reservation of this user has this id. GET /v1/api/user/reservations lists the user's own.",
        },
        Code::QueueNotFound => Text {
            title: "No such queue",
            message: "This queue was not found. Please check its name.",
            page: "No queue has this name. GET /v1/catalog says which queue each concert uses.",
        },
        Code::UserNotFound => Text {
            title: "Nobody of that name",
            message: "Nobody of that name is known here.",
            page: "No entry token of this subject and issuer has joined a queue, or whoever did was erased, so there is no user of that name. Names are kept as hashes: each letter counts.",
        },
        Code::NotFound => Text {
            title: "Not found",
            message: "There is nothing at this address. Please check it.",
            page: "No resource has this path. /docs lists what there is.",
        },
        Code::MethodNotAllowed => Text {
            title: "Method not allowed",
            message: "This address does not take this method. Please check the call.",
            page: "The path exists, but not for this method. The `Allow` header names those that it takes.",
        },
        Code::PayloadTooLarge => Text {
            title: "Body too large",
            message: "The request is too large. Please send less.",
            page: "The body is longer than this call takes; the eight endpoints take 16 KiB.",
        },
        Code::UnsupportedMediaType => Text {
            title: "Not JSON",
            message: "The request has to be JSON. Please set Content-Type to application/json.",
            page: "The Content-Type names something other than JSON. Leave it out, or send application/json.",
        },
        Code::SeatNotAvailable => Text {
            title: "Seat taken",
            message: "Somebody else has this seat. Please choose another one.",
            page: "The seat is held, sold, or held back by the organiser. A held seat is free again when its hold lapses or is cancelled.",
        },
        Code::SeatsTooFew => Text {
            title: "Not so many seats left",
            message: "There are not so many seats left here. Please ask for fewer, or look elsewhere.",
            page: "Fewer seats are free than were wished for, in the section where one was named, otherwise of the whole date. Nothing was held. Held seats come back when their holds lapse.",
        },
        Code::AreaTooFew => Text {
            title: "Not so many places left",
            message: "There are not so many places left to stand here. Please take fewer, or another area.",
            page: "An area where people stand has fewer free places than were wished for. `areas` lists each such area, and how many are `left`. Nothing was held. Held places come back when their holds lapse.",
        },
        Code::SeatsNotTogether => Text {
            title: "Not so many seats together",
            message: "So many seats side by side are not free here. Please ask for fewer, or take seats apart.",
            page: "Enough seats are free, but nowhere so many side by side, and the wish was for no others. Nothing was held. A wish with `together` as `preferred` takes them in as few groups as can be found.",
        },
        Code::AreaPriceNotOffered => Text {
            title: "Price not offered in the area",
            message: "This standing area is not sold at the price that you chose. Please choose another price, or another area.",
            page: "Each area has prices for some of the date's price types, and this one has none for the `priceType` of the wish. `areas` lists those areas, with what is `left` of them. Nothing was held. `GET /v1/catalog` has the price types of a date, and the `prices` of its areas.",
        },
        Code::PriceTypeNotOffered => Text {
            title: "Not sold at this price",
            message: "This seat is not sold at that price. Please choose another price, or another seat.",
            page: "A seat has a price for some of the date's price types, and this one has none for the `priceType` that was asked for. `seatIds` lists the seats. Nothing was held. `GET /v1/api/concerts/seat` lists what each seat costs and for whom, `GET /v1/catalog` the price types of a date.",
        },
        Code::WheelchairPlace => Text {
            title: "A place for a wheelchair",
            message: "This is a place for somebody in a wheelchair. Please choose another seat, unless you need it.",
            page: "Until a moment that the catalog gives, wheelchair places are sold only to who says that one is meant: `accessible` with the seat in `seats`, or in `best`. `seatIds` lists the places. Nothing was held.",
        },
        Code::NotWheelchairPlace => Text {
            title: "Not a place for a wheelchair",
            message: "This seat is no wheelchair place. Please choose one that is.",
            page: "The seat was asked for as `accessible`, and the catalog knows it as an ordinary one. `seatIds` lists the seats. Nothing was held.",
        },
        Code::CompanionSeat => Text {
            title: "A companion's seat",
            message: "This seat is for somebody who comes with the wheelchair place beside it. Please choose both, or another seat.",
            page: "Until a moment that the catalog gives, a companion's seat is sold only in one hold with a wheelchair place beside it. `seatIds` lists the seats. Nothing was held.",
        },
        Code::SeatNotWithheld => Text {
            title: "Seat not held back",
            message: "Not all of these seats are held back. Please look at them again.",
            page: "Seats are put on sale again that are not held back: `seatIds` says which. None was put on sale.",
        },
        Code::SeatLeftAlone => Text {
            title: "A seat would be left alone",
            message: "Your choice would leave a single seat that hardly anybody buys. Please take it too, or move along by one.",
            page: "The date refuses holds that leave a free seat without a free neighbour, where a group of as many seats in the same section need not. `seatIds` lists the seats that would be left alone. Nothing was held.",
        },
        Code::SoldOut => Text {
            title: "Sold out",
            message: "This date is sold out. Please choose another date, or look again later.",
            page: "No seat of the schedule is available. Held seats come back when their holds lapse.",
        },
        Code::AlreadyPaid => Text {
            title: "Already paid",
            message: "This reservation is paid already. There is nothing more to do.",
            page: "The reservation was paid before. Nothing was debited now.",
        },
        Code::NotPaid => Text {
            title: "Not paid",
            message: "This reservation is not paid, and has no tickets.",
            page: "A ticket is issued for a seat that is paid, and this reservation is held, or is over. Nothing was changed.",
        },
        Code::HoldExtended => Text {
            title: "More time was given before",
            message: "You have had more time for these seats already. Please pay before the hold ends.",
            page: "A hold becomes longer once. One that takes the same seats again after its owner dropped them counts with it.",
        },
        Code::OthersWait => Text {
            title: "Others wait",
            message: "Others are waiting for seats, so there is no more time. Please pay before the hold ends.",
            page: "A hold becomes longer only while nobody waits in the queue of its concert. It goes on until it lapses.",
        },
        Code::HoldLimitReached => Text {
            title: "Too many holds",
            message: "That is more than you may hold at once. Choose fewer seats; or pay for those that you hold, before their time is over, and then choose more.",
            page: "With these seats the user would hold more of this schedule than `hold.limit_per_user` allows. Ask for fewer, or pay or drop what is held. Nothing was held.",
        },
        Code::SeatLimitReached => Text {
            title: "No more seats for you",
            message: "One person can have only so many seats, held and paid together, and these would be too many. If you have not got them all, choose fewer.",
            page: "With these seats the user would have more of the schedule, or of the concert, than `limit.seats_per_user` or `limit.seats_per_user_per_concert` allows, held and paid together.",
        },
        Code::ReservationCancelled => Text {
            title: "Reservation cancelled",
            message: "This reservation was cancelled. Please choose a seat again.",
            page: "The reservation was given up by its owner, so it cannot be paid.",
        },
        Code::QueueClosed => Text {
            title: "Queue closed",
            message: "The queue is closed at the moment. Please come back later.",
            page: "The queue takes nobody in: the sale has not opened yet, or is over.",
        },
        Code::QueueNotYetOpen => Text {
            title: "Queue not open yet",
            message: "The queue is not open yet. Please come back when it opens.",
            page: "The queue takes people in from a moment on that lies ahead: `opensAt` says which, and `Retry-After` in how many seconds. Nobody who comes earlier has anything of it.",
        },
        Code::QueueOver => Text {
            title: "Queue over",
            message: "The queue is over.",
            page: "The queue was to close at a moment that is past. It takes nobody in, and who still waited then has no place any more. Who was inside goes on.",
        },
        Code::QueueInUse => Text {
            title: "Queue in use",
            message: "Somebody waits in this queue, so its order stays as it is.",
            page: "The order of a queue (`order`) is set only while nobody waits in it: nobody's place is made another.",
        },
        Code::DrawNotFound => Text {
            title: "No draw",
            message: "This queue has no draw, or none that is still to come.",
            page: "Places in this queue are not drawn, but given in order of joining; or something was to be mixed into a draw that was already drawn.",
        },
        Code::DrawNotYet => Text {
            title: "Not drawn yet",
            message: "The places of this queue are drawn when it opens.",
            page: "Who took part in a draw is listed from the opening on, together with the seed.",
        },
        Code::BeaconGiven => Text {
            title: "Beacon given",
            message: "Something was given for this draw before, and stays.",
            page: "What is mixed into a draw (`beacon`) is given once, so that nobody tries values until they like what comes of them.",
        },
        Code::SaleClosed => Text {
            title: "Sale closed",
            message: "The sale of this date is closed. Please choose another date.",
            page: "The schedule is not, or no longer, on sale.",
        },
        Code::SaleNotYetOpen => Text {
            title: "Not on sale yet",
            message: "This date is not on sale yet. Please come back when its sale begins.",
            page: "The date's seats are sold from a moment on that lies ahead: `opensAt` says which, and `Retry-After` in how many seconds.",
        },
        Code::SaleOver => Text {
            title: "Sale over",
            message: "The sale of this date is over. Please choose another date.",
            page: "The date's seats were sold until a moment that is past. Who holds one can still pay it.",
        },
        Code::CatalogInUse => Text {
            title: "In use",
            message: "Somebody holds or has bought what this would remove. Please change the catalog and publish again.",
            page: "A published catalog may not remove or reprice seats that are held or sold. Nothing was changed.",
        },
        Code::ScheduleInUse => Text {
            title: "Schedule in use",
            message: "Somebody holds or has bought seats of this date, so it stays.",
            page: "A schedule of which seats are held or sold is not removed. Nothing was changed. Its sale can be stopped with `closed`.",
        },
        Code::FeedOtherHistory => Text {
            title: "Of another history",
            message: "This store has had no such event.",
            page: "The store was restored from a copy that is older than what you have read, or is another one: what you keep of it may be of what never was. Throw it away, and read from the beginning, without after.",
        },
        Code::FeedTrimmed => Text {
            title: "Not kept any more",
            message: "The events that follow are not kept any more.",
            page: "Events are kept for feed.keep. Those behind your place have been let go, so whoever goes on would miss them. Take the state as it is now, and read from the beginning, without after.",
        },
        Code::HoldExpired => Text {
            title: "Hold expired",
            message: "The hold on your seat has ended. Please choose a seat again.",
            page: "The hold lapsed before the payment came. Nothing was debited, and the seat is on sale again.",
        },
        Code::IdempotencyKeyReused => Text {
            title: "Idempotency-Key reused",
            message: "This request key was used for something else. Please send a new key.",
            page: "The Idempotency-Key was sent before with another request. A key names one request; use a fresh one for each.",
        },
        Code::RateLimited => Text {
            title: "Rate limited",
            message: "That was a lot in a short time. Please wait a moment and try again.",
            page: "This client or user has written more often than the operator allows, or this client has sent too many operators' keys that are none. Nothing was done, and a place in the queue is not touched; `Retry-After` says when to try again.",
        },
        Code::TooManyRequests => Text {
            title: "Too many requests",
            message: "You are sending too much. Please wait a little and try again.",
            page: "A limit on requests or live Idempotency-Keys was reached. Nothing was done; `Retry-After` says when to try again.",
        },
        Code::Overloaded => Text {
            title: "Overloaded",
            message: "The service is very busy. Please try again in a moment.",
            page: "The server is at its limit and turned the request away. Nothing was done; `Retry-After` says when to try again.",
        },
        Code::Unavailable => Text {
            title: "Unavailable",
            message: "The service is not available right now. Please try again in a moment.",
            page: "The server cannot do this at present, for example while it starts, stops, or has no room to write. Nothing was done.",
        },
        Code::OutcomeUnknown => Text {
            title: "Outcome unknown",
            message: "We could not confirm the result. Please try again with the same key, or check your reservations.",
            page: "The request reached the journal, and whether it took effect is not known. Retry with the same Idempotency-Key: it is done once.",
        },
    }
}
