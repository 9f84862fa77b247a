//! `/connect` and `/connect/token`: how to use the registry with a client, and the token of the
//! session.

use askama::Template;
use axum::extract::RawQuery;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;
use utoipa::ToSchema;

use crate::app::connect::{
    ClientInstructions, ConnectQuery, ConnectView, InstructionPurpose, InstructionStep, PullClient,
    RegistryAuthority, RegistryClient, TrustInstructions, TrustStore,
};
use crate::app::failure::{Failure, PageSubject};
use crate::app::projects::PushLimits;
use crate::app::release::Release;
use crate::app::section::Section;
use crate::app::shell_command::ShellCommand;
use crate::config::AUDIT_TARGET;
use crate::i18n::Message;
use crate::web::client_preference::{client_cookie, preferred_client};
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::links;
use crate::web::page_header::PageHeader;
use crate::web::render::{Area, Chrome, render};
use crate::web::session::Session;

#[derive(Template, Serialize, ToSchema)]
#[template(path = "connect/show.html")]
pub(super) struct ConnectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ConnectView,
    /// What the quotas and limits of the chosen project mean for a push. Empty for users who may not
    /// push or may not read them.
    #[serde(skip_serializing_if = "PushLimits::has_none")]
    push_limits: PushLimits,
    /// Whether the console may display the token of the session.
    #[serde(skip)]
    shows_token: bool,
    #[serde(skip)]
    oc_login: OcLogin,
    /// The client whose commands are displayed.
    #[serde(skip)]
    client: PullClient,
    /// The system whose instructions to trust the certificate are displayed, by its name in
    /// [`SYSTEMS`].
    #[serde(skip)]
    system: &'static str,
}

/// How `oc` gets the token that other clients take from it.
#[derive(Debug, Default)]
struct OcLogin {
    /// The page of the OAuth server that shows the command with a new token.
    token_page: Option<String>,
    /// The command that asks for the password. Only on OpenShift 3, where the OAuth server is a part
    /// of the API server: elsewhere the console does not know the public address of the latter.
    command: Option<ShellCommand>,
}

impl OcLogin {
    fn new(oauth_server: Option<&Url>, is_part_of_api_server: bool) -> Self {
        let Some(server) = oauth_server else {
            return Self::default();
        };
        let origin = server.origin().ascii_serialization();
        Self {
            token_page: Some(format!("{origin}/oauth/token/request")),
            command: is_part_of_api_server
                .then(|| ShellCommand::new("oc login").with_operand(&origin)),
        }
    }
}

/// The systems of the first step: the name in the query, and the place that a certificate is
/// installed in. All others are further down the page.
const SYSTEMS: [(&str, TrustStore); 4] = [
    ("podman", TrustStore::Podman),
    ("docker", TrustStore::Docker),
    ("mac", TrustStore::Macos),
    ("windows", TrustStore::Windows),
];

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
    /// Whether the token is that of an OIDC provider: short-lived, and nothing revokes it.
    #[serde(skip)]
    is_id_token: bool,
    host: Option<String>,
    /// Commands that sign in with the displayed token.
    #[serde(skip)]
    sign_in_commands: Vec<(RegistryClient, ShellCommand)>,
    /// The client whose command is displayed.
    #[serde(skip)]
    client: RegistryClient,
}

impl TokenPage {
    fn header(&self) -> PageHeader {
        let lang = self.chrome.lang;
        PageHeader::new(&self.chrome.title).below(links::CONNECT, lang.msg("connect"))
    }
}

impl ConnectPage {
    fn header(&self) -> PageHeader {
        PageHeader::new(&self.chrome.title)
    }

    /// Whether clients trust the registry without further steps.
    fn is_publicly_trusted(&self) -> bool {
        matches!(self.view.authority, RegistryAuthority::Public { .. })
    }

    /// The systems of the first step, with their labels.
    fn systems(&self) -> Vec<(&'static str, TrustStore, Message)> {
        let lang = self.chrome.lang;
        let label = |store: &TrustStore| match store {
            TrustStore::Podman => lang.msg("connect-system-podman"),
            TrustStore::Docker => lang.msg("connect-system-docker"),
            TrustStore::Macos => lang.msg("connect-system-mac"),
            _ => lang.msg("connect-system-windows"),
        };
        let systems = SYSTEMS.iter();
        systems
            .map(|(name, store)| (*name, *store, label(store)))
            .collect()
    }

    fn trust_for(&self, store: &TrustStore) -> Vec<&TrustInstructions> {
        let all = self.view.trust.iter();
        all.filter(|steps| steps.system == *store).collect()
    }

    /// The instructions for all other systems.
    fn other_trust(&self) -> Vec<&TrustInstructions> {
        let is_other =
            |steps: &&TrustInstructions| SYSTEMS.iter().all(|(_, store)| *store != steps.system);
        let all = self.view.trust.iter();
        all.filter(|_| !self.is_publicly_trusted())
            .filter(is_other)
            .collect()
    }

    /// The clients to choose from. `oc` signs in only where it has the command.
    fn clients(&self) -> Vec<PullClient> {
        let has_oc = self.view.registry_login_command.is_some();
        PullClient::ALL
            .into_iter()
            .filter(|client| has_oc || *client != PullClient::Oc)
            .collect()
    }

    /// The instructions for the clients to choose from.
    fn main_recipes(&self) -> Vec<&ClientInstructions> {
        self.recipes(true)
    }

    /// The instructions for all other clients.
    fn other_recipes(&self) -> Vec<&ClientInstructions> {
        self.recipes(false)
    }

    fn recipes(&self, main: bool) -> Vec<&ClientInstructions> {
        let is_main = |client: RegistryClient| {
            let mut clients = PullClient::ALL.into_iter();
            clients.any(|offered| offered.registry_client() == client)
        };
        let all = self.view.recipes.iter();
        all.filter(|recipe| is_main(recipe.client) == main)
            .collect()
    }

    /// The steps that sign in.
    #[expect(clippy::unused_self, reason = "called from a template")]
    fn sign_in_steps<'r>(&self, recipe: &'r ClientInstructions) -> Vec<&'r InstructionStep> {
        let steps = recipe.steps.iter();
        steps.filter(|step| is_sign_in(step.purpose)).collect()
    }

    /// The steps that push, pull and copy, and then sign out.
    #[expect(clippy::unused_self, reason = "called from a template")]
    fn use_steps<'r>(&self, recipe: &'r ClientInstructions) -> Vec<&'r InstructionStep> {
        let steps = recipe.steps.iter();
        steps.filter(|step| !is_sign_in(step.purpose)).collect()
    }

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

fn is_sign_in(purpose: InstructionPurpose) -> bool {
    matches!(
        purpose,
        InstructionPurpose::Login | InstructionPurpose::Paste
    )
}

/// The system that the browser runs on, as far as that decides how a certificate is installed;
/// otherwise the one of the client.
fn usual_system(headers: &HeaderMap, client: PullClient) -> &'static str {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if agent.contains("Macintosh") {
        "mac"
    } else if agent.contains("Windows NT") {
        "windows"
    } else if client == PullClient::Docker {
        "docker"
    } else {
        "podman"
    }
}

/// Invalid parameters in the query are ignored. A client in the query is remembered.
pub(in crate::web) async fn show_connect(
    caller: SignedIn,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, WebError> {
    let mut chosen = ConnectQuery::default();
    let (mut client, mut system) = (None, None);
    for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match &*name {
            "project" => chosen.project = value.trim().parse().ok(),
            "image" => chosen.image = value.trim().parse().ok(),
            "client" => client = PullClient::from_name(&value),
            "system" => system = SYSTEMS.iter().find(|(name, _)| *name == value),
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
    let console = caller.app();
    let chosen_place = chosen.clone();
    let push_limits = async {
        let project = chosen_place.project.as_ref()?;
        Some(
            console
                .push_limits(project, chosen_place.image.as_ref())
                .await,
        )
    };
    let installation = caller.installation();
    let (view, push_limits, oauth_server) = tokio::join!(
        console.connect_view(chosen, caller.user_name(), &ca, &installation),
        push_limits,
        caller.oauth_server()
    );
    let view = view?;
    let title = caller.context.lang.msg("connect").to_string();
    let shown_client =
        match client.unwrap_or_else(|| preferred_client(&CookieJar::from_headers(&headers))) {
            PullClient::Oc if view.registry_login_command.is_none() => PullClient::Podman,
            client => client,
        };
    let may_push = view.may_push.as_ref().and_then(Section::ready);
    let page = ConnectPage {
        chrome: caller.chrome(Area::Connect, title),
        push_limits: push_limits
            .filter(|_| may_push == Some(&true))
            .unwrap_or_default(),
        oc_login: OcLogin::new(oauth_server.as_ref(), view.registry_login_command.is_none()),
        view,
        shows_token: caller.page_settings().show_token,
        client: shown_client,
        system: system.map_or_else(|| usual_system(&headers, shown_client), |(name, _)| *name),
    };
    let remembered = client.map(|client| CookieJar::new().add(client_cookie(client)));
    Ok((remembered, render(&caller.context, &page)).into_response())
}

pub(in crate::web) async fn confirm_show_token(
    caller: SignedIn,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    check_token_page(&caller)?;
    Ok(render_token_page(&caller, &headers, false).await)
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
pub(in crate::web) async fn show_token(
    caller: SignedIn,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    check_token_page(&caller)?;
    // A token that no longer works is not displayed.
    caller.app().current_user().await?;
    if let Some(session) = &caller.context.session {
        tracing::info!(
            target: AUDIT_TARGET,
            event = "token-shown",
            user = session.user.name,
            session_id = session.id,
            request_id = caller.context.request_id.as_str(),
            "the session's token was shown"
        );
    }
    Ok(render_token_page(&caller, &headers, true).await)
}

async fn render_token_page(caller: &SignedIn, headers: &HeaderMap, shown: bool) -> Response {
    let session = caller.context.session.as_ref();
    let token = session
        .filter(|_| shown)
        .map(|session| session.token.expose().to_owned());
    let (host, sign_in) = caller.app().paste_token_commands(caller.user_name()).await;
    let expires = session
        .filter(|_| caller.context.bearer.is_none())
        .map(Session::token_expires_at);
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
            is_id_token: session.is_some_and(|session| session.oidc.is_some()),
            host,
            sign_in_commands: sign_in,
            client: preferred_client(&CookieJar::from_headers(headers)).registry_client(),
        },
    )
}
