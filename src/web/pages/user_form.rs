//! `/new-user` and `/users/{user}/edit`

use askama::Template;
use axum::response::Response;
use serde::Serialize;

use super::people::{named, names_in, trouble_half_way};
use crate::app::change::RefusedBecause;
use crate::app::shell_command::ShellCommand;
use crate::app::users::{Step, Unfinished, UserEdit, UserTexts, is_identity, is_new_name};
use crate::i18n::Lang;
use crate::web::context::SignedIn;
use crate::web::errors::Refused;
use crate::web::extract::Named;
use crate::web::filters;
use crate::web::forms::{Done, Field, Mistakes, Sent, Trouble};
use crate::web::links;
use crate::web::render::{Area, Chrome, page_with};
use registry_model::Account;

#[derive(Template, Serialize)]
#[template(path = "user-form.html")]
struct UserFormPage {
    #[serde(skip)]
    chrome: Chrome,
    /// As it is now; none where it is to be made.
    user: Option<Account>,
    /// The version that the form is about.
    version: String,
    wanted: UserTexts,
    allowed: bool,
    #[serde(skip)]
    name: Field,
    #[serde(skip)]
    full_name: Field,
    #[serde(skip)]
    identities: Field,
    mistakes: Mistakes,
    trouble: Option<Trouble>,
    /// What was done before it was refused, and what is left.
    unfinished: Option<Unfinished>,
    /// Somebody else changed it: what is there now stands beside what was typed.
    stale: bool,
    oc: Vec<ShellCommand>,
}

impl UserFormPage {
    fn new(
        who: &SignedIn,
        wanted: UserTexts,
        mut mistakes: Mistakes,
        unfinished: Option<Unfinished>,
    ) -> Self {
        let lang = who.context.lang;
        let trouble = unfinished
            .as_ref()
            .map(|unfinished| trouble_half_way(unfinished, lang, &mut mistakes));
        let identities = Field::new(
            "identities",
            lang.msg("identities"),
            wanted.identities.join("\n"),
            &mistakes,
        );
        let example = if wanted.name.is_empty() {
            UserTexts {
                name: "NAME".to_owned(),
                ..wanted.clone()
            }
        } else {
            wanted.clone()
        };
        Self {
            chrome: who.chrome(Area::Projects, lang.msg("new-user").to_string()),
            user: None,
            version: String::new(),
            allowed: true,
            name: Field::new("name", lang.msg("member"), &wanted.name, &mistakes)
                .hint(lang.msg("new-person-rule"))
                .required(),
            full_name: Field::new(
                "full-name",
                lang.msg("full-name"),
                &wanted.full_name,
                &mistakes,
            ),
            identities: identities.hint(lang.msg("identities-hint")),
            oc: example.creation().iter().flat_map(Step::commands).collect(),
            wanted,
            mistakes,
            trouble,
            unfinished: unfinished.filter(|unfinished| !unfinished.done.is_empty()),
            stale: false,
        }
    }

    /// The same for a user who is there.
    fn of(self, edit: UserEdit, seen: Option<String>, lang: Lang) -> Self {
        let version = seen
            .filter(|_| !self.stale && self.unfinished.is_none())
            .unwrap_or_else(|| edit.version.clone());
        let mut chrome = self.chrome;
        chrome.title = lang.msg("edit-user").to_string();
        let oc = edit
            .changes(&self.wanted, &version)
            .iter()
            .flat_map(Step::commands)
            .collect();
        Self {
            chrome,
            oc,
            version,
            allowed: edit.allowed,
            user: Some(edit.user),
            ..self
        }
    }

    fn action(&self) -> String {
        self.user.as_ref().map_or_else(
            || links::NEW_USER.to_owned(),
            |user| links::edit_user(&user.name),
        )
    }

    fn back(&self) -> String {
        self.user
            .as_ref()
            .map_or_else(|| links::USERS.to_owned(), |user| links::user(&user.name))
    }

    fn answer(self, who: &SignedIn) -> Response {
        let status = self.mistakes.status(self.trouble.as_ref());
        page_with(status, &who.context, &self)
    }
}

/// The form, empty.
pub(in crate::web) async fn new_form(who: SignedIn) -> Result<Response, Refused> {
    let allowed = who.console().may_create_users().await;
    let page = UserFormPage::new(&who, UserTexts::default(), Mistakes::default(), None);
    Ok(UserFormPage { allowed, ..page }.answer(&who))
}

/// Makes a user, and lets identities stand for them.
pub(in crate::web) async fn create(who: SignedIn, sent: Sent) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let name = sent.text("name").to_owned();
    let (wanted, mut mistakes) = typed(&sent, name.clone(), lang);
    if !is_new_name(&name) {
        mistakes.add("name", lang.msg("new-person-rule"));
    }
    if !mistakes.is_empty() {
        return Ok(UserFormPage::new(&who, wanted, mistakes, None).answer(&who));
    }
    match who.console().carry_out(wanted.creation()).await? {
        None => Ok(who.done(
            Done::new(lang.msg("user-created").arg("user", &name)),
            &links::user(&name),
        )),
        Some(unfinished) if unfinished.done.is_empty() => {
            if unfinished.refusal.why == RefusedBecause::Exists {
                mistakes.add("name", lang.msg("new-person-taken").arg("name", &name));
            }
            Ok(UserFormPage::new(&who, wanted, mistakes, Some(unfinished)).answer(&who))
        }
        // The user is there: the form that changes them finishes it.
        Some(unfinished) => {
            let created = UserEdit::just_created(&wanted);
            half_way(&who, created, wanted, None, mistakes, unfinished).await
        }
    }
}

/// The form, filled with what is there.
pub(in crate::web) async fn change_form(
    who: SignedIn,
    Named(name): Named,
) -> Result<Response, Refused> {
    let now = named(who.console().user_edit(&name).await, &name)?;
    let page = UserFormPage::new(&who, now.texts(), Mistakes::default(), None);
    Ok(page.of(now, None, who.context.lang).answer(&who))
}

pub(in crate::web) async fn change(
    who: SignedIn,
    Named(name): Named,
    sent: Sent,
) -> Result<Response, Refused> {
    let lang = who.context.lang;
    let (mut wanted, mistakes) = typed(&sent, name.clone(), lang);
    let now = named(who.console().user_edit(&name).await, &name)?;
    let as_it_is = now.texts();
    // What a program leaves out stays as it is.
    if !sent.has("full-name") {
        wanted.full_name = as_it_is.full_name;
    }
    if !sent.has("identities") {
        wanted.identities = as_it_is.identities;
    }
    let seen = Some(sent.text("version").to_owned()).filter(|version| !version.is_empty());
    if !mistakes.is_empty() {
        return Ok(UserFormPage::new(&who, wanted, mistakes, None)
            .of(now, seen, lang)
            .answer(&who));
    }
    let steps = now.changes(&wanted, seen.as_deref().unwrap_or(&now.version));
    match who.console().carry_out(steps).await? {
        None => Ok(who.done(
            Done::new(lang.msg("user-changed").arg("user", &name)),
            &links::user(&name),
        )),
        Some(unfinished) => half_way(&who, now, wanted, seen, mistakes, unfinished).await,
    }
}

/// The form that finishes what was begun. Where the master is gone altogether, what was known
/// before has to do.
async fn half_way(
    who: &SignedIn,
    before: UserEdit,
    wanted: UserTexts,
    seen: Option<String>,
    mistakes: Mistakes,
    unfinished: Unfinished,
) -> Result<Response, Refused> {
    let stale = unfinished.refusal.why == RefusedBecause::Stale;
    let begun = !unfinished.done.is_empty();
    let page = UserFormPage::new(who, wanted, mistakes, Some(unfinished));
    let now = match who.console().user_edit(&page.wanted.name).await {
        Ok(now) => now,
        // It is another version by now.
        Err(_) if begun => UserEdit {
            version: String::new(),
            ..before
        },
        Err(_) => before,
    };
    Ok(UserFormPage { stale, ..page }
        .of(now, seen, who.context.lang)
        .answer(who))
}

fn typed(sent: &Sent, name: String, lang: Lang) -> (UserTexts, Mistakes) {
    let mut mistakes = Mistakes::default();
    let identities = names_in(sent.text("identities"));
    if let Some(odd) = identities.iter().find(|identity| !is_identity(identity)) {
        mistakes.add(
            "identities",
            lang.msg("identity-invalid").arg("identity", odd),
        );
    }
    (
        UserTexts {
            name,
            full_name: sent.text("full-name").to_owned(),
            identities,
        },
        mistakes,
    )
}
