//! `/projects/{project}/edit`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusedBecause};
use crate::app::projects::{ProjectEdit, ProjectTexts};
use crate::app::shell_command::ShellCommand;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::ProjectName;

/// What the master calls the fields of the form.
const FIELDS: [(&str, &str); 2] = [
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
#[template(path = "edit-project.html")]
struct EditProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: ProjectEdit,
    #[serde(skip)]
    display_name: Field,
    #[serde(skip)]
    description: Field,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    /// The version that the form is about.
    version: String,
    /// Somebody else changed it: what is there now stands beside what was typed.
    stale: bool,
    oc: ShellCommand,
}

/// The form, filled with what is there.
pub(in crate::web) async fn project_to_edit(
    who: SignedIn,
    InProject(name): InProject,
) -> Result<Response, Refused> {
    show(&who, &name, None, None).await
}

pub(in crate::web) async fn edit_project(
    who: SignedIn,
    InProject(name): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    let typed = |field: &str| {
        sent.has(field)
            .then(|| sent.text(field).replace("\r\n", "\n"))
    };
    let seen = Some(sent.text("version"))
        .filter(|version| !version.is_empty())
        .map(str::to_owned);
    let texts = ProjectTexts {
        display_name: typed("display-name"),
        description: typed("description"),
        seen,
    };
    match who.console().edit_project(&name, &texts).await {
        Ok(()) => {
            let text = who.context.lang.msg("project-edited").arg("project", &name);
            Ok(who.done(Done::new(text), &links::project(&name)))
        }
        Err(failed) => show(&who, &name, Some(texts), Some(failed.refusal()?)).await,
    }
}

async fn show(
    who: &SignedIn,
    name: &ProjectName,
    typed: Option<ProjectTexts>,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let view = who.console().project_edit(name).await?;
    let stale = refusal
        .as_ref()
        .is_some_and(|refusal| refusal.why == RefusedBecause::Stale);
    let mut mistakes = Mistakes::default();
    let mut trouble = refusal.map(|refusal| Trouble::of(refusal, lang, &FIELDS, &mut mistakes));
    if let Some(trouble) = trouble.as_mut().filter(|_| stale) {
        trouble.hint = lang.msg("project-stale-hint").to_string();
    }
    let status = mistakes.status(trouble.as_ref());
    let texts = typed.unwrap_or_else(|| view.texts());
    // Only who is told what changed may replace it.
    let version = texts
        .seen
        .clone()
        .filter(|_| !stale)
        .unwrap_or_else(|| view.version.clone());
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let display_name = Field::new(
        "display-name",
        lang.msg("display-name"),
        text(&texts.display_name),
        &mistakes,
    );
    let page = EditProjectPage {
        chrome: who.chrome(Area::Projects, lang.msg("edit-project").to_string()),
        display_name: display_name.hint(lang.msg("display-name-hint")),
        description: Field::new(
            "description",
            lang.msg("description"),
            text(&texts.description),
            &mistakes,
        ),
        oc: texts.oc(name),
        view,
        mistakes,
        trouble,
        version,
        stale,
    };
    Ok(page_with(status, &who.context, &page))
}
