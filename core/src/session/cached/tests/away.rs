//! Reads that are the same, and callers who are busy with something else.

use super::*;
use crate::{Answer, Attempt, Error};

type Reading = Call<Bytes>;

/// A session with room for one request, and that request.
fn full() -> (Session, Reading, Attempt) {
    let mut config = Config::anonymous();
    config.bounds.in_flight = 1;
    let mut session = Session::new(config, [7; 32]);
    let mut first = Call::new(&Read(0)).unwrap();
    let Step::Send(attempt) = first.poll(&mut session, NOW) else { panic!("there is room") };
    (session, first, attempt)
}

/// A read of the same as all others, which has to wait.
fn waiting(session: &mut Session) -> Reading {
    let mut call = Call::new(&Read(1)).unwrap();
    waits(session, &mut call);
    call
}

fn waits(session: &mut Session, call: &mut Reading) {
    assert!(matches!(call.poll(session, NOW), Step::Wait(_)));
}

fn ended(session: &mut Session, call: &mut Reading) -> Result<Answer<Bytes>, Error> {
    let Step::Done(outcome) = call.poll(session, NOW) else { panic!("it goes on") };
    outcome
}

/// Its request is answered.
fn answer(session: &mut Session, call: &mut Reading, attempt: &Attempt) {
    call.receive(attempt.id, Ok(Response::new(Bytes::from_static(b"{}"))), NOW);
    assert!(!ended(session, call).unwrap().how.joined);
}

/// The call that is woken, and no other, has its turn and gets its answer.
fn has_its_turn(session: &mut Session, call: &mut Reading) {
    assert_eq!((session.poll_wake(), session.poll_wake()), (call.id(), None));
    let Step::Send(attempt) = call.poll(session, NOW) else { panic!("it has its turn") };
    answer(session, call, &attempt);
}

/// So many wait for their turn.
fn queue(session: &Session, waiting: usize) {
    assert_eq!(session.limiter_state().reads.waiting, waiting);
}

#[test]
fn the_first_that_follows_leads_while_the_leader_is_away_and_they_share_the_answer() {
    let (mut session, mut first, attempt) = full();
    let (mut leader, mut next) = (waiting(&mut session), waiting(&mut session));
    session.excuse(leader.id().unwrap());
    assert_eq!(session.poll_wake(), next.id());
    queue(&session, 0);
    waits(&mut session, &mut next);
    queue(&session, 1);
    answer(&mut session, &mut first, &attempt);
    has_its_turn(&mut session, &mut next);
    assert_eq!(session.poll_wake(), leader.id());
    assert!(ended(&mut session, &mut leader).unwrap().how.joined);
}

#[test]
fn who_comes_while_the_leader_is_away_leads_and_that_one_follows_when_it_is_back() {
    let (mut session, mut first, attempt) = full();
    let mut leader = waiting(&mut session);
    session.excuse(leader.id().unwrap());
    let mut next = waiting(&mut session);
    queue(&session, 2);
    waits(&mut session, &mut leader);
    queue(&session, 1);
    answer(&mut session, &mut first, &attempt);
    has_its_turn(&mut session, &mut next);
    assert_eq!(session.poll_wake(), leader.id());
    assert!(ended(&mut session, &mut leader).unwrap().how.joined);
}

#[test]
fn a_leader_that_is_back_leads_again_where_nobody_does_at_its_old_place() {
    let (mut session, mut first, attempt) = full();
    let (mut leader, mut other) = (waiting(&mut session), Call::new(&Read(2)).unwrap());
    waits(&mut session, &mut other);
    session.excuse(leader.id().unwrap());
    waits(&mut session, &mut leader);
    let mut follower = waiting(&mut session);
    queue(&session, 2);
    answer(&mut session, &mut first, &attempt);
    has_its_turn(&mut session, &mut leader);
    let wakes: Vec<_> = std::iter::from_fn(|| session.poll_wake()).collect();
    assert_eq!(wakes, [other.id().unwrap(), follower.id().unwrap()]);
    assert!(ended(&mut session, &mut follower).unwrap().how.joined);
}

#[test]
fn one_that_is_away_is_not_made_the_leader_but_leads_when_it_is_back() {
    let (mut session, mut first, attempt) = full();
    let (leader, mut away, mut last) = (waiting(&mut session), waiting(&mut session), waiting(&mut session));
    session.excuse(away.id().unwrap());
    session.abandon(leader.id().unwrap());
    assert_eq!((session.poll_wake(), session.poll_wake()), (last.id(), None));
    waits(&mut session, &mut last);
    session.abandon(last.id().unwrap());
    assert_eq!(session.poll_wake(), None);
    waits(&mut session, &mut away);
    answer(&mut session, &mut first, &attempt);
    has_its_turn(&mut session, &mut away);
}

#[test]
fn of_one_that_is_dropped_while_it_is_away_nothing_is_left() {
    let (mut session, mut first, attempt) = full();
    let leader = waiting(&mut session);
    session.excuse(leader.id().unwrap());
    session.abandon(leader.id().unwrap());
    // The first one's.
    assert_eq!(session.cached.reads.flights(), 1);
    let mut next = waiting(&mut session);
    answer(&mut session, &mut first, &attempt);
    has_its_turn(&mut session, &mut next);
    assert_eq!(session.cached.reads.flights(), 0);
}

#[test]
fn one_that_is_away_with_a_request_keeps_its_turn_and_sends_it() {
    let mut config = Config::anonymous();
    config.bounds.in_flight = 1;
    let mut session = Session::new(config, [7; 32]);
    let mut leader = Call::new(&Read(1)).unwrap();
    let Step::Send(attempt) = leader.poll(&mut session, NOW) else { panic!("there is room") };
    let mut follower = waiting(&mut session);
    session.excuse(leader.id().unwrap());
    assert_eq!(session.poll_wake(), follower.id());
    waits(&mut session, &mut follower);
    assert_eq!(session.limiter_state().reads.in_flight, 1);
    answer(&mut session, &mut leader, &attempt);
    has_its_turn(&mut session, &mut follower);
}
