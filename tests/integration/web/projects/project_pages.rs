//! New projects, changes of their texts, and their end.

use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use reqwest::StatusCode;
use rstest::rstest;

use crate::harness::{Browser, Page, World};

const HOSTILE: &str = "<script>alert(1)</script>\u{202e}\"'>";

/// Sends a form with the session's token.
async fn send(browser: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let csrf = browser.csrf().await;
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    browser.post_form(path, &all).await
}

fn value(page: &Page, field: &str) -> String {
    page.attribute(&format!("#f-{field}"), "value")
}

fn notice(page: &Page) -> String {
    page.text_of("[role=status] .pf-v6-c-alert__title")
}

/// Whether the cluster received a request that changes something.
fn changed(world: &World) -> bool {
    world
        .requests()
        .iter()
        .any(|request| request.method != "GET" && !request.path.contains("reviews"))
}

#[rstest]
#[tokio::test]
async fn requested_project_is_created_with_admin_role(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut outsider = world.signed_in("outsider").await;
    for page in ["/", "/projects"] {
        assert_eq!(
            outsider
                .get(page)
                .await
                .select("a[href='/new-project']")
                .len(),
            1,
            "offered at {page}"
        );
    }
    let form = outsider.get("/new-project").await;
    assert_eq!(
        (form.status, form.text_of(".rc-terminal code")),
        (200, "oc new-project NAME".to_owned())
    );
    let typed = [
        ("name", "sandbox"),
        ("display-name", "Sandbox"),
        ("description", "a place\r\nto play"),
    ];
    let made = send(&mut outsider, "/new-project", &typed).await;
    assert_eq!(
        (made.status, made.location().as_str()),
        (303, "/projects/sandbox"),
        "{}",
        made.text
    );
    let page = outsider.get("/projects/sandbox").await;
    assert_eq!(
        notice(&page),
        "The project sandbox was created. You are its administrator."
    );
    let json = outsider.json("/projects/sandbox").await.json();
    assert_eq!(json["project"]["display_name"], "Sandbox");
    assert_eq!(json["project"]["description"], "a place\nto play");
    assert_eq!(json["project"]["requester"], "outsider");
    for what in ["edit", "delete"] {
        assert_eq!(
            page.select(&format!(
                ".rc-menu--actions a[href='/projects/sandbox/{what}']"
            ))
            .len(),
            1,
            "{what} is offered"
        );
    }
}

#[tokio::test]
async fn invalid_project_name_is_a_field_error_without_api_request() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for (name, error) in [
        ("", "Error: Enter a project."),
        ("a", "Error: The name must have at least 2 characters."),
        (
            "Bad_Name",
            "Error: The name can't contain uppercase letters.",
        ),
        (
            "-ab",
            "Error: The name must start and end with a lowercase letter or a digit.",
        ),
        (
            &*"x".repeat(64),
            "Error: The name has 64 characters. It can have no more than 63.",
        ),
        (HOSTILE, "Error: The name can't contain “<”."),
    ] {
        world.clear_requests();
        let page = send(
            &mut dev,
            "/new-project",
            &[
                ("name", name),
                ("description", HOSTILE),
                ("display-name", HOSTILE),
            ],
        )
        .await;
        assert_eq!(page.status, 422, "{name}");
        assert_eq!(page.text_of("#f-name-help"), error);
        assert_eq!(
            page.texts("[role=alert] a"),
            ["Name"],
            "the summary links to it"
        );
        assert!(page.text_of("title").starts_with("Error: "));
        assert_eq!(value(&page, "name"), name);
        assert_eq!(
            value(&page, "display-name"),
            HOSTILE,
            "what was typed is still there"
        );
        assert!(
            page.text_of("#f-description").contains("<script>alert(1)"),
            "as text"
        );
        assert!(!page.text.contains("<script>alert"), "and never as markup");
        assert!(!changed(&world), "{:?}", world.requests());
    }
}

#[rstest]
#[tokio::test]
async fn taken_project_name_is_a_field_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    let page = send(
        &mut viewer,
        "/new-project",
        &[("name", "team-b"), ("display-name", "Mine")],
    )
    .await;
    assert_eq!(
        (page.status, value(&page, "display-name").as_str()),
        (409, "Mine")
    );
    assert!(
        page.text_of("#f-name-help").contains("team-b already"),
        "{}",
        page.text
    );
    assert_eq!(
        page.texts("[role=alert] .pf-v6-c-alert__title"),
        ["The name is already in use", "Correct this field"]
    );
    let reserved = send(&mut viewer, "/new-project", &[("name", "openshift-mine")]).await;
    assert_eq!(reserved.status, 403);
    assert!(
        reserved
            .text_of("[role=alert]")
            .contains("cannot request a project starting with"),
        "{}",
        reserved.text
    );
    assert_eq!(
        value(&reserved, "name"),
        "openshift-mine",
        "the form is still there"
    );
}

#[tokio::test]
async fn disabled_project_requests_show_the_administrators_message() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let refusal = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,
        "message":"Ask <b>platform@example.com</b> for a project."}"#;
    world.fail(
        Endpoint::ApiServer,
        Fault::Status(StatusCode::FORBIDDEN, refusal.into(), "application/json"),
    );
    let page = dev.get("/new-project").await;
    assert_eq!(page.status, 403);
    assert!(
        page.text_of("main .pf-m-info")
            .contains("Ask <b>platform@example.com</b> for a project."),
        "{}",
        page.text
    );
    assert!(
        page.select("[role=alert]").is_empty(),
        "nothing was tried yet: {}",
        page.text
    );
    assert!(
        page.select("main button[type=submit]").is_empty() && page.select("#f-name").is_empty()
    );
    let posted = send(&mut dev, "/new-project", &[("name", "mine")]).await;
    assert_eq!(posted.status, 403);
    assert!(
        posted
            .text_of("[role=alert]")
            .contains("platform@example.com"),
        "{}",
        posted.text
    );
    assert!(
        dev.get("/projects")
            .await
            .select("a[href='/new-project']")
            .is_empty(),
        "not offered"
    );
}

#[rstest]
#[tokio::test]
async fn project_texts_are_saved_verbatim(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let before = dev.json("/projects/team-a").await.json();
    let form = dev.get("/projects/team-a/edit").await;
    assert_eq!(
        value(&form, "display-name"),
        before["project"]["display_name"]
            .as_str()
            .unwrap_or_default()
    );
    let version_seen = form.attribute("main input[name=version]", "value");
    let typed = [
        ("version", version_seen.as_str()),
        ("display-name", HOSTILE),
        ("description", ""),
    ];
    let saved = send(&mut dev, "/projects/team-a/edit", &typed).await;
    assert_eq!(
        (saved.status, saved.location().as_str()),
        (303, "/projects/team-a"),
        "{}",
        saved.text
    );
    let page = dev.get("/projects/team-a").await;
    assert_eq!(notice(&page), "The project team-a was saved.");
    assert!(!page.text.contains("<script>alert"), "a text is no markup");
    let after = dev.json("/projects/team-a").await.json();
    assert_eq!(after["project"]["display_name"], HOSTILE);
    assert!(after["project"]["description"].is_null());
    assert_eq!(
        after["project"]["requester"], before["project"]["requester"],
        "what was not in the form stays"
    );
    assert_eq!(
        value(&dev.get("/projects/team-a/edit").await, "display-name"),
        HOSTILE
    );
}

#[rstest]
#[tokio::test]
async fn conflicting_project_edit_shows_the_current_state(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let (mut dev, mut root) = (world.signed_in("dev").await, world.signed_in("root").await);
    let seen = dev
        .get("/projects/team-a/edit")
        .await
        .attribute("main input[name=version]", "value");
    send(
        &mut root,
        "/projects/team-a/edit",
        &[("display-name", "Root's"), ("description", "new")],
    )
    .await;
    let typed = [
        ("version", seen.as_str()),
        ("display-name", "Dev's"),
        ("description", "mine"),
    ];
    let late = send(&mut dev, "/projects/team-a/edit", &typed).await;
    assert_eq!(late.status, 409, "{}", late.text);
    assert_eq!(
        value(&late, "display-name"),
        "Dev's",
        "what was typed is still there"
    );
    let there: Vec<String> = late.texts("section[aria-labelledby=there-now] dd");
    assert_eq!(there, ["Root's", "new"]);
    assert_eq!(
        dev.json("/projects/team-a").await.json()["project"]["display_name"],
        "Root's"
    );
    let fresh = late.attribute("main input[name=version]", "value");
    let again = send(
        &mut dev,
        "/projects/team-a/edit",
        &[("version", &fresh), ("display-name", "Dev's")],
    )
    .await;
    assert_eq!(
        again.status, 303,
        "having seen it, they may: {}",
        again.text
    );
    assert_eq!(
        dev.json("/projects/team-a").await.json()["project"]["description"],
        "new",
        "a field that is not sent stays"
    );
}

#[rstest]
#[tokio::test]
async fn project_deletion_lists_contents_and_requires_the_name(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let confirmation = dev.get("/projects/team-a/delete").await;
    let goes = confirmation.texts(".rc-consequences li");
    // dev and viewer: not the robots that every project is born with.
    assert!(
        goes.contains(&"The roles of 2 users, groups, and service accounts".to_owned()),
        "{goes:?}"
    );
    let text = confirmation.text_of("main");
    assert!(
        text.contains("This cannot be undone.") && text.contains("api"),
        "{text}"
    );
    assert_eq!(
        confirmation.text_of(".rc-terminal code"),
        "oc delete project team-a"
    );
    world.clear_requests();
    for name in ["", "team-b", "TEAM-A", HOSTILE] {
        let page = send(&mut dev, "/projects/team-a/delete", &[("name", name)]).await;
        assert_eq!((page.status, value(&page, "name").as_str()), (422, name));
        assert!(
            page.text_of("#f-name-help").contains("Nothing was deleted"),
            "{}",
            page.text
        );
        assert!(!page.text.contains("<script>alert"));
    }
    assert!(!changed(&world), "{:?}", world.requests());
    let gone = send(&mut dev, "/projects/team-a/delete", &[("name", "team-a")]).await;
    assert_eq!(
        (gone.status, gone.location().as_str()),
        (303, "/projects"),
        "{}",
        gone.text
    );
    let page = dev.get("/projects").await;
    assert!(
        notice(&page).starts_with("The project team-a is being deleted."),
        "{}",
        notice(&page)
    );
    let going = dev.json("/projects/team-a").await.json();
    assert_eq!(
        going["project"]["phase"], "terminating",
        "it can be seen going"
    );
    world.advance(chrono::TimeDelta::seconds(10));
    assert!(
        dev.get("/projects")
            .await
            .select("a[href='/projects/team-a']")
            .is_empty()
    );
}

#[tokio::test]
async fn project_deletion_names_twenty_streams_and_counts_the_rest() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let client = crate::harness::seeded_standin::http_client(world.demo.ca_pem());
    let url = format!(
        "{}/apis/image.openshift.io/v1/namespaces/team-b/imagestreams",
        world.demo.urls().api_server
    );
    for number in 0..23 {
        let stream = serde_json::json!({
            "apiVersion": "image.openshift.io/v1", "kind": "ImageStream", "metadata": { "name": format!("many-{number:02}") },
        });
        let made = client
            .post(&url)
            .bearer_auth("TOKEN-dev")
            .json(&stream)
            .send()
            .await
            .unwrap();
        assert_eq!(made.status(), 201);
    }
    let items = dev
        .get("/projects/team-b/delete")
        .await
        .texts(".rc-consequences ul ul li");
    assert_eq!(items.len(), 21, "{items:?}");
    assert!(
        items[20].starts_with("and ") && items[20].ends_with("more image streams"),
        "{items:?}"
    );
}

#[rstest]
#[tokio::test]
async fn viewer_gets_no_project_actions_and_a_localized_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    viewer.set_cookie("__Host-language", "zh-CN");
    let page = viewer.get("/projects/team-a").await;
    for what in ["edit", "delete"] {
        let path = format!("/projects/team-a/{what}");
        assert!(
            page.select(&format!(".rc-menu--actions a[href='{path}']"))
                .is_empty(),
            "{what}"
        );
        assert!(
            viewer
                .get(&path)
                .await
                .select("main button[type=submit]")
                .is_empty(),
            "{what}"
        );
        let refused = send(
            &mut viewer,
            &path,
            &[("name", "team-a"), ("display-name", "Mine")],
        )
        .await;
        assert_eq!(refused.status, 403, "{what}");
        assert_eq!(
            refused.text_of("[role=alert] .pf-v6-c-alert__title"),
            "您没有执行此操作的权限"
        );
    }
    assert_eq!(viewer.get("/new-project").await.text_of("h1"), "新建项目");
    let mut outsider = world.signed_in("outsider").await;
    for what in ["edit", "delete"] {
        let refused = send(
            &mut outsider,
            &format!("/projects/team-a/{what}"),
            &[("name", "team-a"), ("display-name", "Mine")],
        )
        .await;
        assert_eq!(refused.status, 403, "{what}");
    }
    let still = viewer.json("/projects/team-a").await.json();
    assert_ne!(still["project"]["display_name"], "Mine");
}

#[rstest]
#[tokio::test]
async fn new_project_gets_the_chosen_access_policy(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    for policy in ["private", "shared", "anonymous"] {
        let name = format!("new-{policy}");
        let made = send(
            &mut dev,
            "/new-project",
            &[("name", &name), ("policy", policy), ("open", "yes")],
        )
        .await;
        assert_eq!(made.status, 303, "{}", made.text);
        assert_eq!(
            dev.json(&format!("/projects/{name}")).await.json()["access"],
            policy
        );
    }
    world.clear_requests();
    let odd = send(
        &mut dev,
        "/new-project",
        &[("name", "new-odd"), ("policy", HOSTILE)],
    )
    .await;
    assert_eq!(odd.status, 422);
    assert!(
        !changed(&world) && !odd.text.contains("<script>alert"),
        "{:?}",
        world.requests()
    );
}

#[rstest]
#[tokio::test]
async fn interrupted_project_creation_can_be_finished(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    world.fail(
        Endpoint::ApiServer,
        Fault::RefuseAfterWrite("/projectrequests"),
    );
    let page = dev
        .post_form(
            "/new-project",
            &[("csrf", &csrf), ("name", "half"), ("policy", "shared")],
        )
        .await;
    assert!(page.status >= 500, "{}", page.text);
    assert_eq!(
        page.text_of("h1"),
        "half was created without its access policy"
    );
    assert!(!page.text.contains("Nothing was changed"), "{}", page.text);
    let goes = page.text_of(".rc-consequences");
    assert!(
        goes.contains("The project half exists") && goes.contains("Every signed-in user"),
        "{goes}"
    );
    world.fail(Endpoint::ApiServer, Fault::None);
    assert_eq!(dev.json("/projects/half").await.json()["access"], "private");
    let fields = page.hidden_fields("main form");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let finished = dev
        .post_form(&page.attribute("main form", "action"), &fields)
        .await;
    assert_eq!(finished.status, 303, "{}", finished.text);
    assert_eq!(dev.json("/projects/half").await.json()["access"], "shared");
}
