//! The roles that projects define: what of them can be read.

use serde_json::{Value, json};

use super::answer::Answer;
use super::asked::Asked;
use super::render::Render;
use crate::demo::cluster::{Object, Reason, Refusal};

/// `roles`.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    if asked.verb != "get" {
        return Err(Reason::MethodNotAllowed.into());
    }
    let render = Render::for_request(asked);
    let role = asked.cluster.read(|state| {
        let role = state.own_role(&asked.project, &asked.name)?;
        let rule = |rule: &crate::demo::cluster::Rule| {
            let mut shown = json!({"verbs": rule.verbs, "apiGroups": rule.groups, "resources": rule.resources});
            if !rule.names.is_empty() {
                shown["resourceNames"] = json!(rule.names);
            }
            shown
        };
        let rules: Vec<Value> = role.rules.iter().map(rule).collect();
        Some(json!({"metadata": render.meta(&role.meta, Some((asked.group, "roles"))), "rules": rules}))
    });
    let role = role.ok_or_else(|| Reason::NotFound(Object::new(asked.group, "roles", &asked.name)))?;
    Ok(Answer::ok(&render.typed("Role", asked.group, role)))
}
