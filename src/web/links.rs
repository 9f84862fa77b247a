//! The one place that writes a path of the console.
//!
//! The names in a path are parsed names, which hold no character that would need encoding (S33). Those of users and groups are encoded.

mod people;

use crate::console::{ListQuery, ListSort, Order, SearchQuery, ShownReference, TagQuery, TagSort};
use crate::model::{Digest, ImageStreamName, ProjectName, ServiceAccountName, TagName};

pub use people::{GROUPS, NEW_GROUP, NEW_USER, USERS, delete_group, delete_user, edit_user, group, group_leaving, leave_group, user};

/// The overview.
pub const OVERVIEW: &str = "/";
/// All image streams.
pub const IMAGES: &str = "/images";
/// All projects.
pub const PROJECTS: &str = "/projects";
/// Searches all that the person may see.
pub const SEARCH: &str = "/search";
/// What is wrong with the console and with what it works with.
pub const DOCTOR: &str = "/doctor";
/// Asks for a new project (GET form, POST).
pub const NEW_PROJECT: &str = "/new-project";
/// Begins a sign-in.
pub const LOGIN: &str = "/login";
/// Where the OAuth server sends people back to.
pub const CALLBACK: &str = "/oauth/callback";
/// Signs out (POST).
pub const LOGOUT: &str = "/logout";
/// The page after signing out.
pub const SIGNED_OUT: &str = "/signed-out";
/// Changes language and theme (POST).
pub const PREFERENCES: &str = "/preferences";
/// Where the JSON twins of all pages live.
pub const API: &str = "/api/v1";

/// How to use the registry from outside.
pub const CONNECT: &str = "/connect";
/// Shows the session's own token (GET asks, POST does).
pub const CONNECT_TOKEN: &str = "/connect/token";
/// The certificate of the registry's authority.
pub const CONNECT_CA: &str = "/connect/ca.crt";

/// How to use a project from outside, or one of its image streams.
#[must_use]
pub fn connect_to(project: &ProjectName, stream: Option<&ImageStreamName>) -> String {
    let mut pairs = vec![("project", project.as_str())];
    pairs.extend(stream.map(|stream| ("image", stream.as_str())));
    with_query(CONNECT, &pairs)
}

/// The logins of a project's own, and a form for one more (POST).
#[must_use]
pub fn logins(name: &ProjectName) -> String {
    format!("{}/logins", project(name))
}

/// Does what is missing of a login, and shows its token (POST).
#[must_use]
pub fn finish_login(name: &ProjectName) -> String {
    format!("{}/finish", logins(name))
}

/// A login as a file (POST).
#[must_use]
pub fn login_file(name: &ProjectName) -> String {
    format!("{}/file", logins(name))
}

/// Takes a login back (POST).
#[must_use]
pub fn take_back_login(name: &ProjectName) -> String {
    format!("{}/take-back", logins(name))
}

/// Asks whether to take this login back.
#[must_use]
pub fn login_removal(project: &ProjectName, name: &ServiceAccountName) -> String {
    with_query(&take_back_login(project), &[("name", name.as_str())])
}

/// Makes a new image stream (GET asks, POST does).
pub const NEW_STREAM: &str = "/new-image-stream";

/// The same, the project chosen already.
#[must_use]
pub fn new_stream(project: &ProjectName) -> String {
    with_query(NEW_STREAM, &[("project", project.as_str())])
}

/// Changes an image stream (GET asks, POST does).
#[must_use]
pub fn edit_stream(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/edit", stream(project, name))
}

/// Deletes an image stream (GET asks, POST does).
#[must_use]
pub fn delete_stream(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/delete", stream(project, name))
}

/// Imports what an image stream follows, or one tag of it (GET asks, POST does).
#[must_use]
pub fn import(project: &ProjectName, name: &ImageStreamName, only: Option<&TagName>) -> String {
    only.map_or_else(|| stream(project, name), |only| tag(project, name, only)) + "/import"
}

/// The image streams of a project.
#[must_use]
pub fn images_of(project: &ProjectName) -> String {
    format!("/images/{project}")
}

/// An image stream.
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

/// Who can pull from the project of a stream and push to it, and why.
#[must_use]
pub fn access(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/access", stream(project, name))
}

/// Asks whether to remove a tag, and removes it (POST).
#[must_use]
pub fn remove_tag(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/delete", tag(project, stream, name))
}

/// Chooses tags of a stream and removes them (POST).
#[must_use]
pub fn remove_tags(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/remove-tags", stream(project, name))
}

/// Puts a removed tag back (POST).
#[must_use]
pub fn restore_tag(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/restore", tag(project, stream, name))
}

/// Adds a tag to a stream (GET asks, POST does).
#[must_use]
pub fn new_tag(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/new-tag", stream(project, name))
}

/// Puts tags back that were removed together (POST).
#[must_use]
pub fn restore_tags(project: &ProjectName, name: &ImageStreamName) -> String {
    format!("{}/restore", stream(project, name))
}

/// An image, by tag or digest.
#[must_use]
pub fn image_by(project: &ProjectName, name: &ImageStreamName, reference: &ShownReference) -> String {
    format!("{}{reference}", stream(project, name))
}

/// Gives an image another tag (GET asks, POST does).
#[must_use]
pub fn tag_as(project: &ProjectName, name: &ImageStreamName, reference: &ShownReference) -> String {
    format!("{}/tag-as", image_by(project, name, reference))
}

/// Rolls a tag back (POST).
#[must_use]
pub fn roll_back(project: &ProjectName, stream: &ImageStreamName, name: &TagName) -> String {
    format!("{}/roll-back", tag(project, stream, name))
}

/// Asks whether to roll a tag back to an image.
#[must_use]
pub fn roll_back_to(project: &ProjectName, stream: &ImageStreamName, name: &TagName, to: &Digest) -> String {
    with_query(&roll_back(project, stream, name), &[("to", &to.to_string())])
}

/// A project.
#[must_use]
pub fn project(project: &ProjectName) -> String {
    format!("/projects/{project}")
}

/// Who belongs to a project, and forms to change that (POST).
#[must_use]
pub fn members(name: &ProjectName) -> String {
    format!("{}/members", project(name))
}

/// Takes a role from a member (POST).
#[must_use]
pub fn remove_member(name: &ProjectName) -> String {
    format!("{}/remove", members(name))
}

/// Asks whether to take this role from this member.
#[must_use]
pub fn member_removal(project: &ProjectName, kind: &str, name: &str, role: &str) -> String {
    with_query(&remove_member(project), &[("kind", kind), ("name", name), ("role", role)])
}

/// Asks whether to give this member another role in the place of this one.
#[must_use]
pub fn role_change(project: &ProjectName, kind: &str, name: &str, role: &str, to: &str) -> String {
    with_query(&remove_member(project), &[("kind", kind), ("name", name), ("role", role), ("to", to)])
}

/// Who may pull from a project, and a form to change that (POST).
#[must_use]
pub fn project_access(name: &ProjectName) -> String {
    format!("{}/access", project(name))
}

/// Changes the texts of a project (GET form, POST).
#[must_use]
pub fn edit_project(name: &ProjectName) -> String {
    format!("{}/edit", project(name))
}

/// Asks whether to delete a project, and deletes it (POST).
#[must_use]
pub fn delete_project(name: &ProjectName) -> String {
    format!("{}/delete", project(name))
}

/// Begins a sign-in that comes back to `next`.
#[must_use]
pub fn login(next: &str) -> String {
    with_query(LOGIN, &[("next", next)])
}

/// The same, although the master does not answer.
#[must_use]
pub fn login_anyway(next: &str) -> String {
    with_query(LOGIN, &[("next", next), ("anyway", "1")])
}

/// A list of image streams; what is as usual is left out, so that one list has one address.
#[must_use]
pub fn image_list(query: &ListQuery) -> String {
    let path = query.project.as_ref().map_or_else(|| IMAGES.to_owned(), images_of);
    let usual = query.sort.usual_order();
    let page = query.page.to_string();
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.as_str()));
    }
    if query.sort != ListSort::Name {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != usual {
        pairs.push(("order", order(query.order)));
    }
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(&path, &pairs)
}

/// The same list, sorted by `sort`; the other way round if it already is.
#[must_use]
pub fn image_list_by(query: &ListQuery, sort: ListSort) -> String {
    let order = if query.sort == sort { query.order.reversed() } else { sort.usual_order() };
    image_list(&ListQuery { sort, order, page: 1, ..query.clone() })
}

/// A search; all hits of one kind, where the query names it.
#[must_use]
pub fn search(query: &SearchQuery) -> String {
    let page = query.page.to_string();
    let mut pairs = vec![("q", query.text.as_str())];
    pairs.extend(query.kind.map(|kind| ("kind", kind.as_str())));
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(SEARCH, &pairs)
}

/// Another page of the same list.
#[must_use]
pub fn image_list_page(query: &ListQuery, page: usize) -> String {
    image_list(&ListQuery { page, ..query.clone() })
}

/// The tags of a stream, found and sorted.
#[must_use]
pub fn tag_list(project: &ProjectName, name: &ImageStreamName, query: &TagQuery) -> String {
    let page = query.page.to_string();
    let mut pairs = Vec::new();
    if !query.text.is_empty() {
        pairs.push(("q", query.text.as_str()));
    }
    if query.sort != TagSort::Updated {
        pairs.push(("sort", query.sort.as_str()));
    }
    if query.order != query.sort.usual_order() {
        pairs.push(("order", order(query.order)));
    }
    if query.page > 1 {
        pairs.push(("page", &page));
    }
    with_query(&stream(project, name), &pairs)
}

/// The same tags, sorted by `sort`; the other way round if they already are.
#[must_use]
pub fn tag_list_by(project: &ProjectName, name: &ImageStreamName, query: &TagQuery, sort: TagSort) -> String {
    let order = if query.sort == sort { query.order.reversed() } else { sort.usual_order() };
    tag_list(project, name, &TagQuery { sort, order, page: 1, ..query.clone() })
}

/// Another page of the same tags.
#[must_use]
pub fn tag_list_page(project: &ProjectName, name: &ImageStreamName, query: &TagQuery, page: usize) -> String {
    tag_list(project, name, &TagQuery { page, ..query.clone() })
}

/// A page of the list of projects.
#[must_use]
pub fn project_list(text: &str, page: usize) -> String {
    found_in(PROJECTS, text, page)
}

/// A page of the list at `path`: users, groups, members of a group.
#[must_use]
pub fn found_in(path: &str, text: &str, page: usize) -> String {
    let page_text = page.to_string();
    let mut pairs = Vec::new();
    if !text.is_empty() {
        pairs.push(("q", text));
    }
    if page > 1 {
        pairs.push(("page", page_text.as_str()));
    }
    with_query(path, &pairs)
}

/// As in an address.
pub(super) fn order(order: Order) -> &'static str {
    match order {
        Order::Ascending => "asc",
        Order::Descending => "desc",
    }
}

fn with_query(path: &str, pairs: &[(&str, &str)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{path}?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query() -> ListQuery {
        ListQuery { text: String::new(), project: None, sort: ListSort::Name, order: Order::Ascending, page: 1 }
    }

    #[test]
    fn a_list_as_usual_has_a_bare_address() {
        assert_eq!(image_list(&query()), "/images");
        assert_eq!(image_list(&ListQuery { project: Some("team-a".parse().unwrap()), ..query() }), "/images/team-a");
    }

    #[test]
    fn what_was_asked_stays_in_the_address_encoded() {
        let asked = ListQuery { text: "a&b <c>".to_owned(), page: 2, ..query() };
        assert_eq!(image_list(&asked), "/images?q=a%26b+%3Cc%3E&page=2");
    }

    #[test]
    fn a_user_of_any_name_is_one_segment_of_a_path() {
        assert_eq!(user("system:janitor:default"), "/users/system:janitor:default");
        assert_eq!(group("cn=a, dc=b/..?#%\\"), "/groups/cn%3Da%2C%20dc%3Db%2F..%3F%23%25%5C");
        assert_eq!(group_leaving("a b", "c&d=e"), "/groups/a%20b/remove?user=c%26d%3De");
    }

    #[test]
    fn sorting_by_the_same_column_twice_turns_it_round() {
        let newest = ListQuery { sort: ListSort::Pushed, order: Order::Descending, ..query() };
        assert_eq!(image_list_by(&query(), ListSort::Pushed), "/images?sort=pushed");
        assert_eq!(image_list_by(&newest, ListSort::Pushed), "/images?sort=pushed&order=asc");
        assert_eq!(image_list_by(&query(), ListSort::Name), "/images?order=desc");
    }
}
