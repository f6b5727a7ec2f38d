//! Dates: their sale, and their end.

use axum::extract::State;
use onsale_domain::ask::Ask;
use onsale_domain::command::Command;
use onsale_domain::concert::SaleTimes;
use onsale_domain::ids::ScheduleId;
use onsale_domain::level;
use onsale_domain::time::Time;
use onsale_node::ScheduleView;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Id, Json, given};
use super::change::{alone, from_level};
use super::operator::By;
use crate::answer::{Done, success};
use crate::app::App;
use crate::problem::{Code, Problem, setting_range};
use crate::shared::Shared;
use crate::wire::{self, Orphans};

/// What to change of a date. What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ScheduleChange {
    /// `true` stops its sale: nobody can hold its seats any more, and who holds one can still pay. `false` resumes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, example = true)]
    closed: Option<bool>,
    /// From when on its seats are sold: with an offset, or local to the date's zone; `null` takes it away. From the store's level 5
    /// on, as the next.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2027-03-01T10:00:00")]
    on_sale_at: Option<Option<String>>,
    /// Until when; later than `onSaleAt`. Who holds a seat then can still pay it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2027-05-01T18:00:00")]
    off_sale_at: Option<Option<String>>,
    /// Whether holds may leave single seats. From the store's level 5 on.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    orphans: Option<Orphans>,
}

/// A date after its change.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScheduleState {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
    #[schema(example = true)]
    closed: bool,
    /// In the date's zone; `null` where nothing was set.
    #[schema(required, format = DateTime, example = "2027-03-01T10:00:00+09:00")]
    on_sale_at: Option<String>,
    #[schema(required, format = DateTime, example = "2027-05-01T18:00:00+09:00")]
    off_sale_at: Option<String>,
    orphans: Orphans,
}

/// A date that is gone.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = RemovedSchedule)]
pub(crate) struct Removed {
    #[schema(value_type = wire::Id)]
    schedule_id: u64,
}

pub(super) async fn change(State(app): State<App>, Id(id): Id, by: By, Json(change): Json<ScheduleChange>) -> Done {
    let App { shared, lane } = app.clone();
    let changed = alone(&app.shared, async move {
        let schedule = ScheduleId(id);
        let view = find(&shared, schedule)?;
        let old = view.schedule.sale_times();
        let times = change.applied_to(&view)?;
        times.check().map_err(|name| Problem::field(name, setting_range(name)))?;
        if times != old {
            from_level(shared.node.views(), level::OFFERS, "Sales begin and end by themselves")?;
            let SaleTimes { on_sale_at, off_sale_at } = times;
            let command = Command::SetSaleTimes { schedule, on_sale_at, off_sale_at };
            lane.ask(by.clone().asks(Ask::plain(command))).await?;
        }
        if let Some(orphans) = change.orphans {
            from_level(shared.node.views(), level::OFFERS, "Whether holds may leave single seats is said")?;
            let command = Command::SetOrphans { schedule, orphans: orphans.into() };
            lane.ask(by.clone().asks(Ask::plain(command))).await?;
        }
        if let Some(closed) = change.closed {
            lane.ask(by.asks(Ask::plain(Command::SetSaleClosed { schedule, closed }))).await?;
        }
        Ok(ScheduleState::of(&*find(&shared, schedule)?))
    });
    success(changed.await?)
}

fn find(shared: &Shared, schedule: ScheduleId) -> Result<std::sync::Arc<ScheduleView>, Problem> {
    let catalog = shared.node.views().catalog();
    catalog.schedules.get(&schedule).cloned().ok_or(Problem::new(Code::ScheduleNotFound))
}

impl ScheduleChange {
    fn applied_to(&self, view: &ScheduleView) -> Result<SaleTimes, Problem> {
        if self.closed.is_none() && self.orphans.is_none() && self.on_sale_at.is_none() && self.off_sale_at.is_none() {
            return Err(Problem::field("closed", "closed is missing, and so are orphans, onSaleAt and offSaleAt."));
        }
        let zone = &view.schedule.zone;
        let moment = |name: &'static str, said: &Option<Option<String>>, old: Option<Time>| match said {
            None => Ok(old),
            Some(None) => Ok(None),
            Some(Some(text)) => match onsale_catalog::local(text, zone) {
                Ok(at) => Ok(Some(at)),
                Err(what) => Err(Problem::field(name, format!("{name} {what}."))),
            },
        };
        let old = view.schedule.sale_times();
        Ok(SaleTimes {
            on_sale_at: moment("onSaleAt", &self.on_sale_at, old.on_sale_at)?,
            off_sale_at: moment("offSaleAt", &self.off_sale_at, old.off_sale_at)?,
        })
    }
}

impl ScheduleState {
    fn of(view: &ScheduleView) -> Self {
        Self {
            schedule_id: view.schedule.id.0,
            closed: view.closed,
            on_sale_at: view.schedule.on_sale_at.map(|at| view.local(at)),
            off_sale_at: view.schedule.off_sale_at.map(|at| view.local(at)),
            orphans: view.schedule.orphans.unwrap_or_default().into(),
        }
    }
}

pub(super) async fn remove(State(app): State<App>, Id(id): Id, by: By) -> Done {
    app.lane.ask(by.asks(Ask::plain(Command::RemoveSchedule { schedule: ScheduleId(id) }))).await?;
    success(Removed { schedule_id: id })
}
