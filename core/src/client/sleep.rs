//! A sleep that is made when it is needed, and kept while it fits.

use std::pin::Pin;
use std::task::{Context, Poll};

use crate::runtime::Runtime;
use crate::time::Mono;

pub(crate) struct Sleeper<R: Runtime>(Option<(Mono, Pin<Box<R::Sleep>>)>);

impl<R: Runtime> Sleeper<R> {
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// Ready at `until`.
    pub(crate) fn poll(&mut self, runtime: &R, until: Mono, cx: &mut Context<'_>) -> Poll<()> {
        let (_, sleep) = match &mut self.0 {
            Some(known) if known.0 == until => known,
            other => other.insert((until, Box::pin(runtime.sleep(until)))),
        };
        let poll = sleep.as_mut().poll(cx);
        if poll.is_ready() {
            self.0 = None;
        }
        poll
    }
}
