//! Why a subject can, or cannot, pull from a project and push to it.
//!
//! An access review of the API server says who can; the bindings of the project say through which
//! role. A right that no binding of the project explains comes from a cluster role binding, or from
//! a role that the console does not know.

use serde::Serialize;
use utoipa::ToSchema;

use super::access_check::is_user;
use super::subject_access::SubjectAccess;
use super::subject_rights::{SubjectRights, subjects_with_rights};
use crate::app::AppForUser;
use crate::app::bounds::{MAX_TABLE_ROWS, truncate_counting};
use crate::app::failure::{Failure, PageSubject};
use crate::app::image_streams::StreamFacts;
use crate::app::release::Release;
use crate::app::section::{Section, Unavailable, optional};
use crate::app::shell_command::ShellCommand;
use crate::openshift::ApiError;
use registry_model::{ImageStreamName, ProjectName, Subject};

/// Who can pull from the project of an image stream and push to it, and why.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessView {
    /// The project. Rights apply to all of its image streams.
    pub project: ProjectName,
    pub stream: ImageStreamName,
    /// Whether the signed-in user may pull.
    pub may_pull: Section<bool>,
    /// Whether the signed-in user may push.
    pub may_push: Section<bool>,
    /// All subjects that can pull or push, unless the user may not list them. At most 200.
    pub everybody: Section<Vec<SubjectRights>>,
    /// How many more subjects can.
    pub more_people: usize,
    /// Why the bindings that explain the rights could not be read.
    pub bindings_missing: Option<Unavailable>,
    /// The subject that the access review is about. Untrusted.
    pub asked: Option<Subject>,
    /// Whether that subject is the signed-in user, whose own rights can be reviewed without any
    /// right.
    pub asked_oneself: bool,
    /// Whether a subject of that name exists. `None` where the user may not look it up, or the
    /// cluster reserves the name.
    pub exists: Option<bool>,
    /// The result for that subject; `None` where the user may not know it.
    pub verdict: Option<SubjectAccess>,
    /// The commands that ask the API server the same.
    pub oc: Vec<ShellCommand>,
    /// The facts about the image stream. `None` where the user may not read it.
    #[serde(skip)]
    pub facts: Option<StreamFacts>,
}

impl AppForUser<'_> {
    /// Who can pull and push, and what that means for `asked`; `user` is the signed-in user's name.
    /// Without the right to read the image stream, the user's own rights are still reviewed.
    ///
    /// # Errors
    ///
    /// There is no such image stream, or the API server does not answer.
    pub async fn stream_access(
        &self,
        project: &ProjectName,
        stream: &ImageStreamName,
        asked: Option<Subject>,
        user: Option<&str>,
    ) -> Result<AccessView, Failure> {
        let (found, (may_pull, may_push), review, bindings, release) = tokio::join!(
            self.api_server.get_stream(project, stream),
            self.own_image_rights(project),
            self.review_subjects(project, asked.as_ref()),
            optional(self.api_server.list_role_bindings(project)),
            self.release(),
        );
        let facts = match found {
            Ok(stream) => Some(StreamFacts::from_stream(&stream)),
            Err(ApiError::Forbidden(_)) => None,
            Err(error) => return Err(Failure::from_api_error(error, PageSubject::ImageStream)),
        };
        let readable_bindings = bindings.ready().map(Vec::as_slice).unwrap_or_default();
        let mut everybody = review
            .allowed
            .map(|(pull, push)| subjects_with_rights(&pull, &push, readable_bindings));
        let verdict = asked.as_ref().zip(everybody.ready()).map(|(subject, all)| {
            SubjectAccess::new(subject, all, review.groups.as_deref(), project)
        });
        Ok(AccessView {
            facts,
            more_people: everybody
                .ready_mut()
                .map_or(0, |everybody| truncate_counting(everybody, MAX_TABLE_ROWS)),
            project: project.clone(),
            stream: stream.clone(),
            may_pull,
            may_push,
            everybody,
            bindings_missing: bindings.missing().cloned(),
            asked_oneself: asked.as_ref().is_some_and(|subject| is_user(subject, user)),
            exists: review.exists,
            asked,
            verdict,
            oc: ["get", "update"]
                .map(|verb| who_can_command(verb, project, release))
                .into(),
        })
    }
}

/// `imagestreams/layers` is no resource of the API server: `oc` warns, and asks about the core
/// group, which a custom role need not name. From 4.11 on, `oc` asks about the group of
/// `imagestreams`. An older one has no such option.
fn who_can_command(verb: &str, project: &ProjectName, release: Option<Release>) -> ShellCommand {
    let command = ShellCommand::new("oc policy who-can").with_operand(verb);
    let command = match release {
        Some(Release::FourOrLater) => command
            .with_operand("imagestreams")
            .with_flag("--subresource=layers"),
        Some(Release::Three) | None => command.with_operand("imagestreams/layers"),
    };
    command.with_option("-n", project.as_str())
}
