//! The resource type `trackSourceFiles`.

use crate::document::resource;
use crate::model::{FileStatus, UploadLink, User};
use crate::value::Text;

resource! {
    /// The file from which an uploaded track is made.
    TrackSourceFile: "trackSourceFiles", "track source file"
    {
        /// MD5 of the file, in hex.
        md5_hash: Option<Text> = "md5Hash",
        /// Size in bytes.
        size: Option<i64> = "size",
        /// How far it is.
        status: Option<FileStatus> = "status",
        /// Where to upload the file.
        upload_link: Option<UploadLink> = "uploadLink",
    }
    {
        /// The users to whom it belongs.
        owners: Many<User> = "owners",
    }
}
