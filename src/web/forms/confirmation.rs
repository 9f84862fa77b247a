//! Pages that ask for confirmation before a change.
//!
//! `GET` displays the page, `POST` makes the change and redirects with a flash message. When the
//! API server refuses the change, the page is displayed again, with what is true by now and the
//! refusal above its form.

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::{Flash, SubmitError};
use crate::app::change::{ChangeError, Refusal};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::render::{render, render_with_status};

/// A page that asks for confirmation before a change.
pub(in crate::web) trait ConfirmationPage: Template + Serialize + Sized {
    /// The object of the change: a stream, a tag, a member of a project.
    type Target: Sync;

    /// Loads the page for `target`.
    ///
    /// # Errors
    ///
    /// The object of the change does not exist, is not visible to the caller, or cannot be read.
    fn load(
        caller: &SignedIn,
        target: &Self::Target,
        submit_error: Option<SubmitError>,
    ) -> impl Future<Output = Result<Self, WebError>> + Send;

    /// The message about a refused change.
    fn submit_error(refusal: Refusal, lang: Lang) -> SubmitError {
        SubmitError::from_change_error_without_fields(refusal, lang)
    }
}

impl SignedIn {
    /// Displays the page `P`, before the change.
    pub(in crate::web) async fn confirm<P: ConfirmationPage>(
        &self,
        target: &P::Target,
    ) -> Result<Response, WebError> {
        Ok(render(&self.context, &P::load(self, target, None).await?))
    }

    /// Redirects to the page at `path` with `flash` if the change was made. Displays `P` again, with
    /// the status of the refusal, if it was refused.
    pub(in crate::web) async fn redirect_or_confirm<P: ConfirmationPage>(
        &self,
        target: &P::Target,
        outcome: Result<(), ChangeError>,
        flash: Flash,
        path: &str,
    ) -> Result<Response, WebError> {
        match outcome {
            Ok(()) => Ok(self.redirect_with_flash(flash, path)),
            Err(error) => {
                let submit_error = P::submit_error(error.into_refusal()?, self.context.lang);
                self.confirm_again::<P>(target, submit_error).await
            }
        }
    }

    /// Displays the page `P` again after a refusal, with its status.
    pub(in crate::web) async fn confirm_again<P: ConfirmationPage>(
        &self,
        target: &P::Target,
        submit_error: SubmitError,
    ) -> Result<Response, WebError> {
        let status = submit_error.status();
        let page = P::load(self, target, Some(submit_error)).await?;
        Ok(render_with_status(status, &self.context, &page))
    }
}
