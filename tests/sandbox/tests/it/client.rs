//! A plain client: one method for each kind of request, answers as status, headers and JSON.

use std::io::Read;
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tidal_sandbox::{Client, Clock, Flow, Options, Sandbox};
use ureq::http::{HeaderMap, Request, Response};
use ureq::{Agent, Body};

pub(crate) const JSON_API: &str = "application/vnd.api+json";
pub(crate) const REDIRECT: &str = "http://127.0.0.1:8123/callback";
// RFC 7636, appendix B
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A sandbox whose clock stands still.
pub(crate) fn sandbox() -> Sandbox {
    with(|options| options)
}

pub(crate) fn with(change: impl FnOnce(Options) -> Options) -> Sandbox {
    let start = UNIX_EPOCH + Duration::from_secs(1_790_000_000);
    let options = Options::new().clock(Clock::manual(start));
    Sandbox::start(change(options)).unwrap()
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The first error's code.
    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["code"].as_str().unwrap().to_owned()
    }

    /// What the first error blames.
    pub(crate) fn blames(&self) -> String {
        let source = self.json()["errors"][0]["source"].clone();
        let blamed = source.as_object().unwrap().values().next().unwrap();
        blamed.as_str().unwrap().to_owned()
    }
}

/// This is an error in the words of the token endpoint.
pub(crate) fn is_refused(answer: &Answer, error: &str, sub_status: u32) {
    let value = answer.json();
    assert_eq!(value["error"], error, "{value}");
    assert_eq!(value["status"], answer.status);
    assert_eq!(value["sub_status"], sub_status);
    assert!(value["error_description"].is_string());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

pub(crate) fn agent() -> &'static Agent {
    static AGENT: OnceLock<Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build()
            .into()
    })
}

fn read(response: Response<Body>) -> Result<Answer, ureq::Error> {
    let (head, mut body) = response.into_parts();
    let bytes = body.read_to_vec()?;
    let mut text = String::new();
    // Not ureq's own decoder: its feature would be on for all who share it in the workspace, the transport included.
    if head.headers.get("content-encoding").is_some_and(|coding| coding == "gzip") {
        GzDecoder::new(&bytes[..]).read_to_string(&mut text)?;
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    Ok(Answer { status: head.status.as_u16(), headers: head.headers, text })
}

pub(crate) fn run(request: Request<String>) -> Result<Answer, ureq::Error> {
    agent().run(request).and_then(read)
}

pub(crate) fn form(url: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = fields.iter().copied();
    read(agent().post(url).send_form(fields).unwrap()).unwrap()
}

/// One who calls the API with a token.
pub(crate) struct Caller<'a> {
    pub(crate) sandbox: &'a Sandbox,
    pub(crate) token: String,
}

impl Caller<'_> {
    pub(crate) fn try_get(&self, path: &str) -> Result<Answer, ureq::Error> {
        self.request("GET", path, None, None)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.try_get(path).unwrap()
    }

    /// The JSON of a read that goes well.
    pub(crate) fn read(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.request(method, path, Some(body), None).unwrap()
    }

    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<Answer, ureq::Error> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.sandbox.base_url()))
            .header("authorization", format!("Bearer {}", self.token))
            .header("accept", JSON_API);
        if body.is_some() {
            request = request.header("content-type", JSON_API);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        run(request.body(text).unwrap())
    }

    /// Follows the pages to the end; gives the ids and how many pages there were.
    pub(crate) fn pages(&self, path: &str) -> (Vec<String>, usize) {
        let (mut ids, mut count, mut path) = (Vec::new(), 0, path.to_owned());
        loop {
            let page = self.read(&path);
            count += 1;
            assert!(count < 1_000, "no end");
            ids.extend(self::ids(&page["data"]));
            let Some(next) = page["links"]["next"].as_str() else {
                assert!(page["links"].get("meta").is_none());
                return (ids, count);
            };
            let cursor = page["links"]["meta"]["nextCursor"].as_str().unwrap();
            assert!(next.contains(&format!("page%5Bcursor%5D={cursor}")));
            next.clone_into(&mut path);
        }
    }
}

pub(crate) fn ids(data: &Value) -> Vec<String> {
    let all = data.as_array().unwrap().iter();
    all.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// The client itself.
pub(crate) fn client(sandbox: &Sandbox) -> Caller<'_> {
    let answer = form(
        &sandbox.token_url(),
        &[("grant_type", "client_credentials"), ("client_id", sandbox.client_id()), ("client_secret", sandbox.client_secret())],
    );
    Caller { sandbox, token: text(&answer.json(), "access_token") }
}

pub(crate) fn authorize_url(sandbox: &Sandbox, scope: &str) -> String {
    let scope = scope.replace(' ', "+");
    let redirect = REDIRECT.replace(':', "%3A").replace('/', "%2F");
    format!(
        "{}?response_type=code&client_id={}&redirect_uri={redirect}&scope={scope}\
         &code_challenge_method=S256&code_challenge={CHALLENGE}&state=st-1",
        sandbox.authorize_url(),
        sandbox.client_id()
    )
}

/// A client that may use every flow.
pub(crate) fn every_flow() -> Sandbox {
    with(|options| options.clients([Client::new("all", "secret").flows(Flow::ALL)]))
}

/// The value of a parameter in the query of a redirect.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    let (_, query) = url.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| (key == name).then(|| value.to_owned()))
}

pub(crate) fn exchange(sandbox: &Sandbox, code: &str, verifier: &str) -> Answer {
    form(
        &sandbox.token_url(),
        &[
            ("grant_type", "authorization_code"),
            ("client_id", sandbox.client_id()),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", verifier),
        ],
    )
}

pub(crate) fn refresh(sandbox: &Sandbox, token: &str) -> Answer {
    form(&sandbox.token_url(), &[("grant_type", "refresh_token"), ("client_id", sandbox.client_id()), ("refresh_token", token)])
}

/// Signs the first person in.
pub(crate) fn sign_in(sandbox: &Sandbox, scope: &str) -> Value {
    let redirect = sandbox.approve(&authorize_url(sandbox, scope)).unwrap();
    assert_eq!(parameter(&redirect, "state").unwrap(), "st-1");
    let code = parameter(&redirect, "code").unwrap();
    let answer = exchange(sandbox, &code, VERIFIER);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

pub(crate) fn person<'a>(sandbox: &'a Sandbox, scope: &str) -> Caller<'a> {
    let tokens = sign_in(sandbox, scope);
    Caller { sandbox, token: text(&tokens, "access_token") }
}

pub(crate) fn text(value: &Value, name: &str) -> String {
    let found = value[name].as_str();
    found.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

/// A body of identifiers of tracks.
pub(crate) fn tracks(ids: &[String]) -> Value {
    let all = ids.iter().map(|id| json!({ "type": "tracks", "id": id }));
    json!({ "data": all.collect::<Vec<_>>() })
}
