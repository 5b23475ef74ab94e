//! The official TIDAL API from the command line. As a library it is the table of all operations, for programs that choose them at run
//! time: an application that knows its operations uses the typed requests of `tidal-core` and doesn't pay for this.

pub mod registry;
