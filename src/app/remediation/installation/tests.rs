use super::*;

fn installation() -> Installation {
    Installation {
        project: "infra".to_owned(),
        oauth_client: "--all".to_owned(),
        ..Installation::default()
    }
}

/// Runs a command in a shell where `oc` is a function: `get` prints `object`, and everything else
/// stores its input. Returns that input, and all arguments.
fn run(command: &ShellCommand, object: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "oc() {{ printf '%s\\n' \"$*\" >> arguments; case $1 in get) printf '%s\\n' '{object}';; *) cat > input;; esac; }}\n\
         grep() {{ printf '%s\\n' \"$*\" >> arguments; command grep \"$@\"; }}\n{}",
        command
            .to_line()
            .unwrap()
            .replace("read -rs SECRET", "SECRET=hunter2")
    );
    let done = std::process::Command::new("/bin/sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success(), "{script}: {done:?}");
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    (read("input"), read("arguments"))
}

#[test]
fn prompted_secret_is_not_in_command_arguments() {
    let address = Url::parse("https://console.example.com").unwrap();
    let (object, arguments) = run(&installation().create_oauth_client(&address), "");
    assert!(!arguments.contains("hunter2"), "{arguments}");
    let object: Value = serde_json::from_str(&object).unwrap();
    assert_eq!(
        (&object["secret"], &object["metadata"]["name"]),
        (&json!("hunter2"), &json!("--all"))
    );
    assert_eq!(
        object["redirectURIs"],
        json!(["https://console.example.com/oauth/callback"])
    );

    let old = "apiVersion: oauth.openshift.io/v1\nkind: OAuthClient\nmetadata:\n  name: x\n  labels:\n    secret: kept\nsecret: old";
    let (object, arguments) = run(&installation().set_client_secret(), old);
    assert!(!arguments.contains("hunter2"), "{arguments}");
    assert_eq!(
        object,
        old.replace("\nsecret: old", "\nsecret: \"hunter2\"\n")
    );
}

#[test]
fn oauth_client_of_the_implicit_flow_has_no_secret() {
    let address = Url::parse("https://console.example.com").unwrap();
    let with_flow = |oauth_flow| {
        let one = Installation {
            oauth_flow,
            ..installation()
        };
        run(&one.create_oauth_client(&address), "").0
    };
    for (flow, has_secret) in [
        (OauthFlow::Implicit, false),
        (OauthFlow::Code, true),
        (OauthFlow::Disabled, true),
    ] {
        assert_eq!(with_flow(flow).contains("secret"), has_secret, "{flow:?}");
    }
}

#[test]
fn commands_name_the_project_of_the_console() {
    let (one, address) = (
        installation(),
        Url::parse("https://console.example.com").unwrap(),
    );
    for (command, line) in [
        (one.show_oauth_client(), "oc get oauthclient -- --all"),
        (
            one.show_redirect_uris(),
            "oc get oauthclient -o 'jsonpath={.redirectURIs}' -- --all",
        ),
        (
            one.list_secrets(),
            "oc get secret -l name=registry-console -n infra",
        ),
        (
            one.set_variable("REGISTRY_HOST", "r.example"),
            "oc set env dc/registry-console -n infra REGISTRY_HOST=r.example",
        ),
        (
            one.set_address_from_route(),
            "oc set env dc/registry-console -n infra \
             COCKPIT_KUBE_URL=https://\"$(oc get route registry-console -n infra -o 'jsonpath={.spec.host}')\"",
        ),
        (
            one.set_redirect_uri(&address),
            r#"oc patch oauthclient --type=merge -p '{"redirectURIs":["https://console.example.com/oauth/callback"]}' -- --all"#,
        ),
    ] {
        assert_eq!(command.to_line().unwrap(), line);
    }
    let deployed = Installation {
        workload: "deployment/console".to_owned(),
        ..one
    };
    let set = deployed.set_variable("INDEX", "on").to_line().unwrap();
    assert_eq!(set, "oc set env deployment/console -n infra INDEX=on");
}

#[test]
fn secret_is_compared_with_the_value_in_use() {
    let one = Installation {
        oauth_client: "console".to_owned(),
        ..installation()
    };
    for (setting, read) in [
        (
            "OPENSHIFT_OAUTH_CLIENT_SECRET_FILE",
            r#"cat "$OPENSHIFT_OAUTH_CLIENT_SECRET_FILE""#,
        ),
        (
            "OPENSHIFT_OAUTH_CLIENT_SECRET",
            r#"printf %s "$OPENSHIFT_OAUTH_CLIENT_SECRET""#,
        ),
    ] {
        let line = one
            .compare_secret(&ClientSecret::Known {
                secret: "s".into(),
                variable: setting,
            })
            .to_line()
            .unwrap();
        for (given, outcome) in [("hunter2", "same"), ("other", "different")] {
            let script = format!(
                "oc() {{ case $1 in get) printf hunter2;; rsh) shift 5; \"$@\";; esac; }}\n\
                 export {}=given; printf '%s\\n' {given} > given; {}\n{line}",
                setting,
                if setting.ends_with("FILE") {
                    "".to_owned()
                } else {
                    format!("export {setting}={given}")
                }
            );
            let folder = tempfile::tempdir().unwrap();
            let done = std::process::Command::new("/bin/sh")
                .args(["-c", &script])
                .current_dir(folder.path())
                .output()
                .unwrap();
            assert_eq!(
                String::from_utf8(done.stdout).unwrap().trim(),
                outcome,
                "{script}"
            );
        }
        assert!(line.contains(read), "{line}");
    }
}
