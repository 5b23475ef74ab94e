//! The operations of the API, in groups as people look for them.
//!
//! A client has a method for each group, a group has a method for each operation. What an operation can't do without are arguments
//! of that method; what it can do without are methods of the [`Request`](crate::Request) that it returns. A parameter that an
//! operation doesn't take is no method there.
//!
//! ```
//! use tidal_core::api::Albums;
//! use tidal_core::Call;
//!
//! let request = Albums::new().get("251380836").country("NO").include(|album| album.artists().profile_art());
//! assert!(Call::new(&request).is_ok());
//!
//! let refused = Call::new(&Albums::new().get("251380836").country("UK")).err();
//! assert_eq!(refused.map(|e| e.to_string()).as_deref(), Some("country: \"UK\" is not assigned; the United Kingdom is \"GB\""));
//! ```

mod addition;
mod argument;
mod find;
mod generated;
mod include;
mod many;
mod member;
mod op;
mod own_user;
mod parameter;
#[cfg_attr(
    not(feature = "internal"),
    allow(dead_code, reason = "some shapes are those of internal operations alone, by today's document")
)]
mod payload;
mod playlist_items;
mod sort;
mod takes;
#[cfg(test)]
mod tests;
mod tracklist;

pub use addition::{Addition, PlaylistItem};
pub use find::{Find, FoundPages};
pub use generated::*;
pub use include::Include;
pub use sort::Sort;
pub use takes::{Includes, Replaces, TakesCountry, TakesLocale, TakesShareCode};
