//! What a crash may leave of a directory, as ALICE does it (Pillai et al., OSDI 2014): the calls with which a real program
//! changed it are recorded, and from them follows which states a disk may be found in when the power goes at some moment.
//!
//! What counts is what was synced. A write that no sync has covered may be there, or not, or in part, and whether it is says
//! nothing of the others; a file may have grown to a length that nobody wrote; a name is there for sure only when its
//! directory was synced. Names change in the order in which they were changed, as every file system with a journal has it.
//!
//! The index that SQLite keeps in shared memory (`-shm`) is left out: it is written through a map, and made anew by whoever
//! opens the database first.

mod model;
mod record;
mod states;

pub use model::{Content, Disk};
pub use record::{Op, Recording, Step, under_recording};
pub use states::{State, States};
