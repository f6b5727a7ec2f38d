//! What `strace` saw of a server: which answer left after which sync.
//!
//! A `kill -9` does not lose what the kernel holds, so a crash test cannot tell a synced write from one that was
//! only handed over. The order of the system calls can.

use std::collections::HashMap;

/// The command line that runs a program under `strace`, which stays out of the way: the program keeps its process
/// id (`-D`), and calls are written to `file`, with the path or socket behind each descriptor (`-y`).
#[must_use]
pub fn under_strace(file: &str) -> Vec<String> {
    let calls = "trace=read,readv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync";
    ["strace", "-D", "-f", "-q", "-y", "-s", "80", "-e", "signal=none", "-e", calls, "-o", file]
        .map(str::to_owned)
        .to_vec()
}

/// One finished system call on a descriptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub name: String,
    /// The path or socket behind its first argument.
    pub target: String,
    /// Arguments and result as they were printed.
    pub text: String,
    pub result: i64,
    /// The line on which it was entered, and the one on which it returned. Lines are in the order of time.
    pub entered: usize,
    pub returned: usize,
}

/// A request for a change, read from a socket, and its success, written to the same socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    pub request: String,
    /// The line on which the request had been read.
    pub read: usize,
    /// The line on which the first byte of the answer was handed to the kernel.
    pub answered: usize,
}

/// The finished calls on descriptors in a trace made by [`under_strace`], by the line on which they were entered.
#[must_use]
pub fn parse(trace: &str) -> Vec<Call> {
    finished(trace).into_iter().filter_map(|line| call(&line.text, line.entered, line.returned)).collect()
}

/// A finished call as it was printed, on one line or on two, without the number of its thread.
pub(crate) struct Finished {
    pub(crate) text: String,
    pub(crate) entered: usize,
    pub(crate) returned: usize,
}

/// What a trace has beside the threads' numbers, by the line on which it was entered.
pub(crate) fn finished(trace: &str) -> Vec<Finished> {
    let mut unfinished: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut found = Vec::new();
    for (at, line) in trace.lines().enumerate() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        if let Some(begun) = rest.strip_suffix("<unfinished ...>") {
            unfinished.insert(thread, (at, begun));
        } else if let Some((_, end)) = rest.strip_prefix("<... ").and_then(|rest| rest.split_once("resumed>")) {
            if let Some((entered, begun)) = unfinished.remove(thread) {
                found.push(Finished { text: format!("{begun}{end}"), entered, returned: at });
            }
        } else {
            found.push(Finished { text: rest.to_owned(), entered: at, returned: at });
        }
    }
    found.sort_by_key(|line| line.entered);
    found
}

/// Whether the trace has come to the clean end of that process. `strace` pads short process ids with blanks.
#[must_use]
pub fn has_exited(trace: &str, process: u32) -> bool {
    has_ended(trace, process, "+++ exited with 0 +++")
}

/// Whether the trace has come to where that process was killed.
#[must_use]
pub fn was_killed(trace: &str, process: u32) -> bool {
    has_ended(trace, process, "+++ killed by SIGKILL +++")
}

fn has_ended(trace: &str, process: u32, end: &str) -> bool {
    let process = process.to_string();
    trace.lines().filter_map(|line| line.split_once(' ')).any(|(id, rest)| id == process && rest.trim_start() == end)
}

/// `name(9<target>, …) = result`
fn call(text: &str, entered: usize, returned: usize) -> Option<Call> {
    let (name, arguments) = text.split_once('(')?;
    let (_, target) = arguments.split_once('<')?;
    let (target, _) = target.split_once('>')?;
    let (_, result) = text.rsplit_once(" = ")?;
    let result = result.split_whitespace().next()?.parse().ok()?;
    Some(Call { name: name.to_owned(), target: target.to_owned(), text: text.to_owned(), result, entered, returned })
}

/// Every success that answered a POST to one of `paths`.
#[must_use]
pub fn acknowledgements(calls: &[Call], paths: &[&str]) -> Vec<Acknowledgement> {
    // What has come over each socket since its last answer, and when the last piece of it had been read. A request
    // may come in pieces: a server that speaks HTTP/2 too reads the length of that protocol's preface first.
    let mut asked: HashMap<&str, (String, usize)> = HashMap::new();
    let mut found = Vec::new();
    for call in calls.iter().filter(|call| call.target.starts_with("socket:") && call.result > 0) {
        if is_read(&call.name) {
            let (request, read) = asked.entry(&call.target).or_default();
            request.push_str(quoted(&call.text));
            *read = call.returned;
        } else if call.text.contains("\"HTTP/1.1 ") {
            let (request, read) = asked.remove(call.target.as_str()).unwrap_or_default();
            let path = paths.iter().find(|path| request.starts_with(&format!("POST {path} HTTP/1.1")));
            if let Some(path) = path.filter(|_| call.text.contains("\"HTTP/1.1 200 ")) {
                found.push(Acknowledgement { request: (*path).to_owned(), read, answered: call.entered });
            }
        }
    }
    found
}

/// The first text in quotes, as it was printed: with escapes, and cut off.
fn quoted(text: &str) -> &str {
    let Some((_, text)) = text.split_once('"') else { return "" };
    let mut escaped = false;
    let end = text.find(|c: char| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    &text[..end.unwrap_or(text.len())]
}

/// Whether, between reading the request and answering it, something was written to a file whose path contains
/// `journal`, and that file was synced after this.
#[must_use]
pub fn is_durable(acknowledgement: &Acknowledgement, calls: &[Call], journal: &str) -> bool {
    let between: Vec<&Call> = calls
        .iter()
        .filter(|call| call.target.contains(journal))
        .filter(|call| call.entered > acknowledgement.read && call.returned < acknowledgement.answered)
        .collect();
    between.iter().filter(|call| is_write(&call.name) && call.result > 0).any(|write| {
        between.iter().any(|sync| {
            is_sync(&sync.name) && sync.result == 0 && sync.target == write.target && sync.entered > write.returned
        })
    })
}

fn is_read(name: &str) -> bool {
    matches!(name, "read" | "readv" | "recvfrom" | "recvmsg")
}

fn is_write(name: &str) -> bool {
    matches!(name, "write" | "writev" | "pwrite64" | "pwritev")
}

fn is_sync(name: &str) -> bool {
    matches!(name, "fsync" | "fdatasync")
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ: &str =
        r#"7 recvfrom(9<socket:[77]>, "POST /charge HTTP/1.1\r\nhost: h\r\n"..., 8192, 0, NULL, NULL) = 120"#;
    const WRITE: &str = r#"8 pwrite64(5</d/journal.db-wal>, "\0\1"..., 4096, 0) = 4096"#;
    const SYNC: &str = "8 fdatasync(5</d/journal.db-wal>) = 0";
    const ANSWER: &str = r#"7 writev(9<socket:[77]>, [{iov_base="HTTP/1.1 200 OK\r\n", iov_len=90}], 1) = 90"#;

    fn verdict(lines: &[&str]) -> Vec<bool> {
        let calls = parse(&lines.join("\n"));
        let found = acknowledgements(&calls, &["/charge"]);
        found.iter().map(|acknowledgement| is_durable(acknowledgement, &calls, "journal.db")).collect()
    }

    #[test]
    fn an_answer_after_its_sync_is_durable() {
        assert_eq!(verdict(&[READ, WRITE, SYNC, ANSWER]), [true]);
    }

    #[test]
    fn an_answer_without_a_sync_of_its_own_is_not() {
        assert_eq!(verdict(&[READ, WRITE, ANSWER]), [false]);
        assert_eq!(verdict(&[READ, WRITE, ANSWER, SYNC]), [false]);
        assert_eq!(verdict(&[WRITE, SYNC, READ, ANSWER]), [false], "an earlier sync");
        assert_eq!(verdict(&[READ, SYNC, WRITE, ANSWER]), [false], "synced before it was written");
        let failed = "8 fdatasync(5</d/journal.db-wal>) = -1 EIO (Input/output error)";
        assert_eq!(verdict(&[READ, WRITE, failed, ANSWER]), [false]);
        let other = "8 fdatasync(6</d/onsale.db-wal>) = 0";
        assert_eq!(verdict(&[READ, WRITE, other, ANSWER]), [false], "another file");
    }

    #[test]
    fn calls_that_overlap_count_from_entry_to_return() {
        let began = "8 fdatasync(5</d/journal.db-wal> <unfinished ...>";
        let ended = "8 <... fdatasync resumed>) = 0";
        assert_eq!(verdict(&[READ, WRITE, began, ended, ANSWER]), [true]);
        assert_eq!(verdict(&[READ, WRITE, began, ANSWER, ended]), [false]);
        let begun = "7 recvfrom(9<socket:[77]>,  <unfinished ...>";
        let read = r#"7 <... recvfrom resumed>"POST /charge HTTP/1.1\r\n"..., 8192, 0, NULL, NULL) = 120"#;
        assert_eq!(verdict(&[begun, WRITE, SYNC, read, ANSWER]), [false]);
        assert_eq!(verdict(&[begun, read, WRITE, SYNC, ANSWER]), [true]);
    }

    #[test]
    fn a_request_in_pieces_has_been_read_with_its_last_one() {
        let (first, last) = (
            READ.replace(r"arge HTTP/1.1\r\nhost: h\r\n", ""),
            r#"7 recvfrom(9<socket:[77]>, "arge HTTP/1.1\r\n"..., 99) = 99"#,
        );
        assert_eq!(verdict(&[&first, last, WRITE, SYNC, ANSWER]), [true]);
        assert_eq!(verdict(&[&first, WRITE, SYNC, last, ANSWER]), [false]);
    }

    #[test]
    fn the_end_is_found_beside_ids_of_any_length() {
        assert!(has_exited("1885  +++ exited with 0 +++", 1885));
        assert!(has_exited("41885 +++ exited with 0 +++", 41885));
        assert!(!has_exited("1885  +++ exited with 0 +++", 188));
        assert!(!has_exited("1885  +++ killed by SIGKILL +++", 1885));
        assert!(was_killed("1885  +++ killed by SIGKILL +++", 1885));
    }

    #[test]
    fn refusals_and_reads_are_no_acknowledgements() {
        assert!(verdict(&[READ, &ANSWER.replace("200 OK", "400 Bad Request")]).is_empty());
        assert!(verdict(&[&READ.replace("/charge", "/check"), ANSWER]).is_empty());
    }
}
