//! `/new-project`: creates a project and sets its access policy.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::projects::NewProject;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError, project_name_error};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{AccessPolicy, ProjectName};

/// The API server's field names, each with that of the form.
pub(in crate::web) const API_FIELDS: [(&str, &str); 5] = [
    ("metadata.name", "name"),
    (
        "metadata.annotations[openshift.io/display-name]",
        "display-name",
    ),
    (
        "metadata.annotations[openshift.io/description]",
        "description",
    ),
    ("displayName", "display-name"),
    ("description", "description"),
];

#[derive(Template, Serialize)]
#[template(path = "projects/create.html")]
struct NewProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    wanted: NewProject,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    display_name: FormField,
    #[serde(skip)]
    description: FormField,
    #[serde(skip)]
    policy: FormField,
    /// The box that confirms anonymous access.
    #[serde(skip)]
    open: FormField,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
    /// Whether the page has a form: not if the user may not create projects.
    offered: bool,
    oc: ShellCommand,
}

#[derive(Template, Serialize)]
#[template(path = "projects/create_unfinished.html")]
struct UnfinishedProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    policy: AccessPolicy,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl UnfinishedProjectPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title).below_project(self.chrome.lang, &self.project)
    }

    /// The value of the field in the form for the access policy.
    fn policy_value(&self) -> &'static str {
        crate::web::pages::projects::access::policy_value(self.policy)
    }
}

impl NewProjectPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title).below_projects(self.chrome.lang)
    }

    fn bad_fields(&self) -> Vec<FormField> {
        FormField::with_errors([
            &self.name,
            &self.display_name,
            &self.description,
            &self.policy,
            &self.open,
        ])
    }

    fn is_refused(&self) -> bool {
        self.offered && (self.submit_error.is_some() || !self.field_errors.is_empty())
    }

    fn new(
        caller: &SignedIn,
        wanted: NewProject,
        policy: &str,
        field_errors: FieldErrors,
        submit_error: Option<SubmitError>,
    ) -> Self {
        let lang = caller.context.lang;
        let name = FormField::new(
            "name",
            lang.msg("new-project-name"),
            &wanted.name,
            &field_errors,
        )
        .with_hint(lang.msg("new-project-name-rule"));
        let display_name = FormField::new(
            "display-name",
            lang.msg("display-name"),
            &wanted.display_name,
            &field_errors,
        );
        Self {
            chrome: caller.chrome(Area::Projects, lang.msg("new-project").to_string()),
            name: name.with_required(),
            display_name: display_name.with_hint(lang.msg("display-name-hint")),
            description: FormField::new(
                "description",
                lang.msg("description"),
                &wanted.description,
                &field_errors,
            ),
            policy: FormField::new("policy", lang.msg("access"), policy, &field_errors),
            open: FormField::new(
                "open",
                lang.msg("access-anonymous-confirm"),
                "",
                &field_errors,
            ),
            // An invalid policy is refused.
            oc: wanted.shell_command(
                crate::web::pages::projects::access::parse_policy(policy)
                    .unwrap_or(AccessPolicy::Private),
            ),
            wanted,
            field_errors,
            submit_error,
            offered: true,
        }
    }

    fn render(self, caller: &SignedIn) -> Response {
        let status = self.field_errors.status(self.submit_error.as_ref());
        render_with_status(status, &caller.context, &self)
    }
}

/// The form, or why there is none.
pub(in crate::web) async fn new_project_form(caller: SignedIn) -> Result<Response, WebError> {
    let refusal = caller.app().project_request_refusal().await?;
    let offered = refusal.is_none();
    let submit_error = refusal.map(|refusal| {
        submit_error(
            refusal,
            caller.context.lang,
            "",
            &mut FieldErrors::default(),
        )
    });
    let page = NewProjectPage::new(
        &caller,
        NewProject::default(),
        "private",
        FieldErrors::default(),
        submit_error,
    );
    Ok(NewProjectPage { offered, ..page }.render(&caller))
}

pub(in crate::web) async fn create_project(
    caller: SignedIn,
    form: FormData,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let wanted = NewProject {
        name: form.text("name").to_owned(),
        display_name: form.text("display-name").to_owned(),
        description: form.text("description").replace("\r\n", "\n"),
    };
    let mut field_errors = FieldErrors::default();
    // Clients of the API may omit the field. The project is then private.
    let word = if form.has("policy") {
        form.text("policy")
    } else {
        "private"
    };
    let policy = crate::web::pages::projects::access::parse_policy(word);
    let name = wanted.valid_name();
    if name.is_none() {
        field_errors.add("name", project_name_error(&wanted.name, lang));
    }
    if policy.is_none() {
        field_errors.add("policy", lang.msg("access-choose"));
    }
    if policy == Some(AccessPolicy::Anonymous) && !form.has("open") {
        field_errors.add("open", lang.msg("access-anonymous-unconfirmed"));
    }
    let (Some(name), Some(policy), true) = (name, policy, field_errors.is_empty()) else {
        return Ok(NewProjectPage::new(&caller, wanted, word, field_errors, None).render(&caller));
    };
    match caller.app().create_project(&wanted).await {
        Ok(()) => match caller.app().set_new_project_access(&name, policy).await {
            None => Ok(caller.redirect_with_flash(
                Flash::new(lang.msg("project-created").arg("project", &name)),
                &links::project(&name),
            )),
            Some(refusal) => Ok(render_unfinished(&caller, name, policy, refusal)),
        },
        Err(failed) => {
            let submit_error = submit_error(
                failed.into_refusal()?,
                lang,
                name.as_str(),
                &mut field_errors,
            );
            Ok(
                NewProjectPage::new(&caller, wanted, word, field_errors, Some(submit_error))
                    .render(&caller),
            )
        }
    }
}

/// The project exists, but its access policy was not set. Makes no upstream request.
fn render_unfinished(
    caller: &SignedIn,
    project: ProjectName,
    policy: AccessPolicy,
    refusal: Refusal,
) -> Response {
    let lang = caller.context.lang;
    // The usual hint, that nothing was changed, would be wrong here.
    let mut submit_error = SubmitError::from_change_error_without_fields(refusal, lang);
    submit_error.hint = lang.msg("project-unfinished-hint").to_string();
    let title = lang
        .msg("project-unfinished")
        .arg("project", &project)
        .to_string();
    let status = submit_error.status();
    let page = UnfinishedProjectPage {
        chrome: caller.chrome(Area::Projects, title),
        project,
        policy,
        submit_error: Some(submit_error),
    };
    render_with_status(status, &caller.context, &page)
}

fn submit_error(
    refusal: Refusal,
    lang: Lang,
    name: &str,
    field_errors: &mut FieldErrors,
) -> SubmitError {
    let why = refusal.why;
    let mut submit_error = SubmitError::from_change_error(refusal, lang, &API_FIELDS, field_errors);
    match why {
        RefusalReason::Exists => field_errors.add(
            "name",
            lang.msg("new-project-name-taken").arg("project", name),
        ),
        RefusalReason::NotAllowed => {
            submit_error.hint = lang.msg("no-project-ask-administrator").to_string()
        }
        _ => {}
    }
    submit_error
}
