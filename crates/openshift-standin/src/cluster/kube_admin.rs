//! The administrator with whom OpenShift 4 is installed. It signs in as `kubeadmin`, and is then
//! the virtual user `kube:admin`, which has no `User` object and fixed groups.

use super::{Cluster, ClusterState, UserObject};

/// The name with which it signs in.
const SIGN_IN_NAME: &str = "kubeadmin";
pub(crate) const KUBE_ADMIN: &str = "kube:admin";
/// The group that grants it all rights.
pub(crate) const KUBE_ADMIN_GROUP: &str = "system:cluster-admins";

impl Cluster {
    /// Lets `kubeadmin` sign in with this password.
    pub fn add_kube_admin(&self, password: &str) {
        self.write(|state| {
            let user = UserObject::new(state.new_meta(None, KUBE_ADMIN)).with_password(password);
            state.kube_admin = Some(user);
        });
    }

    /// The user for a name and a password of the sign-in form.
    pub(crate) fn authenticate_password(&self, login: &str, password: &str) -> Option<String> {
        if login == SIGN_IN_NAME {
            let right = self.read(|state| {
                state
                    .kube_admin
                    .as_ref()
                    .is_some_and(|user| user.has_password(password))
            });
            return right.then(|| KUBE_ADMIN.to_owned());
        }
        self.check_password(login, password)
            .then(|| login.to_owned())
    }

    /// The name that the sign-in form shows, if it can sign in.
    pub(crate) fn kube_admin_sign_in_name(&self) -> Option<&'static str> {
        self.read(|state| state.kube_admin.is_some())
            .then_some(SIGN_IN_NAME)
    }
}

impl ClusterState {
    /// The user of a token, including one without an object.
    pub(crate) fn user_of_token(&self, name: &str) -> Option<&UserObject> {
        if name == KUBE_ADMIN {
            self.kube_admin.as_ref()
        } else {
            self.user(name)
        }
    }
}
