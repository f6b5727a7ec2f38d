//! Where a ticket stands, as whoever asks is told.

use super::line::Line;
use super::state::State;

/// The place of a ticket among those who wait, from 1; 0 when it does not wait. For the few entries after an opening in which
/// those who left before are taken out, it may be one that is too high, and falls. One whose turn has passed, and who is
/// back or still may be, counts in nobody's place and is next.
#[must_use]
pub fn position(line: &Line, number: u32) -> u32 {
    position_in(line, number, line.state(number))
}

fn position_in(line: &Line, number: u32, state: Option<State>) -> u32 {
    match state {
        Some(State::Waiting) => line.ahead_of(number) + 1,
        Some(State::Absent { .. } | State::Returned { .. }) => 1,
        Some(State::Progress { .. } | State::Done { .. } | State::Expired { .. }) | None => 0,
    }
}

/// What it is, its [position], and the place that it [drew](Line::drawn): for less than each of them costs on its own.
#[must_use]
pub fn place(line: &Line, number: u32) -> (Option<State>, u32, Option<(u32, u32)>) {
    let state = line.state(number);
    if state == Some(State::Waiting) {
        let (ahead, drawn) = line.ahead_and_drawn(number);
        // Where it is admitted between the two looks, that counts.
        (line.state(number), ahead + 1, drawn)
    } else {
        (state, position_in(line, number, state), line.drawn(number))
    }
}
