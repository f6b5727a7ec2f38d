//! The CSV form: a header line, then a line for each seat, with its concert and schedule repeated.

mod columns;
mod gather;
#[cfg(test)]
mod tests;

use ::csv::{ReaderBuilder, StringRecord, Trim};

use crate::document::Document;
use crate::problem::Problems;

use columns::Columns;
use gather::Gatherer;

pub(crate) fn read(text: &str) -> Result<Document, Problems> {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(columns::delimiter(text)).flexible(true).trim(Trim::All);
    let mut reader = builder.from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| Problems::one("line 1", error.to_string()))?;
    let columns = Columns::find(header)?;
    let mut gatherer = Gatherer::new(columns);
    let mut record = StringRecord::new();
    let mut lines = Lines { text, byte: 0, line: 1 };
    loop {
        match reader.read_record(&mut record) {
            // What a spreadsheet keeps of a row that was cleared.
            Ok(true) if record.iter().all(str::is_empty) => {}
            Ok(true) => gatherer.add(lines.of(&record), &record),
            Ok(false) => return gatherer.finish(),
            Err(error) => return Err(Problems::one("", error.to_string())),
        }
    }
}

/// Tells the lines of records. A record's own position does not count the empty lines before it.
struct Lines<'t> {
    text: &'t str,
    byte: usize,
    line: u64,
}

impl Lines<'_> {
    fn of(&mut self, record: &StringRecord) -> u64 {
        let bytes = self.text.as_bytes();
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let blank = bytes[start..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let passed = &bytes[self.byte..start + blank];
        self.line += crate::text::lines(passed) as u64;
        self.byte = start + blank;
        self.line
    }
}
