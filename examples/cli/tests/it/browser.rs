//! A browser with a person before it, who signs in and clicks on Allow.

use ureq::http::Response;
use ureq::{Agent, Body};

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into()
}

fn text(response: Response<Body>) -> String {
    assert_eq!(response.status(), 200);
    response.into_body().read_to_string().unwrap()
}

/// The fields that a page's form carries along.
fn hidden(page: &str) -> Vec<(String, String)> {
    let plain = |text: &str| text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    fields
        .map(|field| {
            let (name, rest) = field.split_once("\" value=\"").unwrap();
            (plain(name), plain(rest.split_once('"').unwrap().0))
        })
        .collect()
}

/// Signs in as the person with this id and presses `button`: the address to which the browser is sent.
pub(crate) fn click(authorize_url: &str, user: &str, button: &str) -> String {
    let agent = agent();
    let submit = |page: &str, name: &str, value: &str| {
        let mut fields = hidden(page);
        fields.push((name.to_owned(), value.to_owned()));
        let address = authorize_url.split('?').next().unwrap();
        agent.post(address).send_form(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))).unwrap()
    };
    let who = text(agent.get(authorize_url).call().unwrap());
    let consent = text(submit(&who, "user", user));
    let answer = submit(&consent, "decision", button);
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// Goes to an address, as a browser that is sent there does.
pub(crate) fn visit(address: &str) -> u16 {
    agent().get(address).call().unwrap().status().as_u16()
}
