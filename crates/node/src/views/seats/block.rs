//! A block of seats and what it looks like on the wire.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::{Compress, Compression, FlushCompress, Status};
use onsale_domain::concert::{Attributes, SeatSpec, Terms};

use super::crc;

/// Whether a seat can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SeatStatus {
    Available,
    TempReserved,
    Reserved,
    /// An operator holds it back. To buyers it is as good as sold.
    Withheld,
}

impl SeatStatus {
    /// As the wire contract spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::TempReserved => "TEMP_RESERVED",
            Self::Reserved | Self::Withheld => "RESERVED",
        }
    }
}

/// The states of up to [`super::plan::BLOCK_SEATS`] neighbours at one moment, rendered when first read.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) states: Box<[SeatStatus]>,
    rendered: OnceLock<Rendered>,
}

/// A block's bytes, with a comma before the first seat.
#[derive(Debug)]
pub(super) struct Rendered {
    /// JSON, for clients that take no compression.
    pub(super) json: Bytes,
    /// The same without the comma as a piece of a DEFLATE stream (RFC 1951) that ends on a byte.
    pub(super) deflated: Bytes,
    /// The CRC-32 of the JSON without the comma, and what carries another CRC over its length.
    pub(super) crc: u32,
    pub(super) over: crc::Over,
}

impl Block {
    pub(super) fn new(states: Box<[SeatStatus]>) -> Self {
        Self { states, rendered: OnceLock::new() }
    }

    /// How many of them can be had.
    pub(super) fn available(&self) -> u32 {
        self.states.iter().filter(|state| **state == SeatStatus::Available).count() as u32
    }

    /// The bytes, and whether they had to be made.
    pub(super) fn rendered(&self, seats: &[SeatSpec], range: Range<usize>) -> &Rendered {
        self.rendered.get_or_init(|| render(&seats[range], &self.states))
    }
}

fn render(seats: &[SeatSpec], states: &[SeatStatus]) -> Rendered {
    let mut json = Vec::with_capacity(seats.len() * 128);
    for (seat, state) in seats.iter().zip(states) {
        json.push(b',');
        write_seat(&mut json, seat, *state);
    }
    let plain = &json[1..];
    let deflated = deflate(plain);
    let (crc, over) = (crc32fast::hash(plain), crc::Over::new(plain.len()));
    Rendered { json: json.into(), deflated, crc, over }
}

fn write_seat(out: &mut Vec<u8>, seat: &SeatSpec, state: SeatStatus) {
    let mut number = itoa::Buffer::new();
    out.extend_from_slice(b"{\"seatId\":");
    out.extend_from_slice(number.format(seat.seat.0).as_bytes());
    out.extend_from_slice(b",\"position\":");
    out.extend_from_slice(number.format(seat.position).as_bytes());
    out.extend_from_slice(b",\"amount\":");
    out.extend_from_slice(number.format(seat.amount).as_bytes());
    out.extend_from_slice(b",\"seatStatus\":\"");
    out.extend_from_slice(state.as_str().as_bytes());
    out.extend_from_slice(b"\",\"section\":");
    super::super::json::write_text(out, seat.section.as_deref());
    out.extend_from_slice(b",\"row\":");
    super::super::json::write_text(out, seat.row.as_deref());
    out.extend_from_slice(b",\"number\":");
    super::super::json::write_text(out, seat.number.as_deref());
    if let Some(terms) = &seat.terms {
        write_terms(out, terms);
    }
    out.push(b'}');
}

/// Only what there is of it: who knows nothing of it sees the seats of before.
fn write_terms(out: &mut Vec<u8>, terms: &Terms) {
    if terms.category.is_some() {
        out.extend_from_slice(b",\"category\":");
        super::super::json::write_text(out, terms.category.as_deref());
    }
    for (i, price) in terms.prices.iter().enumerate() {
        out.extend_from_slice(if i == 0 { b",\"prices\":[{\"priceType\":\"" } else { b",{\"priceType\":\"" });
        out.extend_from_slice(price.price_type.as_str().as_bytes());
        out.extend_from_slice(b"\",\"amount\":");
        out.extend_from_slice(itoa::Buffer::new().format(price.amount).as_bytes());
        out.push(b'}');
    }
    if !terms.prices.is_empty() {
        out.push(b']');
    }
    for (i, name) in terms.attributes.names().enumerate() {
        out.extend_from_slice(if i == 0 { b",\"attributes\":[\"" } else { b",\"" });
        out.extend_from_slice(name.as_bytes());
        out.push(b'"');
    }
    if terms.attributes != Attributes::default() {
        out.push(b']');
    }
}

thread_local! {
    /// Making a compressor costs more than compressing a block.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::new(4), false));
}

/// DEFLATE blocks for `plain`, ended by a flush, so that pieces made apart can follow each other in one stream.
fn deflate(plain: &[u8]) -> Bytes {
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        let mut out = Vec::with_capacity(plain.len() / 4 + 64);
        loop {
            let read = compress.total_in() as usize;
            let status = compress.compress_vec(&plain[read..], &mut out, FlushCompress::Sync);
            let all_read = compress.total_in() as usize == plain.len();
            match status {
                Ok(Status::Ok | Status::BufError | Status::StreamEnd) if all_read && out.len() < out.capacity() => {
                    return out.into();
                }
                Ok(_) => out.reserve(out.capacity().max(64)),
                Err(error) => unreachable!("compressing memory to memory: {error}"),
            }
        }
    })
}
