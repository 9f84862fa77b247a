//! The shape of JSON: which keys there are and of which kinds, and the few values that say what
//! something is.

use std::collections::BTreeSet;

use serde_json::Value;

/// Maps whose keys are data, not shape.
const OPAQUE_FIELDS: &[&str] = &["annotations", "labels"];
/// Bookkeeping of the server that no client reads.
const IGNORED_FIELD: &str = "managedFields";
/// Keys whose values are part of the shape.
const COMPARED_BY_VALUE: &[&str] = &["kind", "apiVersion", "phase", "type", "code", "change"];

/// What one has and the other lacks.
pub(super) fn differences(recorded: &Value, ours: &Value) -> Vec<String> {
    let (recorded, ours) = (shape(recorded), shape(ours));
    let lacking = recorded
        .difference(&ours)
        .map(|path| format!("lacks {path}"));
    lacking
        .chain(ours.difference(&recorded).map(|path| format!("has {path}")))
        .collect()
}

fn shape(value: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    walk(value, "$", &mut paths);
    paths
}

fn walk(value: &Value, path: &str, paths: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(items) => {
            items
                .iter()
                .for_each(|item| walk(item, &format!("{path}[]"), paths));
            "list"
        }
        Value::Object(fields) => {
            for (key, value) in fields.iter().filter(|(key, _)| *key != IGNORED_FIELD) {
                let path = format!("{path}.{key}");
                if OPAQUE_FIELDS.contains(&key.as_str())
                    && value.as_object().is_some_and(|map| !map.is_empty())
                {
                    paths.insert(format!("{path}: map"));
                    continue;
                }
                if COMPARED_BY_VALUE.contains(&key.as_str()) {
                    paths.insert(format!("{path} = {value}"));
                }
                walk(value, &path, paths);
            }
            if fields.get("code").is_some_and(Value::is_number) {
                paths.insert(format!(
                    "{path}.reason = {}",
                    fields.get("reason").unwrap_or(&Value::Null)
                ));
            }
            "map"
        }
    };
    paths.insert(format!("{path}: {kind}"));
}
