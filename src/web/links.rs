//! The one place that builds paths of the console.
//!
//! The names in a path are parsed names, which contain no character that would need encoding (S33).
//! Names of users and groups are encoded.

mod imports;
mod lists;
mod live;
mod users_and_groups;

use crate::app::images::ImageReference;
use registry_model::{Digest, ImageStreamName, ProjectName, ServiceAccountName, TagName};

pub use imports::{imports, imports_fields};
pub(super) use lists::order_value;
pub use lists::{
    failing_streams, filtered_list, history_page, home_activity, project_activity_page,
    project_list, project_list_page, project_list_sorted, search, stream_list, stream_list_page,
    stream_list_sorted, tag_history, tag_list, tag_list_page, tag_list_sized, tag_list_sorted,
};
pub(super) use live::parse_live_updates;
pub use live::{LIVE, live_updates};
pub use users_and_groups::{
    GROUPS, NEW_GROUP, NEW_USER, USERS, confirm_remove_from_group, delete_group, delete_user,
    edit_user, group, remove_from_group, user,
};

pub const HOME: &str = "/";
pub const IMAGES: &str = "/images";
pub const PROJECTS: &str = "/projects";
/// The tags that are imported from other registries.
pub const IMPORTS: &str = "/imports";
/// Searches everything that the user may see.
pub const SEARCH: &str = "/search";
/// The doctor: what is wrong with the console and its upstreams.
pub const DOCTOR: &str = "/doctor";
/// Requests a new project (GET form, POST).
pub const NEW_PROJECT: &str = "/new-project";
pub const SIGN_IN: &str = "/login";
/// The redirect URI of the OAuth client.
pub const OAUTH_CALLBACK: &str = "/oauth/callback";
pub const SIGN_OUT: &str = "/logout";
/// The page after signing out.
pub const SIGNED_OUT: &str = "/signed-out";

/// The redirect URI after the session at the OAuth server has ended. Below [`OAUTH_CALLBACK`], so
/// that the redirect URI that is registered for sign-ins covers it.
pub const OAUTH_SESSION_ENDED: &str = "/oauth/callback/signed-out";
/// Changes language and theme (POST).
pub const PREFERENCES: &str = "/preferences";
/// The root of the JSON forms of all pages.
pub const API_ROOT: &str = "/api/v1";

/// How to use the registry with a client.
pub const CONNECT: &str = "/connect";
/// Shows the session's own token (GET confirmation, POST).
pub const CONNECT_TOKEN: &str = "/connect/token";
/// The certificate of the registry's authority.
pub const CONNECT_CA: &str = "/connect/ca.crt";

/// How to use a project, or one of its image streams, with a client.
#[must_use]
pub fn connect_for(project: &ProjectName, stream: Option<&ImageStreamName>) -> String {
    let mut pairs = vec![("project", project.as_str())];
    pairs.extend(stream.map(|stream| ("image", stream.as_str())));
    with_query(CONNECT, &pairs)
}

/// The credentials of a project, and a form for a new one (POST).
#[must_use]
pub fn credentials(name: &ProjectName) -> String {
    format!("{}/logins", project(name))
}

/// Finishes creating a credential, and shows its token (POST).
#[must_use]
pub fn finish_credential(name: &ProjectName) -> String {
    format!("{}/finish", credentials(name))
}

/// A credential as a file (POST).
#[must_use]
pub fn credential_file(name: &ProjectName) -> String {
    format!("{}/file", credentials(name))
}

/// Revokes a credential (POST).
#[must_use]
pub fn revoke_credential(name: &ProjectName) -> String {
    format!("{}/take-back", credentials(name))
}

/// The confirmation before revoking this credential.
#[must_use]
pub fn confirm_revoke_credential(project: &ProjectName, name: &ServiceAccountName) -> String {
    with_query(&revoke_credential(project), &[("name", name.as_str())])
}

/// Creates an image stream (GET form, POST).
pub const NEW_STREAM: &str = "/new-image-stream";

/// The same, with the project selected.
#[must_use]
pub fn new_stream_in(project: &ProjectName) -> String {
    with_query(NEW_STREAM, &[("project", project.as_str())])
}

/// Changes an image stream (GET form, POST).
#[must_use]
pub fn edit_stream(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/edit", stream(project, name))
}

/// Deletes an image stream (GET confirmation, POST).
#[must_use]
pub fn delete_stream(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/delete", stream(project, name))
}

/// Imports an image stream, or one tag of it, again (GET confirmation, POST).
#[must_use]
pub fn import(project: &ProjectName, name: &ImageStreamName, only: Option<&TagName>) -> String {
    only.map_or_else(|| stream(project, name), |only| tag(project, name, only)) + "/import"
}

/// The image streams of a project.
#[must_use]
pub fn project_images(name: &ProjectName) -> String {
    project(name)
}

#[must_use]
pub fn stream(project: &ProjectName, stream: &ImageStreamName) -> String {
    format!("/images/{project}/{stream}")
}

/// A tag of an image stream.
#[must_use]
pub fn tag(project: &ProjectName, stream: &ImageStreamName, tag: &TagName) -> String {
    format!("/images/{project}/{stream}:{tag}")
}

/// An image by digest.
#[must_use]
pub fn image(project: &ProjectName, stream: &ImageStreamName, digest: &Digest) -> String {
    format!("/images/{project}/{stream}@{digest}")
}

/// The history of the tags of an image stream.
#[must_use]
pub fn stream_history(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/history", stream(project, name))
}

/// Compares two images. Without a query, the two newest images of the image stream.
#[must_use]
pub fn compare(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/compare", stream(project, name))
}

/// Compares `from` with `to`. Both are a tag (`name`), a digest, or one of these in another image
/// stream (`project/stream:tag`, `project/stream@digest`).
#[must_use]
pub fn compare_images(
    project: &ProjectName,
    name: &ImageStreamName,
    from: &str,
    to: &str,
) -> String {
    with_query(&compare(project, name), &[("from", from), ("to", to)])
}

/// The same for one platform of image indexes.
#[must_use]
pub fn compare_platform(
    project: &ProjectName,
    name: &ImageStreamName,
    from: &str,
    to: &str,
    platform: &str,
) -> String {
    with_query(
        &compare(project, name),
        &[("from", from), ("to", to), ("platform", platform)],
    )
}

/// Chooses an image to compare `from` with.
#[must_use]
pub fn compare_with(project: &ProjectName, name: &ImageStreamName, from: &str) -> String {
    with_query(&compare(project, name), &[("from", from)])
}

/// The history of one tag, from which it can be rolled back.
#[must_use]
pub fn history_of_tag(project: &ProjectName, name: &ImageStreamName, tag: &TagName) -> String {
    with_query(&stream_history(project, name), &[("tag", tag.as_str())])
}

/// The settings of an image stream.
#[must_use]
pub fn stream_settings(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/settings", stream(project, name))
}

/// Who can pull from the project of an image stream and push to it, and why.
#[must_use]
pub fn stream_access(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/access", stream(project, name))
}

/// Removes a tag (GET confirmation, POST).
#[must_use]
pub fn remove_tag(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/delete", tag(project, stream, name))
}

/// Selects tags of an image stream and removes them (POST).
#[must_use]
pub fn remove_tags(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/remove-tags", stream(project, name))
}

/// The same page, with these tags selected: as many of them as fit into an address of moderate
/// length.
#[must_use]
pub fn remove_selected_tags<'t>(
    project: &ProjectName,
    name: &ImageStreamName,
    tags: impl Iterator<Item = &'t TagName>,
) -> String {
    let mut left = MAX_SELECTION_BYTES;
    let pairs: Vec<(&str, &str)> = tags
        .map(|tag| ("tag", tag.as_str()))
        .take_while(|(name, value)| {
            let bytes = name.len() + value.len() + 2;
            let fits = bytes <= left;
            left = left.saturating_sub(bytes);
            fits
        })
        .collect();
    with_query(&remove_tags(project, name), &pairs)
}

/// How many bytes the tags of [`remove_selected_tags`] take.
const MAX_SELECTION_BYTES: usize = 2_000;

/// A job that changes tags of an image stream. The image stream is in the query for a console that
/// does not know the job.
#[must_use]
pub fn job(id: &str, project: &ProjectName, stream: &ImageStreamName) -> String {
    with_query(
        &format!("/jobs/{id}"),
        &[("image", &format!("{project}/{stream}"))],
    )
}

/// Restores a removed tag (POST).
#[must_use]
pub fn restore_tag(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/restore", tag(project, stream, name))
}

/// Adds a tag to an image stream (GET form, POST).
#[must_use]
pub fn new_tag(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/new-tag", stream(project, name))
}

/// The same, with the name of the tag filled in.
#[must_use]
pub fn new_tag_with_name(
    project: &ProjectName,
    stream: &ImageStreamName,
    name: &TagName,
) -> String {
    with_query(&new_tag(project, stream), &[("tag", name.as_str())])
}

/// Restores tags that were removed together (POST).
#[must_use]
pub fn restore_tags(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/restore", stream(project, name))
}

/// An image, by tag or digest.
#[must_use]
pub fn image_by_reference(
    project: &ProjectName,
    name: &ImageStreamName,
    reference: &ImageReference,
) -> String {
    format!("{}{reference}", stream(project, name))
}

/// Adds a tag to an image (GET form, POST).
#[must_use]
pub fn tag_as(project: &ProjectName, name: &ImageStreamName, reference: &ImageReference) -> String {
    format!("{}/tag-as", image_by_reference(project, name, reference))
}

/// Rolls a tag back (POST).
#[must_use]
pub fn roll_back(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/roll-back", tag(project, stream, name))
}

/// The confirmation before rolling a tag back to an image.
#[must_use]
pub fn confirm_roll_back(
    project: &ProjectName,
    stream: &ImageStreamName,
    name: &TagName,
    to: &Digest,
) -> String {
    with_query(
        &roll_back(project, stream, name),
        &[("to", &to.to_string())],
    )
}

#[must_use]
pub fn project(project: &ProjectName) -> String {
    format!("/projects/{project}")
}

/// What changed in a project.
#[must_use]
pub fn project_activity(name: &ProjectName) -> String {
    format!("{}/activity", project(name))
}

/// Changes the members of a project (POST). `GET` redirects to [`project_access`].
#[must_use]
pub fn members(name: &ProjectName) -> String {
    format!("{}/members", project(name))
}

/// The form that gives a role to a member, with these values filled in.
#[must_use]
pub fn give_role(project: &ProjectName, kind: &str, name: &str, role: &str) -> String {
    with_query(
        &project_access(project),
        &[("kind", kind), ("name", name), ("role", role)],
    )
}

/// Removes a role from a member (POST).
#[must_use]
pub fn remove_member(name: &ProjectName) -> String {
    format!("{}/remove", members(name))
}

/// The confirmation before removing this role from this member.
#[must_use]
pub fn confirm_remove_member(project: &ProjectName, kind: &str, name: &str, role: &str) -> String {
    with_query(
        &remove_member(project),
        &[("kind", kind), ("name", name), ("role", role)],
    )
}

/// The confirmation before replacing this role of this member by another one.
#[must_use]
pub fn confirm_role_change(
    project: &ProjectName,
    kind: &str,
    name: &str,
    role: &str,
    to: &str,
) -> String {
    with_query(
        &remove_member(project),
        &[("kind", kind), ("name", name), ("role", role), ("to", to)],
    )
}

/// Who has access to a project, and forms to change it (POST).
#[must_use]
pub fn project_access(name: &ProjectName) -> String {
    format!("{}/access", project(name))
}

/// The same, with the form open that gives `name` the role.
#[must_use]
pub fn grant_role(project: &ProjectName, kind: &str, name: &str, role: &str) -> String {
    let pairs = [("add", name), ("kind", kind), ("role", role)];
    with_query(&project_access(project), &pairs) + "#add"
}

/// Changes the texts of a project (GET form, POST).
#[must_use]
pub fn edit_project(name: &ProjectName) -> String {
    format!("{}/edit", project(name))
}

/// Deletes a project (GET confirmation, POST).
#[must_use]
pub fn delete_project(name: &ProjectName) -> String {
    format!("{}/delete", project(name))
}

/// Begins a sign-in that returns to `next`.
#[must_use]
pub fn sign_in(next: &str) -> String {
    with_query(SIGN_IN, &[("next", next)])
}

/// The same, although the API server does not answer.
#[must_use]
pub fn sign_in_anyway(next: &str) -> String {
    with_query(SIGN_IN, &[("next", next), ("anyway", "1")])
}

/// The same, after a sign-in that several tabs began at once.
#[must_use]
pub fn sign_in_attempt(next: &str, attempt: u8) -> String {
    with_query(
        SIGN_IN,
        &[("next", next), ("attempt", &attempt.to_string())],
    )
}

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

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
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
