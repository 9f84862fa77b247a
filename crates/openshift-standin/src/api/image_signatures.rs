//! Signatures of images, each an object named `digest@name` that is stored in the image.

use serde_json::Value;

use super::answer::Answer;
use super::asked::Asked;
use super::body;
use super::render::Render;
use crate::cluster::{ImageSignature, Object, Reason, Refusal, State};

const GROUP: &str = "image.openshift.io";

/// `imagesignatures`: they are created and deleted, and read with the image.
pub(super) fn answer(asked: &Asked) -> Result<Answer, Refusal> {
    match asked.verb {
        "create" => create(asked),
        "delete" => {
            let missing = || {
                Refusal::from(Reason::NotFound(Object::new(
                    GROUP,
                    "imagesignatures",
                    &asked.name,
                )))
            };
            asked.cluster.write(|state| {
                let digest = digest_of(&asked.name).ok_or_else(missing)?;
                state
                    .change_image(digest, |image| {
                        let before = image.signatures.len();
                        image
                            .signatures
                            .retain(|signature| signature.meta.name != asked.name);
                        image.signatures.len() < before
                    })
                    .filter(|removed| *removed)
                    .ok_or_else(missing)
            })?;
            Ok(Answer::success())
        }
        _ => Err(Reason::MethodNotAllowed.into()),
    }
}

fn digest_of(name: &str) -> Option<&str> {
    name.split_once('@').map(|(digest, _)| digest)
}

fn create(asked: &Asked) -> Result<Answer, Refusal> {
    let wanted = body::json(asked)?;
    let name = body::name(&wanted);
    let Some(digest) = digest_of(name) else {
        let message =
            format!("Invalid value: {name:?}: name must be of format <imageName>@<signatureName>");
        let (kind, field) = ("ImageSignature", "metadata.name".to_owned());
        return Err(Reason::Invalid {
            kind,
            group: GROUP,
            name: name.to_owned(),
            field,
            cause: "FieldValueInvalid",
            message,
        }
        .into());
    };
    let text = |field: &str| wanted[field].as_str().unwrap_or_default().to_owned();
    let created = asked.cluster.write(|state| {
        refuse_second(state, digest, name)?;
        let signature = ImageSignature {
            meta: state.new_meta(None, name),
            kind: text("type"),
            content: text("content"),
        };
        let stored = state.change_image(digest, |image| image.signatures.push(signature.clone()));
        stored
            .map(|()| signature)
            .ok_or_else(|| Refusal::from(Reason::NotFound(Object::new(GROUP, "images", digest))))
    })?;
    let render = Render::for_request(asked);
    let mut shown: Value = render.signature(&created);
    if let Some(link) = render.link_on_3_9(GROUP, "imagesignatures", name) {
        shown["metadata"]["selfLink"] = link.into();
    }
    Ok(Answer::created(&render.typed(
        "ImageSignature",
        GROUP,
        shown,
    )))
}

fn refuse_second(state: &State, digest: &str, name: &str) -> Result<(), Refusal> {
    let known = state.image(digest).is_some_and(|image| {
        image
            .signatures
            .iter()
            .any(|signature| signature.meta.name == name)
    });
    if known {
        Err(Reason::AlreadyExists(Object::new(GROUP, "imagesignatures", name)).into())
    } else {
        Ok(())
    }
}
