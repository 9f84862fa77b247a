//! The JSON of triggers: those of DeploymentConfigs and BuildConfigs, and the annotation
//! `image.openshift.io/triggers` of other kinds.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::build::WireImageReference;
use crate::openshift::wire::object_meta::null_to_default;
use registry_model::{ImageTrigger, ObjectName, ProjectName, WorkloadImageReference};

/// The longest annotation that is read, and the most triggers that are kept of it. An object can
/// have 256 KiB of annotations.
const MAX_ANNOTATION_BYTES: usize = 64 << 10;
const MAX_TRIGGERS: usize = 100;

/// An item of `spec.triggers`. Other types than `ImageChange` have neither field.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct SpecTrigger {
    /// Of a DeploymentConfig.
    image_change_params: Option<ImageChangeParams>,
    /// Of a BuildConfig.
    image_change: Option<ImageChange>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ImageChangeParams {
    #[serde(deserialize_with = "null_to_default")]
    automatic: bool,
    #[serde(deserialize_with = "null_to_default")]
    container_names: Vec<String>,
    #[serde(deserialize_with = "null_to_default")]
    from: WireImageReference,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ImageChange {
    /// Absent: the image that the build starts from.
    from: Option<WireImageReference>,
    #[serde(deserialize_with = "null_to_default")]
    paused: bool,
}

/// An item of the annotation.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct FieldTrigger {
    #[serde(deserialize_with = "null_to_default")]
    from: WireImageReference,
    /// A JSONPath such as `spec.template.spec.containers[?(@.name=="api")].image`.
    #[serde(deserialize_with = "null_to_default")]
    field_path: String,
    #[serde(deserialize_with = "deserialize_flag")]
    paused: bool,
}

/// A `bool`, or its text: users write the annotation by hand.
fn deserialize_flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Bool(flag) => flag,
        Value::String(text) => text == "true",
        _ => false,
    })
}

impl SpecTrigger {
    /// The trigger for images of a workload in `project`, whose builds start from `from`. `None` for
    /// a trigger of another type, and one without a valid tag.
    pub(super) fn to_model(
        &self,
        from: Option<&WorkloadImageReference>,
        project: &ProjectName,
    ) -> Option<ImageTrigger> {
        if let Some(params) = &self.image_change_params {
            let names = params.container_names.iter();
            return Some(ImageTrigger {
                reference: params.from.to_model(project)?,
                containers: names.filter_map(|name| name.parse().ok()).collect(),
                is_paused: !params.automatic,
            });
        }
        let change = self.image_change.as_ref()?;
        let reference = match &change.from {
            Some(other) if !other.name.is_empty() => other.to_model(project)?,
            _ => from?.clone(),
        };
        Some(ImageTrigger {
            reference,
            containers: Vec::new(),
            is_paused: change.paused,
        })
    }
}

/// The triggers in the annotation of a workload in `project`. None if it cannot be read: then it
/// does nothing either.
pub(super) fn parse_annotation(text: Option<&str>, project: &ProjectName) -> Vec<ImageTrigger> {
    let triggers: Vec<FieldTrigger> = text
        .filter(|text| text.len() <= MAX_ANNOTATION_BYTES)
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let triggers = triggers.iter().take(MAX_TRIGGERS).filter_map(|trigger| {
        Some(ImageTrigger {
            reference: trigger.from.to_model(project)?,
            containers: container_name(&trigger.field_path).into_iter().collect(),
            is_paused: trigger.paused,
        })
    });
    triggers.collect()
}

/// The container in the path of its image. `None` if the path names it by position.
fn container_name(path: &str) -> Option<ObjectName> {
    let (_, rest) = path.split_once("@.name")?;
    let quoted = rest.trim_start_matches([' ', '=']);
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    quoted[1..].split(quote).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Vec<ImageTrigger> {
        parse_annotation(Some(text), &"shop".parse().unwrap())
    }

    #[test]
    fn annotation_names_tag_container_and_pause() {
        let text = r#"[{"from": {"kind": "ImageStreamTag", "name": "api:1.0", "namespace": "base"},
            "fieldPath": "spec.template.spec.containers[?(@.name==\"web\")].image", "paused": "true"},
            {"from": {"kind": "ImageStreamTag", "name": "api:2"},
            "fieldPath": "spec.template.spec.containers[0].image"},
            {"from": {"kind": "Secret", "name": "api:2"}}]"#;
        let found = parse(text);
        let briefs: Vec<_> = found
            .iter()
            .map(|trigger| {
                let names: Vec<_> = trigger.containers.iter().map(ObjectName::as_str).collect();
                (trigger.reference.to_string(), names, trigger.is_paused)
            })
            .collect();
        assert_eq!(
            briefs,
            [
                ("base/api:1.0".to_owned(), vec!["web"], true),
                ("shop/api:2".to_owned(), vec![], false)
            ]
        );
    }

    #[test]
    fn malformed_annotation_has_no_triggers() {
        for text in ["", "{}", "[7]", "null", "[{\"from\": 3}]", &"[".repeat(100)] {
            assert_eq!(parse(text), [], "{text}");
        }
        let long = format!("[{}]", " ".repeat(MAX_ANNOTATION_BYTES));
        assert_eq!(parse(&long), []);
    }

    #[test]
    fn container_is_read_from_the_path_of_its_image() {
        for (path, name) in [
            (
                "spec.template.spec.containers[?(@.name==\"api\")].image",
                Some("api"),
            ),
            (
                "spec.jobTemplate.spec.template.spec.initContainers[?(@.name=='a')].image",
                Some("a"),
            ),
            (
                "spec.template.spec.containers[?(@.name == \"api\")].image",
                Some("api"),
            ),
            ("spec.template.spec.containers[0].image", None),
            ("@.name", None),
            ("@.name==\"é\"", None),
        ] {
            let found = container_name(path);
            assert_eq!(found.as_ref().map(ObjectName::as_str), name, "{path}");
        }
    }
}
