//! The document that the console sends, and the schemas in it.

use std::collections::BTreeMap;

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use crate::harness::World;

/// Where a schema describes a whole value, so that it must name each of its members. Elsewhere, as
/// in `allOf`, it describes a part.
const WHOLE_VALUES: [&str; 2] = ["items", "additionalProperties"];

/// The document, and the schemas of the answers in it.
pub(crate) struct ApiContract {
    document: Value,
    /// By operation. None of them allows a member that the document does not name.
    validators: BTreeMap<String, Validator>,
}

impl ApiContract {
    pub(crate) async fn read(world: &World) -> Self {
        let answer = world.browser().get("/api/v1/openapi.json").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let document = answer.json();
        let mut schemas = document["components"]["schemas"].clone();
        for schema in schemas.as_object_mut().unwrap().values_mut() {
            close(schema);
        }
        let validators = reads(&document)
            .map(|(id, _, operation)| (id.to_owned(), validator(operation, &schemas)))
            .collect();
        Self {
            document,
            validators,
        }
    }

    pub(crate) fn into_document(self) -> Value {
        self.document
    }

    /// All operations that read: ID, path, and what the document says.
    pub(crate) fn operations(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        reads(&self.document)
    }

    /// The operation that an address below `/api/v1` belongs to.
    pub(crate) fn operation_of(&self, address: &str) -> Option<&str> {
        let path = address.split('?').next().unwrap();
        // The most specific template is the one with the fewest parameters.
        self.operations()
            .filter(|(_, template, _)| fits(template, path))
            .min_by_key(|(_, template, _)| template.matches('{').count())
            .map(|(id, _, _)| id)
    }

    /// Where an answer of an operation does not have the documented form.
    pub(crate) fn mistakes(&self, operation: &str, answer: &Value) -> Vec<String> {
        let errors = self.validators[operation].iter_errors(answer).map(|error| {
            let what: String = error.to_string().chars().take(300).collect();
            format!("{operation}: {}: {what}", error.instance_path())
        });
        errors.collect()
    }
}

fn reads(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.filter_map(|(path, item)| {
        let operation = item.get("get")?;
        Some((operation["operationId"].as_str()?, path.as_str(), operation))
    })
}

/// Validates the answers of an operation.
fn validator(operation: &Value, schemas: &Value) -> Validator {
    let mut schema = operation["responses"]["200"]["content"]["application/json"]["schema"].clone();
    close(&mut schema);
    schema["unevaluatedProperties"] = json!(false);
    schema["components"] = json!({ "schemas": schemas });
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// Makes the schemas of all values within this one refuse members that they do not name.
fn close(schema: &mut Value) {
    let Value::Object(members) = schema else {
        return;
    };
    for (keyword, value) in members {
        match value {
            Value::Object(properties) if keyword == "properties" => {
                properties.values_mut().for_each(close_whole);
            }
            Value::Object(_) if WHOLE_VALUES.contains(&keyword.as_str()) => close_whole(value),
            Value::Array(parts) if keyword == "prefixItems" => {
                parts.iter_mut().for_each(close_whole);
            }
            Value::Array(parts) if ["allOf", "oneOf", "anyOf"].contains(&keyword.as_str()) => {
                parts.iter_mut().for_each(close);
            }
            _ => {}
        }
    }
}

fn close_whole(schema: &mut Value) {
    close(schema);
    // A schema without any keyword allows every value, and says so in the document.
    if schema.as_object().is_some_and(|schema| !schema.is_empty()) {
        schema["unevaluatedProperties"] = json!(false);
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(template, segment)| {
            if template == "{stream}" {
                !segment.contains([':', '@'])
            } else if template == "{stream}:{tag}" {
                segment.contains(':') && !segment.contains('@')
            } else if template == "{stream}@{digest}" {
                segment.contains('@')
            } else {
                template.starts_with('{') || template == segment
            }
        })
}
