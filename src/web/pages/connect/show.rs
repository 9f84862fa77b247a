//! `/connect` and `/connect/token`: how to use the registry with a client, and the token of the
//! session.

use askama::Template;
use axum::extract::RawQuery;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::connect::{
    ConnectQuery, ConnectView, InstructionPurpose, RegistryClient, TrustStore,
};
use crate::app::failure::{Failure, PageSubject};
use crate::app::release::Release;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::links;
use crate::web::render::{Area, Chrome, render};

#[derive(Template, Serialize)]
#[template(path = "connect/show.html")]
struct ConnectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ConnectView,
    /// Whether the console may display the token of the session.
    #[serde(skip)]
    shows_token: bool,
}

/// The token of the session. Displayed only after a form was sent, and only in HTML (S29).
#[derive(Template, Serialize)]
#[template(path = "connect/token.html")]
struct TokenPage {
    #[serde(skip)]
    chrome: Chrome,
    /// `None` before the form is sent. Not part of the JSON form; a client that has the token can
    /// read when it expires.
    #[serde(skip)]
    token: Option<String>,
    /// The earliest time at which the token expires. `None` for a token that does not come from a
    /// session.
    expires: Option<DateTime<Utc>>,
    host: Option<String>,
    /// Commands that sign in with the displayed token.
    #[serde(skip)]
    sign_in_commands: Vec<(RegistryClient, ShellCommand)>,
}

impl ConnectPage {
    /// The title of a group of commands.
    fn purpose_title(&self, purpose: &InstructionPurpose) -> Message {
        let lang = self.chrome.lang;
        match purpose {
            InstructionPurpose::Login => lang.msg("connect-sign-in-oc"),
            InstructionPurpose::Paste => lang.msg("connect-sign-in-paste"),
            InstructionPurpose::Push => lang.msg("connect-push"),
            InstructionPurpose::Pull => lang.msg("connect-pull"),
            InstructionPurpose::Copy => lang.msg("connect-copy"),
            InstructionPurpose::Logout => lang.msg("connect-sign-out"),
        }
    }

    /// A note in addition to the commands.
    fn system_note(&self, system: &TrustStore) -> Option<Message> {
        let lang = self.chrome.lang;
        match system {
            TrustStore::Docker => Some(lang.msg("trust-docker-note")),
            TrustStore::Podman => Some(lang.msg("trust-podman-note")),
            TrustStore::Containerd => Some(lang.msg("trust-containerd-note")),
            TrustStore::Crio => Some(lang.msg("trust-crio-note")),
            TrustStore::Openshift => Some(lang.msg("trust-openshift-note")),
            TrustStore::Redhat | TrustStore::Debian => Some(lang.msg("trust-system-note")),
            TrustStore::Macos => Some(lang.msg("trust-macos-note")),
            TrustStore::Windows => Some(lang.msg("trust-windows-note")),
        }
    }

    /// What a registry still needs after it is enabled.
    fn storage_note(&self, openshift: &Release) -> Message {
        match openshift {
            Release::FourOrLater => self.chrome.lang.msg("no-registry-storage-4"),
            Release::Three => self.chrome.lang.msg("no-registry-storage-3"),
        }
    }

    /// Whether it is known that the user may not push to the selected project or stream.
    fn cannot_push(&self) -> bool {
        self.view
            .may_push
            .as_ref()
            .and_then(|may| may.ready())
            .is_some_and(|may| !may)
    }
}

/// Invalid parameters in the query are ignored.
pub(in crate::web) async fn show_connect(
    caller: SignedIn,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let mut chosen = ConnectQuery::default();
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "project" => chosen.project = value.trim().parse().ok(),
            "image" => chosen.image = value.trim().parse().ok(),
            _ => {}
        }
    }
    // The guard refuses requests without a host.
    let origin = caller
        .context
        .console_url
        .as_ref()
        .map(|home| home.origin().ascii_serialization())
        .unwrap_or_default();
    let ca = format!("{origin}{}", links::CONNECT_CA);
    let view = caller
        .app()
        .connect_view(chosen, caller.user_name(), &ca, &caller.installation())
        .await?;
    let title = caller.context.lang.msg("connect").to_string();
    let shows_token = caller.page_settings().show_token;
    Ok(render(
        &caller.context,
        &ConnectPage {
            chrome: caller.chrome(Area::Connect, title),
            view,
            shows_token,
        },
    ))
}

pub(in crate::web) async fn confirm_show_token(caller: SignedIn) -> Result<Response, WebError> {
    check_token_page(&caller)?;
    Ok(render_token_page(&caller, false).await)
}

/// Not found if the console is configured not to display tokens.
fn check_token_page(caller: &SignedIn) -> Result<(), Failure> {
    if caller.page_settings().show_token {
        Ok(())
    } else {
        Err(Failure::NotFound(PageSubject::Page))
    }
}

/// Displays the token. Responses are not stored by the browser or by proxies unless they are marked
/// otherwise (S28).
pub(in crate::web) async fn show_token(caller: SignedIn) -> Result<Response, WebError> {
    check_token_page(&caller)?;
    // A token that no longer works is not displayed.
    caller.app().current_user().await?;
    if let Some(session) = &caller.context.session {
        tracing::info!(
            user = session.user.name,
            session_id = session.id,
            "the session's token was shown"
        );
    }
    Ok(render_token_page(&caller, true).await)
}

async fn render_token_page(caller: &SignedIn, shown: bool) -> Response {
    let session = caller.context.session.as_ref();
    let token = session
        .filter(|_| shown)
        .map(|session| session.token.expose().to_owned());
    let (host, sign_in) = caller.app().paste_token_commands(caller.user_name()).await;
    let expires = session
        .filter(|_| caller.context.bearer.is_none())
        .map(|session| session.expires_at);
    let chrome = caller.chrome(
        Area::Connect,
        caller.context.lang.msg("token-title").to_string(),
    );
    render(
        &caller.context,
        &TokenPage {
            chrome,
            token,
            expires,
            host,
            sign_in_commands: sign_in,
        },
    )
}
