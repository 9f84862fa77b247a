//! Groups of the cluster: the list, one of them with its members and roles, making and deleting.

use futures_util::future::join;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use reqwest::Method;
use rstest::rstest;
use serde_json::Value;

use crate::harness::{Browser, Page, World, post, undo};

const GROUP: &str = "/groups/Pro-Duction";

async fn members(browser: &mut Browser, path: &str) -> Vec<String> {
    let json = browser.json(path).await.json();
    let users = json["group"]["users"]
        .as_array()
        .unwrap_or_else(|| panic!("{json:#}"));
    users
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// What is typed in the rows of the form for members.
fn typed_names(page: &Page) -> Vec<String> {
    page.select("[data-rows] input[name=members]")
        .iter()
        .map(|row| row.attr("value").unwrap_or_default().to_owned())
        .collect()
}

/// Without a script, the buttons of the rows send the form, and nothing is changed.
#[tokio::test]
async fn rows_of_members_are_added_and_removed_by_buttons_of_the_form() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    let form = root.get("/new-group").await;
    assert_eq!(typed_names(&form), [""]);
    let row = "[data-row='0'] button[name=remove-members]";
    assert_eq!(form.attribute(row, "formaction"), "/new-group#f-members");
    let typed = [("name", "a/b"), ("members", "dev"), ("members", "")];
    for (button, names) in [
        (("add-members", "1"), vec!["dev", "", ""]),
        (("remove-members", "1"), vec!["dev"]),
        (("remove-members", "0"), vec![""]),
    ] {
        let fields = [&typed[..], &[button]].concat();
        let page = post(&mut root, "/new-group", &fields).await;
        assert_eq!(page.status, 200, "{button:?}");
        assert_eq!(typed_names(&page), names, "{button:?}");
        assert_eq!(page.attribute("#f-name", "value"), "a/b", "{button:?}");
    }

    let mut fields = vec![("do", "add"), ("members", "dev"), ("add-members", "1")];
    post(&mut root, "/new-group", &[("name", "rows")]).await;
    let page = post(&mut root, "/groups/rows", &fields).await;
    assert_eq!(
        (page.status, typed_names(&page)),
        (200, vec!["dev".into(), String::new()])
    );
    assert!(
        !page
            .select("details.rc-add[open] #f-members-1[autofocus]")
            .is_empty()
    );
    fields.pop();
    assert_eq!(post(&mut root, "/groups/rows", &fields).await.status, 303);
}

#[rstest]
#[tokio::test]
async fn group_is_created_changed_and_deleted(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    assert!(root.get("/groups").await.text.contains("No groups"));
    assert_eq!(
        root.get("/new-group").await.texts(".rc-terminal code"),
        ["oc adm groups new NAME"]
    );
    let made = post(
        &mut root,
        "/new-group",
        &[("name", "Pro-Duction"), ("members", "dev")],
    )
    .await;
    assert_eq!(
        (made.status, made.location().as_str()),
        (303, GROUP),
        "{}",
        made.text
    );
    let again = post(&mut root, "/new-group", &[("name", "Pro-Duction")]).await;
    assert_eq!(
        (again.status, again.text_of("#f-name-help").as_str()),
        (409, "Error: The name Pro-Duction is already in use.")
    );
    for name in ["foo ^ bar", "", "a/b", "~"] {
        let page = post(
            &mut root,
            "/new-group",
            &[("name", name), ("members", "dev\nviewer")],
        )
        .await;
        assert_eq!(
            (page.status, page.attribute("#f-name", "value").as_str()),
            (422, name)
        );
        assert_eq!(
            typed_names(&page),
            ["dev", "viewer"],
            "what was typed is still there"
        );
    }

    let added = post(
        &mut root,
        GROUP,
        &[("do", "add"), ("members", "scruffy\r\nfoo@bar.com")],
    )
    .await;
    assert_eq!(
        (added.status, added.location().as_str()),
        (303, GROUP),
        "{}",
        added.text
    );
    assert_eq!(
        members(&mut root, GROUP).await,
        ["dev", "foo@bar.com", "scruffy"]
    );
    undo(&mut root, GROUP).await;
    assert_eq!(members(&mut root, GROUP).await, ["dev"]);
    let colon = post(
        &mut root,
        GROUP,
        &[("do", "add"), ("members", "system:janitor:default")],
    )
    .await;
    assert_eq!(colon.status, 422);
    assert!(
        colon
            .text_of("#f-members-help")
            .contains("may not contain \":\""),
        "{}",
        colon.text
    );
    assert_eq!(
        post(&mut root, GROUP, &[("do", "add"), ("members", "<b>")])
            .await
            .status,
        422
    );

    let confirmation = root.get(&format!("{GROUP}/remove?user=dev")).await;
    assert_eq!(
        confirmation.texts(".rc-terminal code"),
        ["oc adm groups remove-users Pro-Duction dev"]
    );
    assert_eq!(
        post(&mut root, &format!("{GROUP}/remove"), &[("user", "dev")])
            .await
            .status,
        303
    );
    assert!(members(&mut root, GROUP).await.is_empty());
    undo(&mut root, GROUP).await;
    assert_eq!(
        root.get(&format!("{GROUP}/remove?user=nobody"))
            .await
            .status,
        404
    );
    assert_eq!(members(&mut root, GROUP).await, ["dev"]);

    post(
        &mut root,
        GROUP,
        &[
            ("do", "give"),
            ("project", "team-a"),
            ("role", "registry-viewer"),
        ],
    )
    .await;
    let confirmation = root.get(&format!("{GROUP}/delete")).await;
    assert!(
        confirmation
            .texts(".rc-removed-items li")
            .join(" ")
            .contains("team-a: registry-viewer"),
        "{}",
        confirmation.text
    );
    let gone = post(&mut root, &format!("{GROUP}/delete"), &[]).await;
    assert_eq!(
        (gone.status, gone.location().as_str()),
        (303, "/groups"),
        "{}",
        gone.text
    );
    let page = root.get(GROUP).await;
    assert_eq!(page.status, 404);
    assert!(
        page.text_of("main")
            .contains("The group “Pro-Duction” does not exist."),
        "{}",
        page.text
    );
    let left = root.get("/projects/team-a/access").await.texts("tbody th");
    assert!(
        left.contains(&"viewer".to_owned()) && !left.iter().any(|name| name == "Pro-Duction"),
        "{left:?}"
    );
}

#[rstest]
#[tokio::test]
async fn unauthorized_user_gets_no_group_actions_and_localized_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    for who in ["dev", "viewer"] {
        let mut browser = world.signed_in(who).await;
        assert!(
            browser
                .get("/new-group")
                .await
                .select("main form")
                .is_empty(),
            "{who}"
        );
        assert!(
            browser
                .get("/groups")
                .await
                .text_of("main")
                .contains("You need permission to read the groups")
        );
        browser.set_cookie("__Host-language", "zh-CN");
        assert!(
            browser
                .get("/groups/ops")
                .await
                .text_of("main")
                .contains("查看此页面需要读取集群组的权限")
        );
        let page = post(&mut browser, "/new-group", &[("name", "mine")]).await;
        assert_eq!(
            (
                page.status,
                page.text_of("[role=alert] .pf-v6-c-alert__title").as_str()
            ),
            (403, "您没有执行此操作的权限")
        );
        for path in ["/groups/ops", "/groups/ops/remove", "/groups/ops/delete"] {
            assert_eq!(
                post(
                    &mut browser,
                    path,
                    &[("members", "viewer"), ("user", "dev")]
                )
                .await
                .status,
                403,
                "{path}"
            );
        }
        assert_eq!(
            members(&mut world.signed_in("root").await, "/groups/ops").await,
            ["dev"]
        );
    }
    world.demo.cluster().bind(
        None,
        "cluster-reader",
        &[registry_model::Subject {
            kind: registry_model::SubjectKind::User,
            name: "outsider".to_owned(),
            project: None,
        }],
    );
    let mut reader = world.signed_in("outsider").await;
    for path in [
        "/groups/ops",
        "/users/dev",
        "/groups/ops/delete",
        "/users/dev/delete",
        "/users/dev/edit",
        "/groups/ops/remove?user=dev",
    ] {
        let page = reader.get(path).await;
        assert_eq!(
            (page.status, page.select("main button[type=submit]").len()),
            (200, 0),
            "{path}: who reads changes nothing"
        );
    }
}

#[rstest]
#[tokio::test]
async fn concurrent_group_changes_lose_no_member(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    let (mut one, mut other) = (world.signed_in("root").await, world.signed_in("root").await);
    for round in 0..6 {
        let (mine, yours) = (format!("mine-{round}"), format!("yours-{round}"));
        let (mine, yours) = (
            [("do", "add"), ("members", mine.as_str())],
            [("do", "add"), ("members", yours.as_str())],
        );
        let (a, b) = join(
            post(&mut one, "/groups/ops", &mine),
            post(&mut other, "/groups/ops", &yours),
        )
        .await;
        assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text, b.text);
    }
    let now = members(&mut one, "/groups/ops").await;
    assert_eq!(now.len(), 13, "{now:?}");
}

#[tokio::test]
async fn unchanged_group_is_not_written() {
    let world = World::start(Version::V3_9).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    let mut root = world.signed_in("root").await;
    let csrf = root.csrf().await;
    world.clear_requests();
    assert_eq!(
        root.post_form("/groups/ops", &[("csrf", &csrf), ("members", "dev")])
            .await
            .status,
        303
    );
    let writes: Vec<_> = world
        .requests()
        .into_iter()
        .filter(|request| request.method != Method::GET && !request.path.contains("review"))
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[rstest]
#[tokio::test]
async fn ldap_synced_group_warns_and_keeps_annotations(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let cluster = world.demo.cluster();
    cluster.add_user("dev", "dev", &["cn=ops, dc=corp"]);
    cluster.annotate_group("cn=ops, dc=corp", "openshift.io/ldap.url", "ldap.corp:389");
    let mut root = world.signed_in("root").await;
    let path = "/groups/cn%3Dops%2C%20dc%3Dcorp";
    assert!(
        root.get("/groups")
            .await
            .select("tbody th a")
            .iter()
            .any(|a| a.attr("href") == Some(path))
    );
    for _ in 0..2 {
        let page = root.get(path).await;
        assert!(
            page.text_of("main")
                .contains("This group is synchronized from a directory (LDAP)"),
            "{}",
            page.text
        );
        assert_eq!(
            post(&mut root, path, &[("members", "viewer")]).await.status,
            303
        );
    }
    assert_eq!(members(&mut root, path).await, ["dev", "viewer"]);
    root.set_cookie("__Host-language", "zh-CN");
    assert!(
        root.get(path)
            .await
            .text_of("main")
            .contains("此组从目录（LDAP）同步")
    );
}

#[rstest]
#[tokio::test]
async fn interrupted_group_deletion_can_be_finished(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    let mut root = world.signed_in("root").await;
    assert_eq!(
        post(
            &mut root,
            "/groups/ops",
            &[
                ("do", "give"),
                ("project", "team-b"),
                ("role", "registry-editor")
            ]
        )
        .await
        .status,
        303
    );
    let csrf = root.csrf().await;
    world.fail(
        Endpoint::ApiServer,
        Fault::RefuseAfterWrite("/rolebindings/registry-editor"),
    );
    let page = root
        .post_form("/groups/ops/delete", &[("csrf", &csrf)])
        .await;
    assert!(page.status >= 500, "{}", page.text);
    assert_eq!(
        page.texts(".rc-steps-done li"),
        ["Remove ops from role registry-editor in team-b"]
    );
    assert_eq!(page.texts(".rc-steps-left li"), ["Delete group ops"]);
    world.fail(Endpoint::ApiServer, Fault::None);
    assert_eq!(root.get("/groups/ops").await.status, 200);
    assert_eq!(post(&mut root, "/groups/ops/delete", &[]).await.status, 303);
    assert_eq!(root.get("/groups/ops").await.status, 404);
}

#[tokio::test]
async fn hostile_group_names_are_escaped_and_long_groups_paged() {
    let world = World::start(Version::V4).await;
    let names: Vec<String> = (0..120).map(|number| format!("member-{number}")).collect();
    for name in names
        .iter()
        .map(String::as_str)
        .chain(["<img src=x onerror=alert(1)>", "evil\u{202e}txt"])
    {
        world.demo.cluster().add_user(name, name, &["<b>bold"]);
    }
    let mut root = world.signed_in("root").await;
    let path = "/groups/%3Cb%3Ebold";
    let page = root.get(path).await;
    assert_eq!(
        (
            page.text_of("h1").as_str(),
            page.select("main img").len(),
            page.select("h1 b").len()
        ),
        ("<b>bold", 0, 0)
    );
    assert_eq!(page.select(".rc-removable-names li").len(), 50);
    assert_eq!(
        root.get(&format!("{path}?page=3"))
            .await
            .select(".rc-removable-names li")
            .len(),
        22
    );
    let found = root.get(&format!("{path}?q=evil")).await;
    assert_eq!(found.select(".rc-removable-names li").len(), 1);
    assert!(
        found.text_of(".rc-removable-names li").contains("U+202E"),
        "{}",
        found.text
    );
    let link = found.attribute(".rc-removable-names li a:first-child", "href");
    assert_eq!(
        (link.as_str(), root.get(&link).await.status),
        ("/users/evil%E2%80%AEtxt", 200)
    );
}
