//! How each client signs in, pushes, pulls and copies. No command holds a token: it is read from
//! standard input.

use serde::Serialize;

use super::commands::safe_user;
use crate::app::shell_command::{ShellCommand, ShellWord};
use registry_model::{ImageStreamName, ProjectName};

/// A program that talks to registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    Docker,
    Podman,
    /// Skopeo, which copies without a daemon.
    Skopeo,
    Buildah,
    /// Helm, whose charts are images of another kind to OpenShift 4.
    Helm,
}

impl Client {
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
    fn login(self) -> &'static str {
        match self {
            Self::Docker => "docker login",
            Self::Podman => "podman login",
            Self::Skopeo => "skopeo login",
            Self::Buildah => "buildah login",
            Self::Helm => "helm registry login",
        }
    }

    /// What is typed to sign out.
    fn logout(self) -> &'static str {
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
pub enum Purpose {
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
pub struct RecipeStep {
    /// What they are for.
    pub purpose: Purpose,
    pub lines: Vec<ShellCommand>,
}

/// All that one client needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipe {
    pub client: Client,
    /// In the order in which one does it.
    pub steps: Vec<RecipeStep>,
}

/// What the commands are about. Words in capitals stand for what is not chosen or not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// What people outside call the registry.
    pub host: Option<&'a str>,
    pub user: Option<&'a str>,
    pub project: Option<&'a ProjectName>,
    pub image: Option<&'a ImageStreamName>,
}

impl Place<'_> {
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
    pub(in crate::app) fn logins(&self, client: Client) -> [RecipeStep; 2] {
        [
            RecipeStep {
                purpose: Purpose::Login,
                lines: vec![login_with_oc(client, self.host(), self.user)],
            },
            RecipeStep {
                purpose: Purpose::Paste,
                lines: vec![login_by_pasting(client, self.host(), self.user)],
            },
        ]
    }

    /// For each client, signing in with a token that is pasted.
    pub(in crate::app) fn pastes(&self) -> Vec<(Client, ShellCommand)> {
        Client::ALL
            .map(|client| (client, login_by_pasting(client, self.host(), self.user)))
            .to_vec()
    }
}

fn login(client: Client, host: &str, user: Option<&str>) -> ShellCommand {
    ShellCommand::new(client.login())
        .option("-u", safe_user(user))
        .flag("--password-stdin")
        .operand(host)
}

/// Signs in with the token that `oc` has.
pub(in crate::app) fn login_with_oc(
    client: Client,
    host: &str,
    user: Option<&str>,
) -> ShellCommand {
    ShellCommand::new("oc whoami -t").pipe_to(login(client, host, user))
}

/// `read -s` shows nothing, and `printf` is a part of the shell: the token is in no history and in
/// no list of processes.
fn login_by_pasting(client: Client, host: &str, user: Option<&str>) -> ShellCommand {
    login(client, host, user)
        .reading(ShellWord::syntax(TYPED))
        .after_typing("TOKEN")
}

/// What was typed, within a word.
const TYPED: &str = "\"$TOKEN\"";

/// How each client does it; pushing only for those who may.
#[must_use]
pub(in crate::app) fn recipes(place: &Place<'_>, may_push: bool) -> Vec<Recipe> {
    let each = Client::ALL.into_iter().map(|client| {
        let mut steps = place.logins(client).to_vec();
        steps.extend(
            uses(client, place)
                .into_iter()
                .filter(|step| may_push || step.purpose == Purpose::Pull),
        );
        steps.push(RecipeStep {
            purpose: Purpose::Logout,
            lines: vec![ShellCommand::new(client.logout()).operand(place.host())],
        });
        Recipe { client, steps }
    });
    each.collect()
}

fn uses(client: Client, place: &Place<'_>) -> Vec<RecipeStep> {
    let (image, remote) = (place.image(), format!("docker://{}", place.image()));
    let (push, pull): (Vec<ShellCommand>, ShellCommand) = match client {
        Client::Docker => (
            vec![
                with("docker tag MY-IMAGE", &image),
                with("docker push", &image),
            ],
            with("docker pull", &image),
        ),
        Client::Podman => (
            vec![
                with("podman tag MY-IMAGE", &image),
                with("podman push", &image),
            ],
            with("podman pull", &image),
        ),
        Client::Buildah => (
            vec![with("buildah push MY-IMAGE", &remote)],
            with("buildah pull", &remote),
        ),
        Client::Skopeo => {
            let pull = with("skopeo copy", &remote).operand("dir:MY-DIRECTORY");
            (
                vec![with("skopeo copy containers-storage:MY-IMAGE", &remote)],
                pull,
            )
        }
        Client::Helm => {
            let charts = format!("oci://{}/{}", place.host(), place.project());
            let pull = with("helm pull", &format!("{charts}/CHART")).flag("--version 1.0.0");
            (vec![with("helm push CHART-1.0.0.tgz", &charts)], pull)
        }
    };
    let copy = (client == Client::Skopeo).then(|| {
        with(
            "skopeo copy --all docker://OTHER-REGISTRY/NAME:TAG",
            &remote,
        )
    });
    let mut steps = vec![
        RecipeStep {
            purpose: Purpose::Push,
            lines: push,
        },
        RecipeStep {
            purpose: Purpose::Pull,
            lines: vec![pull],
        },
    ];
    steps.extend(copy.map(|copy| RecipeStep {
        purpose: Purpose::Copy,
        lines: vec![copy],
    }));
    steps
}

fn with(program: &'static str, operand: &str) -> ShellCommand {
    ShellCommand::new(program).operand(operand)
}

/// How Kubernetes pulls: a secret, the service account that uses it, or a pod that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kubernetes {
    /// Makes the secret of a token that is pasted.
    pub create: ShellCommand,
    /// Makes it of the file that a login can be downloaded as.
    pub apply: ShellCommand,
    /// Lets all pods of a service account pull with it.
    pub link: ShellCommand,
    /// A pod that names it by itself.
    pub pod: String,
}

impl Kubernetes {
    /// In the words of `oc`.
    #[must_use]
    pub fn of(place: &Place<'_>) -> Self {
        Self {
            create: create_secret(place.host(), safe_user(place.user)),
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
fn create_secret(host: &str, user: &str) -> ShellCommand {
    let auth = ShellCommand::new("base64")
        .reading(ShellWord::from(format!("{user}:")).and_syntax(TYPED))
        .then("| tr -d '\\n'");
    // A host in JSON: `Value` writes the quotes and whatever else it takes.
    let before = format!(
        "{{\"auths\":{{{}:{{\"auth\":\"",
        serde_json::Value::from(host)
    );
    let config = ShellWord::from(before).and_output_of(&auth).and("\"}}}");
    ShellCommand::new(
        "oc create secret generic registry-login --type=kubernetes.io/dockerconfigjson",
    )
    .flag("--from-file=.dockerconfigjson=/dev/stdin")
    .flag("-n NAMESPACE")
    .reading(config)
    .after_typing("TOKEN")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(place: &Place<'_>, may_push: bool) -> Vec<String> {
        recipes(place, may_push)
            .into_iter()
            .flat_map(|recipe| recipe.steps)
            .flat_map(|step| step.lines)
            .map(|line| line.line().unwrap())
            .collect()
    }

    #[test]
    fn every_client_signs_in_by_standard_input_and_no_command_holds_a_token() {
        let place = Place {
            host: Some("registry.example.com"),
            user: Some("dev"),
            ..Place::default()
        };
        for recipe in recipes(&place, true) {
            let logins: Vec<&RecipeStep> = recipe
                .steps
                .iter()
                .filter(|step| matches!(step.purpose, Purpose::Login | Purpose::Paste))
                .collect();
            assert_eq!(logins.len(), 2, "{:?}", recipe.client);
            for login in logins {
                assert!(
                    login.lines[0]
                        .line()
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
    fn a_host_that_a_shell_would_read_its_own_way_is_quoted_everywhere() {
        let place = Place {
            host: Some("[::1]:5000"),
            user: Some("$(reboot)"),
            ..Place::default()
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
    fn a_pull_secret_is_made_without_the_token_in_the_arguments_of_any_program() {
        let line = create_secret("registry.example.com:5000", "dev")
            .line()
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
    fn who_may_not_push_is_shown_no_push() {
        assert!(
            lines(&Place::default(), false)
                .iter()
                .all(|line| !line.contains("push") && !line.contains("OTHER-REGISTRY"))
        );
    }
}
