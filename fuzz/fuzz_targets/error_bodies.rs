//! Bodies of refusals, in whatever form, as the answer to a call that was sent with a token.
//!
//! The call ends with an error that has the status; what is kept of the body is bounded; and neither the error nor what it holds tells
//! the token, wherever the service repeats it, nor its beginning where a long text is cut.
#![no_main]
#![allow(dead_code, reason = "each target uses a part of the support")]

mod support;

use libfuzzer_sys::fuzz_target;
use support::{TOKEN, at, call, response, sent, session, silent};
use tidal_core::document::{ApiError, ErrorBody, ErrorFormat, ErrorSource};
use tidal_core::http::HeaderMap;
use tidal_core::{Raw, Retries, Step};

const STATUS: [u16; 8] = [400, 403, 404, 409, 418, 429, 500, 503];
/// How many errors of a body are kept, and how many characters of each text. What takes a secret's place may be longer than it.
const ERRORS: usize = 64;
const TEXT: usize = 1024;
const LONGEST_NUMBER: usize = 32;
/// So many characters of the token tell something of it.
const PART: usize = 8;
/// What takes the token's place where none is wanted: it begins like it, so that the same is read of what surrounds it.
const STAND_IN: &str = "acce~";

fuzz_target!(|data: &[u8]| {
    let [status, body @ ..] = data else { return };
    let status = STATUS[usize::from(status % 8)];
    // A byte that no UTF-8 text has stands for the token, so that it is often repeated whole.
    let (body, tokenless) = (with(TOKEN, body), with(STAND_IN, body));

    let mut session = session("https://api.example/v2", Retries::NONE);
    let mut call = call(&Raw::get("/albums/1")).expect("it can be written");
    let attempt = sent(&mut call, &mut session).expect("there is a token");
    call.receive(attempt.id, Ok(response(status, HeaderMap::new(), &body)), at(1));
    let Step::Done(Err(error)) = call.poll(&mut session, at(1)) else { panic!("it was refused") };

    assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
    silent(&format!("{error} {error:?}"), &[TOKEN]);
    let kept = &error.refusal().expect("the service refused").body;
    silent(&format!("{kept} {kept:?}"), &[TOKEN]);

    let parsed = ErrorBody::parse(&body);
    assert_eq!((kept.format, kept.errors.len()), (parsed.format, parsed.errors.len()), "nothing but secrets is taken out");
    assert!(parsed.errors.len() <= ERRORS);
    for (error, whole) in kept.errors.iter().zip(&parsed.errors) {
        for (text, whole) in texts(error).into_iter().zip(texts(whole)) {
            assert_eq!(text.is_some(), whole.is_some());
            assert!(whole.is_none_or(|whole| whole.chars().count() <= TEXT.max(LONGEST_NUMBER)));
            // One that was cut may have held a secret at the cut.
            let held = whole.is_none_or(|whole| whole.contains(TOKEN) || whole.chars().count() + 1 >= TEXT);
            assert!(held || text == whole, "what holds no secret stays");
        }
    }
    // Who spells a part of the token without having it tells nothing.
    let spelled = |error: &ApiError| texts(error).into_iter().flatten().any(|text| text.contains(&TOKEN[..PART]));
    if !ErrorBody::parse(&tokenless).errors.iter().any(spelled) {
        assert!(!kept.errors.iter().any(spelled), "a part of the token is left in {kept:?}");
    }
    if serde_json::from_slice::<serde_json::Value>(&body).is_ok() {
        let forms = [ErrorFormat::Empty, ErrorFormat::Html, ErrorFormat::Other];
        assert!(!forms.contains(&parsed.format), "JSON is read as {:?}", parsed.format);
    }
});

fn texts(error: &ApiError) -> [Option<&str>; 10] {
    let ErrorSource { pointer, parameter, header, .. } = &error.source;
    let ApiError { id, status, code, sub_code, title, detail, category, .. } = error;
    [id, status, code, sub_code, title, detail, category, pointer, parameter, header].map(Option::as_deref)
}

fn with(token: &str, body: &[u8]) -> Vec<u8> {
    body.iter().flat_map(|byte| if *byte == 0xff { token.as_bytes() } else { std::slice::from_ref(byte) }).copied().collect()
}
