//! The API document: what it says is true, and it says everything.

mod document;

use std::collections::BTreeSet;

use openshift_standin::cluster::Version;
use rstest::rstest;
use serde_json::Value;

use crate::harness::World;
use crate::repository::documentation::documented_api_paths;
use crate::web::routes::{addresses, recorded_difference};
pub(crate) use document::ApiContract;

/// Whoever sees little, and whoever sees everything: a missing section is another answer.
const USERS: [&str; 4] = ["outsider", "viewer", "dev", "root"];

/// Answers of all operations, on all addresses that the other tests visit.
#[rstest]
#[tokio::test]
async fn answers_have_the_documented_form(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    world
        .demo
        .cluster()
        .add_user("viewer", "viewer", &["readers"]);
    crate::web::usage::add_workloads(&world);
    world
        .demo
        .cluster()
        .set_stream_quota("team-a", "streams", 40);
    let mut dev = world.signed_in("dev").await;
    crate::web::projects::credentials::make_credential(&mut dev, "robot", "pull", "always").await;
    let contract = ApiContract::read(&world).await;
    let mut paths = addresses(&world).await;
    paths.extend(["/images/team-a", "/users/viewer", "/groups/readers"].map(str::to_owned));
    let (mut mistakes, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for user in USERS {
        let mut browser = world.signed_in(user).await;
        for path in &paths {
            let answer = browser.json(path).await;
            let Some(operation) = contract.operation_of(path).filter(|_| answer.status == 200)
            else {
                continue;
            };
            mistakes.extend(
                contract
                    .mistakes(operation, &answer.json())
                    .into_iter()
                    .map(|mistake| format!("{path}: {mistake}")),
            );
            answered.insert(operation.to_owned());
        }
    }
    let mistakes: Vec<String> = mistakes.into_iter().collect();
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    let unanswered: Vec<&str> = contract
        .operations()
        .map(|(id, _, _)| id)
        .filter(|id| !answered.contains(*id))
        .filter(|id| !UNVISITED.contains(id))
        .collect();
    assert!(unanswered.is_empty(), "{unanswered:?}");
}

/// Operations whose addresses exist only while something goes on, and the document itself.
const UNVISITED: [&str; 2] = ["getJob", "getApiDocument"];

#[tokio::test]
async fn document_is_as_recorded() {
    let world = World::start(Version::V4).await;
    let document = ApiContract::read(&world).await.into_document();
    let text = format!("{document:#}\n");
    assert_eq!(recorded_difference("openapi", &text), None);
}

#[tokio::test]
async fn everybody_may_read_and_keep_the_document() {
    let world = World::start(Version::V4).await;
    let mut browser = world.browser();
    let answer = browser.get("/api/v1/openapi.json").await;
    assert_eq!(answer.status, 200);
    let document = answer.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let page = browser.get("/api").await;
    assert_eq!(page.status, 200);
    let text = page.text.replace("<wbr>", "");
    for path in document["paths"].as_object().unwrap().keys() {
        let path = format!("/api/v1{path}");
        assert!(text.contains(&path), "{path}");
    }
}

/// What the OpenAPI specification requires beyond the form of its objects.
#[tokio::test]
async fn document_is_consistent() {
    let world = World::start(Version::V4).await;
    let contract = ApiContract::read(&world).await;
    let mut ids = BTreeSet::new();
    for (id, path, operation) in contract.operations() {
        assert!(ids.insert(id), "{id} is not unique");
        let declared: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let used: BTreeSet<&str> = path
            .split('{')
            .skip(1)
            .map(|part| part.split('}').next().unwrap())
            .collect();
        assert_eq!(declared, used, "{path}");
    }
    let document = contract.into_document();
    let mut references = BTreeSet::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 100);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

/// A link names an operation and all that its path needs, with values that the answer has.
#[tokio::test]
async fn links_of_answers_lead_to_operations() {
    let world = World::start(Version::V4).await;
    let document = ApiContract::read(&world).await.into_document();
    let operations: Vec<&Value> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .collect();
    let mut count = 0;
    for operation in &operations {
        let answers = operation["responses"].as_object().unwrap();
        for answer in answers.values() {
            let links = answer["links"].as_object().into_iter().flatten();
            for (name, link) in links {
                let target = operations
                    .iter()
                    .find(|target| target["operationId"] == link["operationId"]);
                let target = target.unwrap_or_else(|| panic!("{name}: no such operation"));
                let given = link["parameters"].as_object().unwrap();
                for parameter in target["parameters"].as_array().into_iter().flatten() {
                    let is_given = given.contains_key(parameter["name"].as_str().unwrap());
                    assert!(is_given || parameter["required"] == false, "{parameter}");
                }
                let schema = &answer["content"]["application/json"]["schema"];
                for value in given.values() {
                    assert!(
                        is_known(&document, operation, schema, value.as_str().unwrap()),
                        "{name}: {value}"
                    );
                }
                count += 1;
            }
        }
    }
    assert!(count > 15, "{count}");
}

/// Whether a runtime expression leads to a member of the answer, or to a parameter of the path.
fn is_known(document: &Value, operation: &Value, schema: &Value, expression: &str) -> bool {
    if let Some(name) = expression.strip_prefix("$request.path.") {
        let mut parameters = operation["parameters"].as_array().unwrap().iter();
        return parameters.any(|parameter| parameter["name"] == name && parameter["in"] == "path");
    }
    let pointer = expression.strip_prefix("$response.body#/").unwrap();
    has_member(document, schema, &pointer.split('/').collect::<Vec<_>>())
}

fn has_member(document: &Value, schema: &Value, path: &[&str]) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.strip_prefix('#').unwrap());
        return has_member(document, schema.unwrap(), path);
    }
    let Some((first, rest)) = path.split_first() else {
        return true;
    };
    let parts = ["allOf", "oneOf", "anyOf"].map(|keyword| schema[keyword].as_array());
    let mut parts = parts.into_iter().flatten().flatten();
    parts.any(|part| has_member(document, part, path))
        || schema["properties"]
            .get(first)
            .is_some_and(|member| has_member(document, member, rest))
        || first.parse::<usize>().is_ok()
            && schema
                .get("items")
                .is_some_and(|item| has_member(document, item, rest))
}

/// Both ways: the table says what there is, the document says what it is.
#[tokio::test]
async fn table_in_the_documentation_has_the_paths_of_the_document() {
    let world = World::start(Version::V4).await;
    let contract = ApiContract::read(&world).await;
    let in_document: BTreeSet<String> = contract
        .operations()
        .map(|(_, path, _)| format!("/api/v1{path}"))
        .collect();
    let in_table: BTreeSet<String> = documented_api_paths().into_iter().collect();
    assert_eq!(in_table, in_document);
}

fn collect_references(value: &Value, references: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            references.extend(reference.map(str::to_owned));
            members
                .values()
                .for_each(|member| collect_references(member, references));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, references)),
        _ => {}
    }
}
