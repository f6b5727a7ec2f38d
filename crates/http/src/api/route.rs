//! The table of the API's routes: what a route is, is said here, and nowhere else.

use http::Method;
use http::request::Parts;

use super::{Answer, Api};
use crate::token::Claims;

/// The methods of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// HEAD too.
    Get,
    Post,
}

impl Verb {
    /// As they are spelled in the table.
    const GET: Self = Self::Get;
    const POST: Self = Self::Post;

    fn takes(self, method: &Method) -> bool {
        match self {
            Self::Get => super::is_get(method),
            Self::Post => method == Method::POST,
        }
    }
}

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    Anybody,
    /// With an authentic token, of whatever status.
    Authentic,
    /// The same; or with the entry token of somebody who has no place, where the service takes those.
    AuthenticOrSigned,
    /// With a token whose status is PROGRESS.
    Admitted,
    /// The same; but an earlier result of the Idempotency-Key comes before it, so that it is not asked at the door.
    AdmittedUnlessDone,
}

/// How new the state must be that answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// Any that is not too old: what the engine decides is current anyway, and who would be refused before it waits by
    /// itself (see `Api::renew`).
    Any,
    /// As new as the request.
    Now,
}

/// What an answer leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    None,
    /// It may bring back whoever was silent, and who has seen a place must see no older one elsewhere.
    Poll,
    /// Refused or not, the client must see it again on any node.
    Write,
}

/// What answers.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// The views alone.
    Views(fn(&Api, &Parts, &Claims) -> Answer),
    /// The views alone, but for those whose turn passed while they were silent.
    Check,
    Stream,
    /// The views alone, but for who comes with an entry token.
    Tickets,
    Leave,
    Stay,
    Issue,
    Charge,
    Reserve,
    Cancel,
    Extend,
    Pay,
}

/// A row of the table.
pub(crate) struct Row {
    pub(crate) verb: Verb,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) need: Need,
    pub(crate) effect: Effect,
    pub(super) work: Work,
}

impl Row {
    /// Whether it counts for how often who may write. That somebody stays is journaled four times in each `queue.session_idle` at
    /// most, however often it is said, and must not use up what their purchase needs.
    pub(crate) fn is_limited(&self) -> bool {
        self.effect == Effect::Write && !matches!(self.work, Work::Stay)
    }
}

macro_rules! routes {
    ($($name:ident $verb:ident $path:literal $access:ident $need:ident $effect:ident $work:expr;)*) => {
        /// A route, by the order of [`ROUTES`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(usize)]
        pub enum Route {
            $($name,)*
            /// A check of a gate: its path has the site's name in it.
            Gate,
            /// A page for buyers or operators, or a file of theirs.
            Asset,
            /// Not one of the hot paths.
            Other,
        }

        /// The names that metrics have for the routes.
        pub const ROUTES: &[&str] = &[$(concat!(stringify!($verb), " ", $path),)* "GET /v1/gate", "GET /assets", "other"];

        impl Route {
            /// Those of the API.
            pub(crate) const OF_THE_API: &[Self] = &[$(Self::$name),*];
        }

        static TABLE: [Row; Route::OF_THE_API.len()] = [$(Row {
            verb: Verb::$verb,
            path: $path,
            access: Access::$access,
            need: Need::$need,
            effect: Effect::$effect,
            work: $work,
        }),*];
    };
}

use Work::Views;

routes! {
    // method and path, who may call, how new the state must be, what the answer leaves behind, what answers
    Token POST "/v1/api/queue/token" Anybody Any Write Work::Issue;
    Check POST "/v1/api/queue/token/check" Authentic Any Poll Work::Check;
    Leave POST "/v1/api/queue/token/leave" Authentic Any Write Work::Leave;
    Stay POST "/v1/api/queue/token/stay" Authentic Any Write Work::Stay;
    Stream GET "/v1/api/queue/stream" Authentic Now Poll Work::Stream;
    News GET "/v1/api/queue/news" Authentic Any None Views(Api::news);
    Charge POST "/v1/api/user/amount" Authentic Any Write Work::Charge;
    Balance GET "/v1/api/user/amount" Authentic Now None Views(Api::balance);
    Schedules GET "/v1/api/concerts/schedule" Admitted Now None Views(Api::schedules);
    Seats GET "/v1/api/concerts/seat" Admitted Now None Views(Api::seats);
    Reserve POST "/v1/api/concerts/reserve" AdmittedUnlessDone Any Write Work::Reserve;
    Cancel POST "/v1/api/concerts/reserve/cancel" Authentic Any Write Work::Cancel;
    Extend POST "/v1/api/concerts/reserve/extend" Authentic Any Write Work::Extend;
    Reservations GET "/v1/api/user/reservations" Authentic Now None Views(Api::reservations);
    Pay POST "/v1/api/concerts/payment" Authentic Any Write Work::Pay;
    Tickets GET "/v1/api/user/tickets" AuthenticOrSigned Now None Work::Tickets;
    Sections GET "/v1/api/concerts/section" Admitted Now None Views(Api::sections);
}

/// What is at a path.
pub(super) enum Found {
    Route(Route, &'static Row),
    /// The path takes these methods, and not that of the request.
    Otherwise(Route, &'static str),
    Nothing,
}

impl Route {
    /// What the API has for a method and a path.
    pub(super) fn find(method: &Method, path: &str) -> Found {
        let mut otherwise = Found::Nothing;
        for (&route, row) in Self::OF_THE_API.iter().zip(&TABLE).filter(|(_, row)| row.path == path) {
            if row.verb.takes(method) {
                return Found::Route(route, row);
            }
            otherwise = match (otherwise, row.verb) {
                (Found::Nothing, Verb::Get) => Found::Otherwise(route, "GET, HEAD"),
                (Found::Nothing, Verb::Post) => Found::Otherwise(route, "POST"),
                _ => Found::Otherwise(route, "GET, HEAD, POST"),
            };
        }
        otherwise
    }

    /// Whether somebody inside does something by it. Pages and shops ask by themselves how things stand, whoever is there, and that
    /// somebody stays has a handler of its own.
    pub(super) fn is_activity(self) -> bool {
        match self {
            Self::Token
            | Self::Check
            | Self::Leave
            | Self::Stay
            | Self::Stream
            | Self::News
            | Self::Gate
            | Self::Asset
            | Self::Other => false,
            Self::Charge
            | Self::Balance
            | Self::Schedules
            | Self::Seats
            | Self::Reserve
            | Self::Cancel
            | Self::Extend
            | Self::Reservations
            | Self::Pay
            | Self::Tickets
            | Self::Sections => true,
        }
    }

    /// Its row, where it is one of the API's.
    pub(crate) fn row(self) -> Option<&'static Row> {
        TABLE.get(self as usize)
    }

    pub(super) fn effect(self, method: &Method) -> Effect {
        match (self.row(), self) {
            (Some(row), _) => row.effect,
            (None, Self::Other) if !method.is_safe() => Effect::Write,
            (None, _) => Effect::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_takes_its_methods_and_names_them_to_others() {
        let found = |method: Method, path: &str| match Route::find(&method, path) {
            Found::Route(route, row) => {
                assert_eq!(row.path, path);
                (Some(route), "")
            }
            Found::Otherwise(route, allow) => (Some(route), allow),
            Found::Nothing => (None, ""),
        };
        assert_eq!(found(Method::POST, "/v1/api/user/amount"), (Some(Route::Charge), ""));
        assert_eq!(found(Method::HEAD, "/v1/api/user/amount"), (Some(Route::Balance), ""));
        assert_eq!(found(Method::PUT, "/v1/api/user/amount"), (Some(Route::Balance), "GET, HEAD, POST"));
        assert_eq!(found(Method::GET, "/v1/api/queue/token"), (Some(Route::Token), "POST"));
        assert_eq!(found(Method::POST, "/v1/api/queue/news"), (Some(Route::News), "GET, HEAD"));
        for path in ["/v1/api/", "/v1/api/queue/token/", "/v1/api/queue", "/v1/admin/state", "/"] {
            assert_eq!(found(Method::GET, path), (None, ""), "{path}");
        }
    }
}
