//! Making users, changing what they are called and which identities stand for them, and deleting
//! them.

use serde::Serialize;

use crate::app::AsUser;
use crate::app::failure::{Failure, Subject, Upstream};
use crate::app::members::project_roles::{ProjectRole, roles_of};
use crate::app::section::{EXTRA_PATIENCE, Section, within};
use crate::app::users::steps::Step;
use crate::app::users::view::{names_with, user_called};
use crate::openshift::Access;
use registry_model::Account;

/// A user as a form has them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserTexts {
    pub name: String,
    /// What the person is called. May be empty.
    pub full_name: String,
    /// Whom providers know the person as.
    pub identities: Vec<String>,
}

/// A user whom somebody wants to change.
#[derive(Clone, Debug, Serialize)]
pub struct UserEdit {
    /// As it is now.
    pub user: Account,
    /// Which version of it that is.
    pub version: String,
    /// Whether the master lets the person do it.
    pub allowed: bool,
}

/// What deleting a user would mean.
#[derive(Clone, Debug, Serialize)]
pub struct UserDeletion {
    pub user: Account,
    /// The groups that they leave.
    pub groups: Section<Vec<String>>,
    /// The roles of the registry that they lose.
    pub going: Section<Vec<ProjectRole>>,
    /// Roles that the console leaves alone: they go on naming whoever is called so.
    pub staying: Vec<ProjectRole>,
    /// Whether it is the person who asks.
    pub oneself: bool,
    /// Whether the master lets the person do it.
    pub allowed: bool,
    /// Whether it lets the person forget identities.
    pub may_forget: bool,
}

impl UserTexts {
    /// The steps that make the user.
    #[must_use]
    pub fn creation(&self) -> Vec<Step> {
        let user = || self.name.clone();
        let attach = self.identities.iter().map(|identity| Step::AttachIdentity {
            user: user(),
            identity: identity.clone(),
        });
        std::iter::once(Step::CreateUser {
            user: user(),
            full_name: self.full_name.clone(),
        })
        .chain(attach)
        .collect()
    }
}

impl UserEdit {
    /// One that was made a moment ago, as far as the console knows it without asking again.
    #[must_use]
    pub fn just_created(texts: &UserTexts) -> Self {
        let full_name = Some(texts.full_name.clone()).filter(|name| !name.is_empty());
        let user = Account {
            name: texts.name.clone(),
            full_name,
            identities: Vec::new(),
            created: None,
        };
        Self {
            user,
            version: String::new(),
            allowed: true,
        }
    }

    /// The texts as they are.
    #[must_use]
    pub fn texts(&self) -> UserTexts {
        let Account {
            name,
            full_name,
            identities,
            ..
        } = self.user.clone();
        UserTexts {
            name,
            full_name: full_name.unwrap_or_default(),
            identities,
        }
    }

    /// The steps from how it is to `wanted`; `version` is what the person saw. The first finds out
    /// whether that is how it still is.
    #[must_use]
    pub fn changes(&self, wanted: &UserTexts, version: &str) -> Vec<Step> {
        let user = || self.user.name.clone();
        let (was, will) = (&self.user.identities, &wanted.identities);
        let save = Step::SaveUser {
            user: user(),
            full_name: wanted.full_name.clone(),
            version: version.to_owned(),
        };
        let gone = was.iter().filter(|identity| !will.contains(identity));
        let come = will.iter().filter(|identity| !was.contains(identity));
        let gone = gone.map(|identity| Step::DetachIdentity {
            user: user(),
            identity: identity.clone(),
        });
        let come = come.map(|identity| Step::AttachIdentity {
            user: user(),
            identity: identity.clone(),
        });
        std::iter::once(save).chain(gone).chain(come).collect()
    }
}

impl UserDeletion {
    /// The steps that delete the user, who goes last: until then the same form finishes what was
    /// begun.
    #[must_use]
    pub fn steps(&self, forget: bool) -> Vec<Step> {
        let user = || self.user.name.clone();
        let groups = self
            .groups
            .ready()
            .into_iter()
            .flatten()
            .map(|group| Step::LeaveGroup {
                user: user(),
                group: group.clone(),
            });
        let who = user_called(&self.user.name);
        let roles = self
            .going
            .ready()
            .into_iter()
            .flatten()
            .map(|role| role.loss(&who));
        let identities = self.user.identities.iter().filter(|_| forget);
        let identities = identities.map(|identity| Step::DeleteIdentity {
            identity: identity.clone(),
        });
        groups
            .chain(roles)
            .chain(identities)
            .chain([Step::DeleteUser { user: user() }])
            .collect()
    }
}

impl AsUser<'_> {
    /// Whether the person may make users.
    pub async fn may_create_users(&self) -> bool {
        let [may] = self.allowed([Access::on_users("create")]).await;
        may
    }

    /// The user as it is now.
    ///
    /// # Errors
    ///
    /// The failure to read it.
    pub async fn user_edit(&self, name: &str) -> Result<UserEdit, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.master.user(name),
            self.allowed([Access::on_users("update")])
        );
        let found = found.map_err(|error| Failure::of_master(error, Subject::User))?;
        Ok(UserEdit {
            version: found.version().to_owned(),
            user: found.read().clone(),
            allowed,
        })
    }

    /// What deleting the user would mean; `oneself` is the person's own name.
    ///
    /// # Errors
    ///
    /// The failure to read the user.
    pub async fn user_deletion(
        &self,
        name: &str,
        oneself: Option<&str>,
    ) -> Result<UserDeletion, Failure> {
        let wanted = [Access::on_users("delete"), Access::on_identities("delete")];
        let (user, groups, bindings, [allowed, may_forget]) = tokio::join!(
            self.master.user(name),
            within(EXTRA_PATIENCE, Upstream::Master, self.master.groups()),
            self.placed_bindings(),
            self.allowed(wanted),
        );
        let user = user
            .map_err(|error| Failure::of_master(error, Subject::User))?
            .read()
            .clone();
        let groups = groups.map(|groups| names_with(&groups, name));
        let mut staying = Vec::new();
        let going = bindings.map(|bindings| {
            let (going, others) = roles_of(&user_called(name), &[], &bindings)
                .into_iter()
                .partition(ProjectRole::may_go);
            staying = others;
            going
        });
        Ok(UserDeletion {
            oneself: oneself == Some(name),
            user,
            groups,
            going,
            staying,
            allowed,
            may_forget,
        })
    }
}
