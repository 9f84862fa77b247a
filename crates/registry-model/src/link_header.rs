//! The next page of a list (`Link` header).

use url::form_urlencoded;

/// The longest header that is read.
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// The longest entry that a page can begin after: a project, a slash and an image stream, with a
/// margin.
const MAX_LAST_BYTES: usize = 512;

/// The next page of a list, as a registry describes it (OCI distribution specification, "Listing
/// Tags").
///
/// Only the two query values of a `Link` are used. Its scheme, host and path are ignored: the next
/// request is sent to the same server as the first (S36).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NextPage {
    /// The maximum number of entries on the page (`n`).
    pub n: Option<u32>,
    /// The entry after which the page begins (`last`), decoded. Untrusted: encode it again.
    pub last: Option<String>,
}

/// Reads `Link: <…?last=…&n=…>; rel="next"` (RFC 8288). `None` if there is no next page, or if the
/// link has no `last`.
#[must_use]
pub fn parse_next_page(header: &str) -> Option<NextPage> {
    if header.len() > MAX_HEADER_BYTES {
        return None;
    }
    let mut rest = header;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, after) = link.split_once('>')?;
        let (is_next, after) = params(after);
        if is_next {
            return page_from_target(target);
        }
        rest = after;
    }
    None
}

/// Whether the parameters after a target contain `rel=next`, and the input after them. Commas and
/// semicolons in quotes are ignored.
fn params(text: &str) -> (bool, &str) {
    let mut is_next = None;
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(param) = rest.strip_prefix(';') else {
            return (is_next == Some(true), rest);
        };
        let end = end_of_param(param);
        let (name, value) = param[..end].split_once('=').unwrap_or((&param[..end], ""));
        // The first `rel` counts (RFC 8288, section 3.3).
        if name.trim().eq_ignore_ascii_case("rel") && is_next.is_none() {
            let relations = value.trim().trim_matches('"');
            is_next = Some(
                relations
                    .split_ascii_whitespace()
                    .any(|relation| relation.eq_ignore_ascii_case("next")),
            );
        }
        rest = &param[end..];
    }
}

fn end_of_param(text: &str) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    text.find(|c| {
        let was_escaped = escaped;
        escaped = quoted && !was_escaped && c == '\\';
        if c == '"' && !was_escaped {
            quoted = !quoted;
        }
        !quoted && matches!(c, ';' | ',')
    })
    .unwrap_or(text.len())
}

fn page_from_target(target: &str) -> Option<NextPage> {
    let (_, query) = target.split('#').next()?.split_once('?')?;
    let mut page = NextPage::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "n" if page.n.is_none() => page.n = value.parse().ok(),
            "last" if page.last.is_none() => page.last = Some(value.into_owned()),
            _ => {}
        }
    }
    let usable = page.last.as_ref().is_some_and(|last| {
        !last.is_empty() && last.len() <= MAX_LAST_BYTES && !last.contains(char::is_control)
    });
    usable.then_some(page)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(n: Option<u32>, last: &str) -> Option<NextPage> {
        Some(NextPage {
            n,
            last: Some(last.to_owned()),
        })
    }

    #[test]
    fn integrated_registry_links_are_parsed() {
        assert_eq!(
            parse_next_page("</v2/team-a/api/tags/list?last=latest&n=2>; rel=\"next\""),
            page(Some(2), "latest")
        );
        assert_eq!(
            parse_next_page("</v2/_catalog?last=team-a%2Fapi&n=2>; rel=\"next\""),
            page(Some(2), "team-a/api")
        );
    }

    /// S36: only the two values are returned, whatever the host.
    #[test]
    fn link_host_is_ignored() {
        assert_eq!(
            parse_next_page("<https://evil.example/v2/?last=a&n=1>; rel=next"),
            page(Some(1), "a")
        );
        assert_eq!(
            parse_next_page("<//evil.example/?last=a#?last=b>;rel=next"),
            page(None, "a")
        );
    }

    #[test]
    fn next_link_is_found_among_others() {
        let header = "</a?last=x>; rel=\"prev first\"; title=\"a, b; rel=next \\\" <c>\", </b?n=5&last=y&last=z>; title=t; REL=\"last Next\"; rel=prev";
        assert_eq!(parse_next_page(header), page(Some(5), "y"));
        assert_eq!(
            parse_next_page("</a?last=x>, </b?last=y>; rel=next"),
            page(None, "y")
        );
    }

    #[test]
    fn a_link_without_a_position_is_not_a_next_page() {
        for header in [
            "",
            "<",
            "<>",
            "</a?last=x>",
            "</a?last=x>; rel=nextish",
            "</a>; rel=next",
            "</a?n=5>; rel=next",
            "</a?last=>; rel=next",
            "</a?last=%00>; rel=next",
            "</a?last=a%0d%0aHost:b>; rel=next",
        ] {
            assert_eq!(parse_next_page(header), None, "{header}");
        }
        assert_eq!(
            parse_next_page(&format!("</a?last={}>; rel=next", "x".repeat(600))),
            None
        );
        assert_eq!(
            parse_next_page("</a?last=x&n=99999999999>; rel=next"),
            page(None, "x")
        );
    }

    proptest! {
        #[test]
        fn valid_links_round_trip(n in any::<u32>(), last in "\\PC{1,40}") {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("last", &last).append_pair("n", &n.to_string()).finish();
            prop_assert_eq!(parse_next_page(&format!("</v2/_catalog?{query}>; rel=\"next\"")), page(Some(n), &last));
        }

        #[test]
        fn parse_never_panics(text in "([<>;,=\"\\\\ ?&#]|rel|next|last|%[0-9a-f]{1,2}|\\PC){0,60}") {
            let _ = parse_next_page(&text);
        }
    }
}
