//! Object storage to which the embedded registry can redirect, as that of OpenShift on a public
//! cloud does: blobs under signed URLs, without further authentication. It has a certificate
//! authority of its own.

use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, Method, StatusCode, header};

use super::registry::Blobs;
use registry_model::Digest;

/// Where the registry redirects for a blob. Cheap to clone; clones share the state.
#[derive(Clone, Debug)]
pub struct BlobRedirects(Arc<RwLock<BlobRedirect>>);

/// The response of the registry to `GET` of a blob.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum BlobRedirect {
    #[default]
    Off,
    /// A redirect (307) to the embedded object storage.
    Storage,
    /// A redirect with this status to this URL; `{path}` in it is replaced by the blob's path and
    /// signature.
    Custom(u16, String),
}

impl BlobRedirects {
    /// Sets the response from now on.
    pub fn set(&self, redirect: BlobRedirect) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = redirect;
    }

    fn get(&self) -> BlobRedirect {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The object storage of one cluster.
#[derive(Clone, Debug)]
pub(super) struct Storage {
    url: String,
    /// Generated at each start: a URL that contains it can be read.
    signature: String,
    pub(super) redirects: BlobRedirects,
}

impl Storage {
    /// The object storage at `url`, without a trailing slash.
    pub(super) fn new(url: &str) -> Self {
        let signature = format!("{:032x}", rand::random::<u128>());
        Self {
            url: url.to_owned(),
            signature,
            redirects: BlobRedirects(Arc::default()),
        }
    }

    /// The status and the `Location` of the response for a blob.
    pub(super) fn redirect(&self, digest: &Digest) -> Option<(StatusCode, String)> {
        let digest = digest.to_string();
        let (algorithm, hex) = digest.split_once(':')?;
        let path = format!(
            "/bucket/docker/registry/v2/blobs/{algorithm}/{}/{hex}/data?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=1200&X-Amz-Signature={}",
            hex.get(..2)?,
            self.signature
        );
        match self.redirects.get() {
            BlobRedirect::Off => None,
            BlobRedirect::Storage => Some((
                StatusCode::TEMPORARY_REDIRECT,
                format!("{}{path}", self.url),
            )),
            BlobRedirect::Custom(status, address) => Some((
                StatusCode::from_u16(status).ok()?,
                address.replace("{path}", &path),
            )),
        }
    }

    /// The object storage as an axum router.
    pub(super) fn router(self, blobs: Blobs) -> Router {
        Router::new().fallback(serve).with_state((self, blobs))
    }
}

async fn serve(State((storage, blobs)): State<(Storage, Blobs)>, request: Request) -> Response {
    let signed = request
        .uri()
        .query()
        .is_some_and(|query| query.contains(&format!("X-Amz-Signature={}", storage.signature)));
    if !signed || request.headers().contains_key(header::AUTHORIZATION) {
        return answer(
            StatusCode::FORBIDDEN,
            "application/xml",
            error("SignatureDoesNotMatch"),
        );
    }
    let blob = digest(request.uri().path()).and_then(|digest| blobs.any_blob(&digest));
    match blob {
        Some(blob) if request.method() == Method::GET => {
            answer(StatusCode::OK, "application/octet-stream", blob)
        }
        _ => answer(StatusCode::NOT_FOUND, "application/xml", error("NoSuchKey")),
    }
}

fn digest(path: &str) -> Option<Digest> {
    let mut parts = path
        .strip_prefix("/bucket/docker/registry/v2/blobs/")?
        .split('/');
    let (algorithm, _, hex) = (parts.next()?, parts.next()?, parts.next()?);
    format!("{algorithm}:{hex}").parse().ok()
}

fn error(code: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code></Error>")
}

fn answer(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<axum::body::Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
