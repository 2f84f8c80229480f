//! Numbers out of text.

/// The number nearest to a decimal text; `None` if it is no number. `inf` and `nan` are numbers here.
///
/// In WebAssembly by another reader of the same results, which needs no table of powers: the standard library's alone
/// would be a tenth of what a browser loads.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    #[cfg(target_arch = "wasm32")]
    {
        lexical_core::parse(text.as_bytes()).ok()
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        text.parse().ok()
    }
}
