//! A directory as a disk has it: what is durable, and what was written since.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::record::{Op, Step};

/// What is in a directory: files with their bytes, and `None` for a directory. Paths are relative to it.
pub type Content = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// An index into [`Disk::nodes`].
type Node = usize;
type Names = BTreeMap<String, Node>;

const ROOT: Node = 0;

/// Two views of a directory at one moment: what its programs see, and what is certain to be found after a crash.
pub struct Disk {
    nodes: Vec<Kind>,
    /// Changes of names that no sync of their directory has covered, in order.
    names: Vec<Renaming>,
    /// Where the next write to a descriptor goes that does not say so.
    offsets: HashMap<u32, u64>,
    changes: usize,
}

enum Kind {
    File(File),
    Directory { seen: Names, durable: Names },
}

#[derive(Default)]
struct File {
    seen: Vec<u8>,
    durable: Vec<u8>,
    /// In order.
    unsynced: Vec<Change>,
}

struct Change {
    what: What,
    /// Of all changes of all files.
    order: usize,
    /// The line of the trace on which the call returned.
    returned: usize,
}

enum What {
    Write { offset: usize, bytes: Vec<u8> },
    Resize(usize),
}

/// A name in a directory that is another's from now on, or nobody's.
struct Renaming {
    directory: Node,
    name: String,
    to: Option<Node>,
    /// The name that goes with it, where it was moved: both or none.
    with: Option<(Node, String)>,
}

/// A change of a file that no sync has covered.
#[derive(Clone, Debug)]
pub(super) struct Unsynced {
    file: Node,
    at: usize,
    /// Which bytes of the file a write is to.
    pub(super) write: Option<Range<usize>>,
}

/// What of a change has reached the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    Whole,
    Nothing,
    /// These bytes of a write.
    Part(Range<usize>),
}

impl Default for Disk {
    fn default() -> Self {
        let root = Kind::Directory { seen: Names::new(), durable: Names::new() };
        Self { nodes: vec![root], names: Vec::new(), offsets: HashMap::new(), changes: 0 }
    }
}

impl Disk {
    /// # Panics
    /// Where the step is not possible: then the recording has not all that happened.
    pub fn apply(&mut self, step: &Step) {
        match &step.op {
            Op::Open { descriptor, path, create, truncate } => {
                self.offsets.insert(*descriptor, 0);
                if path.as_os_str().is_empty() {
                    return;
                }
                let (directory, name) = self.parent(path);
                let known = self.seen(directory).get(&name).copied();
                if known.is_none() && *create {
                    self.make(path, Kind::File(File::default()));
                } else if *truncate {
                    self.change(path, What::Resize(0), step.returned);
                }
            }
            Op::Write { descriptor, path, offset, bytes } => {
                let next = self.offsets.entry(*descriptor).or_default();
                let at = offset.unwrap_or(*next);
                if offset.is_none() {
                    *next += bytes.len() as u64;
                }
                self.change(path, What::Write { offset: at as usize, bytes: bytes.clone() }, step.returned);
            }
            Op::Resize { path, bytes } => self.change(path, What::Resize(*bytes as usize), step.returned),
            Op::Sync { path } => self.sync(path, step.entered),
            Op::Rename { from, to } => self.rename(from, to),
            Op::Remove { path } => {
                let (directory, name) = self.parent(path);
                self.name(Renaming { directory, name, to: None, with: None });
            }
            Op::MakeDirectory { path } => {
                self.make(path, Kind::Directory { seen: Names::new(), durable: Names::new() });
            }
            Op::Note(_) => {}
        }
    }

    /// What programs see now.
    #[must_use]
    pub fn seen_content(&self) -> Content {
        self.content(&|_| true, &vec![Kept::Whole; self.unsynced().len()], false)
    }

    /// How many changes of names no sync has covered.
    pub(super) fn names_unsynced(&self) -> usize {
        self.names.len()
    }

    /// The changes of files that no sync has covered, in order. Files that no name can lead to are left out.
    pub(super) fn unsynced(&self) -> Vec<Unsynced> {
        let named: BTreeSet<Node> = self
            .nodes
            .iter()
            .filter_map(|kind| match kind {
                Kind::Directory { seen, durable } => Some(seen.values().chain(durable.values()).copied()),
                Kind::File(_) => None,
            })
            .flatten()
            .chain(self.names.iter().filter_map(|change| change.to))
            .collect();
        let mut found = Vec::new();
        for node in named {
            let Kind::File(file) = &self.nodes[node] else { continue };
            for (at, change) in file.unsynced.iter().enumerate() {
                let write = match &change.what {
                    What::Write { offset, bytes } => Some(*offset..offset + bytes.len()),
                    What::Resize(_) => None,
                };
                found.push((change.order, Unsynced { file: node, at, write }));
            }
        }
        found.sort_by_key(|(order, _)| *order);
        found.into_iter().map(|(_, unsynced)| unsynced).collect()
    }

    /// What is found after a crash: all that is durable, with those unsynced changes of names, and as much of the unsynced
    /// changes of files as `kept` says, which is as long as [`Self::unsynced`]. Files may have `grown` to the length that
    /// was seen, without what was to be in them.
    pub(super) fn content(&self, names: &dyn Fn(usize) -> bool, kept: &[Kept], grown: bool) -> Content {
        let mut of_files: HashMap<Node, BTreeMap<usize, &Kept>> = HashMap::new();
        let unsynced = self.unsynced();
        assert_eq!(unsynced.len(), kept.len());
        for (unsynced, kept) in unsynced.iter().zip(kept) {
            of_files.entry(unsynced.file).or_default().insert(unsynced.at, kept);
        }
        let mut trees: HashMap<Node, Names> = HashMap::new();
        for (node, kind) in self.nodes.iter().enumerate() {
            if let Kind::Directory { durable, .. } = kind {
                trees.insert(node, durable.clone());
            }
        }
        for change in self.names.iter().enumerate().filter(|(at, _)| names(*at)).map(|(_, change)| change) {
            change.edits().for_each(|edit| edit.on(trees.get_mut(&edit.directory)));
        }
        let mut content = Content::new();
        let mut ahead = vec![(PathBuf::new(), ROOT)];
        while let Some((path, directory)) = ahead.pop() {
            for (name, &node) in &trees[&directory] {
                let path = path.join(name);
                match &self.nodes[node] {
                    Kind::File(file) => {
                        let bytes = file.with(of_files.get(&node), grown);
                        content.insert(path, Some(bytes));
                    }
                    Kind::Directory { .. } => {
                        content.insert(path.clone(), None);
                        ahead.push((path, node));
                    }
                }
            }
        }
        content
    }

    fn make(&mut self, path: &Path, kind: Kind) {
        let (directory, name) = self.parent(path);
        self.nodes.push(kind);
        let to = Some(self.nodes.len() - 1);
        self.name(Renaming { directory, name, to, with: None });
    }

    fn rename(&mut self, from: &Path, to: &Path) {
        let node = self.find(from);
        let with = Some(self.parent(from));
        let (directory, name) = self.parent(to);
        self.name(Renaming { directory, name, to: Some(node), with });
    }

    fn name(&mut self, change: Renaming) {
        for edit in change.edits() {
            if let Kind::Directory { seen, .. } = &mut self.nodes[edit.directory] {
                edit.on(Some(seen));
            }
        }
        self.names.push(change);
    }

    fn change(&mut self, path: &Path, what: What, returned: usize) {
        let node = self.find(path);
        let order = self.changes;
        self.changes += 1;
        let Kind::File(file) = &mut self.nodes[node] else { panic!("{} is a directory", path.display()) };
        what.on(&mut file.seen, &Kept::Whole);
        file.unsynced.push(Change { what, order, returned });
    }

    /// Makes durable what was done before the sync was entered: what came between that and its return may have missed it.
    fn sync(&mut self, path: &Path, entered: usize) {
        let node = self.find(path);
        match &mut self.nodes[node] {
            Kind::File(file) => {
                let (covered, missed) = file.unsynced.drain(..).partition(|change| change.returned < entered);
                file.unsynced = missed;
                let covered: Vec<Change> = covered;
                covered.iter().for_each(|change| change.what.on(&mut file.durable, &Kept::Whole));
            }
            Kind::Directory { .. } => {
                let (covered, missed): (Vec<_>, _) = self.names.drain(..).partition(|change| change.concerns(node));
                self.names = missed;
                for edit in covered.iter().flat_map(Renaming::edits) {
                    if let Kind::Directory { durable, .. } = &mut self.nodes[edit.directory] {
                        edit.on(Some(durable));
                    }
                }
            }
        }
    }

    fn seen(&self, directory: Node) -> &Names {
        match &self.nodes[directory] {
            Kind::Directory { seen, .. } => seen,
            Kind::File(_) => panic!("a file is used as a directory"),
        }
    }

    fn parent(&self, path: &Path) -> (Node, String) {
        let name = path.file_name().expect("the directory itself is never moved").to_string_lossy().into_owned();
        (self.find(path.parent().unwrap_or(Path::new(""))), name)
    }

    fn find(&self, path: &Path) -> Node {
        path.iter().fold(ROOT, |directory, name| {
            let found = self.seen(directory).get(&*name.to_string_lossy());
            *found.unwrap_or_else(|| panic!("the recording does not say where {} comes from", path.display()))
        })
    }
}

impl Renaming {
    fn concerns(&self, directory: Node) -> bool {
        self.directory == directory || self.with.as_ref().is_some_and(|(from, _)| *from == directory)
    }

    /// In the order in which they are made: a name that is moved goes, and comes.
    fn edits(&self) -> impl Iterator<Item = Edit<'_>> {
        let gone = self.with.iter().map(|(directory, name)| Edit { directory: *directory, name, to: None });
        gone.chain([Edit { directory: self.directory, name: &self.name, to: self.to }])
    }
}

/// One name in one directory.
struct Edit<'c> {
    directory: Node,
    name: &'c str,
    to: Option<Node>,
}

impl Edit<'_> {
    /// A directory that a crash has left without a name has no names to change.
    fn on(&self, names: Option<&mut Names>) {
        let Some(names) = names else { return };
        match self.to {
            Some(node) => names.insert(self.name.to_owned(), node),
            None => names.remove(self.name),
        };
    }
}

impl File {
    fn with(&self, kept: Option<&BTreeMap<usize, &Kept>>, grown: bool) -> Vec<u8> {
        let mut bytes = self.durable.clone();
        for (at, change) in self.unsynced.iter().enumerate() {
            if let Some(kept) = kept.and_then(|kept| kept.get(&at)) {
                change.what.on(&mut bytes, kept);
            }
        }
        if grown && bytes.len() < self.seen.len() {
            bytes.resize(self.seen.len(), 0);
        }
        bytes
    }
}

impl What {
    fn on(&self, file: &mut Vec<u8>, kept: &Kept) {
        match (self, kept) {
            (_, Kept::Nothing) => {}
            (Self::Resize(length), _) => file.resize(*length, 0),
            (Self::Write { offset, bytes }, Kept::Whole) => put(file, *offset, bytes),
            (Self::Write { offset, bytes }, Kept::Part(range)) => {
                put(file, offset + range.start, &bytes[range.clone()]);
            }
        }
    }
}

fn put(file: &mut Vec<u8>, offset: usize, bytes: &[u8]) {
    let end = offset + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[offset..end].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(op: Op, line: usize) -> Step {
        Step { op, entered: line, returned: line }
    }

    fn opened(path: &str) -> Op {
        Op::Open { descriptor: 3, path: path.into(), create: true, truncate: false }
    }

    fn written(path: &str, offset: u64, bytes: &str) -> Op {
        Op::Write { descriptor: 3, path: path.into(), offset: Some(offset), bytes: bytes.into() }
    }

    fn synced(path: &str) -> Op {
        Op::Sync { path: path.into() }
    }

    fn after(ops: Vec<Op>) -> Disk {
        let mut disk = Disk::default();
        ops.into_iter().enumerate().for_each(|(line, op)| disk.apply(&step(op, line)));
        disk
    }

    /// What is there for sure.
    fn certain(disk: &Disk) -> Vec<(String, String)> {
        shown(&disk.content(&|_| false, &vec![Kept::Nothing; disk.unsynced().len()], false))
    }

    fn shown(content: &Content) -> Vec<(String, String)> {
        let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map_or("/".into(), |it| String::from_utf8_lossy(it).into());
        content.iter().map(|(path, bytes)| (path.display().to_string(), text(bytes))).collect()
    }

    fn pair(path: &str, text: &str) -> (String, String) {
        (path.to_owned(), text.to_owned())
    }

    #[test]
    fn a_file_is_certain_with_its_sync_and_that_of_its_directory() {
        let mut ops = vec![opened("a"), written("a", 0, "one"), synced("a")];
        assert!(certain(&after(ops.clone())).is_empty(), "its name is in no directory yet");
        ops.push(synced(""));
        ops.push(written("a", 1, "ld"));
        let disk = after(ops);
        assert_eq!(certain(&disk), [pair("a", "one")]);
        assert_eq!(shown(&disk.seen_content()), [pair("a", "old")]);
    }

    #[test]
    fn a_write_during_a_sync_may_have_missed_it() {
        let mut disk = after(vec![opened("a"), synced("")]);
        disk.apply(&Step { op: written("a", 0, "x"), entered: 5, returned: 6 });
        disk.apply(&Step { op: synced("a"), entered: 6, returned: 7 });
        assert_eq!(certain(&disk), [pair("a", "")]);
    }

    #[test]
    fn a_moved_directory_takes_its_files_along() {
        let made = Op::MakeDirectory { path: "new".into() };
        let moved = Op::Rename { from: "new".into(), to: "named".into() };
        let mut ops = vec![made, opened("new/a"), synced("new"), synced(""), moved];
        assert_eq!(certain(&after(ops.clone())), [pair("new", "/"), pair("new/a", "")]);
        ops.push(synced(""));
        assert_eq!(certain(&after(ops)), [pair("named", "/"), pair("named/a", "")]);
    }

    #[test]
    fn a_write_can_be_there_in_part_and_a_length_without_it() {
        let disk = after(vec![opened("a"), synced(""), written("a", 0, "abcd")]);
        assert_eq!(shown(&disk.content(&|_| true, &[Kept::Part(2..4)], false)), [pair("a", "\0\0cd")]);
        assert_eq!(shown(&disk.content(&|_| true, &[Kept::Nothing], true)), [pair("a", "\0\0\0\0")]);
        assert_eq!(disk.unsynced()[0].write, Some(0..4));
    }
}
