//! Tests of the engine: against an independent model, in directed cases, and against golden files.
//! How to run and rerun them: `docs/testing-the-engine.md`.

mod directed;
mod golden;
mod model;
mod property;
mod shop;
mod tables;
