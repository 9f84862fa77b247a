//! Recorded answers with one field missing, `null`, of another type, or unknown: each is read, or
//! refused in words.

use std::collections::BTreeSet;

use registry_console::openshift::ApiServer;
use registry_console::outbound::{UpstreamName, UserToken};
use serde_json::{Value, json};

use super::{canned_responses, is_sent_by_clients, replay_api_request};
use crate::harness::canned_server::{CannedResponse, CannedServer};
use crate::harness::recording::ClientRecording;

/// What is done to a field.
const MUTATIONS: [&str; 4] = ["removed", "nulled", "retyped", "extended"];

/// The places in an answer, each as a JSON pointer and as a path in which items of lists are alike.
fn json_pointers(value: &Value, pointer: &str, path: &str, found: &mut Vec<(String, String)>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let (pointer, path) = (
                    format!("{pointer}/{}", escaped(key)),
                    format!("{path}.{key}"),
                );
                found.push((pointer.clone(), path.clone()));
                json_pointers(value, &pointer, &path, found);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                let (pointer, path) = (format!("{pointer}/{number}"), format!("{path}[]"));
                found.push((pointer.clone(), path.clone()));
                json_pointers(item, &pointer, &path, found);
            }
        }
        _ => {}
    }
}

fn mutate(body: &Value, pointer: &str, change: &str) -> Value {
    let mut body = body.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    let parent = body.pointer_mut(parent).unwrap();
    let place = match parent {
        Value::Object(fields) if change == "removed" => {
            return {
                fields.remove(&key);
                body
            };
        }
        Value::Array(items) if change == "removed" => {
            return {
                items.remove(key.parse().unwrap());
                body
            };
        }
        Value::Object(fields) => &mut fields[key.as_str()],
        Value::Array(items) => &mut items[key.parse::<usize>().unwrap()],
        other => panic!("{other} has no fields"),
    };
    match (change, &mut *place) {
        ("nulled", place) => *place = Value::Null,
        ("extended", Value::Object(fields)) => {
            drop(fields.insert("notKnownYet".to_owned(), json!({ "kind": [null, 1.5] })))
        }
        (_, place @ Value::String(_)) => *place = json!([1]),
        (_, place @ (Value::Number(_) | Value::Bool(_) | Value::Array(_))) => {
            *place = json!("text")
        }
        (_, place) => *place = json!([{ "kind": "Unknown" }]),
    }
    body
}

#[tokio::test]
async fn mutated_response_is_read_or_rejected_with_a_message() {
    let stub = CannedServer::start().await;
    let (api_server, token) = (
        ApiServer::new(stub.upstream(UpstreamName::ApiServer)),
        UserToken::from("TOKEN-new"),
    );
    let mut tried = BTreeSet::new();
    for recording in ClientRecording::all()
        .iter()
        .filter(|recording| is_sent_by_clients(recording) && is_decoded(recording))
    {
        let body = &recording.json["response"]["body"];
        let mut found = Vec::new();
        json_pointers(body, "", "", &mut found);
        for (pointer, path) in &found {
            for change in MUTATIONS {
                if !tried.insert((body["kind"].to_string(), path.clone(), change)) {
                    continue;
                }
                let (earlier, mut answers) = canned_responses(recording);
                answers[earlier] = CannedResponse {
                    body: mutate(body, pointer, change).to_string().into(),
                    ..recording.canned_response()
                };
                stub.enqueue(answers);
                if let Err(refusal) = replay_api_request(&api_server, &token, recording).await {
                    assert!(
                        refusal.chars().any(char::is_alphanumeric),
                        "{}: {path} {change}",
                        recording.title()
                    );
                }
            }
        }
    }
    assert!(tried.len() > 1_000, "only {} changes", tried.len());
}

/// Whether the client reads more than the status of the answer. A review is compared with the
/// recorded one, so it is not changed here.
fn is_decoded(recording: &ClientRecording) -> bool {
    let path = recording.path();
    let of_api = !recording.is_registry()
        && !path.contains("oauth/")
        && !path.contains("well-known")
        && !path.contains("watch=");
    of_api && !path.contains("accessreviews") && recording.json["response"]["body"].is_object()
}
