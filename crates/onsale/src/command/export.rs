//! `onsale export`.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use onsale_tables::Place;
use onsale_tables::audit::Audit;
use onsale_tables::report::{Cell, Reader, View};
use serde_json::{Map, Value};

use crate::cli::{Export, ExportFormat, Table};

pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) fn run(arguments: &Export) -> anyhow::Result<ExitCode> {
    let place = super::place::of(&arguments.of, &arguments.authority)?;
    export(arguments, &place).map_err(|error| match &place {
        Place::Directory(directory) => super::data::read_only_hint(directory, error),
        Place::Postgres(_) => error,
    })
}

fn export(arguments: &Export, place: &Place) -> anyhow::Result<ExitCode> {
    let reader = Reader::of(place).context("the tables cannot be read")?;
    let view = view(arguments.table);
    let before = seq(place)?;
    let form = Form { format: arguments.format, mark: has_mark(arguments) };
    let count = match &arguments.output {
        Some(path) => to_file(&reader, view, form, path)?,
        None => match write(&reader, view, form, io::stdout().lock()) {
            Err(error) if is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
            result => result?,
        },
    };
    let after = seq(place)?;
    let moment = if before == after { format!("entry {before}") } else { format!("an entry from {before} to {after}") };
    let lines = if count == 1 { "line" } else { "lines" };
    eprintln!("{count} {lines}, as of {moment} of the journal");
    Ok(ExitCode::SUCCESS)
}

/// How it is written.
#[derive(Clone, Copy)]
struct Form {
    format: ExportFormat,
    /// Whether a byte order mark goes before it, by which Excel knows UTF-8.
    mark: bool,
}

/// A file is for a spreadsheet, a stream for the next program.
fn has_mark(arguments: &Export) -> bool {
    match arguments.format {
        ExportFormat::Json => false,
        ExportFormat::Csv => arguments.bom || (arguments.output.is_some() && !arguments.no_bom),
    }
}

fn view(table: Table) -> View {
    match table {
        Table::Reservations => View::Reservations,
        Table::Payments => View::Payments,
        Table::Ledger => View::Ledger,
        Table::Adjustments => View::Adjustments,
        Table::Tickets => View::Tickets,
        Table::Levers => View::Levers,
        Table::News => View::News,
    }
}

/// The entry that the tables are at; a running server takes them further while they are read.
fn seq(place: &Place) -> anyhow::Result<u64> {
    Ok(Audit::of(place).context("the tables cannot be read")?.seq())
}

/// A file that could not be written whole is taken away again.
fn to_file(reader: &Reader, view: View, form: Form, path: &Path) -> anyhow::Result<u64> {
    let failed = || format!("{} cannot be written", path.display());
    let file = File::create_new(path).with_context(failed)?;
    let written = write(reader, view, form, &file).and_then(|count| {
        file.sync_all()?;
        Ok(count)
    });
    written.with_context(failed).inspect_err(|_| drop(std::fs::remove_file(path)))
}

fn write(reader: &Reader, view: View, form: Form, out: impl Write) -> anyhow::Result<u64> {
    let columns = reader.columns(view)?;
    let mut out = BufWriter::new(out);
    if form.mark {
        out.write_all(BYTE_ORDER_MARK)?;
    }
    let count = match form.format {
        ExportFormat::Csv => as_csv(reader, view, &columns, &mut out)?,
        ExportFormat::Json => as_json(reader, view, &columns, &mut out)?,
    };
    out.flush()?;
    Ok(count)
}

fn as_csv(reader: &Reader, view: View, columns: &[String], out: &mut impl Write) -> anyhow::Result<u64> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(columns).map_err(io_error)?;
    let count = reader.read(view, &mut |cells| {
        for cell in cells {
            let field = match cell {
                Cell::Null => String::new(),
                Cell::Integer(value) => value.to_string(),
                Cell::Text(text) => harmless(text).into_owned(),
            };
            writer.write_field(field).map_err(io_error)?;
        }
        Ok(writer.write_record(None::<&[u8]>).map_err(io_error)?)
    })?;
    writer.flush()?;
    Ok(count)
}

/// The text in a form that no spreadsheet takes for a formula: titles, names and messages are other people's words. An
/// apostrophe goes before what may be one, in the wide letters of East Asia too.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    const BEGIN_FORMULAS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
    let begins = text.starts_with(['\t', '\r', '\n']) || text.trim_start().starts_with(BEGIN_FORMULAS);
    if begins { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn as_json(reader: &Reader, view: View, columns: &[String], out: &mut impl Write) -> anyhow::Result<u64> {
    let mut separator = "[\n";
    let count = reader.read(view, &mut |cells| {
        let values = cells.iter().map(|cell| match cell {
            Cell::Null => Value::Null,
            Cell::Integer(value) => (*value).into(),
            Cell::Text(text) => (*text).into(),
        });
        let object: Map<_, _> = columns.iter().cloned().zip(values).collect();
        out.write_all(separator.as_bytes())?;
        separator = ",\n";
        Ok(serde_json::to_writer(&mut *out, &object).map_err(io::Error::from)?)
    })?;
    let end = if count == 0 { "[]\n" } else { "\n]\n" };
    out.write_all(end.as_bytes())?;
    Ok(count)
}

/// The failure of the writer below, which `csv` hides.
fn io_error(error: csv::Error) -> io::Error {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::Error::other(text),
    }
}

pub(super) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for text in
            ["=1+1", "+cmd|calc", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "\u{a0}=1", "＝1+1", "＠SUM(1)"]
        {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "첫눈", "1 = 1", "'=1", "2027-05-01T19:00:00Z", "A-1", "1 2 3"] {
            assert_eq!(harmless(text), text);
        }
    }
}
