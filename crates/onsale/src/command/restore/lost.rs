//! What remains of a store that was lost, behind the end of its copy: for whoever has to make it good.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context as _, bail};
use onsale_domain::command::Batch;
use onsale_domain::engine::Engine;
use onsale_domain::ids::{ReservationId, SeatId, UserId};
use onsale_domain::operator::LeverRow;
use onsale_domain::payment::PaymentRow;
use onsale_domain::reservation::State;
use onsale_domain::row::{ReservationRow, Row};
use onsale_domain::time::Time;
use onsale_domain::user::{Account, TransferRow};
use onsale_journal::local::Remains;
use onsale_journal::{Entry, Head, Limit};
use onsale_tables::Place;
use serde::Serialize;

use crate::audit::{self, Journal};
use crate::cli::ExportFormat;

use super::super::{audit as auditing, export};
use super::moment;

/// What was lost: as much of it as can be read.
pub(super) struct Lost {
    /// In the order in which it happened.
    lines: Vec<Line>,
    holds: BTreeMap<ReservationId, ReservationRow>,
    places: u64,
    entries: u64,
    latest: Time,
    /// Why nothing behind it can be read.
    damage: Option<String>,
}

/// One thing that was lost.
#[derive(Debug, Serialize)]
struct Line {
    what: &'static str,
    /// The payment's, the reservation's, the movement's or the record's.
    number: u64,
    at: String,
    user: Option<u64>,
    reservation: Option<u64>,
    schedule: Option<u64>,
    seats: String,
    amount: Option<u64>,
    note: String,
}

impl Line {
    fn new(what: &'static str, number: u64, at: Time) -> Self {
        let (user, reservation, schedule, amount) = (None, None, None, None);
        let (seats, note) = (String::new(), String::new());
        Self { what, number, at: moment(at), user, reservation, schedule, seats, amount, note }
    }
}

const COLUMNS: [&str; 9] = ["what", "number", "at", "user", "reservation", "schedule", "seats", "amount", "note"];

/// Reads what the store in `old` had behind `end`, at which the one in `dir` ends.
pub(super) fn read(old: &Path, dir: &Path, store_id: u64, end: Head) -> anyhow::Result<Lost> {
    let remains = Remains::open(old, store_id, end)
        .with_context(|| format!("nothing of {} can be listed", old.display()))
        .map_err(|error| auditing::with_hint(&Place::Directory(old.to_owned()), error))?;
    let mut engine = engine_at(dir, end)?;
    let issued = issued(&engine);
    let first = engine.mark().counters.next_reservation;
    let (lines, holds) = (Vec::new(), BTreeMap::new());
    let mut lost = Lost { lines, holds, places: 0, entries: 0, latest: Time(end.time_ms), damage: None };
    let mut unread = None;
    let damage = remains.read(|entry| match apply(&mut engine, &entry) {
        Ok(rows) => {
            lost.note(&entry, first, &engine, rows);
            ControlFlow::Continue(())
        }
        Err(error) => {
            unread = Some(error);
            ControlFlow::Break(())
        }
    });
    lost.places = self::issued(&engine) - issued;
    lost.damage = damage.map(|error| error.to_string()).or_else(|| unread.map(|error| format!("{error:#}")));
    Ok(lost)
}

/// The state that the copy has at its end.
fn engine_at(dir: &Path, end: Head) -> anyhow::Result<Engine> {
    let place = Place::Directory(dir.to_owned());
    let journal = Journal::open(&place, &mut |_| ()).context("the copy cannot be read")?;
    let mut engine = audit::begin(&place, &journal, &mut |_| ())?;
    let mut reader = journal.reader()?;
    while engine.mark().seq < end.seq {
        let entries = reader.read_from(engine.mark().seq + 1, Limit::default())?;
        if entries.is_empty() {
            bail!("the copy ends at entry {}", engine.mark().seq);
        }
        for entry in &entries {
            apply(&mut engine, entry)?;
        }
    }
    Ok(engine)
}

fn apply(engine: &mut Engine, entry: &Entry) -> anyhow::Result<Vec<Row>> {
    let batch = Batch::decode(&entry.payload).with_context(|| format!("entry {} cannot be read", entry.seq))?;
    let mut rows = Vec::new();
    engine.apply(entry.seq, Time(entry.time_ms), &batch, &mut rows);
    Ok(rows)
}

/// Places in all queues.
fn issued(engine: &Engine) -> u64 {
    engine.queues().iter().map(|queue| u64::from(queue.issued())).sum()
}

impl Lost {
    /// The time of the last entry that could be read.
    pub(super) fn latest(&self) -> Time {
        self.latest
    }

    fn note(&mut self, entry: &Entry, first: ReservationId, engine: &Engine, rows: Vec<Row>) {
        self.entries += 1;
        self.latest = Time(entry.time_ms);
        for row in rows {
            match row {
                Row::Payment(PaymentRow { id, reservation, user, amount, paid_at }) => {
                    let of = engine.reservation(reservation);
                    let seats = of.map_or_else(String::new, |row| seats(&row.seats));
                    let (user, schedule) = (Some(user.0), of.map(|row| row.schedule.0));
                    let (reservation, amount) = (Some(reservation.0), Some(amount));
                    let line = Line::new("payment", id.0, paid_at);
                    self.lines.push(Line { user, reservation, schedule, seats, amount, ..line });
                }
                Row::Transfer(row) => self.lines.extend(moved(row)),
                // Its transfer came just before it. Who sends the same reference once more is credited or debited once more, as it is lost.
                Row::Adjustment(row) => {
                    if let Some(line) = self.lines.last_mut().filter(|line| line.number == row.transfer.0) {
                        line.note = format!("reference {}", row.reference);
                    }
                }
                Row::Reservation(row) if row.state == State::Held && row.id >= first => {
                    self.holds.insert(row.id, row);
                }
                Row::Reservation(row) => {
                    self.holds.remove(&row.id);
                }
                Row::Lever(LeverRow { id, at, by, action: _, target, before, after }) => {
                    let by = by.name.map_or_else(String::new, |name| format!(" ({name})"));
                    let note = format!("{target}: {before} -> {after}{by}");
                    self.lines.push(Line { note, ..Line::new("lever", id.0, at) });
                }
                _ => {}
            }
        }
    }

    /// Whoever held something when the store was lost.
    fn held(&self) -> impl Iterator<Item = Line> + '_ {
        self.holds.values().map(|row| Line {
            user: Some(row.user.0),
            reservation: Some(row.id.0),
            schedule: Some(row.schedule.0),
            seats: seats(&row.seats),
            amount: Some(row.amount),
            ..Line::new("hold", row.id.0, row.reserved_at)
        })
    }

    pub(super) fn summary(&self) -> String {
        let Self { lines, holds, places, entries, latest, damage } = self;
        let count = |what| lines.iter().filter(|line| line.what == what).count();
        let mut text = format!(
            "of what is lost {entries} entries can be read, the last of {}: {} payments, {} holds, {} charges, {} debits, {places} places in \
             queues, {} levers\n",
            moment(*latest),
            count("payment"),
            holds.len(),
            count("charge"),
            count("debit"),
            count("lever")
        );
        if let Some(damage) = damage {
            text.push_str(&format!("there may have been more: {damage}\n"));
        }
        text
    }

    /// Writes all of it to a file of its own.
    pub(super) fn write(&self, path: &Path, format: ExportFormat) -> anyhow::Result<()> {
        let failed = || format!("{} cannot be written", path.display());
        let file = File::create_new(path).with_context(failed)?;
        let lines: Vec<Line> = self.held().collect();
        let all = self.lines.iter().chain(&lines);
        let written = match format {
            ExportFormat::Csv => as_csv(all, &file),
            ExportFormat::Json => as_json(&all.collect::<Vec<_>>(), &file),
        };
        let written = written.and_then(|()| Ok(file.sync_all()?));
        written.with_context(failed).inspect_err(|_| drop(std::fs::remove_file(path)))
    }
}

/// Money that came in or went out, but for payments.
fn moved(row: TransferRow) -> Option<Line> {
    let TransferRow { id, at, debit, credit, amount, payment } = row;
    if payment.is_some() {
        return None;
    }
    let (what, UserId(user)) = match (debit, credit) {
        (Account::Wallet(user), _) => ("debit", user),
        (_, Account::Wallet(user)) => ("charge", user),
        (Account::Cash | Account::Sales, Account::Cash | Account::Sales) => return None,
    };
    Some(Line { user: Some(user), amount: Some(amount), ..Line::new(what, id.0, at) })
}

fn seats(seats: &[SeatId]) -> String {
    seats.iter().map(SeatId::to_string).collect::<Vec<_>>().join(" ")
}

fn as_csv<'a>(lines: impl Iterator<Item = &'a Line>, file: &File) -> anyhow::Result<()> {
    let mut out = BufWriter::new(file);
    out.write_all(export::BYTE_ORDER_MARK)?;
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    writer.write_record(COLUMNS)?;
    for line in lines {
        let Line { what, number, at, user, reservation, schedule, seats, amount, note } = line;
        let note = export::harmless(note);
        writer.serialize((what, number, at, user, reservation, schedule, seats, amount, note))?;
    }
    Ok(writer.flush()?)
}

fn as_json(lines: &[&Line], file: &File) -> anyhow::Result<()> {
    let mut out = BufWriter::new(file);
    serde_json::to_writer_pretty(&mut out, lines)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
