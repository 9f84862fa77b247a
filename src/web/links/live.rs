//! The URL from which a page receives its live updates.

use axum::http::Uri;

use super::with_query;
use crate::app::live::{ChangeScope, PageRevision};

/// The live updates of a page: what has changed since it was rendered.
pub const LIVE: &str = "/live";

/// The most projects of a page in which the user may just have changed something.
const MAX_LATER_PROJECTS: usize = 20;

/// The URL of the live updates of a page that shows this scope up to this revision.
#[must_use]
pub fn live_updates(scope: &ChangeScope, page_revision: &PageRevision) -> String {
    let revision = page_revision.revision.to_string();
    let later: Vec<String> = page_revision
        .newer_projects
        .iter()
        .map(|(project, revision)| format!("{project}:{revision}"))
        .collect();
    let image;
    let mut pairs = vec![("since", revision.as_str())];
    match scope {
        ChangeScope::All => {}
        ChangeScope::Project(project) => pairs.push(("project", project.as_str())),
        ChangeScope::Stream(project, stream) => {
            pairs.extend([("project", project.as_str()), ("stream", stream.as_str())])
        }
        ChangeScope::Tag(project, stream, tag, digest) => {
            image = digest.as_ref().map(ToString::to_string).unwrap_or_default();
            pairs.extend([
                ("project", project.as_str()),
                ("stream", stream.as_str()),
                ("tag", tag.as_str()),
                ("image", &image),
            ]);
        }
    }
    pairs.extend(
        later
            .iter()
            .take(MAX_LATER_PROJECTS)
            .map(|later| ("later", later.as_str())),
    );
    with_query(LIVE, &pairs)
}

/// The scope and revision in such a URL; `None` if it is invalid.
pub(in crate::web) fn parse_live_updates(uri: &Uri) -> Option<(ChangeScope, PageRevision)> {
    let pairs: Vec<_> = url::form_urlencoded::parse(uri.query()?.as_bytes())
        .take(5 + MAX_LATER_PROJECTS)
        .collect();
    let one = |parameter: &str| {
        pairs
            .iter()
            .find(|(name, _)| name == parameter)
            .map(|(_, value)| &**value)
    };
    let scope = match (one("project"), one("stream"), one("tag")) {
        (None, None, None) => ChangeScope::All,
        (Some(project), None, None) => ChangeScope::Project(project.parse().ok()?),
        (Some(project), Some(stream), None) => {
            ChangeScope::Stream(project.parse().ok()?, stream.parse().ok()?)
        }
        (Some(project), Some(stream), Some(tag)) => {
            // Empty for a tag that pointed to no image.
            let image = one("image")?;
            let image = if image.is_empty() {
                None
            } else {
                Some(image.parse().ok()?)
            };
            ChangeScope::Tag(
                project.parse().ok()?,
                stream.parse().ok()?,
                tag.parse().ok()?,
                image,
            )
        }
        _ => return None,
    };
    let later = pairs
        .iter()
        .filter(|(name, _)| name == "later")
        .map(|(_, later)| {
            let (project, revision) = later.split_once(':')?;
            Some((project.parse().ok()?, revision.parse().ok()?))
        });
    Some((
        scope,
        PageRevision {
            revision: one("since")?.parse().ok()?,
            newer_projects: later.collect::<Option<_>>()?,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_url_round_trips_the_scope() {
        let name = |text: &str| text.parse().unwrap();
        let (stream, tag) = ("api".parse().unwrap(), "1.0".parse().unwrap());
        let digest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
        let of_tag = |image| ChangeScope::Tag(name("team-a"), "api".parse().unwrap(), tag, image);
        let scopes = [
            ChangeScope::All,
            ChangeScope::Project(name("team-a")),
            ChangeScope::Stream(name("team-a"), stream),
            of_tag.clone()(Some(digest)),
            of_tag(None),
        ];
        for scope in scopes {
            let page_revision = PageRevision {
                revision: 77,
                newer_projects: vec![(name("team-b"), 80), (name("lab"), 81)],
            };
            let address = live_updates(&scope, &page_revision);
            assert_eq!(
                parse_live_updates(&address.parse().unwrap()),
                Some((scope, page_revision)),
                "{address}"
            );
        }
    }

    #[test]
    fn invalid_live_url_has_no_scope() {
        for address in [
            "/live",
            "/live?since=",
            "/live?since=-1",
            "/live?since=1&stream=api",
            "/live?since=1&project=..%2Fx",
            "/live?since=1&project=a&stream=b&tag=c",
            "/live?since=1&later=team-a",
            "/live?since=1&later=A:1",
        ] {
            assert_eq!(
                parse_live_updates(&address.parse().unwrap()),
                None,
                "{address}"
            );
        }
    }
}
