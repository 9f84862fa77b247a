//! The error page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::{WebError, sign_in, text};
use crate::app::failure::{Failure, PageSubject};
use crate::i18n::Lang;
use crate::outbound::may_have_changed;
use crate::web::AppState;
use crate::web::context::RequestContext;
use crate::web::filters;
use crate::web::forms::{ResendField, ResendForm};
use crate::web::links;
use crate::web::remediation::{SignInRemediation, Step};
use crate::web::render::{Area, Chrome, DoctorStatus, render_html};

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage {
    chrome: Chrome,
    status: u16,
    text: String,
    hint: String,
    /// What an administrator of the cluster can do.
    steps: Vec<Step>,
    /// The URL of this page, for errors that may be temporary.
    retry_link: Option<String>,
    /// The page above this one with the name of its object, if this one does not exist.
    page_above: Option<(String, String)>,
    /// The project, image stream or image that the user may not view, or that does not exist.
    forbidden_object: Option<String>,
    /// The URL of the sign-in, if it is offered.
    sign_in_link: Option<String>,
    /// The URL to which the browser navigates automatically.
    refresh_link: Option<String>,
    /// The form that was not processed, to be sent again.
    resend: Option<ResendSection>,
}

/// A form on an error page.
struct ResendSection {
    form: ResendForm,
    reason: ResendReason,
    lang: Lang,
}

/// Why a form is shown again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ResendReason {
    /// There is no session.
    SignedOut,
    /// The session is newer than the page with the form.
    StaleForm,
    /// An error occurred after the form was accepted.
    Failed,
}

impl ResendSection {
    fn from_error(refused: &WebError, form: Option<ResendForm>, lang: Lang) -> Option<Self> {
        let why = match refused {
            WebError::Failure(Failure::SignInRequired) => ResendReason::SignedOut,
            WebError::StaleForm => ResendReason::StaleForm,
            refused if refused.is_retryable() => ResendReason::Failed,
            _ => return None,
        };
        Some(Self {
            form: form?,
            reason: why,
            lang,
        })
    }

    fn is_signed_out(&self) -> bool {
        self.reason == ResendReason::SignedOut
    }

    fn is_stale(&self) -> bool {
        self.reason == ResendReason::StaleForm
    }

    fn fields(&self) -> Vec<ResendField<'_>> {
        self.form.visible_fields(self.lang)
    }

    /// The page with the form.
    fn form_page(&self) -> String {
        links::form_page(self.form.action()).to_owned()
    }
}

/// Whether the user may not view what the page is about, as far as OpenShift reveals that it exists.
fn is_forbidden_object(refused: &WebError) -> bool {
    matches!(
        refused,
        WebError::Failure(Failure::Forbidden(
            PageSubject::Project | PageSubject::ImageStream | PageSubject::Image
        ))
    )
}

/// What does not exist, by its name, as far as the path of the page has a valid one.
fn missing_object(refused: &WebError, path: &str, lang: Lang) -> Option<String> {
    let WebError::Failure(Failure::NotFound(subject)) = refused else {
        return None;
    };
    let text = match subject {
        PageSubject::Project => lang
            .msg("error-not-found-project-named")
            .arg("name", links::project_in_path(path)?),
        PageSubject::ImageStream => lang
            .msg("error-not-found-stream-named")
            .arg("name", links::stream_in_path(path)?),
        PageSubject::Image => lang
            .msg("error-not-found-image-named")
            .arg("name", links::tagged_image_in_path(path)?),
        _ => return None,
    };
    Some(text.to_string())
}

/// The list in which a reader finds what exists: URL and name.
fn page_above(refused: &WebError, path: &str, lang: Lang) -> Option<(String, String)> {
    match refused {
        WebError::Failure(Failure::NotFound(PageSubject::Project)) => {
            Some((links::PROJECTS.to_owned(), lang.msg("projects").to_string()))
        }
        _ => links::page_above(path),
    }
}

/// Renders the page of an error. `reads`: the request could not have changed anything.
pub(super) fn render(
    app: &AppState,
    context: &RequestContext,
    refused: &WebError,
    reads: bool,
    resend_form: Option<ResendForm>,
    health: Option<DoctorStatus>,
) -> Response {
    let resend = ResendSection::from_error(refused, resend_form, context.lang);
    let signed_out = !reads && matches!(refused, WebError::Failure(Failure::SignInRequired));
    let error_text = match refused {
        _ if signed_out => {
            text::signed_out_text(context.lang, resend.is_some(), may_have_changed())
        }
        WebError::StaleForm if resend.is_none() => {
            WebError::ForeignForm.error_text(context.lang, &SignInRemediation::new(app, context))
        }
        _ => refused.error_text(context.lang, &SignInRemediation::new(app, context)),
    };
    let status = refused.status();
    let mut chrome = Chrome {
        health,
        ..Chrome::new(context, app.clock.now(), Area::Other, error_text.title)
    };
    if signed_out {
        // The cookie may still exist, but the API server no longer accepts its token.
        chrome.user = None;
        chrome.health = None;
    }
    let page = ErrorPage {
        status: status.as_u16(),
        retry_link: (reads && refused.is_retryable()).then(|| context.path.clone()),
        page_above: page_above(refused, &context.path, context.lang)
            .filter(|_| reads && status == StatusCode::NOT_FOUND),
        forbidden_object: links::object_in_path(&context.path)
            .filter(|_| reads && is_forbidden_object(refused)),
        sign_in_link: sign_in::sign_in_link(refused, context, signed_out),
        refresh_link: sign_in::automatic_sign_in_link(refused),
        chrome,
        text: missing_object(refused, &context.path, context.lang).unwrap_or(error_text.text),
        hint: error_text.hint,
        steps: error_text.steps,
        resend,
    };
    render_html(status, &page)
}
