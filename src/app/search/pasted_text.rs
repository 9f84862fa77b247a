//! Queries from pasted text: addresses, commands and lines of configuration that name an image.

use percent_encoding::percent_decode_str;
use url::Url;

use registry_model::WorkloadImageReference;
use registry_model::pull_spec::PullSpec;

/// At most so many queries are tried.
const MAX_QUERIES: usize = 4;

/// The schemes before an image in the output of `kubectl` and in arguments of `skopeo`.
const SCHEMES: [&str; 6] = [
    "cri-o://",
    "docker-pullable://",
    "docker-image://",
    "docker-daemon:",
    "docker://",
    "oci://",
];

/// Programs whose command lines name images.
const PROGRAMS: [&str; 12] = [
    "docker", "podman", "skopeo", "oc", "kubectl", "buildah", "crictl", "nerdctl", "crane",
    "cosign", "regctl", "oras",
];

/// Keys of configuration whose value is an image.
const IMAGE_KEYS: [&str; 5] = [
    "image",
    "imageid",
    // As `oc describe pod` prints it.
    "image id",
    "imagename",
    "dockerimagereference",
];

/// The queries that the text may stand for, the likeliest first. Never empty: a text that matches
/// no known form is the query itself.
pub(super) fn possible_queries(text: &str) -> Vec<String> {
    let text = strip_quotes(text.trim());
    if let Some(path) = reference_from_console_path(text) {
        return vec![path];
    }
    let text = image_value(text).unwrap_or(text);
    let named = images_in_command(text);
    let readings = if named.is_empty() {
        vec![text.to_owned()]
    } else {
        named
    };
    readings
        .into_iter()
        .take(MAX_QUERIES)
        .map(|reading| normalize_words(&reading))
        .collect()
}

/// Whether the text is the ID that Docker gives an image without a repository, as a container status
/// has it: `docker://sha256:…`. It is the digest of the image's config.
pub(super) fn is_docker_image_id(text: &str) -> bool {
    let text = strip_quotes(text.trim());
    let text = image_value(text).unwrap_or(text);
    let id = strip_prefix_ignoring_case(text, "docker://").map(str::to_ascii_lowercase);
    let reference = id.and_then(|id| WorkloadImageReference::from_image_id(&id));
    matches!(reference, Some(WorkloadImageReference::Digest(_)))
}

/// The text without schemes, and with digests in lower case.
fn normalize_words(text: &str) -> String {
    text.split_whitespace()
        .map(normalize_word)
        .collect::<Vec<_>>()
        .join(" ")
}

fn normalize_word(word: &str) -> String {
    let mut word = strip_quotes(word);
    while let Some(rest) = SCHEMES
        .iter()
        .find_map(|scheme| strip_prefix_ignoring_case(word, scheme))
    {
        word = rest;
    }
    let start = word.rfind('@').map_or(0, |at| at + 1);
    let (name, digest) = word.split_at(start);
    match strip_prefix_ignoring_case(digest, "sha256:")
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    {
        Some(digits) => format!("{name}sha256:{}", digits.to_ascii_lowercase()),
        None => word.to_owned(),
    }
}

/// The text without quotes around it and a comma after it.
fn strip_quotes(text: &str) -> &str {
    text.trim_end_matches([',', ';'])
        .trim_matches(['"', '\'', '`'])
}

fn strip_prefix_ignoring_case<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &text[prefix.len()..])
}

/// What a URL of a console page is about: `/images/PROJECT/STREAM[:TAG|@DIGEST]`,
/// `/projects/PROJECT`, or a search.
fn reference_from_console_path(text: &str) -> Option<String> {
    let is_path = ["/images/", "/projects/", "/api/v1/"]
        .iter()
        .any(|start| text.starts_with(start));
    if text.contains(char::is_whitespace)
        || !(is_path || text.starts_with("http://") || text.starts_with("https://"))
    {
        return None;
    }
    let url = Url::parse("https://console.invalid")
        .ok()?
        .join(text)
        .ok()?;
    let query = url
        .query_pairs()
        .find(|(name, _)| name == "q")
        .map(|(_, text)| text.into_owned())
        .filter(|text| !text.is_empty());
    let path = percent_decode_str(url.path())
        .decode_utf8_lossy()
        .into_owned();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let parts = parts.strip_prefix(&["registry"]).unwrap_or(&parts);
    let parts = parts.strip_prefix(&["api", "v1"]).unwrap_or(parts);
    Some(match (parts, query) {
        ([.., "images" | "projects" | "search"] | ["images" | "projects", ..], Some(query)) => {
            query
        }
        (["images", project, image, ..], None) => format!("{project}/{image}"),
        (["images" | "projects", project, ..], None) => (*project).to_owned(),
        (others, _) => others.join("/"),
    })
}

/// The value of a line of YAML or JSON whose key names an image, or the source in a line of a
/// Dockerfile.
fn image_value(text: &str) -> Option<&str> {
    let line = text.strip_prefix("- ").unwrap_or(text).trim();
    if let Some(rest) = strip_prefix_ignoring_case(line, "from ") {
        return rest.split_whitespace().find(|word| !word.starts_with("--"));
    }
    let (key, value) = line.split_once(':')?;
    let is_key = IMAGE_KEYS.contains(&strip_quotes(key.trim()).to_ascii_lowercase().as_str())
        && !value.starts_with("//");
    let value = value.trim();
    // A tag has no space before it, a value in configuration has one, except in JSON.
    let is_value = is_key
        && !value.is_empty()
        && (line[key.len() + 1..].starts_with(char::is_whitespace) || value.starts_with('"'));
    is_value.then(|| strip_quotes(value.split(" #").next().unwrap_or(value).trim()))
}

/// The images that a command line names, those with a project first.
fn images_in_command(text: &str) -> Vec<String> {
    let mut words = text
        .split_whitespace()
        .skip_while(|word| matches!(*word, "$" | "#" | ">" | "sudo"));
    let Some(program) = words.next() else {
        return Vec::new();
    };
    if !PROGRAMS.contains(&program) {
        return Vec::new();
    }
    let arguments = words
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .map(normalize_word);
    let images: Vec<String> = arguments
        .filter(|word| word.parse::<PullSpec>().is_ok())
        .collect();
    let (mut with_project, others): (Vec<String>, Vec<String>) =
        images.into_iter().partition(|image| image.contains('/'));
    with_project.extend(others);
    with_project
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> String {
        possible_queries(text).swap_remove(0)
    }

    #[test]
    fn pasted_command_searches_for_its_image() {
        for text in [
            "docker pull r.example:5000/shop/storefront:1.0",
            "$ sudo podman pull --tls-verify=false r.example:5000/shop/storefront:1.0",
            "skopeo copy docker://r.example:5000/shop/storefront:1.0 oci:/tmp/x",
            "docker run -it --rm -v /data:/data --name web r.example:5000/shop/storefront:1.0 bash",
            "oc tag r.example:5000/shop/storefront:1.0 next",
            "FROM --platform=linux/amd64 r.example:5000/shop/storefront:1.0 AS base",
            "image: r.example:5000/shop/storefront:1.0",
            "  - image: \"r.example:5000/shop/storefront:1.0\"  # the shop",
            "\"image\": \"r.example:5000/shop/storefront:1.0\",",
            "imageID: docker-pullable://r.example:5000/shop/storefront:1.0",
            "    Image ID:       cri-o://r.example:5000/shop/storefront:1.0",
            "OCI://r.example:5000/shop/storefront:1.0",
            "`r.example:5000/shop/storefront:1.0`",
        ] {
            assert_eq!(first(text), "r.example:5000/shop/storefront:1.0", "{text}");
        }
        assert_eq!(
            possible_queries("podman tag storefront:1.0 r.example/shop/storefront:1.0"),
            ["r.example/shop/storefront:1.0", "storefront:1.0"]
        );
    }

    #[test]
    fn pasted_page_url_searches_for_its_subject() {
        let digest = "1".repeat(64);
        for (text, meant) in [
            (
                "https://console.example/images/shop/storefront:1.0",
                "shop/storefront:1.0".to_owned(),
            ),
            (
                "https://console.example/registry/images/shop/storefront:1.0/delete",
                "shop/storefront:1.0".to_owned(),
            ),
            (
                "https://console.example/api/v1/images/shop/storefront",
                "shop/storefront".to_owned(),
            ),
            ("/images/shop/storefront", "shop/storefront".to_owned()),
            (
                "https://console.example/images/shop?q=store",
                "store".to_owned(),
            ),
            (
                "https://console.example/projects/shop/members",
                "shop".to_owned(),
            ),
            (
                "https://console.example/search?q=shop%2Fstorefront",
                "shop/storefront".to_owned(),
            ),
            (
                "https://r.example/shop/storefront:1.0",
                "shop/storefront:1.0".to_owned(),
            ),
            (
                &format!("https://console.example/images/shop/storefront@sha256:{digest}"),
                format!("shop/storefront@sha256:{digest}"),
            ),
            (
                &format!("https://console.example/images/shop/storefront%40sha256%3A{digest}"),
                format!("shop/storefront@sha256:{digest}"),
            ),
        ] {
            assert_eq!(first(text), meant, "{text}");
        }
    }

    #[test]
    fn pasted_digest_is_lowercased() {
        assert_eq!(first("SHA256:ABC1234"), "sha256:abc1234");
        assert_eq!(
            first("r.example/shop/api@SHA256:ABC1234"),
            "r.example/shop/api@sha256:abc1234"
        );
        assert_eq!(
            first("Shop/API:V1"),
            "Shop/API:V1",
            "names are none of its business"
        );
    }

    #[test]
    fn image_id_of_docker_is_that_of_a_config() {
        let digest = format!("sha256:{}", "a1".repeat(32));
        for text in [
            format!("docker://{digest}"),
            format!("DOCKER://{}", digest.to_uppercase()),
            format!("docker://{}", &digest[7..]),
            format!("    Image ID:       docker://{digest}"),
            format!("\"imageID\": \"docker://{digest}\","),
        ] {
            assert!(is_docker_image_id(&text), "{text}");
        }
        for text in [
            digest.clone(),
            digest[7..].to_owned(),
            format!("cri-o://{digest}"),
            format!("docker-pullable://{digest}"),
            format!("docker://r.example/shop/api@{digest}"),
            "docker://sha256:a1".to_owned(),
            "docker".to_owned(),
        ] {
            assert!(!is_docker_image_id(&text), "{text}");
        }
    }

    #[test]
    fn other_text_is_searched_verbatim() {
        for text in [
            "",
            "docker",
            "docker pull",
            "image:1.0",
            "team=Red Hat",
            "from",
            "https",
            "name: shop",
            "image:",
        ] {
            assert_eq!(first(text), text);
        }
    }
}
