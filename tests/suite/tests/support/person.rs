//! A person before a browser: pages are fetched and their forms sent, over HTTP, as they say.
#![allow(dead_code, reason = "each test uses a part of it")]

use tidal_blocking::ureq::http::{Response, StatusCode};
use tidal_blocking::ureq::{Agent, Body};

/// Signs in as the person who comes first, and allows what is asked for: the address to which the browser is sent.
pub(crate) fn allow(authorize_url: &str) -> String {
    let agent = agent();
    let page = text(agent.get(authorize_url).call().unwrap());
    let consent = text(submit(&agent, authorize_url, &page, &[chosen(&page)]));
    let answer = submit(&agent, authorize_url, &consent, &[("decision".to_owned(), "approve".to_owned())]);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Enters the code that a device shows, signs in and allows it.
pub(crate) fn connect(verification_uri: &str, user_code: &str) {
    let agent = agent();
    let page = text(agent.get(verification_uri).call().unwrap());
    let page = text(submit(&agent, verification_uri, &page, &[("user_code".to_owned(), user_code.to_owned())]));
    let consent = text(submit(&agent, verification_uri, &page, &[chosen(&page)]));
    let done = text(submit(&agent, verification_uri, &consent, &[("decision".to_owned(), "approve".to_owned())]));
    assert!(done.contains("The device is connected"), "{done}");
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).proxy(None).build().into()
}

fn text(response: Response<Body>) -> String {
    let status = response.status();
    let text = response.into_body().read_to_string().unwrap();
    assert_eq!(status, StatusCode::OK, "{text}");
    text
}

/// Sends the page's form, with what it carries along, to where it says.
fn submit(agent: &Agent, address: &str, page: &str, more: &[(String, String)]) -> Response<Body> {
    let action = page.split("<form method=\"post\" action=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut target = tidal_core::url::Url::parse(address).unwrap().join(&plain(action)).unwrap();
    target.set_fragment(None);
    let mut fields: Vec<_> = page.split("<input type=\"hidden\" name=\"").skip(1).map(field).collect();
    fields.extend_from_slice(more);
    agent.post(target.as_str()).send_form(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap()
}

/// `NAME" value="VALUE"`.
fn field(text: &str) -> (String, String) {
    let (name, rest) = text.split_once("\" value=\"").unwrap();
    (plain(name), plain(rest.split('"').next().unwrap()))
}

/// The person whom the page has chosen already.
fn chosen(page: &str) -> (String, String) {
    let before = page.split("\" checked>").next().unwrap();
    ("user".to_owned(), plain(before.rsplit('"').next().unwrap()))
}

fn plain(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
