//! What is kept of a person: to be erased.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::command::Entrant;
use onsale_domain::ids::UserId;
use onsale_domain::level;
use onsale_domain::reply::{self, Refusal};
use onsale_domain::user::SUBJECT_FIRST;
use onsale_node::Error;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Json, given};
use super::change::{alone, from_level};
use super::operator::By;
use super::whom::Whom;
use crate::answer::{Done, success};
use crate::app::App;
use crate::entry::Users;
use crate::problem::{Code, Problem};
use crate::wire;

/// How often people of one name are looked for who came again after they were erased, in one call.
const AGAIN_MAX: u32 = 8;

/// Who is to be erased: by the number that the shop has given them, or by what entry tokens call them.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ToErase {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, value_type = Option<wire::Id>)]
    user_id: Option<u64>,
    /// What the `sub` of their entry token says, where the service wants one.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, min_length = 1, max_length = 255, example = "anna@example.com")]
    subject: Option<String>,
    /// Who signs it; whoever signs first of all, where it is left out.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    issuer: Option<String>,
    /// Also where they have money in their wallet, or tickets for dates that are not over: nobody can use either any more.
    #[serde(default)]
    force: bool,
}

/// Somebody who is erased.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Erased {
    /// The number that nothing leads to from now on; null where nothing did before either.
    #[schema(nullable, value_type = Option<wire::Id>)]
    user_id: Option<u64>,
    /// Somebody of this name was erased before.
    before: bool,
}

/// On record first, and then out of the key: whoever does it again after a crash between the two has the rest done.
pub(super) async fn erase(State(app): State<App>, by: By, Json(to_erase): Json<ToErase>) -> Done {
    from_level(app.shared.node.views(), level::PRIVACY, "People are erased")?;
    let ToErase { user_id, subject, issuer, force } = to_erase;
    let is_signed = matches!(app.shared.doors.users, Users::Signed(_));
    if is_signed && subject.is_none() && user_id.is_some_and(|user| user >= SUBJECT_FIRST) {
        let what = "subject is needed for somebody whom entry tokens call by a name: what leads from that to their number is to go.";
        return Err(Problem::field("subject", what));
    }
    let named = Whom { user_id, subject, issuer }.named(&app)?;
    let shared = app.shared.clone();
    success(alone(&shared, async move { app.erase(&by, &named, force).await }).await?)
}

impl App {
    async fn erase(&self, by: &By, named: &Entrant, force: bool) -> Result<Erased, Problem> {
        let mut known = self.shared.known(named).await?;
        let mut before = false;
        for _ in 0..AGAIN_MAX {
            let asked = by.clone().asks(Ask::erase_person(known.clone(), force));
            let erased = match self.lane.ask(asked).await {
                Ok(erased) => erased,
                Err(Error::Refused(Refusal::PersonNotFound)) => {
                    let before = before || self.was_erased(named).await?;
                    let nobody = Erased { user_id: None, before };
                    return if before { Ok(nobody) } else { Err(Problem::new(Code::UserNotFound)) };
                }
                Err(other) => return Err(other.into()),
            };
            if let (Entrant::Subject(name), Entrant::Pseudonym(pseudonym)) = (named, &known) {
                self.shared.puncture(name, pseudonym).await?;
            }
            match erased {
                reply::Erased { user: Some(UserId(user)) } => return Ok(Erased { user_id: Some(user), before }),
                // Whoever was erased may have come again, and be known by another pseudonym since.
                reply::Erased { user: None } => known = self.shared.known(named).await?,
            }
            before = true;
        }
        Err(Problem::new(Code::Unavailable))
    }

    async fn was_erased(&self, named: &Entrant) -> Result<bool, Problem> {
        match named {
            Entrant::Subject(name) => Ok(self.shared.people().await?.was_erased(name)),
            Entrant::User(_) | Entrant::Pseudonym(_) => Ok(false),
        }
    }
}
