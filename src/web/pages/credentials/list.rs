//! `/projects/{project}/logins`: lists the credentials of a project and creates new ones.

use askama::Template;
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::credentials::{
    CreateCredentialError, CredentialOffer, CredentialRight, CredentialsView, NewCredential,
};
use crate::app::section::{Unavailable, UnavailableReason};
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{
    FieldErrors, FormData, FormField, MAX_SERVICE_ACCOUNT_CHARS, SubmitError,
    service_account_name_error,
};
use crate::web::pages::credentials::created::{render_created, render_unfinished};
use crate::web::pages::projects::ProjectFrame;
use crate::web::render::{Area, Chrome, render_with_status};
use crate::web::tabs::ProjectTab;
use registry_model::{ProjectName, ServiceAccountName};

/// The token lifetimes that the form offers.
const TOKEN_LIFETIMES_DAYS: [u32; 3] = [30, 90, 365];

#[derive(Template, Serialize, ToSchema)]
#[template(path = "credentials/list.html")]
pub(super) struct CredentialsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: CredentialsView,
    #[serde(skip)]
    frame: ProjectFrame,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    right: FormField,
    #[serde(skip)]
    lifetime: FormField,
    /// Whether the form is expanded.
    #[serde(skip)]
    opens_form: bool,
    #[serde(skip)]
    field_errors: FieldErrors,
    #[serde(skip)]
    submit_error: Option<SubmitError>,
}

impl CredentialsPage {
    fn bad_fields(&self) -> Vec<FormField> {
        FormField::with_errors([&self.name, &self.right, &self.lifetime])
    }

    fn is_refused(&self) -> bool {
        self.submit_error.is_some() || !self.field_errors.is_empty()
    }

    /// Whether it is known that there are no credentials.
    fn is_empty(&self) -> bool {
        self.view.logins.ready().is_some_and(Vec::is_empty)
    }

    /// Whether there is something to say besides the list.
    fn has_notes(&self) -> bool {
        !self.view.offer.is_any() || self.missing_list().is_some()
    }

    /// Why the list is missing, unless the page says already that the user lacks the permission.
    fn missing_list(&self) -> Option<&Unavailable> {
        let is_said = |missing: &Unavailable| {
            !self.view.offer.is_any() && missing.why == UnavailableReason::NotAllowed
        };
        self.view
            .logins
            .missing()
            .filter(|missing| !is_said(missing))
    }

    fn right_label(&self, right: &CredentialRight) -> Message {
        right_message(&self.chrome, *right)
    }

    fn token_lifetimes_days(&self) -> [u32; 3] {
        TOKEN_LIFETIMES_DAYS
    }

    /// The commands that create what the form would create, with a placeholder if it has no name
    /// yet.
    fn commands(&self) -> Vec<ShellCommand> {
        let days = self.lifetime.value.parse().ok();
        let name = self
            .name
            .value
            .parse()
            .or_else(|_| "robot".parse())
            .expect("a lawful name");
        let may = CredentialRight::parse(&self.right.value).unwrap_or(CredentialRight::Pull);
        NewCredential { name, may, days }.commands(&self.view.project)
    }
}

pub(super) fn right_message(chrome: &Chrome, right: CredentialRight) -> Message {
    match right {
        CredentialRight::Pull => chrome.lang.msg("credential-right-pull"),
        CredentialRight::Push => chrome.lang.msg("credential-right-push"),
        CredentialRight::Create => chrome.lang.msg("credential-right-create"),
    }
}

pub(in crate::web) async fn list_credentials(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
) -> Result<Response, WebError> {
    render_list(
        &caller,
        &project,
        &FormData::default(),
        FieldErrors::default(),
        None,
    )
    .await
}

pub(in crate::web) async fn create_credential(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    headers: HeaderMap,
    form: FormData,
) -> Result<Response, WebError> {
    let mut field_errors = FieldErrors::default();
    let Some(wanted) = parse_new_credential(&caller, &form, &mut field_errors) else {
        return render_list(&caller, &project, &form, field_errors, None).await;
    };
    match caller.app().create_credential(&project, wanted).await {
        Ok(login) => Ok(render_created(&caller, &headers, project, login).await),
        Err(CreateCredentialError::Refused(refusal)) => {
            render_list(&caller, &project, &form, field_errors, Some(refusal)).await
        }
        Err(CreateCredentialError::Unfinished(begun)) => {
            Ok(render_unfinished(&caller, project, *begun))
        }
        Err(CreateCredentialError::Failure(failure)) => Err(failure.into()),
    }
}

/// Completes a credential whose creation stopped, and displays its token.
pub(in crate::web) async fn finish_credential(
    caller: SignedIn,
    ProjectPath(project): ProjectPath,
    headers: HeaderMap,
    form: FormData,
) -> Result<Response, WebError> {
    let name: ServiceAccountName =
        crate::web::pages::credentials::revoke::parse_name(form.text("name"))?;
    match caller.app().finish_credential(&project, &name).await {
        Ok(login) => Ok(render_created(&caller, &headers, project, login).await),
        Err(CreateCredentialError::Refused(refusal)) => {
            render_list(
                &caller,
                &project,
                &FormData::default(),
                FieldErrors::default(),
                Some(refusal),
            )
            .await
        }
        Err(CreateCredentialError::Unfinished(begun)) => {
            Ok(render_unfinished(&caller, project, *begun))
        }
        Err(CreateCredentialError::Failure(failure)) => Err(failure.into()),
    }
}

fn parse_new_credential(
    caller: &SignedIn,
    form: &FormData,
    field_errors: &mut FieldErrors,
) -> Option<NewCredential> {
    let lang = caller.context.lang;
    let name = form
        .text("name")
        .parse()
        .ok()
        .filter(|name: &ServiceAccountName| name.as_str().len() <= MAX_SERVICE_ACCOUNT_CHARS);
    if name.is_none() {
        field_errors.add("name", service_account_name_error(form.text("name"), lang));
    }
    let may = CredentialRight::parse(form.text("may"));
    if may.is_none() {
        field_errors.add("may", lang.msg("credential-right-required"));
    }
    let days = match form.text("lasts") {
        "always" => Some(None),
        days => days
            .parse()
            .ok()
            .filter(|days| TOKEN_LIFETIMES_DAYS.contains(days))
            .map(Some),
    };
    if days.is_none() {
        field_errors.add("lasts", lang.msg("credential-lifetime-required"));
    }
    Some(NewCredential {
        name: name?,
        may: may?,
        days: days?,
    })
}

async fn render_list(
    caller: &SignedIn,
    project: &ProjectName,
    form: &FormData,
    mut field_errors: FieldErrors,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let is_sent = form.has("name");
    let console = caller.app();
    let (loaded, frame) = tokio::join!(
        console.credentials(project),
        ProjectFrame::load(caller, project, ProjectTab::Credentials)
    );
    let view = match loaded {
        Ok(view) => view,
        // The form that was sent is shown again with its values.
        Err(failure) if is_sent && failure.is_temporary() => {
            CredentialsView::unavailable(project.clone())
        }
        Err(failure) => return Err(failure.into()),
    };
    if refusal
        .as_ref()
        .is_some_and(|refusal| refusal.why == RefusalReason::Exists)
    {
        field_errors.add(
            "name",
            lang.msg("credential-name-taken")
                .arg("name", form.text("name")),
        );
    }
    let submit_error = refusal.map(|refusal| {
        SubmitError::from_change_error(
            refusal,
            lang,
            &[("metadata.name", "name")],
            &mut field_errors,
        )
    });
    let status = field_errors.status(submit_error.as_ref());
    let typed = |name: &str, usual: &str| {
        if form.has(name) {
            form.text(name).to_owned()
        } else {
            usual.to_owned()
        }
    };
    let usual_life = match view.offer {
        CredentialOffer { ending: true, .. } => "90",
        _ => "always",
    };
    let page = CredentialsPage {
        chrome: caller.chrome(
            Area::Projects,
            lang.msg("credentials-of-project")
                .arg("project", project)
                .to_string(),
        ),
        opens_form: is_sent,
        name: FormField::new(
            "name",
            lang.msg("credential-name"),
            form.text("name"),
            &field_errors,
        )
        .with_hint(lang.msg("credential-name-rule"))
        .with_required(),
        right: FormField::new(
            "may",
            lang.msg("credential-right"),
            typed("may", "pull"),
            &field_errors,
        ),
        lifetime: FormField::new(
            "lasts",
            lang.msg("credential-lifetime"),
            typed("lasts", usual_life),
            &field_errors,
        )
        .with_hint(lang.msg("credential-lifetime-days-hint")),
        view,
        frame,
        field_errors,
        submit_error,
    };
    Ok(render_with_status(status, &caller.context, &page))
}
