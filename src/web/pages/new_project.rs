//! `/new-project`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use crate::app::change::{Refusal, RefusedBecause};
use crate::app::projects::NewProject;
use crate::app::shell_command::ShellCommand;
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{AccessPolicy, ProjectName};

/// What the master calls the fields of the form.
const FIELDS: [(&str, &str); 5] = [
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
    #[serde(skip)]
    policy: Field,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    /// Whether there is a form at all: not for whoever may have no project.
    offered: bool,
    oc: ShellCommand,
}

#[derive(Template, Serialize)]
#[template(path = "project-unfinished.html")]
struct UnfinishedPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    policy: AccessPolicy,
    trouble: Option<Trouble>,
}

impl UnfinishedPage {
    /// As the form of the access policy calls it.
    fn word(&self) -> &'static str {
        super::project_access::word_of(self.policy)
    }
}

impl NewProjectPage {
    /// Open to everybody was chosen, without saying that one knows what that means.
    fn unsure(&self) -> bool {
        self.mistakes.of("open").is_some()
    }

    fn new(
        who: &SignedIn,
        wanted: NewProject,
        policy: &str,
        mistakes: Mistakes,
        trouble: Option<Trouble>,
    ) -> Self {
        let lang = who.context.lang;
        let name = Field::new(
            "name",
            lang.msg("new-project-name"),
            &wanted.name,
            &mistakes,
        )
        .hint(lang.msg("new-project-name-rule"));
        let display_name = Field::new(
            "display-name",
            lang.msg("display-name"),
            &wanted.display_name,
            &mistakes,
        );
        Self {
            chrome: who.chrome(Area::Projects, lang.msg("new-project").to_string()),
            name: name.required(),
            display_name: display_name.hint(lang.msg("display-name-hint")),
            description: Field::new(
                "description",
                lang.msg("description"),
                &wanted.description,
                &mistakes,
            ),
            policy: Field::new("policy", lang.msg("access"), policy, &mistakes),
            oc: wanted.oc(),
            wanted,
            mistakes,
            trouble,
            offered: true,
        }
    }

    fn answer(self, who: &SignedIn) -> Response {
        let status = self.mistakes.status(self.trouble.as_ref());
        page_with(status, &who.context, &self)
    }
}

/// The form, or why there is none.
pub(in crate::web) async fn new_project(who: SignedIn) -> Result<Response, Refused> {
    let refusal = who.console().no_new_project().await?;
    let offered = refusal.is_none();
    let trouble =
        refusal.map(|refusal| trouble_of(refusal, who.context.lang, "", &mut Mistakes::default()));
    let page = NewProjectPage::new(
        &who,
        NewProject::default(),
        "private",
        Mistakes::default(),
        trouble,
    );
    Ok(NewProjectPage { offered, ..page }.answer(&who))
}

pub(in crate::web) async fn create_project(who: SignedIn, sent: Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let wanted = NewProject {
        name: sent.text("name").to_owned(),
        display_name: sent.text("display-name").to_owned(),
        description: sent.text("description").replace("\r\n", "\n"),
    };
    let mut mistakes = Mistakes::default();
    // Without the field, as from a program, the project is as closed as it can be.
    let word = if sent.has("policy") {
        sent.text("policy")
    } else {
        "private"
    };
    let policy = super::project_access::policy_of(word);
    if policy.is_none() {
        mistakes.add("policy", lang.msg("access-choose"));
    }
    if policy == Some(AccessPolicy::Anonymous) && !sent.has("open") {
        mistakes.add("open", lang.msg("access-anonymous-unsure"));
    }
    let name = wanted.valid_name();
    if name.is_none() {
        mistakes.add("name", lang.msg("new-project-name-rule"));
    }
    let (Some(name), Some(policy), true) = (name, policy, mistakes.is_empty()) else {
        return Ok(NewProjectPage::new(&who, wanted, word, mistakes, None).answer(&who));
    };
    match who.console().create_project(&wanted).await {
        Ok(()) => match who.console().open_new_project(&name, policy).await {
            None => Ok(who.done(
                Done::new(lang.msg("project-created").arg("project", &name)),
                &links::project(&name),
            )),
            Some(refusal) => Ok(unfinished(&who, name, policy, refusal)),
        },
        Err(failed) => {
            let trouble = trouble_of(failed.refusal()?, lang, name.as_str(), &mut mistakes);
            Ok(NewProjectPage::new(&who, wanted, word, mistakes, Some(trouble)).answer(&who))
        }
    }
}

/// The project is there, its access policy is not: this page needs no upstream to say so.
fn unfinished(
    who: &SignedIn,
    project: ProjectName,
    policy: AccessPolicy,
    refusal: Refusal,
) -> Response {
    let lang = who.context.lang;
    // What a refusal says of other forms, that nothing was changed, would be wrong here.
    let mut trouble = Trouble::of_action(refusal, lang);
    trouble.hint = lang.msg("project-unfinished-hint").to_string();
    let title = lang
        .msg("project-unfinished")
        .arg("project", &project)
        .to_string();
    let status = trouble.status();
    let page = UnfinishedPage {
        chrome: who.chrome(Area::Projects, title),
        project,
        policy,
        trouble: Some(trouble),
    };
    page_with(status, &who.context, &page)
}

fn trouble_of(refusal: Refusal, lang: Lang, name: &str, mistakes: &mut Mistakes) -> Trouble {
    let why = refusal.why;
    let mut trouble = Trouble::of(refusal, lang, &FIELDS, mistakes);
    match why {
        RefusedBecause::Exists => mistakes.add(
            "name",
            lang.msg("new-project-name-taken").arg("project", name),
        ),
        RefusedBecause::NotAllowed => trouble.hint = lang.msg("no-project-else").to_string(),
        _ => {}
    }
    trouble
}
