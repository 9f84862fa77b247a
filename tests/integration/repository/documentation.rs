//! What the documentation says about the program is true.

mod links;
mod markdown;

use std::fmt::Write as _;

use openshift_standin::cluster::Version;
use registry_console::app::remediation::Installation;
use registry_console::config::VARIABLES;
use registry_console::server::ServerLimits;

use crate::harness::World;

pub(crate) use markdown::{Document, operator_documents};
use rstest::rstest;

#[test]
fn the_configuration_table_is_the_programs_own() {
    let mut table = "| Variable | Default | What it does |\n| --- | --- | --- |\n".to_owned();
    for variable in VARIABLES {
        let what = variable
            .description
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        writeln!(
            table,
            "| `{}` | {} | {what} |",
            variable.name, variable.default
        )
        .unwrap();
    }
    assert!(
        Document::read("docs/configuration.md")
            .text
            .contains(&table),
        "the table of docs/configuration.md should be:\n\n{table}"
    );
}

/// Its texts are translated. Names and values are those of the program.
#[test]
fn the_chinese_configuration_table_has_the_same_variables_and_values() {
    let document = Document::read("docs/configuration.zh-CN.md");
    let (_, table) = document
        .text
        .split_once("| 变量 | 默认值 | 作用 |\n| --- | --- | --- |\n")
        .unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").collect())
        .collect();
    let names: Vec<&str> = rows.iter().map(|row| row[0].trim_matches('`')).collect();
    let expected: Vec<&str> = VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(names, expected);

    for (variable, row) in VARIABLES.iter().zip(&rows) {
        let &[_, default, description] = row.as_slice() else {
            panic!("{row:?} should have three cells");
        };
        let name = variable.name;
        if default.is_ascii() || !is_description(variable.default) {
            assert_eq!(default, variable.default, "{name}");
        }
        for (original, translated) in [
            (variable.default, default),
            (variable.description, description),
        ] {
            for word in untranslated_words(original) {
                assert!(
                    translated.contains(word),
                    "{name}: {word} of \"{original}\" is not in \"{translated}\""
                );
            }
        }
    }
}

/// Whether a default is described instead of written down.
fn is_description(default: &str) -> bool {
    default.contains(' ') || ["none", "unknown"].contains(&default)
}

/// The words of an English text that are the same in each language: variables, abbreviations, paths,
/// numbers, and values with a number.
fn untranslated_words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"_./*-".contains(c))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| {
            let is_abbreviation = word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase());
            is_abbreviation || word.contains(|c: char| c.is_ascii_digit() || "_./*".contains(c))
        })
}

#[test]
fn untranslated_words_are_names_and_values() {
    let text =
        "Sizes in Ki: 5m to 24h, with SESSION_KEY and PEM, else the last *.cert in /etc/tls.";
    assert_eq!(
        untranslated_words(text).collect::<Vec<_>>(),
        ["5m", "24h", "SESSION_KEY", "PEM", "*.cert", "/etc/tls"]
    );
}

#[test]
fn the_table_of_limits_is_what_the_program_takes() {
    let operate = Document::read("docs/operate.md");
    for (row, memory) in [
        ("64 MiB", 64),
        ("256 MiB (the template's)", 256),
        ("512 MiB", 512),
        ("1 GiB and more, or none", 1024),
    ] {
        let limits = ServerLimits::from_capacity(Some(memory << 20), None);
        let row = format!(
            "| {row} | {} | {} MiB |\n",
            limits.max_connections,
            limits.max_in_flight_bytes >> 20
        );
        assert!(
            operate.text.contains(&row),
            "docs/operate.md should have the row {row}"
        );
    }
}

#[test]
fn every_make_command_is_a_target() {
    let makefile = include_str!("../../../Makefile");
    let mut seen = 0;
    for document in operator_documents() {
        let code = document.code_lines();
        let all = code.iter().map(String::as_str).chain(document.code_spans());
        for rest in all.filter_map(|line| line.strip_prefix("make ")) {
            let target = rest.split_whitespace().next().unwrap();
            assert!(
                makefile.contains(&format!("\n{target}:")),
                "{}: make {target}",
                document.path
            );
            seen += 1;
        }
    }
    assert!(seen >= 4, "the two commands are in both languages");
}

#[test]
fn the_readme_is_one_that_is_read() {
    for path in ["README.md", "README.zh-CN.md"] {
        let lines = Document::read(path).text.lines().count();
        assert!(lines <= 150, "{path} has {lines} lines");
    }
}

#[test]
fn commands_that_people_have_written_down_are_there_unchanged() {
    for path in [
        "README.md",
        "README.zh-CN.md",
        "docs/install-openshift-3.md",
    ] {
        let text = Document::read(path).text;
        for command in [
            "oc create route passthrough --service registry-console --port registry-console --hostname ",
            "oc new-app -n default --template=registry-console ",
        ] {
            assert!(text.contains(command), "{path}: {command}");
        }
    }
}

/// Whoever followed the one must be able to go on with the other: a Secret of the same name with
/// another key would leave the console without its file.
#[test]
fn the_client_secret_has_the_name_and_key_that_the_doctor_gives_it() {
    let installation = Installation::default();
    let code = Document::read("docs/replace-old-console.md").code_lines();
    for command in installation.use_client_secret() {
        let line = command.to_line().unwrap();
        assert!(
            code.contains(&line),
            "docs/replace-old-console.md should have: {line}"
        );
    }
}

/// Everything that the commands of the documents, the templates and the doctor make, but for the
/// project and the image.
#[test]
fn removing_the_console_takes_what_was_made() {
    let operate = Document::read("docs/operate.md");
    let (_, removing) = operate.text.split_once("## Uninstall the console").unwrap();
    for made in [
        "all,secret,serviceaccount,hpa -l createdBy=registry-console-template",
        "route,template registry-console",
        "registry-console-oauth",
        "registry-console-session",
        "registry-console-tls",
        "console-certificate",
        "route console ",
        "configmap registry-console-ca",
        "servicemonitor registry-console",
        "oauthclient cockpit-oauth-client",
        "clusterrolebinding,clusterrole registry-console-index --",
        "clusterrolebinding,clusterrole registry-console-index-workloads --",
        "clusterrolebinding,clusterrole registry-console-index-sizes --",
        "oc delete project registry-console",
    ] {
        assert!(removing.contains(made), "{made}");
    }
}

/// The paths in the table of `docs/api.md`.
pub(crate) fn documented_api_paths() -> Vec<String> {
    let api = Document::read("docs/api.md");
    let paths: Vec<String> = api
        .prose()
        .filter(|line| line.starts_with("| `/api/v1"))
        .flat_map(|line| {
            line.split('|')
                .nth(1)
                .unwrap()
                .split('`')
                .skip(1)
                .step_by(2)
        })
        .map(str::to_owned)
        .collect();
    assert!(paths.len() > 15, "{paths:?}");
    paths
}

#[rstest]
#[tokio::test]
async fn every_path_of_the_api_is_served(#[values(Version::V3_9, Version::V4)] version: Version) {
    let paths = documented_api_paths();
    // A job exists only after a form started it.
    let paths: Vec<&str> = paths
        .iter()
        .map(String::as_str)
        .filter(|path| !path.contains("{job}"))
        .collect();
    every_path_is_served(version, &paths).await;
}

async fn every_path_is_served(version: Version, paths: &[&str]) {
    let world = World::start(version).await;
    world.demo.cluster().add_user("dev", "dev", &["ops"]);
    let mut browser = world.browser();
    let image = browser
        .json_with_token("/images/team-a/api:latest", "TOKEN-root")
        .await
        .json();
    let digest = image["digest"].as_str().unwrap();
    for path in paths {
        let path = path
            .replace("{project}", "team-a")
            .replace("{stream}", "api");
        let path = path.replace("{tag}", "latest").replace("{digest}", digest);
        let path = path.replace("{user}", "dev").replace("{group}", "ops");
        assert!(
            !path.contains('{'),
            "{path}: an example for this is missing"
        );
        let rest = path.strip_prefix("/api/v1").unwrap();

        let page = browser.json_with_token(rest, "TOKEN-root").await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
    }
}
