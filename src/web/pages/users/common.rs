//! Code that the pages about users and groups share.

use crate::app::change::{ChangeError, Refusal, RefusalReason};
use crate::app::failure::{Failure, PageSubject};
use crate::app::members::{NameCheck, is_registry_role};
use crate::app::shell_command::ShellCommand;
use crate::app::users::{ChangeStep, UnfinishedChange};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use registry_model::{ProjectName, Subject};

/// The API server's field names, each with that of the form. The API server uses `user` for the
/// members of the field `users`.
const API_FIELDS: [(&str, &str); 5] = [
    ("metadata.name", "name"),
    ("fullName", "full-name"),
    ("identit", "identities"),
    ("provider", "identities"),
    ("user[", "members"),
];

/// Adds the name to an error for a subject that does not exist.
pub(in crate::web) fn with_subject_name<T>(
    found: Result<T, Failure>,
    name: &str,
) -> Result<T, WebError> {
    found.map_err(|failure| match failure {
        Failure::NotFound(subject @ (PageSubject::User | PageSubject::Group)) => {
            WebError::NoSuchUserOrGroup(subject, name.to_owned())
        }
        failure => failure.into(),
    })
}

/// The message about a refused change of the cluster, which needs other rights than a change in a
/// project.
pub(in crate::web::pages) fn cluster_submit_error(
    refusal: Refusal,
    lang: Lang,
    field_errors: &mut FieldErrors,
) -> SubmitError {
    let refused = refusal.why == RefusalReason::NotAllowed;
    let mut submit_error = SubmitError::from_change_error(refusal, lang, &API_FIELDS, field_errors);
    if refused {
        submit_error.hint = lang
            .msg("users-and-groups-change-not-allowed-hint")
            .to_string();
    }
    submit_error
}

/// The message about a change that stopped. If a step was completed, the same form completes the
/// rest.
pub(in crate::web::pages) fn unfinished_submit_error(
    unfinished: &UnfinishedChange,
    lang: Lang,
    field_errors: &mut FieldErrors,
) -> SubmitError {
    let taken = unfinished.refusal.why == RefusalReason::Exists;
    if let (true, Some(ChangeStep::AttachIdentity { identity, .. })) =
        (taken, unfinished.left.first())
    {
        field_errors.add(
            "identities",
            lang.msg("identity-taken").arg("identity", identity),
        );
    }
    let mut submit_error = cluster_submit_error(unfinished.refusal.clone(), lang, field_errors);
    if !unfinished.done.is_empty() {
        submit_error.hint = lang.msg("users-and-groups-change-unfinished").to_string();
    }
    submit_error
}

/// The form that adds a role in a project.
pub(in crate::web::pages) struct RoleForm {
    pub(in crate::web::pages) project: FormField,
    pub(in crate::web::pages) role: FormField,
    pub(in crate::web::pages) command: ShellCommand,
}

impl RoleForm {
    /// Whether it was sent and refused: it contains a project or an error.
    pub(in crate::web::pages) fn is_refused(&self) -> bool {
        let (project, role) = (&self.project, &self.role);
        !project.value.is_empty() || project.error.is_some() || role.error.is_some()
    }

    /// The form with the values that were sent, or empty.
    pub(in crate::web::pages) fn new(
        lang: Lang,
        subject: &Subject,
        form: &FormData,
        field_errors: &FieldErrors,
    ) -> Self {
        let (project, role) = (form.text("project"), form.text("role"));
        let role = if is_registry_role(role) {
            role
        } else {
            "registry-viewer"
        };
        let command = match project.parse::<ProjectName>() {
            Ok(project) => ShellCommand::add_role(&project, subject, role),
            Err(_) => ShellCommand::add_role_in_any_project(subject, role),
        };
        Self {
            project: FormField::new("project", lang.msg("project"), project, field_errors)
                .with_required(),
            role: FormField::new("role", lang.msg("member-role"), role, field_errors),
            command,
        }
    }
}

/// Adds the role that the form names. `None` if the form is not valid, with the reasons in
/// `field_errors`.
pub(in crate::web) async fn give_role(
    caller: &SignedIn,
    subject: &Subject,
    form: &FormData,
    field_errors: &mut FieldErrors,
) -> Option<Result<Flash, ChangeError>> {
    let lang = caller.context.lang;
    let role = form.text("role");
    let project: Option<ProjectName> = form.text("project").parse().ok();
    if project.is_none() {
        field_errors.add("project", lang.msg("stream-invalid-project"));
    }
    if !is_registry_role(role) {
        field_errors.add("role", lang.msg("member-role-missing"));
    }
    let project = project.filter(|_| field_errors.is_empty())?;
    // Unlike a member, a project must exist, because it contains the role binding.
    if caller.app().check_project_name(&project).await == NameCheck::NotFound {
        field_errors.add("project", lang.msg("stream-invalid-project"));
        return None;
    }
    Some(
        caller
            .app()
            .add_role(&project, subject, role)
            .await
            .map(|()| {
                let back = [
                    ("do", "remove"),
                    ("kind", subject.kind.as_str()),
                    ("name", subject.name.as_str()),
                    ("role", role),
                ];
                let text = lang
                    .msg("role-given")
                    .arg("name", &subject.name)
                    .arg("role", role)
                    .arg("project", &project);
                Flash::new(text).with_undo(links::members(&project), lang.msg("undo"), &back)
            }),
    )
}
