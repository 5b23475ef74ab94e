//! Who may finish a sign-in: the client that began it, by the same flow, at the same authorization server.

use url::Url;

use crate::config::Config;
use crate::error::Invalid;
use crate::flow::Flow;

/// What of an authorization server a pending sign-in keeps in mind: the name of the address, what it is now, and what it was.
pub(super) type Server<'a> = (&'static str, &'a Url, &'a str);

/// Refuses a configuration that didn't begin the sign-in. A code and its verifier are for the server that issued it: another one that was
/// handed them could use them there (mix-up, RFC 9700 §4.4).
#[inline]
pub(super) fn check(config: &Config, client_id: &str, flow: Flow, (address, is, was): Server<'_>) -> Result<(), Invalid> {
    if (config.client_id.as_str(), config.flow) != (client_id, flow) {
        return Err(Invalid::new("configuration", "is not of the client and the flow that began this sign-in"));
    }
    if is.as_str() != was {
        let why = "is not the one with which this sign-in was begun; finish it with that one, or begin a new one";
        return Err(Invalid::new(address, why));
    }
    Ok(())
}
