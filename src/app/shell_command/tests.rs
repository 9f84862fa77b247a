use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::*;

/// What a real shell hands to each program of a line that is called `oc`, `docker` or `podman`:
/// stand-ins that write down their arguments.
fn arguments(line: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    for program in ["oc", "docker", "podman"] {
        stand_in(&folder.path().join(program), &seen);
    }
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let output = Command::new("/bin/sh")
        .args(["-c", line])
        .env_clear()
        .env("PATH", path)
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{line}: {output:?}");
    let seen = std::fs::read(seen).unwrap();
    String::from_utf8(seen)
        .unwrap()
        .split_terminator('\0')
        .map(str::to_owned)
        .collect()
}

fn stand_in(path: &Path, seen: &Path) {
    std::fs::write(
        path,
        format!("#!/bin/sh\nprintf '%s\\0' \"$@\" > '{}'\n", seen.display()),
    )
    .unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn line(command: &ShellCommand) -> String {
    command.line().unwrap()
}

#[test]
fn ordinary_names_are_written_as_they_are() {
    let command = ShellCommand::new("oc tag -d").operand("team-a/api:v1.0");
    assert_eq!(line(&command), "oc tag -d team-a/api:v1.0");
    let command = ShellCommand::new("oc policy add-role-to-user")
        .operand("view")
        .operand("dev@example.com")
        .option("-n", "team-a");
    assert_eq!(
        line(&command),
        "oc policy add-role-to-user view dev@example.com -n team-a"
    );
}

#[test]
fn a_name_that_looks_like_an_option_stands_behind_two_dashes_with_all_other_names() {
    let command = ShellCommand::new("oc delete user").operand("--all");
    assert_eq!(line(&command), "oc delete user -- --all");
    let command = ShellCommand::new("oc adm groups remove-users")
        .operand("ops")
        .operand("-x")
        .option("-n", "team-a")
        .flag("--dry-run");
    assert_eq!(
        line(&command),
        "oc adm groups remove-users -n team-a --dry-run -- ops -x"
    );
}

#[test]
fn values_of_options_cannot_become_options() {
    let command = ShellCommand::new("oc new-project x")
        .option("--description", "--as=root")
        .option("-p", "");
    assert_eq!(
        arguments(&line(&command)),
        ["new-project", "x", "--description=--as=root", "-p", ""]
    );
}

#[test]
fn values_with_characters_that_cannot_be_seen_make_no_command() {
    for (value, named) in [
        ("a\u{202e}b", "U+202E"),
        ("a\u{200b}b", "U+200B"),
        ("a\nb", "U+000A"),
        ("a\r\nb", "U+000A"),
        ("a\tb", "U+0009"),
        ("a\u{1b}[31m", "U+001B"),
        ("a\u{a0}b", "U+00A0"),
        ("\0", "U+0000"),
        ("\0\u{1}\u{2}\u{3}", "U+0000, U+0001, U+0002, …"),
    ] {
        let operand = ShellCommand::new("oc delete user").operand(value);
        let option = ShellCommand::new("oc new-project x").option("--description", value);
        let output = ShellCommand::new("oc set env")
            .operand(ShellWord::assignment("A", "x").and_output_of(&operand));
        let input = ShellCommand::new("oc create -f -").reading(value);
        let piped = operand.clone().pipe_to(ShellCommand::new("oc create -f -"));
        for command in [operand, option, output, input, piped] {
            assert_eq!(command.line().unwrap_err().to_string(), named, "{value:?}");
            assert_eq!(
                serde_json::to_value(&command).unwrap(),
                serde_json::Value::Null
            );
        }
    }
    assert!(
        ShellCommand::new("oc delete user")
            .operand("王芳 👩‍🚀 é\u{3000}x")
            .line()
            .is_ok()
    );
}

#[test]
fn a_secret_that_is_typed_is_an_argument_of_no_program() {
    let object = ShellWord::from("{\"secret\":\"")
        .and_syntax("\"$SECRET\"")
        .and("\"}");
    let command = ShellCommand::new("oc create -f -")
        .reading(object)
        .after_typing("SECRET");
    let command = line(&command);
    assert_eq!(
        command,
        r#"read -rs SECRET && printf %s '{"secret":"'"$SECRET"'"}' | oc create -f -; unset SECRET"#
    );
    assert_eq!(
        arguments(&command.replace("read -rs SECRET", "SECRET=hunter2")),
        ["create", "-f", "-"]
    );
}

/// What a name of the API might be, and what it should not be.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-'\"`$(){}\\[\\]!*?~#&;|<>\\\\^=, a-z\\n]{0,12}",
        Just("--all".to_owned()),
        Just("-n".to_owned()),
        Just("$(reboot)".to_owned()),
        Just("'; rm -rf ~ #".to_owned()),
        Just("!!".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// A real shell starts the program with exactly these values, or there is no command; and no
    /// value is an option.
    #[test]
    fn a_shell_hands_every_value_over_as_it_is(first in nasty(), second in nasty(), option in nasty(), assigned in nasty()) {
        let command = ShellCommand::new("oc adm groups")
            .operand(&first)
            .option("--full-name", &option)
            .operand(&second)
            .option("-n", &option)
            .operand(ShellWord::assignment("KEY", &assigned));
        let values = [&first, &second, &option, &assigned];
        let Ok(line) = command.line() else {
            prop_assert!(values.iter().any(|value| !HiddenCharacters::of(value).0.is_empty()));
            return Ok(());
        };
        prop_assert!(visible::characters(&line).all(|c| matches!(c, Character::Plain(c) if !c.is_control())), "{line:?}");
        let seen = arguments(&line);
        let (named, key) = (format!("--full-name={option}"), format!("KEY={assigned}"));
        let expected = if first.starts_with('-') || second.starts_with('-') {
            vec!["adm", "groups", &named, "-n", &option, "--", &first, &second, &key]
        } else {
            vec!["adm", "groups", &first, &named, &second, "-n", &option, &key]
        };
        prop_assert_eq!(seen, expected, "{}", line);
    }
}

#[test]
fn a_command_that_depends_on_another_runs_only_if_that_one_succeeds() {
    let look = ShellCommand::new("oc get x").option("-o", "jsonpath={.spec.name}");
    let first = ShellCommand::new("test -z").operand(ShellWord::default().and_output_of(&look));
    let command = first.and_then(ShellCommand::new("oc patch").operand("x"));
    assert_eq!(
        line(&command),
        "test -z \"$(oc get x -o 'jsonpath={.spec.name}')\" && oc patch x"
    );
    let hidden = ShellCommand::new("a")
        .operand("\u{202e}")
        .and_then(ShellCommand::new("b"));
    assert!(
        hidden.line().is_err()
            && ShellCommand::new("b")
                .and_then(ShellCommand::new("a").operand("\u{202e}"))
                .line()
                .is_err()
    );
}
