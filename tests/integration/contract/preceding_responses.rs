//! What a client reads before it sends a recorded change: the object as it was.

use serde_json::{Value, json};

use crate::harness::canned_server::CannedResponse;
use crate::harness::recording::ClientRecording;

/// The answers to the requests that come before the recorded one.
pub(super) fn preceding_responses(recording: &ClientRecording) -> Vec<CannedResponse> {
    let (path, request) = (recording.path(), &recording.json["request"]);
    if path.starts_with("/apis/authorization.openshift.io") && path.ends_with("/rolebindings") {
        return vec![CannedResponse::new(404, "text/plain", "404 page not found")];
    }
    object(path, request)
        .map(|object| CannedResponse::json(200, &object))
        .into_iter()
        .collect()
}

/// The object that a change was made from, as the client read it.
fn object(path: &str, request: &Value) -> Option<Value> {
    let mut object = request["body"].clone();
    let resource = path
        .split('/')
        .nth(if path.contains("/namespaces/") { 6 } else { 4 })?;
    match (request["method"].as_str()?, resource) {
        ("PUT", "groups") => object["users"] = json!([]),
        ("PUT", "users") => object["fullName"] = "before".into(),
        ("PUT", "rolebindings") => {
            object["subjects"] = json!([]);
            let item = object.as_object_mut()?;
            item.remove("kind");
            item.remove("apiVersion");
            object = json!({ "kind": "RoleBindingList", "items": [item] });
        }
        ("PUT", "imagestreams") => {
            object["metadata"]["resourceVersion"] = "999999".into();
            object["spec"]
                .as_object_mut()?
                .remove("dockerImageRepository");
        }
        ("POST", "imagestreamimports") if is_repeated(&object) => object = followed(&object),
        _ => return None,
    }
    Some(object)
}

/// Whether an import is one of what the stream follows anyway: the policies of the tags go along
/// then.
pub(super) fn is_repeated(import: &Value) -> bool {
    let source = |image: &Value| image["referencePolicy"]["type"] == "Source";
    import["spec"]["import"] == true
        && import["spec"]["images"]
            .as_array()
            .is_some_and(|images| images.iter().all(source))
}

/// The stream that follows what an import names.
fn followed(import: &Value) -> Value {
    let images = import["spec"]["images"].as_array().into_iter().flatten();
    let tags: Vec<Value> = images
        .cloned()
        .map(|mut tag| {
            tag["name"] = tag["to"]["name"].take();
            tag
        })
        .collect();
    json!({ "kind": "ImageStream", "metadata": import["metadata"], "spec": { "tags": tags } })
}
