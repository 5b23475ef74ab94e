//! Signing in and out, and the accounts in the store.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use super::asking::Asking;
use super::flight::Flight;
use super::store_job::StoreJob;
use super::{Client, Running};
use crate::account::{AccountFilter, AccountKey, Record};
use crate::auth::{CodeExchange, Grant, ImplicitToken, PendingDevice, PendingImplicit, PendingSignIn};
use crate::config::{Config, Tokens};
use crate::error::{Error, Failure, Invalid};
use crate::message::{Exchange, Response};
use crate::runtime::Runtime;
use crate::session::{Authenticate, Basis, SignOut, StoreReply, StoreWork};
use crate::store::Store;
use crate::transport::Transport;

/// Signing in and out.
impl<T: Transport, S: Store, R: Runtime> Client<T, S, R> {
    /// Begins a sign-in by a person: send their browser to the [address](PendingSignIn::authorize_url) that it names.
    ///
    /// # Errors
    /// If the configuration is for another flow or lacks the redirect URI.
    pub fn begin_sign_in(&self) -> Result<PendingSignIn, Error> {
        let now = self.now();
        Ok(self.with(|session| session.begin_sign_in(now))?)
    }

    /// Ends a sign-in: exchanges the code for tokens, adopts and stores them.
    ///
    /// # Errors
    /// If the service refuses the code, or can't be reached. A code works once: begin a new sign-in. If the sign-in was begun by another client,
    /// for another flow, or with another token URL: a code is for the authorization server that issued it.
    /// [`ErrorKind::SignedOut`](crate::ErrorKind::SignedOut) if somebody [signs out](Self::sign_out) or
    /// [reconfigures](Self::reconfigure) the client before it is finished: its tokens are let go.
    pub fn finish_sign_in(&self, code: CodeExchange) -> impl Future<Output = Result<AccountKey, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            let basis = client.basis();
            let (exchange, answer) = code.send(basis.config(), client.now())?;
            let reply = client.exchange(exchange).await;
            let grant = answer.receive(reply, client.now())?;
            client.take(&basis, grant).await
        }
    }

    /// Begins a sign-in by implicit grant: send the person's browser to the [address](PendingImplicit::authorize_url) that it names,
    /// and [finish](Self::finish_implicit_sign_in) with what it [brings back](PendingImplicit::redirected).
    ///
    /// # Errors
    /// If the configuration is for another flow or lacks the redirect URI.
    pub fn begin_implicit_sign_in(&self) -> Result<PendingImplicit, Error> {
        let now = self.now();
        Ok(self.with(|session| session.begin_implicit_sign_in(now))?)
    }

    /// Ends a sign-in by implicit grant: adopts and stores the token that the browser brought.
    ///
    /// # Errors
    /// If the sign-in was begun by another client, for another flow, or with another authorization URL. `SignedOut` as with [`finish_sign_in`](Self::finish_sign_in).
    pub fn finish_implicit_sign_in(
        &self,
        token: ImplicitToken,
    ) -> impl Future<Output = Result<AccountKey, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            let basis = client.basis();
            let grant = token.grant(basis.config())?;
            client.take(&basis, grant).await
        }
    }

    /// Begins a sign-in on another device: show the person the code and the address of what comes back.
    ///
    /// # Errors
    /// If the configuration is for another flow, the service doesn't let the client use it, or can't be reached.
    pub fn begin_device_sign_in(&self) -> impl Future<Output = Result<PendingDevice, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            let now = client.now();
            let (exchange, answer) = client.with(|session| session.begin_device_sign_in(now))?;
            let reply = client.exchange(exchange).await;
            answer.receive(reply, client.now())
        }
    }

    /// Ends a sign-in on another device: asks as often as the service wants until the person has signed in or declined, or the code has
    /// expired; then adopts and stores the tokens.
    ///
    /// # Errors
    /// If the person declined, the code has expired, or the service refuses the client; if the sign-in was begun by another client or with
    /// another token URL. `SignedOut` as with [`finish_sign_in`](Self::finish_sign_in): the service is not asked again.
    pub fn finish_device_sign_in(
        &self,
        pending: PendingDevice,
    ) -> impl Future<Output = Result<AccountKey, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            let (basis, mut asking) = (client.basis(), Asking::new(pending));
            let grant = poll_fn(|cx| asking.poll(&client, &basis, cx)).await?;
            client.take(&basis, grant).await
        }
    }

    /// Takes a finished sign-in: finds out who it is where the token answer doesn't say, adopts the tokens and stores them.
    ///
    /// # Errors
    /// If it is another client's or of another flow. `SignedOut` as with [`finish_sign_in`](Self::finish_sign_in). An account whose user
    /// can't be told [gets a name](AccountKey::has_known_user) that no other has.
    pub fn signed_in(&self, grant: Grant) -> impl Future<Output = Result<AccountKey, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            let basis = client.basis();
            client.take(&basis, grant).await
        }
    }

    /// Takes a finished sign-in, if nobody has signed out since the basis was taken.
    async fn take(&self, basis: &Basis, mut grant: Grant) -> Result<AccountKey, Error> {
        self.with(|session| session.stands_on(basis))?;
        if let Some(exchange) = grant.identify(basis.config(), self.now()) {
            let reply = self.exchange(exchange).await;
            grant = grant.identified(reply);
        }
        let now = self.now();
        let key = self.with(|session| session.adopt_on(basis, grant, now))?;
        self.drain_until(now.mono + basis.config().bounds.store).await;
        Ok(key)
    }

    fn basis(&self) -> Basis {
        self.with(|session| session.basis())
    }

    /// Takes a finished sign-in as it is.
    ///
    /// # Errors
    /// If it is another client's or of another flow. Nothing is changed then.
    pub fn adopt(&self, grant: Grant) -> Result<AccountKey, Invalid> {
        let now = self.now();
        self.with(|session| session.adopt(grant, now))
    }

    /// Replaces the access token and all that belongs to it: what isn't given is reset. It is used at once, and stored in place of whatever
    /// is, even of what was renewed from the same tokens; [`Config::tokens`] is for those that are given at each start. Whose tokens these are
    /// is found out before they are stored, as with those.
    ///
    /// # Errors
    /// If the flow carries no token, or a refresh token is given for a flow that has none. Nothing is changed then.
    pub fn set_tokens(&self, tokens: Tokens) -> Result<(), Invalid> {
        let now = self.now();
        // Together: another configuration may come in between.
        self.with(|session| session.adopt(Grant::from_tokens(session.config(), tokens, now)?, now)).map(drop)
    }

    /// Begins with tokens of the configuration.
    pub(super) fn offer(&self, tokens: Tokens) -> Result<(), Invalid> {
        let now = self.now();
        self.with(|session| session.offer(Grant::from_tokens(session.config(), tokens, now)?, now))
    }

    /// Makes sure that there is a token: found, renewed, or got by client credentials.
    pub fn authenticate(&self) -> Running<T, S, R, Authenticate> {
        Running::new(self.clone(), Authenticate::new())
    }

    /// Has [`reconfigure`](Self::reconfigure) read variables of the environment in this way: the core reads none. The transports'
    /// constructors give it. The first stays.
    pub fn use_environment(&self, variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static) {
        self.0.environment.set(variable);
    }

    /// Replaces flow and configuration: what isn't set in it is reset. Calls that wait end with `SignedOut`, the stored account
    /// stays. Follow it by [`authenticate`](Self::authenticate) to get a token at once.
    ///
    /// Client id and secret that `config` leaves out are [filled in](Config::fill) as at the start: from the
    /// [environment](Self::use_environment), else from the account that was used last for the flow and, where it is known, the client.
    ///
    /// # Errors
    /// If the configuration can't be right, or lacks what only a store can tell that can't be read. Nothing is changed then.
    pub fn reconfigure(&self, mut config: Config) -> impl Future<Output = Result<(), Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            client.0.environment.fill(&mut config);
            if config.asks_the_store() {
                config.fill_from_accounts(client.list(AccountFilter::all()).await).map_err(Error::of_store)?;
            }
            config.check()?;
            config.reach = client.0.store.reach();
            let now = client.now();
            let offered = config.tokens.take().map(|tokens| Grant::from_tokens(&config, tokens, now)).transpose()?;
            // Together: a call in between would find whichever account was used last.
            client.with(|session| {
                session.reconfigure(config, now);
                offered.map_or(Ok(()), |grant| session.offer(grant, now))
            })?;
            Ok(())
        }
    }

    /// Signs out and removes the account from the store; see [`SignOut`].
    pub fn sign_out(&self) -> Running<T, S, R, SignOut> {
        Running::new(self.clone(), SignOut::new())
    }

    /// Carries out an exchange that belongs to no call and no job.
    async fn exchange(&self, exchange: Exchange) -> Result<Response, Failure> {
        let mut flight = Flight::new(self, exchange);
        poll_fn(|cx| flight.poll(cx)).await
    }
}

/// The accounts in the store.
impl<T: Transport, S: Store, R: Runtime> Client<T, S, R> {
    /// The stored accounts that match, with their tokens, the one used last first.
    ///
    /// # Errors
    /// If the store can't be read.
    pub fn tokens(&self, filter: AccountFilter) -> impl Future<Output = Result<Vec<Record>, Error>> + use<T, S, R> {
        let outcome = self.list(filter);
        async move { outcome.await.map_err(Error::of_store) }
    }

    fn list(&self, filter: AccountFilter) -> impl Future<Output = Result<Vec<Record>, Failure>> + use<T, S, R> {
        let outcome = self.store_work(StoreWork::List(filter));
        async move {
            match outcome.await? {
                StoreReply::Listed(records) => Ok(records),
                _ => Ok(Vec::new()),
            }
        }
    }

    /// Removes the stored accounts that match. If this client's is among them, it is signed out first.
    ///
    /// # Errors
    /// If the filter is empty ([`remove_all_tokens`](Self::remove_all_tokens) says that this is meant), if the store can't be
    /// written, or if an account may come back: a save of it was begun, and the store has not said how that ended.
    pub fn remove_tokens(&self, filter: AccountFilter) -> impl Future<Output = Result<Vec<AccountKey>, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            if filter.is_all() {
                let why = "names nothing, which would remove all accounts; remove_all_tokens does that";
                return Err(Invalid::new("filter", why).into());
            }
            client.remove(filter).await
        }
    }

    /// Removes all stored accounts, of all clients and flows.
    ///
    /// # Errors
    /// If the store can't be written, or if one may come back; see [`remove_tokens`](Self::remove_tokens).
    pub fn remove_all_tokens(&self) -> impl Future<Output = Result<Vec<AccountKey>, Error>> + use<T, S, R> {
        self.remove(AccountFilter::all())
    }

    fn remove(&self, filter: AccountFilter) -> impl Future<Output = Result<Vec<AccountKey>, Error>> + use<T, S, R> {
        let client = self.clone();
        async move {
            let own = client.with(|session| session.own(&filter));
            if own.is_some() {
                client.sign_out().await?;
            }
            let now = client.now();
            if client.with(|session| session.clear_the_way(&filter, now)) {
                client.drain_until(now.mono + client.config().bounds.store).await;
            }
            let reply = client.store_work(StoreWork::Remove(filter.clone())).await.map_err(Error::of_store)?;
            let StoreReply::Removed(keys) = reply else { return Ok(Vec::new()) };
            client.with(|session| session.stay_away(&filter, &keys))?;
            Ok(own.into_iter().chain(keys).collect())
        }
    }

    fn store_work(&self, work: StoreWork) -> impl Future<Output = Result<StoreReply, Failure>> + use<T, S, R> {
        let inner = &self.0;
        let (now, bounds) = (inner.runtime.now(), &self.config().bounds);
        // Accounts are removed one after the other.
        let bound = if matches!(work, StoreWork::Remove(_)) { bounds.sign_out } else { bounds.store };
        let (job, slot) = StoreJob::new(std::sync::Arc::clone(&inner.store), work, now.unix);
        (inner.offload)(&inner.runtime, job);
        let sleep = inner.runtime.sleep(now.mono + bound);
        async move {
            let mut sleep = pin!(sleep);
            poll_fn(|cx| match slot.poll(cx) {
                Poll::Pending if sleep.as_mut().poll(cx).is_ready() => {
                    Poll::Ready(Err(Failure::timeout("the store did not answer in time")))
                }
                poll => poll,
            })
            .await
        }
    }
}
