//! Logins for machines: made, used, finished, taken back.

use std::io::Write as _;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use openshift_standin::cluster::Version;
use openshift_standin::faults::{Endpoint, Fault};
use registry_model::{Subject, SubjectKind};
use rstest::rstest;

use crate::harness::{Browser, Log, Page, World, post};
use crate::standin::push_and_pull::TestImage;

pub(crate) const CREDENTIALS_PATH: &str = "/projects/team-a/logins";
pub(crate) const REVOKE_PATH: &str = "/projects/team-a/logins/take-back";
pub(crate) const FINISH_PATH: &str = "/projects/team-a/logins/finish";

pub(crate) async fn make_credential(
    browser: &mut Browser,
    name: &str,
    may: &str,
    lasts: &str,
) -> Page {
    post(
        browser,
        CREDENTIALS_PATH,
        &[("name", name), ("may", may), ("lasts", lasts)],
    )
    .await
}

/// The names of the project's logins.
async fn names(browser: &mut Browser) -> Vec<String> {
    let json = browser.json(CREDENTIALS_PATH).await.json();
    let logins = json["logins"]
        .as_array()
        .unwrap_or_else(|| panic!("{json:#}"));
    logins
        .iter()
        .map(|login| login["name"].as_str().unwrap().to_owned())
        .collect()
}

/// What the registry answers to a Docker client that signs in, and to one that pulls and begins to
/// push.
async fn docker_login_statuses(world: &World, user: &str, token: &str) -> [u16; 3] {
    let basic = format!("Basic {}", STANDARD.encode(format!("{user}:{token}")));
    let registry = world.demo.urls().registry.clone();
    let mut browser = world.browser();
    let mut ask = async |method: reqwest::Method, path: &str| {
        let request = browser
            .request(method, &format!("{registry}{path}"))
            .header("authorization", &basic);
        browser.send(request).await.status
    };
    let pull = "/v2/team-a/api/tags/list";
    [
        ask(reqwest::Method::GET, "/v2/").await,
        ask(reqwest::Method::GET, pull).await,
        ask(reqwest::Method::POST, "/v2/team-a/api/blobs/uploads/").await,
    ]
}

#[rstest]
#[tokio::test]
async fn credential_works_at_the_registry_and_outlives_the_session(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let log = Log::start();
    let mut dev = world.signed_in("dev").await;
    let mut tokens = Vec::new();
    for (name, may, expected) in [
        ("reader", "pull", [200, 200, 401]),
        ("writer", "push", [200, 200, 202]),
        ("maker", "create", [200, 200, 202]),
    ] {
        let page = make_credential(&mut dev, name, may, "always").await;
        assert_eq!(
            (page.status, page.header("cache-control")),
            (200, "no-store"),
            "{}",
            page.text_of("main")
        );
        let token = page.text_of("#the-token");
        assert!(page.text_of("#expires").contains("does not expire"));
        assert!(
            page.texts("main .pf-v6-c-alert")
                .concat()
                .contains("show it again from the list")
        );
        assert_eq!(
            docker_login_statuses(&world, name, &token).await,
            expected,
            "{may}"
        );
        let config: serde_json::Value =
            serde_json::from_str(&page.text_of("#docker-config")).unwrap();
        let host = world
            .demo
            .urls()
            .registry
            .trim_start_matches("https://")
            .to_owned();
        assert_eq!(
            config["auths"][&host]["auth"],
            STANDARD.encode(format!("{name}:{token}"))
        );
        tokens.push(token);
    }
    dev.sign_out().await;
    world.advance(TimeDelta::days(30));
    assert_eq!(
        docker_login_statuses(&world, "reader", &tokens[0]).await[..2],
        [200, 200],
        "a month later"
    );
    let mut dev = world.signed_in("dev").await;
    assert_eq!(names(&mut dev).await, ["maker", "reader", "writer"]);
    for page in [
        dev.get(CREDENTIALS_PATH).await,
        dev.json(CREDENTIALS_PATH).await,
    ] {
        assert!(tokens.iter().all(|token| !page.text.contains(token)));
    }
    assert!(
        tokens.iter().all(|token| !log.text().contains(token)),
        "S44"
    );
}

#[tokio::test]
async fn credential_downloads_as_docker_config_and_pull_secret() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let page = make_credential(&mut dev, "robot", "pull", "always").await;
    for (file, kind) in [
        ("config.json", "application/json"),
        ("pull-secret.yaml", "application/yaml"),
    ] {
        let form = format!("form[action='{CREDENTIALS_PATH}/file']:has(button[value='{file}'])");
        let mut fields = page.hidden_fields(&form);
        fields.push(("file".to_owned(), file.to_owned()));
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let response = dev
            .post_form(&format!("{CREDENTIALS_PATH}/file"), &fields)
            .await;
        assert_eq!(
            (
                response.status,
                response.header("content-type"),
                response.header("cache-control")
            ),
            (200, kind, "no-store")
        );
        assert!(
            response
                .header("content-disposition")
                .starts_with("attachment; filename=")
        );
        let shown = if file == "config.json" {
            "#docker-config"
        } else {
            "#pull-secret-yaml"
        };
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&response.text), page.text_of(shown));
    }
}

/// Only OpenShift 4 issues such tokens, and only to those whose role says so.
#[tokio::test]
async fn credential_may_expire_if_supported() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let form = dev.get(CREDENTIALS_PATH).await;
    assert_eq!(
        form.attribute("input[name=lasts][checked]", "value"),
        "90",
        "a token that does not expire is a choice"
    );
    let page = make_credential(&mut dev, "robot", "pull", "30").await;
    let token = page.text_of("#the-token");
    assert!(
        page.text_of("#expires").contains("30 days left"),
        "{}",
        page.text_of("#expires")
    );
    let text = page.texts("main .pf-v6-c-alert").concat();
    assert!(
        text.contains("the token cannot be shown again")
            && !text.contains("show it again from the list"),
        "{text}"
    );
    world.advance(TimeDelta::days(29));
    assert_eq!(docker_login_statuses(&world, "robot", &token).await[0], 200);
    world.advance(TimeDelta::days(1));
    assert_eq!(docker_login_statuses(&world, "robot", &token).await[0], 401);
    let mut dev = world.signed_in("dev").await;
    let again = post(&mut dev, FINISH_PATH, &[("name", "robot")])
        .await
        .text_of("#the-token");
    assert_eq!(
        docker_login_statuses(&world, "robot", &again).await[0],
        200,
        "a new token of the same login"
    );

    let old = World::start(Version::V3_9).await;
    let mut dev = old.signed_in("dev").await;
    let offered = dev
        .get(CREDENTIALS_PATH)
        .await
        .select("input[name=lasts]")
        .len();
    assert_eq!(offered, 1, "never, until revoked");
    let mut root = old.signed_in("root").await;
    let page = make_credential(&mut root, "robot", "pull", "30").await;
    assert_eq!(page.status, 404);
    assert!(
        page.text_of("[role=alert]")
            .contains("issues no tokens that expire"),
        "{}",
        page.text_of("main")
    );
}

#[rstest]
#[tokio::test]
async fn revoked_credential_is_rejected_and_leaves_no_objects(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let token = make_credential(&mut dev, "robot", "push", "always")
        .await
        .text_of("#the-token");
    make_credential(&mut dev, "other", "push", "always").await;
    let page = dev.get(&format!("{REVOKE_PATH}?name=robot")).await;
    assert!(
        page.texts(".rc-terminal code")
            .contains(&"oc delete sa robot -n team-a".to_owned())
    );
    assert_eq!(
        docker_login_statuses(&world, "robot", &token).await[0],
        200,
        "asking takes nothing"
    );
    let gone = post(&mut dev, REVOKE_PATH, &[("name", "robot")]).await;
    assert_eq!(
        (gone.status, gone.location().as_str()),
        (303, CREDENTIALS_PATH),
        "{}",
        gone.text
    );
    assert_eq!(docker_login_statuses(&world, "robot", &token).await[0], 401);
    assert_eq!(names(&mut dev).await, ["other"]);
    let members = dev.json("/projects/team-a/members").await.text;
    assert!(!members.contains("\"robot\"") && members.contains("\"other\""));
}

/// Service accounts that somebody else made are none of the console's business. Every project is
/// born with one called builder.
#[tokio::test]
async fn foreign_service_account_is_neither_shown_nor_changed() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    assert!(names(&mut dev).await.is_empty());
    let page = make_credential(&mut dev, "builder", "pull", "always").await;
    assert_eq!(
        (
            page.status,
            page.attribute("#f-name", "aria-invalid").as_str()
        ),
        (409, "true")
    );
    for path in [FINISH_PATH, REVOKE_PATH] {
        assert_eq!(
            post(&mut dev, path, &[("name", "builder")]).await.status,
            404,
            "{path}"
        );
    }
    assert_eq!(
        dev.get(&format!("{REVOKE_PATH}?name=builder")).await.status,
        404
    );
}

#[rstest]
#[tokio::test]
async fn incomplete_credential_is_finished_by_retry(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    for (name, dies_after, done) in [
        ("one", "/serviceaccounts", 1),
        ("two", "/rolebindings", 2),
        ("three", "/secrets", 2),
    ] {
        world.fail(Endpoint::ApiServer, Fault::RefuseAfterWrite(dies_after));
        // The role of pushers is bound for the first time by the second, and changed from then
        // on.
        let may = if name == "one" { "pull" } else { "push" };
        let page = make_credential(&mut dev, name, may, "always").await;
        assert!(page.status >= 500, "{name}: {}", page.text_of("main"));
        assert_eq!(
            page.select(".rc-consequences ul:first-of-type li").len(),
            done,
            "{}",
            page.text_of("main")
        );
        world.fail(Endpoint::ApiServer, Fault::None);
        let list = dev.get(CREDENTIALS_PATH).await;
        assert!(list.text_of("main tbody").contains(name));
        let fields = page.hidden_fields(&format!("form[action='{FINISH_PATH}']"));
        let fields: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let finished = dev.post_form(FINISH_PATH, &fields).await;
        let token = finished.text_of("#the-token");
        assert_eq!(
            docker_login_statuses(&world, name, &token).await[..2],
            [200, 200]
        );
        let again = dev.post_form(FINISH_PATH, &fields).await;
        assert_eq!(
            again.text_of("#the-token"),
            token,
            "pressing once more does no harm"
        );
    }
}

#[tokio::test]
async fn slow_token_secret_is_awaited_up_to_a_limit() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    world.demo.cluster().stall_token_controller(true);
    let page = make_credential(&mut dev, "robot", "pull", "always").await;
    assert_eq!(page.status, 502, "{}", page.text_of("main"));
    assert_eq!(page.select(".rc-consequences ul:first-of-type li").len(), 2);
    world.demo.cluster().stall_token_controller(false);
    let token = post(&mut dev, FINISH_PATH, &[("name", "robot")])
        .await
        .text_of("#the-token");
    assert_eq!(docker_login_statuses(&world, "robot", &token).await[0], 200);
}

#[tokio::test]
async fn leftover_credential_objects_are_removed_by_retry() {
    let world = World::start(Version::V4).await;
    let mut dev = world.signed_in("dev").await;
    let token = make_credential(&mut dev, "robot", "pull", "always")
        .await
        .text_of("#the-token");
    // A role that may delete service accounts, and may not change bindings.
    let editor = Subject {
        kind: SubjectKind::User,
        name: "outsider".to_owned(),
        project: None,
    };
    world
        .demo
        .cluster()
        .bind(Some(&"team-a".parse().unwrap()), "edit", &[editor]);
    let mut editor = world.signed_in("outsider").await;
    let page = post(&mut editor, REVOKE_PATH, &[("name", "robot")]).await;
    assert_eq!(page.status, 403, "{}", page.text_of("main"));
    assert!(
        page.text_of("[role=alert]")
            .contains("no one can sign in with it")
    );
    assert_eq!(docker_login_statuses(&world, "robot", &token).await[0], 401);
    let mut root = world.signed_in("root").await;
    assert!(
        root.get(&format!("{REVOKE_PATH}?name=robot"))
            .await
            .text_of("main")
            .contains("already deleted")
    );
    assert_eq!(
        post(&mut root, REVOKE_PATH, &[("name", "robot")])
            .await
            .status,
        303
    );
    assert!(
        !root
            .json("/projects/team-a/members")
            .await
            .text
            .contains("\"robot\"")
    );
}

#[rstest]
#[tokio::test]
async fn viewer_gets_no_credential_form_and_a_localized_error(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut viewer = world.signed_in("viewer").await;
    viewer.set_cookie("__Host-language", "zh-CN");
    assert!(
        viewer
            .get(CREDENTIALS_PATH)
            .await
            .select("main button[type=submit]")
            .is_empty()
    );
    let page = make_credential(&mut viewer, "robot", "pull", "always").await;
    assert_eq!(page.status, 403);
    assert_eq!(
        page.text_of("[role=alert] .pf-v6-c-alert__title"),
        "您没有执行此操作的权限"
    );
    let mut dev = world.signed_in("dev").await;
    assert!(names(&mut dev).await.is_empty(), "nothing was made");
    make_credential(&mut dev, "robot", "pull", "always").await;
    for path in [FINISH_PATH, REVOKE_PATH] {
        assert_eq!(
            post(&mut viewer, path, &[("name", "robot")]).await.status,
            403,
            "{path}"
        );
    }
    assert_eq!(names(&mut dev).await, ["robot"]);
}

/// Who administers images alone holds no rights on builds, and so may not give the role of
/// builders.
#[tokio::test]
async fn ungrantable_role_is_reported_and_can_be_undone() {
    let world = World::start(Version::V4).await;
    let keeper = Subject {
        kind: SubjectKind::User,
        name: "outsider".to_owned(),
        project: None,
    };
    world.demo.cluster().bind(
        Some(&"team-a".parse().unwrap()),
        "registry-admin",
        &[keeper],
    );
    let mut keeper = world.signed_in("outsider").await;
    assert_eq!(
        keeper
            .get(CREDENTIALS_PATH)
            .await
            .select("input[name=lasts]")
            .len(),
        1,
        "no right to tokens that end"
    );
    let page = make_credential(&mut keeper, "maker", "create", "always").await;
    assert_eq!(page.status, 403, "{}", page.text_of("main"));
    assert!(
        page.text_of("[role=alert] q").contains("builds"),
        "{}",
        page.text_of("[role=alert]")
    );
    assert_eq!(
        post(&mut keeper, REVOKE_PATH, &[("name", "maker")])
            .await
            .status,
        303
    );
    assert_eq!(
        make_credential(&mut keeper, "writer", "push", "always")
            .await
            .status,
        200
    );
}

/// Runs skopeo beside the servers of this test, `input` on its standard input, and gives what it
/// said.
async fn skopeo(arguments: Vec<String>, input: String) -> Result<String, String> {
    let run = move || {
        let mut command = Command::new("skopeo");
        command
            .arg("--insecure-policy")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("skopeo is installed");
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        child.wait_with_output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

/// A real client: it trusts what the page hands out, signs in as the page says, and pushes.
#[rstest]
#[tokio::test]
async fn skopeo_pushes_with_credential_and_downloaded_ca(
    #[values(Version::V3_9, Version::V4)] version: Version,
) {
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    let made = make_credential(&mut dev, "robot", "create", "always").await;
    let (token, config) = (made.text_of("#the-token"), made.text_of("#docker-config"));
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::create_dir(at("certs")).unwrap();
    std::fs::write(
        at("certs/ca.crt"),
        world.browser().get("/connect/ca.crt").await.text,
    )
    .unwrap();
    std::fs::write(at("config.json"), config).unwrap();
    TestImage::new(false).write_to(&folder.path().join("image"));

    let host = world
        .demo
        .urls()
        .registry
        .trim_start_matches("https://")
        .to_owned();
    let shown = made
        .texts(".rc-command code")
        .into_iter()
        .find(|line| line.contains("skopeo login"))
        .unwrap();
    let command = shown
        .split_once("| skopeo ")
        .unwrap()
        .1
        .split_once(';')
        .unwrap()
        .0
        .to_owned();
    assert_eq!(command, format!("login -u robot --password-stdin {host}"));
    let login = command.split(' ').map(str::to_owned).chain([
        "--cert-dir".to_owned(),
        at("certs"),
        "--authfile".to_owned(),
        at("auth.json"),
    ]);
    skopeo(login.collect(), token).await.unwrap();

    for (number, authfile) in ["auth.json", "config.json"].into_iter().enumerate() {
        let copy = [
            "copy",
            "--dest-cert-dir",
            &at("certs"),
            "--authfile",
            &at(authfile),
        ]
        .map(str::to_owned);
        let images = [
            format!("dir:{}", at("image")),
            format!("docker://{host}/team-a/copied-{number}:latest"),
        ];
        skopeo(copy.into_iter().chain(images).collect(), String::new())
            .await
            .unwrap();
        assert_eq!(
            dev.get(&format!("/images/team-a/copied-{number}:latest"))
                .await
                .status,
            200
        );
    }
}
