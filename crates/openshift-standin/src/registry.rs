//! The integrated registry: the distribution API v2 as `docker`, `podman` and `skopeo` use it, with
//! OpenShift's authorization.
//!
//! The cluster decides what a manifest means for image streams ([`Cluster::push`]); blobs are
//! stored here. Responses follow the recorded exchanges of both versions: 401 and never 403, no OCI
//! media types on 3.9, a schema 2 manifest converted to schema 1 for a client that does not accept
//! anything newer.

mod access;
mod answer;
mod blob_response;
mod blobs;
mod error;
mod manifest_upload;
mod manifests;
mod media_type;
mod route;
mod schema1;
mod signatures;
mod tags;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::json;

use self::access::Credentials;
pub use self::blobs::{Blobs, Repository, StoredManifest};
use self::manifests::{ManifestReader, TagOrDigest};
use self::schema1::Signer;
use self::signatures::Signatures;
use self::uploads::Uploads;
use super::cluster::Cluster;
use super::faults::{Endpoint, Faults};
use super::storage::Storage;
use error::{DistributionError, RequiredAccess};
use registry_model::Digest;
use route::RegistryRoute;

/// The most bytes of one signature.
const MAX_SIGNATURE_BYTES: usize = 64 << 10;

/// The registry as an axum router.
///
/// It asks `cluster` for the user and the rights of a request, unless `faults` has disabled the API
/// server: then it answers as the real one does, 400 with an empty body (recorded in
/// `registry-tags-registry-lost-master`).
pub(super) fn router(cluster: Cluster, blobs: Blobs, faults: Faults, storage: Storage) -> Router {
    let registry = RegistryServer {
        cluster,
        blobs,
        faults,
        storage,
        uploads: Uploads::default(),
        signatures: Signatures::default(),
        signer: Arc::new(Signer::new()),
    };
    Router::new().fallback(handle).with_state(registry)
}

#[derive(Clone)]
struct RegistryServer {
    cluster: Cluster,
    blobs: Blobs,
    faults: Faults,
    storage: Storage,
    uploads: Uploads,
    signatures: Signatures,
    signer: Arc<Signer>,
}

async fn handle(State(registry): State<RegistryServer>, request: Request) -> Response {
    let version = registry.cluster.version();
    let host = host(&request);
    let Some(target) = RegistryRoute::parse(request.uri().path()) else {
        return with_api_version_header(answer::not_found());
    };
    let supports_signatures = !matches!(target, RegistryRoute::Token | RegistryRoute::Health);
    let result = registry.answer(target, request, &host).await;
    let mut response = with_api_version_header(
        result.unwrap_or_else(|refusal| refusal.into_response(version, &host)),
    );
    if supports_signatures {
        response.headers_mut().insert(
            "x-registry-supports-signatures",
            HeaderValue::from_static("1"),
        );
    }
    response
}

fn with_api_version_header(mut response: Response) -> Response {
    response.headers_mut().insert(
        "docker-distribution-api-version",
        HeaderValue::from_static("registry/2.0"),
    );
    response
}

/// The host of the request, for URLs in responses.
fn host(request: &Request) -> String {
    let named = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    named
        .or_else(|| request.uri().authority().map(http::uri::Authority::as_str))
        .unwrap_or_default()
        .to_owned()
}

/// The query, or the default if it is invalid.
fn parse_query<T: serde::de::DeserializeOwned + Default>(uri: &Uri) -> T {
    Query::try_from_uri(uri)
        .map(|Query(query)| query)
        .unwrap_or_default()
}

impl RegistryServer {
    async fn answer(
        &self,
        target: RegistryRoute,
        request: Request,
        host: &str,
    ) -> Result<Response, DistributionError> {
        let method = request.method().clone();
        match (target, &method) {
            (RegistryRoute::Health, _) => Ok(answer::empty(StatusCode::OK, [])),
            (RegistryRoute::Token, _) => Ok(self.token(request.headers())),
            (RegistryRoute::Base, &Method::GET | &Method::HEAD) => self.base(request.headers()),
            (RegistryRoute::Catalog, &Method::GET) => {
                self.authorize(request.headers(), &[RequiredAccess::catalog()])?;
                tags::catalog(&self.cluster, &parse_query(request.uri()))
            }
            (RegistryRoute::Tags(name), &Method::GET) => {
                self.authorize(request.headers(), &self.required_access(&method, &name))?;
                tags::tags(
                    &self.cluster,
                    &access::repository(&name)?,
                    &parse_query(request.uri()),
                )
            }
            (RegistryRoute::Manifest(name, reference), _) => {
                self.manifest(&name, &reference, request, host).await
            }
            (RegistryRoute::Blob(name, digest), _) => self.blob(&name, &digest, &request),
            (RegistryRoute::Uploads(name), &Method::POST) => {
                self.begin_upload(&name, request, host).await
            }
            (RegistryRoute::Upload(name, id), _) => self.upload(&name, &id, request, host).await,
            (RegistryRoute::Signatures(name, digest), _) => {
                self.signatures(&name, &digest, request).await
            }
            _ => Err(DistributionError::unsupported()),
        }
    }

    fn required_access(&self, method: &Method, name: &str) -> Vec<RequiredAccess> {
        access::required_access(self.cluster.version(), method, name)
    }

    fn authorize(
        &self,
        headers: &HeaderMap,
        needs: &[RequiredAccess],
    ) -> Result<access::Caller, DistributionError> {
        self.check_api_server(headers)?;
        access::authorize(&self.cluster, headers, needs)
    }

    /// A request with a token needs the API server, and fails without it.
    fn check_api_server(&self, headers: &HeaderMap) -> Result<(), DistributionError> {
        let asks = !matches!(
            Credentials::from_headers(headers),
            Credentials::None | Credentials::Unreadable
        );
        let unable = self.faults.prevents_answer(Endpoint::ApiServer)
            || self.cluster.outage().affects("image.openshift.io");
        if asks && unable {
            Err(DistributionError::AuthorizationUnavailable)
        } else {
            Ok(())
        }
    }

    fn base(&self, headers: &HeaderMap) -> Result<Response, DistributionError> {
        self.check_api_server(headers)?;
        access::identify_caller(&self.cluster, headers, &[])?;
        let mut response = answer::json(self.cluster.version(), StatusCode::OK, &json!({}));
        *response.body_mut() = "{}".into();
        Ok(response)
    }

    /// Returns the token that was sent as password, or the literal `anonymous` (A8).
    fn token(&self, headers: &HeaderMap) -> Response {
        let token = match Credentials::from_headers(headers) {
            Credentials::None | Credentials::Anonymous => "anonymous".to_owned(),
            Credentials::Token(token) if self.cluster.authenticate(&token).is_some() => token,
            Credentials::Token(_) | Credentials::Unreadable => {
                return answer::empty(
                    StatusCode::UNAUTHORIZED,
                    [("content-type", "application/json".to_owned())],
                );
            }
        };
        answer::json_as(
            "application/json",
            StatusCode::OK,
            &json!({ "access_token": token, "token": token }),
        )
    }

    async fn manifest(
        &self,
        name: &str,
        reference: &str,
        request: Request,
        host: &str,
    ) -> Result<Response, DistributionError> {
        let (parts, body) = request.into_parts();
        let caller = self.authorize(&parts.headers, &self.required_access(&parts.method, name))?;
        let repository = access::repository(name)?;
        let reference = TagOrDigest::parse(reference)?;
        match parts.method {
            Method::GET | Method::HEAD => {
                let shelf = ManifestReader {
                    cluster: &self.cluster,
                    blobs: &self.blobs,
                    signer: &self.signer,
                };
                shelf.respond(&repository, &reference, &parts.method, &parts.headers)
            }
            Method::PUT => {
                let (cluster, blobs) = (&self.cluster, &self.blobs);
                let arrival = manifest_upload::ManifestUpload {
                    cluster,
                    blobs,
                    repository: &repository,
                    reference: &reference,
                    caller: &caller,
                };
                arrival.receive(&parts.headers, body, host).await
            }
            Method::DELETE => match reference {
                TagOrDigest::Digest(digest) if self.blobs.prune_manifest(&repository, &digest) => {
                    Ok(answer::empty(StatusCode::ACCEPTED, []))
                }
                TagOrDigest::Digest(_) => Err(DistributionError::manifest_unknown(json!({}))),
                TagOrDigest::Tag(_) => Err(DistributionError::unsupported()),
            },
            _ => Err(DistributionError::unsupported()),
        }
    }

    fn blob(
        &self,
        name: &str,
        digest: &str,
        request: &Request,
    ) -> Result<Response, DistributionError> {
        let (method, headers) = (request.method(), request.headers());
        self.authorize(headers, &self.required_access(method, name))?;
        let repository = access::repository(name)?;
        let parsed: Digest = digest
            .parse()
            .map_err(|_| DistributionError::digest_invalid())?;
        let unknown = || DistributionError::blob_unknown(digest);
        match *method {
            Method::GET | Method::HEAD => {
                let found = self.blobs.blob(&repository, &parsed).ok_or_else(unknown)?;
                // Only users who may pull get this far.
                if let Some((status, location)) = self
                    .storage
                    .redirect(&parsed)
                    .filter(|_| *method == Method::GET)
                {
                    return Ok(answer::empty(status, [("location", location)]));
                }
                Ok(blob_response::blob(method, headers, &parsed, &found))
            }
            Method::DELETE if self.blobs.prune_blob(&repository, &parsed) => {
                Ok(answer::empty(StatusCode::ACCEPTED, []))
            }
            Method::DELETE => Err(unknown()),
            _ => Err(DistributionError::unsupported()),
        }
    }

    async fn begin_upload(
        &self,
        name: &str,
        request: Request,
        host: &str,
    ) -> Result<Response, DistributionError> {
        let caller = self.authorize(
            request.headers(),
            &self.required_access(request.method(), name),
        )?;
        let wishes: uploads::BeginQuery = parse_query(request.uri());
        // A mount from a repository from which the user may not pull is not refused: the blob has
        // to be uploaded instead.
        let may_pull = |from: &String| {
            let need = [RequiredAccess::repository(from, "pull")];
            access::check_access(&self.cluster, &caller, &need)
                .ok()
                .and_then(|()| access::repository(from).ok())
        };
        let mountable = wishes.from.as_ref().and_then(may_pull);
        let repository = access::repository(name)?;
        self.uploads
            .begin(
                &self.blobs,
                repository,
                &wishes,
                mountable,
                request.into_body(),
                host,
            )
            .await
    }

    async fn upload(
        &self,
        name: &str,
        id: &str,
        request: Request,
        host: &str,
    ) -> Result<Response, DistributionError> {
        let (parts, body) = request.into_parts();
        // Cancelling an upload requires the right to push, not to delete (A8).
        self.authorize(&parts.headers, &self.required_access(&Method::PUT, name))?;
        let repository = access::repository(name)?;
        match parts.method {
            Method::GET => self.uploads.progress(&repository, id, host),
            Method::PATCH => {
                self.uploads
                    .append(&repository, id, &parts.headers, body, host)
                    .await
            }
            Method::DELETE => self.uploads.cancel(&repository, id),
            Method::PUT => {
                let uploads::FinishQuery { digest } = parse_query(&parts.uri);
                self.uploads
                    .finish(&self.blobs, &repository, id, &digest, body, host)
                    .await
            }
            _ => Err(DistributionError::unsupported()),
        }
    }

    async fn signatures(
        &self,
        name: &str,
        digest: &str,
        request: Request,
    ) -> Result<Response, DistributionError> {
        let (parts, body) = request.into_parts();
        match parts.method {
            Method::GET => {
                self.authorize(&parts.headers, &self.required_access(&Method::GET, name))?;
                self.signatures.list(digest)
            }
            Method::PUT => {
                self.authorize(&parts.headers, &[RequiredAccess::repository(name, "sign")])?;
                let body = Limited::new(body, MAX_SIGNATURE_BYTES).collect().await;
                let body = body.map_err(|_| {
                    DistributionError::manifest_invalid("http: request body too large")
                })?;
                self.signatures.add(digest, &body.to_bytes())
            }
            _ => Err(DistributionError::unsupported()),
        }
    }
}
