//! `/projects/{project}/edit`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::projects::{ProjectEdit, ProjectFields};
use crate::app::shell_command::ShellCommand;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::extractors::ProjectPath;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::ProjectName;

/// What the master calls the fields of the form.
const API_FIELDS: [(&str, &str); 2] = [
    (
        "metadata.annotations[openshift.io/display-name]",
        "display-name",
    ),
    (
        "metadata.annotations[openshift.io/description]",
        "description",
    ),
];

#[derive(Template, Serialize)]
#[template(path = "projects/edit.html")]
struct EditProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectEdit,
    #[serde(skip)]
    display_name: FormField,
    #[serde(skip)]
    description: FormField,
    mistakes: FieldErrors,
    trouble: Option<SubmitError>,
    /// The version that the form is about.
    version: String,
    /// Somebody else changed it: what is there now stands beside what was typed.
    stale: bool,
    oc: ShellCommand,
}

/// The form, filled with what is there.
pub(in crate::web) async fn edit_project_form(
    who: SignedIn,
    ProjectPath(name): ProjectPath,
) -> Result<Response, WebError> {
    render_form(&who, &name, None, None).await
}

pub(in crate::web) async fn update_project(
    who: SignedIn,
    ProjectPath(name): ProjectPath,
    sent: FormData,
) -> Result<Response, WebError> {
    let typed = |field: &str| {
        sent.has(field)
            .then(|| sent.text(field).replace("\r\n", "\n"))
    };
    let seen = Some(sent.text("version"))
        .filter(|version| !version.is_empty())
        .map(str::to_owned);
    let texts = ProjectFields {
        display_name: typed("display-name"),
        description: typed("description"),
        seen,
    };
    match who.app().update_project(&name, &texts).await {
        Ok(()) => {
            let text = who.context.lang.msg("project-edited").arg("project", &name);
            Ok(who.redirect_with_flash(Flash::new(text), &links::project(&name)))
        }
        Err(failed) => render_form(&who, &name, Some(texts), Some(failed.into_refusal()?)).await,
    }
}

async fn render_form(
    who: &SignedIn,
    name: &ProjectName,
    typed: Option<ProjectFields>,
    refusal: Option<Refusal>,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let view = who.app().project_edit(name).await?;
    let stale = refusal
        .as_ref()
        .is_some_and(|refusal| refusal.why == RefusalReason::Stale);
    let mut mistakes = FieldErrors::default();
    let mut trouble = refusal
        .map(|refusal| SubmitError::from_change_error(refusal, lang, &API_FIELDS, &mut mistakes));
    if let Some(trouble) = trouble.as_mut().filter(|_| stale) {
        trouble.hint = lang.msg("project-stale-hint").to_string();
    }
    let status = mistakes.status(trouble.as_ref());
    let texts = typed.unwrap_or_else(|| view.fields());
    // Only who is told what changed may replace it.
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
        &mistakes,
    );
    let page = EditProjectPage {
        chrome: who.chrome(Area::Projects, lang.msg("edit-project").to_string()),
        display_name: display_name.with_hint(lang.msg("display-name-hint")),
        description: FormField::new(
            "description",
            lang.msg("description"),
            text(&texts.description),
            &mistakes,
        ),
        oc: texts.shell_command(name),
        view,
        mistakes,
        trouble,
        version,
        stale,
    };
    Ok(render_with_status(status, &who.context, &page))
}
