//! Giving roles in a project, and taking them, without losing what others give and take at the same
//! time.

use crate::app::AsUser;
use crate::app::change::ChangeFailed;
use crate::openshift::{Binding, Bindings, Error};
use registry_model::{ProjectName, Subject as Who};

/// How often a change is tried anew that somebody else was faster than.
pub(in crate::app) const TRIES: usize = 5;

impl AsUser<'_> {
    /// Takes a role of the cluster from `gone` and gives it to `come`. Nothing is sent where that
    /// is how it is.
    ///
    /// What is read is sent back with its revision: where somebody else changed or deleted it in
    /// between the master refuses, and all is read afresh.
    pub(in crate::app) async fn change_binding(
        &self,
        project: &ProjectName,
        role: &str,
        gone: &[Who],
        come: &[Who],
    ) -> Result<(), ChangeFailed> {
        let mut tries = 1;
        loop {
            match self.try_binding(project, role, gone, come).await {
                Err(FailedWrite::Overtaken(_)) if tries < TRIES => tries += 1,
                result => {
                    // A change that failed half-way has changed something, too.
                    self.forget_rights();
                    return Ok(result.map_err(FailedWrite::into_error)?);
                }
            }
        }
    }

    async fn try_binding(
        &self,
        project: &ProjectName,
        role: &str,
        gone: &[Who],
        come: &[Who],
    ) -> Result<(), FailedWrite> {
        let Bindings { group, list } = self
            .master
            .bindings(project)
            .await
            .map_err(FailedWrite::Failed)?;
        let (mut of_role, others): (Vec<&Binding>, Vec<&Binding>) = list
            .iter()
            .partition(|binding| binding.read().cluster_role && binding.read().role == role);
        // The one that `oc` and the old console would have made stands first.
        of_role.sort_by_key(|binding| binding.read().name != role);
        let has = |who: &&Who| {
            of_role
                .iter()
                .any(|binding| binding.read().subjects.contains(who))
        };
        let come: Vec<Who> = come.iter().filter(|who| !has(who)).cloned().collect();
        if of_role.is_empty() {
            let name = free_name(role, &others);
            return match Binding::new(group, project, &name, role).changed(&[], &come) {
                Some(binding) => self
                    .master
                    .create_binding(project, &binding)
                    .await
                    .map_err(FailedWrite::of_creation),
                None => Ok(()),
            };
        }
        for (place, binding) in of_role.into_iter().enumerate() {
            let come: &[Who] = if place == 0 { &come } else { &[] };
            if let Some(changed) = binding.changed(gone, come) {
                self.store_binding(project, &changed)
                    .await
                    .map_err(FailedWrite::of_change)?;
            }
        }
        Ok(())
    }

    /// Stores a changed binding. One that is left without anybody is deleted, as `oc policy` does;
    /// whoever may not delete leaves it empty, which gives nobody anything either.
    async fn store_binding(&self, project: &ProjectName, changed: &Binding) -> Result<(), Error> {
        if changed.may_be_deleted() {
            match self.master.delete_binding(project, changed).await {
                Err(Error::Forbidden(_)) => {}
                result => return result,
            }
        }
        self.master.replace_binding(project, changed).await
    }
}

/// Why a change was not made at one try.
enum FailedWrite {
    /// Something else changed the same binding in between: the next try may succeed.
    Overtaken(Error),
    /// Another try would fail the same way.
    Failed(Error),
}

impl FailedWrite {
    /// A new binding that is refused as not found lacks its project or its role, and no further try
    /// brings those.
    fn of_creation(error: Error) -> Self {
        if matches!(error, Error::Conflict(_)) {
            Self::Overtaken(error)
        } else {
            Self::Failed(error)
        }
    }

    /// A binding that was read and is gone now was deleted in between.
    fn of_change(error: Error) -> Self {
        if matches!(error, Error::Conflict(_) | Error::NotFound) {
            Self::Overtaken(error)
        } else {
            Self::Failed(error)
        }
    }

    fn into_error(self) -> Error {
        match self {
            Self::Overtaken(error) | Self::Failed(error) => error,
        }
    }
}

/// The name of the role, or with a number where a binding of another role has taken it: as `oc
/// policy` does.
fn free_name(role: &str, others: &[&Binding]) -> String {
    let taken = |name: &str| others.iter().any(|binding| binding.read().name == name);
    if !taken(role) {
        return role.to_owned();
    }
    (0..)
        .map(|number| format!("{role}-{number}"))
        .find(|name| !taken(name))
        .expect("there are more numbers than bindings")
}
