//! What the console's own paths say about their pages.

use super::{HOME, OAUTH_CALLBACK, PREFERENCES, SIGN_OUT, project, stream};
use registry_model::{ImageStreamName, ProjectName, TagName};

/// The page with the form that is sent to `address` (path and query): most often that address
/// itself.
#[must_use]
pub fn form_page(address: &str) -> &str {
    let path = address.split('?').next().unwrap_or_default();
    let (parent, last) = path.rsplit_once('/').unwrap_or_default();
    match last {
        _ if matches!(path, SIGN_OUT | PREFERENCES | OAUTH_CALLBACK) => HOME,
        // There is no such page, or it needs a query that its form does not have.
        "restore" | "roll-back" | "finish" | "file" | "take-back" | "remove"
            if path.len() == address.len() =>
        {
            parent
        }
        _ => address,
    }
}

/// The page above the page at `path`, and the name of its object: the list in which a reader finds
/// what exists now. `None` for the pages of the navigation and for paths without valid names.
#[must_use]
pub fn page_above(path: &str) -> Option<(String, String)> {
    let path = path.split('?').next().unwrap_or_default();
    let mut parts = path.strip_prefix('/')?.split('/');
    let (area, name) = (parts.next()?, parts.next()?);
    let below = parts.next();
    match area {
        "images" => {
            let name: ProjectName = name.parse().ok()?;
            let image = below?;
            let stream_end = image.find([':', '@']).unwrap_or(image.len());
            let stream_name: ImageStreamName = image[..stream_end].parse().ok()?;
            if stream_end < image.len() || parts.next().is_some() {
                Some((stream(&name, &stream_name), stream_name.to_string()))
            } else {
                Some((project(&name), name.to_string()))
            }
        }
        "projects" if below.is_some() => {
            let name: ProjectName = name.parse().ok()?;
            Some((project(&name), name.to_string()))
        }
        _ => None,
    }
}

/// The name of the project, image stream or image that the page at `path` is about: `project` or
/// `project/stream`. `None` if the path contains no valid name.
#[must_use]
pub fn object_in_path(path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let mut parts = path.strip_prefix('/')?.split('/');
    let (area, project) = (parts.next()?, parts.next()?);
    let project: ProjectName = project.parse().ok()?;
    match (area, parts.next()) {
        ("projects", _) => Some(project.to_string()),
        ("images", Some(image)) => {
            let stream: ImageStreamName = image.split([':', '@']).next()?.parse().ok()?;
            Some(format!("{project}/{stream}"))
        }
        ("images", None) => Some(project.to_string()),
        _ => None,
    }
}

/// The image stream that the page at `path` is about, or below, as `project/stream`.
#[must_use]
pub fn stream_in_path(path: &str) -> Option<String> {
    object_in_path(path).filter(|name| name.contains('/'))
}

/// The image that the page at `path` is about, as `project/stream:tag`. `None` for other pages, also
/// for those below the page of an image.
#[must_use]
pub fn tagged_image_in_path(path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let (project, image) = path.strip_prefix("/images/")?.split_once('/')?;
    let (stream, tag) = image.split_once(':')?;
    let project: ProjectName = project.parse().ok()?;
    let (stream, tag): (ImageStreamName, TagName) = (stream.parse().ok()?, tag.parse().ok()?);
    Some(format!("{project}/{stream}:{tag}"))
}

/// The project that a page of the console is about, if its path contains it.
#[must_use]
pub fn project_in_path(path: &str) -> Option<ProjectName> {
    let path = path.split('?').next().unwrap_or_default();
    let rest = path
        .strip_prefix("/projects/")
        .or_else(|| path.strip_prefix("/images/"))?;
    rest.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_of_a_path_is_a_valid_name_or_none() {
        for (path, name) in [
            ("/images/shop/cart:1.0/remove?x=1", Some("shop/cart")),
            ("/projects/shop/access", Some("shop")),
            ("/images/shop", Some("shop")),
            ("/images/shop/%3Cb%3E", None),
            ("/projects/%3Cb%3E", None),
            ("/users/shop", None),
            ("/", None),
        ] {
            assert_eq!(object_in_path(path).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn tagged_image_is_named_by_its_own_page_only() {
        for (path, name) in [
            ("/images/shop/cart:1.0?x=1", Some("shop/cart:1.0")),
            ("/images/shop/cart:1.0/remove", None),
            ("/images/shop/cart", None),
            ("/images/shop/cart:%3Cb%3E", None),
            ("/projects/shop/cart:1.0", None),
        ] {
            assert_eq!(tagged_image_in_path(path).as_deref(), name, "{path}");
        }
    }

    #[test]
    fn page_above_is_the_list_that_contains_the_object() {
        let above = |path| page_above(path).map(|(href, _)| href);
        assert_eq!(
            above("/images/shop/cart:1.0").as_deref(),
            Some("/images/shop/cart")
        );
        assert_eq!(
            above("/images/shop/cart/edit").as_deref(),
            Some("/images/shop/cart")
        );
        assert_eq!(
            above("/images/shop/cart?page=2").as_deref(),
            Some("/projects/shop")
        );
        assert_eq!(
            above("/projects/shop/logins").as_deref(),
            Some("/projects/shop")
        );
        assert_eq!(above("/projects/shop"), None);
        assert_eq!(above("/images/Not%20a%20name/cart"), None);
        assert_eq!(above("/"), None);
    }
}
