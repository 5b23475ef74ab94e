//! Links and cursors of the service, followed to the next page.
//!
//! The bytes are first a link by themselves and then a whole document that names its next page. What is sent goes to the API's own
//! origin and below its path, by the account of two readers of addresses, or it is not sent at all. A position that was kept comes
//! back the same.
#![no_main]
#![allow(dead_code, reason = "each target uses a part of the support")]

mod support;

use libfuzzer_sys::fuzz_target;
use support::{call, sent, session};
use tidal_core::api::ListAlbums;
use tidal_core::document::Document;
use tidal_core::http::header;
use tidal_core::model::Album;
use tidal_core::pages::{Page, PageRequest, Position};
use tidal_core::request::{Execute, Request};
use tidal_core::url::Url;
use tidal_core::{Answer, Error, ErrorKind, Retries};

const BASES: [&str; 3] = ["https://api.example/v2", "https://api.example", "http://127.0.0.1:8080/v2"];

/// Looks at what would be sent, and ends the listing.
#[derive(Clone, Copy)]
struct Look(&'static str);

impl Execute<PageRequest<ListAlbums>> for Look {
    type Reply = Result<Answer<Document<Vec<Album>>>, Error>;

    fn execute(self, page: PageRequest<ListAlbums>) -> Self::Reply {
        let mut session = session(self.0, Retries::NONE);
        if let Some(mut call) = call(&page)
            && let Some(attempt) = sent(&mut call, &mut session)
        {
            let request = &attempt.exchange.request;
            assert_eq!(request.headers().get(header::AUTHORIZATION).map(|value| value.is_sensitive()), Some(true));
            goes_home(&request.uri().to_string(), self.0);
        }
        Err(Error::of_store(tidal_core::Failure::lost()))
    }
}

fuzz_target!(|data: &[u8]| {
    let [which, text @ ..] = data else { return };
    let base = BASES[usize::from(which % 3)];
    if let Ok(text) = std::str::from_utf8(text) {
        // The API's address and its host by themselves, for what begins alike and leads elsewhere.
        let text = text.replace('\u{1}', base).replace('\u{2}', "api.example");
        follow(base, Position::Link(text.clone()));
        follow(base, Position::Cursor(text));
    }
    if let Ok(document) = Document::<Vec<Album>>::decode(text.to_vec().into())
        && let Some(next) = document.next_position()
    {
        follow(base, next);
    }
});

fn follow(base: &'static str, position: Position) {
    let kept = serde_json::to_string(&position).expect("it can be kept");
    assert_eq!(serde_json::from_str::<Position>(&kept).expect("it comes back"), position);
    let mut pages = Request::<ListAlbums, Look>::with(Look(base)).pages_from(position.clone());
    let reply = pages.next().expect("there is a page to ask for");
    assert_eq!(reply.expect_err("nobody answers").kind(), ErrorKind::Store);
    assert_eq!(pages.position(), Some(&position), "what was not got can be asked for again");
    assert!(pages.next().is_none());
}

/// Origin and path are the API's for `url`, and the text itself begins with them, with nothing before the host but the scheme.
fn goes_home(uri: &str, base: &str) {
    let (url, home) = (Url::parse(uri).expect("it is an address"), Url::parse(base).expect("it is an address"));
    assert!(url.origin() == home.origin(), "{uri} leads away from {base}");
    assert!(url.username().is_empty() && url.password().is_none(), "{uri} brings a name");
    let path = home.path().trim_end_matches('/');
    assert!(url.path().starts_with(&format!("{path}/")), "{uri} is not below {base}");
    let authority = uri.parse::<tidal_core::http::Uri>().expect("it was one").authority().cloned().expect("it is absolute");
    assert_eq!(Some(authority.host().to_lowercase().as_str()), home.host_str());
    assert!(!uri.contains('#'));
}
