//! The person copies the address to which the browser was sent, and pastes it.

use std::io::{self, BufRead, Read, Write};

use tidal_core::Now;
use tidal_core::auth::{CodeExchange, PendingSignIn};
use tidal_core::runtime::Clock;

use crate::browser;
use crate::refusal::{may_be_cut, take};
use crate::unfinished::{Reason, Unfinished};

/// How long a pasted address may be, in bytes.
const LONGEST: usize = 64 * 1024;

/// Asks a person to paste the address to which the browser was sent.
///
/// Blanks, quotes and angle brackets around the address are dropped, and so are blanks and line breaks inside it: an address of
/// which something is evidently missing is taken up in the next line. What is refused is asked for again, a few times; what the
/// sign-in page itself ended (`access_denied`, another error) is not.
pub struct Paste<R, W> {
    input: R,
    output: W,
    tries: u32,
    open_browser: bool,
}

impl Paste<io::StdinLock<'static>, io::Stdout> {
    /// On standard input and output.
    #[must_use]
    pub fn terminal() -> Self {
        Self::new(io::stdin().lock(), io::stdout())
    }
}

impl<R: BufRead, W: Write> Paste<R, W> {
    /// The person reads `output` and writes `input`. There are 5 tries, and no browser is opened.
    pub fn new(input: R, output: W) -> Self {
        Self { input, output, tries: 5, open_browser: false }
    }

    /// How many addresses are taken before it gives up; at least one.
    #[must_use]
    pub fn tries(mut self, tries: u32) -> Self {
        self.tries = tries.max(1);
        self
    }

    /// Whether to [open the browser](crate::open_browser), too.
    #[must_use]
    pub fn opening_browser(mut self, open: bool) -> Self {
        self.open_browser = open;
        self
    }

    /// Shows where to sign in, and reads the address that came back.
    ///
    /// # Errors
    /// If the last try was refused, the sign-in page reports an error, or the input ends or fails. The sign-in is handed back.
    pub fn ask(mut self, mut pending: PendingSignIn, clock: &impl Clock) -> Result<CodeExchange, Unfinished> {
        if let Err(error) = self.invite(&pending) {
            return Err(Unfinished::new(pending, Reason::Io(error)));
        }
        for left in (0..self.tries).rev() {
            let address = match self.address(&pending, clock.now()) {
                Ok(Some(address)) => address,
                Ok(None) => return Err(Unfinished::new(pending, Reason::EndOfInput)),
                Err(error) => return Err(Unfinished::new(pending, Reason::Io(error))),
            };
            let refused = match take(pending, &address, clock.now()) {
                Ok(code) => return Ok(code),
                Err(refused) => *refused,
            };
            if left == 0 || refused.refusal.is_final() {
                return Err(refused.into());
            }
            let said = self.say(&format!("That is not it: {}.\nPaste the address again: ", refused.error));
            pending = refused.pending;
            if let Err(error) = said {
                return Err(Unfinished::new(pending, Reason::Io(error)));
            }
        }
        // not reached: the last try returns
        Err(Unfinished::new(pending, Reason::EndOfInput))
    }

    fn invite(&mut self, pending: &PendingSignIn) -> io::Result<()> {
        let (url, back) = (pending.authorize_url(), pending.redirect_uri());
        if self.open_browser {
            browser::open_or_show(url, &mut self.output)?;
        } else {
            browser::show(url, &mut self.output)?;
        }
        self.say(&format!(
            "Afterwards the browser goes to an address that begins with {back}; it need not show a page there.\n\
             Copy that address, paste it here and press Enter: "
        ))
    }

    /// One address, however many lines it takes. None at the end of the input.
    fn address(&mut self, pending: &PendingSignIn, now: Now) -> io::Result<Option<String>> {
        let scheme = pending.redirect_uri().split_inclusive(':').next().unwrap_or_default();
        let mut address = String::new();
        loop {
            let Some(line) = self.line()? else { return Ok(None) };
            if line.starts_with(scheme) {
                address.clear();
            }
            address.push_str(&line);
            let ended = line.is_empty() || address.len() > LONGEST;
            if ended || !may_be_cut(pending, &address, now) {
                return Ok(Some(address));
            }
            self.say("Some of the address is missing. Paste the rest, or press Enter if that was all: ")?;
        }
    }

    /// A line without what is no part of an address. None at the end of the input.
    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = self.input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut line)?;
        Ok((read > 0).then(|| clean(&String::from_utf8_lossy(&line))))
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }
}

/// Drops blanks and control characters, the marks that terminals put around what is pasted, and quotes and brackets at the ends.
fn clean(line: &str) -> String {
    let unmarked = line.replace("\u{1b}[200~", "").replace("\u{1b}[201~", "");
    let blank = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    let dense: String = unmarked.chars().filter(|&c| !blank(c)).collect();
    dense.trim_matches(['"', '\'', '`', '<', '>', '“', '”', '„', '‘', '’', '«', '»', '‹', '›']).to_owned()
}
