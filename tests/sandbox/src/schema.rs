//! Which resource types there are, and which relationships each has: what `include` may name and where it leads.

/// A relationship of a type, from the official document; the targets are what its members can be.
#[derive(Debug)]
pub(crate) struct Relationship {
    pub(crate) name: &'static str,
    pub(crate) one: bool,
    pub(crate) targets: &'static [&'static str],
}

/// A resource type.
#[derive(Debug)]
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) relationships: &'static [Relationship],
}

impl Type {
    pub(crate) fn relationship(&self, name: &str) -> Option<&'static Relationship> {
        let mut all = self.relationships.iter();
        all.find(|relationship| relationship.name == name)
    }
}

/// The type of this name.
pub(crate) fn find(name: &str) -> Option<&'static Type> {
    TYPES.iter().find(|kind| kind.name == name)
}

const fn many(name: &'static str, targets: &'static [&'static str]) -> Relationship {
    Relationship { name, one: false, targets }
}

const fn one(name: &'static str, targets: &'static [&'static str]) -> Relationship {
    Relationship { name, one: true, targets }
}

const fn plain(name: &'static str, relationships: &'static [Relationship]) -> Type {
    Type { name, relationships }
}

const ALBUMS: &[Relationship] = &[
    one("albumStatistics", &["albumStatistics"]),
    many("artists", &["artists"]),
    many("coverArt", &["artworks"]),
    many("genres", &["genres"]),
    many("items", &["tracks", "videos"]),
    many("owners", &["users"]),
    one("priceConfig", &["priceConfigurations"]),
    many("providers", &["providers"]),
    one("replacement", &["albums"]),
    many("shares", &["shares"]),
    many("similarAlbums", &["albums"]),
    many("suggestedCoverArts", &["artworks"]),
    one("usageRules", &["usageRules"]),
];

const ARTISTS: &[Relationship] = &[
    many("albums", &["albums"]),
    one("biography", &["artistBiographies"]),
    one("claimStatus", &["artistClaims"]),
    many("followers", &["users", "artists"]),
    many("following", &["users", "artists"]),
    many("owners", &["users"]),
    many("profileArt", &["artworks"]),
    many("radio", &["playlists"]),
    many("roles", &["artistRoles"]),
    many("similarArtists", &["artists"]),
    many("trackProviders", &["providers"]),
    many("tracks", &["tracks"]),
    many("videos", &["videos"]),
];

const TRACKS: &[Relationship] = &[
    many("albums", &["albums"]),
    many("artists", &["artists"]),
    many("credits", &["credits"]),
    one("download", &["downloads"]),
    many("genres", &["genres"]),
    many("lyrics", &["lyrics"]),
    one("metadataStatus", &["tracksMetadataStatus"]),
    many("owners", &["users"]),
    one("priceConfig", &["priceConfigurations"]),
    many("providers", &["providers"]),
    many("radio", &["playlists"]),
    one("replacement", &["tracks"]),
    many("shares", &["shares"]),
    many("similarTracks", &["tracks"]),
    one("sourceFile", &["trackSourceFiles"]),
    many("suggestedTracks", &["tracks"]),
    one("trackStatistics", &["trackStatistics"]),
    one("usageRules", &["usageRules"]),
];

const PLAYLISTS: &[Relationship] = &[
    many("collaboratorProfiles", &["artists"]),
    many("collaborators", &["users"]),
    many("coverArt", &["artworks"]),
    many("items", &["tracks", "videos"]),
    many("ownerProfiles", &["artists"]),
    many("owners", &["users"]),
    many("suggestedCoverArts", &["artworks"]),
];

const SEARCH_RESULTS: &[Relationship] = &[
    many("albums", &["albums"]),
    many("artists", &["artists"]),
    many("playlists", &["playlists"]),
    many("topHits", &["albums", "artists", "playlists", "tracks", "videos"]),
    many("tracks", &["tracks"]),
    many("videos", &["videos"]),
];

const SEARCH_SUGGESTIONS: &[Relationship] =
    &[many("directHits", &["albums", "artists", "playlists", "tracks", "videos"]), many("history", &["searchHistoryEntries"])];

const USER_COLLECTION_TRACKS: &[Relationship] = &[many("items", &["tracks"]), many("owners", &["users"])];

const TYPES: &[Type] = &[
    plain("albums", ALBUMS),
    plain("artists", ARTISTS),
    plain("artworks", &[many("owners", &["users"])]),
    plain("playlists", PLAYLISTS),
    plain("providers", &[]),
    plain("searchResults", SEARCH_RESULTS),
    plain("searchSuggestions", SEARCH_SUGGESTIONS),
    plain("tracks", TRACKS),
    plain("userCollectionTracks", USER_COLLECTION_TRACKS),
    plain("users", &[]),
    plain("videos", &[]),
];
