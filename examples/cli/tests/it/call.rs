//! `tidal api call`.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use tidal_sandbox::Fault;

use crate::tool::Tool;

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect()
}

#[test]
fn a_call_prints_the_document() {
    let tool = Tool::new();
    let id = tool.first("albums");
    let named = format!("id={id}");
    let text = tool.run(&["api", "call", "GetAlbum", &named, "--countryCode", "US", "--include=artists"]).well();
    assert!(text.starts_with("{\n  \"data\": {\n"), "{text}");
    let album = parse(&text);
    assert_eq!((&album["data"]["type"], &album["data"]["id"]), (&json!("albums"), &json!(id)));
    assert!(album["included"].as_array().unwrap().iter().any(|one| one["type"] == "artists"));
    let other = tool.run(&["api", "call", "GET /albums/{id}", "--id", &id, "countryCode=US", "include=artists"]).well();
    assert_eq!(other, text);
}

#[test]
fn a_parameter_may_be_given_again() {
    let tool = Tool::new();
    let ids: Vec<String> = tool.sandbox.control().ids("albums").into_iter().take(3).collect();
    let filters: Vec<String> = ids.iter().map(|id| format!("filter[id]={id}")).collect();
    let mut arguments = vec!["api", "call", "ListAlbums", "countryCode=US", "include=artists", "include=coverArt"];
    arguments.extend(filters.iter().map(String::as_str));
    let listed = parse(&tool.run(&arguments).well());
    assert_eq!(texts(&listed["data"]), ids);
    let has = |kind: &str| listed["included"].as_array().unwrap().iter().any(|one| one["type"] == kind);
    assert!(has("artists") && has("artworks"));
    let error = tool.run(&["api", "call", "GetAlbum", "id=1", "id=2"]).ended(2);
    assert!(error.contains("id takes one value"), "{error}");
}

#[test]
fn raw_is_the_body_as_it_came() {
    let tool = Tool::new();
    let body = "{ \"data\":{\"type\":\"albums\", \"id\":\"7\",\"strange\":1.50} }";
    tool.sandbox.control().inject(Fault::answer(200, "application/vnd.api+json", body).path("/v2/albums"));
    assert_eq!(tool.run(&["api", "call", "GetAlbum", "id=7", "--raw"]).well(), body);
}

#[test]
fn every_page_is_printed_where_it_is_wanted() {
    let tool = Tool::new();
    tool.sandbox.control().behave(|behaviour| behaviour.page_size = 3);
    let control = tool.sandbox.control();
    let album = control.ids("albums").into_iter().max_by_key(|id| control.linkage("albums", id, "items").len()).unwrap();
    let items = control.linkage("albums", &album, "items").len();
    assert!(items > 3);
    let named = format!("id={album}");
    let run = |more: &[&str]| {
        let text = tool.run(&[&["api", "call", "ListAlbumItems", &named, "countryCode=US"], more].concat()).well();
        let pages: Vec<Value> = serde_json::Deserializer::from_str(&text).into_iter().map(Result::unwrap).collect();
        pages.iter().flat_map(|page| texts(&page["data"])).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(run(&[]).len(), 3);
    let all = run(&["--all-pages"]);
    let expected: Vec<Value> = control.linkage("albums", &album, "items");
    assert_eq!(all, texts(&Value::Array(expected)));
    let error = tool.run(&["api", "call", "GetAlbum", "id=1", "--all-pages"]).ended(2);
    assert!(error.contains("GetAlbum has no pages"), "{error}");
}

#[test]
fn what_an_operation_does_not_take_is_refused_before_it_is_sent() {
    let tool = Tool::new();
    for (arguments, complaint) in [
        (&["GetAlbum", "--idd", "1"][..], "GetAlbum has no parameter idd (did you mean id?)"),
        (&["GetAlbum", "id=1", "contryCode=US"], "(did you mean countryCode"),
        (&["GetAlbum", "id=1", "include=artist"], "include has no value artist (did you mean artists?)"),
        (&["ListAlbums", "sort=titel"], "sort has no value titel (did you mean title"),
        (&["GetAlbum"], "GetAlbum needs id"),
        (&["GetAlbum", "1"], "\"1\" is no parameter: write NAME=VALUE"),
        (&["GetAlbum", "id=.."], "\"..\" can't be part of a path"),
        (&["GetAlbum", "id=1", "--body", "{}"], "GetAlbum takes no body"),
        (&["CreatePlaylist", "--body", "{,}"], "the body is no JSON"),
        (&[], "name an operation"),
    ] {
        let error = tool.run(&[&["api", "call"], arguments].concat()).ended(2);
        assert!(error.contains(complaint), "{error}");
    }
    let error = tool.run(&["api", "call", "CreatePlaylist", "--body", "@/nowhere/body.json"]).ended(1);
    assert!(error.contains("/nowhere/body.json can't be read"), "{error}");
    assert_eq!(tool.sandbox.control().log().requests().len(), 0);
}

#[test]
fn the_service_judges_what_is_unchecked() {
    let tool = Tool::new();
    let error = tool.run(&["api", "call", "GetAlbum", "id=1", "countryCode=US", "include=gramophone", "--unchecked"]).ended(1);
    assert!(error.contains("400 Bad Request") && error.contains("(include)"), "{error}");
}

#[test]
fn a_refusal_is_told_in_the_words_of_the_service() {
    let tool = Tool::new();
    let error = tool.run(&["api", "call", "GetAlbum", "id=0", "countryCode=US"]).ended(1);
    assert!(error.starts_with("tidal: the service answered 404 Not Found\n  NOT_FOUND: "), "{error}");
    let error = tool.run(&["api", "call", "GetUser", "id=me", "--flow", "client-credentials"]).ended(1);
    assert!(error.contains("pkce") && error.contains("tidal login"), "{error}");
    let error = tool.run(&["api", "call", "GetUser", "id=me"]).ended(1);
    assert!(error.contains("takes tokens of a person only") && error.contains("tidal login --flow pkce"), "{error}");
}

#[test]
fn a_body_changes_something() {
    let tool = Tool::new();
    let body = r#"{"data": {"type": "playlists", "attributes": {"name": "From the shell"}}}"#;
    let made = tool.run(&["--sandbox", "api", "call", "CreatePlaylist", "--body", body]).well();
    assert_eq!(parse(&made)["data"]["attributes"]["name"], "From the shell");

    let file = tool.home.path().join("body.json");
    std::fs::write(&file, body).unwrap();
    let file = format!("@{}", file.display());
    let made = tool.run(&["--sandbox", "api", "call", "CreatePlaylist", "--body", &file]).well();
    assert_eq!(parse(&made)["data"]["attributes"]["name"], "From the shell");

    let mut command = tool.bare(&["--sandbox", "api", "call", "CreatePlaylist", "--body", "-", "--raw"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(body.as_bytes()).unwrap();
    let made = tool.finish(child.wait_with_output().unwrap()).well();
    assert_eq!(parse(&made)["data"]["attributes"]["name"], "From the shell");
}

#[test]
fn the_sandbox_needs_nothing_and_leaves_nothing() {
    let tool = Tool::new();
    let output = tool.bare(&["--sandbox", "api", "call", "GetUser", "id=me"]).output().unwrap();
    let me = parse(&tool.finish(output).well());
    assert_eq!(me["data"]["attributes"]["username"], "linnea");
    assert_eq!(std::fs::read_dir(tool.home.path()).unwrap().count(), 0);
    let error = tool.run(&["whoami", "--sandbox", "--store", "sqlite"]).ended(2);
    assert!(error.contains("--sandbox has an application and a store of its own"), "{error}");
}
