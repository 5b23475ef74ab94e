//! JSON:API documents.

/// placeholder
#[derive(Clone, Debug)]
pub struct ErrorBody;
impl ErrorBody {
    /// p
    pub fn parse(_: &[u8]) -> Self {
        Self
    }
}
impl std::fmt::Display for ErrorBody {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
