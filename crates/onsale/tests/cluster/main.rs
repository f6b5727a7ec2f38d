//! Several nodes over one PostgreSQL: what one does all see, and what no failure of any may do.

mod analyst;
mod chaos;
mod clock;
mod compact;
mod cut_off;
mod document;
mod draw;
mod fork;
mod idle;
mod night;
mod nodes;
mod opening;
mod partial;
mod people;
mod round;
mod settings;
mod tables;
mod till;
mod together;
mod upgrade;
mod webhooks;

use onsale_testkit::Setup;

fn setup() -> Setup {
    Setup::new(env!("CARGO_BIN_EXE_onsale"))
}
