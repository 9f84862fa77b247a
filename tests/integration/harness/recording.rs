//! The recorded exchanges with real servers (`tests/contract`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::harness::canned_server::{CannedResponse, ReceivedRequest};

pub(crate) struct ClientRecording {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) json: Value,
}

impl ClientRecording {
    pub(crate) fn all() -> Vec<Self> {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
        let mut all = Vec::new();
        for version in ["openshift-3.9", "openshift-3.9-console", "openshift-4"] {
            let mut files: Vec<_> = std::fs::read_dir(root.join(version))
                .unwrap()
                .map(|file| file.unwrap().path())
                .collect();
            files.sort();
            all.extend(files.iter().map(|file| Self::read(version, file)));
        }
        assert!(all.len() > 650, "the recordings are there");
        all
    }

    fn read(version: &str, file: &Path) -> Self {
        let json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        Self {
            name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
            version: version.to_owned(),
            json,
        }
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

    pub(crate) fn is_registry(&self) -> bool {
        self.json["server"] == "registry"
    }

    pub(crate) fn canned_response(&self) -> CannedResponse {
        let body = match &self.json["response"]["body"] {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        };
        let headers = self.json["response"]["headers"].as_array().unwrap().iter();
        let headers = headers.map(|pair| {
            (
                pair[0].as_str().unwrap().to_lowercase(),
                pair[1].as_str().unwrap().to_owned(),
            )
        });
        // The recorded body is the same JSON in other bytes: neither its length nor its digest is
        // that of the original.
        let headers = headers.filter(|(name, _)| {
            !matches!(
                name.as_str(),
                "content-length" | "docker-content-digest" | "etag"
            )
        });
        CannedResponse {
            status: self.status(),
            headers: headers.collect(),
            body: body.into(),
        }
    }

    /// A header of the request.
    fn header(&self, name: &str) -> Option<&str> {
        let headers = self.json["request"]["headers"].as_object()?;
        headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))?
            .1
            .as_str()
    }

    /// The request is the recorded one: method, path, query, `Accept` and body.
    pub(crate) fn assert_request_matches(&self, seen: &ReceivedRequest) {
        self.assert_matches_except_body(seen);
        let title = self.title();
        if let (Some(media_type), false) = (self.header("content-type"), seen.body.is_empty()) {
            assert_eq!(seen.headers["content-type"], media_type, "{title}");
        }
        let (sent, recorded) = (
            String::from_utf8_lossy(&seen.body),
            &self.json["request"]["body"],
        );
        assert!(
            self.has_body(seen),
            "{title}: sent {sent} instead of {recorded}"
        );
    }

    /// Whether the request has the recorded body: the same JSON, or the same fields of a form.
    pub(crate) fn has_body(&self, seen: &ReceivedRequest) -> bool {
        match &self.json["request"]["body"] {
            Value::Null => seen.body.is_empty(),
            Value::String(form) if !form.starts_with('{') => {
                fields(&String::from_utf8_lossy(&seen.body)) == fields(form)
            }
            body => {
                let body = body.as_str().map_or_else(
                    || body.clone(),
                    |patch| serde_json::from_str(patch).unwrap(),
                );
                serde_json::from_slice::<Value>(&seen.body).is_ok_and(|sent| sent == body)
            }
        }
    }

    /// The request is the recorded one, whatever its body: method, path, query and `Accept`.
    pub(crate) fn assert_matches_except_body(&self, seen: &ReceivedRequest) {
        let (title, request) = (self.title(), &self.json["request"]);
        assert_eq!(
            seen.method.as_str(),
            request["method"].as_str().unwrap(),
            "{title}"
        );
        let (path, query) = parts(&seen.path_and_query);
        let (recorded_path, recorded_query) = parts(self.path());
        if self.name == "oauth-logout-delete-token" && self.version == "openshift-4" {
            // The object's name is the hash of a token that was not recorded; a vector tests the
            // hash.
            let parent = |path: &str| path.rsplit_once('/').unwrap().0.to_owned();
            assert_eq!(parent(&path), parent(&recorded_path), "{title}");
        } else {
            assert_eq!(path, recorded_path, "{title}");
        }
        assert_eq!(
            without_limits(query),
            without_limits(recorded_query),
            "{title}"
        );
        if let Some(accept) = self.header("accept") {
            assert_eq!(seen.headers["accept"], accept, "{title}");
        }
    }
}

pub(crate) fn parts(path_and_query: &str) -> (String, BTreeMap<String, String>) {
    let (path, query) = path_and_query
        .split_once('?')
        .unwrap_or((path_and_query, ""));
    let path = percent_encoding::percent_decode_str(path)
        .decode_utf8()
        .unwrap();
    (path.into_owned(), fields(query))
}

pub(crate) fn fields(form: &str) -> BTreeMap<String, String> {
    url::form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect()
}

/// The sizes of pages are ours to choose, and how long a watch lasts; bookmarks are asked for
/// always, and in one recording.
fn without_limits(mut query: BTreeMap<String, String>) -> BTreeMap<String, String> {
    query.retain(|key, _| {
        !matches!(
            key.as_str(),
            "limit" | "n" | "timeoutSeconds" | "allowWatchBookmarks"
        )
    });
    query
}
