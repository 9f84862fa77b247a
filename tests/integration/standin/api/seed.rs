//! A cluster with what was in the recorded ones when the recordings began.

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openshift_standin::cluster::{
    Cluster, Hosts, ProjectText, PushedManifest, RegisteredOauthClient, StoredTagSpec,
    TagReference, Version,
};
use registry_model::Clock;
use registry_model::{Subject, SubjectKind};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::recording::{ApiRecording, exchange};

/// The token of `new`, a fresh session of `dev`, on OpenShift 4.
pub(super) const NEW_TOKEN: &str = "sha256~0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";

/// The name of a token's object on OpenShift 4.
pub(super) fn name_of_token(token: &str) -> String {
    format!(
        "sha256~{}",
        URL_SAFE_NO_PAD.encode(Sha256::digest(token.strip_prefix("sha256~").unwrap()))
    )
}

/// An empty cluster at a time of its own, with the recorded hosts.
pub(super) fn empty(version: Version) -> Cluster {
    let (api, oauth, internal, public) = match version {
        Version::V3_9 => ("127.0.0.1:8443", "127.0.0.1:8443", "127.0.0.1:5000", None),
        Version::V4 => (
            "127.0.0.1:16443",
            "127.0.0.1:17443",
            "image-registry.openshift-image-registry.svc:5000",
            Some("127.0.0.1:15000".to_owned()),
        ),
    };
    let hosts = Hosts {
        api: api.to_owned(),
        oauth: oauth.to_owned(),
        registry_internal: internal.to_owned(),
        registry_public: public,
    };
    Cluster::new(
        version,
        hosts,
        Clock::fixed_at("2026-11-22T19:40:00Z".parse().unwrap()),
    )
}

/// The recorded users, projects and bindings, and every recorded image under its tags.
pub(super) fn cluster(version: Version) -> Cluster {
    let cluster = empty(version);
    seed_users_and_projects(&cluster);
    let images = exchange(version, "images-cluster")["response"]["body"]["items"].take();
    for image in images.as_array().unwrap() {
        // Untagged, as the platforms of an index are: what tags there are comes below.
        let reference = image["dockerImageReference"].as_str().unwrap();
        let mut path = reference.split('@').next().unwrap().rsplit('/');
        let (stream, project) = (path.next().unwrap(), path.next().unwrap());
        cluster
            .push(
                &project.parse().unwrap(),
                &stream.parse().unwrap(),
                None,
                &pushed(image),
            )
            .unwrap();
    }
    let streams = exchange(version, "imagestreams-cluster")["response"]["body"]["items"].take();
    for stream in streams.as_array().unwrap() {
        let (project, name) = (
            stream["metadata"]["namespace"].as_str().unwrap(),
            stream["metadata"]["name"].as_str().unwrap(),
        );
        for tag in stream["status"]["tags"].as_array().unwrap() {
            for item in tag["items"].as_array().unwrap().iter().rev() {
                let image = images
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|image| image["metadata"]["name"] == item["image"])
                    .unwrap();
                let tag = tag["tag"].as_str().unwrap().parse().unwrap();
                cluster
                    .push(
                        &project.parse().unwrap(),
                        &name.parse().unwrap(),
                        Some(&tag),
                        &pushed(image),
                    )
                    .unwrap();
            }
        }
    }
    cluster
}

pub(super) fn seed_users_and_projects(cluster: &Cluster) {
    for user in ["root", "dev", "viewer", "outsider"] {
        cluster.add_user(user, "secret", &[]);
        cluster.adopt_token(&format!("TOKEN-{user}"), user);
    }
    cluster.adopt_token("TOKEN-new", "dev");
    if cluster.version() == Version::V4 {
        cluster.adopt_token(NEW_TOKEN, "dev");
    }
    let (id, secret) = (
        "cockpit-oauth-client".to_owned(),
        "user-secret-0123456789".to_owned(),
    );
    let redirect_uris = vec!["https://127.0.0.1:9090".to_owned()];
    cluster.add_oauth_client(RegisteredOauthClient {
        id,
        secret,
        redirect_uris,
        grant_method: "auto".to_owned(),
    });
    let subject = |kind, name: &str| Subject {
        kind,
        name: name.to_owned(),
        project: None,
    };
    cluster.bind(None, "cluster-admin", &[subject(SubjectKind::User, "root")]);
    let readers = [
        ("team-a", subject(SubjectKind::User, "viewer")),
        (
            "team-b",
            subject(SubjectKind::Group, "system:unauthenticated"),
        ),
        (
            "shared-libs",
            subject(SubjectKind::Group, "system:authenticated"),
        ),
    ];
    for (project, reader) in readers {
        let project = project.parse().unwrap();
        cluster
            .create_project(
                &project,
                ProjectText {
                    display_name: "Team",
                    description: "Images",
                },
                "dev",
            )
            .unwrap();
        cluster.bind(Some(&project), "registry-viewer", &[reader]);
    }
    cluster
        .create_project(
            &"demo".parse().unwrap(),
            ProjectText {
                display_name: "Check",
                description: "",
            },
            "dev",
        )
        .unwrap();
}

/// What the recorded cluster had been set to just before a recording: whom it may import from, and
/// what is there.
pub(super) fn prepare(cluster: &Cluster, recording: &ApiRecording) {
    let refuses = matches!(
        recording.name.as_str(),
        "imagestream-patch" | "imagestreamimport-not-allowed"
    ) && cluster.version() == Version::V3_9;
    let allowed = [
        "127.0.0.1:5000",
        "docker.io:443",
        "*.docker.io:443",
        "*.redhat.com:443",
        "*.quay.io:443",
        "quay.io",
        "a",
        "b",
        "c",
    ];
    cluster.allow_imports_from(refuses.then_some(&allowed[..]));
    if recording.response.to_string().contains("127.0.0.1:5001/")
        && !refuses
        && !matches!(
            recording.name.as_str(),
            "imagestream-patch" | "imagestream-import-not-allowed"
        )
    {
        seed_external_registry(cluster);
    }
}

/// The project of the second recordings: a stream whose tags follow those of another project.
pub(super) fn seed_shop_project(cluster: &Cluster) {
    let version = cluster.version();
    let shop = "shop-w".parse().unwrap();
    cluster
        .create_project(
            &shop,
            ProjectText {
                display_name: "",
                description: "",
            },
            "dev",
        )
        .unwrap();
    let mut images = ["imagestreamimage", "imagestreamtag-put"]
        .map(|name| exchange(version, name)["response"]["body"]["image"].take());
    let stream = exchange(version, "imagestream")["response"]["body"].take();
    for (tag, image) in stream["spec"]["tags"]
        .as_array()
        .unwrap()
        .iter()
        .zip(&mut images)
    {
        let (source, source_tag) = tag["from"]["name"]
            .as_str()
            .unwrap()
            .split_once(':')
            .unwrap();
        let project = tag["from"]["namespace"].as_str().unwrap().parse().unwrap();
        cluster
            .push(
                &project,
                &source.parse().unwrap(),
                Some(&source_tag.parse().unwrap()),
                &pushed(image),
            )
            .unwrap();
        let from = TagReference {
            kind: "ImageStreamTag".to_owned(),
            name: format!("{source}:{source_tag}"),
            namespace: Some(project.to_string()),
        };
        let follows = StoredTagSpec {
            from: Some(from),
            reference_policy: Some("Local".to_owned()),
            ..StoredTagSpec::default()
        };
        let (name, tag) = (
            "api".parse().unwrap(),
            tag["name"].as_str().unwrap().parse().unwrap(),
        );
        cluster.set_spec_tag(&shop, &name, &tag, follows);
    }
}

/// The images of the recorded page of images, and one more.
pub(super) fn seed_image_page(cluster: &Cluster) {
    let page = exchange(cluster.version(), "images-chunk")["response"]["body"]["items"].take();
    let (project, stream) = ("team-a".parse().unwrap(), "paged".parse().unwrap());
    for image in page.as_array().unwrap() {
        cluster
            .push(&project, &stream, None, &pushed(image))
            .unwrap();
    }
    let last = PushedManifest {
        digest: format!("sha256:{}", "f".repeat(64)).parse().unwrap(),
        ..pushed(&page[1])
    };
    cluster.push(&project, &stream, None, &last).unwrap();
}

/// The recorded index of several platforms, under its tag.
pub(super) fn seed_platform_index(cluster: &Cluster) {
    let image = exchange(cluster.version(), "imagestreamtag-preserve-original")["response"]["body"]
        ["image"]
        .take();
    let tag = "latest".parse().unwrap();
    cluster
        .push(
            &"team-a".parse().unwrap(),
            &"multi".parse().unwrap(),
            Some(&tag),
            &pushed(&image),
        )
        .unwrap();
}

/// The stream whose images and layers were recorded, made of what the recording says of them.
pub(super) fn seed_layer_stream(cluster: &Cluster) {
    let layers = exchange(cluster.version(), "imagestream-layers-index")["response"]["body"].take();
    let blob = |digest: &Value| {
        let blob = &layers["blobs"][digest.as_str().unwrap()];
        json!({"digest": digest, "mediaType": blob["mediaType"], "size": blob["size"].as_u64().unwrap_or(1)})
    };
    let blobs = |list: &Value| {
        list.as_array()
            .into_iter()
            .flatten()
            .map(blob)
            .collect::<Vec<_>>()
    };
    // Those of one platform first: an index names them.
    let images = || layers["images"].as_object().unwrap().iter();
    for (number, (digest, image)) in images()
        .filter(|(_, image)| image["layers"].is_array())
        .chain(images())
        .enumerate()
    {
        let tag = image["manifests"]
            .is_array()
            .then(|| format!("tag-{number}").parse().unwrap());
        let platform = |mut entry: Value| {
            entry["platform"] = json!({"architecture": "amd64", "os": "linux"});
            entry
        };
        let manifest = match tag {
            Some(_) => {
                json!({"manifests": blobs(&image["manifests"]).into_iter().map(platform).collect::<Vec<_>>()})
            }
            None => json!({"config": blob(&image["config"]), "layers": blobs(&image["layers"])}),
        };
        let pushed = PushedManifest {
            digest: digest.parse().unwrap(),
            media_type: layers["blobs"][digest]["mediaType"]
                .as_str()
                .unwrap()
                .to_owned(),
            manifest: Bytes::from(manifest.to_string()),
            config: tag.is_none().then(|| Bytes::from_static(b"{}")),
            pushed_at: cluster.clock().now(),
            pushed_by: "dev".to_owned(),
        };
        cluster
            .push(
                &"team-a".parse().unwrap(),
                &"multi".parse().unwrap(),
                tag.as_ref(),
                &pushed,
            )
            .unwrap();
    }
}

fn seed_external_registry(cluster: &Cluster) {
    let images = exchange(cluster.version(), "images-cluster")["response"]["body"]["items"].take();
    let image = |prefix: &str| {
        images.as_array().unwrap().iter().find(|image| {
            image["metadata"]["name"]
                .as_str()
                .unwrap()
                .starts_with(prefix)
        })
    };
    let offers = [
        ("api:1", "sha256:150644"),
        ("web:1", "sha256:59d12e"),
        ("web:2", "sha256:f7c806"),
        ("worker:1", "sha256:81d815"),
        ("worker:2", "sha256:f7beeb"),
    ];
    for (name, prefix) in offers {
        let image = image(prefix).unwrap_or_else(|| image("sha256:150644").unwrap());
        cluster.add_external_image(&format!("127.0.0.1:5001/up/{name}"), pushed(image));
    }
}

/// What must have been pushed to become that image.
pub(super) fn pushed(image: &Value) -> PushedManifest {
    let (manifest, config) = match image["dockerImageManifestMediaType"].as_str().unwrap() {
        "application/vnd.docker.distribution.manifest.v1+json" => (schema1(image), None),
        _ if image["dockerImageManifests"].is_array() => (index(image), None),
        _ => (manifest(image), Some(config(image))),
    };
    PushedManifest {
        digest: image["metadata"]["name"].as_str().unwrap().parse().unwrap(),
        media_type: image["dockerImageManifestMediaType"]
            .as_str()
            .unwrap()
            .to_owned(),
        manifest: Bytes::from(manifest.to_string()),
        config: config.map(|config| Bytes::from(config.to_string())),
        pushed_at: image["metadata"]["creationTimestamp"]
            .as_str()
            .unwrap()
            .parse::<DateTime<Utc>>()
            .unwrap(),
        pushed_by: "dev".to_owned(),
    }
}

fn layers(image: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    image["dockerImageLayers"].as_array().into_iter().flatten()
}

fn manifest(image: &Value) -> Value {
    let sizes: u64 = layers(image)
        .map(|layer| layer["size"].as_u64().unwrap())
        .sum();
    let layers = layers(image).map(|layer| json!({"digest": layer["name"], "size": layer["size"], "mediaType": layer["mediaType"]}));
    let metadata = &image["dockerImageMetadata"];
    json!({"schemaVersion": 2, "config": {"digest": metadata["Id"], "size": metadata["Size"].as_u64().unwrap() - sizes},
        "layers": layers.collect::<Vec<_>>()})
}

fn config(image: &Value) -> Value {
    let metadata = &image["dockerImageMetadata"];
    json!({"created": metadata["Created"], "author": metadata["Author"], "architecture": metadata["Architecture"], "config": metadata["Config"]})
}

fn index(image: &Value) -> Value {
    let entries = image["dockerImageManifests"].as_array().unwrap().iter().map(|entry| {
        json!({"digest": entry["digest"], "mediaType": entry["mediaType"], "size": entry["manifestSize"],
            "platform": {"architecture": entry["architecture"], "os": entry["os"], "variant": entry["variant"]}})
    });
    json!({"schemaVersion": 2, "manifests": entries.collect::<Vec<_>>()})
}

fn schema1(image: &Value) -> Value {
    let mut newest = config(image);
    newest["id"] = image["dockerImageMetadata"]["Id"].clone();
    newest["parent"] = image["dockerImageMetadata"]["Parent"].clone();
    let layers = layers(image)
        .rev()
        .map(|layer| json!({"blobSum": layer["name"]}));
    json!({"schemaVersion": 1, "fsLayers": layers.collect::<Vec<_>>(), "history": [{"v1Compatibility": newest.to_string()}]})
}
