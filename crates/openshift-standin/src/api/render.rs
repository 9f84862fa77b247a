//! Objects as JSON, for each version: the one place that knows the differences between 3.9 and 4.

use serde_json::{Map, Value, json};

use crate::api::request::ApiRequest;
use crate::cluster::{
    Cluster, ImageObject, ImageSignature, ImageStreamObject, ObjectMetadata, ProjectObject,
    RoleBindingObject, StoredTagEvent, StoredTagSpec, TagHistory, TagReference, Version, rfc3339,
};
use registry_model::{Subject, SubjectKind};

/// Renders objects for one request.
pub(super) struct Renderer<'a> {
    cluster: &'a Cluster,
    /// `/oapi` on 3.9: links and kinds of the old API.
    legacy: bool,
}

impl<'a> Renderer<'a> {
    pub(super) fn from_request(request: &'a ApiRequest) -> Self {
        Self {
            cluster: &request.cluster,
            legacy: request.legacy,
        }
    }

    pub(super) fn version(&self) -> Version {
        self.cluster.version()
    }

    fn is_3_9(&self) -> bool {
        self.version() == Version::V3_9
    }

    /// Adds `kind` and `apiVersion`, which single objects have and items of lists do not.
    pub(super) fn typed(&self, kind: &str, group: &str, mut object: Value) -> Value {
        object["kind"] = kind.into();
        let core = self.legacy || group.is_empty();
        object["apiVersion"] = if core {
            "v1".into()
        } else {
            format!("{group}/v1").into()
        };
        object
    }

    /// `metadata`, with the link that 3.9 adds to objects with a path of their own.
    pub(super) fn meta(&self, meta: &ObjectMetadata, link: Option<(&str, &str)>) -> Value {
        let mut shown = json!({"name": meta.name, "uid": meta.uid, "resourceVersion": meta.resource_version.to_string(),
            "creationTimestamp": rfc3339(meta.created)});
        if let Some(namespace) = &meta.namespace {
            shown["namespace"] = namespace.as_str().into();
        }
        if let Some(generation) = meta.generation {
            shown["generation"] = generation.into();
        }
        for (field, texts) in [("labels", &meta.labels), ("annotations", &meta.annotations)] {
            if !texts.is_empty() {
                shown[field] = json!(texts);
            }
        }
        if let (true, Some((group, resource))) = (self.is_3_9(), link) {
            shown["selfLink"] = self
                .self_link(group, meta.namespace.as_deref(), resource, &meta.name)
                .into();
        }
        shown
    }

    /// The path of an object (or, without a name, of a list) for `selfLink`.
    pub(super) fn self_link(
        &self,
        group: &str,
        namespace: Option<&str>,
        resource: &str,
        name: &str,
    ) -> String {
        let mut link = if self.legacy {
            "/oapi/v1".to_owned()
        } else if group.is_empty() {
            "/api/v1".to_owned()
        } else {
            format!("/apis/{group}/v1")
        };
        for segment in namespace
            .map(|namespace| ["/namespaces/", namespace])
            .into_iter()
            .flatten()
        {
            link.push_str(segment);
        }
        link.extend(["/", resource]);
        if !name.is_empty() {
            link.push('/');
            link.push_str(&name.replace(':', "%3A").replace('@', "%40"));
        }
        link
    }

    /// The `selfLink` of an object of the whole cluster, if the version has one.
    pub(super) fn self_link_v3_9(&self, group: &str, resource: &str, name: &str) -> Option<String> {
        self.is_3_9()
            .then(|| self.self_link(group, None, resource, name))
    }

    pub(super) fn stream(&self, stream: &ImageStreamObject) -> Value {
        let mut spec = json!({"lookupPolicy": {"local": stream.lookup_local}});
        if let Some(repository) = &stream.repository {
            spec["dockerImageRepository"] = repository.as_str().into();
        }
        if !stream.spec_tags.is_empty() {
            spec["tags"] = stream
                .spec_tags
                .iter()
                .map(|(name, tag)| self.spec_tag(name, tag))
                .collect();
        }
        let path = format!("{}/{}", stream.namespace(), stream.meta.name);
        let mut status = json!({"dockerImageRepository": format!("{}/{path}", self.cluster.hosts().registry_internal)});
        if self.cluster.is_without_registry() {
            status["dockerImageRepository"] = stream.repository.clone().unwrap_or_default().into();
        } else if let Some(public) = &self.cluster.hosts().registry_public {
            status["publicDockerImageRepository"] = format!("{public}/{path}").into();
        }
        if !stream.tags.is_empty() {
            status["tags"] = stream
                .tags
                .iter()
                .map(|(name, history)| tag_history(name, history))
                .collect();
        }
        let meta = self.meta(&stream.meta, Some(("image.openshift.io", "imagestreams")));
        object([("metadata", meta), ("spec", spec), ("status", status)])
    }

    pub(super) fn spec_tag(&self, name: &str, tag: &StoredTagSpec) -> Value {
        let policy = tag.reference_policy.as_deref().unwrap_or("Source");
        let mut shown = json!({"name": name, "annotations": tag.annotations, "generation": tag.generation,
            "importPolicy": self.import_policy(tag), "referencePolicy": {"type": policy}});
        if let Some(from) = &tag.from {
            shown["from"] = tag_reference(from);
        }
        if tag.reference {
            shown["reference"] = true.into();
        }
        shown
    }

    /// `importPolicy`: 4 always contains the mode.
    pub(super) fn import_policy(&self, tag: &StoredTagSpec) -> Value {
        let mut policy = json!({});
        for (field, set) in [("insecure", tag.insecure), ("scheduled", tag.scheduled)] {
            if set {
                policy[field] = true.into();
            }
        }
        if !self.is_3_9() {
            policy["importMode"] = tag.import_mode.as_deref().unwrap_or("Legacy").into();
        }
        policy
    }

    /// An image; `linked` if it has a path of its own.
    pub(super) fn image(&self, image: &ImageObject, linked: bool) -> Value {
        let link = linked.then_some(("image.openshift.io", "images"));
        let mut shown = self.image_object(
            self.meta(&image.meta, link),
            &image.reference,
            image.metadata.clone(),
        );
        if !image.layers.is_empty() {
            let layer = |layer: &crate::cluster::ImageLayer| json!({"name": layer.digest, "size": layer.size, "mediaType": layer.media_type});
            shown["dockerImageLayers"] = image.layers.iter().map(layer).collect();
        }
        shown["dockerImageManifestMediaType"] = image.media_type.as_str().into();
        if !image.signatures.is_empty() {
            shown["signatures"] = image
                .signatures
                .iter()
                .map(|signature| self.signature(signature))
                .collect();
        }
        if !image.platforms.is_empty() {
            shown["dockerImageManifests"] = image.platforms.iter().map(platform).collect();
        }
        shown
    }

    pub(super) fn signature(&self, signature: &ImageSignature) -> Value {
        let mut meta = self.meta(&signature.meta, None);
        // The object has the revision of its image.
        meta.as_object_mut()
            .map(|meta| meta.remove("resourceVersion"));
        json!({"metadata": meta, "type": signature.kind, "content": signature.content})
    }

    /// An image without its content, as in lists of tags.
    pub(super) fn image_named(&self, name: Option<&str>, reference: &str) -> Value {
        let mut meta = json!({});
        if let Some(name) = name {
            meta["name"] = name.into();
        }
        if self.is_3_9() {
            meta["creationTimestamp"] = Value::Null;
        }
        let nothing = Map::from_iter(
            [
                ("Id", json!("")),
                ("Created", Value::Null),
                ("ContainerConfig", json!({})),
            ]
            .map(|(k, v)| (k.to_owned(), v)),
        );
        self.image_object(meta, reference, nothing)
    }

    fn image_object(&self, meta: Value, reference: &str, metadata: Map<String, Value>) -> Value {
        let mut metadata = Value::Object(metadata);
        metadata["kind"] = "DockerImage".into();
        metadata["apiVersion"] = if self.is_3_9() {
            "1.0"
        } else {
            "image.openshift.io/1.0"
        }
        .into();
        let mut shown = object([
            ("metadata", meta),
            ("dockerImageMetadata", metadata),
            ("dockerImageMetadataVersion", "1.0".into()),
        ]);
        if !reference.is_empty() {
            shown["dockerImageReference"] = reference.into();
        }
        if self.is_3_9() {
            shown["dockerImageLayers"] = Value::Null;
        }
        shown
    }

    pub(super) fn project(&self, project: &ProjectObject) -> Value {
        let phase = if project.terminating_since.is_some() {
            "Terminating"
        } else {
            "Active"
        };
        json!({"metadata": self.meta(&project.meta, Some(("project.openshift.io", "projects"))),
            "spec": {"finalizers": project.finalizers}, "status": {"phase": phase}})
    }

    /// A role binding of `rbac.authorization.k8s.io`.
    pub(super) fn rbac_binding(&self, binding: &RoleBindingObject) -> Value {
        const GROUP: &str = "rbac.authorization.k8s.io";
        let shown_subject = |subject: &Subject| match subject.kind {
            SubjectKind::User => json!({"kind": "User", "apiGroup": GROUP, "name": subject.name}),
            SubjectKind::Group => json!({"kind": "Group", "apiGroup": GROUP, "name": subject.name}),
            SubjectKind::ServiceAccount => {
                json!({"kind": "ServiceAccount", "name": subject.name, "namespace": subject.project})
            }
        };
        let subjects: Vec<Value> = binding.subjects.iter().map(shown_subject).collect();
        let mut shown = json!({"metadata": self.meta(&binding.meta, Some((GROUP, binding_resource(&binding.meta)))),
            "roleRef": {"apiGroup": GROUP, "kind": if binding.is_project_role { "Role" } else { "ClusterRole" }, "name": binding.role}});
        if !subjects.is_empty() {
            shown["subjects"] = subjects.into();
        } else if self.is_3_9() {
            shown["subjects"] = Value::Null;
        }
        shown
    }

    /// A role binding of `authorization.openshift.io`.
    pub(super) fn openshift_binding(&self, binding: &RoleBindingObject) -> Value {
        let or_null = |names: Vec<String>| {
            if names.is_empty() {
                Value::Null
            } else {
                json!(names)
            }
        };
        let users = binding.subjects.iter().filter_map(user_name).collect();
        let groups = binding
            .subjects
            .iter()
            .filter(|subject| subject.kind == SubjectKind::Group)
            .map(|subject| subject.name.clone())
            .collect();
        let subject = |subject: &Subject| {
            let system = if subject.name.starts_with("system:") {
                "System"
            } else {
                ""
            };
            match subject.kind {
                SubjectKind::User => json!({"kind": format!("{system}User"), "name": subject.name}),
                SubjectKind::Group => {
                    json!({"kind": format!("{system}Group"), "name": subject.name})
                }
                SubjectKind::ServiceAccount => {
                    json!({"kind": "ServiceAccount", "namespace": subject.project, "name": subject.name})
                }
            }
        };
        let mut role = json!({"name": binding.role});
        if binding.is_project_role {
            role["namespace"] = json!(binding.meta.namespace);
        }
        json!({"metadata": self.meta(&binding.meta, Some(("authorization.openshift.io", binding_resource(&binding.meta)))),
            "userNames": or_null(users), "groupNames": or_null(groups),
            "subjects": binding.subjects.iter().map(subject).collect::<Vec<_>>(), "roleRef": role})
    }
}

/// The resource of a binding: that of a project, or of the cluster.
fn binding_resource(meta: &ObjectMetadata) -> &'static str {
    if meta.namespace.is_some() {
        "rolebindings"
    } else {
        "clusterrolebindings"
    }
}

/// An object with these fields, which are moved: `json!` would copy them.
pub(super) fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    fields
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect::<Map<String, Value>>()
        .into()
}

/// The user name of a user or service account.
pub(super) fn user_name(subject: &Subject) -> Option<String> {
    match subject.kind {
        SubjectKind::User => Some(subject.name.clone()),
        SubjectKind::Group => None,
        SubjectKind::ServiceAccount => Some(format!(
            "system:serviceaccount:{}:{}",
            subject.project.as_deref().unwrap_or_default(),
            subject.name
        )),
    }
}

fn tag_reference(from: &TagReference) -> Value {
    let mut shown = json!({"kind": from.kind, "name": from.name});
    if let Some(namespace) = &from.namespace {
        shown["namespace"] = namespace.as_str().into();
    }
    shown
}

fn tag_history(name: &str, history: &TagHistory) -> Value {
    let item = |item: &StoredTagEvent| json!({"created": rfc3339(item.created), "dockerImageReference": item.reference, "image": item.image, "generation": item.generation});
    let items =
        (!history.items.is_empty()).then(|| history.items.iter().map(item).collect::<Vec<_>>());
    let mut shown = json!({"tag": name, "items": items});
    if !history.conditions.is_empty() {
        let condition = |condition: &crate::cluster::ImportCondition| {
            json!({"type": "ImportSuccess", "status": "False", "lastTransitionTime": rfc3339(condition.changed_at), "reason": condition.reason,
                "message": condition.message, "generation": condition.generation})
        };
        shown["conditions"] = history.conditions.iter().map(condition).collect();
    }
    shown
}

fn platform(entry: &crate::cluster::PlatformManifest) -> Value {
    let mut shown = json!({"digest": entry.digest, "mediaType": entry.media_type, "manifestSize": entry.size,
        "architecture": entry.architecture, "os": entry.os});
    if let Some(variant) = &entry.variant {
        shown["variant"] = variant.as_str().into();
    }
    shown
}
