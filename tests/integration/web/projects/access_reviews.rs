//! Who can pull and push, and why.

use openshift_standin::cluster::Version;
use registry_model::{Subject, SubjectKind};
use rstest::rstest;

use crate::harness::{Page, World};

const PATH: &str = "/images/team-a/api/access";

/// The row of a subject, in the table of its group.
fn row(page: &Page, name: &str) -> String {
    let rows = page.texts("main tbody tr");
    rows.iter()
        .find(|row| row.split(' ').next() == Some(name))
        .unwrap_or_else(|| panic!("{name} is not in {rows:?}"))
        .clone()
}

fn subject(kind: SubjectKind, name: &str) -> Subject {
    Subject {
        kind,
        name: name.to_owned(),
        project: None,
    }
}

#[rstest]
#[tokio::test]
async fn reviewer_sees_subjects_and_their_bindings(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get(PATH).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        row(&page, "dev").contains("Pull · Push admin"),
        "{}",
        row(&page, "dev")
    );
    assert!(
        row(&page, "viewer").contains("Pull registry-viewer"),
        "{}",
        row(&page, "viewer")
    );
    assert!(
        row(&page, "root").contains("Cluster role binding or custom role"),
        "{}",
        row(&page, "root")
    );
    let what = match version {
        Version::V3_9 => "imagestreams/layers",
        Version::V4 => "imagestreams --subresource=layers",
    };
    let oc = ["get", "update"].map(|verb| format!("oc policy who-can {verb} {what} -n team-a"));
    assert_eq!(page.texts("#everybody .rc-terminal code"), oc);
    let linked = dev.get("/images/team-a/api").await;
    assert!(
        !linked.select(&format!("a[href='{PATH}']")).is_empty(),
        "the stream's page leads here"
    );
}

#[rstest]
#[tokio::test]
async fn access_review_names_the_reason_or_the_missing_role(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let team = "team-a".parse().unwrap();
    world.demo.cluster().add_user("ann", "ann", &["ops"]);
    world.demo.cluster().bind(
        Some(&team),
        "registry-editor",
        &[subject(SubjectKind::Group, "ops")],
    );
    let mut root = world.signed_in("root").await;
    let through = root.get(&format!("{PATH}?who=ann&kind=user")).await;
    assert_eq!(
        through.texts("#verdict .rc-verdict__line"),
        ["Can pull", "Can push"]
    );
    assert_eq!(
        through.texts("#verdict .rc-path-to-role:last-of-type li"),
        [
            "User ann",
            "Group ops",
            "Role binding registry-editor",
            "Role registry-editor"
        ]
    );
    let none = root.get(&format!("{PATH}?who=outsider&kind=user")).await;
    assert!(
        none.text_of("#verdict").contains("Cannot pull"),
        "{}",
        none.text_of("#verdict")
    );
    let needed = "oc policy add-role-to-user registry-viewer outsider -n team-a".to_owned();
    assert!(none.texts("#verdict .rc-terminal code").contains(&needed));
    let link = none.attribute("#verdict a[href*=registry-viewer]", "href");
    let form = root.get(link.split('#').next().unwrap()).await;
    assert_eq!(form.attribute("#f-name", "value"), "outsider");
    assert!(
        form.select("#add")
            .iter()
            .all(|form| form.attr("open").is_some())
    );
    let direct = root.get(&format!("{PATH}?who=viewer")).await;
    assert_eq!(
        direct.texts("#verdict .rc-path-to-role li"),
        [
            "User viewer",
            "Role binding registry-viewer",
            "Role registry-viewer"
        ]
    );
    let robot = root
        .get(&format!("{PATH}?who=team-b:builder&kind=service-account"))
        .await;
    let needed =
        "oc policy add-role-to-user registry-viewer system:serviceaccount:team-b:builder -n team-a"
            .to_owned();
    assert!(
        robot.texts("#verdict .rc-terminal code").contains(&needed),
        "{}",
        robot.text_of("#verdict")
    );
    let everybody = root
        .get("/images/shared-libs/batch/access?who=outsider")
        .await;
    assert_eq!(
        everybody.texts("#verdict .rc-path-to-role:first-of-type li")[..2],
        ["User outsider", "Group system:authenticated"]
    );

    let mut dev = world.signed_in("dev").await;
    let unsure = dev
        .get(&format!("{PATH}?who=ann&kind=user"))
        .await
        .text_of("#verdict");
    assert!(
        unsure.contains("Members of these groups have access: ops")
            && unsure.contains("You don't have permission to view the groups"),
        "{unsure}"
    );
}

#[rstest]
#[tokio::test]
async fn non_reviewer_sees_own_access(#[values(Version::V3_9, Version::V4)] version: Version) {
    let world = World::start(version).await;
    for (person, pull) in [
        ("viewer", "You can pull."),
        ("outsider", "You cannot pull."),
    ] {
        let mut browser = world.signed_in(person).await;
        let page = browser.get(&format!("{PATH}?who=dev")).await;
        let text = page.text_of("main");
        assert!(
            text.contains(pull)
                && text.contains("You cannot push.")
                && text.contains("You don't have permission to view who else can"),
            "{person}: {text}"
        );
        assert!(
            page.select("#everybody").is_empty() && page.select("#verdict").is_empty(),
            "{person}: nothing about others"
        );
        assert!(
            text.contains("You don't have permission to check the access of others."),
            "{person}: {text}"
        );
        let own = browser
            .get(&format!("{PATH}?who={person}"))
            .await
            .text_of("#verdict");
        let expected = if person == "viewer" {
            "Can pull"
        } else {
            "Cannot pull"
        };
        assert!(
            own.contains(expected) && own.contains("Cannot push"),
            "{person}: {own}"
        );
        browser.set_cookie("__Host-language", "zh-CN");
        assert!(
            browser
                .get(PATH)
                .await
                .text_of("main")
                .contains("您无法推送。")
        );
    }
}

#[rstest]
#[tokio::test]
async fn anonymous_access_is_not_attributed_to_a_user(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    let page = root.get("/images/team-b/worker/access?who=outsider").await;
    let message = page.text_of("#verdict");
    assert!(
        message.contains("Cannot pull") && message.contains("a signed-in client needs a role"),
        "{message}"
    );
    let granting = page.texts("#verdict .rc-terminal");
    let pull = "oc policy add-role-to-user registry-viewer outsider -n team-b";
    assert!(
        granting
            .iter()
            .any(|text| text.starts_with("Grant pull access") && text.contains(pull)),
        "{granting:?}"
    );
    assert!(
        !message.contains("CLI equivalent"),
        "a question is not the same as a command that grants: {message}"
    );
    let group = root
        .get("/images/team-b/worker/access?who=system:unauthenticated&kind=group")
        .await
        .text_of("#verdict");
    assert!(
        group.contains("Can pull") && !group.contains("a signed-in client needs a role"),
        "{group}"
    );
}

/// A missing right is everyday: no warning, and no word of changes on a page that was only opened.
#[rstest]
#[tokio::test]
async fn missing_rights_are_explained_without_an_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    let digest = viewer.json("/images/team-a/api:v1").await.json()["digest"]
        .as_str()
        .unwrap()
        .to_owned();
    for path in [
        "/",
        "/projects",
        "/users",
        "/groups",
        "/projects/team-a",
        "/projects/team-a/access",
        "/projects/team-a/edit",
        "/projects/team-a/logins",
        "/projects/team-a/delete",
        "/images/team-a/api",
        "/images/team-a/api/access",
        "/images/team-a/api/delete",
        "/images/team-a/api/edit",
        "/images/team-a/api/new-tag",
        "/images/team-a/api/remove-tags",
        "/images/team-a/api:v1",
        "/images/team-a/api:v1/delete",
        "/images/team-a/api:v1/tag-as",
        "/images/team-a/api:v1/roll-back?to=DIGEST",
        "/new-image-stream?project=team-a",
        "/images/team-a/api/import",
        "/new-user",
        "/new-group",
    ] {
        let page = viewer.get(&path.replace("DIGEST", &digest)).await;
        let text = page.text_of("main");
        assert!(!matches!(page.status, 404 | 500..), "{path}: {text}");
        assert!(!text.contains("Nothing was changed"), "{path}: {text}");
        for alarm in [
            ".pf-m-warning",
            ".pf-m-danger",
            "use[href$='#warning']",
            "[role=alert]",
        ] {
            assert!(
                page.select(&format!("main {alarm}")).is_empty(),
                "{path}: {alarm}: {text}"
            );
        }
    }
}

// S30, S32
#[tokio::test]
async fn hostile_name_is_escaped_and_quoted() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let markup = dev
        .get(&format!("{PATH}?who=%22%3E%3Cimg%20src%3Dx%3E%27%60"))
        .await;
    assert!(
        markup.select("main img").is_empty()
            && markup.text_of("#verdict").contains("\"><img src=x>'`"),
        "{}",
        markup.text
    );
    let line =
        r#"oc policy add-role-to-user registry-viewer "\"><img src=x>'"'`' -n team-a"#.to_owned();
    assert!(
        markup.texts("#verdict .rc-terminal code").contains(&line),
        "{:?}",
        markup.texts("#verdict .rc-terminal code")
    );
    for name in ["a%E2%80%AEb", "a%2Fb", "a%25b", "..", "a%00b"] {
        let page = dev.get(&format!("{PATH}?who={name}")).await;
        assert!(
            page.select("#verdict").is_empty() && page.text.contains("This name is not valid"),
            "{name}: {}",
            page.text
        );
    }
    let option = dev.get(&format!("{PATH}?who=--all")).await;
    let line = "oc policy add-role-to-user -n team-a -- registry-viewer --all".to_owned();
    assert!(
        option.texts("#verdict .rc-terminal code").contains(&line),
        "a name is no option of a command: {}",
        option.text
    );
}

#[rstest]
#[tokio::test]
async fn unknown_user_is_reported_to_user_readers_only(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut root = world.signed_in("root").await;
    for (kind, name, exists) in [
        ("user", "outsider", true),
        ("user", "nobody-yet", false),
        ("group", "nobody-yet", false),
        ("service-account", "builder", true),
        ("service-account", "nobody-yet", false),
        ("group", "system:authenticated", true),
    ] {
        let text = root
            .get(&format!("{PATH}?who={name}&kind={kind}"))
            .await
            .text_of("#verdict");
        assert_eq!(
            text.contains("No user, group, or service account has this name yet."),
            !exists,
            "{kind} {name}: {text}"
        );
    }
    let text = world
        .signed_in("dev")
        .await
        .get(&format!("{PATH}?who=nobody-yet"))
        .await
        .text_of("#verdict");
    assert!(
        !text.contains("has this name yet"),
        "dev may not read the cluster's users: {text}"
    );
}

/// The check on the page of a project: the path to the role, and the form that grants what is
/// missing.
#[rstest]
#[tokio::test]
async fn project_access_check_shows_the_path_and_offers_a_grant(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    const ACCESS: &str = "/projects/team-a/access";
    let world = World::start(version).await;
    world.demo.cluster().add_user("ann", "ann", &["ops"]);
    world.demo.cluster().bind(
        Some(&"team-a".parse().unwrap()),
        "registry-editor",
        &[subject(SubjectKind::Group, "ops")],
    );
    let mut root = world.signed_in("root").await;
    let page = root.get(&format!("{ACCESS}?who=ann&kind=user")).await;
    assert_eq!(
        page.texts("#verdict .rc-verdict__line"),
        ["Can pull", "Can push"]
    );
    assert_eq!(
        page.texts("#verdict .rc-path-to-role:first-of-type li"),
        [
            "User ann",
            "Group ops",
            "Role binding registry-editor",
            "Role registry-editor"
        ]
    );
    let none = root.get(&format!("{ACCESS}?who=outsider")).await;
    assert_eq!(
        none.texts("#verdict .rc-verdict__line"),
        ["Cannot pull", "Cannot push"]
    );
    let link = none.attribute("#verdict a[href*=registry-viewer]", "href");
    let form = root.get(link.split('#').next().unwrap()).await;
    assert_eq!(form.attribute("#f-name", "value"), "outsider");
    assert!(
        none.texts("#verdict .rc-terminal")
            .iter()
            .all(|text| text.starts_with("Grant ")),
        "{}",
        none.text_of("#verdict")
    );
    let mut viewer = world.signed_in("viewer").await;
    let own = viewer.get(ACCESS).await;
    assert!(
        own.text_of("main")
            .contains("You don't have permission to view and change access."),
        "{}",
        own.text_of("main")
    );
    assert_eq!(
        own.texts(".rc-verdict__line")[0],
        "You can pull.",
        "their own access is no secret"
    );
}
