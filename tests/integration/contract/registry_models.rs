//! Every recorded answer of the integrated registry, read by the parsers.

pub(crate) mod json_styles;

use std::fs;
use std::path::Path;

use oci_distribution::manifest::OciManifest;
use registry_model::build_history::{BuildHistory, LayerPairing};
use registry_model::challenge::parse_challenges;
use registry_model::image_config::ImageConfig;
use registry_model::link_header::parse_next_page;
use registry_model::manifest::{ArtifactKind, Manifest, manifest_digest};
use registry_model::{Digest, Layer};
use serde_json::Value;

/// An answer of a recording.
struct RecordedRegistryResponse {
    name: String,
    path: String,
    status: u64,
    headers: Vec<(String, String)>,
    /// The body in each way of writing JSON that servers have; the recording keeps its order, not
    /// its spaces.
    bodies: Vec<String>,
}

impl RecordedRegistryResponse {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The manifest with the bytes that have the recorded digest (S39).
    fn manifest(&self) -> Manifest {
        let digest: Digest = self
            .header("docker-content-digest")
            .unwrap()
            .parse()
            .unwrap();
        let verified = self.bodies.iter().find_map(|body| {
            let manifest = Manifest::parse(body.as_bytes(), self.header("content-type")).ok()?;
            (manifest_digest(body.as_bytes(), &manifest) == digest).then_some(manifest)
        });
        verified.unwrap_or_else(|| {
            panic!(
                "{}: no way of writing it has the recorded digest",
                self.name
            )
        })
    }

    fn is_manifest(&self) -> bool {
        self.status == 200 && self.path.contains("/manifests/") && !self.bodies.is_empty()
    }
}

fn recorded() -> Vec<RecordedRegistryResponse> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
    let folders = ["openshift-3.9", "openshift-4"].map(|version| root.join(version));
    let files = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path());
    let answers: Vec<_> = files
        .map(|file| answer(&file))
        .filter(|answer| answer.path.starts_with("/v2/"))
        .collect();
    assert!(answers.len() > 40, "the recordings are there");
    answers
}

fn answer(file: &Path) -> RecordedRegistryResponse {
    let text = fs::read_to_string(file).unwrap();
    let json: Value = serde_json::from_str(&text).unwrap();
    let response = &json["response"];
    let pair = |header: &Value| {
        (
            header[0].as_str().unwrap().to_owned(),
            header[1].as_str().unwrap().to_owned(),
        )
    };
    RecordedRegistryResponse {
        name: file.display().to_string(),
        path: json["request"]["path"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        status: response["status"].as_u64().unwrap(),
        headers: response["headers"]
            .as_array()
            .into_iter()
            .flatten()
            .map(pair)
            .collect(),
        bodies: if response["body"].is_object() {
            json_styles::body_in_every_style(&text)
        } else {
            Vec::new()
        },
    }
}

fn manifest(name: &str) -> Manifest {
    recorded()
        .into_iter()
        .find(|answer| answer.name.ends_with(name))
        .unwrap()
        .manifest()
}

/// S39, and the reading of `oci-client` as a second opinion.
#[test]
fn recorded_manifests_decode_with_their_digests() {
    let manifests: Vec<_> = recorded()
        .into_iter()
        .filter(RecordedRegistryResponse::is_manifest)
        .collect();
    assert_eq!(manifests.len(), 9);
    for answer in manifests {
        let read = answer.manifest();
        match (
            &read,
            serde_json::from_str::<OciManifest>(&answer.bodies[0]),
        ) {
            (Manifest::Image(image), Ok(OciManifest::Image(other))) => {
                let theirs: Vec<_> = other
                    .layers
                    .iter()
                    .map(|layer| (layer.digest.clone(), layer.size))
                    .collect();
                let ours: Vec<_> = image
                    .layers
                    .items
                    .iter()
                    .map(|layer| {
                        (
                            layer.digest.to_string(),
                            i64::try_from(layer.size.unwrap().0).unwrap(),
                        )
                    })
                    .collect();
                assert_eq!(ours, theirs);
            }
            (Manifest::Index(index), Ok(OciManifest::ImageIndex(other))) => {
                let theirs: Vec<_> = other
                    .manifests
                    .iter()
                    .map(|entry| entry.digest.clone())
                    .collect();
                let ours: Vec<_> = index
                    .entries
                    .items
                    .iter()
                    .map(|entry| entry.descriptor.digest.to_string())
                    .collect();
                assert_eq!(ours, theirs);
            }
            (Manifest::Artifact(artifact), Ok(OciManifest::Image(_))) => {
                assert_eq!(artifact.kind(), ArtifactKind::HelmChart)
            }
            (Manifest::Schema1(_), Err(_)) => {}
            (ours, theirs) => panic!("{}: {ours:?} {theirs:?}", answer.name),
        }
    }
}

#[test]
fn recorded_config_history_has_a_layer_per_copy() {
    for answer in recorded()
        .iter()
        .filter(|answer| answer.name.ends_with("registry-config-blob.json"))
    {
        let digest: Digest = answer
            .header("docker-content-digest")
            .unwrap()
            .parse()
            .unwrap();
        let body = answer
            .bodies
            .iter()
            .find(|body| digest.matches(body.as_bytes()))
            .unwrap();
        let config = ImageConfig::parse(body.as_bytes()).unwrap();
        assert_eq!(
            (config.author.as_deref(), config.user.as_deref()),
            (Some("api-3@example.com"), Some("1001"))
        );
        assert_eq!(
            (
                config.env.items.len(),
                config.diff_ids.items.len(),
                config.labels.items.len()
            ),
            (2, 4, 4)
        );
        let Manifest::Image(image) = manifest("openshift-3.9/registry-manifest-tag.json") else {
            panic!()
        };
        assert_recipe(
            &BuildHistory::from_manifest(&config, &image),
            &image.layers.items,
            true,
        );
    }
}

#[test]
fn recorded_schema_1_history_equals_its_config() {
    let Manifest::Schema1(schema1) = manifest("openshift-3.9/registry-manifest-no-accept.json")
    else {
        panic!()
    };
    let Manifest::Image(image) = manifest("openshift-3.9/registry-manifest-tag.json") else {
        panic!()
    };
    let config = ImageConfig::from_schema1(&schema1);
    assert_eq!(
        (config.author.as_deref(), config.working_dir.as_deref()),
        (Some("api-3@example.com"), Some("/opt/app"))
    );
    assert_eq!(
        config.created.time().unwrap().to_rfc3339(),
        "2026-07-21T21:03:04+00:00"
    );
    // What the registry converts loses the instruction of the newest step.
    assert_recipe(
        &BuildHistory::from_schema1(&schema1, &image.layers.items),
        &image.layers.items,
        false,
    );
}

fn assert_recipe(recipe: &BuildHistory, layers: &[Layer], newest_known: bool) {
    assert_eq!(recipe.pairing, LayerPairing::Complete);
    let instructions: Vec<_> = recipe
        .steps
        .items
        .iter()
        .map(|step| step.instruction.as_deref())
        .collect();
    let newest = newest_known.then_some("ENV");
    assert_eq!(
        instructions,
        [
            Some("COPY"),
            Some("ENV"),
            Some("COPY"),
            Some("ENV"),
            Some("COPY"),
            Some("ENV"),
            Some("COPY"),
            newest
        ]
    );
    let made: Vec<_> = recipe
        .steps
        .items
        .iter()
        .filter_map(|step| step.layer.as_ref())
        .map(|layer| (&layer.digest, layer.size))
        .collect();
    assert_eq!(
        made,
        layers
            .iter()
            .map(|layer| (&layer.digest, layer.size))
            .collect::<Vec<_>>()
    );
}

/// S36: the answers tell where to go on and why not, nothing else is taken from them.
#[test]
fn recorded_challenges_and_links_are_parsed() {
    let (mut refused, mut paged) = (0, 0);
    for answer in recorded() {
        if let Some(header) = answer.header("www-authenticate") {
            let [challenge] = &parse_challenges(header)[..] else {
                panic!("{}: {header}", answer.name)
            };
            let denied =
                challenge.has_scheme("Basic") && challenge.param("error") == Some("access denied");
            assert!(
                denied || challenge.has_scheme("Bearer") && challenge.param("realm").is_some(),
                "{}",
                answer.name
            );
            refused += 1;
        }
        if let Some(header) = answer.header("link") {
            assert!(
                parse_next_page(header).is_some_and(|page| page.n == Some(2)),
                "{}",
                answer.name
            );
            paged += 1;
        }
    }
    assert!(refused >= 10 && paged >= 3);
}
