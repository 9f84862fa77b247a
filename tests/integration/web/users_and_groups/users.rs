//! Users of the cluster: the list, one of them, making, changing and deleting.

use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use reqwest::Method;
use rstest::rstest;
use serde_json::Value;

use crate::harness::{Browser, Page, World, post, undo};

const HOSTILE: &str = "<script>alert(1)</script>\"'\u{202e}";

/// Whether the API server received a request that changes something.
fn changed(world: &World) -> bool {
    world.requests().iter().any(|request| {
        request.endpoint == Endpoint::ApiServer
            && request.method != Method::GET
            && !request.path.contains("review")
    })
}

async fn user(browser: &mut Browser, name: &str) -> Value {
    browser.json(&format!("/users/{name}")).await.json()
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Only a link: the pages check the rights themselves.
#[tokio::test]
async fn navigation_links_to_administration_for_users_who_can_list_users() {
    let world = World::start(Version::V4).await;
    for (user, is_linked) in [("root", true), ("dev", false)] {
        let mut browser = world.signed_in(user).await;
        let links = browser.get("/").await.texts(".rc-navigation a");
        let is_found = links.iter().any(|text| text == "Administration");
        assert_eq!(is_found, is_linked, "{user}: {links:?}");
    }
}

#[rstest]
#[tokio::test]
async fn users_are_listed_and_shown_with_roles_and_groups(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world
        .demo
        .cluster()
        .add_user("viewer", "viewer", &["readers"]);
    let mut root = world.signed_in("root").await;
    let page = root.get("/users").await;
    assert_eq!(
        page.attributes(".rc-tabs a", "href"),
        ["/users", "/groups", "/doctor"]
    );
    assert_eq!(
        root.get("/users").await.texts("tbody th a"),
        ["dev", "outsider", "root", "viewer"]
    );
    assert_eq!(
        root.get("/users?q=readers").await.texts("tbody th a"),
        ["viewer"],
        "by group"
    );
    let nothing = root.get("/users?q=%3Cscript%3E").await;
    assert!(
        nothing.text_of("main").contains("No match for “<script>”"),
        "{}",
        nothing.text
    );

    post(
        &mut root,
        "/groups/readers",
        &[
            ("do", "give"),
            ("project", "team-b"),
            ("role", "registry-editor"),
        ],
    )
    .await;
    let page = root.get("/users/viewer").await;
    assert_eq!(page.text_of("h1"), "viewer");
    let rows = page.texts("table tbody tr");
    assert!(
        rows.iter()
            .any(|row| row.starts_with("team-a registry-viewer") && row.contains("Direct")),
        "{rows:?}"
    );
    assert!(
        rows.iter()
            .any(|row| row.starts_with("team-b registry-editor") && row.contains("readers")),
        "{rows:?}"
    );
    let json = user(&mut root, "viewer").await;
    assert_eq!(texts(&json["groups"]), ["readers"]);
    assert_eq!(json["user"]["identities"].as_array().unwrap().len(), 1);
}

#[rstest]
#[tokio::test]
async fn unauthorized_user_gets_no_user_actions_and_localized_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    for who in ["dev", "viewer"] {
        let mut browser = world.signed_in(who).await;
        assert!(
            !browser
                .get("/projects")
                .await
                .text
                .contains("href=\"/users\""),
            "{who}"
        );
        let page = browser.get("/users").await;
        assert_eq!(
            (
                page.status,
                page.text_of("main")
                    .contains("You need permission to read the users")
            ),
            (403, true),
            "{}",
            page.text
        );
        assert!(
            browser
                .get("/new-user")
                .await
                .select("main form")
                .is_empty(),
            "{who}"
        );
        browser.set_cookie("__Host-language", "zh-CN");
        let page = browser.get("/users/dev").await;
        assert!(
            page.text_of("main")
                .contains("查看此页面需要读取集群用户的权限"),
            "{}",
            page.text
        );
        let page = post(
            &mut browser,
            "/new-user",
            &[("name", "mine"), ("full-name", "My Own")],
        )
        .await;
        assert_eq!(
            (
                page.status,
                page.text_of("[role=alert] .pf-v6-c-alert__title").as_str()
            ),
            (403, "您没有执行此操作的权限")
        );
        assert_eq!(
            page.attribute("#f-full-name", "value"),
            "My Own",
            "what was typed is still there"
        );
        world.clear_requests();
        for path in [
            "/users/viewer/edit",
            "/users/viewer/delete",
            "/users/viewer",
        ] {
            assert_eq!(
                post(
                    &mut browser,
                    path,
                    &[("do", "join"), ("group", "x"), ("full-name", "x")]
                )
                .await
                .status,
                403,
                "{path}"
            );
        }
    }
}

#[rstest]
#[tokio::test]
async fn new_user_gets_an_exclusive_identity(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let page = root.get("/new-user").await;
    assert_eq!(page.texts(".rc-terminal code"), ["oc create user NAME"]);
    let fields = [
        ("name", "foo@bar.com"),
        ("full-name", "Foo of Bar"),
        ("identities", "ldap:foo"),
    ];
    let made = post(&mut root, "/new-user", &fields).await;
    assert_eq!(
        (made.status, made.location().as_str()),
        (303, "/users/foo@bar.com"),
        "{}",
        made.text
    );
    let json = user(&mut root, "foo@bar.com").await;
    assert_eq!(
        (
            json["user"]["full_name"].as_str(),
            texts(&json["user"]["identities"])
        ),
        (Some("Foo of Bar"), vec!["ldap:foo"])
    );

    let again = post(&mut root, "/new-user", &fields).await;
    assert_eq!(again.status, 409);
    assert_eq!(
        again.text_of("#f-name-help"),
        "Error: The name foo@bar.com is already in use."
    );
    let taken = post(
        &mut root,
        "/new-user",
        &[("name", "other"), ("identities", "ldap:foo")],
    )
    .await;
    assert_eq!(
        taken.status, 409,
        "the user was made, the identity is another's"
    );
    assert!(
        taken
            .text_of("#f-identities-help")
            .contains("ldap:foo is mapped to another user"),
        "{}",
        taken.text
    );
    assert_eq!(taken.attribute("main form", "action"), "/users/other/edit");
    assert_eq!(taken.texts(".rc-steps-done li"), ["Create user other"]);
    assert!(
        taken
            .texts(".rc-terminal code")
            .contains(&"oc create useridentitymapping ldap:foo other".to_owned())
    );
    assert_eq!(
        texts(&user(&mut root, "foo@bar.com").await["user"]["identities"]),
        ["ldap:foo"],
        "it stays whose it was"
    );
}

#[rstest]
#[tokio::test]
async fn invalid_user_name_is_a_field_error_and_keeps_input(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    for name in ["foo ^ bar", "", "-a", "a/b", "~", HOSTILE] {
        world.clear_requests();
        let page = post(&mut root, "/new-user", &[("name", name)]).await;
        assert_eq!(
            (
                page.status,
                page.attribute("#f-name", "aria-invalid").as_str()
            ),
            (422, "true"),
            "{name}"
        );
        assert_eq!(page.attribute("#f-name", "value"), name);
        assert!(
            !changed(&world) && page.select("main script").is_empty(),
            "{name}"
        );
    }
    // The API server takes no colon in the name of a user, whatever may be a member of a
    // project.
    let refusal = if version == openshift_standin::cluster::Version::V4 {
        "usernames that contain \":\" must begin with"
    } else {
        "may not contain \":\""
    };
    let page = post(
        &mut root,
        "/new-user",
        &[("name", "system:janitor:default")],
    )
    .await;
    assert_eq!(page.status, 422);
    assert!(
        page.text_of("#f-name-help").contains(refusal),
        "{}",
        page.text
    );
    let page = post(
        &mut root,
        "/new-user",
        &[("name", "fine"), ("identities", "no-provider")],
    )
    .await;
    assert!(
        page.text_of("#f-identities-0-help").contains("no-provider"),
        "{}",
        page.text
    );

    for name in ["foo@bar.com", "cn=a, dc=b", "Zoë"] {
        let made = post(
            &mut root,
            "/new-user",
            &[("name", name), ("full-name", HOSTILE)],
        )
        .await;
        let at = made.location();
        let page = root.get(&at).await;
        assert_eq!(
            (page.status, page.text_of("h1").as_str()),
            (200, name),
            "{at}"
        );
        assert!(
            page.select("main script").is_empty() && page.text.contains("U+202E"),
            "{}",
            page.text
        );
        assert!(
            root.get("/users")
                .await
                .select("tbody th a")
                .iter()
                .any(|a| a.attr("href") == Some(&at)),
            "{at}"
        );
        assert_eq!(
            root.get(&format!("{at}/edit"))
                .await
                .attribute("#f-full-name", "value"),
            HOSTILE
        );
    }
}

#[tokio::test]
async fn missing_user_is_not_found_by_name() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    for path in [
        "/users/system:janitor:default",
        "/users/system:janitor:default/edit",
        "/users/system:janitor:default/delete",
    ] {
        let page = root.get(path).await;
        assert_eq!(page.status, 404);
        assert!(
            page.text_of("main")
                .contains("The user “system:janitor:default” does not exist."),
            "{}",
            page.text
        );
    }
    root.set_cookie("__Host-language", "zh-CN");
    assert!(
        root.get("/users/x%3Cb%3E")
            .await
            .text_of("main")
            .contains("用户“x<b>”不存在")
    );
    let json = root.json("/users/nobody").await.json();
    assert_eq!(json["detail"], "用户“nobody”不存在。");
    world.clear_requests();
    for path in [
        "/users/~",
        "/users/~/delete",
        "/users/a%2Fb",
        "/users/a%25b",
        "/users/..%2f",
    ] {
        assert_eq!(root.get(path).await.status, 404, "{path}");
    }
    assert!(
        world.requests().is_empty(),
        "no upstream hears of it: {:?}",
        world.requests()
    );
}

#[rstest]
#[tokio::test]
async fn conflicting_user_edit_keeps_input(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let seen = root
        .get("/users/viewer/edit")
        .await
        .attribute("input[name=version]", "value");
    let identity = texts(&user(&mut root, "viewer").await["user"]["identities"])[0].to_owned();
    assert_eq!(
        post(
            &mut root,
            "/users/viewer/edit",
            &[("full-name", "Faster"), ("version", &seen)]
        )
        .await
        .status,
        303
    );
    let slower = [
        ("full-name", "Slower"),
        ("identities", "ldap:v"),
        ("version", seen.as_str()),
    ];
    let page = post(&mut root, "/users/viewer/edit", &slower).await;
    assert_eq!(page.status, 409);
    assert_eq!(
        (
            page.attribute("#f-full-name", "value").as_str(),
            page.attribute("#f-identities-0", "value").as_str()
        ),
        ("Slower", "ldap:v")
    );
    assert!(
        page.text_of("main").contains("Faster"),
        "what is there now stands beside it"
    );
    let json = user(&mut root, "viewer").await;
    assert_eq!(
        (
            json["user"]["full_name"].as_str(),
            texts(&json["user"]["identities"])
        ),
        (Some("Faster"), vec![identity.as_str()])
    );

    let fresh = page.attribute("input[name=version]", "value");
    let slower = [
        ("full-name", "Slower"),
        ("identities", "ldap:v"),
        ("version", fresh.as_str()),
    ];
    assert_eq!(
        post(&mut root, "/users/viewer/edit", &slower).await.status,
        303
    );
    let json = user(&mut root, "viewer").await;
    assert_eq!(
        (
            json["user"]["full_name"].as_str(),
            texts(&json["user"]["identities"])
        ),
        (Some("Slower"), vec!["ldap:v"])
    );
    let back = [("full-name", ""), ("identities", identity.as_str())];
    assert_eq!(
        post(&mut root, "/users/viewer/edit", &back).await.status,
        303,
        "an identity that nobody has any more can be given again"
    );
    assert_eq!(
        texts(&user(&mut root, "viewer").await["user"]["identities"]),
        [identity]
    );
}

#[tokio::test]
async fn form_without_rows_removes_the_identities_that_other_clients_keep() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    let kept = [("full-name", "Kept")];
    let removed = [("full-name", "Removed"), ("list", "identities")];
    for (fields, count) in [(&kept[..], 1), (&removed[..], 0)] {
        let page = post(&mut root, "/users/viewer/edit", fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let json = user(&mut root, "viewer").await;
        let identities = texts(&json["user"]["identities"]).len();
        assert_eq!(identities, count, "{fields:?}");
    }
}

#[rstest]
#[tokio::test]
async fn user_is_added_to_and_removed_from_groups_and_projects(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("dev", "dev", &["writers"]);
    let mut root = world.signed_in("root").await;
    let page = root.get("/users/viewer").await;
    assert_eq!(page.attribute("#known-groups option", "value"), "writers");
    assert!(
        page.texts(".rc-terminal code")
            .contains(&"oc adm groups add-users GROUP viewer".to_owned())
    );
    assert_eq!(
        post(
            &mut root,
            "/users/viewer",
            &[("do", "join"), ("group", "writers")]
        )
        .await
        .status,
        303
    );
    assert_eq!(
        texts(&user(&mut root, "viewer").await["groups"]),
        ["writers"]
    );
    undo(&mut root, "/users/viewer").await;
    assert!(texts(&user(&mut root, "viewer").await["groups"]).is_empty());
    let page = post(
        &mut root,
        "/users/viewer",
        &[("do", "join"), ("group", "nowhere")],
    )
    .await;
    assert_eq!(
        (page.status, page.attribute("#f-group", "value").as_str()),
        (404, "nowhere")
    );
    assert_eq!(
        page.text_of("#f-group-help"),
        "Error: The group “nowhere” does not exist."
    );
    assert_eq!(
        post(
            &mut root,
            "/users/viewer",
            &[("do", "join"), ("group", "a/b")]
        )
        .await
        .status,
        422
    );

    let give = |role| [("do", "give"), ("project", "team-b"), ("role", role)];
    assert_eq!(
        post(&mut root, "/users/viewer", &give("cluster-admin"))
            .await
            .status,
        422,
        "only roles of the registry are given"
    );
    assert_eq!(
        post(&mut root, "/users/viewer", &give("registry-editor"))
            .await
            .status,
        303
    );
    let link = "/projects/team-b/members/remove?kind=user&name=viewer&role=registry-editor";
    let offered = |page: &Page| {
        page.select("a")
            .iter()
            .any(|a| a.attr("href") == Some(link))
    };
    undo(&mut root, "/users/viewer").await;
    assert!(!offered(&root.get("/users/viewer").await));
    assert_eq!(
        post(&mut root, "/users/viewer", &give("registry-editor"))
            .await
            .status,
        303
    );
    assert!(offered(&root.get("/users/viewer").await));
}

/// The user is in two groups and two projects, and another user is in all of them, too.
async fn sign_in_and_seed_memberships(world: &World) -> Browser {
    for name in ["viewer", "dev"] {
        world
            .demo
            .cluster()
            .add_user(name, name, &["a-group", "b-group"]);
    }
    let mut root = world.signed_in("root").await;
    for name in ["viewer", "dev"] {
        for project in ["team-b", "shared-libs"] {
            let fields = [
                ("do", "give"),
                ("project", project),
                ("role", "registry-editor"),
            ];
            assert_eq!(
                post(&mut root, &format!("/users/{name}"), &fields)
                    .await
                    .status,
                303
            );
        }
    }
    root
}

#[rstest]
#[tokio::test]
async fn user_deletion_names_what_is_removed_and_what_stays(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = sign_in_and_seed_memberships(&world).await;
    let page = root.get("/users/dev/delete").await;
    let (goes, stays) = (
        page.texts(".rc-removed-items li").join("\n"),
        page.texts(".rc-kept-items li").join("\n"),
    );
    for what in [
        "The user dev",
        "a-group",
        "b-group",
        "team-b: registry-editor",
        "shared-libs: registry-editor",
    ] {
        assert!(goes.contains(what), "{what}: {goes}");
    }
    assert!(
        stays.contains("team-a: admin") && !goes.contains("admin"),
        "what the console does not manage stays: {stays}"
    );
    let commands = page.texts(".rc-terminal code");
    assert_eq!(
        (
            commands.first().unwrap().as_str(),
            commands.last().unwrap().as_str()
        ),
        (
            "oc adm groups remove-users a-group dev",
            "oc delete user dev"
        )
    );
    let gone = post(&mut root, "/users/viewer/delete", &[]).await;
    assert_eq!(
        (gone.status, gone.location().as_str()),
        (303, "/users"),
        "{}",
        gone.text
    );
    assert_eq!(root.get("/users/viewer").await.status, 404);
    assert_eq!(
        texts(&root.json("/groups/a-group").await.json()["group"]["users"]),
        ["dev"]
    );
    let members = root.json("/projects/team-b/members").await.text;
    assert!(
        !members.contains("viewer\"},\"roles") && members.contains("dev"),
        "{members}"
    );
    assert!(
        root.get("/projects/team-a/members")
            .await
            .texts("tbody th")
            .iter()
            .all(|name| name != "viewer")
    );

    let forgotten = || {
        world.requests().iter().any(|request| {
            request.method == Method::DELETE && request.path.contains("/identities/")
        })
    };
    assert!(!forgotten(), "identities stay");
    let page = root.get("/users/dev/delete").await;
    assert!(
        page.only("input[name=forget]").attr("checked").is_none(),
        "identities go only if that is wanted"
    );
    assert_eq!(
        post(&mut root, "/users/dev/delete", &[("forget", "yes")])
            .await
            .status,
        303
    );
    assert!(forgotten());
}

#[rstest]
#[tokio::test]
async fn interrupted_user_deletion_can_be_finished(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = sign_in_and_seed_memberships(&world).await;
    for dies_after in ["/groups/a-group", "/rolebindings/registry-editor"] {
        let csrf = root.csrf().await;
        world.fail(Endpoint::ApiServer, Fault::RefuseAfterWrite(dies_after));
        let page = root
            .post_form("/users/viewer/delete", &[("csrf", &csrf)])
            .await;
        assert!(page.status >= 500, "{}", page.text);
        assert!(!page.text.contains("Nothing was changed"), "{}", page.text);
        let (done, left) = (
            page.texts(".rc-steps-done li"),
            page.texts(".rc-steps-left li"),
        );
        assert!(
            !done.is_empty() && left.last().unwrap() == "Delete user viewer",
            "{done:?} {left:?}"
        );
        world.fail(Endpoint::ApiServer, Fault::None);
        assert_eq!(
            root.get("/users/viewer").await.status,
            200,
            "the user goes last"
        );
        let confirmation = root.get("/users/viewer/delete").await;
        assert!(
            !confirmation
                .texts(".rc-removed-items li")
                .join(" ")
                .contains("a-group"),
            "what is done is not promised again"
        );
    }
    let finished = post(&mut root, "/users/viewer/delete", &[]).await;
    assert_eq!(
        (finished.status, finished.location().as_str()),
        (303, "/users"),
        "{}",
        finished.text
    );
    assert_eq!(root.get("/users/viewer").await.status, 404);
    assert_eq!(
        texts(&root.json("/groups/b-group").await.json()["group"]["users"]),
        ["dev"]
    );
}

#[rstest]
#[tokio::test]
async fn interrupted_user_creation_can_be_finished(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let csrf = root.csrf().await;
    world.fail(Endpoint::ApiServer, Fault::RefuseAfterWrite("/users"));
    let page = root
        .post_form(
            "/new-user",
            &[
                ("csrf", &csrf),
                ("name", "half"),
                ("identities", "ldap:half"),
            ],
        )
        .await;
    assert!(page.status >= 500, "{}", page.text);
    assert_eq!(page.texts(".rc-steps-done li"), ["Create user half"]);
    assert_eq!(
        (
            page.attribute("#f-identities-0", "value").as_str(),
            page.attribute("main form", "action").as_str()
        ),
        ("ldap:half", "/users/half/edit")
    );
    world.fail(Endpoint::ApiServer, Fault::None);
    let version = page.attribute("input[name=version]", "value");
    let again = [
        ("full-name", ""),
        ("identities", "ldap:half"),
        ("version", version.as_str()),
    ];
    assert_eq!(
        post(&mut root, "/users/half/edit", &again).await.status,
        303
    );
    assert_eq!(
        texts(&user(&mut root, "half").await["user"]["identities"]),
        ["ldap:half"]
    );
}

#[tokio::test]
async fn self_deletion_requires_confirmation() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    assert!(
        root.get("/users/root/delete")
            .await
            .only("input[name=sure]")
            .attr("required")
            .is_some()
    );
    assert!(
        root.get("/users/dev/delete")
            .await
            .select("input[name=sure]")
            .is_empty()
    );
    assert_eq!(post(&mut root, "/users/root/delete", &[]).await.status, 422);
    assert_eq!(
        post(&mut root, "/users/root/delete", &[("sure", "yes")])
            .await
            .status,
        303
    );
    assert!(
        root.get("/projects").await.location().starts_with("/login"),
        "the token is nobody's"
    );
}

/// As recorded in `post-rolebindings-404-1`: the list of bindings of a project that is missing is
/// empty, and a new binding is not found.
#[rstest]
#[tokio::test]
async fn role_in_missing_project_is_a_field_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let fields = [
        ("do", "give"),
        ("project", "nowhere"),
        ("role", "registry-viewer"),
    ];
    let csrf = root.csrf().await;
    world.clear_requests();
    let fields: Vec<(&str, &str)> = fields
        .into_iter()
        .chain([("csrf", csrf.as_str())])
        .collect();
    let page = root.post_form("/users/outsider", &fields).await;
    assert_eq!(page.status, 422, "{}", page.text);
    assert_eq!(
        page.text_of(".rc-field__error"),
        "Error: There is no project with this name."
    );
    let writes = world
        .requests()
        .into_iter()
        .filter(|request| request.path.contains("/rolebindings") && request.method != "GET")
        .count();
    assert_eq!(writes, 0, "nothing was tried");
}
