//! A session and all around it. Calls are polled only when they were woken or are due, or a lost wake would stay unseen.

use std::collections::BTreeSet;
use std::time::Duration;

use tidal_core::http::{Method, StatusCode};
use tidal_core::session::{CallId, Job, Work};
use tidal_core::store::Reach;
use tidal_core::{
    AttemptId, Call, Config, Error, ErrorKind, Failure, FailureKind, Flow, Mono, Now, Raw, RawAnswer, Retries, Session,
    SignOut, Step, Unix,
};

use crate::model::check::Ledger;
use crate::model::ops::{Kind, Op, Said, Setup, Stored, span};
use crate::model::server::{Form, Server, USERS, bearer, response};
use crate::model::store::{ModelStore, Other, record};

/// A call or a sign-out, as its driver sees it.
pub struct Caller {
    pub number: usize,
    what: What,
    pub kind: Kind,
    id: Option<CallId>,
    /// When it is due; nothing before its first poll.
    until: Option<Mono>,
    woken: bool,
    flight: Option<Flight>,
    /// The principal's period in which it was polled first.
    pub period: Option<usize>,
    pub account: Option<usize>,
    /// Tokens that it sent and that were answered with 401.
    pub refused: BTreeSet<String>,
    /// How often that was the newest token.
    asked: u32,
    /// Since when it waits.
    pub waits_since: usize,
    /// It was sent, and what came back was no 401.
    pub over: bool,
    key: Option<String>,
}

#[allow(clippy::large_enum_variant, reason = "there are few")]
enum What {
    Call(Call<RawAnswer>),
    SignOut(SignOut),
}

struct Flight {
    id: AttemptId,
    access: Option<String>,
    answered: bool,
}

/// A job that the driver has drawn.
pub struct Open {
    pub job: Job,
    pub account: usize,
    pub hangs: bool,
    /// It took effect already.
    pub landed: bool,
    /// Its process is gone: nobody hears of its end.
    pub dead: bool,
}

pub struct World {
    pub setup: Setup,
    pub config: Config,
    pub session: Session,
    pub now: Now,
    pub server: Server,
    pub store: ModelStore,
    pub other: Other,
    pub callers: Vec<Caller>,
    pub open: Vec<Open>,
    /// Jobs that nobody waits for any more, but that may still take effect.
    pub late: Vec<Open>,
    pub ledger: Ledger,
    /// What is given at each start: its serial.
    pub given: Option<usize>,
    begun: usize,
    /// Jobs drawn since the last thing that happened.
    drawn: usize,
    pub trace: Option<Vec<String>>,
}

impl World {
    pub fn new(setup: Setup) -> Self {
        let now = Now { mono: Mono::from_origin(Duration::from_secs(5_000)), unix: Unix::from_secs(1_800_000_000) };
        let config = config(setup, false, setup.named.then_some(USERS[0]));
        let mut world = Self {
            setup,
            session: Session::new(config.clone(), [7; 32]),
            config,
            now,
            server: Server::default(),
            store: ModelStore::default(),
            other: Other::default(),
            callers: Vec::new(),
            open: Vec::new(),
            late: Vec::new(),
            ledger: Ledger::new(setup, now),
            given: None,
            begun: 0,
            drawn: 0,
            trace: None,
        };
        world.fill_store();
        world
    }

    fn fill_store(&mut self) {
        let (renewable, lifetime) = match self.setup.stored {
            Stored::Nothing => return,
            Stored::Fresh => (true, Some(3600)),
            Stored::Expired => (true, Some(0)),
            Stored::Ageless => (true, None),
            Stored::Unrenewable => (false, Some(3600)),
        };
        let serial = if self.setup.person {
            self.server.sign_in(USERS[0], renewable, lifetime, false, self.now)
        } else {
            self.server.application(lifetime, false, self.now)
        };
        self.store.put(record(&self.server, serial, self.now));
    }

    pub fn note(&mut self, what: impl FnOnce() -> String) {
        if let Some(trace) = &mut self.trace {
            trace.push(what());
        }
    }

    /// Does one thing.
    pub fn act(&mut self, op: Op) {
        self.note(|| format!("-- {op:?}"));
        self.drawn = 0;
        self.ledger.step += 1;
        match op {
            Op::Pump => self.pump(),
            Op::Begin(kind) => self.begin(kind),
            Op::PollAll => self.poll_all(),
            Op::Poll(n) => drop(self.pick(n, Self::is_due).map(|index| self.poll(index))),
            Op::Answer(n, said) => drop(self.pick(n, |_, c| c.is_in_flight()).map(|index| self.answer(index, said))),
            Op::Job(n, outcome) => self.reply_to_one(n, outcome),
            Op::FailJobs => self.fail_jobs(),
            Op::Tick => self.tick(),
            Op::Timeout => self.timeout(),
            Op::Advance(n) => self.advance(Duration::from_millis(span(n))),
            Op::Suspend(n) => self.set_unix(self.now.unix + Duration::from_millis(span(n))),
            Op::PutBack(n) => self.set_unix(self.now.unix - Duration::from_millis(span(n % 8))),
            Op::Drop(n) => drop(self.pick(n, |_, _| true).map(|index| self.let_go(index))),
            Op::SignOut => self.push(Kind::Read, What::SignOut(SignOut::new())),
            Op::Adopt { user, by_hand, lifetime } => self.adopt(user, by_hand, lifetime),
            Op::Reconfigure(n) => self.reconfigure(n),
            Op::Restart(n) => self.restart(n),
            Op::Elsewhere(deed, n) => self.elsewhere(deed, n),
            Op::Late(n) => self.land_late(n),
        }
        self.settle();
    }

    pub fn begin(&mut self, kind: Kind) {
        let path = format!("/call/{}", self.begun);
        let raw = match kind {
            Kind::Read => Raw::get(path),
            Kind::Once => Raw::new(Method::POST, path),
            Kind::Keyed => Raw::new(Method::POST, path).keyed(),
        };
        self.push(kind, What::Call(Call::new(&raw).unwrap()));
    }

    fn push(&mut self, kind: Kind, what: What) {
        self.callers.push(Caller {
            number: self.begun,
            what,
            kind,
            id: None,
            until: None,
            woken: false,
            flight: None,
            period: None,
            account: None,
            refused: BTreeSet::new(),
            asked: 0,
            waits_since: 0,
            over: false,
            key: None,
        });
        self.begun += 1;
    }

    fn pick(&self, n: u8, which: impl Fn(&Self, &Caller) -> bool) -> Option<usize> {
        let fit: Vec<usize> = (0..self.callers.len()).filter(|index| which(self, &self.callers[*index])).collect();
        (!fit.is_empty()).then(|| fit[usize::from(n) % fit.len()])
    }

    pub fn is_due(&self, caller: &Caller) -> bool {
        let answered = caller.flight.as_ref().is_some_and(|flight| flight.answered);
        caller.woken || answered || caller.until.is_none_or(|until| until <= self.now.mono)
    }

    pub fn poll_all(&mut self) {
        let numbers: Vec<usize> = self.callers.iter().map(|caller| caller.number).collect();
        for number in numbers {
            if let Some(index) = self.callers.iter().position(|caller| caller.number == number)
                && self.is_due(&self.callers[index])
            {
                self.poll(index);
            }
        }
    }

    /// Polls one; whether it could be sent.
    pub fn poll(&mut self, index: usize) -> bool {
        self.ledger.step += 1;
        let mut caller = self.callers.remove(index);
        caller.woken = false;
        let begins = caller.until.is_none();
        if begins {
            caller.waits_since = self.ledger.step;
        }
        let step = match &mut caller.what {
            What::Call(call) => {
                caller.period.get_or_insert(self.ledger.period);
                caller.account.get_or_insert(self.ledger.account);
                if let Some(flight) = caller.flight.take_if(|flight| flight.answered)
                    && let Some(access) = flight.access.filter(|_| !caller.over)
                {
                    caller.waits_since = self.ledger.step;
                    let issued = self.server.by_access(&access).filter(|_| caller.period == Some(self.ledger.period));
                    if issued.is_some_and(|issued| self.ledger.is_told_of_401(issued, caller.asked > 0)) {
                        caller.asked += 1;
                    }
                    caller.refused.insert(access);
                }
                let step = call.poll(&mut self.session, self.now);
                caller.id = call.id();
                step
            }
            What::SignOut(sign_out) => {
                let name = self.session.account().is_none_or(|key| key.user.is_some() || !key.flow.has_person());
                let step = sign_out.poll(&mut self.session, self.now);
                caller.id = sign_out.id();
                if begins {
                    self.ledger.signs_out(name, self.now);
                }
                match step {
                    Step::Send(attempt) => Step::Send(attempt),
                    Step::Wait(ticket) => Step::Wait(ticket),
                    Step::Done(outcome) => return self.signed_out(&caller, outcome),
                }
            }
        };
        let number = caller.number;
        self.note(|| format!("   call {number}: {}", said(&step)));
        let goes_on = !matches!(step, Step::Done(_));
        self.ledger.must(caller.asked < 2 || !goes_on, || format!("call {number} goes on after a second 401"));
        let sent = match step {
            Step::Send(attempt) => {
                self.sent(&mut caller, attempt);
                self.callers.insert(index, caller);
                true
            }
            Step::Wait(ticket) => {
                caller.until = Some(ticket.until);
                self.callers.insert(index, caller);
                false
            }
            Step::Done(outcome) => {
                self.ended(&caller, outcome.map(drop));
                false
            }
        };
        self.settle();
        sent
    }

    fn sent(&mut self, caller: &mut Caller, attempt: tidal_core::Attempt) {
        let headers = attempt.exchange.request.headers();
        let access = bearer(&attempt.exchange.request);
        let key = headers.get("idempotency-key").map(|value| value.to_str().unwrap().to_owned());
        let same = caller.key.is_none() || caller.key == key;
        self.ledger.must(same && key.is_some() == (caller.kind == Kind::Keyed), || "the key of a mutation changed".to_owned());
        caller.key = key;
        match access.as_deref().and_then(|access| self.server.by_access(access)) {
            Some(issued) => self.ledger.sends(caller, issued, self.now),
            None => self.ledger.broken.push(format!("call {} was sent with {access:?}", caller.number)),
        }
        let in_flight = self.callers.iter().filter(|other| other.is_in_flight()).count();
        self.ledger.must(in_flight < self.setup.in_flight, || format!("{} calls are in flight", in_flight + 1));
        caller.until = Some(attempt.exchange.deadline);
        caller.flight = Some(Flight { id: attempt.id, access, answered: false });
    }

    fn ended(&mut self, caller: &Caller, outcome: Result<(), Error>) {
        self.ledger.ends(caller, outcome.as_ref().copied());
        let waiting = self.callers.iter().filter(|other| other.id.is_some() && other.is_call()).count();
        let (least, most) = (self.setup.waiting, self.setup.waiting + self.setup.in_flight);
        if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Overloaded) {
            self.ledger.must(waiting >= least, || format!("{waiting} calls wait, and one more was refused"));
        } else if caller.until.is_none() {
            self.ledger.must(waiting < most, || format!("{waiting} calls wait, and one more was taken"));
        }
    }

    fn signed_out(&mut self, caller: &Caller, outcome: Result<(), Error>) -> bool {
        let number = caller.number;
        self.note(|| format!("   sign-out {number}: {outcome:?}"));
        let fits = outcome.as_ref().err().is_none_or(|error| matches!(error.kind(), ErrorKind::Store | ErrorKind::Timeout));
        self.ledger.must(fits, || format!("sign-out {number} ended with {outcome:?}"));
        self.settle();
        false
    }

    /// The API answers.
    pub fn answer(&mut self, index: usize, said: Said) {
        let caller = &mut self.callers[index];
        let (What::Call(call), Some(flight)) = (&mut caller.what, &mut caller.flight) else { return };
        let issued = flight.access.as_deref().and_then(|access| self.server.by_access(access));
        let alive = issued.is_some_and(|issued| issued.ends.is_none_or(|ends| self.now.mono < ends.mono));
        let status = match said {
            Said::Honest if alive => 200,
            Said::Honest | Said::Unauthorized => 401,
            Said::Good => 200,
            Said::Fault => 500,
            Said::Broken => 0,
        };
        let reply = match status {
            0 => Err(Failure::new(FailureKind::Broken, "the connection broke")),
            _ => Ok(response(status, &[], "{}")),
        };
        flight.answered = true;
        caller.over = status != StatusCode::UNAUTHORIZED.as_u16();
        call.receive(flight.id, reply, self.now);
        let number = caller.number;
        self.note(|| format!("   call {number} is answered with {status}"));
    }

    fn let_go(&mut self, index: usize) {
        let caller = self.callers.remove(index);
        if let Some(id) = caller.id {
            self.session.abandon(id);
        }
    }

    fn reconfigure(&mut self, n: u8) {
        let user = [self.setup.named.then_some(USERS[0]), None, Some(USERS[0]), Some(USERS[1])][usize::from(n % 4)];
        self.config = config(self.setup, n / 4 % 2 == 1, user);
        self.ledger.is_reconfigured(self.config.flow == Flow::Pkce);
        self.session.reconfigure(self.config.clone(), self.now);
    }

    /// What the session wants now: jobs, wakes, events.
    pub fn settle(&mut self) {
        while let Some(job) = self.session.poll_job() {
            self.drawn += 1;
            self.draw(job);
        }
        while let Some(id) = self.session.poll_wake() {
            if let Some(caller) = self.callers.iter_mut().find(|caller| caller.id == Some(id)) {
                caller.woken = true;
            }
        }
        while let Some(event) = self.session.poll_event() {
            self.note(|| format!("   event {event:?}"));
            self.ledger.hears(&event, &self.store.records(), &self.server);
        }
        let drawn = self.drawn;
        self.ledger.must(drawn < 400, || "the session does not come to rest at one moment".to_owned());
        self.nobody_is_forgotten();
    }

    /// Who waits, waits for something.
    fn nobody_is_forgotten(&mut self) {
        let busy = !self.open.is_empty() || self.session.poll_timeout().is_some();
        if busy || self.callers.iter().any(|caller| caller.is_in_flight() || self.is_due(caller)) {
            return;
        }
        if let Some(caller) = self.callers.first() {
            let number = caller.number;
            self.ledger.broken.push(format!("call {number} waits, and nothing goes on for which it could"));
        }
    }

    fn draw(&mut self, job: Job) {
        self.note(|| format!("   job {:?}: {}", job.id, describe(&job.work)));
        let account = self.ledger.account;
        match &job.work {
            Work::Cancel(id) => {
                let Some(index) = self.open.iter().position(|open| open.job.id == *id) else { return };
                let open = self.open.remove(index);
                self.given_up(open);
                return;
            }
            Work::Token(exchange) => {
                let form = Form::read(&exchange.request);
                if form.renews() {
                    let rivals = self.rivals(&form);
                    self.ledger.exchanges(&form, &self.server, rivals, self.now);
                }
            }
            _ => {}
        }
        self.open.push(Open { job, account, hangs: false, landed: false, dead: false });
    }

    /// How many requests are in flight that must not be beside this one.
    fn rivals(&self, form: &Form) -> usize {
        let rival = |open: &&Open| match &open.job.work {
            Work::Token(exchange) => {
                let other = Form::read(&exchange.request);
                let same = form.refresh.is_some() && other.refresh == form.refresh;
                other.renews() && (same || open.account == self.ledger.account)
            }
            _ => false,
        };
        self.open.iter().filter(rival).count()
    }
}

impl Caller {
    pub fn is_in_flight(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| !flight.answered)
    }

    fn is_call(&self) -> bool {
        matches!(self.what, What::Call(_))
    }

    pub fn until(&self) -> Option<Mono> {
        self.until
    }
}

fn said<T>(step: &Step<T>) -> String {
    match step {
        Step::Send(attempt) => format!(
            "sent with {:?}",
            attempt.exchange.request.headers().get("authorization").map(|v| v.to_str().unwrap().to_owned())
        ),
        Step::Wait(ticket) => format!("waits until {:?}", ticket.until),
        Step::Done(Ok(_)) => "done".to_owned(),
        Step::Done(Err(error)) => format!("{error:?}"),
    }
}

fn describe(work: &Work) -> String {
    match work {
        Work::Token(exchange) => format!("token request {}", String::from_utf8_lossy(exchange.request.body())),
        Work::Store(work) => format!("{work} {work:?}"),
        other => format!("{other:?}"),
    }
}

/// A configuration. `application` turns a person's session into an application's.
fn config(setup: Setup, application: bool, user: Option<&str>) -> Config {
    let mut config = if setup.person && !application {
        Config::pkce("app", "http://localhost/back").unwrap()
    } else {
        Config::client_credentials("app", "client-secret").unwrap()
    };
    config.user = user.filter(|_| setup.person && !application).map(str::to_owned);
    config.reach = if setup.fleet { Reach::Fleet } else { Reach::Local };
    config.store_tokens = !setup.forgetful;
    config.handles_sign_in = setup.handles_sign_in;
    config.revoke_url = setup.revokes.then(|| "https://auth.example/revoke".parse().unwrap());
    // Each history counts what it sends; retries have tests of their own.
    config.retries = Retries::NONE;
    config.bounds.in_flight = setup.in_flight;
    config.bounds.waiting = setup.waiting;
    config
}
