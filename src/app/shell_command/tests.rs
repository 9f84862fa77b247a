use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::*;

/// The arguments that a real shell passes to each program of a line that is called `oc`, `docker`
/// or `podman`: stand-ins that record them.
fn arguments(line: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    for program in ["oc", "docker", "podman"] {
        write_fake_program(&folder.path().join(program), &seen);
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

fn write_fake_program(path: &Path, seen: &Path) {
    std::fs::write(
        path,
        format!("#!/bin/sh\nprintf '%s\\0' \"$@\" > '{}'\n", seen.display()),
    )
    .unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn line(command: &ShellCommand) -> String {
    command.to_line().unwrap()
}

#[test]
fn plain_names_are_not_quoted() {
    let command = ShellCommand::new("oc tag -d").with_operand("team-a/api:v1.0");
    assert_eq!(line(&command), "oc tag -d team-a/api:v1.0");
    let command = ShellCommand::new("oc policy add-role-to-user")
        .with_operand("view")
        .with_operand("dev@example.com")
        .with_option("-n", "team-a");
    assert_eq!(
        line(&command),
        "oc policy add-role-to-user view dev@example.com -n team-a"
    );
}

#[test]
fn option_like_name_follows_double_dash() {
    let command = ShellCommand::new("oc delete user").with_operand("--all");
    assert_eq!(line(&command), "oc delete user -- --all");
    let command = ShellCommand::new("oc adm groups remove-users")
        .with_operand("ops")
        .with_operand("-x")
        .with_option("-n", "team-a")
        .with_flag("--dry-run");
    assert_eq!(
        line(&command),
        "oc adm groups remove-users -n team-a --dry-run -- ops -x"
    );
}

#[test]
fn option_value_cannot_become_an_option() {
    let command = ShellCommand::new("oc new-project x")
        .with_option("--description", "--as=root")
        .with_option("-p", "");
    assert_eq!(
        arguments(&line(&command)),
        ["new-project", "x", "--description=--as=root", "-p", ""]
    );
}

#[test]
fn invisible_characters_yield_no_command() {
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
        let operand = ShellCommand::new("oc delete user").with_operand(value);
        let option = ShellCommand::new("oc new-project x").with_option("--description", value);
        let output = ShellCommand::new("oc set env")
            .with_operand(ShellWord::assignment("A", "x").append_output_of(&operand));
        let input = ShellCommand::new("oc create -f -").with_input(value);
        let piped = operand.clone().pipe_to(ShellCommand::new("oc create -f -"));
        for command in [operand, option, output, input, piped] {
            assert_eq!(
                command.to_line().unwrap_err().to_string(),
                named,
                "{value:?}"
            );
            assert_eq!(
                serde_json::to_value(&command).unwrap(),
                serde_json::Value::Null
            );
        }
    }
    assert!(
        ShellCommand::new("oc delete user")
            .with_operand("王芳 👩‍🚀 é\u{3000}x")
            .to_line()
            .is_ok()
    );
}

#[test]
fn prompted_secret_is_never_a_program_argument() {
    let object = ShellWord::from("{\"secret\":\"")
        .append_syntax("\"$SECRET\"")
        .append("\"}");
    let command = ShellCommand::new("oc create -f -")
        .with_input(object)
        .with_secret_prompt("SECRET");
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

/// Names that the API might return, including those that it should not.
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
    fn shell_passes_every_value_unchanged(first in nasty(), second in nasty(), option in nasty(), assigned in nasty()) {
        let command = ShellCommand::new("oc adm groups")
            .with_operand(&first)
            .with_option("--full-name", &option)
            .with_operand(&second)
            .with_option("-n", &option)
            .with_operand(ShellWord::assignment("KEY", &assigned));
        let values = [&first, &second, &option, &assigned];
        let Ok(line) = command.to_line() else {
            prop_assert!(values.iter().any(|value| !HiddenCharacters::in_text(value).0.is_empty()));
            return Ok(());
        };
        prop_assert!(safe_text::characters(&line).all(|c| matches!(c, Character::Plain(c) if !c.is_control())), "{line:?}");
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
fn dependent_command_runs_only_after_success() {
    let look = ShellCommand::new("oc get x").with_option("-o", "jsonpath={.spec.name}");
    let first =
        ShellCommand::new("test -z").with_operand(ShellWord::default().append_output_of(&look));
    let command = first.and_then(ShellCommand::new("oc patch").with_operand("x"));
    assert_eq!(
        line(&command),
        "test -z \"$(oc get x -o 'jsonpath={.spec.name}')\" && oc patch x"
    );
    let hidden = ShellCommand::new("a")
        .with_operand("\u{202e}")
        .and_then(ShellCommand::new("b"));
    assert!(
        hidden.to_line().is_err()
            && ShellCommand::new("b")
                .and_then(ShellCommand::new("a").with_operand("\u{202e}"))
                .to_line()
                .is_err()
    );
}
