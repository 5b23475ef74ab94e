//! A call: one operation on its way through a session, attempt by attempt.
//!
//! ```text
//!    ╭──▶ from the cache, or by following a call that is the same ──▶ Done
//!   New ──▶ waits for a token ──▶ waits for its turn ──▶ Send ──▶ receive ──▶ Done
//!             ▲  ▲                                                  │  │
//!             │  └───────────────── 401 ◀───────────────────────────┘  │
//!             └──── pauses ◀──── failed, and may be tried again ◀──────┘
//! ```

mod conversation;
mod landed;
mod subject;
mod telling;
mod way;

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::answer::Answer;
use crate::endpoint::Endpoint;
use crate::error::{DecodeError, Error, ErrorKind, Failure, Invalid};
use crate::message::{Exchange, Head, Response};
use crate::operation::Operation;
#[cfg(doc)]
use crate::report::Observed;
use crate::report::Report;
use crate::retry::Retries;
use crate::session::{CallId, Session};
use crate::template::Template;
use crate::time::{Mono, Now};
use conversation::Conversation;

/// What a call wants next.
#[must_use]
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "it is moved once, and most steps send")]
pub enum Step<T> {
    /// Carry out this attempt and hand its outcome to [`Call::receive`].
    Send(Attempt),
    /// Poll again at that time, or when the session [says so](Session::poll_wake), whichever comes first.
    Wait(Ticket),
    /// It is over.
    Done(Result<T, Error>),
}

/// Tells one attempt of a session from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptId(pub(crate) u64);

/// One request of a call.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// Names it in [`Call::receive`].
    pub id: AttemptId,
    /// The request and its bounds.
    pub exchange: Exchange,
}

/// What a call waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ticket {
    /// The call, as [`Session::poll_wake`] names it.
    pub call: CallId,
    /// Poll again at this time at the latest.
    pub until: Mono,
}

pub(crate) type Shared = Arc<dyn Any + Send + Sync>;
pub(crate) type Decode = fn(&Head, Bytes) -> Result<Shared, DecodeError>;

fn decode<E: Endpoint>(head: &Head, body: Bytes) -> Result<Shared, DecodeError> {
    E::decode(head, body).map(|output| Arc::new(output) as Shared)
}

/// One operation on its way. It is a thin skin over a conversation that knows nothing of `T`.
///
/// Whoever drops a call before its end tells the session ([`Session::abandon`]), so that others get its turn.
#[must_use = "a call does nothing until it is polled"]
pub struct Call<T> {
    inner: Conversation,
    output: PhantomData<fn() -> T>,
}

impl<T: Send + Sync + 'static> Call<T> {
    /// Writes the request.
    ///
    /// # Errors
    /// If an argument is missing or can't be right.
    pub fn new<E: Endpoint<Output = T>>(endpoint: &E) -> Result<Self, Invalid> {
        let operation = endpoint.operation();
        let template = Template::write(operation, |to| endpoint.write(to))?;
        let inner = Conversation::new(operation.clone(), template, TypeId::of::<E>(), decode::<E>);
        Ok(Self { inner, output: PhantomData })
    }

    /// The same, sent even if the session would refuse it for its flow or its scopes.
    pub fn without_checks(mut self) -> Self {
        self.inner.unchecked = true;
        self
    }

    /// The same, answered by the service whatever the cache holds. The answer is kept for others.
    pub fn fresh(mut self) -> Self {
        self.inner.refresh();
        self
    }

    /// The same, tried again as often as this says, whatever the session's configuration says.
    pub fn retries(mut self, retries: Retries) -> Self {
        self.inner.retries = Some(retries);
        self
    }

    /// The same, with a bound on its whole time, waiting included, in place of the configuration's.
    pub fn within(mut self, bound: Duration) -> Self {
        self.inner.bound = Some(bound);
        self
    }

    /// What to do next. While an attempt is under way, polling only looks at its deadline.
    pub fn poll(&mut self, session: &mut Session, now: Now) -> Step<Answer<T>> {
        match self.inner.poll(session, now) {
            Step::Send(attempt) => Step::Send(attempt),
            Step::Wait(ticket) => Step::Wait(ticket),
            Step::Done(Err(error)) => Step::Done(Err(error)),
            Step::Done(Ok((value, how))) => Step::Done(match value.downcast() {
                Ok(value) => Ok(Answer { value, how }),
                Err(_) => Err(Error::of(ErrorKind::Lost, "the answer is of another type")),
            }),
        }
    }

    /// Takes the outcome of an attempt, and decodes it: no session is needed, and no lock held. An outcome that comes twice, or
    /// after the call has given the attempt up, is ignored.
    pub fn receive(&mut self, id: AttemptId, reply: Result<Response, Failure>, now: Now) {
        self.inner.receive(id, reply, now);
    }
}

impl<T> Call<T> {
    /// The next thing that it has to tell, if its session [watches calls](Session::watch_calls). To be taken after each
    /// [`poll`](Self::poll) and [`receive`](Self::receive), outside of any lock.
    pub fn poll_report(&mut self) -> Option<Report> {
        self.inner.telling.take()
    }

    /// Tells it from the other calls of its session, in [reports](Observed::call); zero before its first poll.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.inner.telling.number
    }

    /// Its operation.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        self.inner.operation()
    }

    /// Whoever drops it before its end says so, for its last report.
    pub(crate) fn dropped(&mut self, now: Now) {
        self.inner.dropped(now);
    }

    /// Its name in the session, from the first poll to the end.
    #[must_use]
    pub fn id(&self) -> Option<CallId> {
        self.inner.id()
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
