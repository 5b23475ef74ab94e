//! The blocking client: threads on one expired token.

use std::time::Duration;

use shuttle::thread;
use tidal_core::blocking::Client;
use tidal_core::testing::{Reply, Script};
use tidal_core::{Config, Error, ErrorKind, Raw};

use crate::world::{Hands, Hangs, TOKEN, World, rounds};

type TestClient = Client<World, World, Hands>;

fn client(world: &World, config: Config) -> TestClient {
    Client::new(config, [7; 32], world.clone(), world.clone(), world.clock.clone()).unwrap()
}

fn read(client: &TestClient, album: usize) -> Result<(), Error> {
    let path = format!("/albums/{album}");
    let answer = client.send(&Raw::get(path.clone()))?;
    assert_eq!(answer.body, format!(r#"{{"path":"/v2{path}"}}"#));
    Ok(())
}

/// One that is the same for all who call it, so that they share a request.
fn read_the_same(client: &TestClient, _: usize) -> Result<(), Error> {
    let answer = client.albums().get("9").send()?;
    assert_eq!(answer.data.id.as_str(), "9");
    Ok(())
}

type Read = fn(&TestClient, usize) -> Result<(), Error>;

fn at_rest(client: &TestClient) {
    let limits = client.limiter_state();
    assert_eq!((limits.reads.waiting, limits.reads.in_flight), (0, 0));
}

#[test]
fn threads_on_one_expired_token_make_one_refresh() {
    let round = || {
        let world = World::expired();
        let mut config = World::config();
        // So that they also wait for one another's turn.
        config.bounds.in_flight = 2;
        let client = client(&world, config);
        let calls: Vec<_> = (0..4)
            .map(|number| {
                let client = client.clone();
                // Two of them read the same.
                thread::spawn(move || read(&client, number / 2))
            })
            .collect();
        calls.into_iter().for_each(|call| call.join().unwrap().unwrap());
        assert_eq!(world.script.count(TOKEN), 1);
        assert_eq!(world.stored().as_deref(), Some("refresh-2"));
        at_rest(&client);
    };
    shuttle::check_random(round, rounds());
}

#[test]
fn a_thread_that_signs_out_among_them_ends_every_call() {
    let round = || {
        let world = World::expired();
        let client = client(&world, World::config());
        let calls: Vec<_> = (0..3)
            .map(|number| {
                let client = client.clone();
                thread::spawn(move || read(&client, number))
            })
            .collect();
        client.sign_out().unwrap();
        for call in calls {
            if let Err(error) = call.join().unwrap() {
                assert!(matches!(error.kind(), ErrorKind::SignedOut | ErrorKind::SignInRequired), "{error}");
            }
        }
        assert!(world.script.count(TOKEN) <= 1);
        assert_eq!(world.stored(), None);
        at_rest(&client);
    };
    shuttle::check_random(round, rounds());
}

#[test]
fn a_thread_that_closes_and_opens_among_them_ends_every_call() {
    let round = || {
        let world = World::expired();
        let client = client(&world, World::config());
        let calls: Vec<_> = (0..3)
            .map(|number| {
                let client = client.clone();
                thread::spawn(move || read(&client, number))
            })
            .collect();
        client.close();
        client.open();
        for call in calls {
            if let Err(error) = call.join().unwrap() {
                assert_eq!(error.kind(), ErrorKind::Closed, "{error}");
            }
        }
        read(&client, 9).unwrap();
        assert_eq!(world.script.count(TOKEN), 1);
        assert_eq!(world.stored().as_deref(), Some("refresh-2"));
        at_rest(&client);
    };
    shuttle::check_random(round, rounds());
}

type Bound = fn(&Config) -> Duration;

/// Where the store is asked again after its bound, `pause` comes before that.
fn threads_get_past_one_that_hangs(read: Read, hang: fn(&mut Hangs) -> &mut Duration, bound: Bound, pause: Duration) {
    let round = move || {
        let script = Script::new();
        script.on("GET /v2/albums/9").always(Reply::answer(200, r#"{"data":{"id":"9","type":"albums"}}"#));
        let world = World::expired_on(script);
        *hang(&mut world.hangs.lock().unwrap()) = Duration::from_secs(60);
        let client = client(&world, World::config());
        let calls: Vec<_> = (0..3)
            .map(|number| {
                let (client, clock) = (client.clone(), world.clock.clone());
                world.clock.spawn(move || {
                    read(&client, number).unwrap();
                    clock.elapsed()
                })
            })
            .collect();
        world.clock.run();
        let mut ended: Vec<_> = calls.into_iter().map(|call| call.join().unwrap()).collect();
        ended.sort();
        let bound = bound(&client.config());
        assert!(ended[..2].iter().all(|end| (bound..=bound + pause).contains(end)), "{ended:?}");
        assert_eq!(ended[2], Duration::from_secs(60));
        assert_eq!(world.script.count(TOKEN), 1);
        at_rest(&client);
    };
    shuttle::check_random(round, rounds());
}

#[test]
fn threads_get_past_one_that_hangs_at_the_lease_in_the_time_of_its_bound() {
    threads_get_past_one_that_hangs(read, |hangs| &mut hangs.acquire, |config| config.bounds.store, Duration::from_millis(100));
}

#[test]
fn threads_that_read_the_same_get_past_one_that_hangs_in_the_time_of_its_bound() {
    let (lease, store): (fn(&mut Hangs) -> &mut Duration, Bound) = (|hangs| &mut hangs.acquire, |config| config.bounds.store);
    threads_get_past_one_that_hangs(read_the_same, lease, store, Duration::from_millis(100));
    threads_get_past_one_that_hangs(read_the_same, |hangs| &mut hangs.save, store, Duration::ZERO);
    threads_get_past_one_that_hangs(read_the_same, |hangs| &mut hangs.release, |_| Duration::ZERO, Duration::ZERO);
}

#[test]
fn threads_get_past_one_that_hangs_at_the_save_in_the_time_of_its_bound() {
    threads_get_past_one_that_hangs(read, |hangs| &mut hangs.save, |config| config.bounds.store, Duration::ZERO);
}

#[test]
fn calls_that_time_out_do_so_at_their_time_and_leave_the_refresh_alone() {
    let round = || {
        let world = World::expired();
        let slow = Duration::from_secs(9);
        world.hangs.lock().unwrap().token = slow;
        let mut config = World::config();
        config.bounds.call = Duration::from_secs(3);
        let client = client(&world, config);
        let calls: Vec<_> = (0..3)
            .map(|number| {
                let (client, clock) = (client.clone(), world.clock.clone());
                world.clock.spawn(move || {
                    assert_eq!(read(&client, number).unwrap_err().kind(), ErrorKind::Timeout);
                    clock.elapsed()
                })
            })
            .collect();
        world.clock.run();
        let mut ended: Vec<_> = calls.into_iter().map(|call| call.join().unwrap()).collect();
        ended.sort();
        // The last is the thread that carries the request to the token endpoint.
        assert_eq!(ended, [Duration::from_secs(3), Duration::from_secs(3), slow]);
        read(&client, 9).unwrap();
        assert_eq!(world.script.count(TOKEN), 1);
        assert_eq!(world.stored().as_deref(), Some("refresh-2"));
        at_rest(&client);
    };
    shuttle::check_random(round, rounds());
}
