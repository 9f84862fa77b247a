//! The page after signing in: a page of the console and nothing else (S10).

use url::Url;

/// `next` if it is a page of this console, otherwise the overview.
pub(in crate::web) fn safe_return_path(next: Option<&str>) -> String {
    next.and_then(parse_own_path)
        .unwrap_or_else(|| "/".to_owned())
}

/// The longest return path of a sign-in, in bytes. It is part of the `state` parameter, which is
/// sent to the OAuth server and back, and perhaps to an identity provider, encoded once more each
/// time.
const MAX_RETURN_PATH_BYTES: usize = 256;

/// The same, shortened: a path that is too long loses its query, or becomes the overview.
pub(super) fn short_return_path(next: Option<&str>) -> String {
    let path_and_query = safe_return_path(next);
    let path = path_and_query.split('?').next().unwrap_or_default();
    match (path_and_query.len(), path.len()) {
        (..=MAX_RETURN_PATH_BYTES, _) => path_and_query,
        (_, ..=MAX_RETURN_PATH_BYTES) => path.to_owned(),
        _ => "/".to_owned(),
    }
}

/// Parsed like a browser does, by the WHATWG parser, of whose result only path and query are kept.
fn parse_own_path(next: &str) -> Option<String> {
    if next.len() > 2_048
        || !next.starts_with('/')
        || next.contains(|c: char| c.is_control() || c == '\\')
    {
        return None;
    }
    let base = Url::parse("https://console.invalid/").ok()?;
    let url = base.join(next).ok()?;
    let path = url.path();
    let lawful = url.origin() == base.origin()
        && !path.starts_with("//")
        && !path.to_ascii_lowercase().starts_with("/%2f")
        && !path.to_ascii_lowercase().starts_with("/%5c");
    let leads_round = path == "/login"
        || path == "/logout"
        || path.starts_with("/oauth/")
        || path.starts_with("/api/");
    (lawful && !leads_round).then(|| match url.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn own_page_is_kept_with_its_query() {
        for good in [
            "/",
            "/images/team-a/api:v1.2",
            "/images?q=a%26b&page=2",
            "/images/team-a/api@sha256:00",
        ] {
            assert_eq!(safe_return_path(Some(good)), good);
        }
    }

    /// S10.
    #[test]
    fn foreign_next_url_becomes_the_overview() {
        let bad = [
            "https://evil",
            "//evil",
            "///evil",
            "/\\evil",
            "\\\\evil",
            "/\t/evil",
            "/%09/evil\n",
            "/.//evil",
            "/..//evil",
            "/%2f%2fevil",
            "/%5cevil",
            "javascript:alert(1)",
            "evil",
            "",
            " /images",
            "/\u{0}x",
            "/login?next=/",
            "/oauth/callback?code=x",
            "/logout",
            "http:/evil",
            "/%2Fevil",
            "/a/../..//evil",
            "/\r\n/evil",
        ];
        for next in bad {
            let path = safe_return_path(Some(next));
            assert_eq!(path, "/", "{next:?}");
        }
        assert_eq!(safe_return_path(None), "/");
    }

    #[test]
    fn long_next_url_loses_its_query_or_becomes_the_overview() {
        let query = format!("/images?q={}", "x".repeat(MAX_RETURN_PATH_BYTES - 10));
        assert_eq!(short_return_path(Some(&query)), query);
        assert_eq!(short_return_path(Some(&format!("{query}x"))), "/images");
        assert_eq!(
            short_return_path(Some(&format!("/{}", "x".repeat(MAX_RETURN_PATH_BYTES)))),
            "/"
        );
    }

    proptest! {
        #[test]
        fn next_url_always_resolves_to_this_host(next in "[/\\\\.%a-z0-9?#@: \t]{0,40}") {
            let path = safe_return_path(Some(&next));
            let ours = Url::parse("https://ours.example/").unwrap();
            prop_assert!(path.starts_with('/'));
            prop_assert_eq!(ours.join(&path).unwrap().origin(), ours.origin());
        }
    }
}
