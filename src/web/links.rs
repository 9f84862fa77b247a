//! The one place that builds paths of the console.
//!
//! The names in a path are parsed names, which contain no character that would need encoding (S33).
//! Names of users and groups are encoded.

mod credentials;
mod image_streams;
mod images;
mod imports;
mod lists;
mod live;
mod paths;
mod projects;
mod space;
mod tags;
mod usage;
mod users_and_groups;

use registry_model::{ImageStreamName, ProjectName};

pub use credentials::{
    confirm_revoke_credential, credential_file, credentials, finish_credential, revoke_credential,
};
pub use image_streams::{
    NEW_STREAM, check_stream_access, delete_stream, edit_stream, history_of_tag, import,
    new_stream_in, stream, stream_access, stream_history, stream_settings, tag_job,
};
pub use images::{
    compare, compare_images, compare_platform, compare_with, image, image_by_reference, tag_as,
};
pub use imports::{import_job, imports, imports_fields};
pub(super) use lists::order_value;
pub use lists::{
    failing_streams, filtered_list, history_page, home_activity, project_activity_page,
    project_list, project_list_page, project_list_sorted, search, stream_list, stream_list_page,
    stream_list_sorted, tag_history, tag_list, tag_list_page, tag_list_sized, tag_list_sorted,
};
pub(super) use live::parse_live_updates;
pub use live::{LIVE, live_updates};
pub use paths::{
    form_page, object_in_path, page_above, project_in_path, stream_in_path, tagged_image_in_path,
};
pub use projects::{
    confirm_remove_member, confirm_role_change, delete_project, edit_project, grant_role, members,
    project, project_access, project_activity, project_images, remove_member,
};
pub use space::{
    SPACE, project_space, project_space_sorted, prune_plan, prune_plan_form, space as all_space,
    space_sorted, stream_prune_plan, stream_space,
};
pub use tags::{
    confirm_roll_back, new_tag, new_tag_with_name, remove_selected_tags, remove_tag, remove_tags,
    remove_tags_by_rules, restore_tag, restore_tags, roll_back, tag,
};
pub use usage::{
    image_used_by, project_workloads, project_workloads_in, stream_used_by, workload,
    workload_anchor,
};
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

/// The OpenAPI document.
pub const OPENAPI: &str = "/api/v1/openapi.json";
/// The page about the API.
pub const API: &str = "/api";

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

/// The form in CSV of the list on the page at `path`, which may have a query: with the same filter, and
/// all rows. The page of a project shows the list of its image streams. What is not among the values of
/// a parameter, by the path of the list, was ignored by the page.
#[must_use]
pub fn csv_form(path: &str, accepts: impl Fn(&str, &str, &str) -> bool) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let of_project = path
        .strip_prefix(PROJECTS)
        .and_then(|rest| rest.strip_prefix('/'))
        .filter(|name| !name.is_empty() && !name.contains('/'));
    let list = of_project.map_or_else(|| path.to_owned(), |name| format!("{IMAGES}/{name}"));
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let kept = pairs.filter(|(name, value)| {
        !matches!(&**name, "page" | "format") && accepts(&list, name, value)
    });
    let kept: Vec<_> = kept.collect();
    // The page lists the projects of the cluster itself only if it is asked to, the API always.
    let hides_system = list == PROJECTS && !kept.iter().any(|(name, _)| name == "system");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .extend_pairs(hides_system.then_some(("system", "hide")))
        .append_pair("format", "csv")
        .finish();
    format!("{API_ROOT}{list}?{query}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_form_keeps_the_filter_and_has_all_rows() {
        for (page, csv) in [
            ("/images", "/api/v1/images?format=csv"),
            ("/images?q=a+b&page=2", "/api/v1/images?q=a+b&format=csv"),
            ("/projects", "/api/v1/projects?system=hide&format=csv"),
            (
                "/projects?system=show",
                "/api/v1/projects?system=show&format=csv",
            ),
            ("/projects/shop?q=x", "/api/v1/images/shop?q=x&format=csv"),
            (
                "/projects/shop/activity",
                "/api/v1/projects/shop/activity?format=csv",
            ),
            (
                "/projects?system=maybe&q=x",
                "/api/v1/projects?q=x&system=hide&format=csv",
            ),
        ] {
            let accepts = |_: &str, _: &str, value: &str| value != "maybe";
            assert_eq!(csv_form(page, accepts), csv);
        }
    }
}
