//! A request, from the end of its header to the beginning of its response.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body as AxumBody;
use axum::extract::ConnectInfo;
use http::{HeaderMap, Request, Response, header};
use hyper::body::{Body as _, Incoming};
use tower::ServiceExt as _;

use super::early_refusal::EarlyRefusal;
use super::peers::Peer;
use super::request_counter::ActiveRequest;
use super::{ServerLimits, ServerShared};
use crate::server::byte_budget::{BudgetShare, Reservation};
use crate::server::request_body;
use crate::server::response_body::{BufferedBody, ResponseBody};

/// The memory of a request or a stream besides its bytes: its task, its entry among the streams of
/// its connection, the values made while handling it.
const REQUEST_OVERHEAD_BYTES: usize = 4 << 10;

/// Shared by all requests of a connection.
pub(super) struct RequestHandler {
    pub(super) shared: Arc<ServerShared>,
    pub(super) router: Router,
    pub(super) peer_address: SocketAddr,
    pub(super) peer: Arc<Peer>,
}

/// Handles `request` within all limits.
pub(super) async fn handle_request(
    request: Request<Incoming>,
    requests: Arc<RequestHandler>,
) -> Result<Response<ResponseBody>, Infallible> {
    let under_way = requests.peer.requests.begin_request();
    let awaited = request
        .body()
        .is_end_stream()
        .then(|| requests.peer.begin_response());
    let signed_in = requests.shared.session_check.is_valid(request.headers());
    if signed_in {
        requests.peer.mark_signed_in();
    }
    let share = if signed_in {
        BudgetShare::SignedIn
    } else {
        BudgetShare::Anonymous
    };
    let refused_headers = check_header_size(&request, &requests);
    // Kept for a response in the user's language: the request itself is consumed by then.
    let languages: HeaderMap = request
        .headers()
        .get(header::ACCEPT_LANGUAGE)
        .map(|value| (header::ACCEPT_LANGUAGE, value.clone()))
        .into_iter()
        .collect();
    let response = match refused_headers {
        Some(refusal) => Err(refusal),
        None => call_router(request, &requests, share).await?,
    };
    drop(awaited);
    let (head, made, reservation) = match buffer_response(response, &requests, share).await {
        Ok(held) => held,
        Err(refusal) => {
            let (head, body) = refusal.into_response(&languages).into_parts();
            (head, BufferedBody::buffer(body).await, None)
        }
    };
    Ok(Response::from_parts(
        head,
        response_body(made, reservation, &requests, under_way),
    ))
}

fn response_body(
    made: BufferedBody,
    reservation: Option<Reservation>,
    requests: &RequestHandler,
    under_way: ActiveRequest,
) -> ResponseBody {
    ResponseBody::new(made, reservation, Arc::clone(&requests.peer), under_way)
}

/// Calls the router while the budget holds the request.
async fn call_router(
    request: Request<Incoming>,
    requests: &RequestHandler,
    share: BudgetShare,
) -> Result<Result<Response<AxumBody>, EarlyRefusal>, Infallible> {
    let limits = &requests.shared.limits;
    let size =
        header_size(&request) + max_unread_body_bytes(&request, limits) + REQUEST_OVERHEAD_BYTES;
    let Some(reservation) = reserve(requests, share, size).await else {
        return Ok(Err(EarlyRefusal::Overloaded));
    };
    // Held here until there is a response, whatever happens to the request until then.
    let reservation = Arc::new(Mutex::new(reservation));
    let mut request = request
        .map(|body| request_body::limit_request_body(body, limits, &reservation, &requests.peer));
    request
        .extensions_mut()
        .insert(ConnectInfo(requests.peer_address));
    Ok(Ok(requests.router.clone().oneshot(request).await?))
}

/// Buffers the response and reserves its bytes.
async fn buffer_response(
    response: Result<Response<AxumBody>, EarlyRefusal>,
    requests: &RequestHandler,
    share: BudgetShare,
) -> Result<(http::response::Parts, BufferedBody, Option<Reservation>), EarlyRefusal> {
    let (head, body) = response?.into_parts();
    let made = BufferedBody::buffer(body).await;
    // A response that is larger than the whole budget can still be sent.
    let bytes = made.len().min(requests.shared.budget.limit() / 4)
        + if made.is_stream() {
            REQUEST_OVERHEAD_BYTES
        } else {
            0
        };
    let reservation = reserve(requests, share, bytes)
        .await
        .ok_or(EarlyRefusal::Overloaded)?;
    Ok((head, made, Some(reservation)))
}

/// Reserves bytes. If they are not available, peers that hold some and make no progress are closed,
/// and the released bytes are waited for.
async fn reserve(
    requests: &RequestHandler,
    share: BudgetShare,
    bytes: usize,
) -> Option<Reservation> {
    let ServerShared { budget, peers, .. } = &*requests.shared;
    if let Some(reservation) = budget.try_reserve(share, bytes) {
        return Some(reservation);
    }
    if peers.close_to_free_bytes() {
        budget.reserve_or_wait(share, bytes).await
    } else {
        None
    }
}

fn check_header_size(
    request: &Request<Incoming>,
    requests: &RequestHandler,
) -> Option<EarlyRefusal> {
    let limits = &requests.shared.limits;
    let cookie = requests.shared.session_check.has_cookie(request.headers());
    let bytes = usize::from(if cookie {
        limits.max_header_bytes
    } else {
        limits.max_anonymous_header_bytes
    });
    let refused =
        request.headers().len() > limits.max_header_fields || header_size(request) > bytes;
    refused.then_some(EarlyRefusal::HeadersTooLarge(bytes))
}

/// The number of bytes that the header takes in HTTP/1.1.
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

/// How much of a body can arrive before it is read: what its peer may send without a window update.
fn max_unread_body_bytes(request: &Request<Incoming>, limits: &ServerLimits) -> usize {
    let hint = request.body().size_hint();
    let most = hint
        .upper()
        .and_then(|upper| usize::try_from(upper).ok())
        .unwrap_or(usize::MAX);
    most.min(limits.http2_stream_window_bytes as usize)
}
