//! Changes of a member's role, and the confirmation before users remove their own access or that of
//! all members.

use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::Subject;
use rstest::rstest;

use crate::harness::seeded_standin::http_client;
use crate::harness::{Browser, Page, World, post};

const MEMBERS: &str = "/projects/team-a/members";
const ACCESS: &str = "/projects/team-a/access";
const REMOVE: &str = "/projects/team-a/members/remove";

async fn change(browser: &mut Browser, kind: &str, name: &str, from: &str, to: &str) -> Page {
    post(
        browser,
        MEMBERS,
        &[
            ("do", "change"),
            ("kind", kind),
            ("name", name),
            ("role", from),
            ("to", to),
        ],
    )
    .await
}

/// Sends a form of a page as it stands.
async fn send(browser: &mut Browser, page: &Page, form: &str, more: &[(&str, &str)]) -> Page {
    let fields = page.hidden_fields(form);
    let fields = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = fields.chain(more.iter().copied()).collect();
    let action = page.attribute(form, "action");
    browser.post_form(&action, &fields).await
}

/// The roles of a subject that the console can grant.
async fn roles(browser: &mut Browser, name: &str) -> Vec<String> {
    let json = browser.json(MEMBERS).await.json();
    let members = json["members"]
        .as_array()
        .unwrap_or_else(|| panic!("{json:#}"));
    let member = members.iter().find(|member| member["who"]["name"] == name);
    let roles = member
        .into_iter()
        .flat_map(|member| member["roles"].as_array().unwrap());
    roles
        .map(|role| role["role"].as_str().unwrap().to_owned())
        .filter(|role| role.starts_with("registry-"))
        .collect()
}

fn team() -> registry_model::ProjectName {
    "team-a".parse().unwrap()
}

#[rstest]
#[tokio::test]
async fn role_change_adds_new_role_first_and_can_be_undone(
    #[values(Version::V3_9, Version::V4)] version: Version,
    #[values(false, true)] older: bool,
) {
    let world = World::start(version).await;
    if older {
        world.demo.cluster().remove_rbac_group();
    }
    let mut dev = world.signed_in("dev").await;
    let offered = dev.get(ACCESS).await;
    assert_eq!(
        offered.texts("tbody select[name=to] option[selected]"),
        ["Viewer"],
        "only the registry's roles are changed here"
    );
    world.clear_requests();
    let changed = send(
        &mut dev,
        &offered,
        "tbody form",
        &[("to", "registry-editor")],
    )
    .await;
    assert_eq!(
        (changed.status, changed.location().as_str()),
        (303, ACCESS),
        "{}",
        changed.text
    );
    let writes = world
        .requests()
        .into_iter()
        .filter(|request| request.path.contains("rolebindings") && request.method != "GET");
    let writes: Vec<String> = writes
        .map(|request| {
            format!(
                "{} {}",
                request.method,
                request.path.rsplit('/').next().unwrap()
            )
        })
        .collect();
    assert_eq!(writes[0], "POST rolebindings", "{writes:?}");
    assert!(writes[1].ends_with("registry-viewer"), "{writes:?}");
    assert_eq!(roles(&mut dev, "viewer").await, ["registry-editor"]);
    let page = dev.get(ACCESS).await;
    assert!(
        page.text_of("[role=status] .pf-v6-c-alert__title")
            .contains("viewer now has the role registry-editor instead of registry-viewer")
    );
    send(&mut dev, &page, "[role=status] form", &[]).await;
    assert_eq!(roles(&mut dev, "viewer").await, ["registry-viewer"]);
}

#[tokio::test]
async fn interrupted_role_change_can_be_finished() {
    for (version, language, title) in [
        (Version::V3_9, "en", "viewer now has both roles"),
        (Version::V4, "zh-CN", "viewer 现在同时拥有两个角色"),
    ] {
        let world = World::start(version).await;
        let mut dev = world.signed_in("dev").await;
        dev.set_cookie("__Host-language", language);
        let offered = dev.get(ACCESS).await;
        // The cluster dies once the new role is given.
        world.fail(
            Endpoint::ApiServer,
            Fault::RefuseAfterWrite("/rolebindings"),
        );
        let page = send(
            &mut dev,
            &offered,
            "tbody form",
            &[("to", "registry-editor")],
        )
        .await;
        assert!(page.status >= 500, "{}", page.text);
        assert_eq!(page.text_of("h1"), title);
        world.demo.faults().clear();
        assert_eq!(
            roles(&mut dev, "viewer").await,
            ["registry-editor", "registry-viewer"]
        );
        let finished = send(&mut dev, &page, "main section form", &[]).await;
        assert_eq!(finished.status, 303, "{}", finished.text);
        assert_eq!(roles(&mut dev, "viewer").await, ["registry-editor"]);
    }
}

#[rstest]
#[tokio::test]
async fn reducing_own_groups_role_requires_confirmation(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("ann", "ann", &["ops"]);
    world
        .demo
        .cluster()
        .bind(Some(&team()), "registry-admin", &[Subject::group("ops")]);
    let mut ann = world.signed_in("ann").await;
    let role = [
        ("kind", "group"),
        ("name", "ops"),
        ("role", "registry-admin"),
    ];
    let page = post(&mut ann, REMOVE, &role).await;
    assert_eq!((page.status, page.select("#unsure").len()), (422, 1));
    assert!(
        page.text_of("main")
            .contains("You are a member of this group"),
        "{}",
        page.text_of("main")
    );

    let down = change(
        &mut ann,
        "group",
        "ops",
        "registry-admin",
        "registry-viewer",
    )
    .await;
    assert!(
        down.location().starts_with(REMOVE) && down.location().ends_with("to=registry-viewer"),
        "{}",
        down.location()
    );
    let confirmation = ann.get(&down.location()).await;
    assert_eq!(
        confirmation.text_of("h1"),
        "Change role of ops in team-a to registry-viewer"
    );
    let commands = confirmation.texts(".rc-terminal code");
    assert_eq!(
        commands[0],
        "oc policy add-role-to-group registry-viewer ops -n team-a"
    );
    assert_eq!(
        send(&mut ann, &confirmation, "main section form", &[])
            .await
            .status,
        422
    );
    assert_eq!(roles(&mut ann, "ops").await, ["registry-admin"]);
    let sure = send(
        &mut ann,
        &confirmation,
        "main section form",
        &[("sure", "yes")],
    )
    .await;
    assert_eq!(
        (sure.status, sure.location().as_str()),
        (303, "/projects/team-a"),
        "{}",
        sure.text
    );
    assert_eq!(
        post(
            &mut ann,
            MEMBERS,
            &[
                ("do", "add"),
                ("kind", "user"),
                ("name", "x"),
                ("role", "registry-viewer")
            ]
        )
        .await
        .status,
        403
    );

    let mut dev = world.signed_in("dev").await;
    assert_eq!(roles(&mut dev, "ops").await, ["registry-viewer"]);
    let theirs = change(
        &mut dev,
        "group",
        "ops",
        "registry-viewer",
        "registry-editor",
    )
    .await;
    assert_eq!(
        theirs.location(),
        ACCESS,
        "a group that one is not in is no reason to ask"
    );
}

#[tokio::test]
async fn removing_the_last_admin_requires_confirmation() {
    let world = World::start(Version::V4).await;
    let mut root = world.signed_in("root").await;
    world
        .demo
        .cluster()
        .bind(Some(&team()), "registry-admin", &[Subject::user("ann")]);
    let role = [
        ("kind", "user"),
        ("name", "ann"),
        ("role", "registry-admin"),
    ];
    let link = format!("{REMOVE}?kind=user&name=ann&role=registry-admin");
    assert!(
        root.get(&link).await.select("input[name=sure]").is_empty(),
        "dev administers it, too"
    );
    let path = format!(
        "{}/apis/rbac.authorization.k8s.io/v1/namespaces/team-a/rolebindings/admin",
        world.demo.urls().api_server
    );
    http_client(world.demo.ca_pem())
        .delete(path)
        .bearer_auth("TOKEN-root")
        .send()
        .await
        .unwrap();
    root.set_cookie("__Host-language", "zh-CN");
    let page = root.get(&link).await;
    assert!(
        page.text_of("main").contains("这是此项目的最后一个管理员"),
        "{}",
        page.text_of("main")
    );
    assert_eq!(post(&mut root, REMOVE, &role).await.status, 422);
    assert_eq!(roles(&mut root, "ann").await, ["registry-admin"]);
    assert_eq!(
        post(&mut root, REMOVE, &[&role[..], &[("sure", "yes")]].concat())
            .await
            .status,
        303
    );
    assert!(roles(&mut root, "ann").await.is_empty());
}

#[rstest]
#[tokio::test]
async fn viewer_cannot_change_roles_and_only_registry_roles_are_offered(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    assert!(
        viewer
            .get(ACCESS)
            .await
            .select("select[name=to]")
            .is_empty()
    );
    assert_eq!(
        change(
            &mut viewer,
            "user",
            "viewer",
            "registry-viewer",
            "registry-admin"
        )
        .await
        .status,
        403
    );
    let mut dev = world.signed_in("dev").await;
    for (from, to) in [
        ("registry-viewer", "cluster-admin"),
        ("admin", "registry-viewer"),
        ("registry-viewer", ""),
    ] {
        assert_eq!(
            change(&mut dev, "user", "viewer", from, to).await.status,
            400,
            "{from} {to}"
        );
    }
    assert_eq!(roles(&mut dev, "viewer").await, ["registry-viewer"]);
}

#[rstest]
#[tokio::test]
async fn suggested_names_are_limited_to_visible_subjects(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("ann", "ann", &["ops"]);
    let names = |page: &Page| {
        page.select("#members-known option")
            .into_iter()
            .map(|name| name.attr("value").unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let page = world.signed_in("root").await.get(ACCESS).await;
    for name in ["ann", "outsider", "ops", "builder"] {
        assert!(
            names(&page).contains(&name.to_owned()),
            "{name}: {:?}",
            names(&page)
        );
    }
    assert_eq!(page.attribute("#f-name", "list"), "members-known");
    let page = world.signed_in("dev").await.get(ACCESS).await;
    assert_eq!(
        names(&page),
        ["dev", "viewer", "builder", "default", "deployer"],
        "no list of the cluster's users"
    );
    let page = world.signed_in("viewer").await.get(ACCESS).await;
    assert!(names(&page).is_empty());
}
