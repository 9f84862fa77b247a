//! Every command that the product prints has a row that says whether it was run for real, and with
//! which client.

pub(crate) mod rows;

use std::collections::BTreeSet;

use openshift_standin::cluster::{ExternalOidc, Version};
use openshift_standin::faults::{Endpoint, Fault};
use openshift_standin::issuer::IssuerFault;
use registry_console::config::Config;

use crate::harness::seeded_standin::VERSIONS;
use crate::harness::tls_server::TestAuthority;
use crate::harness::{Browser, Page, World, post};
use crate::repository::documentation::operator_documents;
use rows::{CommandRow, ROWS};

/// What was printed, and where.
type PrintedCommands = BTreeSet<(String, String)>;

impl CommandRow {
    /// Whether a command is one of this row. In the row's shape `*` stands for any characters of a
    /// word, `[word]` for a word that may be missing, and `...` for any number of words.
    fn fits(&self, command: &str) -> bool {
        let words =
            |text: &str| shlex::split(text).unwrap_or_else(|| panic!("not for a shell: {text}"));
        matches_pattern(&words(self.shape), &words(command))
    }
}

fn matches_pattern(shape: &[String], words: &[String]) -> bool {
    let Some((first, rest)) = shape.split_first() else {
        return words.is_empty();
    };
    if first == "..." {
        return (0..=words.len()).any(|skipped| matches_pattern(rest, &words[skipped..]));
    }
    if let Some(optional) = first
        .strip_prefix('[')
        .and_then(|first| first.strip_suffix(']'))
    {
        let taken = words.split_first().is_some_and(|(word, left)| {
            word_matches(optional, word) && matches_pattern(rest, left)
        });
        return taken || matches_pattern(rest, words);
    }
    words
        .split_first()
        .is_some_and(|(word, left)| word_matches(first, word) && matches_pattern(rest, left))
}

fn word_matches(shape: &str, word: &str) -> bool {
    match shape.split_once('*') {
        None => shape == word,
        Some((before, after)) => word.strip_prefix(before).is_some_and(|rest| {
            (0..=rest.len())
                .filter(|end| rest.is_char_boundary(*end))
                .any(|end| word_matches(after, &rest[end..]))
        }),
    }
}

fn record_commands(printed: &mut PrintedCommands, place: &str, page: &Page) {
    printed.extend(
        page.texts(".rc-command code")
            .into_iter()
            .map(|command| (command, place.to_owned())),
    );
}

/// Every page as every user, and forms with input.
async fn collect_commands(version: Version, printed: &mut PrintedCommands) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("ann", "ann", &["ops"]);
    let mut dev = world.signed_in("dev").await;
    crate::web::projects::credentials::make_credential(&mut dev, "robot", "pull", "always").await;
    for who in ["outsider", "dev", "root"] {
        let mut browser = world.signed_in(who).await;
        let own = [
            "/api",
            "/users/ann",
            "/users/ann/edit",
            "/users/ann/delete",
            "/groups/ops",
            "/groups/ops/delete",
            "/groups/ops/remove?user=ann",
        ];
        for path in crate::web::routes::addresses(&world)
            .await
            .iter()
            .map(String::as_str)
            .chain(own)
        {
            let page = browser.get(path).await;
            record_commands(printed, path, &page);
        }
    }
    let mut root = world.signed_in("root").await;
    for (path, fields) in FORMS {
        let page = post(&mut root, path, fields).await;
        record_commands(printed, path, &page);
    }
}

/// None of them changes anything: what was typed is looked at first, or is refused.
const FORMS: &[(&str, &[(&str, &str)])] = &[
    (
        "/images/team-a/api/new-tag",
        &[
            ("tag", "x"),
            ("source", "here"),
            ("here", "api:latest"),
            ("follow", "1"),
            ("look", "1"),
        ],
    ),
    (
        "/images/team-a/api/new-tag",
        &[
            ("tag", "x"),
            ("source", "here"),
            ("here", "api:latest"),
            ("look", "1"),
        ],
    ),
    (
        "/images/team-a/api/new-tag",
        &[
            ("tag", "x"),
            ("source", "elsewhere"),
            ("from", "r.example/a/b:1"),
            ("insecure", "1"),
            ("scheduled", "1"),
            ("policy", "local"),
            ("look", "1"),
        ],
    ),
    (
        "/images/team-a/api:latest/tag-as",
        &[("project", "team-a"), ("stream", "api"), ("tag", "v1")],
    ),
    (
        "/new-image-stream",
        &[
            ("project", "team-a"),
            ("name", "x"),
            ("source", "all"),
            ("repository", "r.example/a/b"),
            ("insecure", "1"),
            ("import-mode", "PreserveOriginal"),
            ("look", "1"),
        ],
    ),
    (
        "/new-image-stream",
        &[
            ("project", "team-a"),
            ("name", "x"),
            ("source", "tags"),
            ("repository", "r.example/a/b"),
            ("tags", "1"),
            ("look", "1"),
        ],
    ),
    (
        "/new-image-stream",
        &[
            ("project", "team-a"),
            ("name", "NO NAME"),
            ("source", "none"),
        ],
    ),
    (
        "/new-project",
        &[
            ("name", "NO NAME"),
            ("display-name", "x"),
            ("description", "y"),
        ],
    ),
    ("/new-project", &[("name", "NO NAME"), ("policy", "shared")]),
    (
        "/new-project",
        &[("name", "NO NAME"), ("policy", "anonymous"), ("open", "1")],
    ),
    (
        "/projects/team-a/members",
        &[("kind", "user"), ("name", ""), ("role", "registry-viewer")],
    ),
    (
        "/projects/team-a/logins",
        &[("name", "NO NAME"), ("may", "pull"), ("lasts", "30")],
    ),
];

type ConfigChange = (&'static str, fn(&mut Config));

/// What a console prints that does not work.
async fn collect_fault_commands(version: Version, printed: &mut PrintedCommands) {
    let changes: [ConfigChange; 6] = [
        ("no REGISTRY_HOST", |config| {
            config.registry.public_host = None
        }),
        ("another REGISTRY_HOST", |config| {
            config.registry.public_host = Some("registry.invalid".to_owned())
        }),
        ("no trust", |config| {
            config.registry.trust = TestAuthority::new("stranger").trust();
            config.sign_in.oauth_mut().unwrap().trust = TestAuthority::new("stranger").trust();
        }),
        ("plain registry", |config| {
            config.registry.url.set_scheme("http").unwrap()
        }),
        ("another client", |config| {
            config.sign_in.oauth_mut().unwrap().client_id = "nobody".to_owned()
        }),
        ("wrong secret", |config| {
            config.sign_in.oauth_mut().unwrap().client_secret = "wrong".into()
        }),
    ];
    for (what, change) in changes {
        let world = World::builder(version).settings(change).start().await;
        let mut browser = world.browser();
        record_commands(
            printed,
            &format!("/login: {what}"),
            &browser.get("/login").await,
        );
        if !matches!(what, "no trust" | "another client" | "wrong secret") {
            let mut dev = world.signed_in("root").await;
            for path in ["/doctor", "/connect"] {
                record_commands(printed, &format!("{path}: {what}"), &dev.get(path).await);
            }
        }
    }
    let world = World::start(version).await;
    let mut dev = world.signed_in("dev").await;
    world.demo.register_console(&["https://other.example.com"]);
    world.advance(chrono::TimeDelta::minutes(5));
    record_commands(
        printed,
        "/login: not registered",
        &world.browser().get("/login").await,
    );
    world.fail(Endpoint::Oauth, Fault::Refuse);
    world.fail(Endpoint::Registry, Fault::Refuse);
    world.advance(chrono::TimeDelta::minutes(5));
    for path in ["/login", "/doctor"] {
        record_commands(
            printed,
            &format!("{path}: servers are down"),
            &dev.get(path).await,
        );
    }
    let world = World::start(version).await;
    world.demo.remove_registry();
    let mut root = world.signed_in("root").await;
    for path in [
        "/",
        "/connect",
        "/doctor",
        "/images/team-a/api",
        "/images/team-a/api:latest",
        "/projects/team-a",
    ] {
        record_commands(
            printed,
            &format!("{path}: no registry"),
            &root.get(path).await,
        );
    }
    if version == Version::V4 {
        let world = World::start(version).await;
        world.demo.use_external_oidc(ExternalOidc::DocumentMissing);
        let fresh = world.replica().start().await;
        record_commands(
            printed,
            "/login: no OAuth server",
            &Browser::new(fresh.url()).get("/login").await,
        );
        collect_oidc_commands(printed).await;
    }
}

/// The doctor's commands about an OIDC provider that is not as it should be.
async fn collect_oidc_commands(printed: &mut PrintedCommands) {
    for fault in [IssuerFault::OtherIssuerInDiscovery, IssuerFault::NoKeys] {
        let world = World::builder(Version::V4).oidc().start().await;
        let mut root = world.signed_in("root").await;
        let issuer = world.issuer();
        issuer.change_settings(|settings| settings.fault = Some(fault));
        let page = root.get("/doctor").await;
        record_commands(printed, &format!("/doctor: {fault:?}"), &page);
    }
}

/// Commands of the documents for operators, the message and the descriptions of the template.
fn collect_documented_commands(printed: &mut PrintedCommands) {
    for document in operator_documents() {
        let code = document.code_lines();
        let spans = document.code_spans().map(|code| code.replace("\\|", "|"));
        let indented = document
            .prose()
            .filter_map(|line| line.strip_prefix("    "))
            .map(str::to_owned);
        for line in code.into_iter().chain(spans).chain(indented) {
            keep_written(printed, &document.path, &line);
        }
    }
    let template = include_str!("../../../openshift-template.yaml");
    let lines = template
        .lines()
        .filter(|line| line.starts_with("  oc "))
        .chain(template.split('`').skip(1).step_by(2));
    for line in lines {
        keep_written(printed, "openshift-template.yaml", line);
    }
}

fn keep_written(printed: &mut PrintedCommands, place: &str, line: &str) {
    let line = line.trim();
    if is_command(line) && !line.contains('\n') {
        printed.insert((line.to_owned(), place.to_owned()));
    }
}

fn is_command(text: &str) -> bool {
    let programs = [
        "oc",
        "podman",
        "docker",
        "skopeo",
        "curl",
        "sudo",
        "registry-console",
    ];
    // Two words name a subcommand, or talk about it.
    let words: Vec<&str> = text.split_whitespace().collect();
    words.len() > 2 && programs.contains(&words[0])
}

#[tokio::test]
async fn every_printed_command_has_a_table_row() {
    let mut printed = PrintedCommands::new();
    collect_documented_commands(&mut printed);
    for version in VERSIONS {
        collect_commands(version, &mut printed).await;
        collect_fault_commands(version, &mut printed).await;
    }
    let row_of = |command: &str| ROWS.iter().position(|row| row.fits(command));
    let unknown: Vec<String> = printed
        .iter()
        .filter(|(command, _)| row_of(command).is_none())
        .map(|(command, place)| format!("{place}: {command}"))
        .collect();
    assert!(
        unknown.is_empty(),
        "no row of tests/integration/command_table/rows.rs fits these: run them with a real client, then add them\n{}",
        unknown.join("\n")
    );
    let seen: BTreeSet<usize> = printed
        .iter()
        .filter_map(|(command, _)| row_of(command))
        .collect();
    let unseen: Vec<&str> = ROWS
        .iter()
        .enumerate()
        .filter(|(at, row)| !row.is_rare && !seen.contains(at))
        .map(|(_, row)| row.shape)
        .collect();
    assert!(
        unseen.is_empty(),
        "nothing prints these any more, as far as is walked:\n{}",
        unseen.join("\n")
    );
}

#[test]
fn command_pattern_matches_only_its_command() {
    let row = |shape| CommandRow { shape, ..ROWS[0] };
    for (shape, command, expected) in [
        ("oc delete user *", "oc delete user ann", true),
        ("oc delete user *", "oc delete user ann bob", false),
        ("oc tag -d ...", "oc tag -d a/b:1 a/b:2", true),
        ("oc x [--a=*] y", "oc x y", true),
        ("oc x [--a=*] y", "oc x --a='b c' y", true),
        ("oc x [--a=*] y", "oc x --b=c y", false),
        (
            "oc get -o 'jsonpath={.a}'",
            "oc get -o 'jsonpath={.b}'",
            false,
        ),
    ] {
        assert_eq!(row(shape).fits(command), expected, "{shape}: {command}");
    }
}
