//! What the README says about the program is true.

use std::fmt::Write as _;

use registry_console::app::doctor::Installation;
use registry_console::config::VARIABLES;
use registry_console::server::Limits;

const README: &str = include_str!("../../README.md");

#[test]
fn the_configuration_table_is_the_programs_own() {
    let mut table = "| Variable | Default | What it does |\n| --- | --- | --- |\n".to_owned();
    for variable in VARIABLES {
        let what = variable.what.replace('<', "&lt;").replace('>', "&gt;");
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
fn the_table_of_limits_is_what_the_program_takes() {
    for (row, memory) in [
        ("64 MiB", 64),
        ("256 MiB (the template's)", 256),
        ("512 MiB", 512),
        ("1 GiB and more, or none", 1024),
    ] {
        let limits = Limits::fitting(Some(memory << 20), None);
        let row = format!(
            "| {row} | {} | {} MiB |\n",
            limits.connections,
            limits.in_flight >> 20
        );
        assert!(README.contains(&row), "README.md should have the row {row}");
    }
}

#[test]
fn every_make_command_is_a_target() {
    let makefile = include_str!("../../Makefile");
    let mut seen = 0;
    for file in [README, include_str!("../../README.zh-CN.md")] {
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
fn commands_that_people_have_written_down_are_there_unchanged() {
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
fn the_client_secret_has_the_name_and_key_that_the_doctor_gives_it() {
    let installation = Installation {
        project: "default".to_owned(),
        client: "cockpit-oauth-client".to_owned(),
        callback: "/oauth/callback",
    };
    for command in installation.use_client_secret() {
        let line = command.line().unwrap();
        assert!(
            README.contains(&format!("    {line}\n")),
            "README.md should have: {line}"
        );
    }
}

/// Everything that the commands of the README, its templates and the doctor make, but for the
/// project and the image.
#[test]
fn removing_the_console_takes_what_was_made() {
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
