//! How jobs end, well and badly, in time and late.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use tidal_core::session::{Reply, StoreReply, StoreWork, Work};
use tidal_core::store::{Acquired, Kept};
use tidal_core::value::Json;
use tidal_core::{Failure, FailureKind, Flow, Record, Response, Secret};

use crate::model::ops::{Outage, Outcome, Refusal, Terms};
use crate::model::server::{Form, Issued, Server, USERS, response};
use crate::model::store::{is_nameless, key};
use crate::model::world::{Open, World};

impl World {
    pub fn reply_to_one(&mut self, n: u8, outcome: Outcome) {
        let fit: Vec<usize> = (0..self.open.len()).filter(|index| !self.open[*index].hangs).collect();
        if !fit.is_empty() {
            self.reply(fit[usize::from(n) % fit.len()], outcome);
        }
    }

    /// One job ends.
    pub fn reply(&mut self, index: usize, outcome: Outcome) {
        self.ledger.step += 1;
        let id = self.open[index].job.id;
        self.note(|| format!("   {id:?} ends: {outcome:?}"));
        let saves = matches!(&self.open[index].job.work, Work::Store(StoreWork::Save { .. }));
        if outcome == Outcome::Hangs || (saves && self.outage == Outage::Saves) {
            self.open[index].hangs = true;
            return;
        }
        let open = self.open.remove(index);
        let reply = match &open.job.work {
            Work::Store(work) => self.use_store(work, outcome, open.account).map(Reply::Store),
            Work::Token(exchange) => self.exchange(&Form::read(&exchange.request), outcome, open.account).map(Reply::Token),
            Work::SignIn(_) => self.sign_in(outcome),
            _ => return,
        };
        self.session.handle_job(id, reply, self.now);
        self.settle();
    }

    fn use_store(&mut self, work: &StoreWork, outcome: Outcome, account: usize) -> Result<StoreReply, Failure> {
        match outcome {
            Outcome::Good(_) if !self.fails(work) => {
                let reply = self.land(work, false);
                self.store_answers(work, &reply, account);
                Ok(reply)
            }
            Outcome::AnswerLost => {
                self.land(work, false);
                self.ledger.is_told_of_fault();
                Err(Failure::lost())
            }
            _ => {
                self.ledger.is_told_of_fault();
                Err(Failure::new(FailureKind::Store, "the disk is full"))
            }
        }
    }

    /// Whether the store fails there just now.
    fn fails(&self, work: &StoreWork) -> bool {
        let key = match work {
            StoreWork::Acquire { key, .. } | StoreWork::Forget { key, .. } => Some(key),
            StoreWork::Save { record, .. } => Some(&record.key),
            StoreWork::Release(lease) => Some(&lease.key),
            _ => None,
        };
        match self.outage {
            Outage::Nowhere | Outage::Saves => false,
            Outage::Everywhere => true,
            Outage::Named => key.is_some_and(|key| !is_nameless(key)),
            Outage::Nameless => key.is_none_or(is_nameless),
        }
    }

    /// A use of the store takes effect.
    fn land(&mut self, work: &StoreWork, dead: bool) -> StoreReply {
        let before = match work {
            StoreWork::Save { record, .. } => self.store.get(&record.key),
            StoreWork::Forget { key, .. } => self.store.get(key),
            _ => None,
        };
        let reply = work.run(&self.store, self.now.unix).unwrap();
        match (work, &reply) {
            // Without a name, where it is stored under one, or where only a person could help, or has helped already.
            (StoreWork::Forget { key, .. }, StoreReply::Forgotten(Kept::Done))
                if is_nameless(key)
                    && (self.is_named(before.as_ref())
                        || self.is_over(before.as_ref())
                        || self.is_replaced(before.as_ref())) => {}
            (StoreWork::Save { record, .. }, StoreReply::Saved(Kept::Done)) => {
                self.ledger.saves(before.as_ref(), record, dead, &self.server);
            }
            (StoreWork::Forget { .. }, StoreReply::Forgotten(Kept::Done)) => self.ledger.forgets(before.as_ref(), &self.server),
            _ => {}
        }
        reply
    }

    fn store_answers(&mut self, work: &StoreWork, reply: &StoreReply, account: usize) {
        match (work, reply) {
            (StoreWork::Find(_), StoreReply::Found(record)) => {
                self.ledger.is_told_of_account(record.as_deref(), &self.server, account);
                self.ledger.is_told_of_record(record.as_deref(), &self.server, account);
            }
            (StoreWork::List(_), StoreReply::Listed(records)) => {
                let given = self.given.map(|serial| self.server.get(serial));
                let mark = given.map(mark);
                // Once calls may have used what was given, somebody else's later sign-in does not come in its place.
                let fields: &[&str] =
                    if self.session.account().is_none() { &["descends_from", "follows"] } else { &["descends_from"] };
                let says = |record: &Record, field| record.extra.get(field).map(Json::as_str) == mark.as_deref();
                let is_kin = |record: &&Record| mark.is_some() && fields.iter().any(|field| says(record, field));
                let mut kin: Vec<&Record> = records.iter().filter(is_kin).collect();
                // The one that is taken.
                let named = self.config.user.as_deref();
                kin.sort_by_key(|record| {
                    let other = named.is_some() && record.key.user.as_deref() != named;
                    (record.rejected.is_some(), is_nameless(&record.key), other)
                });
                // An account that was replaced since the start may still look.
                if account == self.ledger.started {
                    self.ledger.is_told_of_account(kin.first().copied(), &self.server, account);
                }
                self.ledger.is_told_of_record(None, &self.server, account);
                for record in kin {
                    self.ledger.is_told_of_record(Some(record), &self.server, account);
                }
            }
            (StoreWork::Acquire { .. }, StoreReply::Acquired(Acquired::Lease(lease, record))) => {
                self.ledger.is_told_of_lease(lease.clone());
                self.ledger.is_told_of_record(record.as_deref(), &self.server, account);
            }
            (StoreWork::Save { record, .. }, StoreReply::Saved(Kept::Done)) => {
                self.ledger.is_told_that_saved(record, &self.server, account);
            }
            (StoreWork::Release(lease), _) => self.ledger.has_given_back(lease),
            _ => {}
        }
    }

    fn exchange(&mut self, form: &Form, outcome: Outcome, account: usize) -> Result<Response, Failure> {
        let broken = || Failure::new(FailureKind::Broken, "the connection broke");
        if form.revokes {
            return if matches!(outcome, Outcome::Good(_)) { Ok(response(200, &[], "")) } else { Err(broken()) };
        }
        if let Some(access) = &form.asks {
            return match outcome {
                Outcome::Good(_) => Ok(self.server.user(access, self.now)),
                Outcome::Says(_) => Ok(response(403, &[], "{}")),
                _ => Err(broken()),
            };
        }
        match outcome {
            Outcome::Good(terms) => {
                let (response, serial) = self.server.exchange(form, terms, self.now);
                match serial {
                    Some(serial) => self.ledger.is_told_of_tokens(self.server.get(serial), form, account),
                    None => self.ledger.is_told_of_rejection(self.family_of(form)),
                }
                Ok(response)
            }
            Outcome::Says(refusal) => {
                if let (Refusal::InvalidGrant, Some(refresh)) = (refusal, &form.refresh) {
                    let family = self.server.by_refresh(refresh).last().map(|issued| issued.family);
                    family.into_iter().for_each(|family| self.server.end(family));
                    self.ledger.is_told_of_rejection(family);
                }
                self.ledger.is_told_of_failure();
                Ok(Server::refusal(refusal, form))
            }
            _ => {
                if outcome == Outcome::AnswerLost {
                    self.server.exchange(form, Terms::PLAIN, self.now);
                }
                self.ledger.is_told_of_failure();
                Err(broken())
            }
        }
    }

    /// Of which sign-in the refresh token is.
    fn family_of(&self, form: &Form) -> Option<usize> {
        form.refresh.as_ref().and_then(|refresh| self.server.by_refresh(refresh).last()).map(|issued| issued.family)
    }

    /// A person signs in because the session asked for it.
    fn sign_in(&mut self, outcome: Outcome) -> Result<Reply, Failure> {
        let Outcome::Good(terms) = outcome else {
            self.ledger.is_told_of_failure();
            return Err(Failure::new(FailureKind::Unsupported, "the person closed the window"));
        };
        let named = self.config.user.as_deref().and_then(|user| USERS.into_iter().find(|known| *known == user));
        let user = named.unwrap_or(USERS[usize::from(terms.lifetime.is_none())]);
        Ok(Reply::SignedIn(self.grant(user, false, terms.lifetime)))
    }

    fn grant(&mut self, user: &'static str, by_hand: bool, lifetime: Option<i64>) -> tidal_core::auth::Grant {
        let serial = self.server.sign_in(user, true, lifetime, true, self.now);
        let issued = self.server.get(serial).clone();
        let mut config = self.config.clone();
        config.user = Some(user.to_owned());
        let grant = if by_hand {
            let mut tokens = tidal_core::config::Tokens::new(issued.access.as_str());
            tokens.refresh_token = issued.refresh.as_deref().map(Secret::from);
            tokens.expires_at = issued.ends.map(|ends| ends.unix);
            tidal_core::auth::Grant::from_tokens(&config, tokens, self.now).unwrap()
        } else {
            let pending = self.session.begin_sign_in(self.now).unwrap();
            let url: tidal_core::url::Url = pending.authorize_url().parse().unwrap();
            let state = url.query_pairs().find(|(key, _)| key == "state").unwrap().1.into_owned();
            let back = format!("{}?code=one&state={state}", pending.redirect_uri());
            let (_, answer) = pending.redirected(&back, self.now).unwrap().send(&config, self.now).unwrap();
            answer.receive(Ok(self.server.code_answer(serial, lifetime)), self.now).unwrap()
        };
        self.ledger.is_told_of_sign_in(&issued, by_hand);
        // It may lose its name again as long as it is not stored under it.
        let loses_name = self.given.map(|given| self.server.get(given)).is_some_and(|given| {
            let stored = self.store.get(&key(given.user));
            let stored = stored.and_then(|stored| self.server.by_access(stored.access_token.expose()));
            given.user != Some(user) && stored.is_none_or(|stored| stored.family != given.family)
        });
        if loses_name || self.session.account().is_none_or(is_nameless) {
            self.ledger.leaves_nameless();
        }
        grant
    }

    pub fn adopt(&mut self, user: u8, by_hand: bool, lifetime: u8) {
        if self.config.flow != Flow::Pkce {
            return;
        }
        let user = match self.config.user.as_deref() {
            Some(named) => USERS.into_iter().find(|known| *known == named).unwrap(),
            None => USERS[usize::from(user % 4 == 3)],
        };
        let lifetime = [Some(3600), None, Some(30), Some(0)][usize::from(lifetime % 4)];
        let grant = self.grant(user, by_hand, lifetime);
        self.session.adopt(grant, self.now).unwrap();
    }

    /// The session does not wait for it any more.
    pub fn given_up(&mut self, open: Open) {
        match &open.job.work {
            Work::Store(_) if self.now.mono >= open.job.deadline => self.ledger.is_told_of_fault(),
            _ => self.ledger.is_told_of_failure(),
        }
        if !open.landed {
            self.late.push(open);
        }
    }

    /// A job that hangs or was given up takes effect after all. Its answer is ignored, if there is one.
    pub fn land_late(&mut self, n: u8) {
        let given_up = self.late.len();
        let hanging: Vec<usize> =
            (0..self.open.len()).filter(|index| self.open[*index].hangs && !self.open[*index].landed).collect();
        let count = given_up + hanging.len();
        if count == 0 {
            return;
        }
        let chosen = usize::from(n) % count;
        let (work, id, dead) = if chosen < given_up {
            let open = self.late.remove(chosen);
            (open.job.work, (!open.dead).then_some(open.job.id), open.dead)
        } else {
            let open = &mut self.open[hanging[chosen - given_up]];
            open.landed = true;
            match &open.job.work {
                Work::Store(work) => (Work::Store(work.clone()), None, false),
                _ => return,
            }
        };
        let reply = match &work {
            Work::Store(work) => Reply::Store(self.land(work, dead)),
            Work::Token(exchange) => {
                let form = Form::read(&exchange.request);
                Reply::Token(if !form.renews() {
                    response(200, &[], "")
                } else {
                    self.server.exchange(&form, Terms::PLAIN, self.now).0
                })
            }
            _ => return,
        };
        self.note(|| format!("   too late: {id:?}"));
        let Some(id) = id else { return };
        let lease = match &reply {
            Reply::Store(StoreReply::Acquired(Acquired::Lease(lease, _))) => Some(lease.clone()),
            _ => None,
        };
        self.session.handle_job(id, Ok(reply), self.now);
        self.settle();
        if let Some(lease) = lease {
            let gives_back = |open: &Open| matches!(&open.job.work, Work::Store(StoreWork::Release(it)) if *it == lease);
            let given_back = self.open.iter().any(gives_back);
            self.ledger.must(given_back, || format!("{lease:?} came too late and is kept"));
        }
    }

    /// Whether these tokens, or what they were renewed to, are stored under their user's name.
    fn is_named(&self, record: Option<&Record>) -> bool {
        let issued = |record: &Record| self.server.by_access(record.access_token.expose()).cloned();
        let Some(nameless) = record.and_then(issued) else { return false };
        let named = self.store.get(&key(nameless.user)).as_ref().and_then(issued);
        named.is_some_and(|named| named.family == nameless.family && named.generation >= nameless.generation)
    }

    /// Whether the same person has signed in since, or is stored under a name too.
    fn is_replaced(&self, record: Option<&Record>) -> bool {
        let old = record.and_then(|record| self.server.by_access(record.access_token.expose()));
        old.is_some_and(|old| self.ledger.has_another_place(old))
    }

    /// Whether nothing but a sign-in gets another token for this account.
    fn is_over(&self, record: Option<&Record>) -> bool {
        record.is_some_and(|record| record.refresh_token.as_ref().is_none_or(|refresh| self.server.is_dead(refresh.expose())))
    }
}

/// By what a record says, as is documented, that it goes back to these tokens.
fn mark(given: &Issued) -> String {
    let token = given.refresh.as_ref().unwrap_or(&given.access);
    format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token)))
}
