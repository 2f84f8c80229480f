//! The button that checks the ledger in the reader's own browser.

use crate::domain::backtest::Workbench;
use maud::{Markup, html};

/// The button, and where its report will stand; with `takes_files`, a field for an export to check instead. It works on
/// whatever page this text is; without scripts it says what to run instead.
pub fn verify_button(workbench: &Workbench, takes_files: bool) -> Markup {
    let checker = &workbench.checker;
    let of = |market: &crate::domain::backtest::Market| {
        let each = market.series.iter().map(|(timeframe, address)| format!("{} {timeframe} {address}", market.symbol));
        each.collect::<Vec<_>>().join("|")
    };
    let series: Vec<String> = workbench.markets.iter().map(of).collect();
    html! {
        signalbox-verify class="verify" data-worker=(checker.worker) data-module=(checker.module)
            data-series=(series.join("|")) {
            p class="lab-actions" {
                button type="button" class="button" disabled { "Verify the whole record" }
                span class="muted small" role="status" {}
            }
            div class="verify-report" data-part="report" aria-live="polite" {}
            @if takes_files { (file_field()) }
            p class="scriptless" {
                "Checking needs scripts, since it is your browser that checks. Or run " code { "signalbox verify" }
                " with the address of the export."
            }
        }
        script type="module" src=(checker.script) {}
    }
}

fn file_field() -> Markup {
    html! {
        details class="behind" {
            summary { "Check a file instead" }
            div class="field" {
                label for="verify-file" { "An export of the record" }
                input id="verify-file" type="file" accept=".jsonl,application/jsonl,text/plain"
                    aria-describedby="verify-file-hint";
                p class="hint" id="verify-file-hint" {
                    "It is read in this browser and sent nowhere. Then press the button above."
                }
            }
        }
    }
}
