//! Lists in CSV (RFC 4180).

use std::collections::HashMap;

use axum::Extension;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use serde_json::value::RawValue;

use super::csv_tables::{ColumnOrigin, CsvColumn, CsvTable};
use crate::app::failure::Failure;
use crate::app::lists::MAX_EXPORT_ROWS;
use crate::web::context::RequestContext;
use crate::web::errors::WebError;
use crate::web::links;
use crate::web::render::ErrorPageRendered;

/// The number of rows that follow the header row.
const ROW_COUNT: HeaderName = HeaderName::from_static("x-row-count");

/// The number of entries of the list: more than rows if the list is longer than the bound.
const TOTAL_COUNT: HeaderName = HeaderName::from_static("x-total-count");

/// Spreadsheets take a cell that begins with one of these as a formula.
const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The value of the parameter `format`, if there is one.
pub(in crate::web) fn requested_format(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "format")
        .map(|(_, value)| value.into_owned())
}

/// Whether a request asks for CSV: with the parameter, or else with `Accept`.
pub(in crate::web) fn is_csv_requested(query: &str, headers: &HeaderMap) -> bool {
    match requested_format(query) {
        Some(format) => format == "csv",
        None => headers
            .get(header::ACCEPT)
            .and_then(|accepted| accepted.to_str().ok())
            .is_some_and(prefers_csv),
    }
}

/// Whether `Accept` names CSV, and JSON not before it.
fn prefers_csv(accepted: &str) -> bool {
    let types = accepted
        .split(',')
        .filter_map(|range| range.split(';').next());
    let mut types = types.map(|essence| essence.trim().to_ascii_lowercase());
    types.find(|essence| matches!(essence.as_str(), "text/csv" | "application/json" | "*/*"))
        == Some("text/csv".to_owned())
}

/// A list as it is sent.
struct CsvList {
    /// The header row, and the rows.
    csv: Vec<u8>,
    /// The number of rows that follow the header row: at most [`MAX_EXPORT_ROWS`].
    rows: usize,
    /// The number of entries of the list.
    total: usize,
}

/// Renders the rows of a list. `json` is the JSON form of its page.
pub(super) fn render(context: &RequestContext, table: &CsvTable, json: &str) -> Response {
    let Ok(list) = CsvList::new(table, json) else {
        return WebError::from(Failure::Internal("a list could not be written as CSV"))
            .into_response();
    };
    (
        Extension(ErrorPageRendered),
        [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
            ),
            (header::CONTENT_DISPOSITION, disposition(&context.path)),
            (ROW_COUNT, HeaderValue::from(list.rows)),
            (TOTAL_COUNT, HeaderValue::from(list.total)),
        ],
        list.csv,
    )
        .into_response()
}

/// The file name, made of the path: `images-team-a.csv`.
fn disposition(path: &str) -> HeaderValue {
    let path = path.split('?').next().unwrap_or_default();
    let name: String = path
        .trim_start_matches(links::API_ROOT)
        .trim_matches('/')
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let disposition = format!("attachment; filename=\"{name}.csv\"");
    HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"))
}

impl CsvList {
    fn new(table: &CsvTable, json: &str) -> Result<Self, csv::Error> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        writer.write_record(table.columns.iter().map(|column| column.name))?;
        let mut rows = Rows {
            table,
            writer,
            written: 0,
            left_out: 0,
        };
        rows.descend(json, table.rows, &[])?;
        let csv = rows
            .writer
            .into_inner()
            .map_err(|error| csv::Error::from(error.into_error()))?;
        let total = match total_entries(json) {
            Some(total) => total.max(rows.written),
            None => rows.written + rows.left_out + further_entries(table, json),
        };
        Ok(Self {
            csv,
            rows: rows.written,
            total,
        })
    }
}

/// The number of entries of a list that has pages.
fn total_entries(json: &str) -> Option<usize> {
    let page: HashMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    let paging: HashMap<String, Value> = serde_json::from_str(page.get("paging")?.get()).ok()?;
    usize::try_from(paging.get("total")?.as_u64()?).ok()
}

/// How many entries of a list without pages are not on the page.
fn further_entries(table: &CsvTable, json: &str) -> usize {
    let further = table.further.and_then(|member| {
        let page: HashMap<String, &RawValue> = serde_json::from_str(json).ok()?;
        page.get(member)?.get().parse().ok()
    });
    further.unwrap_or_default()
}

/// The rows of a table as they are written. One row at a time is a [`Value`].
struct Rows<'t> {
    table: &'t CsvTable,
    writer: csv::Writer<Vec<u8>>,
    written: usize,
    /// How many rows there are beyond the bound.
    left_out: usize,
}

impl Rows<'_> {
    /// Writes the rows that `path` leads to. `enclosing` has the values of the enclosing list's item,
    /// by column.
    fn descend(
        &mut self,
        json: &str,
        path: &[&str],
        enclosing: &[Value],
    ) -> Result<(), csv::Error> {
        if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(json) {
            for item in items {
                if path.is_empty() {
                    self.write_row(item.get(), enclosing)?;
                } else {
                    let values = self.table.columns.iter();
                    let values = values.map(|column| match column.origin {
                        ColumnOrigin::Row => Value::Null,
                        ColumnOrigin::EnclosingList => member(item.get(), column),
                    });
                    let values: Vec<Value> = values.collect();
                    self.descend(item.get(), path, &values)?;
                }
            }
            return Ok(());
        }
        // A section that is missing has no rows.
        let (Some((member, rest)), Ok(members)) = (
            path.split_first(),
            serde_json::from_str::<HashMap<String, &RawValue>>(json),
        ) else {
            return Ok(());
        };
        match members.get(*member) {
            Some(value) => self.descend(value.get(), rest, enclosing),
            None => Ok(()),
        }
    }

    fn write_row(&mut self, row: &str, enclosing: &[Value]) -> Result<(), csv::Error> {
        if self.written == MAX_EXPORT_ROWS {
            self.left_out += 1;
            return Ok(());
        }
        let row: Value = serde_json::from_str(row).unwrap_or_default();
        let columns = self.table.columns.iter().enumerate();
        let cells = columns.map(|(at, column)| match column.origin {
            ColumnOrigin::Row => row.pointer(column.pointer).map(cell),
            ColumnOrigin::EnclosingList => enclosing.get(at).map(cell),
        });
        self.writer
            .write_record(cells.map(Option::unwrap_or_default))?;
        self.written += 1;
        Ok(())
    }
}

/// The value of a column in the item of an enclosing list, which may be large.
fn member(item: &str, column: &CsvColumn) -> Value {
    let find = || {
        let members: HashMap<String, &RawValue> = serde_json::from_str(item).ok()?;
        let (first, rest) = match column.pointer[1..].find('/') {
            Some(end) => column.pointer.split_at(end + 1),
            None => (column.pointer, ""),
        };
        let value: Value = serde_json::from_str(members.get(&first[1..])?.get()).ok()?;
        value.pointer(rest).cloned()
    };
    find().unwrap_or_default()
}

/// A value as a cell. What users chose cannot become a formula.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with(FORMULA_STARTS) => format!("'{text}"),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(cell).collect();
            items.join("; ")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: CsvTable = CsvTable {
        path: "/things",
        rows: &["groups", "rows"],
        columns: &[
            CsvColumn::of_list("host", "/host"),
            CsvColumn::new("name", "/name"),
            CsvColumn::new("tags", "/tags"),
        ],
        further: Some("more"),
    };

    fn csv(body: &Value) -> String {
        String::from_utf8(list(body).csv).unwrap()
    }

    fn list(body: &Value) -> CsvList {
        CsvList::new(&TABLE, &body.to_string()).unwrap()
    }

    fn one(name: &str) -> String {
        let body = json!({ "groups": [{ "host": "h", "rows": [{ "name": name, "tags": [] }] }] });
        csv(&body)
            .trim_end()
            .lines()
            .skip(1)
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn nested_rows_have_the_values_of_their_list() {
        let body = json!({ "groups": [
            { "host": "quay.io", "rows": [{ "name": "a", "tags": ["1", 2] }, { "name": null }] },
            { "host": "docker.io", "rows": [{ "name": true, "tags": null }] },
        ] });
        assert_eq!(
            csv(&body),
            "host,name,tags\r\nquay.io,a,1; 2\r\nquay.io,,\r\ndocker.io,true,\r\n"
        );
    }

    #[test]
    fn rows_are_bounded_and_all_entries_counted() {
        let rows = vec![json!({ "name": "a" }); MAX_EXPORT_ROWS / 2 + 1];
        let group = json!({ "host": "h", "rows": rows });
        let list = list(&json!({ "groups": [group, group], "more": 5 }));
        assert_eq!(
            (list.rows, list.total),
            (MAX_EXPORT_ROWS, MAX_EXPORT_ROWS + 7)
        );
        assert_eq!(list.csv.split(|b| *b == b'\n').count(), MAX_EXPORT_ROWS + 2);
    }

    #[test]
    fn list_that_could_not_be_read_has_only_a_header_row() {
        for body in [
            json!({ "groups": { "missing": {} } }),
            json!({}),
            json!({ "groups": null }),
        ] {
            assert_eq!(csv(&body), "host,name,tags\r\n");
        }
    }

    #[test]
    fn text_is_quoted_and_never_a_formula() {
        for (name, expected) in [
            ("a,b", "h,\"a,b\","),
            ("say \"x\"", "h,\"say \"\"x\"\"\","),
            ("two\nlines", "h,\"two\nlines\","),
            ("=1+1", "h,'=1+1,"),
            ("+1", "h,'+1,"),
            ("-1", "h,'-1,"),
            ("@SUM(A1)", "h,'@SUM(A1),"),
            ("\t=1", "h,'\t=1,"),
            ("a=1", "h,a=1,"),
            ("标签", "h,标签,"),
        ] {
            assert_eq!(one(name), expected, "{name:?}");
        }
        assert!(
            csv(&json!({ "groups": [{ "rows": [{ "name": "\r=1" }] }] })).contains("\"'\r=1\"")
        );
        let items = json!({ "groups": [{ "rows": [{ "tags": ["=1", "=2"] }] }] });
        assert!(csv(&items).contains(",'=1; '=2"));
    }

    #[test]
    fn csv_is_preferred_only_where_it_is_named_first() {
        for accepted in ["text/csv", "Text/CSV; q=1, */*", "text/html, text/csv"] {
            assert!(prefers_csv(accepted), "{accepted}");
        }
        for accepted in ["*/*", "application/json, text/csv", "text/html", ""] {
            assert!(!prefers_csv(accepted), "{accepted}");
        }
    }

    #[test]
    fn file_is_named_after_its_list() {
        let name = |path: &str| disposition(path).to_str().unwrap().to_owned();
        assert_eq!(
            name("/api/v1/images/team-a/api/history?tag=%22"),
            "attachment; filename=\"images-team-a-api-history.csv\""
        );
        assert_eq!(
            name("/api/v1/users/%22x"),
            "attachment; filename=\"users--22x.csv\""
        );
    }
}
