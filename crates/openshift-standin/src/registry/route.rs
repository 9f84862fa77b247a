//! The routes of the registry.

use percent_encoding::percent_decode_str;

/// The target of a request. Repository names are not parsed yet: whether they have the form
/// `project/stream` is checked only after authentication.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RegistryRoute {
    /// `/` and `/healthz`: health checks without authentication.
    Health,
    /// `/openshift/token`
    Token,
    /// `/v2/`
    Base,
    /// `/v2/_catalog`
    Catalog,
    /// `/v2/<name>/tags/list`
    Tags(String),
    /// `/v2/<name>/manifests/<tag or digest>`
    Manifest(String, String),
    /// `/v2/<name>/blobs/<digest>`
    Blob(String, String),
    /// `/v2/<name>/blobs/uploads/`
    Uploads(String),
    /// `/v2/<name>/blobs/uploads/<id>`
    Upload(String, String),
    /// `/extensions/v2/<name>/signatures/<digest>`
    Signatures(String, String),
}

impl RegistryRoute {
    /// `None` for a path that the registry does not have (such as the referrers API, recorded in
    /// `registry-referrers`).
    pub(super) fn parse(path: &str) -> Option<Self> {
        let path = percent_decode_str(path).decode_utf8().ok()?;
        match &*path {
            "/" | "/healthz" => return Some(Self::Health),
            "/openshift/token" => return Some(Self::Token),
            "/v2" | "/v2/" => return Some(Self::Base),
            "/v2/_catalog" => return Some(Self::Catalog),
            _ => {}
        }
        if let Some(rest) = path.strip_prefix("/extensions/v2/") {
            let (name, digest) = rest.rsplit_once("/signatures/")?;
            return Some(Self::Signatures(name.to_owned(), digest.to_owned()));
        }
        Self::in_repository(path.strip_prefix("/v2/")?)
    }

    fn in_repository(rest: &str) -> Option<Self> {
        if let Some(name) = rest.strip_suffix("/tags/list") {
            return Some(Self::Tags(name.to_owned()));
        }
        if let Some(name) = rest
            .strip_suffix("/blobs/uploads/")
            .or_else(|| rest.strip_suffix("/blobs/uploads"))
        {
            return Some(Self::Uploads(name.to_owned()));
        }
        let (front, last) = rest.rsplit_once('/')?;
        if last.is_empty() {
            return None;
        }
        let in_front = |marker| front.strip_suffix(marker).map(str::to_owned);
        if let Some(name) = in_front("/manifests") {
            return Some(Self::Manifest(name, last.to_owned()));
        }
        if let Some(name) = in_front("/blobs/uploads") {
            return Some(Self::Upload(name, last.to_owned()));
        }
        in_front("/blobs").map(|name| Self::Blob(name, last.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_parse_into_routes() {
        let name = || "team-a/api".to_owned();
        for (path, target) in [
            ("/v2/", Some(RegistryRoute::Base)),
            ("/v2/_catalog", Some(RegistryRoute::Catalog)),
            (
                "/v2/team-a/api/tags/list",
                Some(RegistryRoute::Tags(name())),
            ),
            (
                "/v2/team-a/api/manifests/v1",
                Some(RegistryRoute::Manifest(name(), "v1".to_owned())),
            ),
            (
                "/v2/team-a/api/blobs/sha256:00",
                Some(RegistryRoute::Blob(name(), "sha256:00".to_owned())),
            ),
            (
                "/v2/team-a/api/blobs/sha256%3A00",
                Some(RegistryRoute::Blob(name(), "sha256:00".to_owned())),
            ),
            (
                "/v2/team-a/api/blobs/uploads/",
                Some(RegistryRoute::Uploads(name())),
            ),
            (
                "/v2/team-a/api/blobs/uploads/7",
                Some(RegistryRoute::Upload(name(), "7".to_owned())),
            ),
            (
                "/v2/blobs/manifests/manifests/v1",
                Some(RegistryRoute::Manifest(
                    "blobs/manifests".to_owned(),
                    "v1".to_owned(),
                )),
            ),
            (
                "/extensions/v2/team-a/api/signatures/sha256:00",
                Some(RegistryRoute::Signatures(name(), "sha256:00".to_owned())),
            ),
            ("/v2/team-a/api/referrers/sha256:00", None),
            ("/v2/team-a/api/manifests/", None),
            ("/elsewhere", None),
        ] {
            assert_eq!(RegistryRoute::parse(path), target, "{path}");
        }
    }
}
