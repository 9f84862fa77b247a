//! The signed-in user of a request.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use url::Url;

use super::{RequestContext, ResponseFormat};
use crate::app::AppForUser;
use crate::app::doctor::Finding;
use crate::app::failure::{Failure, PageSubject};
use crate::app::jobs::{JobState, JobView};
use crate::app::remediation::Installation;
use crate::config::{DoctorAudience, PageSettings};
use crate::openshift::oauth::DiscoveryResult;
use crate::web::AppState;
use crate::web::errors::WebError;
use crate::web::forms::Flash;
use crate::web::render::{Area, Chrome, DoctorStatus};

/// The extractor that handlers use for loads and changes.
#[derive(Clone, Debug)]
pub(in crate::web) struct SignedIn {
    app: AppState,
    pub(in crate::web) context: RequestContext,
    /// Whether pages link to the doctor's page.
    links_doctor: bool,
}

/// How long a page waits to know whether its footer links to the doctor's page.
const DOCTOR_LINK_TIMEOUT: Duration = Duration::from_millis(500);

/// How long a page waits to know where the OAuth server is.
const OAUTH_SERVER_TIMEOUT: Duration = Duration::from_secs(1);

impl SignedIn {
    /// The loads and changes for this user.
    pub(in crate::web) fn app(&self) -> AppForUser<'_> {
        self.app
            .app
            .for_user(self.context.token().expect("checked when extracted"))
    }

    /// Runs the doctor for this user.
    pub(in crate::web) async fn run_doctor(&self) -> Vec<Finding> {
        let (console, doctor, address) = (
            self.app(),
            &self.app.doctor,
            self.context.console_url.as_ref(),
        );
        let common = async {
            // A session began with a sign-in that used the client's secret; a bearer token may come
            // from anywhere.
            if self.context.bearer.is_some() {
                doctor.shared_findings(address).await
            } else {
                doctor.shared_findings_signed_in(address).await
            }
        };
        let (common, own) = tokio::join!(common, console.run_doctor(doctor, address));
        common.into_iter().chain(own).collect()
    }

    /// The frame of a page for this user.
    pub(in crate::web) fn chrome(&self, area: Area, title: impl Into<String>) -> Chrome {
        let chrome = Chrome::new(&self.context, self.app.clock.now(), area, title);
        Chrome {
            links_doctor: self.links_doctor,
            health: self.health(),
            ..chrome
        }
    }

    /// What the doctor's checks last found, for a user who may see them.
    pub(in crate::web) fn health(&self) -> Option<DoctorStatus> {
        let known = self.app.doctor.known_severity();
        self.links_doctor
            .then(|| known.map_or(DoctorStatus::Unknown, DoctorStatus::from_severity))
    }

    /// The signed-in user of a request. `None` without a token, or if the API server no longer
    /// accepts it.
    pub(in crate::web) async fn from_context(
        app: &AppState,
        context: RequestContext,
    ) -> Option<Self> {
        let token = context.token()?;
        if app.app.has_rejected_token(token) {
            return None;
        }
        let signed_in = Self {
            app: app.clone(),
            context,
            links_doctor: false,
        };
        Some(Self {
            links_doctor: signed_in.load_links_doctor().await,
            ..signed_in
        })
    }

    /// The OAuth server, as far as the API server says in time where it is.
    pub(in crate::web) async fn oauth_server(&self) -> Option<Url> {
        let endpoints = tokio::time::timeout(OAUTH_SERVER_TIMEOUT, self.app.oauth()?.endpoints());
        let endpoints = endpoints.await.ok()?;
        (endpoints.discovery_result == DiscoveryResult::Found).then_some(endpoints.issuer)
    }

    /// The names of the console's objects.
    pub(in crate::web) fn installation(&self) -> Installation {
        self.app.doctor.installation()
    }

    /// Which pages are enabled.
    pub(in crate::web) fn page_settings(&self) -> PageSettings {
        self.app.page_settings()
    }

    /// Whether the user may see the doctor's page.
    ///
    /// # Errors
    ///
    /// [`Failure::NotFound`] if the page is disabled, [`Failure::Forbidden`] if it is for
    /// administrators only; and the failure to review the user's rights.
    pub(in crate::web) async fn check_doctor(&self) -> Result<(), Failure> {
        match self.page_settings().doctor {
            DoctorAudience::Everybody => Ok(()),
            DoctorAudience::Nobody => Err(Failure::NotFound(PageSubject::Page)),
            DoctorAudience::Administrators if self.app().is_administrator().await? => Ok(()),
            DoctorAudience::Administrators => Err(Failure::Forbidden(PageSubject::Page)),
        }
    }

    async fn load_links_doctor(&self) -> bool {
        match self.page_settings().doctor {
            DoctorAudience::Everybody => true,
            DoctorAudience::Nobody => false,
            DoctorAudience::Administrators if self.context.format == ResponseFormat::Json => false,
            DoctorAudience::Administrators => {
                let review =
                    tokio::time::timeout(DOCTOR_LINK_TIMEOUT, self.app().is_administrator()).await;
                review.is_ok_and(|answer| answer.unwrap_or(false))
            }
        }
    }

    /// Redirects to the page at `path`, which shows the flash message.
    pub(in crate::web) fn redirect_with_flash(&self, done: Flash, path: &str) -> Response {
        done.redirect_to(&self.context, path)
    }

    /// Whether this session has ended, to be asked again while a job runs.
    pub(in crate::web) fn session_check(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        // A bearer token has no session: the job ends when the API server refuses it.
        let session = match self.context.bearer {
            Some(_) => None,
            None => Some(self.context.session.clone()),
        };
        let app = self.app.clone();
        move || {
            session.as_ref().is_some_and(|session| {
                session
                    .as_ref()
                    .is_none_or(|session| app.sessions.has_ended(session, app.clock.now()))
            })
        }
    }

    /// The job with this id, if this user started it and this process remembers it.
    ///
    /// # Errors
    ///
    /// The API server did not say which user a bearer token belongs to.
    pub(in crate::web) async fn job(&self, id: &str) -> Result<Option<JobView>, Failure> {
        Ok(self.app.app.job(id, &self.owner().await?))
    }

    /// The user who owns the jobs that this request starts.
    ///
    /// # Errors
    ///
    /// The API server did not say which user a bearer token belongs to.
    pub(in crate::web) async fn owner(&self) -> Result<String, Failure> {
        match self.user_name() {
            Some(name) => Ok(name.to_owned()),
            None => Ok(self.app().current_user().await?.name),
        }
    }

    /// The jobs of this user that are importing tags, with their ids. None without a session: the
    /// name that a bearer token belongs to is not asked for.
    pub(in crate::web) fn running_import_jobs(&self) -> Vec<(String, JobState)> {
        let owner = self.user_name();
        owner.map_or_else(Vec::new, |owner| self.app.app.running_import_jobs(owner))
    }

    /// The user name for commands, if it is known.
    pub(in crate::web) fn user_name(&self) -> Option<&str> {
        self.context.user_name()
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = WebError;

    async fn from_request_parts(
        parts: &mut Parts,
        app: &AppState,
    ) -> Result<Self, Self::Rejection> {
        let Ok(context) = RequestContext::from_request_parts(parts, app).await;
        Self::from_context(app, context)
            .await
            .ok_or_else(|| Failure::SignInRequired.into())
    }
}
