//! The parameters that many operations have alike: each is made once here, and not anew in every operation.

use crate::operation::Parameter;

/// The id of the resource that the path names.
pub(super) const ID: Parameter = Parameter::path("id");
pub(super) const CURSOR: Parameter = Parameter::query("page[cursor]");
pub(super) const COUNTRY: Parameter = Parameter::query("countryCode");
pub(super) const LOCALE: Parameter = Parameter::query("locale");
pub(super) const INCLUDE: Parameter = Parameter::query("include").joined();
pub(super) const REPLACE: Parameter = Parameter::query("replaceMedia").joined();
pub(super) const SHARE_CODE: Parameter = Parameter::query("shareCode");
