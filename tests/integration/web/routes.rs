//! Every route as every user: the status, as a page and as JSON.

use std::collections::BTreeSet;
use std::path::PathBuf;

use openshift_standin::cluster::Version;
use registry_console::server::health::{HEALTH_PATH, PING_PATH, READY_PATH};
use registry_console::web::assets;
use registry_console::web::assets::ASSET_PATH;
use registry_console::web::routes::{ROUTES, Route};
use rstest::rstest;
use serde_json::{Map, Value};

use crate::harness::{Browser, World};
use crate::web::api_contract::ApiContract;

const ROLES: [&str; 4] = ["outsider", "viewer", "dev", "root"];

/// Addresses whose JSON is the list that the page of a project shows: in HTML they lead to that
/// page. The statuses are those of the JSON.
const REDIRECTED: &[Visit] = &[
    (
        "/images/{project}",
        "/images/team-a",
        [401, 403, 200, 200, 200],
    ),
    (
        "/images/{project}",
        "/images/shared-libs",
        [401, 200, 200, 200, 200],
    ),
    (
        "/images/{project}",
        "/images/nowhere",
        [401, 403, 403, 403, 404],
    ),
];

/// The route's pattern, the address, and the statuses without a session and for outsider, viewer,
/// dev and root.
type Visit = (&'static str, &'static str, [u16; 5]);

/// Pages that exist as JSON too, where 401 takes the place of the redirect to the sign-in.
const PAGES: &[Visit] = &[
    ("/", "/", [303, 200, 200, 200, 200]),
    ("/images", "/images", [303, 200, 200, 200, 200]),
    (
        "/images",
        "/images?q=api&sort=pushed&order=asc&page=9",
        [303, 200, 200, 200, 200],
    ),
    ("/imports", "/imports", [303, 200, 200, 200, 200]),
    (
        "/imports",
        "/imports?q=app&state=failing&host=quay.io&project=team-a&page=2",
        [303, 200, 200, 200, 200],
    ),
    ("/search", "/search", [303, 200, 200, 200, 200]),
    (
        "/search",
        "/search?q=api&kind=tags&page=2",
        [303, 200, 200, 200, 200],
    ),
    (
        "/images",
        "/images?state=importing&project=team&per_page=200",
        [303, 200, 200, 200, 200],
    ),
    (
        "/images/{project}",
        "/images/NO%20NAME",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/nothing",
        [303, 403, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}",
        "/images/shared-libs/batch",
        [303, 200, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-b/worker",
        [303, 403, 403, 200, 200],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api:latest",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api:nothing",
        [303, 403, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api@DIGEST",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api@sha256:0",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api?client=oc&by=digest",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api?client=skopeo&per_page=100",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/history",
        "/images/team-a/api/history?tag=latest",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/history",
        "/images/team-a/api:latest/history",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/used-by",
        "/images/team-a/api/used-by",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/used-by",
        "/images/team-a/api:latest/used-by",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/used-by",
        "/images/team-a/api@DIGEST/used-by",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/used-by",
        "/images/team-a/nothing/used-by",
        [303, 403, 404, 404, 404],
    ),
    (
        "/images",
        "/images?use=none&q=api",
        [303, 200, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}",
        "/images/team-a/api?use=some",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/workloads",
        "/projects/team-a/workloads?state=outdated",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/workloads",
        "/projects/nowhere/workloads",
        [303, 403, 403, 403, 404],
    ),
    (
        "/space",
        "/space?sort=own&order=asc&unused=30&wait=long",
        [303, 200, 200, 200, 200],
    ),
    (
        "/space/plan",
        "/space/plan?keep-tag-revisions=1&state=removed",
        [303, 200, 200, 200, 200],
    ),
    (
        "/projects/{project}/space",
        "/projects/team-a/space?sort=own&order=asc",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/space",
        "/projects/nowhere/space",
        [303, 403, 403, 403, 404],
    ),
    (
        "/projects/{project}/space/plan",
        "/projects/team-a/space/plan?keep-tag-revisions=1&keep-younger-than=7d",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/space/plan",
        "/projects/nowhere/space/plan?keep-tag-revisions=x",
        [303, 403, 403, 403, 404],
    ),
    (
        "/images/{project}/{image}/space",
        "/images/team-a/api/space",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/space/plan",
        "/images/team-a/api/space/plan?keep-tag-revisions=1&keep-younger-than=7d",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/space/plan",
        "/images/team-a/nothing/space/plan",
        [303, 403, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/space/plan",
        "/images/team-a/api:latest/space/plan",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/space",
        "/images/team-a/nothing/space",
        [303, 403, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/space",
        "/images/team-a/api:latest/space",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/settings",
        "/images/team-a/api/settings",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/settings",
        "/images/team-a/nothing/settings",
        [303, 403, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/access",
        "/images/team-a/api/access",
        [303, 200, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/access",
        "/images/team-a/nothing/access?who=dev",
        [303, 200, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/access",
        "/images/team-a/api:latest/access",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/compare",
        "/images/team-a/api/compare",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/compare",
        "/images/team-a/api/compare?from=latest&to=DIGEST",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/compare",
        "/images/team-a/api:latest/compare",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/delete",
        "/images/team-a/api:latest/delete",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/delete",
        "/images/team-a/api:nothing/delete",
        [303, 403, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/tag-as",
        "/images/team-a/api:latest/tag-as",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/tag-as",
        "/images/team-a/api/tag-as",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/roll-back",
        "/images/team-a/api:latest/roll-back?to=DIGEST",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/new-tag",
        "/images/team-a/api/new-tag",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/new-tag",
        "/images/team-a/api:v1/new-tag",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/remove-tags",
        "/images/team-a/api/remove-tags?q=v",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/remove-tags",
        "/images/team-a/api:v1/remove-tags",
        [303, 404, 404, 404, 404],
    ),
    (
        "/images/{project}/{image}/delete",
        "/images/team-a/api/delete",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/edit",
        "/images/team-a/api/edit",
        [303, 403, 200, 200, 200],
    ),
    (
        "/images/{project}/{image}/import",
        "/images/team-a/api/import",
        [303, 403, 200, 200, 200],
    ),
    (
        "/jobs/{job}",
        "/jobs/never-started?image=team-a/api",
        [303, 404, 404, 404, 404],
    ),
    (
        "/new-image-stream",
        "/new-image-stream?project=team-a",
        [303, 200, 200, 200, 200],
    ),
    ("/doctor", "/doctor", [303, 200, 200, 200, 200]),
    ("/projects", "/projects", [303, 200, 200, 200, 200]),
    (
        "/projects/{project}",
        "/projects/team-a",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/activity",
        "/projects/team-a/activity?changed=30&page=9",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/activity",
        "/projects/NO%20NAME/activity",
        [303, 404, 404, 404, 404],
    ),
    (
        "/projects/{project}/members",
        "/projects/team-a/members",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/members/remove",
        "/projects/team-a/members/remove?kind=user&name=viewer&role=registry-viewer",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/members/remove",
        "/projects/team-a/members/remove?kind=user&name=viewer&role=registry-viewer&to=registry-editor",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/access",
        "/projects/team-a/access",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/access",
        "/projects/nowhere/access",
        [303, 403, 403, 403, 404],
    ),
    (
        "/projects/{project}",
        "/projects/nowhere",
        [303, 403, 403, 403, 404],
    ),
    (
        "/projects/{project}/edit",
        "/projects/team-a/edit",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/edit",
        "/projects/nowhere/edit",
        [303, 403, 403, 403, 404],
    ),
    (
        "/projects/{project}/edit",
        "/projects/NO%20NAME/edit",
        [303, 404, 404, 404, 404],
    ),
    (
        "/projects/{project}/delete",
        "/projects/team-a/delete",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/delete",
        "/projects/nowhere/delete",
        [303, 403, 403, 403, 404],
    ),
    (
        "/projects/{project}/delete",
        "/projects/NO%20NAME/delete",
        [303, 404, 404, 404, 404],
    ),
    (
        "/connect",
        "/connect?project=team-a&image=api",
        [303, 200, 200, 200, 200],
    ),
    (
        "/connect",
        "/connect?project=NO%20NAME&image=../x",
        [303, 200, 200, 200, 200],
    ),
    (
        "/connect/token",
        "/connect/token",
        [303, 200, 200, 200, 200],
    ),
    (
        "/projects/{project}/logins",
        "/projects/team-a/logins",
        [303, 403, 200, 200, 200],
    ),
    (
        "/projects/{project}/logins",
        "/projects/nowhere/logins",
        [303, 403, 403, 403, 404],
    ),
    (
        "/projects/{project}/logins/take-back",
        "/projects/team-a/logins/take-back?name=robot",
        [303, 403, 403, 200, 200],
    ),
    (
        "/projects/{project}/logins/take-back",
        "/projects/team-a/logins/take-back?name=nothing",
        [303, 403, 403, 404, 404],
    ),
    (
        "/projects/{project}/logins/take-back",
        "/projects/team-a/logins/take-back?name=../x",
        [303, 404, 404, 404, 404],
    ),
    ("/new-project", "/new-project", [303, 200, 200, 200, 200]),
    ("/users", "/users?q=dev&page=9", [303, 403, 403, 403, 200]),
    ("/users/{user}", "/users/dev", [303, 403, 403, 403, 200]),
    (
        "/users/{user}",
        "/users/system:janitor:default",
        [303, 403, 403, 403, 404],
    ),
    ("/users/{user}", "/users/~", [303, 404, 404, 404, 404]),
    (
        "/users/{user}/edit",
        "/users/dev/edit",
        [303, 403, 403, 403, 200],
    ),
    (
        "/users/{user}/delete",
        "/users/dev/delete",
        [303, 403, 403, 403, 200],
    ),
    (
        "/users/{user}/delete",
        "/users/no%20body/delete",
        [303, 403, 403, 403, 404],
    ),
    ("/new-user", "/new-user", [303, 200, 200, 200, 200]),
    ("/groups", "/groups", [303, 403, 403, 403, 200]),
    (
        "/groups/{group}",
        "/groups/release-managers",
        [303, 403, 403, 403, 404],
    ),
    (
        "/groups/{group}/remove",
        "/groups/release-managers/remove?user=dev",
        [303, 403, 403, 403, 404],
    ),
    (
        "/groups/{group}/delete",
        "/groups/release%2Fmanagers/delete",
        [303, 404, 404, 404, 404],
    ),
    ("/new-group", "/new-group", [303, 200, 200, 200, 200]),
];

const OTHERS: [Visit; 20] = [
    ("/api", "/api", [200; 5]),
    ("/api/v1/openapi.json", "/api/v1/openapi.json", [200; 5]),
    ("/connect/ca.crt", "/connect/ca.crt", [200; 5]),
    ("/api/v1/", "/api/v1/", [401, 200, 200, 200, 200]),
    ("/registry", "/registry", [308; 5]),
    ("/login", "/login", [303; 5]),
    (
        "/oauth/callback",
        "/oauth/callback",
        [400, 303, 303, 303, 303],
    ),
    (
        "/images/{project}/{image}/restore",
        "/images/team-a/api:latest/restore",
        [405; 5],
    ),
    (
        "/projects/{project}/logins/finish",
        "/projects/team-a/logins/finish",
        [405; 5],
    ),
    (
        "/projects/{project}/logins/file",
        "/projects/team-a/logins/file",
        [405; 5],
    ),
    ("/logout", "/logout", [405; 5]),
    ("/signed-out", "/signed-out", [200; 5]),
    (
        "/oauth/callback/signed-out",
        "/oauth/callback/signed-out?state=revoked",
        [303; 5],
    ),
    ("/preferences", "/preferences", [405; 5]),
    ("/live", "/live?since=1", [401, 204, 204, 204, 204]),
    ("/assets/{file}", "/assets/ASSET", [200; 5]),
    ("/ping", "/ping", [200; 5]),
    ("/healthz", "/healthz", [200; 5]),
    ("/readyz", "/readyz", [200; 5]),
    ("the fallback", "/nowhere", [404; 5]),
];

#[test]
fn every_route_is_visited() {
    let visited: BTreeSet<&str> = PAGES
        .iter()
        .map(|visit| visit.0)
        .chain(OTHERS.iter().map(|visit| visit.0))
        .filter(|pattern| *pattern != "the fallback")
        .collect();
    // The changes of the API have tests of their own.
    let routes: BTreeSet<&str> = ROUTES
        .iter()
        .filter(|route| !route.is_api_write())
        .map(Route::path)
        .chain([ASSET_PATH, PING_PATH, HEALTH_PATH, READY_PATH])
        .collect();
    assert_eq!(visited, routes);
}

/// Pages that are now a part of another one: they redirect there, and keep their JSON form.
const MOVED_PAGES: [&str; 2] = ["/images/{project}", "/projects/{project}/members"];

/// Without a session, outsider, viewer, dev, root.
async fn everybody(world: &World) -> Vec<(&'static str, Browser)> {
    let mut all = vec![("nobody", world.browser())];
    for role in ROLES {
        all.push((role, world.signed_in(role).await));
    }
    all
}

/// The digest of an image of `team-a/api`.
async fn digest(world: &World) -> String {
    let json = world
        .browser()
        .json_with_token("/images/team-a/api:latest", "TOKEN-root")
        .await
        .json();
    json["digest"].as_str().unwrap().to_owned()
}

/// The addresses of all pages.
pub(crate) async fn addresses(world: &World) -> Vec<String> {
    let digest = digest(world).await;
    PAGES
        .iter()
        .map(|(_, path, _)| path.replace("DIGEST", &digest))
        .collect()
}

/// Pages that ignore a parameter with a value that the API does not accept.
const REFUSED_AS_JSON: &[&str] = &[
    "/connect?project=NO%20NAME&image=../x",
    "/projects/nowhere/space/plan?keep-tag-revisions=x",
];

async fn visit_all(version: Version) -> Vec<String> {
    let world = World::start(version).await;
    let digest = digest(&world).await;
    crate::web::projects::credentials::make_credential(
        &mut world.signed_in("dev").await,
        "robot",
        "pull",
        "always",
    )
    .await;
    let mut odd = Vec::new();
    for (number, (who, mut browser)) in everybody(&world).await.into_iter().enumerate() {
        let mut check = |what: &str, path: &str, got: u16, expected: u16| {
            if got != expected {
                odd.push(format!(
                    "{version:?}: {who} gets {got} in place of {expected} for {path}{what}"
                ));
            }
        };
        for &(route, path, expected) in PAGES {
            let path = path.replace("DIGEST", &digest);
            let page = browser.get(&path).await;
            let expected_page = if MOVED_PAGES.contains(&route) && !path.contains("NO%20NAME") {
                303
            } else {
                expected[number]
            };
            check("", &path, page.status, expected_page);
            let json = browser.json(&path).await;
            let expected_json = match expected[number] {
                _ if REFUSED_AS_JSON.contains(&&*path) => 400,
                303 if number == 0 => 401,
                status => status,
            };
            check(" as JSON", &path, json.status, expected_json);
            json.json();
        }
        for &(_, path, expected) in REDIRECTED {
            check("", path, browser.get(path).await.status, 303);
            let json = browser.json(path).await;
            check(" as JSON", path, json.status, expected[number]);
        }
        for (_, path, expected) in OTHERS {
            let path = path.replace("/assets/ASSET", assets::url("console.css"));
            check("", &path, browser.get(&path).await.status, expected[number]);
        }
    }
    odd
}

#[rstest]
#[tokio::test]
async fn every_route_respects_each_users_rights(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let odd = visit_all(version).await;
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}

/// Lists differ by user, not only statuses.
#[rstest]
#[tokio::test]
async fn lists_contain_only_visible_rows(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let expected: [(&str, &[&str]); 4] = [
        ("outsider", &["shared-libs"]),
        ("viewer", &["shared-libs", "team-a"]),
        ("dev", &["demo", "shared-libs", "team-a", "team-b"]),
        ("root", &["demo", "shared-libs", "team-a", "team-b"]),
    ];
    for (role, projects) in expected {
        let mut browser = world.signed_in(role).await;
        let page = browser.get("/projects").await;
        let seen = page.texts("tbody th[scope=row] a");
        let seen: Vec<&str> = seen
            .iter()
            .map(String::as_str)
            .filter(|name| name.starts_with("team-") || ["demo", "shared-libs"].contains(name))
            .collect();
        assert_eq!(seen, projects, "{role}");
        let json = browser.json("/images").await.json();
        let streams = json["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["project"].as_str().unwrap());
        let strangers: Vec<&str> = streams
            .filter(|project| !projects.contains(project))
            .collect();
        assert!(strangers.is_empty(), "{role}: {strangers:?}");
    }
}

/// What a program relies on: the names of the fields and the kind of their values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => "null".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(_) => "number".into(),
        Value::String(_) => "text".into(),
        Value::Array(items) => {
            Value::Array(items.iter().map(shape).reduce(merged).into_iter().collect())
        }
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), shape(value)))
                .collect(),
        ),
    }
}

/// Two shapes as one: fields of either; what is missing in one of two lists' items, or is null, is
/// known from the other.
fn merged(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let mut all: Map<String, Value> = one;
            for (name, value) in other {
                let value = match all.remove(&name) {
                    Some(known) => merged(known, value),
                    None => value,
                };
                all.insert(name, value);
            }
            Value::Object(all)
        }
        (Value::Array(one), Value::Array(other)) => Value::Array(
            one.into_iter()
                .chain(other)
                .reduce(merged)
                .into_iter()
                .collect(),
        ),
        (Value::String(one), other) if one == "null" => other,
        (one, Value::String(other)) if other == "null" => one,
        (one, other) if one == other => one,
        (one, other) => Value::String(format!("{one} or {other}")),
    }
}

/// Programs read the JSON twins: a field that goes or changes its kind is noticed here. A new shape
/// is written where the message says; compare and commit it.
#[rstest]
#[tokio::test]
async fn json_forms_of_pages_keep_their_fields(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let twins = [
        ("home", "/"),
        ("images", "/images"),
        ("images-of-project", "/images/team-a"),
        ("stream", "/images/team-a/api"),
        ("stream-history", "/images/team-a/api/history"),
        ("stream-settings", "/images/team-a/api/settings"),
        ("used-by", "/images/team-a/api/used-by"),
        ("workloads", "/projects/team-a/workloads"),
        ("space", "/projects/team-a/space"),
        ("stream-space", "/images/team-a/api/space"),
        ("space-overview", "/space?wait=long"),
        ("remove-tag", "/images/team-a/api:latest/delete"),
        ("image", "/images/team-a/api:latest"),
        ("compare", "/images/team-a/api/compare"),
        ("projects", "/projects"),
        ("project", "/projects/team-a"),
        ("activity", "/projects/team-a/activity?changed=30"),
        ("connect", "/connect?project=team-a&image=api"),
        ("logins", "/projects/team-a/logins"),
        ("error", "/projects/NO-NAME"),
        ("users", "/users"),
        ("user", "/users/viewer"),
        ("group", "/groups/readers"),
    ];
    // These have what the version does not have as null.
    let by_version = [
        (
            "prune-plan",
            "/projects/team-a/space/plan?keep-tag-revisions=1&keep-younger-than=0",
        ),
        (
            "stream-prune-plan",
            "/images/team-a/api/space/plan?keep-tag-revisions=0&keep-younger-than=0",
        ),
        ("cleanup", "/images/team-a/api/remove-tags?keep=1"),
    ];
    let suffix = match version {
        Version::V3_9 => "-3",
        Version::V4 => "-4",
    };
    let twins = twins.map(|(name, path)| (name.to_owned(), path));
    let by_version = by_version.map(|(name, path)| (format!("{name}{suffix}"), path));
    let mut changed = Vec::new();
    let world = World::start(version).await;
    world
        .demo
        .cluster()
        .add_user("viewer", "viewer", &["readers"]);
    crate::web::usage::add_workloads(&world);
    world
        .demo
        .cluster()
        .set_stream_quota("team-a", "streams", 40);
    let (mut dev, mut root) = (world.signed_in("dev").await, world.signed_in("root").await);
    crate::web::projects::credentials::make_credential(&mut dev, "robot", "pull", "always").await;
    let contract = ApiContract::read(&world).await;
    for (name, path) in twins.into_iter().chain(by_version) {
        let browser = if path.starts_with("/users") || path.starts_with("/groups") {
            &mut root
        } else {
            &mut dev
        };
        let answer = browser.json(path).await.json();
        let shape = format!("{:#}\n", shape(&answer));
        changed.extend(recorded_difference(&name, &shape));
        if let Some(operation) = contract.operation_of(path).filter(|_| name != "error") {
            changed.extend(contract.mistakes(operation, &answer));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

/// Where a JSON text differs from the recorded one of this name: in a file that the message names.
pub(crate) fn recorded_difference(name: &str, text: &str) -> Option<String> {
    let file = format!("tests/json/{name}.json");
    let committed = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(&file);
    if std::fs::read_to_string(committed).unwrap_or_default() == text {
        return None;
    }
    let now = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(&file);
    std::fs::create_dir_all(now.parent().unwrap()).unwrap();
    std::fs::write(&now, text).unwrap();
    Some(format!("{file} is now as in {}", now.display()))
}
