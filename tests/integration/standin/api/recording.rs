//! The recorded exchanges with an API server.

use std::path::PathBuf;

use openshift_standin::cluster::Version;
use serde_json::Value;

pub(super) struct ApiRecording {
    pub(super) version: Version,
    pub(super) name: String,
    user: Option<String>,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) status: u16,
    pub(super) response: Value,
}

pub(super) fn directory(version: Version) -> PathBuf {
    let name = match version {
        Version::V3_9 => "openshift-3.9",
        Version::V4 => "openshift-4",
    };
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/contract")
        .join(name)
}

/// The whole of a recorded exchange.
pub(super) fn exchange(version: Version, name: &str) -> Value {
    let path = directory(version).join(format!("{name}.json"));
    serde_json::from_slice(
        &std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())),
    )
    .unwrap()
}

impl ApiRecording {
    pub(super) fn load(version: Version, name: &str) -> Self {
        Self::from_exchange(version, name, &exchange(version, name))
    }

    fn from_exchange(version: Version, name: &str, exchange: &Value) -> Self {
        let (request, response) = (&exchange["request"], &exchange["response"]);
        let headers = request["headers"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| *name != "Authorization");
        let body = match &request["body"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        Self {
            version,
            name: name.to_owned(),
            user: exchange["user"].as_str().map(str::to_owned),
            method: request["method"].as_str().unwrap().to_owned(),
            path: request["path"].as_str().unwrap().to_owned(),
            headers: headers
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect(),
            body,
            status: u16::try_from(response["status"].as_u64().unwrap()).unwrap(),
            response: response["body"].clone(),
        }
    }

    /// Every request that the console itself sent to a 3.9 API server.
    pub(super) fn all_console_requests() -> Vec<Self> {
        let folder =
            PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract/openshift-3.9-console");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.sort();
        let read = |file: &PathBuf| {
            let exchange = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            Self::from_exchange(
                Version::V3_9,
                file.file_stem().unwrap().to_str().unwrap(),
                &exchange,
            )
        };
        files.iter().map(read).collect()
    }

    /// Whether it names a revision that was not the latest any more.
    pub(super) fn is_stale(&self) -> bool {
        self.status == 409
    }

    /// Every request to the API server's API; those to the OAuth endpoints and to the registry are not
    /// its own.
    pub(super) fn all(version: Version) -> Vec<Self> {
        let files = std::fs::read_dir(directory(version))
            .unwrap()
            .map(|file| file.unwrap().path());
        let mut names: Vec<String> = files
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names.retain(|name| {
            let exchange = exchange(version, name);
            let path = exchange["request"]["path"].as_str().unwrap_or("/oauth/");
            exchange["server"] == "master" && !path.starts_with("/oauth/")
        });
        names.iter().map(|name| Self::load(version, name)).collect()
    }

    /// The token that the request came with.
    pub(super) fn token(&self, version: Version) -> Option<String> {
        let user = self.user.as_deref()?;
        Some(match user {
            "not-a-token" => user.to_owned(),
            "new" if version == Version::V4 => super::seed::NEW_TOKEN.to_owned(),
            user => format!("TOKEN-{user}"),
        })
    }

    /// The response, without the `code` of a success: of the recorded servers of 3.9 one sends it,
    /// the other does not.
    pub(super) fn without_code_of_success(&self) -> Value {
        let mut response = self.response.clone();
        if response["status"] == "Success"
            && let Some(status) = response.as_object_mut()
        {
            status.remove("code");
        }
        response
    }

    /// Whether it was recorded when there was the project `shop-w`, and is about that or its
    /// images.
    pub(super) fn is_of_shop(&self) -> bool {
        self.path.contains("shop-w")
            || self.body.contains("shop-w")
            || self.name.starts_with("imagesignature")
    }

    /// Whether it lists what runs in the project `shop-w`, with what was created there before.
    pub(super) fn is_about_workloads(&self) -> bool {
        self.path.contains("/namespaces/shop-w/")
            && (self.name.ends_with("s-project") || self.name == "deployments-extensions")
            && !self.name.starts_with("imagestream")
    }

    /// The recordings that made what this one is about.
    pub(super) fn prerequisites(&self) -> &'static [&'static str] {
        match self.name.as_str() {
            "group" | "group-put" | "group-delete-again" => &["group-create-again"],
            "group-put-stale" => &["group-create-again", "group-put"],
            "user-create-conflict" | "user-delete" | "user-made" | "user-update" => {
                &["user-create"]
            }
            "user-update-stale" => &["user-create", "user-update"],
            "identity-delete" => &["identity-create"],
            "mapping-create" => &["user-create", "identity-create"],
            "mapping" | "mapping-create-conflict" | "mapping-delete" => {
                &["user-create", "identity-create", "mapping-create"]
            }
            "imagesignature-delete" | "imagestreamimage-signed" => &["imagesignature-create"],
            "imagestream-after-put" => &["imagestreamtag-put"],
            "serviceaccount"
            | "serviceaccount-create-conflict"
            | "serviceaccount-delete"
            | "secret-token-create"
            | "tokenrequest" => &["serviceaccount-create"],
            "secret-token" | "secrets-list" | "secret-delete" => {
                &["serviceaccount-create", "secret-token-create"]
            }
            "clusterrolebinding-delete" => &["clusterrolebinding-create"],
            "group-update" | "group-delete" | "groups-list" => &["group-create"],
            "imagestream-create-conflict" | "imagestream-delete" | "imagestream-update" => {
                &["imagestream-create"]
            }
            "imagestreamimport-not-allowed" | "imagestreamimport-unreachable" => {
                &["imagestream-create"]
            }
            "imagestream-update-stale" | "imagestream-patch" => {
                &["imagestream-create", "imagestream-update"]
            }
            "imagestream-import-not-allowed" => &[
                "imagestream-create",
                "imagestream-update",
                "imagestream-patch",
            ],
            "imagestream-get-after-tag" | "imagestreamtag-delete" => {
                &["imagestreamtag-create-reference"]
            }
            "imagestreamlayers" | "imagestreams-for-watch" => {
                &["imagestreamtag-create-reference", "imagestreamtag-delete"]
            }
            "project-patch" | "project-delete" | "projectrequest-conflict" => {
                &["projectrequest-create"]
            }
            "rolebinding-rbac-create-conflict"
            | "rolebinding-rbac-patch"
            | "rolebinding-rbac-delete" => &["rolebinding-rbac-create"],
            "oauth-after-logout" => &["oauth-logout-delete-token"],
            "imagestream-imported"
            | "imagestreamimport-ok"
            | "imagestreamimport-repository-dry-run" => &["imagestream-create-with-tags"],
            "imagestream-imported-all" => &["imagestream-create-all-tags"],
            _ => &[],
        }
    }
}
