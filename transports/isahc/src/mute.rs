//! isahc traces whole messages, headers and bodies included, where a subscriber of `tracing` asks for them: tokens would be in
//! there. Whether it does is settled while a request is handed to it, so that is done under a subscriber that wants nothing.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::LazyLock;

use tracing::dispatcher::{Dispatch, with_default};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{Interest, Subscriber};
use tracing::{Event, Metadata};

/// Wants nothing.
struct Mute;

/// Made once, and kept: each new one has all places that trace asked again.
static MUTE: LazyLock<Dispatch> = LazyLock::new(|| Dispatch::new(Mute));

impl Subscriber for Mute {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::never()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::OFF)
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Runs `work` with nothing traced.
pub(crate) fn muted<R>(work: impl FnOnce() -> R) -> R {
    with_default(&MUTE, work)
}

/// Runs `future` with nothing traced.
pub(crate) async fn muted_future<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|cx| muted(|| future.as_mut().poll(cx))).await
}
