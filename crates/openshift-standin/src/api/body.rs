//! The body of a request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{json_patch, protobuf};
use crate::api::request::ApiRequest;
use crate::cluster::{ClusterError, ClusterErrorReason, NamedResource, ObjectMetadata};

/// The binary form in which `oc` writes objects of the core groups.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// The body as JSON.
pub(super) fn json(request: &ApiRequest) -> Result<Value, ClusterError> {
    let body: Value = if request.content_type.starts_with(PROTOBUF) {
        protobuf::to_json(&request.body)
            .ok_or(ClusterErrorReason::UnsupportedMediaType("application/json"))?
    } else {
        serde_json::from_slice(&request.body).map_err(|error| {
            ClusterErrorReason::BadRequest(format!(
                "couldn't get version/kind; json parse error: {error}"
            ))
        })?
    };
    if !body.is_object() {
        return Err(ClusterErrorReason::BadRequest("the body is not an object".to_owned()).into());
    }
    refuse_path_mismatch(request, &body)?;
    Ok(body)
}

/// Refuses a body whose name or project differs from the path.
fn refuse_path_mismatch(request: &ApiRequest, body: &Value) -> Result<(), ClusterError> {
    let differs = |field: &str, in_path: &str| {
        body["metadata"][field]
            .as_str()
            .is_some_and(|in_body| !in_body.is_empty() && !in_path.is_empty() && in_body != in_path)
    };
    if differs("namespace", &request.project) {
        return Err(ClusterErrorReason::BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
                .to_owned(),
        )
        .into());
    }
    if differs("name", &request.name) {
        let (in_body, in_path) = (name(body), &request.name);
        return Err(ClusterErrorReason::BadRequest(format!(
            "the name of the object ({in_body}) does not match the name on the URL ({in_path})"
        ))
        .into());
    }
    Ok(())
}

/// `current` with the body's JSON patch (RFC 6902) or merge patch (RFC 7386) applied.
pub(super) fn patched(request: &ApiRequest, mut current: Value) -> Result<Value, ClusterError> {
    let kind = request
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if kind == "application/json-patch+json" {
        json_patch::apply(&mut current, &request.body)?;
        refuse_path_mismatch(request, &current)?;
        return Ok(current);
    }
    if !matches!(
        kind,
        "application/merge-patch+json" | "application/strategic-merge-patch+json"
    ) {
        return Err(
            ClusterErrorReason::UnsupportedMediaType("application/merge-patch+json").into(),
        );
    }
    merge(&mut current, json(request)?);
    Ok(current)
}

fn merge(current: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *current = patch;
        return;
    };
    if !current.is_object() {
        *current = Value::Object(serde_json::Map::new());
    }
    let Value::Object(fields) = current else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            fields.remove(&key);
        } else {
            merge(fields.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// `metadata.name`, or empty.
pub(super) fn name(body: &Value) -> &str {
    body["metadata"]["name"].as_str().unwrap_or_default()
}

/// Refuses a body that was made from an older revision of the object than `current`, or from
/// another object of that name.
pub(super) fn refuse_stale(
    body: &Value,
    current: &ObjectMetadata,
    object: NamedResource,
) -> Result<(), ClusterError> {
    let field_of_body = |field: &str| {
        body["metadata"][field]
            .as_str()
            .filter(|value| !value.is_empty())
    };
    let stale = field_of_body("resourceVersion")
        .is_some_and(|version| version != current.resource_version.to_string());
    if stale || field_of_body("uid").is_some_and(|uid| uid != current.uid) {
        Err(ClusterErrorReason::Conflict(object).into())
    } else {
        Ok(())
    }
}

/// A map of strings, such as annotations.
pub(super) fn string_map(value: &Value) -> BTreeMap<String, String> {
    let fields = value.as_object().into_iter().flatten();
    fields
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// A list of strings, such as a group's users.
pub(super) fn string_list(value: &Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn merge_patch_sets_and_removes_fields() {
        let mut current = json!({"a": {"b": 1, "c": 2}, "d": [1]});
        merge(&mut current, json!({"a": {"b": null, "e": 3}, "d": []}));
        assert_eq!(current, json!({"a": {"c": 2, "e": 3}, "d": []}));
    }
}
