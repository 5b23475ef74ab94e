//! Bytes on a connection to the sandbox, without a socket: from HTTP's own parser to the operation.
//!
//! Whatever is sent, the connection comes to its end; each answer has a status that is not the sandbox's own failure, the length that it
//! states, and JSON where it says so; and nobody without a token is told data.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tidal_sandbox::fuzzing::Desk;

fuzz_target!(|sent: &[u8]| {
    // New lines alone are easier to find.
    let sent: Vec<u8> =
        sent.iter().flat_map(|byte| if *byte == b'\n' { &b"\r\n"[..] } else { std::slice::from_ref(byte) }).copied().collect();
    let received = Desk::default().converse(&sent).expect("the connection ends");
    let text = String::from_utf8_lossy(&sent).to_lowercase();
    let admitted = ["bearer person", "bearer client"].iter().any(|token| text.contains(token));
    let to_head = text.contains("head ");
    let mut rest = &received[..];
    while !rest.is_empty() {
        let end = rest.windows(4).position(|four| four == b"\r\n\r\n").expect("headers come to their end");
        let head = std::str::from_utf8(&rest[..end]).expect("headers are text").to_lowercase();
        rest = &rest[end + 4..];
        let status: u16 = head.get(9..12).and_then(|status| status.parse().ok()).expect("there is a status");
        assert!(head.starts_with("http/1.") && (100..500).contains(&status), "{head}");
        if status == 100 {
            continue;
        }
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let length: usize = header("content-length:").map_or(0, |length| length.parse().expect("it is a length"));
        if to_head && rest.len() < length {
            return;
        }
        assert!(length <= rest.len(), "{length} bytes are stated, and {} are there", rest.len());
        let (body, more) = rest.split_at(length);
        if to_head && body.starts_with(b"HTTP/1.") {
            return;
        }
        rest = more;
        let packed = header("content-encoding:").is_some();
        if header("content-type:").is_some_and(|media| media.contains("json")) && !packed {
            let body: Value = serde_json::from_slice(body).expect("it says that it is JSON");
            assert!(admitted || body.get("data").is_none(), "told without a token: {body}");
            assert!((status < 400) != (body.get("errors").is_some() || body.get("error").is_some()), "{status}: {body}");
        }
    }
});
