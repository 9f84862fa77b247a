//! The groups of the cluster, for those who may see them.

use serde::Serialize;

use crate::app::AsUser;
use crate::app::change::ChangeFailed;
use crate::app::failure::{Failure, Subject};
use crate::app::lists::Paging;
use crate::app::members::project_roles::{ProjectRole, roles_of};
use crate::app::section::Section;
use crate::app::shell_command::ShellCommand;
use crate::app::users::steps::Step;
use crate::app::users::view::{PER_PAGE, PersonOffers, matches_all};
use crate::openshift::Access;
use registry_model::{Group, Subject as Who, SubjectKind, version_order};

/// A page of the list of groups.
#[derive(Clone, Debug, Serialize)]
pub struct GroupList {
    /// Only groups whose name or member contains this. Empty: all.
    pub text: String,
    /// The groups of this page.
    pub rows: Vec<Group>,
    /// Where the page stands among all that match.
    pub paging: Paging,
}

#[derive(Clone, Debug, Serialize)]
pub struct GroupView {
    pub group: Group,
    /// Only members whose name contains this are on the page. Empty: all.
    pub text: String,
    /// The members of this page.
    pub members: Vec<String>,
    /// Where the page stands among all that match.
    pub paging: Paging,
    /// What was given to it in projects, as far as the person who asks may see it.
    pub roles: Section<Vec<ProjectRole>>,
    /// What may be changed.
    pub offers: PersonOffers,
}

impl GroupView {
    /// The roles that go when the group is deleted, and those that the console leaves alone.
    #[must_use]
    pub fn going_and_staying(&self) -> (Vec<&ProjectRole>, Vec<&ProjectRole>) {
        self.roles
            .ready()
            .into_iter()
            .flatten()
            .partition(|role| role.may_go())
    }

    /// The steps that delete the group, which goes last: until then the same form finishes what was
    /// begun.
    #[must_use]
    pub fn deletion(&self) -> Vec<Step> {
        let who = group_called(&self.group.name);
        let roles = self
            .going_and_staying()
            .0
            .into_iter()
            .map(|role| role.loss(&who));
        roles
            .chain([Step::DeleteGroup {
                group: self.group.name.clone(),
            }])
            .collect()
    }
}

impl AsUser<'_> {
    /// The groups of the cluster.
    ///
    /// # Errors
    ///
    /// The failure to list them: forbidden for nearly everybody.
    pub async fn groups(&self, text: &str, page: usize) -> Result<GroupList, Failure> {
        let mut groups = self
            .master
            .groups()
            .await
            .map_err(|error| Failure::of_master(error, Subject::Groups))?;
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        groups.retain(|group| {
            matches_all(
                std::iter::once(&group.name)
                    .chain(&group.users)
                    .map(String::as_str),
                &words,
            )
        });
        groups.sort_by(|a, b| version_order::compare(&a.name, &b.name));
        let (rows, paging) = Paging::cut(groups, page, PER_PAGE);
        Ok(GroupList {
            text: text.to_owned(),
            rows,
            paging,
        })
    }

    /// Whether the person may make groups.
    pub async fn may_create_groups(&self) -> bool {
        let [may] = self.allowed([Access::on_groups("create")]).await;
        may
    }

    /// One group with its members and roles.
    ///
    /// # Errors
    ///
    /// The failure to read the group.
    pub async fn group(&self, name: &str, text: &str, page: usize) -> Result<GroupView, Failure> {
        let wanted = [
            Access::on_groups("update"),
            Access::on_groups("delete"),
            Access::change_all_bindings(),
        ];
        let (group, bindings, [edit, delete, give]) = tokio::join!(
            self.master.group(name),
            self.placed_bindings(),
            self.allowed(wanted)
        );
        let mut group = group
            .map_err(|error| Failure::of_master(error, Subject::Group))?
            .read()
            .clone();
        group.users.sort_by(|a, b| version_order::compare(a, b));
        let roles = bindings.map(|bindings| roles_of(&group_called(name), &[], &bindings));
        let wanted = text.to_lowercase();
        let found = group
            .users
            .iter()
            .filter(|user| user.to_lowercase().contains(&wanted))
            .cloned()
            .collect();
        let (members, paging) = Paging::cut(found, page, PER_PAGE);
        Ok(GroupView {
            group,
            text: text.to_owned(),
            members,
            paging,
            roles,
            offers: PersonOffers {
                edit,
                delete,
                join: edit,
                give,
            },
        })
    }

    /// Puts users into a group.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn add_members(&self, group: &str, users: &[String]) -> Result<(), ChangeFailed> {
        Ok(self.change_group(group, &[], users).await?)
    }

    /// Takes users out of a group.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn remove_members(&self, group: &str, users: &[String]) -> Result<(), ChangeFailed> {
        Ok(self.change_group(group, users, &[]).await?)
    }

    /// Creates a group.
    ///
    /// # Errors
    ///
    /// The master refuses, or cannot be asked.
    pub async fn create_group(&self, name: &str, users: &[String]) -> Result<(), ChangeFailed> {
        self.master.create_group(name, users).await?;
        self.forget_rights();
        Ok(())
    }
}

impl ShellCommand {
    /// What puts users into a group; a placeholder where there are none.
    #[must_use]
    pub fn add_members(group: &str, users: &[String]) -> Self {
        let placeholder = users.is_empty().then_some("USER");
        Self::new("oc adm groups add-users")
            .operand(group)
            .operands(users)
            .operands(placeholder)
    }

    /// What creates a group.
    #[must_use]
    pub fn new_group(name: &str, users: &[String]) -> Self {
        Self::new("oc adm groups new").operand(name).operands(users)
    }
}

fn group_called(name: &str) -> Who {
    Who {
        kind: SubjectKind::Group,
        name: name.to_owned(),
        project: None,
    }
}
