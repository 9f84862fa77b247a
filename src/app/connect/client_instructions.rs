//! How each client signs in, pushes, pulls and copies. No command contains a token: it is read from
//! standard input.

use serde::Serialize;
use utoipa::ToSchema;

use super::commands::command_user_name;
use crate::app::shell_command::{ShellCommand, ShellWord};
use registry_model::{ImageStreamName, ProjectName};

/// A registry client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RegistryClient {
    Docker,
    Podman,
    /// Skopeo, which copies without a daemon.
    Skopeo,
    Buildah,
    /// Helm. OpenShift 4 stores charts as images of another kind.
    Helm,
}

impl RegistryClient {
    const ALL: [Self; 5] = [
        Self::Podman,
        Self::Docker,
        Self::Skopeo,
        Self::Buildah,
        Self::Helm,
    ];

    /// The product name.
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

    /// The form used in JSON and in pages.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Skopeo => "skopeo",
            Self::Buildah => "buildah",
            Self::Helm => "helm",
        }
    }

    /// The command that signs in.
    fn login_command(self) -> &'static str {
        match self {
            Self::Docker => "docker login",
            Self::Podman => "podman login",
            Self::Skopeo => "skopeo login",
            Self::Buildah => "buildah login",
            Self::Helm => "helm registry login",
        }
    }

    /// The command that signs out.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum InstructionPurpose {
    /// Sign in with the token that `oc` has.
    Login,
    /// Sign in with a token that is pasted: it is neither displayed nor stored.
    Paste,
    Push,
    Pull,
    /// Copy from another registry.
    Copy,
    /// Sign out: the client deletes the token.
    Logout,
}

/// Commands of one purpose, one per line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InstructionStep {
    /// What the commands are for.
    pub purpose: InstructionPurpose,
    pub lines: Vec<ShellCommand>,
}

/// The instructions for one client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClientInstructions {
    pub client: RegistryClient,
    /// In the order in which they are carried out.
    pub steps: Vec<InstructionStep>,
}

/// What the commands are about. Placeholders in capitals stand for what is not chosen or not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommandContext<'a> {
    /// The host of the registry outside the cluster.
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

    /// The pull spec of an image, not yet quoted.
    pub(in crate::app) fn image(&self) -> String {
        format!(
            "{}/{}/{}:TAG",
            self.host(),
            self.project(),
            self.image.map_or("NAME", ImageStreamName::as_str)
        )
    }

    /// The steps that sign in with the token that `oc` has, and with one that is pasted.
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

    /// For each client, the command that signs in with a pasted token.
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

/// The command that signs in with the token that `oc` has.
pub(in crate::app) fn login_with_oc(
    client: RegistryClient,
    host: &str,
    user: Option<&str>,
) -> ShellCommand {
    ShellCommand::new("oc whoami -t").pipe_to(login(client, host, user))
}

/// `read -s` displays nothing, and `printf` is a shell builtin: the token appears in no history and
/// in no list of processes.
fn login_by_pasting(client: RegistryClient, host: &str, user: Option<&str>) -> ShellCommand {
    login(client, host, user)
        .with_input(ShellWord::from_syntax(TYPED))
        .with_secret_prompt("TOKEN")
}

/// The shell variable that holds what was typed, as part of a word.
const TYPED: &str = "\"$TOKEN\"";

/// The instructions for each client; those that push only for users who may.
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PullSecretInstructions {
    /// Creates the secret from a pasted token.
    pub create: ShellCommand,
    /// Creates it from the file that the page of a new credential offers.
    pub apply: ShellCommand,
    /// Lets all pods of a service account pull with it.
    pub link: ShellCommand,
    /// A pod that names the secret itself.
    pub pod: String,
}

impl PullSecretInstructions {
    /// The `oc` commands.
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

/// Creates a pull secret without the token in the list of processes: `oc create secret
/// docker-registry` takes it only as an argument.
fn create_secret_command(host: &str, user: &str) -> ShellCommand {
    let auth = ShellCommand::new("base64")
        .with_input(ShellWord::from(format!("{user}:")).append_syntax(TYPED))
        .with_shell_syntax("| tr -d '\\n'");
    // The host as a JSON string: `Value` adds the quotes and escapes.
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

    /// Runs the programs of a pipeline in a real shell, with stand-ins that record their arguments
    /// and their input.
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
