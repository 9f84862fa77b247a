//! The command that pulls a tag of an image stream, for the client that the user chose:
//! `components/pull_bar.html`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::app::connect::{ContainerTool, PullClient, PullCommands, ToolCommand};
use crate::app::image_streams::{PullTarget, PullTargets};
use crate::app::shell_command::ShellCommand;
use registry_model::TagName;

/// What is chosen in the pull bar, and which tags are selected in the list: `?client=`, `?pull=`,
/// `?by=`, `?tag=`, `?compare=`. Invalid values are ignored.
#[derive(Debug, Default)]
pub(in crate::web) struct StreamParams {
    pub(super) client: Option<PullClient>,
    pub(super) pull: Option<TagName>,
    pub(super) by_digest: bool,
    /// The selected tags, in the order of the list.
    pub(super) tags: Vec<TagName>,
    /// Whether the selected tags are to be compared.
    pub(super) compare: bool,
}

/// More are not selected by hand.
const MAX_SELECTED_TAGS: usize = 500;

impl<S: Sync> FromRequestParts<S> for StreamParams {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut params = Self::default();
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "client" => params.client = PullClient::from_name(&value),
                "pull" => params.pull = value.parse().ok(),
                "by" => params.by_digest = value == "digest",
                "compare" => params.compare = true,
                "tag" if params.tags.len() < MAX_SELECTED_TAGS => params.tags.extend(value.parse()),
                _ => {}
            }
        }
        Ok(params)
    }
}

/// The pull bar.
pub(super) struct PullBar {
    pub(super) client: PullClient,
    /// Whether the command names the image by digest.
    pub(super) by_digest: bool,
    pub(super) targets: PullTargets,
    /// The tag that is pulled.
    pub(super) selected: PullTarget,
}

/// The parts of a command around `:tag` or `@digest`, for the script that changes the tag.
pub(super) struct CommandParts {
    pub(super) before: String,
    pub(super) after: String,
}

impl PullBar {
    /// The pull bar for what the user chose. `None` if there is nothing to pull.
    pub(super) fn new(
        targets: PullTargets,
        params: &StreamParams,
        client: PullClient,
    ) -> Option<Self> {
        let chosen = params.pull.as_ref().and_then(|tag| targets.of(tag));
        let newest = || targets.newest.as_ref().and_then(|tag| targets.of(tag));
        let selected = chosen.or_else(newest).or(targets.targets.first())?.clone();
        Some(Self {
            client,
            by_digest: params.by_digest && selected.by_digest.is_some(),
            targets,
            selected,
        })
    }

    /// The command that is displayed.
    pub(super) fn command(&self) -> ShellCommand {
        let by_digest = self.selected.by_digest.as_ref().filter(|_| self.by_digest);
        self.client
            .pull_command(by_digest.unwrap_or(&self.selected.by_tag))
    }

    /// The commands that the script completes, one for each client. Empty where each tag is pulled
    /// from a place of its own.
    pub(super) fn parts(&self, client: &PullClient) -> Option<CommandParts> {
        // Tags and digests have no characters that a shell would interpret, so any other one can
        // take the place of this one, with the same quotes.
        const PLACEHOLDER: &str = ":TAG";
        let repository = self.targets.repository.as_ref()?;
        let line = client
            .pull_command(&format!("{repository}{PLACEHOLDER}"))
            .to_line()
            .ok()?;
        let (before, after) = line.rsplit_once(PLACEHOLDER)?;
        Some(CommandParts {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    /// The command of a row of the list, by tag or by digest.
    pub(super) fn row_command(&self, tag: &TagName, by_digest: bool) -> Option<String> {
        let target = self.targets.of(tag)?;
        let image = if by_digest {
            target.by_digest.as_ref()?
        } else {
            &target.by_tag
        };
        self.client.pull_command(image).to_line().ok()
    }

    #[expect(clippy::unused_self, reason = "templates reach it through the bar")]
    pub(super) fn clients(&self) -> [PullClient; 4] {
        PullClient::ALL
    }
}

/// The commands that push, for the client if it is one that builds images.
pub(super) fn push_commands(commands: &PullCommands, client: PullClient) -> Option<&ToolCommand> {
    let tool = match client {
        PullClient::Docker => ContainerTool::Docker,
        PullClient::Podman | PullClient::Oc | PullClient::Skopeo => ContainerTool::Podman,
    };
    commands.push.iter().find(|command| command.tool == tool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use registry_model::Digest;

    fn targets() -> PullTargets {
        let target = |tag: &str| {
            let digest = Digest::sha256(tag.as_bytes());
            PullTarget {
                tag: tag.parse().unwrap(),
                by_tag: format!("r.example/shop/cart:{tag}"),
                by_digest: Some(format!("r.example/shop/cart@{digest}")),
                digest: Some(digest),
            }
        };
        PullTargets {
            repository: Some("r.example/shop/cart".to_owned()),
            targets: vec![target("nightly"), target("1.0")],
            newest: Some("1.0".parse().unwrap()),
        }
    }

    fn line(params: &StreamParams, client: PullClient) -> String {
        let bar = PullBar::new(targets(), params, client).unwrap();
        bar.command().to_line().unwrap()
    }

    #[test]
    fn command_is_for_the_chosen_client_tag_and_kind_of_name() {
        let params = StreamParams::default();
        assert_eq!(
            line(&params, PullClient::Podman),
            "podman pull r.example/shop/cart:1.0"
        );
        let params = StreamParams {
            pull: Some("nightly".parse().unwrap()),
            by_digest: true,
            ..StreamParams::default()
        };
        let digest = Digest::sha256(b"nightly");
        assert_eq!(
            line(&params, PullClient::Skopeo),
            format!("skopeo copy docker://r.example/shop/cart@{digest} dir:MY-DIRECTORY")
        );
        let params = StreamParams {
            pull: Some("gone".parse().unwrap()),
            ..StreamParams::default()
        };
        assert_eq!(
            line(&params, PullClient::Docker),
            "docker pull r.example/shop/cart:1.0"
        );
    }

    #[test]
    fn parts_and_a_tag_are_the_command_of_the_tag() {
        let bar = PullBar::new(targets(), &StreamParams::default(), PullClient::Oc).unwrap();
        for client in PullClient::ALL {
            let parts = bar.parts(&client).unwrap();
            let whole = client.pull_command("r.example/shop/cart:1.0");
            assert_eq!(
                format!("{}:1.0{}", parts.before, parts.after),
                whole.to_line().unwrap()
            );
        }
        let nothing = PullTargets::default();
        assert!(PullBar::new(nothing, &StreamParams::default(), PullClient::Oc).is_none());
    }
}
