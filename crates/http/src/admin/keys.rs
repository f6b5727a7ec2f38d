//! The keys of queue tokens.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem};
use crate::token::StoreError;

/// The key that signs from now on.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rotated {
    /// The `kid` of new tokens.
    #[schema(pattern = "^[0-9a-f]{8}$", example = "8a3f90c1")]
    key_id: String,
}

pub(super) async fn rotate(State(app): State<App>) -> Done {
    let shared = app.shared.clone();
    // It writes and syncs a file, for which buyers should not wait.
    let rotated = tokio::task::spawn_blocking(move || shared.rotate_token_key()).await;
    if let Ok(Err(StoreError::Configured)) = rotated {
        return Err(Problem::field("token.key", "token.key is configured and signs all tokens: change it there."));
    }
    if let Ok(Err(gone @ StoreError::Gone)) = rotated {
        return Err(Problem::new(Code::Unavailable).with_detail(gone.to_string()));
    }
    if !matches!(rotated, Ok(Ok(()))) {
        tracing::error!(?rotated, "the token key could not be rotated");
        return Err(Problem::new(Code::Unavailable).with_detail("The new key could not be stored."));
    }
    success(Rotated { key_id: format!("{:08x}", app.shared.tokens.load().current().0) })
}
