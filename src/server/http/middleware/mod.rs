//! What stands before every route, from the outside in: observe, bound, origin, identify; and on the way out headers and,
//! for browsers, error_page. Before pages and server functions also form_error, whole and compress.

pub mod bound;
pub mod compress;
pub mod error_page;
pub mod form_error;
pub mod headers;
pub mod identify;
pub mod observe;
pub mod origin;
pub mod whole;
