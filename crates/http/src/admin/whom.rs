//! Whom an operator means: a number, or what entry tokens call somebody.

use onsale_domain::command::Entrant;
use onsale_domain::ids::{INTEGER_MAX, UserId};

use super::users::somebody;
use crate::app::App;
use crate::entry::Users;
use crate::problem::Problem;

/// One person.
pub(super) struct Whom {
    pub(super) user_id: Option<u64>,
    pub(super) subject: Option<String>,
    pub(super) issuer: Option<String>,
}

impl Whom {
    /// Who it is, as an entry token would say it.
    pub(super) fn named(self, app: &App) -> Result<Entrant, Problem> {
        match (self.user_id, self.subject, &app.shared.doors.users) {
            (Some(user @ 1..=INTEGER_MAX), None, _) => somebody(app, UserId(user)).map(Entrant::User),
            (None, Some(subject), Users::Signed(signers)) => {
                let named = signers.named(&subject, self.issuer.as_deref());
                named.map_err(|_| Problem::field("subject", "subject must be what the sub of an entry token can be."))
            }
            (None, Some(_), Users::Open) => {
                let what = "subject is nobody where access.users is open: nobody comes with an entry token.";
                Err(Problem::field("subject", what))
            }
            (Some(_), Some(_), _) => Err(Problem::field("subject", "userId and subject are two people: give one.")),
            (Some(_) | None, None, _) => Err(Problem::field(
                "userId",
                "userId must be an integer from 1 to 9007199254740991, or a subject is needed.",
            )),
        }
    }
}
