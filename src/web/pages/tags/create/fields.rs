//! Fields of the form for a new tag.

use serde::Serialize;

use crate::app::image_streams::TrackingTag;
use crate::app::images::ImageReference;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::{NewTag, TagPath};
use crate::i18n::Lang;
use crate::web::forms::{FieldErrors, FormData, parse_import_mode, tag_name_error};
use registry_model::pull_spec::PullSpec;
use registry_model::{ImageStreamName, ProjectName};

/// The fields as typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::web) struct NewTagFields {
    pub(in crate::web) tag: String,
    pub(in crate::web) source: String,
    pub(in crate::web) here: String,
    pub(in crate::web) follow: bool,
    pub(in crate::web) from: String,
    pub(in crate::web) insecure: bool,
    pub(in crate::web) scheduled: bool,
    pub(in crate::web) policy: String,
    pub(in crate::web) import_mode: String,
}

/// What the tag is to point to.
#[derive(Debug)]
pub(in crate::web) enum RequestedSource {
    /// An image of this registry. With `follow`, whatever the referenced tag points to.
    ThisRegistry {
        project: ProjectName,
        stream: ImageStreamName,
        reference: ImageReference,
        follow: bool,
    },
    /// An image of another registry.
    External(TrackingTag),
}

impl NewTagFields {
    pub(in crate::web) fn from_form(form: &FormData) -> Self {
        let text = |name| form.text(name).chars().take(600).collect();
        Self {
            tag: text("tag"),
            source: text("source"),
            here: text("here"),
            follow: form.has("follow"),
            from: text("from"),
            insecure: form.has("insecure"),
            scheduled: form.has("scheduled"),
            policy: text("policy"),
            import_mode: text("import-mode"),
        }
    }

    /// Parses the fields, and adds errors.
    pub(in crate::web) fn parse(
        &self,
        path: &NewTag,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<(TagPath, RequestedSource)> {
        let tag = self.tag.parse().ok();
        if tag.is_none() {
            field_errors.add("tag", tag_name_error(&self.tag, lang));
        }
        let to = tag.map(|tag| TagPath {
            project: path.project.clone(),
            stream: path.stream.clone(),
            tag,
        });
        let wanted = match self.source.as_str() {
            "here" => self.parse_local_source(path, field_errors, lang),
            "elsewhere" => self.parse_external_source(to.as_ref(), path, field_errors, lang),
            _ => {
                field_errors.add("source", lang.msg("new-tag-source-required"));
                None
            }
        };
        to.zip(wanted)
    }

    fn parse_local_source(
        &self,
        path: &NewTag,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<RequestedSource> {
        let Some((project, stream, reference)) = parse_local_image(&self.here, path) else {
            let error = if self.here.is_empty() {
                lang.msg("new-tag-image-missing")
            } else {
                lang.msg("new-tag-local-image-invalid")
            };
            field_errors.add("here", error);
            return None;
        };
        // OpenShift updates tracking tags only within a stream, and only from tag to tag (origin,
        // `updateTrackingTags`).
        let trackable = matches!(reference, ImageReference::Tag(_))
            && (&project, &stream) == (&path.project, &path.stream);
        if self.follow && !trackable {
            field_errors.add("here", lang.msg("tag-follow-same-stream"));
            return None;
        }
        Some(RequestedSource::ThisRegistry {
            project,
            stream,
            reference,
            follow: self.follow,
        })
    }

    fn parse_external_source(
        &self,
        to: Option<&TagPath>,
        path: &NewTag,
        field_errors: &mut FieldErrors,
        lang: Lang,
    ) -> Option<RequestedSource> {
        let Ok(spec) = self.from.parse::<PullSpec>() else {
            let error = if self.from.is_empty() {
                lang.msg("new-tag-image-missing")
            } else {
                lang.msg("new-tag-external-image-invalid")
            };
            field_errors.add("from", error);
            return None;
        };
        if spec
            .host()
            .is_some_and(|host| path.hosts.iter().any(|own| own == host))
        {
            field_errors.add("from", lang.msg("new-tag-external-image-is-local"));
            return None;
        }
        let (insecure, scheduled, local) = (self.insecure, self.scheduled, self.policy == "local");
        let import_mode = path
            .knows_import_modes
            .then(|| parse_import_mode(&self.import_mode));
        Some(RequestedSource::External(TrackingTag {
            tag: to?.tag.clone(),
            from: spec.to_string(),
            insecure,
            scheduled,
            local,
            reference: false,
            import_mode,
        }))
    }
}

/// Parses a reference to an image of this registry: `project/stream:tag`, or `stream:tag` in the
/// same project, with or without the host of the registry, and the same with a digest.
fn parse_local_image(
    text: &str,
    path: &NewTag,
) -> Option<(ProjectName, ImageStreamName, ImageReference)> {
    let spec: PullSpec = text.parse().ok()?;
    if spec
        .host()
        .is_some_and(|host| !path.hosts.iter().any(|own| own == host))
    {
        return None;
    }
    let (project, stream) = match spec.image_stream() {
        Some(names) => names,
        None => (path.project.clone(), spec.path().parse().ok()?),
    };
    let digest = spec.digest().cloned().map(ImageReference::Digest);
    Some((
        project,
        stream,
        digest.or_else(|| spec.tag().cloned().map(ImageReference::Tag))?,
    ))
}

impl RequestedSource {
    /// The equivalent command.
    pub(in crate::web) fn command(&self, to: &TagPath) -> ShellCommand {
        match self {
            Self::External(from) => ShellCommand::track_external_image(from, &to.to_string()),
            Self::ThisRegistry {
                reference,
                follow: true,
                ..
            } => ShellCommand::tag_alias(reference, to),
            Self::ThisRegistry {
                project,
                stream,
                reference,
                follow: false,
            } => ShellCommand::new("oc tag")
                .with_operand(format!("{project}/{stream}{reference}"))
                .with_operand(to.to_string()),
        }
    }
}
