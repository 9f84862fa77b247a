//! The recorded exchanges with real servers (`tests/contract`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::stub::{Seen, Told};

/// One recorded exchange.
pub(crate) struct Recording {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) json: Value,
}

impl Recording {
    pub(crate) fn all() -> Vec<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
        let mut all = Vec::new();
        for version in ["openshift-3.9", "openshift-4"] {
            let mut files: Vec<_> = std::fs::read_dir(root.join(version)).unwrap().map(|file| file.unwrap().path()).collect();
            files.sort();
            all.extend(files.iter().map(|file| Self::read(version, file)));
        }
        assert!(all.len() > 250, "the recordings are there");
        all
    }

    fn read(version: &str, file: &Path) -> Self {
        let json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        Self { name: file.file_stem().unwrap().to_str().unwrap().to_owned(), version: version.to_owned(), json }
    }

    pub(crate) fn title(&self) -> String {
        format!("{}/{}", self.version, self.name)
    }

    pub(crate) fn path(&self) -> &str {
        self.json["request"]["path"].as_str().unwrap_or_default()
    }

    pub(crate) fn status(&self) -> u16 {
        u16::try_from(self.json["response"]["status"].as_u64().unwrap()).unwrap()
    }

    pub(crate) fn of_registry(&self) -> bool {
        self.json["server"] == "registry"
    }

    pub(crate) fn told(&self) -> Told {
        let body = match &self.json["response"]["body"] {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let headers = self.json["response"]["headers"].as_array().unwrap().iter();
        let headers = headers.map(|pair| (pair[0].as_str().unwrap().to_lowercase(), pair[1].as_str().unwrap().to_owned()));
        // The recorded body is the same JSON in other bytes: neither its length nor its digest is that of the original.
        let headers = headers.filter(|(name, _)| !matches!(name.as_str(), "content-length" | "docker-content-digest" | "etag"));
        Told { status: self.status(), headers: headers.collect(), body: body.into() }
    }

    /// The request is the recorded one: method, path, query, `Accept` and body.
    pub(crate) fn matches(&self, seen: &Seen) {
        let (title, request) = (self.title(), &self.json["request"]);
        assert_eq!(seen.method.as_str(), request["method"].as_str().unwrap(), "{title}");
        let (path, query) = parts(&seen.path_and_query);
        let (recorded_path, recorded_query) = parts(self.path());
        if self.name == "oauth-logout-delete-token" && self.version == "openshift-4" {
            // The object's name is the hash of a token that was not recorded; a vector tests the hash.
            let parent = |path: &str| path.rsplit_once('/').unwrap().0.to_owned();
            assert_eq!(parent(&path), parent(&recorded_path), "{title}");
        } else {
            assert_eq!(path, recorded_path, "{title}");
        }
        assert_eq!(without_limits(query), without_limits(recorded_query), "{title}");
        if let Some(accept) = request["headers"]["Accept"].as_str() {
            assert_eq!(seen.headers["accept"], accept, "{title}");
        }
        match &request["body"] {
            Value::Null => assert!(seen.body.is_empty(), "{title}"),
            Value::String(patch) if patch.starts_with('{') => {
                assert_eq!(seen.headers["content-type"], request["headers"]["Content-Type"].as_str().unwrap(), "{title}");
                let patch: Value = serde_json::from_str(patch).unwrap();
                assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap(), patch, "{title}");
            }
            Value::String(form) => assert_eq!(fields(&String::from_utf8_lossy(&seen.body)), fields(form), "{title}"),
            json => assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap(), *json, "{title}"),
        }
    }
}

pub(crate) fn parts(path_and_query: &str) -> (String, BTreeMap<String, String>) {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    (path.to_owned(), fields(query))
}

pub(crate) fn fields(form: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(form.as_bytes()).into_owned().collect()
}

/// The sizes of pages are ours to choose, and how long a watch lasts; bookmarks are asked for always, and in one recording.
fn without_limits(mut query: BTreeMap<String, String>) -> BTreeMap<String, String> {
    query.retain(|key, _| !matches!(key.as_str(), "limit" | "n" | "timeoutSeconds" | "allowWatchBookmarks"));
    query
}
