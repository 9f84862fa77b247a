//! Recorded answers with one field missing, `null`, of another type, or unknown: each is read, or
//! refused in words.

use std::collections::BTreeSet;

use registry_console::openshift::Master;
use registry_console::outbound::{Name, UserToken};
use serde_json::{Value, json};

use super::{answers, ask_api, is_asked};
use crate::recording::Recording;
use crate::stub::{Stub, Told};

/// What is done to a field.
const CHANGES: [&str; 4] = ["removed", "nulled", "retyped", "extended"];

/// The places in an answer, each as a JSON pointer and as a path in which items of lists are alike.
fn places(value: &Value, pointer: &str, path: &str, found: &mut Vec<(String, String)>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let (pointer, path) = (
                    format!("{pointer}/{}", escaped(key)),
                    format!("{path}.{key}"),
                );
                found.push((pointer.clone(), path.clone()));
                places(value, &pointer, &path, found);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                let (pointer, path) = (format!("{pointer}/{number}"), format!("{path}[]"));
                found.push((pointer.clone(), path.clone()));
                places(item, &pointer, &path, found);
            }
        }
        _ => {}
    }
}

fn changed(body: &Value, pointer: &str, change: &str) -> Value {
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
async fn an_answer_with_a_field_missing_null_or_of_another_type_is_read_or_refused_in_words() {
    let stub = Stub::start().await;
    let (master, token) = (
        Master::new(stub.upstream(Name::Master)),
        UserToken::from("TOKEN-new"),
    );
    let mut tried = BTreeSet::new();
    for recording in Recording::all()
        .iter()
        .filter(|recording| is_asked(recording) && is_decoded(recording))
    {
        let body = &recording.json["response"]["body"];
        let mut found = Vec::new();
        places(body, "", "", &mut found);
        for (pointer, path) in &found {
            for change in CHANGES {
                if !tried.insert((body["kind"].to_string(), path.clone(), change)) {
                    continue;
                }
                let (earlier, mut answers) = answers(recording);
                answers[earlier] = Told {
                    body: changed(body, pointer, change).to_string().into(),
                    ..recording.told()
                };
                stub.tell(answers);
                if let Err(refusal) = ask_api(&master, &token, recording).await {
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
fn is_decoded(recording: &Recording) -> bool {
    let path = recording.path();
    let of_api = !recording.of_registry()
        && !path.contains("oauth/")
        && !path.contains("well-known")
        && !path.contains("watch=");
    of_api && !path.contains("accessreviews") && recording.json["response"]["body"].is_object()
}
