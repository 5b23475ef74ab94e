//! The sockets that are listened on, and the connections that came in by them.

use std::collections::VecDeque;
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::connection;
use super::desk::Desk;

/// How long to pause when no connection can be accepted, for instance because the process has no file descriptor left.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a knock at one's own door may take.
const KNOCK: Duration = Duration::from_secs(1);

/// Open sockets with a thread each, which end when this is dropped.
pub(super) struct Doors {
    house: Arc<House>,
    doors: Vec<(SocketAddr, JoinHandle<()>)>,
}

struct House {
    desk: Arc<Desk>,
    closing: AtomicBool,
    guests: Mutex<Guests>,
}

/// The connections that are being served, the oldest first.
#[derive(Default)]
struct Guests {
    last: u64,
    streams: VecDeque<(u64, TcpStream)>,
}

impl Doors {
    pub(super) fn open(sockets: Vec<TcpListener>, desk: &Arc<Desk>) -> io::Result<Self> {
        let house = House { desk: Arc::clone(desk), closing: AtomicBool::new(false), guests: Mutex::default() };
        let mut doors = Self { house: Arc::new(house), doors: Vec::new() };
        for socket in sockets {
            let address = socket.local_addr()?;
            let house = Arc::clone(&doors.house);
            let thread = thread::Builder::new().name("tidal-redirect-accept".to_owned());
            doors.doors.push((address, thread.spawn(move || house.receive(&socket))?));
        }
        Ok(doors)
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.house.closing.store(true, Ordering::SeqCst);
        for (address, thread) in self.doors.drain(..) {
            // std can't interrupt `accept`: a connection of one's own ends it
            if TcpStream::connect_timeout(&address, KNOCK).is_ok() {
                let _ = thread.join();
            }
        }
        for (_, stream) in self.house.guests().streams.drain(..) {
            // what is being written is written to its end
            let _ = stream.shutdown(Shutdown::Read);
        }
    }
}

impl House {
    fn receive(self: &Arc<Self>, socket: &TcpListener) {
        loop {
            let accepted = socket.accept();
            if self.closing.load(Ordering::SeqCst) {
                return;
            }
            match accepted.and_then(|(stream, _)| self.seat(stream)) {
                Ok(()) => {}
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }

    /// Serves a connection on a thread of its own. One too many pushes out the oldest: it has had the most time to say something.
    fn seat(self: &Arc<Self>, stream: TcpStream) -> io::Result<()> {
        let copy = stream.try_clone()?;
        let id = {
            let mut guests = self.guests();
            if guests.streams.len() >= self.desk.limits.connections.max(1)
                && let Some((_, oldest)) = guests.streams.pop_front()
            {
                let _ = oldest.shutdown(Shutdown::Both);
            }
            guests.last += 1;
            let id = guests.last;
            guests.streams.push_back((id, copy));
            id
        };
        let seat = Seat { house: Arc::clone(self), id };
        thread::Builder::new().name("tidal-redirect-serve".to_owned()).spawn(move || {
            // a connection that breaks concerns nobody else
            let _ = connection::serve(stream, &seat.house.desk);
        })?;
        Ok(())
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives the place free when its connection has been served.
struct Seat {
    house: Arc<House>,
    id: u64,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.house.guests().streams.retain(|(id, _)| *id != self.id);
    }
}
