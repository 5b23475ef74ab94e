//! Where things are.

use std::net::SocketAddr;

pub(crate) const API: &str = "/v2";
pub(crate) const AUTHORIZE: &str = "/authorize";
pub(crate) const TOKEN: &str = "/v1/oauth2/token";
pub(crate) const DEVICE: &str = "/v1/oauth2/device_authorization";
pub(crate) const LINK: &str = "/link";
pub(crate) const REVOKE: &str = "/v1/oauth2/revoke";

pub(crate) fn at(address: SocketAddr, path: &str) -> String {
    format!("http://{address}{path}")
}
