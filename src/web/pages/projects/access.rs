//! `/projects/{project}/access`: the access policy of a project, its members, the other projects
//! that may pull, and a check of one subject's access.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::access::ProjectAccess;
use crate::app::change::Refusal;
use crate::app::lists::RowLimit;
use crate::app::members::{IMAGE_PULLER, is_registry_role};
use crate::app::projects::{Member, MemberRole};
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::{ProjectPath, SubjectQuery};
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::pages::members::forms::{AccessForms, UnknownName};
use crate::web::pages::members::subject::is_valid_member_name;
use crate::web::pages::projects::ProjectFrame;
use crate::web::render::{Area, Chrome, render_with_status};
use crate::web::tabs::ProjectTab;
use registry_model::{AccessPolicy, ProjectName, Subject, SubjectKind};

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/access.html")]
pub(super) struct ProjectAccessPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectAccess,
    #[serde(skip)]
    frame: ProjectFrame,
    #[serde(skip)]
    policy: FormField,
    /// The form that adds a member.
    #[serde(skip)]
    kind: FormField,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    role: FormField,
    /// Whether that form is expanded.
    #[serde(skip)]
    opens_add: bool,
    #[serde(skip)]
    puller: FormField,
    /// The name that the user asked about. Untrusted.
    #[serde(skip)]
    asked_name: String,
    #[serde(skip)]
    asked_kind: SubjectKind,
    #[serde(skip)]
    oc_add: ShellCommand,
    #[serde(skip)]
    oc_pull: ShellCommand,
    /// The box that confirms anonymous access was not selected.
    #[serde(skip)]
    unsure: bool,
    /// A name that does not exist in the cluster. The form can be sent again to confirm it.
    #[serde(skip)]
    unknown: Option<UnknownName>,
    #[serde(skip)]
    submit_error: Option<SubmitError>,
}

/// A role of a member: one row of the table.
struct MemberRow<'v> {
    who: &'v Subject,
    role: &'v MemberRole,
    /// Whether the row has a form that replaces the role.
    can_change: bool,
    /// The page that removes the role, if the user may remove it.
    removal: Option<String>,
    /// Why the console does not change the role.
    unmanaged: Option<Message>,
}

impl MemberRow<'_> {
    fn kind_value(&self) -> &'static str {
        self.who.kind.as_str()
    }

    fn qualified_name(&self) -> String {
        self.who.name_with_project().into_owned()
    }
}

impl ProjectAccessPage {
    /// Each policy that differs from the current one, and the commands that set it.
    fn commands(&self) -> Vec<(Message, Vec<ShellCommand>)> {
        let lang = self.chrome.lang;
        let all = [
            (AccessPolicy::Private, lang.msg("access-private")),
            (AccessPolicy::Shared, lang.msg("access-shared")),
            (AccessPolicy::Anonymous, lang.msg("access-anonymous")),
        ];
        all.into_iter()
            .map(|(policy, label)| (label, self.view.commands(policy)))
            .filter(|(_, commands)| !commands.is_empty())
            .collect()
    }

    /// Whether anonymous requests may pull and signed-in users may not.
    fn allows_only_anonymous(&self) -> bool {
        self.view.policy.ready() == Some(&AccessPolicy::OnlyAnonymous)
    }

    /// Whether this value of the form is the current policy.
    fn is_current(&self, value: &str) -> bool {
        let current = self.view.policy.ready();
        current.is_some_and(|policy| policy_value(*policy) == value)
    }

    /// The roles in two groups: whether they belong to the system, and the rows.
    fn rows_by_origin(&self) -> [(bool, Vec<MemberRow<'_>>); 2] {
        let members = &self.view.members;
        [
            (false, self.rows(members.users_and_groups())),
            (true, self.rows(members.system_subjects())),
        ]
    }

    fn rows<'v>(&'v self, members: Vec<&'v Member>) -> Vec<MemberRow<'v>> {
        let roles = members
            .into_iter()
            .flat_map(|member| member.roles.iter().map(move |role| (member, role)));
        roles.map(|(member, role)| self.row(member, role)).collect()
    }

    fn row<'v>(&'v self, member: &'v Member, role: &'v MemberRole) -> MemberRow<'v> {
        let view = &self.view.members;
        let removable = view.is_removable(member, role);
        MemberRow {
            who: &member.who,
            role,
            can_change: view.allowed && removable && is_registry_role(&role.role),
            removal: (view.allowed && removable)
                .then(|| self.removal_path(&member.who, &role.role)),
            unmanaged: (view.allowed && !removable).then(|| self.unmanaged_reason(member, role)),
        }
    }

    fn unmanaged_reason(&self, member: &Member, role: &MemberRole) -> Message {
        let lang = self.chrome.lang;
        if !role.cluster_role {
            lang.msg("role-unmanaged-custom")
        } else if member.is_system_subject() {
            lang.msg("role-unmanaged-system")
        } else {
            lang.msg("role-unmanaged-cluster")
        }
    }

    /// The roles that the forms offer, with their labels and what they grant.
    fn role_choices(&self) -> [(&'static str, Message, Message); 3] {
        let lang = self.chrome.lang;
        [
            (
                "registry-viewer",
                lang.msg("member-pull"),
                lang.msg("role-gives-pull"),
            ),
            (
                "registry-editor",
                lang.msg("member-push"),
                lang.msg("role-gives-push"),
            ),
            (
                "registry-admin",
                lang.msg("member-admin"),
                lang.msg("role-gives-admin"),
            ),
        ]
    }

    fn kind_choices(&self) -> [(SubjectKind, Message); 3] {
        let lang = self.chrome.lang;
        [
            (SubjectKind::User, lang.msg("subject-user")),
            (SubjectKind::Group, lang.msg("subject-group")),
            (
                SubjectKind::ServiceAccount,
                lang.msg("subject-service-account"),
            ),
        ]
    }

    /// Title and hint about a name that does not exist in the cluster.
    fn unknown_messages(&self, unknown: &UnknownName) -> (Message, Message) {
        unknown.messages(self.chrome.lang)
    }

    fn puller_removal_link(&self, subject: &Subject) -> Option<String> {
        let allowed = self.view.members.allowed;
        allowed.then(|| self.removal_path(subject, IMAGE_PULLER))
    }

    fn removal_path(&self, subject: &Subject, role: &str) -> String {
        links::confirm_remove_member(
            &self.view.members.project,
            subject.kind.as_str(),
            &subject.name_with_project(),
            role,
        )
    }

    /// The form that gives `subject` the role, if the user may give it.
    fn grant_link(&self, subject: &Subject, role: &str) -> Option<String> {
        let offered = self.view.members.allowed && is_valid_member_name(subject);
        offered.then(|| {
            links::grant_role(
                &self.view.members.project,
                subject.kind.as_str(),
                &subject.name_with_project(),
                role,
            )
        })
    }

    /// Whether the name that the user asked about is not valid for any subject.
    fn is_invalid_name(&self) -> bool {
        !self.asked_name.is_empty() && self.view.check.is_none()
    }
}

/// What the page is to show besides the current access.
#[derive(Default)]
pub(in crate::web::pages) struct AccessRequest {
    pub(in crate::web::pages) forms: AccessForms,
    /// The subject whose access is to be explained.
    pub(in crate::web::pages) asked: SubjectQuery,
    pub(in crate::web::pages) limit: RowLimit,
    pub(in crate::web::pages) field_errors: FieldErrors,
    pub(in crate::web::pages) refusal: Option<Refusal>,
    pub(in crate::web::pages) unknown: Option<UnknownName>,
}

/// Parses the value of the form field.
pub(in crate::web::pages) fn parse_policy(word: &str) -> Option<AccessPolicy> {
    [
        AccessPolicy::Private,
        AccessPolicy::Shared,
        AccessPolicy::Anonymous,
    ]
    .into_iter()
    .find(|policy| policy_value(*policy) == word)
}

/// The value of the form field. The forms do not offer `OnlyAnonymous`, which excludes signed-in
/// users.
pub(in crate::web::pages) fn policy_value(policy: AccessPolicy) -> &'static str {
    match policy {
        AccessPolicy::Private => "private",
        AccessPolicy::Shared => "shared",
        AccessPolicy::Anonymous => "anonymous",
        AccessPolicy::OnlyAnonymous => "only-anonymous",
    }
}

pub(in crate::web) async fn show_project_access(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    asked: SubjectQuery,
    limit: RowLimit,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let request = AccessRequest {
        forms: AccessForms::from_query(&query.unwrap_or_default()),
        asked,
        limit,
        ..AccessRequest::default()
    };
    render_access(&caller, &project, request).await
}

pub(in crate::web) async fn update_project_access(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let mut request = AccessRequest {
        forms: AccessForms::from_policy(form.text("policy")),
        ..AccessRequest::default()
    };
    let (policy, word) = match form.text("policy") {
        "private" => (AccessPolicy::Private, lang.msg("access-private")),
        "shared" => (AccessPolicy::Shared, lang.msg("access-shared")),
        "anonymous" => (AccessPolicy::Anonymous, lang.msg("access-anonymous")),
        _ => {
            let error = lang.msg("access-choose");
            request.field_errors.add("policy", error);
            return render_access(&caller, &project, request).await;
        }
    };
    if policy == AccessPolicy::Anonymous && !form.has("open") {
        let error = lang.msg("access-anonymous-unconfirmed");
        request.field_errors.add("open", error);
        return render_access(&caller, &project, request).await;
    }
    match caller.app().set_project_access(&project, policy).await {
        Ok(()) => {
            let text = lang
                .msg("access-changed")
                .arg("project", &project)
                .arg("policy", word.to_string());
            Ok(caller.redirect_with_flash(Flash::new(text), &links::project_access(&project)))
        }
        Err(failed) => {
            request.refusal = Some(failed.into_refusal()?);
            render_access(&caller, &project, request).await
        }
    }
}

/// Displays the page. A form that was sent is displayed with its values, also if the API server
/// does not answer.
pub(in crate::web::pages) async fn render_access(
    caller: &SignedIn,
    project: &ProjectName,
    request: AccessRequest,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let AccessRequest {
        forms,
        asked,
        limit,
        mut field_errors,
        refusal,
        unknown,
    } = request;
    let subject = asked.subject(project);
    let console = caller.app();
    let (loaded, frame) = tokio::join!(
        Box::pin(console.project_access(project, subject.as_ref(), caller.user_name(), limit)),
        ProjectFrame::load(caller, project, ProjectTab::Access)
    );
    let view = match loaded {
        Ok(view) => view,
        Err(failure) if forms.is_sent && failure.is_temporary() => {
            ProjectAccess::unavailable(project.clone())
        }
        Err(failure) => return Err(failure.into()),
    };
    let submit_error = refusal
        .map(|refusal| SubmitError::from_change_error(refusal, lang, &[], &mut field_errors));
    let status = if unknown.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        field_errors.status(submit_error.as_ref())
    };
    let current = view.policy.ready();
    let current = current.map_or("", |policy| policy_value(*policy));
    let opens_add = forms.add.is_some();
    let add = forms.add.unwrap_or_default();
    let title = lang.msg("access-to").arg("project", project).to_string();
    let page = ProjectAccessPage {
        oc_add: add.command(project),
        oc_pull: ShellCommand::grant_pull(
            project,
            Some(forms.puller.as_str())
                .filter(|puller| !puller.is_empty())
                .unwrap_or("PROJECT"),
        ),
        policy: FormField::new(
            "policy",
            lang.msg("access-policy"),
            forms.policy.as_deref().unwrap_or(current),
            &field_errors,
        ),
        kind: FormField::new("kind", lang.msg("member-kind"), add.kind, &field_errors),
        name: FormField::new("name", lang.msg("member"), add.name, &field_errors)
            .with_hint(lang.msg("member-name-hint"))
            .with_required(),
        role: FormField::new("role", lang.msg("member-role"), add.role, &field_errors),
        opens_add,
        puller: FormField::new("puller", lang.msg("project"), forms.puller, &field_errors)
            .with_required(),
        asked_name: asked.name,
        asked_kind: asked.kind.unwrap_or(SubjectKind::User),
        unsure: field_errors.get("open").is_some(),
        chrome: caller.chrome(Area::Projects, title),
        view,
        frame,
        unknown,
        submit_error,
    };
    Ok(render_with_status(status, &caller.context, &page))
}
