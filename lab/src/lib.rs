//! Backtests in the visitor's own browser.
//!
//! Compiled for the browser (feature `module`) this is a WebAssembly module of its own, run in a Web Worker: it holds a
//! series, runs what a link asks for by the same code as the server, and answers with lines for charts and with text
//! (`maud`) that the page only has to put in its place. The server uses the same crate to write the form, so that a form,
//! its link and what is run cannot differ.
//!
//! Reading order: [`asked`] is a link's query as text, [`request`] reads it, [`form`] writes it; [`series`] is what it runs
//! on, [`run`] the run, [`sweep`] and [`examine`] what takes longer; [`show`] writes what they found.

pub mod asked;
pub mod checksum;
pub mod examine;
pub mod form;
#[cfg(feature = "module")]
pub mod module;
mod number;
pub mod overlay;
pub mod request;
pub mod run;
pub mod series;
pub mod show;
pub mod sweep;
