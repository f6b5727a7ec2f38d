//! The calls with which programs changed a directory, as `strace` saw them.

use std::path::{Path, PathBuf};

use crate::trace;

/// Begins a line that a test has put between the calls.
const NOTE: &str = "note ";
/// Longer than any single write of ours.
const BYTES_MAX: &str = "4194304";
const CALLS: &str = "trace=open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,ftruncate,truncate,fallocate,\
    copy_file_range,sendfile,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,\
    symlink,symlinkat";

/// The command line that runs a program under `strace`, which appends to `file` every call that changes a file, with all its
/// bytes. The program keeps its process id.
#[must_use]
pub fn under_recording(file: &str) -> Vec<String> {
    ["strace", "-D", "-f", "-q", "-y", "-xx", "-s", BYTES_MAX, "-e", "signal=KILL", "-e", CALLS, "-A", "-o", file]
        .map(str::to_owned)
        .to_vec()
}

/// A change of the recorded directory. Paths are relative to it; its own is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Open {
        descriptor: u32,
        path: PathBuf,
        /// Makes the file where there is none.
        create: bool,
        /// Empties it.
        truncate: bool,
    },
    /// Without an offset, behind what was last written to the descriptor.
    Write {
        descriptor: u32,
        path: PathBuf,
        offset: Option<u64>,
        bytes: Vec<u8>,
    },
    Resize {
        path: PathBuf,
        bytes: u64,
    },
    /// Of a file or a directory.
    Sync {
        path: PathBuf,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    MakeDirectory {
        path: PathBuf,
    },
    /// What a test has noted.
    Note(String),
}

/// One step of a recording, with the lines of the trace on which it was entered and returned.
#[derive(Clone, Debug)]
pub struct Step {
    pub op: Op,
    pub entered: usize,
    pub returned: usize,
}

/// What happened to one directory, in order: syncs where they returned, all else where it was entered.
pub struct Recording {
    pub steps: Vec<Step>,
}

impl Recording {
    /// Reads a trace that was made by [`under_recording`], and takes what concerns the directory at `root`, an absolute path.
    ///
    /// # Panics
    /// Where something was done to the directory that this does not know of.
    #[must_use]
    pub fn of(trace: &str, root: &Path) -> Self {
        let mut steps = Vec::new();
        for line in trace::finished(trace) {
            let op = match line.text.strip_prefix(NOTE) {
                Some(note) => Some(Op::Note(note.to_owned())),
                None => call(&line.text, root),
            };
            steps.extend(op.map(|op| Step { op, entered: line.entered, returned: line.returned }));
        }
        steps.sort_by_key(|step| if matches!(step.op, Op::Sync { .. }) { step.returned } else { step.entered });
        Self { steps }
    }

    /// A line for a trace that has come so far: it is found as [`Op::Note`].
    #[must_use]
    pub fn note(text: &str) -> String {
        format!("test {NOTE}{text}\n")
    }
}

/// What a finished call did to something below `root`, if anything.
fn call(text: &str, root: &Path) -> Option<Op> {
    let (name, rest) = text.split_once('(')?;
    let (arguments, result) = rest.rsplit_once(" = ")?;
    let result: i64 = result.split(['<', ' ']).next()?.parse().ok()?;
    if result < 0 {
        return None;
    }
    let arguments: Vec<&str> = arguments.trim_end().trim_end_matches(')').split(", ").map(str::trim).collect();
    let found = Arguments { name, arguments: &arguments, root, result };
    match name {
        "open" | "creat" => found.open(found.named(None, 0)?, 1),
        "openat" => found.open(found.named(Some(0), 1)?, 2),
        "write" | "pwrite64" | "writev" | "pwritev" | "pwritev2" => found.write(),
        "ftruncate" => Some(Op::Resize { path: found.open_file(0)?, bytes: found.number(1) }),
        "truncate" => Some(Op::Resize { path: found.named(None, 0)?, bytes: found.number(1) }),
        "fsync" | "fdatasync" => Some(Op::Sync { path: found.open_file(0)? }),
        "rename" => found.rename(found.named(None, 0), found.named(None, 1)),
        "renameat" | "renameat2" => found.rename(found.named(Some(0), 1), found.named(Some(2), 3)),
        "unlink" | "rmdir" => Some(Op::Remove { path: found.named(None, 0)? }),
        "unlinkat" => Some(Op::Remove { path: found.named(Some(0), 1)? }),
        "mkdir" => found.directory(found.named(None, 0)?),
        "mkdirat" => found.directory(found.named(Some(0), 1)?),
        _ => {
            let concerns = (0..arguments.len()).any(|at| found.open_file(at).or(found.named(None, at)).is_some());
            assert!(!concerns, "a call of a kind that is not known here: {name} in {}", root.display());
            None
        }
    }
}

struct Arguments<'a> {
    name: &'a str,
    arguments: &'a [&'a str],
    root: &'a Path,
    result: i64,
}

impl Arguments<'_> {
    fn open(&self, path: PathBuf, flags: usize) -> Option<Op> {
        let has = |flag| self.name == "creat" || self.arguments.get(flags).is_some_and(|flags| flags.contains(flag));
        let descriptor = u32::try_from(self.result).ok()?;
        Some(Op::Open { descriptor, path, create: has("O_CREAT"), truncate: has("O_TRUNC") })
    }

    fn write(&self) -> Option<Op> {
        let path = self.open_file(0)?;
        let descriptor = self.arguments[0].split('<').next()?.parse().ok()?;
        let bytes: Vec<u8> = self.arguments.iter().flat_map(|argument| quoted(argument)).collect();
        assert!(bytes.len() as i64 >= self.result, "the trace has not all bytes of a write to {}", path.display());
        let bytes = bytes[..self.result as usize].to_vec();
        let offset = self.name.starts_with('p').then(|| self.number(self.arguments.len() - 1));
        Some(Op::Write { descriptor, path, offset, bytes })
    }

    fn rename(&self, from: Option<PathBuf>, to: Option<PathBuf>) -> Option<Op> {
        match (from, to) {
            (Some(from), Some(to)) => Some(Op::Rename { from, to }),
            (None, None) => None,
            (from, to) => panic!("a name was moved across the directory's edge: {from:?} to {to:?}"),
        }
    }

    /// Where the directory itself is made, it is there from the beginning.
    fn directory(&self, path: PathBuf) -> Option<Op> {
        (!path.as_os_str().is_empty()).then_some(Op::MakeDirectory { path })
    }

    fn number(&self, at: usize) -> u64 {
        self.arguments[at].parse().unwrap_or_else(|_| panic!("no number: {}", self.arguments[at]))
    }

    /// `5</path>`: an open file that has its name still.
    fn open_file(&self, at: usize) -> Option<PathBuf> {
        let (_, rest) = self.arguments.get(at)?.split_once('<')?;
        self.below(Path::new(&text(rest.strip_suffix('>')?)))
    }

    /// A name, relative to an open directory where there is one.
    fn named(&self, directory: Option<usize>, at: usize) -> Option<PathBuf> {
        let name = text(self.arguments.get(at)?.strip_prefix('"')?.strip_suffix('"')?);
        let directory = directory.and_then(|at| self.arguments[at].split_once('<')?.1.strip_suffix('>'));
        self.below(&directory.map(text).map_or_else(PathBuf::new, PathBuf::from).join(name))
    }

    fn below(&self, path: &Path) -> Option<PathBuf> {
        let path = path.strip_prefix(self.root).ok()?;
        (!path.to_string_lossy().ends_with("-shm")).then(|| path.to_owned())
    }
}

fn text(hex: &str) -> String {
    String::from_utf8(bytes(hex)).expect("paths are UTF-8")
}

/// What is in quotes, wherever: one text, or those of a vector.
fn quoted(argument: &str) -> Vec<u8> {
    assert!(!argument.ends_with("\"..."), "the trace was cut");
    argument.split('"').skip(1).step_by(2).flat_map(bytes).collect()
}

/// `\x61\x62`
fn bytes(hex: &str) -> Vec<u8> {
    let digit = |digit: u8| (digit as char).to_digit(16).expect("a hexadecimal digit") as u8;
    let codes = hex.as_bytes().chunks(4);
    codes
        .map(|code| match code {
            [b'\\', b'x', high, low] => digit(*high) << 4 | digit(*low),
            other => panic!("not as strace prints it: {}", String::from_utf8_lossy(other)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> String {
        text.bytes().fold(String::new(), |hex, byte| hex + &format!("\\x{byte:02x}"))
    }

    fn recorded(lines: &[String]) -> Vec<Op> {
        Recording::of(&lines.join("\n"), Path::new("/d")).steps.into_iter().map(|step| step.op).collect()
    }

    #[test]
    fn calls_are_read_with_their_bytes() {
        let (a, here) = (hex("/d/a"), hex("/"));
        let ops = recorded(&[
            format!("7 openat(AT_FDCWD<{here}>, \"{a}\", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 3<{a}>"),
            format!("7 pwrite64(3<{a}>, \"{}\", 2, 4096) = 2", hex("hi")),
            format!(
                "7 writev(3<{a}>, [{{iov_base=\"{}\", iov_len=1}}, {{iov_base=\"{}\", iov_len=1}}], 2) = 2",
                hex("x"),
                hex("y")
            ),
            "test note promised 4".to_owned(),
            format!("8 rename(\"{a}\", \"{}\") = 0", hex("/d/b")),
            format!("8 unlinkat(5<{}>, \"{}\", 0) = 0", hex("/d"), hex("b")),
        ]);
        let path = PathBuf::from("a");
        let expected = vec![
            Op::Open { descriptor: 3, path: path.clone(), create: true, truncate: false },
            Op::Write { descriptor: 3, path: path.clone(), offset: Some(4096), bytes: b"hi".to_vec() },
            Op::Write { descriptor: 3, path: path.clone(), offset: None, bytes: b"xy".to_vec() },
            Op::Note("promised 4".to_owned()),
            Op::Rename { from: path, to: PathBuf::from("b") },
            Op::Remove { path: PathBuf::from("b") },
        ];
        assert_eq!(ops, expected);
    }

    #[test]
    fn what_failed_or_lies_elsewhere_is_left_out() {
        let (index, gone) = (hex("/d/a-shm"), hex("/d/a"));
        let lines = [
            format!("7 ftruncate(3<{}>, 5) = 0", hex("/other/a")),
            format!("7 ftruncate(3<{index}>, 5) = 0"),
            format!("7 ftruncate(3<{gone}>(deleted), 5) = 0"),
            format!("7 ftruncate(3<{gone}>, 5) = -1 EIO (Input/output error)"),
        ];
        assert!(recorded(&lines).is_empty());
    }

    #[test]
    fn a_sync_counts_from_where_it_returned() {
        let a = hex("/d/a");
        let ops = recorded(&[
            format!("7 fsync(3<{a}> <unfinished ...>"),
            format!("8 ftruncate(3<{a}>, 5) = 0"),
            "7 <... fsync resumed>) = 0".to_owned(),
        ]);
        let path = PathBuf::from("a");
        assert_eq!(ops, [Op::Resize { path: path.clone(), bytes: 5 }, Op::Sync { path }]);
    }
}
