//! The server: reads requests, lets faults have their way, hands the work to the state, writes answers.

use std::io::{self, Write as _};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Response, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::answer::Answer;
use crate::api::idempotency::Ticket;
use crate::clock::Clock;
use crate::fault::{self, Cut, Endpoint, What};
use crate::gate::Gate;
use crate::log::Log;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::state::{State, Worked};

/// More than any request has; one that is larger is not read to its end.
const MOST: usize = 4 << 20;

/// What the server's thread and those who control it share.
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) log: Log,
    state: Mutex<State>,
}

impl Shared {
    pub(crate) fn new(clock: Clock, log: Log, state: State) -> Self {
        let state = Mutex::new(state);
        Self { clock, log, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves until told to stop, or until the teller is gone.
pub(crate) async fn serve(shared: Arc<Shared>, listener: TcpListener, stop: oneshot::Receiver<()>) {
    let accept = async {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                // Out of file descriptors, most likely: others must finish first.
                tokio::task::yield_now().await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            tokio::spawn(connection(Arc::clone(&shared), TokioIo::new(stream)));
        }
    };
    let mut accept = std::pin::pin!(accept);
    let mut stop = std::pin::pin!(stop);
    std::future::poll_fn(|cx| {
        let _: Poll<()> = accept.as_mut().poll(cx);
        stop.as_mut().poll(cx).map(|_| ())
    })
    .await;
}

/// All the requests of one connection, whatever it is made of.
pub(crate) async fn connection(shared: Arc<Shared>, stream: impl Read + Write + Unpin + 'static) {
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { exchange(&shared, request).await }
    });
    // An error is a client that hung up, or a cut that was wanted.
    let _ = http1::Builder::new().serve_connection(stream, service).await;
}

async fn exchange(shared: &Arc<Shared>, incoming: http::Request<Incoming>) -> io::Result<Response<Sent>> {
    let (head, body) = incoming.into_parts();
    let Ok(body) = Limited::new(body, MOST).collect().await else {
        let refusal = Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "The body is too large");
        return Ok(Sent::whole(refusal.into()));
    };
    let request = Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        raw_query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body: body.to_bytes(),
    };
    let number = shared.log.push(request.clone(), shared.clock.now());
    let answer = faulty(shared, &request).await?;
    shared.log.answered(number, answer.parts().0.as_u16());
    Ok(answer.into_response())
}

/// How an answer leaves.
enum Leaving {
    Whole(Answer),
    Half(Answer),
}

impl Leaving {
    fn parts(&self) -> (StatusCode, &Answer) {
        let (Self::Whole(answer) | Self::Half(answer)) = self;
        (answer.status, answer)
    }

    fn into_response(self) -> Response<Sent> {
        match self {
            Self::Whole(answer) => Sent::whole(answer),
            Self::Half(answer) => Sent::half(answer),
        }
    }
}

/// The answer to a request, after whatever goes wrong with it.
async fn faulty(shared: &Arc<Shared>, request: &Request) -> io::Result<Leaving> {
    let endpoint = Endpoint::of(&request.path);
    let drawn = shared.state().faults.draw(request);
    let mut gates: Vec<Gate> = Vec::new();
    let (mut cut, mut spoil) = (None, None);
    for what in drawn {
        match what {
            What::Delay(by) => tokio::time::sleep(by).await,
            What::Hold(gate) => gate.pass().await,
            What::HoldAnswer(gate) => gates.push(gate),
            What::ExpireTokens => {
                shared.state().ledger.expire_access();
            }
            What::Status(status, wait) => {
                let answer = fault::error_after(status, endpoint, wait.as_deref());
                return Ok(Leaving::Whole(answer));
            }
            What::Unauthorized => {
                let answer = fault::error(StatusCode::UNAUTHORIZED, endpoint);
                return Ok(Leaving::Whole(answer));
            }
            What::Body(status, media_type, body) => {
                return Ok(Leaving::Whole(Answer::new(status, media_type, body)));
            }
            What::BrokenJson => spoil = Some(Spoil::Halve),
            What::Instead(media_type, body) => spoil = Some(Spoil::Replace(media_type, body)),
            What::Long(bytes) => spoil = Some(Spoil::Lengthen(bytes)),
            What::Cut(Cut::BeforeWork) => return Err(severed()),
            What::Cut(at) => cut = Some(at),
        }
    }
    let answer = work(shared, request, gates).await;
    let answer = spoil.into_iter().fold(answer, |answer, spoil| spoil.apply(answer));
    let answer = compressed(shared, request, answer);
    match cut {
        Some(Cut::InBody) => Ok(Leaving::Half(answer)),
        Some(_) => Err(severed()),
        None => Ok(Leaving::Whole(answer)),
    }
}

/// What becomes of a right answer.
enum Spoil {
    Halve,
    Replace(&'static str, Bytes),
    Lengthen(u64),
}

impl Spoil {
    fn apply(self, mut answer: Answer) -> Answer {
        match self {
            Self::Halve => answer.body.truncate(answer.body.len() / 2),
            Self::Replace(media_type, body) => return answer.with(header::CONTENT_TYPE, media_type).carrying(body),
            Self::Lengthen(bytes) => answer.blanks = bytes.saturating_sub(answer.body.len() as u64),
        }
        answer
    }
}

fn severed() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

async fn work(shared: &Arc<Shared>, request: &Request, gates: Vec<Gate>) -> Answer {
    let now = shared.clock.timestamp();
    let Worked { answer, ticket } = shared.state().work(request, now);
    let answer = answer.with(header::DATE, &now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let finished = ticket.map(|ticket| Finished { shared, ticket, answer: answer.clone() });
    for gate in gates {
        gate.pass().await;
    }
    drop(finished);
    answer
}

/// Ends an idempotent request when its answer leaves, also when nobody is there to take it.
struct Finished<'a> {
    shared: &'a Shared,
    ticket: Ticket,
    answer: Answer,
}

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        let answer = self.answer.clone();
        let mut state = self.shared.state();
        state.idempotency.finish(&self.ticket, answer);
    }
}

fn compressed(shared: &Shared, request: &Request, answer: Answer) -> Answer {
    let accepted = request.header(header::ACCEPT_ENCODING).is_some_and(|value| {
        value.split(',').any(|coding| {
            let (name, q) = coding.split_once(';').unwrap_or((coding, ""));
            let none = ["q=0", "q=0.0", "q=0.00", "q=0.000"].contains(&q.trim());
            name.trim().eq_ignore_ascii_case("gzip") && !none
        })
    });
    if !accepted || answer.body.is_empty() || answer.blanks > 0 || !shared.state().behaviour.gzip {
        return answer;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(&answer.body);
    match written.and_then(|()| encoder.finish()) {
        Ok(body) => {
            Answer { body: body.into(), ..answer }.with(header::CONTENT_ENCODING, "gzip").with(header::VARY, "Accept-Encoding")
        }
        Err(_) => answer,
    }
}

/// A block of the blanks that make a body long.
static BLANKS: [u8; 64 << 10] = [b' '; 64 << 10];

/// A body on its way out: all of it and the blanks behind it, or the first half and then the end of the connection.
struct Sent {
    part: Option<Bytes>,
    whole: u64,
    blanks: u64,
    cut: Severing,
}

enum Severing {
    Never,
    /// Once what was written has left.
    Flush,
    Now,
}

impl Sent {
    fn whole(answer: Answer) -> Response<Self> {
        Self::response(answer, Severing::Never)
    }

    fn half(answer: Answer) -> Response<Self> {
        Self::response(answer, Severing::Flush)
    }

    fn response(answer: Answer, cut: Severing) -> Response<Self> {
        let whole = answer.body.len();
        let part = match cut {
            Severing::Never => answer.body,
            _ => answer.body.slice(..whole / 2),
        };
        let part = Some(part).filter(|part| !part.is_empty());
        let mut response = Response::new(Self { part, whole: whole as u64, blanks: answer.blanks, cut });
        *response.status_mut() = answer.status;
        *response.headers_mut() = answer.headers;
        response
    }
}

impl Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        match self.cut {
            Severing::Never if self.blanks > 0 => {
                let count = self.blanks.min(BLANKS.len() as u64);
                self.blanks -= count;
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&BLANKS).slice(..count as usize)))))
            }
            Severing::Never => Poll::Ready(None),
            Severing::Flush => {
                self.cut = Severing::Now;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Severing::Now => Poll::Ready(Some(Err(severed()))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.part.is_none() && self.blanks == 0 && matches!(self.cut, Severing::Never)
    }

    fn size_hint(&self) -> SizeHint {
        if self.blanks > 0 {
            return SizeHint::new();
        }
        // The length that was promised, not the one that will come.
        SizeHint::with_exact(self.whole)
    }
}
