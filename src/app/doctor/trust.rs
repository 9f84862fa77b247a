//! Commands that give the console the authority of a server, from where the cluster keeps it.
//!
//! The parts of a line run only where those before succeeded: with a file that holds no
//! certificate, the console would not start.

use super::settings::Settings;
use super::version::Release;
use crate::app::shell_command::{ShellCommand, ShellWord};

/// The ConfigMap that the template mounts at `/etc/registry-console/ca`.
const CONFIG_MAP: &str = "registry-console-ca";

/// What a file of authorities is called in the commands about it.
struct CaFile {
    redirect: &'static str,
    check: &'static str,
    from_file: &'static str,
    variable: &'static str,
    mounted_at: &'static str,
}

const OAUTH: CaFile = CaFile {
    redirect: "> oauth.crt",
    check: "openssl x509 -noout -subject -enddate -in oauth.crt",
    from_file: "--from-file=oauth.crt",
    variable: "OAUTH_CA_FILE",
    mounted_at: "/etc/registry-console/ca/oauth.crt",
};
const REGISTRY: CaFile = CaFile {
    redirect: "> registry.crt",
    check: "openssl x509 -noout -subject -enddate -in registry.crt",
    from_file: "--from-file=registry.crt",
    variable: "REGISTRY_CA_FILE",
    mounted_at: "/etc/registry-console/ca/registry.crt",
};
const STORAGE: CaFile = CaFile {
    redirect: "",
    check: "openssl x509 -noout -subject -enddate -in storage.crt",
    from_file: "--from-file=storage.crt",
    variable: "REGISTRY_BLOB_CA_FILE",
    mounted_at: "/etc/registry-console/ca/storage.crt",
};

/// On OpenShift 3 the OAuth server is the API server, at the address by which `oc` knows it.
pub(super) fn oauth(settings: &Settings, release: Release) -> Vec<ShellCommand> {
    let fetch = match release {
        Release::Three => api_server_authority(),
        Release::FourOrLater => {
            ShellCommand::new("oc get configmap oauth-serving-cert -n openshift-config-managed")
                .flag(r"-o 'jsonpath={.data.ca-bundle\.crt}'")
        }
    };
    give(settings, release, &OAUTH, Some(fetch))
}

/// On OpenShift 3, the Secret of the registry holds its certificate, followed by the authority; on
/// 4, the service CA issues it.
pub(super) fn registry(settings: &Settings, release: Release) -> Vec<ShellCommand> {
    let fetch = match release {
        Release::Three => ShellCommand::new("oc get secret registry-certificates -n default")
            .flag(r"-o 'jsonpath={.data.registry\.crt}'")
            .pipe_to(ShellCommand::new("base64 -d")),
        Release::FourOrLater => ShellCommand::new("oc get configmap openshift-service-ca.crt")
            .option("-n", settings.project())
            .flag(r"-o 'jsonpath={.data.service-ca\.crt}'"),
    };
    give(settings, release, &REGISTRY, Some(fetch))
}

/// The authority of the registry's object storage: where it is kept, only the administrator of the
/// storage knows.
pub(super) fn storage(settings: &Settings, release: Release) -> Vec<ShellCommand> {
    give(settings, release, &STORAGE, None)
}

/// The authority by which `oc` itself trusts the API server.
pub(super) fn api_server(settings: &Settings) -> ShellCommand {
    settings
        .installation()
        .environment()
        .operand(ShellWord::syntax("KUBERNETES_CA_DATA=").and_output_of(&api_server_authority()))
}

fn api_server_authority() -> ShellCommand {
    ShellCommand::new("oc config view --raw --minify --flatten")
        .option(
            "-o",
            "jsonpath={.clusters[0].cluster.certificate-authority-data}",
        )
        .pipe_to(ShellCommand::new("base64 -d"))
}

/// The ConfigMap first, which may be there with other files. `fetch` writes the authority; without
/// it the file is there already.
fn give(
    settings: &Settings,
    release: Release,
    file: &CaFile,
    fetch: Option<ShellCommand>,
) -> Vec<ShellCommand> {
    let project = settings.project();
    let map = |command: &'static str| {
        ShellCommand::new(command)
            .operand(CONFIG_MAP)
            .option("-n", project)
    };
    let check = ShellCommand::new(file.check);
    let checked = match fetch {
        Some(fetch) => fetch.then(file.redirect).and_then(check),
        None => check,
    };
    let add = match release {
        // It has no `oc set data`.
        Release::Three => {
            let object = map("oc create configmap")
                .flag(file.from_file)
                .flag("--dry-run -o json");
            map("oc patch configmap")
                .flag("--type=merge")
                .option("-p", ShellWord::default().and_output_of(&object))
        }
        Release::FourOrLater => map("oc set data configmap").flag(file.from_file),
    };
    let mount = ShellCommand::new("oc set volume dc/registry-console")
        .option("-n", project)
        .flag("--add --overwrite")
        .flag("--name=ca --type=configmap --configmap-name=registry-console-ca --mount-path=/etc/registry-console/ca");
    let set = settings.installation().set(file.variable, file.mounted_at);
    vec![
        map("oc get configmap").or_else(map("oc create configmap")),
        checked.and_then(add).and_then(mount).and_then(set),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Fixed};

    fn settings() -> Settings {
        let vars = Fixed::default()
            .var("KUBERNETES_SERVICE_HOST", "172.30.0.1")
            .var("OPENSHIFT_OAUTH_PROVIDER_URL", "https://api.example.com");
        Settings::of(&Config::read(&vars).unwrap(), "/oauth/callback")
    }

    /// What `oc` was called with, where its `get` and `config view` print `answer`. The script goes
    /// on after nothing that fails, as with `set -e`.
    fn calls(commands: &[ShellCommand], answer: &str) -> (bool, String) {
        let folder = tempfile::tempdir().unwrap();
        let lines: Vec<String> = commands
            .iter()
            .map(|command| command.line().unwrap())
            .collect();
        std::fs::write(folder.path().join("answer"), answer).unwrap();
        let script = format!(
            "set -e\noc() {{ printf '%s\\n' \"$*\" >> calls; case $1$2 in getconfigmap|getsecret|configview) cat answer;; esac; }}\n{}",
            lines.join("\n")
        );
        let done = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .output()
            .unwrap();
        (
            done.status.success(),
            std::fs::read_to_string(folder.path().join("calls")).unwrap(),
        )
    }

    #[test]
    fn an_authority_that_cannot_be_fetched_never_reaches_the_console() {
        let certificate = rcgen::generate_simple_self_signed(vec!["ca.example".to_owned()])
            .unwrap()
            .cert
            .pem();
        let encoded =
            base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &certificate);
        let settings = settings();
        for (commands, good) in [
            (registry(&settings, Release::FourOrLater), &certificate),
            (oauth(&settings, Release::FourOrLater), &certificate),
            (registry(&settings, Release::Three), &encoded),
            (oauth(&settings, Release::Three), &encoded),
        ] {
            let (succeeded, calls_made) = calls(&commands, good);
            assert!(
                succeeded && calls_made.contains("set env dc/registry-console -n default"),
                "{calls_made}"
            );
            assert!(
                calls_made.contains("--configmap-name=registry-console-ca"),
                "the template of OpenShift 3 mounts none: {calls_made}"
            );
            for nothing in ["", "bm8="] {
                let (succeeded, calls_made) = calls(&commands, nothing);
                let changes = ["set env", "set volume", "set data", "patch"]
                    .iter()
                    .any(|change| calls_made.contains(change));
                assert!(!succeeded && !changes, "{nothing:?}: {calls_made}");
            }
        }
    }

    #[test]
    fn openshift_3_is_asked_for_nothing_that_only_4_has() {
        let settings = settings();
        let lines = |release| {
            let all = [
                registry(&settings, release),
                oauth(&settings, release),
                storage(&settings, release),
            ]
            .concat();
            all.iter()
                .map(|command| command.line().unwrap())
                .collect::<Vec<_>>()
                .join("\n")
        };
        let (three, four) = (lines(Release::Three), lines(Release::FourOrLater));
        for only_four in [
            "openshift-service-ca.crt",
            "oauth-serving-cert",
            "openshift-config-managed",
            "oc set data",
        ] {
            assert!(
                !three.contains(only_four) && four.contains(only_four),
                "{only_four}"
            );
        }
        assert!(!four.contains("registry-certificates") && three.contains("registry-certificates"));
    }
}
