//! Getting the person to the sign-in page.

use std::io::{self, Write};

#[cfg(feature = "browser")]
use url::Url;

/// Asks the system to open `url` in the person's browser. Success means that a browser was asked, not that a page is seen.
///
/// # Errors
/// If it is no http or https address, if no browser can be started, or, with [`io::ErrorKind::Unsupported`], if this crate was
/// built without its feature `browser`.
pub fn open_browser(url: &str) -> io::Result<()> {
    #[cfg(feature = "browser")]
    {
        match Url::parse(url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => open::that_detached(url.as_str()),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "only http and https addresses are opened in a browser")),
        }
    }
    #[cfg(not(feature = "browser"))]
    {
        let _ = url;
        Err(io::Error::new(io::ErrorKind::Unsupported, "this program was built without opening browsers"))
    }
}

/// Tells the person to go to `url`.
///
/// # Errors
/// If `output` can't be written.
pub fn show(url: &str, mut output: impl Write) -> io::Result<()> {
    writeln!(output, "To sign in, open this address in a browser:\n\n  {url}\n")?;
    output.flush()
}

/// Opens `url` in the browser and tells the person so; if that fails, tells them to go there. The address is shown either way,
/// since a browser that was asked need not appear.
///
/// # Errors
/// If `output` can't be written.
pub fn open_or_show(url: &str, output: impl Write) -> io::Result<()> {
    tell(url, output, open_browser)
}

fn tell(url: &str, mut output: impl Write, open: impl FnOnce(&str) -> io::Result<()>) -> io::Result<()> {
    match open(url) {
        Ok(()) => {
            writeln!(output, "Your browser opens now to sign in. If it does not, open this address in one:\n\n  {url}\n")?;
            output.flush()
        }
        Err(error) => {
            writeln!(output, "No browser could be opened ({error}).")?;
            show(url, output)
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const PAGE: &str = "https://login.example/authorize?state=s";

    fn told(open: impl FnOnce(&str) -> io::Result<()>) -> String {
        let mut output = Vec::new();
        tell(PAGE, &mut output, open).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn the_address_is_shown_whether_or_not_a_browser_opens() {
        let opened = told(|url| {
            assert_eq!(url, PAGE);
            Ok(())
        });
        assert!(opened.starts_with("Your browser opens now") && opened.contains(PAGE), "{opened}");

        let failed = told(|_| Err(io::Error::other("there is none")));
        assert!(failed.starts_with("No browser could be opened (there is none).\n"), "{failed}");
        assert!(failed.contains(PAGE), "{failed}");
    }

    #[test]
    fn what_is_no_web_address_never_reaches_the_system() {
        let expected = if cfg!(feature = "browser") { io::ErrorKind::InvalidInput } else { io::ErrorKind::Unsupported };
        for url in ["file:///etc/passwd", "/etc/passwd", "--help", "javascript:alert(1)", ""] {
            assert_eq!(open_browser(url).unwrap_err().kind(), expected, "{url}");
        }
    }
}
