//! Tests without sockets and without waiting: a scripted transport, and a runtime whose time is virtual.
//!
//! ```
//! use tidal_core::testing::{Script, VirtualRuntime};
//! use tidal_core::{Client, Config, Raw, store::NoStore};
//!
//! let script = Script::new();
//! script.on("POST /v1/oauth2/token").reply(200, r#"{"access_token":"t","expires_in":3600,"token_type":"Bearer"}"#);
//! script.on("GET /v2/albums/17").reply(200, r#"{"data":{"id":"17","type":"albums"}}"#);
//!
//! let runtime = VirtualRuntime::new();
//! let mut config = Config::client_credentials("id", "secret")?;
//! config.store_tokens = false;
//! let client = Client::new(config, [0; 32], script.clone(), NoStore, runtime.clone())?;
//! let answer = runtime.block_on(client.send(&Raw::get("/albums/17"))).unwrap();
//! assert_eq!(answer.how.attempts, 1);
//! assert_eq!(script.requests().len(), 2);
//! # Ok::<_, tidal_core::Invalid>(())
//! ```

mod runtime;
mod script;

pub use runtime::{VirtualRuntime, VirtualSleep};
pub use script::{Gate, Reply, Rule, Script, Scripted, Seen};
