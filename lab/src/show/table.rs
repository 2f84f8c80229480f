//! Tables of what was found.

use maud::{Markup, html};

/// A column, by its head.
#[derive(Clone, Copy)]
pub(super) enum Column<'a> {
    /// Of words.
    Words(&'a str),
    /// Of numbers, which stand to the right.
    Number(&'a str),
}
use Column::{Number, Words};

/// A table in a box that moves where it is too wide. `caption` says to those who cannot see it what it is.
pub(super) fn table(caption: &str, columns: &[Column<'_>], rows: Markup) -> Markup {
    html! {
        div class="table-box" tabindex="0" role="region" aria-label=(caption) {
            table class="grid-table" {
                caption class="visually-hidden" { (caption) }
                thead {
                    tr {
                        @for column in columns {
                            @match column {
                                Words(head) => th scope="col" { (head) },
                                Number(head) => th scope="col" class="number" { (head) },
                            }
                        }
                    }
                }
                tbody { (rows) }
            }
        }
    }
}
