//! The body of a request.

use std::collections::BTreeMap;

use serde_json::Value;

use super::protobuf;
use crate::api::request::ApiRequest;
use crate::cluster::{ClusterError, ClusterErrorReason, NamedResource, ObjectMetadata};

/// The binary form in which `oc` writes objects of the core groups.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";

/// The body as JSON.
pub(super) fn json(asked: &ApiRequest) -> Result<Value, ClusterError> {
    let body: Value = if asked.content_type.starts_with(PROTOBUF) {
        protobuf::to_json(&asked.body)
            .ok_or(ClusterErrorReason::UnsupportedMediaType("application/json"))?
    } else {
        serde_json::from_slice(&asked.body).map_err(|error| {
            ClusterErrorReason::BadRequest(format!(
                "couldn't get version/kind; json parse error: {error}"
            ))
        })?
    };
    if !body.is_object() {
        return Err(ClusterErrorReason::BadRequest("the body is not an object".to_owned()).into());
    }
    refuse_path_mismatch(asked, &body)?;
    Ok(body)
}

/// Refuses a body whose name or project differs from the path.
fn refuse_path_mismatch(asked: &ApiRequest, body: &Value) -> Result<(), ClusterError> {
    let other = |field: &str, asked: &str| {
        body["metadata"][field]
            .as_str()
            .is_some_and(|said| !said.is_empty() && !asked.is_empty() && said != asked)
    };
    if other("namespace", &asked.project) {
        return Err(ClusterErrorReason::BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request"
                .to_owned(),
        )
        .into());
    }
    if other("name", &asked.name) {
        let (said, asked) = (name(body), &asked.name);
        return Err(ClusterErrorReason::BadRequest(format!(
            "the name of the object ({said}) does not match the name on the URL ({asked})"
        ))
        .into());
    }
    Ok(())
}

/// `current` with the body's merge patch (RFC 7386) applied.
pub(super) fn patched(asked: &ApiRequest, mut current: Value) -> Result<Value, ClusterError> {
    let kind = asked
        .content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if !matches!(
        kind,
        "application/merge-patch+json" | "application/strategic-merge-patch+json"
    ) {
        return Err(
            ClusterErrorReason::UnsupportedMediaType("application/merge-patch+json").into(),
        );
    }
    merge(&mut current, json(asked)?);
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
    let said = |field: &str| {
        body["metadata"][field]
            .as_str()
            .filter(|said| !said.is_empty())
    };
    let stale =
        said("resourceVersion").is_some_and(|said| said != current.resource_version.to_string());
    if stale || said("uid").is_some_and(|said| said != current.uid) {
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
