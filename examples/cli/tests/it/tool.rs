//! The program, a local TIDAL for it, and a home of its own.

use std::process::{Command, Output};

use tempfile::TempDir;
use tidal_sandbox::{Client, Flow, Options, Sandbox};

pub(crate) struct Tool {
    pub(crate) sandbox: Sandbox,
    pub(crate) home: TempDir,
}

/// What came of running it.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Tool {
    pub(crate) fn new() -> Self {
        let client = Client::new("sandbox-client", "sandbox-secret").flows(Flow::ALL);
        let sandbox = Sandbox::start(Options::new().clients([client])).unwrap();
        Self { sandbox, home: tempfile::tempdir().unwrap() }
    }

    /// The program where its environment says nothing of TIDAL.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidal"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TIDAL_API_")) {
            command.env_remove(name);
        }
        for name in ["HOME", "XDG_DATA_HOME", "APPDATA"] {
            command.env(name, self.home.path());
        }
        command.args(arguments);
        command
    }

    /// The program where the environment names the local TIDAL, and no application.
    pub(crate) fn stranger(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        let sandbox = &self.sandbox;
        command.env("TIDAL_API_BASE_URL", sandbox.base_url());
        command.env("TIDAL_API_AUTH_URL", sandbox.authorize_url());
        command.env("TIDAL_API_TOKEN_URL", sandbox.token_url());
        command.env("TIDAL_API_DEVICE_AUTH_URL", sandbox.device_url());
        command.env("TIDAL_API_REVOKE_URL", sandbox.revoke_url());
        command
    }

    /// The program where the environment names the local TIDAL and an application.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.stranger(arguments);
        command.env("TIDAL_API_CLIENT_ID", self.sandbox.client_id());
        command.env("TIDAL_API_CLIENT_SECRET", self.sandbox.client_secret());
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.finish(self.command(arguments).output().unwrap())
    }

    /// What came of it. No secret is in anything that it printed.
    pub(crate) fn finish(&self, output: Output) -> Ran {
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        let tokens = self.sandbox.control().access_tokens();
        let secrets = tokens.iter().map(|token| token.secret()).chain([self.sandbox.client_secret()]);
        for secret in secrets {
            assert!(!out.contains(secret) && !err.contains(secret), "a secret was printed:\n{out}\n{err}");
        }
        Ran { code: output.status.code().unwrap(), out, err }
    }

    pub(crate) fn first(&self, kind: &str) -> String {
        self.sandbox.control().ids(kind)[0].clone()
    }
}

impl Ran {
    /// What it printed, if it went well.
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }

    /// What it complained of, if it ended with this code.
    pub(crate) fn ended(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        assert_eq!(self.out, "", "{}", self.err);
        self.err
    }
}
