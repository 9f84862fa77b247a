//! A refused change in the user's language, rendered by `templates/components/form.html`.

use axum::http::StatusCode;
use serde::Serialize;

use super::FieldErrors;
use crate::app::change::{ExceededLimit, Refusal, RefusalReason};
use crate::app::failure::Failure;
use crate::app::image_streams::ImportFailureKind;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Lang;
use crate::web::links;
use crate::web::quota_messages;
use registry_model::ProjectName;

/// The message above the fields of a form whose change was refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SubmitError {
    pub(crate) title: String,
    /// What the user can do next.
    pub(crate) hint: String,
    /// The quota or limit that prevents the change, a sentence each. Untrusted.
    #[serde(skip)]
    pub(crate) facts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exceeded: Option<ExceededLimit>,
    /// The message of the API server, unchanged. Untrusted.
    pub(crate) detail: String,
    /// The project of the change, if the URL of the page does not contain it.
    #[serde(skip)]
    project: Option<ProjectName>,
    #[serde(skip)]
    quota_kind: Option<QuotaKind>,
    #[serde(skip)]
    status: StatusCode,
    /// Whether the message gets the focus when the page is loaded: no field does.
    #[serde(skip)]
    pub(crate) autofocus: bool,
}

/// The objects that the command of the message displays.
#[derive(Clone, Copy, Debug)]
enum QuotaKind {
    Quotas,
    LimitRanges,
}

impl SubmitError {
    /// Creates the message about a refused change. Causes that concern a field are added to
    /// `field_errors`: `fields` maps the API server's field names to those of the form.
    pub(in crate::web) fn from_change_error(
        refusal: Refusal,
        lang: Lang,
        fields: &[(&str, &'static str)],
        field_errors: &mut FieldErrors,
    ) -> Self {
        for cause in &refusal.causes {
            let form_field = fields.iter().find(|(api_field, _)| {
                cause
                    .field
                    .as_deref()
                    .is_some_and(|field| field.starts_with(api_field))
            });
            if let Some((_, form_field)) = form_field {
                field_errors.add(*form_field, &cause.text);
            }
        }
        let (title, hint, status) = match refusal.why {
            RefusalReason::NotAllowed => (
                lang.msg("refused-not-allowed"),
                lang.msg("refused-not-allowed-hint"),
                StatusCode::FORBIDDEN,
            ),
            RefusalReason::OverQuota => (
                lang.msg("refused-over-quota"),
                lang.msg("refused-over-quota-hint"),
                StatusCode::FORBIDDEN,
            ),
            RefusalReason::QuotaUnknown => (
                lang.msg("refused-quota-unknown"),
                lang.msg("refused-quota-unknown-hint"),
                StatusCode::SERVICE_UNAVAILABLE,
            ),
            RefusalReason::OverLimit => (
                lang.msg("refused-over-limit"),
                lang.msg("refused-over-limit-hint"),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            RefusalReason::AdmissionWebhook => (
                lang.msg("refused-webhook"),
                lang.msg("refused-webhook-hint"),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            RefusalReason::AdmissionPolicy => (
                lang.msg("refused-policy"),
                lang.msg("refused-policy-hint"),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            RefusalReason::WebhookFailed => (
                lang.msg("refused-webhook-failed"),
                lang.msg("refused-webhook-failed-hint"),
                StatusCode::SERVICE_UNAVAILABLE,
            ),
            RefusalReason::Exists => (
                lang.msg("refused-exists"),
                lang.msg("refused-exists-hint"),
                StatusCode::CONFLICT,
            ),
            RefusalReason::Stale => (
                lang.msg("refused-stale"),
                lang.msg("refused-stale-hint"),
                StatusCode::CONFLICT,
            ),
            RefusalReason::Contended => (
                lang.msg("refused-contended"),
                lang.msg("refused-contended-hint"),
                StatusCode::CONFLICT,
            ),
            RefusalReason::NotBegun => (
                lang.msg("refused-not-begun"),
                lang.msg("refused-not-begun-hint"),
                StatusCode::SERVICE_UNAVAILABLE,
            ),
            RefusalReason::NotThere => (
                lang.msg("refused-not-there"),
                lang.msg("refused-not-there-hint"),
                StatusCode::NOT_FOUND,
            ),
            RefusalReason::Invalid
                if ImportFailureKind::from_reason("", &refusal.detail)
                    == Some(ImportFailureKind::RegistryNotAllowed) =>
            {
                (
                    lang.msg("refused-invalid"),
                    lang.msg("import-advice-not-allowed"),
                    StatusCode::UNPROCESSABLE_ENTITY,
                )
            }
            RefusalReason::Invalid => (
                lang.msg("refused-invalid"),
                lang.msg("refused-invalid-hint"),
                StatusCode::UNPROCESSABLE_ENTITY,
            ),
            RefusalReason::NotReached => (
                lang.msg("refused-not-reached"),
                lang.msg("refused-not-reached-hint"),
                StatusCode::SERVICE_UNAVAILABLE,
            ),
            RefusalReason::Uncertain => (
                lang.msg("refused-uncertain"),
                lang.msg("refused-uncertain-hint"),
                StatusCode::BAD_GATEWAY,
            ),
            RefusalReason::TooLong => (
                lang.msg("refused-too-long"),
                lang.msg("refused-too-long-hint"),
                StatusCode::BAD_GATEWAY,
            ),
            RefusalReason::Unavailable => {
                let hint = lang
                    .msg("refused-unavailable-hint")
                    .arg("when", lang.retry_time(refusal.retry_after));
                (
                    lang.msg("refused-unavailable"),
                    hint,
                    StatusCode::SERVICE_UNAVAILABLE,
                )
            }
            RefusalReason::NotServed => (
                lang.msg("refused-not-served"),
                lang.msg("refused-not-served-hint"),
                StatusCode::NOT_FOUND,
            ),
            RefusalReason::Proxy => {
                let status = refusal
                    .proxy_status
                    .unwrap_or(StatusCode::BAD_GATEWAY.as_u16());
                (
                    lang.msg("refused-proxy").arg("status", status.to_string()),
                    lang.msg("refused-proxy-hint"),
                    StatusCode::BAD_GATEWAY,
                )
            }
            RefusalReason::Busy => {
                let hint = lang
                    .msg("refused-busy-hint")
                    .arg("when", lang.retry_time(refusal.retry_after));
                (
                    lang.msg("refused-busy"),
                    hint,
                    StatusCode::SERVICE_UNAVAILABLE,
                )
            }
        };
        let shows = match refusal.why {
            RefusalReason::OverQuota | RefusalReason::QuotaUnknown => Some(QuotaKind::Quotas),
            RefusalReason::OverLimit => Some(QuotaKind::LimitRanges),
            _ => None,
        };
        Self {
            title: title.to_string(),
            hint: hint.to_string(),
            facts: refusal
                .exceeded
                .as_ref()
                .map(|exceeded| quota_messages::exceeded_facts(lang, exceeded))
                .unwrap_or_default(),
            exceeded: refusal.exceeded.map(|exceeded| *exceeded),
            detail: refusal.detail,
            project: None,
            quota_kind: shows,
            status,
            autofocus: field_errors.is_empty(),
        }
    }

    /// Creates the message for a form without fields.
    pub(in crate::web) fn from_change_error_without_fields(refusal: Refusal, lang: Lang) -> Self {
        Self::from_change_error(refusal, lang, &[], &mut FieldErrors::default())
    }

    /// Creates the message about a form that could not be processed because something that it needs
    /// could not be read. Nothing was changed.
    ///
    /// # Errors
    ///
    /// The failure, where sending the form again would not help.
    pub(in crate::web) fn from_failure(failure: Failure, lang: Lang) -> Result<Self, Failure> {
        let refusal = Refusal::from_failure(failure)?;
        Ok(Self::from_change_error_without_fields(refusal, lang))
    }

    /// Sets the project of the change.
    pub(in crate::web) fn with_project(self, project: &ProjectName) -> Self {
        Self {
            project: Some(project.clone()),
            ..self
        }
    }

    /// The command that displays the quotas or limit ranges that prevent the change. `path` is the
    /// path of the page.
    pub(crate) fn command(&self, path: &str) -> Option<ShellCommand> {
        let project = self
            .project
            .clone()
            .or_else(|| links::project_in_path(path))?;
        let show = match self.quota_kind? {
            QuotaKind::Quotas => ShellCommand::new("oc describe quota"),
            QuotaKind::LimitRanges => ShellCommand::new("oc describe limitrange"),
        };
        Some(show.with_option("-n", project.as_str()))
    }

    /// The status of the response that contains the message.
    pub(in crate::web) fn status(&self) -> StatusCode {
        self.status
    }
}
