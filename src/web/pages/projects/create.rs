//! `/new-project`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusalReason};
use crate::app::projects::NewProject;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::WebError;
use crate::web::filters;
use crate::web::forms::{FieldErrors, Flash, FormData, FormField, SubmitError};
use crate::web::links;
use crate::web::render::{Area, Chrome, render_with_status};
use registry_model::{AccessPolicy, ProjectName};

/// What the master calls the fields of the form.
const API_FIELDS: [(&str, &str); 5] = [
    ("metadata.name", "name"),
    (
        "metadata.annotations[openshift.io/display-name]",
        "display-name",
    ),
    (
        "metadata.annotations[openshift.io/description]",
        "description",
    ),
    ("displayName", "display-name"),
    ("description", "description"),
];

#[derive(Template, Serialize)]
#[template(path = "projects/create.html")]
struct NewProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    wanted: NewProject,
    #[serde(skip)]
    name: FormField,
    #[serde(skip)]
    display_name: FormField,
    #[serde(skip)]
    description: FormField,
    #[serde(skip)]
    policy: FormField,
    mistakes: FieldErrors,
    trouble: Option<SubmitError>,
    /// Whether there is a form at all: not for whoever may have no project.
    offered: bool,
    oc: ShellCommand,
}

#[derive(Template, Serialize)]
#[template(path = "projects/create_unfinished.html")]
struct UnfinishedProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    policy: AccessPolicy,
    trouble: Option<SubmitError>,
}

impl UnfinishedProjectPage {
    /// As the form of the access policy calls it.
    fn policy_value(&self) -> &'static str {
        crate::web::pages::projects::access::policy_value(self.policy)
    }
}

impl NewProjectPage {
    /// Open to everybody was chosen, without saying that one knows what that means.
    fn is_unconfirmed(&self) -> bool {
        self.mistakes.get("open").is_some()
    }

    fn new(
        who: &SignedIn,
        wanted: NewProject,
        policy: &str,
        mistakes: FieldErrors,
        trouble: Option<SubmitError>,
    ) -> Self {
        let lang = who.context.lang;
        let name = FormField::new(
            "name",
            lang.msg("new-project-name"),
            &wanted.name,
            &mistakes,
        )
        .with_hint(lang.msg("new-project-name-rule"));
        let display_name = FormField::new(
            "display-name",
            lang.msg("display-name"),
            &wanted.display_name,
            &mistakes,
        );
        Self {
            chrome: who.chrome(Area::Projects, lang.msg("new-project").to_string()),
            name: name.with_required(),
            display_name: display_name.with_hint(lang.msg("display-name-hint")),
            description: FormField::new(
                "description",
                lang.msg("description"),
                &wanted.description,
                &mistakes,
            ),
            policy: FormField::new("policy", lang.msg("access"), policy, &mistakes),
            oc: wanted.shell_command(),
            wanted,
            mistakes,
            trouble,
            offered: true,
        }
    }

    fn render(self, who: &SignedIn) -> Response {
        let status = self.mistakes.status(self.trouble.as_ref());
        render_with_status(status, &who.context, &self)
    }
}

/// The form, or why there is none.
pub(in crate::web) async fn new_project_form(who: SignedIn) -> Result<Response, WebError> {
    let refusal = who.app().project_request_refusal().await?;
    let offered = refusal.is_none();
    let trouble = refusal
        .map(|refusal| submit_error(refusal, who.context.lang, "", &mut FieldErrors::default()));
    let page = NewProjectPage::new(
        &who,
        NewProject::default(),
        "private",
        FieldErrors::default(),
        trouble,
    );
    Ok(NewProjectPage { offered, ..page }.render(&who))
}

pub(in crate::web) async fn create_project(
    who: SignedIn,
    sent: FormData,
) -> Result<Response, WebError> {
    let lang = who.context.lang;
    let wanted = NewProject {
        name: sent.text("name").to_owned(),
        display_name: sent.text("display-name").to_owned(),
        description: sent.text("description").replace("\r\n", "\n"),
    };
    let mut mistakes = FieldErrors::default();
    // Without the field, as from a program, the project is as closed as it can be.
    let word = if sent.has("policy") {
        sent.text("policy")
    } else {
        "private"
    };
    let policy = crate::web::pages::projects::access::parse_policy(word);
    if policy.is_none() {
        mistakes.add("policy", lang.msg("access-choose"));
    }
    if policy == Some(AccessPolicy::Anonymous) && !sent.has("open") {
        mistakes.add("open", lang.msg("access-anonymous-unconfirmed"));
    }
    let name = wanted.valid_name();
    if name.is_none() {
        mistakes.add("name", lang.msg("new-project-name-rule"));
    }
    let (Some(name), Some(policy), true) = (name, policy, mistakes.is_empty()) else {
        return Ok(NewProjectPage::new(&who, wanted, word, mistakes, None).render(&who));
    };
    match who.app().create_project(&wanted).await {
        Ok(()) => match who.app().set_new_project_access(&name, policy).await {
            None => Ok(who.redirect_with_flash(
                Flash::new(lang.msg("project-created").arg("project", &name)),
                &links::project(&name),
            )),
            Some(refusal) => Ok(render_unfinished(&who, name, policy, refusal)),
        },
        Err(failed) => {
            let trouble = submit_error(failed.into_refusal()?, lang, name.as_str(), &mut mistakes);
            Ok(NewProjectPage::new(&who, wanted, word, mistakes, Some(trouble)).render(&who))
        }
    }
}

/// The project is there, its access policy is not: this page needs no upstream to say so.
fn render_unfinished(
    who: &SignedIn,
    project: ProjectName,
    policy: AccessPolicy,
    refusal: Refusal,
) -> Response {
    let lang = who.context.lang;
    // What a refusal says of other forms, that nothing was changed, would be wrong here.
    let mut trouble = SubmitError::from_change_error_without_fields(refusal, lang);
    trouble.hint = lang.msg("project-unfinished-hint").to_string();
    let title = lang
        .msg("project-unfinished")
        .arg("project", &project)
        .to_string();
    let status = trouble.status();
    let page = UnfinishedProjectPage {
        chrome: who.chrome(Area::Projects, title),
        project,
        policy,
        trouble: Some(trouble),
    };
    render_with_status(status, &who.context, &page)
}

fn submit_error(
    refusal: Refusal,
    lang: Lang,
    name: &str,
    mistakes: &mut FieldErrors,
) -> SubmitError {
    let why = refusal.why;
    let mut trouble = SubmitError::from_change_error(refusal, lang, &API_FIELDS, mistakes);
    match why {
        RefusalReason::Exists => mistakes.add(
            "name",
            lang.msg("new-project-name-taken").arg("project", name),
        ),
        RefusalReason::NotAllowed => {
            trouble.hint = lang.msg("no-project-ask-administrator").to_string()
        }
        _ => {}
    }
    trouble
}
