//! What the service calls what is a number for us.

use std::collections::HashMap;

use crate::profile::Stage;

/// Ids that are no numbers, and numbers that are too great for us, get numbers of their own from here on.
const TEXTS_FROM: u64 = 1 << 52;

/// Seats that somebody holds, as one reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) schedule: u64,
    pub(super) seats: Vec<u64>,
    /// Of all of them.
    pub(super) price: u64,
}

/// A date: its id, and its seats in the order of our numbers.
#[derive(Debug, Default)]
struct Date {
    id: String,
    /// Of each seat that has none of its own.
    price: Option<u64>,
    seats: Vec<(String, Option<u64>)>,
    numbers: HashMap<String, u64>,
}

#[derive(Debug, Default)]
pub(super) struct Names {
    dates: Vec<Date>,
    numbers: HashMap<String, u64>,
    dates_max: usize,
    price: Option<u64>,
    texts: Vec<String>,
    text_numbers: HashMap<String, u64>,
    held: HashMap<u64, Held>,
    /// What the service has called those that were made.
    users: HashMap<u64, String>,
}

impl Names {
    pub(super) fn of(stage: &Stage) -> Self {
        let dates_max = if stage.dates.is_empty() { stage.dates_max.unwrap_or(usize::MAX) } else { stage.dates.len() };
        let mut names = Self { dates_max, price: stage.price, ..Self::default() };
        for date in &stage.dates {
            let schedule = names.learn_date(&date.id).unwrap_or(0);
            for seat in 0..date.seats {
                names.learn_seat(schedule, &(date.first_seat + seat).to_string(), date.price);
            }
        }
        names
    }

    /// Our number of a date; a new one where it was never heard of. `None` for those beyond what is used.
    pub(super) fn learn_date(&mut self, id: &str) -> Option<u64> {
        if let Some(&number) = self.numbers.get(id) {
            return Some(number);
        }
        if self.dates.len() >= self.dates_max {
            return None;
        }
        self.dates.push(Date { id: id.to_owned(), ..Date::default() });
        let number = self.dates.len() as u64;
        self.numbers.insert(id.to_owned(), number);
        Some(number)
    }

    /// What each seat of a date costs.
    pub(super) fn price_date(&mut self, schedule: u64, price: u64) {
        if let Some(date) = index(schedule).and_then(|index| self.dates.get_mut(index)) {
            date.price = Some(price);
        }
    }

    /// Our number of a seat.
    pub(super) fn learn_seat(&mut self, schedule: u64, id: &str, price: Option<u64>) -> Option<u64> {
        let date = self.dates.get_mut(index(schedule)?)?;
        if let Some(&number) = date.numbers.get(id) {
            let known = &mut date.seats[index(number)?].1;
            *known = price.or(*known);
            return Some(number);
        }
        date.seats.push((id.to_owned(), price));
        let number = date.seats.len() as u64;
        date.numbers.insert(id.to_owned(), number);
        Some(number)
    }

    pub(super) fn date(&self, schedule: u64) -> Option<String> {
        self.dates.get(index(schedule)?).map(|date| date.id.clone())
    }

    pub(super) fn seat(&self, schedule: u64, seat: u64) -> Option<String> {
        self.dates.get(index(schedule)?)?.seats.get(index(seat)?).map(|(id, _)| id.clone())
    }

    /// A seat with this number that a date does not have and another has: to see whether seats belong to their dates.
    pub(super) fn seat_of_another(&self, seat: u64) -> Option<String> {
        let seats = self.dates.iter().filter_map(|date| date.seats.get(index(seat)?));
        seats.map(|(id, _)| id.clone()).next()
    }

    pub(super) fn price(&self, schedule: u64, seat: u64) -> Option<u64> {
        let date = index(schedule).and_then(|index| self.dates.get(index));
        let own = date.zip(index(seat)).and_then(|(date, index)| date.seats.get(index)).and_then(|(_, price)| *price);
        own.or(date.and_then(|date| date.price)).or(self.price)
    }

    /// What these cost together, where it is known of each.
    pub(super) fn price_of(&self, schedule: u64, seats: &[u64]) -> Option<u64> {
        seats.iter().map(|&seat| self.price(schedule, seat)).sum()
    }

    pub(super) fn seats(&self, schedule: u64) -> u64 {
        index(schedule).and_then(|index| self.dates.get(index)).map_or(0, |date| date.seats.len() as u64)
    }

    /// Our number of anything else: the number itself, where it is one.
    pub(super) fn number(&mut self, id: &str) -> u64 {
        let is_plain = !id.starts_with('0') || id.len() == 1;
        if let Ok(number) = id.parse::<u64>()
            && is_plain
            && number < TEXTS_FROM
        {
            return number;
        }
        if let Some(&number) = self.text_numbers.get(id) {
            return number;
        }
        let number = TEXTS_FROM + self.texts.len() as u64;
        self.texts.push(id.to_owned());
        self.text_numbers.insert(id.to_owned(), number);
        number
    }

    /// What stands behind a number of ours; `None` where it is the number itself.
    pub(super) fn text(&self, number: u64) -> Option<String> {
        let index = usize::try_from(number.checked_sub(TEXTS_FROM)?).ok()?;
        self.texts.get(index).cloned()
    }

    pub(super) fn call_user(&mut self, user: u64, id: String) {
        self.users.insert(user, id);
    }

    /// What the service calls a user, where it chose that itself.
    pub(super) fn user(&self, user: u64) -> Option<&str> {
        self.users.get(&user).map(String::as_str)
    }

    pub(super) fn hold(&mut self, reservation: u64, held: Held) {
        self.held.insert(reservation, held);
    }

    pub(super) fn held(&self, reservation: u64) -> Option<&Held> {
        self.held.get(&reservation)
    }
}

/// Numbers count from 1.
fn index(number: u64) -> Option<usize> {
    usize::try_from(number).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_a_number_is_that_number() {
        let mut names = Names::default();
        assert_eq!((names.number("77"), names.number("0")), (77, 0));
        let (one, other) = (names.number("0077"), names.number("a"));
        assert_ne!(one, other);
        assert_eq!(names.number("0077"), one);
        assert_eq!((names.text(one).as_deref(), names.text(77)), (Some("0077"), None));
    }

    #[test]
    fn dates_that_are_given_are_all_that_there_are() {
        let stage = Stage {
            dates: vec![crate::profile::GivenDate { id: "x".to_owned(), seats: 3, first_seat: 50, price: Some(9) }],
            ..Stage::default()
        };
        let mut names = Names::of(&stage);
        assert_eq!((names.learn_date("x"), names.learn_date("y")), (Some(1), None));
        assert_eq!((names.seats(1), names.seat(1, 3).as_deref(), names.price(1, 3)), (3, Some("52"), Some(9)));
    }
}
