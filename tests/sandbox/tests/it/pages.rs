//! The pages, clicked through as a browser without scripts does it: forms are read from the page and sent.

use tidal_sandbox::Sandbox;
use ureq::http::Request;

use crate::client::{
    Answer, CHALLENGE, REDIRECT, VERIFIER, authorize_url, every_flow, exchange, form, parameter, run, sandbox, text, with,
};

const SCOPES: &str = "user.read playlists.read";

fn open(url: &str) -> Answer {
    run(Request::get(url).body(String::new()).unwrap()).unwrap()
}

/// The value of an attribute in a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
}

/// Presses the button with this id, after these fields were filled in.
fn press(sandbox: &Sandbox, page: &Answer, button: &str, filled: &[(&str, &str)]) -> Answer {
    let tags = |kind: &str| page.text.split('<').filter(|tag| tag.starts_with(kind)).map(str::to_owned).collect::<Vec<_>>();
    let mut fields = Vec::new();
    for input in tags("input ") {
        let name = attribute(&input, "name").unwrap();
        let value = attribute(&input, "value").unwrap();
        let chosen = match attribute(&input, "type").as_deref() {
            Some("radio") => match filled.iter().find(|(key, _)| *key == name) {
                Some((_, wanted)) => *wanted == value,
                None => input.contains(" checked"),
            },
            _ => true,
        };
        let filled = filled.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        if chosen {
            fields.push((name, filled.unwrap_or(value)));
        }
    }
    let buttons = tags("button ");
    let pressed = buttons.iter().find(|tag| attribute(tag, "id").as_deref() == Some(button));
    let pressed = pressed.unwrap_or_else(|| panic!("no {button} in {}", page.text));
    if let Some(name) = attribute(pressed, "name") {
        fields.push((name, attribute(pressed, "value").unwrap()));
    }
    let action = attribute(&tags("form ")[0], "action").unwrap();
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    form(&format!("http://{}{action}", sandbox.address()), &fields)
}

#[test]
fn a_person_signs_in_and_consents() {
    let sandbox = sandbox();
    let page = open(&authorize_url(&sandbox, SCOPES));
    assert_eq!(page.status, 200);
    let second = sandbox.users()[1].id.to_string();
    let consent = press(&sandbox, &page, "sign-in", &[("user", &second)]);
    assert_eq!(consent.status, 200);
    for expected in ["tomas", "See your playlists", "<code>user.read</code>", "sandbox-client"] {
        assert!(consent.text.contains(expected), "{expected}");
    }
    assert!(!consent.text.contains("playlists.write"));
    let answer = press(&sandbox, &consent, "approve", &[]);
    assert_eq!(answer.status, 303);
    let location = answer.header("location").unwrap();
    assert!(location.starts_with(REDIRECT));
    assert_eq!(parameter(location, "state").unwrap(), "st-1");
    let tokens = exchange(&sandbox, &parameter(location, "code").unwrap(), VERIFIER).json();
    assert_eq!(tokens["user_id"].to_string(), second);
}

#[test]
fn a_person_goes_back_and_says_no() {
    let sandbox = sandbox();
    let url = authorize_url(&sandbox, SCOPES);
    let consent = press(&sandbox, &open(&url), "sign-in", &[]);
    let again = press(&sandbox, &consent, "back", &[]);
    let second = sandbox.users()[1].id.to_string();
    let consent = press(&sandbox, &again, "sign-in", &[("user", &second)]);
    assert!(consent.text.contains("tomas") && !consent.text.contains("linnea"));
    let denied = press(&sandbox, &consent, "deny", &[]);
    assert_eq!((denied.status, denied.header("location").unwrap()), (303, sandbox.deny(&url).unwrap().as_str()));
    assert_eq!(parameter(denied.header("location").unwrap(), "error").unwrap(), "access_denied");
}

#[test]
fn an_address_neither_signs_in_nor_decides() {
    let sandbox = sandbox();
    let user = sandbox.users()[0].id;
    let page = open(&format!("{}&user={user}&decision=approve", authorize_url(&sandbox, SCOPES)));
    assert_eq!(page.status, 200);
    assert!(page.text.contains("id=\"sign-in\""));
    assert!(!page.text.contains("name=\"decision\""));
}

#[test]
fn forms_that_were_tampered_with_are_refused() {
    let sandbox = sandbox();
    let user = sandbox.users()[0].id.to_string();
    let send = |scope: &str, more: &[(&str, &str)]| {
        let fields = [
            ("response_type", "code"),
            ("client_id", sandbox.client_id()),
            ("redirect_uri", REDIRECT),
            ("scope", scope),
            ("code_challenge_method", "S256"),
            ("code_challenge", CHALLENGE),
            ("state", "st-1"),
        ];
        form(&sandbox.authorize_url(), &[&fields, more].concat())
    };
    for more in [[("user", "1"), ("decision", "approve")], [("user", &user), ("decision", "perhaps")]] {
        let answer = send(SCOPES, &more);
        assert_eq!((answer.status, answer.header("location")), (400, None));
    }
    assert_eq!(send(SCOPES, &[("decision", "approve")]).status, 400);
    let answer = send("r_usr", &[("user", &user), ("decision", "approve")]);
    assert_eq!(answer.status, 303);
    assert_eq!(parameter(answer.header("location").unwrap(), "error").unwrap(), "invalid_scope");
}

#[test]
fn a_person_connects_a_device() {
    let sandbox = every_flow();
    let begin = || form(&sandbox.device_url(), &[("client_id", "all"), ("scope", SCOPES)]).json();
    let codes = begin();
    // as typed; then as the complete address fills it in
    let page = open(codes["verificationUri"].as_str().unwrap());
    let typed = text(&codes, "userCode").to_lowercase();
    let sign_in = press(&sandbox, &page, "continue", &[("user_code", &typed)]);
    let consent = press(&sandbox, &sign_in, "sign-in", &[]);
    assert!(consent.text.contains("See your playlists"));
    let back = press(&sandbox, &consent, "back", &[]);
    let consent = press(&sandbox, &back, "sign-in", &[]);
    let done = press(&sandbox, &consent, "approve", &[]);
    assert_eq!(done.status, 200);
    assert!(done.text.contains("The device is connected"));
    let poll = |codes: &serde_json::Value| {
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        let device = text(codes, "deviceCode");
        form(&sandbox.token_url(), &[("grant_type", grant), ("client_id", "all"), ("device_code", &device)])
    };
    assert_eq!(poll(&codes).json()["user_id"], sandbox.users()[0].id);
    // the form, sent once more
    let again = press(&sandbox, &consent, "approve", &[]);
    assert_eq!(again.status, 400);
    assert!(again.text.contains("role=\"alert\""));

    let codes = begin();
    let page = open(codes["verificationUriComplete"].as_str().unwrap());
    assert!(page.text.contains(&text(&codes, "userCode")));
    let sign_in = press(&sandbox, &page, "continue", &[]);
    let consent = press(&sandbox, &sign_in, "sign-in", &[]);
    assert!(press(&sandbox, &consent, "deny", &[]).text.contains("The device was refused"));
    assert_eq!(poll(&codes).json()["error"], "access_denied");
}

#[test]
fn a_wrong_code_is_asked_for_again() {
    let sandbox = every_flow();
    let page = open(&format!("http://{}/link?user_code=%22%3E%3Cscript%3E", sandbox.address()));
    assert_eq!(page.status, 200);
    assert!(!page.text.contains("<script"));
    let again = press(&sandbox, &page, "continue", &[("user_code", "BCDF-GHJK")]);
    assert_eq!(again.status, 400);
    for expected in ["role=\"alert\"", "value=\"BCDF-GHJK\"", "aria-invalid"] {
        assert!(again.text.contains(expected), "{expected}");
    }
}

#[test]
fn pages_load_nothing_and_lead_nowhere_else() {
    let sandbox = with(|options| options);
    let page = open(&authorize_url(&sandbox, SCOPES));
    let policy = page.header("content-security-policy").unwrap();
    for expected in [
        "default-src 'none'",
        "style-src 'sha256-",
        "form-action 'self' http://127.0.0.1:8123;",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(expected), "{expected} in {policy}");
    }
    assert!(!policy.contains("unsafe"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let elsewhere = open(&format!("http://{}/link", sandbox.address()));
    assert!(elsewhere.header("content-security-policy").unwrap().contains("form-action 'self' ;"));
}
