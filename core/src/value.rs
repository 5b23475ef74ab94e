//! Values: texts, ids, and what is checked before it is sent or parsed after it came.
//!
//! Two directions, two rules. What a program *sends* is checked when it is made ([`Country`], [`Isrc`], [`Barcode`]) or when
//! the request is written ([`Id`]), and refused with an [`Invalid`](crate::Invalid) that says what would be right. What the
//! service *answers* is never refused for its form: a duration, a date or a code keeps the text that came ([`Typed`]) and is
//! parsed by whoever asks for it.

mod barcode;
mod country;
mod duration;
mod id;
mod isrc;
mod json;
mod list;
pub(crate) mod open;
mod patch;
mod text;
mod typed;

pub use barcode::Barcode;
pub use country::Country;
pub use id::{Id, Named};
pub use isrc::Isrc;
pub use json::Json;
pub use list::List;
pub use patch::Patch;
pub(crate) use text::Body;
pub use text::Text;
pub use typed::{FromText, Typed};
