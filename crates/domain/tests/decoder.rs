//! Bytes that no node wrote: the decoder neither panics nor allocates absurdly, and what decodes can be applied.

use onsale_domain::command::{Batch, Command};
use onsale_domain::engine::Engine;
use onsale_domain::ids::{KeyId, QueueId, UserId};
use onsale_domain::time::Time;
use peak_alloc::PeakAlloc;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngExt, SeedableRng};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Inputs are at most some kilobytes, so a decoder that believes a header is far over this.
const ALLOCATED_BYTES_MAX: usize = 4 << 20;
const ROUNDS: u64 = 100_000;

fn golden() -> Vec<Vec<u8>> {
    let digits = |line: &str| line.split(' ').next_back().unwrap_or_default().to_owned();
    let byte = |text: &str, at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal digits");
    [include_str!("golden/commands.txt"), include_str!("golden/journal.txt"), include_str!("golden/draw.txt")]
        .iter()
        .flat_map(|file| file.lines().map(digits))
        .map(|text| (0..text.len()).step_by(2).map(|at| byte(&text, at)).collect())
        .collect()
}

/// Flips bits, cuts, splices and overwrites with the kinds of bytes that head CBOR items.
fn mutate(rng: &mut StdRng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = seeds.choose(rng).cloned().unwrap_or_default();
    for _ in 0..rng.random_range(1..6) {
        let at = rng.random_range(0..=bytes.len());
        match rng.random_range(0..6) {
            0 => bytes.truncate(at),
            1 => {
                let other = seeds.choose(rng).cloned().unwrap_or_default();
                let from = rng.random_range(0..=other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            2 => {
                let head = *[0x9b, 0x5b, 0x7b, 0xbb, 0x9f, 0x5f, 0xff, 0x1b].choose(rng).unwrap_or(&0);
                bytes.splice(at..at, [head, 0, 0, 1, 0, 0, 0, 0, 0]);
            }
            3 => bytes.splice(at..at, [rng.random()]).for_each(drop),
            _ => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << rng.random_range(0..8);
                }
            }
        }
    }
    bytes
}

fn noise(rng: &mut StdRng) -> Vec<u8> {
    let mut bytes = vec![0; rng.random_range(0..200)];
    rng.fill_bytes(&mut bytes);
    bytes
}

/// An engine with people in its queue, so that commands find something.
fn engine() -> Engine {
    let mut engine = Engine::new();
    let join = |user| Command::Join { user: UserId(user), queue: QueueId(0), key: KeyId(1) };
    let commands = (1..50).map(join).collect();
    engine.apply(1, Time(1_795_392_000_000), &Batch { commands }, &mut Vec::new());
    engine
}

#[test]
fn any_bytes_decode_or_are_refused_and_what_decodes_applies() {
    let seed = std::env::var("ONSALE_FUZZ_SEED").map_or(20_261_123, |text| text.parse().expect("a number"));
    eprintln!("ONSALE_FUZZ_SEED={seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    let seeds = golden();
    let (mut engine, mut applied) = (engine(), 0_u64);
    for round in 0..ROUNDS {
        let bytes = if round % 8 == 0 { noise(&mut rng) } else { mutate(&mut rng, &seeds) };
        ALLOCATOR.reset_peak_usage();
        let before = ALLOCATOR.current_usage();
        let decoded = Batch::decode(&bytes);
        let allocated = ALLOCATOR.peak_usage().saturating_sub(before);
        assert!(allocated < ALLOCATED_BYTES_MAX, "round {round}: {} bytes took {allocated}", bytes.len());
        let Ok(batch) = decoded else { continue };
        applied += 1;
        if applied % 500 == 0 {
            engine = self::engine();
        }
        let mark = engine.mark();
        let time = mark.time.plus_ms(rng.random_range(0..100_000));
        engine.apply(mark.seq + 1, time, &batch, &mut Vec::new());
        assert_eq!(engine.wallets().sum(), 0, "round {round}");
        assert!(engine.seats_agree(), "round {round}");
    }
    // What follows a batch is refused, so of the splices only few are whole.
    assert!(applied > ROUNDS / 50, "the mutations must leave some batches whole: {applied}");
}
