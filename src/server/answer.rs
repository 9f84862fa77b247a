//! One request, from the end of its header to the beginning of its answer.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body as AxumBody;
use axum::extract::ConnectInfo;
use http::{HeaderMap, Request, Response, header};
use hyper::body::{Body as _, Incoming};
use tower::ServiceExt as _;

use super::activity::UnderWay;
use super::body;
use super::budget::{Reservation, Share};
use super::early_refusal::EarlyRefusal;
use super::outgoing::{Made, Outgoing};
use super::peers::Peer;
use super::{Limits, Shared};

/// What a request or a stream takes besides its bytes: its task, its place among the streams of its
/// connection, what is made to answer it.
const OVERHEAD: usize = 4 << 10;

/// What all requests of one connection share.
pub(super) struct Requests {
    pub(super) shared: Arc<Shared>,
    pub(super) router: Router,
    pub(super) from: SocketAddr,
    pub(super) peer: Arc<Peer>,
}

/// Answers `request`, within all limits.
pub(super) async fn answer(
    request: Request<Incoming>,
    requests: Arc<Requests>,
) -> Result<Response<Outgoing>, Infallible> {
    let under_way = requests.peer.activity.begin();
    let awaited = request
        .body()
        .is_end_stream()
        .then(|| requests.peer.awaits());
    let signed_in = requests.shared.sessions.is_valid(request.headers());
    if signed_in {
        requests.peer.signed_in();
    }
    let share = if signed_in {
        Share::SignedIn
    } else {
        Share::Anonymous
    };
    let refused_headers = refused_for_headers(&request, &requests);
    // Kept for an answer in the person's language: the request itself is gone by then.
    let languages: HeaderMap = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .map(|value| (header::ACCEPT_LANGUAGE, value.clone()))
        .into_iter()
        .collect();
    let response = match refused_headers {
        Some(refusal) => Err(refusal),
        None => ask(request, &requests, share).await?,
    };
    drop(awaited);
    let (head, made, reservation) = match hold(response, &requests, share).await {
        Ok(held) => held,
        Err(refusal) => {
            let (head, body) = refusal.answer(&languages).into_parts();
            (head, Made::from(body).await, None)
        }
    };
    Ok(Response::from_parts(
        head,
        outgoing(made, reservation, &requests, under_way),
    ))
}

fn outgoing(
    made: Made,
    reservation: Option<Reservation>,
    requests: &Requests,
    under_way: UnderWay,
) -> Outgoing {
    Outgoing::new(made, reservation, Arc::clone(&requests.peer), under_way)
}

/// Asks the router, while the budget holds the request.
async fn ask(
    request: Request<Incoming>,
    requests: &Requests,
    share: Share,
) -> Result<Result<Response<AxumBody>, EarlyRefusal>, Infallible> {
    let limits = &requests.shared.limits;
    let size = header_size(&request) + unread(&request, limits) + OVERHEAD;
    let Some(reservation) = reserve(requests, share, size).await else {
        return Ok(Err(EarlyRefusal::Overloaded));
    };
    // Held here until there is an answer, whatever becomes of the request until then.
    let reservation = Arc::new(Mutex::new(reservation));
    let mut request = request.map(|body| body::bounded(body, limits, &reservation, &requests.peer));
    request.extensions_mut().insert(ConnectInfo(requests.from));
    Ok(Ok(requests.router.clone().oneshot(request).await?))
}

/// Makes the whole answer and lets the budget hold it.
async fn hold(
    response: Result<Response<AxumBody>, EarlyRefusal>,
    requests: &Requests,
    share: Share,
) -> Result<(http::response::Parts, Made, Option<Reservation>), EarlyRefusal> {
    let (head, body) = response?.into_parts();
    let made = Made::from(body).await;
    // An answer that is larger than all of the budget can still be given to somebody.
    let bytes = made.len().min(requests.shared.budget.limit() / 4)
        + if made.is_stream() { OVERHEAD } else { 0 };
    let reservation = reserve(requests, share, bytes)
        .await
        .ok_or(EarlyRefusal::Overloaded)?;
    Ok((head, made, Some(reservation)))
}

/// Where the bytes are not there, those who hold some and make no progress are closed, and what
/// comes back is waited for.
async fn reserve(requests: &Requests, share: Share, bytes: usize) -> Option<Reservation> {
    let Shared { budget, peers, .. } = &*requests.shared;
    if let Some(reservation) = budget.reserve(share, bytes) {
        return Some(reservation);
    }
    if peers.free_bytes() {
        budget.reserve_soon(share, bytes).await
    } else {
        None
    }
}

fn refused_for_headers(request: &Request<Incoming>, requests: &Requests) -> Option<EarlyRefusal> {
    let limits = &requests.shared.limits;
    let cookie = requests.shared.sessions.has_cookie(request.headers());
    let bytes = usize::from(if cookie {
        limits.header_bytes
    } else {
        limits.anonymous_header_bytes
    });
    let refused = request.headers().len() > limits.header_fields || header_size(request) > bytes;
    refused.then_some(EarlyRefusal::Headers(bytes))
}

/// As many bytes as HTTP/1.1 takes for it.
fn header_size<B>(request: &Request<B>) -> usize {
    let uri = request.uri();
    let target = uri.path_and_query().map_or(1, |path| path.as_str().len())
        + uri.authority().map_or(0, |host| host.as_str().len());
    let fields = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
    request.method().as_str().len() + target + "  HTTP/1.1\r\n\r\n".len() + fields.sum::<usize>()
}

/// How much of a body can be here before anybody reads it: as much as its peer may send unasked.
fn unread(request: &Request<Incoming>, limits: &Limits) -> usize {
    let hint = request.body().size_hint();
    let most = hint
        .upper()
        .and_then(|upper| usize::try_from(upper).ok())
        .unwrap_or(usize::MAX);
    most.min(limits.stream_window as usize)
}
