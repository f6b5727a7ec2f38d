//! The gates before sites, as this node has them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// A gate of this node's configuration.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsGate)]
pub(crate) struct Gate {
    /// Its name in `gate.sites`.
    #[schema(example = "shop")]
    site: String,
    /// The queue of its visitors.
    #[schema(example = "shop")]
    queue: String,
    /// Whether there is such a queue. Without it nobody comes in.
    #[schema(example = true)]
    queue_exists: bool,
    /// `null` where it always holds.
    #[schema(required)]
    standby: Option<Standby>,
}

/// A gate that stands open until much comes (`gate.sites.….standby_above`, `.standby_figure_above`), as this node has it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = OpsGateStandby)]
pub(crate) struct Standby {
    /// Nobody passes without a pass.
    #[schema(example = false)]
    holds: bool,
    /// What came in the last second, free requests apart.
    #[schema(example = 12)]
    requests_per_second: u32,
    /// What the site has said of itself last, where that counts (`PUT /v1/admin/gates/{name}/figure`); `null` where it has said nothing for too long,
    /// or is to say nothing.
    #[schema(required, minimum = 0, maximum = 1_000_000_000, example = 64)]
    figure: Option<u32>,
}

pub(super) fn list(app: &App) -> Vec<Gate> {
    let views = app.shared.node.views();
    let gate = |site: &std::sync::Arc<crate::gate::Site>| Gate {
        site: site.name.clone(),
        queue: site.queue.clone(),
        queue_exists: views.queue_named(&site.queue).is_some(),
        standby: app.shared.standby(site).map(|now| Standby {
            holds: now.holds,
            requests_per_second: now.rate,
            figure: now.figure,
        }),
    };
    app.shared.gates.sites().map(gate).collect()
}
