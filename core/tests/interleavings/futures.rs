//! The asynchronous client: futures on threads of their own, and so are its drivers, the store's jobs and the answers.

use std::time::Duration;

use shuttle::rand::{Rng, thread_rng};
use tidal_core::testing::Script;
use tidal_core::{Client, Config, Error, ErrorKind, Raw};

use crate::world::{Hands, TOKEN, World, rounds};

type TestClient = Client<World, World, Hands>;

fn client(world: &World, config: Config) -> TestClient {
    Client::new(config, [7; 32], world.clone(), world.clone(), world.clock.clone()).unwrap()
}

/// Reads an album; nothing comes of it if the call is dropped when it was polled so often.
fn read(client: &TestClient, clock: &Hands, album: usize, polls: usize) -> Option<Result<(), Error>> {
    let path = format!("/albums/{album}");
    let outcome = clock.poll(client.send(&Raw::get(path.clone())), polls)?;
    Some(outcome.map(|answer| assert_eq!(answer.body, format!(r#"{{"path":"/v2{path}"}}"#))))
}

fn at_rest(client: &TestClient, clock: &Hands) {
    let limits = client.limiter_state();
    assert_eq!((limits.reads.waiting, limits.reads.in_flight), (0, 0));
    assert_eq!(clock.kept_wakers(), 0);
}

#[test]
fn calls_on_one_expired_token_make_one_refresh_and_one_is_dropped() {
    let round = || {
        let world = World::expired();
        let mut config = World::config();
        // So that they also wait for one another's turn.
        config.bounds.in_flight = 2;
        let client = client(&world, config);
        let calls: Vec<_> = (0..4)
            .map(|number| {
                let (client, clock) = (client.clone(), world.clock.clone());
                let polls = if number == 0 { thread_rng().gen_range(0..5) } else { usize::MAX };
                // Two of them read the same.
                world.clock.spawn(move || read(&client, &clock, number / 2, polls))
            })
            .collect();
        for (number, call) in calls.into_iter().enumerate() {
            match call.join().unwrap() {
                Some(outcome) => outcome.unwrap(),
                None => assert_eq!(number, 0),
            }
        }
        world.clock.block_on(client.drain());
        assert_eq!(world.script.count(TOKEN), 1);
        assert_eq!(world.stored().as_deref(), Some("refresh-2"));
        at_rest(&client, &world.clock);
    };
    shuttle::check_random(round, rounds());
}

#[test]
fn a_sign_out_among_them_ends_every_call() {
    let round = || {
        let world = World::expired();
        let client = client(&world, World::config());
        let calls: Vec<_> = (0..3)
            .map(|number| {
                let (client, clock) = (client.clone(), world.clock.clone());
                world.clock.spawn(move || read(&client, &clock, number, usize::MAX).unwrap())
            })
            .collect();
        world.clock.block_on(client.sign_out()).unwrap();
        for call in calls {
            if let Err(error) = call.join().unwrap() {
                assert!(matches!(error.kind(), ErrorKind::SignedOut | ErrorKind::SignInRequired), "{error}");
            }
        }
        world.clock.block_on(client.drain());
        assert!(world.script.count(TOKEN) <= 1);
        assert_eq!(world.stored(), None);
        at_rest(&client, &world.clock);
    };
    shuttle::check_random(round, rounds());
}

#[test]
fn a_close_and_an_open_among_them_end_every_call() {
    let round = || {
        let world = World::expired();
        let client = client(&world, World::config());
        let calls: Vec<_> = (0..3)
            .map(|number| {
                let (client, clock) = (client.clone(), world.clock.clone());
                world.clock.spawn(move || read(&client, &clock, number, usize::MAX).unwrap())
            })
            .collect();
        client.close();
        client.open();
        for call in calls {
            if let Err(error) = call.join().unwrap() {
                assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
            }
        }
        read(&client, &world.clock, 9, usize::MAX).unwrap().unwrap();
        world.clock.block_on(client.drain());
        assert_eq!(world.script.count(TOKEN), 1);
        at_rest(&client, &world.clock);
    };
    shuttle::check_random(round, rounds());
}

#[test]
fn a_driver_that_is_dropped_leaves_no_call_behind() {
    let round = || {
        let script = Script::new();
        // After it, the renewal pauses.
        script.on(TOKEN).reply(503, "");
        let world = World::expired_on(script);
        *world.clock.driver_polls.lock().unwrap() = Some(thread_rng().gen_range(1..12));
        let client = client(&world, World::config());
        let calls: Vec<_> = (0..3)
            .map(|number| {
                let (client, clock) = (client.clone(), world.clock.clone());
                world.clock.spawn(move || {
                    while let Err(error) = read(&client, &clock, number, usize::MAX).unwrap() {
                        // The answer of 503, or a job that was lost with its driver.
                        assert!(matches!(error.kind(), ErrorKind::TokenUnavailable | ErrorKind::Store), "{error}");
                    }
                })
            })
            .collect();
        world.clock.run();
        calls.into_iter().for_each(|call| call.join().unwrap());
        // What was lost is tried again after a pause; a call that nobody minds ends after two minutes.
        assert!(world.clock.elapsed() < Duration::from_secs(60), "{:?}", world.clock.elapsed());
        at_rest(&client, &world.clock);
    };
    shuttle::check_random(round, rounds());
}

#[test]
fn a_sign_out_during_a_slow_renewal_takes_no_time() {
    let round = || {
        let world = World::expired();
        world.hangs.lock().unwrap().token = Duration::from_secs(9);
        let client = client(&world, World::config());
        let out = {
            let (client, clock) = (client.clone(), world.clock.clone());
            world.clock.spawn(move || {
                let outcome = read(&client, &clock, 1, usize::MAX).unwrap();
                (outcome.map_err(|error| error.kind()), clock.elapsed())
            })
        };
        // Some of the rounds get as far as the renewal before they sign out.
        while thread_rng().gen_bool(0.98) {
            shuttle::thread::yield_now();
        }
        let (signing_out, clock) = (client.clone(), world.clock.clone());
        let done = world.clock.spawn(move || {
            clock.block_on(signing_out.sign_out()).unwrap();
            clock.elapsed()
        });
        world.clock.run();
        let (outcome, ended) = out.join().unwrap();
        assert!(matches!(outcome, Err(ErrorKind::SignedOut | ErrorKind::SignInRequired)), "{outcome:?}");
        assert_eq!((ended, done.join().unwrap()), (Duration::ZERO, Duration::ZERO));
        assert_eq!(world.stored(), None);
        at_rest(&client, &world.clock);
    };
    shuttle::check_random(round, rounds());
}
