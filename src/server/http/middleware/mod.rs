//! What stands before every route, from the outside in: observe, bound, origin, identify; and headers on the way out.
//! Before pages and server functions also form_error, whole and compress.

pub mod bound;
pub mod compress;
pub mod form_error;
pub mod headers;
pub mod identify;
pub mod observe;
pub mod origin;
pub mod whole;
