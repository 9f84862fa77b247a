//! `/projects/{project}/access`: the access policy of a project.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::access::ProjectAccess;
use crate::app::change::Refusal;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{AccessPolicy, ProjectName};

#[derive(Template, Serialize)]
#[template(path = "projects/access.html")]
struct ProjectAccessPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectAccess,
    #[serde(skip)]
    policy: FormField,
    /// The box that confirms anonymous access was not selected.
    unsure: bool,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
}

impl ProjectAccessPage {
    /// Each policy that differs from the current one, and the commands that set it.
    fn commands(&self) -> Vec<(Message, Vec<ShellCommand>)> {
        let lang = self.chrome.lang;
        let all = [
            (
                lang.msg("access-private"),
                self.view.commands(AccessPolicy::Private),
            ),
            (
                lang.msg("access-shared"),
                self.view.commands(AccessPolicy::Shared),
            ),
            (
                lang.msg("access-anonymous"),
                self.view.commands(AccessPolicy::Anonymous),
            ),
        ];
        all.into_iter()
            .filter(|(_, commands)| !commands.is_empty())
            .collect()
    }

    /// Whether anonymous requests may pull and signed-in users may not.
    fn allows_only_anonymous(&self) -> bool {
        self.view.policy.ready() == Some(&AccessPolicy::OnlyAnonymous)
    }
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
) -> Result<Response, WebError> {
    render_form(
        &caller,
        &project,
        &FormData::default(),
        FieldErrors::default(),
        None,
    )
    .await
}

pub(in crate::web) async fn update_project_access(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let (policy, word) = match form.text("policy") {
        "private" => (AccessPolicy::Private, lang.msg("access-private")),
        "shared" => (AccessPolicy::Shared, lang.msg("access-shared")),
        "anonymous" => (AccessPolicy::Anonymous, lang.msg("access-anonymous")),
        _ => {
            let mut field_errors = FieldErrors::default();
            field_errors.add("policy", lang.msg("access-choose"));
            return render_form(&caller, &project, &form, field_errors, None).await;
        }
    };
    if policy == AccessPolicy::Anonymous && !form.has("open") {
        let mut field_errors = FieldErrors::default();
        field_errors.add("open", lang.msg("access-anonymous-unconfirmed"));
        return render_form(&caller, &project, &form, field_errors, None).await;
    }
    match caller.app().set_project_access(&project, policy).await {
        Ok(()) => {
            let text = lang
                .msg("access-changed")
                .arg("project", &project)
                .arg("policy", word.to_string());
            Ok(caller.redirect_with_flash(Flash::new(text), &links::project(&project)))
        }
        Err(failed) => {
            render_form(
                &caller,
                &project,
                &form,
                FieldErrors::default(),
                Some(failed.into_refusal()?),
            )
            .await
        }
    }
}

async fn render_form(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
    mut field_errors: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let view = caller.app().project_access(project).await?;
    let submit_error = refusal
        .map(|refusal| SubmitError::from_change_error(refusal, lang, &[], &mut field_errors));
    let status = field_errors.status(submit_error.as_ref());
    let current = view
        .policy
        .ready()
        .map_or("", |policy| policy_value(*policy));
    let value = if form.has("policy") {
        form.text("policy")
    } else {
        current
    };
    let policy = FormField::new("policy", lang.msg("access"), value, &field_errors);
    let chrome = caller.chrome(Area::Projects, lang.msg("access").to_string());
    let unsure = field_errors.get("open").is_some();
    Ok(render_with_status(
        status,
        &caller.context,
        &ProjectAccessPage {
            chrome,
            view,
            policy,
            unsure,
            submit_error,
            field_errors,
        },
    ))
}
