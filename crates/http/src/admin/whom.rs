//! Whom an operator means: a number, or what entry tokens call somebody.

use onsale_domain::command::Entrant;
use onsale_domain::ids::{INTEGER_MAX, UserId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::given;
use super::users::somebody;
use crate::app::App;
use crate::entry::Users;
use crate::problem::Problem;
use crate::wire;

/// One person: by the number that the shop has given them, or by what entry tokens call them.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NamedPerson)]
pub(crate) struct Whom {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<wire::Id>)]
    pub(super) user_id: Option<u64>,
    /// What the `sub` of their entry token says, where the service wants one.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 255, example = "anna@example.com")]
    pub(super) subject: Option<String>,
    /// Who signs it; whoever signs first of all, where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
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
