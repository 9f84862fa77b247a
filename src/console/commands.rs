//! Commands to copy: how to sign in to the registry, pull and push.
//!
//! No command holds a token: the password comes from `oc whoami -t` through standard input, so that it never stands in a shell's
//! history or a page (the old console printed `-p <token>`).

use serde::Serialize;

use crate::model::{Digest, ImageStream, ImageStreamName, ProjectName, TagName};

/// The client that a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
}

impl Tool {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Docker, Self::Podman];

    /// What is typed.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
        }
    }
}

/// A command line to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Command {
    /// What runs it.
    pub tool: Tool,
    /// One command a line.
    pub text: String,
}

/// How to use the registry from a terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Connect {
    /// What people outside call the registry. `None`: the console has not been told, and commands say `REGISTRY` instead.
    pub host: Option<String>,
    /// Signing in.
    pub login: Vec<Command>,
    /// Naming and pushing an image.
    pub push: Vec<Command>,
    /// Pulling one.
    pub pull: Vec<Command>,
}

impl Connect {
    /// Commands with placeholders in capitals, as text to fill in.
    pub(super) fn new(host: Option<&str>, user: Option<&str>, project: Option<&ProjectName>) -> Self {
        let shown_host = host.unwrap_or("REGISTRY");
        let project = project.map_or("PROJECT", ProjectName::as_str);
        let image = format!("{shown_host}/{project}/NAME:TAG");
        let each = |text: &dyn Fn(&str) -> String| Tool::ALL.map(|tool| Command { tool, text: text(tool.program()) }).to_vec();
        Self {
            host: host.map(str::to_owned),
            login: each(&|program| login(program, shown_host, user)),
            push: each(&|program| format!("{program} tag MY-IMAGE {image}\n{program} push {image}")),
            pull: each(&|program| format!("{program} pull {image}")),
        }
    }
}

fn login(program: &str, host: &str, user: Option<&str>) -> String {
    let user = safe_user(user);
    format!("oc whoami -t | {program} login -u {user} --password-stdin {host}")
}

/// The name for commands: another where it would not arrive as it is.
pub(super) fn safe_user(user: Option<&str>) -> &str {
    user.filter(|name| is_plain(name)).unwrap_or("unused")
}

/// The registry takes any user name, but Basic authentication ends it at the first colon and a shell reads other characters its own way.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('-') && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@'))
}

/// The pull and push commands of an image stream or of one of its images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PullCommands {
    /// The repository as people outside call it, or inside the cluster where no outside name is known.
    pub repository: String,
    /// Whether [`PullCommands::repository`] can be reached from outside the cluster.
    pub public: bool,
    /// Pulling by tag: empty where no tag is meant.
    pub by_tag: Vec<Command>,
    /// Pulling by digest: what is pulled can never change.
    pub by_digest: Vec<Command>,
    /// Pushing: empty for those who may not.
    pub push: Vec<Command>,
}

impl PullCommands {
    pub(super) fn new(repository: Repository, tag: Option<&TagName>, digest: Option<&Digest>) -> Self {
        let each = |text: &dyn Fn(&str) -> String| Tool::ALL.map(|tool| Command { tool, text: text(tool.program()) }).to_vec();
        let name = &repository.name;
        Self {
            by_tag: tag.map(|tag| each(&|program| format!("{program} pull {name}:{tag}"))).unwrap_or_default(),
            by_digest: digest.map(|digest| each(&|program| format!("{program} pull {name}@{digest}"))).unwrap_or_default(),
            push: Vec::new(),
            public: repository.public,
            repository: repository.name,
        }
    }

    /// Adds the commands that only those who may push are shown.
    pub(super) fn with_push(mut self, tag: Option<&TagName>) -> Self {
        let image = format!("{}:{}", self.repository, tag.map_or("TAG", TagName::as_str));
        self.push = Tool::ALL
            .map(|tool| {
                let program = tool.program();
                Command { tool, text: format!("{program} tag MY-IMAGE {image}\n{program} push {image}") }
            })
            .to_vec();
        self
    }
}

/// What a repository is called in commands.
pub(super) struct Repository {
    name: String,
    public: bool,
}

impl Repository {
    /// The master's public name first, then `REGISTRY_HOST`, then the name inside the cluster.
    pub(super) fn of(stream: Option<&ImageStream>, project: &ProjectName, name: &ImageStreamName, host: Option<&str>) -> Self {
        let public =
            stream.and_then(|stream| stream.public_repository.clone()).or_else(|| host.map(|host| format!("{host}/{project}/{name}")));
        if let Some(name) = public {
            return Self { name, public: true };
        }
        let inside = stream.and_then(|stream| stream.internal_repository.clone());
        Self { name: inside.unwrap_or_else(|| format!("REGISTRY/{project}/{name}")), public: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_command_reads_the_token_from_standard_input() {
        let connect = Connect::new(Some("registry.example.com"), Some("dev"), None);
        assert_eq!(connect.login[1].text, "oc whoami -t | podman login -u dev --password-stdin registry.example.com");
    }

    #[test]
    fn a_user_name_that_basic_authentication_or_a_shell_would_mangle_is_left_out() {
        for name in ["kube:admin", "$(reboot)", "a b", "-v", ""] {
            let connect = Connect::new(Some("r"), Some(name), None);
            assert!(connect.login[0].text.contains("-u unused "), "{name}");
        }
    }
}
