//! A headless Chromium, driven through chromedriver by WebDriver's plain HTTP.
//!
//! Nothing here waits by a timer of its own: the driver itself looks again until an element is there, for [`PATIENCE`] at most.

use std::env;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tidal_blocking::ureq::Agent;

/// How long an element may take to appear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One browser at a time: several at once are slow on a small machine, and nothing is learned from them.
static TURN: Mutex<()> = Mutex::new(());

const FLAGS: &[&str] = &[
    "--headless",
    // a sandboxed browser does not start as root, nor in most containers
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser with an empty profile. It ends when it is dropped.
pub(crate) struct Browser {
    driver: Child,
    _profile: TempDir,
    agent: Agent,
    session: String,
    _turn: MutexGuard<'static, ()>,
}

impl Browser {
    /// Starts one; `None`, with a word about it, where none is installed.
    pub(crate) fn start(test: &str) -> Option<Self> {
        let (Some(chromium), Some(chromedriver)) = (installed("chromium"), installed("chromedriver")) else {
            println!("skipped: browser ({test}), since chromium or chromedriver is not installed");
            return None;
        };
        // A test that failed says nothing about the next one.
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let mut driver = Command::new(chromedriver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(driver.stdout.take().unwrap());
        let base = format!("http://127.0.0.1:{}", port(output));
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE * 2)).proxy(None);
        let agent: Agent = config.build().into();
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Self { driver, _profile: profile, agent, session: base, _turn: turn };
        browser.begin(&chromium);
        Some(browser)
    }

    fn begin(&mut self, chromium: &std::path::Path) {
        let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        flags.push(format!("--user-data-dir={}", self._profile.path().display()));
        let wanted = json!({
            "goog:chromeOptions": { "binary": chromium, "args": flags },
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "implicit": PATIENCE.as_millis() as u64, "pageLoad": PATIENCE.as_millis() as u64 },
        });
        let session = self.ask("/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        self.session = format!("{}/session/{}", self.session, session["sessionId"].as_str().unwrap());
    }

    /// Goes to an address, and waits until it is loaded.
    pub(crate) fn go(&self, url: &str) {
        self.ask("/url", &json!({ "url": url }));
    }

    /// Clicks what this CSS selector finds.
    pub(crate) fn click(&self, selector: &str) {
        let element = self.find("css selector", selector);
        self.ask(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into what this CSS selector finds.
    pub(crate) fn write(&self, selector: &str, text: &str) {
        let element = self.find("css selector", selector);
        self.ask(&format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Waits for a page with this heading, and gives its text.
    pub(crate) fn arrive(&self, heading: &str) -> String {
        self.find("xpath", &format!("//h1[text()=\"{heading}\"]"));
        let main = self.find("css selector", "main");
        self.read(&format!("/element/{main}/text")).as_str().unwrap().to_owned()
    }

    /// A computed style of what this CSS selector finds.
    pub(crate) fn style(&self, selector: &str, property: &str) -> String {
        let element = self.find("css selector", selector);
        self.read(&format!("/element/{element}/css/{property}")).as_str().unwrap().to_owned()
    }

    /// Where the browser is.
    pub(crate) fn address(&self) -> String {
        self.read("/url").as_str().unwrap().to_owned()
    }

    /// What the browser complained of, beside the status of pages.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.ask("/se/log", &json!({ "type": "browser" }));
        let messages = log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned());
        messages.filter(|message| !message.contains("Failed to load resource")).collect()
    }

    fn find(&self, by: &str, what: &str) -> String {
        let found = self.ask("/element", &json!({ "using": by, "value": what }));
        let id = found.as_object().unwrap().values().next().unwrap();
        id.as_str().unwrap().to_owned()
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let mut answer = self.agent.post(url).content_type("application/json").send(body.to_string()).unwrap();
        value(path, &answer.body_mut().read_to_string().unwrap())
    }

    fn read(&self, path: &str) -> Value {
        let mut answer = self.agent.get(format!("{}{path}", self.session)).call().unwrap();
        value(path, &answer.body_mut().read_to_string().unwrap())
    }
}

fn value(path: &str, text: &str) -> Value {
    let mut answer: Value = serde_json::from_str(text).unwrap();
    let value = answer["value"].take();
    assert!(value.get("error").is_none(), "{path}: {}: {}", value["error"], value["message"]);
    value
}

/// A program on the search path.
fn installed(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// The port that the driver took, from the line in which it says so. What it says is read to its end: a closed pipe would end it.
fn port(output: BufReader<ChildStdout>) -> u16 {
    let (sender, told) = mpsc::channel();
    thread::spawn(move || {
        for line in output.lines().map_while(Result::ok) {
            if let Some((_, port)) = line.split_once("successfully on port ") {
                let _ = sender.send(port.trim_end_matches('.').parse().unwrap());
            }
        }
    });
    told.recv_timeout(PATIENCE).expect("chromedriver says on which port it listens")
}

impl Drop for Browser {
    fn drop(&mut self) {
        // ends the browser; the driver alone would leave it behind
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
