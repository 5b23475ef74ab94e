//! `tidal login`.

use std::io::{self, BufRead as _, Write as _};
use std::time::Duration;

use tidal_blocking::SystemClock;
use tidal_core::session::Event;
use tidal_core::{AccountKey, Config, Flow, Scopes};
use tidal_redirect::{Listener, Paste, open_or_show, show};
use tidal_sandbox::Sandbox;

use crate::account::{application, scopes};
use crate::arguments::Arguments;
use crate::output::print;
use crate::place::{Client, Keeper, Place};
use crate::trouble::{Outcome, Trouble, failed, usage};

/// How long a person has to sign in.
const PATIENCE: Duration = Duration::from_secs(600);

/// What it takes beside the account.
pub(crate) const OPTIONS: [&str; 8] =
    ["scopes", "redirect-uri", "paste", "loopback", "open-browser", "no-browser", "keep-secret", "sandbox"];

pub(crate) fn login(arguments: &Arguments) -> Outcome {
    for (one, other) in [("paste", "loopback"), ("open-browser", "no-browser")] {
        if arguments.has(one) && arguments.has(other) {
            return usage(format!("--{one} and --{other} exclude each other"));
        }
    }
    let place = Place::open(arguments)?;
    let (config, listener) = prepare(arguments, &place)?;
    let client = tidal_blocking::client(config, Keeper::clone(&place.store))?;
    let key = sign_in(arguments, &place, &client, listener)?;
    client.drain();
    while let Some(event) = client.try_event() {
        if let Event::SaveFailed(_, failure) | Event::StoreFailed(failure) = event {
            return failed(format!("signed in, but the account could not be kept: {failure}"));
        }
    }
    let kept = place.store.list()?.into_iter().find(|record| record.key == key);
    let Some(record) = kept else {
        return failed(format!("signed in, but the account is not in {}; sign in again", place.accounts));
    };
    print(format!("Signed in {}.\n{}Kept in {}.\n", whom(&key), scopes(&record), place.accounts).as_bytes())?;
    if place.sandbox.is_some() {
        eprintln!("The local TIDAL ends with this command, and the account with it.");
    }
    Ok(())
}

fn whom(key: &AccountKey) -> String {
    let client = format!("with {} and the client {}", key.flow, key.client_id);
    match &key.user {
        Some(user) => format!("as {user}, {client}"),
        None if key.flow.has_person() => format!("as somebody whom the service does not name, {client}"),
        None => format!("as {}, {client}", application(key)),
    }
}

fn prepare(arguments: &Arguments, place: &Place) -> Outcome<(Config, Option<Listener>)> {
    let flow = arguments.flow.unwrap_or(Flow::Pkce);
    let mut config = place.config(flow)?;
    config.keep_client_secret = arguments.has("keep-secret");
    match (flow.has_person(), &arguments.scopes) {
        (true, given) => {
            let parts = given.as_deref().unwrap_or_default().split([' ', ',']).filter(|part| !part.is_empty());
            config.scopes = Scopes::resolve(parts)?;
        }
        (false, Some(_)) => return usage(format!("{flow} has no scopes; leave --scopes out")),
        (false, None) => {}
    }
    match flow {
        Flow::None => return usage("the flow none signs nobody in; choose another"),
        Flow::ClientCredentials if arguments.user.is_some() => {
            return usage("client credentials sign in the application, and no user; leave --user out");
        }
        _ => {}
    }
    let brings_code = matches!(flow, Flow::Pkce | Flow::AuthorizationCode);
    if arguments.has("loopback") && !brings_code {
        return usage(format!("{flow} brings no code to listen for; leave --loopback out"));
    }
    let listens = brings_code && !arguments.has("paste") && place.sandbox.is_none();
    let uri = config.redirect_uri.as_deref().filter(|_| listens);
    let listener = uri.map(Listener::bind).transpose().map_err(|error| {
        let way = "--paste takes the address by hand, --redirect-uri names another";
        Trouble::Failed(format!("the browser can't come back by itself: {error}; {way}"))
    })?;
    if let Some(listener) = &listener {
        config.redirect_uri = Some(listener.redirect_uri().to_owned());
    }
    Ok((config, listener))
}

fn sign_in(arguments: &Arguments, place: &Place, client: &Client, listener: Option<Listener>) -> Outcome<AccountKey> {
    if place.sandbox.is_some() && client.config().flow.has_person() {
        return locally(place, client);
    }
    let opens = !arguments.has("no-browser");
    let invite = |url: &str| if opens { open_or_show(url, io::stderr()) } else { show(url, io::stderr()) };
    match client.config().flow {
        Flow::Pkce | Flow::AuthorizationCode => {
            let pending = client.begin_sign_in()?;
            let code = match listener {
                Some(mut listener) => {
                    invite(pending.authorize_url()).map_err(unwritten)?;
                    listener.wait(pending, PATIENCE, &SystemClock)
                }
                None => Paste::new(io::stdin().lock(), io::stderr()).opening_browser(opens).ask(pending, &SystemClock),
            };
            let code = code.map_err(|unfinished| Trouble::Failed(unfinished.to_string()))?;
            Ok(client.finish_sign_in(code)?)
        }
        Flow::Implicit => {
            let pending = client.begin_implicit_sign_in()?;
            invite(pending.authorize_url()).map_err(unwritten)?;
            let address = ask("Paste the address to which the browser is sent, and press Enter: ")?;
            let token = pending.redirected(&address, client.now()).map_err(tidal_core::Error::from)?;
            Ok(client.finish_implicit_sign_in(token)?)
        }
        Flow::Device => {
            let pending = client.begin_device_sign_in()?;
            let (address, code) = (pending.verification_uri(), pending.user_code());
            let mut output = io::stderr().lock();
            writeln!(output, "On any device, open {address} and enter the code {code}").map_err(unwritten)?;
            Ok(client.finish_device_sign_in(pending)?)
        }
        _ => {
            client.authenticate()?;
            match client.account() {
                Some(key) => Ok(key),
                None => failed("signed in, but to no account"),
            }
        }
    }
}

/// Has the first person of the local TIDAL sign in.
pub(crate) fn locally(place: &Place, client: &Client) -> Outcome<AccountKey> {
    let Some(sandbox) = &place.sandbox else { return failed("there is no local TIDAL") };
    let approve = |url: &str| Sandbox::approve(sandbox, url).map_err(|error| Trouble::Failed(error.to_string()));
    match client.config().flow {
        Flow::Device => {
            let pending = client.begin_device_sign_in()?;
            let approved = sandbox.control().approve_device(pending.user_code());
            approved.map_err(|error| Trouble::Failed(error.to_string()))?;
            Ok(client.finish_device_sign_in(pending)?)
        }
        Flow::Implicit => {
            let pending = client.begin_implicit_sign_in()?;
            let address = approve(pending.authorize_url())?;
            let token = pending.redirected(&address, client.now()).map_err(tidal_core::Error::from)?;
            Ok(client.finish_implicit_sign_in(token)?)
        }
        _ => {
            let pending = client.begin_sign_in()?;
            let address = approve(pending.authorize_url())?;
            let code = pending.redirected(&address, client.now()).map_err(tidal_core::Error::from)?;
            Ok(client.finish_sign_in(code)?)
        }
    }
}

fn ask(what: &str) -> Outcome<String> {
    let mut output = io::stderr().lock();
    output.write_all(what.as_bytes()).and_then(|()| output.flush()).map_err(unwritten)?;
    let mut line = String::new();
    match io::stdin().lock().read_line(&mut line) {
        Ok(0) => failed("the input ended before an address was pasted"),
        Ok(_) => Ok(line),
        Err(error) => failed(format!("standard input can't be read: {error}")),
    }
}

fn unwritten(error: io::Error) -> Trouble {
    Trouble::Failed(format!("standard error can't be written: {error}"))
}
