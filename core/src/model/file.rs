//! Files as they were uploaded.

use url::Url;

use crate::document::object;
use crate::value::open::open_enum;
use crate::value::{Json, Text, Typed};

open_enum! {
    /// What the search for signs of artificial intelligence found.
    AiScanningStatus {
        NotScanned = "NOT_SCANNED",
        Scanning = "SCANNING",
        IsAi = "IS_AI",
        NotAi = "NOT_AI",
        Error = "ERROR",
    }
}

open_enum! {
    /// What moderation found.
    ModerationStatus {
        NotModerated = "NOT_MODERATED",
        Scanning = "SCANNING",
        Flagged = "FLAGGED",
        TakenDown = "TAKEN_DOWN",
        Ok = "OK",
        Error = "ERROR",
    }
}

open_enum! {
    /// How far the processing of a file is.
    TechnicalStatus {
        UploadRequested = "UPLOAD_REQUESTED",
        Processing = "PROCESSING",
        Ok = "OK",
        Error = "ERROR",
        Deleted = "DELETED",
    }
}

object! {
    /// A file as it was uploaded.
    SourceFile {
        /// MD5 of the file, in hex.
        md5_hash: Option<Text> = "md5Hash",
        /// Size in bytes.
        size: Option<i64> = "size",
        /// How far it is.
        status: Option<FileStatus> = "status",
        /// Where to upload the file.
        upload_link: Option<UploadLink> = "uploadLink",
    }
}

object! {
    /// How far the processing of a file is.
    FileStatus {
        /// What the search for signs of artificial intelligence found.
        ai_scanning_file_status: Option<AiScanningStatus> = "aiScanningFileStatus",
        /// What moderation found.
        moderation_file_status: Option<ModerationStatus> = "moderationFileStatus",
        /// How far its processing is.
        technical_file_status: Option<TechnicalStatus> = "technicalFileStatus",
    }
}

object! {
    /// Where to upload a file.
    UploadLink {
        /// Address.
        href: Option<Typed<Url>> = "href",
        /// More about it.
        meta: Option<UploadLinkMeta> = "meta",
    }
}

object! {
    /// How to upload.
    UploadLinkMeta {
        /// Headers that the upload needs, by name.
        headers: Option<Json> = "headers",
        /// HTTP method.
        method: Option<Text> = "method",
    }
}
