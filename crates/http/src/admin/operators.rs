//! Operators with keys of their own, and what each key opens.

use axum::extract::{Extension, Path, State};
use jiff::tz::TimeZone;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::level;
use onsale_domain::operator::{OperatorRow, Role};
use onsale_node::{in_zone, rfc3339};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::access::Caller;
use super::body::Json;
use super::change::from_level;
use super::operator::{By, is_name};
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::token::{Secret, key_digest, key_id};

/// What a key opens. Each but a shop's opens what a viewer sees, too.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum RoleName {
    /// What is only looked at, and is nobody's: figures, queues, seats, holds, the record of levers.
    Viewer,
    /// A person's tickets.
    Gate,
    /// A person's tickets, wallet and reservations; releasing holds, revoking tokens, letting the silent go, messages.
    Desk,
    /// A person's wallet and reservations; crediting and debiting wallets.
    Finance,
    /// Everything.
    Admin,
    /// What a shop's server does for its own buyers, and nothing else: their tickets, wallets and reservations.
    Shop,
}

impl RoleName {
    fn of(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Gate => Self::Gate,
            Role::Desk => Self::Desk,
            Role::Finance => Self::Finance,
            Role::Admin => Self::Admin,
            Role::Shop => Self::Shop,
        }
    }

    fn role(self) -> Role {
        match self {
            Self::Viewer => Role::Viewer,
            Self::Gate => Role::Gate,
            Self::Desk => Role::Desk,
            Self::Finance => Role::Finance,
            Self::Admin => Role::Admin,
            Self::Shop => Role::Shop,
        }
    }
}

/// An operator with a key.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperatorState {
    #[schema(example = "Kim")]
    name: String,
    role: RoleName,
    /// The first four bytes of the key's SHA-256, as the record of levers has them.
    #[schema(pattern = "^[0-9a-f]{8}$", example = "8a3f90c1")]
    key_id: String,
    #[schema(format = DateTime, example = "2027-05-01T10:00:01+00:00")]
    made_at: String,
}

/// Who gets a key.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOperator {
    /// As the record of levers will show it.
    #[schema(min_length = 1, max_length = 64, example = "Kim")]
    name: String,
    role: RoleName,
}

/// A key that was made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OperatorKey {
    #[schema(example = "Kim")]
    name: String,
    role: RoleName,
    #[schema(pattern = "^[0-9a-f]{8}$", example = "8a3f90c1")]
    key_id: String,
    /// The key itself, shown this once: only its SHA-256 is kept.
    #[schema(pattern = "^[A-Za-z0-9_-]{43}$", example = "kJm0Zq3vT8sYb1Xw5LrCe7UfNa2HgPoDi9KjMh4VtQs")]
    key: String,
}

/// An operator whose key is none any more.
#[derive(Serialize, ToSchema)]
pub(crate) struct OperatorGone {
    #[schema(example = "Kim")]
    name: String,
}

/// Whose key a request was sent with.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Oneself {
    /// `null` with the first key, which is nobody's.
    #[schema(required, example = "Kim")]
    name: Option<String>,
    role: RoleName,
    #[schema(pattern = "^[0-9a-f]{8}$", example = "8a3f90c1")]
    key_id: String,
}

pub(super) async fn oneself(Extension(caller): Extension<Caller>) -> Done {
    let Caller { key, name, role } = caller;
    success(Oneself { name, role: RoleName::of(role), key_id: format!("{:08x}", key.0) })
}

pub(super) async fn list(State(app): State<App>) -> Done {
    let operators = app.shared.node.views().roster.all();
    success(operators.iter().map(OperatorState::of).collect::<Vec<_>>())
}

pub(super) async fn add(State(app): State<App>, by: By, Json(new): Json<NewOperator>) -> Done {
    let NewOperator { name, role } = new;
    from_level(app.shared.node.views(), level::SELLING, "Operators have keys of their own")?;
    if !is_name(&name) {
        return Err(Problem::field(
            "name",
            "name must be 1 to 64 characters that can be seen, none of which turns the text beside it round.",
        ));
    }
    let secret = Secret::random().map_err(|error| {
        tracing::error!(%error, "the system gives no random bytes");
        Problem::new(Code::Unavailable)
    })?;
    let key = secret.expose().to_owned();
    let digest = key_digest(key.as_bytes());
    let command = Command::AddOperator { name: name.clone(), role: role.role(), digest };
    app.lane.ask(by.asks(Ask::plain(command))).await?;
    success(OperatorKey { name, role, key_id: format!("{:08x}", key_id(&digest).0), key })
}

pub(super) async fn remove(State(app): State<App>, Path(name): Path<String>, by: By) -> Done {
    from_level(app.shared.node.views(), level::SELLING, "Operators have keys of their own")?;
    app.lane.ask(by.asks(Ask::plain(Command::RemoveOperator { name: name.clone() }))).await?;
    success(OperatorGone { name })
}

impl OperatorState {
    fn of(row: &OperatorRow) -> Self {
        let OperatorRow { name, role, digest, at } = row;
        Self {
            name: name.clone(),
            role: RoleName::of(*role),
            key_id: format!("{:08x}", key_id(digest).0),
            made_at: rfc3339(&in_zone(*at, &TimeZone::UTC)),
        }
    }
}
