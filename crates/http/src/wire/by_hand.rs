//! Answers that are written by hand, as `Serialize` would have them: those of the calls that everybody makes in a sale. To look through
//! names of our own for what to escape is a good part of such a call: what it comes to stands beside each. A test beside each compares
//! the bytes.

use onsale_node::json::{BEGIN, END};

use crate::times::TimeText;

/// What `write` writes, in the envelope.
pub(super) fn in_envelope(capacity: usize, write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::with_capacity(capacity);
    out.extend_from_slice(BEGIN);
    write(&mut out);
    out.extend_from_slice(END);
    out
}

/// A field's name, with all that is before it, and its value.
pub(super) fn number(out: &mut Vec<u8>, name: &[u8], number: u64) {
    out.extend_from_slice(name);
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// The same, of one that there may be none of.
pub(super) fn number_or_null(out: &mut Vec<u8>, name: &[u8], value: Option<u64>) {
    match value {
        Some(value) => number(out, name, value),
        None => {
            out.extend_from_slice(name);
            out.extend_from_slice(b"null");
        }
    }
}

/// A field's name, with all that is before it and the quote behind it, a time, and the quote that ends it.
pub(super) fn time(out: &mut Vec<u8>, name: &[u8], time: &TimeText) {
    out.extend_from_slice(name);
    out.extend_from_slice(time.as_bytes());
    out.push(b'"');
}
