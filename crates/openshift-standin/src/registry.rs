//! The integrated registry: distribution v2 as `docker`, `podman` and `skopeo` speak it, with
//! OpenShift's authorisation.
//!
//! What a manifest means for image streams is the cluster's business ([`Cluster::push`]); blobs
//! live here. Answers follow the recorded exchanges of both versions: 401 and never 403, no OCI
//! media types on 3.9, a schema 2 manifest turned into schema 1 for a client that does not ask for
//! better.

mod access;
mod answer;
mod blobs;
mod content;
mod intake;
mod manifests;
mod media_type;
mod refusal;
mod schema1;
mod signatures;
mod tags;
mod target;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Limited};
use serde_json::json;

use self::access::Credentials;
pub use self::blobs::{Blobs, Manifest, Repository};
use self::manifests::{Reference, Shelf};
use self::refusal::{Need, Refusal};
use self::schema1::Signer;
use self::signatures::Signatures;
use self::target::Target;
use self::uploads::Uploads;
use super::cluster::Cluster;
use super::faults::{Faults, Upstream};
use super::storage::Storage;
use registry_model::Digest;

/// The most bytes of one signature.
const SIGNATURE_LIMIT: usize = 64 << 10;

/// The registry as an axum router.
///
/// It asks `cluster` who a caller is and what they may, unless `faults` has taken the master away:
/// then it answers as the real one does, 400 with an empty body (recorded in
/// `registry-tags-registry-lost-master`).
pub(super) fn router(cluster: Cluster, blobs: Blobs, faults: Faults, storage: Storage) -> Router {
    let registry = Registry {
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
struct Registry {
    cluster: Cluster,
    blobs: Blobs,
    faults: Faults,
    storage: Storage,
    uploads: Uploads,
    signatures: Signatures,
    signer: Arc<Signer>,
}

async fn handle(State(registry): State<Registry>, request: Request) -> Response {
    let version = registry.cluster.version();
    let host = host(&request);
    let Some(target) = Target::parse(request.uri().path()) else {
        return marked(answer::not_found());
    };
    let supports_signatures = !matches!(target, Target::Token | Target::Alive);
    let result = registry.answer(target, request, &host).await;
    let mut response = marked(result.unwrap_or_else(|refusal| refusal.respond(version, &host)));
    if supports_signatures {
        response.headers_mut().insert(
            "x-registry-supports-signatures",
            HeaderValue::from_static("1"),
        );
    }
    response
}

fn marked(mut response: Response) -> Response {
    response.headers_mut().insert(
        "docker-distribution-api-version",
        HeaderValue::from_static("registry/2.0"),
    );
    response
}

/// The host that the caller asked, for the addresses in answers.
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

/// The query, or what is there when it cannot be read.
fn query<T: serde::de::DeserializeOwned + Default>(uri: &Uri) -> T {
    Query::try_from_uri(uri)
        .map(|Query(query)| query)
        .unwrap_or_default()
}

impl Registry {
    async fn answer(
        &self,
        target: Target,
        request: Request,
        host: &str,
    ) -> Result<Response, Refusal> {
        let method = request.method().clone();
        match (target, &method) {
            (Target::Alive, _) => Ok(answer::empty(StatusCode::OK, [])),
            (Target::Token, _) => Ok(self.token(request.headers())),
            (Target::Base, &Method::GET | &Method::HEAD) => self.base(request.headers()),
            (Target::Catalog, &Method::GET) => {
                self.authorize(request.headers(), &[Need::catalog()])?;
                tags::catalog(&self.cluster, &query(request.uri()))
            }
            (Target::Tags(name), &Method::GET) => {
                self.authorize(request.headers(), &self.needs(&method, &name))?;
                tags::tags(
                    &self.cluster,
                    &access::repository(&name)?,
                    &query(request.uri()),
                )
            }
            (Target::Manifest(name, reference), _) => {
                self.manifest(&name, &reference, request, host).await
            }
            (Target::Blob(name, digest), _) => self.blob(&name, &digest, &request),
            (Target::Uploads(name), &Method::POST) => self.begin_upload(&name, request, host).await,
            (Target::Upload(name, id), _) => self.upload(&name, &id, request, host).await,
            (Target::Signatures(name, digest), _) => self.signatures(&name, &digest, request).await,
            _ => Err(Refusal::unsupported()),
        }
    }

    fn needs(&self, method: &Method, name: &str) -> Vec<Need> {
        access::needs(self.cluster.version(), method, name)
    }

    fn authorize(&self, headers: &HeaderMap, needs: &[Need]) -> Result<access::Caller, Refusal> {
        self.reach_master(headers)?;
        access::authorize(&self.cluster, headers, needs)
    }

    /// With a token in hand the registry asks the master, and fails when it cannot.
    fn reach_master(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let asks = !matches!(
            Credentials::of(headers),
            Credentials::None | Credentials::Unreadable
        );
        let unable = self.faults.keeps_from_answering(Upstream::Master)
            || self.cluster.outage().affects_images();
        if asks && unable {
            Err(Refusal::CannotAsk)
        } else {
            Ok(())
        }
    }

    fn base(&self, headers: &HeaderMap) -> Result<Response, Refusal> {
        self.reach_master(headers)?;
        access::caller(&self.cluster, headers, &[])?;
        let mut response = answer::json(self.cluster.version(), StatusCode::OK, &json!({}));
        *response.body_mut() = "{}".into();
        Ok(response)
    }

    /// Gives back the token that came as password, or the word `anonymous` (A8).
    fn token(&self, headers: &HeaderMap) -> Response {
        let token = match Credentials::of(headers) {
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
    ) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        let caller = self.authorize(&parts.headers, &self.needs(&parts.method, name))?;
        let repository = access::repository(name)?;
        let reference = Reference::parse(reference)?;
        match parts.method {
            Method::GET | Method::HEAD => {
                let shelf = Shelf {
                    cluster: &self.cluster,
                    blobs: &self.blobs,
                    signer: &self.signer,
                };
                shelf.show(&repository, &reference, &parts.method, &parts.headers)
            }
            Method::PUT => {
                let (cluster, blobs) = (&self.cluster, &self.blobs);
                let arrival = intake::Arrival {
                    cluster,
                    blobs,
                    repository: &repository,
                    reference: &reference,
                    caller: &caller,
                };
                arrival.take(&parts.headers, body, host).await
            }
            Method::DELETE => match reference {
                Reference::Digest(digest) if self.blobs.lose_manifest(&repository, &digest) => {
                    Ok(answer::empty(StatusCode::ACCEPTED, []))
                }
                Reference::Digest(_) => Err(Refusal::manifest_unknown(json!({}))),
                Reference::Tag(_) => Err(Refusal::unsupported()),
            },
            _ => Err(Refusal::unsupported()),
        }
    }

    fn blob(&self, name: &str, digest: &str, request: &Request) -> Result<Response, Refusal> {
        let (method, headers) = (request.method(), request.headers());
        self.authorize(headers, &self.needs(method, name))?;
        let repository = access::repository(name)?;
        let parsed: Digest = digest.parse().map_err(|_| Refusal::digest_invalid())?;
        let unknown = || Refusal::blob_unknown(digest);
        match *method {
            Method::GET | Method::HEAD => {
                let found = self.blobs.blob(&repository, &parsed).ok_or_else(unknown)?;
                // Only who may pull gets as far as this.
                if let Some((status, location)) = self
                    .storage
                    .redirect(&parsed)
                    .filter(|_| *method == Method::GET)
                {
                    return Ok(answer::empty(status, [("location", location)]));
                }
                Ok(content::blob(method, headers, &parsed, &found))
            }
            Method::DELETE if self.blobs.lose_blob(&repository, &parsed) => {
                Ok(answer::empty(StatusCode::ACCEPTED, []))
            }
            Method::DELETE => Err(unknown()),
            _ => Err(Refusal::unsupported()),
        }
    }

    async fn begin_upload(
        &self,
        name: &str,
        request: Request,
        host: &str,
    ) -> Result<Response, Refusal> {
        let caller = self.authorize(request.headers(), &self.needs(request.method(), name))?;
        let wishes: uploads::BeginQuery = query(request.uri());
        // A mount from where the caller may not pull is not refused: the upload goes the long way.
        let may_pull = |from: &String| {
            let need = [Need::repository(from, "pull")];
            access::allowed(&self.cluster, &caller, &need)
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
    ) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        // To cancel an upload takes the right to push, not to delete (A8).
        self.authorize(&parts.headers, &self.needs(&Method::PUT, name))?;
        let repository = access::repository(name)?;
        match parts.method {
            Method::GET => self.uploads.progress(&repository, id, host),
            Method::PATCH => {
                self.uploads
                    .go_on(&repository, id, &parts.headers, body, host)
                    .await
            }
            Method::DELETE => self.uploads.cancel(&repository, id),
            Method::PUT => {
                let uploads::FinishQuery { digest } = query(&parts.uri);
                self.uploads
                    .finish(&self.blobs, &repository, id, &digest, body, host)
                    .await
            }
            _ => Err(Refusal::unsupported()),
        }
    }

    async fn signatures(
        &self,
        name: &str,
        digest: &str,
        request: Request,
    ) -> Result<Response, Refusal> {
        let (parts, body) = request.into_parts();
        match parts.method {
            Method::GET => {
                self.authorize(&parts.headers, &self.needs(&Method::GET, name))?;
                self.signatures.list(digest)
            }
            Method::PUT => {
                self.authorize(&parts.headers, &[Need::repository(name, "sign")])?;
                let body = Limited::new(body, SIGNATURE_LIMIT).collect().await;
                let body =
                    body.map_err(|_| Refusal::manifest_invalid("http: request body too large"))?;
                self.signatures.add(digest, &body.to_bytes())
            }
            _ => Err(Refusal::unsupported()),
        }
    }
}
