//! `oc process`: parameters put into a template's objects.

use std::collections::{BTreeMap, BTreeSet};

use rand::Rng as _;
use serde_json::{Map, Value};

/// A template of this project.
pub(in crate::deployment) struct Template(Value);

impl Template {
    /// `openshift-template.yaml`.
    pub(in crate::deployment) fn read() -> Self {
        Self::parse(include_str!("../../../openshift-template.yaml"))
    }

    /// One of those beside it.
    pub(in crate::deployment) fn parse(text: &str) -> Self {
        let template: Value = serde_norway::from_str(text).unwrap();
        assert_eq!(
            (&template["apiVersion"], &template["kind"]),
            (&"template.openshift.io/v1".into(), &"Template".into())
        );
        Self(template)
    }

    pub(in crate::deployment) fn name(&self) -> &str {
        self.0["metadata"]["name"].as_str().unwrap()
    }

    fn parameters(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| (parameter["name"].as_str().unwrap(), parameter))
    }

    pub(in crate::deployment) fn names(&self) -> BTreeSet<&str> {
        self.parameters().map(|(name, _)| name).collect()
    }

    /// The parameters that have neither a value nor a generator and must have one.
    pub(in crate::deployment) fn required_parameters(&self) -> BTreeSet<&str> {
        let open = |parameter: &Value| {
            parameter["required"] == true
                && parameter["value"].is_null()
                && parameter["generate"].is_null()
        };
        self.parameters()
            .filter(|(_, parameter)| open(parameter))
            .map(|(name, _)| name)
            .collect()
    }

    /// The parameters that the objects refer to.
    pub(in crate::deployment) fn referenced_parameters(&self) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        collect(&self.0["objects"], &mut found);
        found
    }

    /// The objects, with the template's labels, or what the server would complain about.
    pub(in crate::deployment) fn process(
        &self,
        given: &[(&str, &str)],
    ) -> Result<Vec<Value>, String> {
        let values = self.values(given)?;
        let mut objects = self.0["objects"].clone();
        substitute(&mut objects, &values)?;
        let Value::Array(mut objects) = objects else {
            return Err("objects is no list".to_owned());
        };
        for object in &mut objects {
            let labels = object["metadata"]
                .as_object_mut()
                .unwrap()
                .entry("labels")
                .or_insert_with(|| Map::new().into());
            labels
                .as_object_mut()
                .unwrap()
                .extend(self.0["labels"].as_object().unwrap().clone());
        }
        Ok(objects)
    }

    fn values(&self, given: &[(&str, &str)]) -> Result<BTreeMap<&str, String>, String> {
        let given: BTreeMap<_, _> = given.iter().copied().collect();
        if let Some(unknown) = given.keys().find(|name| !self.names().contains(*name)) {
            return Err(format!("unknown parameter {unknown}"));
        }
        self.parameters()
            .map(|(name, parameter)| {
                let value = match (
                    given.get(name),
                    parameter["value"].as_str(),
                    parameter["from"].as_str(),
                ) {
                    (Some(given), ..) => (*given).to_owned(),
                    (_, Some(value), _) => value.to_owned(),
                    (.., Some(pattern)) => generate(pattern),
                    _ => String::new(),
                };
                if value.is_empty() && parameter["required"] == true {
                    Err(format!("{name} must be given"))
                } else {
                    Ok((name, value))
                }
            })
            .collect()
    }
}

fn collect<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::String(text) => {
            for reference in text.split("${").skip(1) {
                found.insert(reference.trim_start_matches('{').split_once('}').unwrap().0);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, found)),
        _ => {}
    }
}

fn substitute(value: &mut Value, values: &BTreeMap<&str, String>) -> Result<(), String> {
    match value {
        Value::String(text) => {
            // `${{NAME}}` stands for a JSON value that is not a string.
            if let Some(name) = text
                .strip_prefix("${{")
                .and_then(|rest| rest.strip_suffix("}}"))
            {
                let json = values
                    .get(name)
                    .ok_or_else(|| format!("{name} is no parameter"))?;
                *value = serde_json::from_str(json).map_err(|fault| format!("{name}: {fault}"))?;
                return Ok(());
            }
            for (name, replacement) in values {
                *text = text.replace(&format!("${{{name}}}"), replacement);
            }
            if text.contains("${") {
                Err(format!("{text}: no such parameter"))
            } else {
                Ok(())
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| substitute(item, values)),
        Value::Object(fields) => fields
            .values_mut()
            .try_for_each(|field| substitute(field, values)),
        _ => Ok(()),
    }
}

/// The expression generator, as far as this template needs it: `text[a-z0-9]{8}`.
fn generate(pattern: &str) -> String {
    let (prefix, rest) = pattern.split_once('[').unwrap();
    let (ranges, rest) = rest.split_once(']').unwrap();
    let count = rest
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
        .and_then(|count| count.parse().ok())
        .unwrap();
    // The server makes at most this many.
    assert!((1..=255).contains(&count), "{pattern}");
    let alphabet: Vec<char> = ranges
        .as_bytes()
        .chunks(3)
        .flat_map(|range| {
            assert!(range.len() == 3 && range[1] == b'-', "{pattern}");
            (range[0]..=range[2]).map(char::from)
        })
        .collect();
    let mut random = rand::rng();
    prefix
        .chars()
        .chain((0..count).map(|_| alphabet[random.random_range(0..alphabet.len())]))
        .collect()
}
