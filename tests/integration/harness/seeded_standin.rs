//! The embedded cluster with the users, projects and images of the recordings, and a client that
//! trusts it.

use std::path::PathBuf;

use bytes::Bytes;
use openshift_standin::cluster::{Cluster, ProjectText, PushedManifest, Version};
use openshift_standin::registry::{Blobs, Repository, StoredManifest};
use openshift_standin::{Standin, StandinOptions};
use registry_model::Clock;
use registry_model::{Digest, Subject, SubjectKind};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

pub(crate) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(crate) const SCHEMA1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";

pub(crate) const VERSIONS: [Version; 2] = [Version::V3_9, Version::V4];

/// An exchange with a real server. The fields that are not named here are not needed.
#[derive(Deserialize)]
pub(crate) struct RecordedExchange {
    pub(crate) name: String,
    pub(crate) user: Option<String>,
    pub(crate) request: Option<RecordedRequest>,
    pub(crate) response: RecordedResponse,
}

#[derive(Deserialize)]
pub(crate) struct RecordedRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: std::collections::BTreeMap<String, String>,
    pub(crate) body: Value,
}

#[derive(Deserialize)]
pub(crate) struct RecordedResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    #[serde(default)]
    body: Option<Box<RawValue>>,
}

impl RecordedResponse {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn body(&self) -> Value {
        self.body
            .as_ref()
            .map(|body| serde_json::from_str(body.get()).unwrap())
            .unwrap_or_default()
    }

    /// The JSON body with this much white space after commas and colons: as it was before it was
    /// recorded.
    fn text(&self, after_comma: &str) -> Bytes {
        let (mut in_text, mut escape, mut text) = (false, false, String::new());
        for c in self.body.as_ref().unwrap().get().chars() {
            let was_in_text = in_text;
            match c {
                _ if escape => escape = false,
                '\\' if in_text => escape = true,
                '"' => in_text = !in_text,
                _ => {}
            }
            if !was_in_text && c.is_ascii_whitespace() {
                continue;
            }
            text.push(c);
            if !was_in_text && matches!(c, ',' | ':') {
                text.push_str(after_comma);
            }
        }
        Bytes::from(text)
    }
}

/// All recorded exchanges whose name begins with `prefix`.
pub(crate) fn recorded(version: Version, prefix: &str) -> Vec<RecordedExchange> {
    let folder = match version {
        Version::V3_9 => "openshift-3.9",
        Version::V4 => "openshift-4",
    };
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/contract")
        .join(folder);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with(prefix)
    });
    paths.sort();
    assert!(!paths.is_empty());
    paths
        .iter()
        .map(|path| serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
        .collect()
}

pub(crate) fn exchange(version: Version, name: &str) -> RecordedExchange {
    recorded(version, name)
        .into_iter()
        .find(|exchange| exchange.name == name)
        .unwrap()
}

/// The cluster, seeded like the one that was recorded, as far as its registry is concerned.
pub(crate) struct SeededStandin {
    pub(crate) demo: Standin,
    pub(crate) client: reqwest::Client,
    pub(crate) layer: Digest,
}

impl SeededStandin {
    pub(crate) async fn start(version: Version) -> Self {
        Self::start_at(version, Clock::system()).await
    }

    pub(crate) async fn start_at(version: Version, clock: Clock) -> Self {
        Self::start_with(StandinOptions {
            version,
            clock,
            ..StandinOptions::default()
        })
        .await
    }

    pub(crate) async fn start_with(options: StandinOptions) -> Self {
        // Another test may have been first: the provider is the same.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let version = options.version;
        let demo = Standin::start(options).await.unwrap();
        seed_people(demo.cluster());
        let layer = seed_images(version, demo.cluster(), demo.blobs());
        let client = http_client(demo.ca_pem());
        Self {
            demo,
            client,
            layer,
        }
    }
}

/// A cluster with the projects of the demo.
pub(crate) async fn sample_standin(options: StandinOptions) -> Standin {
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let options = StandinOptions {
        sample: true,
        ..options
    };
    Standin::start(options).await.unwrap()
}

/// A client that trusts the cluster and follows no redirect.
#[expect(
    clippy::disallowed_methods,
    reason = "a test's client is not the console's"
)]
pub(crate) fn http_client(ca_pem: &str) -> reqwest::Client {
    let ca = reqwest::Certificate::from_pem(ca_pem.as_bytes()).unwrap();
    reqwest::Client::builder()
        .tls_certs_only([ca])
        .redirect(reqwest::redirect::Policy::none())
        .timeout(std::time::Duration::from_secs(20))
        .build()
        .unwrap()
}

pub(crate) fn repository(name: &str) -> Repository {
    let (project, stream) = name.split_once('/').unwrap();
    Repository {
        project: project.parse().unwrap(),
        stream: stream.parse().unwrap(),
    }
}

fn seed_people(cluster: &Cluster) {
    for name in ["root", "dev", "viewer", "outsider"] {
        cluster.add_user(name, name, &[]);
        cluster.adopt_token(&format!("TOKEN-{name}"), name);
    }
    let subject = |kind, name: &str| Subject {
        kind,
        name: name.to_owned(),
        project: None,
    };
    cluster.bind(None, "cluster-admin", &[subject(SubjectKind::User, "root")]);
    for project in ["team-a", "team-b", "shared-libs", "demo"] {
        cluster
            .create_project(&project.parse().unwrap(), ProjectText::default(), "dev")
            .unwrap();
    }
    let bind = |project: &str, kind, name: &str| {
        cluster.bind(
            Some(&project.parse().unwrap()),
            "registry-viewer",
            &[subject(kind, name)],
        );
    };
    bind("team-a", SubjectKind::User, "viewer");
    bind("team-b", SubjectKind::Group, "system:unauthenticated");
    bind("shared-libs", SubjectKind::Group, "system:authenticated");
}

/// Pushes the recorded manifests, and one of them into the streams whose content was not recorded.
fn seed_images(version: Version, cluster: &Cluster, blobs: &Blobs) -> Digest {
    let of = |name: &str| exchange(version, name).response;
    let manifest = of("registry-manifest-tag").text("");
    let config = of("registry-config-blob").text(" ");
    let push =
        |name: &str, tag: &str, media_type: &str, manifest: &Bytes, digest: Option<Digest>| {
            let repository = repository(name);
            let digest = digest.unwrap_or_else(|| Digest::sha256(manifest));
            let stored = StoredManifest {
                media_type: media_type.into(),
                content: manifest.clone(),
            };
            blobs.store_manifest(&repository, digest.clone(), stored);
            let (when, by) = (cluster.clock().now(), "dev".to_owned());
            let (media_type, config) = (media_type.to_owned(), Some(config.clone()));
            let pushed = PushedManifest {
                digest,
                media_type,
                manifest: manifest.clone(),
                config,
                pushed_at: when,
                pushed_by: by,
            };
            cluster
                .push(
                    &repository.project,
                    &repository.stream,
                    Some(&tag.parse().unwrap()),
                    &pushed,
                )
                .unwrap();
        };
    let mut streams = vec!["shared-libs/batch", "team-a/evil", "team-b/worker"];
    if version == Version::V4 {
        streams.extend(["demo/app", "team-a/oci-api", "team-a/web"]);
        push(
            "team-a/multi",
            "1.0",
            OCI_INDEX,
            &of("registry-manifest-index").text(" "),
            None,
        );
        push(
            "team-a/mychart",
            "1.2.3",
            OCI_MANIFEST,
            &of("registry-manifest-helm").text(" "),
            None,
        );
    } else {
        streams.push("team-a/app");
        let schema1 = of("registry-manifest-schema1");
        let digest = schema1
            .header("docker-content-digest")
            .unwrap()
            .parse()
            .unwrap();
        push(
            "team-a/web",
            "1.2",
            SCHEMA1,
            &schema1.text(""),
            Some(digest),
        );
    }
    for stream in streams {
        push(stream, "dev", DOCKER_MANIFEST, &manifest, None);
    }
    for tag in ["latest", "v1", "v2", "v3"] {
        push("team-a/api", tag, DOCKER_MANIFEST, &manifest, None);
    }
    let api = repository("team-a/api");
    blobs.store(&api, config.clone());
    // The recordings do not hold the layers: another one of the same size stands for the one that
    // was asked for.
    blobs.store(&api, Bytes::from(vec![0; 18_440]))
}
