//! `/new-project`

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;

use crate::console::{ChangeFailed, NewProject, Oc, Refusal, RefusedBecause};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};

/// What the master calls the fields of the form.
const FIELDS: [(&str, &str); 5] = [
    ("metadata.name", "name"),
    ("metadata.annotations[openshift.io/display-name]", "display-name"),
    ("metadata.annotations[openshift.io/description]", "description"),
    ("displayName", "display-name"),
    ("description", "description"),
];

#[derive(Template, Serialize)]
#[template(path = "new-project.html")]
struct NewProjectPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    wanted: NewProject,
    #[serde(skip)]
    name: Field,
    #[serde(skip)]
    display_name: Field,
    #[serde(skip)]
    description: Field,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    /// Whether there is a form at all: not for whoever may have no project.
    offered: bool,
    oc: Oc,
}

impl NewProjectPage {
    fn new(who: &SignedIn, wanted: NewProject, mistakes: Mistakes, trouble: Option<Trouble>) -> Self {
        let lang = who.context.lang;
        let name = Field::new("name", lang.msg("new-project-name"), &wanted.name, &mistakes).hint(lang.msg("new-project-name-rule"));
        let display_name = Field::new("display-name", lang.msg("display-name"), &wanted.display_name, &mistakes);
        Self {
            chrome: who.chrome(Area::Projects, lang.msg("new-project").to_string()),
            name: name.required(),
            display_name: display_name.hint(lang.msg("display-name-hint")),
            description: Field::new("description", lang.msg("description"), &wanted.description, &mistakes),
            oc: wanted.oc(),
            wanted,
            mistakes,
            trouble,
            offered: true,
        }
    }

    fn answer(self, who: &SignedIn) -> Response {
        let mistaken = if self.mistakes.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let status = self.trouble.as_ref().map_or(mistaken, Trouble::status);
        page_with(status, &who.context, &self)
    }
}

/// The form, or why there is none.
pub(in crate::web) async fn new_project(who: SignedIn) -> Result<Response, Refused> {
    let refusal = who.console().no_new_project().await?;
    let offered = refusal.is_none();
    let trouble = refusal.map(|refusal| trouble_of(refusal, who.context.lang, "", &mut Mistakes::default()));
    let page = NewProjectPage::new(&who, NewProject::default(), Mistakes::default(), trouble);
    Ok(NewProjectPage { offered, ..page }.answer(&who))
}

/// Creates the project.
pub(in crate::web) async fn create_project(who: SignedIn, sent: Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let wanted = NewProject {
        name: sent.text("name").to_owned(),
        display_name: sent.text("display-name").to_owned(),
        description: sent.text("description").replace("\r\n", "\n"),
    };
    let mut mistakes = Mistakes::default();
    let Some(name) = wanted.valid_name() else {
        mistakes.add("name", lang.msg("new-project-name-rule"));
        return Ok(NewProjectPage::new(&who, wanted, mistakes, None).answer(&who));
    };
    match who.console().create_project(&wanted).await {
        Ok(()) => Ok(who.done(Done::new(lang.msg("project-created").arg("project", &name)), &links::project(&name))),
        Err(ChangeFailed::Refused(refusal)) => {
            let trouble = trouble_of(refusal, lang, name.as_str(), &mut mistakes);
            Ok(NewProjectPage::new(&who, wanted, mistakes, Some(trouble)).answer(&who))
        }
        Err(ChangeFailed::Failure(failure)) => Err(failure.into()),
    }
}

fn trouble_of(refusal: Refusal, lang: Lang, name: &str, mistakes: &mut Mistakes) -> Trouble {
    let why = refusal.why;
    let mut trouble = Trouble::of(refusal, lang, &FIELDS, mistakes);
    match why {
        RefusedBecause::Exists => mistakes.add("name", lang.msg("new-project-name-taken").arg("project", name)),
        RefusedBecause::NotAllowed => trouble.hint = lang.msg("no-project-else").to_string(),
        _ => {}
    }
    trouble
}
