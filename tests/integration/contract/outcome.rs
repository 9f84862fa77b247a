//! What a client made of an answer, in words that can be compared with the recording.

use registry_console::{openshift, registry};
use serde_json::Value;

use crate::harness::recording::ClientRecording;

/// What was decoded (`None`: the client reads nothing of the answer but its status), or the status
/// of a refusal with its message.
pub(super) type ReplayOutcome = Result<Option<Vec<String>>, String>;

/// The outcome of a request to the API server, with what `facts` finds in the decoded value.
pub(super) fn with_facts<T>(
    result: Result<T, openshift::ApiError>,
    facts: impl FnOnce(T) -> Vec<String>,
) -> ReplayOutcome {
    result.map(|value| Some(facts(value))).map_err(refusal)
}

/// The outcome of a request to the API server of which only the success is read.
pub(super) fn from_api_result<T>(result: Result<T, openshift::ApiError>) -> ReplayOutcome {
    result.map(|_| None).map_err(refusal)
}

fn refusal(error: openshift::ApiError) -> String {
    use openshift::ApiError as E;
    match error {
        E::TokenRefused => "401".to_owned(),
        E::Forbidden(status) if status.reason == "Forbidden" => format!("403: {}", status.message),
        E::NotFound => "404".to_owned(),
        E::NotServed => "404, not served".to_owned(),
        E::Conflict(status) => format!("409: {}", status.message),
        E::Invalid(status) => format!("422: {}", status.message),
        E::Unexpected { status, .. } if !status.is_success() => status.as_u16().to_string(),
        other => format!("{other:?}"),
    }
}

pub(super) fn from_registry_result<T>(result: Result<T, registry::RegistryError>) -> ReplayOutcome {
    use registry::RegistryError as E;
    result.map(|_| None).map_err(|error| match error {
        E::Denied => "401".to_owned(),
        E::NotFound => "404".to_owned(),
        E::AccessCheckFailed => "400".to_owned(),
        other => format!("{other:?}"),
    })
}

/// How many bytes of a message are kept. Of the recorded messages only one is longer, and it is
/// ASCII.
const MAX_MESSAGE_BYTES: usize = 4096;

/// What a client must make of a recording.
pub(super) fn expected(recording: &ClientRecording) -> ReplayOutcome {
    let body = &recording.json["response"]["body"];
    let message = body["message"].as_str().unwrap_or_default();
    let cut = message
        .get(..MAX_MESSAGE_BYTES)
        .map(|kept| format!("{kept}…"));
    let message = cut.as_deref().unwrap_or(message);
    Err(match recording.status() {
        200..=299 => return Ok(Some(facts(body))),
        404 if is_of_no_api(body) => "404, not served".to_owned(),
        // A removal that was overtaken is a conflict, whatever its status.
        500 if message.starts_with("cannot remove tag from image stream") => {
            format!("409: {message}")
        }
        status @ (403 | 409 | 422) if !recording.is_registry() => format!("{status}: {message}"),
        status => status.to_string(),
    })
}

/// The API server serves no such path; any other 404 is about one object.
fn is_of_no_api(body: &Value) -> bool {
    body.is_string() || body["message"] == "the server could not find the requested resource"
}

/// What must be found in an object of the API: names of objects, tags with how many images they
/// have, images with layers, results of imports.
fn facts(body: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of_item = |item: &Value| {
        if item["status"]["dockerImageRepository"].is_string() {
            stream(item)
        } else {
            text(&item["metadata"]["name"])
        }
    };
    match body["kind"].as_str().unwrap_or_default() {
        "ImageStreamImport" => imported(body),
        "ImageStreamTag" | "ImageStreamImage" => vec![text(&body["image"]["metadata"]["name"])],
        "ImageStreamLayers" => body["images"]
            .as_object()
            .into_iter()
            .flat_map(serde_json::Map::keys)
            .cloned()
            .collect(),
        "UserIdentityMapping" => vec![text(&body["user"]["name"])],
        "Secret" => vec![text(&body["data"]["token"])],
        "TokenRequest" => vec![text(&body["status"]["token"])],
        _ if body["items"].is_array() => body["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(of_item)
            .collect(),
        _ => vec![of_item(body)],
    }
}

/// An image stream as `name tag=images tag=images`, in the order of the names.
fn stream(stream: &Value) -> String {
    let tags = stream["status"]["tags"].as_array().into_iter().flatten();
    let mut tags: Vec<String> = tags
        .map(|tag| {
            format!(
                "{}={}",
                tag["tag"].as_str().unwrap(),
                tag["items"].as_array().map_or(0, Vec::len)
            )
        })
        .collect();
    tags.sort();
    format!(
        "{} {}",
        stream["metadata"]["name"].as_str().unwrap(),
        tags.join(" ")
    )
}

fn imported(body: &Value) -> Vec<String> {
    let result = |tag: &Value, image: &Value| {
        let status = &image["status"];
        let what = if status["status"] == "Failure" {
            &status["reason"]
        } else {
            &image["image"]["metadata"]["name"]
        };
        format!(
            "{} {}",
            tag.as_str().unwrap_or_default(),
            what.as_str().unwrap_or_default()
        )
    };
    let wanted = body["spec"]["images"].as_array().into_iter().flatten();
    let images = body["status"]["images"].as_array().into_iter().flatten();
    let mut results: Vec<String> = wanted
        .zip(images)
        .map(|(wanted, image)| result(&wanted["to"]["name"], image))
        .collect();
    let repository = &body["status"]["repository"];
    if repository["status"]["status"] == "Failure" {
        results.push(result(&Value::Null, repository));
    }
    results.extend(
        repository["images"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|image| result(&image["tag"], image)),
    );
    let more = repository["additionalTags"]
        .as_array()
        .into_iter()
        .flatten();
    results.extend(more.map(|tag| format!("{} not looked at", tag.as_str().unwrap())));
    results
}
