//! Who hears the reports of a client's calls.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::thread;

use super::{Observed, Span};
use crate::call::Call;

type Hook = dyn Fn(Observed<'_>) + Send + Sync;

/// The application's observer, if it gave one, and the subscriber to `tracing`, if that is compiled in.
#[derive(Default)]
pub(crate) struct Observer(OnceLock<Box<Hook>>);

impl Observer {
    /// Calls are watched without a hook too.
    pub(crate) const WATCHES: bool = cfg!(feature = "tracing");

    /// The first hook stays.
    pub(crate) fn set(&self, hook: impl Fn(Observed<'_>) + Send + Sync + 'static) {
        self.0.get_or_init(|| Box::new(hook));
    }

    /// Takes what a call has to tell. No lock is held: a hook may use its client.
    pub(crate) fn hear<T>(&self, call: &mut Call<T>, span: &mut Span) {
        span.open(call.number(), call.operation());
        while let Some(report) = call.poll_report() {
            span.tell(&report);
            self.tell(Observed { call: call.number(), operation: call.operation(), report: &report });
        }
    }

    /// Whether anybody hears.
    pub(crate) fn watches(&self) -> bool {
        Self::WATCHES || self.0.get().is_some()
    }

    pub(crate) fn tell(&self, observed: Observed<'_>) {
        let Some(hook) = self.0.get() else { return };
        if thread::panicking() {
            // The thread unwinds, perhaps since the hook panicked before: one more panic that got out would end the process.
            let _ = catch_unwind(AssertUnwindSafe(|| hook(observed)));
        } else {
            hook(observed);
        }
    }
}
