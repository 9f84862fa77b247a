//! Adding a tag to an image stream, whatever its source.

use std::cmp::Reverse;

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::change::ChangeError;
use crate::app::change_lock::{AttemptError, ChangeDeadlines};
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::{ImportPlan, ImportResult, TrackingTag};
use crate::app::images::ImageReference;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::set_tag::{CurrentTag, SeenTag, TagPath, current_tag};
use crate::openshift::{AccessRight, ApiError};
use registry_model::pull_spec::PullSpec;
use registry_model::{ImageStream, ImageStreamName, ImportMode, ProjectName, TagName};

/// The form that adds a tag to an image stream.
#[derive(Clone, Debug, Serialize)]
pub struct NewTag {
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Whether the user may set tags to images of this registry.
    pub may_point: bool,
    /// Whether the user may set tags to images of other registries.
    pub may_import: bool,
    /// Whether the API server knows import modes.
    pub knows_import_modes: bool,
    /// The hosts of this registry, inside and outside the cluster: an image there is one of this
    /// cluster.
    #[serde(skip)]
    pub hosts: Vec<String>,
    /// The tags of the image stream that changed last, which the form suggests.
    #[serde(skip)]
    pub known_tags: Vec<TagName>,
}

/// How many tags the form suggests.
const MAX_SUGGESTED_TAGS: usize = 100;

/// The tags with the latest images, latest first.
fn latest_tags(stream: &ImageStream) -> Vec<TagName> {
    let mut tags: Vec<_> = stream
        .tags
        .iter()
        .filter(|tag| !tag.name.is_attachment())
        .collect();
    tags.sort_by_key(|tag| Reverse(tag.current().and_then(|event| event.created)));
    tags.truncate(MAX_SUGGESTED_TAGS);
    tags.into_iter().map(|tag| tag.name.clone()).collect()
}

impl NewTag {
    /// The form while the image stream cannot be read: nothing is known about it.
    #[must_use]
    pub fn unread(project: ProjectName, stream: ImageStreamName, knows_import_modes: bool) -> Self {
        Self {
            project,
            stream,
            may_point: true,
            may_import: true,
            knows_import_modes,
            hosts: Vec::new(),
            known_tags: Vec::new(),
        }
    }
}

/// The result of setting a tag to an image of another registry.
#[derive(Debug)]
pub enum TrackTagOutcome {
    /// The tag was set. The import that belongs to it may have failed nevertheless.
    Done(Vec<ImportResult>),
    /// The tag exists and differs from what the user was shown. Nothing was changed.
    Conflict(CurrentTag),
}

impl AppForUser<'_> {
    /// The image stream to which a tag is to be added.
    ///
    /// # Errors
    ///
    /// The failure to read the stream.
    pub async fn new_tag_form(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Result<NewTag, Failure> {
        let rights = self.review_access([
            AccessRight::update_tags(project),
            AccessRight::import_streams(project),
        ]);
        let (found, [may_point, may_import], knows_import_modes) = tokio::join!(
            self.api_server.get_stream(project, stream),
            rights,
            self.supports_import_modes()
        );
        let found =
            found.map_err(|error| Failure::from_api_error(error, PageSubject::ImageStream))?;
        let host = |spec: Option<&str>| spec?.parse::<PullSpec>().ok()?.host().map(str::to_owned);
        let named = [
            host(found.internal_repository.name()),
            host(found.public_repository.as_deref()),
            self.app.registry_host.clone(),
        ];
        let hosts = named.into_iter().flatten().collect();
        Ok(NewTag {
            project: project.clone(),
            stream: stream.clone(),
            may_point,
            may_import,
            knows_import_modes,
            hosts,
            known_tags: latest_tags(&found),
        })
    }

    /// Sets the tag to an image of another registry and imports it. A tag that differs from what
    /// the user was shown is not changed.
    ///
    /// # Errors
    ///
    /// The API server refuses the change or cannot be reached.
    pub async fn track_external_image(
        &self,
        to: &TagPath,
        from: &TrackingTag,
        seen: &SeenTag,
    ) -> Result<TrackTagOutcome, ChangeError> {
        let time = ChangeDeadlines::from_now();
        let following = async {
            let mut turn = self.lock_stream(&to.project, &to.stream, time).await?;
            loop {
                let tried = self.try_track_external_image(to, from, seen).await;
                if let Some(followed) = turn.finish_attempt(tried).await? {
                    return Ok(followed);
                }
            }
        };
        time.run_before_deadline(following).await
    }

    async fn try_track_external_image(
        &self,
        to: &TagPath,
        from: &TrackingTag,
        seen: &SeenTag,
    ) -> Result<TrackTagOutcome, AttemptError> {
        let stream = match self.api_server.get_stream(&to.project, &to.stream).await {
            Ok(stream) => Some(stream),
            Err(ApiError::NotFound) => None,
            Err(error) => return Err(error.into()),
        };
        match stream
            .as_ref()
            .and_then(|stream| current_tag(stream, &to.tag))
        {
            Some(now) if *seen != SeenTag::Tag(now.digest.clone()) => {
                return Ok(TrackTagOutcome::Conflict(now));
            }
            _ => {}
        }
        let version = stream
            .as_ref()
            .and_then(|stream| stream.resource_version.as_deref());
        Ok(TrackTagOutcome::Done(
            self.api_server
                .import_tag(&to.project, &to.stream, from, version)
                .await?,
        ))
    }
}

impl ShellCommand {
    /// The command that lets a tag track another one of the same image stream. `oc` reads the
    /// source of `--alias` in the current project, whatever project the name begins with.
    #[must_use]
    pub fn tag_alias(from: &ImageReference, to: &TagPath) -> Self {
        let image_path = |reference: &str| format!("{}{reference}", to.stream);
        Self::new("oc tag --alias")
            .with_operand(image_path(&from.to_string()))
            .with_operand(image_path(&format!(":{}", to.tag)))
            .with_option("-n", to.project.as_str())
    }

    /// The command that lets a tag track an image of another registry. `to` is
    /// `project/stream:tag`.
    #[must_use]
    pub fn track_external_image(tag: &TrackingTag, to: &str) -> Self {
        Self::new("oc tag --source=docker")
            .with_operand(&tag.from)
            .with_operand(to)
            .with_flag_if(tag.scheduled, "--scheduled")
            .with_flag_if(tag.insecure, "--insecure")
            .with_flag_if(tag.local, "--reference-policy=local")
            .with_flag_if(tag.reference, "--reference")
            .with_import_mode(tag.import_mode)
    }

    /// Adds the import mode if it is not the default of `oc`, which supports the option from 4.13
    /// on. The API server of 4.12 knows import modes: there, `oc` has to be a later one. An `oc`
    /// without the option refuses it and changes nothing, whereas a command without the option
    /// would import something else.
    #[must_use]
    pub fn with_import_mode(self, mode: Option<ImportMode>) -> Self {
        self.with_flag_if(
            mode == Some(ImportMode::PreserveOriginal),
            "--import-mode=PreserveOriginal",
        )
    }

    /// The command for an import plan. An import sets the policies of its tags: `oc` keeps a tag's
    /// `scheduled` and `insecure`, but resets its import mode and its reference policy to what the
    /// options say. It also makes a tag insecure if the stream is annotated as such, unless the
    /// option forbids it; a tag that is insecure itself remains so. `--all` applies to all tags,
    /// including reference-only ones, so it is used only if the plan does the same.
    #[must_use]
    pub fn reimport(
        plan: &ImportPlan,
        project: &ProjectName,
        stream: &ImageStreamName,
    ) -> Vec<Self> {
        let import = |source: String| Self::new("oc import-image").with_operand(source);
        let with_policies = |command: Self, tag: &TrackingTag, is_insecure: bool| {
            command
                .with_option("-n", project.as_str())
                .with_import_mode(tag.import_mode)
                .with_flag_if(tag.local, "--reference-policy=local")
                .with_flag_if(
                    plan.has_insecure_annotation && !is_insecure,
                    "--insecure=false",
                )
        };
        let all = || import(stream.to_string()).with_flag("--all");
        if let (None, [first, rest @ ..], false) =
            (&plan.repository, plan.tags.as_slice(), plan.has_references)
            && rest
                .iter()
                .all(|tag| (tag.import_mode, tag.local) == (first.import_mode, first.local))
            && !plan.is_one_tag
        {
            let is_insecure = plan.tags.iter().all(|tag| tag.insecure);
            return vec![with_policies(all(), first, is_insecure)];
        }
        let repository = plan.repository.iter().map(|repository| {
            all()
                .with_option("-n", project.as_str())
                .with_import_mode(repository.import_mode)
        });
        let tags = plan.tags.iter().map(|tag| {
            let import = import(format!("{stream}:{}", tag.tag));
            with_policies(import, tag, tag.insecure)
        });
        repository.chain(tags).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(name: &str, insecure: bool) -> TrackingTag {
        TrackingTag {
            tag: name.parse().unwrap(),
            from: format!("r.example/a/b:{name}"),
            insecure,
            scheduled: false,
            local: false,
            reference: false,
            import_mode: None,
        }
    }

    fn lines(plan: &ImportPlan) -> Vec<String> {
        ShellCommand::reimport(plan, &"team-a".parse().unwrap(), &"app".parse().unwrap())
            .iter()
            .map(|command| command.to_line().unwrap())
            .collect()
    }

    #[test]
    fn import_command_makes_no_tag_insecure() {
        let plan = |tags: &[TrackingTag]| ImportPlan {
            tags: tags.to_vec(),
            has_insecure_annotation: true,
            ..ImportPlan::default()
        };
        let one = ImportPlan {
            is_one_tag: true,
            ..plan(&[tag("1", false)])
        };
        assert_eq!(
            lines(&one),
            ["oc import-image app:1 -n team-a --insecure=false"]
        );
        let not_annotated = ImportPlan {
            has_insecure_annotation: false,
            ..one
        };
        assert_eq!(lines(&not_annotated), ["oc import-image app:1 -n team-a"]);
        assert_eq!(
            lines(&plan(&[tag("1", true), tag("2", false)])),
            ["oc import-image app --all -n team-a --insecure=false"],
            "the first tag remains insecure"
        );
        assert_eq!(
            lines(&plan(&[tag("1", true)])),
            ["oc import-image app --all -n team-a"]
        );
    }

    #[test]
    fn import_command_of_a_repository_applies_its_annotation() {
        let local = TrackingTag {
            local: true,
            ..tag("1", false)
        };
        let plan = ImportPlan {
            repository: Some(crate::openshift::RepositoryImport {
                name: "r.example/a/b".to_owned(),
                insecure: true,
                import_mode: None,
            }),
            tags: vec![local],
            has_insecure_annotation: true,
            ..ImportPlan::default()
        };
        assert_eq!(
            lines(&plan),
            [
                "oc import-image app --all -n team-a",
                "oc import-image app:1 -n team-a --reference-policy=local --insecure=false",
            ]
        );
    }
}
