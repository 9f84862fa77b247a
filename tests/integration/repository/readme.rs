//! What the README says about the program is true.

use std::fmt::Write as _;

use registry_console::app::remediation::Installation;
use registry_console::config::VARIABLES;
use registry_console::server::ServerLimits;

const README: &str = include_str!("../../../README.md");

#[test]
fn readme_settings_match_the_program() {
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
        README.contains(&table),
        "the table of README.md should be:\n\n{table}"
    );
}

#[test]
fn readme_limits_match_the_program() {
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
        assert!(README.contains(&row), "README.md should have the row {row}");
    }
}

#[test]
fn every_make_command_in_the_readme_is_a_target() {
    let makefile = include_str!("../../../Makefile");
    let mut seen = 0;
    for file in [README, include_str!("../../../README.zh-CN.md")] {
        for line in file.lines() {
            let Some(rest) = line.strip_prefix("    make ") else {
                continue;
            };
            let target = rest.split_whitespace().next().unwrap();
            assert!(makefile.contains(&format!("\n{target}:")), "make {target}");
            seen += 1;
        }
    }
    assert!(seen >= 4, "the two commands are in both languages");
}

#[test]
fn documented_legacy_commands_are_unchanged() {
    for command in [
        "oc create route passthrough --service registry-console --port registry-console --hostname ",
        "oc new-app -n default --template=registry-console ",
    ] {
        assert!(README.contains(command), "{command}");
    }
}

/// Whoever followed the one must be able to go on with the other: a Secret of the same name with
/// another key would leave the console without its file.
#[test]
fn readme_client_secret_matches_the_doctor() {
    for command in Installation::default().use_client_secret() {
        let line = command.to_line().unwrap();
        assert!(
            README.contains(&format!("    {line}\n")),
            "README.md should have: {line}"
        );
    }
}

/// Everything that the commands of the README, its templates and the doctor make, but for the
/// project and the image.
#[test]
fn uninstall_commands_cover_every_created_object() {
    let (_, removing) = README.split_once("### Removing it").unwrap();
    let (removing, _) = removing.split_once("## When something").unwrap();
    for made in [
        "all,secret,serviceaccount,hpa -l createdBy=registry-console-template",
        "route,template registry-console",
        "registry-console-oauth",
        "registry-console-session",
        "configmap registry-console-ca",
        "servicemonitor registry-console",
        "oauthclient cockpit-oauth-client",
        "clusterrolebinding,clusterrole registry-console-index",
        "oc delete project registry-console",
    ] {
        assert!(removing.contains(made), "{made}");
    }
}
