//! JSON patches (RFC 6902): `add`, `remove`, `replace` and `test`, which `oc patch --type=json` sends
//! for the commands of the console. There is no `copy` and no `move`.

use serde_json::Value;

use crate::cluster::{ClusterError, ClusterErrorReason};

/// Applies the operations of `patch` in order.
///
/// # Errors
///
/// An operation is unknown, its place does not exist, or its `test` fails.
pub(super) fn apply(current: &mut Value, patch: &[u8]) -> Result<(), ClusterError> {
    let operations: Vec<Value> = serde_json::from_slice(patch)
        .map_err(|error| ClusterErrorReason::BadRequest(error.to_string()))?;
    for operation in &operations {
        // The real API server answers 422 with the same message.
        apply_operation(current, operation).ok_or(ClusterErrorReason::PatchFailed)?;
    }
    Ok(())
}

fn apply_operation(current: &mut Value, operation: &Value) -> Option<()> {
    let path = operation["path"].as_str()?;
    let value = || operation.get("value").cloned();
    match operation["op"].as_str()? {
        "test" => (current.pointer(path)? == operation.get("value")?).then_some(()),
        "replace" => {
            *current.pointer_mut(path)? = value()?;
            Some(())
        }
        "add" => {
            let (parent, key) = split(current, path)?;
            match parent {
                Value::Object(fields) => {
                    fields.insert(key, value()?);
                }
                Value::Array(items) => {
                    let at = if key == "-" {
                        items.len()
                    } else {
                        key.parse().ok()?
                    };
                    if at > items.len() {
                        return None;
                    }
                    items.insert(at, value()?);
                }
                _ => return None,
            }
            Some(())
        }
        "remove" => match split(current, path)? {
            (Value::Object(fields), key) => fields.remove(&key).map(drop),
            (Value::Array(items), key) => {
                let at: usize = key.parse().ok()?;
                (at < items.len()).then(|| drop(items.remove(at)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The object or list that contains what `path` names, and its key or place there.
fn split<'v>(current: &'v mut Value, path: &str) -> Option<(&'v mut Value, String)> {
    let (parent, key) = path.rsplit_once('/')?;
    let key = key.replace("~1", "/").replace("~0", "~");
    Some((current.pointer_mut(parent)?, key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(patch: &Value) -> Option<Value> {
        let mut current = json!({"uris": ["a", "b"], "labels": {"x/y": "1"}});
        apply(&mut current, patch.to_string().as_bytes())
            .ok()
            .map(|()| current)
    }

    #[test]
    fn operations_change_only_their_place() {
        let patch = json!([
            {"op": "test", "path": "/uris/1", "value": "b"},
            {"op": "replace", "path": "/uris/1", "value": "c"},
            {"op": "add", "path": "/uris/-", "value": "d"},
            {"op": "add", "path": "/uris/0", "value": "z"},
            {"op": "remove", "path": "/uris/1"},
            {"op": "remove", "path": "/labels/x~1y"},
            {"op": "add", "path": "/labels/n", "value": "2"},
        ]);
        assert_eq!(
            patched(&patch),
            Some(json!({"uris": ["z", "c", "d"], "labels": {"n": "2"}}))
        );
    }

    #[test]
    fn failing_operation_is_refused() {
        for operation in [
            json!({"op": "test", "path": "/uris/0", "value": "b"}),
            json!({"op": "replace", "path": "/uris/2", "value": "b"}),
            json!({"op": "add", "path": "/uris/3", "value": "b"}),
            json!({"op": "remove", "path": "/missing"}),
            json!({"op": "move", "path": "/uris/0", "from": "/uris/1"}),
        ] {
            assert_eq!(patched(&json!([operation])), None, "{operation}");
        }
    }
}
