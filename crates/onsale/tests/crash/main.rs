//! Killed, stopped, starved of disk: nothing acknowledged is missing, nothing happens twice.

mod backup;
mod bucket;
mod compact;
mod disk;
mod durable;
mod followed;
mod journeys;
mod kill;
mod places;
mod restore;
mod restored;
mod rot;
mod shutdown;
mod size;
mod started;
mod states;

/// A server of the binary under test.
pub(crate) fn setup() -> onsale_testkit::Setup {
    onsale_testkit::Setup::new(env!("CARGO_BIN_EXE_onsale"))
}
