//! `/projects/{project}/edit`: the settings of a project. Changes its display name and description.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::ProjectFrame;
use crate::app::change::{Refusal, RefusalReason};
use crate::app::projects::{ProjectEdit, ProjectFields, ProjectQuota, StreamsByUsage};
use crate::app::section::Section;
use crate::app::shell_command::ShellCommand;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use crate::web::tabs::ProjectTab;
use registry_model::ProjectName;

/// The API server's field names, each with that of the form.
pub(in crate::web) const API_FIELDS: [(&str, &str); 2] = [
    (
        "metadata.annotations[openshift.io/display-name]",
        "display-name",
    ),
    (
        "metadata.annotations[openshift.io/description]",
        "description",
    ),
];

#[derive(Template, Serialize, ToSchema)]
#[template(path = "projects/edit.html")]
pub(super) struct EditProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectEdit,
    #[serde(skip)]
    frame: ProjectFrame,
    #[serde(skip)]
    display_name: FormField,
    #[serde(skip)]
    description: FormField,
    #[serde(skip)]
    submit_error: Option<SubmitError>,
    /// The resource version that the form was rendered from.
    version: String,
    /// The project was changed since the form was rendered. The current values are displayed beside
    /// the typed ones.
    stale: bool,
    quota: ProjectQuota,
    /// How much of the limits the image streams use. `None` without such limits.
    streams_by_usage: Option<Section<StreamsByUsage>>,
    oc: ShellCommand,
}

impl EditProjectPage {
    /// The command that shows quotas and limits.
    fn quota_command(&self) -> ShellCommand {
        ShellCommand::new("oc describe quota,limitrange")
            .with_option("-n", self.view.project.name.as_str())
    }
}

/// The form with the current values.
pub(in crate::web) async fn edit_project_form(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
) -> Result<Response, WebError> {
    render_form(&caller, &name, None, None).await
}

pub(in crate::web) async fn update_project(
    caller: SignedIn,
    ProjectPath(name): ProjectPath,
    form: FormData,
) -> Result<Response, WebError> {
    let typed = |field: &str| {
        form.has(field)
            .then(|| form.text(field).replace("\r\n", "\n"))
    };
    let seen = Some(form.text("version"))
        .filter(|version| !version.is_empty())
        .map(str::to_owned);
    let texts = ProjectFields {
        display_name: typed("display-name"),
        description: typed("description"),
        seen,
    };
    match caller.app().update_project(&name, &texts).await {
        Ok(()) => {
            let text = caller
                .context
                .lang
                .msg("project-edited")
                .arg("project", &name);
            Ok(caller.redirect_with_flash(Flash::new(text), &links::project(&name)))
        }
        Err(failed) => render_form(&caller, &name, Some(texts), Some(failed.into_refusal()?)).await,
    }
}

async fn render_form(
    caller: &SignedIn,
    name: &ProjectName,
    typed: Option<ProjectFields>,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = caller.context.lang;
    let console = caller.app();
    let quota = async {
        let quota = Box::pin(console.project_quota(name)).await;
        let streams = console.streams_by_usage(name, &quota).await;
        (quota, streams)
    };
    let (view, frame, (quota, streams_by_usage)) = tokio::join!(
        console.project_edit(name),
        ProjectFrame::load(caller, name, ProjectTab::Settings),
        quota
    );
    let view = view?;
    let stale = refusal
        .as_ref()
        .is_some_and(|refusal| refusal.why == RefusalReason::Stale);
    let mut field_errors = FieldErrors::default();
    let mut submit_error = refusal.map(|refusal| {
        SubmitError::from_change_error(refusal, lang, &API_FIELDS, &mut field_errors)
    });
    if let Some(submit_error) = submit_error.as_mut().filter(|_| stale) {
        submit_error.hint = lang.msg("project-stale-hint").to_string();
    }
    let status = field_errors.status(submit_error.as_ref());
    let texts = typed.unwrap_or_else(|| view.fields());
    // The user can overwrite another change only after the page has displayed it.
    let version = texts
        .seen
        .clone()
        .filter(|_| !stale)
        .unwrap_or_else(|| view.version.clone());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let display_name = FormField::new(
        "display-name",
        lang.msg("display-name"),
        text(&texts.display_name),
        &field_errors,
    );
    let title = lang
        .msg("project-settings-title")
        .arg("project", name)
        .to_string();
    let page = EditProjectPage {
        chrome: caller.chrome(Area::Projects, title),
        frame,
        display_name: display_name.with_hint(lang.msg("display-name-hint")),
        description: FormField::new(
            "description",
            lang.msg("description"),
            text(&texts.description),
            &field_errors,
        ),
        oc: texts.shell_command(name),
        view,
        submit_error,
        version,
        stale,
        quota,
        streams_by_usage,
    };
    Ok(render_with_status(status, &caller.context, &page))
}
