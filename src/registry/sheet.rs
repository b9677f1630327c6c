//! A list of permitted sources as it comes from a spreadsheet: CSV (RFC 4180) in UTF-8, with or
//! without a byte order mark, with a header that names its columns.
//!
//! Says of each line whether it can be read; what its values may be is the model's business.
//! Start with [`read`].

use csv::{ByteRecord, ReaderBuilder};

use crate::kernel::fault::Faults;

/// Largest file that is read, in bytes.
pub const MOST_BYTES: u64 = 32 * 1024 * 1024;

/// Longest line that can be one source, in bytes.
const LONGEST_LINE: usize = 16 * 1024;

/// The columns that a header may name; the first one is needed.
const COLUMNS: [&str; 4] = ["name", "category", "region", "homepage_url"];

/// A line with a source. Values that are blank or have no column are empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Counted from 1, the header included, as editors count.
    pub line: u64,
    pub name: String,
    pub category: String,
    pub region: String,
    pub homepage_url: String,
}

/// Reads a file: the lines that can be read, and a fault for each one that cannot.
pub fn read(bytes: &[u8]) -> (Vec<Row>, Faults) {
    let (mut rows, mut faults) = (Vec::new(), Faults::default());
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.len() as u64 > MOST_BYTES {
        let detail = format!("is larger than {MOST_BYTES} bytes");
        faults.push("the file", "too_large", detail);
        return (rows, faults);
    }
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        faults.push("the file", "encoding", "is UTF-16; save it as UTF-8");
        return (rows, faults);
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let mut record = ByteRecord::new();
    let mut columns: Option<Vec<usize>> = None;
    loop {
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                faults.push("the file", "csv", error.to_string());
                break;
            }
        }
        let line = line_of(text, &record);
        match &columns {
            None => match header(&record, line, &mut faults) {
                Some(found) => columns = Some(found),
                None => return (rows, faults),
            },
            Some(columns) => rows.extend(row(&record, line, columns, &mut faults)),
        }
    }
    if columns.is_none() && faults.is_empty() {
        faults.push("the file", "empty", "is empty; a header is expected first");
    }
    (rows, faults)
}

/// The line on which a record begins. The reader counts blank lines before it to it.
fn line_of(text: &[u8], record: &ByteRecord) -> u64 {
    let Some(position) = record.position() else {
        return 1;
    };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let blank = text.get(from..).unwrap_or_default().iter();
    let blank = blank.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}

/// Which of [`COLUMNS`] each value stands in, by the header.
fn header(record: &ByteRecord, line: u64, faults: &mut Faults) -> Option<Vec<usize>> {
    let at = format!("line {line}");
    let Some(names) = record
        .iter()
        .map(|name| std::str::from_utf8(name).ok())
        .collect::<Option<Vec<_>>>()
    else {
        faults.push(at, "encoding", "the header is not UTF-8");
        return None;
    };
    if let [one] = names.as_slice()
        && let Some(mark) = [';', '\t'].into_iter().find(|mark| one.contains(*mark))
    {
        let mark = if mark == ';' { "semicolons" } else { "tabs" };
        let detail = format!("the columns are separated by {mark}; commas are expected");
        faults.push(at, "separator", detail);
        return None;
    }
    let mut found = Vec::new();
    let mut sound = true;
    for name in names {
        let name = name.trim().to_ascii_lowercase();
        match COLUMNS.iter().position(|known| *known == name) {
            Some(column) if found.contains(&column) => {
                faults.push(
                    &at,
                    "duplicate",
                    format!("the column {name} stands there twice"),
                );
                sound = false;
            }
            Some(column) => found.push(column),
            None => {
                let shown: String = name.chars().take(60).collect();
                let known = COLUMNS.join(", ");
                let detail = format!("there is no column {shown:?}; known are: {known}");
                faults.push(&at, "unknown_column", detail);
                sound = false;
            }
        }
    }
    if !found.contains(&0) {
        faults.push(at, "required", "the header names no column \"name\"");
        sound = false;
    }
    sound.then_some(found)
}

fn row(record: &ByteRecord, line: u64, columns: &[usize], faults: &mut Faults) -> Option<Row> {
    let at = format!("line {line}");
    let length = record.as_slice().len();
    if length > LONGEST_LINE {
        let detail = format!("is {length} bytes long; at most {LONGEST_LINE} are taken");
        faults.push(at, "length", detail);
        return None;
    }
    if record.len() != columns.len() {
        let (has, wanted) = (record.len(), columns.len());
        let detail = format!("has {has} values where the header has {wanted} columns");
        faults.push(at, "columns", detail);
        return None;
    }
    let mut row = Row {
        line,
        ..Row::default()
    };
    for (value, column) in record.iter().zip(columns) {
        let Ok(value) = std::str::from_utf8(value) else {
            faults.push(at, "encoding", "is not UTF-8");
            return None;
        };
        if value.contains(['\r', '\n']) {
            let detail = "a value goes on over the line's end: is a quotation mark missing?";
            faults.push(at, "line_break", detail);
            return None;
        }
        let place = match column {
            0 => &mut row.name,
            1 => &mut row.category,
            2 => &mut row.region,
            _ => &mut row.homepage_url,
        };
        value.clone_into(place);
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(bytes: &[u8]) -> Vec<(String, &'static str)> {
        let found = read(bytes).1.finish(()).err().unwrap_or_default();
        found
            .into_iter()
            .map(|fault| (fault.pointer, fault.code))
            .collect()
    }

    #[test]
    fn lines_are_read_by_the_names_of_their_columns() {
        let plain = "name,category,region,homepage_url\n海岸通讯社,agency,滨海,https://wire.example.org\n\"Post, Gulf\",,,\n";
        let (rows, faults) = read(plain.as_bytes());
        assert!(faults.is_empty());
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].line, rows[0].name.as_str()), (2, "海岸通讯社"));
        assert_eq!(rows[0].region, "滨海");
        assert_eq!(rows[1].name, "Post, Gulf");
        for same in [
            format!("\u{feff}{plain}"),
            plain.replace('\n', "\r\n"),
            plain.trim_end().to_owned(),
            plain.replace("name,category", " Name , CATEGORY"),
        ] {
            assert_eq!(read(same.as_bytes()).0, rows, "{same:?}");
        }
        let other = "homepage_url,name\nhttps://wire.example.org,Wire\n";
        let (rows, _) = read(other.as_bytes());
        assert_eq!(rows[0].homepage_url, "https://wire.example.org");
        assert_eq!(
            (rows[0].name.as_str(), rows[0].region.as_str()),
            ("Wire", "")
        );
    }

    #[test]
    fn lines_are_counted_as_an_editor_counts_them() {
        for end in ["\n", "\r\n"] {
            let text = ["", "name", "", "", "A", "B", "", "C"].join(end);
            let lines: Vec<u64> = read(text.as_bytes()).0.iter().map(|row| row.line).collect();
            assert_eq!(lines, [5, 6, 8], "{end:?}");
        }
    }

    #[test]
    fn every_fault_of_form_has_its_line() {
        let long = format!("name\nA\n{}\nB\n", "x".repeat(10_000_000));
        let open = format!("name\nA\n\"B\nC\n{}", "D\n".repeat(20_000));
        for (bytes, expected) in [
            (&b""[..], vec![("the file", "empty")]),
            (b"\xef\xbb\xbf", vec![("the file", "empty")]),
            (b"\r\n\r\n", vec![("the file", "empty")]),
            (b"\xff\xfen\0a\0m\0e\0", vec![("the file", "encoding")]),
            // The mark anywhere but at the beginning is a part of a name.
            (
                b"name,\xef\xbb\xbfregion\nA,B\n",
                vec![("line 1", "unknown_column")],
            ),
            (b"name;region\nA;B\n", vec![("line 1", "separator")]),
            (b"name\tregion\nA\tB\n", vec![("line 1", "separator")]),
            (b"region\nA\n", vec![("line 1", "required")]),
            (b"name,name\nA,B\n", vec![("line 1", "duplicate")]),
            (
                b"name,city,lead\nA,B,C\n",
                vec![("line 1", "unknown_column"), ("line 1", "unknown_column")],
            ),
            (b"na\xffme\nA\n", vec![("line 1", "encoding")]),
            // GB 18030, which spreadsheets write where they are not told otherwise.
            (
                b"name,region\nA,B\n\xd0\xc2\xce\xc5,B\nC,\xb1\n",
                vec![("line 3", "encoding"), ("line 4", "encoding")],
            ),
            (
                b"name,region\nA\nB,C,D\nE,F\n",
                vec![("line 2", "columns"), ("line 3", "columns")],
            ),
            (
                b"name,region\n\"A\nB\",C\nD,E\n",
                vec![("line 2", "line_break")],
            ),
            (long.as_bytes(), vec![("line 3", "length")]),
            (open.as_bytes(), vec![("line 3", "length")]),
        ] {
            let found = faults(bytes);
            let found: Vec<_> = found
                .iter()
                .map(|(at, code)| (at.as_str(), *code))
                .collect();
            let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
            assert_eq!(found, expected, "{shown:?}");
        }
        // A faulty line takes none of the others along.
        assert_eq!(read(long.as_bytes()).0.len(), 2);
    }

    #[test]
    fn what_is_too_large_is_not_read() {
        let large = vec![b'\n'; usize::try_from(MOST_BYTES).unwrap() + 1];
        assert_eq!(faults(&large), [("the file".to_owned(), "too_large")]);
    }
}
