//! The recorded exchanges with registries that the inputs are made from.

use std::fs;
use std::path::Path;

use serde_json::Value;

#[path = "../../../../tests/integration/contract/registry_models/json_styles.rs"]
mod json_styles;

/// The recordings of the registry, in the same order on every machine.
fn recordings() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/contract");
    let mut paths = Vec::new();
    for version in ["openshift-3.9", "openshift-4"] {
        let files = fs::read_dir(root.join(version)).expect("the recordings are there");
        paths.extend(files.map(|file| file.expect("the folder can be read").path()));
    }
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("registry-")
    });
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("a recording can be read"))
        .collect()
}

fn exchanges() -> Vec<Value> {
    recordings()
        .iter()
        .map(|recording| serde_json::from_str(recording).expect("a recording is JSON"))
        .collect()
}

/// The bodies of the responses as the servers write JSON, so that signatures are valid.
pub(crate) fn bodies() -> Vec<Vec<u8>> {
    recordings()
        .iter()
        .flat_map(|recording| json_styles::body_in_every_style(recording))
        .map(String::into_bytes)
        .collect()
}

/// Commands in the build history of recorded images, and those of BuildKit.
pub(crate) fn commands() -> Vec<Vec<u8>> {
    let exchanges = exchanges();
    let history = exchanges
        .iter()
        .filter_map(|exchange| exchange["response"]["body"]["history"].as_array())
        .flatten();
    history
        .filter_map(|entry| entry["created_by"].as_str())
        .chain([
            "|1 A=b /bin/sh -c make",
            "RUN /bin/sh -c make # buildkit",
            "COPY a b # buildkit",
        ])
        .map(|command| command.as_bytes().to_vec())
        .collect()
}

/// The values of one header of all responses.
pub(crate) fn headers(name: &str) -> Vec<Vec<u8>> {
    let exchanges = exchanges();
    let headers = exchanges
        .iter()
        .filter_map(|exchange| exchange["response"]["headers"].as_array())
        .flatten();
    headers
        .filter(|header| {
            header[0]
                .as_str()
                .is_some_and(|key| key.eq_ignore_ascii_case(name))
        })
        .filter_map(|header| header[1].as_str())
        .map(|value| value.as_bytes().to_vec())
        .collect()
}
