//! The resource type `tracks`.

use std::time::Duration;

use jiff::Timestamp;

use crate::document::resource;
use crate::model::{
    AccessType, Album, Artist, Availability, Copyright, Credit, Download, ExternalLink, Genre, Lyrics, Playlist,
    PriceConfiguration, Provider, ReplacementMeta, Share, TrackSourceFile, TrackStatistics, TracksMetadataStatus, UsageRules,
    User,
};
use crate::value::open::open_enum;
use crate::value::{Isrc, List, Text, Typed};

resource! {
    /// A track.
    Track: "tracks", "track"
    {
        /// Who may see it.
        access_type: Option<AccessType> = "accessType",
        /// Whether it was made by artificial intelligence.
        ai: Option<bool> = "ai",
        /// How it may be used. Deprecated in favour of usage rules.
        availability: List<Availability> = "availability",
        /// Beats per minute.
        bpm: Option<f64> = "bpm",
        /// Copyright notice.
        copyright: Option<Copyright> = "copyright",
        /// When it was made.
        created_at: Option<Typed<Timestamp>> = "createdAt",
        /// Length.
        duration: Option<Typed<Duration>> = "duration",
        /// Whether the content is marked explicit.
        explicit: Option<bool> = "explicit",
        /// Links outside the API.
        external_links: List<ExternalLink> = "externalLinks",
        /// Code of the recording.
        isrc: Option<Typed<Isrc>> = "isrc",
        /// Musical key.
        key: Option<Key> = "key",
        /// Scale of the key.
        key_scale: Option<KeyScale> = "keyScale",
        /// In which qualities it can be had, such as `LOSSLESS`.
        media_tags: List<Text> = "mediaTags",
        /// Popularity, from 0 to 1.
        popularity: Option<f64> = "popularity",
        /// Whether it is spotlighted.
        spotlighted: Option<bool> = "spotlighted",
        /// Title.
        title: Option<Text> = "title",
        /// How it sounds.
        tone_tags: List<Text> = "toneTags",
        /// What sets this version apart, such as `remix`.
        version: Option<Text> = "version",
    }
    {
        /// The albums.
        albums: Many<Album, ReplacementMeta> = "albums",
        /// The artists, main ones first.
        artists: Many<Artist> = "artists",
        /// Who did what.
        credits: Many<Credit> = "credits",
        /// Where it can be downloaded.
        download: One<Download> = "download",
        /// The genres.
        genres: Many<Genre> = "genres",
        /// The lyrics.
        lyrics: Many<Lyrics> = "lyrics",
        /// How far the processing of its metadata is.
        metadata_status: One<TracksMetadataStatus> = "metadataStatus",
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
        /// What it costs.
        price_config: One<PriceConfiguration> = "priceConfig",
        /// Who delivered it.
        providers: Many<Provider> = "providers",
        /// The mix that begins with it.
        radio: Many<Playlist> = "radio",
        /// What stands in for it.
        replacement: One<Track, ReplacementMeta> = "replacement",
        /// Links by which users share it.
        shares: Many<Share> = "shares",
        /// Tracks like it.
        similar_tracks: Many<Track, ReplacementMeta> = "similarTracks",
        /// The file that was uploaded.
        source_file: One<TrackSourceFile> = "sourceFile",
        /// Tracks that go well after it.
        suggested_tracks: Many<Track, ReplacementMeta> = "suggestedTracks",
        /// How often it was played.
        track_statistics: One<TrackStatistics> = "trackStatistics",
        /// How it may be used.
        usage_rules: One<UsageRules> = "usageRules",
    }
}

open_enum! {
    /// Musical keys.
    Key {
        Unknown = "UNKNOWN",
        C = "C",
        CSharp = "CSharp",
        D = "D",
        Eb = "Eb",
        E = "E",
        F = "F",
        FSharp = "FSharp",
        G = "G",
        Ab = "Ab",
        A = "A",
        Bb = "Bb",
        B = "B",
    }
}

open_enum! {
    /// Scales.
    KeyScale {
        Unknown = "UNKNOWN",
        Major = "MAJOR",
        Minor = "MINOR",
        Aeolian = "AEOLIAN",
        Blues = "BLUES",
        Dorian = "DORIAN",
        HarmonicMinor = "HARMONIC_MINOR",
        Locrian = "LOCRIAN",
        Lydian = "LYDIAN",
        Mixolydian = "MIXOLYDIAN",
        PentatonicMajor = "PENTATONIC_MAJOR",
        Phrygian = "PHRYGIAN",
        MelodicMinor = "MELODIC_MINOR",
        PentatonicMinor = "PENTATONIC_MINOR",
    }
}
