//! The resource type `artistClaimStatuses`.

use crate::document::resource;
use crate::value::List;
use crate::value::open::open_enum;

resource! {
    /// Whether somebody claims to be an artist.
    ArtistClaimStatus: "artistClaimStatuses", "artist claim status"
    {
        /// By which ways it is claimed.
        claim_sources: List<ClaimSource> = "claimSources",
        /// How far it is.
        status: Option<ClaimStatus> = "status",
    }
    {
    }
}

open_enum! {
    /// Ways to claim to be an artist.
    ClaimSource {
        ArtistClaims = "ARTIST_CLAIMS",
        ManualArtistClaims = "MANUAL_ARTIST_CLAIMS",
    }
}

open_enum! {
    /// Whether somebody claims to be an artist.
    ClaimStatus {
        ClaimInProgress = "CLAIM_IN_PROGRESS",
        NoActiveClaim = "NO_ACTIVE_CLAIM",
    }
}
