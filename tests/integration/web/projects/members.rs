//! Members of a project, their roles, and who may pull without being one.

use futures_util::future::join;
use openshift_standin::cluster::Version;
use registry_model::Subject;
use rstest::rstest;

use crate::harness::{Browser, Page, World, post};

const MEMBERS: &str = "/projects/team-a/members";
const ACCESS: &str = "/projects/team-a/access";
const REMOVE: &str = "/projects/team-a/members/remove";

/// One of each kind: OpenShift 3.9 and 4, and one like 3.6, which has bindings in the older API
/// only.
async fn clusters() -> [World; 3] {
    let older = World::start(Version::V3_9).await;
    older.demo.cluster().remove_rbac_group();
    [
        World::start(Version::V3_9).await,
        World::start(Version::V4).await,
        older,
    ]
}

async fn add(browser: &mut Browser, kind: &str, name: &str, role: &str) -> Page {
    post(
        browser,
        MEMBERS,
        &[
            ("do", "add"),
            ("kind", kind),
            ("name", name),
            ("role", role),
        ],
    )
    .await
}

/// Sends the form in the notice of the last change: its undo.
async fn undo(browser: &mut Browser) -> Page {
    let page = browser.get(ACCESS).await;
    let fields = page.hidden_fields("[role=status] form");
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let action = page.attribute("[role=status] form", "action");
    browser.post_form(&action, &fields).await
}

/// Each member with each role, as `user dev admin`.
async fn roles(browser: &mut Browser) -> Vec<String> {
    let json = browser.json(MEMBERS).await.json();
    let members = json["members"]
        .as_array()
        .unwrap_or_else(|| panic!("{json:#}"));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let each = members.iter().flat_map(|member| {
        let who = format!(
            "{} {}",
            text(&member["who"]["kind"]),
            text(&member["who"]["name"])
        );
        member["roles"]
            .as_array()
            .unwrap()
            .iter()
            .map(move |role| format!("{who} {}", role["role"].as_str().unwrap()))
    });
    each.collect()
}

async fn has(browser: &mut Browser, role: &str) -> bool {
    roles(browser).await.iter().any(|has| has == role)
}

#[tokio::test]
async fn member_is_added_and_removed_with_undo() {
    for world in clusters().await {
        let mut dev = world.signed_in("dev").await;
        let page = dev.get(ACCESS).await;
        let commands = page.texts(".rc-terminal code");
        assert!(
            commands
                .contains(&"oc policy add-role-to-user registry-viewer NAME -n team-a".to_owned()),
            "{commands:?}"
        );
        for (kind, name) in [
            ("user", "foo@bar.com"),
            ("user", "system:janitor:default"),
            ("group", "shop"),
            ("service-account", "builder"),
        ] {
            let added = add(&mut dev, kind, name, "registry-editor").await;
            assert_eq!(
                (added.status, added.location().as_str()),
                (303, ACCESS),
                "{name}: {}",
                added.text
            );
            assert!(
                has(&mut dev, &format!("{kind} {name} registry-editor")).await,
                "{:?}",
                roles(&mut dev).await
            );
        }
        undo(&mut dev).await;
        assert!(!has(&mut dev, "service-account builder registry-editor").await);

        let link =
            "/projects/team-a/members/remove?kind=user&name=foo%40bar.com&role=registry-editor";
        assert!(
            dev.get(ACCESS)
                .await
                .select("a")
                .iter()
                .any(|a| a.attr("href") == Some(link))
        );
        let confirmation = dev.get(link).await;
        assert_eq!(
            confirmation.texts(".rc-terminal code")[0],
            "oc policy remove-role-from-user registry-editor foo@bar.com -n team-a"
        );
        assert!(
            confirmation.select("input[name=sure]").is_empty(),
            "only oneself is asked twice"
        );
        let fields = confirmation.hidden_fields("main form");
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(dev.post_form(REMOVE, &fields).await.status, 303);
        assert!(!has(&mut dev, "user foo@bar.com registry-editor").await);
        assert!(
            has(&mut dev, "group shop registry-editor").await,
            "others keep it"
        );
        undo(&mut dev).await;
        assert!(has(&mut dev, "user foo@bar.com registry-editor").await);
    }
}

#[tokio::test]
async fn invalid_name_or_role_is_a_field_error_and_keeps_input() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = add(&mut dev, "user", "foo ^ bar", "registry-viewer").await;
    assert_eq!(page.status, 422);
    assert_eq!(page.attribute("#f-name", "value"), "foo ^ bar");
    assert_eq!(page.attribute("#f-name", "aria-invalid"), "true");
    assert_eq!(
        add(&mut dev, "user", "", "registry-viewer").await.status,
        422
    );
    assert_eq!(
        add(&mut dev, "user", "fine", "cluster-admin").await.status,
        422,
        "only roles of the registry are given"
    );
    let hostile = r#""><img src=x onerror=alert(1)>"#;
    let page = add(&mut dev, "user", hostile, "registry-viewer").await;
    assert_eq!(
        (
            page.attribute("#f-name", "value").as_str(),
            page.select("main img").len()
        ),
        (hostile, 0)
    );
    add(&mut dev, "group", "<b>bold", "registry-viewer").await;
    let page = dev.get(ACCESS).await;
    assert!(
        page.select("main tbody b").is_empty() && page.text_of("main").contains("<b>bold"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn concurrent_adds_lose_no_member() {
    for world in clusters().await {
        let (mut one, mut other) = (world.signed_in("dev").await, world.signed_in("root").await);
        for round in 0..6 {
            let (mine, yours) = (format!("mine-{round}"), format!("yours-{round}"));
            for name in [&mine, &yours] {
                world.demo.cluster().add_user(name, name, &[]);
            }
            let (a, b) = join(
                add(&mut one, "user", &mine, "registry-editor"),
                add(&mut other, "user", &yours, "registry-editor"),
            )
            .await;
            assert_eq!((a.status, b.status), (303, 303), "{} {}", a.text, b.text);
        }
        let now = roles(&mut one).await;
        for round in 0..6 {
            for name in ["mine", "yours"] {
                assert!(
                    now.contains(&format!("user {name}-{round} registry-editor")),
                    "{name}-{round}: {now:?}"
                );
            }
        }
    }
}

/// The API server binds roles to any name: a slip of the pen would grant a right to nobody, without
/// a word.
#[tokio::test]
async fn unknown_member_requires_confirmation() {
    for world in clusters().await {
        let mut root = world.signed_in("root").await;
        for (kind, name, title) in [
            (
                "user",
                "nobody-yet",
                "The user “nobody-yet” does not exist yet",
            ),
            ("group", "no-group", "The group “no-group” does not exist"),
            (
                "group",
                "system:serviceaccounts:nowhere",
                "The group “system:serviceaccounts:nowhere” does not exist",
            ),
            (
                "service-account",
                "no-robot",
                "The service account “no-robot” does not exist",
            ),
            (
                "service-account",
                "nowhere:no-robot",
                "The service account “nowhere:no-robot” does not exist",
            ),
            (
                "user",
                "system:serviceaccount:team-a:no-robot",
                "The user “system:serviceaccount:team-a:no-robot” does not exist yet",
            ),
        ] {
            let page = add(&mut root, kind, name, "registry-viewer").await;
            assert_eq!(
                (
                    page.status,
                    page.text_of("[role=alert] .pf-v6-c-alert__title").as_str()
                ),
                (422, title),
                "{name}"
            );
            assert_eq!(
                page.attribute("#f-name", "value"),
                name,
                "what was typed stays"
            );
            assert!(
                !roles(&mut root)
                    .await
                    .iter()
                    .any(|role| role.contains("nobody-yet")),
                "nothing was changed yet"
            );
            let confirmed = page.hidden_fields("form:has(#f-name)");
            let other_kind = if kind == "user" { "group" } else { "user" };
            // Other users and groups of the system cannot be looked up.
            let in_question = [("name", kind, "other"), ("kind", other_kind, name)];
            for (what, kind, name) in in_question
                .into_iter()
                .filter(|(_, _, name)| !name.starts_with("system:"))
            {
                let mut other: Vec<(&str, &str)> = confirmed
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str()))
                    .collect();
                other.extend([("kind", kind), ("name", name), ("role", "registry-viewer")]);
                assert_eq!(
                    root.post_form(MEMBERS, &other).await.status,
                    422,
                    "{name}: another {what} is asked about, too"
                );
            }
            let mut fields: Vec<(&str, &str)> = confirmed
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            fields.extend([("kind", kind), ("name", name), ("role", "registry-viewer")]);
            assert_eq!(root.post_form(MEMBERS, &fields).await.status, 303, "{name}");
            undo(&mut root).await;
        }
        for (kind, name) in [
            ("user", "outsider"),
            ("group", "system:authenticated"),
            ("service-account", "team-b:builder"),
        ] {
            assert_eq!(
                add(&mut root, kind, name, "registry-viewer").await.status,
                303,
                "{name} exists"
            );
            assert!(
                !root
                    .get(ACCESS)
                    .await
                    .text_of(".pf-v6-c-alert[role=status]")
                    .contains("have permission to check"),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn unverifiable_member_is_added_with_a_note() {
    for world in clusters().await {
        let mut dev = world.signed_in("dev").await;
        for (kind, name) in [
            ("user", "nobody-yet"),
            ("group", "no-group"),
            ("user", "system:admin"),
            ("service-account", "nowhere:robot"),
        ] {
            let added = add(&mut dev, kind, name, "registry-viewer").await;
            assert_eq!(added.status, 303, "{name}: {}", added.text);
            let text = dev.get(ACCESS).await.text_of(".pf-v6-c-alert[role=status]");
            assert!(
                text.contains("have permission to check whether this name exists"),
                "{name}: {text}"
            );
        }
        assert_eq!(
            post(
                &mut dev,
                MEMBERS,
                &[("do", "let-pull"), ("puller", "nowhere")]
            )
            .await
            .status,
            303
        );
        let text = dev.get(ACCESS).await.text_of(".pf-v6-c-alert[role=status]");
        assert!(
            text.contains("have permission to check whether it exists"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn undo_restores_unknown_member_without_confirmation() {
    let world = World::start(Version::V4).await;
    world.demo.cluster().bind(
        Some(&"team-a".parse().unwrap()),
        "registry-viewer",
        &[Subject::user("left-long-ago")],
    );
    let mut root = world.signed_in("root").await;
    let fields = [
        ("kind", "user"),
        ("name", "left-long-ago"),
        ("role", "registry-viewer"),
    ];
    assert_eq!(post(&mut root, REMOVE, &fields).await.status, 303);
    assert_eq!(undo(&mut root).await.status, 303);
    assert!(has(&mut root, "user left-long-ago registry-viewer").await);
}

#[tokio::test]
async fn unknown_pulling_project_requires_confirmation() {
    for world in clusters().await {
        let mut root = world.signed_in("root").await;
        let page = post(
            &mut root,
            MEMBERS,
            &[("do", "let-pull"), ("puller", "nowhere")],
        )
        .await;
        assert_eq!(
            (page.status, page.attribute("#f-puller", "value").as_str()),
            (422, "nowhere")
        );
        assert!(
            page.text_of("[role=alert]")
                .contains("The project “nowhere” does not exist"),
            "{}",
            page.text
        );
        assert!(root.get(ACCESS).await.select(".rc-pullers li").is_empty());
        let confirmed = page.hidden_fields("form:has(#f-puller)");
        let mut fields: Vec<(&str, &str)> = confirmed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        fields.push(("puller", "nowhere"));
        assert_eq!(root.post_form(MEMBERS, &fields).await.status, 303);
        assert!(
            root.get(ACCESS)
                .await
                .text_of(".rc-pullers li")
                .starts_with("nowhere")
        );
        assert_eq!(
            post(
                &mut root,
                MEMBERS,
                &[("do", "let-pull"), ("puller", "team-b")]
            )
            .await
            .status,
            303,
            "one that is there"
        );
    }
}

#[tokio::test]
async fn unchanged_membership_is_not_written() {
    let world = World::start(Version::V3_9).await;
    let mut dev = world.signed_in("dev").await;
    let csrf = dev.csrf().await;
    world.clear_requests();
    let fields = [
        ("csrf", csrf.as_str()),
        ("do", "add"),
        ("kind", "user"),
        ("name", "viewer"),
        ("role", "registry-viewer"),
    ];
    assert_eq!(dev.post_form(MEMBERS, &fields).await.status, 303);
    let writes: Vec<_> = world
        .requests()
        .into_iter()
        .filter(|request| request.path.contains("rolebindings") && request.method != "GET")
        .collect();
    assert!(writes.is_empty(), "{writes:?}");
}

#[tokio::test]
async fn self_removal_requires_confirmation() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    add(&mut dev, "user", "dev", "registry-admin").await;
    let fields = [
        ("kind", "user"),
        ("name", "dev"),
        ("role", "registry-admin"),
    ];
    let page = dev
        .get(&format!("{REMOVE}?kind=user&name=dev&role=registry-admin"))
        .await;
    assert!(page.only("input[name=sure]").attr("required").is_some());
    assert_eq!(post(&mut dev, REMOVE, &fields).await.status, 422);
    let shortcut = [&[("do", "remove")], &fields[..]].concat();
    assert!(
        post(&mut dev, MEMBERS, &shortcut)
            .await
            .location()
            .starts_with(REMOVE),
        "no way round the question"
    );
    assert!(has(&mut dev, "user dev registry-admin").await);
    let sure = [&[("sure", "yes")], &fields[..]].concat();
    assert_eq!(post(&mut dev, REMOVE, &sure).await.status, 303);
    assert!(!has(&mut dev, "user dev registry-admin").await);
}

#[tokio::test]
async fn viewer_gets_no_member_actions_and_outsider_no_page() {
    for world in clusters().await {
        let mut viewer = world.signed_in("viewer").await;
        viewer.set_cookie("__Host-language", "zh-CN");
        for path in [
            ACCESS,
            "/projects/team-a/members/remove?kind=user&name=viewer&role=registry-viewer",
        ] {
            assert!(
                viewer
                    .get(path)
                    .await
                    .select("main button[type=submit]")
                    .is_empty(),
                "{path}"
            );
        }
        for (path, fields) in [
            (
                MEMBERS,
                &[
                    ("do", "add"),
                    ("kind", "user"),
                    ("name", "viewer"),
                    ("role", "registry-admin"),
                ][..],
            ),
            (MEMBERS, &[("do", "let-pull"), ("puller", "team-b")]),
            (
                REMOVE,
                &[
                    ("kind", "user"),
                    ("name", "dev"),
                    ("role", "registry-viewer"),
                ],
            ),
            (ACCESS, &[("policy", "anonymous"), ("open", "yes")]),
        ] {
            let page = post(&mut viewer, path, fields).await;
            assert_eq!(page.status, 403, "{path} {fields:?}");
            assert_eq!(
                page.text_of("[role=alert] .pf-v6-c-alert__title"),
                "您没有执行此操作的权限"
            );
        }
        let mut outsider = world.signed_in("outsider").await;
        assert_eq!(
            post(
                &mut outsider,
                ACCESS,
                &[("policy", "anonymous"), ("open", "yes")]
            )
            .await
            .status,
            403
        );
        let mut dev = world.signed_in("dev").await;
        assert!(dev.get("/projects/team-a").await.text.contains(ACCESS));
        assert_eq!(dev.json(ACCESS).await.json()["policy"], "private");
    }
}

#[tokio::test]
async fn access_policy_changes_between_private_shared_anonymous() {
    for world in clusters().await {
        let mut dev = world.signed_in("dev").await;
        let page = dev.get(ACCESS).await;
        assert_eq!(
            page.attribute("input[name=policy][checked]", "value"),
            "private"
        );
        let shared =
            "oc policy add-role-to-group registry-viewer system:authenticated -n team-a".to_owned();
        assert!(page.texts(".rc-terminal code").contains(&shared));
        for policy in ["shared", "anonymous", "shared", "anonymous", "private"] {
            let changed = post(&mut dev, ACCESS, &[("policy", policy), ("open", "yes")]).await;
            assert_eq!(
                (changed.status, changed.location().as_str()),
                (303, ACCESS),
                "{}",
                changed.text
            );
            assert_eq!(
                dev.get(ACCESS)
                    .await
                    .attribute("input[name=policy][checked]", "value"),
                policy
            );
            let open = world
                .signed_in("outsider")
                .await
                .json("/images/team-a")
                .await
                .status
                == 200;
            assert_eq!(open, policy != "private", "{policy}");
        }
        assert!(
            has(&mut dev, "user viewer registry-viewer").await,
            "members stay"
        );
        assert_eq!(post(&mut dev, ACCESS, &[]).await.status, 422);
    }
}

#[tokio::test]
async fn pull_by_another_project_is_granted_and_revoked() {
    for world in clusters().await {
        let mut dev = world.signed_in("dev").await;
        assert!(
            dev.get(ACCESS).await.select(".rc-pullers li").is_empty(),
            "the project's own robots are no other project"
        );
        assert_eq!(
            post(
                &mut dev,
                MEMBERS,
                &[("do", "let-pull"), ("puller", "Team B")]
            )
            .await
            .status,
            422
        );
        assert_eq!(
            post(
                &mut dev,
                MEMBERS,
                &[("do", "let-pull"), ("puller", "team-b")]
            )
            .await
            .status,
            303
        );
        let page = dev.get(ACCESS).await;
        assert!(
            page.text_of(".rc-pullers li").starts_with("team-b"),
            "{:?}",
            page.texts(".rc-pullers li")
        );
        let fields = [
            ("kind", "group"),
            ("name", "system:serviceaccounts:team-b"),
            ("role", "system:image-puller"),
        ];
        assert_eq!(post(&mut dev, REMOVE, &fields).await.status, 303);
        assert!(dev.get(ACCESS).await.select(".rc-pullers li").is_empty());
        assert!(
            has(
                &mut dev,
                "group system:serviceaccounts:team-a system:image-puller"
            )
            .await,
            "its own robots still pull"
        );
    }
}

#[tokio::test]
async fn anonymous_access_requires_confirmation() {
    for (language, mistake) in [
        ("en", "Select this checkbox to allow everyone to pull"),
        ("zh-CN", "如需允许所有人拉取，请选中此复选框"),
    ] {
        let world = World::start(Version::V4).await;
        let mut dev = world.signed_in("dev").await;
        dev.set_cookie("__Host-language", language);
        let page = post(&mut dev, ACCESS, &[("policy", "anonymous")]).await;
        assert_eq!(
            (
                page.status,
                page.attribute("input[name=policy][checked]", "value")
                    .as_str()
            ),
            (422, "anonymous")
        );
        assert!(
            page.text_of("#unsure").starts_with(mistake),
            "{}",
            page.text_of("#unsure")
        );
        assert_eq!(dev.json(ACCESS).await.json()["policy"], "private");
        let page = post(
            &mut dev,
            "/new-project",
            &[("name", "sandbox"), ("policy", "anonymous")],
        )
        .await;
        assert_eq!((page.status, page.select("#f-open-help").len()), (422, 1));
    }
}

#[tokio::test]
async fn all_users_role_counts_as_shared_until_private() {
    for world in clusters().await {
        let people = Subject::group("system:authenticated:oauth");
        world.demo.cluster().bind(
            Some(&"team-a".parse().unwrap()),
            "registry-viewer",
            &[people],
        );
        let mut dev = world.signed_in("dev").await;
        let page = dev.get(ACCESS).await;
        assert_eq!(
            page.attribute("input[name=policy][checked]", "value"),
            "shared"
        );
        let command =
            "oc policy remove-role-from-group registry-viewer system:authenticated:oauth -n team-a"
                .to_owned();
        assert!(page.texts(".rc-terminal code").contains(&command));
        assert_eq!(
            post(&mut dev, ACCESS, &[("policy", "private")])
                .await
                .status,
            303
        );
        assert_eq!(dev.json(ACCESS).await.json()["policy"], "private");
    }
}

#[tokio::test]
async fn unauthenticated_only_project_offers_the_missing_binding() {
    for world in clusters().await {
        let page_of = "/projects/team-b/access";
        let mut dev = world.signed_in("dev").await;
        assert_eq!(dev.json(page_of).await.json()["policy"], "only-anonymous");
        assert!(
            dev.get(page_of)
                .await
                .text_of("main")
                .contains("Only system:unauthenticated has a role")
        );
        assert!(
            dev.get("/projects")
                .await
                .text_of("main")
                .contains("Anonymous only")
        );
        let page = dev.get(page_of).await;
        assert!(
            page.select("input[name=policy][checked]").is_empty(),
            "it is none of the three: {}",
            page.text
        );
        assert!(
            page.text_of("main .pf-m-info")
                .contains("Only system:unauthenticated has a role"),
            "{}",
            page.text
        );
        let fields = page.hidden_fields("main .pf-m-info form");
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            dev.post_form(&page.attribute("main .pf-m-info form", "action"), &fields)
                .await
                .status,
            303
        );
        assert_eq!(dev.json(page_of).await.json()["policy"], "anonymous");
        let page = dev.get(page_of).await;
        assert!(page.select("main .pf-m-info").is_empty(), "{}", page.text);
    }
}

/// `oc policy remove-role-from-group` fails for a binding that does not exist.
#[tokio::test]
async fn policy_commands_change_only_differing_bindings() {
    const REMOVE_ROLE_COMMAND: &str = "oc policy remove-role-from-group registry-viewer";
    const ADD_ROLE_COMMAND: &str = "oc policy add-role-to-group registry-viewer";
    for world in clusters().await {
        let mut dev = world.signed_in("dev").await;
        let (people, all) = (
            "system:authenticated -n team-a",
            "system:unauthenticated -n team-a",
        );
        for (policy, commands) in [
            (
                "private",
                vec![
                    format!("{ADD_ROLE_COMMAND} {people}"),
                    format!("{ADD_ROLE_COMMAND} {people}"),
                    format!("{ADD_ROLE_COMMAND} {all}"),
                ],
            ),
            (
                "shared",
                vec![
                    format!("{REMOVE_ROLE_COMMAND} {people}"),
                    format!("{ADD_ROLE_COMMAND} {all}"),
                ],
            ),
            (
                "anonymous",
                vec![
                    format!("{REMOVE_ROLE_COMMAND} {all}"),
                    format!("{REMOVE_ROLE_COMMAND} {people}"),
                    format!("{REMOVE_ROLE_COMMAND} {all}"),
                ],
            ),
        ] {
            assert_eq!(
                post(&mut dev, ACCESS, &[("policy", policy), ("open", "yes")])
                    .await
                    .status,
                303
            );
            let page = dev.get(ACCESS).await;
            assert_eq!(page.texts("#policy-commands code"), commands, "{policy}");
            assert!(
                !page
                    .texts("#policy-commands p")
                    .iter()
                    .any(|label| label.to_lowercase().contains(&format!("“{policy}”"))),
                "{policy}"
            );
        }
    }
}

/// An address that lacks what it is about is no page, whether the bindings can be read or not.
#[tokio::test]
async fn url_without_subject_is_not_found() {
    let world = World::start(Version::V4).await;
    for user in ["dev", "viewer", "root"] {
        let mut browser = world.signed_in(user).await;
        for query in [
            "",
            "?kind=user&name=foo%40bar.com",
            "?kind=user&name=foo%40bar.com&role=",
            "?kind=user&name=&role=registry-editor",
            "?name=foo%40bar.com&role=registry-editor",
            "?kind=user&name=foo%40bar.com&role=cluster-admin",
            "?kind=user&name=foo%40bar.com&role=registry-editor&to=cluster-admin",
            "?kind=service-account&name=%3A&role=registry-editor",
        ] {
            let page = browser.get(&format!("{REMOVE}{query}")).await;
            assert!(
                matches!(page.status, 400 | 404),
                "{user} {query}: {} {}",
                page.status,
                page.text
            );
            assert!(
                page.select(".rc-command").is_empty()
                    && page.select("main form[method=post]").is_empty(),
                "{user} {query}: {}",
                page.text
            );
        }
        for path in [
            "/groups/ops/remove",
            "/groups/ops/remove?user=",
            "/projects/team-a/logins/take-back",
            "/projects/team-a/logins/take-back?name=",
            "/images/team-a/api:latest/roll-back",
            "/images/team-a/api:latest/roll-back?to=",
        ] {
            let page = browser.get(path).await;
            assert!(
                (400..500).contains(&page.status) && page.select(".rc-command").is_empty(),
                "{user} {path}: {} {}",
                page.status,
                page.text
            );
        }
    }
}

#[rstest]
#[tokio::test]
async fn members_are_on_the_access_page_and_keep_their_json(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let moved = dev.get(MEMBERS).await;
    assert_eq!((moved.status, moved.location().as_str()), (303, ACCESS));
    let json = dev.json(MEMBERS).await.json();
    assert_eq!(json["project"], "team-a");
    assert!(json["members"].is_array() && json["allowed"] == true);
    let page = dev.get(ACCESS).await;
    assert_eq!(page.text_of("h1"), "team-a");
    assert_eq!(
        page.text_of(".rc-tabs a[aria-current]"),
        "Access",
        "{}",
        page.text
    );
    let own = page
        .texts(".rc-members tbody tr")
        .into_iter()
        .find(|row| row.starts_with("dev "))
        .unwrap();
    assert!(
        own.contains("admin") && own.contains("Not a registry role"),
        "a role without controls says why: {own}"
    );
}

/// The address that other pages link to opens the form with its values.
#[tokio::test]
async fn link_fills_in_the_form_that_adds_a_member() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = dev
        .get(&format!(
            "{ACCESS}?add=%3Cb%3Eops&kind=group&role=registry-editor"
        ))
        .await;
    assert!(page.only("#add").attr("open").is_some());
    assert_eq!(page.attribute("#f-name", "value"), "<b>ops");
    assert_eq!(page.text_of("#f-kind option[selected]"), "Group");
    assert!(
        page.text_of("#f-role option[selected]")
            .starts_with("Editor")
    );
    let closed = dev.get(ACCESS).await;
    assert!(closed.only("#add").attr("open").is_none());
}
