//! The conversation beneath a call: everything that does not depend on the type of the answer.

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header};

use super::landed::Landed;
use super::subject::{self, Identifier, Target};
use super::telling::Telling;
use super::way::{Flight, Way};
use super::{Attempt, AttemptId, Decode, Shared, Step, Ticket};
use crate::answer::{How, Limits};
use crate::cache::Document;
use crate::error::{Error, ErrorKind, Failure, Invalid};
use crate::limiter::Lane;
use crate::message::{Exchange, Response, set_header};
use crate::operation::{CacheClass, Operation, Replay};
use crate::retry::{Class, Retries, Spent, made};
use crate::session::{CallId, Carry, Dated, Outcome, Reading, Role, Session, Token};
use crate::template::{DefaultParameter, Template};
use crate::time::{Mono, Now};

/// How long the service remembers an idempotency key: a change is not repeated after that.
const KEY_LIFETIME: Duration = Duration::from_secs(3600);

pub(super) struct Conversation {
    operation: Operation,
    template: Template,
    endpoint: TypeId,
    decode: Decode,
    /// The resources that the body of a change names.
    written: Vec<Identifier>,
    pub(super) unchecked: bool,
    pub(super) retries: Option<Retries>,
    pub(super) bound: Option<Duration>,
    attempts: u32,
    pub(super) telling: Telling,
    stage: Stage,
}

enum Stage {
    New,
    Under(Box<Way>),
    Ended,
}

/// How a call begins.
enum Begin {
    /// With an answer that the cache had.
    Hit(Shared, How),
    Under(Box<Way>),
}

impl Conversation {
    pub(super) fn new(operation: Operation, template: Template, endpoint: TypeId, decode: Decode) -> Self {
        let written = if operation.replay == Replay::Read { Vec::new() } else { subject::written(&template.body) };
        Self {
            operation,
            template,
            endpoint,
            decode,
            written,
            unchecked: false,
            retries: None,
            bound: None,
            attempts: 0,
            telling: Telling::default(),
            stage: Stage::New,
        }
    }

    pub(super) fn refresh(&mut self) {
        self.template.fresh = true;
    }

    pub(super) const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// It is dropped: it tells so, if it was begun and isn't over.
    pub(super) fn dropped(&mut self, now: Now) {
        self.telling.dropped(self.attempts, now);
    }

    pub(super) fn id(&self) -> Option<CallId> {
        match &self.stage {
            Stage::Under(way) => Some(way.call),
            _ => None,
        }
    }

    pub(super) fn poll(&mut self, session: &mut Session, now: Now) -> Step<(Shared, How)> {
        let step = self.step(session, now);
        if let Step::Done(outcome) = &step {
            self.telling.end(outcome, self.attempts, now);
        }
        step
    }

    fn step(&mut self, session: &mut Session, now: Now) -> Step<(Shared, How)> {
        let mut way = match std::mem::replace(&mut self.stage, Stage::Ended) {
            Stage::New => {
                self.telling.begin(session, now);
                match self.begin(session, now) {
                    Ok(Begin::Under(way)) => way,
                    Ok(Begin::Hit(value, how)) => return Step::Done(Ok((value, how))),
                    Err(error) => return Step::Done(Err(error)),
                }
            }
            Stage::Under(way) => way,
            Stage::Ended => return Step::Done(Err(Error::of(ErrorKind::Lost, "polled after its end"))),
        };
        let call = way.call;
        let step = self.advance(&mut way, session, now);
        match &step {
            Step::Done(outcome) => {
                if way.role == Role::Leads && !way.ends_alone(outcome) {
                    session.share(call, outcome);
                }
                session.abandon(call);
            }
            _ => self.stage = Stage::Under(way),
        }
        step
    }

    /// Checks what needs the session, and adds what it adds to every attempt.
    fn begin(&mut self, session: &mut Session, now: Now) -> Result<Begin, Error> {
        session.is_open()?;
        let config = session.config();
        if !self.unchecked {
            self.operation.admits(config.flow, session.scopes())?;
        }
        let mut bound = self.bound.unwrap_or(config.bounds.call);
        if self.operation.replay == Replay::Keyed {
            bound = bound.min(KEY_LIFETIME);
        }
        let deadline = now.mono + bound;
        self.template.fill(|parameter| match parameter {
            DefaultParameter::Country => config.country.map(|country| country.to_string()),
            DefaultParameter::Locale => config.locale.clone(),
        });
        // The alphabet of keys is that of URLs: always a header value.
        let key = || HeaderValue::try_from(session.draw_token()).unwrap_or_else(|_| HeaderValue::from_static("0"));
        self.template.idempotency_key(self.operation.replay, key);
        let uri = self.template.uri(&session.config().base_url)?;
        let reading = self.reading(&uri, session, now);
        if let Some(reading) = reading.as_ref().filter(|_| !self.template.fresh)
            && let Some(hit) = session.look_up(&reading.key, now)
        {
            return Ok(Begin::Hit(hit.value, hit.how));
        }
        let call = session.register()?;
        let role = match &reading {
            Some(reading) if self.is_ordinary() => session.join_reads(call, reading),
            _ => Role::Alone,
        };
        Ok(Begin::Under(Box::new(Way {
            call,
            principal: session.principal(),
            uri,
            reading,
            role,
            began: now.mono,
            deadline,
            waited: None,
            token: None,
            refused: None,
            asked: false,
            spent: Spent::default(),
            pause: None,
            gave_up: false,
            flight: Flight::None,
        })))
    }

    /// For a read whose answer may be kept, what the cache needs to know.
    fn reading(&self, uri: &Uri, session: &mut Session, now: Now) -> Option<Reading> {
        let Operation { replay, cache, .. } = self.operation;
        if !session.is_cache_on() || replay != Replay::Read || cache == CacheClass::None {
            return None;
        }
        let target = Target { operation: &self.operation, base: &session.config().base_url, uri };
        let key = target.key(self.endpoint, session.audience(), &self.template.headers);
        let tags = target.reads();
        Some(Reading { key, tags, class: cache, begun: session.begin_read(None, now) })
    }

    /// Whether another call that is the same would do just what this one does: such calls share one request.
    fn is_ordinary(&self) -> bool {
        !self.template.fresh && !self.unchecked && self.retries.is_none()
    }

    fn advance(&mut self, way: &mut Way, session: &mut Session, now: Now) -> Step<(Shared, How)> {
        match std::mem::replace(&mut way.flight, Flight::None) {
            Flight::Sent { at, deadline, .. } if now.mono >= deadline.min(way.deadline) => {
                session.answered(way.call, None, now);
                let failure = Failure::timeout("no whole answer within the bound");
                self.telling.attempt(self.attempts, Err(failure.kind()), now.mono.since(at.mono));
                if let Err(error) = self.pause(way, failure.into(), None, session, now) {
                    return Step::Done(Err(error));
                }
            }
            Flight::Sent { id, at, deadline } => {
                way.flight = Flight::Sent { id, at, deadline };
                return Step::Wait(Ticket { call: way.call, until: deadline.min(way.deadline) });
            }
            Flight::Landed(landed, signals, dated) => {
                if let Some(dated) = dated {
                    session.hear(dated);
                }
                session.answered(way.call, signals.as_ref(), now);
                match landed {
                    Landed::Good(value, status, headers, body) => {
                        let how = self.how(way, status, &headers, signals.and_then(|signals| signals.limits));
                        if let Some(reading) = way.reading.take() {
                            session.keep(reading, Document { value: Arc::clone(&value), how: how.clone(), body });
                        }
                        return Step::Done(Ok((value, how)));
                    }
                    Landed::Bad(error, after) => {
                        if let Err(error) = self.pause(way, error, after, session, now) {
                            return Step::Done(Err(error));
                        }
                    }
                    Landed::Unauthorized(refusal) => {
                        if let Err(error) = way.unauthorized(refusal, session) {
                            return Step::Done(Err(error));
                        }
                    }
                }
            }
            Flight::None => {}
        }
        if let Some(error) = way.overruled(session) {
            return Step::Done(Err(error));
        }
        if let Err(outcome) = Self::look_about(way, session) {
            return Step::Done(outcome);
        }
        self.set_out(way, session, now)
    }

    /// What it is by now among the calls that are the same; or how it ended, if another had the answer.
    fn look_about(way: &mut Way, session: &mut Session) -> Result<(), Outcome> {
        if way.role == Role::Alone {
            return Ok(());
        }
        let role = session.look_at_read(way.call)?;
        if role == Role::Follows && way.role == Role::Leads {
            session.stand_back(way.call);
            way.waited = None;
        }
        way.role = role;
        Ok(())
    }

    /// On the way to the next attempt.
    fn set_out(&mut self, way: &mut Way, session: &mut Session, now: Now) -> Step<(Shared, How)> {
        if now.mono >= way.deadline {
            return Step::Done(Err(Error::of(ErrorKind::Timeout, "the call's time was over before it could be sent")));
        }
        let until = |until: Mono| Step::Wait(Ticket { call: way.call, until });
        if way.role == Role::Follows {
            return until(way.deadline);
        }
        if let Some(pause) = way.pause.filter(|pause| now.mono < *pause) {
            return until(pause);
        }
        way.pause = None;
        let wait = until(way.deadline);
        let token = match session.authorise(way.call, &mut way.waited, now) {
            Ok(Carry::Nothing) => None,
            Ok(Carry::Token(token)) => Some(token),
            Ok(Carry::Wait) => return wait,
            Err(error) => return Step::Done(Err(error)),
        };
        // The scopes are known only with the token.
        if let (Some(token), false) = (&token, self.unchecked)
            && let Err(error) = self.operation.admits(session.config().flow, Some(&token.scopes))
        {
            return Step::Done(Err(error));
        }
        if let (Some(new), Some(old)) = (&token, &way.refused)
            && new.access == old.access
        {
            let message = "the service refuses the token even though it was renewed";
            return Step::Done(Err(Error::of(ErrorKind::TokenUnavailable, message)));
        }
        if !session.may_send(way.call, Lane::of(&self.template.method), now) {
            return wait;
        }
        match self.request(way, session, token.as_deref()) {
            Ok(request) => Step::Send(self.attempt(way, session, token, request, now)),
            Err(error) => Step::Done(Err(error)),
        }
    }

    /// After an attempt that failed: a pause before the next one, or the error if there is to be none.
    fn pause(
        &self,
        way: &mut Way,
        error: Error,
        after: Option<Duration>,
        session: &mut Session,
        now: Now,
    ) -> Result<(), Error> {
        let retries = self.retries.unwrap_or(session.config().retries);
        let Some(class) = Class::of(&error).filter(|_| self.operation.replay != Replay::Once) else { return Err(error) };
        let spent = way.spent.of(class);
        let Some(pause) = retries.of(class).pause(*spent) else { return Err(error) };
        *spent += 1;
        // As long as the service asks for, and not all at the same moment.
        let pause = after.unwrap_or_default().saturating_add(session.jitter(pause));
        let until = now.mono + pause;
        if until < way.deadline {
            way.pause = Some(until);
            return Ok(());
        }
        way.gave_up = true;
        match error.refusal() {
            Some(refusal) if after.is_some_and(|after| now.mono + after >= way.deadline) => {
                let bound = way.deadline.since(way.began).as_secs();
                let message = format!("the service asks for a pause that is longer than the {bound} s of this call");
                Err(Error::refused(ErrorKind::Refused, message, refusal.clone()))
            }
            _ => Err(error),
        }
    }

    fn attempt(
        &mut self,
        way: &mut Way,
        session: &mut Session,
        token: Option<Arc<Token>>,
        request: Request<Bytes>,
        now: Now,
    ) -> Attempt {
        session.sent(way.call);
        match &mut way.reading {
            Some(reading) => reading.begun = session.begin_read(Some(way.call), now),
            None if self.operation.replay != Replay::Read => {
                let target = Target { operation: &self.operation, base: &session.config().base_url, uri: &way.uri };
                let tags = target.changes(&self.written);
                session.changes(way.call, tags);
            }
            None => {}
        }
        way.token = token;
        way.waited = None;
        self.attempts += 1;
        let bounds = &session.config().bounds;
        let (deadline, max_body) = ((now.mono + bounds.attempt).min(way.deadline), bounds.body);
        let id = AttemptId(session.attempt_id());
        way.flight = Flight::Sent { id, at: now, deadline };
        Attempt { id, exchange: Exchange::new(request, deadline, max_body) }
    }

    fn request(&self, way: &Way, session: &Session, token: Option<&Token>) -> Result<Request<Bytes>, Error> {
        let config = session.config();
        let mut request = Request::new(self.template.body.clone());
        *request.method_mut() = self.template.method.clone();
        *request.uri_mut() = way.uri.clone();
        let headers = request.headers_mut();
        headers.clone_from(&self.template.headers);
        if !headers.contains_key(header::USER_AGENT) {
            let agent = HeaderValue::try_from(&config.user_agent)
                .map_err(|_| Invalid::new("user agent", "holds control characters; headers are one line"))?;
            set_header(headers, header::USER_AGENT, agent);
        }
        if let Some(token) = token {
            set_header(headers, header::AUTHORIZATION, token.header.clone());
        }
        Ok(request)
    }

    pub(super) fn receive(&mut self, id: AttemptId, reply: Result<Response, Failure>, now: Now) {
        let Stage::Under(way) = &mut self.stage else { return };
        if let Flight::Sent { id: expected, at: sent, .. } = way.flight
            && expected == id
        {
            self.telling.attempt(self.attempts, reply.as_ref().map_err(Failure::kind), now.mono.since(sent.mono));
            let made = reply.as_ref().ok().and_then(|response| made(response.headers(), now.unix));
            let dated = made.map(|made| Dated { made, sent, received: now });
            let (landed, signals) = Landed::of(reply, self.decode, way.secrets(), now);
            way.flight = Flight::Landed(landed, signals, dated);
        }
    }

    fn how(&self, way: &Way, status: StatusCode, headers: &HeaderMap, limits: Option<Limits>) -> How {
        How {
            status,
            attempts: self.attempts,
            cached: false,
            joined: false,
            request_id: crate::error::request_id(headers, way.secrets()),
            limits,
        }
    }
}

impl fmt::Debug for Conversation {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stage = match &self.stage {
            Stage::New => "new",
            Stage::Under(way) => match way.flight {
                Flight::None => "waiting",
                Flight::Sent { .. } => "in flight",
                Flight::Landed(..) => "answered",
            },
            Stage::Ended => "ended",
        };
        write!(f, "Call({} {}, {stage})", self.operation.method, self.operation.path)
    }
}
