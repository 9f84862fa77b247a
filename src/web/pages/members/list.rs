//! `/projects/{project}/members`: lists the members of a project, and adds, changes and removes
//! their roles.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::Refusal;
use crate::app::members::{IMAGE_PULLER, MembersView, NameCheck, is_registry_role};
use crate::app::projects::{Member, MemberRole};
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::pages::members::remove::{change_role, undo_add_member};
pub(in crate::web::pages) use crate::web::pages::members::subject::{
    is_valid_member_name, parse_subject,
};
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ProjectName, Subject, SubjectKind};

#[derive(Template, Serialize)]
#[template(path = "members/list.html")]
struct MembersPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: MembersView,
    #[serde(skip)]
    kind: FormField,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    role: FormField,
    #[serde(skip)]
    puller: FormField,
    #[serde(skip)]
    oc_add: ShellCommand,
    #[serde(skip)]
    oc_pull: ShellCommand,
    /// A name that does not exist in the cluster. The form can be sent again to confirm it.
    unknown: Option<UnknownName>,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
}

/// The field that confirms a name that does not exist in the cluster. For a member, the value is
/// that of [`confirmation_value`].
pub(in crate::web::pages) const UNKNOWN_NAME_FIELD: &str = "unknown-name";

/// The value that confirms a name. It includes the kind, so that confirming a user does not confirm
/// a group.
pub(in crate::web::pages) fn confirmation_value(kind: SubjectKind, name: &str) -> String {
    format!("{kind} {name}")
}

/// A name in one of the forms that does not exist in the cluster.
#[derive(Serialize)]
enum UnknownName {
    Member { kind: SubjectKind, name: String },
    Project { name: ProjectName },
}

impl UnknownName {
    fn name(&self) -> &str {
        match self {
            Self::Member { name, .. } => name,
            Self::Project { name } => name.as_str(),
        }
    }

    fn confirmation_value(&self) -> String {
        match self {
            Self::Member { kind, name } => confirmation_value(*kind, name),
            Self::Project { name } => name.to_string(),
        }
    }
}

impl MembersPage {
    /// The members in two groups: whether they belong to the system, and the members.
    fn members_by_origin(&self) -> Vec<(bool, Vec<&Member>)> {
        vec![
            (false, self.view.users_and_groups()),
            (true, self.view.system_subjects()),
        ]
    }

    /// The page that removes the role, if the user may remove it.
    fn removal_link(&self, member: &Member, role: &MemberRole) -> Option<String> {
        let offered = self.view.allowed && self.view.is_removable(member, role);
        offered.then(|| self.removal_path(&member.who, &role.role))
    }

    /// Whether the list has a form that replaces this role.
    fn can_change_role(&self, member: &Member, role: &MemberRole) -> bool {
        self.view.allowed && self.view.is_removable(member, role) && is_registry_role(&role.role)
    }

    /// The roles that the form offers, with their labels.
    fn role_choices(&self) -> [(&'static str, Message); 3] {
        let lang = self.chrome.lang;
        [
            ("registry-viewer", lang.msg("member-pull")),
            ("registry-editor", lang.msg("member-push")),
            ("registry-admin", lang.msg("member-admin")),
        ]
    }

    /// Title and hint about a name that does not exist in the cluster.
    fn unknown_name_messages(&self, unknown: &UnknownName) -> (Message, Message) {
        let lang = self.chrome.lang;
        let (title, hint) = match unknown {
            UnknownName::Project { .. } => {
                (lang.msg("unknown-project"), lang.msg("unknown-puller-hint"))
            }
            UnknownName::Member { kind, .. } => {
                let title = match kind {
                    SubjectKind::User => lang.msg("unknown-user"),
                    SubjectKind::Group => lang.msg("unknown-group"),
                    SubjectKind::ServiceAccount => lang.msg("unknown-service-account"),
                };
                (title, lang.msg("unknown-member-hint"))
            }
        };
        (title.arg("name", unknown.name()), hint)
    }

    fn kind_value(&self, member: &Member) -> &'static str {
        member.who.kind.as_str()
    }

    fn qualified_name(&self, member: &Member) -> String {
        member.who.name_with_project().into_owned()
    }

    fn puller_removal_link(&self, subject: &Subject) -> Option<String> {
        self.view
            .allowed
            .then(|| self.removal_path(subject, IMAGE_PULLER))
    }

    fn removal_path(&self, subject: &Subject, role: &str) -> String {
        links::confirm_remove_member(
            &self.view.project,
            subject.kind.as_str(),
            &subject.name_with_project(),
            role,
        )
    }

    async fn load(
        caller: &SignedIn,
        project: &ProjectName,
        form: &FormData,
        field_errors: FieldErrors,
        submit_error: Option<SubmitError>,
    ) -> Result<Self, WebError> {
        let lang = caller.context.lang;
        let view = caller.app().members(project).await?;
        let or = |name: &str, usual: &str| {
            if form.has(name) {
                form.text(name).to_owned()
            } else {
                usual.to_owned()
            }
        };
        let (kind, name, role, puller) = (
            or("kind", "user"),
            or("name", ""),
            or("role", "registry-viewer"),
            or("puller", ""),
        );
        let example = parse_subject(&kind, &name, project).unwrap_or_else(|| Subject {
            kind: kind.parse().unwrap_or(SubjectKind::User),
            name: "NAME".to_owned(),
            project: None,
        });
        Ok(Self {
            oc_add: ShellCommand::add_role(
                project,
                &example,
                if is_registry_role(&role) {
                    &role
                } else {
                    "registry-viewer"
                },
            ),
            oc_pull: ShellCommand::grant_pull(
                project,
                if puller.is_empty() {
                    "PROJECT"
                } else {
                    &puller
                },
            ),
            kind: FormField::new("kind", lang.msg("member-kind"), kind, &field_errors),
            name: FormField::new("name", lang.msg("member"), name, &field_errors)
                .with_hint(lang.msg("member-name-hint"))
                .with_required(),
            role: FormField::new("role", lang.msg("member-role"), role, &field_errors),
            puller: FormField::new("puller", lang.msg("project"), puller, &field_errors)
                .with_hint(lang.msg("puller-hint"))
                .with_required(),
            chrome: caller.chrome(Area::Projects, lang.msg("members").to_string()),
            view,
            unknown: None,
            submit_error,
            field_errors,
        })
    }
}

pub(in crate::web) async fn list_members(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
) -> Result<Response, WebError> {
    render_members(
        &caller,
        &project,
        &FormData::default(),
        FieldErrors::default(),
        None,
    )
    .await
}

/// Makes the change that the field `do` names: adds a role, undoes that, replaces a role, or allows
/// another project to pull.
pub(in crate::web) async fn update_members(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    match form.text("do") {
        "remove" => undo_add_member(&caller, &project, &form).await,
        "change" => change_role(&caller, &project, &form).await,
        "let-pull" => grant_pull(&caller, &project, &form).await,
        _ => add_member(&caller, &project, &form).await,
    }
}

async fn add_member(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let mut field_errors = FieldErrors::default();
    let (name, role) = (form.text("name"), form.text("role"));
    let member = parse_subject(form.text("kind"), name, project).filter(is_valid_member_name);
    if name.is_empty() {
        field_errors.add("name", lang.msg("member-name-missing"));
    } else if member.is_none() {
        field_errors.add("name", lang.msg("member-name-invalid"));
    }
    if !is_registry_role(role) {
        field_errors.add("role", lang.msg("member-role-missing"));
    }
    let Some(member) = member.filter(|_| field_errors.is_empty()) else {
        return render_members(caller, project, form, field_errors, None).await;
    };
    let check = caller.app().check_subject_name(&member).await;
    if check == NameCheck::NotFound
        && form.text(UNKNOWN_NAME_FIELD) != confirmation_value(member.kind, name)
    {
        return render_unknown_name(
            caller,
            project,
            form,
            UnknownName::Member {
                kind: member.kind,
                name: name.to_owned(),
            },
        )
        .await;
    }
    match caller.app().add_role(project, &member, role).await {
        Ok(()) => {
            let not_checked = check == NameCheck::NotChecked;
            let text = if not_checked {
                lang.msg("member-added-not-checked")
            } else {
                lang.msg("member-added")
            };
            let done = Flash::new(text.arg("name", name).arg("role", role));
            let back = [
                ("do", "remove"),
                ("kind", member.kind.as_str()),
                ("name", name),
                ("role", role),
            ];
            Ok(caller.redirect_with_flash(
                done.with_undo(links::members(project), lang.msg("undo"), &back),
                &links::members(project),
            ))
        }
        Err(failed) => {
            render_members(
                caller,
                project,
                form,
                field_errors,
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

async fn grant_pull(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let mut field_errors = FieldErrors::default();
    let other = form
        .text("puller")
        .parse::<ProjectName>()
        .ok()
        .filter(|other| other != project);
    let Some(other) = other else {
        field_errors.add("puller", lang.msg("puller-invalid"));
        return render_members(caller, project, form, field_errors, None).await;
    };
    let check = caller.app().check_project_name(&other).await;
    if check == NameCheck::NotFound && form.text(UNKNOWN_NAME_FIELD) != other.as_str() {
        return render_unknown_name(caller, project, form, UnknownName::Project { name: other })
            .await;
    }
    let not_checked = check == NameCheck::NotChecked;
    let text = if not_checked {
        lang.msg("puller-added-not-checked")
    } else {
        lang.msg("puller-added")
    };
    match caller.app().grant_pull(project, &other).await {
        Ok(()) => Ok(caller.redirect_with_flash(
            Flash::new(text.arg("project", &other)),
            &links::members(project),
        )),
        Err(failed) => {
            render_members(
                caller,
                project,
                form,
                field_errors,
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

pub(in crate::web) async fn render_members(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
    mut field_errors: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let submit_error = refusal.map(|refusal| {
        SubmitError::from_change_error(refusal, caller.context.lang, &[], &mut field_errors)
    });
    let status = field_errors.status(submit_error.as_ref());
    Ok(render_with_status(
        status,
        &caller.context,
        &MembersPage::load(caller, project, form, field_errors, submit_error).await?,
    ))
}

/// Displays the form again, and asks whether a name that does not exist is correct.
async fn render_unknown_name(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
    unknown: UnknownName,
) -> Result<Response, WebError> {
    let page = MembersPage::load(caller, project, form, FieldErrors::default(), None).await?;
    Ok(render_with_status(
        StatusCode::UNPROCESSABLE_ENTITY,
        &caller.context,
        &MembersPage {
            unknown: Some(unknown),
            ..page
        },
    ))
}
