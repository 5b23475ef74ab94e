//! `tidal api list`, `tidal api show`, and what is said of itself.

use crate::tool::Tool;

fn lines(text: &str) -> Vec<Vec<&str>> {
    text.lines().map(|line| line.split_whitespace().collect()).collect()
}

#[test]
fn every_operation_is_listed() {
    let tool = Tool::new();
    let all = tool.run(&["api", "list", "--internal"]).well();
    assert_eq!(all.lines().count(), tidal_cli::registry::all().len());
    let public = tool.run(&["api", "list"]).well();
    assert!(public.lines().count() < all.lines().count());
    assert!(lines(&all).iter().any(|line| line[3] == "internal") && lines(&public).iter().all(|line| line[3] != "internal"));
    let album = ["GetAlbum", "GET", "/albums/{id}", "third-party", "application,person", "-"];
    assert!(lines(&public).iter().any(|line| line[..] == album), "{public}");
}

#[test]
fn a_text_narrows_the_list() {
    let tool = Tool::new();
    let barcode = tool.run(&["api", "list", "BarcodeId"]).well();
    assert!(lines(&barcode).iter().any(|line| line[0] == "ListAlbums"), "{barcode}");
    assert!(lines(&barcode).iter().all(|line| line[0] != "GetAlbum"), "{barcode}");
    let error = tool.run(&["api", "list", "gramophone"]).ended(1);
    assert!(error.contains("gramophone") && error.contains("--internal"), "{error}");
}

#[test]
fn an_operation_is_shown_under_each_of_its_names() {
    let tool = Tool::new();
    let text = tool.run(&["api", "show", "GetAlbum"]).well();
    for part in ["GET /albums/{id}", "countryCode", "required", "coverArt", "Document<Album>", "tidal api call GetAlbum id="] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    for names in [&["get-album"][..], &["albums.get"], &["GET /albums/{id}"], &["get", "/albums/{id}"]] {
        assert_eq!(tool.run(&[&["api", "show"], names].concat()).well(), text, "{names:?}");
    }
    let change = tool.run(&["api", "show", "CreatePlaylist"]).well();
    assert!(change.contains("playlists.write") && change.contains("name (required)"), "{change}");
}

#[test]
fn what_is_not_known_is_named_with_what_is_near() {
    let tool = Tool::new();
    for (arguments, near) in [
        (&["api", "show", "GetAlbm"][..], "there is no operation GetAlbm (did you mean GetAlbum "),
        (&["api", "show", "GET /album/{id}"], "GET /albums/{id}"),
        (&["api", "shwo", "GetAlbum"], "did you mean api show"),
        (&["whoami", "--sandbx"], "did you mean --sandbox"),
        (&["whoami", "--raw"], "whoami does not take --raw"),
        (&["login", "--flow", "pkec"], "there is no flow pkec (did you mean pkce?)"),
        (&["accounts", "--store", "sqlit"], "there is no store sqlit (did you mean sqlite?)"),
        (&[], "say what to do"),
    ] {
        let error = tool.run(arguments).ended(2);
        assert!(error.contains(near), "{error}");
    }
}

#[test]
fn it_explains_itself() {
    let tool = Tool::new();
    let help = tool.run(&["--help"]).well();
    assert_eq!(tool.run(&["-h"]).well(), help);
    assert_eq!(tool.run(&["-V"]).well(), tool.run(&["--version"]).well());
    // Each line of its usage is a command, and says so when it is asked for what no command takes together.
    let lines = help.lines().filter_map(|line| line.strip_prefix("  tidal "));
    let commands: Vec<Vec<&str>> = lines
        .map(|line| line.split(' ').take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).collect())
        .collect();
    for command in &commands {
        let error = tool.run(&[&command[..], &["--raw", "--all"]].concat()).ended(2);
        assert!(error.contains(" does not take --"), "{command:?}: {error}");
    }
    // And each command that is proposed has a line.
    for near in
        ["api lits", "api shwo", "api cal", "logn", "logou", "whoam", "accounts lst", "accounts remov", "accounts improt"]
    {
        let words: Vec<&str> = near.split(' ').collect();
        let error = tool.run(&words).ended(2);
        let proposed = error.split("did you mean ").nth(1).unwrap().split([' ', '?']).collect::<Vec<_>>();
        assert!(commands.iter().any(|command| proposed.starts_with(command)), "{error}");
    }
    assert_eq!(tool.run(&["--version"]).well(), concat!("tidal ", env!("CARGO_PKG_VERSION"), "\n"));
}
