//! Role-based access control: bindings, and whether they allow an access.

use super::kube_admin::{KUBE_ADMIN, KUBE_ADMIN_GROUP};
use super::role::{RBAC_GROUP, Rule, rules};
use super::{
    Cluster, ClusterError, ClusterErrorReason, ClusterState, NamedResource, ObjectMetadata, Version,
};
use registry_model::{ProjectName, Subject, SubjectKind};

/// An access to be checked. Empty strings mean none (no project: the whole cluster; no name: any).
#[derive(Clone, Copy, Debug, Default)]
pub struct AccessAttributes<'a> {
    pub project: &'a str,
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`.
    pub verb: &'a str,
    /// The API group, such as `image.openshift.io`.
    pub group: &'a str,
    /// The resource, such as `imagestreams`.
    pub resource: &'a str,
    /// The part of it, such as `layers`.
    pub subresource: &'a str,
    /// The name of one object.
    pub name: &'a str,
}

/// A role binding, of a project or (without a namespace) of the cluster.
#[derive(Clone, Debug)]
pub(crate) struct RoleBindingObject {
    pub(crate) meta: ObjectMetadata,
    pub(crate) role: String,
    /// Whether the role is one that the project defines.
    pub(crate) is_project_role: bool,
    pub(crate) subjects: Vec<Subject>,
}

/// A role that a project defines.
#[derive(Clone, Debug)]
pub(crate) struct RoleObject {
    pub(crate) rules: Vec<Rule>,
}

/// Why an access is allowed: the binding, and the subject in it that matches.
pub(crate) struct MatchedBinding<'a> {
    pub(crate) binding: &'a RoleBindingObject,
    pub(crate) subject: &'a Subject,
}

impl Cluster {
    /// Whether `user` (`None`: no token) may do that.
    #[must_use]
    pub fn is_allowed(&self, user: Option<&str>, access: &AccessAttributes<'_>) -> bool {
        self.read(|state| state.matching_binding(user, access).is_some())
    }

    /// Binds `role` to `subjects` in a project, or (`None`) in the whole cluster. A binding with
    /// the name of the role is created or extended.
    pub fn bind(&self, project: Option<&ProjectName>, role: &str, subjects: &[Subject]) {
        self.write(|state| state.bind(project.map(ProjectName::as_str), role, role, subjects));
    }

    /// Defines a role of a project, with one rule, and binds it to `subjects`.
    pub fn bind_project_role(
        &self,
        project: &ProjectName,
        role: &str,
        rule: Rule,
        subjects: &[Subject],
    ) {
        self.write(|state| {
            let (project, name) = (project.to_string(), role.to_owned());
            state
                .project_roles
                .insert((project.clone(), name), RoleObject { rules: vec![rule] });
            let meta = state.new_meta(Some(&project), role);
            state.put_binding(RoleBindingObject {
                meta,
                role: role.to_owned(),
                is_project_role: true,
                subjects: subjects.to_vec(),
            });
        });
    }

    /// Removes the group `rbac.authorization.k8s.io`: as on OpenShift 3.6 and 3.7, bindings exist
    /// only in `authorization.openshift.io`, and the cluster roles have no rules about the other
    /// group.
    pub fn remove_rbac_group(&self) {
        self.write(|state| state.without_rbac_group = true);
    }
}

impl ClusterState {
    pub(super) fn bind(
        &mut self,
        project: Option<&str>,
        name: &str,
        role: &str,
        subjects: &[Subject],
    ) {
        let key = (project.unwrap_or_default().to_owned(), name.to_owned());
        if let Some(mut binding) = self.bindings.get(&key).cloned() {
            binding.subjects.extend(
                subjects
                    .iter()
                    .filter(|subject| !binding.subjects.contains(subject))
                    .cloned()
                    .collect::<Vec<_>>(),
            );
            self.update_binding(binding);
        } else {
            let meta = self.new_meta(project, name);
            self.put_binding(RoleBindingObject {
                meta,
                role: role.to_owned(),
                is_project_role: false,
                subjects: subjects.to_vec(),
            });
        }
    }

    /// Stores a binding under its own name.
    pub(crate) fn put_binding(&mut self, binding: RoleBindingObject) {
        let key = (
            binding.meta.namespace.clone().unwrap_or_default(),
            binding.meta.name.clone(),
        );
        self.bindings.insert(key, binding);
    }

    /// Stores a changed binding, with a new revision.
    pub(crate) fn update_binding(&mut self, mut binding: RoleBindingObject) -> RoleBindingObject {
        binding.meta.resource_version = self.next_revision();
        self.put_binding(binding.clone());
        binding
    }

    pub(crate) fn remove_binding(
        &mut self,
        project: &str,
        name: &str,
    ) -> Option<RoleBindingObject> {
        let binding = self
            .bindings
            .remove(&(project.to_owned(), name.to_owned()))?;
        self.next_revision();
        Some(binding)
    }

    pub(crate) fn binding(&self, project: &str, name: &str) -> Option<&RoleBindingObject> {
        self.bindings.get(&(project.to_owned(), name.to_owned()))
    }

    /// The bindings of a project, or (empty name) of the cluster, by name.
    pub(crate) fn bindings_of<'a>(
        &'a self,
        project: &str,
    ) -> impl Iterator<Item = &'a RoleBindingObject> + use<'a> {
        self.bindings
            .range(project_key_range(project))
            .map(|(_, binding)| binding)
    }

    /// The bindings of a project, or (empty name) those of all projects together, without the
    /// cluster's own.
    pub(crate) fn listed_bindings<'a>(
        &'a self,
        project: &'a str,
    ) -> impl Iterator<Item = &'a RoleBindingObject> {
        let of = move |binding: &&RoleBindingObject| {
            binding
                .meta
                .namespace
                .as_deref()
                .is_some_and(|of| project.is_empty() || of == project)
        };
        self.bindings.values().filter(of)
    }

    /// The binding that allows `user` that access, if there is one.
    pub(crate) fn matching_binding(
        &self,
        user: Option<&str>,
        access: &AccessAttributes<'_>,
    ) -> Option<MatchedBinding<'_>> {
        if self.forbidden_groups.contains(access.group) {
            return None;
        }
        let groups = groups_of(self, user);
        let names = |binding: &'_ RoleBindingObject| {
            binding
                .subjects
                .iter()
                .position(|subject| subject_matches(subject, user, &groups))
        };
        // Checking the subjects of a binding is faster than checking its role.
        self.bindings_for(access).find_map(|binding| {
            let subject = names(binding)?;
            self.allows(binding, access).then(|| MatchedBinding {
                binding,
                subject: &binding.subjects[subject],
            })
        })
    }

    /// The bindings that allow that access, whatever their subjects.
    pub(crate) fn bindings_that_allow<'a>(
        &'a self,
        access: &'a AccessAttributes<'_>,
    ) -> impl Iterator<Item = &'a RoleBindingObject> {
        self.bindings_for(access)
            .filter(|binding| self.allows(binding, access))
    }

    /// A role that a project defines.
    pub(crate) fn project_role(&self, project: &str, name: &str) -> Option<&RoleObject> {
        self.project_roles
            .get(&(project.to_owned(), name.to_owned()))
    }

    /// Whether this cluster lacks an API group that its version has.
    pub(crate) fn lacks_group(&self, group: &str) -> bool {
        self.without_rbac_group && group == RBAC_GROUP
    }

    /// The rules of a cluster role that apply to this version; `None` if there is no such role.
    pub(crate) fn rules_of_cluster_role(
        &self,
        name: &str,
    ) -> Option<impl Iterator<Item = &'static Rule> + use<'_>> {
        Some(rules(name)?.iter().filter(|rule| self.supports_rule(rule)))
    }

    fn allows(&self, binding: &RoleBindingObject, access: &AccessAttributes<'_>) -> bool {
        let rules = if binding.is_project_role {
            let project = binding.meta.namespace.as_deref().unwrap_or_default();
            self.project_role(project, &binding.role)
                .map(|role| role.rules.as_slice())
        } else {
            rules(&binding.role)
        };
        let lacking = self.lacks_group(access.group);
        let known = |rule: &&Rule| (!lacking || rule.groups == ["*"]) && self.supports_rule(rule);
        rules.is_some_and(|rules| {
            rules
                .iter()
                .filter(known)
                .any(|rule| rule_allows(rule, access))
        })
    }

    /// Whether this version of OpenShift has the resources of the rule.
    fn supports_rule(&self, rule: &Rule) -> bool {
        self.version() == Version::V4 || !rule.only_on_4
    }

    fn bindings_for<'a>(
        &'a self,
        access: &AccessAttributes<'_>,
    ) -> impl Iterator<Item = &'a RoleBindingObject> + use<'a> {
        let of_project = (!access.project.is_empty()).then(|| self.bindings_of(access.project));
        self.bindings_of("").chain(of_project.into_iter().flatten())
    }

    /// The rules that `role` would grant in `project` and `user` does not have: users may not grant
    /// more than they have. Each rule is in the notation of the API server's message.
    pub(crate) fn missing_rules(
        &self,
        user: Option<&str>,
        project: &str,
        role: &str,
        own: bool,
    ) -> Result<Vec<String>, ClusterError> {
        let (resource, rules) = if own {
            (
                "roles",
                self.project_role(project, role)
                    .map(|role| role.rules.as_slice()),
            )
        } else {
            ("clusterroles", rules(role))
        };
        let wanted = rules.ok_or_else(|| {
            ClusterErrorReason::NotFound(NamedResource::new(RBAC_GROUP, resource, role))
        })?;
        let missing: Vec<&Rule> = wanted
            .iter()
            .filter(|rule| self.supports_rule(rule) && !self.has_rule(user, project, rule))
            .collect();
        Ok(missing
            .into_iter()
            .flat_map(|rule| describe_rule(rule, self.version()))
            .collect())
    }

    fn has_rule(&self, user: Option<&str>, project: &str, rule: &Rule) -> bool {
        rule.groups
            .iter()
            .filter(|group| !self.lacks_group(group))
            .all(|group| {
                rule.resources.iter().all(|resource| {
                    rule.verbs.iter().all(|verb| {
                        let (resource, subresource) =
                            resource.split_once('/').unwrap_or((resource, ""));
                        self.matching_binding(
                            user,
                            &AccessAttributes {
                                project,
                                verb,
                                group,
                                resource,
                                subresource,
                                name: "",
                            },
                        )
                        .is_some()
                    })
                })
            })
    }

    pub(super) fn install_system_bindings(&mut self) {
        let group = |name: &str| Subject {
            kind: SubjectKind::Group,
            name: name.to_owned(),
            project: None,
        };
        let everybody = [
            group("system:authenticated"),
            group("system:unauthenticated"),
        ];
        self.bind(
            None,
            "cluster-admins",
            "cluster-admin",
            &[group("system:cluster-admins"), group("system:masters")],
        );
        self.bind(
            None,
            "cluster-readers",
            "cluster-reader",
            &[group("system:cluster-readers")],
        );
        self.bind(None, "basic-users", "basic-user", &everybody[..1]);
        self.bind(
            None,
            "self-provisioners",
            "self-provisioner",
            &[group("system:authenticated:oauth")],
        );
        let deleters = if self.version() == Version::V4 {
            &everybody[..1]
        } else {
            &everybody[..]
        };
        self.bind(
            None,
            "system:oauth-token-deleters",
            "system:oauth-token-deleter",
            deleters,
        );
        if self.version() == Version::V4 {
            let name = "useroauthaccesstoken-manager";
            self.bind(None, name, name, &[group("system:authenticated:oauth")]);
        }
    }
}

/// The keys of everything in a project.
pub(super) fn project_key_range(project: &str) -> std::ops::Range<(String, String)> {
    (project.to_owned(), String::new())..(format!("{project}\0"), String::new())
}

fn describe_rule(rule: &Rule, version: Version) -> Vec<String> {
    let quoted = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| format!("{text:?}"))
            .collect::<Vec<_>>()
    };
    let (groups, resources, verbs) = (
        quoted(rule.groups),
        quoted(rule.resources),
        quoted(rule.verbs).join(" "),
    );
    let (separator, prefix) = if version == Version::V4 {
        (", ", "")
    } else {
        (" ", "PolicyRule")
    };
    let (groups, resources, verbs) = (
        groups.join(separator),
        resources.join(separator),
        verbs.replace(' ', separator),
    );
    let mut described = match version {
        Version::V3_9 => vec![format!(
            "{prefix}{{Resources:[{resources}], APIGroups:[{groups}], Verbs:[{verbs}]}}"
        )],
        Version::V4 => vec![format!(
            "{prefix}{{APIGroups:[{groups}], Resources:[{resources}], Verbs:[{verbs}]}}"
        )],
    };
    if rule.resources == ["*"] {
        described.push(format!(
            "{prefix}{{NonResourceURLs:[\"*\"], Verbs:[{verbs}]}}"
        ));
    }
    described
}

fn rule_allows(rule: &Rule, access: &AccessAttributes<'_>) -> bool {
    let resource = |rule: &str| match rule.split_once('/') {
        Some((resource, subresource)) => {
            resource == access.resource && subresource == access.subresource
        }
        None => rule == "*" || rule == access.resource && access.subresource.is_empty(),
    };
    rule.verbs
        .iter()
        .any(|&verb| verb == "*" || verb == access.verb)
        && rule
            .groups
            .iter()
            .any(|&group| group == "*" || group == access.group)
        && rule.resources.iter().any(|rule| resource(rule))
        && (rule.names.is_empty() || rule.names.contains(&access.name))
}

fn subject_matches(subject: &Subject, user: Option<&str>, groups: &[String]) -> bool {
    match subject.kind {
        SubjectKind::User => user == Some(&subject.name),
        SubjectKind::Group => groups.contains(&subject.name),
        SubjectKind::ServiceAccount => {
            let project = subject.project.as_deref().unwrap_or_default();
            user.and_then(|user| user.strip_prefix("system:serviceaccount:")?.split_once(':'))
                == Some((project, subject.name.as_str()))
        }
    }
}

/// The groups of a user, including virtual ones.
pub(crate) fn groups_of(state: &ClusterState, user: Option<&str>) -> Vec<String> {
    let Some(user) = user else {
        return vec!["system:unauthenticated".to_owned()];
    };
    if let Some((project, _)) = user
        .strip_prefix("system:serviceaccount:")
        .and_then(|robot| robot.split_once(':'))
    {
        let of_project = format!("system:serviceaccounts:{project}");
        return vec![
            "system:serviceaccounts".to_owned(),
            of_project,
            "system:authenticated".to_owned(),
        ];
    }
    // `system:authenticated:oauth` is for tokens of the cluster's own OAuth server.
    if let Some(groups) = state.id_token_groups.get(user) {
        let mut groups = groups.clone();
        groups.push("system:authenticated".to_owned());
        return groups;
    }
    let mut groups = groups_of_user(state, user);
    groups.extend(["system:authenticated:oauth", "system:authenticated"].map(str::to_owned));
    groups
}

/// The groups that list a user as a member.
pub(crate) fn groups_of_user(state: &ClusterState, user: &str) -> Vec<String> {
    if user == KUBE_ADMIN {
        return vec![KUBE_ADMIN_GROUP.to_owned()];
    }
    state
        .groups()
        .filter(|group| group.users.iter().any(|member| member == user))
        .map(|group| group.meta.name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{ProjectText, tests};

    fn subject(kind: SubjectKind, name: &str) -> Subject {
        Subject {
            kind,
            name: name.to_owned(),
            project: None,
        }
    }

    fn cluster() -> Cluster {
        let cluster = tests::cluster(Version::V4);
        cluster
            .create_project(&team(), ProjectText::default(), "dev")
            .unwrap();
        cluster
    }

    fn team() -> ProjectName {
        "team-a".parse().unwrap()
    }

    fn streams(verb: &str) -> AccessAttributes<'_> {
        AccessAttributes {
            project: "team-a",
            verb,
            group: "image.openshift.io",
            resource: "imagestreams",
            ..AccessAttributes::default()
        }
    }

    fn layers(verb: &str) -> AccessAttributes<'_> {
        AccessAttributes {
            subresource: "layers",
            ..streams(verb)
        }
    }

    #[test]
    fn each_role_grants_its_verbs() {
        let cluster = cluster();
        let expected = [
            // role, list streams, delete streams, pull, push
            ("admin", [true, true, true, true]),
            ("edit", [true, true, true, true]),
            ("view", [true, false, false, false]),
            ("registry-admin", [true, true, true, true]),
            ("registry-editor", [true, true, true, true]),
            ("registry-viewer", [true, false, true, false]),
            ("system:image-puller", [false, false, true, false]),
            ("system:image-pusher", [false, false, true, true]),
            ("no-such-role", [false, false, false, false]),
        ];
        for (role, expected) in expected {
            let user = format!("user-{role}");
            cluster.bind(Some(&team()), role, &[subject(SubjectKind::User, &user)]);
            let may = |access| cluster.is_allowed(Some(&user), &access);
            assert_eq!(
                [
                    may(streams("list")),
                    may(streams("delete")),
                    may(layers("get")),
                    may(layers("update"))
                ],
                expected,
                "{role}"
            );
        }
    }

    #[test]
    fn project_rights_do_not_extend_to_other_projects() {
        let cluster = cluster();
        for project in ["team-b", "team-", "team-a-b", ""] {
            assert!(
                !cluster.is_allowed(
                    Some("dev"),
                    &AccessAttributes {
                        project,
                        ..streams("list")
                    }
                ),
                "{project:?}"
            );
        }
        assert!(cluster.is_allowed(Some("dev"), &streams("list")));
    }

    #[test]
    fn group_rights_apply_to_members_only() {
        let cluster = cluster();
        cluster.add_user("writer", "secret", &["writers"]);
        cluster.bind(
            Some(&team()),
            "registry-editor",
            &[subject(SubjectKind::Group, "writers")],
        );
        assert!(cluster.is_allowed(Some("writer"), &layers("update")));
        assert!(!cluster.is_allowed(Some("outsider"), &layers("update")));
    }

    #[test]
    fn unauthenticated_and_authenticated_groups_differ() {
        let cluster = cluster();
        cluster.bind(
            Some(&team()),
            "registry-viewer",
            &[subject(SubjectKind::Group, "system:unauthenticated")],
        );
        assert!(cluster.is_allowed(None, &layers("get")));
        assert!(!cluster.is_allowed(Some("outsider"), &layers("get")));
        cluster.bind(
            Some(&team()),
            "registry-viewer",
            &[subject(SubjectKind::Group, "system:authenticated")],
        );
        assert!(cluster.is_allowed(Some("outsider"), &layers("get")));
    }

    #[test]
    fn every_user_can_read_only_its_own_user() {
        let cluster = cluster();
        let user = |name| AccessAttributes {
            verb: "get",
            group: "user.openshift.io",
            resource: "users",
            name,
            ..AccessAttributes::default()
        };
        assert!(cluster.is_allowed(Some("outsider"), &user("~")));
        assert!(!cluster.is_allowed(Some("outsider"), &user("dev")));
        assert!(!cluster.is_allowed(None, &user("~")));
    }

    #[test]
    fn granting_more_than_own_rights_is_rejected() {
        let cluster = cluster();
        cluster.bind(
            Some(&team()),
            "registry-admin",
            &[subject(SubjectKind::User, "keeper")],
        );
        let missing = |user, role| {
            cluster
                .read(|state| state.missing_rules(Some(user), "team-a", role, false))
                .map(|rules| rules.len())
        };
        assert_eq!(missing("dev", "admin"), Ok(0));
        assert_eq!(missing("dev", "registry-admin"), Ok(0));
        assert_eq!(missing("dev", "cluster-admin"), Ok(2));
        assert_eq!(missing("keeper", "registry-editor"), Ok(0));
        assert_ne!(missing("keeper", "admin"), Ok(0));
        assert!(missing("dev", "no-such-role").is_err());
    }
}
