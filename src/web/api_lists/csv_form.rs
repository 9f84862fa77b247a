//! Lists in CSV (RFC 4180).

use std::collections::HashMap;

use axum::Extension;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use serde_json::value::RawValue;

use super::csv_tables::{CsvColumn, CsvTable};
use crate::app::failure::Failure;
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

/// Renders the rows of a list. `json` is the JSON form of its page.
pub(super) fn render(context: &RequestContext, table: &CsvTable, json: &str) -> Response {
    let rendered = write(table, json);
    let Ok((rows, csv)) = rendered else {
        return WebError::from(Failure::Internal("a list could not be written as CSV"))
            .into_response();
    };
    let total = total_entries(json).unwrap_or(rows).max(rows);
    (
        Extension(ErrorPageRendered),
        [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
            ),
            (header::CONTENT_DISPOSITION, disposition(&context.path)),
            (ROW_COUNT, HeaderValue::from(rows)),
            (TOTAL_COUNT, HeaderValue::from(total)),
        ],
        csv,
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

fn total_entries(json: &str) -> Option<usize> {
    let page: HashMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    let paging: HashMap<String, Value> = serde_json::from_str(page.get("paging")?.get()).ok()?;
    usize::try_from(paging.get("total")?.as_u64()?).ok()
}

/// The number of rows, and the header row with them.
fn write(table: &CsvTable, json: &str) -> Result<(usize, Vec<u8>), csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| column.name))?;
    let mut rows = Rows {
        table,
        writer,
        count: 0,
    };
    rows.descend(json, table.rows, &mut Vec::new())?;
    let csv = rows
        .writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    Ok((rows.count, csv))
}

/// The rows of a table as they are written. One row at a time is a [`Value`].
struct Rows<'t> {
    table: &'t CsvTable,
    writer: csv::Writer<Vec<u8>>,
    count: usize,
}

impl Rows<'_> {
    /// Writes the rows that `path` leads to. `ancestors` are the items of the lists on the way.
    fn descend<'j>(
        &mut self,
        json: &'j str,
        path: &[&str],
        ancestors: &mut Vec<&'j str>,
    ) -> Result<(), csv::Error> {
        if let Ok(items) = serde_json::from_str::<Vec<&'j RawValue>>(json) {
            for item in items {
                if path.is_empty() {
                    self.write_row(item.get(), ancestors)?;
                } else {
                    ancestors.push(item.get());
                    self.descend(item.get(), path, ancestors)?;
                    ancestors.pop();
                }
            }
            return Ok(());
        }
        // A section that is missing has no rows.
        let (Some((member, rest)), Ok(members)) = (
            path.split_first(),
            serde_json::from_str::<HashMap<String, &'j RawValue>>(json),
        ) else {
            return Ok(());
        };
        match members.get(*member) {
            Some(value) => self.descend(value.get(), rest, ancestors),
            None => Ok(()),
        }
    }

    fn write_row(&mut self, row: &str, ancestors: &[&str]) -> Result<(), csv::Error> {
        let row: Value = serde_json::from_str(row).unwrap_or_default();
        let cells = self.table.columns.iter().map(|column| {
            let value = match column.level {
                0 => row.pointer(column.pointer).cloned(),
                level => ancestors
                    .len()
                    .checked_sub(level)
                    .and_then(|at| member(ancestors.get(at)?, column)),
            };
            cell(&value.unwrap_or_default())
        });
        self.writer.write_record(cells)?;
        self.count += 1;
        Ok(())
    }
}

/// The value of a column in the item of an enclosing list, which may be large.
fn member(item: &str, column: &CsvColumn) -> Option<Value> {
    let members: HashMap<String, &RawValue> = serde_json::from_str(item).ok()?;
    let (first, rest) = match column.pointer[1..].find('/') {
        Some(end) => column.pointer.split_at(end + 1),
        None => (column.pointer, ""),
    };
    let value: Value = serde_json::from_str(members.get(&first[1..])?.get()).ok()?;
    value.pointer(rest).cloned()
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
    };

    fn csv(body: &Value) -> String {
        String::from_utf8(write(&TABLE, &body.to_string()).unwrap().1).unwrap()
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
