//! A session and all around it. Calls are polled only when they were woken or are due, or a lost wake would stay unseen.

use std::time::Duration;

use tidal_core::session::{Job, Work};
use tidal_core::store::Reach;
use tidal_core::{Config, Flow, Mono, Now, Session, Unix};

use crate::model::calls::Caller;
use crate::model::check::Ledger;
use crate::model::kept::Kept;
use crate::model::lanes::Lanes;
use crate::model::ops::{Op, Outage, Room, Setup, Stored, span};
use crate::model::server::{Form, Server, USERS};
use crate::model::store::{ModelStore, Other, record};

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
    pub kept: Kept,
    pub lanes: Lanes,
    pub begun: usize,
    /// Where the store fails just now.
    pub outage: Outage,
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
            kept: Kept::new(setup.room),
            lanes: Lanes::new(setup.in_flight),
            begun: 0,
            outage: Outage::Nowhere,
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
            Op::Begin(kind, about) => self.begin(kind, about),
            Op::PollAll => self.poll_all(),
            Op::Poll(n) => drop(self.pick(n, Self::is_due).map(|index| self.poll(index))),
            Op::Answer(n, said) => drop(self.pick(n, |_, c| c.is_in_flight()).map(|index| self.answer(index, said))),
            Op::Job(n, outcome) => self.reply_to_one(n, outcome),
            Op::FailJobs => self.fail_jobs(),
            Op::Outage(outage) => self.outage = outage,
            Op::Tick => self.tick(),
            Op::Timeout => self.timeout(),
            Op::Advance(n) => self.advance(Duration::from_millis(span(n))),
            Op::Pass(n) => self.pass(Duration::from_millis(span(n % 8))),
            Op::Suspend(n) => self.set_unix(self.now.unix + Duration::from_millis(span(n))),
            Op::PutBack(n) => self.set_unix(self.now.unix - Duration::from_millis(span(n % 8))),
            Op::Drop(n) => drop(self.pick(n, |_, _| true).map(|index| self.let_go(index))),
            Op::SignOut => self.begin_sign_out(),
            Op::Adopt { user, by_hand, lifetime } => self.adopt(user, by_hand, lifetime),
            Op::Reconfigure(n) => self.reconfigure(n),
            Op::Restart(n) => self.restart(n),
            Op::Elsewhere(deed, n) => self.elsewhere(deed, n),
            Op::Late(n) => self.land_late(n),
            Op::Clear(n) => self.session.clear_cache(self.kept.clears(n)),
            Op::Switch => self.session.switch_cache(self.kept.switches()),
        }
        self.settle();
    }

    fn reconfigure(&mut self, n: u8) {
        let user = [self.setup.named.then_some(USERS[0]), None, Some(USERS[0]), Some(USERS[1])][usize::from(n % 4)];
        self.config = config(self.setup, n / 4 % 2 == 1, user);
        self.ledger.is_reconfigured(self.config.flow == Flow::Pkce);
        self.kept.is_reconfigured();
        self.session.reconfigure(self.config.clone(), self.now);
    }

    /// What the session wants now: jobs, wakes, events.
    pub fn settle(&mut self) {
        while let Some(job) = self.session.poll_job() {
            self.drawn += 1;
            self.draw(job);
        }
        while let Some(id) = self.session.poll_wake() {
            if let Some(caller) = self.callers.iter_mut().find(|caller| caller.id() == Some(id)) {
                caller.wake(self.ledger.step);
            }
        }
        while let Some(event) = self.session.poll_event() {
            self.note(|| format!("   event {event:?}"));
            self.ledger.hears(&event, &self.store.records(), &self.server);
        }
        drop(self.session.take_discarded());
        self.kept.stays_in_bounds(self.session.cache_statistics(), self.callers.len(), &mut self.ledger);
        let drawn = self.drawn;
        self.ledger.must(drawn < 400, || "the session does not come to rest at one moment".to_owned());
        self.nobody_is_forgotten();
    }

    /// Who waits, waits for something.
    fn nobody_is_forgotten(&mut self) {
        let busy = !self.open.is_empty() || self.session.poll_timeout().is_some();
        if busy || self.callers.iter().any(|caller| caller.is_in_flight() || caller.pauses() || self.is_due(caller)) {
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
    config.retries = setup.budgets.retries();
    config.cache = setup.room != Room::None;
    (config.bounds.cache_entries, config.bounds.cache_bytes) = Kept::bounds(setup.room);
    config.bounds.in_flight = setup.in_flight;
    config.bounds.waiting = setup.waiting;
    config
}
