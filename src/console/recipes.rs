//! How each client signs in, pushes, pulls and copies. No command holds a token: it is read from standard input.

use serde::Serialize;

use super::commands::safe_user;
use super::oc::{Oc, quoted};
use crate::model::{ImageStreamName, ProjectName};

/// A program that talks to registries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Client {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
    /// Skopeo, which copies without a daemon.
    Skopeo,
    /// Buildah.
    Buildah,
    /// Helm, whose charts are images of another kind to OpenShift 4.
    Helm,
}

impl Client {
    const ALL: [Self; 5] = [Self::Docker, Self::Podman, Self::Skopeo, Self::Buildah, Self::Helm];

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
}

/// What a group of commands is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Signing in with the token that `oc` has.
    Login,
    /// Signing in with a token that is pasted: it is neither shown nor kept.
    Paste,
    /// Pushing.
    Push,
    /// Pulling.
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
    /// The commands.
    pub lines: Vec<String>,
}

/// All that one client needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recipe {
    /// Which.
    pub client: Client,
    /// In the order in which one does it.
    pub steps: Vec<RecipeStep>,
}

/// What the commands are about. Words in capitals stand for what is not chosen or not known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// What people outside call the registry.
    pub host: Option<&'a str>,
    /// The user name.
    pub user: Option<&'a str>,
    /// The project.
    pub project: Option<&'a ProjectName>,
    /// The image stream.
    pub image: Option<&'a ImageStreamName>,
}

impl Place<'_> {
    fn host(&self) -> &str {
        self.host.unwrap_or("REGISTRY")
    }

    /// The host, for a shell.
    fn host_word(&self) -> String {
        quoted(self.host())
    }

    fn project(&self) -> &str {
        self.project.map_or("PROJECT", ProjectName::as_str)
    }

    /// An image, before the shell sees it.
    pub(super) fn image(&self) -> String {
        format!("{}/{}/{}:TAG", self.host(), self.project(), self.image.map_or("NAME", ImageStreamName::as_str))
    }

    /// Signing in with the token that `oc` has, or with one that is pasted.
    pub(super) fn logins(&self, client: Client) -> [RecipeStep; 2] {
        let command = format!("{} -u {} --password-stdin {}", client.login(), safe_user(self.user), self.host_word());
        [
            RecipeStep { purpose: Purpose::Login, lines: vec![format!("oc whoami -t | {command}")] },
            RecipeStep { purpose: Purpose::Paste, lines: vec![pasted(&command)] },
        ]
    }
}

impl Place<'_> {
    /// For each client, signing in with a token that is pasted.
    pub(super) fn pastes(&self) -> Vec<(Client, String)> {
        Client::ALL.map(|client| (client, self.logins(client)[1].lines[0].clone())).to_vec()
    }
}

/// `read -s` shows nothing, and `printf` is a part of the shell: the token is in no history and in no list of processes.
pub(super) fn pasted(command: &str) -> String {
    format!("read -rs TOKEN && printf %s \"$TOKEN\" | {command}; unset TOKEN")
}

/// How each client does it; pushing only for those who may.
#[must_use]
pub(super) fn recipes(place: &Place<'_>, may_push: bool) -> Vec<Recipe> {
    let each = Client::ALL.into_iter().map(|client| {
        let mut steps = place.logins(client).to_vec();
        steps.extend(uses(client, place).into_iter().filter(|step| may_push || step.purpose == Purpose::Pull));
        let program = client.login().replace("login", "logout");
        steps.push(RecipeStep { purpose: Purpose::Logout, lines: vec![format!("{program} {}", place.host_word())] });
        Recipe { client, steps }
    });
    each.collect()
}

fn uses(client: Client, place: &Place<'_>) -> Vec<RecipeStep> {
    let (image, remote) = (quoted(&place.image()), quoted(&format!("docker://{}", place.image())));
    let step = |purpose, lines: &[String]| RecipeStep { purpose, lines: lines.to_vec() };
    match client {
        Client::Docker | Client::Podman => {
            let program = if client == Client::Docker { "docker" } else { "podman" };
            vec![
                step(Purpose::Push, &[format!("{program} tag MY-IMAGE {image}"), format!("{program} push {image}")]),
                step(Purpose::Pull, &[format!("{program} pull {image}")]),
            ]
        }
        Client::Buildah => vec![
            step(Purpose::Push, &[format!("buildah push MY-IMAGE {remote}")]),
            step(Purpose::Pull, &[format!("buildah pull {remote}")]),
        ],
        Client::Skopeo => vec![
            step(Purpose::Push, &[format!("skopeo copy containers-storage:MY-IMAGE {remote}")]),
            step(Purpose::Pull, &[format!("skopeo copy {remote} dir:MY-DIRECTORY")]),
            step(Purpose::Copy, &[format!("skopeo copy --all docker://OTHER-REGISTRY/NAME:TAG {remote}")]),
        ],
        Client::Helm => {
            let charts = format!("oci://{}/{}", place.host(), place.project());
            vec![
                step(Purpose::Push, &[format!("helm push CHART-1.0.0.tgz {}", quoted(&charts))]),
                step(Purpose::Pull, &[format!("helm pull {} --version 1.0.0", quoted(&format!("{charts}/CHART")))]),
            ]
        }
    }
}

/// How Kubernetes pulls: a secret, the service account that uses it, or a pod that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kubernetes {
    /// Makes the secret of a token that is pasted.
    pub create: String,
    /// Makes it of the file that a login can be downloaded as.
    pub apply: Oc,
    /// Lets all pods of a service account pull with it.
    pub link: Oc,
    /// A pod that names it by itself.
    pub pod: String,
}

impl Kubernetes {
    /// In the words of `oc`.
    #[must_use]
    pub fn of(place: &Place<'_>) -> Self {
        let (user, host) = (safe_user(place.user), place.host_word());
        let create = format!(
            "oc create secret docker-registry registry-login --docker-server={host} --docker-username={user} --docker-password=\"$TOKEN\" -n NAMESPACE"
        );
        Self {
            create: format!("read -rs TOKEN && {create}; unset TOKEN"),
            apply: Oc::new(["apply", "-f", "pull-secret.yaml", "-n", "NAMESPACE"]),
            link: Oc::new(["secrets", "link", "default", "registry-login", "--for=pull", "-n", "NAMESPACE"]),
            pod: format!(
                "apiVersion: v1\nkind: Pod\nmetadata:\n  name: example\nspec:\n  imagePullSecrets:\n  - name: registry-login\n  containers:\n  - name: example\n    image: \"{}\"\n",
                place.image()
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(place: &Place<'_>, may_push: bool) -> Vec<String> {
        recipes(place, may_push).into_iter().flat_map(|recipe| recipe.steps).flat_map(|step| step.lines).collect()
    }

    #[test]
    fn every_client_signs_in_by_standard_input_and_no_command_holds_a_token() {
        let place = Place { host: Some("registry.example.com"), user: Some("dev"), ..Place::default() };
        for recipe in recipes(&place, true) {
            let logins: Vec<&RecipeStep> =
                recipe.steps.iter().filter(|step| matches!(step.purpose, Purpose::Login | Purpose::Paste)).collect();
            assert_eq!(logins.len(), 2, "{:?}", recipe.client);
            for login in logins {
                assert!(login.lines[0].contains("-u dev --password-stdin registry.example.com"), "{login:?}");
            }
        }
        assert!(
            lines(&place, true).contains(&"oc whoami -t | helm registry login -u dev --password-stdin registry.example.com".to_owned())
        );
    }

    #[test]
    fn a_host_that_a_shell_would_read_its_own_way_is_quoted_everywhere() {
        let place = Place { host: Some("[::1]:5000"), user: Some("$(reboot)"), ..Place::default() };
        for line in lines(&place, true) {
            assert!(!line.contains("reboot"), "{line}");
            for (at, _) in line.match_indices("[::1]") {
                assert_eq!(line[..at].matches('\'').count() % 2, 1, "{line}");
            }
        }
    }

    #[test]
    fn who_may_not_push_is_shown_no_push() {
        assert!(lines(&Place::default(), false).iter().all(|line| !line.contains("push") && !line.contains("OTHER-REGISTRY")));
    }
}
