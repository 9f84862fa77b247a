//! How each client signs in, pushes, pulls and copies. No command holds a token: it is read from
//! standard input.

use serde::Serialize;

use super::commands::command_user_name;
use crate::app::shell_command::{ShellCommand, ShellWord};
use registry_model::{ImageStreamName, ProjectName};

/// A program that talks to registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RegistryClient {
    Docker,
    Podman,
    /// Skopeo, which copies without a daemon.
    Skopeo,
    Buildah,
    /// Helm, whose charts are images of another kind to OpenShift 4.
    Helm,
}

impl RegistryClient {
    const ALL: [Self; 5] = [
        Self::Docker,
        Self::Podman,
        Self::Skopeo,
        Self::Buildah,
        Self::Helm,
    ];

    /// What people call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Docker => "Docker",
            Self::Podman => "Podman",
            Self::Skopeo => "Skopeo",
            Self::Buildah => "Buildah",
            Self::Helm => "Helm",
        }
    }

    /// What is typed to sign in.
    fn login_command(self) -> &'static str {
        match self {
            Self::Docker => "docker login",
            Self::Podman => "podman login",
            Self::Skopeo => "skopeo login",
            Self::Buildah => "buildah login",
            Self::Helm => "helm registry login",
        }
    }

    /// What is typed to sign out.
    fn logout_command(self) -> &'static str {
        match self {
            Self::Docker => "docker logout",
            Self::Podman => "podman logout",
            Self::Skopeo => "skopeo logout",
            Self::Buildah => "buildah logout",
            Self::Helm => "helm registry logout",
        }
    }
}

/// What a group of commands is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InstructionPurpose {
    /// Signing in with the token that `oc` has.
    Login,
    /// Signing in with a token that is pasted: it is neither shown nor kept.
    Paste,
    Push,
    Pull,
    /// Copying from another registry.
    Copy,
    /// Signing out: the client forgets the token.
    Logout,
}

/// Commands of one purpose, one a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InstructionStep {
    /// What they are for.
    pub purpose: InstructionPurpose,
    pub lines: Vec<ShellCommand>,
}

/// All that one client needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClientInstructions {
    pub client: RegistryClient,
    /// In the order in which one does it.
    pub steps: Vec<InstructionStep>,
}

/// What the commands are about. Words in capitals stand for what is not chosen or not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandContext<'a> {
    /// What people outside call the registry.
    pub host: Option<&'a str>,
    pub user: Option<&'a str>,
    pub project: Option<&'a ProjectName>,
    pub image: Option<&'a ImageStreamName>,
}

impl CommandContext<'_> {
    fn host(&self) -> &str {
        self.host.unwrap_or("REGISTRY")
    }

    fn project(&self) -> &str {
        self.project.map_or("PROJECT", ProjectName::as_str)
    }

    /// An image, before the shell sees it.
    pub(in crate::app) fn image(&self) -> String {
        format!(
            "{}/{}/{}:TAG",
            self.host(),
            self.project(),
            self.image.map_or("NAME", ImageStreamName::as_str)
        )
    }

    /// Signing in with the token that `oc` has, or with one that is pasted.
    pub(in crate::app) fn logins(&self, client: RegistryClient) -> [InstructionStep; 2] {
        [
            InstructionStep {
                purpose: InstructionPurpose::Login,
                lines: vec![login_with_oc(client, self.host(), self.user)],
            },
            InstructionStep {
                purpose: InstructionPurpose::Paste,
                lines: vec![login_by_pasting(client, self.host(), self.user)],
            },
        ]
    }

    /// For each client, signing in with a token that is pasted.
    pub(in crate::app) fn pastes(&self) -> Vec<(RegistryClient, ShellCommand)> {
        RegistryClient::ALL
            .map(|client| (client, login_by_pasting(client, self.host(), self.user)))
            .to_vec()
    }
}

fn login(client: RegistryClient, host: &str, user: Option<&str>) -> ShellCommand {
    ShellCommand::new(client.login_command())
        .with_option("-u", command_user_name(user))
        .with_flag("--password-stdin")
        .with_operand(host)
}

/// Signs in with the token that `oc` has.
pub(in crate::app) fn login_with_oc(
    client: RegistryClient,
    host: &str,
    user: Option<&str>,
) -> ShellCommand {
    ShellCommand::new("oc whoami -t").pipe_to(login(client, host, user))
}

/// `read -s` shows nothing, and `printf` is a part of the shell: the token is in no history and in
/// no list of processes.
fn login_by_pasting(client: RegistryClient, host: &str, user: Option<&str>) -> ShellCommand {
    login(client, host, user)
        .with_input(ShellWord::from_syntax(TYPED))
        .with_secret_prompt("TOKEN")
}

/// What was typed, within a word.
const TYPED: &str = "\"$TOKEN\"";

/// How each client does it; pushing only for those who may.
#[must_use]
pub(in crate::app) fn client_instructions(
    place: &CommandContext<'_>,
    may_push: bool,
) -> Vec<ClientInstructions> {
    let each = RegistryClient::ALL.into_iter().map(|client| {
        let mut steps = place.logins(client).to_vec();
        steps.extend(
            instruction_steps(client, place)
                .into_iter()
                .filter(|step| may_push || step.purpose == InstructionPurpose::Pull),
        );
        steps.push(InstructionStep {
            purpose: InstructionPurpose::Logout,
            lines: vec![ShellCommand::new(client.logout_command()).with_operand(place.host())],
        });
        ClientInstructions { client, steps }
    });
    each.collect()
}

fn instruction_steps(client: RegistryClient, place: &CommandContext<'_>) -> Vec<InstructionStep> {
    let (image, remote) = (place.image(), format!("docker://{}", place.image()));
    let (push, pull): (Vec<ShellCommand>, ShellCommand) = match client {
        RegistryClient::Docker => (
            vec![
                command_with_operand("docker tag MY-IMAGE", &image),
                command_with_operand("docker push", &image),
            ],
            command_with_operand("docker pull", &image),
        ),
        RegistryClient::Podman => (
            vec![
                command_with_operand("podman tag MY-IMAGE", &image),
                command_with_operand("podman push", &image),
            ],
            command_with_operand("podman pull", &image),
        ),
        RegistryClient::Buildah => (
            vec![command_with_operand("buildah push MY-IMAGE", &remote)],
            command_with_operand("buildah pull", &remote),
        ),
        RegistryClient::Skopeo => {
            let pull =
                command_with_operand("skopeo copy", &remote).with_operand("dir:MY-DIRECTORY");
            (
                vec![command_with_operand(
                    "skopeo copy containers-storage:MY-IMAGE",
                    &remote,
                )],
                pull,
            )
        }
        RegistryClient::Helm => {
            let charts = format!("oci://{}/{}", place.host(), place.project());
            let pull = command_with_operand("helm pull", &format!("{charts}/CHART"))
                .with_flag("--version 1.0.0");
            (
                vec![command_with_operand("helm push CHART-1.0.0.tgz", &charts)],
                pull,
            )
        }
    };
    let copy = (client == RegistryClient::Skopeo).then(|| {
        command_with_operand(
            "skopeo copy --all docker://OTHER-REGISTRY/NAME:TAG",
            &remote,
        )
    });
    let mut steps = vec![
        InstructionStep {
            purpose: InstructionPurpose::Push,
            lines: push,
        },
        InstructionStep {
            purpose: InstructionPurpose::Pull,
            lines: vec![pull],
        },
    ];
    steps.extend(copy.map(|copy| InstructionStep {
        purpose: InstructionPurpose::Copy,
        lines: vec![copy],
    }));
    steps
}

fn command_with_operand(program: &'static str, operand: &str) -> ShellCommand {
    ShellCommand::new(program).with_operand(operand)
}

/// How Kubernetes pulls: a secret, the service account that uses it, or a pod that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PullSecretInstructions {
    /// Makes the secret of a token that is pasted.
    pub create: ShellCommand,
    /// Makes it of the file that a login can be downloaded as.
    pub apply: ShellCommand,
    /// Lets all pods of a service account pull with it.
    pub link: ShellCommand,
    /// A pod that names it by itself.
    pub pod: String,
}

impl PullSecretInstructions {
    /// In the words of `oc`.
    #[must_use]
    pub fn new(place: &CommandContext<'_>) -> Self {
        Self {
            create: create_secret_command(place.host(), command_user_name(place.user)),
            apply: ShellCommand::new("oc apply -f pull-secret.yaml -n NAMESPACE"),
            link: ShellCommand::new(
                "oc secrets link default registry-login --for=pull -n NAMESPACE",
            ),
            pod: format!(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: example\nspec:\n  imagePullSecrets:\n  - name: registry-login\n  containers:\n  - name: example\n    image: \"{}\"\n",
                place.image()
            ),
        }
    }
}

/// Makes a pull secret without the token in the list of processes: `oc create secret
/// docker-registry` takes it as an argument alone.
fn create_secret_command(host: &str, user: &str) -> ShellCommand {
    let auth = ShellCommand::new("base64")
        .with_input(ShellWord::from(format!("{user}:")).append_syntax(TYPED))
        .with_shell_syntax("| tr -d '\\n'");
    // A host in JSON: `Value` writes the quotes and whatever else it takes.
    let before = format!(
        "{{\"auths\":{{{}:{{\"auth\":\"",
        serde_json::Value::from(host)
    );
    let config = ShellWord::from(before)
        .append_output_of(&auth)
        .append("\"}}}");
    ShellCommand::new(
        "oc create secret generic registry-login --type=kubernetes.io/dockerconfigjson",
    )
    .with_flag("--from-file=.dockerconfigjson=/dev/stdin")
    .with_flag("-n NAMESPACE")
    .with_input(config)
    .with_secret_prompt("TOKEN")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(place: &CommandContext<'_>, may_push: bool) -> Vec<String> {
        client_instructions(place, may_push)
            .into_iter()
            .flat_map(|recipe| recipe.steps)
            .flat_map(|step| step.lines)
            .map(|line| line.to_line().unwrap())
            .collect()
    }

    #[test]
    fn client_login_commands_read_the_token_from_stdin() {
        let place = CommandContext {
            host: Some("registry.example.com"),
            user: Some("dev"),
            ..CommandContext::default()
        };
        for recipe in client_instructions(&place, true) {
            let logins: Vec<&InstructionStep> = recipe
                .steps
                .iter()
                .filter(|step| {
                    matches!(
                        step.purpose,
                        InstructionPurpose::Login | InstructionPurpose::Paste
                    )
                })
                .collect();
            assert_eq!(logins.len(), 2, "{:?}", recipe.client);
            for login in logins {
                assert!(
                    login.lines[0]
                        .to_line()
                        .unwrap()
                        .contains("-u dev --password-stdin registry.example.com"),
                    "{login:?}"
                );
            }
        }
        assert!(
            lines(&place, true).contains(
                &"oc whoami -t | helm registry login -u dev --password-stdin registry.example.com"
                    .to_owned()
            )
        );
    }

    #[test]
    fn shell_special_host_is_quoted_in_every_command() {
        let place = CommandContext {
            host: Some("[::1]:5000"),
            user: Some("$(reboot)"),
            ..CommandContext::default()
        };
        for line in lines(&place, true) {
            assert!(!line.contains("reboot"), "{line}");
            for (at, _) in line.match_indices("[::1]") {
                assert_eq!(line[..at].matches('\'').count() % 2, 1, "{line}");
            }
        }
    }

    /// The programs of a pipeline run in a real shell, with stand-ins that note their arguments and
    /// keep their input.
    #[test]
    fn pull_secret_command_has_no_token_in_arguments() {
        let line = create_secret_command("registry.example.com:5000", "dev")
            .to_line()
            .unwrap();
        assert!(!line.contains("--docker-password"), "{line}");
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "note() {{ printf '%s\\n' \"$*\" >> arguments; }}\n\
             oc() {{ note oc \"$@\"; cat > input; }}\nbase64() {{ note base64 \"$@\"; command base64 \"$@\"; }}\n\
             tr() {{ note tr \"$@\"; command tr \"$@\"; }}\n{}",
            line.replace("read -rs TOKEN", "TOKEN=sha256~secret")
        );
        let done = std::process::Command::new("/bin/sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(done.status.success(), "{line}: {done:?}");
        let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(
            !read("arguments").contains("secret~") && !read("arguments").contains("sha256~"),
            "{}",
            read("arguments")
        );
        let config: serde_json::Value = serde_json::from_str(&read("input")).unwrap();
        let auth = base64::Engine::encode(
            &base64::engine::general_purpose::STANDARD,
            "dev:sha256~secret",
        );
        assert_eq!(
            config,
            serde_json::json!({ "auths": { "registry.example.com:5000": { "auth": auth } } })
        );
    }

    #[test]
    fn push_commands_are_hidden_without_push_right() {
        assert!(
            lines(&CommandContext::default(), false)
                .iter()
                .all(|line| !line.contains("push") && !line.contains("OTHER-REGISTRY"))
        );
    }
}
