//! What a user has, as they are told themselves, and their shop through the operator's API.

mod passes;
mod reservations;

pub(crate) use reservations::seat_amounts;
