//! What a request asks for, by its head alone.

use httparse::{EMPTY_HEADER, Request, Status};

use super::loopback::Loopback;
use super::page::Page;

/// More header lines than any browser sends.
const HEADERS: usize = 128;

/// What to do about a request.
pub(super) enum Asked {
    /// The browser came to the redirect URI by this address.
    Redirect(String),
    /// It gets a page, with its text or (`HEAD`) without.
    Page { page: Page, text: bool },
}

/// Judges a whole head.
pub(super) fn judge(head: &[u8], redirect: &Loopback) -> Asked {
    let mut headers = [EMPTY_HEADER; HEADERS];
    let mut request = Request::new(&mut headers);
    let page = |page| Asked::Page { page, text: true };
    match request.parse(head) {
        Ok(Status::Complete(_)) => {}
        Err(httparse::Error::TooManyHeaders) => return page(Page::too_large()),
        Ok(Status::Partial) | Err(_) => return page(Page::bad_request()),
    }
    let (method, target) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
    let is_head = method == "HEAD";
    let mut hosts = values(&request, "host");
    let refusal = match (hosts.next(), hosts.next()) {
        (Some(host), None) if redirect.is_host(host) => None,
        (Some(_), None) => Some(Page::other_host()),
        _ => Some(Page::bad_request()),
    };
    let address = redirect.address(target);
    let refusal = refusal
        .or_else(|| address.is_none().then(Page::not_found))
        .or_else(|| (method != "GET" && !is_head).then(Page::other_method))
        .or_else(|| is_prefetch(&request).then(Page::prefetched))
        .or_else(|| (!is_navigation(&request)).then(Page::embedded));
    match (refusal, address) {
        (None, Some(address)) if !is_head => Asked::Redirect(address),
        // link checkers and previews ask by HEAD: it takes no code
        (refusal, _) => Asked::Page { page: refusal.unwrap_or_else(Page::head), text: !is_head },
    }
}

/// Whether the browser asks ahead, before the person goes there.
fn is_prefetch(request: &Request<'_, '_>) -> bool {
    ["sec-purpose", "purpose", "x-moz"].into_iter().flat_map(|name| values(request, name)).any(|purpose| {
        let purpose = purpose.to_ascii_lowercase();
        purpose.contains("prefetch") || purpose.contains("prerender") || purpose.contains("preview")
    })
}

/// Whether a person's window goes there, as far as the browser says (Fetch Metadata). A script, an image or a frame of some page
/// does not count.
fn is_navigation(request: &Request<'_, '_>) -> bool {
    values(request, "sec-fetch-mode").all(|mode| mode == "navigate")
        && values(request, "sec-fetch-dest").all(|destination| destination == "document")
}

/// The values of a header; one that is no text is empty.
fn values<'a>(request: &'a Request<'_, '_>, name: &'a str) -> impl Iterator<Item = &'a str> {
    let named = request.headers.iter().filter(move |header| header.name.eq_ignore_ascii_case(name));
    named.map(|header| std::str::from_utf8(header.value).unwrap_or_default().trim())
}
