//! What a configuration does.

use std::time::Duration;

use tidal_core::config::{AUTH_URL, BASE_URL, DEVICE_AUTH_URL, TOKEN_URL, Tokens};
use tidal_core::jiff::Timestamp;
use tidal_core::testing::{Reply, Script};
use tidal_core::url::Url;
use tidal_core::{Config, ErrorKind, Event, Flow, Raw, Session, Unix, blocking};

use crate::accounts::{carried, keep, sign_in, stage};
use crate::running::VirtualClock;
use crate::stage::{ALBUM, FlakyStore, Stage, TOKEN, pkce, token};

fn query(url: &str, name: &str) -> Option<String> {
    Url::parse(url).unwrap().query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn with_user(user: &str) -> Config {
    let mut config = pkce();
    config.user = Some(user.to_owned());
    config
}

pub(crate) fn each_flow_says_what_it_lacks() {
    let back = "http://localhost:8080/callback";
    let whole = [
        Config::anonymous(),
        Config::client_credentials("id", "secret").unwrap(),
        Config::authorization_code("id", "secret", back).unwrap(),
        Config::pkce("id", back).unwrap(),
        Config::device("id").unwrap(),
        Config::implicit("id", back).unwrap(),
    ];
    let flows = whole.map(|config| config.check().map(|()| config.flow).unwrap());
    for flow in flows {
        let mut bare = Config::new(flow);
        if flow == Flow::None {
            continue;
        }
        assert!(bare.check().unwrap_err().to_string().contains("TIDAL_API_CLIENT_ID"), "{flow}");
        bare.client_id = "id".into();
        let needs_secret = matches!(flow, Flow::ClientCredentials | Flow::AuthorizationCode);
        let lacks = bare.check().err().map(|error| error.what().to_owned());
        assert_eq!(lacks.as_deref(), needs_secret.then_some("client secret"), "{flow}");
    }
    let mut distinct = flows.to_vec();
    distinct.dedup();
    assert_eq!(distinct.len(), 6);
}

const WITHOUT_NEED: [Flow; 3] = [Flow::Pkce, Flow::Device, Flow::Implicit];
const IN_NEED: [Flow; 2] = [Flow::ClientCredentials, Flow::AuthorizationCode];

fn of(flow: Flow, client_id: &str) -> Config {
    let mut config = Config::new(flow);
    config.client_id = client_id.to_owned();
    config
}

fn secret(config: &Config) -> Option<String> {
    config.client_secret.as_ref().map(|secret| secret.expose().to_owned())
}

pub(crate) fn a_stored_secret_is_taken_for_an_id_that_is_given() {
    for flow in WITHOUT_NEED.into_iter().chain(IN_NEED) {
        let store = FlakyStore::default();
        let user = flow.has_person().then_some("anna");
        keep(&store, "the-client", flow, user, 1, "");
        let other_flow = if flow == Flow::Device { Flow::Pkce } else { Flow::Device };
        keep(&store, "of-another-flow", other_flow, Some("bert"), 2, "");
        let filled = |mut config: Config| {
            config.fill(|_| None, &store).unwrap();
            secret(&config)
        };
        assert_eq!(filled(of(flow, "the-client")).as_deref(), Some("stored-secret"), "{flow}");
        assert_eq!(filled(of(flow, "another-client")), None, "{flow}");
        assert_eq!(filled(of(flow, "of-another-flow")), None, "{flow}");
        let mut given = of(flow, "the-client");
        given.client_secret = Some("given".into());
        assert_eq!(filled(given).as_deref(), Some("given"), "{flow}");
        let mut unlooked = of(flow, "the-client");
        unlooked.store_tokens = false;
        assert_eq!(filled(unlooked), None, "{flow}");
        // At a change of flow too.
        let application = || Config::client_credentials("id", "s").unwrap();
        let to = of(flow, "the-client");
        let stage = stage(application(), &store);
        stage.block_on(stage.client.reconfigure(to.clone())).unwrap();
        assert_eq!(secret(&stage.client.config()).as_deref(), Some("stored-secret"), "{flow}");
        let client = blocking::Client::new(application(), [7; 32], Script::new(), store.clone(), VirtualClock).unwrap();
        client.reconfigure(to).unwrap();
        assert_eq!(secret(&client.config()).as_deref(), Some("stored-secret"), "{flow}");
    }
}

pub(crate) fn a_store_that_fails_is_no_error_where_no_secret_is_needed() {
    let store = FlakyStore::default();
    store.fail_from_now_on(&["list"]);
    let told = |event: Option<Event>| matches!(event, Some(Event::StoreFailed(why)) if why.message().contains("on purpose"));
    for flow in WITHOUT_NEED {
        let mut config = of(flow, "the-client");
        config.fill(|_| None, &store).unwrap();
        assert_eq!((config.client_id.as_str(), secret(&config)), ("the-client", None), "{flow}");
        // It may be all that the store ever says of it.
        let blocking = || blocking::Client::new(config.clone(), [7; 32], Script::new(), store.clone(), VirtualClock).unwrap();
        let (stage, client) = (stage(config.clone(), &store), blocking());
        assert!(told(stage.client.try_event()) && told(client.try_event()), "{flow}");
        assert!(told(Session::new(config.clone(), [7; 32]).poll_event()), "{flow}: a session without a client");
        stage.block_on(stage.client.reconfigure(of(flow, "the-client"))).unwrap();
        client.reconfigure(of(flow, "the-client")).unwrap();
        assert!(told(stage.client.try_event()) && told(client.try_event()), "{flow}");
        assert!(stage.client.try_event().is_none() && client.try_event().is_none(), "{flow}: once");
        assert!(Config::new(flow).fill(|_| None, &store).is_err(), "{flow}: without it nobody knows the id");
        for kind in [
            stage.block_on(stage.client.reconfigure(Config::new(flow))).unwrap_err().kind(),
            client.reconfigure(Config::new(flow)).unwrap_err().kind(),
        ] {
            assert_eq!(kind, ErrorKind::Store, "{flow}");
        }
    }
    for flow in IN_NEED {
        assert!(of(flow, "the-client").fill(|_| None, &store).is_err(), "{flow}");
    }
}

pub(crate) fn the_redirect_uri_is_sent_and_checked() {
    let stage = stage(pkce(), &FlakyStore::default());
    let url = stage.client.begin_sign_in().unwrap().authorize_url().to_owned();
    assert_eq!(query(&url, "redirect_uri").as_deref(), Some("http://localhost:8080/callback"));
    sign_in(&stage);
    assert!(stage.script.requests()[0].text().contains("redirect_uri=http%3A%2F%2Flocalhost%3A8080%2Fcallback"));
    for bad in ["callback", "http://example.com/", "https://example.com/#part"] {
        assert_eq!(Config::pkce("id", bad).unwrap_err().what(), "redirect URI", "{bad}");
    }
    let mut none = pkce();
    none.redirect_uri = None;
    let error = self::stage(none, &FlakyStore::default()).client.begin_sign_in().unwrap_err();
    assert!(error.to_string().contains("redirect URI: is missing"), "{error}");
}

pub(crate) fn scopes_are_asked_for() {
    let mut config = pkce();
    config.scopes = "user.read playlists.write collection.read user.read".parse().unwrap();
    let url = stage(config, &FlakyStore::default()).client.begin_sign_in().unwrap().authorize_url().to_owned();
    assert_eq!(query(&url, "scope").as_deref(), Some("collection.read playlists.write user.read"));
}

pub(crate) fn the_token_type_is_sent() {
    for (kind, sent) in [("bearer", "Bearer t"), ("DPoP", "DPoP t")] {
        let mut config = pkce();
        config.tokens = Some(Tokens::new("t").token_type(kind));
        let stage = stage(config, &FlakyStore::default());
        stage.script.on(ALBUM).reply(200, "{}");
        stage.block_on(stage.client.send(&Raw::get("/albums/1"))).unwrap();
        assert_eq!(stage.script.requests()[0].headers["authorization"], sent);
    }
}

pub(crate) fn an_expiry_is_a_time_or_a_text() {
    let text: Unix = "2026-11-25T19:00:00Z".parse().unwrap();
    let time: Unix = "2026-11-25T20:00:00+01:00".parse::<Timestamp>().unwrap().into();
    assert_eq!((text, text.as_millis()), (time, 1_795_633_200_000));
    for bad in ["2026-11-25T19:00:00", "tomorrow", ""] {
        assert!(bad.parse::<Unix>().unwrap_err().to_string().contains("ISO 8601"), "{bad}");
    }
}

pub(crate) fn the_cache_can_be_switched_off() {
    for (cache, requests) in [(true, 1), (false, 2)] {
        let mut config = pkce();
        config.cache = cache;
        config.tokens = Some(Tokens::new("t"));
        let stage = stage(config, &FlakyStore::default());
        let album = r#"{"data":{"id":"1","type":"albums"}}"#;
        stage.script.on(ALBUM).always(Reply::answer(200, album));
        for _ in 0..2 {
            stage.block_on(stage.client.send(&tidal_core::api::Albums::new().get("1").country("NO"))).unwrap();
        }
        assert_eq!(stage.script.count(ALBUM), requests, "cache {cache}");
    }
    assert!(pkce().cache);
}

pub(crate) fn the_user_agent_is_sent_everywhere() {
    let mut config = Config::client_credentials("id", "secret").unwrap();
    config.user_agent = "my-app/2".into();
    let stage = stage(config, &FlakyStore::default());
    stage.script.on(TOKEN).reply(200, token("t", None));
    carried(&stage).unwrap();
    let agents: Vec<_> = stage.script.requests().iter().map(|seen| seen.headers["user-agent"].clone()).collect();
    assert_eq!(agents, ["my-app/2", "my-app/2"]);
    let mut bad = pkce();
    bad.user_agent = "two\nlines".into();
    assert_eq!(bad.check().unwrap_err().what(), "user agent");
}

pub(crate) fn every_address_can_be_another() {
    let usual = pkce();
    let addresses = |config: &Config| {
        [&config.base_url, &config.auth_url, &config.token_url, &config.device_auth_url].map(|url| url.to_string())
    };
    assert_eq!(addresses(&usual), [BASE_URL, AUTH_URL, TOKEN_URL, DEVICE_AUTH_URL]);
    let mut config = Config::client_credentials("id", "secret").unwrap();
    config.base_url = "https://api.example/v9".parse().unwrap();
    config.token_url = "https://tokens.example/give".parse().unwrap();
    let application = stage(config, &FlakyStore::default());
    application.script.on("POST /give").reply(200, token("t", None));
    application.script.on("GET /v9/albums/1").reply(200, "{}");
    application.block_on(application.client.send(&Raw::get("/albums/1"))).unwrap();
    let mut config = pkce();
    config.auth_url = "https://page.example/in?theme=dark".parse().unwrap();
    let url = stage(config, &FlakyStore::default()).client.begin_sign_in().unwrap().authorize_url().to_owned();
    assert!(url.starts_with("https://page.example/in?theme=dark&response_type=code"), "{url}");
    let mut config = Config::device("id").unwrap();
    config.device_auth_url = "https://codes.example/new".parse().unwrap();
    let device = stage(config, &FlakyStore::default());
    device.script.on("POST /new").reply(200, r#"{"deviceCode":"d","userCode":"U","verificationUri":"x.example"}"#);
    assert_eq!(device.block_on(device.client.begin_device_sign_in()).unwrap().user_code(), "U");
    // None of them is spoken to in the clear.
    let set: [fn(&mut Config) -> &mut Url; 4] = [
        |config| &mut config.base_url,
        |config| &mut config.auth_url,
        |config| &mut config.token_url,
        |config| &mut config.device_auth_url,
    ];
    for field in set {
        let mut config = pkce();
        *field(&mut config) = "http://example.com/".parse().unwrap();
        assert!(config.check().unwrap_err().what().ends_with("URL"));
    }
}

pub(crate) fn a_record_holds_all_of_a_sign_in() {
    let mut config = pkce();
    config.scopes = "user.read".parse().unwrap();
    config.client_secret = Some("secret".into());
    config.keep_client_secret = true;
    let stage = stage(config, &FlakyStore::default());
    let pending = stage.client.begin_sign_in().unwrap();
    let state = query(pending.authorize_url(), "state").unwrap();
    let answer = r#"{"access_token":"a","refresh_token":"r","token_type":"Bearer","expires_in":60,"scope":"user.read",
        "user_id":42,"clientName":"mine"}"#;
    stage.script.on(TOKEN).reply(200, answer);
    let back = format!("http://localhost:8080/callback?code=c&state={state}");
    let now = stage.runtime_now();
    stage.block_on(stage.client.finish_sign_in(pending.redirected(&back, now).unwrap())).unwrap();
    stage.drain();
    let record = stage.stored();
    assert_eq!(
        (record.key.client_id.as_str(), record.key.flow, record.key.user.as_deref()),
        ("the-client", Flow::Pkce, Some("42"))
    );
    assert_eq!(record.client_secret.unwrap().expose(), "secret");
    assert_eq!(record.redirect_uri.as_deref(), Some("http://localhost:8080/callback"));
    assert_eq!((record.scopes.to_string(), record.token_type.as_str()), ("user.read".to_owned(), "Bearer"));
    assert_eq!((record.access_token.expose(), record.refresh_token.unwrap().expose()), ("a", "r"));
    assert_eq!(record.expires_at, Some(now.unix + std::time::Duration::from_secs(60)));
    assert_eq!(record.extra.get("clientName").unwrap().to_text().unwrap(), "mine");
    assert_eq!((record.added_at, record.used_at), (now.unix, now.unix));
}

pub(crate) fn who_it_is_is_asked() {
    let stage = stage(pkce(), &FlakyStore::default());
    let pending = stage.client.begin_sign_in().unwrap();
    let state = query(pending.authorize_url(), "state").unwrap();
    stage.script.on(TOKEN).reply(200, token("t", Some("r")));
    stage.script.on("GET /v2/users/me").reply(200, r#"{"data":{"type":"users","id":"77"}}"#);
    let back = format!("http://localhost:8080/callback?code=c&state={state}");
    let code = pending.redirected(&back, stage.runtime_now()).unwrap();
    assert_eq!(stage.block_on(stage.client.finish_sign_in(code)).unwrap().user.as_deref(), Some("77"));
    assert_eq!(stage.stored().key.user.as_deref(), Some("77"));
}

pub(crate) fn an_empty_name_is_as_none() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    assert_eq!(carried(&stage(with_user(""), &store)).unwrap(), "of-anna");
    assert_eq!(sign_in(&stage(with_user(""), &store)).user.as_deref(), Some("42"));
}

/// Whose accounts are stored, and with which access tokens.
fn kept(store: &FlakyStore) -> Vec<(String, String)> {
    let records = tidal_core::store::Store::list(store).unwrap().into_iter();
    let mut all: Vec<_> = records.map(|record| (record.key.user.unwrap(), record.access_token.expose().to_owned())).collect();
    all.sort();
    all
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(user, token)| ((*user).to_owned(), (*token).to_owned())).collect()
}

pub(crate) fn a_tilde_with_a_name_concerns_the_account_of_that_name() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    keep(&store, "the-client", Flow::Pkce, Some("bert"), 2, "");
    let anew = stage(with_user("~anna"), &store);
    for _ in 0..2 {
        assert_eq!(carried(&anew).unwrap_err().kind(), ErrorKind::SignInRequired);
    }
    assert_eq!(anew.script.count("*"), 0);
    assert_eq!(kept(&store), pairs(&[("anna", "of-anna"), ("bert", "of-bert")]));
    assert_eq!(sign_in(&anew).user.as_deref(), Some("anna"));
    assert_eq!(kept(&store), pairs(&[("anna", "fresh"), ("bert", "of-bert")]));
    // From now on it is an account like any other: renewed, and not asked for again.
    anew.runtime.advance(Duration::from_secs(7200));
    anew.script.on(TOKEN).reply(200, token("renewed", None));
    assert_eq!(carried(&anew).unwrap(), "renewed");
    anew.drain();
    assert_eq!(kept(&store), pairs(&[("anna", "renewed"), ("bert", "of-bert")]));
    let by_name = stage(with_user("anna"), &store);
    by_name.runtime.advance(Duration::from_secs(7200));
    assert_eq!(carried(&by_name).unwrap(), "renewed");
    // The next client with a tilde has the person sign in again; its sign-out before that is of this account.
    let again = stage(with_user("~anna"), &store);
    assert_eq!(carried(&again).unwrap_err().kind(), ErrorKind::SignInRequired);
    again.block_on(again.client.sign_out()).unwrap();
    assert_eq!(kept(&store), pairs(&[("bert", "of-bert")]));
}

pub(crate) fn a_tilde_alone_concerns_no_stored_account() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    let anew = stage(with_user("~"), &store);
    assert_eq!(carried(&anew).unwrap_err().kind(), ErrorKind::SignInRequired);
    assert_eq!(sign_in(&anew).user.as_deref(), Some("42"));
    assert_eq!(kept(&store), pairs(&[("42", "fresh"), ("anna", "of-anna")]));
    // It is renewed under the user's id, and the next one signs in anew in its place.
    anew.runtime.advance(Duration::from_secs(7200));
    anew.script.on(TOKEN).reply(200, token("renewed", None));
    assert_eq!(carried(&anew).unwrap(), "renewed");
    anew.drain();
    assert_eq!(kept(&store), pairs(&[("42", "renewed"), ("anna", "of-anna")]));
    let next = stage(with_user("~"), &store);
    assert_eq!(carried(&next).unwrap_err().kind(), ErrorKind::SignInRequired);
    assert_eq!(sign_in(&next).user.as_deref(), Some("42"));
    assert_eq!(kept(&store), pairs(&[("42", "fresh"), ("anna", "of-anna")]));
}

pub(crate) fn names_are_compared_as_they_are() {
    let store = FlakyStore::default();
    // Composed and decomposed, a capital, a blank, a tilde within, a name in another script.
    let names = ["zo\u{e9}", "zoe\u{301}", "Anna", "anna", " anna", "an~na", "\u{5b89}\u{5a1c}"];
    for name in names {
        keep(&store, "the-client", Flow::Pkce, Some(name), 1, "");
    }
    for name in names {
        let stage = stage(with_user(name), &store);
        stage.block_on(stage.client.authenticate()).unwrap();
        assert_eq!(stage.client.account().unwrap().user.as_deref(), Some(name));
    }
    let error = carried(&stage(with_user("ANNA"), &store)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignInRequired);
    // Only the first tilde is a sign.
    assert_eq!(sign_in(&stage(with_user("~~anna"), &store)).user.as_deref(), Some("~anna"));
}

pub(crate) fn client_credentials_have_no_user() {
    for mut config in [Config::client_credentials("id", "secret").unwrap(), Config::anonymous()] {
        for user in ["anna", "~anna"] {
            config.user = Some(user.into());
            let error = config.check().unwrap_err();
            assert!(error.what() == "user" && error.why().contains("has no user"), "{error}");
        }
        for user in ["", "~"] {
            config.user = Some(user.into());
            assert_eq!(config.check(), Ok(()));
        }
    }
}

pub(crate) fn accounts_live_side_by_side() {
    let store = FlakyStore::default();
    keep(&store, "the-client", Flow::Pkce, Some("anna"), 1, "");
    keep(&store, "the-client", Flow::Pkce, Some("bert"), 2, "");
    let [anna, bert]: [Stage; 2] = ["anna", "bert"].map(|user| stage(with_user(user), &store));
    for _ in 0..2 {
        assert_eq!((carried(&anna).unwrap(), carried(&bert).unwrap()), ("of-anna".into(), "of-bert".into()));
    }
    anna.block_on(anna.client.sign_out()).unwrap();
    assert_eq!(carried(&bert).unwrap(), "of-bert");
    let left: Vec<_> = tidal_core::store::Store::list(&store).unwrap().into_iter().map(|record| record.key.user).collect();
    assert_eq!(left, [Some("bert".to_owned())]);
}
