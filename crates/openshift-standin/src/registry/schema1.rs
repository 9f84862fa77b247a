//! The image manifest of before 2016 (version 2, schema 1): generated from a schema 2 manifest for
//! clients that accept nothing newer, and signed, as in the real registry (recorded in
//! `registry-manifest-no-accept`).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use registry_model::Digest;

mod signer;

pub(super) use signer::Signer;

/// The gzipped empty tar that represents a step without a layer.
const EMPTY_LAYER_DIGEST: &str =
    "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema1Document<'a> {
    schema_version: u8,
    name: &'a str,
    tag: &'a str,
    architecture: String,
    fs_layers: Vec<FsLayer>,
    history: Vec<Schema1HistoryEntry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FsLayer {
    blob_sum: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema1HistoryEntry {
    v1_compatibility: String,
}

#[derive(Serialize)]
struct V1Compatibility<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    parent: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    comment: &'a str,
    created: &'a str,
    container_config: V1ContainerConfig<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    author: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    throwaway: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct V1ContainerConfig<'a> {
    cmd: [&'a str; 1],
}

#[derive(Deserialize)]
struct Schema2Manifest {
    layers: Vec<LayerEntry>,
}

#[derive(Deserialize)]
struct LayerEntry {
    digest: String,
}

#[derive(Deserialize)]
struct Schema2Config {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    history: Vec<ConfigStep>,
}

#[derive(Deserialize)]
#[serde(default)]
struct ConfigStep {
    created: String,
    created_by: String,
    author: String,
    comment: String,
    empty_layer: bool,
}

impl Default for ConfigStep {
    fn default() -> Self {
        // The zero time of Go, in which the real registry is written.
        let created = "0001-01-01T00:00:00Z".to_owned();
        Self {
            created,
            created_by: String::new(),
            author: String::new(),
            comment: String::new(),
            empty_layer: false,
        }
    }
}

/// The schema 1 text (not yet signed) of a schema 2 manifest. `None` if the config's history does
/// not match the layers.
pub(super) fn convert(name: &str, tag: &str, manifest: &[u8], config: &[u8]) -> Option<String> {
    let manifest: Schema2Manifest = serde_json::from_slice(manifest).ok()?;
    let parsed: Schema2Config = serde_json::from_slice(config).ok()?;
    let (last, before) = parsed.history.split_last()?;
    let mut layers = manifest.layers.iter().map(|layer| layer.digest.as_str());
    let mut blob_sum = |step: &ConfigStep| {
        if step.empty_layer {
            Some(EMPTY_LAYER_DIGEST)
        } else {
            layers.next()
        }
    };
    let (mut fs_layers, mut history) = (Vec::new(), Vec::new());
    let mut parent = String::new();
    for step in before {
        let layer = blob_sum(step)?;
        let id = id_of(&[hex(layer), &parent]);
        history.push(Schema1HistoryEntry {
            v1_compatibility: go_json(&step.to_v1(&id, &parent))?,
        });
        fs_layers.push(FsLayer {
            blob_sum: layer.to_owned(),
        });
        parent = id;
    }
    let layer = blob_sum(last)?;
    let id = id_of(&[hex(layer), &parent, std::str::from_utf8(config).ok()?]);
    history.push(Schema1HistoryEntry {
        v1_compatibility: config_to_v1(config, &id, &parent, last.empty_layer)?,
    });
    fs_layers.push(FsLayer {
        blob_sum: layer.to_owned(),
    });
    // Newest first.
    fs_layers.reverse();
    history.reverse();
    let converted = Schema1Document {
        schema_version: 1,
        name,
        tag,
        architecture: parsed.architecture,
        fs_layers,
        history,
    };
    indented(&converted)
}

impl ConfigStep {
    fn to_v1<'a>(&'a self, id: &'a str, parent: &'a str) -> V1Compatibility<'a> {
        V1Compatibility {
            id,
            parent,
            comment: &self.comment,
            created: &self.created,
            container_config: V1ContainerConfig {
                cmd: [&self.created_by],
            },
            author: &self.author,
            throwaway: self.empty_layer,
        }
    }
}

/// The newest step is the config itself, without what schema 1 stores elsewhere.
fn config_to_v1(config: &[u8], id: &str, parent: &str, throwaway: bool) -> Option<String> {
    let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(config).ok()?;
    fields.remove("rootfs");
    fields.remove("history");
    fields.insert("id".to_owned(), serde_json::value::to_raw_value(id).ok()?);
    if !parent.is_empty() {
        fields.insert(
            "parent".to_owned(),
            serde_json::value::to_raw_value(parent).ok()?,
        );
    }
    if throwaway {
        fields.insert(
            "throwaway".to_owned(),
            serde_json::value::to_raw_value(&true).ok()?,
        );
    }
    go_json(&fields).map(|text| compact(&text))
}

fn id_of(parts: &[&str]) -> String {
    hex(&Digest::sha256(parts.join(" ").as_bytes()).to_string()).to_owned()
}

fn hex(digest: &str) -> &str {
    digest.split_once(':').map_or(digest, |(_, hex)| hex)
}

/// JSON with `<`, `>` and `&` escaped, as the real registry's encoder writes it: the digest covers
/// the exact bytes.
fn go_json(value: &impl Serialize) -> Option<String> {
    Some(escaped(&serde_json::to_string(value).ok()?))
}

fn indented(value: &impl Serialize) -> Option<String> {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"   ");
    value
        .serialize(&mut serde_json::Serializer::with_formatter(
            &mut text, formatter,
        ))
        .ok()?;
    Some(escaped(&String::from_utf8(text).ok()?))
}

fn escaped(json: &str) -> String {
    let json = json
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    json.replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// JSON without white space between its parts.
fn compact(json: &str) -> String {
    let (mut in_text, mut escape) = (false, false);
    let keep = |c: &char| {
        let here = in_text;
        match *c {
            _ if escape => escape = false,
            '\\' if in_text => escape = true,
            '"' => in_text = !in_text,
            _ => {}
        }
        here || !c.is_ascii_whitespace()
    };
    json.chars().filter(keep).collect()
}

/// The part of a schema 1 manifest that its digest covers: everything but the signatures,
/// reassembled as the first of them says. The whole text if there is no signature.
pub(super) fn signed_payload(signed: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Signed {
        #[serde(default)]
        signatures: Vec<Signature>,
    }
    #[derive(Deserialize)]
    struct Signature {
        protected: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Protected {
        format_length: usize,
        format_tail: String,
    }
    let parsed: Signed = serde_json::from_slice(signed).ok()?;
    let Some(first) = parsed.signatures.first() else {
        return Some(signed.to_vec());
    };
    let protected: Protected =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(&first.protected).ok()?).ok()?;
    let mut payload = signed.get(..protected.format_length)?.to_vec();
    payload.extend(URL_SAFE_NO_PAD.decode(&protected.format_tail).ok()?);
    Some(payload)
}

#[cfg(test)]
mod tests;
