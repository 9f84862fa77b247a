//! Pod templates: containers, and what the API servers add to them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Workload;
use crate::cluster::Version;

fn container(name: &str, image: &str) -> Value {
    let latest = image.ends_with(":latest")
        || !image.contains('@')
            && !image
                .rsplit('/')
                .next()
                .is_some_and(|last| last.contains(':'));
    let policy = if latest && image.trim() == image {
        "Always"
    } else {
        "IfNotPresent"
    };
    json!({"name": name, "image": image, "resources": {}, "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File", "imagePullPolicy": policy})
}

fn containers(named: &[(String, String)]) -> Value {
    named
        .iter()
        .map(|(name, image)| container(name, image))
        .collect()
}

/// The `spec` of the template.
pub(super) fn template_spec(workload: &Workload, restart_policy: &str) -> Value {
    let mut spec = json!({"containers": containers(&workload.containers), "restartPolicy": restart_policy, "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst", "securityContext": {}, "schedulerName": "default-scheduler"});
    if !workload.init_containers.is_empty() {
        spec["initContainers"] = containers(&workload.init_containers);
    }
    if let Some(account) = &workload.service_account {
        spec["serviceAccountName"] = account.as_str().into();
        spec["serviceAccount"] = account.as_str().into();
    }
    spec
}

/// A pod template.
pub(super) fn template(
    version: Version,
    labels: &BTreeMap<String, String>,
    annotations: &BTreeMap<String, String>,
    spec: Value,
) -> Value {
    let mut meta = empty_meta(version);
    for (field, texts) in [("labels", labels), ("annotations", annotations)] {
        if !texts.is_empty() {
            meta[field] = json!(texts);
        }
    }
    let mut template = json!({"metadata": meta});
    template["spec"] = spec;
    template
}

/// The metadata of a template without any: 3.9 writes an empty time.
pub(super) fn empty_meta(version: Version) -> Value {
    match version {
        Version::V3_9 => json!({"creationTimestamp": null}),
        Version::V4 => json!({}),
    }
}

/// The `spec` of a pod of a template: with the volume of its service account, and with what its
/// security context constraint sets.
pub(super) fn pod_spec(version: Version, mut spec: Value, token: &str) -> Value {
    let account = spec["serviceAccountName"]
        .as_str()
        .unwrap_or("default")
        .to_owned();
    let volume = match version {
        Version::V3_9 => format!("{account}-token-{token}"),
        Version::V4 => format!("kube-api-access-{token}"),
    };
    let of_container = match version {
        Version::V3_9 => {
            json!({"capabilities": {"drop": ["KILL", "MKNOD", "SETGID", "SETUID"]}, "runAsUser": 1_000_320_000})
        }
        Version::V4 => {
            json!({"capabilities": {"drop": ["ALL"]}, "runAsUser": 1_000_680_000, "runAsNonRoot": true, "allowPrivilegeEscalation": false})
        }
    };
    for list in ["containers", "initContainers"] {
        for container in spec[list].as_array_mut().into_iter().flatten() {
            container["volumeMounts"] = json!([{"name": volume, "readOnly": true, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]);
            container["securityContext"] = of_container.clone();
        }
    }
    // Indexing a missing field has left a null.
    if spec["initContainers"].is_null()
        && let Some(fields) = spec.as_object_mut()
    {
        fields.remove("initContainers");
    }
    spec["serviceAccountName"] = account.as_str().into();
    spec["serviceAccount"] = account.as_str().into();
    match version {
        Version::V3_9 => {
            spec["volumes"] =
                json!([{"name": volume, "secret": {"secretName": volume, "defaultMode": 420}}]);
            spec["imagePullSecrets"] = json!([{"name": format!("{account}-dockercfg-{token}")}]);
            spec["securityContext"] =
                json!({"seLinuxOptions": {"level": "s0:c18,c7"}, "fsGroup": 1_000_320_000});
        }
        Version::V4 => {
            spec["volumes"] = json!([{"name": volume, "projected": {"defaultMode": 420, "sources": token_sources()}}]);
            spec["securityContext"] = json!({"seLinuxOptions": {"level": "s0:c26,c15"}, "fsGroup": 1_000_680_000,
                "seccompProfile": {"type": "RuntimeDefault"}});
            spec["tolerations"] = ["not-ready", "unreachable"]
                .map(|taint| json!({"key": format!("node.kubernetes.io/{taint}"), "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}))
                .to_vec()
                .into();
            spec["priority"] = 0.into();
            spec["enableServiceLinks"] = true.into();
            spec["preemptionPolicy"] = "PreemptLowerPriority".into();
        }
    }
    spec
}

fn token_sources() -> Value {
    json!([
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
        {"configMap": {"name": "openshift-service-ca.crt", "items": [{"key": "service-ca.crt", "path": "service-ca.crt"}]}},
    ])
}
