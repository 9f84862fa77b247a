//! Access reviews: may I, and who can.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::answer::{self, Answer};
use super::asked::Asked;
use super::body;
use super::render::{Render, user_name};
use crate::demo::cluster::{Access, Grant, Reason, Refusal, Version};
use crate::model::{Subject, SubjectKind};

/// `selfsubjectaccessreviews`: may I?
pub(super) fn answer_self(asked: &Asked) -> Result<Answer, Refusal> {
    if asked.verb != "create" {
        return Err(Reason::MethodNotAllowed.into());
    }
    let wanted = body::json(asked)?;
    let mut attributes = wanted["spec"]["resourceAttributes"].clone();
    let text = |field: &str| wanted["spec"]["resourceAttributes"][field].as_str().unwrap_or_default();
    let access = Access {
        project: text("namespace"),
        verb: text("verb"),
        group: text("group"),
        resource: text("resource"),
        subresource: text("subresource"),
        name: text("name"),
    };
    let status = asked.cluster.read(|state| review(asked, &access, state.grant(asked.user(), &access).as_ref()));
    if let Some(fields) = attributes.as_object_mut() {
        fields.retain(|_, value| value != "");
    }
    let meta = if asked.cluster.version() == Version::V3_9 { json!({"creationTimestamp": null}) } else { json!({}) };
    let review = json!({"metadata": meta, "spec": {"resourceAttributes": attributes}, "status": status});
    Ok(Answer::created(&Render::for_request(asked).typed("SelfSubjectAccessReview", "authorization.k8s.io", review)))
}

fn review(asked: &Asked, access: &Access<'_>, grant: Option<&Grant<'_>>) -> Value {
    match (grant, asked.cluster.version()) {
        (Some(_), Version::V3_9) => json!({"allowed": true, "reason": "allowed by openshift authorizer"}),
        (None, Version::V3_9) => json!({"allowed": false, "reason": answer::cannot_in_words_of_openshift(asked.user(), access)}),
        (Some(grant), Version::V4) => json!({"allowed": true, "reason": because(grant)}),
        (None, Version::V4) => json!({"allowed": false}),
    }
}

/// `RBAC: allowed by RoleBinding "admin/team-a" of ClusterRole "admin" to User "dev"`.
fn because(Grant { binding, subject }: &Grant<'_>) -> String {
    let (kind, name) = match &binding.meta.namespace {
        Some(project) => ("RoleBinding", format!("{}/{project}", binding.meta.name)),
        None => ("ClusterRoleBinding", binding.meta.name.clone()),
    };
    let whom = match subject.kind {
        SubjectKind::User => "User",
        SubjectKind::Group => "Group",
        SubjectKind::ServiceAccount => "ServiceAccount",
    };
    format!("RBAC: allowed by {kind} {name:?} of ClusterRole {:?} to {whom} {:?}", binding.role, subject.name)
}

/// `localresourceaccessreviews`: who can, in this project?
pub(super) fn answer_who_can(asked: &Asked) -> Result<Answer, Refusal> {
    if asked.verb != "create" {
        return Err(Reason::MethodNotAllowed.into());
    }
    let wanted = body::json(asked)?;
    let text = |field: &str| wanted[field].as_str().unwrap_or_default();
    let (resource, subresource) = text("resource").split_once('/').unwrap_or((text("resource"), ""));
    let access = Access {
        project: &asked.project,
        verb: text("verb"),
        group: text("resourceAPIGroup"),
        resource,
        subresource,
        name: text("resourceName"),
    };
    let (users, groups) = asked.cluster.read(|state| {
        let subjects: Vec<&Subject> = state.bindings_that_allow(&access).flat_map(|binding| &binding.subjects).collect();
        let users: BTreeSet<String> = subjects.iter().filter_map(|subject| user_name(subject)).collect();
        let groups = subjects.iter().filter(|subject| subject.kind == SubjectKind::Group).map(|subject| subject.name.clone());
        (users, groups.collect::<BTreeSet<String>>())
    });
    // "evalutionError" is how the real API spells it.
    let answer = json!({"namespace": asked.project, "users": users, "groups": groups, "evalutionError": ""});
    Ok(Answer::created(&Render::for_request(asked).typed("ResourceAccessReviewResponse", "authorization.openshift.io", answer)))
}
