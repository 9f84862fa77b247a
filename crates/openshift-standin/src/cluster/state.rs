//! Everything that a cluster stores, and its counters.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::event::{ObjectEvent, ObjectEventLog, RevisionTooOld, WatchedObject};
use super::quota::{ClusterStreamQuota, ProjectLimits};
use super::rbac::{RoleBindingObject, RoleObject};
use super::registry_storage::BlobStorage;
use super::service_account::ServiceAccounts;
use super::token::TokenObject;
use super::workload::Workloads;
use super::{
    ExternalOidc, ExternalRegistries, Hosts, ImageObject, ImageStreamObject, ObjectMetadata,
    ProjectObject, RegisteredOauthClient, Version,
};
use registry_model::Clock;

/// The first revision: earlier ones have been discarded, as on any cluster that has run for a
/// while.
const FIRST_REVISION: u64 = 600;

/// What a cluster stores.
pub(crate) struct ClusterState {
    version: Version,
    clock: Clock,
    revision: u64,
    uids: u64,
    pub(super) event_log: ObjectEventLog,
    pub(super) projects: BTreeMap<String, Arc<ProjectObject>>,
    /// By project and name.
    pub(super) streams: BTreeMap<(String, String), Arc<ImageStreamObject>>,
    pub(super) images: BTreeMap<String, ImageObject>,
    /// Sizes of layers in any manifest, for manifests that do not contain them (schema 1).
    pub(super) layer_sizes: BTreeMap<String, u64>,
    users: BTreeMap<String, UserObject>,
    /// The administrator with whom OpenShift 4 is installed, who is not in `users`.
    pub(super) kube_admin: Option<UserObject>,
    /// By name: `provider:name`.
    identities: BTreeMap<String, IdentityObject>,
    pub(super) groups: BTreeMap<String, GroupObject>,
    /// By project (empty: the cluster's own) and name.
    pub(super) bindings: BTreeMap<(String, String), RoleBindingObject>,
    /// The roles that projects define, by project and name.
    pub(super) project_roles: BTreeMap<(String, String), RoleObject>,
    /// Whether bindings are only in `authorization.openshift.io`, as before 3.9.
    pub(super) without_rbac_group: bool,
    /// How users sign in, if not by the cluster's own OAuth server.
    pub(super) external_oidc: Option<ExternalOidc>,
    /// The groups of the latest ID token of each user.
    pub(super) id_token_groups: BTreeMap<String, Vec<String>>,
    oauth_clients: BTreeMap<String, (RegisteredOauthClient, ObjectMetadata)>,
    pub(super) tokens: BTreeMap<String, TokenObject>,
    /// Service accounts, with their secrets and tokens.
    pub(crate) service_accounts: ServiceAccounts,
    pub(super) external_registries: ExternalRegistries,
    pub(super) project_limits: BTreeMap<String, ProjectLimits>,
    pub(super) cluster_quotas: BTreeMap<String, ClusterStreamQuota>,
    /// Pods, what creates them, and builds.
    pub(super) workloads: Workloads,
    /// The addresses of the integrated registry in pull specs, `host:port`: the one for pods first.
    pub(super) registry_hosts: Vec<String>,
    /// What the registry is configured with, if any object says it.
    pub(super) blob_storage: Option<BlobStorage>,
    /// API groups that were removed.
    pub(super) removed_groups: BTreeSet<&'static str>,
    /// API groups that no user may use.
    pub(super) forbidden_groups: BTreeSet<&'static str>,
    /// The message for users who may not request a project.
    pub(super) project_request_message: Option<String>,
}

/// A user. One with a password can sign in.
#[derive(Clone, Debug)]
pub(crate) struct UserObject {
    pub(crate) meta: ObjectMetadata,
    pub(crate) full_name: String,
    /// Names of identities, whether or not they exist.
    pub(crate) identities: Vec<String>,
    password: Option<String>,
}

impl UserObject {
    /// A user that an administrator creates: it cannot sign in yet.
    pub(crate) fn new(meta: ObjectMetadata) -> Self {
        Self {
            meta,
            full_name: String::new(),
            identities: Vec::new(),
            password: None,
        }
    }

    pub(super) fn with_password(self, password: &str) -> Self {
        Self {
            password: Some(password.to_owned()),
            ..self
        }
    }

    pub(super) fn has_password(&self, password: &str) -> bool {
        self.password.as_deref() == Some(password)
    }
}

/// The account of a user at an identity provider.
#[derive(Clone, Debug)]
pub(crate) struct IdentityObject {
    pub(crate) meta: ObjectMetadata,
    pub(crate) provider: String,
    pub(crate) provider_user: String,
    /// Name and UID of the user to which it is mapped.
    pub(crate) user: Option<(String, String)>,
}

/// A group of users.
#[derive(Clone, Debug)]
pub(crate) struct GroupObject {
    pub(crate) meta: ObjectMetadata,
    pub(crate) users: Vec<String>,
}

impl ClusterState {
    pub(super) fn new(version: Version, hosts: &Hosts, clock: &Clock) -> Self {
        let mut state = Self {
            version,
            clock: clock.clone(),
            revision: FIRST_REVISION,
            uids: 0,
            event_log: ObjectEventLog::new(FIRST_REVISION),
            projects: BTreeMap::new(),
            streams: BTreeMap::new(),
            images: BTreeMap::new(),
            layer_sizes: BTreeMap::new(),
            users: BTreeMap::new(),
            kube_admin: None,
            identities: BTreeMap::new(),
            groups: BTreeMap::new(),
            bindings: BTreeMap::new(),
            project_roles: BTreeMap::new(),
            without_rbac_group: false,
            external_oidc: None,
            id_token_groups: BTreeMap::new(),
            oauth_clients: BTreeMap::new(),
            tokens: BTreeMap::new(),
            service_accounts: ServiceAccounts::default(),
            project_limits: BTreeMap::new(),
            cluster_quotas: BTreeMap::new(),
            workloads: Workloads::default(),
            registry_hosts: hosts.registry(),
            blob_storage: None,
            removed_groups: BTreeSet::new(),
            forbidden_groups: BTreeSet::new(),
            external_registries: ExternalRegistries::default(),
            project_request_message: None,
        };
        state.install_system_bindings();
        state.install_system_projects();
        state
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The message for users who may not request a project, if the administrator has set one.
    pub(crate) fn project_request_message(&self) -> Option<&str> {
        self.project_request_message.as_deref()
    }

    /// When the cluster was set up.
    pub(crate) fn created_at(&self) -> DateTime<Utc> {
        self.projects
            .get("default")
            .map_or_else(DateTime::default, |project| project.meta.created)
    }

    /// The revision of the latest change.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(super) fn next_revision(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    /// Metadata of a new object.
    pub(crate) fn new_meta(&mut self, namespace: Option<&str>, name: &str) -> ObjectMetadata {
        ObjectMetadata {
            name: name.to_owned(),
            namespace: namespace.map(str::to_owned),
            uid: self.new_uid(),
            resource_version: self.next_revision(),
            generation: None,
            created: self.now(),
            labels: BTreeMap::new(),
            annotations: BTreeMap::new(),
        }
    }

    /// A new UID: of version 1 on 3.9 and of version 4 on 4; the same in every run.
    pub(crate) fn new_uid(&mut self) -> String {
        self.uids += 1;
        match self.version {
            Version::V3_9 => format!("{:08x}-e69b-11f1-b38e-0242ac110002", self.uids),
            Version::V4 => format!("{:08x}-8f3a-4c1d-9b7e-5d2f6a3c8e10", self.uids),
        }
    }

    /// Records a change for the watches.
    pub(super) fn record_event(&mut self, change: &'static str, object: WatchedObject) {
        if let WatchedObject::Stream(stream) = &object {
            self.note_changed_stream(stream.namespace(), &stream.meta.name);
        }
        let revision = match &object {
            WatchedObject::Stream(stream) => stream.meta.resource_version,
            WatchedObject::Workload(workload) => workload.meta.resource_version,
            WatchedObject::Project(project) => project.meta.resource_version,
        };
        self.event_log.push(ObjectEvent {
            revision,
            change,
            object,
        });
    }

    /// The changes after `revision`, oldest first.
    pub(crate) fn changes_since(
        &self,
        revision: u64,
    ) -> Result<impl Iterator<Item = &ObjectEvent>, RevisionTooOld> {
        self.event_log.since(revision)
    }

    pub(super) fn add_user(&mut self, name: &str, password: &str, groups: &[&str]) {
        if let Some(user) = self.users.get_mut(name) {
            user.password = Some(password.to_owned());
        } else {
            let meta = self.new_meta(None, name);
            let provider = if self.version == Version::V4 {
                "htpasswd"
            } else {
                "anypassword"
            };
            let identity = format!("{provider}:{name}");
            let stands_for = Some((name.to_owned(), meta.uid.clone()));
            let of_identity = ObjectMetadata {
                name: identity.clone(),
                ..meta.clone()
            };
            self.put_identity(IdentityObject {
                meta: of_identity,
                provider: provider.to_owned(),
                provider_user: name.to_owned(),
                user: stands_for,
            });
            self.put_user(UserObject {
                identities: vec![identity],
                password: Some(password.to_owned()),
                ..UserObject::new(meta)
            });
        }
        for &group in groups {
            if !self.groups.contains_key(group) {
                let meta = self.new_meta(None, group);
                self.put_group(GroupObject {
                    meta,
                    users: Vec::new(),
                });
            }
            if let Some(group) = self.groups.get_mut(group)
                && !group.users.iter().any(|user| user == name)
            {
                group.users.push(name.to_owned());
            }
        }
    }

    pub(crate) fn user(&self, name: &str) -> Option<&UserObject> {
        self.users.get(name)
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = &UserObject> {
        self.users.values()
    }

    /// Stores a user under their own name.
    pub(crate) fn put_user(&mut self, user: UserObject) {
        self.users.insert(user.meta.name.clone(), user);
    }

    /// Stores a changed user, with a new revision.
    pub(crate) fn update_user(&mut self, mut user: UserObject) -> UserObject {
        user.meta.resource_version = self.next_revision();
        self.put_user(user.clone());
        user
    }

    /// The tokens of a deleted user become invalid.
    pub(crate) fn remove_user(&mut self, name: &str) -> Option<UserObject> {
        let user = self.users.remove(name)?;
        self.tokens.retain(|_, token| token.user != name);
        self.next_revision();
        Some(user)
    }

    pub(crate) fn identities(&self) -> impl Iterator<Item = &IdentityObject> {
        self.identities.values()
    }

    pub(crate) fn identity(&self, name: &str) -> Option<&IdentityObject> {
        self.identities.get(name)
    }

    /// Stores an identity under its own name.
    pub(crate) fn put_identity(&mut self, identity: IdentityObject) {
        self.identities.insert(identity.meta.name.clone(), identity);
    }

    /// Stores a changed identity, with a new revision.
    pub(crate) fn update_identity(&mut self, mut identity: IdentityObject) -> IdentityObject {
        identity.meta.resource_version = self.next_revision();
        self.put_identity(identity.clone());
        identity
    }

    pub(crate) fn remove_identity(&mut self, name: &str) -> Option<IdentityObject> {
        let identity = self.identities.remove(name)?;
        self.next_revision();
        Some(identity)
    }

    pub(crate) fn group(&self, name: &str) -> Option<&GroupObject> {
        self.groups.get(name)
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = &GroupObject> {
        self.groups.values()
    }

    /// Stores a group under its own name.
    pub(crate) fn put_group(&mut self, group: GroupObject) {
        self.groups.insert(group.meta.name.clone(), group);
    }

    /// Stores a changed group, with a new revision.
    pub(crate) fn update_group(&mut self, mut group: GroupObject) -> GroupObject {
        group.meta.resource_version = self.next_revision();
        self.put_group(group.clone());
        group
    }

    pub(crate) fn remove_group(&mut self, name: &str) -> Option<GroupObject> {
        let group = self.groups.remove(name)?;
        self.next_revision();
        Some(group)
    }

    pub(crate) fn add_oauth_client(
        &mut self,
        client: RegisteredOauthClient,
    ) -> (RegisteredOauthClient, ObjectMetadata) {
        let meta = self.new_meta(None, &client.id);
        self.put_oauth_client(client, meta)
    }

    /// Stores a changed OAuth client, with a new revision.
    pub(crate) fn update_oauth_client(
        &mut self,
        client: RegisteredOauthClient,
        mut meta: ObjectMetadata,
    ) -> (RegisteredOauthClient, ObjectMetadata) {
        meta.resource_version = self.next_revision();
        self.put_oauth_client(client, meta)
    }

    fn put_oauth_client(
        &mut self,
        client: RegisteredOauthClient,
        meta: ObjectMetadata,
    ) -> (RegisteredOauthClient, ObjectMetadata) {
        let stored = (client, meta);
        self.oauth_clients
            .insert(stored.0.id.clone(), stored.clone());
        stored
    }

    pub(crate) fn oauth_client(
        &self,
        id: &str,
    ) -> Option<&(RegisteredOauthClient, ObjectMetadata)> {
        self.oauth_clients.get(id)
    }

    pub(crate) fn oauth_clients(
        &self,
    ) -> impl Iterator<Item = &(RegisteredOauthClient, ObjectMetadata)> {
        self.oauth_clients.values()
    }

    pub(crate) fn image(&self, digest: &str) -> Option<&ImageObject> {
        self.images.get(digest)
    }

    pub(crate) fn images(&self) -> impl Iterator<Item = &ImageObject> {
        self.images.values()
    }
}
