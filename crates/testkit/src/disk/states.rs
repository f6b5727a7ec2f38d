//! Which of the states that a crash can leave are looked at: there are too many for all.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::ops::Range;

use super::model::{Content, Disk, Kept, Unsynced};
use super::record::{Op, Recording, Step};

/// What a disk may keep of a write, and be certain to keep whole.
const SECTOR: usize = 512;
const PAGE: usize = 4_096;
/// At one moment, so many of the ways to lose one write or a part of it.
const PER_MOMENT: usize = 24;

/// What a crash has left.
pub struct State {
    pub content: Content,
    /// The moment of the crash: before this step of the recording.
    pub before: usize,
    /// The moment and what was lost, for people.
    pub described: String,
}

/// Which changes of names are on the disk.
#[derive(Clone, Copy, Debug)]
enum Names {
    All,
    /// The first so many.
    First(usize),
}

/// Which of the unsynced changes of files are on the disk, by their place among them.
#[derive(Clone, Debug)]
enum Data {
    All,
    None,
    /// None, and files are as long as if all were.
    Grown,
    /// All before this one, and none from there on.
    Before(usize),
    Without(usize),
    Only(usize),
    /// These bytes of one, and all before it; with those behind it, or not.
    Torn {
        at: usize,
        kept: Range<usize>,
        rest: bool,
    },
}

struct Choice {
    before: usize,
    names: Names,
    data: Data,
}

/// A choice among the states that crashes at any moment of a recording's part can leave.
pub struct States<'r> {
    steps: &'r [Step],
    choices: Vec<Choice>,
}

impl<'r> States<'r> {
    /// At most `count`, from crashes before the steps `among`. The same seed chooses the same.
    #[must_use]
    pub fn choose(recording: &'r Recording, among: Range<usize>, count: usize, seed: u64) -> Self {
        let mut random = Random(seed);
        let (mut first, mut more) = (Vec::new(), Vec::new());
        let mut disk = Disk::default();
        for (before, step) in recording.steps.iter().enumerate() {
            if among.contains(&before) && is_moment(&step.op) {
                let (plain, odd) = of_moment(&disk, before, &mut random);
                first.extend(plain);
                more.extend(odd);
            }
            disk.apply(step);
        }
        random.shuffle(&mut first);
        random.shuffle(&mut more);
        // The plain losses at half of the moments, where there is not room for all, and the odd ones.
        let plain = first.len().min(count / 2);
        let mut choices: Vec<Choice> = first.drain(..plain).collect();
        choices.extend(more.into_iter().chain(first).take(count - plain));
        choices.sort_by_key(|choice| choice.before);
        Self { steps: &recording.steps, choices }
    }

    /// Makes each state and hands it on, but for those that are as one before it at the same time of `epoch`, which says how
    /// many promises were made before a step.
    pub fn each(&self, epoch: impl Fn(usize) -> usize, mut see: impl FnMut(State)) {
        let mut disk = Disk::default();
        let mut known = HashSet::new();
        let mut choices = self.choices.iter().peekable();
        for (before, step) in self.steps.iter().enumerate() {
            while let Some(choice) = choices.next_if(|choice| choice.before == before) {
                let unsynced = disk.unsynced();
                let kept = kept(&choice.data, unsynced.len());
                let content = disk.content(&|at| choice.names.has(at), &kept, matches!(choice.data, Data::Grown));
                let mut hasher = DefaultHasher::new();
                (epoch(before), &content).hash(&mut hasher);
                if known.insert(hasher.finish()) {
                    let described = describe(choice, step, disk.names_unsynced(), unsynced.len());
                    see(State { content, before, described });
                }
            }
            disk.apply(step);
        }
    }
}

/// Whether a crash right before tells anything: between two writes it leaves nothing that could not be found at the next sync.
fn is_moment(op: &Op) -> bool {
    match op {
        Op::Sync { .. } | Op::Rename { .. } | Op::Remove { .. } | Op::MakeDirectory { .. } | Op::Note(_) => true,
        Op::Open { create, .. } => *create,
        Op::Resize { .. } => true,
        Op::Write { .. } => false,
    }
}

/// The plain losses, and some of the odd ones.
fn of_moment(disk: &Disk, before: usize, random: &mut Random) -> (Vec<Choice>, Vec<Choice>) {
    let (names, unsynced) = (disk.names_unsynced(), disk.unsynced());
    let choice = |names, data| Choice { before, names, data };
    let mut plain = vec![choice(Names::All, Data::All), choice(Names::First(0), Data::None)];
    plain.push(choice(Names::All, Data::None));
    let mut odd = vec![choice(Names::First(0), Data::All), choice(Names::All, Data::Grown)];
    for first in 1..names {
        odd.push(choice(Names::First(first), Data::All));
        odd.push(choice(Names::First(first), Data::None));
    }
    let mut losses = Vec::new();
    for (at, change) in unsynced.iter().enumerate() {
        losses.extend([Data::Before(at), Data::Without(at), Data::Only(at)]);
        losses.extend(torn(at, change));
    }
    random.shuffle(&mut losses);
    losses.truncate(PER_MOMENT);
    odd.extend(losses.into_iter().map(|data| {
        let names = if random.below(4) == 0 { Names::First(random.below(names + 1)) } else { Names::All };
        choice(names, data)
    }));
    (plain, odd)
}

/// A write that goes over the edge of a sector or a page may be there up to it, or from it on.
fn torn(at: usize, change: &Unsynced) -> Vec<Data> {
    let Some(write) = change.write.clone() else { return Vec::new() };
    let mut edges: Vec<usize> = Vec::new();
    let first = |unit: usize| (write.start / unit + 1) * unit;
    let middle = (write.start + write.len() / 2) / SECTOR * SECTOR;
    edges.extend([first(SECTOR), first(PAGE), middle, (write.end - 1) / SECTOR * SECTOR]);
    edges.retain(|edge| *edge > write.start && *edge < write.end);
    edges.dedup();
    let mut found = Vec::new();
    for edge in edges.into_iter().map(|edge| edge - write.start) {
        for kept in [0..edge, edge..write.len()] {
            found.push(Data::Torn { at, kept: kept.clone(), rest: false });
            found.push(Data::Torn { at, kept, rest: true });
        }
    }
    found
}

impl Names {
    fn has(self, at: usize) -> bool {
        match self {
            Self::All => true,
            Self::First(first) => at < first,
        }
    }
}

fn kept(data: &Data, length: usize) -> Vec<Kept> {
    let whole = |is_whole: bool| if is_whole { Kept::Whole } else { Kept::Nothing };
    let of = |at: usize| match data {
        Data::All => Kept::Whole,
        Data::None | Data::Grown => Kept::Nothing,
        Data::Before(end) => whole(at < *end),
        Data::Without(lost) => whole(at != *lost),
        Data::Only(only) => whole(at == *only),
        Data::Torn { at: torn, kept, .. } if at == *torn => Kept::Part(kept.clone()),
        Data::Torn { at: torn, rest, .. } => whole(at < *torn || *rest),
    };
    (0..length).map(of).collect()
}

fn describe(choice: &Choice, step: &Step, names: usize, changes: usize) -> String {
    let next = match &step.op {
        Op::Write { path, offset, bytes, .. } => {
            format!("a write of {} bytes to {} at {offset:?}", bytes.len(), path.display())
        }
        other => format!("{other:?}"),
    };
    format!(
        "before line {} of the trace ({next}): names {:?} of {names}, writes {:?} of {changes}",
        step.entered + 1,
        choice.names,
        choice.data
    )
}

/// Knuth's generator: a choice can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        for at in (1..things.len()).rev() {
            things.swap(at, self.below(at + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording(ops: Vec<Op>) -> Recording {
        let steps = ops.into_iter().enumerate().map(|(line, op)| Step { op, entered: line, returned: line });
        Recording { steps: steps.collect() }
    }

    fn write(offset: u64, length: usize) -> Op {
        Op::Write { descriptor: 3, path: "a".into(), offset: Some(offset), bytes: vec![7; length] }
    }

    fn contents(ops: Vec<Op>, count: usize) -> Vec<Vec<u8>> {
        let recording = recording(ops);
        let states = States::choose(&recording, 3..recording.steps.len(), count, 5);
        let mut found = Vec::new();
        states.each(|_| 0, |state| found.extend(state.content.into_values().flatten()));
        found
    }

    #[test]
    fn writes_before_a_sync_are_there_lost_or_torn_in_any_way() {
        let opened = Op::Open { descriptor: 3, path: "a".into(), create: true, truncate: false };
        let synced = |path: &str| Op::Sync { path: path.into() };
        let ops = vec![opened, synced("a"), synced(""), write(0, 512), write(512, 1_024), synced("a")];
        let found = contents(ops, 100);
        let sectors = |present: [u8; 3]| present.iter().flat_map(|byte| vec![byte * 7; 512]).collect::<Vec<u8>>();
        for expected in [
            Vec::new(),
            sectors([0, 0, 0]),
            sectors([1, 1, 1]),
            sectors([0, 1, 1]),
            sectors([1, 0, 1]),
            sectors([1, 1, 0])[..1_024].to_vec(),
            sectors([1, 0, 0])[..512].to_vec(),
        ] {
            assert!(found.contains(&expected), "{:?}", expected.iter().step_by(512).collect::<Vec<_>>());
        }
        assert_eq!(found.iter().collect::<HashSet<_>>().len(), found.len(), "each of them once");
    }

    #[test]
    fn what_is_synced_is_in_all_of_them() {
        let opened = Op::Open { descriptor: 3, path: "a".into(), create: true, truncate: false };
        let synced = |path: &str| Op::Sync { path: path.into() };
        let ops = vec![opened, write(0, 512), synced("a"), synced(""), write(512, 512), synced("a"), synced("a")];
        let found = contents(ops, 100);
        assert!(found.len() >= 2 && found.iter().all(|bytes| bytes.starts_with(&[7; 512])), "{found:?}");
    }
}
