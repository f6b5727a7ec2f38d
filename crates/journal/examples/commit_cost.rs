//! Prints what an append costs beside a bare `fdatasync` of the same bytes, in the same run, and how fast a journal is
//! verified when it is opened. The ratios hold from machine to machine; the absolute figures do not.
//!
//! `cargo run --release -p onsale-journal --example commit_cost [-- APPENDS]`

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

use onsale_journal::{Error, Journal as _, local};

const PAYLOAD_BYTES: [usize; 4] = [300, 1_000, 6_400, 60_000];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let appends = std::env::args().nth(1).map_or(Ok(2_000), |count| count.parse())?;
    println!("payload bytes · append p50 · p99 · p999 · bare p50 · p99 · append/bare p50 · p99");
    for bytes in PAYLOAD_BYTES {
        let payload: Vec<u8> = (0..bytes).map(|_| rand::random()).collect();
        let dir = tempfile::tempdir()?;
        let bare = bare(&File::create(dir.path().join("bare"))?, &payload, appends)?;
        let ours = ours(dir.path(), &payload, appends)?;
        println!(
            "{bytes} · {:?} · {:?} · {:?} · {:?} · {:?} · {:.2} · {:.2}",
            at(&ours, 0.5),
            at(&ours, 0.99),
            at(&ours, 0.999),
            at(&bare, 0.5),
            at(&bare, 0.99),
            at(&ours, 0.5).as_secs_f64() / at(&bare, 0.5).as_secs_f64(),
            at(&ours, 0.99).as_secs_f64() / at(&bare, 0.99).as_secs_f64(),
        );
        let begun = Instant::now();
        drop(local::Journal::open(dir.path())?);
        let mb = (bytes * appends) as f64 / 1e6;
        println!("    opened and verified: {mb:.0} MB at {:.0} MB/s", mb / begun.elapsed().as_secs_f64());
    }
    Ok(())
}

/// Overwrites, as the journal does once its log has reached its size: the first pass only makes the file that long.
fn bare(file: &File, payload: &[u8], appends: usize) -> std::io::Result<Vec<Duration>> {
    let pass = || {
        timed(appends, |round| {
            file.write_all_at(payload, (round * payload.len()) as u64)?;
            file.sync_data()
        })
    };
    pass()?;
    pass()
}

fn ours(dir: &std::path::Path, payload: &[u8], appends: usize) -> Result<Vec<Duration>, Error> {
    let mut journal = local::Journal::open(dir)?;
    timed(appends, |round| journal.append(round as u64, payload).map(drop))
}

fn timed<E>(rounds: usize, mut each: impl FnMut(usize) -> Result<(), E>) -> Result<Vec<Duration>, E> {
    let mut took = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let begun = Instant::now();
        each(round)?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    Ok(took)
}

fn at(sorted: &[Duration], quantile: f64) -> Duration {
    let last = sorted.len() - 1;
    sorted[((last as f64) * quantile) as usize]
}
