//! What stands in the fields of the form, and what it means.

use serde::Serialize;

use crate::app::image_streams::FollowedTag;
use crate::app::images::ShownReference;
use crate::app::shell_command::ShellCommand;
use crate::app::tags::{NewTag, TagPath};
use crate::i18n::Lang;
use crate::web::forms::{Mistakes, Sent, import_mode};
use registry_model::reference::PullSpec;
use registry_model::{ImageStreamName, ProjectName};

/// The fields, as they were typed.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Typed {
    pub(super) tag: String,
    pub(super) source: String,
    pub(super) here: String,
    pub(super) follow: bool,
    pub(super) from: String,
    pub(super) insecure: bool,
    pub(super) scheduled: bool,
    pub(super) policy: String,
    pub(super) import_mode: String,
}

/// Where the tag is to point.
#[derive(Debug)]
pub(super) enum Wanted {
    /// At an image of this registry, or with `follow`, at whatever the tag points at.
    Here {
        project: ProjectName,
        stream: ImageStreamName,
        reference: ShownReference,
        follow: bool,
    },
    /// At an image of another registry.
    Elsewhere(FollowedTag),
}

impl Typed {
    pub(super) fn of(sent: &Sent) -> Self {
        let text = |name| sent.text(name).chars().take(600).collect();
        Self {
            tag: text("tag"),
            source: text("source"),
            here: text("here"),
            follow: sent.has("follow"),
            from: text("from"),
            insecure: sent.has("insecure"),
            scheduled: sent.has("scheduled"),
            policy: text("policy"),
            import_mode: text("import-mode"),
        }
    }

    /// What was asked for; what is wrong with it is said.
    pub(super) fn wanted(
        &self,
        of: &NewTag,
        mistakes: &mut Mistakes,
        lang: Lang,
    ) -> Option<(TagPath, Wanted)> {
        let tag = self.tag.parse().ok();
        if tag.is_none() {
            mistakes.add("tag", lang.msg("tag-name-rule"));
        }
        let to = tag.map(|tag| TagPath {
            project: of.project.clone(),
            stream: of.stream.clone(),
            tag,
        });
        let wanted = match self.source.as_str() {
            "here" => self.here(of, mistakes, lang),
            "elsewhere" => self.elsewhere(to.as_ref(), of, mistakes, lang),
            _ => {
                mistakes.add("source", lang.msg("new-tag-mistake-source"));
                None
            }
        };
        to.zip(wanted)
    }

    fn here(&self, of: &NewTag, mistakes: &mut Mistakes, lang: Lang) -> Option<Wanted> {
        let Some((project, stream, reference)) = own_image(&self.here, of) else {
            mistakes.add("here", lang.msg("new-tag-mistake-here"));
            return None;
        };
        // OpenShift carries changes on only within a stream, and only from tag to tag (origin,
        // `updateTrackingTags`).
        let trackable = matches!(reference, ShownReference::Tag(_))
            && (&project, &stream) == (&of.project, &of.stream);
        if self.follow && !trackable {
            mistakes.add("here", lang.msg("tag-follow-same-stream"));
            return None;
        }
        Some(Wanted::Here {
            project,
            stream,
            reference,
            follow: self.follow,
        })
    }

    fn elsewhere(
        &self,
        to: Option<&TagPath>,
        of: &NewTag,
        mistakes: &mut Mistakes,
        lang: Lang,
    ) -> Option<Wanted> {
        let Ok(spec) = self.from.parse::<PullSpec>() else {
            mistakes.add("from", lang.msg("new-tag-mistake-from"));
            return None;
        };
        if spec
            .host()
            .is_some_and(|host| of.hosts.iter().any(|own| own == host))
        {
            mistakes.add("from", lang.msg("new-tag-mistake-own"));
            return None;
        }
        let (insecure, scheduled, local) = (self.insecure, self.scheduled, self.policy == "local");
        let import_mode = of
            .knows_import_modes
            .then(|| import_mode(&self.import_mode));
        Some(Wanted::Elsewhere(FollowedTag {
            tag: to?.tag.clone(),
            from: spec.to_string(),
            insecure,
            scheduled,
            local,
            import_mode,
        }))
    }
}

/// An image of this registry, however it is called: `project/stream:tag`, `stream:tag` of the same
/// project, with the registry before it or without, and the same with a digest.
fn own_image(text: &str, of: &NewTag) -> Option<(ProjectName, ImageStreamName, ShownReference)> {
    let spec: PullSpec = text.parse().ok()?;
    if spec
        .host()
        .is_some_and(|host| !of.hosts.iter().any(|own| own == host))
    {
        return None;
    }
    let (project, stream) = match spec.image_stream() {
        Some(names) => names,
        None => (of.project.clone(), spec.path().parse().ok()?),
    };
    let digest = spec.digest().cloned().map(ShownReference::Digest);
    Some((
        project,
        stream,
        digest.or_else(|| spec.tag().cloned().map(ShownReference::Tag))?,
    ))
}

impl Wanted {
    /// The same in a terminal.
    pub(super) fn oc(&self, to: &TagPath) -> ShellCommand {
        match self {
            Self::Elsewhere(from) => ShellCommand::tag_from_elsewhere(from, &to.to_string()),
            Self::Here {
                reference,
                follow: true,
                ..
            } => ShellCommand::tag_alias(reference, to),
            Self::Here {
                project,
                stream,
                reference,
                follow: false,
            } => ShellCommand::new("oc tag")
                .operand(format!("{project}/{stream}{reference}"))
                .operand(to.to_string()),
        }
    }
}
