//! The JSON form.

mod areas;
mod fields;
mod node;
mod path;
mod prices;
mod seats;

use std::collections::HashMap;

use crate::document::{Concert, Document, Schedule};
use crate::problem::Problems;
use crate::{moment, rule};

use fields::Fields;
pub(crate) use node::Node;
use path::Path;
use prices::Tariff;

pub(crate) fn read(text: &str) -> Result<Document, Problems> {
    let node: Node = serde_json::from_str(text).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or(&what);
        Problems::one(place, format!("is not JSON: {what}"))
    })?;
    check(&node)
}

pub(crate) fn check(node: &Node) -> Result<Document, Problems> {
    let mut reader = Reader::default();
    let document = reader.document(node);
    reader.problems.or(document)
}

/// Reads on after a problem, with what is left, so that one run names them all.
#[derive(Default)]
struct Reader {
    problems: Problems,
    concerts: HashMap<u64, String>,
    schedules: HashMap<u64, String>,
}

impl Reader {
    fn document(&mut self, node: &Node) -> Document {
        let Some(fields) = Fields::open(node, &Path::Root, &["concerts"], &mut self.problems) else {
            return Document::default();
        };
        let concerts = fields
            .required("concerts", &mut self.problems)
            .map(|list| fields.filled("concerts", list, &mut self.problems));
        let path = Path::Root.field("concerts");
        let concerts = concerts.into_iter().flatten().enumerate();
        Document { concerts: concerts.filter_map(|(i, node)| self.concert(node, &path.index(i))).collect() }
    }

    fn concert(&mut self, node: &Node, path: &Path<'_>) -> Option<Concert> {
        let known = &["concertId", "title", "queue", "schedules"];
        let fields = Fields::open(node, path, known, &mut self.problems)?;
        let id = fields.integer("concertId", rule::id, &mut self.problems);
        self.once(id, "concertId", path, |reader| &mut reader.concerts);
        let title = fields.text("title", rule::title, &mut self.problems);
        let queue = fields.text_or("queue", rule::QUEUE_DEFAULT, rule::queue, &mut self.problems);
        let list = fields.optional("schedules").map(|list| fields.items("schedules", list, &mut self.problems));
        let schedules_path = path.field("schedules");
        let schedules = list.into_iter().flatten().enumerate();
        let schedules = schedules.filter_map(|(i, node)| self.schedule(node, &schedules_path.index(i))).collect();
        Some(Concert { concert_id: id?, title: title?, queue: queue?, schedules })
    }

    fn schedule(&mut self, node: &Node, path: &Path<'_>) -> Option<Schedule> {
        let known = &[
            "scheduleId",
            "zone",
            "startsAt",
            "endsAt",
            "priceTypes",
            "categories",
            "accessibleUntil",
            "onSaleAt",
            "offSaleAt",
            "orphans",
            "sections",
            "seats",
            "areas",
        ];
        let fields = Fields::open(node, path, known, &mut self.problems)?;
        let id = fields.integer("scheduleId", rule::id, &mut self.problems);
        self.once(id, "scheduleId", path, |reader| &mut reader.schedules);
        let zone = fields.text_or("zone", rule::ZONE_DEFAULT, moment::zone, &mut self.problems);
        let mut instant = |name| {
            // Without a zone nothing can be said of a local time, and the zone's own problem is told.
            let zone = zone.as_ref()?;
            fields.text(name, |text| moment::instant(text, zone), &mut self.problems)
        };
        let (starts_at, ends_at) = (instant("startsAt"), instant("endsAt"));
        let accessible_until = fields.optional("accessibleUntil").and_then(|_| instant("accessibleUntil"));
        if let (Some(starts_at), Some(ends_at)) = (starts_at, ends_at)
            && ends_at <= starts_at
        {
            self.problems.add(path.field("endsAt"), "must be later than startsAt");
        }
        let mut moment = |name| {
            let zone = zone.as_ref()?;
            fields.text_if(name, |text| moment::instant(text, zone), &mut self.problems)
        };
        let (on_sale_at, off_sale_at) = (moment("onSaleAt"), moment("offSaleAt"));
        if on_sale_at.zip(off_sale_at).is_some_and(|(on, off)| off <= on) {
            self.problems.add(path.field("offSaleAt"), "must be later than onSaleAt");
        }
        let orphans = fields.chosen("orphans", rule::orphans, &mut self.problems);
        let tariff = Tariff::read(&fields, &mut self.problems);
        let seats = seats::read(&fields, &tariff, &mut self.problems);
        Some(Schedule {
            schedule_id: id?,
            zone: zone?.iana_name()?.to_owned(),
            starts_at: starts_at?,
            ends_at: ends_at?,
            price_types: tariff.price_types,
            accessible_until,
            on_sale_at,
            off_sale_at,
            orphans,
            seats,
        })
    }

    /// Notes where an id was given, and a problem where it was given before.
    fn once(
        &mut self,
        id: Option<u64>,
        field: &'static str,
        path: &Path<'_>,
        seen: impl Fn(&mut Self) -> &mut HashMap<u64, String>,
    ) {
        let Some(id) = id else { return };
        let place = path.to_string();
        if let Some(earlier) = seen(self).get(&id) {
            let what = format!("{id} is already used by {earlier}");
            self.problems.add(path.field(field), what);
        } else {
            seen(self).insert(id, place);
        }
    }
}

#[cfg(test)]
mod tests;
