//! Calls and sign-outs, as their drivers see them.

use std::collections::BTreeSet;
use std::time::Duration;

use tidal_core::http::header;
use tidal_core::session::CallId;
use tidal_core::{Answer, Attempt, AttemptId, Call, Error, ErrorKind, Mono, SignOut, Step};

use crate::model::api::{Ask, CHANGES, Page, READS, Says, THINGS};
use crate::model::lanes::lane;
use crate::model::ops::{Kind, Said};
use crate::model::server::response;
use crate::model::store::is_nameless;
use crate::model::tries::{Came, Class, Tries};
use crate::model::world::World;

/// A call or a sign-out.
pub struct Caller {
    pub number: usize,
    what: What,
    pub kind: Kind,
    /// What it reads or changes, if that is something that several do.
    pub about: Option<usize>,
    /// It takes no answer that was there before.
    pub fresh: bool,
    id: Option<CallId>,
    /// When it is due; nothing before its first poll.
    until: Option<Mono>,
    woken: bool,
    /// At which step it was woken, if it was not polled since: it may have its turn from then on. Once it was polled and had to wait
    /// all the same, it has none.
    named: Option<usize>,
    flight: Option<Flight>,
    /// An attempt that it has given up, and that is not answered yet.
    late: Option<AttemptId>,
    pub tries: Tries,
    /// If it takes an answer that it did not ask for itself, the versions that this has to have at least.
    pub versions: Option<[u64; THINGS]>,
    /// It follows another call that is the same.
    pub follows: bool,
    /// At which step it was polled first.
    pub began: usize,
    /// The principal's period in which it was polled first.
    pub period: Option<usize>,
    pub account: Option<usize>,
    /// Tokens that it sent and that were answered with 401.
    pub refused: BTreeSet<String>,
    /// How often it was answered with 401, how often that was the newest token, and how often for sure.
    pub unauthorized: u32,
    asked: u32,
    /// The same, if it may have been the newest though another is known.
    may_have_asked: u32,
    surely: u32,
    /// Since when it waits.
    pub waits_since: usize,
}

#[allow(clippy::large_enum_variant, reason = "there are few")]
enum What {
    Call(Call<Page>),
    SignOut(SignOut),
}

/// An attempt that is under way.
struct Flight {
    id: AttemptId,
    /// At which step it was sent.
    step: usize,
    access: String,
    deadline: Mono,
    /// For what several calls read, the number of this request.
    request: Option<usize>,
    /// What came of it, once it is answered.
    says: Option<(Came, Duration)>,
}

impl Caller {
    fn new(number: usize, kind: Kind, what: What, tries: Tries) -> Self {
        Self {
            number,
            what,
            kind,
            about: None,
            fresh: false,
            id: None,
            until: None,
            woken: false,
            named: None,
            flight: None,
            late: None,
            tries,
            versions: None,
            follows: false,
            began: 0,
            period: None,
            account: None,
            refused: BTreeSet::new(),
            asked: 0,
            may_have_asked: 0,
            surely: 0,
            unauthorized: 0,
            waits_since: 0,
        }
    }

    pub fn is_in_flight(&self) -> bool {
        self.flight.as_ref().is_some_and(|flight| flight.says.is_none())
    }

    /// It is to be tried again when its time comes.
    pub fn pauses(&self) -> bool {
        self.is_call() && self.flight.is_none() && self.until.is_some() && self.until != self.tries.ends
    }

    /// What it reads, if that is something that several do.
    pub fn read(&self) -> Option<usize> {
        self.about.filter(|_| self.kind == Kind::Read)
    }

    fn is_call(&self) -> bool {
        matches!(self.what, What::Call(_))
    }

    pub fn until(&self) -> Option<Mono> {
        self.until
    }

    pub fn id(&self) -> Option<CallId> {
        self.id
    }

    pub fn wake(&mut self, step: usize) {
        self.woken = true;
        self.named.get_or_insert(step);
    }
}

impl World {
    /// A call begins. `about` says what it is about, and whether its answer has to be a fresh one.
    pub fn begin(&mut self, kind: Kind, about: u8) {
        let most = if kind == Kind::Read { READS.len() } else { CHANGES.len() };
        let index = usize::from(about % 8).checked_sub(1).map(|index| index % most);
        let fresh = kind == Kind::Read && about >= 224;
        let call = Call::new(&Ask::new(kind, index, self.begun)).unwrap();
        let call = if fresh { call.fresh() } else { call };
        let tries = Tries::new(kind, self.setup.budgets);
        self.callers.push(Caller { about: index, fresh, ..Caller::new(self.begun, kind, What::Call(call), tries) });
        self.begun += 1;
    }

    pub fn begin_sign_out(&mut self) {
        let tries = Tries::new(Kind::Once, self.setup.budgets);
        self.callers.push(Caller::new(self.begun, Kind::Once, What::SignOut(SignOut::new()), tries));
        self.begun += 1;
    }

    pub fn pick(&self, n: u8, which: impl Fn(&Self, &Caller) -> bool) -> Option<usize> {
        let fit: Vec<usize> = (0..self.callers.len()).filter(|index| which(self, &self.callers[*index])).collect();
        (!fit.is_empty()).then(|| fit[usize::from(n) % fit.len()])
    }

    pub fn is_due(&self, caller: &Caller) -> bool {
        let answered = caller.flight.as_ref().is_some_and(|flight| flight.says.is_some());
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
        let number = caller.number;
        let sent = match &mut caller.what {
            What::SignOut(sign_out) => {
                let name = self.session.account().is_none_or(|key| !is_nameless(key));
                let step = sign_out.poll(&mut self.session, self.now);
                caller.id = sign_out.id();
                if begins {
                    caller.account = Some(self.ledger.account);
                    self.ledger.signs_out(name, self.now);
                }
                match step {
                    Step::Done(outcome) => self.signed_out(number, caller.account, &outcome),
                    Step::Wait(ticket) => {
                        caller.until = Some(ticket.until);
                        self.callers.insert(index, caller);
                    }
                    Step::Send(_) => self.ledger.broken.push("a sign-out is sent".to_owned()),
                }
                false
            }
            What::Call(_) => self.poll_call(caller, index, begins),
        };
        self.settle();
        sent
    }

    fn poll_call(&mut self, mut caller: Caller, index: usize, begins: bool) -> bool {
        if begins {
            caller.period = Some(self.ledger.period);
            caller.account = Some(self.ledger.account);
            caller.tries.begins(self.now);
            caller.began = self.ledger.step;
            caller.versions = self.kept.begins(&caller);
            caller.follows = self.kept.has_whom_to_follow(&caller, &self.callers, &self.ledger);
        }
        self.learns(&mut caller);
        let What::Call(call) = &mut caller.what else { return false };
        let step = call.poll(&mut self.session, self.now);
        caller.id = call.id();
        let number = caller.number;
        self.note(|| format!("   call {number}: {}", said(&step)));
        let goes_on = !matches!(step, Step::Done(_));
        self.ledger.must(caller.surely < 2 || !goes_on, || format!("call {number} goes on after a second 401"));
        match step {
            Step::Send(attempt) => {
                self.sent(&mut caller, attempt);
                self.callers.insert(index, caller);
                true
            }
            Step::Wait(ticket) => {
                caller.until = Some(ticket.until);
                caller.named = None;
                if caller.flight.is_none() {
                    caller.tries.waits(ticket.until, self.now, number, &mut self.ledger);
                }
                self.callers.insert(index, caller);
                false
            }
            Step::Done(outcome) => {
                self.ended(&caller, &outcome);
                false
            }
        }
    }

    /// What came of the attempt under way, if it is answered or late.
    fn learns(&mut self, caller: &mut Caller) {
        let late = |flight: &Flight| flight.deadline <= self.now.mono;
        let Some(flight) = caller.flight.take_if(|flight| flight.says.is_some() || late(flight)) else { return };
        caller.waits_since = self.ledger.step;
        let late = (Came::Failure(Some(Class::Timeout), Duration::ZERO), Duration::ZERO);
        if flight.says.is_none() {
            caller.late = Some(flight.id);
        }
        let (came, closes) = flight.says.unwrap_or(late);
        caller.tries.learns(came, self.now);
        self.lanes.learns(caller.kind, closes, self.now, self.ledger.step);
        if came == Came::Unauthorized {
            let issued = self.server.by_access(&flight.access).filter(|_| caller.period == Some(self.ledger.period));
            let asked = (caller.asked > 0, caller.may_have_asked > 0);
            let told = issued.map(|issued| self.ledger.is_told_of_401(issued, flight.step, asked));
            let (newest, may_be, surely) = told.unwrap_or_default();
            caller.asked += u32::from(newest);
            caller.may_have_asked += u32::from(may_be);
            caller.surely += u32::from(surely);
            caller.unauthorized += 1;
            caller.refused.insert(flight.access);
        }
    }

    fn sent(&mut self, caller: &mut Caller, attempt: Attempt) {
        let headers = attempt.exchange.request.headers();
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        let access = text(header::AUTHORIZATION.as_str()).unwrap_or_default().trim_start_matches("Bearer ").to_owned();
        let number = caller.number;
        caller.tries.sends(text("idempotency-key"), self.now, number, &mut self.ledger);
        let in_flight = [Kind::Read, Kind::Once]
            .map(|kind| self.callers.iter().filter(|other| other.flight.is_some() && lane(other.kind) == lane(kind)).count());
        self.lanes.sends(caller.kind, in_flight, caller.named.take(), self.now, number, &mut self.ledger);
        let issued = self.server.by_access(&access);
        match issued {
            Some(issued) => self.ledger.sends(caller, issued, self.now),
            None => self.ledger.broken.push(format!("call {number} was sent with {access:?}")),
        }
        let request = self.kept.sends(caller, issued.and_then(|issued| issued.user), self.now, &mut self.ledger);
        let deadline = attempt.exchange.deadline;
        caller.until = Some(deadline);
        caller.flight = Some(Flight { id: attempt.id, step: self.ledger.step, access, deadline, request, says: None });
    }

    fn ended(&mut self, caller: &Caller, outcome: &Result<Answer<Page>, Error>) {
        self.goes(caller);
        let number = caller.number;
        match outcome {
            Ok(answer) => self.kept.answers(caller, answer, self.now, &mut self.ledger),
            Err(error) => {
                caller.tries.fails(error.kind(), self.now, number, &mut self.ledger);
                if !self.kept.fails(caller, error.kind(), &mut self.ledger) {
                    self.ledger.fails(caller, error);
                }
            }
        }
        let waiting = self.callers.iter().filter(|other| other.id.is_some() && other.is_call()).count();
        let (least, most) = (self.setup.waiting, self.setup.waiting + self.setup.in_flight);
        let kept = outcome.as_ref().is_ok_and(|answer| answer.how.cached);
        if outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Overloaded) {
            self.ledger.must(waiting >= least, || format!("{waiting} calls wait, and one more was refused"));
        } else if caller.until.is_none() && !kept {
            self.ledger.must(waiting < most, || format!("{waiting} calls wait, and one more was taken"));
        }
    }

    /// A call is over. What it was sent to change is another now, if it ever will be.
    fn goes(&mut self, caller: &Caller) {
        if caller.tries.sends > 0 {
            self.kept.changes(caller);
        }
    }

    fn signed_out(&mut self, number: usize, account: Option<usize>, outcome: &Result<(), Error>) {
        self.note(|| format!("   sign-out {number}: {outcome:?}"));
        let fits = outcome.as_ref().err().is_none_or(|error| matches!(error.kind(), ErrorKind::Store | ErrorKind::Timeout));
        self.ledger.must(fits, || format!("sign-out {number} ended with {outcome:?}"));
        if let (Some(account), Ok(())) = (account, outcome) {
            self.ledger.has_signed_out(account, &self.store.records(), &self.server);
        }
    }

    /// The API answers.
    pub fn answer(&mut self, index: usize, said: Said) {
        let caller = &mut self.callers[index];
        let (What::Call(call), Some(flight)) = (&mut caller.what, &mut caller.flight) else { return };
        let issued = self.server.by_access(&flight.access);
        let honest = issued.is_some_and(|issued| issued.ends.is_none_or(|ends| self.now.mono < ends.mono));
        let request = flight.request.zip(caller.about);
        let Says { reply, came, closes } = Says::of(said, honest, request);
        flight.says = Some((came, closes));
        // What nobody waits for any more says nothing.
        if let Some(late) = caller.late.take() {
            call.receive(late, Ok(response(410, &[], "{}")), self.now);
        }
        call.receive(flight.id, reply, self.now);
        let number = caller.number;
        self.note(|| format!("   call {number} is answered: {came:?}"));
    }

    pub fn let_go(&mut self, index: usize) {
        let caller = self.callers.remove(index);
        self.goes(&caller);
        self.kept.drops(&caller, self.ledger.step);
        if let Some(id) = caller.id {
            self.session.abandon(id);
        }
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
