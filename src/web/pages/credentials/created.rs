//! The pages after a credential was created: its token, or the steps that remain.

use askama::Template;
use axum::http::HeaderMap;
use axum::response::Response;
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::list::right_message;
use crate::app::change::RefusalReason;
use crate::app::connect::RegistryClient;
use crate::app::credentials::{
    CreatedCredential, CredentialStep, NewCredential, PullSecret, UnfinishedCredential,
};
use crate::app::shell_command::ShellCommand;
use crate::config::AUDIT_TARGET;
use crate::i18n::Message;
use crate::outbound::{RequestChannel, RequestOrigin};
use crate::web::client_preference::preferred_client;
use crate::web::context::SignedIn;
use crate::web::filters;
use crate::web::forms::{FieldErrors, SubmitError};
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::ProjectName;

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
    /// The client whose command is displayed.
    #[serde(skip)]
    client: RegistryClient,
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

/// The header of a page about a service account of the project.
pub(super) fn header_below_credentials(chrome: &Chrome, project: &ProjectName) -> PageHeader {
    let lang = chrome.lang;
    PageHeader::new(&chrome.title)
        .below_project(lang, project)
        .below(links::credentials(project), lang.msg("credentials"))
}

impl CreatedCredentialPage {
    fn header(&self) -> PageHeader {
        header_below_credentials(&self.chrome, &self.project).with_current(&self.login.name)
    }

    fn right_label(&self) -> Message {
        right_message(&self.chrome, self.login.may)
    }
}

impl UnfinishedCredentialPage {
    fn header(&self) -> PageHeader {
        header_below_credentials(&self.chrome, &self.project).with_current(&self.login.name)
    }

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

/// Displays a new credential with its token.
pub(super) async fn render_created(
    caller: &SignedIn,
    headers: &HeaderMap,
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
        client: preferred_client(&CookieJar::from_headers(headers)).registry_client(),
        project,
    };
    log_credential_shown(caller, &page.project, &name);
    crate::web::render::render(&caller.context, &page)
}

/// Notes in the audit log that a user has seen the token of a credential.
pub(in crate::web) fn log_credential_shown(caller: &SignedIn, project: &ProjectName, name: &str) {
    let origin = RequestOrigin::current();
    tracing::info!(
        target: AUDIT_TARGET,
        event = "credential-shown",
        %project,
        name,
        channel = origin.channel.map(RequestChannel::as_str),
        user = origin.user.as_deref(),
        session_id = origin.session_id.as_deref(),
        request_id = caller.context.request_id.as_str(),
        "credential shown"
    );
}

/// Makes no upstream request.
pub(super) fn render_unfinished(
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
