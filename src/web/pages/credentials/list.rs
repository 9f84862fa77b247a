//! `/projects/{project}/logins`: lists the credentials of a project and creates new ones.

use askama::Template;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::connect::RegistryClient;
use crate::app::credentials::{
    CreateCredentialError, CreatedCredential, CredentialOffer, CredentialRight, CredentialStep,
    CredentialsView, NewCredential, PullSecret, UnfinishedCredential,
};
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, FormData, FormField, SubmitError};
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{ProjectName, ServiceAccountName};

/// The token lifetimes that the form offers.
const TOKEN_LIFETIMES_DAYS: [u32; 3] = [30, 90, 365];
/// The longest name that the form accepts. Names that are derived from it must be valid as well.
const MAX_NAME_BYTES: usize = 63;

#[derive(Template, Serialize)]
#[template(path = "credentials/list.html")]
struct CredentialsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: CredentialsView,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    right: FormField,
    #[serde(skip)]
    lifetime: FormField,
    #[serde(rename = "mistakes")]
    field_errors: FieldErrors,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

/// A new credential with its token. Rendered in the response to a form, and not stored.
#[derive(Template, Serialize)]
#[template(path = "credentials/created.html")]
struct CreatedCredentialPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    login: NewCredential,
    token: String,
    expires: Option<DateTime<Utc>>,
    hosts: Vec<String>,
    docker_config: String,
    pull_secret: String,
    #[serde(skip)]
    sign_in_commands: Vec<(RegistryClient, ShellCommand)>,
    /// Allows the pods of a namespace to pull with the secret.
    link: ShellCommand,
    oc: Vec<ShellCommand>,
}

#[derive(Template, Serialize)]
#[template(path = "credentials/unfinished.html")]
struct UnfinishedCredentialPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    login: NewCredential,
    failed: CredentialStep,
    #[serde(rename = "trouble")]
    submit_error: Option<SubmitError>,
}

impl CredentialsPage {
    fn right_label(&self, right: &CredentialRight) -> Message {
        right_message(&self.chrome, *right)
    }

    fn token_lifetimes_days(&self) -> [u32; 3] {
        TOKEN_LIFETIMES_DAYS
    }

    /// The commands that create what the form would create, with a placeholder if it has no name
    /// yet.
    fn commands(&self) -> Vec<ShellCommand> {
        let days = if self.view.offer.lasting {
            None
        } else {
            Some(TOKEN_LIFETIMES_DAYS[1])
        };
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

impl CreatedCredentialPage {
    fn right_label(&self) -> Message {
        right_message(&self.chrome, self.login.may)
    }
}

impl UnfinishedCredentialPage {
    fn completed_steps(&self) -> Vec<Message> {
        self.steps(|step| step < self.failed)
    }

    fn remaining_steps(&self) -> Vec<Message> {
        self.steps(|step| step >= self.failed)
    }

    fn steps(&self, is_included: impl Fn(CredentialStep) -> bool) -> Vec<Message> {
        let lang = self.chrome.lang;
        let words = [
            (
                CredentialStep::Account,
                lang.msg("credential-step-account")
                    .arg("name", &self.login.name),
            ),
            (
                CredentialStep::Right,
                lang.msg("credential-step-role")
                    .arg("role", self.login.may.cluster_role()),
            ),
            (CredentialStep::Token, lang.msg("credential-step-token")),
        ];
        words
            .into_iter()
            .filter(|(step, _)| is_included(*step))
            .map(|(_, text)| text)
            .collect()
    }

    /// Whether the cluster cannot issue tokens that expire, so that a retry would fail.
    fn lacks_expiring_tokens(&self, refused: RefusalReason) -> bool {
        self.failed == CredentialStep::Token
            && self.login.days.is_some()
            && refused == RefusalReason::NotThere
    }
}

fn right_message(chrome: &Chrome, right: CredentialRight) -> Message {
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
    form: FormData,
) -> Result<Response, WebError> {
    let mut field_errors = FieldErrors::default();
    let Some(wanted) = parse_new_credential(&caller, &form, &mut field_errors) else {
        return render_list(&caller, &project, &form, field_errors, None).await;
    };
    match caller.app().create_credential(&project, wanted).await {
        Ok(login) => Ok(render_created(&caller, project, login).await),
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
    form: FormData,
) -> Result<Response, WebError> {
    let name: ServiceAccountName =
        crate::web::pages::credentials::revoke::parse_name(form.text("name"))?;
    match caller.app().finish_credential(&project, &name).await {
        Ok(login) => Ok(render_created(&caller, project, login).await),
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
        .filter(|name: &ServiceAccountName| name.as_str().len() <= MAX_NAME_BYTES);
    if name.is_none() {
        field_errors.add("name", lang.msg("credential-name-rule"));
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
    let view = caller.app().credentials(project).await?;
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
        CredentialOffer { lasting: true, .. } => "always",
        _ => "90",
    };
    let page = CredentialsPage {
        chrome: caller.chrome(Area::Projects, lang.msg("credentials").to_string()),
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
        ),
        view,
        field_errors,
        submit_error,
    };
    Ok(render_with_status(status, &caller.context, &page))
}

async fn render_created(
    caller: &SignedIn,
    project: ProjectName,
    login: CreatedCredential,
) -> Response {
    let name = login.credential.name.to_string();
    let console = caller.app();
    let (hosts, (_, sign_in)) = tokio::join!(
        console.registry_hosts(&project),
        console.paste_token_commands(Some(&name))
    );
    let files = PullSecret::new(hosts, &name, login.token);
    let page = CreatedCredentialPage {
        chrome: caller.chrome(
            Area::Projects,
            caller
                .context
                .lang
                .msg("credential-created-title")
                .arg("name", &name)
                .to_string(),
        ),
        oc: login.credential.commands(&project),
        link: ShellCommand::new("oc secrets link default")
            .with_operand(files.name())
            .with_flag("--for=pull")
            .with_flag("-n NAMESPACE"),
        docker_config: files.to_docker_config(),
        pull_secret: files.to_yaml(),
        token: files.token.expose().to_owned(),
        hosts: files.hosts,
        expires: login.expires,
        login: login.credential,
        sign_in_commands: sign_in,
        project,
    };
    tracing::info!(user = caller.user_name(), project = %page.project, credential = name, "credential created or shown");
    crate::web::render::render(&caller.context, &page)
}

/// Makes no upstream request.
fn render_unfinished(
    caller: &SignedIn,
    project: ProjectName,
    begun: UnfinishedCredential,
) -> Response {
    let lang = caller.context.lang;
    let why = begun.refusal.why;
    let mut submit_error =
        SubmitError::from_change_error(begun.refusal, lang, &[], &mut FieldErrors::default());
    let title = lang
        .msg("credential-unfinished-title")
        .arg("name", &begun.credential.name)
        .to_string();
    let mut page = UnfinishedCredentialPage {
        chrome: caller.chrome(Area::Projects, title),
        project,
        login: begun.credential,
        failed: begun.failed_step,
        submit_error: None,
    };
    let hint = if page.lacks_expiring_tokens(why) {
        lang.msg("credential-unfinished-no-expiring-tokens")
    } else {
        lang.msg("credential-unfinished-hint")
    };
    submit_error.hint = hint.to_string();
    let status = submit_error.status();
    page.submit_error = Some(submit_error);
    render_with_status(status, &caller.context, &page)
}
