//! The story: what an application does with TIDAL, from the first sign-in to the next day.

use tidal_core::ErrorKind;
use tidal_core::api::{Albums, NewPlaylist, PlaylistItem, Playlists, Search, Users};
use tidal_core::document::Document;
use tidal_core::model::{Album, AnyResource, Playlist, SearchResults, Track};
use tidal_core::value::Id;

use crate::place::Place;
use crate::shell::{Shell, Via};
use crate::table::{self, clock};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

pub(crate) async fn tell<S: Shell>(place: &Place, search: Option<&str>) -> Outcome {
    let application = S::start(place.application()?, place.store()?)?;
    step("Searching, as an application without a person");
    let found = find(&application, search.unwrap_or(if place.is_local() { "second atlas" } else { "harmony" })).await?;
    step("Reading an album with its artists");
    let album = read(&application, &found).await?;
    step("Reading all of its items, page by page");
    let tracks = page(&application, &album).await?;
    application.drain().await;

    let person = S::start(place.person()?, place.store()?)?;
    step("Signing in");
    if !sign_in(&person, place).await? {
        println!("  Nobody is here to sign in (standard input is no terminal), so the story ends here.");
        return Ok(());
    }
    step("Making a playlist and filling it");
    let playlist = fill(&person, &tracks).await?;
    step("Moving its last item to the front, and removing the second");
    rearrange(&person, &playlist).await?;
    step("Adding a track to the collection");
    collect(&person, &tracks).await?;
    person.drain().await;
    drop(person);

    step("Stopping, and starting again");
    let again = S::start(place.person()?, place.store()?)?;
    let me = Users::with(Via(&again)).me().send().await?;
    println!("  Still signed in as {}, from {}.", me.data.username.as_deref().unwrap_or("?"), place.accounts());
    Playlists::with(Via(&again)).delete(playlist).send().await?;
    println!("  The playlist is deleted again.");
    if place.is_local() {
        again.sign_out().await?;
        println!("  Signed out.");
    }
    again.drain().await;
    Ok(())
}

fn step(what: &str) {
    println!("\n{what}");
}

/// Searches, and shows the albums found. The first one's id.
async fn find<S: Shell>(shell: &S, text: &str) -> Outcome<Id<Album>> {
    let search = Search::with(Via(shell));
    let answer =
        search.results(text).include(|found| found.albums().artists()).include(|found| found.top_hits()).send().await?;
    let results: &SearchResults = answer.data.first().ok_or("the search gave no results at all")?;
    let albums: Vec<&Album> = answer.resolve(results.albums()).take(5).collect();
    let rows: Vec<[String; 3]> = albums.iter().map(|album| album_row(&answer, album)).collect();
    println!("  Albums found for {text:?}:");
    table::print(["Title", "Artists", "Released"], &rows);
    let first = results.albums().first().ok_or_else(|| format!("no album was found for {text:?}; try --search"))?;
    Ok(first.id())
}

fn album_row<P: tidal_core::document::Primary>(document: &Document<P>, album: &Album) -> [String; 3] {
    let artists: Vec<&str> = document.resolve(album.artists()).filter_map(|artist| artist.name.as_deref()).collect();
    let released = album.release_date.as_ref().map(|date| date.text().to_string());
    [album.title.as_deref().unwrap_or("?").to_owned(), artists.join(", "), released.unwrap_or_default()]
}

async fn read<S: Shell>(shell: &S, id: &Id<Album>) -> Outcome<Id<Album>> {
    let albums = Albums::with(Via(shell));
    let answer = albums.get(id.clone()).include(|album| album.artists()).include(|album| album.cover_art()).send().await?;
    let [title, artists, released] = album_row(&answer, &answer.data);
    println!("  {title} by {artists}, released {released}.");
    Ok(answer.data.id.clone())
}

/// Shows the album's items. The ids of its tracks.
async fn page<S: Shell>(shell: &S, album: &Id<Album>) -> Outcome<Vec<Id<Track>>> {
    let mut pages = Albums::with(Via(shell)).items(album.clone()).include(|items| items).pages();
    let (mut rows, mut tracks, mut count) = (Vec::new(), Vec::new(), 0);
    while let Some(page) = pages.next_page().await? {
        count += 1;
        for item in &page.data {
            let meta = item.meta();
            if let Some(AnyResource::Track(track)) = page.find(item) {
                tracks.push(track.id.clone());
                rows.push([
                    meta.volume_number.unwrap_or(1).to_string(),
                    meta.track_number.unwrap_or_default().to_string(),
                    track.title.as_deref().unwrap_or("?").to_owned(),
                    clock(track.duration.as_ref().and_then(|duration| duration.value())),
                ]);
            }
        }
    }
    println!("  {} tracks on {count} page(s); the first ones:", tracks.len());
    rows.truncate(5);
    table::print(["Volume", "Track", "Title", "Length"], &rows);
    Ok(tracks)
}

/// Signs in, unless the account is known already. Whether somebody is signed in.
async fn sign_in<S: Shell>(shell: &S, place: &Place) -> Outcome<bool> {
    match Users::with(Via(shell)).me().send().await {
        Ok(me) => {
            println!("  Known from {}: {}.", place.accounts(), me.data.username.as_deref().unwrap_or("?"));
            return Ok(true);
        }
        Err(error) if matches!(error.kind(), ErrorKind::SignInRequired | ErrorKind::SessionEnded) => {}
        Err(error) => return Err(error.into()),
    }
    let mut pending = shell.begin_sign_in()?;
    let code = loop {
        let Some(redirect) = place.sign_in(pending.authorize_url())? else { return Ok(false) };
        match pending.redirected(&redirect, shell.now()) {
            Ok(code) => break code,
            Err(refused) if place.is_local() => return Err(refused.error.into()),
            Err(refused) => {
                println!("  {}", refused.error);
                pending = *refused.pending;
            }
        }
    };
    let key = shell.finish_sign_in(code).await?;
    let me = Users::with(Via(shell)).me().send().await?;
    let user = key.user.as_deref().unwrap_or("?");
    println!("  Signed in as {} ({user}); kept in {}.", me.data.username.as_deref().unwrap_or("?"), place.accounts());
    Ok(true)
}

async fn fill<S: Shell>(shell: &S, tracks: &[Id<Track>]) -> Outcome<Id<Playlist>> {
    let playlists = Playlists::with(Via(shell));
    let new = NewPlaylist::new("Quickstart").description("Made to show how it is done");
    let answer = playlists.create(new).send().await?;
    let id = answer.value.as_ref().as_ref().map(|document| document.data.id.clone()).ok_or("the answer names no playlist")?;
    playlists.add_items(id.clone(), tracks.iter().take(4).cloned()).send().await?;
    show(shell, &id).await?;
    Ok(id)
}

async fn rearrange<S: Shell>(shell: &S, id: &Id<Playlist>) -> Outcome {
    let playlists = Playlists::with(Via(shell));
    let items = playlists.items(id.clone()).send().await?;
    let all: Vec<PlaylistItem> = items.data.iter().filter_map(PlaylistItem::of).collect();
    let first = items.data.first().and_then(|item| item.meta().item_id).ok_or("the playlist is empty")?;
    let (Some(second), Some(last)) = (all.get(1).cloned(), all.last().cloned()) else { return Ok(()) };
    playlists.move_items(id.clone(), [last], Some(&first)).send().await?;
    playlists.remove_items(id.clone(), [second]).send().await?;
    show(shell, id).await
}

async fn show<S: Shell>(shell: &S, id: &Id<Playlist>) -> Outcome {
    let answer = Playlists::with(Via(shell)).items(id.clone()).include(|items| items.on::<Track>().artists()).send().await?;
    let mut rows = Vec::new();
    for (number, item) in (1..).zip(&answer.data) {
        let Some(AnyResource::Track(track)) = answer.find(item) else { continue };
        let artists: Vec<&str> = answer.resolve(track.artists()).filter_map(|artist| artist.name.as_deref()).collect();
        rows.push([format!("{number}"), track.title.as_deref().unwrap_or("?").to_owned(), artists.join(", ")]);
    }
    table::print(["#", "Title", "Artists"], &rows);
    Ok(())
}

async fn collect<S: Shell>(shell: &S, tracks: &[Id<Track>]) -> Outcome {
    let users = Users::with(Via(shell));
    let Some(track) = tracks.first() else { return Ok(()) };
    users.add_tracks("me", [track.clone()]).send().await?;
    let collected = users.collected_tracks("me").include(|items| items).send().await?;
    println!("  {} track(s) on the first page of the collection.", collected.data.len());
    users.remove_tracks("me", [track.clone()]).send().await?;
    println!("  And removed again.");
    Ok(())
}
