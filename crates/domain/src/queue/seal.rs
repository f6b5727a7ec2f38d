//! The opening gives those who joined before it their places, where these are not their numbers.

use super::Queue;
use super::draw::Drawn;
use super::places::Places;

/// The most of those who left before the opening whose places one batch takes out; nobody is admitted until all are.
const LEFT_PER_BATCH_MAX: u32 = 20_000;

impl Queue {
    /// What was fixed at the opening, where places are not the numbers: the first ticket that takes part, and the rest.
    fn sealed(&self) -> Option<(u32, Drawn)> {
        match (self.draw(), self.tiered) {
            (Some(draw), _) => Some((draw.first?, draw.drawn?)),
            (None, Some(tiered)) => Some((tiered.first, tiered.opened?)),
            (None, None) => None,
        }
    }

    fn sealed_mut(&mut self) -> Option<&mut Drawn> {
        match (&mut self.draw, &mut self.tiered) {
            (Some(draw), _) => draw.drawn.as_mut(),
            (None, tiered) => tiered.as_mut()?.opened.as_mut(),
        }
    }

    /// From here on the places are these.
    pub(super) fn seal(&mut self, places: Places) {
        self.head = self.head.min(places.range().0);
        self.left = self.line.take_places(places);
        let left = self.left.len() as u32;
        if let Some(sealed) = self.sealed_mut() {
            sealed.left = left;
        }
        self.dirty = true;
        self.take_out_left();
    }

    /// Takes tickets out of the line that were given up before the opening: by their numbers they were, and by their places they
    /// are not yet.
    pub(super) fn take_out_left(&mut self) {
        let Some(sealed) = self.sealed_mut().filter(|sealed| sealed.left > 0) else { return };
        let now = sealed.left.min(LEFT_PER_BATCH_MAX);
        sealed.left -= now;
        self.dirty = true;
        // An engine that was loaded since has none of them in its line, and counts as the others do.
        for number in self.left.drain(..self.left.len().min(now as usize)) {
            self.line.take_out(number);
        }
    }

    /// Whether all who left before the opening are out of the line.
    pub(super) fn is_in_order(&self) -> bool {
        self.sealed().is_none_or(|(_, sealed)| sealed.left == 0)
    }

    /// Below this place nobody waits, if nobody does below this number.
    pub(super) fn first_place(&self, number: u32) -> u32 {
        match self.sealed() {
            Some((first, sealed)) if number < first + sealed.tickets => number.min(first),
            _ => number,
        }
    }

    /// Whether the oldest tickets are remembered for as long as there is room: a draw is checked with them until there is another.
    /// Where they have tiers, they are as long as anybody waits among them, too: who stands where is counted of them.
    pub(super) fn keeps_from(&self, oldest: u32, crowded: bool) -> bool {
        let Some((first, sealed)) = self.sealed().filter(|(first, sealed)| oldest < first + sealed.tickets) else {
            return false;
        };
        let waits = || sealed.left > 0 || self.line.waits_within(first, sealed.tickets);
        self.draw().is_some() && !crowded || self.line.has_tiers() && waits()
    }

    /// Some of those who joined before the opening are forgotten. Once none of the others waits, nobody needs to know who stood where,
    /// and whoever starts then cannot.
    pub(super) fn forget_places(&self) {
        if let Some((first, sealed)) = self.sealed()
            && first < self.tickets.first()
            && sealed.left == 0
            && !self.line.waits_within(first, sealed.tickets)
        {
            self.line.drop_places();
        }
    }

    /// The places of a queue that is loaded, when all its tickets are in.
    pub(super) fn load_places(&mut self) -> Result<(), String> {
        let Some((first, sealed)) = self.sealed() else { return Ok(()) };
        if first.checked_add(sealed.tickets).is_none_or(|end| end > self.tickets.next()) {
            return Err(format!("tickets of queue {} took part in an opening that were not issued", self.id));
        }
        if first < self.tickets.first() && !self.line.waits_within(first, sealed.tickets) {
            // As in `forget_places`.
            return Ok(());
        }
        let tiers = self.line.tiers(first, sealed.tickets);
        let places = match self.draw() {
            Some(draw) => draw.places(&tiers),
            None => Some(Places::new(first, sealed.tickets, None, &tiers)),
        };
        if let Some(places) = places {
            self.line.load_places(places);
        }
        Ok(())
    }
}
