//! Signatures, attestations and SBOMs that are attached to an image by the name of a tag.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Digest, TagName};

/// The attachment that the name of a tag describes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attachment {
    /// The digest of the image's manifest.
    pub image: Digest,
    pub kind: AttachmentKind,
}

/// The kind of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AttachmentKind {
    /// `sha256-<hex>.sig`: a signature (cosign 1 and 2).
    Signature,
    /// `sha256-<hex>.att`: attestations (cosign 1 and 2).
    Attestation,
    /// `sha256-<hex>.sbom`: a software bill of materials (cosign 1 and 2).
    Sbom,
    /// `sha256-<hex>`: an index of all manifests that refer to the image (OCI distribution
    /// specification, "Referrers Tag Schema").
    Referrers,
}

const TAG_PREFIX: &str = "sha256-";
const SHA256_HEX_DIGITS: usize = 64;

impl TagName {
    /// Whether the tag's name is that of an attachment; see [`TagName::attachment`]. Such a tag is
    /// not meant to be pulled.
    #[must_use]
    pub fn is_attachment(&self) -> bool {
        split_attachment_tag(self.as_str()).is_some()
    }

    /// The attachment that the tag's name describes, if it does.
    #[must_use]
    pub fn attachment(&self) -> Option<Attachment> {
        let (hex, kind) = split_attachment_tag(self.as_str())?;
        Some(Attachment {
            image: format!("sha256:{}", hex.to_ascii_lowercase())
                .parse()
                .ok()?,
            kind,
        })
    }
}

/// The digits of the digest and the kind in the name of such a tag.
fn split_attachment_tag(name: &str) -> Option<(&str, AttachmentKind)> {
    let (hex, suffix) = name
        .strip_prefix(TAG_PREFIX)?
        .split_at_checked(SHA256_HEX_DIGITS)?;
    let kind = match suffix {
        "" => AttachmentKind::Referrers,
        ".sig" => AttachmentKind::Signature,
        ".att" => AttachmentKind::Attestation,
        ".sbom" => AttachmentKind::Sbom,
        _ => return None,
    };
    hex.bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then_some((hex, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_named_by_digest_scheme_is_an_attachment() {
        let hex = "0a".repeat(32);
        let attachment = |name: String| name.parse::<TagName>().unwrap().attachment();
        for (suffix, kind) in [
            ("", AttachmentKind::Referrers),
            (".sig", AttachmentKind::Signature),
            (".att", AttachmentKind::Attestation),
            (".sbom", AttachmentKind::Sbom),
        ] {
            let image = format!("sha256:{hex}").parse().unwrap();
            assert_eq!(
                attachment(format!("sha256-{hex}{suffix}")),
                Some(Attachment { image, kind })
            );
        }
        for name in [
            "sha256-abc.sig".to_owned(),
            "v1.sig".to_owned(),
            format!("sha256-{hex}0"),
            format!("sha256-{hex}.txt"),
            hex,
        ] {
            assert_eq!(attachment(name.clone()), None, "{name}");
        }
    }
}
