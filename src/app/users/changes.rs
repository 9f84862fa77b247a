//! Creating users, changing their full names and identities, and deleting them.

use serde::Serialize;

use crate::app::AppForUser;
use crate::app::failure::{Failure, PageSubject};
use crate::app::members::project_roles::{ProjectRole, subject_roles};
use crate::app::section::{Section, optional};
use crate::app::users::change_steps::ChangeStep;
use crate::app::users::view::{group_names_of_user, user_subject};
use crate::openshift::AccessRight;
use registry_model::UserAccount;

/// A user as in a form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserFields {
    pub name: String,
    /// The full name. May be empty.
    pub full_name: String,
    /// The identities of the user at identity providers.
    pub identities: Vec<String>,
}

/// A user that is to be changed.
#[derive(Clone, Debug, Serialize)]
pub struct UserEdit {
    /// As it is now.
    pub user: UserAccount,
    /// Its resource version.
    pub version: String,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
}

/// What deleting a user would do.
#[derive(Clone, Debug, Serialize)]
pub struct UserDeletion {
    pub user: UserAccount,
    /// The groups from which the user is removed.
    pub groups: Section<Vec<String>>,
    /// The roles of the registry that the user loses.
    pub going: Section<Vec<ProjectRole>>,
    /// Roles that the console does not remove: their bindings continue to name the user.
    pub staying: Vec<ProjectRole>,
    /// Whether it is the signed-in user.
    pub oneself: bool,
    /// Whether the API server allows the user to do it.
    pub allowed: bool,
    /// Whether the API server allows the user to delete identities.
    pub may_forget: bool,
}

impl UserFields {
    /// The steps that create the user.
    #[must_use]
    pub fn creation_steps(&self) -> Vec<ChangeStep> {
        let user = || self.name.clone();
        let attach = self
            .identities
            .iter()
            .map(|identity| ChangeStep::AttachIdentity {
                user: user(),
                identity: identity.clone(),
            });
        std::iter::once(ChangeStep::CreateUser {
            user: user(),
            full_name: self.full_name.clone(),
        })
        .chain(attach)
        .collect()
    }
}

impl UserEdit {
    /// A user that was just created, as far as the console knows it without another request.
    #[must_use]
    pub fn from_fields(texts: &UserFields) -> Self {
        let full_name = Some(texts.full_name.clone()).filter(|name| !name.is_empty());
        let user = UserAccount {
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

    /// The current values.
    #[must_use]
    pub fn fields(&self) -> UserFields {
        let UserAccount {
            name,
            full_name,
            identities,
            ..
        } = self.user.clone();
        UserFields {
            name,
            full_name: full_name.unwrap_or_default(),
            identities,
        }
    }

    /// The steps from the current state to `fields`; `version` is the resource version that the
    /// user saw. The first step checks that it is still current.
    #[must_use]
    pub fn change_steps(&self, fields: &UserFields, version: &str) -> Vec<ChangeStep> {
        let user = || self.user.name.clone();
        let (current, new) = (&self.user.identities, &fields.identities);
        let save = ChangeStep::SaveUser {
            user: user(),
            full_name: fields.full_name.clone(),
            version: version.to_owned(),
        };
        let removed = current.iter().filter(|identity| !new.contains(identity));
        let added = new.iter().filter(|identity| !current.contains(identity));
        let removed = removed.map(|identity| ChangeStep::DetachIdentity {
            user: user(),
            identity: identity.clone(),
        });
        let added = added.map(|identity| ChangeStep::AttachIdentity {
            user: user(),
            identity: identity.clone(),
        });
        std::iter::once(save).chain(removed).chain(added).collect()
    }
}

impl UserDeletion {
    /// The steps that delete the user, who is deleted last: until then the same form can finish the
    /// deletion.
    #[must_use]
    pub fn steps(&self, forget: bool) -> Vec<ChangeStep> {
        let user = || self.user.name.clone();
        let groups =
            self.groups
                .ready()
                .into_iter()
                .flatten()
                .map(|group| ChangeStep::LeaveGroup {
                    user: user(),
                    group: group.clone(),
                });
        let subject = user_subject(&self.user.name);
        let roles = self
            .going
            .ready()
            .into_iter()
            .flatten()
            .map(|role| role.removal_step(&subject));
        let identities = self.user.identities.iter().filter(|_| forget);
        let identities = identities.map(|identity| ChangeStep::DeleteIdentity {
            identity: identity.clone(),
        });
        groups
            .chain(roles)
            .chain(identities)
            .chain([ChangeStep::DeleteUser { user: user() }])
            .collect()
    }
}

impl AppForUser<'_> {
    /// Whether the user may create users.
    pub async fn can_create_users(&self) -> bool {
        let [may] = self.review_access([AccessRight::for_users("create")]).await;
        may
    }

    /// The current user object.
    ///
    /// # Errors
    ///
    /// The failure to read it.
    pub async fn user_edit(&self, name: &str) -> Result<UserEdit, Failure> {
        let (found, [allowed]) = tokio::join!(
            self.api_server.get_user(name),
            self.review_access([AccessRight::for_users("update")])
        );
        let found = found.map_err(|error| Failure::from_api_error(error, PageSubject::User))?;
        Ok(UserEdit {
            version: found.resource_version().to_owned(),
            user: found.account().clone(),
            allowed,
        })
    }

    /// What deleting the user would do; `oneself` is the signed-in user's name.
    ///
    /// # Errors
    ///
    /// The failure to read the user.
    pub async fn user_deletion(
        &self,
        name: &str,
        oneself: Option<&str>,
    ) -> Result<UserDeletion, Failure> {
        let rights = [
            AccessRight::for_users("delete"),
            AccessRight::for_identities("delete"),
        ];
        let (user, groups, bindings, [allowed, may_forget]) = tokio::join!(
            self.api_server.get_user(name),
            optional(self.api_server.list_groups()),
            self.bindings_by_project(),
            self.review_access(rights),
        );
        let user = user
            .map_err(|error| Failure::from_api_error(error, PageSubject::User))?
            .account()
            .clone();
        let groups = groups.map(|groups| group_names_of_user(&groups, name));
        let mut staying = Vec::new();
        let going = bindings.map(|bindings| {
            let (going, others) = subject_roles(&user_subject(name), &[], &bindings)
                .into_iter()
                .partition(ProjectRole::is_removable);
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
