//! `/projects/{project}/logins`

use askama::Template;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::app::change::{Refusal, RefusedBecause};
use crate::app::connect::Client;
use crate::app::credentials::{
    LoginFailed, LoginOffer, LoginRight, LoginStep, Logins, MadeLogin, NewLogin, PullSecret,
    UnfinishedLogin,
};
use crate::app::shell_command::ShellCommand;
use crate::i18n::Message;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::InProject;
use crate::web::filters;
use crate::web::forms::{Field, Mistakes, Sent, Trouble};
use crate::web::render::{Area, Chrome, page_with};
use registry_model::{ProjectName, ServiceAccountName};

/// The lives that a token may be given, in days.
const LIVES: [u32; 3] = [30, 90, 365];
/// The longest name that a form takes: what is derived from it must be a name, too.
const LONGEST_NAME: usize = 63;

#[derive(Template, Serialize)]
#[template(path = "logins.html")]
struct LoginsPage {
    #[serde(skip)]
    chrome: Chrome,
    #[serde(flatten)]
    view: Logins,
    #[serde(skip)]
    name: Field,
    #[serde(skip)]
    may: Field,
    #[serde(skip)]
    lasts: Field,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
}

/// A login with its password: the answer to a form, and never kept.
#[derive(Template, Serialize)]
#[template(path = "login-made.html")]
struct MadePage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    login: NewLogin,
    token: String,
    expires: Option<DateTime<Utc>>,
    hosts: Vec<String>,
    docker_config: String,
    pull_secret: String,
    #[serde(skip)]
    sign_in: Vec<(Client, ShellCommand)>,
    /// Lets the pods of a namespace pull with the secret.
    link: ShellCommand,
    oc: Vec<ShellCommand>,
}

#[derive(Template, Serialize)]
#[template(path = "login-unfinished.html")]
struct UnfinishedPage {
    #[serde(skip)]
    chrome: Chrome,
    project: ProjectName,
    login: NewLogin,
    failed: LoginStep,
    trouble: Option<Trouble>,
}

impl LoginsPage {
    fn right(&self, right: &LoginRight) -> Message {
        right_in_words(&self.chrome, *right)
    }

    fn lives(&self) -> [u32; 3] {
        LIVES
    }

    /// The commands of what the form would make, the name still open.
    fn oc(&self) -> Vec<ShellCommand> {
        let days = if self.view.offer.lasting {
            None
        } else {
            Some(LIVES[1])
        };
        let name = self
            .name
            .value
            .parse()
            .or_else(|_| "robot".parse())
            .expect("a lawful name");
        let may = LoginRight::of_word(&self.may.value).unwrap_or(LoginRight::Pull);
        NewLogin { name, may, days }.commands(&self.view.project)
    }
}

impl MadePage {
    fn right(&self) -> Message {
        right_in_words(&self.chrome, self.login.may)
    }
}

impl UnfinishedPage {
    fn done(&self) -> Vec<Message> {
        self.steps(|step| step < self.failed)
    }

    fn not_done(&self) -> Vec<Message> {
        self.steps(|step| step >= self.failed)
    }

    fn steps(&self, of: impl Fn(LoginStep) -> bool) -> Vec<Message> {
        let lang = self.chrome.lang;
        let words = [
            (
                LoginStep::Account,
                lang.msg("login-step-account").arg("name", &self.login.name),
            ),
            (
                LoginStep::Right,
                lang.msg("login-step-right")
                    .arg("role", self.login.may.role()),
            ),
            (LoginStep::Token, lang.msg("login-step-token")),
        ];
        words
            .into_iter()
            .filter(|(step, _)| of(*step))
            .map(|(_, text)| text)
            .collect()
    }

    /// Asking again for what this cluster does not have would not help.
    fn knows_no_ending_tokens(&self, refused: RefusedBecause) -> bool {
        self.failed == LoginStep::Token
            && self.login.days.is_some()
            && refused == RefusedBecause::NotThere
    }
}

fn right_in_words(chrome: &Chrome, right: LoginRight) -> Message {
    match right {
        LoginRight::Pull => chrome.lang.msg("login-may-pull"),
        LoginRight::Push => chrome.lang.msg("login-may-push"),
        LoginRight::Create => chrome.lang.msg("login-may-create"),
    }
}

/// The logins of a project.
pub(in crate::web) async fn logins(
    who: SignedIn,
    InProject(project): InProject,
) -> Result<Response, Refused> {
    list(&who, &project, &Sent::default(), Mistakes::default(), None).await
}

pub(in crate::web) async fn make(
    who: SignedIn,
    InProject(project): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    let mut mistakes = Mistakes::default();
    let Some(wanted) = wanted(&who, &sent, &mut mistakes) else {
        return list(&who, &project, &sent, mistakes, None).await;
    };
    match who.console().make_login(&project, wanted).await {
        Ok(login) => Ok(made(&who, project, login).await),
        Err(LoginFailed::Refused(refusal)) => {
            list(&who, &project, &sent, mistakes, Some(refusal)).await
        }
        Err(LoginFailed::Unfinished(begun)) => Ok(unfinished(&who, project, *begun)),
        Err(LoginFailed::Failure(failure)) => Err(failure.into()),
    }
}

/// Does what is missing of one that was begun, and shows its token.
pub(in crate::web) async fn finish(
    who: SignedIn,
    InProject(project): InProject,
    sent: Sent,
) -> Result<Response, Refused> {
    let name: ServiceAccountName = super::take_back_login::name_of(sent.text("name"))?;
    match who.console().finish_login(&project, &name).await {
        Ok(login) => Ok(made(&who, project, login).await),
        Err(LoginFailed::Refused(refusal)) => {
            list(
                &who,
                &project,
                &Sent::default(),
                Mistakes::default(),
                Some(refusal),
            )
            .await
        }
        Err(LoginFailed::Unfinished(begun)) => Ok(unfinished(&who, project, *begun)),
        Err(LoginFailed::Failure(failure)) => Err(failure.into()),
    }
}

fn wanted(who: &SignedIn, sent: &Sent, mistakes: &mut Mistakes) -> Option<NewLogin> {
    let lang = who.context.lang;
    let name = sent
        .text("name")
        .parse()
        .ok()
        .filter(|name: &ServiceAccountName| name.as_str().len() <= LONGEST_NAME);
    if name.is_none() {
        mistakes.add("name", lang.msg("login-name-rule"));
    }
    let may = LoginRight::of_word(sent.text("may"));
    if may.is_none() {
        mistakes.add("may", lang.msg("login-may-choose"));
    }
    let days = match sent.text("lasts") {
        "always" => Some(None),
        days => days
            .parse()
            .ok()
            .filter(|days| LIVES.contains(days))
            .map(Some),
    };
    if days.is_none() {
        mistakes.add("lasts", lang.msg("login-lasts-choose"));
    }
    Some(NewLogin {
        name: name?,
        may: may?,
        days: days?,
    })
}

async fn list(
    who: &SignedIn,
    project: &ProjectName,
    sent: &Sent,
    mut mistakes: Mistakes,
    refusal: Option<Refusal>,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let view = who.console().logins(project).await?;
    if refusal
        .as_ref()
        .is_some_and(|refusal| refusal.why == RefusedBecause::Exists)
    {
        mistakes.add(
            "name",
            lang.msg("login-name-taken").arg("name", sent.text("name")),
        );
    }
    let trouble = refusal
        .map(|refusal| Trouble::of(refusal, lang, &[("metadata.name", "name")], &mut mistakes));
    let status = mistakes.status(trouble.as_ref());
    let typed = |name: &str, usual: &str| {
        if sent.has(name) {
            sent.text(name).to_owned()
        } else {
            usual.to_owned()
        }
    };
    let usual_life = match view.offer {
        LoginOffer { lasting: true, .. } => "always",
        _ => "90",
    };
    let page = LoginsPage {
        chrome: who.chrome(Area::Projects, lang.msg("logins").to_string()),
        name: Field::new("name", lang.msg("login-name"), sent.text("name"), &mistakes)
            .hint(lang.msg("login-name-rule"))
            .required(),
        may: Field::new(
            "may",
            lang.msg("login-may"),
            typed("may", "pull"),
            &mistakes,
        ),
        lasts: Field::new(
            "lasts",
            lang.msg("login-lasts"),
            typed("lasts", usual_life),
            &mistakes,
        ),
        view,
        mistakes,
        trouble,
    };
    Ok(page_with(status, &who.context, &page))
}

async fn made(who: &SignedIn, project: ProjectName, login: MadeLogin) -> Response {
    let name = login.wanted.name.to_string();
    let console = who.console();
    let (hosts, (_, sign_in)) = tokio::join!(
        console.registry_hosts(&project),
        console.sign_in_by_pasting(Some(&name))
    );
    let files = PullSecret::new(hosts, &name, login.token);
    let page = MadePage {
        chrome: who.chrome(
            Area::Projects,
            who.context
                .lang
                .msg("login-made")
                .arg("name", &name)
                .to_string(),
        ),
        oc: login.wanted.commands(&project),
        link: ShellCommand::new("oc secrets link default")
            .operand(files.name())
            .flag("--for=pull")
            .flag("-n NAMESPACE"),
        docker_config: files.docker_config(),
        pull_secret: files.yaml(),
        token: files.token.expose().to_owned(),
        hosts: files.hosts,
        expires: login.expires,
        login: login.wanted,
        sign_in,
        project,
    };
    tracing::info!(user = who.user_name(), project = %page.project, login = name, "a registry login was made or shown");
    crate::web::render::page(&who.context, &page)
}

/// Needs no upstream to say what is there and what is not.
fn unfinished(who: &SignedIn, project: ProjectName, begun: UnfinishedLogin) -> Response {
    let lang = who.context.lang;
    let why = begun.refusal.why;
    let mut trouble = Trouble::of(begun.refusal, lang, &[], &mut Mistakes::default());
    let title = lang
        .msg("login-unfinished")
        .arg("name", &begun.wanted.name)
        .to_string();
    let mut page = UnfinishedPage {
        chrome: who.chrome(Area::Projects, title),
        project,
        login: begun.wanted,
        failed: begun.failed,
        trouble: None,
    };
    let hint = if page.knows_no_ending_tokens(why) {
        lang.msg("login-no-ending-tokens")
    } else {
        lang.msg("login-unfinished-hint")
    };
    trouble.hint = hint.to_string();
    let status = trouble.status();
    page.trouble = Some(trouble);
    page_with(status, &who.context, &page)
}
