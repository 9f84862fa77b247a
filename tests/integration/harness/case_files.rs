//! The inputs of `tests/cases`, in the registry of the embedded cluster, with a browser in front of
//! the console that shows them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::TimeDelta;
use openshift_standin::cluster::{PushedManifest, Version};
use openshift_standin::registry::{Repository, StoredManifest};
use registry_model::Digest;
use serde_json::Value;

use crate::harness::seeded_standin::{OCI_INDEX, OCI_MANIFEST};
use crate::harness::{Browser, Page, World};

/// The repository that [`OpenCase::of`] fills.
const REPOSITORY: &str = "team-a/case";

/// The files of a folder of `tests/cases`.
pub(crate) struct CaseFiles {
    files: BTreeMap<String, Bytes>,
}

/// A cluster that holds the images of a case, and the browser of `dev`, who owns the project.
pub(crate) struct OpenCase {
    pub(crate) world: World,
    pub(crate) browser: Browser,
    /// The digest of each manifest, by the name of its file without `manifest-` and `.json`.
    pub(crate) digests: BTreeMap<String, Digest>,
}

impl OpenCase {
    /// The case in `team-a/case` of an OpenShift 4.
    pub(crate) async fn open(case: &str) -> Self {
        Self::open_on_version(Version::V4, case).await
    }

    /// The same on this version of OpenShift.
    pub(crate) async fn open_on_version(version: Version, case: &str) -> Self {
        let world = World::start(version).await;
        let digests = CaseFiles::read(case).push(&world, REPOSITORY).await;
        let browser = world.signed_in("dev").await;
        Self {
            world,
            browser,
            digests,
        }
    }

    /// The page of a tag.
    pub(crate) async fn tag(&mut self, tag: &str) -> Page {
        self.browser
            .get(&format!("/images/{REPOSITORY}:{tag}"))
            .await
    }

    /// The JSON of a tag's page.
    pub(crate) async fn tag_json(&mut self, tag: &str) -> Value {
        self.browser
            .json(&format!("/images/{REPOSITORY}:{tag}"))
            .await
            .json()
    }

    /// The page of a digest.
    pub(crate) async fn digest(&mut self, digest: &str) -> Page {
        self.browser
            .get(&format!("/images/{REPOSITORY}@{digest}"))
            .await
    }

    /// The JSON of a digest's page.
    pub(crate) async fn digest_json(&mut self, digest: &str) -> Value {
        self.browser
            .json(&format!("/images/{REPOSITORY}@{digest}"))
            .await
            .json()
    }

    /// The page of the image stream.
    pub(crate) async fn stream(&mut self) -> Page {
        self.browser.get(&format!("/images/{REPOSITORY}")).await
    }
}

impl CaseFiles {
    /// Reads `tests/cases/<case>`.
    #[track_caller]
    pub(crate) fn read(case: &str) -> Self {
        Self {
            files: files_in(&cases().join(case)),
        }
    }

    /// Pushes the manifests as `dev`, a minute apart: images before indexes, `sha256-...` last.
    /// `manifest-child.json` and what is not called `manifest-...` is pushed by digest, the others
    /// by the tag in their name. A manifest that the registry refuses is put there without it.
    pub(crate) async fn push(&self, world: &World, repository: &str) -> BTreeMap<String, Digest> {
        let repository = crate::harness::seeded_standin::repository(repository);
        let mut manifests: Vec<(&str, &Bytes, Value)> = self
            .files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes, parse_json(bytes)))
            .filter(|(.., json)| json["schemaVersion"] == 2)
            .collect();
        manifests.sort_by_key(|(name, _, json)| {
            (
                json.get("manifests").is_some(),
                name.starts_with("manifest-sha256-"),
                *name != "manifest-child.json",
            )
        });
        let mut digests = BTreeMap::new();
        for (file, bytes, json) in manifests {
            world.advance(TimeDelta::minutes(1));
            self.store_blobs(world, &repository, &json);
            let name = file.trim_end_matches(".json");
            let tag = name.strip_prefix("manifest-").filter(|tag| *tag != "child");
            let digest = Digest::sha256(bytes);
            put_manifest(world, &repository, tag, &digest, bytes, &json).await;
            digests.insert(name.trim_start_matches("manifest-").to_owned(), digest);
        }
        digests
    }

    /// The config as the case, or another one, has it; placeholders for the layers.
    fn store_blobs(&self, world: &World, repository: &Repository, manifest: &Value) {
        let digest_of = |descriptor: &Value| {
            descriptor["digest"]
                .as_str()
                .and_then(|digest| digest.parse::<Digest>().ok())
        };
        let blobs = world.demo.blobs();
        if let Some((digest, config)) = digest_of(&manifest["config"])
            .and_then(|digest| Some((digest.clone(), self.blob(&digest)?)))
        {
            blobs.store_as(repository, digest, config);
        }
        for layer in manifest["layers"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|layer| layer["urls"].is_null())
            .filter_map(digest_of)
        {
            blobs.store_as(repository, layer, Bytes::from_static(b"placeholder"));
        }
    }

    fn blob(&self, digest: &Digest) -> Option<Bytes> {
        let others = std::fs::read_dir(cases())
            .unwrap()
            .map(|folder| files_in(&folder.unwrap().path()));
        let mut everywhere = std::iter::once(self.files.clone())
            .chain(others)
            .flat_map(BTreeMap::into_values)
            .chain([Bytes::from_static(b"{}")]);
        everywhere.find_map(|bytes| {
            [with_extra_whitespace(&bytes), bytes]
                .into_iter()
                .find(|bytes| digest.matches(bytes))
        })
    }
}

fn cases() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases")
}

fn files_in(folder: &Path) -> BTreeMap<String, Bytes> {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(Result::unwrap);
    entries
        .map(|entry| {
            (
                entry.file_name().into_string().unwrap(),
                std::fs::read(entry.path()).unwrap().into(),
            )
        })
        .collect()
}

fn parse_json(bytes: &[u8]) -> Value {
    serde_json::from_str(&String::from_utf8_lossy(bytes)).unwrap_or_default()
}

/// The document in one line with a blank after each comma and colon: the configs were laid out for
/// reading after their digest was taken.
fn with_extra_whitespace(bytes: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    lines
        .iter()
        .enumerate()
        .fold(String::new(), |out, (at, line)| {
            out + line
                + if line.ends_with(',') && at + 1 < lines.len() {
                    " "
                } else {
                    ""
                }
        })
        .into()
}

async fn put_manifest(
    world: &World,
    repository: &Repository,
    tag: Option<&str>,
    digest: &Digest,
    bytes: &Bytes,
    json: &Value,
) {
    let own = json["mediaType"].as_str();
    let media_type = own
        .unwrap_or(if json.get("manifests").is_some() {
            OCI_INDEX
        } else {
            OCI_MANIFEST
        })
        .to_owned();
    let reference = tag.map_or(digest.to_string(), str::to_owned);
    let url = format!(
        "{}/v2/{repository}/manifests/{reference}",
        world.demo.urls().registry
    );
    let request = crate::harness::seeded_standin::http_client(world.demo.ca_pem())
        .put(url)
        .bearer_auth("TOKEN-dev")
        .header("content-type", &media_type);
    if request.body(bytes.clone()).send().await.unwrap().status() == 201 {
        return;
    }
    let blobs = world.demo.blobs();
    blobs.store_manifest(
        repository,
        digest.clone(),
        StoredManifest {
            media_type: media_type.as_str().into(),
            content: bytes.clone(),
        },
    );
    let config = json["config"]["digest"]
        .as_str()
        .and_then(|config| blobs.blob(repository, &config.parse().ok()?));
    let (digest, manifest, when, by) = (
        digest.clone(),
        bytes.clone(),
        world.clock.now(),
        "dev".to_owned(),
    );
    let tag = tag.map(|tag| tag.parse().unwrap());
    let pushed = PushedManifest {
        digest,
        media_type,
        manifest,
        config,
        pushed_at: when,
        pushed_by: by,
    };
    world
        .demo
        .cluster()
        .push(
            &repository.project,
            &repository.stream,
            tag.as_ref(),
            &pushed,
        )
        .unwrap();
}

#[tokio::test]
async fn pushed_case_is_shown_with_its_configs() {
    let mut case = OpenCase::open("29-artifacttype-on-image").await;
    let digest = case.digests["latest"].to_string();
    for json in [
        case.tag_json("latest").await,
        case.digest_json(&digest).await,
    ] {
        assert_eq!(json["digest"], digest);
        assert_eq!(
            (&json["registry_missing"], &json["config_missing"]),
            (&Value::Null, &Value::Null),
            "{json}"
        );
    }
    for page in [
        case.tag("latest").await,
        case.digest(&digest).await,
        case.stream().await,
    ] {
        assert_eq!(page.status, 200);
    }
    assert_eq!(
        case.world
            .demo
            .blobs()
            .manifest(
                &crate::harness::seeded_standin::repository(REPOSITORY),
                &case.digests["latest"]
            )
            .unwrap()
            .content
            .len(),
        499
    );
}

#[tokio::test]
async fn rejected_manifest_is_stored_directly() {
    let mut case = OpenCase::open("02-index-child-missing").await;
    assert_eq!(case.tag("latest").await.status, 200);
}
