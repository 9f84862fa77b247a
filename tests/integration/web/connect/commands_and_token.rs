//! Connecting from outside: the commands, and the session's own token.

use chrono::TimeDelta;
use openshift_standin::cluster::{Cluster, Version};
use openshift_standin::faults::{Endpoint, Fault};
use reqwest::Method;
use rstest::rstest;

use crate::harness::{Log, Page, World, post};
use crate::web::projects::credentials::{CREDENTIALS_PATH, FINISH_PATH, REVOKE_PATH};

/// Whose token the browser's session has, by the cluster; and the token.
fn token_of(cluster: &Cluster, asked: &[openshift_standin::faults::LoggedRequest]) -> String {
    let token = asked
        .iter()
        .find_map(|request| request.bearer())
        .unwrap()
        .to_owned();
    assert_eq!(cluster.authenticate(&token).as_deref(), Some("dev"));
    token
}

/// S29, S28, S44.
#[rstest]
#[tokio::test]
async fn session_token_is_shown_only_by_post_and_not_stored(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let log = Log::start();
    let mut browser = world.signed_in("dev").await;
    world.clear_requests();
    browser.get("/projects").await;
    let token = token_of(world.demo.cluster(), &world.requests());

    for path in [
        "/",
        "/connect",
        "/connect?project=team-a&image=api",
        "/connect/token",
    ] {
        for page in [browser.get(path).await, browser.json(path).await] {
            assert_eq!(
                (page.status, page.header("cache-control")),
                (200, "no-store"),
                "{path}"
            );
            assert!(!page.text.contains(&token), "{path}");
        }
    }
    let bare = browser
        .form("/connect/token", &[])
        .header("origin", world.origin());
    let refused = browser.send(bare).await;
    assert!(
        refused.status == 403 && !refused.text.contains(&token),
        "S24"
    );

    let page = post(&mut browser, "/connect/token", &[]).await;
    assert_eq!(
        (page.status, page.header("cache-control")),
        (200, "no-store")
    );
    assert_eq!(page.text_of("#the-token"), token);
    let expires = page.text_of("#expires");
    assert!(
        expires.contains("2 Jan 2026") || expires.contains("3 Jan 2026"),
        "{expires}"
    );
    assert!(expires.contains("24 hours left"), "{expires}");
    let commands = page.texts(".rc-command code");
    assert!(
        commands
            .iter()
            .all(|command| command.contains("--password-stdin") && !command.contains(&token)),
        "{commands:?}"
    );
    let json = post(&mut browser, "/api/v1/connect/token", &[]).await;
    assert!(
        json.status == 405 && !json.text.contains(&token),
        "{}",
        json.text
    );
    for page in [browser.get("/connect").await, browser.get("/").await] {
        assert!(
            !page.text.contains(&token),
            "the next page has forgotten it"
        );
    }
    assert!(!log.text().contains(&token), "S44");
    assert!(log.text().contains("the session's token was shown"));
}

/// S18: what no longer works is not shown as if it did.
#[tokio::test]
async fn invalid_token_is_not_shown() {
    let world = World::start(Version::V3_9).await;
    let mut browser = world.signed_in("dev").await;
    let csrf = browser.csrf().await;
    world.advance(TimeDelta::hours(24));
    let page = browser
        .post_form("/connect/token", &[("csrf", &csrf)])
        .await;
    assert_eq!(
        (page.status, page.text_of("h1").as_str()),
        (401, "You were signed out")
    );
}

#[rstest]
#[tokio::test]
async fn connect_commands_name_registry_and_image_and_respect_rights(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let host = world
        .demo
        .urls()
        .registry
        .trim_start_matches("https://")
        .to_owned();
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/connect?project=team-a&image=api").await;
    let commands = page.texts(".rc-command code");
    for wanted in [
        format!("oc whoami -t | docker login -u dev --password-stdin {host}"),
        format!("oc whoami -t | helm registry login -u dev --password-stdin {host}"),
        format!("docker push {host}/team-a/api:TAG"),
        format!("buildah push MY-IMAGE docker://{host}/team-a/api:TAG"),
        format!(
            "skopeo copy --all docker://OTHER-REGISTRY/NAME:TAG docker://{host}/team-a/api:TAG"
        ),
        format!("helm push CHART-1.0.0.tgz oci://{host}/team-a"),
        format!("sudo install -D -m 0644 ca.crt /etc/docker/certs.d/{host}/ca.crt"),
    ] {
        assert!(commands.contains(&wanted), "{wanted} in {commands:#?}");
    }
    assert!(
        page.text_of("#pod")
            .contains(&format!("image: \"{host}/team-a/api:TAG\""))
    );
    assert!(
        page.text_of("#trust-file")
            .contains(&format!("server = \"https://{host}\""))
    );
    assert!(
        !page
            .select(&format!("a[href='{CREDENTIALS_PATH}']"))
            .is_empty()
    );
    let mut viewer = world.signed_in("viewer").await;
    let commands = viewer
        .get("/connect?project=team-a")
        .await
        .texts(".rc-command code");
    assert!(
        !commands.iter().any(|command| command.contains(" push ")),
        "{commands:#?}"
    );
    let home = dev.get("/").await;
    assert!(!home.select("main a[href='/connect']").is_empty());
    assert!(
        !dev.get("/images/team-a/api")
            .await
            .select("main a[href='/connect?project=team-a&image=api']")
            .is_empty()
    );
}

/// S30, S33.
#[tokio::test]
async fn invalid_name_is_not_echoed_and_sends_no_request() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for hostile in [
        "%24(reboot)",
        "%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
        "..%2f..%2fsecrets",
        "a%00b",
    ] {
        let page = dev
            .get(&format!("/connect?project={hostile}&image={hostile}"))
            .await;
        assert_eq!(page.status, 200);
        assert!(
            !page.text_of("main").contains("reboot")
                && page.select("main script").is_empty()
                && page.text.contains("PROJECT/NAME:TAG")
        );
    }
    for name in [
        "../default",
        "a/b",
        "A",
        "-a",
        "a'b",
        "$(reboot)",
        &"x".repeat(64),
    ] {
        let csrf = dev.csrf().await;
        let fields = [
            ("csrf", csrf.as_str()),
            ("name", name),
            ("may", "pull"),
            ("lasts", "always"),
        ];
        let page = dev.post_form(CREDENTIALS_PATH, &fields).await;
        assert_eq!(
            (
                page.status,
                page.attribute("#f-name", "aria-invalid").as_str()
            ),
            (422, "true"),
            "{name}"
        );
        assert_eq!(page.attribute("#f-name", "value"), name);
    }
    world.clear_requests();
    for path in [FINISH_PATH, REVOKE_PATH] {
        assert_eq!(
            post(&mut dev, path, &[("name", "../default")]).await.status,
            404
        );
    }
    assert!(world.requests().is_empty(), "{:?}", world.requests());
}

#[rstest]
#[tokio::test]
async fn registry_without_route_shows_how_to_expose_it(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::builder(version)
        .settings(|config| {
            config.registry.public_host = None;
            config.pod.project = Some("infra".to_owned());
        })
        .start()
        .await;
    let mut dev = world.signed_in("dev").await;
    let page = dev.get("/connect").await;
    let json = dev.json("/connect").await.json();
    if let Some(host) = json["host"].as_str() {
        assert_eq!(
            Some(host.to_owned()),
            world.demo.cluster().hosts().registry_public,
            "what the master says of its streams"
        );
        return;
    }
    let commands = page.texts("#3 .rc-command code, #4 .rc-command code");
    assert_eq!(
        commands.last().unwrap(),
        "oc set env dc/registry-console -n infra REGISTRY_HOST=HOST",
        "the project of the pod"
    );
    let patch = r#"oc patch configs.imageregistry.operator.openshift.io/cluster --type=merge -p '{"spec":{"defaultRoute":true}}'"#;
    let route = "oc get route docker-registry -n default -o 'jsonpath={.spec.host}'";
    let has = |command: &str| commands.iter().any(|one| one == command);
    assert_eq!(
        (has(patch), has(route)),
        (version == Version::V4, version == Version::V3_9),
        "of this version alone: {commands:#?}"
    );
    assert!(page.text.contains("REGISTRY/PROJECT/NAME:TAG"));
}

/// `oc registry login` and the objects of `config.openshift.io` exist on OpenShift 4 alone.
#[tokio::test]
async fn version_specific_commands_are_shown_for_their_version() {
    for (version, fault, shown) in [
        (Version::V3_9, None, false),
        (Version::V4, None, true),
        (Version::V3_9, Some(Fault::Refuse), true),
    ] {
        let world = World::start(version).await;
        let mut dev = world.signed_in("dev").await;
        if let Some(fault) = fault {
            world.fail(Endpoint::ApiServer, fault);
        }
        let commands = dev.get("/connect").await.texts(".rc-command code");
        let host = world
            .demo
            .urls()
            .registry
            .trim_start_matches("https://")
            .to_owned();
        for only_on_4 in [
            format!("oc registry login --registry={host}"),
            "oc get image.config.openshift.io/cluster -o 'jsonpath={.spec.additionalTrustedCA.name}'".to_owned(),
        ] {
            assert_eq!(commands.contains(&only_on_4), shown, "{only_on_4}: {commands:#?}");
        }
    }
}

/// The OAuth server of OpenShift 3 is a part of the API server, so that its address is known.
#[tokio::test]
async fn sign_in_says_where_the_login_command_of_oc_is() {
    for (version, has_command) in [(Version::V3_9, true), (Version::V4, false)] {
        let world = World::start(version).await;
        let page = world.signed_in("dev").await.get("/connect").await;
        let links = page.attributes("[aria-labelledby=sign-in] p a", "href");
        let [link] = links.as_slice() else {
            panic!("{links:?}")
        };
        let issuer = link.strip_suffix("/oauth/token/request").unwrap();
        let commands = page.texts("[aria-labelledby=sign-in] .rc-command code");
        assert_eq!(
            commands.contains(&format!("oc login {issuer}")),
            has_command,
            "{commands:#?}"
        );
    }
}

/// R3: commands need no upstream.
#[tokio::test]
async fn connect_commands_are_shown_without_api_server() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.fail(Endpoint::ApiServer, Fault::Refuse);
    let page = dev.get("/connect?project=team-a").await;
    assert_eq!(page.status, 200);
    assert!(
        page.texts(".rc-command code")
            .iter()
            .any(|command| command.contains("podman login -u dev"))
    );
    assert!(
        page.text_of("section[aria-labelledby=push-pull]")
            .contains("The API server cannot be reached"),
        "{}",
        page.text_of("main")
    );
}

#[tokio::test]
async fn hidden_token_page_names_other_ways() {
    let world = World::builder(Version::V4)
        .settings(|config| config.pages.show_token = false)
        .start()
        .await;
    for user in ["outsider", "viewer", "dev", "root"] {
        let mut browser = world.signed_in(user).await;
        let connect = browser.get("/connect").await;
        assert!(
            connect.select("form[action='/connect/token']").is_empty(),
            "{}",
            connect.text
        );
        assert!(
            connect
                .texts("#token code")
                .contains(&"oc whoami -t".to_owned()),
            "{}",
            connect.text
        );
        let csrf = browser.csrf().await;
        assert_eq!(browser.get("/connect/token").await.status, 404);
        let shown = browser
            .post_form("/connect/token", &[("csrf", &csrf)])
            .await;
        assert_eq!(shown.status, 404);
        assert!(shown.select("#the-token").is_empty());
        assert_eq!(browser.json("/connect/token").await.status, 404);
    }
    assert!(matches!(
        world.browser().get("/connect/token").await.status,
        302 | 303
    ));
}

#[tokio::test]
async fn selected_client_is_remembered() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let selected = |page: &Page| page.attribute("input[name=client][checked]", "value");
    assert_eq!(selected(&dev.get("/connect").await), "podman");
    assert_eq!(selected(&dev.get("/connect?client=skopeo").await), "skopeo");
    assert_eq!(dev.cookie("__Host-client"), Some("skopeo"));
    assert_eq!(selected(&dev.get("/connect").await), "skopeo");
    let token = post(&mut dev, "/connect/token", &[]).await;
    assert_eq!(selected(&token), "skopeo");
    dev.get("/connect?client=%3Cb%3E").await;
    assert_eq!(dev.cookie("__Host-client"), Some("skopeo"));
}

#[tokio::test]
async fn certificate_instructions_begin_with_the_readers_system() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    for (agent, system) in [
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "mac"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "windows"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "podman"),
    ] {
        let request = dev
            .request(Method::GET, "/connect")
            .header("user-agent", agent);
        let page = dev.send(request).await;
        assert_eq!(
            page.attribute("input[name=system][checked]", "value"),
            system
        );
    }
    let page = dev.get("/connect?client=docker&system=windows").await;
    assert_eq!(
        page.attribute("input[name=system][checked]", "value"),
        "windows"
    );
}
