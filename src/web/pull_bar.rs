//! The command that pulls a tag of an image stream or one image, for the client that the user
//! chose: `components/pull_bar.html`.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::CookieJar;

use super::client_preference::{client_cookie, preferred_client};
use crate::app::connect::{ContainerTool, PullClient, PullCommands, PullSpecs, ToolCommand};
use crate::app::image_streams::{PullTarget, PullTargets};
use crate::app::images::{ImageReference, ImageView};
use crate::app::release::Release;
use crate::app::shell_command::ShellCommand;
use registry_model::{Digest, TagName};

/// What is chosen in the pull bar: `?client=`, `?pull=`, `?by=`. Invalid values are ignored.
#[derive(Debug, Default)]
pub(super) struct PullParams {
    client: Option<PullClient>,
    /// The client of the cookie, or the default.
    remembered: PullClient,
    tag: Option<TagName>,
    by_digest: bool,
    release: Option<Release>,
}

impl PullParams {
    /// Only the clients that pull from a cluster of this release. One that does not is not chosen.
    pub(super) fn for_release(self, release: Option<Release>) -> Self {
        let pulls = |client: &PullClient| client.pulls_from(release);
        Self {
            client: self.client.filter(pulls),
            remembered: Some(self.remembered).filter(pulls).unwrap_or_default(),
            release,
            ..self
        }
    }

    pub(super) fn client(&self) -> PullClient {
        self.client.unwrap_or(self.remembered)
    }

    /// Adds the cookie that remembers the chosen client for the pages that are opened later.
    pub(super) fn remember(&self, response: Response) -> Response {
        match self.client {
            Some(client) => {
                let cookies = CookieJar::new().add(client_cookie(client));
                (cookies, response).into_response()
            }
            None => response,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for PullParams {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let mut params = Self {
            remembered: preferred_client(&CookieJar::from_headers(&parts.headers)),
            ..Self::default()
        };
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "client" => params.client = PullClient::from_name(&value),
                "pull" => params.tag = value.parse().ok(),
                "by" => params.by_digest = value == "digest",
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
    /// The tags that can be chosen. None on the page of one image.
    pub(super) targets: PullTargets,
    /// What is pulled.
    pub(super) selected: SelectedImage,
    release: Option<Release>,
}

/// The image that the pull bar has the command of.
pub(super) struct SelectedImage {
    /// `None` on the page of a digest.
    pub(super) tag: Option<TagName>,
    pub(super) digest: Option<Digest>,
    images: PullSpecs,
}

impl From<&PullTarget> for SelectedImage {
    fn from(target: &PullTarget) -> Self {
        Self {
            tag: Some(target.tag.clone()),
            digest: target.digest.clone(),
            images: target.images.clone(),
        }
    }
}

/// The parts of a command around `:tag` or `@digest`, for the script that changes the tag.
pub(super) struct CommandParts {
    pub(super) before: String,
    pub(super) after: String,
}

impl PullBar {
    /// The pull bar of an image stream for what the user chose. `None` if there is nothing to pull.
    pub(super) fn for_stream(targets: PullTargets, params: &PullParams) -> Option<Self> {
        let chosen = params.tag.as_ref().and_then(|tag| targets.of(tag));
        let newest = || targets.newest.as_ref().and_then(|tag| targets.of(tag));
        let selected = chosen.or_else(newest).or(targets.targets.first())?.into();
        Self::new(targets, selected, params)
    }

    /// The pull bar of one image. `None` if it cannot be pulled.
    pub(super) fn for_image(view: &ImageView, params: &PullParams) -> Option<Self> {
        let selected = SelectedImage {
            tag: match &view.reference {
                ImageReference::Tag(tag) => Some(tag.clone()),
                ImageReference::Digest(_) => None,
            },
            digest: Some(view.digest.clone()),
            images: view.commands.images.clone(),
        };
        let targets = PullTargets {
            repository: view.commands.repository.clone(),
            ..PullTargets::default()
        };
        Self::new(targets, selected, params)
    }

    fn new(targets: PullTargets, selected: SelectedImage, params: &PullParams) -> Option<Self> {
        let images = &selected.images;
        let by_digest = images.by_digest.is_some() && (params.by_digest || images.by_tag.is_none());
        (by_digest || images.by_tag.is_some()).then_some(Self {
            client: params.client(),
            by_digest,
            targets,
            selected,
            release: params.release,
        })
    }

    pub(super) fn is_selected(&self, target: &PullTarget) -> bool {
        self.selected.tag.as_ref() == Some(&target.tag)
    }

    /// The command that is displayed.
    pub(super) fn command(&self) -> ShellCommand {
        let images = &self.selected.images;
        let image = if self.by_digest {
            &images.by_digest
        } else {
            &images.by_tag
        };
        self.client
            .pull_command(image.as_deref().unwrap_or_default())
    }

    /// Whether the command can name the image by tag or by digest. Not every tag of an image stream
    /// has both.
    pub(super) fn has_choice_of_names(&self) -> bool {
        let images = &self.selected.images;
        !self.targets.targets.is_empty() || (images.by_tag.is_some() && images.by_digest.is_some())
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
        let images = &self.targets.of(tag)?.images;
        let image = if by_digest {
            &images.by_digest
        } else {
            &images.by_tag
        };
        self.client.pull_command(image.as_deref()?).to_line().ok()
    }

    /// The clients to choose from.
    pub(super) fn clients(&self) -> impl Iterator<Item = PullClient> {
        PullClient::ALL
            .into_iter()
            .filter(|client| client.pulls_from(self.release))
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

    fn targets() -> PullTargets {
        let target = |tag: &str| {
            let digest = Digest::sha256(tag.as_bytes());
            PullTarget {
                tag: tag.parse().unwrap(),
                images: PullSpecs {
                    by_tag: Some(format!("r.example/shop/cart:{tag}")),
                    by_digest: Some(format!("r.example/shop/cart@{digest}")),
                },
                digest: Some(digest),
            }
        };
        PullTargets {
            repository: Some("r.example/shop/cart".to_owned()),
            targets: vec![target("nightly"), target("1.0")],
            newest: Some("1.0".parse().unwrap()),
        }
    }

    fn params(remembered: PullClient) -> PullParams {
        PullParams {
            remembered,
            ..PullParams::default()
        }
    }

    fn line(params: &PullParams) -> String {
        let bar = PullBar::for_stream(targets(), params).unwrap();
        bar.command().to_line().unwrap()
    }

    #[test]
    fn command_is_for_the_chosen_client_tag_and_kind_of_name() {
        assert_eq!(
            line(&PullParams::default()),
            "podman pull r.example/shop/cart:1.0"
        );
        let chosen = PullParams {
            client: Some(PullClient::Skopeo),
            tag: Some("nightly".parse().unwrap()),
            by_digest: true,
            ..params(PullClient::Docker)
        };
        let digest = Digest::sha256(b"nightly");
        assert_eq!(
            line(&chosen),
            format!("skopeo copy docker://r.example/shop/cart@{digest} dir:MY-DIRECTORY")
        );
        let removed = PullParams {
            tag: Some("gone".parse().unwrap()),
            ..params(PullClient::Docker)
        };
        assert_eq!(line(&removed), "docker pull r.example/shop/cart:1.0");
    }

    #[test]
    fn oc_is_not_offered_where_it_cannot_pull() {
        let chosen = PullParams {
            client: Some(PullClient::Oc),
            ..params(PullClient::Oc)
        };
        let on_3 = chosen.for_release(Some(Release::Three));
        assert_eq!(on_3.client(), PullClient::Podman);
        let bar = PullBar::for_stream(targets(), &on_3).unwrap();
        assert!(bar.clients().all(|client| client != PullClient::Oc));
        for release in [None, Some(Release::FourOrLater)] {
            let on_4 = params(PullClient::Oc).for_release(release);
            assert_eq!(on_4.client(), PullClient::Oc);
            let bar = PullBar::for_stream(targets(), &on_4).unwrap();
            assert_eq!(bar.clients().count(), PullClient::ALL.len());
        }
    }

    #[test]
    fn parts_and_a_tag_are_the_command_of_the_tag() {
        let bar = PullBar::for_stream(targets(), &params(PullClient::Oc)).unwrap();
        for client in PullClient::ALL {
            let parts = bar.parts(&client).unwrap();
            let whole = client.pull_command("r.example/shop/cart:1.0");
            assert_eq!(
                format!("{}:1.0{}", parts.before, parts.after),
                whole.to_line().unwrap()
            );
        }
        let nothing = PullTargets::default();
        assert!(PullBar::for_stream(nothing, &PullParams::default()).is_none());
    }
}
