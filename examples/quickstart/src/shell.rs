//! One face for the three clients, so that the story is told once. An application has one client, and calls
//! `client.albums().get(id).send()` on it directly.

use std::future::{Future, Ready, ready};

use tidal_core::auth::{CodeExchange, PendingSignIn};
use tidal_core::client::CallFuture;
use tidal_core::request::Execute;
use tidal_core::{AccountKey, Answer, Config, Endpoint, Error, Now};
use tidal_store_file::FileStore;

pub(crate) trait Shell: Sized {
    type Reply<T: Send + Sync + 'static>: Future<Output = Result<Answer<T>, Error>>;

    fn start(config: Config, store: FileStore) -> Result<Self, Error>;
    fn send<E: Endpoint>(&self, endpoint: &E) -> Self::Reply<E::Output>;
    fn now(&self) -> Now;
    fn begin_sign_in(&self) -> Result<PendingSignIn, Error>;
    async fn finish_sign_in(&self, code: CodeExchange) -> Result<AccountKey, Error>;
    async fn sign_out(&self) -> Result<(), Error>;
    async fn drain(&self);
}

/// Sends requests by way of a shell.
pub(crate) struct Via<'s, S>(pub(crate) &'s S);

impl<S> Clone for Via<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Via<'_, S> {}

impl<S: Shell, E: Endpoint> Execute<E> for Via<'_, S> {
    type Reply = S::Reply<E::Output>;

    fn execute(self, endpoint: E) -> Self::Reply {
        self.0.send(&endpoint)
    }
}

macro_rules! asynchronous {
    ($name:ident, $transport:ident, $runtime:ident, $package:ident) => {
        pub(crate) struct $name($package::Client<FileStore>);

        impl Shell for $name {
            type Reply<T: Send + Sync + 'static> = CallFuture<$package::$transport, FileStore, $package::$runtime, T>;

            fn start(config: Config, store: FileStore) -> Result<Self, Error> {
                $package::client(config, store).map(Self)
            }

            fn send<E: Endpoint>(&self, endpoint: &E) -> Self::Reply<E::Output> {
                self.0.send(endpoint)
            }

            fn now(&self) -> Now {
                self.0.now()
            }

            fn begin_sign_in(&self) -> Result<PendingSignIn, Error> {
                self.0.begin_sign_in()
            }

            async fn finish_sign_in(&self, code: CodeExchange) -> Result<AccountKey, Error> {
                self.0.finish_sign_in(code).await
            }

            async fn sign_out(&self) -> Result<(), Error> {
                self.0.sign_out().await
            }

            async fn drain(&self) {
                self.0.drain().await;
            }
        }
    };
}

asynchronous!(Hyper, Hyper, TokioRuntime, tidal_hyper);
asynchronous!(Isahc, Isahc, AsyncStdRuntime, tidal_isahc);

pub(crate) struct Blocking(tidal_blocking::Client<FileStore>);

impl Shell for Blocking {
    type Reply<T: Send + Sync + 'static> = Ready<Result<Answer<T>, Error>>;

    fn start(config: Config, store: FileStore) -> Result<Self, Error> {
        tidal_blocking::client(config, store).map(Self)
    }

    fn send<E: Endpoint>(&self, endpoint: &E) -> Self::Reply<E::Output> {
        ready(self.0.send(endpoint))
    }

    fn now(&self) -> Now {
        self.0.now()
    }

    fn begin_sign_in(&self) -> Result<PendingSignIn, Error> {
        self.0.begin_sign_in()
    }

    async fn finish_sign_in(&self, code: CodeExchange) -> Result<AccountKey, Error> {
        self.0.finish_sign_in(code)
    }

    async fn sign_out(&self) -> Result<(), Error> {
        self.0.sign_out()
    }

    async fn drain(&self) {
        self.0.drain();
    }
}
