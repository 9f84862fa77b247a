//! Commands to copy: how to sign in to the registry, pull and push.
//!
//! No command contains a token: the password comes from `oc whoami -t` through standard input, so
//! that it appears in neither the shell's history nor a page (the old console printed `-p
//! <token>`).

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::app::shell_command::ShellCommand;
use registry_model::pull_spec::PullSpec;
use registry_model::{
    Digest, ImageStream, ImageStreamName, InternalRepository, ProjectName, TagName, TagSource,
};

/// The client that a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContainerTool {
    Docker,
    Podman,
}

impl ContainerTool {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Docker, Self::Podman];

    fn pull_command(self) -> ShellCommand {
        ShellCommand::new(match self {
            Self::Docker => "docker pull",
            Self::Podman => "podman pull",
        })
    }

    /// Commands that tag an image and push it.
    fn push_commands(self, image: &str) -> Vec<ShellCommand> {
        let (tag, push) = match self {
            Self::Docker => ("docker tag MY-IMAGE", "docker push"),
            Self::Podman => ("podman tag MY-IMAGE", "podman push"),
        };
        vec![
            ShellCommand::new(tag).with_operand(image),
            ShellCommand::new(push).with_operand(image),
        ]
    }
}

/// A command line to copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToolCommand {
    pub tool: ContainerTool,
    /// In the order in which they are run.
    #[serde(rename = "text", serialize_with = "serialize_lines")]
    #[schema(value_type = Option<String>)]
    pub lines: Vec<ShellCommand>,
}

/// One command per line; `null` if one of them cannot be shown.
fn serialize_lines<S: Serializer>(
    lines: &[ShellCommand],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let lines: Result<Vec<String>, _> = lines.iter().map(ShellCommand::to_line).collect();
    lines
        .ok()
        .map(|lines| lines.join("\n"))
        .serialize(serializer)
}

fn commands_for_each_tool(lines: impl Fn(ContainerTool) -> Vec<ShellCommand>) -> Vec<ToolCommand> {
    ContainerTool::ALL
        .map(|tool| ToolCommand {
            tool,
            lines: lines(tool),
        })
        .to_vec()
}

/// The user name for commands: a fixed one where the real one would not arrive unchanged.
pub(in crate::app) fn command_user_name(user: Option<&str>) -> &str {
    user.filter(|name| is_plain_user_name(name))
        .unwrap_or("unused")
}

/// The registry takes any user name, but Basic authentication ends it at the first colon, and a
/// shell interprets other characters.
fn is_plain_user_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'@'))
}

/// The pull and push commands of an image stream or of one of its images.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PullCommands {
    /// The repository by its name outside the cluster, or by the one inside where no outside name
    /// is known. Absent: the cluster has no integrated registry, and the commands pull from the
    /// source.
    pub repository: Option<String>,
    /// Whether `repository` can be reached from outside the cluster.
    pub public: bool,
    /// Commands that pull by tag. Empty where no tag is requested.
    pub by_tag: Vec<ToolCommand>,
    /// Commands that pull by digest: what they pull can never change.
    pub by_digest: Vec<ToolCommand>,
    /// Commands that push. Empty for users who may not.
    pub push: Vec<ToolCommand>,
    /// What the commands pull.
    #[serde(skip)]
    pub images: PullSpecs,
}

/// The pull specs of one image. Untrusted without an integrated registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullSpecs {
    pub by_tag: Option<String>,
    pub by_digest: Option<String>,
}

impl PullCommands {
    pub(in crate::app) fn new(
        repository: CommandRepository,
        tag: Option<&TagName>,
        digest: Option<&Digest>,
    ) -> Self {
        let CommandRepository::Named { name, public } = repository else {
            return Self {
                repository: None,
                public: false,
                by_tag: Vec::new(),
                by_digest: Vec::new(),
                push: Vec::new(),
                images: PullSpecs::default(),
            };
        };
        let images = PullSpecs {
            by_tag: tag.map(|tag| format!("{name}:{tag}")),
            by_digest: digest.map(|digest| format!("{name}@{digest}")),
        };
        Self {
            by_tag: Vec::new(),
            by_digest: Vec::new(),
            push: Vec::new(),
            public,
            repository: Some(name),
            images: PullSpecs::default(),
        }
        .with_images(images)
    }

    /// With the commands that pull `images`.
    fn with_images(self, images: PullSpecs) -> Self {
        let commands =
            |image: &Option<String>| image.as_deref().map(pull_commands).unwrap_or_default();
        Self {
            by_tag: commands(&images.by_tag),
            by_digest: commands(&images.by_digest),
            images,
            ..self
        }
    }

    /// Whether the cluster has no integrated registry to pull from or push to.
    #[must_use]
    pub fn is_without_registry(&self) -> bool {
        self.repository.is_none()
    }

    /// On a cluster without an integrated registry, pulls imported images from their source.
    /// `imported` is the pull spec of the import.
    pub(in crate::app) fn with_source(
        self,
        source: Option<&TagSource>,
        imported: Option<&str>,
    ) -> Self {
        let images = source_images(source, imported).filter(|_| self.is_without_registry());
        match images {
            Some(images) => self.with_images(images),
            None => self,
        }
    }

    /// Without the commands that pull, for what no container runtime accepts.
    pub(in crate::app) fn without_pull(self) -> Self {
        self.with_images(PullSpecs::default())
    }

    /// Adds the commands that only users who may push are shown.
    pub(in crate::app) fn with_push(mut self, tag: Option<&TagName>) -> Self {
        let Some(repository) = &self.repository else {
            return self;
        };
        let image = format!("{repository}:{}", tag.map_or("TAG", TagName::as_str));
        self.push = commands_for_each_tool(|tool| tool.push_commands(&image));
        self
    }
}

/// The pull specs of an imported image at its source: by tag, and by digest if `imported`, the pull
/// spec of the import, has one of the same repository.
pub(in crate::app) fn source_images(
    source: Option<&TagSource>,
    imported: Option<&str>,
) -> Option<PullSpecs> {
    let TagSource::External(from) = source? else {
        return None;
    };
    let is_same_repository =
        |spec: &&str| repository_name(spec).is_some_and(|name| Some(name) == repository_name(from));
    let by_digest = imported
        .filter(|spec| spec.contains('@'))
        .filter(is_same_repository)
        .map(str::to_owned);
    Some(PullSpecs {
        by_tag: Some(from.clone()),
        by_digest,
    })
}

fn pull_commands(image: &str) -> Vec<ToolCommand> {
    commands_for_each_tool(|tool| vec![tool.pull_command().with_operand(image)])
}

/// The repository, as commands name it.
pub(in crate::app) enum CommandRepository {
    Named {
        name: String,
        /// Whether it can be reached from outside the cluster.
        public: bool,
    },
    /// The cluster has no integrated registry.
    NoRegistry,
}

impl CommandRepository {
    /// The API server's public name first, then `REGISTRY_HOST`, then the name inside the cluster.
    /// The API server's value counts only if it names a repository: whoever may write the status of
    /// an image stream decides what it says. A registry that answers (`registry_answers`) exists,
    /// whatever the API server knows of it.
    pub(in crate::app) fn from_stream(
        stream: Option<&ImageStream>,
        project: &ProjectName,
        name: &ImageStreamName,
        host: Option<&str>,
        registry_answers: bool,
    ) -> Self {
        if !registry_answers
            && stream
                .is_some_and(|stream| stream.internal_repository == InternalRepository::NoRegistry)
        {
            return Self::NoRegistry;
        }
        let public =
            stream.and_then(|stream| repository_name(stream.public_repository.as_deref()?));
        let public = public.or_else(|| host.map(|host| format!("{host}/{project}/{name}")));
        if let Some(name) = public {
            return Self::Named { name, public: true };
        }
        let inside = stream.and_then(|stream| repository_name(stream.internal_repository.name()?));
        Self::Named {
            name: inside.unwrap_or_else(|| format!("REGISTRY/{project}/{name}")),
            public: false,
        }
    }
}

/// The repository that a pull spec names, without tag and digest.
fn repository_name(text: &str) -> Option<String> {
    let spec: PullSpec = text.parse().ok()?;
    spec.host().is_some().then(|| spec.repository().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::connect::client_instructions::{RegistryClient, login_with_oc};

    fn lines(commands: &[ToolCommand]) -> Vec<String> {
        commands
            .iter()
            .flat_map(|command| &command.lines)
            .map(|line| line.to_line().unwrap())
            .collect()
    }

    #[test]
    fn login_command_reads_token_from_stdin() {
        let login = login_with_oc(RegistryClient::Podman, "registry.example.com", Some("dev"));
        assert_eq!(
            login.to_line().unwrap(),
            "oc whoami -t | podman login -u dev --password-stdin registry.example.com"
        );
    }

    #[test]
    fn unsafe_user_name_is_omitted_from_login_command() {
        for name in ["kube:admin", "$(reboot)", "a b", "-v", ""] {
            let login = login_with_oc(RegistryClient::Docker, "r", Some(name));
            assert!(login.to_line().unwrap().contains("-u unused "), "{name}");
        }
    }

    #[test]
    fn without_registry_import_is_pulled_from_its_source() {
        let from = TagSource::External("registry.example.com/team/app:latest".to_owned());
        let digest = Digest::sha256(b"app");
        let tag: TagName = "latest".parse().unwrap();
        let imported = format!("registry.example.com/team/app@{digest}");
        let of = |source, imported: &str| {
            PullCommands::new(CommandRepository::NoRegistry, Some(&tag), Some(&digest))
                .with_source(source, Some(imported))
                .with_push(Some(&tag))
        };
        let commands = of(Some(&from), &imported);
        assert_eq!(
            lines(&commands.by_tag)[0],
            "docker pull registry.example.com/team/app:latest"
        );
        assert_eq!(
            lines(&commands.by_digest)[0],
            format!("docker pull {imported}")
        );
        assert!(commands.push.is_empty() && commands.is_without_registry());
        let elsewhere = of(
            Some(&from),
            &format!("image-registry.openshift-image-registry.svc:5000/team/app@{digest}"),
        );
        assert!(elsewhere.by_digest.is_empty(), "the registry that is gone");
        let pushed = of(Some(&TagSource::Pushed), &imported);
        assert!(pushed.by_tag.is_empty() && pushed.by_digest.is_empty());
    }

    #[test]
    fn invalid_repository_yields_no_command() {
        let (project, name): (ProjectName, ImageStreamName) =
            ("team-a".parse().unwrap(), "api".parse().unwrap());
        for text in [
            "r.example/a/b\nreboot",
            "-v r.example/a/b",
            "r.example/$(reboot)/b",
            "a b/c",
            "r.example/a/b;reboot",
            "",
            "a/b",
        ] {
            assert_eq!(repository_name(text), None, "{text:?}");
        }
        assert_eq!(
            repository_name("registry.example.com:5000/team-a/api").as_deref(),
            Some("registry.example.com:5000/team-a/api")
        );
        let repository = CommandRepository::from_stream(
            None,
            &project,
            &name,
            Some("registry.example.com"),
            true,
        );
        let commands =
            PullCommands::new(repository, Some(&"v1".parse().unwrap()), None).with_push(None);
        assert_eq!(
            lines(&commands.by_tag)[0],
            "docker pull registry.example.com/team-a/api:v1"
        );
        assert_eq!(
            lines(&commands.push)[..2],
            [
                "docker tag MY-IMAGE registry.example.com/team-a/api:TAG",
                "docker push registry.example.com/team-a/api:TAG"
            ]
        );
    }
}
