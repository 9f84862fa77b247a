//! Adding a tag to a stream, wherever its image comes from.

use serde::Serialize;

use crate::app::AsUser;
use crate::app::change::ChangeFailed;
use crate::app::failure::{Failure, Subject};
use crate::app::image_streams::{FollowedTag, ImportPlan, ImportResult};
use crate::app::images::ShownReference;
use crate::app::serialized::{ChangeTime, TryFailed};
use crate::app::shell_command::ShellCommand;
use crate::app::tags::set_tag::{Shown, TagNow, TagPath, now};
use crate::openshift::{Access, Error};
use registry_model::reference::PullSpec;
use registry_model::{ImageStreamName, ImportMode, ProjectName};

/// A stream that is to get a tag.
#[derive(Clone, Debug, Serialize)]
pub struct NewTag {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Whether the person may give it tags for images of this registry.
    pub may_point: bool,
    /// Whether the person may give it tags for images of other registries.
    pub may_import: bool,
    /// Whether the API server knows import modes.
    pub knows_import_modes: bool,
    /// What this registry is called, inside and outside: an image there is one of its own.
    #[serde(skip)]
    pub hosts: Vec<String>,
}

/// What came of letting a tag follow an image of another registry.
#[derive(Debug)]
pub enum FollowedNow {
    /// It follows it. The import that went with it may have failed all the same.
    Done(Vec<ImportResult>),
    /// The tag is there and not as the person was shown it: nothing was changed.
    Taken(TagNow),
}

impl AsUser<'_> {
    /// The stream that is to get a tag.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn new_tag(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<NewTag, Failure> {
        let rights = self.allowed([
            Access::update_tags(project),
            Access::import_streams(project),
        ]);
        let (found, [may_point, may_import], knows_import_modes) = tokio::join!(
            self.master.image_stream(project, stream),
            rights,
            self.knows_import_modes()
        );
        let found = found.map_err(|error| Failure::of_master(error, Subject::ImageStream))?;
        let host = |spec: Option<&str>| spec?.parse::<PullSpec>().ok()?.host().map(str::to_owned);
        let named = [
            host(found.internal_repository.name()),
            host(found.public_repository.as_deref()),
            self.console.registry_host.clone(),
        ];
        let hosts = named.into_iter().flatten().collect();
        Ok(NewTag {
            project: project.clone(),
            stream: stream.clone(),
            may_point,
            may_import,
            knows_import_modes,
            hosts,
        })
    }

    /// Lets the tag follow an image of another registry and imports it. A tag that is not as the
    /// person was shown it is left alone.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn follow_elsewhere(
        &self,
        to: &TagPath,
        from: &FollowedTag,
        seen: &Shown,
    ) -> Result<FollowedNow, ChangeFailed> {
        let time = ChangeTime::starting_now();
        let following = async {
            let mut turn = self.turn(&to.project, &to.stream, time).await?;
            loop {
                let tried = self.try_to_follow(to, from, seen).await;
                if let Some(followed) = turn.settle(tried).await? {
                    return Ok(followed);
                }
            }
        };
        time.bound(following).await
    }

    async fn try_to_follow(
        &self,
        to: &TagPath,
        from: &FollowedTag,
        seen: &Shown,
    ) -> Result<FollowedNow, TryFailed> {
        let stream = match self.master.image_stream(&to.project, &to.stream).await {
            Ok(stream) => Some(stream),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        match stream.as_ref().and_then(|stream| now(stream, &to.tag)) {
            Some(now) if *seen != Shown::Tag(now.digest.clone()) => {
                return Ok(FollowedNow::Taken(now));
            }
            _ => {}
        }
        let version = stream
            .as_ref()
            .and_then(|stream| stream.resource_version.as_deref());
        Ok(FollowedNow::Done(
            self.master
                .import_tag(&to.project, &to.stream, from, version)
                .await?,
        ))
    }
}

impl ShellCommand {
    /// Lets a tag of an image stream follow another one of it. `oc` reads the source of `--alias`
    /// in the current project, whatever project the name begins with.
    #[must_use]
    pub fn tag_alias(from: &ShownReference, to: &TagPath) -> Self {
        let of = |reference: &str| format!("{}{reference}", to.stream);
        Self::new("oc tag --alias")
            .operand(of(&from.to_string()))
            .operand(of(&format!(":{}", to.tag)))
            .option("-n", to.project.as_str())
    }

    /// Lets a tag follow an image of another registry. `to` is the tag's whole name.
    #[must_use]
    pub fn tag_from_elsewhere(tag: &FollowedTag, to: &str) -> Self {
        Self::new("oc tag --source=docker")
            .operand(&tag.from)
            .operand(to)
            .flag_if(tag.scheduled, "--scheduled")
            .flag_if(tag.insecure, "--insecure")
            .flag_if(tag.local, "--reference-policy=local")
            .import_mode(tag.import_mode)
    }

    /// Says the mode of an import where it is not the default of `oc`, which knows the option from
    /// 4.12 on.
    #[must_use]
    pub fn import_mode(self, mode: Option<ImportMode>) -> Self {
        self.flag_if(
            mode == Some(ImportMode::PreserveOriginal),
            "--import-mode=PreserveOriginal",
        )
    }

    /// Imports what a plan says. An import sets the policies of its tags: `oc` keeps a tag's
    /// `scheduled` and `insecure`, but resets its mode and its reference policy to what the options
    /// say. `--all` means all tags alike, reference-only ones too, so it is used only where that is
    /// what the plan says.
    #[must_use]
    pub fn import_again(
        plan: &ImportPlan,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Vec<Self> {
        let import = |what: String| Self::new("oc import-image").operand(what);
        let with_policies = |command: Self, tag: &FollowedTag| {
            let command = command
                .option("-n", project.as_str())
                .import_mode(tag.import_mode);
            command.flag_if(tag.local, "--reference-policy=local")
        };
        let all = || import(stream.to_string()).flag("--all");
        if let (None, [first, rest @ ..], false) =
            (&plan.repository, plan.tags.as_slice(), plan.has_references)
            && rest
                .iter()
                .all(|tag| (tag.import_mode, tag.local) == (first.import_mode, first.local))
            && !plan.is_one_tag
        {
            return vec![with_policies(all(), first)];
        }
        let repository = plan.repository.iter().map(|repository| {
            all()
                .option("-n", project.as_str())
                .import_mode(repository.import_mode)
        });
        let tags = plan
            .tags
            .iter()
            .map(|tag| with_policies(import(format!("{stream}:{}", tag.tag)), tag));
        repository.chain(tags).collect()
    }
}
