//! What a page asks `/live` for, as its address.

use axum::http::Uri;

use super::with_query;
use crate::app::live::{Mark, Scope};

/// Tells what has changed since a page was made.
pub const LIVE: &str = "/live";

/// No page shows more projects that somebody has just changed something in.
const MOST_LATER: usize = 20;

/// Where a page that shows this hears what has changed since.
#[must_use]
pub fn live(scope: &Scope, mark: &Mark) -> String {
    let revision = mark.revision.to_string();
    let later: Vec<String> = mark
        .later
        .iter()
        .map(|(project, revision)| format!("{project}:{revision}"))
        .collect();
    let image;
    let mut pairs = vec![("since", revision.as_str())];
    match scope {
        Scope::All => {}
        Scope::Project(project) => pairs.push(("project", project.as_str())),
        Scope::Stream(project, stream) => {
            pairs.extend([("project", project.as_str()), ("stream", stream.as_str())])
        }
        Scope::Tag(project, stream, tag, digest) => {
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
            .take(MOST_LATER)
            .map(|later| ("later", later.as_str())),
    );
    with_query(LIVE, &pairs)
}

/// What such an address asks for; nothing where it makes no sense.
pub(in crate::web) fn asked_live(uri: &Uri) -> Option<(Scope, Mark)> {
    let pairs: Vec<_> = url::form_urlencoded::parse(uri.query()?.as_bytes())
        .take(5 + MOST_LATER)
        .collect();
    let one = |wanted: &str| {
        pairs
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| &**value)
    };
    let scope = match (one("project"), one("stream"), one("tag")) {
        (None, None, None) => Scope::All,
        (Some(project), None, None) => Scope::Project(project.parse().ok()?),
        (Some(project), Some(stream), None) => {
            Scope::Stream(project.parse().ok()?, stream.parse().ok()?)
        }
        (Some(project), Some(stream), Some(tag)) => {
            // Empty for a tag that pointed at nothing.
            let image = one("image")?;
            let image = if image.is_empty() {
                None
            } else {
                Some(image.parse().ok()?)
            };
            Scope::Tag(
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
        Mark {
            revision: one("since")?.parse().ok()?,
            later: later.collect::<Option<_>>()?,
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_asks_for_is_what_is_heard() {
        let name = |text: &str| text.parse().unwrap();
        let (stream, tag) = ("api".parse().unwrap(), "1.0".parse().unwrap());
        let digest = format!("sha256:{}", "a".repeat(64)).parse().unwrap();
        let of_tag = |image| Scope::Tag(name("team-a"), "api".parse().unwrap(), tag, image);
        let scopes = [
            Scope::All,
            Scope::Project(name("team-a")),
            Scope::Stream(name("team-a"), stream),
            of_tag.clone()(Some(digest)),
            of_tag(None),
        ];
        for scope in scopes {
            let mark = Mark {
                revision: 77,
                later: vec![(name("team-b"), 80), (name("lab"), 81)],
            };
            let address = live(&scope, &mark);
            assert_eq!(
                asked_live(&address.parse().unwrap()),
                Some((scope, mark)),
                "{address}"
            );
        }
    }

    #[test]
    fn an_address_that_no_page_has_asks_for_nothing() {
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
            assert_eq!(asked_live(&address.parse().unwrap()), None, "{address}");
        }
    }
}
